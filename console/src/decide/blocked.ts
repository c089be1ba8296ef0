// Why a request cannot be approved here, and by whom it could be. The first reason is the one to tell. Pure.
// Tests: blocked.test.ts.

import type { ApprovalDetails } from "@checkrein/sdk";

import { type More, toType } from "../approvals/more.ts";
import { PARTS, remarkName } from "../approvals/parts.ts";
import { diffOf } from "../approvals/sight.ts";
import { nameOf, ROWS_MAX, rowsOf } from "../diff/rows.ts";
import { isLong, longTexts } from "../parts/long.ts";
import { stateOf } from "../parts/words.ts";

/** The code of a refusal that a passkey mends. */
const NOT_SURE_ENOUGH = "CR-2017";

/** What keeps the button from being pressed. */
export type Blocked =
  /** It cannot be approved by this person, or not here, or no longer. */
  | { readonly kind: "never"; readonly why: string }
  /** It must be surer that it is this person: a passkey, now. */
  | { readonly kind: "unsure"; readonly why: string }
  /** Parts of it were not opened yet. */
  | { readonly kind: "unread"; readonly names: readonly string[] }
  /** What it will do has to be typed. */
  | { readonly kind: "confirm"; readonly text: string };

/** The names of everything that is collapsed at first. */
export function collapsed(details: ApprovalDetails): readonly string[] {
  const { execution } = details.plan ?? {};
  const said = [...details.evidence.map((one) => ["evidence", one] as const), ...details.questions.map((one) => ["question", one] as const)];
  const texts: readonly (readonly [name: string, text: string | null | undefined])[] = [
    [PARTS.intent, details.intent], [PARTS.stdout, execution?.stdout.text], [PARTS.stderr, execution?.stderr.text],
    [PARTS.rule, details.rule.text?.trimEnd()], ...said.map(([is, one]) => [remarkName(is, one), one.text] as const),
  ];
  const files = diffOf(details).files.filter((file) => rowsOf(file) > ROWS_MAX).map(nameOf);
  const long = texts.flatMap(([name, text]) => (text != null && isLong(text) ? [name] : []));
  return [...new Set([...long, ...files, ...longTexts(details.arguments, PARTS.arguments), ...longTexts(details.input, PARTS.answers)])];
}

/** Why a request cannot be shown in full on this screen; nothing if it can. */
export function unshowable(details: ApprovalDetails, more: More): string | undefined {
  const plan = details.plan;
  if (details.call == null) return "the call is no longer kept";
  if (details.arguments == null) return "its arguments are no longer kept, so they cannot be shown";
  if (!more.shown.complete) return "it is longer than any surface shows; look at it where it runs, or reject it";
  if (plan != null && diffOf(details).cut !== undefined) return "its diff is longer than shown; split the change, or reject it";
  if (plan != null && plan.changes.length > 0 && plan.diff === "") return "its plan has changes that no diff shows";
  return undefined;
}

/** What keeps this person from approving now; nothing if nothing does. */
export function blocked(details: ApprovalDetails, more: More, sight: { opened: (name: string) => boolean; typed: string }): Blocked | undefined {
  const { state } = details.approval;
  if (state !== "pending") return { kind: "never", why: `it is ${stateOf(state).word}` };
  const needsPasskey = more.may_decide.code === NOT_SURE_ENOUGH && more.needs.assurance === "passkey";
  if (!more.may_decide.yes && needsPasskey) return { kind: "unsure", why: more.may_decide.why ?? "this needs your passkey" };
  if (!more.may_decide.yes) return { kind: "never", why: more.may_decide.why ?? "you are not asked" };
  const hidden = unshowable(details, more);
  if (hidden !== undefined) return { kind: "never", why: hidden };
  const names = collapsed(details).filter((name) => !sight.opened(name));
  if (names.length > 0) return { kind: "unread", names };
  const text = toType(more);
  if (text !== undefined && (text === "" || sight.typed.trim() !== text.trim())) return { kind: "confirm", text };
  return undefined;
}
