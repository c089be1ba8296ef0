// Lines of an incident: words of this console, and values that came from elsewhere. Both the screen and the ticket are made of
// them, so that they say the same. Pure. Tests: markdown.test.ts.

import type { Tone } from "../parts/words.ts";

/** Something that came from an agent, a tool, a person or a policy. It is never taken for words of this console. */
export interface Value {
  readonly value: string;
  /** The call that it is about, where it leads somewhere. */
  readonly call?: string;
}

/** One line. */
export interface Line {
  readonly tone: Tone;
  readonly parts: readonly (string | Value)[];
}

/** A part with its question. */
export interface Section {
  readonly title: string;
  readonly lines: readonly Line[];
}

/** What happened, on one page. */
export interface Story {
  readonly of: string;
  readonly title: readonly (string | Value)[];
  readonly sections: readonly Section[];
}

/** A value. */
export function value(text: string): Value {
  return { value: text };
}

/** A line without a colour. */
export function line(...parts: readonly (string | Value)[]): Line {
  return { tone: "plain", parts };
}

/** A line with one. */
export function toned(tone: Tone, ...parts: readonly (string | Value)[]): Line {
  return { tone, parts };
}
