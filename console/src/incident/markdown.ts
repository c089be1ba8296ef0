// An incident as Markdown for a ticket. Values stand in code spans, where nothing of them is a link, a picture or a heading, and
// what would not be seen in them is shown. Pure. Tests: markdown.test.ts.

import { pieces } from "../text/visible.ts";
import type { Section, Story, Value } from "./lines.ts";

/** The page. `url` leads back to it. */
export function markdown(story: Story, url: string, now: number): string {
  return [
    `# Incident: ${story.title.map(part).join("")}`, "", `${span(story.of)}, as it stood at ${new Date(now).toISOString()}: <${url}>`, "", ...story.sections.flatMap(section),
  ].join("\n");
}

function section({ title, lines }: Section): readonly string[] {
  return [`## ${title}`, "", ...(lines.length === 0 ? ["- nothing is recorded"] : lines.map((one) => `- ${one.parts.map(part).join("")}`)), ""];
}

function part(one: string | Value): string {
  return typeof one === "string" ? one : span(one.value);
}

/** A code span around a text: with more backticks than stand in a row inside, and on one line. */
function span(text: string): string {
  const shown = pieces(text).map((piece) => piece.kind === "plain" || piece.kind === "place" || piece.kind === "masked" ? piece.text : piece.shown).join("").replaceAll(/\s*[\r\n]+\s*/g, " ⏎ ").trim();
  if (shown === "") return "`(empty)`";
  const most = Math.max(0, ...[...shown.matchAll(/`+/g)].map(([found]) => found.length));
  const fence = "`".repeat(most + 1);
  const pad = shown.startsWith("`") || shown.endsWith("`") ? " " : "";
  return `${fence}${pad}${shown}${pad}${fence}`;
}
