// "Click-to-focus pressed the button", "first keypress captured as approval": each is a case here.

import { describe, expect, it } from "vitest";

import { ARM_MS, counts, type Sight, untilArmed } from "./arming.ts";

const seen: Sight = { shownAt: 1_000, visibleSince: 0, focusedSince: 0 };

describe("the button arms", () => {
  it.each<[string, Sight, number, number | undefined]>([
    ["not at once", seen, 1_000, ARM_MS],
    ["not before its time", seen, 1_599, 1],
    ["after its time", seen, 1_600, 0],
    ["not while the page is hidden", { ...seen, visibleSince: undefined }, 9_000, undefined],
    ["not while another window has the focus", { ...seen, focusedSince: undefined }, 9_000, undefined],
    ["anew when the page comes into sight", { ...seen, visibleSince: 5_000 }, 5_100, 500],
    ["anew when the window gets the focus", { ...seen, focusedSince: 5_000 }, 5_100, 500],
  ])("%s", (_, sight, now, expected) => expect(untilArmed(sight, now)).toBe(expected));
});

describe("a press counts", () => {
  it.each<[string, Sight, number, number, boolean]>([
    ["when it began on an armed button", seen, 1_700, 1_750, true],
    ["not when it began before and was held down", seen, 1_500, 3_000, false],
    ["not when it brought the window forward", { ...seen, focusedSince: 8_000 }, 8_000, 8_120, false],
    ["not when it brought the window forward and was held down", { ...seen, focusedSince: 8_000 }, 8_000, 9_000, false],
    ["not when another request took the place under the pointer", { ...seen, shownAt: 5_010 }, 5_000, 5_050, false],
    ["not when the focus went meanwhile", { ...seen, focusedSince: undefined }, 1_700, 1_800, false],
    ["not when it seems to end before it began", seen, 1_800, 1_700, false],
  ])("%s", (_, sight, downAt, at, expected) => expect(counts(sight, { downAt, at })).toBe(expected));
});
