// Who must act, and by when: held calls to decide, acts to review, tools to look at, what is overdue first. In: what the API
// told and who looks. Out: one row for each. Pure. Tests: acts.test.ts.

import type { Approval, DutyRecord, Tool } from "@checkrein/sdk";

import { isAsked, type Looker } from "../approvals/inbox.ts";
import { group } from "../parts/words.ts";

/** One thing that somebody must do. */
export interface Act {
  readonly key: string;
  readonly does: "decide" | "review" | "look at";
  /** Who is asked. */
  readonly of: string;
  /** Whether that is whoever looks. */
  readonly isMine: boolean;
  /** Since when it waits, in milliseconds since 1970. */
  readonly from: number;
  /** Until when it can wait; nothing where no clock runs. */
  readonly until: number | undefined;
  readonly agent: string | undefined;
  readonly tool: string | undefined;
  /** Where it is done. */
  readonly at: { readonly approval: string; readonly call: string } | { readonly review: string; readonly call: string } | { readonly tool: string };
  /** How many said yes of how many, where more than one must. */
  readonly votes: string | undefined;
}

/** Who looks at changed tools: those who write policy. */
const TOOLS_OF = "policy authors";

/** What there is to do. */
export interface Open {
  readonly approvals: readonly Approval[];
  readonly reviews: readonly DutyRecord[];
  readonly tools: readonly Tool[];
}

/** All of it: what ends first on top, what has no clock at the end. */
export function acts({ approvals, reviews, tools }: Open, looker: Looker, writesPolicy: boolean): readonly Act[] {
  const decide = approvals.map((one): Act => ({
    key: one.approval, does: "decide", of: group(one.asked_of), isMine: isAsked(one, looker), from: one.asked_ms, until: one.decide_by_ms,
    agent: one.agent ?? undefined, tool: one.tool ?? undefined, at: { approval: one.approval, call: one.call },
    votes: one.quorum > 1 ? `${one.votes} of ${one.quorum} agree` : undefined,
  }));
  const review = reviews.map((one): Act => ({
    key: one.duty, does: "review", of: group(one.asked_of), isMine: isAsked(one, looker), from: one.at_ms, until: one.review_by_ms ?? undefined,
    agent: one.agent ?? undefined, tool: undefined, at: { review: one.duty, call: one.call }, votes: undefined,
  }));
  const look = tools.filter((one) => one.standing === "drifted" || one.standing === "held_back").map((one): Act => ({
    key: one.tool, does: "look at", of: TOOLS_OF, isMine: writesPolicy, from: 0, until: undefined,
    agent: undefined, tool: one.tool, at: { tool: one.tool }, votes: undefined,
  }));
  return [...decide, ...review, ...look].toSorted((one, other) => (one.until ?? Infinity) - (other.until ?? Infinity) || one.from - other.from || one.key.localeCompare(other.key));
}
