// Who must act first at three in the morning.

import type { Approval, DutyRecord, Tool } from "@checkrein/sdk";
import { expect, it } from "vitest";

import { acts } from "./acts.ts";

const ada = { groups: ["operators"], decides: true };

function approval(id: string, more: Partial<Approval> = {}): Approval {
  return { approval: id, call: `call_${id}`, asked_of: "group:operators", asked_ms: 0, decide_by_ms: 1_000, quorum: 1, votes: 0, ...more } as Approval;
}

function review(id: string, more: Partial<DutyRecord> = {}): DutyRecord {
  return { duty: id, call: `call_${id}`, asked_of: "group:leads", at_ms: 0, ...more } as DutyRecord;
}

it("what ends first is on top, what has no clock at the end", () => {
  const found = acts({
    approvals: [approval("late", { decide_by_ms: 9_000 }), approval("soon")],
    reviews: [review("overdue", { review_by_ms: 10 }), review("any time")],
    tools: [{ tool: "fix.echo", standing: "drifted" } as Tool, { tool: "fix.fine", standing: "pinned" } as Tool],
  }, ada, false);
  expect(found.map((one) => [one.does, one.key])).toEqual([
    ["review", "overdue"], ["decide", "soon"], ["decide", "late"], ["review", "any time"], ["look at", "fix.echo"],
  ]);
});

it("says what is whose", () => {
  const found = acts({ approvals: [approval("a")], reviews: [review("b")], tools: [{ tool: "c", standing: "held_back" } as Tool] }, ada, true);
  expect(found.map((one) => [one.of, one.isMine])).toEqual([["operators", true], ["leads", false], ["policy authors", true]]);
});

it("says how many agree where more than one must", () => {
  const found = acts({ approvals: [approval("a", { quorum: 2, votes: 1 }), approval("b")], reviews: [], tools: [] }, ada, false);
  expect(found.map((one) => one.votes)).toEqual(["1 of 2 agree", undefined]);
});
