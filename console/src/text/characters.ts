// Which characters a person cannot see, or would take for others. The same rules as the server's (`contract::unicode`), by
// the categories of Unicode that browsers know. Pure. Tests: visible.test.ts.

/** Why a character must not be shown as it is. */
export type Oddity = "hidden" | "bidi" | "space" | "tab" | "bracket";

const DRAWN_AS_NOTHING = /[\u034F\u115F\u1160\u17B4\u17B5\u2800\u3164\uFFA0\u180B-\u180F\uFE00-\uFE0F\u{E0100}-\u{E01EF}]/u;
const WITHOUT_GLYPH = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}]/u;
const BIDI = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u;
const SPACE = /\p{Zs}/u;

/** What is odd about one character; nothing for those that may be shown. A line end is a matter of layout. */
export function oddity(character: string): Oddity | undefined {
  if (character === "\n") return undefined;
  if (character === "\t") return "tab";
  // What looks escaped was escaped: the bracket itself is too.
  if (character === "⟪") return "bracket";
  if (BIDI.test(character)) return "bidi";
  if (character !== " " && SPACE.test(character)) return "space";
  if (DRAWN_AS_NOTHING.test(character) || WITHOUT_GLYPH.test(character)) return "hidden";
  return undefined;
}

/** `U+202E` for a character. */
export function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}

// The letters of other scripts that most fonts draw exactly as a Latin one (Unicode TS 39, the part that matters for hosts,
// names and commands).
const TWINS: ReadonlyMap<string, string> = new Map(
  [
    ["аạɑα", "a"], ["Ьь", "b"], ["сϲᴄ", "c"], ["ԁ", "d"], ["еҽ", "e"], ["ɡց", "g"], ["һհ", "h"], ["іιı", "i"], ["јϳ", "j"],
    ["κк", "k"], ["ӏⅼ", "l"], ["ո", "n"], ["оοօσ", "o"], ["рρ", "p"], ["ԛզ", "q"], ["г", "r"], ["ѕ", "s"], ["τ", "t"],
    ["υս", "u"], ["νѵ", "v"], ["ѡԝω", "w"], ["хχ", "x"], ["уγ", "y"], ["АΑ", "A"], ["ВΒ", "B"], ["СϹ", "C"], ["ЕΕ", "E"],
    ["НΗ", "H"], ["ІΙӀ", "I"], ["Ј", "J"], ["КΚ", "K"], ["МΜ", "M"], ["Ν", "N"], ["ОΟ", "O"], ["РΡ", "P"], ["Ѕ", "S"],
    ["ТΤ", "T"], ["ХΧ", "X"], ["УΥ", "Y"], ["Ζ", "Z"], ["∕⁄⧸", "/"], ["․", "."], ["ː∶", ":"], ["‐‑‒–−", "-"], ["＠", "@"],
    ["‘’ʼʹ", "'"], ["“”", '"'],
  ].flatMap(([others, latin]) => [...(others ?? "")].map((other) => [other, latin ?? ""] as const)),
);

/** The Latin character that another one is drawn as; nothing for one that has no twin. Full-width forms too. */
export function twin(character: string): string | undefined {
  const known = TWINS.get(character);
  if (known !== undefined) return known;
  const point = character.codePointAt(0) ?? 0;
  return point >= 0xff01 && point <= 0xff5e ? String.fromCodePoint(point - 0xfee0) : undefined;
}
