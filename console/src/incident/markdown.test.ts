// A ticket says what the screen says, and nothing that an agent wrote becomes a link, a picture or a heading in it.

import { describe, expect, it } from "vitest";

import { line, toned, value } from "./lines.ts";
import { markdown } from "./markdown.ts";

function check(text: string): string {
  const story = { of: "call_1", title: ["x"], sections: [{ title: "What ran", lines: [line("it said ", value(text), ".")] }] };
  return markdown(story, "http://localhost/incident/call_1", 0).split("\n").find((found) => found.startsWith("- ")) ?? "";
}

describe("a value stays one", () => {
  it.each([
    ["plain", "- it said `plain`."],
    ["![x](https://evil.example/p.png)", "- it said `![x](https://evil.example/p.png)`."],
    ["a `tick` b", "- it said ``a `tick` b``."],
    ["``", "- it said ``` `` ```."],
    ["one\n# two", "- it said `one ⏎ # two`."],
    ["", "- it said `(empty)`."],
  ])("%j", (text, expected) => expect(check(text)).toBe(expected));

  it("shows what would not be seen", () => expect(check("a\u202Eb")).toMatch(/202E/));
});

it("is one page with every part, also where nothing is recorded", () => {
  const story = {
    of: "call_1", title: [value("files.write"), " on ", value("workspace:a")],
    sections: [{ title: "What ran", lines: [toned("bad", "it failed")] }, { title: "What is undone and what cannot be", lines: [] }],
  };
  expect(markdown(story, "http://localhost/incident/call_1", 0)).toBe([
    "# Incident: `files.write` on `workspace:a`", "", "`call_1`, as it stood at 1970-01-01T00:00:00.000Z: <http://localhost/incident/call_1>", "",
    "## What ran", "", "- it failed", "", "## What is undone and what cannot be", "", "- nothing is recorded", "",
  ].join("\n"));
});
