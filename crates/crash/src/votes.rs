//! What people were asked and what they said, by the journal, against what they were told and what has happened.
//!
//! ```text
//! entries -> requests of each call, votes on each, the votes that each permit stood on -> check(effects, decisions told)
//! ```
//! The policy is not asked again: how many must say yes follows from the amount that stands in an effect's ticket.

use std::collections::{BTreeSet, HashMap};

use domain::{ApprovalId, CallId, Event, Name};

use crate::installation::asks_of;
use crate::problem::{Outcome, Promise, Trouble};
use crate::recorder::Effect;

/// The tickets of clients begin with it, and end with the amount.
pub(crate) const HELD: &str = "h-";
/// What a line about a decision begins with.
const LINE: &str = "vote";

/// A decision that its person was told was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Vote {
    pub(crate) approval: ApprovalId,
    pub(crate) by: Name,
    pub(crate) kind: Kind,
}

/// What a person decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Yes,
    No,
    Edit,
}

impl Kind {
    const ALL: [(Self, &str); 3] = [(Self::Yes, "yes"), (Self::No, "no"), (Self::Edit, "edit")];
}

impl Vote {
    /// The line, with its end.
    pub(crate) fn line(&self) -> Vec<u8> {
        let word = Kind::ALL.into_iter().find(|(kind, _)| *kind == self.kind);
        let word = word.map_or("", |(_, word)| word);
        format!("{LINE} {} {} {word}\n", self.approval, self.by).into_bytes()
    }

    /// Reads a line without its end; none if it is not one.
    pub(crate) fn read(line: &str) -> Option<Self> {
        let [LINE, approval, by, word] = line.split(' ').collect::<Vec<_>>()[..] else {
            return None;
        };
        let (kind, _) = Kind::ALL.into_iter().find(|(_, each)| *each == word)?;
        Some(Self { approval: approval.parse().ok()?, by: by.parse().ok()?, kind })
    }
}

/// One request.
#[derive(Debug)]
struct Request {
    call: CallId,
    rule: String,
    quorum: usize,
    yes: BTreeSet<Name>,
    no: Option<Name>,
    /// Its time ran out, or it was closed.
    over: bool,
}

/// What the journal says.
#[derive(Debug, Default)]
pub(crate) struct Votes {
    requests: HashMap<ApprovalId, Request>,
    /// For each call that got a permit: the rules that people said yes to, with how many did.
    admitted: HashMap<CallId, HashMap<String, usize>>,
    /// Held calls that ended without a permit, and how.
    ended: HashMap<CallId, &'static str>,
    /// Permits that stood on too little.
    wrong: Vec<String>,
}

/// Counts of what was checked, so that a campaign without people is seen.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Counted {
    pub(crate) no: usize,
    pub(crate) edits: usize,
    pub(crate) of_two: usize,
    pub(crate) over: usize,
}

impl Votes {
    /// Takes an entry of a call in.
    pub(crate) fn keep(&mut self, call: CallId, event: &Event) {
        if let Event::CallHeld { requests, .. } = event {
            for (id, needs) in requests {
                let (rule, quorum) = (needs.id.clone(), usize::from(needs.quorum));
                let (yes, no) = (BTreeSet::new(), None);
                let request = Request { call, rule, quorum, yes, no, over: false };
                self.requests.insert(*id, request);
            }
        }
        if let Event::ApprovalVoted { approval, vote } = event
            && let Some(request) = self.requests.get_mut(approval)
        {
            request.yes.insert(vote.by.clone());
        }
        if let Event::ApprovalRejected { approval, by, .. } = event
            && let Some(request) = self.requests.get_mut(approval)
        {
            request.no = Some(by.clone());
        }
        if let Event::ApprovalExpired { approval } | Event::ApprovalClosed { approval, .. } = event
            && let Some(request) = self.requests.get_mut(approval)
        {
            request.over = true;
        }
        if let Event::CallAdmitted { used, .. } = event {
            self.admit(call, used);
        }
        if let Event::HeldCallDenied { .. } = event {
            self.ended.insert(call, "denied");
        }
        if let Event::CallSuperseded { .. } = event {
            self.ended.insert(call, "superseded");
        }
    }

    fn admit(&mut self, call: CallId, used: &[ApprovalId]) {
        let mut rules = HashMap::new();
        for id in used {
            match self.requests.get(id) {
                Some(request)
                    if request.call == call
                        && request.yes.len() >= request.quorum
                        && request.no.is_none()
                        && !request.over =>
                {
                    rules.insert(request.rule.clone(), request.yes.len());
                }
                other => self.wrong.push(format!("{call} ran on {id}, which is {other:?}")),
            }
        }
        if self.admitted.insert(call, rules).is_some() {
            self.wrong.push(format!("{call} got two permits"));
        }
    }

    /// Checks effects and decisions against the journal.
    pub(crate) fn check(&self, effects: &[Effect], told: &[Vote]) -> Outcome<()> {
        if let Some(wrong) = self.wrong.first() {
            return Err(Trouble::broken(Promise::QuorumIsKept, wrong));
        }
        for effect in effects {
            let Ok(call) = effect.call.parse() else { continue };
            if let Some(how) = self.ended.get(&call) {
                let found = format!("{effect:?} happened, and its call was {how}");
                return Err(Trouble::broken(Promise::NoMeansNo, found));
            }
            if effect.ticket.starts_with(HELD) {
                self.voted(effect, call)?;
            }
        }
        told.iter().try_for_each(|vote| self.kept(vote))
    }

    /// What an effect's amount asks of people, people said.
    fn voted(&self, effect: &Effect, call: CallId) -> Outcome<()> {
        let amount = effect.ticket.rsplit('-').next().map(|last| last.trim_start_matches('e'));
        let amount: Option<u64> = amount.and_then(|amount| amount.parse().ok());
        let amount = amount
            .ok_or_else(|| Trouble::other(format!("the ticket of {effect:?} has no amount")))?;
        let none = HashMap::new();
        let said = self.admitted.get(&call).unwrap_or(&none);
        for (rule, quorum) in asks_of(amount) {
            let found = said.get(rule).copied().unwrap_or(0);
            if found < quorum {
                let found = format!("{effect:?} had {found} votes by `{rule}`, not {quorum}");
                return Err(Trouble::broken(Promise::QuorumIsKept, found));
            }
        }
        Ok(())
    }

    fn kept(&self, vote: &Vote) -> Outcome<()> {
        let stands = self.requests.get(&vote.approval).is_some_and(|request| match vote.kind {
            Kind::Yes => request.yes.contains(&vote.by),
            Kind::No => request.no.as_ref() == Some(&vote.by),
            Kind::Edit => self.ended.get(&request.call) == Some(&"superseded"),
        });
        if stands {
            return Ok(());
        }
        Err(Trouble::broken(Promise::VotesAreKept, format!("{vote:?} is not in the journal")))
    }

    /// What there was to check.
    pub(crate) fn counted(&self, told: &[Vote]) -> Counted {
        let of = |kind| told.iter().filter(|vote| vote.kind == kind).count();
        let two =
            |request: &&Request| request.quorum == 2 && self.admitted.contains_key(&request.call);
        Counted {
            no: of(Kind::No),
            edits: of(Kind::Edit),
            of_two: self.requests.values().filter(two).count(),
            over: self.requests.values().filter(|request| request.over).count(),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{Assurance, Surface, Timestamp};
    use uuid::Uuid;

    use super::*;

    fn call(number: u128) -> CallId {
        CallId::new(Uuid::from_u128(number))
    }

    fn approval(number: u128) -> ApprovalId {
        ApprovalId::new(Uuid::from_u128(number))
    }

    fn voted(by: &str) -> Event {
        Event::ApprovalVoted {
            approval: approval(1),
            vote: domain::Vote {
                by: by.parse().unwrap(),
                at: Timestamp::from_millis(1),
                reason: None,
                assurance: Assurance::Key,
                surface: Surface::Api,
                shown: None,
            },
        }
    }

    /// One request of two people for call 1, with these votes, and then its permit.
    fn admitted(votes: &[Event]) -> Votes {
        let mut kept = Votes::default();
        let request = Request {
            call: call(1),
            rule: "ask-two".to_owned(),
            quorum: 2,
            yes: BTreeSet::new(),
            no: None,
            over: false,
        };
        kept.requests.insert(approval(1), request);
        votes.iter().for_each(|vote| kept.keep(call(1), vote));
        kept.admit(call(1), &[approval(1)]);
        kept
    }

    fn effect(ticket: &str) -> Effect {
        let (call, permit) = (call(1).to_string(), "permit_1".to_owned());
        Effect { ticket: ticket.to_owned(), call, permit }
    }

    #[test]
    fn a_permit_on_one_vote_of_two_is_found_also_if_one_person_votes_twice() {
        for votes in [vec![voted("ada")], vec![voted("ada"), voted("ada")]] {
            let found = admitted(&votes).check(&[], &[]).unwrap_err();
            assert!(found.to_string().contains("votes that its policy asks for"), "{found}");
        }
        assert!(admitted(&[voted("ada"), voted("bo")]).check(&[], &[]).is_ok());
    }

    #[test]
    fn an_effect_whose_amount_nobody_was_asked_about_is_found() {
        let kept = admitted(&[voted("ada"), voted("bo")]);
        // `ask-large` asks too above 950.
        let found = kept.check(&[effect("h-0-0-0-980")], &[]).unwrap_err();
        assert!(found.to_string().contains("`ask-large`"), "{found}");
        assert!(kept.check(&[effect("h-0-0-0-980-e940")], &[]).is_ok());
    }

    #[test]
    fn an_effect_of_a_rejected_call_and_a_lost_vote_are_found() {
        let mut kept = admitted(&[voted("ada"), voted("bo")]);
        let vote =
            |by: &str| Vote { approval: approval(1), by: by.parse().unwrap(), kind: Kind::Yes };
        assert!(kept.check(&[], &[vote("bo")]).is_ok());
        let found = kept.check(&[], &[vote("cy")]).unwrap_err();
        assert!(found.to_string().contains("is lost"), "{found}");
        kept.ended.insert(call(1), "denied");
        let found = kept.check(&[effect("h-0-0-0-940")], &[]).unwrap_err();
        assert!(found.to_string().contains("never runs"), "{found}");
    }

    #[test]
    fn a_vote_is_read_as_it_was_written() {
        for (kind, _) in Kind::ALL {
            let vote = Vote { approval: approval(7), by: "ada".parse().unwrap(), kind };
            let line = String::from_utf8(vote.line()).unwrap();
            assert_eq!(Vote::read(line.trim_end()), Some(vote));
        }
        assert_eq!(Vote::read("vote apr_x ada yes"), None);
    }
}
