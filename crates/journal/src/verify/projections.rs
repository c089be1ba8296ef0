//! Projections against what the entries make of them again.
//! They are made in a temporary database that is thrown away, and compared record by record in order of keys.

use gate::{Record, Table};
use rusqlite::{Connection, Statement};

use super::{Finding, Halt};
use crate::readers::{columns, record};
use crate::writer::projections::Projections;
use crate::{rebuild, schema};

/// Compares every record of every projection.
pub(super) fn compare(connection: &Connection) -> Result<(), Halt> {
    // An empty name is a temporary database that spills to a file when it is large.
    let fresh = Connection::open("").map_err(crate::error::Error::from)?;
    fresh.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN")?;
    schema::make_projections(&fresh)?;
    rebuild::fold(connection, &mut Projections::new(&fresh))?;
    for table in Table::ALL {
        same(connection, &fresh, *table)?;
    }
    Ok(())
}

fn same(live: &Connection, fresh: &Connection, table: Table) -> Result<(), Halt> {
    let sql = format!("SELECT {} FROM {} ORDER BY key", columns(table), table.name());
    let (mut live, mut fresh) = (live.prepare(&sql)?, fresh.prepare(&sql)?);
    let (mut live, mut fresh) = (records(&mut live, table)?, records(&mut fresh, table)?);
    loop {
        match (live.next().transpose()?, fresh.next().transpose()?) {
            (None, None) => return Ok(()),
            (Some(live), Some(fresh)) if live == fresh => {}
            (live, fresh) => return Err(differ(table, live.as_ref(), fresh.as_ref()).into()),
        }
    }
}

fn records<'a>(
    statement: &'a mut Statement<'_>,
    table: Table,
) -> rusqlite::Result<impl Iterator<Item = rusqlite::Result<Record>> + 'a> {
    statement.query_map([], move |row| record(table, row))
}

fn differ(table: Table, live: Option<&Record>, fresh: Option<&Record>) -> Finding {
    let name = table.name();
    let what = match (live, fresh) {
        (Some(live), Some(fresh)) if live.key == fresh.key => {
            let column =
                table.columns().iter().find(|(column, _)| live.cell(column) != fresh.cell(column));
            let column = column.map_or("key", |(column, _)| column);
            format!("`{column}` of `{}` in {name} is not what the entries say", live.key)
        }
        (Some(live), Some(fresh)) if live.key < fresh.key => extra(name, live),
        (Some(live), None) => extra(name, live),
        (_, Some(fresh)) => format!("`{}` is missing in {name}", fresh.key),
        (None, None) => format!("{name} differs"),
    };
    Finding::of(format!("{what}; `journal rebuild` makes projections again"))
}

fn extra(name: &str, live: &Record) -> String {
    format!("`{}` in {name} is in no entry", live.key)
}
