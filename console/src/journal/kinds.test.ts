// Is an entry said in one line, whatever it holds?

import type { Entry } from "@checkrein/sdk";
import { expect, it } from "vitest";

import events from "../../../crates/domain/src/event.rs?raw";
import { KINDS, saidOf, toneOf } from "./kinds.ts";

function entry(kind: string, event: unknown): Entry {
  return { position: 1, kind, at_ms: 0, entry: { event: { [kind]: event } }, hash: "", seq: 1, writer: "w" };
}

it("says what happened to which resource, and how it ended", () => {
  const denied = entry("call_denied", { subject: { tool: "files.write", resource: "workspace:a" }, code: "CR-2001", decision: { verdict: "deny" } });
  expect(saidOf(denied)).toBe("files.write · workspace:a · CR-2001");
  expect(toneOf(denied)).toEqual({ word: "deny", tone: "bad" });
  expect(toneOf(entry("call_settled", { outcome: { status: "succeeded" } }))).toEqual({ word: "succeeded", tone: "good" });
});

it("says who ordered what, and why", () => {
  expect(saidOf(entry("stop_ordered", { stop: { scope: "everything", reason: "a drill" } }))).toBe("everything · a drill");
  expect(saidOf(entry("approval_rejected", { by: "ada", reason: "not now" }))).toBe("by ada · not now");
});

it("says nothing wrong of what it does not know", () => {
  for (const event of [undefined, null, 7, "text", [], { subject: 3, outcome: null }]) {
    expect(saidOf(entry("something_new", event))).toBe("");
    expect(toneOf(entry("something_new", event))).toBeUndefined();
  }
});

it("can look for every kind of entry that the server writes", () => {
  const [, body = ""] = /pub enum Event \{([\s\S]*?)\n\}/.exec(events) ?? [];
  const names = [...body.matchAll(/^ {4}([A-Z]\w+)/gm)].map(([, name = ""]) => name.replace(/(?!^)([A-Z])/g, "_$1").toLowerCase());
  expect(names.length).toBeGreaterThan(40);
  expect(names.toSorted()).toEqual(KINDS.toSorted());
});
