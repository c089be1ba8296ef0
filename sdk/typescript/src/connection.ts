// One request: key or cookie, deadline, cancellation, and what came back told apart. Nothing is retried here.

import createClient, { type Client } from "openapi-fetch";

import { Problem, TimedOut, Unreachable } from "./failures.ts";
import type { paths } from "./generated/api.ts";
import type { ProblemBody } from "./types.ts";

/** How long a request may take unless something else is said, in milliseconds. */
export const TIMEOUT_MS = 30_000;

/** Where the server is, and who asks. */
export interface Settings {
  /** The server's address without a path, such as `http://localhost:7420`. */
  readonly url: string;
  /** An agent's or operator's key (`ck_…`). Without one the browser's session counts. */
  readonly key?: string | undefined;
  /** The session's token against forged requests; asked for with every request but GET. */
  readonly csrf?: (() => string | undefined) | undefined;
  /** How long a request may take, in milliseconds; 30,000 if not given. */
  readonly timeoutMs?: number | undefined;
  /** Another `fetch`, for tests and proxies. */
  readonly fetch?: typeof globalThis.fetch | undefined;
}

/** For one request. */
export interface Options {
  /** Gives up when aborted; what is thrown is the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** How long it may take, in milliseconds. */
  readonly timeoutMs?: number | undefined;
}

export type Api = Client<paths, "application/json">;

interface Result<T> {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}

/** The typed client over `fetch`, and the rules that hold for each request. */
export class Connection {
  readonly url: string;
  readonly api: Api;
  readonly #settings: Settings;

  constructor(settings: Settings) {
    this.url = settings.url.replace(/\/+$/, "");
    this.#settings = settings;
    this.api = createClient<paths, "application/json">({
      baseUrl: this.url,
      credentials: "same-origin",
      fetch: (request) => this.#reach(request),
    });
  }

  /** Headers that say who asks. */
  headers(method: string): Record<string, string> {
    const headers: Record<string, string> = {};
    if (this.#settings.key !== undefined) headers["authorization"] = `Bearer ${this.#settings.key}`;
    const csrf = method === "GET" ? undefined : this.#settings.csrf?.();
    if (csrf !== undefined) headers["x-checkrein-csrf"] = csrf;
    return headers;
  }

  /**
   * Sends what `ask` says, and gives what came back.
   * @throws {Problem} where the server refused.
   * @throws {TimedOut} after `timeoutMs`.
   * @throws {Unreachable} where there was no answer of Checkrein.
   */
  async send<T>(options: Options, ask: (init: { signal: AbortSignal }) => Promise<Result<T>>): Promise<T> {
    const { data, error, response } = await this.within(options, ask);
    if (data !== undefined && response.ok) return data;
    throw refused(error, response);
  }

  /** As `send`, without judging what came back. */
  async within<T>(options: Options, ask: (init: { signal: AbortSignal }) => Promise<T>): Promise<T> {
    const timeoutMs = options.timeoutMs ?? this.#settings.timeoutMs ?? TIMEOUT_MS;
    const late = AbortSignal.timeout(timeoutMs);
    const signal = options.signal ? AbortSignal.any([options.signal, late]) : late;
    try {
      return await ask({ signal });
    } catch (error) {
      if (options.signal?.aborted) throw options.signal.reason;
      if (late.aborted) throw new TimedOut(timeoutMs);
      if (error instanceof SyntaxError) throw new Unreachable(`no answer of Checkrein at ${this.url}`, { cause: error });
      throw error;
    }
  }

  /** One exchange; also the way of event streams, which have no deadline. */
  async fetch(request: Request): Promise<Response> {
    const reach = this.#settings.fetch ?? globalThis.fetch;
    try {
      return await reach(request);
    } catch (error) {
      if (request.signal.aborted) throw error;
      throw new Unreachable(`cannot reach ${this.url}`, { cause: error });
    }
  }

  #reach(request: Request): Promise<Response> {
    for (const [name, value] of Object.entries(this.headers(request.method))) request.headers.set(name, value);
    return this.fetch(request);
  }
}

/** A refusal in the server's own words, or that it was none of its. */
export function refused(error: unknown, response: Response): Problem | Unreachable {
  if (isProblem(error)) return new Problem(error);
  return new Unreachable(`status ${response.status} of ${response.url} is no answer of Checkrein`);
}

function isProblem(value: unknown): value is ProblemBody {
  if (typeof value !== "object" || value === null) return false;
  return "code" in value && "detail" in value && "fix" in value && typeof value.code === "string";
}
