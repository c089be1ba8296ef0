// The names of what is kept in the query cache, and which of them an entry of the journal makes old. Pure.
// Tests: test/keys.test.ts.

import type { Entry } from "@checkrein/sdk";

/** What a query is about. */
export type Subject =
  | "agents" | "approvals" | "attention" | "budgets" | "calls" | "duties" | "journal" | "keys" | "people" | "policies" | "runs"
  | "servers" | "session" | "spaces" | "stops" | "tools" | "workflows";

/** The first part of every key, so that a cache may hold other things too. */
export const ROOT = "checkrein";

/** `[root, subject, …]`: naming only a subject names everything of it. */
export function key(subject: Subject, ...rest: readonly unknown[]): readonly unknown[] {
  return [ROOT, subject, ...rest];
}

/** What an entry makes old, by its kind. A kind that is not known here makes everything old: better slow than wrong. */
export function touched(entry: Pick<Entry, "kind">): ReadonlySet<Subject> | "everything" {
  const found = KINDS.find(([kinds]) => kinds.test(entry.kind));
  return found === undefined ? "everything" : new Set<Subject>([...found[1], "journal"]);
}

const KINDS: readonly (readonly [RegExp, readonly Subject[]])[] = [
  [/^(call_held|held_call_denied|call_cancelled|call_superseded)$/, ["calls", "approvals", "attention", "budgets", "duties", "runs"]],
  [/^(call_|read_settled$|undo_moved$|originals_erased$)/, ["calls", "approvals", "budgets", "duties", "runs"]],
  [/^(preview_|answer_given$|slice_|heads?_|writer_|configuration_loaded$|run_exported$)/, []],
  [/^(outlet_|message_taken$|callback_asked$)/, []],
  [/^approval_/, ["approvals", "calls", "attention"]],
  [/^(duty_|review_)/, ["duties", "approvals", "attention"]],
  [/^run_/, ["runs", "budgets", "calls"]],
  [/^budget_/, ["budgets"]],
  [/^stop_/, ["stops", "runs"]],
  [/^rollback_/, ["stops", "calls"]],
  [/^(tool_|contracts_loaded$)/, ["tools", "servers"]],
  [/^policy_/, ["policies"]],
  [/^mode_set$/, ["spaces"]],
  [/^(grant_|key_)/, ["agents", "keys"]],
  [/^(person_|passkey_|session_|tickets_|logins_)/, ["people", "session", "keys"]],
  [/^evidence_given$/, ["approvals"]],
  [/^incident_/, ["duties", "attention", "calls"]],
];
