// Times as people read them: how long ago, how long still, how much. In: milliseconds. Out: short words with constant width
// where they tick. Pure. Tests: clock.test.ts.

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How near an end is. */
export type Urgency = "calm" | "soon" | "urgent" | "over";

/** What is left until an end: `2 d 03 h`, `3 h 05 m`, `12:07`, `over`. */
export function left(ms: number): string {
  if (ms <= 0) return "over";
  if (ms >= DAY) return `${Math.floor(ms / DAY)} d ${two(Math.floor((ms % DAY) / HOUR))} h`;
  if (ms >= HOUR) return `${Math.floor(ms / HOUR)} h ${two(Math.floor((ms % HOUR) / MINUTE))} m`;
  // Rounded up: while anything is left it does not say 0:00.
  const seconds = Math.ceil(ms / SECOND);
  return `${Math.floor(seconds / 60)}:${two(seconds % 60)}`;
}

/** How near an end is, against the whole time there was. */
export function urgency(leftMs: number, wholeMs: number): Urgency {
  if (leftMs <= 0) return "over";
  if (leftMs <= 5 * MINUTE || leftMs <= wholeMs * 0.05) return "urgent";
  if (leftMs <= 30 * MINUTE || leftMs <= wholeMs * 0.2) return "soon";
  return "calm";
}

/** When the text of `left` will next be another, in milliseconds from now. */
export function nextChange(ms: number): number {
  if (ms <= 0) return DAY;
  // Hours and minutes are rounded down, so a whole one changes at once; seconds are rounded up.
  if (ms >= HOUR) return (ms % (ms >= DAY ? HOUR : MINUTE)) + 1;
  const over = ms % SECOND;
  return over === 0 ? SECOND : over;
}

/** How long ago: `moments`, `12 s`, `4 m`, `3 h`, `2 d`. */
export function ago(ms: number): string {
  if (ms < 5 * SECOND) return "moments";
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} m`;
  if (ms < DAY) return `${Math.floor(ms / HOUR)} h`;
  return `${Math.floor(ms / DAY)} d`;
}

/** A stretch of time: `31 ms`, `4.2 s`, `3 m 05 s`, `2 h 10 m`. */
export function lasting(ms: number): string {
  if (ms < SECOND) return `${Math.round(ms)} ms`;
  if (ms < MINUTE) return `${(ms / SECOND).toFixed(1)} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} m ${two(Math.floor((ms % MINUTE) / SECOND))} s`;
  if (ms < DAY) return `${Math.floor(ms / HOUR)} h ${two(Math.floor((ms % HOUR) / MINUTE))} m`;
  return `${Math.floor(ms / DAY)} d ${two(Math.floor((ms % DAY) / HOUR))} h`;
}

/** A moment in the reader's own zone and order. */
export function moment(ms: number): string {
  return new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" }).format(ms);
}

/** Bytes: `80 B`, `1.4 kB`, `64 MB`. */
export function bytes(count: number): string {
  if (count < 1_000) return `${count} B`;
  const units = ["kB", "MB", "GB", "TB"];
  let value = count / 1_000;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit] ?? ""}`;
}

/** `1 file`, `3 files`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}
