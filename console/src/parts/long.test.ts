// What is long is found wherever it stands, or somebody would approve what was never on the screen.

import { expect, it } from "vitest";

import { beginning, CHARACTERS_MAX, isLong, longTexts } from "./long.ts";

const long = "x".repeat(CHARACTERS_MAX + 1);

it.each([
  ["short", false], ["x".repeat(CHARACTERS_MAX), false], [long, true], ["a\n".repeat(30), false], ["a\n".repeat(31), true],
])("is long or not", (text, expected) => expect(isLong(text)).toBe(expected));

it("names each long text by its pointer", () => {
  expect(longTexts({ a: long, "b/c": [{ "d~": long }, "short", 1, null] })).toEqual(["/a", "/b~1c/0/d~0"]);
  expect(longTexts(long)).toEqual([""]);
});

it("begins with whole characters", () => {
  const text = "x".repeat(CHARACTERS_MAX - 1) + "\u{1F600}".repeat(10);
  expect(beginning(text)).toBe("x".repeat(CHARACTERS_MAX - 1));
  expect(text.startsWith(beginning("a\nb\n".repeat(40)))).toBe(false);
  expect("a\nb\n".repeat(40).startsWith(beginning("a\nb\n".repeat(40)))).toBe(true);
});
