// Undo of several acts, dead letters, kills and receipts of stops: the routes whose types the OpenAPI document does not have
// yet. Every such type stands here and nowhere else; once the document has them, `Untyped` goes and they come from there.
// Each method is one route; all throw `Problem`, `TimedOut` or `Unreachable`.

import { answered } from "./calls.ts";
import type { Connection, Options } from "./connection.ts";
import type { Answer, Call, Entry, Page, PlanView, Reach, Resolve, StopReceipt } from "./types.ts";

/** Which acts are to be taken back: exactly one of `call`, `run` and `agent`. */
export interface UndoAsk {
  readonly call?: string;
  readonly run?: string;
  /** The acts of this agent, across its runs; with `last`. */
  readonly agent?: string;
  /** How many of the last ones, at least 1; all of a run without it. */
  readonly last?: number;
}

/** What becomes of one act. */
export type UndoOutcome = "can_be_undone" | "undone" | "withdrawn" | "partly_undone" | "not_undoable" | "not_undone" | "in_doubt";

/** One act of an undo report. */
export interface UndoAct {
  readonly call: string;
  readonly run: string;
  readonly tool: string;
  /** What it touched, masked. */
  readonly resource: string;
  /** When it was admitted; none for a call in the outbox. */
  readonly admitted_ms?: number | null;
  readonly outcome: UndoOutcome;
  /** Why, or how it would be taken back. */
  readonly why: string;
  readonly until_ms?: number | null;
  /** The answer of the call that took it back; none where nothing was tried. */
  readonly answer?: Answer | null;
}

/** What becomes of the acts that were asked for, newest first. */
export interface UndoReport {
  readonly acts: readonly UndoAct[];
  /** Whether nothing of these acts is left. */
  readonly whole: boolean;
}

/** A call that waits for a person because no attempt is left, or because nobody knows what became of it. */
export interface DeadLetter {
  readonly call: string;
  readonly run?: string | null;
  readonly agent: string;
  readonly tool: string;
  readonly resource: string;
  /** `used_up`, `interrupted` or `in_doubt`. */
  readonly why: string;
  readonly attempts: number;
  readonly at_ms: number;
  /** `open`, `redriven`, `resolved` or `discarded`. */
  readonly state: string;
  readonly settled_by?: string | null;
  readonly reason?: string | null;
  readonly settled_ms?: number | null;
  /** The call that was made in its place. */
  readonly redriven_as?: string | null;
}

/** A dead letter with its evidence. */
export interface DeadLetterDetails {
  readonly letter: DeadLetter;
  readonly call: Call;
  /** What its agent was told last. */
  readonly answer?: Answer | null;
  readonly plan?: PlanView | null;
  /** Every entry of the call: each attempt, each probe, what was decided. */
  readonly entries: readonly Entry[];
  /** What may be done now: `redrive`, `resolve`, `discard`. */
  readonly may: readonly string[];
}

/** What a probe found. */
export interface Probed {
  /** The call by which was looked. */
  readonly probe: string;
  /** `yes`, `no`, or `unknown`, which leaves it in doubt. */
  readonly found: string;
  readonly reason: string;
}

/** Which dead letters. */
export interface WhichDeadLetters {
  readonly state?: string;
  /** `used_up`, `interrupted` or `in_doubt`. */
  readonly why?: string;
  readonly agent?: string;
  readonly tool?: string;
  readonly run?: string;
  readonly text?: string;
  readonly first?: "oldest" | "newest";
  readonly limit?: number;
  readonly after?: string;
}

/** One act that a kill would take back. */
export interface KillAct {
  readonly call: string;
  readonly run?: string | null;
  readonly tool: string;
  readonly resource: string;
  readonly at_ms: number;
  /** Why it cannot be taken back; none where it can. */
  readonly cannot?: string | null;
}

/** What a kill would do, and the token that confirms exactly that, once. */
export interface KillPlan {
  readonly reach: Reach;
  readonly acts: readonly KillAct[];
  readonly token: string;
  readonly until_ms: number;
}

/** A kill, confirmed. */
export interface KillAsk {
  readonly scope: string;
  readonly reason: string;
  readonly rollback: number;
  readonly token: string;
}

/** How one lever of a stop answered. */
export interface LeverReceipt {
  /** `fence`, `not_started`, `cancelled`, `processes`, `requests`, `runs`, `held`, `server`, `rollback`, `socket` or `file`. */
  readonly lever: string;
  readonly reached: number;
  readonly acknowledged: number;
  /** Of how many nobody knows whether their act happened. */
  readonly unknown: number;
  /** How many gave no answer in time, or could not be taken back. */
  readonly missing: number;
  readonly took_ms: number;
}

/** One call that was in work when a stop came. */
export interface StoppedCall {
  readonly call: string;
  /** `not_started`, `acknowledged`, `unknown` or `running`. */
  readonly became: string;
  readonly took_ms: number;
}

/** What became of one act that was to be taken back with a kill. */
export interface RolledBack {
  readonly act: string;
  /** How its undo stands; none where there never was one. */
  readonly became?: string | null;
  readonly reason?: string | null;
}

/** How every lever of a stop answered, as far as it did. */
export interface StopReport {
  readonly stop: string;
  readonly levers: readonly LeverReceipt[];
  readonly calls: readonly StoppedCall[];
  readonly rollback: readonly RolledBack[];
  /** Whether every lever has answered or was given up. */
  readonly complete: boolean;
}

/** A rehearsal of a stop. */
export interface Drill {
  readonly scope: string;
  readonly by: string;
  readonly at_ms: number;
  readonly levers: readonly LeverReceipt[];
}

interface Init {
  readonly params?: { readonly path?: Readonly<Record<string, string>>; readonly query?: object };
  readonly body?: object;
  readonly signal: AbortSignal;
}

type Send = (path: string, init: Init) => Promise<{ data?: unknown; error?: unknown; response: Response }>;

interface Untyped {
  readonly GET: Send;
  readonly POST: Send;
}

/** The same client, for routes that the document does not have yet. */
function untyped({ api }: Connection): Untyped {
  return api as unknown as Untyped;
}

async function get<T>(connection: Connection, options: Options, path: string, params: NonNullable<Init["params"]>): Promise<T> {
  return (await connection.send(options, (init) => untyped(connection).GET(path, { params, ...init }))) as T;
}

async function post<T>(connection: Connection, options: Options, path: string, given: Omit<Init, "signal">): Promise<T> {
  return (await connection.send(options, (init) => untyped(connection).POST(path, { ...given, ...init }))) as T;
}

/** Taking many acts back may take as long as a call. */
const UNDO_MS = 120_000;

/** Undo of several acts. For operators. */
export class Undo {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Says what taking acts back would do, the newest first. Changes nothing. */
  plan(ask: UndoAsk, options: Options = {}): Promise<UndoReport> {
    return post(this.#connection, options, "/v1/undo/plan", { body: ask });
  }

  /** Takes acts back, the newest first, past those that cannot be. */
  apply(ask: UndoAsk, options: Options = {}): Promise<UndoReport> {
    return post(this.#connection, { timeoutMs: UNDO_MS, ...options }, "/v1/undo/apply", { body: ask });
  }
}

/** Dead letters. For operators. */
export class DeadLetters {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Lists letters. */
  list(which: WhichDeadLetters = {}, options: Options = {}): Promise<Page<DeadLetter>> {
    return get(this.#connection, options, "/v1/dead-letters", { query: which });
  }

  /** One letter with its evidence. */
  one(call: string, options: Options = {}): Promise<DeadLetterDetails> {
    return get(this.#connection, options, "/v1/dead-letters/{call}", { path: { call } });
  }

  /** Looks whether a call in doubt happened, by the read that its contract names. Nothing is sent again. */
  probe(call: string, options: Options = {}): Promise<Probed> {
    return post(this.#connection, { timeoutMs: UNDO_MS, ...options }, "/v1/calls/{call}/probe", { params: { path: { call } } });
  }

  /** Makes a letter's call again as a new call, whose answer this is. Refused unless the first one certainly did not happen. */
  redrive(call: string, reason: string, options: Options = {}): Promise<Answer> {
    return answered(this.#connection, { timeoutMs: UNDO_MS, ...options }, (init) =>
      untyped(this.#connection).POST("/v1/dead-letters/{call}/redrive", { params: { path: { call } }, body: { reason }, ...init }),
    );
  }

  /** Says what became of a letter's call: `yes`, `partly` or `no`. */
  resolve(call: string, found: Resolve, options: Options = {}): Promise<DeadLetter> {
    return post(this.#connection, options, "/v1/dead-letters/{call}/resolve", { params: { path: { call } }, body: found });
  }

  /** Puts a letter away; what is known of its call stays as it is. */
  discard(call: string, reason: string, options: Options = {}): Promise<DeadLetter> {
    return post(this.#connection, options, "/v1/dead-letters/{call}/discard", { params: { path: { call } }, body: { reason } });
  }
}

/** Kills, receipts of stops, and rehearsals. For operators. */
export class Kills {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** What a kill would reach and take back, with the token that confirms it. */
  plan(scope: string, rollback: number, options: Options = {}): Promise<KillPlan> {
    return post(this.#connection, options, "/v1/stops/kill/plan", { body: { scope, rollback } });
  }

  /** Kills what was planned. Once this has answered, nothing new starts in the scope. */
  order(body: KillAsk, options: Options = {}): Promise<StopReceipt> {
    return post(this.#connection, options, "/v1/stops/kill", { body });
  }

  /** How the levers of a stop answered. */
  receipt(stop: string, options: Options = {}): Promise<StopReport> {
    return get(this.#connection, options, "/v1/stops/{stop}/receipt", { path: { stop } });
  }

  /** The last rehearsal. @throws {Problem} 404 where there was none. */
  lastDrill(options: Options = {}): Promise<Drill> {
    return get(this.#connection, options, "/v1/stops/drill", {});
  }

  /** Rehearses the stop of a scope without stopping anything of it, and says how every lever answered. */
  drill(scope: string, options: Options = {}): Promise<Drill> {
    return post(this.#connection, { timeoutMs: UNDO_MS, ...options }, "/v1/stops/drill", { body: { scope } });
  }
}
