// What happens, as it becomes durable: an iterator over `GET /v1/events` that connects again by itself and goes on
// behind the last position it gave, so nothing is lost however long the connection was away.

import { refused, type Connection } from "./connection.ts";
import { Problem, Unreachable } from "./failures.ts";
import { Parser, type Message } from "./sse.ts";
import type { Entry } from "./types.ts";

/** What a command prints while it runs. Not in the journal; a reader who is too slow misses some. */
export interface OutputEvent {
  readonly call: string;
  readonly stream: string;
  readonly text: string;
}

/** One thing that was told. */
export type Told =
  | { readonly kind: "entry"; readonly entry: Entry }
  | { readonly kind: "output"; readonly output: OutputEvent }
  /** So many pieces of output, at most, were not sent. */
  | { readonly kind: "missed"; readonly count: number };

/** How events are followed. */
export interface EventOptions {
  /** Behind this position; behind the last entry if not given. */
  readonly after?: number | undefined;
  /** Ends the iteration without an error. */
  readonly signal?: AbortSignal | undefined;
  /** Told when the connection stands (`open`) and when it is lost and will be made again (`lost`). */
  readonly onState?: ((state: "open" | "lost") => void) | undefined;
  /** The first pause before connecting again, in milliseconds; doubles up to 15,000. 500 if not given. */
  readonly pauseMs?: number | undefined;
}

/** The server sends something at least every 15 s; a connection that is silent for three times as long is dead. */
const SILENCE_MS = 45_000;
const PAUSE_MAX_MS = 15_000;

/**
 * Follows what happens, until the signal is aborted. What the server refuses for good (a key, a right) is thrown.
 * @throws {Problem} where the server refused, but not where too many streams are open: that is tried again.
 */
export async function* follow(connection: Connection, options: EventOptions = {}): AsyncGenerator<Told, void, undefined> {
  const { signal, onState } = options;
  const first = options.pauseMs ?? 500;
  let after = options.after;
  let pause = first;
  while (!signal?.aborted) {
    try {
      // From a known place on: what happens between two connections is then not lost.
      after ??= await newest(connection, signal);
      for await (const told of once(connection, after, options)) {
        pause = first;
        if (told.kind === "entry") after = told.entry.position;
        yield told;
      }
    } catch (error) {
      if (signal?.aborted) return;
      if (error instanceof Problem && error.status < 500 && error.status !== 429) throw error;
    }
    if (signal?.aborted) return;
    onState?.("lost");
    await sleep(pause, signal);
    pause = Math.min(pause * 2, PAUSE_MAX_MS);
  }
}

async function newest(connection: Connection, signal: AbortSignal | undefined): Promise<number> {
  const head = await connection.send({ signal }, (init) => connection.api.GET("/v1/journal/head", init));
  return head.position;
}

async function* once(connection: Connection, after: number, options: EventOptions): AsyncGenerator<Told> {
  const silence = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, silence.signal]) : silence.signal;
  let alarm = setTimeout(() => silence.abort(), SILENCE_MS);
  try {
    const response = await open(connection, after, signal);
    options.onState?.("open");
    const parser = new Parser();
    const decoder = new TextDecoder();
    const reader = response.getReader();
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        clearTimeout(alarm);
        alarm = setTimeout(() => silence.abort(), SILENCE_MS);
        for (const message of parser.push(decoder.decode(value, { stream: true }))) {
          const told = read(message);
          if (told) yield told;
        }
      }
    } finally {
      await reader.cancel().catch(() => undefined);
    }
  } finally {
    clearTimeout(alarm);
  }
}

async function open(
  connection: Connection,
  after: number,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  const own = { accept: "text/event-stream", "last-event-id": String(after) };
  const headers = new Headers({ ...connection.headers("GET"), ...own });
  const request = new Request(`${connection.url}/v1/events`, { headers, signal, credentials: "same-origin" });
  const response = await connection.fetch(request);
  const isStream = response.headers.get("content-type")?.startsWith("text/event-stream") ?? false;
  if (response.ok && isStream && response.body) return response.body;
  const body: unknown = await response.json().catch(() => undefined);
  throw refused(body, response);
}

/** Kinds that this client does not know are entries: each has a position. Anything else is left out. */
function read(message: Message): Told | undefined {
  const data: unknown = parsed(message.data);
  if (typeof data !== "object" || data === null) return undefined;
  if (message.event === "output") return isOutput(data) ? { kind: "output", output: data } : undefined;
  if (message.event === "missed") {
    return "count" in data && typeof data.count === "number" ? { kind: "missed", count: data.count } : undefined;
  }
  return isEntry(data) ? { kind: "entry", entry: data } : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Unreachable("an event that is no JSON", { cause: error });
  }
}

function isOutput(data: object): data is OutputEvent {
  return "call" in data && "stream" in data && "text" in data && typeof data.text === "string";
}

function isEntry(data: object): data is Entry {
  return "position" in data && typeof data.position === "number" && "kind" in data && typeof data.kind === "string";
}

function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done);
  });
}
