// What the installation has: tools, policies, servers, spaces, the journal. Each method is one route; all throw `Problem`,
// `TimedOut` or `Unreachable`.

import type { Connection, Options } from "./connection.ts";
import type {
  CheckedPolicies, ClassifyTool, Entry, Head, Outlet, OutletTest, Pack, Page, Policies, PolicyFile, RefuseTool, RestartServer, Server, Space,
  Suggestion, Tool, ToolDetails, ToolDiff, Verification, WhichEntries, WhichSuggestion, WhichTools, Workflow,
} from "./types.ts";

/** Tools and their contracts. */
export class Tools {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Lists tools: for agents those that they could call, for operators all. */
  list(options: Options = {}, which: WhichTools = {}): Promise<Page<Tool>> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.GET("/v1/tools", { params: { query: which }, ...init }),
    );
  }

  /** One tool with its contract, and for tools of servers what was accepted and found. */
  one(tool: string, options: Options = {}): Promise<ToolDetails> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.GET("/v1/tools/{tool}", { params: { path: { tool } }, ...init }),
    );
  }

  /** How what a server offers differs from what was accepted. For operators. */
  diff(tool: string, options: Options = {}): Promise<ToolDiff> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.GET("/v1/tools/{tool}/diff", { params: { path: { tool } }, ...init }),
    );
  }

  /** Accepts exactly the definition that was looked at, by digest. For operators. */
  accept(tool: string, definition: string, options: Options = {}): Promise<ToolDetails> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.POST("/v1/tools/{tool}/accept", { params: { path: { tool } }, body: { definition }, ...init }),
    );
  }

  /** Refuses exactly the definition that was looked at. For operators. */
  refuse(tool: string, body: RefuseTool, options: Options = {}): Promise<ToolDetails> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.POST("/v1/tools/{tool}/refuse", { params: { path: { tool } }, body, ...init }),
    );
  }

  /** Says what a tool of a server does. For operators. */
  classify(tool: string, body: ClassifyTool, options: Options = {}): Promise<ToolDetails> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.POST("/v1/tools/{tool}/classify", { params: { path: { tool } }, body, ...init }),
    );
  }
}

/** Policies: what holds, and what would. For operators. */
export class PolicySets {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** The policies in force, with their texts. */
  current(options: Options = {}): Promise<Policies> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.GET("/v1/policies", init),
    );
  }

  /** Checks policies without putting them into force. */
  check(files: PolicyFile[], options: Options = {}): Promise<CheckedPolicies> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.POST("/v1/policies/check", { body: { files }, ...init }),
    );
  }

  /** Suggests a policy file from calls that went well. */
  suggest(which: WhichSuggestion = {}, options: Options = {}): Promise<Suggestion> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.GET("/v1/policies/suggest", { params: { query: which }, ...init }),
    );
  }
}

/** Servers of tools. For operators of the installation. */
export class Servers {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Lists servers with how each stands. */
  list(options: Options = {}): Promise<Page<Server>> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.GET("/v1/servers", init),
    );
  }

  /** One server. */
  one(server: string, options: Options = {}): Promise<Server> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.GET("/v1/servers/{server}", { params: { path: { server } }, ...init }),
    );
  }

  /** Makes the connection to a server anew. */
  restart(server: string, body: RestartServer, options: Options = {}): Promise<Server> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.POST("/v1/servers/{server}/restart", { params: { path: { server } }, body, ...init }),
    );
  }

  /** Lists packs of contracts for known servers. */
  packs(options: Options = {}): Promise<Page<Pack>> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.GET("/v1/packs", init),
    );
  }
}

/** Services that are told what people should know. For operators. */
export class Outlets {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Lists outlets with how each stands. */
  list(options: Options = {}): Promise<Page<Outlet>> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.GET("/v1/outlets", init),
    );
  }

  /** Tells one that this is a test, and says whether it arrived. */
  test(outlet: string, options: Options = {}): Promise<OutletTest> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.POST("/v1/outlets/{name}/test", { params: { path: { name: outlet } }, body: {}, ...init }),
    );
  }
}

/** Where runs live, and kinds of work. */
export class Spaces {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Lists spaces with their mode. */
  list(options: Options = {}): Promise<Page<Space>> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.GET("/v1/spaces", init),
    );
  }

  /** Switches what is decided between being enforced and only recorded. For operators. */
  setMode(space: string, mode: "enforce" | "shadow", options: Options = {}): Promise<Space> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.POST("/v1/spaces/{space}/mode", { params: { path: { space } }, body: { mode }, ...init }),
    );
  }

  /** Lists kinds of work. */
  workflows(options: Options = {}): Promise<Page<Workflow>> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.GET("/v1/workflows", init),
    );
  }
}

/** The journal: what is recorded, and that it is unchanged. For operators. */
export class Journal {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Lists entries. An empty page with `next` is not the end: entries of other tenants are left out. */
  entries(which: WhichEntries = {}, options: Options = {}): Promise<Page<Entry>> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.GET("/v1/journal/entries", { params: { query: which }, ...init }),
    );
  }

  /** The head of the journal, signed now. */
  head(options: Options = {}): Promise<Head> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.GET("/v1/journal/head", init),
    );
  }

  /** Verifies the whole journal, and against a head that was kept elsewhere if one is given. */
  verify(head?: string, options: Options = {}): Promise<Verification> {
    return this.#connection.send(options, (init) =>
      this.#connection.api.POST("/v1/journal/verify", { body: head === undefined ? {} : { head }, ...init }),
    );
  }
}
