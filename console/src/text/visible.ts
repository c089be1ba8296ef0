// Text as a person may safely read it: pieces, each plain or with a mark that says what would not have been seen. In: any
// text of an agent or tool. Out: pieces whose `text`, joined, are the text again, so nothing is dropped. Pure.
// It does not lay out or collapse; parts/text.tsx does. Tests: visible.test.ts.

import { codePoint, oddity, twin } from "./characters.ts";

/** One stretch of text. */
export interface Piece {
  readonly kind: "plain" | "hidden" | "bidi" | "space" | "tab" | "bracket" | "twin" | "masked" | "place";
  /** The text as it is. */
  readonly text: string;
  /** What is shown in its stead. */
  readonly shown: string;
  /** What a person should know; nothing for plain text. */
  readonly note?: string;
}

const MASKED = /⟦masked:([^⟧\n]{1,80})⟧/u;
// An address, a mailbox or a host with a last part of letters: what a person looks for first.
const PLACE = /(?:[a-z][a-z0-9+.-]*:\/\/[^\s"'<>]+)|(?:[\p{L}\p{N}._%+-]+@)?(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?\.)+\p{L}{2,}(?::\d+)?(?![\p{L}\p{N}])/giu;
// A name with a dot is a host if it ends as hosts do; tools (`files.write`) and files have dots too.
const HOST_ENDS = /\.(?:com|net|org|edu|gov|mil|int|io|dev|app|ai|co|cloud|site|online|xyz|info|biz|me|tv|tech|shop|uk|de|eu|fr|nl|ch|at|it|es|pt|pl|se|no|dk|fi|cz|ie|be|us|ca|mx|br|au|nz|jp|cn|kr|in|ru|ua|tr|za|test|example|local|internal|localhost|onion)(?::\d+)?$/i;
const FILE_ENDS = /\.(?:rs|ts|tsx|js|jsx|json|jsonl|toml|ya?ml|md|txt|py|go|java|c|h|cpp|sh|log|lock|sql|css|html?|xml|csv|cfg|conf|ini|env|png|jpe?g|svg|cedar)$/i;
// Places are looked for in words of a bounded length only: the pattern above takes quadratic time.
const TOKEN = /[^\s"'<>`(){}[\],;|]+/gu;
const TOKEN_MAX = 1_000;
const PRINTABLE = /^[\n -~]*$/;
const WORD = /[\p{L}\p{M}\p{N}]+/gu;

/** Splits text into what can be shown and what must be marked. */
export function pieces(text: string): readonly Piece[] {
  const found: Piece[] = [];
  let rest = text;
  for (let match = MASKED.exec(rest); match !== null; match = MASKED.exec(rest)) {
    found.push(...unmasked(rest.slice(0, match.index)));
    found.push({ kind: "masked", text: match[0], shown: match[1] ?? "", note: `a value was masked: ${match[1] ?? ""}` });
    rest = rest.slice(match.index + match[0].length);
  }
  found.push(...unmasked(rest));
  return found;
}

/**
 * Pieces of a whole text, cut into what stands before, inside and behind a span. The text is read as a whole first: a letter
 * of another script is known by its neighbours.
 */
export function cutAt(all: readonly Piece[], from: number, to: number): readonly [readonly Piece[], readonly Piece[], readonly Piece[]] {
  const parts: [Piece[], Piece[], Piece[]] = [[], [], []];
  let at = 0;
  for (const piece of all) {
    const whole = piece.kind !== "plain" && piece.kind !== "place";
    const starts = whole ? [0] : [0, from - at, to - at].filter((start) => start >= 0 && start < piece.text.length);
    for (const [index, start] of starts.entries()) {
      const text = piece.text.slice(start, starts[index + 1]);
      if (text === "") continue;
      const place = at + start;
      parts[place < from ? 0 : place < to ? 1 : 2].push(whole ? piece : { ...piece, text, shown: text });
    }
    at += piece.text.length;
  }
  return parts;
}

/** How many characters of a text are marked. */
export function oddities(text: string): number {
  return pieces(text).filter((piece) => piece.kind !== "plain" && piece.kind !== "masked" && piece.kind !== "place").length;
}

function unmasked(text: string): Piece[] {
  const places = placesOf(text);
  if (places.length === 0 && PRINTABLE.test(text)) return text === "" ? [] : [{ kind: "plain", text, shown: text }];
  const strange = strangers(text, places);
  const found: Piece[] = [];
  let at = 0;
  let next = 0;
  for (const character of text) {
    while ((places[next]?.[1] ?? Infinity) <= at) next += 1;
    add(found, piece(character, strange.has(at), (places[next]?.[0] ?? Infinity) <= at));
    at += character.length;
  }
  return found;
}

function piece(character: string, stranger: boolean, inPlace: boolean): Piece {
  const odd = oddity(character);
  if (odd === "tab") return { kind: "tab", text: character, shown: "⇥", note: "tab (U+0009)" };
  if (odd !== undefined) {
    const point = codePoint(character);
    const what = { hidden: "a character without a glyph", bidi: "changes the direction of text", space: "an unusual space", bracket: "a bracket" }[odd];
    return { kind: odd, text: character, shown: `⟪${point}⟫`, note: `${what} (${point})` };
  }
  if (stranger) {
    const like = twin(character);
    const looks = like === undefined ? "is not a Latin letter" : `looks like “${like}” and is not`;
    return { kind: "twin", text: character, shown: character, note: `${codePoint(character)} ${looks}` };
  }
  return { kind: inPlace ? "place" : "plain", text: character, shown: character };
}

/** Neighbours of one kind are one piece, but marks stay apart: each is counted. */
function add(found: Piece[], next: Piece): void {
  const last = found.at(-1);
  const joins = next.kind === "plain" || next.kind === "place";
  if (last !== undefined && joins && last.kind === next.kind) {
    found[found.length - 1] = { ...last, text: last.text + next.text, shown: last.shown + next.shown };
    return;
  }
  found.push(next);
}

/** Positions of characters that would be taken for others: in words that mix scripts, and anywhere in hosts. */
function strangers(text: string, places: readonly Span[]): ReadonlySet<number> {
  const found = new Set<number>();
  const mark = (from: number, word: string, always: boolean): void => {
    let at = from;
    for (const character of word) {
      const alien = (character.codePointAt(0) ?? 0) > 0x7f && (twin(character) !== undefined || (always && /\p{L}/u.test(character)));
      if (alien) found.add(at);
      at += character.length;
    }
  };
  for (const [from, to] of places) mark(from, text.slice(from, to), true);
  for (const match of text.matchAll(WORD)) if (/[A-Za-z]/.test(match[0])) mark(match.index, match[0], false);
  // Slashes, dots, quotes and dashes stand between words; those that only look like ASCII are marked anywhere in code.
  for (const match of text.matchAll(/[∕⁄⧸․∶＠\uFF01-\uFF5E]/gu)) found.add(match.index);
  return found;
}

type Span = readonly [from: number, to: number];

function placesOf(text: string): readonly Span[] {
  const found: Span[] = [];
  for (const token of text.matchAll(TOKEN)) {
    if (token[0].length > TOKEN_MAX || !token[0].includes(".")) continue;
    for (const match of token[0].matchAll(PLACE)) {
      const isAddress = match[0].includes("://") || match[0].includes("@");
      const from = token.index + match.index;
      if (isAddress || isHost(match[0])) found.push([from, from + match[0].length]);
    }
  }
  return found;
}

function isHost(name: string): boolean {
  // A name with letters that are not ASCII is looked at as a host: it may be made to look like one.
  const foreign = /[^\x00-\x7F]/.test(name);
  return foreign || HOST_ENDS.test(name) || (/:\d+$/.test(name) && !FILE_ENDS.test(name.replace(/:\d+$/, "")));
}
