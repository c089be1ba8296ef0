//! Listings that answer at a million records: a part of a projection in the order of time, filtered, page by page.
//!
//! In: a table, an index that begins with what must be equal, and conditions. Out: a page that looked at no more than
//! `limits::ROWS_SCANNED_MAX` records. One that found too little by then says where to go on, so an empty page with
//! `next` is not the end. Rows are judged as they lie in the store, before anything is copied.
//! Tests: below, `crates/journal/tests/it/browsing.rs`, and the rows `list` of `cargo xtask bench`.

use domain::limits;
use gate::{Cell, Column, Direction, Record, Table};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};

use crate::error::Error;
use crate::readers::{Bound, columns, read, record};
use crate::sqlite::Sqlite;

/// A question to a projection.
#[derive(Debug, Clone, PartialEq)]
pub struct Browse {
    /// Where.
    pub table: Table,
    /// Columns that must have these values. The more of them an index begins with, the fewer records are looked at.
    pub matching: Vec<(Column, Cell)>,
    /// What must hold beside that.
    pub conditions: Vec<Condition>,
    /// The moment to sort by; records without one are left out. By key without a column.
    pub order_by: Option<Column>,
    /// The direction.
    pub direction: Direction,
    /// Not before this moment.
    pub from: Option<u64>,
    /// Before this moment.
    pub until: Option<u64>,
    /// Behind the record with this key: the `next` of the page before.
    pub after: Option<String>,
    /// Records at most, up to `limits::PAGE_ROWS_MAX`.
    pub limit: usize,
}

impl Browse {
    /// Everything of a table, by key.
    pub fn all(table: Table) -> Self {
        Self {
            table,
            matching: Vec::new(),
            conditions: Vec::new(),
            order_by: None,
            direction: Direction::Ascending,
            from: None,
            until: None,
            after: None,
            limit: limits::PAGE_ROWS_MAX,
        }
    }

    /// Only records whose column has this value.
    #[must_use]
    pub fn with(mut self, column: Column, value: impl Into<Cell>) -> Self {
        self.matching.push((column, value.into()));
        self
    }

    /// Only records of which this holds.
    #[must_use]
    pub fn only(mut self, condition: Condition) -> Self {
        self.conditions.push(condition);
        self
    }
}

/// What is asked of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// The column is one of these texts.
    Among(Column, Vec<String>),
    /// There is something in the column.
    Present(Column),
    /// The text stands in the key or in one of these columns; letters match in either case.
    Text(Vec<Column>, String),
    /// One of these holds.
    Any(Vec<Self>),
    /// All of these hold.
    All(Vec<Self>),
}

/// A page of records.
#[derive(Debug, Clone, PartialEq)]
pub struct Browsed {
    /// The records, in the page's direction.
    pub records: Vec<Record>,
    /// What `after` must be for the next page; none at the end.
    pub next: Option<String>,
}

impl Sqlite {
    /// A page of a projection.
    pub async fn browse(&self, browse: Browse) -> Result<Browsed, Error> {
        self.blocking(move |shared| shared.readers.with(|connection| page(connection, &browse)))
            .await
    }
}

/// A page out of one connection.
fn page(connection: &Connection, browse: &Browse) -> Result<Browsed, Error> {
    let limit = browse.limit.clamp(1, limits::PAGE_ROWS_MAX);
    let (sql, values) = question(connection, browse)?;
    let judges = Judge::all(browse)?;
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(rusqlite::params_from_iter(values.iter().map(Bound)))?;
    let (mut records, mut looked_at) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        looked_at += 1;
        if holds(&judges, row)? {
            records.push(record(browse.table, row)?);
        }
        if records.len() == limit || looked_at == limits::ROWS_SCANNED_MAX {
            return Ok(Browsed { records, next: Some(row.get(0)?) });
        }
    }
    Ok(Browsed { records, next: None })
}

/// The statement that walks an index, and its values. It has no limit: its reader stops.
fn question(connection: &Connection, browse: &Browse) -> Result<(String, Vec<Cell>), Error> {
    let (mut wheres, mut values) = (Vec::new(), Vec::new());
    let mut also = |sql: &str, value: Cell| {
        values.push(value);
        wheres.push(format!("{sql} ?{}", values.len()));
    };
    let looked_up = index(browse).map_or(&[][..], |(_, columns)| columns);
    for (column, value) in &browse.matching {
        // The rest is judged here: the store would look for it without end.
        if looked_up.contains(column) {
            also(&format!("{column} IS"), value.clone());
        }
    }
    if let Some(column) = browse.order_by {
        also(&format!("{column} >="), browse.from.unwrap_or(0).into());
        browse.until.iter().for_each(|until| also(&format!("{column} <"), (*until).into()));
    }
    let sign = match browse.direction {
        Direction::Ascending => '>',
        Direction::Descending => '<',
    };
    if let Some(after) = &browse.after {
        let unknown = || Error::Unknown(after.clone());
        let anchor = read(connection, browse.table, after)?.ok_or_else(unknown)?;
        match browse.order_by {
            None => also(&format!("key {sign}"), after.as_str().into()),
            Some(column) => {
                values.extend([anchor.cell(column).clone(), after.as_str().into()]);
                let (moment, key) = (values.len() - 1, values.len());
                wheres.push(format!("({column}, key) {sign} (?{moment}, ?{key})"));
            }
        }
    }
    Ok((sql(browse, &wheres), values))
}

fn sql(browse: &Browse, wheres: &[String]) -> String {
    let direction = match browse.direction {
        Direction::Ascending => "ASC",
        Direction::Descending => "DESC",
    };
    let name = browse.table.name();
    // Without this the planner, which has no statistics, may sort half a table by a worse index.
    let by =
        index(browse).map_or(String::new(), |(place, _)| format!(" INDEXED BY {name}_{place}"));
    let wheres = match wheres {
        [] => String::new(),
        some => format!(" WHERE {}", some.join(" AND ")),
    };
    let moment = browse.order_by.map_or(String::new(), |column| format!("{column} {direction}, "));
    let columns = columns(browse.table);
    format!("SELECT {columns} FROM {name}{by}{wheres} ORDER BY {moment}key {direction}")
}

/// The index that finds the most by equality and has what it finds in order, and the columns that it finds it by.
fn index(browse: &Browse) -> Option<(usize, &'static [Column])> {
    let order = browse.order_by?;
    let is_equal = |column: &Column| browse.matching.iter().any(|(name, _)| name == column);
    let fitting = browse.table.indexes().iter().enumerate().filter_map(|(place, index)| {
        let equal = index.iter().take_while(|column| is_equal(column)).count();
        let in_order = index.get(equal..) == Some(&[order, "key"]);
        in_order.then(|| (place, index.get(..equal).unwrap_or_default()))
    });
    // Of equally good ones the first in the table's list.
    fitting.rev().max_by_key(|(_, equal)| equal.len())
}

/// A condition with the places of its columns in a row, and a needle made ready.
enum Judge<'a> {
    Is(usize, &'a Cell),
    Among(usize, &'a [String]),
    Present(usize),
    Text(Vec<usize>, Needle),
    Any(Vec<Self>),
    All(Vec<Self>),
}

/// A text in lower case.
struct Needle(String);

impl Needle {
    fn is_in(&self, text: &str) -> bool {
        let bytes = self.0.as_bytes();
        if self.0.is_ascii() {
            return bytes.is_empty()
                || text
                    .as_bytes()
                    .windows(bytes.len())
                    .any(|window| window.eq_ignore_ascii_case(bytes));
        }
        text.to_lowercase().contains(&self.0)
    }
}

impl<'a> Judge<'a> {
    fn all(browse: &'a Browse) -> Result<Vec<Self>, Error> {
        let table = browse.table;
        let equal = browse.matching.iter();
        let equal = equal.map(|(column, cell)| Ok(Self::Is(place(table, column)?, cell)));
        equal.chain(browse.conditions.iter().map(|one| Self::new(table, one))).collect()
    }

    fn new(table: Table, condition: &'a Condition) -> Result<Self, Error> {
        let place = |column: &Column| place(table, column);
        let each = |conditions: &'a [Condition]| {
            conditions.iter().map(|one| Self::new(table, one)).collect::<Result<_, _>>()
        };
        Ok(match condition {
            Condition::Among(column, words) => Self::Among(place(column)?, words),
            Condition::Present(column) => Self::Present(place(column)?),
            Condition::Text(columns, text) => {
                let mut places = vec![0];
                for column in columns {
                    places.push(place(column)?);
                }
                Self::Text(places, Needle(text.to_lowercase()))
            }
            Condition::Any(some) => Self::Any(each(some)?),
            Condition::All(some) => Self::All(each(some)?),
        })
    }

    fn holds(&self, row: &Row<'_>) -> rusqlite::Result<bool> {
        match self {
            Self::Is(place, cell) => {
                let value = row.get_ref(*place)?;
                Ok(match cell {
                    Cell::Null => value == ValueRef::Null,
                    Cell::Integer(integer) => value == ValueRef::Integer(*integer),
                    Cell::Text(text) => value == ValueRef::Text(text.as_bytes()),
                })
            }
            Self::Among(place, words) => {
                let value = row.get_ref(*place)?;
                Ok(words.iter().any(|word| value == ValueRef::Text(word.as_bytes())))
            }
            Self::Present(place) => Ok(row.get_ref(*place)? != ValueRef::Null),
            Self::Text(places, needle) => {
                for place in places {
                    if row.get_ref(*place)?.as_str().is_ok_and(|text| needle.is_in(text)) {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Self::Any(judges) => {
                for judge in judges {
                    if judge.holds(row)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Self::All(judges) => holds(judges, row),
        }
    }
}

/// Where a column stands in a row, whose first is the key.
fn place(table: Table, column: &Column) -> Result<usize, Error> {
    let at = table.columns().iter().position(|(name, _)| name == column);
    at.map(|at| at + 1).ok_or_else(|| Error::Unknown(format!("{}.{column}", table.name())))
}

fn holds(judges: &[Judge<'_>], row: &Row<'_>) -> rusqlite::Result<bool> {
    for judge in judges {
        if !judge.holds(row)? {
            return Ok(false);
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(table: Table, order: Column, equal: &[Column]) -> Browse {
        let all = Browse { order_by: Some(order), ..Browse::all(table) };
        equal.iter().fold(all, |browse, column| browse.with(column, "x"))
    }

    #[test]
    fn every_listing_has_an_index_in_its_order() {
        for (table, order, equal) in [
            (Table::Runs, "opened_ms", &["tenant"][..]),
            (Table::Runs, "opened_ms", &["tenant", "agent_name"]),
            (Table::Runs, "opened_ms", &["tenant", "state"]),
            (Table::Calls, "received_ms", &["tenant"]),
            (Table::Calls, "received_ms", &["run"]),
            (Table::Calls, "received_ms", &["tenant", "agent_name"]),
            (Table::Calls, "received_ms", &["tenant", "tool"]),
            (Table::Calls, "received_ms", &["tenant", "state"]),
            (Table::Calls, "received_ms", &["tenant", "status"]),
            (Table::Approvals, "asked_ms", &["tenant"]),
            (Table::Approvals, "asked_ms", &["tenant", "state"]),
            (Table::Approvals, "asked_ms", &["tenant", "agent"]),
            (Table::Stops, "at_ms", &[]),
            (Table::Duties, "at_ms", &["tenant"]),
            (Table::Incidents, "at_ms", &["tenant"]),
        ] {
            let browse = asked(table, order, equal);
            let (_, found) = index(&browse).unwrap();
            assert!(
                equal.iter().all(|column| found.contains(column)),
                "{} {equal:?}",
                table.name()
            );
        }
    }

    #[test]
    fn a_needle_is_found_in_either_case() {
        for (needle, text, expect) in [
            ("Prod", "deploy to PROD now", true),
            ("ÄRGER", "viel ärger", true),
            ("", "anything", true),
            ("longer than it", "short", false),
            ("prox", "prod", false),
        ] {
            assert_eq!(Needle(needle.to_lowercase()).is_in(text), expect, "{needle}");
        }
    }
}
