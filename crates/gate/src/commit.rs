//! A commit as data: guards, entries, rows, payloads. All of it is written in one transaction, or none.
//!
//! The gate says what must hold (`Guard`) and what happened (`Entry`); a `Journal` checks the guards, adds
//! the rows that `projection::rows` makes of the entries, chains and writes everything durably, and gives a
//! `Receipt`. Nothing else in the gate touches the store.

use domain::{
    Amounts, BudgetScope, CallId, Digest, Entry, JournalPosition, Name, PayloadKind, RunId,
};

use crate::table::{Cell, Column, Table};

/// Everything that one transaction writes.
#[derive(Debug, Clone, PartialEq)]
pub struct Commit {
    /// What must hold, checked in order in the same transaction.
    pub guards: Vec<Guard>,
    /// What happened, in order; 1 to `limits::COMMIT_ENTRIES_MAX`.
    pub entries: Vec<Entry>,
    /// Exact contents, encrypted by the journal.
    pub payloads: Vec<Payload>,
    /// Texts of policies and contracts by version, kept readable.
    pub sources: Vec<SourceText>,
    /// Whether it is still written when the disk is nearly full.
    pub urgency: Urgency,
}

/// What a commit is for, when space is short.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Urgency {
    /// Starts something new: refused while space is short.
    Permit,
    /// An outcome or a stop: written as long as anything can be.
    Outcome,
}

/// Something that must hold for a commit to be written.
#[derive(Debug, Clone, PartialEq)]
pub enum Guard {
    /// There is no record with this key, or its `state` column is `free`.
    Free {
        /// Where.
        table: Table,
        /// Which record.
        key: String,
    },
    /// The record exists and this column has this value.
    Is {
        /// Where.
        table: Table,
        /// Which record.
        key: String,
        /// Which column.
        column: Column,
        /// What it must be.
        value: Cell,
    },
    /// In every limited dimension of the budget: limit - reserved - spent >= amounts. A budget that does not
    /// exist has nothing left.
    Left {
        /// Whose budget.
        scope: BudgetScope,
        /// What is wanted.
        amounts: Amounts,
    },
}

/// One payload to keep.
#[derive(Clone, PartialEq, Eq)]
pub struct Payload {
    /// Whose key encrypts it.
    pub tenant: Name,
    /// The run whose key encrypts it.
    pub run: RunId,
    /// The call it belongs to.
    pub call: CallId,
    /// What it holds. A later payload of the same call and kind takes the place of the earlier.
    pub kind: PayloadKind,
    /// The contents.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Payload {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} of {}: {} bytes", self.kind, self.call, self.bytes.len())
    }
}

/// The text of a policy version or a set of contracts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceText {
    /// Its version.
    pub version: Digest,
    /// The text, as canonical JSON of file names and contents.
    pub text: String,
}

/// Proof that a commit is durable: where its entries stand.
#[derive(Debug)]
pub struct Receipt {
    positions: Vec<JournalPosition>,
}

impl Receipt {
    /// Says that everything of a commit is durable, with the position of each entry. Called by
    /// implementations of `Journal` alone, after their store has answered.
    pub fn assertion(positions: Vec<JournalPosition>) -> Self {
        Self { positions }
    }

    /// Where the entries stand, in their order.
    pub fn positions(&self) -> &[JournalPosition] {
        &self.positions
    }

    /// Where the last entry stands.
    pub fn last(&self) -> Option<JournalPosition> {
        self.positions.last().copied()
    }
}

/// Why a commit was not written. Nothing of it was, except where it says that nobody knows.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CommitError {
    /// A guard did not hold.
    #[error("guard {index} does not hold: {found}")]
    Guard {
        /// Its place in `Commit::guards`.
        index: usize,
        /// What was found instead.
        found: String,
    },
    /// Space is short and the commit starts something new.
    #[error("too little free disk space for new work")]
    DiskFull,
    /// The queue to the writer is full. Only what starts something new is told so; outcomes and stops wait.
    #[error("too many commits wait for the store")]
    Busy,
    /// The entry is older than the last one by more than the clock may go back.
    #[error("the clock went back by {0} ms")]
    ClockWentBack(u64),
    /// The store failed: it is not known whether the commit is durable, and the process must stop.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

/// A failure of the store.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct StoreError(pub String);

/// A change of one record: columns to set, and columns to add to.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Where.
    pub table: Table,
    /// Which record; made if there is none.
    pub key: String,
    /// Columns with their new values.
    pub set: Vec<(Column, Cell)>,
    /// Integer columns and what is added to them; a new record starts from zero.
    pub add: Vec<(Column, i64)>,
}

/// One record of a projection as read.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Its key.
    pub key: String,
    /// Its cells, in the order of `Table::columns`.
    pub cells: Vec<Cell>,
    table: Table,
}

impl Record {
    /// A record of a table, with one cell for each of its columns.
    pub fn new(table: Table, key: String, cells: Vec<Cell>) -> Self {
        Self { key, cells, table }
    }

    /// The cell of a column; null where the table has no such column.
    pub fn cell(&self, column: Column) -> &Cell {
        let place = self.table.columns().iter().position(|(name, _)| *name == column);
        place.and_then(|place| self.cells.get(place)).unwrap_or(&Cell::Null)
    }

    /// The text of a column; empty where it is not text.
    pub fn text(&self, column: Column) -> &str {
        match self.cell(column) {
            Cell::Text(text) => text,
            Cell::Null | Cell::Integer(_) => "",
        }
    }

    /// The integer of a column; none where it is not an integer.
    pub fn integer(&self, column: Column) -> Option<i64> {
        match self.cell(column) {
            Cell::Integer(value) => Some(*value),
            Cell::Null | Cell::Text(_) => None,
        }
    }

    /// A non-negative integer of a column; zero where it is not one.
    pub fn count(&self, column: Column) -> u64 {
        self.integer(column).and_then(|value| u64::try_from(value).ok()).unwrap_or(0)
    }
}

/// A question to a projection.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// Where.
    pub table: Table,
    /// Columns and the values they must have, all of them.
    pub matching: Vec<(Column, Cell)>,
    /// The column to sort by; by key without one.
    pub order_by: Option<Column>,
    /// The direction.
    pub direction: Direction,
    /// Records after this one in the order: its key, for paging.
    pub after: Option<String>,
    /// Records at most, up to `limits::PAGE_ROWS_MAX`.
    pub limit: usize,
}

/// The direction of a listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

impl Query {
    /// Everything in a table, by key, up to the page's limit.
    pub fn all(table: Table) -> Self {
        Self {
            table,
            matching: Vec::new(),
            order_by: None,
            direction: Direction::Ascending,
            after: None,
            limit: domain::limits::PAGE_ROWS_MAX,
        }
    }

    /// Only records whose column has this value.
    #[must_use]
    pub fn with(mut self, column: Column, value: impl Into<Cell>) -> Self {
        self.matching.push((column, value.into()));
        self
    }

    /// The largest of a column first, `limit` of them.
    #[must_use]
    pub fn latest(mut self, column: Column, limit: usize) -> Self {
        self.order_by = Some(column);
        self.direction = Direction::Descending;
        self.limit = limit;
        self
    }
}
