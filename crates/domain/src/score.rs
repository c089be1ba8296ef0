//! How a run went, from its entries alone: which calls were valid, which did what they should, what nobody intended.
//!
//! In: the entries of one run, oldest first. Out: counts, and shares in thousandths. What the house asked (checks) and what
//! was taken back (undo) are no calls of the agent and count apart. Nothing is guessed: what nobody observed is neither
//! intended nor unintended. Tests: below, as tables.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    CallId, CheckVerdict, Code, Effect, Entry, Event, Executed, Observation, Settled, Status,
    UndoState,
};

/// What became of the calls of one run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RunScore {
    /// Calls that the agent proposed.
    pub calls: u64,
    /// Refused for what came in: arguments, tools, scopes that do not fit.
    pub invalid: u64,
    /// Refused by policy, people, safeguards, budgets or stops.
    pub refused: u64,
    /// Waiting for people or for an outcome.
    pub open: u64,
    /// Done as the agent was told.
    pub succeeded: u64,
    /// Done in part.
    pub partial: u64,
    /// Not done, or done and not as it should be.
    pub failed: u64,
    /// Nobody knows.
    pub in_doubt: u64,
    /// Effects that the agent had declared.
    pub expected: u64,
    /// Effects that it had not, though it declared some.
    pub unintended: u64,
    /// Effects of calls that declared none.
    pub not_stated: u64,
    /// Effects that only the tool tells of.
    pub unobserved: u64,
    /// Acts whose postconditions do not hold.
    pub unmet: u64,
    /// Acts that were taken back.
    pub undone: u64,
    /// Checks that were made, and those that found something else or could not be made.
    pub checks: u64,
    /// Of these.
    pub checks_failed: u64,
}

/// How a call stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stands {
    Open,
    Invalid,
    Refused,
    Succeeded,
    Partial,
    Failed,
    InDoubt,
    /// Another one took its place, or it was taken back before it ran.
    Gone,
}

impl RunScore {
    /// The score of a run.
    pub fn of<'e>(entries: impl IntoIterator<Item = &'e Entry>) -> Self {
        let mut tally = Tally::default();
        entries.into_iter().for_each(|entry| tally.entry(entry));
        tally.score()
    }

    /// Of all calls, how many thousandths were let through as they came in.
    pub fn validity(&self) -> Option<u64> {
        share(self.calls.saturating_sub(self.invalid).saturating_sub(self.refused), self.calls)
    }

    /// Of the calls that are over and were let through, how many thousandths succeeded.
    pub fn success(&self) -> Option<u64> {
        share(self.succeeded, self.succeeded + self.partial + self.failed + self.in_doubt)
    }

    /// Of the effects that could be compared, how many thousandths nobody had declared.
    pub fn divergence(&self) -> Option<u64> {
        share(self.unintended, self.expected + self.unintended)
    }
}

fn share(part: u64, whole: u64) -> Option<u64> {
    part.saturating_mul(1_000).checked_div(whole)
}

#[derive(Default)]
struct Tally {
    calls: BTreeMap<CallId, Stands>,
    /// Checks and undo calls.
    beside: BTreeSet<CallId>,
    undone: BTreeSet<CallId>,
    score: RunScore,
}

impl Tally {
    fn entry(&mut self, entry: &Entry) {
        let event = &entry.event;
        if let Event::CheckMade { verdict, .. } = event {
            self.beside.extend(entry.call);
            self.score.checks += 1;
            self.score.checks_failed += u64::from(*verdict != CheckVerdict::Passed);
        }
        if let Event::CallAdmitted { undoes: Some(_), .. } = event {
            self.beside.extend(entry.call);
        }
        if let Event::UndoMoved { of, to, .. } = event {
            match to {
                UndoState::Undone => self.undone.insert(*of),
                UndoState::Armed
                | UndoState::Released
                | UndoState::Expired
                | UndoState::Due
                | UndoState::Partial
                | UndoState::Impossible
                | UndoState::InDoubt => self.undone.remove(of),
            };
        }
        if let (Some(call), Some(stands)) = (entry.call, self.stands(event)) {
            self.calls.insert(call, stands);
        }
    }

    /// How a call stands after an event of its own life; none for another one.
    fn stands(&mut self, event: &Event) -> Option<Stands> {
        if let Event::CallSettled { outcome } | Event::ReadSettled { outcome, .. } = event {
            return Some(self.settled(outcome));
        }
        if let Event::CallDenied { code, .. } = event {
            return Some(refused(*code));
        }
        if let Event::CallResolved { executed, .. } = event {
            return Some(match executed {
                Executed::Yes => Stands::Succeeded,
                Executed::Partly | Executed::Unknown => Stands::Partial,
                Executed::No => Stands::Failed,
            });
        }
        if let Event::CallHeld { .. } | Event::CallAdmitted { .. } | Event::PreviewAdmitted { .. } =
            event
        {
            return Some(Stands::Open);
        }
        if let Event::CallSuperseded { .. } | Event::CallCancelled { .. } = event {
            return Some(Stands::Gone);
        }
        if let Event::HeldCallDenied { .. } = event {
            return Some(Stands::Refused);
        }
        matches!(event, Event::CallLost { .. }).then_some(Stands::InDoubt)
    }

    fn settled(&mut self, outcome: &Settled) -> Stands {
        self.score.unmet += u64::from(outcome.code == Some(Code::PostconditionFailed));
        outcome.effects.iter().for_each(|effect| self.effect(effect));
        match outcome.status {
            Status::Succeeded => Stands::Succeeded,
            Status::Partial => Stands::Partial,
            Status::InDoubt => Stands::InDoubt,
            Status::Failed | Status::Denied | Status::Held | Status::Stopped => Stands::Failed,
        }
    }

    fn effect(&mut self, effect: &Effect) {
        let count = match effect.observation {
            Observation::Expected => &mut self.score.expected,
            Observation::Unintended => &mut self.score.unintended,
            Observation::NotStated => &mut self.score.not_stated,
            Observation::Unobserved => &mut self.score.unobserved,
        };
        *count += 1;
    }

    fn score(self) -> RunScore {
        let mut score = self.score;
        for (_, stands) in self.calls.iter().filter(|(call, _)| !self.beside.contains(*call)) {
            let count = match stands {
                Stands::Open => &mut score.open,
                Stands::Invalid => &mut score.invalid,
                Stands::Refused => &mut score.refused,
                Stands::Succeeded => &mut score.succeeded,
                Stands::Partial => &mut score.partial,
                Stands::Failed => &mut score.failed,
                Stands::InDoubt => &mut score.in_doubt,
                Stands::Gone => continue,
            };
            *count += 1;
            score.calls += 1;
        }
        score.undone = u64::try_from(self.undone.len()).unwrap_or(u64::MAX);
        score
    }
}

/// Codes of what came in begin with 1.
fn refused(code: Code) -> Stands {
    match code.shown().starts_with("CR-1") {
        true => Stands::Invalid,
        false => Stands::Refused,
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{Amounts, Digest, EffectKind, Reservation, Resource, Spent, Timestamp};

    fn entry(call: u128, event: Event) -> Entry {
        let call = Some(CallId::new(Uuid::from_u128(call)));
        Entry { at: Timestamp::default(), tenant: None, run: None, call, event }
    }

    fn denied(code: Code) -> Event {
        Event::CallDenied { subject: None, decision: None, code, answer: Digest::default() }
    }

    fn settled(status: Status, code: Option<Code>, seen: &[Observation]) -> Event {
        let effect = |observation: &Observation| Effect {
            kind: EffectKind::Created,
            resource: Resource::new("workspace:a"),
            before: None,
            after: None,
            observation: *observation,
        };
        let outcome = Settled {
            status,
            executed: Executed::Yes,
            code,
            effects: seen.iter().map(effect).collect(),
            spent: Spent::default(),
            reservation: Reservation { scopes: Vec::new(), amounts: Amounts::ZERO },
            answer: Digest::default(),
            undo: None,
            attempts: 1,
            freed: None,
        };
        Event::CallSettled { outcome }
    }

    #[test]
    fn a_run_is_scored_by_what_became_of_its_calls() {
        let seen = [Observation::Expected, Observation::Expected, Observation::Unintended];
        let entries = [
            entry(1, denied(Code::InvalidArguments)),
            entry(2, denied(Code::PolicyDenied)),
            entry(3, settled(Status::Succeeded, None, &seen)),
            entry(4, settled(Status::Failed, Some(Code::PostconditionFailed), &[])),
            entry(5, Event::CallLost { reason: String::new(), answer: None }),
            // A check is no call of the agent, however it ended.
            entry(6, settled(Status::Succeeded, None, &[])),
            entry(
                6,
                Event::CheckMade {
                    of: CallId::new(Uuid::from_u128(4)),
                    kind: crate::CheckKind::Postcondition,
                    name: "up".to_owned(),
                    verdict: CheckVerdict::Failed,
                    found: String::new(),
                },
            ),
        ];
        let score = RunScore::of(&entries);
        let expect = RunScore {
            calls: 5,
            invalid: 1,
            refused: 1,
            succeeded: 1,
            failed: 1,
            in_doubt: 1,
            expected: 2,
            unintended: 1,
            unmet: 1,
            checks: 1,
            checks_failed: 1,
            ..RunScore::default()
        };
        assert_eq!(score, expect);
        assert_eq!((score.validity(), score.success()), (Some(600), Some(333)));
        assert_eq!(score.divergence(), Some(333));
    }

    #[test]
    fn a_run_without_calls_has_no_shares() {
        let score = RunScore::of(&[]);
        assert_eq!((score.validity(), score.success(), score.divergence()), (None, None, None));
    }

    #[test]
    fn what_was_taken_back_counts_once_and_only_while_it_is() {
        let of = CallId::new(Uuid::from_u128(1));
        let moved = |to| entry(2, Event::UndoMoved { of, to, reason: None });
        for (moves, expect) in [
            (vec![UndoState::Undone], 1),
            (vec![UndoState::InDoubt, UndoState::Undone], 1),
            (vec![UndoState::Armed], 0),
        ] {
            let entries: Vec<Entry> = moves.iter().copied().map(moved).collect();
            assert_eq!(RunScore::of(&entries).undone, expect, "{moves:?}");
        }
    }
}
