// Where a moment stands on the waterfall. Agents work in milliseconds and people take hours, so time in which no machine
// worked is squeezed to a gap of one small width, which is drawn as one. Pure. Tests: waterfall.test.ts.

/** A stretch in which something worked, in milliseconds. */
export interface Busy {
  readonly from: number;
  readonly to: number;
}

/** A squeezed gap: where it stands, 0 to 1, and how long it was. */
export interface Gap {
  readonly from: number;
  readonly to: number;
  readonly ms: number;
}

/** Moments to places from 0 to 1. */
export interface Scale {
  readonly place: (ms: number) => number;
  readonly gaps: readonly Gap[];
  /** How much time is drawn to scale, in milliseconds. */
  readonly drawnMs: number;
  /** Round moments of the time that is drawn to scale, without gaps: where each stands, 0 to 1. */
  readonly ticks: readonly Tick[];
}

/** A mark of the ruler. */
export interface Tick {
  readonly at: number;
  readonly ms: number;
}

/** The most marks that a ruler has after its beginning. */
const TICKS_MAX = 4;

/** The most of the width that all gaps take together. */
const GAPS_WIDTH = 0.24;
const GAP_WIDTH = 0.02;

/** A scale over these stretches. Gaps shorter than a tenth of the busy time are drawn as they are. */
export function scale(busy: readonly Busy[]): Scale {
  const merged = merge(busy);
  const first = merged[0];
  if (first === undefined) return { place: () => 0, gaps: [], drawnMs: 0, ticks: [] };
  const working = merged.reduce((sum, one) => sum + one.to - one.from, 0);
  const parts = close(merged, Math.max(working * 0.1, 1));
  const drawnMs = Math.max(1, parts.reduce((sum, one) => sum + one.to - one.from, 0));
  const breaks = parts.length - 1;
  const gapWidth = breaks === 0 ? 0 : Math.min(GAP_WIDTH, GAPS_WIDTH / breaks);
  const width = 1 - gapWidth * breaks;
  const starts: number[] = [];
  const gaps: Gap[] = [];
  let at = 0;
  parts.forEach((part, index) => {
    starts.push(at);
    at += ((part.to - part.from) / drawnMs) * width;
    const next = parts[index + 1];
    if (next === undefined) return;
    gaps.push({ from: at, to: at + gapWidth, ms: next.from - part.to });
    at += gapWidth;
  });
  const place = (ms: number): number => {
    let index = parts.findLastIndex((part) => part.from <= ms);
    if (index < 0) index = 0;
    const part = parts[index] ?? first;
    const start = starts[index] ?? 0;
    const inside = Math.min(Math.max(ms - part.from, 0), part.to - part.from);
    const end = start + (inside / drawnMs) * width;
    const gap = gaps[index];
    if (ms <= part.to || gap === undefined) return end;
    return gap.from + ((ms - part.to) / gap.ms) * (gap.to - gap.from);
  };
  return { place, gaps, drawnMs, ticks: ticks(parts, drawnMs, place) };
}

function ticks(parts: readonly Busy[], drawnMs: number, place: (ms: number) => number): readonly Tick[] {
  const step = round(drawnMs / TICKS_MAX);
  const found: Tick[] = [];
  let before = 0;
  for (const part of parts) {
    const length = part.to - part.from;
    for (let ms = Math.ceil(before / step) * step; ms < before + length; ms += step) found.push({ ms, at: place(part.from + ms - before) });
    before += length;
  }
  return found;
}

/** The next of 1, 2, 5, 10, 20, … above a number. */
function round(least: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(least, 1)));
  return power * ([1, 2, 5, 10].find((factor) => factor * power >= least) ?? 10);
}

function merge(busy: readonly Busy[]): Busy[] {
  const merged: { from: number; to: number }[] = [];
  for (const { from, to } of busy.toSorted((one, other) => one.from - other.from)) {
    const last = merged.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else merged.push({ from, to });
  }
  return merged;
}

function close(parts: readonly Busy[], shorterThan: number): Busy[] {
  const closed: { from: number; to: number }[] = [];
  for (const { from, to } of parts) {
    const last = closed.at(-1);
    if (last !== undefined && from - last.to < shorterThan) last.to = to;
    else closed.push({ from, to });
  }
  return closed;
}
