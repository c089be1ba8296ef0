// The feed says what an entry says: what failed is not told as done.

import { expect, it } from "vitest";

import { isTold, tell } from "./tell.ts";

function check(kind: string, body: object): string {
  const { tone, what, about } = tell({ kind, entry: { event: { [kind]: body } }, call: "call_1", run: null });
  return `${tone} ${what}: ${about}`;
}

it.each([
  ["call_settled", { outcome: { executed: "yes", code: null, effects: [{ resource: "workspace:a" }] } }, "good Ran: a"],
  ["call_settled", { outcome: { executed: "no", code: "CR-3001", effects: [] } }, "bad Failed: call_1"],
  ["call_settled", { outcome: { executed: "yes", code: "CR-3002" } }, "bad Failed: call_1"],
  ["call_settled", { outcome: { executed: "partly" } }, "doubt Partly done: call_1"],
  ["call_settled", { outcome: { executed: "unknown" } }, "doubt In doubt: call_1"],
  ["call_held", { subject: { tool: "files.write", resource: "workspace:prod/a" } }, "wait Held: files.write prod/a"],
  ["stop_ordered", { stop: { scope: "everything" } }, "bad Stopped: everything"],
  ["run_opened", { run: { purpose: "tidy up" } }, "note Run opened: tidy up"],
  ["something_new", {}, "plain something new: call_1"],
])("%s %j", (kind, body, expected) => expect(check(kind, body)).toBe(expected));

it.each([["call_held", true], ["preview_settled", false], ["slice_leased", false], ["something_new", true]])("%s is told: %s", (kind, expected) => {
  expect(isTold({ kind })).toBe(expected);
});
