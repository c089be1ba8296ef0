//! How a run went: counted from all of its entries, by a pure function of the domain.
//!
//! In: a run that the caller may see. Out: its score. Nothing is stored: the entries are read again each time, page by page.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use domain::{Entry, RunId, limits};
use gate::Direction;
use journal::{EntryFilter, EntryPage};

use crate::app::App;
use crate::handlers::runs::visible;
use crate::http::body::Id;
use crate::http::who::AnyCaller;
use crate::rescue::{Refused, Result};
use crate::wire;

/// Counts what became of a run's calls.
#[utoipa::path(
    get, path = "/v1/runs/{run}/score", tag = "runs", params(("run" = String, Path, description = "the run's id")),
    responses((status = 200, description = "the score", body = wire::RunScore), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn score(
    State(app): State<Arc<App>>,
    caller: AnyCaller,
    Id(run): Id<RunId>,
) -> Result<Json<wire::RunScore>> {
    visible(&app, &caller, run).await?;
    let entries = entries(&app, run).await?;
    let score = domain::RunScore::of(&entries);
    Ok(Json(wire::RunScore {
        run: run.to_string(),
        calls: score.calls,
        invalid: score.invalid,
        refused: score.refused,
        open: score.open,
        succeeded: score.succeeded,
        partial: score.partial,
        failed: score.failed,
        in_doubt: score.in_doubt,
        validity: score.validity(),
        success: score.success(),
        expected: score.expected,
        unintended: score.unintended,
        not_stated: score.not_stated,
        unobserved: score.unobserved,
        divergence: score.divergence(),
        unmet: score.unmet,
        undone: score.undone,
        checks: score.checks,
        checks_failed: score.checks_failed,
    }))
}

async fn entries(app: &App, run: RunId) -> Result<Vec<Entry>> {
    let filter = EntryFilter { run: Some(run), ..EntryFilter::default() };
    let direction = Direction::Ascending;
    let (mut after, mut found) = (None, Vec::new());
    loop {
        let page = EntryPage { after, direction, limit: limits::PAGE_ROWS_MAX };
        let read = app.journal().entries(filter.clone(), page).await?;
        found.extend(read.entries.into_iter().map(|entry| entry.record.entry));
        after = read.next;
        if after.is_none() {
            return Ok(found);
        }
        if found.len() > limits::RUN_ENTRIES_SCORED_MAX {
            let message = format!(
                "the run has more than {} entries, which are not counted at once",
                limits::RUN_ENTRIES_SCORED_MAX
            );
            let fix = "export the run and count there";
            return Err(Refused::from(gate::Refusal::new(domain::Code::Oversized, message, fix)));
        }
    }
}
