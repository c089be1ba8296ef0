//! Listings: one question to a projection, a page at a time, never beyond the caller's tenant.
//! In: a query and which part. Out: a page, or `NotFound` for what belongs to somebody else.

use domain::limits;
use gate::{Journal as _, Query, Record, Table};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::app::App;
use crate::rescue::{Refused, Result};
use crate::wire::Page;

/// Records of a page, where nothing else is said.
const PAGE_DEFAULT: usize = 100;

/// Which part of a listing.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Part {
    /// How many at most: 1 to 1,000; 100 if not given.
    pub(crate) limit: Option<usize>,
    /// The `next` of the page before.
    pub(crate) after: Option<String>,
}

/// Asks, and turns records into what travels. `make` may leave records out.
pub(crate) async fn page<T>(
    app: &App,
    query: Query,
    part: Part,
    make: impl Fn(&Record) -> Option<T>,
) -> Result<Page<T>> {
    let limit = limit(part.limit)?;
    if let Some(after) = &part.after {
        let known = app.journal().read(query.table, after).await?;
        // What the caller cannot see is no place to go on from either.
        let fits = |record: &Record| {
            query.matching.iter().all(|(column, value)| record.cell(column) == value)
                || query.matching.iter().all(|(column, _)| *column != "tenant")
        };
        known
            .filter(fits)
            .ok_or_else(|| Refused::invalid("after: expected the `next` of the page before"))?;
    }
    let records = app.journal().select(Query { limit, after: part.after, ..query }).await?;
    let full = records.len() == limit;
    let next = records.last().filter(|_| full).map(|last| last.key.clone());
    Ok(Page { items: records.iter().filter_map(make).collect(), next })
}

pub(crate) fn limit(given: Option<usize>) -> Result<usize> {
    let limit = given.unwrap_or(PAGE_DEFAULT);
    if limit == 0 || limit > limits::PAGE_ROWS_MAX {
        let most = limits::PAGE_ROWS_MAX;
        return Err(Refused::invalid(format!("limit: expected 1 to {most}")));
    }
    Ok(limit)
}

/// One record of a tenant; everything of others is not there.
pub(crate) async fn one(app: &App, table: Table, key: &str, tenant: &str) -> Result<Record> {
    let record = app.journal().read(table, key).await?;
    let own = record.filter(|record| record.text("tenant") == tenant);
    own.ok_or_else(|| Refused::not_found(format!("`{}`", contract::visible::short(key))))
}
