// The inbox asks the server for what it shows: a request of page five is as much "mine" as one of page one. And the command
// beside it asks for the same.

import { describe, expect, it } from "vitest";

import { approvalsCommand, approvalsSearch, type ApprovalsSearch, whichApprovals } from "./which.ts";

const NOW = 200 * 3_600_000;

describe("asks for, and says as a command", () => {
  it.each<[ApprovalsSearch, object, string]>([
    [{}, { state: "pending", mine: true }, "checkrein approvals ls --mine"],
    [{ show: "all" }, { state: "pending" }, "checkrein approvals ls"],
    [{ show: "all", agent: "builder", text: "prod db" }, { state: "pending", agent: "builder", text: "prod db" }, "checkrein approvals ls --agent builder --text 'prod db'"],
    [{ show: "decided" }, { state: "decided", first: "newest" }, "checkrein approvals ls --state decided --first newest"],
    [{ show: "decided", ended: "expired" }, { state: "expired", first: "newest" }, "checkrein approvals ls --state expired --first newest"],
    [{ show: "mine", span: "hour" }, { state: "pending", mine: true, since_ms: 199 * 3_600_000 }, `checkrein approvals ls --mine --since ${199 * 3_600_000}`],
  ])("%j", (search, asked, command) => {
    expect(whichApprovals(search, NOW)).toEqual(asked);
    expect(approvalsCommand(search, NOW)).toBe(command);
  });
});

describe("an address", () => {
  it.each<[Record<string, unknown>, ApprovalsSearch]>([
    [{}, {}],
    [{ show: "decided", ended: "rejected", agent: "a", text: "x", span: "day" }, { show: "decided", ended: "rejected", agent: "a", text: "x", span: "day" }],
    [{ show: "everything", ended: "pending", span: "year", agent: "", text: 7 }, {}],
  ])("%j", (search, expected) => expect(approvalsSearch(search)).toEqual(expected));
});
