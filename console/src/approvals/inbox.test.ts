// A request that waits for somebody is never missing from their inbox.

import type { Approval } from "@checkrein/sdk";
import { describe, expect, it } from "vitest";

import { beside, inbox, isAsked } from "./inbox.ts";

function request(approval: string, given: Partial<Approval> = {}): Approval {
  return { approval, asked_of: "group:operators", state: "pending", asked_ms: 1, decide_by_ms: 10, ...given } as Approval;
}

const requests = [
  request("late", { decide_by_ms: 30 }), request("soon", { decide_by_ms: 20 }), request("leads", { asked_of: "group:leads" }),
  request("no", { state: "rejected", decided_ms: 5 }), request("gone", { state: "expired", asked_ms: 3 }), request("yes", { state: "used", decided_ms: 9 }),
];
const ids = (found: readonly Approval[]): readonly string[] => found.map((each) => each.approval);

describe("the inbox", () => {
  it("shows mine by deadline", () => {
    expect(ids(inbox(requests, "mine", { groups: ["operators"], decides: true }))).toEqual(["soon", "late"]);
  });
  it("shows everything to who stands in every group", () => {
    expect(ids(inbox(requests, "mine", { groups: undefined, decides: true }))).toEqual(["leads", "soon", "late"]);
  });
  it("shows nothing as mine to who may not decide", () => {
    expect(inbox(requests, "mine", { groups: undefined, decides: false })).toEqual([]);
  });
  it("shows what waits for others too", () => {
    expect(ids(inbox(requests, "all", { groups: [], decides: true }))).toEqual(["leads", "soon", "late"]);
  });
  it("shows what was decided, the latest first", () => {
    expect(ids(inbox(requests, "decided", { groups: [], decides: true }))).toEqual(["yes", "no", "gone"]);
  });
});

it.each([["soon", 1, "leads"], ["leads", 1, "leads"], ["late", -1, "late"], [undefined, 1, "late"], ["unknown", -1, "late"]] as const)(
  "from %s by %d to %s", (from, step, to) => expect(beside(requests.slice(0, 3), from, step)?.approval).toBe(to),
);

it("reads groups as policies write them", () => {
  expect(isAsked({ asked_of: "group:leads" }, { groups: ["leads"], decides: true })).toBe(true);
  expect(isAsked({ asked_of: "group:leads" }, { groups: ["lead"], decides: true })).toBe(false);
});

it("asks whom it was escalated to, from then on", () => {
  const leads = { groups: ["leads"], decides: true };
  const waits = request("slow", { escalate_to: "group:leads", escalates_ms: 5 });
  expect(isAsked(waits, leads)).toBe(false);
  expect(ids(inbox([{ ...waits, escalated_ms: 5 }], "mine", leads))).toEqual(["slow"]);
});
