// Numbers of the Load part: rates, shares, and what is said to be too much.

import { describe, expect, it } from "vitest";

import { byName, missed, perHour, share } from "./load.ts";

const HOUR = 3_600_000;

describe("how often in an hour", () => {
  it.each<[number, number, string]>([
    [0, 24, "0"], [1, 24, "under 0.1"], [7, 24, "0.3"], [48, 24, "2"], [36, 24, "1.5"], [500, 24, "21"],
    // An hour that is not over yet is not made larger than it is.
    [3, 0.1, "3"],
  ])("%i in %d h", (number, hours, expected) => expect(perHour(number, 0, hours * HOUR)).toBe(expected));
});

describe("the share of calls that need people", () => {
  it.each<[number | null, string, "wait" | undefined]>([
    [null, "none", undefined], [0, "0 %", undefined], [30, "30 %", undefined], [31, "31 %", "wait"],
  ])("%s", (percent, value, tone) => {
    expect(share({ needs_people_percent: percent, asked: 31, calls: 100 })).toMatchObject({ value, tone });
  });

  it("says of how many", () => {
    expect(share({ needs_people_percent: 5, asked: 1_200, calls: 24_000 }).note).toBe("1,200 of 24,000 calls");
  });
});

it.each([[0, 9, "plain"], [1, 9, "wait"], [3, 9, "bad"]])("%i of %i that nobody decided", (expired, asked, tone) => {
  expect(missed({ expired, asked })).toBe(tone);
});

it("people stand by name, whatever they did", () => {
  expect(byName([{ name: "eve" }, { name: "ada" }]).map((one) => one.name)).toEqual(["ada", "eve"]);
});
