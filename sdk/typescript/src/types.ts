// The words of the API as types. Everything here comes from the generated document; where the document says only "text",
// the words that are possible are named.

import type { components, operations } from "./generated/api.ts";

type Schemas = components["schemas"];

/** How a call ended, or that it waits. */
export type Status = "succeeded" | "partial" | "failed" | "denied" | "held" | "stopped" | "in_doubt";
/** Whether the act happened. */
export type Executed = "yes" | "partly" | "no" | "unknown";

/** What a caller is told of a call: one envelope for success and failure. */
export type Answer = Omit<Schemas["Answer"], "status" | "executed"> & {
  readonly status: Status;
  readonly executed: Executed;
};
/** What becomes of an act that is to be taken back. */
export type UndoOutcome = "can_be_undone" | "undone" | "withdrawn" | "partly_undone" | "not_undoable" | "not_undone" | "in_doubt";
/** One act of an undo report. */
export type UndoAct = Omit<Schemas["UndoAct"], "outcome"> & { readonly outcome: UndoOutcome };
/** What becomes of the acts that were asked for, newest first. */
export type UndoReport = Omit<Schemas["UndoReport"], "acts"> & { readonly acts: UndoAct[] };
/** What an agent proposes. */
export type Proposal = Schemas["Proposal"];
/** What went wrong with a call: what happened, what was expected, what to do next. */
export type Failure = Schemas["Failure"];
/** Why a request that is not a call was refused (RFC 9457). */
export type ProblemBody = Schemas["Problem"];

export type AcceptTool = Schemas["AcceptTool"];
export type Agent = Schemas["Agent"];
export type Amounts = Schemas["Amounts"];
export type Approval = Schemas["Approval"];
export type ApprovalDetails = Schemas["ApprovalDetails"];
export type Approve = Schemas["Approve"];
export type Attention = Schemas["Attention"];
export type Budget = Schemas["Budget"];
export type Call = Schemas["Call"];
export type CallDetails = Schemas["CallDetails"];
export type Change = Schemas["Change"];
export type ChangePerson = Schemas["ChangePerson"];
export type CheckedPolicies = Schemas["CheckedPolicies"];
export type ClassView = Schemas["ClassView"];
export type ClassifyTool = Schemas["ClassifyTool"];
export type Cost = Schemas["Cost"];
export type DeadLetter = Schemas["DeadLetter"];
export type DeadLetterDetails = Schemas["DeadLetterDetails"];
export type Decision = Schemas["Decision"];
export type DiffLine = Schemas["DiffLine"];
export type Difference = Schemas["Difference"];
export type Done = Schemas["Done"];
export type Drill = Schemas["Drill"];
export type Duty = Schemas["Duty"];
export type DutyRecord = Schemas["DutyRecord"];
export type EditCall = Schemas["EditCall"];
export type Effect = Schemas["Effect"];
export type EndRun = Schemas["EndRun"];
export type Entry = Schemas["Entry"];
export type Execution = Schemas["Execution"];
export type ExpectedEffect = Schemas["ExpectedEffect"];
export type Explanation = Schemas["Explanation"];
export type FileState = Schemas["FileState"];
export type Finding = Schemas["Finding"];
export type GoTo = Schemas["GoTo"];
export type Grant = Schemas["Grant"];
export type Head = Schemas["Head"];
export type Invitation = Schemas["Invitation"];
export type Incident = Schemas["Incident"];
export type Key = Schemas["Key"];
export type KillAct = Schemas["KillAct"];
export type KillAsk = Schemas["OrderKill"];
export type KillPlan = Schemas["KillPlan"];
export type LeverReceipt = Schemas["Lever"];
export type Limits = Schemas["Limits"];
export type LoggedOut = Schemas["LoggedOut"];
export type MadeAgent = Schemas["MadeAgent"];
export type MadeKey = Schemas["MadeKey"];
export type NewAgent = Schemas["NewAgent"];
export type NewKey = Schemas["NewKey"];
export type NewPerson = Schemas["NewPerson"];
export type OpenRun = Schemas["OpenRun"];
export type OrderStop = Schemas["OrderStop"];
export type Output = Schemas["Output"];
export type Outlet = Schemas["Outlet"];
export type OutletTest = Schemas["OutletTest"];
export type Pack = Schemas["Pack"];
export type Passkey = Schemas["Passkey"];
export type PasskeyOptions = Schemas["PasskeyOptions"];
export type Person = Schemas["Person"];
export type PlanView = Schemas["PlanView"];
export type Policies = Schemas["Policies"];
export type PolicyFile = Schemas["PolicyFile"];
export type PolicyProblem = Schemas["PolicyProblem"];
export type PolicyRule = Schemas["PolicyRule"];
export type Probed = Schemas["Probed"];
export type Raise = Schemas["Raise"];
export type Reach = Schemas["Reach"];
export type Reason = Schemas["Reason"];
export type RecoveryCodes = Schemas["RecoveryCodes"];
export type RefuseTool = Schemas["RefuseTool"];
export type ReplayReport = Schemas["ReplayReport"];
export type Requirement = Schemas["Requirement"];
export type Resolve = Schemas["Resolve"];
export type RestartServer = Schemas["RestartServer"];
export type RolledBack = Schemas["RolledBack"];
export type Run = Schemas["Run"];
export type Server = Schemas["Server"];
export type Session = Schemas["Session"];
export type Space = Schemas["Space"];
export type Stop = Schemas["Stop"];
export type StopReceipt = Schemas["StopReceipt"];
export type StoppedCall = Schemas["StoppedCall"];
export type StopReport = Schemas["StopReport"];
export type Suggestion = Schemas["Suggestion"];
export type Tool = Schemas["Tool"];
export type ToolDetails = Schemas["ToolDetails"];
export type ToolDiff = Schemas["ToolDiff"];
export type UndoAsk = Schemas["UndoAsk"];
export type UndoOffer = Schemas["UndoOffer"];
export type Undone = Schemas["Undone"];
export type UpstreamTool = Schemas["UpstreamTool"];
export type Verification = Schemas["Verification"];
export type WhoAmI = Schemas["WhoAmI"];
export type Workflow = Schemas["Workflow"];

/** One page of a listing. `next` goes into `after` of the next one; without it, this was the last. */
export interface Page<T> {
  readonly items: T[];
  readonly next?: string | null;
}

type QueryOf<Operation extends keyof operations> = NonNullable<operations[Operation]["parameters"]["query"]>;

/** Which part of a listing: `limit` 1 to 1,000 (else 100), `after` the `next` of the page before. */
export type Part = Pick<NonNullable<QueryOf<"keys_list">>, "after" | "limit">;
export type WhichApprovals = QueryOf<"approvals_list">;
export type WhichBudgets = QueryOf<"budgets_list">;
export type WhichAgents = QueryOf<"agents_list">;
export type WhichCalls = QueryOf<"calls_list">;
export type WhichDeadLetters = QueryOf<"dead_letters_list">;
export type WhichDuties = QueryOf<"duties_list">;
export type WhichIncidents = QueryOf<"duties_incidents">;
export type WhichKeys = QueryOf<"keys_list">;
export type WhichTools = QueryOf<"tools_list">;
export type WhichEntries = QueryOf<"journal_entries">;
export type WhichRuns = QueryOf<"runs_list">;
export type WhichStops = QueryOf<"stops_list">;
export type WhichSuggestion = QueryOf<"policies_suggest">;
