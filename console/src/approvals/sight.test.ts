// The one sentence and the numbers that people read first must not say less than the plan does.

import type { ApprovalDetails, Change } from "@checkrein/sdk";
import { describe, expect, it } from "vitest";

import { parse } from "../diff/parse.ts";
import { byDeadline, headline, place, radius, risks, short, shortDigests } from "./sight.ts";

const file = { kind: "file", mode: "0644", size: 1, digest: "d", target: null };

function change(path: string, kind: "created" | "modified" | "deleted", more: Partial<Change> = {}): Change {
  return {
    path, before: kind === "created" ? null : file, after: kind === "deleted" ? null : file, moved_from: null,
    observation: "expected", consequences: [], ...more,
  };
}

function details(tool: string, resource: string, changes: Change[], given: unknown = {}): ApprovalDetails {
  const plan = changes.length === 0 ? null : { call: "c", digest: "d", restorable: true, changes, diff: "", execution: null };
  return { call: { tool, resource }, plan, arguments: given } as unknown as ApprovalDetails;
}

describe("the headline", () => {
  it.each<[string, ApprovalDetails, string]>([
    ["one change", details("files.write", "workspace:prod/a", [change("prod/a", "modified")]), "Change prod/a"],
    ["a tree that goes", details("files.delete", "workspace:logs", [change("logs/1", "deleted"), change("logs/2", "deleted")]), "Delete 2 paths below logs"],
    ["a mixture", details("command.run", "workspace:", [change("a", "created"), change("b", "modified"), change("c", "deleted")]), "Create 1, change 1 and delete 1 paths"],
    ["a move counts once", details("files.move", "workspace:a", [change("a", "deleted"), change("b", "created", { moved_from: "a" })]), "Move a to b"],
    ["no plan", details("git.push", "git:origin/main", []), "git.push git:origin/main"],
    ["a server's tool", details("notes.add", "mcp:notes/add", [], { text: "hello" }), "notes.add “hello”"],
    ["a server's tool with much to say", details("notes.add", "mcp:notes/add", [], { text: "x".repeat(99) }), "notes.add"],
  ])("%s", (_, given, expected) => expect(headline(given)).toBe(expected));
});

it("counts what was not declared and what runs later", () => {
  const changes = [
    change(".git/hooks/pre-commit", "created", { observation: "unintended", consequences: ["code_execution"] }),
    change("a", "modified"),
  ];
  const seen = radius(changes, parse("--- a/a\n+++ b/a\n@@ -1 +1,2 @@\n-x\n+y\n+z\n"));
  expect(seen).toEqual({ created: 1, modified: 1, deleted: 0, moved: 0, undeclared: 1, runsCode: 1, linesCome: 2, linesGone: 1 });
});

it("shows a resource without its kind", () => {
  expect(short({ tool: "files.write", resource: "workspace:prod/a" })).toBe("files.write prod/a");
});

it("puts first what must be decided first", () => {
  const request = (approval: string, decide_by_ms: number): Parameters<typeof byDeadline>[0] => ({ approval, decide_by_ms }) as never;
  expect([request("b", 2), request("a", 2), request("c", 1)].sort(byDeadline).map((each) => each.approval)).toEqual(["c", "a", "b"]);
});

it("digests are cut to what tells them apart, and nothing else is", () => {
  const digest = "0123456789ab".padEnd(64, "c");
  expect(shortDigests(`file 0644, 30 bytes, ${digest} -> nothing`)).toBe("file 0644, 30 bytes, 0123456789ab… -> nothing");
  expect(shortDigests(`${digest}0 0123456789abcdef`)).toBe(`${digest}0 0123456789abcdef`);
});

it.each<[string, boolean, boolean]>([
  ["consequences: overwrite", true, false], ["consequences: delete, overwrite", true, false], ["consequences: overwrite", false, true],
  ["consequences: overwrite, runs code", true, true], ["1 path is overwritten", true, true],
])("%s, with a plan: %s, is told: %s", (line, hasPlan, told) => expect(risks([line], hasPlan)).toEqual(told ? [line] : []));

it.each([["workspace:.", "the workspace"], ["workspace:prod/a", "prod/a"], ["call:call_1", "call:call_1"]])("%s is %s", (resource, name) => {
  expect(place(resource)).toBe(name);
});
