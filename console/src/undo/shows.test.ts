// Every act with an undo is in exactly one of the lists beside *All*.

import { expect, it } from "vitest";

import { isShown, type Show } from "./shows.ts";

it.each<[string | null, string, Show | undefined]>([
  ["armed", "succeeded", "armed"], ["due", "succeeded", "armed"], ["undone", "succeeded", "undone"], ["expired", "succeeded", "gone"], ["released", "succeeded", "gone"],
  ["partial", "succeeded", "gone"], ["impossible", "succeeded", "gone"], ["in_doubt", "succeeded", "gone"], ["something_new", "succeeded", "gone"],
  [null, "queued", "outbox"], [null, "succeeded", undefined],
])("%s, %s", (undo, state, expected) => {
  const lists: readonly Show[] = ["armed", "outbox", "undone", "gone"];
  expect(lists.filter((show) => isShown({ undo, state }, show))).toEqual(expected === undefined ? [] : [expected]);
  expect(isShown({ undo, state }, "all")).toBe(undo !== null);
});
