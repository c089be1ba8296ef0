// @vitest-environment jsdom
// "Escape, j, Enter led back to the list": leaving the field emptied it, and a moment later the list was asked for everything.

import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { Search } from "./search.tsx";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

function write(text: string): { readonly field: HTMLElement; readonly told: string[] } {
  const told: string[] = [];
  render(<Search label="Text" value="" onSearch={(next) => told.push(next)} />);
  const field = screen.getByRole("searchbox");
  field.focus();
  fireEvent.change(field, { target: { value: text } });
  return { field, told };
}

it("tells after a pause", () => {
  const { told } = write("api");
  expect(told).toEqual([]);
  act(() => void vi.advanceTimersByTime(300));
  expect(told).toEqual(["api"]);
});

it("tells at once on leaving the field, and nothing afterwards", () => {
  const { field, told } = write("api");
  fireEvent.blur(field);
  expect(told).toEqual(["api"]);
  act(() => void vi.advanceTimersByTime(1_000));
  expect(told).toEqual(["api"]);
});

it("Escape leaves the field and keeps what was written", () => {
  const { field, told } = write("api");
  // Whether the browser may do what it does by itself, which is to empty the field.
  expect(fireEvent.keyDown(field, { key: "Escape" })).toBe(false);
  expect(document.activeElement).not.toBe(field);
  act(() => void vi.advanceTimersByTime(1_000));
  expect(told).toEqual(["api"]);
});
