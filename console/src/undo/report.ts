// What becomes of acts that are taken back, in words, and whether two plans say the same. Pure. Tests: report.test.ts.

import type { UndoAct, UndoReport } from "@checkrein/sdk";

import type { Tone } from "../parts/words.ts";
import { count } from "../text/clock.ts";

interface Said {
  readonly word: string;
  readonly tone: Tone;
}

const OUTCOMES: Readonly<Record<string, Said>> = {
  can_be_undone: { word: "can be undone", tone: "good" },
  undone: { word: "undone", tone: "good" },
  withdrawn: { word: "withdrawn, nothing was sent", tone: "good" },
  partly_undone: { word: "partly undone", tone: "doubt" },
  not_undoable: { word: "cannot be undone", tone: "bad" },
  not_undone: { word: "not undone", tone: "bad" },
  in_doubt: { word: "in doubt", tone: "doubt" },
};

/** What became of one act. A word that is not known counts as doubt. */
export function outcomeOf(outcome: string): Said {
  return OUTCOMES[outcome] ?? { word: outcome.replaceAll("_", " "), tone: "doubt" };
}

/** How many acts each outcome has, the worst first, as one line: `2 cannot be undone, 3 can be undone`. */
export function summary(acts: readonly UndoAct[]): string {
  if (acts.length === 0) return "There is no act here that could be taken back.";
  const weight: Readonly<Record<Tone, number>> = { bad: 0, doubt: 1, wait: 2, note: 3, plain: 4, good: 5 };
  const words = [...new Set(acts.map((act) => act.outcome))].toSorted((one, other) => weight[outcomeOf(one).tone] - weight[outcomeOf(other).tone]);
  const parts = words.map((word) => `${acts.filter((act) => act.outcome === word).length} ${outcomeOf(word).word}`);
  return `${count(acts.length, "act")}: ${parts.join(", ")}.`;
}

/** Those that an order would take back. */
export function takenBack(acts: readonly UndoAct[]): readonly UndoAct[] {
  return acts.filter((act) => act.outcome === "can_be_undone");
}

/** What a plan says would happen, as one text: another text, and it is not what was looked at. */
export function seal({ acts }: Pick<UndoReport, "acts">): string {
  return acts.map((act) => `${act.call} ${act.outcome}`).join("\n");
}
