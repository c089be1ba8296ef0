//! Rows of calls: their state, ledger, budgets, requests for decisions and duties.
//!
//! A call's row says where it stands; what exactly was asked and answered are payloads.

use domain::{
    Amounts, ApprovalId, ApprovalState, CallState, Code, Decision, Digest, Dimension, Duty,
    DutyKind, Entry, Event, Executed, Requirement, Reservation, Settled, Spent, Status, Subject,
    Timestamp, UndoState, limits,
};

use super::work::{Part, amounts, signed};
use super::{Cell, Column, FREE, Row, TAKEN, Table, WAITING, decision, set, with};

/// A call's entry, and the call's key.
pub(super) struct Of<'a> {
    pub(super) call: String,
    pub(super) entry: &'a Entry,
}

impl Of<'_> {
    /// The rows of an entry about a call's own life; none for another one.
    pub(super) fn rows(&self) -> Vec<Row> {
        if let Event::CallDenied { subject, decision, code, .. } = &self.entry.event {
            return self.denied(subject.as_ref(), decision.as_ref(), *code);
        }
        if let Event::CallHeld { subject, decision, requests, binding, .. } = &self.entry.event {
            return self.held((subject, decision), requests, *binding);
        }
        if let Event::CallCancelled { code, ledger, reservation, .. } = &self.entry.event {
            return self.cancelled(*code, *ledger, reservation.as_ref());
        }
        if let Event::ReadSettled { subject, decision, outcome } = &self.entry.event {
            return self.read((subject, decision), outcome);
        }
        if let Event::CallSettled { outcome } = &self.entry.event {
            return self.settled(outcome);
        }
        if let Event::CallLost { .. } = &self.entry.event {
            return self.lost();
        }
        // Each of these looks at its own event, and has no rows for another.
        let rest = [
            self.queued(),
            self.admitted(),
            self.resolved(),
            self.denied_after_hold(),
            self.superseded(),
        ];
        rest.concat()
    }

    fn state(&self, state: CallState) -> Row {
        let cells =
            vec![("state", state.word().into()), ("updated_ms", self.entry.at.millis().into())];
        set(Table::Calls, &self.call, cells)
    }

    fn subject(&self, subject: &Subject) -> Row {
        let text = |digest: &Digest| Cell::Text(digest.to_string());
        let mut cells: Vec<(Column, Cell)> = vec![
            ("run", self.entry.run.map(|run| run.to_string()).into()),
            ("tenant", subject.chain.tenant.as_str().into()),
            ("grant_id", subject.grant.to_string().into()),
            ("agent", subject.chain.agent.to_string().into()),
            ("agent_name", subject.chain.agent.name.as_str().into()),
            ("tool", subject.tool.as_str().into()),
            ("contract", text(&subject.contract)),
            ("resource", subject.resource.as_str().into()),
            ("effect_class", subject.effect_class.word().into()),
            ("arguments", text(&subject.arguments)),
            ("facts", text(&subject.facts)),
            ("ledger_arguments", text(&subject.ledger_arguments)),
            ("detached", Cell::Integer(i64::from(subject.detached))),
            ("received_ms", subject.received.millis().into()),
            ("updated_ms", self.entry.at.millis().into()),
        ];
        cells.push(("ledger", subject.ledger.map(|digest| digest.to_string()).into()));
        set(Table::Calls, &self.call, cells)
    }

    fn decided(&self, row: Row, decision: &Decision) -> Row {
        let row = with(row, "verdict", decision.verdict.word());
        let row = with(row, "tier", decision.tier.word());
        with(row, "policy", decision.policy.to_string())
    }

    fn denied(
        &self,
        subject: Option<&Subject>,
        decision: Option<&Decision>,
        code: Code,
    ) -> Vec<Row> {
        let row = subject.map_or_else(|| self.bare(), |subject| self.subject(subject));
        let row = decision.map_or(row.clone(), |decision| self.decided(row, decision));
        let line = code.row();
        let row = with(with(row, "state", CallState::Denied.word()), "code", code.shown());
        let row = with(with(row, "status", line.status.word()), "executed", line.executed.word());
        // A new call never took its key: another one with the same key may have.
        vec![row]
    }

    /// A call that was refused before its contract was known.
    fn bare(&self) -> Row {
        let run = self.entry.run.map(|run| run.to_string());
        let tenant = self.entry.tenant.as_ref().map(|tenant| tenant.as_str().to_owned());
        let at = self.entry.at.millis();
        let cells = vec![
            ("run", run.into()),
            ("tenant", tenant.into()),
            ("received_ms", at.into()),
            ("updated_ms", at.into()),
        ];
        set(Table::Calls, &self.call, cells)
    }

    fn held(
        &self,
        (subject, decision): (&Subject, &Decision),
        requests: &[(ApprovalId, Requirement)],
        binding: Digest,
    ) -> Vec<Row> {
        let row = self.decided(self.subject(subject), decision);
        let row = with(with(row, "state", CallState::Held.word()), "code", Code::Held.shown());
        let row = with(with(row, "status", Status::Held.word()), "executed", Executed::No.word());
        let mut rows = vec![row];
        rows.extend(self.taken(subject.ledger, subject.ledger_arguments));
        rows.extend(requests.iter().map(|(id, asked)| self.asked(*id, (asked, subject), binding)));
        rows
    }

    fn queued(&self) -> Vec<Row> {
        let Event::CallQueued { subject, decision, leaves, used, .. } = &self.entry.event else {
            return Vec::new();
        };
        let row = self.decided(self.subject(subject), decision);
        let row = with(row, "state", CallState::Queued.word());
        let row = with(row, "code", Code::InOutbox.shown());
        let row = with(with(row, "status", Status::Held.word()), "executed", Executed::No.word());
        let mut rows = vec![with(row, "leaves_ms", leaves.millis())];
        rows.extend(self.taken(subject.ledger, subject.ledger_arguments));
        rows.extend(used.iter().map(|id| decision::state(*id, ApprovalState::Used)));
        rows
    }

    fn asked(
        &self,
        id: ApprovalId,
        (asked, subject): (&Requirement, &Subject),
        binding: Digest,
    ) -> Row {
        let at = self.entry.at;
        let millis =
            |within: std::time::Duration| u64::try_from(within.as_millis()).unwrap_or(u64::MAX);
        let cells = vec![
            ("call", self.call.as_str().into()),
            ("run", self.entry.run.map(|run| run.to_string()).into()),
            ("tenant", self.entry.tenant.as_ref().map(|tenant| tenant.as_str().to_owned()).into()),
            ("grant_id", subject.grant.to_string().into()),
            ("agent", subject.chain.agent.name.as_str().into()),
            ("tool", subject.tool.as_str().into()),
            ("resource", subject.resource.as_str().into()),
            ("effect_class", subject.effect_class.word().into()),
            ("requirement", asked.id.as_str().into()),
            ("asked_of", asked.group.as_str().into()),
            ("quorum", u64::from(asked.quorum).into()),
            ("assurance", asked.assurance.word().into()),
            ("binding", binding.to_string().into()),
            ("state", ApprovalState::Pending.word().into()),
            ("asked_ms", at.millis().into()),
            ("decide_by_ms", at.plus(asked.decide_within).millis().into()),
            ("execute_within_ms", millis(asked.execute_within).into()),
        ];
        let row = set(Table::Approvals, &id.to_string(), cells);
        let Some(later) = &asked.escalate else { return row };
        let row = with(row, "escalate_to", later.group.as_str());
        let row = with(row, "escalates_ms", at.plus(later.after).millis());
        with(row, "escalation", WAITING)
    }

    fn admitted(&self) -> Vec<Row> {
        let Event::CallAdmitted {
            subject,
            decision,
            plan,
            reservation,
            used,
            undo_until,
            undoes,
            ..
        } = &self.entry.event
        else {
            return Vec::new();
        };
        let row = with(
            self.decided(self.subject(subject), decision),
            "state",
            CallState::Admitted.word(),
        );
        let row = with(row, "plan", plan.map(|plan| plan.to_string()));
        let row = with(row, "admitted_ms", self.entry.at.millis());
        let row = with(row, "attempts", 1_u64);
        let row = with(row, "undo_until_ms", undo_until.map(Timestamp::millis));
        let row = with(row, "undoes", undoes.map(|call| call.to_string()));
        let mut rows = vec![reserved_cells(row, reservation)];
        rows.extend(self.taken(subject.ledger, subject.ledger_arguments));
        rows.extend(self.duties(subject, decision));
        rows.extend(used.iter().map(|id| decision::state(*id, ApprovalState::Used)));
        rows.extend(undoes.map(|undone| decision::undo(undone, UndoState::Due)));
        rows.extend(charge(reservation, 1, Amounts::ZERO));
        rows
    }

    fn read(&self, (subject, decision): (&Subject, &Decision), outcome: &Settled) -> Vec<Row> {
        let mut rows = vec![self.decided(self.subject(subject), decision)];
        rows.extend(self.duties(subject, decision));
        rows.extend(self.taken(subject.ledger, subject.ledger_arguments));
        rows.extend(self.settled(outcome));
        // A read's reservation came out of a slice leased to memory.
        let back = signed(outcome.reservation.amounts, -1);
        rows.extend(
            outcome.reservation.scopes.iter().map(|scope| amounts(scope, Part::Leased, back)),
        );
        rows
    }

    fn settled(&self, outcome: &Settled) -> Vec<Row> {
        let state = match outcome.status {
            Status::Succeeded => CallState::Succeeded,
            Status::Partial => CallState::Partial,
            Status::InDoubt => CallState::InDoubt,
            Status::Failed | Status::Denied | Status::Held | Status::Stopped => CallState::Failed,
        };
        let row = with(self.state(state), "status", outcome.status.word());
        let row = with(row, "executed", outcome.executed.word());
        let row = with(row, "code", outcome.code.map(Code::shown));
        let row = with(row, "wall_ms", outcome.spent.wall_ms);
        let row = with(row, "attempts", outcome.attempts);
        let row = with(row, "so_far", Cell::Null);
        let row = with(row, "money_micros", outcome.spent.money.micros());
        let mut rows = vec![undo_cell(row, outcome.undo), self.run_touched()];
        let reservation = &outcome.reservation;
        rows.extend(charge(reservation, -1, took(outcome.executed, outcome.spent, reservation)));
        rows.extend(self.freed(outcome.freed));
        rows
    }

    fn lost(&self) -> Vec<Row> {
        let row = with(self.state(CallState::InDoubt), "status", Status::InDoubt.word());
        let row = with(row, "executed", Executed::Unknown.word());
        let row = with(row, "so_far", Cell::Null);
        vec![with(row, "doubt_ms", self.entry.at.millis())]
    }

    fn resolved(&self) -> Vec<Row> {
        let Event::CallResolved { executed, spent, reservation, undo, .. } = &self.entry.event
        else {
            return Vec::new();
        };
        let (state, status) = match executed {
            Executed::Yes => (CallState::Succeeded, Status::Succeeded),
            Executed::Partly | Executed::Unknown => (CallState::Partial, Status::Partial),
            Executed::No => (CallState::Failed, Status::Failed),
        };
        let row = with(self.state(state), "status", status.word());
        let row = undo_cell(with(row, "executed", executed.word()), *undo);
        std::iter::once(row)
            .chain(charge(reservation, -1, took(*executed, *spent, reservation)))
            .collect()
    }

    fn denied_after_hold(&self) -> Vec<Row> {
        let Event::HeldCallDenied { decision, code, ledger, .. } = &self.entry.event else {
            return Vec::new();
        };
        let row = with(self.state(CallState::Denied), "code", code.shown());
        let row = match decision {
            Some(decision) => self.decided(row, decision),
            None => row,
        };
        let row = with(row, "status", code.row().status.word());
        let row = with(row, "executed", Executed::No.word());
        std::iter::once(row).chain(self.freed(*ledger)).collect()
    }

    fn superseded(&self) -> Vec<Row> {
        let Event::CallSuperseded { by_call, reason, ledger, by } = &self.entry.event else {
            return Vec::new();
        };
        let row = with(self.state(CallState::Superseded), "code", Code::Superseded.shown());
        let row = with(row, "status", Code::Superseded.row().status.word());
        let row = with(row, "superseded_by", by_call.map(|call| call.to_string()));
        let row = with(row, "superseded_why", reason.as_str());
        let row = with(row, "edited_by", by.as_ref().map(|by| by.as_str().to_owned()));
        std::iter::once(row).chain(self.freed(*ledger)).collect()
    }

    fn cancelled(
        &self,
        code: Code,
        ledger: Option<Digest>,
        reservation: Option<&Reservation>,
    ) -> Vec<Row> {
        let line = code.row();
        let row = with(self.state(CallState::Cancelled), "code", code.shown());
        let row = with(with(row, "status", line.status.word()), "executed", Executed::No.word());
        let row = with(row, "undo", Cell::Null);
        let mut rows = vec![row];
        rows.extend(self.freed(ledger));
        rows.extend(reservation.into_iter().flat_map(|back| charge(back, -1, Amounts::ZERO)));
        rows
    }

    fn taken(&self, ledger: Option<Digest>, arguments: Digest) -> Option<Row> {
        let cells = vec![
            ("call", self.call.as_str().into()),
            ("arguments", arguments.to_string().into()),
            ("state", TAKEN.into()),
        ];
        ledger.map(|key| set(Table::Ledger, &key.to_string(), cells))
    }

    fn freed(&self, ledger: Option<Digest>) -> Option<Row> {
        ledger.map(|key| set(Table::Ledger, &key.to_string(), vec![("state", FREE.into())]))
    }

    fn run_touched(&self) -> Row {
        let run = self.entry.run.map(|run| run.to_string()).unwrap_or_default();
        set(Table::Runs, &run, vec![("last_ms", self.entry.at.millis().into())])
    }

    fn duties(&self, subject: &Subject, decision: &Decision) -> Vec<Row> {
        decision.duties.iter().map(|duty| self.duty(subject, duty)).collect()
    }

    fn duty(&self, subject: &Subject, duty: &Duty) -> Row {
        let key = format!("{}/{}/{}", self.call, duty.kind, duty.id);
        let cells = vec![
            ("call", self.call.as_str().into()),
            ("run", self.entry.run.map(|run| run.to_string()).into()),
            ("tenant", self.entry.tenant.as_ref().map(|tenant| tenant.as_str().to_owned()).into()),
            ("agent", subject.chain.agent.name.as_str().into()),
            ("kind", duty.kind.word().into()),
            ("policy", duty.id.as_str().into()),
            ("asked_of", duty.group.as_str().into()),
            ("state", "open".into()),
            ("at_ms", self.entry.at.millis().into()),
        ];
        let row = set(Table::Duties, &key, cells);
        match duty.kind {
            DutyKind::Notice => row,
            DutyKind::Review => {
                let within = duty.within.unwrap_or(limits::REVIEW_BY_DEFAULT);
                let by = self.entry.at.plus(within).millis();
                with(with(row, "review", WAITING), "review_by_ms", by)
            }
        }
    }
}

fn reserved_cells(row: Row, reservation: &Reservation) -> Row {
    const COLUMNS: [(Dimension, Column); 5] = [
        (Dimension::Calls, "reserved_calls"),
        (Dimension::Money, "reserved_money_micros"),
        (Dimension::Irreversible, "reserved_irreversible"),
        (Dimension::ReadBytes, "reserved_read_bytes"),
        (Dimension::Wall, "reserved_wall_ms"),
    ];
    let scopes: Vec<String> = reservation.scopes.iter().map(ToString::to_string).collect();
    let row = with(row, "reserved_scopes", scopes.join(" "));
    COLUMNS
        .iter()
        .fold(row, |row, (dimension, column)| with(row, column, reservation.amounts.of(*dimension)))
}

fn undo_cell(row: Row, undo: Option<UndoState>) -> Row {
    match undo {
        Some(undo) => with(row, "undo", undo.word()),
        None => row,
    }
}

/// Reserves (`sign` 1) or gives back (`sign` -1) a reservation, and charges what was really taken.
fn charge(reservation: &Reservation, sign: i64, took: Amounts) -> Vec<Row> {
    let reserved = signed(reservation.amounts, sign);
    let change = |scope| {
        [amounts(scope, Part::Reserved, reserved), amounts(scope, Part::Spent, signed(took, 1))]
    };
    reservation.scopes.iter().flat_map(change).filter(|row| !row.add.is_empty()).collect()
}

/// What a finished call took. An act that did not happen is no irreversible act.
fn took(executed: Executed, spent: Spent, reservation: &Reservation) -> Amounts {
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
