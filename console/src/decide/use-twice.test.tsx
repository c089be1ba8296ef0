// @vitest-environment jsdom
// The first `a` is for what was on the screen. A request to which evidence came in between is another one.

import { act, cleanup, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { TWICE_MS, useTwice } from "./use-twice.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

function begin(): ReturnType<typeof renderHook<ReturnType<typeof useTwice>, { shown: string }>> {
  const found = renderHook(({ shown }: { shown: string }) => useTwice(shown), { initialProps: { shown: "one" } });
  expect(found.result.current[0]).toBe(false);
  act(() => found.result.current[1](true));
  expect(found.result.current[0]).toBe(true);
  return found;
}

it("counts for a moment", () => {
  const { result } = begin();
  act(() => void vi.advanceTimersByTime(TWICE_MS - 1));
  expect(result.current[0]).toBe(true);
  act(() => void vi.advanceTimersByTime(1));
  expect(result.current[0]).toBe(false);
});

it("does not count for what changed meanwhile, from the very first drawing on", () => {
  const { result, rerender } = begin();
  rerender({ shown: "one, with evidence" });
  expect(result.current[0]).toBe(false);
});

it("is taken back", () => {
  const { result } = begin();
  act(() => result.current[1](false));
  expect(result.current[0]).toBe(false);
});
