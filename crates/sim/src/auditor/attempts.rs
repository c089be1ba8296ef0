//! Attempts and dead letters: another attempt only where none before can have happened, and each letter has one end.
//!
//! In: entries about attempts. Out: broken promises. Whether a tool was reached as often as its entries say is asked in
//! `effects.rs`; what really happened is told by the tools.

use domain::{CallId, CallState, DeadLetterState, Entry, Event, Executed};

use super::Auditor;
use crate::fault::Promise;

impl Auditor {
    /// Events beside a call's own life. Others do not come here.
    pub(super) fn fold_attempts(&mut self, entry: &Entry) {
        let Some(id) = entry.call else {
            return self.broken(Promise::Lives, "an attempt of no call");
        };
        if let Event::AttemptFailed { attempt, executed, .. } = &entry.event {
            self.attempt_failed(id, (*attempt, *executed));
        } else if let Event::AttemptAdmitted { attempt, permit } = &entry.event {
            self.attempt_admitted(id, *attempt);
            if let Some(call) = self.calls.get_mut(&id) {
                call.permit = Some(*permit);
            }
        } else if let Event::CallProbed { .. } = &entry.event {
            self.is(id, CallState::InDoubt);
        } else if let Event::DeadLettered { .. } = &entry.event {
            if self.letters.insert(id, DeadLetterState::Open).is_some() {
                self.broken(Promise::Lives, format!("{id} became a dead letter twice"));
            }
        } else if let Event::DeadLetterMoved { to, ledger, .. } = &entry.event {
            let after = self.letters.get(&id).and_then(|state| state.apply(to.by()?));
            match after {
                Some(after) => drop(self.letters.insert(id, after)),
                None => self.broken(Promise::Lives, format!("the letter of {id} became {to}")),
            }
            if let Some(key) = ledger {
                self.ledger.remove(key);
                self.acted.remove(key);
            }
        }
    }

    fn is(&mut self, id: CallId, wanted: CallState) {
        let state = self.calls.get(&id).map(|call| call.state);
        if state != Some(wanted) {
            self.broken(Promise::Lives, format!("{id} is {state:?} and should be {wanted}"));
        }
    }

    fn attempt_failed(&mut self, id: CallId, (attempt, executed): (u64, Executed)) {
        self.is(id, CallState::Admitted);
        let Some(call) = self.calls.get_mut(&id) else { return };
        call.failed = Some(executed);
        let (known, effects) = (call.attempts, call.effects);
        if known != attempt {
            self.broken(Promise::Lives, format!("{id} failed in attempt {attempt} of {known}"));
        }
        if executed == Executed::No && effects > 0 && !self.liars.contains(&id) {
            self.broken(Promise::Answered, format!("{id} happened and its attempt did nothing"));
        }
    }

    /// P3: nothing is sent again that may have happened. The tools of the simulation tell no attempts apart.
    fn attempt_admitted(&mut self, id: CallId, attempt: u64) {
        self.is(id, CallState::Admitted);
        let Some(call) = self.calls.get_mut(&id) else { return };
        let before = call.failed.take();
        call.attempts += 1;
        let known = call.attempts;
        if known != attempt || before != Some(Executed::No) {
            let what = format!("{id} begins attempt {attempt} of {known} after {before:?}");
            self.broken(Promise::Once, what);
        }
    }
}
