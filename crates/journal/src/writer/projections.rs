//! Rows into tables: one prepared statement for each shape of row.
//!
//! Used by the writer, by rebuilding and by verification, so that all three do the same.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use domain::limits;
use gate::{Cell, Column, Row, Table};
use rusqlite::{Connection, Statement};

use crate::error::Error;
use crate::readers::Bound;

/// A row's statement with the columns it is for.
struct Upsert<'c> {
    table: Table,
    set: Vec<Column>,
    add: Vec<Column>,
    /// Which of the row's cells are bound: of a column that is set twice, the last one.
    bound: Vec<usize>,
    statement: Statement<'c>,
}

/// Writes rows through one connection.
pub(crate) struct Projections<'c> {
    connection: &'c Connection,
    shapes: HashMap<u64, Vec<Upsert<'c>>>,
    /// Statements in `shapes`.
    ready: usize,
}

impl<'c> Projections<'c> {
    /// Into the tables of this connection.
    pub(crate) fn new(connection: &'c Connection) -> Self {
        Self { connection, shapes: HashMap::new(), ready: 0 }
    }

    /// Sets and adds what the row says, and makes the record if there is none.
    pub(crate) fn apply(&mut self, row: &Row) -> Result<(), Error> {
        let upsert = self.upsert(row)?;
        let statement = &mut upsert.statement;
        statement.raw_bind_parameter(1, row.key.as_str())?;
        let mut place = 2;
        for index in &upsert.bound {
            let cell = row.set.get(*index).map_or(&Cell::Null, |(_, cell)| cell);
            statement.raw_bind_parameter(place, Bound(cell))?;
            place += 1;
        }
        for (_, by) in &row.add {
            statement.raw_bind_parameter(place, by)?;
            place += 1;
        }
        statement.raw_execute()?;
        Ok(())
    }

    fn upsert(&mut self, row: &Row) -> Result<&mut Upsert<'c>, Error> {
        if self.ready >= limits::ROW_SHAPES_MAX {
            self.shapes.clear();
            self.ready = 0;
        }
        let known = self.shapes.entry(shape(row)).or_default();
        let place = known.iter().position(|upsert| upsert.fits(row));
        let place = match place {
            Some(place) => place,
            None => {
                known.push(Upsert::new(self.connection, row)?);
                self.ready += 1;
                known.len() - 1
            }
        };
        known.get_mut(place).ok_or_else(|| Error::Corrupted("a statement was lost".to_owned()))
    }
}

fn shape(row: &Row) -> u64 {
    let mut hasher = DefaultHasher::new();
    row.table.hash(&mut hasher);
    // Addresses are enough to tell columns apart here: `fits` compares the names.
    row.set.iter().for_each(|(column, _)| hasher.write_usize(column.as_ptr().addr()));
    hasher.write_usize(row.set.len());
    row.add.iter().for_each(|(column, _)| hasher.write_usize(column.as_ptr().addr()));
    hasher.finish()
}

impl<'c> Upsert<'c> {
    fn new(connection: &'c Connection, row: &Row) -> Result<Self, Error> {
        let set: Vec<Column> = row.set.iter().map(|(column, _)| *column).collect();
        let add: Vec<Column> = row.add.iter().map(|(column, _)| *column).collect();
        let last = |(index, column): &(usize, &Column)| {
            set.iter().rposition(|each| each == *column) == Some(*index)
        };
        let bound: Vec<usize> =
            set.iter().enumerate().filter(last).map(|(index, _)| index).collect();
        let kept = bound.iter().filter_map(|index| set.get(*index).copied());
        let columns: Vec<Column> = kept.chain(add.iter().copied()).collect();
        let statement = connection.prepare(&sql(row.table, &columns, &add))?;
        Ok(Self { table: row.table, set, add, bound, statement })
    }

    fn fits(&self, row: &Row) -> bool {
        let same = |columns: &[Column], mut names: &mut dyn Iterator<Item = Column>| {
            columns.iter().all(|column| names.next() == Some(*column))
                && (&mut names).next().is_none()
        };
        self.table == row.table
            && same(&self.set, &mut row.set.iter().map(|(column, _)| *column))
            && same(&self.add, &mut row.add.iter().map(|(column, _)| *column))
    }
}

fn sql(table: Table, columns: &[Column], add: &[Column]) -> String {
    let name = table.name();
    let list: String = columns.iter().map(|column| format!(", {column}")).collect();
    let marks: String = (0..columns.len()).map(|index| format!(", ?{}", index + 2)).collect();
    let change = |column: &Column| {
        if add.contains(column) {
            format!("{column} = ifnull({column}, 0) + excluded.{column}")
        } else {
            format!("{column} = excluded.{column}")
        }
    };
    let changes: Vec<String> = columns.iter().map(change).collect();
    let then = if changes.is_empty() {
        "NOTHING".to_owned()
    } else {
        format!("UPDATE SET {}", changes.join(", "))
    };
    format!("INSERT INTO {name} (key{list}) VALUES (?1{marks}) ON CONFLICT (key) DO {then}")
}
