//! Projections made again from the entries: the same rows, in the same order, into empty tables.
//! Used by `Sqlite::rebuild`, by opening a store whose projections have another form, and by verification.

use gate::Table;
use rusqlite::Connection;

use crate::error::Error;
use crate::stored::Record;
use crate::writer::append::{signed, unsigned};
use crate::writer::projections::Projections;

/// Entries that are read at once.
const SLICE: u64 = 1_000;

/// Empties all projections.
pub(crate) fn clear(connection: &Connection) -> Result<(), Error> {
    for table in Table::ALL {
        connection.execute(&format!("DELETE FROM {}", table.name()), [])?;
    }
    Ok(())
}

/// Applies the rows of all entries of `source` in their order; gives the number of entries.
pub(crate) fn fold(source: &Connection, into: &mut Projections<'_>) -> Result<u64, Error> {
    let mut count = 0;
    loop {
        let slice = bodies(source, count)?;
        let Some((last, _)) = slice.last() else { return Ok(count) };
        let last = *last;
        for (position, body) in slice {
            let record = Record::read(&body)
                .map_err(|error| Error::Corrupted(format!("entry at {position}: {error}")))?;
            for row in gate::projection::rows(&record.entry) {
                into.apply(&row)?;
            }
        }
        count = last;
    }
}

/// The next entries behind a position, with theirs.
fn bodies(source: &Connection, after: u64) -> Result<Vec<(u64, Vec<u8>)>, Error> {
    let sql = "SELECT position, body FROM entries WHERE position > ?1 ORDER BY position LIMIT ?2";
    let mut statement = source.prepare_cached(sql)?;
    let rows = statement.query_map([signed(after), signed(SLICE)], |row| {
        Ok((unsigned(row.get(0)?), row.get(1)?))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
