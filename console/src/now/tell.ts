// An entry of the journal in a few words. In: an entry. Out: what happened, about what, and the colour that says the same.
// Kinds that are not known are told by their own name. Pure. Tests: tell.test.ts.

import type { Entry } from "@checkrein/sdk";

import { shortId, type Tone } from "../parts/words.ts";

/** An entry in words. */
export interface Telling {
  readonly tone: Tone;
  readonly what: string;
  readonly about: string;
  /** Who did it, where a person did. */
  readonly by?: string;
}

/** An entry with what it tells. */
export interface Told {
  readonly entry: Entry;
  readonly telling: Telling;
}

const WORDS: Readonly<Record<string, readonly [Tone, string]>> = {
  call_denied: ["bad", "Denied"],
  call_held: ["wait", "Held"],
  call_admitted: ["note", "Admitted"],
  call_queued: ["note", "In the outbox"],
  read_settled: ["plain", "Read"],
  call_settled: ["good", "Ran"],
  call_lost: ["doubt", "In doubt"],
  call_resolved: ["note", "Doubt settled"],
  attempt_failed: ["wait", "Attempt failed"],
  dead_lettered: ["bad", "Dead letter"],
  call_cancelled: ["plain", "Cancelled"],
  held_call_denied: ["bad", "Denied after waiting"],
  call_superseded: ["plain", "Superseded"],
  approval_voted: ["good", "Voted yes"],
  approval_approved: ["good", "Approved"],
  approval_rejected: ["bad", "Rejected"],
  approval_expired: ["plain", "Expired"],
  approval_escalated: ["wait", "Escalated"],
  stop_ordered: ["bad", "Stopped"],
  stop_lifted: ["good", "Goes on"],
  run_opened: ["note", "Run opened"],
  run_paused: ["wait", "Run paused"],
  run_resumed: ["good", "Run resumed"],
  run_ended: ["plain", "Run ended"],
  budget_raised: ["note", "Budget raised"],
  duty_done: ["good", "Seen"],
  tool_pinned: ["note", "Tool pinned"],
  tool_drifted: ["bad", "Tool drifted"],
  tool_refused: ["bad", "Tool refused"],
  tool_classified: ["note", "Tool classified"],
  grant_given: ["note", "Agent made"],
  grant_revoked: ["bad", "Agent revoked"],
  key_made: ["note", "Key made"],
  key_revoked: ["plain", "Key revoked"],
  mode_set: ["wait", "Mode set"],
  policy_loaded: ["plain", "Policy loaded"],
  person_made: ["note", "Person made"],
  person_changed: ["note", "Person changed"],
  session_opened: ["plain", "Logged in"],
  incident_opened: ["bad", "Incident"],
  evidence_given: ["note", "Evidence given"],
  review_done: ["good", "Reviewed"],
};

// What the machinery notes for itself.
const UNTOLD = /^(preview_|slice_|answer_given$|budget_opened$|heads?_|writer_|contracts_loaded$|configuration_loaded$|approval_closed$|originals_erased$|call_admitted$|tickets_made$|session_closed$)/;

const UNDO = "checkrein.undo";

/** Whether an entry tells of something that a person cares about. */
export function isTold(entry: Pick<Entry, "kind">): boolean {
  return !UNTOLD.test(entry.kind);
}

/** What is worth telling of these entries, the newest first, in the same order. What one act made twice is told once. */
export function story(entries: readonly Entry[]): readonly Told[] {
  const subjects = new Map<string, string>();
  const decided = new Set<string>();
  for (const entry of entries) {
    const subject = subjectOf(inner(entry));
    if (subject !== undefined && entry.call != null) subjects.set(entry.call, subject);
    if (entry.kind === "approval_approved" || entry.kind === "approval_rejected" || entry.kind === "approval_expired") decided.add(entry.call ?? "");
  }
  return entries.filter((entry) => isTold(entry) && !isTwice(entry, decided, subjects)).map((entry) => ({ entry, telling: tell(entry, subjects) }));
}

/** The last vote is the approval, a rejection denies the call, and an undo is told of the act that it takes back. */
function isTwice({ kind, call }: Entry, decided: ReadonlySet<string>, subjects: ReadonlyMap<string, string>): boolean {
  if (kind === "approval_voted" || kind === "held_call_denied") return decided.has(call ?? "");
  return kind === "call_settled" && (subjects.get(call ?? "") ?? "").startsWith(UNDO);
}

/** An entry in words. `subjects` are calls with what they are about, where other entries told. */
export function tell(entry: Pick<Entry, "kind" | "entry" | "call" | "run">, subjects: ReadonlyMap<string, string> = new Map()): Telling {
  const body = inner(entry);
  const [tone, what] = said(entry.kind, body);
  const own = subjectOf(body) ?? subjects.get(text(body, "of") ?? entry.call ?? "");
  const by = text(body, "by") ?? text(at(body, "vote"), "by");
  const found = own ?? about(body) ?? shortId(entry.call ?? entry.run ?? "");
  return { tone, what, about: found, ...(by === undefined || by === found ? {} : { by }) };
}

function said(kind: string, body: Json): readonly [Tone, string] {
  if (kind === "call_settled") return settled(body);
  if (kind === "undo_moved") return text(body, "to") === "undone" ? ["good", "Taken back"] : ["plain", `Undo ${(text(body, "to") ?? "moved").replaceAll("_", " ")}`];
  const words = kind.replaceAll("_", " ");
  return WORDS[kind] ?? ["plain", `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`];
}

function subjectOf(body: Json): string | undefined {
  const subject = at(body, "subject");
  const tool = text(at(subject, "tool"), "name") ?? text(subject, "tool") ?? text(body, "tool");
  const resource = text(subject, "resource")?.replace(/^(?:workspace|mcp):/, "");
  if (tool === undefined) return undefined;
  // A server's tool that names no resource says nothing by repeating itself.
  return resource === undefined || resource === "" || resource === "." || resource.replace("/", ".") === tool ? tool : `${tool} ${resource}`;
}

function settled(body: Json): readonly [Tone, string] {
  const outcome = at(body, "outcome");
  const executed = outcome?.["executed"];
  if (executed === "yes" && outcome?.["code"] == null) return ["good", "Ran"];
  if (executed === "unknown") return ["doubt", "In doubt"];
  return executed === "partly" ? ["doubt", "Partly done"] : ["bad", "Failed"];
}

function about(body: Json): string | undefined {
  const effect = (at(body, "outcome")?.["effects"] as readonly Json[] | undefined)?.[0];
  const run = at(body, "run");
  const grant = at(body, "grant");
  const policies = body["policies"];
  if (typeof policies === "number") return `${policies} policies`;
  const person = text(at(body, "person"), "name") ?? text(body, "person");
  return text(effect, "resource")?.replace(/^workspace:/, "") ?? person ?? text(run, "purpose") ?? text(at(body, "stop"), "scope")
    ?? text(at(at(grant, "chain"), "agent"), "name") ?? text(body, "reason") ?? text(body, "by") ?? text(body, "name") ?? text(body, "code");
}

type Json = Readonly<Record<string, unknown>>;

function inner(entry: Pick<Entry, "kind" | "entry">): Json {
  const event = at(entry.entry as Json, "event");
  return at(event, entry.kind) ?? {};
}

function at(value: Json | undefined, name: string): Json | undefined {
  const found = value?.[name];
  return typeof found === "object" && found !== null ? (found as Json) : undefined;
}

function text(value: Json | undefined, name: string): string | undefined {
  const found = value?.[name];
  return typeof found === "string" && found !== "" ? found : undefined;
}
