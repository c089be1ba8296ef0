//! The whole state, at a crash and at the end: projections, budgets without calls, a gate opened again.
//!
//! In: the store, or what a gate reported when it was opened. Out: broken promises. Single steps are
//! judged when they happen, in the other parts of the auditor; here it is what must hold when nothing moves.

use std::collections::BTreeSet;

use domain::{Amounts, CallId, CallState, Dimension, StopId, StopState};
use gate::RecoveryReport;

use super::Auditor;
use crate::fault::Promise;
use crate::journal::Store;

impl Auditor {
    /// Live projections equal those that the entries alone give.
    pub fn projections(&mut self, store: &Store) {
        for (table, key) in store.drift() {
            let what = format!("{} differs from its entries at `{key}`", table.name());
            self.broken(Promise::Projections, what);
        }
    }

    /// A gate that was opened again knows what is open and what is stopped.
    pub fn reopened(&mut self, report: &RecoveryReport, stops: &[StopId]) {
        let held: BTreeSet<CallId> = report.held.iter().copied().collect();
        if held != self.standing(CallState::Held) {
            self.broken(Promise::Recovery, format!("held calls differ: {held:?}"));
        }
        let doubt: BTreeSet<CallId> = report.in_doubt.iter().copied().collect();
        if doubt != self.standing(CallState::InDoubt) {
            self.broken(Promise::Recovery, format!("calls in doubt differ: {doubt:?}"));
        }
        let admitted = self.standing(CallState::Admitted);
        if !admitted.is_empty() {
            let what = format!("{admitted:?} have a permit and no outcome");
            self.broken(Promise::Recovery, what);
        }
        let in_force = self.stops.values().filter(|stop| stop.state == StopState::InForce);
        let in_force: BTreeSet<StopId> = in_force.map(|stop| stop.id).collect();
        let known: BTreeSet<StopId> = stops.iter().copied().collect();
        if in_force != known {
            let what = format!("stops in force are {in_force:?}, the gate has {known:?}");
            self.broken(Promise::Recovery, what);
        }
    }

    fn standing(&self, state: CallState) -> BTreeSet<CallId> {
        let such = self.calls.iter().filter(|(_, call)| call.state == state);
        such.map(|(id, _)| *id).collect()
    }

    /// When nothing is in work: every reservation belongs to an open call or to a lease.
    pub fn at_rest(&mut self) {
        let mut wrong = Vec::new();
        for (scope, book) in &self.books {
            let open = self.calls.values().filter_map(|call| call.reserved.as_ref());
            let open = open.filter(|taken| taken.scopes.contains(scope));
            let taken = open.fold(book.leased, |sum, taken| Amounts::plus(sum, taken.amounts));
            let differs = |each: &&Dimension| book.reserved.of(**each) != taken.of(**each);
            if let Some(each) = Dimension::ALL.iter().find(differs) {
                let (has, should) = (book.reserved.of(*each), taken.of(*each));
                wrong.push(format!("{scope}: {has} {each} are reserved and {should} are open"));
            }
        }
        for what in wrong {
            self.broken(Promise::Budget, what);
        }
    }

    /// When nothing is in work: every permit has its outcome. Only where the clock was wrong for long an
    /// outcome could not be written, and the next life looks at it.
    pub fn nobody_is_forgotten(&mut self) {
        let mut admitted = self.standing(CallState::Admitted);
        admitted.retain(|call| !self.unwritten.contains(call));
        if !admitted.is_empty() {
            let what = format!("{admitted:?} have a permit, no outcome, and nobody works on them");
            self.broken(Promise::Progress, what);
        }
    }
}
