// Clocks that people decide by: they never show more than is left, nor nothing while something is.

import { describe, expect, it } from "vitest";

import { ago, bytes, count, lasting, left, nextChange, urgency } from "./clock.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe("what is left", () => {
  it.each([
    [0, "over"], [-5, "over"], [1, "0:01"], [999, "0:01"], [1_001, "0:02"], [59_001, "1:00"], [12 * MINUTE + 7_000, "12:07"],
    [HOUR, "1 h 00 m"], [3 * HOUR + 5 * MINUTE + 59_000, "3 h 05 m"], [51 * HOUR, "2 d 03 h"],
  ])("%d ms: %s", (ms, expected) => expect(left(ms)).toBe(expected));

  it.each([1, 999, 1_000, 61_500, HOUR + 1, 26 * HOUR + 5])("says another thing after the next change (%d)", (ms) => {
    expect(left(ms - nextChange(ms))).not.toBe(left(ms));
    expect(nextChange(ms)).toBeGreaterThan(0);
  });
});

describe("urgency", () => {
  it.each([
    [0, HOUR, "over"], [4 * MINUTE, 24 * HOUR, "urgent"], [HOUR, 24 * HOUR, "urgent"], [4 * HOUR, 24 * HOUR, "soon"],
    [23 * HOUR, 24 * HOUR, "calm"], [25 * MINUTE, HOUR, "soon"], [59 * MINUTE, HOUR, "calm"],
  ])("%d of %d ms: %s", (leftMs, whole, expected) => expect(urgency(leftMs, whole)).toBe(expected));
});

describe("amounts", () => {
  it.each([[0, "moments"], [12_000, "12 s"], [4 * MINUTE, "4 m"], [26 * HOUR, "1 d"]])("%d ms ago: %s", (ms, expected) => expect(ago(ms)).toBe(expected));
  it.each([[31, "31 ms"], [4_210, "4.2 s"], [185_000, "3 m 05 s"]])("%d ms: %s", (ms, expected) => expect(lasting(ms)).toBe(expected));
  it.each([[80, "80 B"], [1_400, "1.4 kB"], [999_900, "1.0 MB"], [64_000_000, "64 MB"]])("%d: %s", (size, expected) => expect(bytes(size)).toBe(expected));
  it("counts things in words", () => expect([count(1, "file"), count(1_200, "file")]).toEqual(["1 file", "1,200 files"]));
});
