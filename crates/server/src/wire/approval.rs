//! Approvals and duties: what people are asked, told, and answer.
//! Arguments and intents are masked before they get in here.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{Answer, Call, PlanView};

/// One request for a person's decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Approval {
    /// Its id.
    pub approval: String,
    /// The call it is for.
    pub call: String,
    /// The call's run.
    pub run: Option<String>,
    /// The policy that asks.
    pub requirement: String,
    /// Who is asked, such as `group:oncall`.
    pub asked_of: String,
    /// How many different people must say yes.
    pub quorum: u64,
    /// How many said yes so far.
    pub votes: u64,
    /// How sure it must be who says yes: `key`, `session` or `passkey`.
    pub assurance: String,
    /// Who is asked too when nobody decides for a while.
    pub escalate_to: Option<String>,
    /// When that is, in milliseconds since 1970.
    pub escalates_ms: Option<u64>,
    /// When it happened.
    pub escalated_ms: Option<u64>,
    /// The agent that asks.
    pub agent: Option<String>,
    /// The tool it wants to call.
    pub tool: Option<String>,
    /// What the call is about, such as a path.
    pub resource: Option<String>,
    /// What kind of effect the tool has, such as `restorable`.
    pub effect_class: Option<String>,
    /// Digest over principal, contract, arguments, plan and resource state: what was shown is what runs.
    pub binding: String,
    /// `pending`, `approved`, `rejected`, `expired`, `withdrawn`, `superseded` or `used`.
    pub state: String,
    /// When it was asked, in milliseconds since 1970.
    pub asked_ms: u64,
    /// Until when it can be decided.
    pub decide_by_ms: u64,
    /// Until when it can be used, once approved.
    pub execute_by_ms: Option<u64>,
    /// Who decided.
    pub decided_by: Option<String>,
    /// When.
    pub decided_ms: Option<u64>,
    /// What the person said.
    pub reason: Option<String>,
}

/// A request with everything a person needs to decide it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ApprovalDetails {
    /// The request.
    pub approval: Approval,
    /// The call.
    pub call: Option<Call>,
    /// The call's arguments, resolved and masked.
    pub arguments: Option<Value>,
    /// What the agent gives the tool beside them, masked: answers by the names of their questions.
    pub input: Option<Value>,
    /// The call that asked these questions; none if nobody did.
    pub input_answers: Option<String>,
    /// What the agent says it wants.
    pub intent: Option<String>,
    /// The answer the agent has: reasons, effects; always with the diff of the plan, which the agent may not have.
    pub answer: Option<Answer>,
    /// The plan, change by change, with what the command printed; none for a call without one.
    pub plan: Option<PlanView>,
    /// The held call on whose changes this one stands.
    pub after: Option<String>,
    /// What is needed.
    pub needs: Needs,
    /// Who said yes so far, the first one first.
    pub votes: Vec<Vote>,
    /// Whether whoever asks may say yes.
    pub may_decide: MayDecide,
    /// Who may not, whatever their groups.
    pub excluded: Vec<Excluded>,
    /// The rule that asks.
    pub rule: Rule,
    /// What speaks for care, the gravest first.
    pub risk: Vec<String>,
    /// What the call does, and how it could be taken back.
    pub effect: EffectView,
    /// References that the agent gave.
    pub evidence: Vec<Remark>,
    /// What people asked the agent.
    pub questions: Vec<Remark>,
    /// How such requests went before.
    pub similar: Similar,
    /// The request that this one took the place of.
    pub supersedes: Option<Supersedes>,
    /// The request that took the place of this one.
    pub superseded_by: Option<ApprovalLink>,
    /// What has to be typed to approve it.
    pub confirm: Confirm,
    /// What is shown here, by digest.
    pub shown: Shown,
}

/// What a request needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Needs {
    /// How many different people must say yes.
    pub quorum: u64,
    /// Who may, such as `group:oncall`.
    pub group: String,
    /// How sure it must be who says so: `key`, `session` or `passkey`.
    pub assurance: String,
    /// Who may too, after a while.
    pub escalate: Option<Escalate>,
}

/// A second group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Escalate {
    /// Who, such as `group:leads`.
    pub group: String,
    /// From when on, in milliseconds since 1970.
    pub at_ms: u64,
    /// Whether that time came.
    pub done: bool,
}

/// One person's yes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Vote {
    /// Who.
    pub by: String,
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
    /// What the person said.
    pub reason: Option<String>,
    /// How sure it was who said so.
    pub assurance: String,
    /// Where: `api`, `cli`, `console`, `slack` or `webhook`.
    pub surface: String,
    /// Digest of what the person was shown.
    pub shown: Option<String>,
}

/// Whether somebody may say yes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MayDecide {
    /// Whether.
    pub yes: bool,
    /// Why not.
    pub why: Option<String>,
    /// The code of that.
    pub code: Option<String>,
    /// What to do then.
    pub fix: Option<String>,
}

/// Somebody who may not approve a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Excluded {
    /// Who.
    pub name: String,
    /// Why, as what follows the name.
    pub because: String,
}

/// The rule that asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Rule {
    /// Its id.
    pub id: String,
    /// What it says to people.
    pub reason: Option<String>,
    /// Its text as it is in force; none for a rule of the house.
    pub text: Option<String>,
    /// Who answers for it, by its `@owner`.
    pub owner: Option<String>,
}

/// What a call does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EffectView {
    /// What can be taken back, such as `irreversible`.
    pub class: String,
    /// Who is hit.
    pub consequences: Vec<String>,
    /// How it could be taken back.
    pub undo: Option<String>,
}

/// Something said about a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Remark {
    /// Who said it; none for the agent.
    pub by: Option<String>,
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
    /// What.
    pub text: String,
}

/// How requests of the same rule for the same agent and tool went, of the latest 200.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Similar {
    /// How many there were.
    pub asked: u64,
    /// How many were approved.
    pub approved: u64,
    /// How many were rejected.
    pub rejected: u64,
    /// How many gave way to another one.
    pub superseded: u64,
    /// How many ran over their time.
    pub expired: u64,
    /// How many of the approved ones failed.
    pub failed: u64,
    /// The latest ones.
    pub latest: Vec<PastApproval>,
}

/// An earlier request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PastApproval {
    /// The request.
    pub approval: String,
    /// Its call.
    pub call: String,
    /// How it was decided.
    pub state: String,
    /// Who decided.
    pub decided_by: Option<String>,
    /// What the person said.
    pub reason: Option<String>,
    /// When it was asked, in milliseconds since 1970.
    pub asked_ms: u64,
    /// How the call ended, if it did.
    pub outcome: Option<String>,
}

/// The request that another one took the place of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Supersedes {
    /// The request; none if that call asked nobody because of this rule.
    pub approval: Option<String>,
    /// Its call.
    pub call: String,
    /// Why.
    pub why: String,
    /// Who edited it; none where it moved by itself.
    pub edited_by: Option<String>,
    /// Where the two differ.
    pub changes: Vec<RequestChange>,
}

/// One place where two requests differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RequestChange {
    /// Where: `arguments` with a JSON pointer behind it, or `plan` with a path, or `asked`.
    pub path: String,
    /// What stood there before.
    pub before: Option<String>,
    /// What stands there now.
    pub after: Option<String>,
}

/// Another request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ApprovalLink {
    /// The request; none if its call asks nobody because of this rule.
    pub approval: Option<String>,
    /// Its call.
    pub call: String,
}

/// What has to be typed to approve a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Confirm {
    /// `none`, or `type`.
    pub kind: String,
    /// What has to be typed.
    pub text: Option<String>,
}

/// What is shown of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Shown {
    /// SHA-256 of its canonical rendering; send it back with a yes, and it is kept with that.
    pub digest: String,
    /// Its length in characters.
    pub chars: u64,
    /// Whether nothing of it is cut or gone. What is not complete may be approved only by typing, and on no surface that
    /// shows less than this one.
    pub complete: bool,
}

/// Says yes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Approve {
    /// Why, if the person wants to say.
    #[serde(default)]
    pub reason: Option<String>,
    /// What had to be typed, where something has to.
    #[serde(default)]
    pub confirm: Option<String>,
    /// `shown.digest` of what the person was shown.
    #[serde(default)]
    pub shown: Option<String>,
    /// Where a person with a key says so: `api` or `cli`.
    #[serde(default)]
    pub surface: Option<String>,
}

/// Proposes other arguments in place of those that a held call has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditCall {
    /// All arguments of the new call.
    pub arguments: Value,
    /// Why; the agent is told.
    pub reason: String,
}

/// Asks the agent something before a request is decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskAgent {
    /// What.
    pub question: String,
}

/// Says no.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reject {
    /// Why; the agent is told.
    pub reason: String,
}

/// A notice or review that policy asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DutyRecord {
    /// Its key, `call/kind/policy`.
    pub duty: String,
    /// The call.
    pub call: String,
    /// The call's run.
    pub run: Option<String>,
    /// `notice` or `review`.
    pub kind: String,
    /// The policy that asks for it.
    pub policy: String,
    /// Who is told or reviews.
    pub asked_of: String,
    /// Whose call it was.
    pub agent: Option<String>,
    /// `open` or `done`.
    pub state: String,
    /// Since when, in milliseconds since 1970.
    pub at_ms: u64,
    /// Who did it.
    pub done_by: Option<String>,
    /// What the person noted.
    pub note: Option<String>,
    /// What a review said of the act: `accepted` or `rejected`.
    pub verdict: Option<String>,
    /// Until when it should be reviewed, in milliseconds since 1970.
    pub review_by_ms: Option<u64>,
    /// Since when it is overdue.
    pub overdue_ms: Option<u64>,
}

/// Marks a notice as seen or a review as made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Done {
    /// What the person wants to note; for a rejection, why.
    #[serde(default)]
    pub note: Option<String>,
    /// What a review says of the act: `accepted` or `rejected`; `accepted` if nothing is said. A rejected act is taken
    /// back where that is possible, else an incident is recorded.
    #[serde(default)]
    pub verdict: Option<String>,
}
