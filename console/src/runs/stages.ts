// The nine stages of a call as stretches of time, from its entries. Only what is recorded is drawn: entries mark where some
// stages end, so stages between two entries share one stretch. Pure. Tests: waterfall.test.ts.

import type { Entry } from "@checkrein/sdk";

export const STAGES = ["identify", "resolve", "judge", "recall", "preview", "judge again", "admit", "dispatch", "observe", "settle"] as const;
/** A stage of the journey; `judge again` is the second pass, with the plan. */
export type Stage = (typeof STAGES)[number];

/** What a stretch is drawn as. */
export type Kind = "checked" | "preview" | "decided" | "people" | "dispatch" | "settled" | "doubt";

/** A stretch of time in the life of a call, in milliseconds since 1970. */
export interface Stretch {
  readonly kind: Kind;
  readonly stages: readonly Stage[];
  readonly from: number;
  readonly to: number;
  /** What ended it, such as `CR-2001`. */
  readonly code?: string;
  /** Whether its borders are computed, not recorded. */
  readonly about?: boolean;
}

const FIRST: readonly Stage[] = ["identify", "resolve", "judge", "recall"];
const SECOND: readonly Stage[] = ["judge again", "admit"];
const LAST: readonly Stage[] = ["observe", "settle"];

/** Stretches of one call, in order. `entries` are those of the call; `now` ends what is still open. */
export function stretches(entries: readonly Entry[], receivedMs: number, now: number): readonly Stretch[] {
  const sorted = entries.toSorted((one, other) => one.position - other.position);
  const drawing = new Drawing(receivedMs);
  for (const entry of sorted) drawing.add(entry);
  return drawing.end(now);
}

class Drawing {
  readonly #found: Stretch[] = [];
  #at: number;
  #previewed = false;
  #waits: "people" | "dispatch" | "doubt" | "preview" | undefined;

  constructor(receivedMs: number) {
    this.#at = receivedMs;
  }

  add({ kind, at_ms: at, entry }: Entry): void {
    const event = record(record(record(entry)["event"])[kind]);
    switch (kind) {
      case "preview_admitted":
        this.#step("checked", FIRST, at);
        this.#waits = "preview";
        return;
      case "preview_settled":
        this.#step("preview", ["preview"], at, text(event["code"]));
        this.#previewed = true;
        this.#waits = undefined;
        return;
      case "call_held":
        this.#judged(at);
        this.#waits = "people";
        return;
      case "call_admitted":
        this.#judged(at);
        this.#waits = "dispatch";
        return;
      case "approval_approved":
      case "approval_rejected":
      case "approval_expired":
        if (this.#waits === "people") this.#step("people", [], at);
        return;
      case "call_denied":
      case "held_call_denied":
      case "call_cancelled":
      case "call_superseded":
        if (this.#waits === "people") this.#step("people", [], at, text(event["code"]));
        else this.#judged(at, text(event["code"]));
        this.#waits = undefined;
        return;
      case "read_settled":
      case "call_settled":
        this.#settled(at, record(event["outcome"]), kind === "read_settled");
        return;
      case "call_lost":
        this.#step("dispatch", ["dispatch"], at);
        this.#waits = "doubt";
        return;
      case "call_resolved":
        this.#step("doubt", LAST, at);
        this.#waits = undefined;
        return;
      default:
        return;
    }
  }

  end(now: number): readonly Stretch[] {
    if (this.#waits !== undefined) {
      const stages: readonly Stage[] = this.#waits === "dispatch" || this.#waits === "preview" ? [this.#waits] : [];
      this.#step(this.#waits, stages, Math.max(now, this.#at));
    }
    return this.#found;
  }

  /** Everything up to the decision; after a preview only its second part. */
  #judged(at: number, code?: string): void {
    if (this.#previewed) this.#step("decided", SECOND, at, code);
    else this.#step("checked", [...FIRST, ...SECOND], at, code);
    this.#previewed = false;
  }

  /** How long the tool took is recorded; the rest of the stretch is what surrounds it. */
  #settled(at: number, outcome: Record<string, unknown>, isRead: boolean): void {
    const whole = Math.max(0, at - this.#at);
    const wall = Math.min(number(record(outcome["spent"])["wall_ms"]), whole);
    const before = isRead ? whole - wall : 0;
    if (isRead) this.#step("checked", [...FIRST, ...SECOND], this.#at + before, undefined, true);
    this.#step("dispatch", ["dispatch"], this.#at + wall, undefined, true);
    this.#step("settled", LAST, at, text(outcome["code"]), true);
    this.#waits = undefined;
  }

  #step(kind: Kind, stages: readonly Stage[], to: number, code?: string, about = false): void {
    // Clocks may be set back; nothing ends before it began.
    const end = Math.max(to, this.#at);
    this.#found.push({ kind, stages, from: this.#at, to: end, ...(code === undefined ? {} : { code }), ...(about ? { about } : {}) });
    this.#at = end;
  }
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function number(value: unknown): number {
  return typeof value === "number" ? value : 0;
}
