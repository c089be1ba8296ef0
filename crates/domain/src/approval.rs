//! Approvals: a person's decision on one call, bound to exactly that call, plan and resource state.
//!
//! ```text
//! Pending -> Approved | Rejected* | Expired* | Withdrawn* | Superseded*
//! Approved -> Used* | Expired* | Withdrawn* | Superseded*
//! ```
//! A request stays pending until as many people as its quorum said yes; one no ends it. A timeout denies, it never
//! approves.

use std::time::Duration;

use crate::contract::words;
use crate::{ApprovalId, Assurance, CallId, Digest, Name, Timestamp, limits};

/// What a policy asks people for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// The policy id that holds; the approval satisfies this one and no other.
    pub id: String,
    /// Who may decide, such as `group:payments-oncall`.
    pub group: String,
    /// How long people have to decide.
    pub decide_within: Duration,
    /// How long an approval may be used.
    pub execute_within: Duration,
    /// How many different people must say yes: 1 to `limits::QUORUM_MAX`.
    pub quorum: u8,
    /// How sure one must be who says yes.
    pub assurance: Assurance,
    /// Who may decide too when nobody did for a while.
    pub escalate: Option<Escalation>,
}

/// A second group, asked when the first one was silent.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Escalation {
    /// How long the first group is asked alone; shorter than the time to decide.
    pub after: Duration,
    /// Who may decide from then on too, such as `group:leads`.
    pub group: String,
}

impl Requirement {
    /// What a rule of the house asks: one person of a group, by the usual clocks.
    pub fn usual(id: impl Into<String>, group: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            group: group.into(),
            decide_within: limits::DECIDE_BY_DEFAULT,
            execute_within: limits::EXECUTE_BY_DEFAULT,
            quorum: 1,
            assurance: Assurance::Key,
            escalate: None,
        }
    }

    fn second(&self) -> Option<&str> {
        self.escalate.as_ref().map(|second| second.group.as_str())
    }

    /// Whether what people were asked by `self` is enough where `now` is asked: the same people, as many, as sure. A second group that
    /// is not asked now must not have been asked either: it may have said yes.
    pub fn satisfies(&self, now: &Self) -> bool {
        self.id == now.id
            && self.group == now.group
            && self.quorum >= now.quorum
            && self.assurance >= now.assurance
            && self.second().is_none_or(|group| now.second() == Some(group))
    }
}

/// One person's yes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vote {
    /// Who.
    pub by: Name,
    /// When.
    pub at: Timestamp,
    /// What the person said.
    pub reason: Option<String>,
    /// How sure it was that it is this person.
    pub assurance: Assurance,
    /// Where the person said so.
    pub surface: Surface,
    /// What the person was shown, if the surface told.
    pub shown: Option<Shown>,
}

/// What a surface showed of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    /// SHA-256 of the canonical rendering.
    pub digest: Digest,
    /// Its length in characters, for how long reading takes.
    pub chars: u64,
}

/// Where a person decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Surface {
    /// By the API, with a key.
    Api,
    /// On the command line.
    Cli,
    /// In the console, logged in.
    Console,
    /// In Slack.
    Slack,
    /// By a signed webhook.
    Webhook,
}

/// One request for a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// Its id.
    pub id: ApprovalId,
    /// The call it is for.
    pub call: CallId,
    /// What is asked.
    pub requirement: Requirement,
    /// Digest over principal chain, contract, canonical arguments, plan and witnesses: what was shown is
    /// what runs (P4).
    pub binding: Digest,
    /// Until when it can be decided.
    pub decide_by: Timestamp,
    /// Until when it can be used, once approved.
    pub execute_by: Option<Timestamp>,
    /// Who said yes so far, the first one first.
    pub votes: Vec<Vote>,
    /// Who decided: the last of those who said yes, or who said no.
    pub decided_by: Option<Name>,
    /// The words of whoever decided.
    pub reason: Option<String>,
    /// Where it stands.
    pub state: ApprovalState,
}

/// Life of an approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ApprovalState {
    /// Waits for a person.
    Pending,
    /// A person said yes; it may be used once until its execute-by.
    Approved,
    /// A person said no.
    Rejected,
    /// Nobody decided, or nobody used it, in time.
    Expired,
    /// The caller or a stop took the call back.
    Withdrawn,
    /// A newer request took its place.
    Superseded,
    /// Its call was admitted with it.
    Used,
}

/// What can happen to an approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ApprovalEvent {
    /// A person said yes.
    Approved,
    /// A person said no.
    Rejected,
    /// Its time ran out.
    Expired,
    /// The call was taken back.
    Withdrawn,
    /// A newer request took its place.
    Superseded,
    /// Its call was admitted with it.
    Used,
}

impl ApprovalState {
    /// The state after `event`; none where the event cannot happen.
    pub const fn apply(self, event: ApprovalEvent) -> Option<Self> {
        use ApprovalEvent as E;
        match (self, event) {
            (Self::Pending, E::Approved) => Some(Self::Approved),
            (Self::Pending, E::Rejected) => Some(Self::Rejected),
            (Self::Pending | Self::Approved, E::Expired) => Some(Self::Expired),
            (Self::Pending | Self::Approved, E::Withdrawn) => Some(Self::Withdrawn),
            (Self::Pending | Self::Approved, E::Superseded) => Some(Self::Superseded),
            (Self::Approved, E::Used) => Some(Self::Used),
            (
                Self::Pending
                | Self::Approved
                | Self::Rejected
                | Self::Expired
                | Self::Withdrawn
                | Self::Superseded
                | Self::Used,
                _,
            ) => None,
        }
    }
}

words! {
    Surface { Api = "api", Cli = "cli", Console = "console", Slack = "slack", Webhook = "webhook" }
    ApprovalState {
        Pending = "pending", Approved = "approved", Rejected = "rejected", Expired = "expired",
        Withdrawn = "withdrawn", Superseded = "superseded", Used = "used",
    }
    ApprovalEvent {
        Approved = "approved", Rejected = "rejected", Expired = "expired",
        Withdrawn = "withdrawn", Superseded = "superseded", Used = "used",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_approval_is_used_once_and_only_after_a_yes() {
        let before_use: Vec<&ApprovalState> = ApprovalState::ALL
            .iter()
            .filter(|state| state.apply(ApprovalEvent::Used).is_some())
            .collect();
        assert_eq!(before_use, [&ApprovalState::Approved]);
        assert_eq!(ApprovalState::Used.apply(ApprovalEvent::Used), None);
    }

    #[test]
    fn only_as_many_people_of_the_same_group_as_sure_satisfy_what_is_asked_now() {
        let asked = Requirement::usual("ask", "group:oncall");
        let now = |change: fn(&mut Requirement)| {
            let mut now = asked.clone();
            change(&mut now);
            asked.satisfies(&now)
        };
        assert!(now(|_| {}));
        assert!(now(|now| now.decide_within = Duration::from_secs(1)));
        assert!(!now(|now| now.quorum = 2));
        assert!(!now(|now| now.group = "group:leads".to_owned()));
        assert!(!now(|now| now.assurance = Assurance::Passkey));
        assert!(!now(|now| now.id = "other".to_owned()));
        let second = |group: &str| {
            Some(Escalation { after: Duration::from_secs(1), group: group.to_owned() })
        };
        let escalated = Requirement { escalate: second("group:leads"), ..asked.clone() };
        assert!(!escalated.satisfies(&asked), "a second group that is asked no more");
        assert!(asked.satisfies(&escalated));
        let other = Requirement { escalate: second("group:others"), ..asked.clone() };
        assert!(!escalated.satisfies(&other));
        assert!(escalated.satisfies(&escalated));
    }

    #[test]
    fn nothing_but_a_pending_request_can_be_approved() {
        let open: Vec<&ApprovalState> = ApprovalState::ALL
            .iter()
            .filter(|state| state.apply(ApprovalEvent::Approved).is_some())
            .collect();
        assert_eq!(open, [&ApprovalState::Pending]);
    }
}
