// @vitest-environment jsdom
// "A double click accepted the next one too": in a live list another row comes to lie under the pointer.

import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { ARM_MS } from "./arming.ts";
import { ArmedButton } from "./armed.tsx";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance", "requestAnimationFrame", "cancelAnimationFrame", "Date"] });
  vi.spyOn(document, "hasFocus").mockReturnValue(true);
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const pressed = vi.fn<(shown: string) => void>();

function row(shown: string, disabled = false): React.ReactNode {
  return <ArmedButton shown={shown} disabled={disabled} onPress={() => pressed(shown)}>Accept</ArmedButton>;
}

function pass(ms: number): void {
  act(() => void vi.advanceTimersByTime(ms));
}

function press(): void {
  const button = screen.getByRole("button");
  fireEvent.pointerDown(button);
  fireEvent.click(button);
}

it("counts once it was in sight for its time, and not before", () => {
  pressed.mockClear();
  render(row("first"));
  press();
  expect(pressed).not.toHaveBeenCalled();
  pass(ARM_MS + 100);
  press();
  expect(pressed.mock.calls).toEqual([["first"]]);
});

it("the second half of a double click does not count for the row that took the place", () => {
  pressed.mockClear();
  const { rerender } = render(row("first second"));
  pass(ARM_MS + 100);
  press();
  rerender(row("second"));
  pass(80);
  press();
  expect(pressed.mock.calls).toEqual([["first second"]]);
  pass(ARM_MS + 100);
  press();
  expect(pressed).toHaveBeenCalledTimes(2);
});

it("a press that began on the row before does not count for the next one", () => {
  pressed.mockClear();
  const { rerender } = render(row("first second"));
  pass(ARM_MS + 100);
  fireEvent.pointerDown(screen.getByRole("button"));
  rerender(row("second"));
  pass(ARM_MS + 100);
  fireEvent.click(screen.getByRole("button"));
  expect(pressed).not.toHaveBeenCalled();
});

it("a disabled one never counts", () => {
  pressed.mockClear();
  render(row("first", true));
  pass(ARM_MS + 100);
  press();
  expect(pressed).not.toHaveBeenCalled();
});
