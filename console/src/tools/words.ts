// A text with `[-words that went-]` and `{+words that came+}` as pieces. What is not closed is kept text: nothing is dropped.
// Pure. Tests: words.test.ts.

/** A piece of a changed text. */
export interface Piece {
  readonly kind: "same" | "gone" | "come";
  readonly text: string;
}

/** The pieces, in order. */
export function words(marked: string): readonly Piece[] {
  const pieces: Piece[] = [];
  const marks = /\[-([\s\S]*?)-\]|\{\+([\s\S]*?)\+\}/g;
  let from = 0;
  for (const found of marked.matchAll(marks)) {
    if (found.index > from) pieces.push({ kind: "same", text: marked.slice(from, found.index) });
    if (found[1] === undefined) pieces.push({ kind: "come", text: found[2] ?? "" });
    else pieces.push({ kind: "gone", text: found[1] });
    from = found.index + found[0].length;
  }
  if (from < marked.length) pieces.push({ kind: "same", text: marked.slice(from) });
  return pieces;
}
