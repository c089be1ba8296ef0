// Does the stream tell everything once, in order, also over the death of the server?

import { afterAll, beforeAll, expect, it } from "vitest";

import { Checkrein, Problem, type Told } from "../src/index.ts";
import { TestServer } from "./server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await TestServer.start();
});
afterAll(() => server?.end());

const read = { tool: "files.list", arguments: { path: "." } };

async function until(events: AsyncIterable<Told>, enough: (positions: number[]) => boolean): Promise<number[]> {
  const positions: number[] = [];
  for await (const told of events) {
    if (told.kind === "entry") positions.push(told.entry.position);
    if (enough(positions)) break;
  }
  return positions;
}

it("tells every entry once and in order, also those of the time when the server was dead", async () => {
  const agent = server.client("agent");
  const operator = server.client("operator");
  await agent.calls.propose(read);
  const before = (await operator.journal.head()).position;
  const states: string[] = [];
  let restarted = false;
  const events = operator.events({
    after: 0,
    pauseMs: 5,
    signal: AbortSignal.timeout(60_000),
    onState: (state) => states.push(state),
  });
  const seen = until(events, (positions) => {
    if (positions.length >= before && !restarted) {
      restarted = true;
      void server.kill().then(() => server.up());
    }
    return restarted && positions.length >= before + 3;
  });
  const positions = await seen;
  expect(positions).toEqual(positions.map((_, index) => index + 1));
  expect(states).toEqual(["open", ...states.slice(1, -1).filter((state) => state === "lost"), "open"]);
  expect(states).toContain("lost");
});

it("begins behind the last entry if nothing else is said, and ends when it is aborted", async () => {
  const agent = server.client("agent");
  const operator = server.client("operator");
  const { position } = await operator.journal.head();
  const end = new AbortController();
  let first: number | undefined;
  const events = operator.events({
    signal: end.signal,
    onState: (state) => void (state === "open" && agent.calls.propose(read)),
  });
  for await (const told of events) {
    if (told.kind === "entry") first ??= told.entry.position;
    end.abort();
  }
  expect(first).toBe(position + 1);
});

it("is refused for good without the right to look", async () => {
  const follow = async (client: Checkrein) => {
    for await (const _ of client.events()) throw new Error("an agent was told");
  };
  await expect(follow(server.client("agent"))).rejects.toBeInstanceOf(Problem);
  await expect(follow(new Checkrein({ url: server.url }))).rejects.toMatchObject({ status: 401 });
});
