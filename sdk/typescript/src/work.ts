// Who works on what: runs, agents, keys. Each method is one route; all throw `Problem`, `TimedOut` or `Unreachable`.

import type { Connection, Options } from "./connection.ts";
import type {
  EndRun, Grant, Key, MadeAgent, MadeKey, NewAgent, NewKey, OpenRun, Page, PolicyFile, ReplayReport, Run, Undone,
  WhichAgents, WhichKeys, WhichRuns, WhoAmI,
} from "./types.ts";

/** Runs: pieces of a workflow's work. */
export class Runs {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Opens a run for a workflow. For agents. */
  open(body: OpenRun, options: Options = {}): Promise<Run> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.POST("/v1/runs", { body, ...init }),
    );
  }

  /** Lists runs, the latest first: an agent sees its own, an operator those of the tenant. */
  list(which: WhichRuns = {}, options: Options = {}): Promise<Page<Run>> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.GET("/v1/runs", { params: { query: which }, ...init }),
    );
  }

  /** One run. */
  one(run: string, options: Options = {}): Promise<Run> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.GET("/v1/runs/{run}", { params: { path: { run } }, ...init }),
    );
  }

  /** Ends a run: by its agent, or by an operator. */
  end(run: string, body: EndRun, options: Options = {}): Promise<Run> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.POST("/v1/runs/{run}/end", { params: { path: { run } }, body, ...init }),
    );
  }

  /** Lets a paused run go on. For operators. */
  resume(run: string, reason: string, options: Options = {}): Promise<Run> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.POST("/v1/runs/{run}/resume", { params: { path: { run } }, body: { reason }, ...init }),
    );
  }

  /** Takes the last acts of a run back, the last one first. For operators. */
  undo(run: string, last: number, options: Options = {}): Promise<Undone> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.POST("/v1/runs/{run}/undo", { params: { path: { run } }, body: { last }, ...init }),
    );
  }

  /** Computes every decision of a run again, with other policies if some are given. For operators. */
  replay(run: string, policy: PolicyFile[] = [], options: Options = {}): Promise<ReplayReport> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.POST("/v1/runs/{run}/replay", { params: { path: { run } }, body: { policy }, ...init }),
    );
  }

  /** A run's record with what proves it, as one document. For operators. */
  record(run: string, options: Options = {}): Promise<Record<string, unknown>> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.GET("/v1/runs/{run}/export", { params: { path: { run } }, ...init }),
    );
  }
}

/** Agents: grants and who holds them. For operators. */
export class Agents {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Lists grants. */
  list(which: WhichAgents = {}, options: Options = {}): Promise<Page<Grant>> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.GET("/v1/agents", { params: { query: which }, ...init }),
    );
  }

  /** Makes an agent with a key, whose text is told only here. */
  make(body: NewAgent, options: Options = {}): Promise<MadeAgent> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.POST("/v1/agents", { body, ...init }),
    );
  }

  /** Takes a grant away for good. */
  revoke(grant: string, reason: string, options: Options = {}): Promise<Grant> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.POST("/v1/agents/{grant}/revoke", { params: { path: { grant } }, body: { reason }, ...init }),
    );
  }
}

/** Keys without their texts. */
export class Keys {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Lists keys. For operators. */
  list(which: WhichKeys = {}, options: Options = {}): Promise<Page<Key>> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.GET("/v1/keys", { params: { query: which }, ...init }),
    );
  }

  /** Makes a key, whose text is told only here. For operators. */
  make(body: NewKey, options: Options = {}): Promise<MadeKey> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.POST("/v1/keys", { body, ...init }),
    );
  }

  /** Revokes a key for good. For operators. */
  revoke(key: string, reason: string, options: Options = {}): Promise<Key> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.POST("/v1/keys/{key}/revoke", { params: { path: { key } }, body: { reason }, ...init }),
    );
  }

  /** Whose the key is. */
  whoAmI(options: Options = {}): Promise<WhoAmI> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.GET("/v1/whoami", init),
    );
  }
}
