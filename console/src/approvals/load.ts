// How much people are asked, in numbers that a person reads: what is too much is said with a word beside its colour. In: what
// the API measured. Out: numbers with units, the tone of each, rows in the order of names. Pure. Tests: load.test.ts.

import type { Attention } from "@checkrein/sdk";

import type { Tone } from "../parts/words.ts";

export type GroupAttention = Attention["groups"][number];
export type PersonAttention = Attention["people"][number];
export type AgentAttention = Attention["agents"][number];

const HOUR = 3_600_000;

/** Of a hundred calls more than so many need people: they begin to say yes without reading. */
export const MANY_PERCENT = 30;

/** How often in an hour: `4`, `0.3`, `under 0.1`. */
export function perHour(number: number, sinceMs: number, now: number): string {
  const hours = Math.max(1, (now - sinceMs) / HOUR);
  const rate = number / hours;
  if (rate === 0) return "0";
  if (rate < 0.05) return "under 0.1";
  return rate < 9.95 ? String(Math.round(rate * 10) / 10) : String(Math.round(rate));
}

/** The share of calls that need people, and what to make of it. */
export function share({ needs_people_percent: percent, asked, calls }: Pick<Attention, "needs_people_percent" | "asked" | "calls">): { value: string; note: string; tone: "wait" | undefined } {
  const of = `${asked.toLocaleString("en")} of ${calls.toLocaleString("en")} calls`;
  if (percent == null) return { value: "none", note: "no calls", tone: undefined };
  return percent > MANY_PERCENT
    ? { value: `${percent} %`, note: `${of}: above ${MANY_PERCENT} % people stop reading`, tone: "wait" }
    : { value: `${percent} %`, note: of, tone: undefined };
}

/** What a group missed: nobody decided in time. */
export function missed({ expired, asked }: Pick<GroupAttention, "expired" | "asked">): Tone {
  if (expired === 0) return "plain";
  return expired * 4 >= asked ? "bad" : "wait";
}

/** By name and not by number: nobody is ranked. */
export function byName<T extends { readonly name: string }>(people: readonly T[]): readonly T[] {
  return people.toSorted((one, other) => one.name.localeCompare(other.name));
}
