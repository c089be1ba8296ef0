// The feed says what an entry says: what failed is not told as done.

import type { Entry } from "@checkrein/sdk";
import { expect, it } from "vitest";

import { isTold, story, tell } from "./tell.ts";

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
  ["session_opened", { person: "ada", login: "link" }, "plain Logged in: ada"],
  ["undo_moved", { of: "call_0", to: "undone" }, "good Taken back: call_1"],
  ["something_new", {}, "plain Something new: call_1"],
])("%s %j", (kind, body, expected) => expect(check(kind, body)).toBe(expected));

it.each([["call_held", true], ["preview_settled", false], ["slice_leased", false], ["something_new", true]])("%s is told: %s", (kind, expected) => {
  expect(isTold({ kind })).toBe(expected);
});

function entry(kind: string, call: string, body: object): Entry {
  return { kind, call, entry: { event: { [kind]: body } } } as unknown as Entry;
}

it("says of a decision what it is about and who decided, and tells no act twice", () => {
  const write = { subject: { tool: "files.write", resource: "workspace:prod/a" } };
  const undo = { subject: { tool: "checkrein.undo", resource: "call:call_1" } };
  const told = story([
    entry("undo_moved", "call_2", { of: "call_1", to: "undone" }),
    entry("call_settled", "call_2", { outcome: { executed: "yes", code: null } }),
    entry("call_admitted", "call_2", undo),
    entry("call_settled", "call_1", { outcome: { executed: "yes", code: null, effects: [{ resource: "workspace:prod" }] } }),
    entry("approval_approved", "call_1", { by: "ada" }),
    entry("approval_voted", "call_1", { vote: { by: "ada" } }),
    entry("call_held", "call_1", write),
    entry("held_call_denied", "call_0", { reason: "no" }),
    entry("approval_rejected", "call_0", { by: "eve", reason: "not on a Friday" }),
    entry("approval_voted", "call_3", { vote: { by: "eve" } }),
  ]).map(({ telling: { what, about, by } }) => [what, about, by]);
  expect(told).toEqual([
    ["Taken back", "files.write prod/a", undefined], ["Ran", "files.write prod/a", undefined], ["Approved", "files.write prod/a", "ada"],
    ["Held", "files.write prod/a", undefined], ["Rejected", "not on a Friday", "eve"], ["Voted yes", "call_3", "eve"],
  ]);
});
