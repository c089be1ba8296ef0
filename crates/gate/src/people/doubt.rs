//! Calls in doubt, settled by a person's word or by what recovery found. Never by sending again.
//!
//! The reservation is settled with it: a call that happened counts, one that did not gives it back.

use domain::{
    Amounts, BudgetScope, CallId, CallState, Code, Effect, Event, Executed, Money, Operator,
    PayloadKind, Reservation, Right, RunId, Spent, Status, UndoState,
};

use super::deciding::HeldCall;
use super::needs;
use crate::commit::{Commit, Payload, Record, Urgency};
use crate::gate::Gate;
use crate::journey::reservation_of;
use crate::payload;
use crate::port::{Journal, World};
use crate::refusal::Refusal;
use crate::rescue;
use crate::runs::state_is;
use crate::state::lock;
use crate::table::Table;

impl<J: Journal, W: World> Gate<J, W> {
    /// Settles a call in doubt by a person's word.
    ///
    /// # Errors
    /// A call that is not in doubt; `Unknown` as a finding.
    pub async fn resolve_doubt(
        &self,
        by: &Operator,
        call: CallId,
        (found, reason): (Executed, String),
    ) -> Result<(), Refusal> {
        needs(by, Right::Operate)?;
        let reason = self.said(&reason)?;
        if found == Executed::Unknown {
            let message = "`unknown` settles nothing";
            return Err(Refusal::new(Code::InvalidRequest, message, "say `yes`, `partly` or `no`"));
        }
        let record = self.journal.read(Table::Calls, &call.to_string()).await?;
        let record = record.filter(|record| record.text("tenant") == by.tenant.as_str());
        let record = record.ok_or_else(|| Refusal::not_found(call))?;
        if record.text("state") != CallState::InDoubt.word() {
            return Err(Refusal::conflict(format!(
                "{call} is {}, not in doubt",
                record.text("state")
            )));
        }
        self.settle_doubt(&record, (found, by.name.as_str(), reason)).await
    }

    pub(super) async fn settle_doubt(
        &self,
        record: &Record,
        (found, by, reason): (Executed, &str, String),
    ) -> Result<(), Refusal> {
        let Some(call) = HeldCall::of(record) else { return Err(Refusal::not_found(&record.key)) };
        let undo = record.integer("undo_until_ms").map(|_| match found {
            Executed::No => UndoState::Released,
            Executed::Yes | Executed::Partly | Executed::Unknown => UndoState::Armed,
        });
        let said = reason.clone();
        let reservation = reservation_of(record);
        // What it really cost died with its answer, so the most it may have cost counts (P6).
        let money = match found {
            Executed::No => Money::ZERO,
            Executed::Yes | Executed::Partly | Executed::Unknown => {
                Money::from_micros(reservation.amounts.money_micros)
            }
        };
        let spent = Spent { money, calls: 1, ..Spent::default() };
        let event = Event::CallResolved {
            executed: found,
            by: by.to_owned(),
            reason,
            spent,
            reservation: reservation.clone(),
            undo,
        };
        let mut entries = vec![self.entry_about(&call, event)];
        if let Ok(of) = record.text("undoes").parse::<CallId>() {
            let to = match found {
                Executed::Yes => UndoState::Undone,
                Executed::No => UndoState::Impossible,
                Executed::Partly | Executed::Unknown => UndoState::Partial,
            };
            entries.push(self.entry_about(&call, Event::UndoMoved { of, to, reason: None }));
        }
        let step = crate::journey::step_resolved(self, (call.id, found)).await;
        entries.extend(step.map(|event| self.entry_about(&call, event)));
        let mut guards =
            vec![state_is(Table::Calls, record.key.clone(), CallState::InDoubt.word())];
        if let Some((guard, ends)) = self.letter_ends(&call, (by, &said)).await? {
            guards.push(guard);
            entries.push(ends);
        }
        let executed = found;
        let found = Found { call: call.id, executed, reason: &said, effects: Vec::new() };
        let commit = Commit {
            guards,
            entries,
            payloads: found.answer(record).into_iter().collect(),
            sources: Vec::new(),
            urgency: Urgency::Outcome,
        };
        self.journal.commit(commit).await?;
        self.charge_in_memory(call.run, executed, (&reservation, spent));
        self.doubts.end(call.id);
        self.live.answered(call.id);
        match executed {
            Executed::No => self.live.forget(call.id),
            // Its caller was told that nobody knows: a retry gets this answer, and acts no second time (P3).
            Executed::Yes | Executed::Partly | Executed::Unknown => {}
        }
        Ok(())
    }

    /// Keeps a run's budget in memory in step with the stored one, if the run is there.
    fn charge_in_memory(
        &self,
        run: RunId,
        executed: Executed,
        (reservation, spent): (&Reservation, Spent),
    ) {
        let Some(live) = self.directory.run(run) else { return };
        if !reservation.scopes.contains(&BudgetScope::Run(run)) {
            return;
        }
        let irreversible = match executed {
            Executed::No => 0,
            Executed::Yes | Executed::Partly | Executed::Unknown => {
                reservation.amounts.irreversible
            }
        };
        let took = Amounts {
            calls: spent.calls,
            money_micros: spent.money.micros(),
            irreversible,
            read_bytes: spent.read_bytes,
            wall_ms: spent.wall_ms,
        };
        let mut counts = lock(&live.counts);
        counts.budget.reserved = counts.budget.reserved.minus(reservation.amounts);
        counts.budget.spent = counts.budget.spent.plus(took);
    }
}

/// What was found out about a call, for whoever asks for its answer again.
pub(crate) struct Found<'a> {
    pub(crate) call: CallId,
    pub(crate) executed: Executed,
    pub(crate) reason: &'a str,
    pub(crate) effects: Vec<Effect>,
}

impl Found<'_> {
    /// The answer from here on; none where the record does not say whose it is.
    pub(crate) fn answer(self, record: &Record) -> Option<Payload> {
        let (code, status, fix) = match self.executed {
            Executed::Yes => (None, Status::Succeeded, ""),
            Executed::Partly => (
                Some(Code::ToolFailedPartly),
                Status::Partial,
                "see the effects; undo the part that happened",
            ),
            Executed::No => {
                (Some(Code::ToolFailed), Status::Failed, "propose it again if it is still wanted")
            }
            Executed::Unknown => {
                (Some(Code::InDoubt), Status::InDoubt, "ask an operator to settle it")
            }
        };
        let refusal = Refusal::new(code.unwrap_or(Code::InDoubt), self.reason, fix);
        let mut answer = rescue::unanswered(Some(self.call), &refusal);
        answer.status = status;
        answer.executed = self.executed;
        answer.attempts = u32::try_from(record.count("attempts").max(1)).unwrap_or(u32::MAX);
        answer.effects = self.effects;
        answer.error = code.and(answer.error);
        answer.warnings = vec![self.reason.to_owned()];
        let bytes = payload::answer_bytes(&answer);
        let tenant = record.text("tenant").parse().ok()?;
        let run = record.text("run").parse().ok()?;
        Some(Payload { tenant, run, call: self.call, kind: PayloadKind::Answer, bytes })
    }
}
