// Binary values travel as base64url; a wrong alphabet would make passkeys fail for some bytes only.

import { expect, it } from "vitest";

import { bytes, text } from "./passkeys.ts";

it("reads what it wrote, for every byte and length", () => {
  for (let length = 0; length < 5; length += 1) {
    const given = Uint8Array.from({ length: 256 + length }, (_, at) => at % 256);
    expect(bytes(text(given.buffer))).toEqual(given);
    expect(text(given.buffer)).toMatch(/^[A-Za-z0-9_-]*$/);
  }
});

it("refuses anything else", () => {
  expect(() => bytes("a b")).toThrow(TypeError);
  expect(() => bytes(undefined)).toThrow(TypeError);
});
