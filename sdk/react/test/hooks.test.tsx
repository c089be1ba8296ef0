// @vitest-environment jsdom
// Do hooks show what the server has, and become new by themselves? Against a real server.

import type { Checkrein } from "@checkrein/sdk";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, renderHook, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";

import { TestServer } from "../../typescript/test/server.ts";
import { CheckreinProvider, useAct, useApprovals, useCalls, useEvents, useLine, useRuns } from "../src/index.ts";

let server: TestServer;
beforeAll(async () => {
  server = await TestServer.start();
  approver = await server.approver();
});
afterEach(cleanup);
afterAll(() => server?.end());

let approver: Checkrein;

function wrapper({ children }: { children: ReactNode }): ReactNode {
  const cache = new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: Infinity } } });
  return (
    <QueryClientProvider client={cache}>
      <CheckreinProvider client={approver}>{children}</CheckreinProvider>
    </QueryClientProvider>
  );
}

const soon = { timeout: 20_000 };
const list = { tool: "files.list", arguments: { path: "." } };
const production = { tool: "files.write", arguments: { path: "prod/a.txt", content: "a" }, confidence: "0.97" };

it("a list becomes new by itself when something happens", async () => {
  const kinds: string[] = [];
  const { result } = renderHook(
    () => {
      useEvents((told) => told.kind === "entry" && kinds.push(told.entry.kind));
      return { runs: useRuns(), calls: useCalls(), line: useLine() };
    },
    { wrapper },
  );
  await waitFor(() => expect(result.current.runs.isPending || result.current.line !== "open").toBe(false), soon);
  expect(result.current.runs.items).toEqual([]);
  const answer = await server.client("agent").propose(list);
  await waitFor(() => expect(result.current.calls.items.map((call) => call.call)).toEqual([answer.call]), soon);
  await waitFor(() => expect(result.current.runs.items).toHaveLength(1), soon);
  expect(kinds).toContain("read_settled");
});

it("a list is read a page at a time", async () => {
  const agent = server.client("agent");
  for (let made = 0; made < 4; made += 1) await agent.propose(list);
  const { result } = renderHook(() => useCalls({ limit: 2 }), { wrapper });
  await waitFor(() => expect(result.current.items).toHaveLength(2), soon);
  expect(result.current.hasMore).toBe(true);
  act(() => result.current.readMore());
  await waitFor(() => expect(result.current.items).toHaveLength(4), soon);
  expect(new Set(result.current.items.map((call) => call.call)).size).toBe(4);
});

it("what is done shows at once, and what is refused says why", async () => {
  const held = await server.client("agent").calls.propose(production);
  const { result } = renderHook(
    () => ({
      pending: useApprovals({ state: "pending" }),
      approve: useAct((client, approval: string) => client.approvals.approve(approval)),
    }),
    { wrapper },
  );
  await waitFor(() => expect(result.current.pending.items.map((one) => one.call)).toEqual([held.call]), soon);
  const [first] = result.current.pending.items;
  await act(() => result.current.approve.mutateAsync(first?.approval ?? ""));
  await waitFor(() => expect(result.current.pending.items).toEqual([]), soon);
  await act(() => result.current.approve.mutateAsync(first?.approval ?? "").catch(() => undefined));
  await waitFor(() => expect(result.current.approve.error).toMatchObject({ name: "Problem" }), soon);
});

it("a listing that is refused says so, and the line too", async () => {
  const agent = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <CheckreinProvider client={server.client("agent")}>{children}</CheckreinProvider>
    </QueryClientProvider>
  );
  const { result } = renderHook(() => ({ approvals: useApprovals(), line: useLine() }), { wrapper: agent });
  await waitFor(() => expect(result.current.approvals.error).toMatchObject({ name: "Problem", status: 403 }), soon);
  await waitFor(() => expect(result.current.line).toBe("refused"), soon);
});
