// Does the client say of a call what the server says? Against a real server.

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import {
  all, Checkrein, Denied, Failed, Held, InDoubt, isHeld, newKey, Problem, Stopped, Unreachable,
} from "../src/index.ts";
import { TestServer } from "./server.ts";

let server: TestServer;
let agent: Checkrein;
let operator: Checkrein;
let approver: Checkrein;

beforeAll(async () => {
  server = await TestServer.start();
  agent = server.client("agent");
  operator = server.client("operator");
  approver = await server.approver();
});
afterAll(() => server?.end());

const sure = { confidence: "0.97" };
const write = (path: string, content = "x\n") => ({ tool: "files.write", arguments: { path, content }, ...sure });

async function caught(work: Promise<unknown>): Promise<unknown> {
  return work.then(() => undefined, (error: unknown) => error);
}

async function held(path: string): Promise<{ call: string; approval: string }> {
  const error = await caught(agent.propose(write(path)));
  if (!isHeld(error) || error.call === null) throw error;
  const [approval] = (await operator.calls.one(error.call)).approvals;
  if (approval === undefined) throw new Error("nobody was asked");
  return { call: error.call, approval: approval.approval };
}

describe("a proposal", () => {
  it("that is allowed gives its answer, and the world is changed", async () => {
    const answer = await agent.propose(write("notes.md", "hello\n"));
    expect(answer).toMatchObject({ status: "succeeded", executed: "yes", replayed: false });
    expect(await readFile(join(server.workspace, "notes.md"), "utf8")).toBe("hello\n");
  });

  it("with the same key has one effect and the same answer", async () => {
    const key = newKey();
    const first = await agent.propose({ ...write("once.md"), key });
    await writeFile(join(server.workspace, "once.md"), "changed by somebody else\n");
    const second = await agent.propose({ ...write("once.md"), key });
    expect(second.call).toBe(first.call);
    expect(second.replayed).toBe(true);
    expect(await readFile(join(server.workspace, "once.md"), "utf8")).toBe("changed by somebody else\n");
  });

  it("that breaks its contract is Denied, with what to do", async () => {
    const error = await caught(agent.propose({ tool: "files.read", arguments: { path: "/etc/passwd" } }));
    expect(error).toBeInstanceOf(Denied);
    expect(error).toMatchObject({ code: "CR-1006", retryable: false, answer: { executed: "no" } });
    expect((error as Denied).fix).not.toBe("");
  });

  it("that people must decide is Held, and waitFor gives its answer after their yes", async () => {
    const { call, approval } = await held("prod/a.txt");
    expect(await caught(agent.waitFor(call, { timeoutMs: 10 }))).toBeInstanceOf(Held);
    const waiting = agent.waitFor(call, { timeoutMs: 20_000 });
    await approver.approvals.approve(approval);
    expect(await waiting).toMatchObject({ call, status: "succeeded", executed: "yes" });
    expect(await readFile(join(server.workspace, "prod/a.txt"), "utf8")).toBe("x\n");
  });

  it("waits for people where it is told to", async () => {
    const waiting = agent.propose(write("prod/b.txt"), { waitMs: 20_000 });
    const approval = await pendingOf("prod/b.txt");
    await approver.approvals.approve(approval);
    expect(await waiting).toMatchObject({ status: "succeeded" });
  });

  it("that a person rejects is Denied, with the person's words", async () => {
    const { call, approval } = await held("prod/c.txt");
    await approver.approvals.reject(approval, "not tonight");
    const error = await caught(agent.waitFor(call));
    expect(error).toBeInstanceOf(Denied);
    expect((error as Denied).message).toContain("not tonight");
  });

  it("can be taken back while it waits, and not twice", async () => {
    const { call } = await held("prod/d.txt");
    expect(await agent.withdraw(call, "not needed")).toMatchObject({ status: "denied", executed: "no" });
    expect(await caught(agent.withdraw(call, "again"))).toMatchObject({ name: "Problem", status: 409 });
  });

  it("under a stop is Stopped", async () => {
    const reach = await operator.stops.reach("everything");
    expect(reach.open_runs).toBeGreaterThan(0);
    const { stop } = await operator.stops.order({ scope: "everything", level: "suspend", reason: "a drill" });
    expect(await caught(agent.propose(write("stopped.md")))).toBeInstanceOf(Stopped);
    await operator.stops.lift(stop.stop, "the drill is over");
    await agent.propose(write("stopped.md"));
  });

  it("can be taken back after it ran, exactly", async () => {
    await agent.propose(write("undo.md", "one\n"));
    const { call } = await agent.propose(write("undo.md", "two\n"));
    expect(await operator.calls.undo(call ?? "")).toMatchObject({ status: "succeeded" });
    expect(await readFile(join(server.workspace, "undo.md"), "utf8")).toBe("one\n");
  });
});

async function pendingOf(resource: string): Promise<string> {
  for await (const told of operator.events({ after: 0, signal: AbortSignal.timeout(20_000) })) {
    if (told.kind !== "entry" || told.entry.kind !== "call_held" || told.entry.call == null) continue;
    const { call, approvals } = await operator.calls.one(told.entry.call);
    const pending = approvals.find((one) => one.state === "pending");
    if (call.resource.endsWith(resource) && pending) return pending.approval;
  }
  throw new Error(`nobody was asked about ${resource}`);
}

describe("what goes wrong", () => {
  it("is a Problem with code and fix where the server refuses", async () => {
    const wrong = new Checkrein({ url: server.url, key: "ck_agent_wrong" });
    expect(await caught(wrong.runs.list())).toMatchObject({ name: "Problem", status: 401 });
    const error = await caught(agent.approvals.list());
    expect(error).toBeInstanceOf(Problem);
    expect((error as Problem).code).toMatch(/^CR-\d{4}$/);
    expect((error as Problem).fix).not.toBe("");
  });

  it("is Unreachable where nobody listens, and where somebody else does", async () => {
    expect(await caught(new Checkrein({ url: "http://127.0.0.1:9" }).runs.list())).toBeInstanceOf(Unreachable);
    const page = async () => new Response("<h1>hello</h1>", { headers: { "content-type": "text/html" } });
    expect(await caught(new Checkrein({ url: server.url, fetch: page }).runs.list())).toBeInstanceOf(Unreachable);
    expect(await caught(new Checkrein({ url: server.url, fetch: page }).calls.propose(write("a")))).toBeInstanceOf(Unreachable);
  });

  it("is TimedOut after the time that was given, and the reason of a signal", async () => {
    const never = (request: RequestInfo | URL) =>
      new Promise<Response>((_, reject) => {
        const { signal } = request as Request;
        signal.addEventListener("abort", () => reject(signal.reason as Error));
      });
    const silent = new Checkrein({ url: server.url, fetch: never });
    expect(await caught(silent.runs.list({}, { timeoutMs: 20 }))).toMatchObject({ name: "TimedOut", timeoutMs: 20 });
    const gone = new AbortController();
    const waiting = caught(silent.runs.list({}, { signal: gone.signal }));
    gone.abort(new Error("the user left"));
    expect(await waiting).toMatchObject({ message: "the user left" });
  });

  it("is tried again only with a key, and only where the connection failed", async () => {
    let sent = 0;
    const lost = async () => {
      sent += 1;
      throw new TypeError("connection lost");
    };
    const client = new Checkrein({ url: server.url, fetch: lost });
    expect(await caught(client.propose(write("a")))).toBeInstanceOf(Unreachable);
    expect(sent).toBe(1);
    expect(await caught(client.propose({ ...write("a"), key: newKey() }))).toBeInstanceOf(Unreachable);
    expect(sent).toBe(4);
  });

  it("is in doubt where the answer has a status that nobody knows", async () => {
    const answers = (status: string) => async () =>
      new Response(JSON.stringify({ status, executed: "perhaps", error: null }), {
        headers: { "content-type": "application/json" },
      });
    const of = (status: string) => caught(new Checkrein({ url: server.url, fetch: answers(status) }).propose(write("a")));
    expect(await of("finished")).toBeInstanceOf(InDoubt);
    expect(await of("partial")).toBeInstanceOf(Failed);
    expect(await of("in_doubt")).toMatchObject({ answer: { executed: "unknown" } });
  });

  it("is said at once of a time that is none", async () => {
    expect(await caught(agent.waitFor("call_x", { timeoutMs: Number.NaN }))).toMatchObject({ name: "CheckreinError" });
    expect(await caught(agent.calls.propose(write("a"), { waitMs: -1 }))).toMatchObject({ name: "CheckreinError" });
  });
});

describe("listings", () => {
  it("come whole, a page at a time", async () => {
    const pages: number[] = [];
    const found: string[] = [];
    for await (const call of all(async (after) => {
      const page = await operator.calls.list({ limit: 3, ...after });
      pages.push(page.items.length);
      return page;
    })) found.push(call.call);
    const whole = await operator.calls.list({ limit: 1000 });
    expect(found).toEqual(whole.items.map((call) => call.call));
    expect(Math.max(...pages)).toBe(3);
  });
});
