//! Listings: one question to a projection, a page at a time, never beyond the caller's tenant.
//! In: a query and which part. Out: a page, or `NotFound` for what belongs to somebody else. A page of `browse` looks at a
//! bounded number of records, so it may be empty and have a `next`.

use domain::limits;
use gate::{Column, Direction, Journal as _, Record, Table};
use journal::{Browse, Condition};
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

/// Asks with filters, and turns records into what travels. The caller's tenant, and its grant if it is an agent, must be
/// among what has to match.
pub(crate) async fn browse<T>(
    app: &App,
    browse: Browse,
    part: Part,
    make: impl Fn(&Record) -> T,
) -> Result<Page<T>> {
    let limit = limit(part.limit)?;
    if let Some(after) = &part.after {
        let known = app.journal().read(browse.table, after).await?;
        // The last one that a page looked at need not match the filters, but must be the caller's.
        let own = |(column, _): &&(Column, gate::Cell)| ["tenant", "grant_id"].contains(column);
        let fits = |record: &Record| {
            browse.matching.iter().filter(own).all(|(column, cell)| record.cell(column) == cell)
        };
        known
            .filter(fits)
            .ok_or_else(|| Refused::invalid("after: expected the `next` of the page before"))?;
    }
    let found = app.journal().browse(Browse { limit, after: part.after, ..browse }).await?;
    Ok(Page { items: found.records.iter().map(make).collect(), next: found.next })
}

/// What a listing is narrowed to, beside equal columns.
#[derive(Debug, Clone, Default)]
pub(crate) struct Narrowed {
    pub(crate) agent: Option<String>,
    pub(crate) text: Option<String>,
    pub(crate) since_ms: Option<u64>,
    pub(crate) until_ms: Option<u64>,
}

impl Narrowed {
    /// Asks for it. The table must have the columns `agent` and `agent_name`.
    pub(crate) fn of(self, browse: Browse, searched: &[Column]) -> Result<Browse> {
        let mut browse = Browse { from: self.since_ms, until: self.until_ms, ..browse };
        if let Some(agent) = self.agent {
            let name = agent.split('@').next().unwrap_or_default().to_owned();
            let whole = name.len() != agent.len();
            browse = browse.with("agent_name", name);
            if whole {
                browse = browse.only(Condition::Among("agent", vec![agent]));
            }
        }
        searching(browse, self.text, searched)
    }
}

/// Only records with a text in one of these columns or their key. An empty one is in all of them.
pub(crate) fn searching(
    browse: Browse,
    text: Option<String>,
    columns: &[Column],
) -> Result<Browse> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(browse) };
    crate::convert::at_most("text", &text, limits::SEARCH_CHARS_MAX)?;
    Ok(browse.only(Condition::Text(columns.to_vec(), text)))
}

/// The direction of a listing, from `first`.
pub(crate) fn direction(first: Option<&str>, otherwise: Direction) -> Result<Direction> {
    match first {
        None => Ok(otherwise),
        Some("oldest") => Ok(Direction::Ascending),
        Some("newest") => Ok(Direction::Descending),
        Some(_) => Err(Refused::invalid("first: expected `oldest` or `newest`")),
    }
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
