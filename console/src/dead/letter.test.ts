// What may have happened is never made again from here.

import { describe, expect, it } from "vitest";

import { findings, keptFromRedrive, whyOf } from "./letter.ts";

describe("making it again", () => {
  it.each<[string, string | undefined, string | null, boolean]>([
    ["open", "failed", "no", true],
    ["open", "denied", "no", true],
    ["open", "in_doubt", null, false],
    ["open", "in_doubt", "no", false],
    ["open", "failed", "unknown", false],
    ["open", "failed", null, false],
    ["open", "succeeded", "yes", false],
    ["open", "partial", "partly", false],
    ["open", undefined, null, false],
    ["redriven", "failed", "no", false],
    ["resolved", "failed", "no", false],
  ])("letter %s, call %s, executed %s: %s", (state, call, executed, may) => {
    const found = keptFromRedrive({ state, why: "used_up" }, call === undefined ? undefined : { state: call, executed });
    expect(found === undefined).toBe(may);
  });
});

describe("saying what became of it", () => {
  it.each<[string, string | null, readonly string[]]>([
    ["in_doubt", null, ["yes", "partly", "no"]], ["failed", "no", ["no"]], ["succeeded", "yes", ["yes"]], ["failed", "unknown", []],
  ])("%s, executed %s", (state, executed, expected) => expect(findings({ state, executed })).toEqual(expected));

  it("nothing before its call is read", () => expect(findings(undefined)).toEqual([]));
});

it("a reason that is not known is doubt", () => {
  expect(whyOf("used_up").tone).toBe("bad");
  expect(whyOf("lost_in_space")).toMatchObject({ word: "lost in space", tone: "doubt" });
});
