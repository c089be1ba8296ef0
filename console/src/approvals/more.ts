// What the server gathers for a person who decides, beside the call itself: who must agree, who did, what is risky, what was
// before. Pure.

import type { ApprovalDetails } from "@checkrein/sdk";

/** Everything beside the call. */
export type More = Pick<
  ApprovalDetails,
  | "needs" | "votes" | "may_decide" | "excluded" | "rule" | "risk" | "effect" | "evidence" | "questions" | "similar" | "supersedes"
  | "superseded_by" | "confirm" | "shown"
>;

/** What has to be typed to approve; nothing where nothing has to. A kind that is not known asks for more than can be typed. */
export function toType({ confirm }: Pick<More, "confirm">): string | undefined {
  if (confirm.kind === "none") return undefined;
  return confirm.text ?? "";
}
