// A report says for each act what became of it, and never calls done what is not.

import type { UndoAct, UndoOutcome } from "@checkrein/sdk";
import { expect, it } from "vitest";

import { outcomeOf, seal, summary, takenBack } from "./report.ts";

function act(call: string, outcome: UndoOutcome): UndoAct {
  return { call, run: "run_1", tool: "files.write", resource: "workspace:a", outcome, why: "" };
}

it.each([
  ["can_be_undone", "good"], ["undone", "good"], ["withdrawn", "good"], ["partly_undone", "doubt"], ["not_undoable", "bad"], ["not_undone", "bad"],
  ["in_doubt", "doubt"], ["evaporated", "doubt"],
])("%s is %s", (outcome, tone) => expect(outcomeOf(outcome).tone).toBe(tone));

it("counts, the worst first", () => {
  expect(summary([act("1", "can_be_undone"), act("2", "not_undoable"), act("3", "can_be_undone"), act("4", "in_doubt")])).toBe(
    "4 acts: 1 cannot be undone, 1 in doubt, 2 can be undone.",
  );
  expect(summary([act("1", "undone")])).toBe("1 act: 1 undone.");
  expect(summary([])).toBe("There is no act here that could be taken back.");
});

it("an order takes back only what can be", () => {
  expect(takenBack([act("1", "can_be_undone"), act("2", "undone"), act("3", "in_doubt")]).map((one) => one.call)).toEqual(["1"]);
});

it("another act, another order or another outcome is another plan", () => {
  const plan = [act("2", "can_be_undone"), act("1", "can_be_undone")];
  expect(seal({ acts: plan })).toBe(seal({ acts: [...plan] }));
  for (const other of [plan.toReversed(), plan.slice(1), [act("3", "can_be_undone"), ...plan], [act("2", "not_undoable"), act("1", "can_be_undone")]]) {
    expect(seal({ acts: other })).not.toBe(seal({ acts: plan }));
  }
});
