// @vitest-environment jsdom
// "The arguments were erased, and the console proposed {} in their place": what is gone cannot be edited.

import { CheckreinProvider } from "@checkrein/react";
import { type ApprovalDetails, Checkrein } from "@checkrein/sdk";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeAll, expect, it } from "vitest";

import { Edit } from "./edit.tsx";

beforeAll(() => {
  HTMLDialogElement.prototype.showModal = function showModal(this: HTMLDialogElement) {
    this.open = true;
  };
  HTMLDialogElement.prototype.close = () => undefined;
});
afterEach(cleanup);

it.each<[string, unknown, boolean]>([
  ["arguments", { path: "a" }, true], ["no argument", {}, true], ["arguments that are gone", null, false], ["arguments that are not told", undefined, false],
  ["a masked value", { token: "⟦masked:secret⟧" }, false],
])("%s", (_, given, may) => {
  const details = { approval: { approval: "apr_1" }, arguments: given } as unknown as ApprovalDetails;
  const client = new Checkrein({ url: "http://localhost" });
  render(
    <QueryClientProvider client={new QueryClient()}>
      <CheckreinProvider client={client} live={false}><Edit details={details} onClose={() => undefined} /></CheckreinProvider>
    </QueryClientProvider>,
  );
  fireEvent.change(screen.getByLabelText("Reason"), { target: { value: "the other file" } });
  expect(screen.getByRole<HTMLButtonElement>("button", { name: "Propose instead" }).disabled).toBe(!may);
});
