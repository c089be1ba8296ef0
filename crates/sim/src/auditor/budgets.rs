//! Budgets (P6): a reservation fits when it is taken, and nothing is given back that was not taken.
//!
//! What a call really took may exceed what it reserved (a tool that costs too much, a clock that jumps); a
//! call that cost too much leaves its run paused, which is checked when its commit is whole.

use domain::{
    Amounts, BudgetScope, CallId, Dimension, Entry, Event, Executed, Reservation, RunState,
    Settled, Spent,
};

use super::Auditor;
use crate::fault::Promise;

/// One budget as the entries have it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Book {
    pub(crate) limit: Amounts<Option<u64>>,
    pub(crate) reserved: Amounts,
    pub(crate) spent: Amounts,
    pub(crate) leased: Amounts,
}

impl Auditor {
    pub(super) fn open(&mut self, scope: BudgetScope, limit: Amounts<Option<u64>>) {
        if self.books.insert(scope, Book { limit, ..Book::default() }).is_some() {
            self.broken(Promise::Budget, format!("the budget of {scope} was opened again"));
        }
    }

    pub(super) fn raise(&mut self, scope: BudgetScope, by: Amounts) {
        let Some(book) = self.books.get_mut(&scope) else { return };
        let limit = book.limit;
        book.limit =
            Amounts::<u64>::each(|each| limit.of(each).map(|old| old.saturating_add(by.of(each))));
    }

    pub(super) fn reserve(&mut self, reservation: &Reservation) {
        for scope in &reservation.scopes {
            let Some(book) = self.books.get_mut(scope) else {
                self.broken(Promise::Budget, format!("{scope} has no budget"));
                continue;
            };
            book.reserved = book.reserved.plus(reservation.amounts);
            let (limit, taken) = (book.limit, book.reserved.plus(book.spent));
            let exceeds = |each: &Dimension| {
                // What takes nothing of a dimension may pass even where too much was spent of it.
                reservation.amounts.of(*each) > 0
                    && limit.of(*each).is_some_and(|limit| taken.of(*each) > limit)
            };
            if let (Some(each), false) = (Dimension::ALL.iter().copied().find(exceeds), self.shadow)
            {
                let what =
                    format!("{scope}: {} {each} taken of {:?}", taken.of(each), limit.of(each));
                self.broken(Promise::Budget, what);
            }
        }
    }

    pub(super) fn lease(&mut self, reservation: &Reservation) {
        self.reserve(reservation);
        self.change_lease(reservation, Amounts::plus);
    }

    pub(super) fn unlease(&mut self, reservation: &Reservation) {
        self.give_back(reservation, Amounts::ZERO);
        self.change_lease(reservation, Amounts::minus);
    }

    fn change_lease(&mut self, reservation: &Reservation, by: fn(Amounts, Amounts) -> Amounts) {
        for scope in &reservation.scopes {
            if let Some(book) = self.books.get_mut(scope) {
                book.leased = by(book.leased, reservation.amounts);
            }
        }
    }

    pub(super) fn read_settled(&mut self, outcome: &Settled) {
        self.settle(outcome);
        self.change_lease(&outcome.reservation, Amounts::minus);
    }

    pub(super) fn act_settled(&mut self, id: CallId, outcome: &Settled) {
        self.settle(outcome);
        self.ends(id, &outcome.reservation);
    }

    fn settle(&mut self, outcome: &Settled) {
        let took = took(outcome.executed, outcome.spent, &outcome.reservation);
        self.give_back(&outcome.reservation, took);
    }

    pub(super) fn give_back(&mut self, reservation: &Reservation, took: Amounts) {
        for scope in &reservation.scopes {
            let Some(book) = self.books.get_mut(scope) else { continue };
            let missing =
                |each: &Dimension| book.reserved.of(*each) < reservation.amounts.of(*each);
            let missing = Dimension::ALL.iter().copied().find(missing);
            book.reserved = book.reserved.minus(reservation.amounts);
            book.spent = book.spent.plus(took);
            if let Some(each) = missing {
                let what = format!("{scope}: more {each} given back than was reserved");
                self.broken(Promise::Budget, what);
            }
        }
    }

    /// A call gives back exactly what it took.
    pub(super) fn ends(&mut self, id: CallId, reservation: &Reservation) {
        let taken = self.calls.get_mut(&id).and_then(|call| call.reserved.take());
        if taken.as_ref() != Some(reservation) {
            let what = format!("{id} took {taken:?} and gave back {reservation:?}");
            self.broken(Promise::Budget, what);
        }
    }

    /// A call that cost more than its contract says leaves its run paused or ended.
    pub(super) fn too_dear(&mut self, entry: &Entry) {
        let outcome = if let Event::CallSettled { outcome } = &entry.event {
            outcome
        } else if let Event::ReadSettled { outcome, .. } = &entry.event {
            outcome
        } else {
            return;
        };
        let call = entry.call.and_then(|id| self.calls.get(&id));
        let Some(subject) = call.and_then(|call| call.subject.as_ref()) else { return };
        let known =
            |rules: &std::sync::Arc<gate::Rules>| rules.catalogue.get(&subject.tool).cloned();
        let Some(contract) = self.rules.values().find_map(known) else { return };
        let run = entry.run.and_then(|id| self.runs.get(&id)).map(|run| run.state);
        if outcome.spent.money > contract.contract.cost_max && run == Some(RunState::Open) {
            let what = format!("{:?} cost {} and its run goes on", entry.call, outcome.spent.money);
            self.broken(Promise::Budget, what);
        }
    }
}

pub(super) fn took(executed: Executed, spent: Spent, reservation: &Reservation) -> Amounts {
    let irreversible = match executed {
        Executed::No => 0,
        Executed::Yes | Executed::Partly | Executed::Unknown => reservation.amounts.irreversible,
    };
    Amounts {
        calls: spent.calls,
        money_micros: spent.money.micros(),
        irreversible,
        read_bytes: spent.read_bytes,
        wall_ms: spent.wall_ms,
    }
}
