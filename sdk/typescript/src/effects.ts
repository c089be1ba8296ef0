// Undo of several acts, dead letters, kills and receipts of stops. Each method is one route; all throw `Problem`, `TimedOut`
// or `Unreachable`. A report of an undo is read strictly: an outcome that this client does not know counts as in doubt.

import { answered } from "./calls.ts";
import type { Connection, Options } from "./connection.ts";
import type { components } from "./generated/api.ts";
import type {
  Answer, DeadLetter, DeadLetterDetails, Drill, KillAsk, KillPlan, Page, Probed, Resolve, StopReceipt, StopReport, UndoAsk, UndoOutcome, UndoReport, WhichDeadLetters,
} from "./types.ts";

/** Taking many acts back may take as long as a call. */
const UNDO_MS = 120_000;

/** Undo of several acts. For operators. */
export class Undo {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Says what taking acts back would do, the newest first. Changes nothing. */
  async plan(ask: UndoAsk, options: Options = {}): Promise<UndoReport> {
    return readReport(await this.#connection.send(options, (init) =>
      this.#connection.api.POST("/v1/undo/plan", { body: ask, ...init }),
    ));
  }

  /** Takes acts back, the newest first, past those that cannot be. */
  async apply(ask: UndoAsk, options: Options = {}): Promise<UndoReport> {
    return readReport(await this.#connection.send({ timeoutMs: UNDO_MS, ...options }, (init) =>
      this.#connection.api.POST("/v1/undo/apply", { body: ask, ...init }),
    ));
  }
}

const OUTCOMES: ReadonlySet<string> = new Set<UndoOutcome>([
  "can_be_undone", "undone", "withdrawn", "partly_undone", "not_undoable", "not_undone", "in_doubt",
]);

/** A report as this client knows it: outcomes that it does not know count as doubt. */
function readReport({ acts, whole }: components["schemas"]["UndoReport"]): UndoReport {
  return { acts: acts.map((act) => ({ ...act, outcome: OUTCOMES.has(act.outcome) ? (act.outcome as UndoOutcome) : "in_doubt" })), whole };
}

/** Dead letters. For operators. */
export class DeadLetters {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Lists letters. */
  list(which: WhichDeadLetters = {}, options: Options = {}): Promise<Page<DeadLetter>> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.GET("/v1/dead-letters", { params: { query: which }, ...init }),
    );
  }

  /** One letter with its evidence. */
  one(call: string, options: Options = {}): Promise<DeadLetterDetails> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.GET("/v1/dead-letters/{call}", { params: { path: { call } }, ...init }),
    );
  }

  /** Looks whether a call in doubt happened, by the read that its contract names. Nothing is sent again. */
  probe(call: string, options: Options = {}): Promise<Probed> {
    return this.#connection.send({ timeoutMs: UNDO_MS, ...options }, (init) =>
      this.#connection.api.POST("/v1/calls/{call}/probe", { params: { path: { call } }, ...init }),
    );
  }

  /** Makes a letter's call again as a new call, whose answer this is. Refused unless the first one certainly did not happen. */
  redrive(call: string, reason: string, options: Options = {}): Promise<Answer> {
    return answered(this.#connection, { timeoutMs: UNDO_MS, ...options }, (init) =>
      this.#connection.api.POST("/v1/dead-letters/{call}/redrive", { params: { path: { call } }, body: { reason }, ...init }),
    );
  }

  /** Says what became of a letter's call: `yes`, `partly` or `no`. */
  resolve(call: string, found: Resolve, options: Options = {}): Promise<DeadLetter> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.POST("/v1/dead-letters/{call}/resolve", { params: { path: { call } }, body: found, ...init }),
    );
  }

  /** Puts a letter away; what is known of its call stays as it is. */
  discard(call: string, reason: string, options: Options = {}): Promise<DeadLetter> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.POST("/v1/dead-letters/{call}/discard", { params: { path: { call } }, body: { reason }, ...init }),
    );
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
    return this.#connection.send(options, (init) =>
      this.#connection.api.POST("/v1/stops/kill/plan", { body: { scope, rollback }, ...init }),
    );
  }

  /** Kills what was planned. Once this has answered, nothing new starts in the scope. */
  order(body: KillAsk, options: Options = {}): Promise<StopReceipt> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.POST("/v1/stops/kill", { body, ...init }),
    );
  }

  /** How the levers of a stop answered. */
  receipt(stop: string, options: Options = {}): Promise<StopReport> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.GET("/v1/stops/{stop}/receipt", { params: { path: { stop } }, ...init }),
    );
  }

  /** The last rehearsal. @throws {Problem} 404 where there was none. */
  lastDrill(options: Options = {}): Promise<Drill> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.GET("/v1/stops/drill", init),
    );
  }

  /** Rehearses the stop of a scope without stopping anything of it, and says how every lever answered. */
  drill(scope: string, options: Options = {}): Promise<Drill> {
    return this.#connection.send({ timeoutMs: UNDO_MS, ...options }, (init) =>
      this.#connection.api.POST("/v1/stops/drill", { body: { scope }, ...init }),
    );
  }
}
