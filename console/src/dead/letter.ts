// What may be done about a dead letter, and what it says. Pure. Tests: letter.test.ts.

import type { Call, DeadLetter } from "@checkrein/sdk";

import type { Tone } from "../parts/words.ts";

/** Why a call became a letter, in words. */
export function whyOf(why: string): { readonly word: string; readonly text: string; readonly tone: Tone } {
  return WHY[why] ?? { word: why.replaceAll("_", " "), text: "It waits for a person.", tone: "doubt" };
}

const WHY: Readonly<Record<string, { readonly word: string; readonly text: string; readonly tone: Tone }>> = {
  used_up: { word: "attempts used up", text: "Every attempt failed, and nothing happened. It can be made again.", tone: "bad" },
  interrupted: { word: "interrupted", text: "Nothing happened, and a stop came before the next attempt. It can be made again.", tone: "wait" },
  in_doubt: { word: "in doubt", text: "It may have happened, and it may not: nobody knows. It is never made again before somebody found out.", tone: "doubt" },
};

/** What keeps a letter from being made again; nothing if nothing does. It must certainly not have happened. */
export function keptFromRedrive(letter: Pick<DeadLetter, "state" | "why">, call: Pick<Call, "state" | "executed"> | undefined): string | undefined {
  if (letter.state !== "open") return `it is ${letter.state}`;
  if (call === undefined) return "its call is not read yet";
  if (call.state === "in_doubt" || call.executed !== "no") return "it may have happened: find out what became of it, then say so";
  return undefined;
}

/** What may be said of its call: where it is known, only that. */
export function findings(call: Pick<Call, "state" | "executed"> | undefined): readonly ("yes" | "partly" | "no")[] {
  if (call === undefined) return [];
  if (call.state === "in_doubt") return ["yes", "partly", "no"];
  return (["yes", "partly", "no"] as const).filter((one) => one === call.executed);
}
