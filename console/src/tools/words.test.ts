// Are changed words told apart, and is nothing lost?

import { expect, it } from "vitest";

import { words } from "./words.ts";

it("tells words that went from words that came", () => {
  expect(words("Reads [-a file-]{+any file, and sends it+} now.")).toEqual([
    { kind: "same", text: "Reads " }, { kind: "gone", text: "a file" }, { kind: "come", text: "any file, and sends it" }, { kind: "same", text: " now." },
  ]);
});

it("keeps what only looks like a mark", () => {
  for (const text of ["", "a [- b", "{+", "[--] {++}", "x -] y +} z"]) {
    expect(words(text).map((piece) => piece.text).join("")).toBe(text.replace("[--]", "").replace("{++}", ""));
  }
});
