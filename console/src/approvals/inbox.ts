// Which requests somebody sees in the inbox, and in which order. Pure. Tests: inbox.test.ts.

import type { Approval } from "@checkrein/sdk";

import { byDeadline } from "./sight.ts";

/** Which requests are shown. */
export type Show = "mine" | "all" | "reviews" | "decided" | "load";

/** Who looks: with `undefined` groups somebody stands in every group. */
export interface Looker {
  readonly groups: readonly string[] | undefined;
  readonly decides: boolean;
}

/** Whether somebody is asked: at first, or since it was escalated. */
export function isAsked(request: Pick<Approval, "asked_of"> & Partial<Pick<Approval, "escalate_to" | "escalated_ms">>, { groups, decides }: Looker): boolean {
  if (!decides) return false;
  const asked = [request.asked_of, ...(request.escalated_ms != null && request.escalate_to != null ? [request.escalate_to] : [])];
  return groups === undefined || asked.some((name) => groups.includes(name.replace(/^group:/, "")));
}

/** The requests to show, in order: those that wait by deadline, those decided by when. */
export function inbox(requests: readonly Approval[], show: Show, looker: Looker): readonly Approval[] {
  if (show === "decided") {
    return requests.filter((each) => each.state !== "pending").toSorted((one, other) => (other.decided_ms ?? other.asked_ms) - (one.decided_ms ?? one.asked_ms));
  }
  const waiting = requests.filter((each) => each.state === "pending");
  return (show === "mine" ? waiting.filter((each) => isAsked(each, looker)) : waiting).toSorted(byDeadline);
}

/** The request before or behind another one; the first where that one is not there. */
export function beside(requests: readonly Approval[], current: string | undefined, step: 1 | -1): Approval | undefined {
  const at = requests.findIndex((each) => each.approval === current);
  return at < 0 ? requests[0] : requests[Math.min(Math.max(at + step, 0), requests.length - 1)];
}
