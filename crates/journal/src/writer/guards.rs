//! Guards: what must hold for a commit, looked up in the transaction that would write it.
//! What earlier commits of the same transaction wrote is seen, so two that exclude each other cannot both hold.

use std::collections::HashMap;

use gate::projection::{FREE, budget_of};
use gate::{Cell, Column, Guard, Table};
use rusqlite::{Connection, OptionalExtension as _, Statement};

use crate::error::Error;
use crate::readers::{cell, columns, record};

/// Looks records up for guards, with one prepared statement for each question.
pub(crate) struct Guards<'c> {
    connection: &'c Connection,
    cells: HashMap<(Table, Column), Statement<'c>>,
    budget: Statement<'c>,
}

impl<'c> Guards<'c> {
    /// In the tables of this connection.
    pub(crate) fn new(connection: &'c Connection) -> Result<Self, Error> {
        let table = Table::Budgets;
        let sql = format!("SELECT {} FROM {} WHERE key = ?1", columns(table), table.name());
        Ok(Self { connection, cells: HashMap::new(), budget: connection.prepare(&sql)? })
    }

    /// What was found instead of what the guard says; none if it holds.
    pub(crate) fn broken(&mut self, guard: &Guard) -> Result<Option<String>, Error> {
        match guard {
            Guard::Free { table, key } => {
                // A table whose records have no state: being there is being taken.
                let column = if has(*table, "state") { "state" } else { "key" };
                let found = self.cell(*table, column, key)?;
                let free = found.as_ref().is_none_or(|cell| *cell == Cell::from(FREE));
                Ok((!free).then(|| said(*table, key, found.as_ref())))
            }
            Guard::Is { table, column, .. } if !has(*table, column) => {
                Ok(Some(format!("{} has no column {column}", table.name())))
            }
            Guard::Is { table, key, column, value } => {
                let found = self.cell(*table, column, key)?;
                Ok((found.as_ref() != Some(value)).then(|| said(*table, key, found.as_ref())))
            }
            Guard::Left { scope, amounts } => {
                let key = scope.to_string();
                let row = |row: &rusqlite::Row<'_>| record(Table::Budgets, row);
                let Some(found) = self.budget.query_row([&key], row).optional()? else {
                    return Ok(Some(format!("there is no budget {key}")));
                };
                let exceeded = budget_of(*scope, &found).exceeded_by(*amounts);
                Ok(exceeded.map(|dimension| format!("too little is left of {dimension} in {key}")))
            }
        }
    }

    /// One column of one record; none if there is no such record.
    pub(crate) fn cell(
        &mut self,
        table: Table,
        column: Column,
        key: &str,
    ) -> Result<Option<Cell>, Error> {
        let statement = match self.cells.entry((table, column)) {
            std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::hash_map::Entry::Vacant(new) => {
                let sql = format!("SELECT {column} FROM {} WHERE key = ?1", table.name());
                new.insert(self.connection.prepare(&sql)?)
            }
        };
        Ok(statement.query_row([key], |row| row.get_ref(0).map(cell)).optional()?)
    }
}

fn has(table: Table, column: Column) -> bool {
    table.columns().iter().any(|(name, _)| *name == column)
}

fn said(table: Table, key: &str, found: Option<&Cell>) -> String {
    let name = table.name();
    match found {
        None => format!("there is no {key} in {name}"),
        Some(Cell::Null) => format!("{key} in {name} has nothing there"),
        Some(Cell::Integer(value)) => format!("{key} in {name} has {value}"),
        Some(Cell::Text(text)) => format!("{key} in {name} is {text}"),
    }
}
