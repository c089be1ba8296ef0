// Since when lists are looked at, as it stands in an address. Pure. Tests: since.test.ts.

const HOUR = 3_600_000;

/** A time that lists are narrowed to. */
export type Span = "hour" | "day" | "week";

export const SPANS: readonly { value: Span; label: string; ms: number }[] = [
  { value: "hour", label: "1 hour", ms: HOUR },
  { value: "day", label: "24 hours", ms: 24 * HOUR },
  { value: "week", label: "7 days", ms: 7 * 24 * HOUR },
];

/** Since when a span runs, on whole minutes, so that looking again within one asks the same question. */
export function since(span: Span, now: number): number {
  const { ms } = SPANS.find((each) => each.value === span) ?? { ms: 24 * HOUR };
  return Math.floor((now - ms) / 60_000) * 60_000;
}

/** The span that a word names; nothing for other words, and all of the time. */
export function spanOf(word: string | undefined): Span | undefined {
  return SPANS.find((each) => each.value === word)?.value;
}

/** Since when, in milliseconds since 1970; nothing for all of the time. */
export function sinceMs(word: string | undefined, now: number): number | undefined {
  const span = spanOf(word);
  return span === undefined ? undefined : since(span, now);
}
