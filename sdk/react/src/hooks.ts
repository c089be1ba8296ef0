// One hook for each thing that the API shows. Lists are read a page at a time.

import type * as sdk from "@checkrein/sdk";
import type { UseQueryResult } from "@tanstack/react-query";

import { useOne, usePages, type Listing, type QueryOptions } from "./query.ts";

type One<T> = UseQueryResult<T>;

/** Requests for decisions, the oldest first. */
export function useApprovals(which: sdk.WhichApprovals = {}, options?: QueryOptions): Listing<sdk.Approval> {
  return usePages(["approvals", which], (client, part, init) => client.approvals.list({ ...which, ...part }, init), options);
}

/** One request with everything a person needs to decide it. */
export function useApproval(approval: string, options?: QueryOptions): One<sdk.ApprovalDetails> {
  return useOne(["approvals", approval], (client, init) => client.approvals.one(approval, init), options);
}

/** Runs, the latest first. */
export function useRuns(which: sdk.WhichRuns = {}, options?: QueryOptions): Listing<sdk.Run> {
  return usePages(["runs", which], (client, part, init) => client.runs.list({ ...which, ...part }, init), options);
}

/** One run. */
export function useRun(run: string, options?: QueryOptions): One<sdk.Run> {
  return useOne(["runs", run], (client, init) => client.runs.one(run, init), options);
}

/** Calls, the latest first. */
export function useCalls(which: sdk.WhichCalls = {}, options?: QueryOptions): Listing<sdk.Call> {
  return usePages(["calls", which], (client, part, init) => client.calls.list({ ...which, ...part }, init), options);
}

/** One call with its answer and what people were asked. */
export function useCall(call: string, options?: QueryOptions): One<sdk.CallDetails> {
  return useOne(["calls", call], (client, init) => client.calls.one(call, init), options);
}

/** What a call would do or did. */
export function usePlan(call: string, options?: QueryOptions): One<sdk.PlanView> {
  return useOne(["calls", call, "plan"], (client, init) => client.calls.plan(call, init), options);
}

/** Why a call was decided as it was. */
export function useExplanation(call: string, options?: QueryOptions): One<sdk.Explanation> {
  return useOne(["calls", call, "explanation"], (client, init) => client.calls.explain(call, init), options);
}

/** Notices to see and reviews to make. */
export function useDuties(which: sdk.WhichDuties = {}, options?: QueryOptions): Listing<sdk.DutyRecord> {
  return usePages(["duties", which], (client, part, init) => client.duties.list({ ...which, ...part }, init), options);
}

/** Stops, the latest first. */
export function useStops(which: sdk.WhichStops = {}, options?: QueryOptions): Listing<sdk.Stop> {
  return usePages(["stops", which], (client, part, init) => client.stops.list({ ...which, ...part }, init), options);
}

/** What a stop would reach, without ordering it. */
export function useReach(scope: string, options?: QueryOptions): One<sdk.Reach> {
  return useOne(["stops", "reach", scope], (client, init) => client.stops.reach(scope, init), options);
}

/** How the levers of a stop answered; asked again while some have not. */
export function useReceipt(stop: string, options?: QueryOptions): One<sdk.StopReport> {
  return useOne(["stops", stop, "receipt"], (client, init) => client.kills.receipt(stop, init), {
    ...options, again: (found, times) => (found?.complete !== false ? false : times < RECEIPT_LOOKS ? RECEIPT_EVERY_MS : RECEIPT_LATER_MS),
  });
}

/** Levers answer within 10 s or are given up; of a stop whose process ended meanwhile there may never be more. */
const RECEIPT_EVERY_MS = 500;
const RECEIPT_LOOKS = 40;
const RECEIPT_LATER_MS = 15_000;

/** The last rehearsal of a stop; a `Problem` of status 404 where there was none. */
export function useLastDrill(options?: QueryOptions): One<sdk.Drill> {
  return useOne(["stops", "last drill"], (client, init) => client.kills.lastDrill(init), options);
}

/** What taking acts back would do, the newest first. */
export function useUndoPlan(ask: sdk.UndoAsk, options?: QueryOptions): One<sdk.UndoReport> {
  return useOne(["calls", "undo plan", ask], (client, init) => client.undo.plan(ask, init), options);
}

/** Calls that wait for a person because no attempt is left, or because nobody knows what became of them. */
export function useDeadLetters(which: sdk.WhichDeadLetters = {}, options?: QueryOptions): Listing<sdk.DeadLetter> {
  return usePages(["dead_letters", which], (client, part, init) => client.deadLetters.list({ ...which, ...part }, init), options);
}

/** One dead letter with its evidence. */
export function useDeadLetter(call: string, options?: QueryOptions): One<sdk.DeadLetterDetails> {
  return useOne(["dead_letters", call], (client, init) => client.deadLetters.one(call, init), options);
}

/** Budgets: of a run, of a grant's days, or of the latest runs. */
export function useBudgets(which: sdk.WhichBudgets = {}, options?: QueryOptions): One<sdk.Page<sdk.Budget>> {
  return useOne(["budgets", which], (client, init) => client.budgets.list(which, init), options);
}

/** Incidents, the latest first: acts that were rejected afterwards and could not be taken back. */
export function useIncidents(which: sdk.WhichIncidents = {}, options?: QueryOptions): Listing<sdk.Incident> {
  return usePages(["duties", "incidents", which], (client, part, init) => client.duties.incidents({ ...which, ...part }, init), options);
}

/** Agents: grants. */
export function useAgents(which: sdk.WhichAgents = {}, options?: QueryOptions): Listing<sdk.Grant> {
  return usePages(["agents", which], (client, part, init) => client.agents.list({ ...which, ...part }, init), options);
}

/** Keys, never their texts. */
export function useKeys(which: sdk.WhichKeys = {}, options?: QueryOptions): Listing<sdk.Key> {
  return usePages(["keys", which], (client, part, init) => client.keys.list({ ...which, ...part }, init), options);
}

/** Services that are told what people should know, with how each stands. */
export function useOutlets(options?: QueryOptions): One<sdk.Page<sdk.Outlet>> {
  return useOne(["outlets"], (client, init) => client.outlets.list(init), options);
}

/** Whose key or session this is. */
export function useWhoAmI(options?: QueryOptions): One<sdk.WhoAmI> {
  return useOne(["session", "who"], (client, init) => client.keys.whoAmI(init), options);
}

/** Tools, all of them. */
export function useTools(options?: QueryOptions): One<sdk.Page<sdk.Tool>> {
  return useOne(["tools"], (client, init) => client.tools.list(init), options);
}

/** One tool with its contract. */
export function useTool(tool: string, options?: QueryOptions): One<sdk.ToolDetails> {
  return useOne(["tools", tool], (client, init) => client.tools.one(tool, init), options);
}

/** How what a server offers differs from what was accepted. */
export function useToolDiff(tool: string, options?: QueryOptions): One<sdk.ToolDiff> {
  return useOne(["tools", tool, "diff"], (client, init) => client.tools.diff(tool, init), options);
}

/** Servers of tools with how each stands. */
export function useServers(options?: QueryOptions): One<sdk.Page<sdk.Server>> {
  return useOne(["servers"], (client, init) => client.servers.list(init), options);
}

/** The policies in force. */
export function usePolicies(options?: QueryOptions): One<sdk.Policies> {
  return useOne(["policies"], (client, init) => client.policies.current(init), options);
}

/** Spaces with their mode. */
export function useSpaces(options?: QueryOptions): One<sdk.Page<sdk.Space>> {
  return useOne(["spaces"], (client, init) => client.spaces.list(init), options);
}

/** Kinds of work. */
export function useWorkflows(options?: QueryOptions): One<sdk.Page<sdk.Workflow>> {
  return useOne(["workflows"], (client, init) => client.spaces.workflows(init), options);
}

/** Entries of the journal. */
export function useEntries(which: sdk.WhichEntries = {}, options?: QueryOptions): Listing<sdk.Entry> {
  return usePages(
    ["journal", which],
    (client, part, init) => client.journal.entries({ ...which, ...(part.after === undefined ? {} : { after: Number(part.after) }) }, init),
    options,
  );
}

/** The head of the journal. */
export function useHead(options?: QueryOptions): One<sdk.Head> {
  return useOne(["journal", "head"], (client, init) => client.journal.head(init), options);
}

/** What people were asked since a moment, in milliseconds since 1970. */
export function useAttention(sinceMs?: number, options?: QueryOptions): One<sdk.Attention> {
  return useOne(["attention", sinceMs], (client, init) => client.approvals.attention(sinceMs, init), options);
}

/** Everybody with an account. */
export function usePeople(options?: QueryOptions): One<sdk.Page<sdk.Person>> {
  return useOne(["people"], (client, init) => client.people.list(init), options);
}

/** The session of whoever is logged in in this browser, with passkeys and how many recovery codes are left. */
export function useSessionDetails(options?: QueryOptions): One<sdk.Session> {
  return useOne(["session", "details"], (client, init) => client.account.session(init), options);
}
