// A unified diff as Checkrein writes it, read into files and lines. In: the text of a plan's diff. Out: one part per path, in
// order. Lines are counted by their hunk's header, so that contents that look like headers stay contents. Pure.
// Tests: diff.test.ts.

/** One line of a file. */
export interface Line {
  readonly kind: "same" | "gone" | "come";
  readonly text: string;
  /** Its number before, from 1; nothing for a line that came. */
  readonly before?: number;
  /** Its number after, from 1; nothing for a line that went. */
  readonly after?: number;
  /** Whether the file ends here without a line end. */
  readonly unended?: boolean;
}

/** Lines that stand together. */
export interface Hunk {
  readonly header: string;
  readonly lines: readonly Line[];
}

/** What happens at one path. */
export interface FileDiff {
  readonly path: string;
  /** What is said of it beside its lines: that it is new, moved, not text. */
  readonly notes: readonly string[];
  readonly hunks: readonly Hunk[];
}

/** A diff. `cut` where the server says that it is longer than shown. */
export interface Diff {
  readonly files: readonly FileDiff[];
  readonly cut: string | undefined;
}

interface Draft {
  path: string;
  notes: string[];
  hunks: { header: string; lines: Line[] }[];
}

const HUNK = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/;
const NOTES: readonly RegExp[] = [
  /^new file (.+) mode [0-7]+$/,
  /^delete file (.+) mode [0-7]+$/,
  /^new directory (.+) mode [0-7]+$/,
  /^delete directory (.+)$/,
  /^new link (.+?) -> .*$/,
  /^delete link (.+?) -> .*$/,
  /^rename .+ -> (.+)$/,
  /^link (.+?): .* -> .*$/,
  /^mode of (.+): [0-7]+ -> [0-7]+$/,
  /^not text, or large: (.+): .+ -> .+$/,
];

/** Reads a diff. Lines that fit nothing become notes: nothing is dropped. */
export function parse(text: string): Diff {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  const files: Draft[] = [];
  let cut: string | undefined;
  for (let at = 0; at < lines.length; ) {
    const line = lines[at] ?? "";
    const hunk = HUNK.exec(line);
    if (hunk !== null) {
      at = read(lines, at, hunk, current(files));
    } else if (line.startsWith("--- ") && lines[at + 1]?.startsWith("+++ ")) {
      headed(files, named(lines[at + 1] ?? "") ?? named(line) ?? "");
      at += 2;
    } else {
      if (line.startsWith("... cut here")) cut = line;
      else noted(files, line);
      at += 1;
    }
  }
  return { files, cut };
}

/** How many lines come and go in a file. */
export function counts(file: FileDiff): { come: number; gone: number } {
  const lines = file.hunks.flatMap((hunk) => hunk.lines);
  return { come: lines.filter((line) => line.kind === "come").length, gone: lines.filter((line) => line.kind === "gone").length };
}

function named(header: string): string | undefined {
  const name = header.slice(4);
  return name === "/dev/null" ? undefined : name.replace(/^[ab]\//, "");
}

function headed(files: Draft[], path: string): void {
  const last = files.at(-1);
  // A note of the same path stands before its lines.
  if (last?.path === path && last.hunks.length === 0) return;
  files.push({ path, notes: [], hunks: [] });
}

function noted(files: Draft[], line: string): void {
  const path = NOTES.map((note) => note.exec(line)?.[1]).find((found) => found !== undefined);
  const last = files.at(-1);
  if (path !== undefined && last?.path !== path) files.push({ path, notes: [line], hunks: [] });
  else current(files).notes.push(line);
}

function current(files: Draft[]): Draft {
  const last = files.at(-1);
  if (last !== undefined) return last;
  const first: Draft = { path: "", notes: [], hunks: [] };
  files.push(first);
  return first;
}

function read(lines: readonly string[], at: number, header: RegExpExecArray, file: Draft): number {
  let before = Number(header[1]);
  let after = Number(header[3]);
  let old = Number(header[2] ?? 1);
  let fresh = Number(header[4] ?? 1);
  const found: Line[] = [];
  let next = at + 1;
  for (; next < lines.length; next += 1) {
    const line = lines[next] ?? "";
    const sign = line[0];
    const last = found.at(-1);
    if (sign === "\\" && last !== undefined) {
      found[found.length - 1] = { ...last, unended: true };
      continue;
    }
    if (old <= 0 && fresh <= 0) break;
    const text = line.slice(1);
    if (sign === "-" && old > 0) {
      found.push({ kind: "gone", text, before });
      before += 1;
      old -= 1;
    } else if (sign === "+" && fresh > 0) {
      found.push({ kind: "come", text, after });
      after += 1;
      fresh -= 1;
    } else if ((sign === " " || line === "") && old > 0 && fresh > 0) {
      found.push({ kind: "same", text, before, after });
      before += 1;
      after += 1;
      old -= 1;
      fresh -= 1;
    } else break;
  }
  file.hunks.push({ header: lines[at] ?? "", lines: found });
  return next;
}
