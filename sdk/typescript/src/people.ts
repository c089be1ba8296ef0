// What people do: decide, see, stop, raise. Each method is one route; all throw `Problem`, `TimedOut` or `Unreachable`.

import { readAnswer } from "./calls.ts";
import type { Connection, Options } from "./connection.ts";
import type {
  Answer, Approval, ApprovalDetails, Approve, Attention, Budget, Done, DutyRecord, EditCall, Incident, OrderStop, Page, Raise, Reach, Stop, StopReceipt,
  WhichApprovals, WhichBudgets, WhichDuties, WhichIncidents, WhichStops,
} from "./types.ts";

/** An edited call may run at once, so its answer may take as long as a call. */
const EDIT_MS = 120_000;

/** Requests for people's decisions. For operators. */
export class Approvals {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Lists requests, the oldest first. */
  list(which: WhichApprovals = {}, options: Options = {}): Promise<Page<Approval>> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.GET("/v1/approvals", { params: { query: which }, ...init }),
    );
  }

  /** One request with everything a person needs to decide it. */
  one(approval: string, options: Options = {}): Promise<ApprovalDetails> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.GET("/v1/approvals/{approval}", { params: { path: { approval } }, ...init }),
    );
  }

  /** Says yes. @throws {Problem} where it cannot be approved by whoever asks, or no longer. */
  approve(approval: string, body: Approve = {}, options: Options = {}): Promise<Approval> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.POST("/v1/approvals/{approval}/approve", { params: { path: { approval } }, body, ...init }),
    );
  }

  /** Says no, and why. */
  reject(approval: string, reason: string, options: Options = {}): Promise<Approval> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.POST("/v1/approvals/{approval}/reject", { params: { path: { approval } }, body: { reason }, ...init }),
    );
  }

  /** Proposes the call with other arguments: a new call, judged anew, whose answer this is. The old request gives way. */
  async edit(approval: string, body: EditCall, options: Options = {}): Promise<Answer> {
    const answer = await this.#connection.send({ timeoutMs: EDIT_MS, ...options }, (init) =>
      this.#connection.api.POST("/v1/approvals/{approval}/edit", { params: { path: { approval } }, body, ...init }),
    );
    return readAnswer(answer);
  }

  /** Asks the agent something; the request goes on waiting. */
  ask(approval: string, question: string, options: Options = {}): Promise<Approval> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.POST("/v1/approvals/{approval}/ask", { params: { path: { approval } }, body: { question }, ...init }),
    );
  }

  /** What people were asked since a moment (milliseconds since 1970): how often, how long it took, how many said yes. */
  attention(sinceMs?: number, options: Options = {}): Promise<Attention> {
    const query = sinceMs === undefined ? {} : { since_ms: sinceMs };
    return this.#connection.send(options, (init) => this.#connection.api.GET("/v1/attention", { params: { query }, ...init }));
  }
}

/** Notices to see and reviews to make. For operators. */
export class Duties {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Lists duties, the oldest first. */
  list(which: WhichDuties = {}, options: Options = {}): Promise<Page<DutyRecord>> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.GET("/v1/duties", { params: { query: which }, ...init }),
    );
  }

  /** Lists incidents, the latest first: acts that were rejected afterwards and could not be taken back. */
  incidents(which: WhichIncidents = {}, options: Options = {}): Promise<Page<Incident>> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.GET("/v1/incidents", { params: { query: which }, ...init }),
    );
  }

  /** Closes the incident that came of a review: says what became of it. */
  close(duty: Pick<DutyRecord, "call" | "kind" | "policy">, reason: string, options: Options = {}): Promise<Incident> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.POST("/v1/duties/{call}/{kind}/{policy}/close", { params: { path: { call: duty.call, kind: duty.kind, policy: duty.policy } }, body: { reason }, ...init }),
    );
  }

  /** Marks one as seen or made. */
  done(duty: Pick<DutyRecord, "call" | "kind" | "policy">, body: Done = {}, options: Options = {}): Promise<DutyRecord> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.POST("/v1/duties/{call}/{kind}/{policy}/done", { params: { path: { call: duty.call, kind: duty.kind, policy: duty.policy } }, body, ...init }),
    );
  }
}

/** Stops: nothing new happens in their scope. For operators. */
export class Stops {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Lists stops, the latest first. */
  list(which: WhichStops = {}, options: Options = {}): Promise<Page<Stop>> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.GET("/v1/stops", { params: { query: which }, ...init }),
    );
  }

  /** Orders a stop. Once this has answered, no new effect starts in its scope. */
  order(body: OrderStop, options: Options = {}): Promise<StopReceipt> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.POST("/v1/stops", { body, ...init }),
    );
  }

  /** What a stop would reach, without ordering it. */
  reach(scope: string, options: Options = {}): Promise<Reach> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.GET("/v1/stops/reach", { params: { query: { scope } }, ...init }),
    );
  }

  /** Lifts a stop. */
  lift(stop: string, reason: string, options: Options = {}): Promise<Stop> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.POST("/v1/stops/{stop}/lift", { params: { path: { stop } }, body: { reason }, ...init }),
    );
  }
}

/** Budgets of runs, and of grants by day. */
export class Budgets {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Lists budgets: of a run, of a grant's days, or of the latest runs. */
  list(which: WhichBudgets = {}, options: Options = {}): Promise<Page<Budget>> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.GET("/v1/budgets", { params: { query: which }, ...init }),
    );
  }

  /** Raises the budget of a run. For operators. */
  raise(body: Raise, options: Options = {}): Promise<Budget> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.POST("/v1/budgets/raise", { body, ...init }),
    );
  }
}
