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
    /// Who is asked; in this version any operator may decide.
    pub asked_of: String,
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
}

/// Says yes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Approve {
    /// Why, if the person wants to say.
    #[serde(default)]
    pub reason: Option<String>,
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
    /// `open` or `done`.
    pub state: String,
    /// Since when, in milliseconds since 1970.
    pub at_ms: u64,
    /// Who did it.
    pub done_by: Option<String>,
    /// What the person noted.
    pub note: Option<String>,
}

/// Marks a notice as seen or a review as made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Done {
    /// What the person wants to note.
    #[serde(default)]
    pub note: Option<String>,
}
