// The client: one object for a server and a key, with the words of the API.

import { Account, People } from "./accounts.ts";
import { Calls, succeeded, type ProposeOptions } from "./calls.ts";
import { Connection, type Api, type Options, type Settings } from "./connection.ts";
import { DeadLetters, Kills, Undo } from "./effects.ts";
import { follow, type EventOptions, type Told } from "./events.ts";
import { Journal, Outlets, PolicySets, Servers, Spaces, Tools } from "./installation.ts";
import { Approvals, Budgets, Duties, Stops } from "./people.ts";
import type { Answer, Page, Proposal } from "./types.ts";
import { Agents, Keys, Runs } from "./work.ts";

/**
 * A client of one Checkrein server.
 *
 * ```ts
 * const checkrein = new Checkrein({ url: "http://localhost:7420", key: process.env.CHECKREIN_KEY });
 * const answer = await checkrein.propose(
 *   { tool: "files.write", arguments: { path: "notes.md", content: "hello" }, key: newKey() },
 *   { waitMs: 120_000 },
 * );
 * ```
 *
 * Every method takes `signal` and `timeoutMs` (milliseconds). What goes wrong is a `CheckreinError`: `Problem` where the
 * server refused, `TimedOut`, `Unreachable`, and for calls a `Refusal` (`Denied`, `Held`, `Stopped`, `InDoubt`, `Failed`).
 */
export class Checkrein {
  readonly account: Account;
  readonly approvals: Approvals;
  readonly agents: Agents;
  readonly budgets: Budgets;
  readonly calls: Calls;
  readonly deadLetters: DeadLetters;
  readonly duties: Duties;
  readonly journal: Journal;
  readonly keys: Keys;
  readonly kills: Kills;
  readonly outlets: Outlets;
  readonly people: People;
  readonly policies: PolicySets;
  readonly runs: Runs;
  readonly servers: Servers;
  readonly spaces: Spaces;
  readonly stops: Stops;
  readonly tools: Tools;
  readonly undo: Undo;
  readonly #connection: Connection;

  constructor(settings: Settings) {
    const connection = new Connection(settings);
    this.#connection = connection;
    this.account = new Account(connection);
    this.approvals = new Approvals(connection);
    this.agents = new Agents(connection);
    this.budgets = new Budgets(connection);
    this.calls = new Calls(connection);
    this.deadLetters = new DeadLetters(connection);
    this.duties = new Duties(connection);
    this.journal = new Journal(connection);
    this.keys = new Keys(connection);
    this.kills = new Kills(connection);
    this.outlets = new Outlets(connection);
    this.people = new People(connection);
    this.policies = new PolicySets(connection);
    this.runs = new Runs(connection);
    this.servers = new Servers(connection);
    this.spaces = new Spaces(connection);
    this.stops = new Stops(connection);
    this.tools = new Tools(connection);
    this.undo = new Undo(connection);
  }

  /** The server's address. */
  get url(): string {
    return this.#connection.url;
  }

  /** Every route of the document, typed, for what has no method here. Use it with `send`. */
  get api(): Api {
    return this.#connection.api;
  }

  /**
   * Sends what `ask` says with `api`, under the deadline of `options`, and gives what came back.
   * @throws {Problem | TimedOut | Unreachable}
   */
  send<T>(
    options: Options,
    ask: (init: { signal: AbortSignal }) => Promise<{ data?: T; error?: unknown; response: Response }>,
  ): Promise<T> {
    return this.#connection.send(options, ask);
  }

  /**
   * Proposes a call and gives its answer once it succeeded. `waitMs` waits for people if it is held. Give the proposal a
   * `key`: a lost connection is then tried again, with at most one effect.
   * @throws {Denied | Held | Stopped | InDoubt | Failed} where it did not succeed.
   * @throws {Problem | TimedOut | Unreachable}
   */
  async propose(proposal: Proposal, options: ProposeOptions = {}): Promise<Answer> {
    return succeeded(await this.calls.propose(proposal, options));
  }

  /**
   * Waits until people decided on a held call and it ran, and gives its answer once it succeeded. May take days:
   * `timeoutMs` is how long in all; without it one round of 50 s.
   * @throws {Held} where it still waits when the time is over; else as `propose`.
   */
  async waitFor(call: string, options: Options = {}): Promise<Answer> {
    return succeeded(await this.calls.wait(call, options));
  }

  /** Takes a held call of this agent back, and gives the answer that it now has (`denied`). @throws {Problem} */
  withdraw(call: string, reason: string, options: Options = {}): Promise<Answer> {
    return this.calls.withdraw(call, reason, options);
  }

  /**
   * What happens, as it becomes durable; connects again by itself and misses nothing. For operators. Ends when the
   * signal is aborted.
   * @throws {Problem} where the server refuses for good.
   */
  events(options: EventOptions = {}): AsyncGenerator<Told, void, undefined> {
    return follow(this.#connection, options);
  }
}

/** A new idempotency key: 128 random bits. Keep it as long as the act may have to be asked about again. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Every item of a listing, a page at a time.
 *
 * ```ts
 * for await (const run of all((after) => checkrein.runs.list({ state: "open", ...after }))) …
 * ```
 */
export async function* all<T>(page: (part: { after?: string }) => Promise<Page<T>>): AsyncGenerator<T, void, undefined> {
  let after: string | null | undefined;
  do {
    const found = await page(after == null ? {} : { after });
    yield* found.items;
    after = found.next;
  } while (after != null);
}
