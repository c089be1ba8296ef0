// A list that is narrowed to a time asks the same question until the minute is over, and for all of the time it asks for none.

import { expect, it } from "vitest";

import { since, sinceMs, spanOf } from "./since.ts";

const HOUR = 3_600_000;

it.each<[string | undefined, number | undefined]>([["hour", 199 * HOUR], ["day", 176 * HOUR], ["week", 32 * HOUR], ["year", undefined], [undefined, undefined]])(
  "%s", (word, expected) => {
    expect(sinceMs(word, 200 * HOUR)).toBe(expected);
    expect(spanOf(word)).toBe(expected === undefined ? undefined : word);
  },
);

it("runs on whole minutes", () => {
  expect(since("hour", HOUR + 119_999)).toBe(60_000);
  expect(since("hour", HOUR + 60_001)).toBe(60_000);
});
