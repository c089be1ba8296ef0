// Which requests the inbox asks the server for, and the command that asks for the same. In: what stands in the address. Out:
// parameters of `GET /v1/approvals`. Pure. Tests: which.test.ts.

import type { WhichApprovals } from "@checkrein/sdk";

import { SPANS, sinceMs, spanOf, type Span } from "../lists/since.ts";
import { quoted } from "../parts/command.tsx";
import type { Show } from "./inbox.ts";

/** What the inbox is narrowed by. */
export interface ApprovalsSearch {
  show?: Show;
  /** Of *Load*, and since when requests were asked. */
  span?: Span;
  agent?: string;
  text?: string;
  /** How it ended, of those that no longer wait. */
  ended?: Ended;
}

/** How requests end. `decided` are those that a person answered. */
export type Ended = "decided" | "approved" | "rejected" | "used" | "expired" | "withdrawn" | "superseded";

const SHOWS: readonly Show[] = ["mine", "all", "reviews", "decided", "load"];

export const ENDED: readonly (readonly [ended: Ended, word: string])[] = [
  ["decided", "By people"], ["used", "Approved, used"], ["approved", "Approved, not used yet"], ["rejected", "Rejected"],
  ["expired", "Nobody in time"], ["withdrawn", "Withdrawn"], ["superseded", "Superseded"],
];

/** What an address says. What is not known there is left out. */
export function approvalsSearch(search: Record<string, unknown>): ApprovalsSearch {
  const text = (name: string): string | undefined => {
    const value = search[name];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const found: { [name in keyof ApprovalsSearch]: ApprovalsSearch[name] | undefined } = {
    show: SHOWS.find((each) => each === search["show"]), span: SPANS.find((each) => each.value === search["span"])?.value,
    agent: text("agent"), text: text("text"), ended: ENDED.find(([each]) => each === search["ended"])?.[0],
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

/** What the server is asked for. */
export function whichApprovals({ show = "mine", span, agent, text, ended }: ApprovalsSearch, now: number): WhichApprovals {
  const from = sinceMs(span, now);
  const narrowed = { ...(agent === undefined ? {} : { agent }), ...(text === undefined ? {} : { text }), ...(from === undefined ? {} : { since_ms: from }) };
  if (show === "decided") return { state: ended ?? "decided", first: "newest", ...narrowed };
  return { state: "pending", ...(show === "mine" ? { mine: true } : {}), ...narrowed };
}

/** The same on the command line. */
export function approvalsCommand(search: ApprovalsSearch, now: number): string {
  const { state, mine, agent, text, since_ms: from } = whichApprovals(search, now);
  const options = [
    state === "pending" ? undefined : `--state ${state ?? ""} --first newest`, mine === true ? "--mine" : undefined,
    agent && `--agent ${quoted(agent)}`, text && `--text ${quoted(text)}`, spanOf(search.span) && `--since ${from ?? 0}`,
  ];
  return ["checkrein approvals ls", ...options].filter(Boolean).join(" ");
}
