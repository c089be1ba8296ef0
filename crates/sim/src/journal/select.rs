//! Listings: the records that match, in the order of a column and then of the key, page by page.
//!
//! Nothing comes before integers, integers before texts, as stores sort them.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use domain::limits;
use gate::{Cell, Direction, Query, Record, StoreError};

use super::store::Tables;

/// Records that match, in order.
pub(super) fn select(tables: &Tables, query: &Query) -> Result<Vec<Record>, StoreError> {
    let none = BTreeMap::new();
    let records = tables.get(&query.table).unwrap_or(&none);
    let record =
        |key: &String, cells: &Vec<Cell>| Record::new(query.table, key.clone(), cells.clone());
    let anchor = match &query.after {
        Some(key) => match records.get(key) {
            Some(cells) => Some(record(key, cells)),
            None => return Err(StoreError(format!("there is no `{key}` to go on from"))),
        },
        None => None,
    };
    let mut found: Vec<Record> = records
        .iter()
        .map(|(key, cells)| record(key, cells))
        .filter(|record| query.matching.iter().all(|(column, value)| record.cell(column) == value))
        .filter(|record| {
            anchor.as_ref().is_none_or(|anchor| order(query, anchor, record) == Ordering::Less)
        })
        .collect();
    found.sort_by(|one, other| order(query, one, other));
    found.truncate(query.limit.min(limits::PAGE_ROWS_MAX));
    Ok(found)
}

fn order(query: &Query, one: &Record, other: &Record) -> Ordering {
    let by_column = query
        .order_by
        .map_or(Ordering::Equal, |column| compare(one.cell(column), other.cell(column)));
    let ascending = by_column.then_with(|| one.key.cmp(&other.key));
    match query.direction {
        Direction::Ascending => ascending,
        Direction::Descending => ascending.reverse(),
    }
}

fn compare(one: &Cell, other: &Cell) -> Ordering {
    let rank = |cell: &Cell| match cell {
        Cell::Null => 0,
        Cell::Integer(_) => 1,
        Cell::Text(_) => 2,
    };
    match (one, other) {
        (Cell::Integer(one), Cell::Integer(other)) => one.cmp(other),
        (Cell::Text(one), Cell::Text(other)) => one.cmp(other),
        (one, other) => rank(one).cmp(&rank(other)),
    }
}
