// States in a person's words, with the one colour that each has everywhere. Words that are not known are shown as they are.
// Pure.

/** What a colour says. */
export type Tone = "good" | "wait" | "bad" | "note" | "doubt" | "plain";

interface Said {
  readonly word: string;
  readonly tone: Tone;
}

const STATES: Readonly<Record<string, Said>> = {
  pending: { word: "waits", tone: "wait" },
  approved: { word: "approved", tone: "good" },
  used: { word: "approved, used", tone: "good" },
  rejected: { word: "rejected", tone: "bad" },
  expired: { word: "expired", tone: "plain" },
  withdrawn: { word: "withdrawn", tone: "plain" },
  superseded: { word: "superseded", tone: "plain" },
  held: { word: "held", tone: "wait" },
  queued: { word: "in the outbox", tone: "wait" },
  admitted: { word: "under way", tone: "note" },
  dispatched: { word: "under way", tone: "note" },
  previewing: { word: "preview", tone: "note" },
  succeeded: { word: "succeeded", tone: "good" },
  partial: { word: "partly done", tone: "doubt" },
  failed: { word: "failed", tone: "bad" },
  denied: { word: "denied", tone: "bad" },
  stopped: { word: "stopped", tone: "bad" },
  cancelled: { word: "cancelled", tone: "plain" },
  in_doubt: { word: "in doubt", tone: "doubt" },
  undone: { word: "undone", tone: "plain" },
  open: { word: "open", tone: "note" },
  paused: { word: "paused", tone: "wait" },
  ended: { word: "ended", tone: "plain" },
  abandoned: { word: "abandoned", tone: "plain" },
  idle: { word: "idle", tone: "plain" },
  in_force: { word: "in force", tone: "bad" },
  lifted: { word: "lifted", tone: "plain" },
  allow: { word: "allow", tone: "good" },
  notify: { word: "notify", tone: "note" },
  hold: { word: "hold", tone: "wait" },
  deny: { word: "deny", tone: "bad" },
  active: { word: "active", tone: "good" },
  revoked: { word: "revoked", tone: "plain" },
  ready: { word: "ready", tone: "good" },
  connecting: { word: "connecting", tone: "note" },
  waiting: { word: "away", tone: "wait" },
  refused: { word: "refused", tone: "bad" },
  drifted: { word: "drifted", tone: "bad" },
  pinned: { word: "pinned", tone: "good" },
  held_back: { word: "held back", tone: "bad" },
};

const CLASSES: Readonly<Record<string, Said>> = {
  pure: { word: "pure", tone: "plain" },
  restorable: { word: "restorable", tone: "good" },
  compensable: { word: "compensable", tone: "note" },
  delayed: { word: "delayed", tone: "note" },
  irreversible: { word: "irreversible", tone: "bad" },
  unknown: { word: "unknown effect", tone: "bad" },
};

/** A state of anything that has one. */
export function stateOf(state: string): Said {
  return STATES[state] ?? { word: state.replaceAll("_", " "), tone: "plain" };
}

/** What can be taken back. */
export function classOf(effectClass: string): Said {
  return CLASSES[effectClass] ?? { word: effectClass, tone: "doubt" };
}

/** A consequence in words. */
export function consequence(word: string): string {
  return word === "code_execution" ? "runs code" : word.replaceAll("_", " ");
}

/** `group:operators` without its prefix. */
export function group(name: string): string {
  return name.replace(/^group:/, "");
}

/** An id without its middle, which is the same for all of one hour; of a digest its beginning. */
export function shortId(id: string): string {
  if (/^[0-9a-f]{32,}$/.test(id)) return `${id.slice(0, 12)}…`;
  const line = id.indexOf("_");
  return line < 0 || id.length - line <= 13 ? id : `${id.slice(0, line + 1)}…${id.slice(-8)}`;
}
