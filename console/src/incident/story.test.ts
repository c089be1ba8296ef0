// The page says which check could have caught it, and nothing of what it does not know.

import type { ApprovalDetails, Call, CallDetails, Entry, Explanation, PlanView, Run, Tool } from "@checkrein/sdk";
import { describe, expect, it } from "vitest";

import type { Story } from "./lines.ts";
import { missed } from "./missed.ts";
import { callStory, type KnownCall, runStory } from "./story.ts";

function call(given: Partial<Call> = {}): Call {
  return {
    call: "call_1", agent: "builder@1", tool: "mail.send", resource: "mcp:mail/ada", run: "run_1", state: "succeeded", executed: "yes", effect_class: "irreversible",
    received_ms: 0, updated_ms: 1, detached: false, money: "0", wall_ms: 20, verdict: "allow", tier: "1", ...given,
  } as Call;
}

function known(given: Partial<KnownCall> & { record?: Partial<Call> } = {}): KnownCall {
  const { record, ...rest } = given;
  const details = { call: call(record), answer: null, approvals: [] } as unknown as CallDetails;
  return { details, explanation: undefined, plan: undefined, approvals: [], tool: undefined, entries: [], run: undefined, undo: undefined, ...rest };
}

function decided(given: Partial<Explanation["decision"]> = {}): Explanation {
  return { call: "call_1", lines: [], decision: { verdict: "allow", tier: "1", shadow: false, policy: "d".repeat(64), reasons: [], requirements: [], duties: [], ...given } } as unknown as Explanation;
}

function entry(kind: string, body: object): Entry {
  return { kind, entry: { event: { [kind]: body } } } as unknown as Entry;
}

/** Lines as `tone: text`, values in angle brackets. */
function texts(lines: Story["sections"][number]["lines"]): readonly string[] {
  return lines.map(({ tone, parts }) => `${tone}: ${parts.map((part) => (typeof part === "string" ? part : `<${part.value}>`)).join("")}`);
}

describe("which check could have caught it", () => {
  const plan = (given: object): PlanView => ({ restorable: true, changes: [], ...given }) as unknown as PlanView;
  it.each<[string, KnownCall, readonly string[]]>([
    ["nothing is said of what is not known", known(), []],
    ["nobody was asked", known({ explanation: decided() }), ["bad: No person was asked before, although the effect is <irreversible>."]],
    ["nobody has to be asked for what can be restored", known({ explanation: decided(), record: { effect_class: "restorable" } }), []],
    ["only recorded", known({ explanation: decided({ shadow: true, verdict: "deny" }) }), ["bad: The space only recorded decisions: what policy said was not enforced."]],
    ["no preview", known({ plan: null }), ["wait: No preview showed what it would do."]],
    ["a read needs no preview", known({ plan: null, record: { effect_class: "pure" } }), []],
    ["undeclared changes", known({ plan: plan({ changes: [{ observation: "unintended" }, { observation: "expected" }] }) }), ["bad: The preview showed 1 change that nobody had declared, and it ran."]],
    ["a person", known({ approvals: [{ approval: { requirement: "ask", asked_ms: 1_000 }, votes: [{ by: "ada", at_ms: 2_500, surface: "slack" }] } as unknown as ApprovalDetails] }), ["wait: <ada> approved it 1.5 s after it was asked (<ask>, on <slack>)."]],
    ["a review that nobody made", known({ explanation: decided({ verdict: "notify", duties: [{ kind: "review", group: "group:leads", id: "look" }] as never }), record: { effect_class: "restorable" } }), ["wait: A review by <group:leads> was asked for, and is not recorded as made: <look>."]],
    ["a check", known({ entries: [entry("check_made", { of: "call_2", name: "of another call", verdict: "failed" }), entry("check_made", { of: "call_1", name: "tests pass", kind: "precondition", verdict: "passed", found: "exit 0" })] }), ["wait: The check <tests pass> (precondition) said <passed>: <exit 0>."]],
    ["a contract that nobody confirmed", known({ tool: { tool: "mail.send", provenance: "inferred" } as Tool }), ["wait: What <mail.send> does was only inferred: nobody confirmed its contract."]],
    ["doubt", known({ record: { state: "in_doubt" } }), ["doubt: Nobody knows whether it happened: no probe and no person settled it yet."]],
  ])("%s", (_, given, expected) => expect(texts(missed(given))).toEqual(expected));
});

it("a call has every part, and says where no check is known", () => {
  const story = callStory(known({ record: { undo: null } }));
  expect(story.sections.map((section) => section.title)).toEqual([
    "What context was used", "What policy allowed the step", "What ran", "Which check could have caught it and did not", "What is undone and what cannot be",
  ]);
  expect(story.sections.every((section) => section.lines.length > 0)).toBe(true);
  expect(texts(story.sections[4]?.lines ?? [])).toEqual(["bad: <mail.send> has no undo"]);
});

it("what the undo plan says stands there with why", () => {
  const act = { call: "call_1", run: "run_1", tool: "mail.send", resource: "mcp:mail/ada", outcome: "not_undoable", why: "irreversible: nothing counters it" } as const;
  const story = callStory(known({ undo: { acts: [act], whole: false } }));
  expect(texts(story.sections[4]?.lines ?? [])).toEqual(["bad: <mail.send> <mcp:mail/ada>: cannot be undone, <irreversible: nothing counters it>"]);
});

it("a run names its acts, those that ran without a person, and that it was cut", () => {
  const run = { run: "run_1", purpose: "tidy", agent: "builder@1", workflow: "default", space: "main", human: "ada" } as Run;
  const calls = [call(), call({ call: "call_2", tool: "files.read", effect_class: "pure" }), call({ call: "call_3", tool: "files.write", effect_class: "restorable" }), call({ call: "call_4", verdict: "deny", state: "denied", executed: "no" })];
  const [context, , ran, check] = runStory({ run, calls, more: true, undo: undefined }).sections;
  expect(texts(context?.lines ?? []).slice(1)).toEqual(["plain: 4 calls: 2 changed something or may have, 1 refused.", "wait: Only the latest 4 calls are looked at here."]);
  expect(texts(ran?.lines ?? [])).toHaveLength(2);
  expect(texts(check?.lines ?? [])).toEqual(["bad: <mail.send> ran without a person although its effect is <irreversible>."]);
});
