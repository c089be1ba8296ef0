// A stop must be of exactly what was chosen: a scope that is not complete is none, and what a kill is confirmed with names it.

import { describe, expect, it } from "vitest";

import { killPhrase, readScope, saidScope, scopeText, type Scope } from "./scope.ts";

describe("a scope is one text, and is read back", () => {
  it.each<[Scope, string, string]>([
    [{ kind: "everything", name: "" }, "everything", "everything"],
    [{ kind: "tenant", name: "" }, "tenant:local", "everything of local"],
    [{ kind: "agent", name: "dunning" }, "agent:local/dunning", "the agent dunning"],
    [{ kind: "workflow", name: "default" }, "workflow:local/default", "the workflow default"],
    [{ kind: "tool", name: "files.write" }, "tool:files.write", "the tool files.write"],
    [{ kind: "server", name: "github" }, "server:github", "the tool server github"],
    [{ kind: "run", name: "run_1" }, "run_1", "run_1"],
    [{ kind: "call", name: "call_1" }, "call_1", "call_1"],
  ])("%j", (scope, text, said) => {
    expect(scopeText(scope, "local")).toBe(text);
    expect(readScope(text)).toEqual(scope);
    expect(saidScope(text)).toBe(said);
  });
});

it.each<Scope>([
  { kind: "agent", name: " " }, { kind: "tool", name: "" }, { kind: "run", name: "call_1" }, { kind: "call", name: "7" },
])("%j is no scope yet", (scope) => expect(scopeText(scope, "local")).toBeUndefined());

it.each([undefined, "", "agent:", "planet:earth", "files.write"])("%s names none", (text) => expect(readScope(text)).toBeUndefined());

it("what is typed names the scope, and how many acts go back", () => {
  expect(killPhrase("agent:local/a", 0)).toBe("kill agent:local/a");
  expect(killPhrase("everything", 12)).toBe("kill everything and undo 12");
});
