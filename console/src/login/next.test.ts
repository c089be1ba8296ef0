// A login leads on to where somebody wanted to go, and nowhere outside this console.

import { expect, it } from "vitest";

import { isOwnPath, keep, KEPT_MS, type Store, take } from "./next.ts";

function store(): Store {
  const kept = new Map<string, string>();
  return { getItem: (name) => kept.get(name) ?? null, setItem: (name, text) => void kept.set(name, text), removeItem: (name) => void kept.delete(name) };
}

it.each([
  ["/approvals/apr_1?show=all", true], ["/", true], ["//evil.example", false], ["/\\evil.example", false], ["https://evil.example", false],
  ["/login?next=/", false], [undefined, false], [7, false],
])("%s: %s", (path, own) => expect(isOwnPath(path)).toBe(own));

it("is taken once, and not when it is old", () => {
  const tab = store();
  keep("/runs", 1_000, tab);
  expect([take(2_000, tab), take(2_000, tab)]).toEqual(["/runs", undefined]);
  keep("/runs", 1_000, tab);
  expect(take(1_000 + KEPT_MS, tab)).toBeUndefined();
  keep("/runs", 1_000, tab);
  keep(undefined, 1_000, tab);
  expect(take(1_000, tab)).toBeUndefined();
});

it.each(["no json", "[]", '["//evil.example",1]', '{"path":"/"}'])("what somebody else wrote there leads nowhere: %s", (text) => {
  const tab = store();
  tab.setItem("checkrein-next", text);
  expect(take(2, tab)).toBeUndefined();
});
