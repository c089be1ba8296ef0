// Proposing calls, waiting for them, taking them back. An answer is read strictly: a status that this client does not
// know counts as in doubt, never as done.

import type { Connection, Options } from "./connection.ts";
import { refused } from "./connection.ts";
import { CheckreinError, Held, TimedOut, Unreachable, refusal } from "./failures.ts";
import type {
  Answer, Call, CallDetails, Executed, Explanation, Page, PlanView, Proposal, Resolve, Status, WhichCalls,
} from "./types.ts";

/** The longest one request waits for people, in milliseconds (the server's bound is 240,000). */
const ROUND_MS = 50_000;
/** How much longer than its wait a request may take: a call may run after its approval. */
const ROOM_MS = 120_000;
/** How often a proposal with a key is sent when the connection fails. */
const ATTEMPTS = 3;

/** How a call is proposed. */
export interface ProposeOptions extends Options {
  /** How long to wait for people if the call is held, in milliseconds; as long as you like, 0 if not given. */
  readonly waitMs?: number | undefined;
}

/** Calls, one at a time and in lists. */
export class Calls {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Proposes a call and gives its answer, whatever it is. With a `key` in the proposal, a lost connection is tried again
   * (3 times in all): the same key has at most one effect. Without one it is not.
   * @throws {Problem | TimedOut | Unreachable}
   */
  async propose(proposal: Proposal, options: ProposeOptions = {}): Promise<Answer> {
    const until = deadline(options.waitMs ?? 0);
    const first = Math.min(options.waitMs ?? 0, ROUND_MS);
    const body = first > 0 ? { ...proposal, wait_ms: first } : proposal;
    const answer = await this.#attempts(proposal.key != null, () =>
      this.#answer({ ...options, timeoutMs: options.timeoutMs ?? first + ROOM_MS }, (init) =>
        this.#connection.api.POST("/v1/calls", { body, ...init }),
      ),
    );
    if (answer.status !== "held" || answer.call == null || left(until) <= 0) return answer;
    return this.wait(answer.call, { signal: options.signal, timeoutMs: left(until) });
  }

  /**
   * Waits for a call, in rounds, and gives its answer: still `held` when `timeoutMs` (else one round of 50,000) is over.
   * A call that was approved runs because somebody waits for it.
   * @throws {Problem | Unreachable}
   */
  async wait(call: string, options: Options = {}): Promise<Answer> {
    const until = deadline(options.timeoutMs ?? ROUND_MS);
    for (;;) {
      const round = Math.max(0, Math.min(left(until), ROUND_MS));
      const answer = await this.#round(call, round, options.signal);
      if (answer.status !== "held" || left(until) <= 0) return answer;
    }
  }

  /** Takes a held call back. @throws {Problem} where it no longer waits. */
  withdraw(call: string, reason: string, options: Options = {}): Promise<Answer> {
    return this.#answer(options, (init) =>
      this.#connection.api.POST("/v1/calls/{call}/withdraw", { params: { path: { call } }, body: { reason }, ...init }),
    );
  }

  /** Takes an act back: a call of its own, whose answer this is. For operators. */
  undo(call: string, options: Options = {}): Promise<Answer> {
    return this.#answer({ timeoutMs: ROOM_MS, ...options }, (init) =>
      this.#connection.api.POST("/v1/calls/{call}/undo", { params: { path: { call } }, ...init }),
    );
  }

  /** Lists calls, the latest first. */
  list(which: WhichCalls = {}, options: Options = {}): Promise<Page<Call>> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.GET("/v1/calls", { params: { query: which }, ...init }),
    );
  }

  /** One call with its answer and what people were asked. */
  one(call: string, options: Options = {}): Promise<CallDetails> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.GET("/v1/calls/{call}", { params: { path: { call } }, ...init }),
    );
  }

  /** What a call would do or did. For operators. @throws {Problem} 404 for a call without a plan. */
  plan(call: string, options: Options = {}): Promise<PlanView> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.GET("/v1/calls/{call}/plan", { params: { path: { call } }, ...init }),
    );
  }

  /** Why a call was decided as it was, computed again from the recorded facts. For operators. */
  explain(call: string, options: Options = {}): Promise<Explanation> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.GET("/v1/calls/{call}/explain", { params: { path: { call } }, ...init }),
    );
  }

  /** Says what became of a call in doubt. For operators. */
  resolve(call: string, found: Resolve, options: Options = {}): Promise<Call> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.POST("/v1/calls/{call}/resolve", { params: { path: { call } }, body: found, ...init }),
    );
  }

  async #round(call: string, waitMs: number, signal: AbortSignal | undefined): Promise<Answer> {
    return this.#answer({ signal, timeoutMs: waitMs + ROOM_MS }, (init) =>
      this.#connection.api.GET("/v1/calls/{call}/wait", {
        params: { path: { call }, query: { wait_ms: waitMs } },
        ...init,
      }),
    );
  }

  #answer(options: Options, ask: Ask): Promise<Answer> {
    return answered(this.#connection, options, ask);
  }

  async #attempts(safe: boolean, send: () => Promise<Answer>): Promise<Answer> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await send();
      } catch (error) {
        const lost = error instanceof Unreachable || error instanceof TimedOut;
        if (!safe || !lost || attempt >= ATTEMPTS) throw error;
      }
    }
  }
}

type Ask = (init: { signal: AbortSignal }) => Promise<{ data?: unknown; error?: unknown; response: Response }>;

/** Sends what is answered like a call. @throws {Problem | TimedOut | Unreachable} */
export async function answered(connection: Connection, options: Options, ask: Ask): Promise<Answer> {
  const { data, error, response } = await connection.within(options, ask);
  const body = data ?? error;
  // Refused calls come with an error status and are answers all the same.
  if (isAnswer(body)) return readAnswer(body);
  throw refused(body, response);
}

/** The answer of a call that succeeded. @throws {Refusal} of the kind that its status names. */
export function succeeded(answer: Answer): Answer {
  if (answer.status === "succeeded") return answer;
  throw refusal(answer);
}

/** Whether an error says that a call waits for people. */
export function isHeld(error: unknown): error is Held {
  return error instanceof Held;
}

const STATUSES: ReadonlySet<string> = new Set<Status>([
  "succeeded", "partial", "failed", "denied", "held", "stopped", "in_doubt",
]);
const EXECUTED: ReadonlySet<string> = new Set<Executed>(["yes", "partly", "no", "unknown"]);

/** An answer as it travels. */
export type RawAnswer = Omit<Answer, "status" | "executed"> & { readonly status: string; readonly executed: string };

function isAnswer(value: unknown): value is RawAnswer {
  if (typeof value !== "object" || value === null) return false;
  return "status" in value && typeof value.status === "string" && "executed" in value && typeof value.executed === "string";
}

/** An answer as this client knows it: words that it does not know count as doubt. */
export function readAnswer(raw: RawAnswer): Answer {
  const status = STATUSES.has(raw.status) ? (raw.status as Status) : "in_doubt";
  const executed = EXECUTED.has(raw.executed) ? (raw.executed as Executed) : "unknown";
  return { ...raw, status, executed };
}

function deadline(ms: number): number {
  if (Number.isNaN(ms) || ms < 0) throw new CheckreinError(`a time of ${ms} ms: expected 0 or more`);
  return performance.now() + ms;
}

function left(until: number): number {
  return Math.round(until - performance.now());
}
