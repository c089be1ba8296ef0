//! What is durable: entries with their places, projections, payloads. Written whole or not at all.
//!
//! Projections change through `gate::projection::rows` alone, and `rebuilt` does the same from the first
//! entry on. An observer hears of every commit at the very moment at which it becomes durable. Planted
//! faults of the journal are here, each in a few lines.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use domain::{
    CallId, CallState, Digest, Entry, Event, JournalPosition, Name, PayloadKind, RunId, Timestamp,
    limits,
};
use gate::projection::{FREE, budget_of};
use gate::{
    Cell, Commit, CommitError, Direction, Guard, KeyScope, Kind, Query, Record, Row, StoreError,
    Table,
};

use super::select;
use crate::auditor::Auditor;
use crate::fault::Fault;
use crate::lock;

/// The records of every table.
pub(super) type Tables = BTreeMap<Table, BTreeMap<String, Vec<Cell>>>;

/// One entry and where it stands.
pub type Stored = (Entry, JournalPosition);

/// Durable state.
#[derive(Debug, Default)]
pub struct Store {
    tables: Tables,
    entries: Vec<Stored>,
    payloads: BTreeMap<(CallId, PayloadKind), Vec<u8>>,
    runs: BTreeSet<RunId>,
    last_at: Timestamp,
    fault: Option<Fault>,
    /// Calls that were admitted with an approval, for the fault that forgets it.
    approved: BTreeSet<CallId>,
    observer: Option<Arc<Mutex<Auditor>>>,
}

impl Store {
    /// Empty, with a planted fault or none, and somebody who hears of every commit.
    pub fn new(fault: Option<Fault>, observer: Option<Arc<Mutex<Auditor>>>) -> Self {
        Self { fault, observer, ..Self::default() }
    }

    pub(super) fn fault(&self) -> Option<Fault> {
        self.fault
    }

    pub(super) fn last_at(&self) -> Timestamp {
        self.last_at
    }

    /// Every entry, oldest first.
    pub fn entries(&self) -> &[Stored] {
        &self.entries
    }

    /// Checks every guard and writes everything, or nothing.
    ///
    /// # Errors
    /// As `gate::Journal::commit`.
    pub fn write(&mut self, commit: &Commit) -> Result<Vec<JournalPosition>, CommitError> {
        let count = commit.entries.len();
        if count == 0 || count > limits::COMMIT_ENTRIES_MAX {
            return Err(StoreError(format!("a commit of {count} entries")).into());
        }
        self.clock_is_right(&commit.entries)?;
        for (index, guard) in commit.guards.iter().enumerate() {
            if let Some(found) = self.broken(guard) {
                return Err(CommitError::Guard { index, found });
            }
        }
        let opened = commit.entries.iter().filter_map(opens);
        if let Some(run) = opened.clone().find(|run| self.runs.contains(run)) {
            let index = commit.guards.len();
            return Err(CommitError::Guard { index, found: format!("{run} was opened before") });
        }
        self.runs.extend(opened);
        let positions = self.positions_for(commit);
        for (entry, position) in commit.entries.iter().zip(&positions) {
            for row in self.rows(entry) {
                apply(&mut self.tables, &row);
            }
            self.last_at = self.last_at.max(entry.at);
            self.entries.push((entry.clone(), *position));
        }
        for payload in &commit.payloads {
            let bytes = self.kept(payload.kind, &payload.bytes);
            self.payloads.insert((payload.call, payload.kind), bytes);
        }
        if let Some(observer) = self.observer.clone() {
            lock(&observer).committed(commit, self);
        }
        Ok(positions)
    }

    fn clock_is_right(&self, entries: &[Entry]) -> Result<(), CommitError> {
        let most = u64::try_from(limits::CLOCK_BACK_MAX.as_millis()).unwrap_or(u64::MAX);
        let mut last = self.last_at;
        for entry in entries {
            let back = last.millis().saturating_sub(entry.at.millis());
            if back > most {
                return Err(CommitError::ClockWentBack(back));
            }
            last = last.max(entry.at);
        }
        Ok(())
    }

    /// Where the entries of a commit would stand if it were written now.
    pub(super) fn positions_for(&self, commit: &Commit) -> Vec<JournalPosition> {
        let last = self.entries.last();
        let mut seq = last.map_or(0, |(_, position)| position.seq);
        let mut hash = last.map_or(Digest::default(), |(_, position)| position.hash);
        let place = |entry: &Entry| {
            seq += 1;
            hash = contract::digest(format!("{hash} {seq} {entry:?}").as_bytes());
            JournalPosition { run: entry.run, seq, hash }
        };
        commit.entries.iter().map(place).collect()
    }

    /// What was found instead of what a guard says; none if it holds.
    fn broken(&self, guard: &Guard) -> Option<String> {
        match guard {
            Guard::Free { table: Table::Ledger, .. } if self.is(Fault::NoKeyCheck) => None,
            Guard::Is { table: Table::Fences, .. } if self.is(Fault::NoFenceCheck) => None,
            Guard::Left { .. } if self.is(Fault::NoBudgetCheck) => None,
            Guard::Free { table, key } => {
                let record = self.read(*table, key)?;
                (record.text("state") != FREE).then(|| format!("{key} is {:?}", record.cells))
            }
            Guard::Is { table, key, column, value } => {
                let known = table.columns().iter().any(|(name, _)| name == column);
                let record = self.read(*table, key);
                let found = record.as_ref().map(|record| record.cell(column));
                (!known || found != Some(value)).then(|| format!("{column} of {key} is {found:?}"))
            }
            Guard::Left { scope, amounts } => {
                let key = scope.to_string();
                let Some(record) = self.read(Table::Budgets, &key) else {
                    return Some(format!("there is no budget {key}"));
                };
                let exceeded = budget_of(*scope, &record).exceeded_by(*amounts);
                exceeded.map(|dimension| format!("too little is left of {dimension} in {key}"))
            }
        }
    }

    fn is(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }

    /// The rows of an entry, as a planted fault has them.
    fn rows(&mut self, entry: &Entry) -> Vec<Row> {
        let mut rows = gate::projection::rows(entry);
        if let (Event::CallAdmitted { was_held: true, .. }, Some(id)) = (&entry.event, entry.call) {
            self.approved.insert(id);
        }
        let approved = entry.call.is_some_and(|id| self.approved.contains(&id));
        match (self.fault, &entry.event) {
            (Some(Fault::ApprovalUsedTwice), _) if approved => {
                rows.retain(|row| row.table != Table::Approvals);
                rows.iter_mut().filter(|row| row.table == Table::Calls).for_each(still_held);
            }
            (Some(Fault::LostReservation), Event::CallAdmitted { .. }) => {
                rows.retain(|row| row.table != Table::Budgets);
            }
            (Some(Fault::DenialFreesKey), Event::CallDenied { subject: Some(subject), .. }) => {
                rows.extend(subject.ledger.map(freed));
            }
            (Some(Fault::StopForgotten), Event::StopOrdered { .. }) => {
                rows.retain(|row| row.table != Table::Stops);
            }
            (Some(Fault::UndoneTwice), Event::CallAdmitted { undoes: Some(of), .. })
            | (Some(Fault::UndoneTwice), Event::UndoMoved { of, .. }) => {
                let of = of.to_string();
                rows.retain(|row| row.table != Table::Calls || row.key != of);
            }
            (Some(Fault::ProjectionDrift), _) if self.entries.len().is_multiple_of(7) => {
                rows.retain(|row| row.table != Table::Duties);
            }
            (Some(_) | None, _) => {}
        }
        rows
    }

    fn kept(&self, kind: PayloadKind, bytes: &[u8]) -> Vec<u8> {
        let text = match (self.fault, kind, std::str::from_utf8(bytes)) {
            (Some(Fault::FactsAltered), PayloadKind::Facts, Ok(text)) => text,
            _ => return bytes.to_vec(),
        };
        text.replace("\"confidence\":\"0.99\"", "\"confidence\":\"0.50\"").into_bytes()
    }

    /// One record.
    pub fn read(&self, table: Table, key: &str) -> Option<Record> {
        if table == Table::Ledger && self.is(Fault::NoKeyCheck) {
            return None;
        }
        let cells = self.tables.get(&table)?.get(key)?;
        Some(Record::new(table, key.to_owned(), cells.clone()))
    }

    /// Records that match, in order.
    pub(super) fn select(&self, query: &Query) -> Result<Vec<Record>, StoreError> {
        let mut query = query.clone();
        if self.is(Fault::WrongUndoOrder) && query.order_by == Some("admitted_ms") {
            query.direction = Direction::Ascending;
        }
        select::select(&self.tables, &query)
    }

    /// Every record of a table.
    pub fn all(&self, table: Table) -> Vec<Record> {
        let records = self.tables.get(&table).into_iter().flatten();
        records.map(|(key, cells)| Record::new(table, key.clone(), cells.clone())).collect()
    }

    /// The bytes of a payload.
    pub fn payload(&self, call: CallId, kind: PayloadKind) -> Option<Vec<u8>> {
        self.payloads.get(&(call, kind)).cloned()
    }

    /// Changes a cell of every record of a table, as no commit would.
    pub fn set_cell_for_tests(&mut self, (table, column): (Table, gate::Column), value: Cell) {
        let place = table.columns().iter().position(|(name, _)| *name == column);
        for cells in self.tables.entry(table).or_default().values_mut() {
            if let Some(cell) = place.and_then(|place| cells.get_mut(place)) {
                *cell = value.clone();
            }
        }
    }

    /// Changes the kept plan of a call, as no commit would.
    pub fn change_plan_for_tests(&mut self, call: CallId, change: impl Fn(&mut domain::Plan)) {
        let Some(bytes) = self.payloads.get_mut(&(call, PayloadKind::Plan)) else { return };
        if let Ok(mut plan) = gate::payload::read_plan(bytes) {
            change(&mut plan);
            *bytes = gate::payload::plan(&plan);
        }
    }

    /// As `gate::Journal::keyed`.
    pub(crate) fn keyed(&self, scope: KeyScope<'_>, bytes: &[u8]) -> Result<Digest, StoreError> {
        let name = match scope {
            KeyScope::Tenant(tenant) => return Ok(self.keyed_by_tenant(tenant, bytes)),
            KeyScope::Run(run) if self.runs.contains(&run) => run.to_string(),
            KeyScope::Run(run) => return Err(StoreError(format!("{run} has no key"))),
        };
        Ok(contract::keyed(contract::digest(name.as_bytes()).bytes(), bytes))
    }

    fn keyed_by_tenant(&self, tenant: &Name, bytes: &[u8]) -> Digest {
        let key = contract::digest(format!("tenant {tenant}").as_bytes());
        let text = std::str::from_utf8(bytes).unwrap_or_default();
        match text.strip_prefix("ledger\n").and_then(|text| text.splitn(4, '\n').last()) {
            Some(rest) if self.is(Fault::AnswerToAnother) => {
                contract::keyed(key.bytes(), rest.as_bytes())
            }
            Some(_) | None => contract::keyed(key.bytes(), bytes),
        }
    }

    /// Tables whose records differ from those that the entries alone give, with the first such key.
    pub fn drift(&self) -> Vec<(Table, String)> {
        let mut rebuilt = Tables::default();
        for (entry, _) in &self.entries {
            for row in gate::projection::rows(entry) {
                apply(&mut rebuilt, &row);
            }
        }
        let none = BTreeMap::new();
        let differing = |table: &Table| {
            let live = self.tables.get(table).unwrap_or(&none);
            let again = rebuilt.get(table).unwrap_or(&none);
            let mut keys = live.keys().chain(again.keys());
            let key = keys.find(|key| live.get(*key) != again.get(*key))?;
            Some((*table, key.clone()))
        };
        Table::ALL.iter().filter_map(differing).collect()
    }
}

fn freed(key: Digest) -> Row {
    let set = vec![("state", Cell::from(FREE))];
    Row { table: Table::Ledger, key: key.to_string(), set, add: Vec::new() }
}

fn still_held(row: &mut Row) {
    for (column, cell) in &mut row.set {
        if *column == "state" {
            *cell = CallState::Held.word().into();
        }
    }
}

fn opens(entry: &Entry) -> Option<RunId> {
    if let Event::RunOpened { run, .. } = &entry.event { Some(run.id) } else { None }
}

fn apply(tables: &mut Tables, row: &Row) {
    let columns = row.table.columns();
    let empty = || columns.iter().map(|(_, kind)| initial(*kind)).collect();
    let records = tables.entry(row.table).or_default();
    let cells = records.entry(row.key.clone()).or_insert_with(empty);
    let place = |name: &str| columns.iter().position(|(column, _)| *column == name);
    for (column, value) in &row.set {
        if let Some(cell) = place(column).and_then(|place| cells.get_mut(place)) {
            *cell = value.clone();
        }
    }
    for (column, by) in &row.add {
        if let Some(cell) = place(column).and_then(|place| cells.get_mut(place)) {
            let before = if let Cell::Integer(value) = cell { *value } else { 0 };
            *cell = Cell::Integer(before.saturating_add(*by));
        }
    }
}

fn initial(kind: Kind) -> Cell {
    match kind {
        Kind::Text | Kind::Integer => Cell::Null,
        Kind::Sum => Cell::Integer(0),
    }
}
