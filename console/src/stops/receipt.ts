// The receipt of a stop as lines of a timeline: each lever with what it reached, what answered and what did not. Pure.
// Tests: receipt.test.ts.

import type { LeverReceipt, RolledBack } from "@checkrein/sdk";

import type { Tone } from "../parts/words.ts";
import { count, lasting } from "../text/clock.ts";

/** One line of the timeline. */
export interface Line {
  readonly lever: string;
  readonly tone: Tone;
  readonly title: string;
  readonly text: string;
  readonly tookMs: number;
}

const TITLES: Readonly<Record<string, string>> = {
  fence: "Fence raised: nothing new starts",
  not_started: "Calls that were kept from starting",
  cancelled: "Calls under way, cancelled",
  processes: "Processes ended, with all they started",
  requests: "Requests to tool servers, cancelled",
  runs: "Runs ended",
  held: "Held calls cancelled",
  server: "Connection to the tool server, closed",
  rollback: "Acts taken back",
  socket: "Control socket answered",
  file: "Stop file was seen",
};

/** One lever. What nobody knows and what did not answer stands out, and is never counted as done. */
export function lineOf(lever: LeverReceipt): Line {
  const { reached, acknowledged, unknown, missing, took_ms: tookMs } = lever;
  const failed = lever.lever === "rollback" ? "not taken back" : "gave no answer in time";
  const parts = [
    unknown > 0 ? `of ${unknown} nobody knows what became` : "",
    missing > 0 ? `${missing} ${failed}` : "",
  ].filter((part) => part !== "");
  const done = reached === 0 ? "none was there" : lever.lever === "fence" ? "" : `${acknowledged} of ${reached}`;
  return {
    lever: lever.lever, tookMs, title: TITLES[lever.lever] ?? lever.lever.replaceAll("_", " "),
    text: [done, ...parts].filter((part) => part !== "").join("; "),
    tone: missing > 0 ? "bad" : unknown > 0 ? "doubt" : reached === 0 ? "plain" : "good",
  };
}

/** All of them, in the order in which they answered; the fence is first. */
export function timeline(levers: readonly LeverReceipt[]): readonly Line[] {
  const weight = (line: Line): number => (line.lever === "fence" ? -1 : line.tookMs);
  return levers.map(lineOf).toSorted((one, other) => weight(one) - weight(other));
}

/** What the whole receipt comes to. */
export function verdict({ levers, complete }: { readonly levers: readonly LeverReceipt[]; readonly complete: boolean }): { readonly tone: Tone; readonly text: string } {
  const sum = (of: (lever: LeverReceipt) => number): number => levers.reduce((all, lever) => all + of(lever), 0);
  const missing = sum((lever) => lever.missing);
  const unknown = sum((lever) => lever.unknown);
  const took = Math.max(0, ...levers.map((lever) => lever.took_ms));
  if (missing > 0) return { tone: "bad", text: `${missing} did not answer${complete ? "" : " yet"}` };
  if (!complete) return { tone: "wait", text: "some levers have not answered yet" };
  if (unknown > 0) return { tone: "doubt", text: `everything answered; of ${count(unknown, "act")} nobody knows whether it happened` };
  return { tone: "good", text: `everything answered within ${lasting(took)}` };
}

const BECAME: Readonly<Record<string, { readonly word: string; readonly tone: Tone }>> = {
  not_started: { word: "not started", tone: "good" },
  acknowledged: { word: "ended, known", tone: "good" },
  unknown: { word: "in doubt", tone: "doubt" },
  running: { word: "still running", tone: "bad" },
};

/** What became of a call that was in work. A word that is not known counts as doubt. */
export function became(word: string): { readonly word: string; readonly tone: Tone } {
  return BECAME[word] ?? { word: word.replaceAll("_", " "), tone: "doubt" };
}

const ROLLED: Readonly<Record<string, { readonly word: string; readonly tone: Tone }>> = {
  undone: { word: "undone", tone: "good" },
  due: { word: "undo under way", tone: "wait" },
  partial: { word: "partly undone", tone: "doubt" },
  in_doubt: { word: "in doubt", tone: "doubt" },
  armed: { word: "not undone", tone: "bad" },
  expired: { word: "too late", tone: "bad" },
  released: { word: "did not happen", tone: "plain" },
  impossible: { word: "cannot be undone", tone: "bad" },
};

/** How the undo of an act stands that was to be taken back. Armed, it was tried and nothing came of it. */
export function rolledBack({ became: state }: Pick<RolledBack, "became">): { readonly word: string; readonly tone: Tone } {
  if (state == null) return { word: "has no undo", tone: "bad" };
  return ROLLED[state] ?? { word: state.replaceAll("_", " "), tone: "doubt" };
}
