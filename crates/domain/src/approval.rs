//! Approvals: a person's decision on one call, bound to exactly that call, plan and resource state.
//!
//! ```text
//! Pending -> Approved | Rejected* | Expired* | Withdrawn* | Superseded*
//! Approved -> Used* | Expired* | Withdrawn* | Superseded*
//! ```
//! A timeout denies, it never approves.

use std::time::Duration;

use crate::contract::words;
use crate::{ApprovalId, CallId, Digest, Name, Timestamp};

/// What a policy asks people for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// The policy id that holds; the approval satisfies this one and no other.
    pub id: String,
    /// Who may decide, such as `group:payments-oncall`. In this version any operator satisfies any group.
    pub group: String,
    /// How long people have to decide.
    pub decide_within: Duration,
    /// How long an approval may be used.
    pub execute_within: Duration,
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
    /// Who decided.
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
    fn nothing_but_a_pending_request_can_be_approved() {
        let open: Vec<&ApprovalState> = ApprovalState::ALL
            .iter()
            .filter(|state| state.apply(ApprovalEvent::Approved).is_some())
            .collect();
        assert_eq!(open, [&ApprovalState::Pending]);
    }
}
