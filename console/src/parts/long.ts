// Which texts are collapsed at first, and the names of those in a value. Pure. Tests: long.test.ts.

/** What is shown of a text before it is opened. */
export const CHARACTERS_MAX = 1_500;
export const LINES_MAX = 30;

/** Whether a text is collapsed at first. */
export function isLong(text: string): boolean {
  return text.length > CHARACTERS_MAX || text.split("\n", LINES_MAX + 2).length > LINES_MAX + 1;
}

/** The beginning of a long text: whole lines and characters. */
export function beginning(text: string): string {
  const lines = text.split("\n", LINES_MAX).join("\n");
  return lines.slice(0, CHARACTERS_MAX).replace(/[\uD800-\uDBFF]$/, "");
}

/** The JSON pointers (RFC 6901) of every long text in a value. */
export function longTexts(value: unknown, at = ""): readonly string[] {
  if (typeof value === "string") return isLong(value) ? [at] : [];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => longTexts(inner, pointer(at, key)));
}

/** One step further in a JSON pointer. */
export function pointer(at: string, key: string): string {
  return `${at}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}
