// Does every kind of entry make old what it changes? The kinds are those that the server writes today.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";

import { touched } from "../src/index.ts";

const of = (kind: string) => {
  const found = touched({ kind });
  return found === "everything" ? found : [...found].sort().join(" ");
};

it("names what an entry makes old", () => {
  expect(of("call_settled")).toBe("approvals budgets calls duties journal runs");
  expect(of("dead_letter_moved")).toContain("dead_letters");
  expect(of("rollback_ended")).toContain("stops");
  expect(of("call_held")).toContain("approvals");
  expect(of("approval_voted")).toContain("approvals");
  expect(of("run_paused")).toContain("runs");
  expect(of("stop_ordered")).toContain("stops");
  expect(of("tool_drifted")).toBe("journal servers tools");
  expect(of("mode_set")).toBe("journal spaces");
  expect(of("key_made")).toContain("keys");
  expect(of("preview_settled")).toBe("journal");
});

it("makes everything old where a kind is not known", () => {
  expect(of("something_new")).toBe("everything");
});

it("knows every kind of entry that the server writes", async () => {
  const events = await readFile(join(import.meta.dirname, "../../../crates/domain/src/event.rs"), "utf8");
  const [, body = ""] = /pub enum Event \{([\s\S]*?)\n\}/.exec(events) ?? [];
  const kinds = [...body.matchAll(/^ {4}([A-Z]\w+)/gm)].map(([, name = ""]) => name.replace(/(?!^)([A-Z])/g, "_$1").toLowerCase());
  expect(kinds.length).toBeGreaterThan(40);
  expect(kinds.filter((kind) => touched({ kind }) === "everything")).toEqual([]);
});
