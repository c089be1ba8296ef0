// What can go wrong, as types that a program can tell apart. An answer that is no success becomes a `Refusal` of the
// kind its status names; everything else that the server refuses is a `Problem`; the rest is the connection's.

import type { Answer, Failure, ProblemBody } from "./types.ts";

/** Anything this client throws, but misuse of its own types. */
export class CheckreinError extends Error {
  override readonly name: string = "CheckreinError";
}

/** The server could not be reached, or what came back was no answer of Checkrein. Nobody knows whether a call arrived. */
export class Unreachable extends CheckreinError {
  override readonly name = "Unreachable";
}

/** The request took longer than `timeoutMs`. Nobody knows whether a call arrived; ask again with the same key. */
export class TimedOut extends CheckreinError {
  override readonly name = "TimedOut";
  /** How long was waited, in milliseconds. */
  readonly timeoutMs: number;

  constructor(timeoutMs: number) {
    super(`no answer within ${timeoutMs} ms`);
    this.timeoutMs = timeoutMs;
  }
}

/** A request that is not a call was refused (`application/problem+json`, RFC 9457). */
export class Problem extends CheckreinError {
  override readonly name = "Problem";
  /** The stable code, such as `CR-4001`; `docs/errors` has a page for each. */
  readonly code: string;
  /** The HTTP status. */
  readonly status: number;
  /** What the code means. */
  readonly title: string;
  /** What to do next. */
  readonly fix: string;

  constructor(body: ProblemBody) {
    super(body.detail);
    this.code = body.code;
    this.status = body.status;
    this.title = body.title;
    this.fix = body.fix;
  }
}

/** A call that did not succeed. `answer` is the whole envelope; `failure` says what happened and what to do. */
export class Refusal extends CheckreinError {
  override readonly name: string = "Refusal";
  readonly answer: Answer;
  readonly failure: Failure | null;

  constructor(answer: Answer) {
    super(answer.error?.message ?? `the call is ${answer.status}`);
    this.answer = answer;
    this.failure = answer.error ?? null;
  }

  /** The stable code, such as `CR-2001`; empty where the answer names none. */
  get code(): string {
    return this.failure?.code ?? "";
  }

  /** What to do next, in words. */
  get fix(): string {
    return this.failure?.fix ?? "";
  }

  /** The call's id; none where nothing was accepted as a call. */
  get call(): string | null {
    return this.answer.call ?? null;
  }

  /** Whether the same call may succeed later without a change. */
  get retryable(): boolean {
    return this.failure?.retryable ?? false;
  }
}

/** Policy, the contract, a budget or a person said no. Nothing was executed. */
export class Denied extends Refusal {
  override readonly name = "Denied";
}

/** The call waits for people. Nothing was executed; `waitFor` goes on waiting, and may take days. */
export class Held extends Refusal {
  override readonly name = "Held";
}

/** A stop is in force. Nothing was executed; do not try another way. */
export class Stopped extends Refusal {
  override readonly name = "Stopped";
}

/** Nobody knows whether the act happened. Never send it again under another key: a person settles it. */
export class InDoubt extends Refusal {
  override readonly name = "InDoubt";
}

/** The act was tried and failed, wholly or in part: `answer.executed` says which, `answer.effects` what changed. */
export class Failed extends Refusal {
  override readonly name = "Failed";
}

/** The typed error for an answer that is no success. */
export function refusal(answer: Answer): Refusal {
  switch (answer.status) {
    case "denied":
      return new Denied(answer);
    case "held":
      return new Held(answer);
    case "stopped":
      return new Stopped(answer);
    case "partial":
    case "failed":
      return new Failed(answer);
    case "in_doubt":
    case "succeeded":
      // `succeeded` never comes here; were it to, doubt is the safe reading.
      return new InDoubt(answer);
  }
}
