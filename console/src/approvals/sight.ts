// What a request for a decision shows, read from what the server says into one form that the screen draws. Pure.
// Tests: sight.test.ts.

import type { Approval, ApprovalDetails, Call, Change } from "@checkrein/sdk";

import { parse, type Diff } from "../diff/parse.ts";
import { consequence } from "../parts/words.ts";
import { count } from "../text/clock.ts";

/** Numbers that say how far a call reaches. */
export interface Radius {
  readonly created: number;
  readonly modified: number;
  readonly deleted: number;
  readonly moved: number;
  readonly undeclared: number;
  readonly runsCode: number;
  readonly linesCome: number;
  readonly linesGone: number;
}

/** What kind of change one path sees. */
export function changeKind(change: Change): "created" | "modified" | "deleted" | "moved" {
  if (change.moved_from != null) return "moved";
  if (change.before == null) return "created";
  return change.after == null ? "deleted" : "modified";
}

/** How far a plan reaches. */
export function radius(changes: readonly Change[], diff: Diff): Radius {
  const movedAway = new Set(changes.flatMap((change) => (change.moved_from == null ? [] : [change.moved_from])));
  const counted = changes.filter((change) => change.after != null || !movedAway.has(change.path));
  const of = (kind: string): number => counted.filter((change) => changeKind(change) === kind).length;
  const lines = diff.files.flatMap((file) => file.hunks).flatMap((hunk) => hunk.lines);
  return {
    created: of("created"),
    modified: of("modified"),
    deleted: of("deleted"),
    moved: of("moved"),
    undeclared: counted.filter((change) => change.observation === "unintended").length,
    runsCode: counted.filter((change) => change.consequences.includes("code_execution")).length,
    linesCome: lines.filter((line) => line.kind === "come").length,
    linesGone: lines.filter((line) => line.kind === "gone").length,
  };
}

/** One sentence: what happens to what. */
export function headline(details: ApprovalDetails): string {
  const tool = details.call?.tool ?? "a call";
  const changes = details.plan?.changes ?? [];
  if (changes.length === 0) return `${tool} ${target(details)}`.trim();
  const seen = radius(changes, { files: [], cut: undefined });
  const parts = ([["create", seen.created], ["change", seen.modified], ["delete", seen.deleted], ["move", seen.moved]] as const)
    .filter(([, number]) => number > 0);
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) {
    const [verb, number] = first;
    const place = number === 1 ? onlyPath(changes) : `${count(number, "path")}${below(changes)}`;
    return `${verb[0]?.toUpperCase() ?? ""}${verb.slice(1)} ${place}`;
  }
  return `${sentence(parts.map(([verb, number]) => `${verb} ${number}`))} paths${below(changes)}`;
}

/** One line for the inbox, from the call alone. */
export function short(call: Pick<Call, "tool" | "resource">): string {
  return `${call.tool} ${path(call.resource)}`;
}

/** A resource without its kind: `workspace:src/a.rs` is `src/a.rs`. */
export function path(resource: string): string {
  return resource.replace(/^(?:workspace|mcp):/, "");
}

/** A resource as a place on the screen: the root of the workspace is named, as `.` says nothing. */
export function place(resource: string): string {
  const found = path(resource);
  return found === "." ? "the workspace" : found;
}

/** What follows from a call, in words, each once. */
export function consequences(details: ApprovalDetails): readonly string[] {
  const words = (details.plan?.changes ?? []).flatMap((change) => change.consequences);
  return [...new Set(words)].map(consequence);
}

/** A text in which each digest is cut to its beginning. */
export function shortDigests(text: string): string {
  return text.replace(/\b([0-9a-f]{12})[0-9a-f]{52}\b/g, "$1…");
}

/** What is risky, without what the plan's own numbers say better: that something is overwritten or deleted. */
export function risks(risk: readonly string[], hasPlan: boolean): readonly string[] {
  if (!hasPlan) return risk;
  return risk.filter((line) => !/^consequences: (?:overwrite|delete)(?:, (?:overwrite|delete))*$/.test(line));
}

/** The plan's diff. */
export function diffOf(details: ApprovalDetails): Diff {
  return parse(details.plan?.diff ?? details.answer?.diff ?? "");
}

/** Requests by how soon they must be decided. */
export function byDeadline(one: Approval, other: Approval): number {
  return one.decide_by_ms - other.decide_by_ms || one.approval.localeCompare(other.approval);
}

function target({ call, arguments: given }: ApprovalDetails): string {
  if (call == null) return "";
  const place = path(call.resource);
  // A server's tool that names no resource says nothing by repeating itself.
  const repeats = place.replace("/", ".") === call.tool;
  if (!repeats) return place;
  const texts = typeof given === "object" && given !== null ? Object.values(given).filter((value): value is string => typeof value === "string") : [];
  const [first] = texts;
  return first === undefined || first.length > 60 || first.includes("\n") ? "" : `“${first}”`;
}

function onlyPath(changes: readonly Change[]): string {
  const moved = changes.find((change) => change.moved_from != null);
  if (moved !== undefined) return `${moved.moved_from ?? ""} to ${moved.path}`;
  return changes[0]?.path ?? "";
}

function below(changes: readonly Change[]): string {
  const parts = changes.map((change) => change.path.split("/"));
  const common: string[] = [];
  for (const [at, part] of (parts[0] ?? []).entries()) {
    if (!parts.every((other) => other[at] === part)) break;
    common.push(part);
  }
  return common.length === 0 ? "" : ` below ${common.join("/")}`;
}

function sentence(words: readonly string[]): string {
  const text = words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1) ?? ""}`;
  return `${text[0]?.toUpperCase() ?? ""}${text.slice(1)}`;
}
