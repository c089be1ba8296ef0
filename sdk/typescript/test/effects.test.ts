// Does each method ask its route with what it was given, and is a refused redrive an answer all the same?

import { expect, it } from "vitest";

import { Checkrein, Problem } from "../src/index.ts";

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

/** A client whose requests go nowhere, with what they were. */
function client(status: number, body: unknown): { readonly checkrein: Checkrein; readonly asked: Asked[] } {
  const asked: Asked[] = [];
  const fetch = async (input: RequestInfo | URL): Promise<Response> => {
    const request = input as Request;
    const text = await request.text();
    const { pathname, search } = new URL(request.url);
    asked.push({ method: request.method, path: pathname + search, body: text === "" ? undefined : JSON.parse(text) });
    return Response.json(body, { status });
  };
  return { checkrein: new Checkrein({ url: "http://localhost:1", key: "ck_test", fetch }), asked };
}

it.each<[string, (client: Checkrein) => Promise<unknown>, Asked]>([
  ["undo.plan", ({ undo }) => undo.plan({ run: "run_1", last: 3 }), { method: "POST", path: "/v1/undo/plan", body: { run: "run_1", last: 3 } }],
  ["undo.apply", ({ undo }) => undo.apply({ call: "call_1" }), { method: "POST", path: "/v1/undo/apply", body: { call: "call_1" } }],
  ["deadLetters.list", ({ deadLetters }) => deadLetters.list({ state: "open", why: "in_doubt", first: "oldest" }), { method: "GET", path: "/v1/dead-letters?state=open&why=in_doubt&first=oldest", body: undefined }],
  ["deadLetters.one", ({ deadLetters }) => deadLetters.one("call_1"), { method: "GET", path: "/v1/dead-letters/call_1", body: undefined }],
  ["deadLetters.resolve", ({ deadLetters }) => deadLetters.resolve("call_1", { executed: "no", reason: "looked" }), { method: "POST", path: "/v1/dead-letters/call_1/resolve", body: { executed: "no", reason: "looked" } }],
  ["deadLetters.discard", ({ deadLetters }) => deadLetters.discard("call_1", "old"), { method: "POST", path: "/v1/dead-letters/call_1/discard", body: { reason: "old" } }],
  ["deadLetters.probe", ({ deadLetters }) => deadLetters.probe("call_1"), { method: "POST", path: "/v1/calls/call_1/probe", body: undefined }],
  ["kills.plan", ({ kills }) => kills.plan("agent:local/a", 2), { method: "POST", path: "/v1/stops/kill/plan", body: { scope: "agent:local/a", rollback: 2 } }],
  ["kills.order", ({ kills }) => kills.order({ scope: "everything", reason: "now", rollback: 0, token: "t" }), { method: "POST", path: "/v1/stops/kill", body: { scope: "everything", reason: "now", rollback: 0, token: "t" } }],
  ["kills.receipt", ({ kills }) => kills.receipt("stop_1"), { method: "GET", path: "/v1/stops/stop_1/receipt", body: undefined }],
  ["kills.drill", ({ kills }) => kills.drill("everything"), { method: "POST", path: "/v1/stops/drill", body: { scope: "everything" } }],
])("%s", async (_, act, expected) => {
  const { checkrein, asked } = client(200, { acts: [], whole: true });
  await act(checkrein);
  expect(asked).toEqual([expected]);
});

it("an outcome of an undo that is not known is doubt", async () => {
  const act = (outcome: string) => ({ call: "call_1", run: "run_1", tool: "files.write", resource: "workspace:a", outcome, why: "" });
  const { checkrein } = client(200, { acts: [act("undone"), act("evaporated")], whole: false });
  const report = { acts: [act("undone"), act("in_doubt")], whole: false };
  expect(await checkrein.undo.plan({ run: "run_1" })).toEqual(report);
  expect(await checkrein.undo.apply({ run: "run_1" })).toEqual(report);
});

it("a redriven call that is refused is an answer, and a refusal to redrive is a problem", async () => {
  const denied = client(403, { status: "denied", executed: "no" });
  expect(await denied.checkrein.deadLetters.redrive("call_1", "again")).toMatchObject({ status: "denied", executed: "no" });
  expect(denied.asked).toEqual([{ method: "POST", path: "/v1/dead-letters/call_1/redrive", body: { reason: "again" } }]);
  const refused = client(409, { code: "CR-4009", detail: "it may have happened", fix: "find out", title: "conflict", status: 409 });
  await expect(refused.checkrein.deadLetters.redrive("call_1", "again")).rejects.toBeInstanceOf(Problem);
});

it("there was no drill yet: a problem of its own status", async () => {
  const { checkrein } = client(404, { code: "CR-4005", detail: "no rehearsal", fix: "rehearse", title: "not found", status: 404 });
  await expect(checkrein.kills.lastDrill()).rejects.toMatchObject({ status: 404 });
});
