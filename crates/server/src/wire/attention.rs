//! Attention as it is measured: how often people are asked, how long things wait, how they decide.
//! Measured from records of requests and calls of one tenant, never from what anybody says of it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What people were asked since a moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Attention {
    /// Since when, in milliseconds since 1970.
    pub since_ms: u64,
    /// Whether there were more requests than are read; then only the latest are in here.
    pub cut: bool,
    /// Requests that were made.
    pub asked: u64,
    /// Calls that were made, as far as they are counted.
    pub calls: u64,
    /// Of a hundred calls, how many needed people; none without calls.
    pub needs_people_percent: Option<u64>,
    /// Why no held call can be approved by anybody, and what to do; none where somebody can.
    #[serde(default)]
    pub nobody_decides: Option<String>,
    /// What to look at, in words.
    pub warnings: Vec<String>,
    /// By group that is asked.
    pub groups: Vec<GroupAttention>,
    /// By person who decided.
    pub people: Vec<PersonAttention>,
    /// By agent that asks.
    pub agents: Vec<AgentAttention>,
    /// Acts that were rejected afterwards and could not be taken back, the latest first.
    pub incidents: Vec<Incident>,
}

/// What one group was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GroupAttention {
    /// The group.
    pub group: String,
    /// How often it was asked.
    pub asked: u64,
    /// How often that was decided by a person.
    pub decided: u64,
    /// How often nobody decided in time.
    pub expired: u64,
    /// What waits now.
    pub pending: u64,
    /// The middle wait until a decision, in milliseconds.
    pub wait_p50_ms: Option<u64>,
    /// The wait that 95 of 100 decisions keep, in milliseconds.
    pub wait_p95_ms: Option<u64>,
}

/// How one person decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PersonAttention {
    /// The person.
    pub name: String,
    /// How often this person decided.
    pub decided: u64,
    /// Of a hundred decisions, how many were a yes.
    pub yes_percent: u64,
    /// The middle wait until this person decided, in milliseconds.
    pub wait_p50_ms: Option<u64>,
    /// The wait that 95 of 100 decisions keep, in milliseconds.
    pub wait_p95_ms: Option<u64>,
    /// How often this person said yes sooner than anybody could have read what was shown.
    pub faster_than_reading: u64,
    /// Decisions in the busiest hour.
    pub busiest_hour: u64,
}

/// How one agent asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AgentAttention {
    /// The agent.
    pub agent: String,
    /// How often people were asked for it.
    pub asked: u64,
    /// How often they said no.
    pub rejected: u64,
    /// Reviews of its acts that nobody made in time.
    pub reviews_overdue: u64,
    /// Acts of it that were rejected afterwards.
    pub reviews_rejected: u64,
    /// The stop that holds it because it asked too often.
    pub suspended: Option<String>,
}

/// An act that was rejected afterwards and could not be taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Incident {
    /// The review.
    pub duty: String,
    /// The call.
    pub call: String,
    /// Why.
    pub reason: String,
    /// Who rejected it.
    pub opened_by: String,
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
    /// `open` or `closed`.
    pub state: String,
    /// Who closed it.
    pub closed_by: Option<String>,
    /// What that person said became of it.
    pub closed_reason: Option<String>,
    /// When, in milliseconds since 1970.
    pub closed_ms: Option<u64>,
}

/// Closes an incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CloseIncident {
    /// What became of it.
    pub reason: String,
}
