// "Is anything wrong?" must never say no because something is not known.

import type { Budget } from "@checkrein/sdk";
import { describe, expect, it } from "vitest";

import { checks, headline, type Told, TOO_LONG_MS, used } from "./checks.ts";

const nothing: Told = { stops: undefined, waiting: undefined, reviews: undefined, incidents: undefined, letters: undefined, tools: undefined, servers: undefined, budgets: undefined, spaces: undefined, attention: undefined };
const NOW = 10_000_000;

const PAGED = new Set(["stops", "waiting", "reviews", "incidents", "letters"]);

/** Lists stand for whole ones; `{ items, more: true }` for the first page of a longer one. */
function all(told: object): Told {
  const paged = Object.entries(told).map(([name, value]) => [name, PAGED.has(name) && Array.isArray(value) ? { items: value, more: false } : value]);
  return { ...nothing, ...Object.fromEntries(paged) } as Told;
}

function check(told: object): string {
  return checks(all(told), NOW).map((each) => `${each.tone} ${each.name}: ${each.text}`).join("; ");
}

/** The first page of a longer list. */
function page(item: object): object {
  return { items: Array.from({ length: 100 }, () => item), more: true };
}

it("says nothing of what is not known", () => expect(check({})).toBe(""));

it.each([
  [{ stops: [] }, "good Stops: none in force"],
  [{ stops: [{ scope: "everything" }] }, "bad Stops: everything is stopped"],
  [{ stops: [{ scope: "tool:x" }] }, "bad Stops: x stopped"],
  [{ stops: [{ scope: "agent:local/dunning" }, { scope: "agent:local/dunning" }] }, "bad Stops: dunning stopped"],
  [{ stops: [{ scope: "agent:local/a" }, { scope: "tool:b" }, { scope: "run_1" }] }, "bad Stops: a and 2 more stopped"],
  [{ waiting: [] }, "good Approvals: nothing waits"],
  [{ waiting: [{ asked_ms: NOW - 60_000 }] }, "wait Approvals: 1 wait, oldest 1 m"],
  [{ waiting: [{ asked_ms: NOW }, { asked_ms: NOW - TOO_LONG_MS - 1 }] }, "bad Approvals: 2 wait, oldest 15 m"],
  [{ reviews: [{ at_ms: NOW - 120_000 }] }, "wait Reviews: 1 open, oldest 2 m"],
  [{ reviews: [{ at_ms: 0, review_by_ms: NOW - 1 }, { at_ms: 0, review_by_ms: NOW + 1 }] }, "bad Reviews: 1 of 2 overdue"],
  [{ reviews: [{ at_ms: 0, overdue_ms: NOW - 1 }] }, "bad Reviews: 1 overdue"],
  [{ incidents: [{ at_ms: NOW - 60_000 }], attention: { needs_people_percent: 31 } }, "bad Incidents: 1 open, latest 1 m; wait Attention: 31 % of calls ask people"],
  [{ incidents: [], attention: { needs_people_percent: null } }, "good Incidents: none open; good Attention: no calls in 24 h"],
  [{ letters: [] }, "good Dead letters: none open"],
  [{ letters: page({ at_ms: NOW - 60_000 }) }, "bad Dead letters: 100+ open, oldest 1 m"],
  [{ waiting: page({ asked_ms: NOW - 60_000 }) }, "wait Approvals: 100+ wait, oldest 1 m"],
  [{ reviews: page({ at_ms: NOW - 60_000 }) }, "wait Reviews: 100+ open, oldest 1 m"],
  [{ reviews: page({ at_ms: 0, overdue_ms: 1 }) }, "bad Reviews: 100+ overdue"],
  [{ incidents: page({ at_ms: NOW - 60_000 }) }, "bad Incidents: 100+ open, latest 1 m"],
  [{ stops: page({ scope: "tool:x" }) }, "bad Stops: 100+ in force"],
  [{ tools: [{ standing: "pinned" }, { standing: "drifted" }, { standing: "held_back" }] }, "bad Tools: 1 drifted, 1 held back"],
  [{ servers: [{ server: "a", standing: "ready" }, { server: "b", standing: "waiting" }] }, "wait Servers: b away"],
  [{ spaces: [{ space: "a", mode: "enforce" }, { space: "b", mode: "shadow" }] }, "wait Mode: b only in shadow"],
])("%j", (told, expected) => expect(check(told)).toBe(expected));

it("puts the worst first", () => {
  expect(check({ waiting: [], stops: [{ scope: "everything" }], servers: [{ server: "b", standing: "ended" }] })).toMatch(/^bad .*; wait .*; good /);
});

describe("the headline", () => {
  it.each<[object, string]>([
    [{}, "Looking…"],
    [{ stops: [] }, "All is well"],
    [{ stops: [{ scope: "everything" }], waiting: [{ asked_ms: NOW }] }, "Something is wrong"],
    [{ waiting: [{ asked_ms: NOW }], servers: [{ server: "b", standing: "ended" }] }, "People are asked"],
    [{ waiting: [], servers: [{ server: "b", standing: "ended" }] }, "Worth a look"],
  ])("%j", (told, expected) => expect(headline(checks(all(told), NOW))).toBe(expected));
});

describe("a budget", () => {
  const budget = (limit: object, left: object): Budget => ({ limit, left }) as Budget;
  it.each([
    [budget({}, {}), 0], [budget({ calls: 40 }, { calls: 10 }), 0.75], [budget({ calls: 40, money: "5.00" }, { calls: 40, money: "0.50" }), 0.9],
    [budget({ calls: 0 }, { calls: 0 }), 1], [budget({ calls: 5 }, {}), 1],
  ])("%j", (given, expected) => expect(used(given)).toBeCloseTo(expected));
});
