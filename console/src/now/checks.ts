// Is anything wrong? What the Now screen says of an installation, the worst first. In: what the API told. Out: one line for
// each thing, with the screen that shows more. Pure. Tests: checks.test.ts.

import type { Approval, Attention, Budget, DeadLetter, DutyRecord, Incident, Server, Space, Stop, Tool } from "@checkrein/sdk";

import { MANY_PERCENT } from "../approvals/load.ts";
import type { Tone } from "../parts/words.ts";
import { ago, count } from "../text/clock.ts";

/** One thing that was looked at. */
export interface Check {
  readonly name: string;
  readonly tone: Extract<Tone, "good" | "wait" | "bad">;
  readonly text: string;
  readonly to: "/approvals" | "/stops" | "/dead-letters" | "/runs" | "/tools" | "/settings" | "/journal";
  /** Which of them, where the screen has several. */
  readonly show?: "reviews" | "load";
}

/** Waiting this long is too long, in milliseconds: 15 minutes. */
export const TOO_LONG_MS = 15 * 60_000;
/** A budget is nearly used up when this part of it is taken. */
const NEAR = 0.8;

/** The first page of a listing, and whether there is more: then what is counted is not all. */
export interface Some<T> {
  readonly items: readonly T[];
  readonly more: boolean;
}

/** What was told; `undefined` where it is not known. */
export interface Told {
  readonly stops: Some<Stop> | undefined;
  readonly waiting: Some<Approval> | undefined;
  readonly reviews: Some<DutyRecord> | undefined;
  /** Those that are open. */
  readonly incidents: Some<Incident> | undefined;
  readonly letters: Some<DeadLetter> | undefined;
  readonly tools: readonly Tool[] | undefined;
  readonly servers: readonly Server[] | undefined;
  readonly budgets: readonly Budget[] | undefined;
  readonly spaces: readonly Space[] | undefined;
  /** What people were asked in the last day. */
  readonly attention: Pick<Attention, "needs_people_percent"> | undefined;
}

/** Everything that was looked at, the worst first. What is not known is left out, and never counts as good. */
export function checks(told: Told, now: number): readonly Check[] {
  const found = [
    told.stops && stops(told.stops), told.waiting && waiting(told.waiting, now), told.reviews && reviews(told.reviews, now),
    told.tools && drift(told.tools), told.servers && servers(told.servers), told.budgets && budgets(told.budgets),
    told.spaces && spaces(told.spaces), told.incidents && incidents(told.incidents, now), told.letters && letters(told.letters, now), told.attention && load(told.attention),
  ].filter((check) => check !== undefined);
  const weight = { bad: 0, wait: 1, good: 2 };
  return found.toSorted((one, other) => weight[one.tone] - weight[other.tone]);
}

/** What all of it comes to, in one line. */
export function headline(found: readonly Check[]): string {
  const worst = found[0]?.tone;
  if (worst === undefined) return "Looking…";
  if (worst === "bad") return "Something is wrong";
  if (worst === "good") return "All is well";
  const asks = found.some((check) => check.tone === "wait" && (check.name === "Approvals" || check.name === "Reviews"));
  return asks ? "People are asked" : "Worth a look";
}

function stops({ items: all, more }: Some<Stop>): Check {
  const everything = all.some((stop) => stop.scope === "everything");
  const names = [...new Set(all.map((stop) => nameOf(stop.scope)))];
  const text = all.length === 0 ? "none in force" : everything ? "everything is stopped" : more ? `${many({ items: all, more })} in force` : few(names, "stopped");
  return { name: "Stops", tone: all.length > 0 ? "bad" : "good", text, to: "/stops" };
}

function waiting(some: Some<Approval>, now: number): Check {
  const all = some.items;
  const oldest = Math.min(...all.map((each) => each.asked_ms));
  if (all.length === 0) return { name: "Approvals", tone: "good", text: "nothing waits", to: "/approvals" };
  const late = now - oldest > TOO_LONG_MS;
  return { name: "Approvals", tone: late ? "bad" : "wait", text: `${many(some)} wait, oldest ${ago(now - oldest)}`, to: "/approvals" };
}

function reviews(some: Some<DutyRecord>, now: number): Check {
  const all = some.items;
  if (all.length === 0) return { name: "Reviews", tone: "good", text: "none open", to: "/approvals", show: "reviews" };
  const overdue = all.filter((each) => each.overdue_ms != null || (each.review_by_ms ?? Infinity) <= now).length;
  if (overdue > 0) return { name: "Reviews", tone: "bad", text: overdue === all.length ? `${many(some)} overdue` : `${overdue}${plus(some)} of ${many(some)} overdue`, to: "/approvals", show: "reviews" };
  const oldest = Math.min(...all.map((each) => each.at_ms));
  return { name: "Reviews", tone: "wait", text: `${many(some)} open, oldest ${ago(now - oldest)}`, to: "/approvals", show: "reviews" };
}

function drift(all: readonly Tool[]): Check {
  const drifted = all.filter((tool) => tool.standing === "drifted").length;
  const kept = all.filter((tool) => tool.standing === "held_back").length;
  if (drifted + kept === 0) return { name: "Tools", tone: "good", text: `${count(all.length, "tool")}, none drifted`, to: "/tools" };
  const parts = [drifted > 0 ? `${drifted} drifted` : "", kept > 0 ? `${kept} held back` : ""].filter((part) => part !== "");
  return { name: "Tools", tone: "bad", text: parts.join(", "), to: "/tools" };
}

function servers(all: readonly Server[]): Check {
  const away = all.filter((server) => server.standing !== "ready" && server.standing !== "connecting");
  if (all.length === 0) return { name: "Servers", tone: "good", text: "none configured", to: "/settings" };
  if (away.length === 0) return { name: "Servers", tone: "good", text: `${all.length} ready`, to: "/settings" };
  return { name: "Servers", tone: "wait", text: few(away.map((server) => server.server), "away"), to: "/settings" };
}

function budgets(all: readonly Budget[]): Check {
  const parts = all.map(used);
  const near = parts.filter((part) => part >= NEAR && part < 1).length;
  const over = parts.filter((part) => part >= 1).length;
  if (near + over === 0) return { name: "Budgets", tone: "good", text: all.length === 0 ? "none open" : "all have room", to: "/runs" };
  const words = [over > 0 ? `${over} used up` : "", near > 0 ? `${near} above 80 %` : ""].filter((word) => word !== "");
  return { name: "Budgets", tone: over > 0 ? "bad" : "wait", text: words.join(", "), to: "/runs" };
}

function spaces(all: readonly Space[]): Check {
  const shadow = all.filter((space) => space.mode !== "enforce").map((space) => space.space);
  if (shadow.length === 0) return { name: "Mode", tone: "good", text: "enforced everywhere", to: "/settings" };
  return { name: "Mode", tone: "wait", text: few(shadow, "only in shadow"), to: "/settings" };
}

function incidents(some: Some<Incident>, now: number): Check {
  const [latest] = some.items;
  if (latest === undefined) return { name: "Incidents", tone: "good", text: "none open", to: "/approvals", show: "reviews" };
  return { name: "Incidents", tone: "bad", text: `${many(some)} open, latest ${ago(now - latest.at_ms)}`, to: "/approvals", show: "reviews" };
}

function letters(some: Some<DeadLetter>, now: number): Check {
  if (some.items.length === 0) return { name: "Dead letters", tone: "good", text: "none open", to: "/dead-letters" };
  const oldest = Math.min(...some.items.map((each) => each.at_ms));
  return { name: "Dead letters", tone: "bad", text: `${many(some)} open, oldest ${ago(now - oldest)}`, to: "/dead-letters" };
}

function load({ needs_people_percent: percent }: Pick<Attention, "needs_people_percent">): Check {
  const many = percent != null && percent > MANY_PERCENT;
  const text = percent == null ? "no calls in 24 h" : `${percent} % of calls ask people`;
  return { name: "Attention", tone: many ? "wait" : "good", text, to: "/approvals", show: "load" };
}

/** How many there are: `7`, or `100+` where more do. */
function many(some: Some<unknown>): string {
  return `${some.items.length}${plus(some)}`;
}

function plus({ more }: Some<unknown>): string {
  return more ? "+" : "";
}

/** `a, b stopped`, `a, b and 3 more stopped`. */
function few(names: readonly string[], are: string): string {
  return names.length <= 2 ? `${names.join(", ")} ${are}` : `${names.slice(0, 1).join(", ")} and ${names.length - 1} more ${are}`;
}

/** What a stop is about, without its kind and tenant: `agent:local/dunning` is `dunning`. */
function nameOf(scope: string): string {
  return scope.replace(/^[a-z]+:(?:[^/]+\/)?/, "");
}

/** The part of a budget that is taken, in its scarcest dimension: 0 to 1; 0 where nothing is limited. */
export function used(budget: Budget): number {
  const part = (limit: number | undefined, left: number | undefined): number => (limit === undefined ? 0 : limit <= 0 ? 1 : 1 - (left ?? 0) / limit);
  const money = (amount: string | null | undefined): number | undefined => (amount == null ? undefined : Number(amount));
  const { limit, left } = budget;
  const parts = [
    part(limit.calls ?? undefined, left.calls ?? undefined), part(money(limit.money), money(left.money)),
    part(limit.irreversible ?? undefined, left.irreversible ?? undefined), part(limit.read_bytes ?? undefined, left.read_bytes ?? undefined),
    part(limit.wall_ms ?? undefined, left.wall_ms ?? undefined),
  ];
  return Math.min(1, Math.max(0, ...parts));
}
