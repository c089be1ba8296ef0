// What an entry says in one line, and the colour of what it decided. Kinds that are not known here are shown with what they
// hold. Pure. Tests: kinds.test.ts.

import type { Entry } from "@checkrein/sdk";

import { stateOf, type Tone } from "../parts/words.ts";

/** Kinds to look for, by what they are about. */
export const KINDS: readonly string[] = [
  "call_held", "call_denied", "call_admitted", "call_settled", "read_settled", "call_lost", "call_resolved", "call_cancelled",
  "held_call_denied", "call_superseded", "answer_given", "preview_admitted", "preview_settled", "undo_moved", "originals_erased",
  "approval_voted", "approval_approved", "approval_rejected", "approval_expired", "approval_closed", "approval_escalated",
  "approval_questioned", "evidence_given", "duty_done", "duty_overdue", "incident_opened", "incident_closed",
  "run_opened", "run_paused", "run_resumed", "run_ended", "run_exported", "budget_opened", "budget_raised",
  "stop_ordered", "stop_lifted", "stop_receipted", "stop_drilled", "rollback_ordered", "rollback_ended", "tool_pinned", "tool_drifted", "tool_refused", "tool_classified",
  "person_made", "person_changed", "person_linked", "person_unlinked", "passkey_added", "passkey_removed", "tickets_made", "session_opened",
  "session_used", "session_ended", "logins_refused", "grant_given", "grant_revoked", "key_made", "key_revoked", "slice_leased", "slice_returned", "mode_set", "policy_loaded", "contracts_loaded",
  "outlet_moved", "outlet_told", "outlet_showed", "outlet_gave_up", "message_taken", "callback_asked",
  "configuration_loaded", "writer_opened", "writer_sealed",
];

/** What happened, without what every entry has. */
export function eventOf(entry: Entry): Readonly<Record<string, unknown>> {
  return record(record(record(entry.entry)["event"])[entry.kind]);
}

/** One line. */
export function saidOf(entry: Entry): string {
  const event = eventOf(entry);
  const subject = record(event["subject"]);
  const outcome = record(event["outcome"]);
  const run = record(event["run"]);
  const parts = [
    text(subject["tool"]), text(subject["resource"]), text(event["tool"]), text(event["space"]), text(run["purpose"]),
    text(record(event["person"])["name"]) ?? text(event["person"]), text(event["question"]), text(event["group"]), text(record(event["vote"])["by"]),
    text(outcome["status"]), text(event["scope"]) ?? text(record(event["stop"])["scope"]), text(event["code"]) ?? text(outcome["code"]),
    text(event["program"]), text(event["by"]) && `by ${String(event["by"])}`, text(event["reason"]) ?? text(record(event["stop"])["reason"]),
  ];
  return parts.filter((part) => part !== undefined).join(" · ");
}

/** A decision or an end, where the entry has one. */
export function toneOf(entry: Entry): { word: string; tone: Tone } | undefined {
  const event = eventOf(entry);
  const word = text(record(event["outcome"])["status"]) ?? text(record(event["decision"])["verdict"]) ?? DECIDED[entry.kind];
  return word === undefined ? undefined : stateOf(word);
}

const DECIDED: Readonly<Record<string, string>> = {
  approval_approved: "approved", approval_rejected: "rejected", approval_expired: "expired", call_denied: "denied",
  held_call_denied: "denied", call_superseded: "superseded", call_cancelled: "cancelled", call_lost: "in_doubt", stop_ordered: "in_force",
  stop_lifted: "lifted", tool_drifted: "drifted", tool_pinned: "pinned", tool_refused: "refused", run_paused: "paused",
  approval_voted: "approved", logins_refused: "refused",
};

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
