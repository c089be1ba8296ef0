//! Policies suggested from what calls showed. Nothing comes into force: a person reads the text and puts it into a file.
//! In: a span of time. Out: text in Cedar that loads, with what each rule rests on. Making it is `suggest`'s business.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use domain::{CallState, Strength, limits};
use gate::{Journal as _, Query, Record, Table, World as _};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::app::App;
use crate::clock::Clock;
use crate::http::body::Params;
use crate::http::who::OperatorCaller;
use crate::rescue::{Refused, Result};
use crate::suggest::{Seen, Window, suggest as suggested};
use crate::{rules, wire};

/// The file that a suggestion would be.
const FILE: &str = "suggested.cedar";
/// How far back is looked where nothing else is said.
const SINCE_DEFAULT_MS: u64 = 3_600_000;

/// Which calls.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// From which moment on, in milliseconds since 1970; an hour ago if not given.
    since_ms: Option<u64>,
    /// Only calls in this space.
    space: Option<String>,
}

/// Suggests policies from the calls of this tenant that went well.
#[utoipa::path(
    get, path = "/v1/policies/suggest", tag = "policies", params(Which),
    responses((status = 200, description = "a policy file", body = wire::Suggestion), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn suggest(
    State(app): State<Arc<App>>,
    OperatorCaller(operator): OperatorCaller,
    Params(which): Params<Which>,
) -> Result<Json<wire::Suggestion>> {
    let until_ms = Clock.now().millis();
    let since_ms = which.since_ms.unwrap_or(until_ms.saturating_sub(SINCE_DEFAULT_MS));
    if since_ms > until_ms {
        return Err(Refused::invalid("since_ms: expected a moment that has passed"));
    }
    let window = Window { tenant: operator.tenant, since_ms, until_ms };
    let (seen, more) = calls(&app, &window, which.space.as_deref()).await?;
    let calls = count(seen.len());
    let rules = app.gate.rules();
    // Making and checking a text is work for the processor, not for the threads that answer others.
    let made = tokio::task::spawn_blocking(move || {
        let suggested = suggested(&seen, &rules.catalogue, &window);
        let source = policy::Source { file: FILE.to_owned(), text: suggested.text.clone() };
        rules::policies(&[source], &rules.catalogue).map(|_| suggested)
    });
    let suggested = made.await.map_err(Refused::internal)?;
    // INVARIANT (suggestions load): the text is made of rules that fit the contracts they are made from.
    let suggested = suggested.map_err(Refused::internal)?;
    let mut notes = suggested.notes;
    if more {
        notes.insert(
            0,
            format!("only the latest {} calls were looked at", limits::SUGGESTION_CALLS_MAX),
        );
    }
    Ok(Json(wire::Suggestion {
        file: FILE.to_owned(),
        text: suggested.text,
        since_ms,
        until_ms,
        calls,
        more,
        rules: count(suggested.rules),
        notes,
    }))
}

/// The calls of a window, the latest first, and whether there were more than are looked at.
async fn calls(app: &App, window: &Window, space: Option<&str>) -> Result<(Vec<Seen>, bool)> {
    let query = Query::all(Table::Calls).with("tenant", window.tenant.as_str());
    let mut query = query.latest("received_ms", limits::PAGE_ROWS_MAX);
    let (mut seen, mut spaces) = (Vec::new(), HashMap::new());
    let mut looked_at = 0;
    loop {
        let page = app.journal().select(query.clone()).await?;
        for record in &page {
            if record.count("received_ms") < window.since_ms {
                return Ok((seen, false));
            }
            if looked_at == limits::SUGGESTION_CALLS_MAX {
                return Ok((seen, true));
            }
            looked_at += 1;
            let place = space_of(app, record, &mut spaces).await?;
            if space.is_none_or(|space| space == place) {
                seen.push(of(record, place));
            }
        }
        let Some(last) = page.last() else { return Ok((seen, false)) };
        query.after = Some(last.key.clone());
    }
}

/// Where a call was made.
async fn space_of(app: &App, call: &Record, known: &mut HashMap<String, String>) -> Result<String> {
    let run = call.text("run");
    if let Some(space) = known.get(run) {
        return Ok(space.clone());
    }
    let record = app.journal().read(Table::Runs, run).await?;
    let space = record.map(|record| record.text("space").to_owned()).unwrap_or_default();
    known.insert(run.to_owned(), space.clone());
    Ok(space)
}

fn of(record: &Record, space: String) -> Seen {
    let agent = record.text("agent");
    let agent = agent.rsplit_once('@').map_or(agent, |(name, _)| name);
    Seen {
        tool: record.text("tool").to_owned(),
        agent: agent.to_owned(),
        space,
        resource: record.text("resource").to_owned(),
        state: CallState::from_word(record.text("state")),
        verdict: Strength::from_word(record.text("verdict")),
        at_ms: record.count("received_ms"),
    }
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
