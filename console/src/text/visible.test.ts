// What an approver must see: everything that would hide, reorder or imitate text is marked, and nothing is dropped.

import { describe, expect, it } from "vitest";

import { cutAt, oddities, pieces } from "./visible.ts";

function shown(text: string): string {
  return pieces(text).map((piece) => piece.shown).join("");
}

function marked(text: string): readonly string[] {
  return pieces(text).filter((piece) => !["plain", "place", "masked"].includes(piece.kind)).map((piece) => piece.text);
}

describe("what cannot be seen is shown", () => {
  it.each([
    ["plain äöü 日本", "plain äöü 日本"],
    ["a\u202Eb", "a⟪U+202E⟫b"],
    ["a\u200Bb", "a⟪U+200B⟫b"],
    ["\u001B[2J", "⟪U+001B⟫[2J"],
    ["a\tb", "a⇥b"],
    ["a\r\nb", "a⟪U+000D⟫\nb"],
    ["⟪U+0041⟫", "⟪U+27EA⟫U+0041⟫"],
    ["x\u{E0041}", "x⟪U+E0041⟫"],
    ["rm\u00A0-rf", "rm⟪U+00A0⟫-rf"],
    ["no\u2800thing", "no⟪U+2800⟫thing"],
    ["a\uFE0Fb", "a⟪U+FE0F⟫b"],
  ])("%j", (text, expected) => expect(shown(text)).toBe(expected));
});

describe("look-alikes are marked", () => {
  it.each([
    ["p\u0430ypal.com", ["\u0430"]],
    ["аррӏе.com", ["а", "р", "р", "ӏ", "е"]],
    ["https://gіthub.com/x", ["і"]],
    ["münchen.de", ["ü"]],
    ["curl example.com∕evil", ["∕"]],
    ["ｒｍ -rf", ["ｒ", "ｍ"]],
    ["sudо rm", ["о"]],
  ])("%s", (text, expected) => expect(marked(text)).toEqual(expected));

  it("leaves honest words of other scripts alone", () => {
    expect(marked("Привет, мир! κόσμε naïve café")).toEqual([]);
  });
});

describe("what is masked keeps its neighbours", () => {
  it("shows verb, host and recipient beside a masked secret", () => {
    const found = pieces("curl -H 'Authorization: ⟦masked:secret⟧' https://api.example.com/send");
    expect(found.map((piece) => piece.kind)).toEqual(["plain", "masked", "plain", "place"]);
    expect(found.at(-1)?.text).toBe("https://api.example.com/send");
  });

  it("does not let a text pretend to be masked across lines", () => {
    expect(pieces("⟦masked:a\nb⟧").some((piece) => piece.kind === "masked")).toBe(false);
  });
});

describe("places stand out", () => {
  it.each([
    ["send to a.b@example.org now", "a.b@example.org"],
    ["GET https://x.example/a?b=c", "https://x.example/a?b=c"],
    ["db.internal.example:5432", "db.internal.example:5432"],
  ])("%s", (text, place) => expect(pieces(text).find((piece) => piece.kind === "place")?.text).toBe(place));

  it.each(["src/retry.rs", "prod/api.yaml", "1.14.2", "a.b", "files.write", "notes.add", "retry.rs:12"])("%s is no host", (text) => {
    expect(pieces(text).some((piece) => piece.kind === "place")).toBe(false);
  });
});

it("drops nothing", () => {
  const text = "Refund €480.00 to p\u0430ypal.com\u202E reversed\tend ⟦masked:iban⟧ \u{1F600}\uD800";
  expect(pieces(text).map((piece) => piece.text).join("")).toBe(text);
});

it("counts what it marks", () => {
  expect(oddities("a\u200B\u200Bb\tc")).toBe(3);
  expect(oddities("nothing odd at example.com")).toBe(0);
});

it.each([["words", "word ".repeat(4_000)], ["one word", "a".repeat(20_000)], ["dots", "a.".repeat(10_000)]])("reads twenty thousand characters of %s quickly", (_, text) => {
  const before = performance.now();
  expect(pieces(text)).toHaveLength(1);
  expect(performance.now() - before).toBeLessThan(500);
});

describe("a span inside a text", () => {
  const texts = (text: string, from: number, to: number): readonly string[] =>
    cutAt(pieces(text), from, to).map((part) => part.map((piece) => piece.text).join(""));

  it.each([
    ["replicas: 2", 10, 11, ["replicas: ", "2", ""]],
    ["to example.com now", 5, 8, ["to ex", "amp", "le.com now"]],
    ["a\tb", 1, 2, ["a", "\t", "b"]],
    ["abc", 0, 3, ["", "abc", ""]],
    ["abc", 1, 1, ["a", "", "bc"]],
  ])("%j %d-%d", (text, from, to, expected) => expect(texts(text, from, to)).toEqual(expected));

  it("still marks the one letter that differs, though its neighbours stand outside", () => {
    const inside = cutAt(pieces("p\u0430ypal.com"), 1, 2)[1];
    expect(inside.map((piece) => piece.kind)).toEqual(["twin"]);
  });
});
