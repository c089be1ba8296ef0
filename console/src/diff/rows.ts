// Lines of a diff as rows to draw: one column, or two with what went beside what came, and inside a changed line the part
// that differs. Pure. Tests: diff.test.ts.

import type { FileDiff, Hunk, Line } from "./parse.ts";

/** Where a changed line differs from its partner: `[from, to)` in its text. */
export type Span = readonly [from: number, to: number];

/** One row of the unified view. */
export interface Row {
  readonly line: Line;
  readonly differs?: Span;
}

/** One row of the view with two columns. */
export interface Pair {
  readonly before: Row | undefined;
  readonly after: Row | undefined;
}

/** Files with more lines than this are collapsed at first. */
export const ROWS_MAX = 120;

/** How many lines a file has in its diff. */
export function rowsOf(file: FileDiff): number {
  return file.hunks.reduce((sum, hunk) => sum + hunk.lines.length, 0);
}

/** What a file's diff is called among what was opened. */
export function nameOf(file: FileDiff): string {
  return `diff:${file.path}`;
}

/** Rows of the unified view. */
export function unified(hunk: Hunk): readonly Row[] {
  const partners = new Map<Line, Span>();
  for (const { before, after } of paired(hunk)) {
    if (before?.differs) partners.set(before.line, before.differs);
    if (after?.differs) partners.set(after.line, after.differs);
  }
  return hunk.lines.map((line) => {
    const differs = partners.get(line);
    return differs === undefined ? { line } : { line, differs };
  });
}

/** Rows of the view with two columns: the n-th line that went stands beside the n-th that came. */
export function paired(hunk: Hunk): readonly Pair[] {
  const rows: Pair[] = [];
  let gone: Line[] = [];
  let come: Line[] = [];
  const flush = (): void => {
    for (let at = 0; at < Math.max(gone.length, come.length); at += 1) rows.push(pair(gone[at], come[at]));
    gone = [];
    come = [];
  };
  for (const line of hunk.lines) {
    if (line.kind === "gone" && come.length > 0) flush();
    if (line.kind === "gone") gone.push(line);
    else if (line.kind === "come") come.push(line);
    else {
      flush();
      rows.push({ before: { line }, after: { line } });
    }
  }
  flush();
  return rows;
}

function pair(gone: Line | undefined, come: Line | undefined): Pair {
  if (gone === undefined || come === undefined) {
    return { before: gone && { line: gone }, after: come && { line: come } };
  }
  const spans = differing(gone.text, come.text);
  if (spans === undefined) return { before: { line: gone }, after: { line: come } };
  return { before: { line: gone, differs: spans[0] }, after: { line: come, differs: spans[1] } };
}

/**
 * The parts of two lines that differ: all but what both begin and end with. Nothing where too little is common to help.
 */
export function differing(before: string, after: string): readonly [Span, Span] | undefined {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start += 1;
  let end = 0;
  while (end < shorter - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1;
  if (start + end < 0.3 * Math.max(before.length, after.length)) return undefined;
  // Whole words and numbers differ, not halves of them. What both begin and end with is the same on both sides.
  if (isWord(before[start]) || isWord(after[start])) while (start > 0 && isWord(before[start - 1])) start -= 1;
  if (isWord(before.at(-end - 1)) || isWord(after.at(-end - 1))) while (end > 0 && isWord(before.at(-end))) end -= 1;
  // Half of a pair of UTF-16 units is no character.
  if (isLow(before, start) || isLow(after, start)) start -= 1;
  if (isLow(before, before.length - end) || isLow(after, after.length - end)) end -= 1;
  return [[start, before.length - end], [start, after.length - end]];
}

function isWord(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{N}_.]/u.test(character);
}

function isLow(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return unit >= 0xdc00 && unit <= 0xdfff;
}
