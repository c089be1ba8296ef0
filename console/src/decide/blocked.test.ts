// What cannot be seen in full cannot be approved here; what was not opened was not seen.

import type { ApprovalDetails } from "@checkrein/sdk";
import { describe, expect, it } from "vitest";

import type { More } from "../approvals/more.ts";
import { ROWS_MAX } from "../diff/rows.ts";
import { CHARACTERS_MAX } from "../parts/long.ts";
import { blocked } from "./blocked.ts";

type Given = Partial<ApprovalDetails>;

function details(given: Given = {}): ApprovalDetails {
  const beside: Pick<More, "may_decide" | "confirm" | "shown"> = {
    may_decide: { yes: true }, confirm: { kind: "none" }, shown: { digest: "d", chars: 1, complete: true },
  };
  return {
    approval: { approval: "apr_1", state: "pending", asked_of: "group:operators", requirement: "ask" },
    call: { tool: "files.write", resource: "workspace:a", effect_class: "restorable" },
    arguments: { path: "a" }, intent: null, answer: null, plan: null, after: null, evidence: [], questions: [],
    rule: { id: "ask", text: "forbid (principal, action, resource);" }, ...beside, ...given,
  } as unknown as ApprovalDetails;
}

function check(given: Given, sight: { opened?: readonly string[]; typed?: string } = {}): ReturnType<typeof blocked> {
  const all = details(given);
  return blocked(all, all, { opened: (name) => sight.opened?.includes(name) ?? false, typed: sight.typed ?? "" });
}

function plan(diff: string): NonNullable<ApprovalDetails["plan"]> {
  return { call: "c", digest: "d", restorable: true, diff, execution: null, changes: [{ path: "a", consequences: [], observation: "expected" }] };
}

type Execution = NonNullable<NonNullable<ApprovalDetails["plan"]>["execution"]>;

function execution(stdout: string, stderr: string): Execution {
  const printed = (text: string): Execution["stdout"] => ({ bytes: text.length, text }) as Execution["stdout"];
  return { exit_code: 0, wall_ms: 1, cpu_ms: 1, memory_bytes_max: 1, processes: 1, network: [], jail: "copy", stdout: printed(stdout), stderr: printed(stderr) };
}

it("nothing keeps a small request of a person who is asked", () => expect(check({})).toBeUndefined());

describe("never here", () => {
  it.each<[string, Given]>([
    ["decided already", { approval: { ...details().approval, state: "rejected" } }],
    ["another person's", { may_decide: { yes: false, why: "you asked for it" } }],
    ["arguments that are gone", { arguments: null }],
    ["a call that is gone", { call: null }],
    ["a diff that was cut", { plan: plan("... cut here: the diff is longer than shown, and 0 more changes follow\n") }],
    ["changes without a diff", { plan: plan("") }],
    ["what the server says is not whole", { shown: { digest: "d", chars: 1, complete: false } }],
  ])("%s", (_, given) => expect(check(given)?.kind).toBe("never"));

  it("says why in the server's words", () => {
    expect(check({ may_decide: { yes: false, why: "you asked for it" } })).toEqual({ kind: "never", why: "you asked for it" });
  });
});

it("asks for a passkey where that is all that is missing", () => {
  const needs: More["needs"] = { quorum: 1, group: "group:operators", assurance: "passkey" };
  expect(check({ needs, may_decide: { yes: false, code: "CR-2017", why: "a passkey" } })).toEqual({ kind: "unsure", why: "a passkey" });
  expect(check({ needs, may_decide: { yes: false, code: "CR-2016", why: "not you" } })?.kind).toBe("never");
  expect(check({ needs: { ...needs, assurance: "session" }, may_decide: { yes: false, code: "CR-2017", why: "log in" } })?.kind).toBe("never");
});

describe("what is collapsed must be opened", () => {
  const long = "x".repeat(CHARACTERS_MAX + 1);
  const lines = `--- a/a\n+++ b/a\n@@ -0,0 +1,${ROWS_MAX + 1} @@\n${"+x\n".repeat(ROWS_MAX + 1)}`;
  it.each<[string, Given, string]>([
    ["an argument", { arguments: { a: [long] } }, "argument/a/0"],
    ["the intent", { intent: long }, "intent"],
    ["a file", { plan: plan(lines) }, "diff:a"],
    ["an answer to the tool", { input: { confirm: { reason: long } } }, "answer/confirm/reason"],
    ["what a command printed", { plan: { ...plan("+x\n"), execution: execution(long, "") } }, "printed stdout"],
    ["what it printed as errors", { plan: { ...plan("+x\n"), execution: execution("", long) } }, "printed stderr"],
    ["evidence", { evidence: [{ at_ms: 5, text: long }] }, `evidence 5 ${"x".repeat(40)}`],
    ["a question", { questions: [{ at_ms: 5, text: long, by: "eve" }] }, `question 5 ${"x".repeat(40)}`],
    ["the rule", { rule: { id: "ask", text: long } }, "rule"],
  ])("%s", (_, given, name) => {
    expect(check(given)).toEqual({ kind: "unread", names: [name] });
    expect(check(given, { opened: [name] })).toBeUndefined();
  });
});

describe("what cannot be taken back is typed", () => {
  it.each([
    ["", "confirm"], ["launch", "confirm"], ["Launch checklist", "confirm"], [" launch checklist ", undefined], ["launch checklist", undefined],
  ])("%j", (typed, kind) => expect(check({ confirm: { kind: "type", text: "launch checklist" } }, { typed })?.kind).toBe(kind));
});

it("what has to be done and is not known here is never done", () => {
  expect(check({ confirm: { kind: "call-back" } }, { typed: "" })?.kind).toBe("confirm");
});
