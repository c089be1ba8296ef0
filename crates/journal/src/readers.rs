//! Connections that read: a bounded pool of them, and the questions that the gate asks of projections.
//!
//! A read is a statement of its own and sees everything that was committed before it began. Long jobs
//! (verify, export) open a connection of their own instead, so that they never stand in the way of a call.

use std::path::PathBuf;
use std::sync::{Condvar, Mutex, PoisonError};

use domain::limits;
use gate::{Cell, Direction, Query, Record, Table};
use rusqlite::types::{ToSql, ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, OptionalExtension as _, Row};

use crate::error::Error;
use crate::schema;

/// The pool.
pub(crate) struct Readers {
    path: PathBuf,
    idle: Mutex<Idle>,
    returned: Condvar,
}

#[derive(Default)]
struct Idle {
    connections: Vec<Connection>,
    opened: usize,
}

impl Readers {
    /// Of the store in this file. Opens connections when they are needed.
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, idle: Mutex::default(), returned: Condvar::new() }
    }

    /// Reads with one connection, waiting for one if all are in use.
    pub(crate) fn with<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let connection = self.take()?;
        let result = read(&connection);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).connections.push(connection);
        self.returned.notify_one();
        result
    }

    /// A connection outside of the pool, for a job that takes long.
    pub(crate) fn own(&self) -> Result<Connection, Error> {
        schema::reader(&self.path)
    }

    fn take(&self) -> Result<Connection, Error> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(connection) = idle.connections.pop() {
                return Ok(connection);
            }
            if idle.opened < limits::STORE_READERS_MAX {
                idle.opened += 1;
                break;
            }
            idle = self.returned.wait(idle).unwrap_or_else(PoisonError::into_inner);
        }
        drop(idle);
        schema::reader(&self.path).inspect_err(|_| {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).opened -= 1;
        })
    }
}

/// A cell as SQLite takes it.
pub(crate) struct Bound<'a>(pub(crate) &'a Cell);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self.0 {
            Cell::Null => ToSqlOutput::Owned(Value::Null),
            Cell::Integer(value) => ToSqlOutput::Owned(Value::Integer(*value)),
            Cell::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
        })
    }
}

/// A cell as SQLite gives it.
pub(crate) fn cell(value: ValueRef<'_>) -> Cell {
    match value {
        ValueRef::Integer(value) => Cell::Integer(value),
        ValueRef::Text(text) | ValueRef::Blob(text) => {
            Cell::Text(String::from_utf8_lossy(text).into_owned())
        }
        // No column of a projection holds a fraction.
        ValueRef::Null | ValueRef::Real(_) => Cell::Null,
    }
}

/// `key` and all columns of a table, as a list for `SELECT`.
pub(crate) fn columns(table: Table) -> String {
    let names = table.columns().iter().map(|(name, _)| *name);
    std::iter::once("key").chain(names).collect::<Vec<_>>().join(", ")
}

/// A record from a row with `columns`.
pub(crate) fn record(table: Table, row: &Row<'_>) -> rusqlite::Result<Record> {
    let cells = (1..=table.columns().len()).map(|place| row.get_ref(place).map(cell));
    Ok(Record::new(table, row.get(0)?, cells.collect::<Result<_, _>>()?))
}

/// One record.
pub(crate) fn read(
    connection: &Connection,
    table: Table,
    key: &str,
) -> Result<Option<Record>, Error> {
    let sql = format!("SELECT {} FROM {} WHERE key = ?1", columns(table), table.name());
    let mut statement = connection.prepare_cached(&sql)?;
    Ok(statement.query_row([key], |row| record(table, row)).optional()?)
}

/// Whether an index answers the question without looking at many records.
pub(crate) fn is_quick(query: &Query) -> bool {
    let first = |index: &&[gate::Column]| index.first().copied();
    let matched = |column| query.matching.iter().any(|(name, _)| *name == column);
    query.limit <= limits::ROWS_READ_IN_PLACE_MAX
        && query.table.indexes().iter().filter_map(first).any(matched)
}

/// Records that match, in order.
pub(crate) fn select(connection: &Connection, query: &Query) -> Result<Vec<Record>, Error> {
    let mut question = Question::default();
    for (column, value) in &query.matching {
        match value {
            Cell::Null => question.wheres.push(format!("{column} IS NULL")),
            Cell::Integer(_) | Cell::Text(_) => {
                question.values.push(value.clone());
                question.wheres.push(format!("{column} = ?{}", question.values.len()));
            }
        }
    }
    if let Some(after) = &query.after {
        question.after(connection, query, after)?;
    }
    let sql = question.sql(query);
    let mut statement = connection.prepare_cached(&sql)?;
    let bound = rusqlite::params_from_iter(question.values.iter().map(Bound));
    let rows = statement.query_map(bound, |row| record(query.table, row))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

#[derive(Default)]
struct Question {
    wheres: Vec<String>,
    values: Vec<Cell>,
}

impl Question {
    /// Only records behind the one with the key `after`. Nulls come first, as SQLite sorts them.
    fn after(&mut self, connection: &Connection, query: &Query, after: &str) -> Result<(), Error> {
        let Some(anchor) = read(connection, query.table, after)? else {
            return Err(Error::Unknown(after.to_owned()));
        };
        self.values.push(Cell::Text(after.to_owned()));
        let key = self.values.len();
        let sign = match query.direction {
            Direction::Ascending => '>',
            Direction::Descending => '<',
        };
        let Some(column) = query.order_by else {
            self.wheres.push(format!("key {sign} ?{key}"));
            return Ok(());
        };
        let value = anchor.cell(column).clone();
        let behind = match (&value, query.direction) {
            (Cell::Null, Direction::Ascending) => {
                format!("({column} IS NOT NULL OR key > ?{key})")
            }
            (Cell::Null, Direction::Descending) => format!("({column} IS NULL AND key < ?{key})"),
            (Cell::Integer(_) | Cell::Text(_), _) => {
                self.values.push(value);
                let value = self.values.len();
                let last = match query.direction {
                    Direction::Ascending => String::new(),
                    Direction::Descending => format!(" OR {column} IS NULL"),
                };
                format!(
                    "({column} {sign} ?{value} OR ({column} = ?{value} AND key {sign} ?{key}){last})"
                )
            }
        };
        self.wheres.push(behind);
        Ok(())
    }

    fn sql(&self, query: &Query) -> String {
        let table = query.table;
        let direction = match query.direction {
            Direction::Ascending => "ASC",
            Direction::Descending => "DESC",
        };
        let wheres = if self.wheres.is_empty() {
            String::new()
        } else {
            format!(" WHERE {}", self.wheres.join(" AND "))
        };
        let by = query.order_by.map(|column| format!("{column} {direction}, ")).unwrap_or_default();
        let limit = query.limit.min(limits::PAGE_ROWS_MAX);
        format!(
            "SELECT {} FROM {}{wheres} ORDER BY {by}key {direction} LIMIT {limit}",
            columns(table),
            table.name()
        )
    }
}
