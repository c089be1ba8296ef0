// A receipt never says that something ended of which nobody knows it.

import type { LeverReceipt } from "@checkrein/sdk";
import { describe, expect, it } from "vitest";

import { became, lineOf, rolledBack, timeline, verdict } from "./receipt.ts";

function lever(name: string, given: Partial<LeverReceipt> = {}): LeverReceipt {
  return { lever: name, reached: 1, acknowledged: 1, unknown: 0, missing: 0, took_ms: 5, ...given };
}

describe("a lever", () => {
  it.each<[LeverReceipt, string]>([
    [lever("fence"), "good Fence raised: nothing new starts: "],
    [lever("processes", { reached: 3, acknowledged: 3 }), "good Processes ended, with all they started: 3 of 3"],
    [lever("held", { reached: 0, acknowledged: 0 }), "plain Held calls cancelled: none was there"],
    [lever("cancelled", { reached: 3, acknowledged: 1, unknown: 2 }), "doubt Calls under way, cancelled: 1 of 3; of 2 nobody knows what became"],
    [lever("cancelled", { reached: 3, acknowledged: 1, unknown: 1, missing: 1 }), "bad Calls under way, cancelled: 1 of 3; of 1 nobody knows what became; 1 gave no answer in time"],
    [lever("rollback", { reached: 2, acknowledged: 1, missing: 1 }), "bad Acts taken back: 1 of 2; 1 not taken back"],
    [lever("new_lever"), "good new lever: 1 of 1"],
  ])("%j", (given, expected) => {
    const { tone, title, text } = lineOf(given);
    expect(`${tone} ${title}: ${text}`).toBe(expected);
  });
});

it("stands in the order of answers, the fence first", () => {
  const lines = timeline([lever("runs", { took_ms: 40 }), lever("processes", { took_ms: 12 }), lever("fence", { took_ms: 30 })]);
  expect(lines.map((line) => line.lever)).toEqual(["fence", "processes", "runs"]);
});

describe("all of it", () => {
  it.each<[readonly LeverReceipt[], boolean, string]>([
    [[lever("fence")], true, "good everything answered within 5 ms"],
    [[lever("fence")], false, "wait some levers have not answered yet"],
    [[lever("cancelled", { unknown: 1 })], true, "doubt everything answered; of 1 act nobody knows whether it happened"],
    [[lever("cancelled", { missing: 2 })], true, "bad 2 did not answer"],
    [[lever("cancelled", { missing: 2 })], false, "bad 2 did not answer yet"],
  ])("%j %s", (levers, complete, expected) => {
    const { tone, text } = verdict({ levers, complete });
    expect(`${tone} ${text}`).toBe(expected);
  });
});

it("a word that is not known is doubt", () => {
  expect(became("running").tone).toBe("bad");
  expect(became("vanished")).toEqual({ word: "vanished", tone: "doubt" });
});

it.each<[string | null, string]>([
  ["undone", "good undone"], ["due", "wait undo under way"], ["partial", "doubt partly undone"], ["in_doubt", "doubt in doubt"], ["armed", "bad not undone"],
  ["expired", "bad too late"], ["released", "plain did not happen"], ["impossible", "bad cannot be undone"], [null, "bad has no undo"], ["evaporated", "doubt evaporated"],
])("a rollback that left its act %s is %s", (became, expected) => {
  const { tone, word } = rolledBack({ became });
  expect(`${tone} ${word}`).toBe(expected);
});
