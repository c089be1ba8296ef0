//! What there is to tell of an entry. Not only approvals: whatever people should know, each thing with its kind.
//!
//! In: one durable entry. Out: its bulletins, in order; each has an id that is the same whenever it is made, so that a
//! receiver can tell a second copy. What a bulletin is about is looked up when it is told, as it stands then. Whether an
//! outlet tells it is asked in `follow`. Tests are at the end.

use domain::{
    ApprovalId, CallId, Decision, DutyKind, Entry, Event, Replaced, StopScope, Timestamp,
};
use gate::Part;
use journal::StoredEntry;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $word:literal;)*) => {
        /// What kind of thing is told.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub(crate) enum Kind { $($(#[$doc])* $name),* }

        impl Kind {
            /// As it is configured and sent.
            pub(crate) const fn word(self) -> &'static str {
                match self { $(Self::$name => $word),* }
            }
        }

        /// Every kind, as it is configured and sent.
        pub(crate) const KINDS: &[&str] = &[$($word),*];
    };
}

kinds! {
    /// People are asked.
    Asked = "approval.asked";
    /// One of several said yes.
    Voted = "approval.voted";
    /// As many said yes as were asked.
    Approved = "approval.approved";
    /// Somebody said no.
    Rejected = "approval.rejected";
    /// Nobody decided or collected in time.
    Expired = "approval.expired";
    /// A newer request took its place.
    Superseded = "approval.superseded";
    /// The call was taken back or ended otherwise.
    Withdrawn = "approval.withdrawn";
    /// A second group is asked too.
    Escalated = "approval.escalated";
    /// Somebody asked the agent something.
    Questioned = "approval.questioned";
    /// A call that waited for people, or whose caller wants to know, ended.
    Ended = "call.ended";
    /// Somebody should know of a call.
    Noticed = "duty.notice";
    /// Somebody should review a call.
    ReviewAsked = "duty.review";
    /// Nobody reviewed it in time.
    Overdue = "duty.overdue";
    /// An act was rejected afterwards and could not be taken back.
    Incident = "incident.opened";
    /// An agent was stopped.
    AgentStopped = "agent.stopped";
    /// Something else was stopped.
    Stopped = "stop.ordered";
    /// A stop was lifted.
    Lifted = "stop.lifted";
    /// Somebody tries whether it arrives.
    Test = "test";
}

/// One thing to tell.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Bulletin {
    /// The same whenever it is made of this entry.
    pub(crate) id: String,
    /// Which part of which entry.
    pub(crate) part: Part,
    /// When it happened.
    pub(crate) at: Timestamp,
    /// What kind of thing.
    pub(crate) kind: Kind,
    /// What it is about.
    pub(crate) about: About,
    /// Who did it, if somebody did.
    pub(crate) by: Option<String>,
    /// Words of whoever did it.
    pub(crate) reason: Option<String>,
    /// Further things of this kind that are told with it.
    pub(crate) more: usize,
}

/// What something is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum About {
    /// A request for a decision.
    Approval {
        /// The request.
        approval: ApprovalId,
        /// Its call.
        call: Option<CallId>,
    },
    /// A call.
    Call(CallId),
    /// A notice or a review.
    Duty {
        /// Its id.
        duty: String,
        /// Its call.
        call: Option<CallId>,
        /// Who is asked, where the entry says it.
        group: Option<String>,
    },
    /// A stop.
    Stop {
        /// Its id.
        stop: String,
        /// What it stops, where the entry says it.
        scope: Option<String>,
    },
    /// Nothing.
    Nothing,
}

/// What is told of an entry, if anything.
type Said = (Kind, About, Option<String>, Option<String>);

/// Everything that there is to tell of an entry.
pub(crate) fn of(stored: &StoredEntry) -> Vec<Bulletin> {
    let entry = &stored.record.entry;
    let said = said(entry);
    let hash = stored.hash.short();
    let each = (0_u64..).zip(said).map(|(part, (kind, about, by, reason))| Bulletin {
        id: format!("{}-{part}-{hash}", stored.position),
        part: Part { position: stored.position, part },
        at: entry.at,
        kind,
        about,
        by,
        reason,
        more: 0,
    });
    each.collect()
}

fn said(entry: &Entry) -> Vec<Said> {
    if let Event::CallHeld { requests, .. } = &entry.event {
        let asked = requests.iter().map(|(id, _)| (Kind::Asked, approval(entry, *id), None, None));
        return asked.collect();
    }
    if let Event::CallAdmitted { decision, .. } = &entry.event {
        return duties(entry, decision);
    }
    if let Event::ReadSettled { decision, .. } = &entry.event {
        return duties(entry, decision).into_iter().chain(ended(entry)).collect();
    }
    of_approval(entry).or_else(|| of_rest(entry)).into_iter().collect()
}

fn approval(entry: &Entry, approval: ApprovalId) -> About {
    About::Approval { approval, call: entry.call }
}

fn of_approval(entry: &Entry) -> Option<Said> {
    let event = &entry.event;
    if let Event::ApprovalVoted { approval: id, vote } = event {
        let by = Some(vote.by.to_string());
        return Some((Kind::Voted, approval(entry, *id), by, vote.reason.clone()));
    }
    if let Event::ApprovalApproved { approval: id, by, reason, .. } = event {
        return Some((Kind::Approved, approval(entry, *id), Some(by.to_string()), reason.clone()));
    }
    if let Event::ApprovalRejected { approval: id, by, reason } = event {
        let by = Some(by.to_string());
        return Some((Kind::Rejected, approval(entry, *id), by, Some(reason.clone())));
    }
    if let Event::ApprovalExpired { approval: id } = event {
        return Some((Kind::Expired, approval(entry, *id), None, None));
    }
    if let Event::ApprovalClosed { approval: id, superseded } = event {
        let kind = match superseded {
            Replaced::Withdrawn => Kind::Withdrawn,
            Replaced::Superseded => Kind::Superseded,
        };
        return Some((kind, approval(entry, *id), None, None));
    }
    if let Event::ApprovalEscalated { approval: id, .. } = event {
        return Some((Kind::Escalated, approval(entry, *id), None, None));
    }
    if let Event::ApprovalQuestioned { approval: id, by, question, .. } = event {
        let (by, question) = (Some(by.to_string()), Some(question.clone()));
        return Some((Kind::Questioned, approval(entry, *id), by, question));
    }
    None
}

fn of_rest(entry: &Entry) -> Option<Said> {
    let duty = |duty: &String| About::Duty { duty: duty.clone(), call: entry.call, group: None };
    if let Event::DutyOverdue { duty: id } = &entry.event {
        return Some((Kind::Overdue, duty(id), None, None));
    }
    if let Event::IncidentOpened { duty: id, by, reason } = &entry.event {
        return Some((Kind::Incident, duty(id), Some(by.to_string()), Some(reason.clone())));
    }
    if let Event::StopOrdered { stop, .. } = &entry.event {
        let (id, scope) = (stop.id.to_string(), Some(stop.scope.to_string()));
        let kind = match stop.scope {
            StopScope::Agent(..) => Kind::AgentStopped,
            StopScope::Everything
            | StopScope::Tenant(_)
            | StopScope::Workflow(..)
            | StopScope::Tool(_)
            | StopScope::Run(_)
            | StopScope::Call(_) => Kind::Stopped,
        };
        let reason = format!("{}: {}", stop.level, stop.reason);
        let about = About::Stop { stop: id, scope };
        return Some((kind, about, Some(stop.by.to_string()), Some(reason)));
    }
    if let Event::StopLifted { stop, by, reason } = &entry.event {
        let about = About::Stop { stop: stop.to_string(), scope: None };
        return Some((Kind::Lifted, about, Some(by.to_string()), Some(reason.clone())));
    }
    ended(entry)
}

/// A call that ends, or whose caller wants to know of its end from now on.
fn ended(entry: &Entry) -> Option<Said> {
    let ends = matches!(
        entry.event,
        Event::CallSettled { .. }
            | Event::ReadSettled { .. }
            | Event::CallLost { .. }
            | Event::CallResolved { .. }
            | Event::CallCancelled { .. }
            | Event::HeldCallDenied { .. }
            | Event::CallSuperseded { .. }
            | Event::CallbackAsked { .. }
    );
    let call = entry.call.filter(|_| ends)?;
    Some((Kind::Ended, About::Call(call), None, None))
}

fn duties(entry: &Entry, decision: &Decision) -> Vec<Said> {
    let Some(call) = entry.call else { return Vec::new() };
    let each = decision.duties.iter().map(|duty| {
        let kind = match duty.kind {
            DutyKind::Notice => Kind::Noticed,
            DutyKind::Review => Kind::ReviewAsked,
        };
        let id = format!("{call}/{}/{}", duty.kind, duty.id);
        let about = About::Duty { duty: id, call: Some(call), group: Some(duty.group.clone()) };
        (kind, about, None, None)
    });
    each.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_have_words_that_are_found_by_their_beginnings() {
        let tells = crate::config::Tells { kinds: vec!["approval".to_owned()], groups: Vec::new() };
        let told: Vec<&str> = KINDS.iter().copied().filter(|kind| tells.kind(kind)).collect();
        assert_eq!(told.len(), 9);
        assert!(told.iter().all(|kind| kind.starts_with("approval.")));
        let tells = crate::config::Tells { kinds: vec!["appro".to_owned()], groups: Vec::new() };
        assert!(!tells.kind(Kind::Asked.word()), "half a word is none");
    }
}
