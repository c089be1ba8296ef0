// @vitest-environment jsdom
// "Selecting my reason with the mouse closed the dialog": only a press that begins and ends outside closes it.

import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeAll, expect, it, vi } from "vitest";

import { Dialog } from "./dialog.tsx";

beforeAll(() => {
  // The test's page has no dialogs of its own.
  HTMLDialogElement.prototype.showModal = function showModal(this: HTMLDialogElement) {
    this.open = true;
  };
  HTMLDialogElement.prototype.close = function close(this: HTMLDialogElement) {
    this.open = false;
  };
});
afterEach(cleanup);

it.each<[string, "inside" | "outside", "inside" | "outside", boolean]>([
  ["begins and ends outside", "outside", "outside", true],
  ["selects text and ends outside", "inside", "outside", false],
  ["stays inside", "inside", "inside", false],
])("a press that %s", (_, from, to, closes) => {
  const onClose = vi.fn();
  render(<Dialog title="Reject" onClose={onClose}><p>why</p></Dialog>);
  const at = { inside: screen.getByText("why"), outside: screen.getByRole("dialog") };
  fireEvent.pointerDown(at[from]);
  fireEvent.click(at[to]);
  expect(onClose).toHaveBeenCalledTimes(closes ? 1 : 0);
});
