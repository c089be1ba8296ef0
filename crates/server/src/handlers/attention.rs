//! Attention: what people were asked and how they decided, counted from records.
//!
//! In: a moment. Out: counts by group, person and agent, with what to look at. It is shown to whoever may see the
//! tenant; it judges nobody, and no decision depends on it. How many records are read is bounded.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use domain::{ApprovalState, StopScope, limits};
use gate::{Cell, Column, Journal as _, Query, Record, Table};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::app::App;
use crate::http::body::Params;
use crate::http::who::OperatorCaller;
use crate::rescue::Result;
use crate::{deciders, rows, wire};

/// Calls of a hundred that may need people before it is worth a look.
const NEEDS_PEOPLE_PERCENT: u64 = 30;
/// Decisions from which a rate of yes means anything.
const DECISIONS_TELLING: u64 = 20;
/// A yes so often means that nobody looks, or that nothing needs to be asked.
const YES_PERCENT: u64 = 98;
/// The time that is measured if nothing is said: a day.
const SINCE_MS: u64 = 24 * 3_600_000;
const HOUR_MS: u64 = 3_600_000;

/// Since when.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// Milliseconds since 1970; a day ago if it is not given.
    since_ms: Option<u64>,
}

/// Measures what people are asked: per group, person and agent.
#[utoipa::path(
    get, path = "/v1/attention", tag = "attention", params(Which),
    responses((status = 200, description = "what was measured", body = wire::Attention), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn attention(
    State(app): State<Arc<App>>,
    OperatorCaller(operator): OperatorCaller,
    Params(which): Params<Which>,
) -> Result<Json<wire::Attention>> {
    let now = crate::clock::now().millis();
    let since = which.since_ms.unwrap_or_else(|| now.saturating_sub(SINCE_MS));
    let tenant = operator.tenant.as_str();
    let (requests, cut) = since_then(&app, (Table::Approvals, "asked_ms", tenant), since).await?;
    let (votes, _) = since_then(&app, (Table::Votes, "at_ms", tenant), since).await?;
    let (duties, _) = since_then(&app, (Table::Duties, "at_ms", tenant), since).await?;
    let (calls, _) = since_then(&app, (Table::Calls, "received_ms", tenant), since).await?;
    let (incidents, _) = since_then(&app, (Table::Incidents, "at_ms", tenant), since).await?;
    let mut measured = Measured::default();
    requests.iter().for_each(|request| measured.request(request));
    let asked: BTreeMap<&str, &Record> =
        requests.iter().map(|request| (request.key.as_str(), request)).collect();
    votes.iter().for_each(|vote| measured.vote(vote, asked.get(vote.text("approval")).copied()));
    duties.iter().for_each(|duty| measured.duty(duty));
    for stop in app.gate.stops() {
        if let StopScope::Agent(of, agent) = &stop.scope
            && of.as_str() == tenant
            && stop.by.as_str() == "checkrein"
        {
            measured.agent(agent.as_str()).suspended = Some(stop.id.to_string());
        }
    }
    let held = held(&requests);
    let count = u64::try_from(calls.len()).unwrap_or(u64::MAX);
    let share = (count > 0).then(|| held.min(count) * 100 / count);
    let mut told = measured.told((since, cut), (count, share), &incidents);
    told.nobody_decides = deciders::nobody(&app, &operator.tenant).await?;
    let nobody = told.nobody_decides.clone();
    told.warnings = nobody.into_iter().chain(told.warnings).collect();
    Ok(Json(told))
}

/// Records of a tenant since a moment, the latest first, and whether there were more than are read.
async fn since_then(
    app: &App,
    (table, at, tenant): (Table, Column, &str),
    since: u64,
) -> Result<(Vec<Record>, bool)> {
    let mut found: Vec<Record> = Vec::new();
    let query = Query::all(table).with("tenant", Cell::from(tenant));
    let mut page = query.latest(at, limits::PAGE_ROWS_MAX);
    loop {
        let records = app.journal().select(page.clone()).await?;
        let full = records.len() == limits::PAGE_ROWS_MAX;
        let last = records.last().map(|record| (record.key.clone(), record.count(at)));
        found.extend(records.into_iter().filter(|record| record.count(at) >= since));
        match last {
            Some((key, moment)) if full && moment >= since => page.after = Some(key),
            Some(_) | None => return Ok((found, false)),
        }
        if found.len() >= limits::ATTENTION_REQUESTS_MAX {
            return Ok((found, true));
        }
    }
}

/// Different calls that people were asked for.
fn held(requests: &[Record]) -> u64 {
    let calls: std::collections::BTreeSet<&str> =
        requests.iter().map(|request| request.text("call")).collect();
    u64::try_from(calls.len()).unwrap_or(u64::MAX)
}

/// How somebody decided.
#[derive(Default)]
struct Decisions {
    waits: Vec<u64>,
    yes: u64,
    faster_than_reading: u64,
    hours: BTreeMap<u64, u64>,
}

#[derive(Default)]
struct Measured {
    asked: u64,
    groups: BTreeMap<String, (wire::GroupAttention, Vec<u64>)>,
    people: BTreeMap<String, Decisions>,
    agents: BTreeMap<String, wire::AgentAttention>,
}

impl Measured {
    fn agent(&mut self, name: &str) -> &mut wire::AgentAttention {
        self.agents.entry(name.to_owned()).or_insert_with(|| wire::AgentAttention {
            agent: name.to_owned(),
            asked: 0,
            rejected: 0,
            reviews_overdue: 0,
            reviews_rejected: 0,
            suspended: None,
        })
    }

    fn request(&mut self, request: &Record) {
        self.asked += 1;
        let state = ApprovalState::from_word(request.text("state"));
        let rejected = state == Some(ApprovalState::Rejected);
        let agent = self.agent(request.text("agent"));
        agent.asked += 1;
        agent.rejected += u64::from(rejected);
        let group = request.text("asked_of").to_owned();
        let (told, waits) = self.groups.entry(group.clone()).or_insert_with(|| {
            let (asked, decided, expired, pending) = (0, 0, 0, 0);
            let (wait_p50_ms, wait_p95_ms) = (None, None);
            let told = wire::GroupAttention {
                group,
                asked,
                decided,
                expired,
                pending,
                wait_p50_ms,
                wait_p95_ms,
            };
            (told, Vec::new())
        });
        told.asked += 1;
        told.expired += u64::from(state == Some(ApprovalState::Expired));
        told.pending += u64::from(state == Some(ApprovalState::Pending));
        let decided = request.integer("decided_ms").and_then(|at| u64::try_from(at).ok());
        let Some(decided) = decided else { return };
        told.decided += 1;
        let wait = decided.saturating_sub(request.count("asked_ms"));
        waits.push(wait);
        if rejected {
            self.said(request.text("decided_by"), (decided, wait));
        }
    }

    fn said(&mut self, name: &str, (at, wait): (u64, u64)) -> &mut Decisions {
        let decisions = self.people.entry(name.to_owned()).or_default();
        decisions.waits.push(wait);
        *decisions.hours.entry(at / HOUR_MS).or_default() += 1;
        decisions
    }

    fn vote(&mut self, vote: &Record, request: Option<&Record>) {
        let at = vote.count("at_ms");
        let asked = request.map_or(at, |request| request.count("asked_ms"));
        let wait = at.saturating_sub(asked);
        let reading = vote.count("shown_chars") * 1_000 / limits::READ_CHARS_PER_SECOND;
        let known = request.is_some();
        let decisions = self.said(vote.text("voter"), (at, wait));
        decisions.yes += 1;
        decisions.faster_than_reading += u64::from(known && wait < reading);
    }

    fn duty(&mut self, duty: &Record) {
        if duty.text("kind") != "review" {
            return;
        }
        let (overdue, rejected) =
            (duty.integer("overdue_ms").is_some(), duty.text("verdict") == "rejected");
        if overdue || rejected {
            let agent = self.agent(duty.text("agent"));
            agent.reviews_overdue += u64::from(overdue);
            agent.reviews_rejected += u64::from(rejected);
        }
    }

    fn told(
        self,
        (since_ms, cut): (u64, bool),
        (calls, share): (u64, Option<u64>),
        incidents: &[Record],
    ) -> wire::Attention {
        let groups = self.groups.into_values().map(|(told, mut waits)| {
            waits.sort_unstable();
            let (p50, p95) = (percentile(&waits, 50), percentile(&waits, 95));
            wire::GroupAttention { wait_p50_ms: p50, wait_p95_ms: p95, ..told }
        });
        let people: Vec<_> =
            self.people.into_iter().map(|(name, each)| person(name, each)).collect();
        wire::Attention {
            since_ms,
            cut,
            asked: self.asked,
            calls,
            needs_people_percent: share,
            nobody_decides: None,
            warnings: warnings(share, &people),
            groups: groups.collect(),
            people,
            agents: self.agents.into_values().collect(),
            incidents: incidents.iter().map(rows::incident).collect(),
        }
    }
}

fn person(name: String, mut decisions: Decisions) -> wire::PersonAttention {
    decisions.waits.sort_unstable();
    let decided = u64::try_from(decisions.waits.len()).unwrap_or(u64::MAX);
    wire::PersonAttention {
        name,
        decided,
        yes_percent: decisions.yes * 100 / decided.max(1),
        wait_p50_ms: percentile(&decisions.waits, 50),
        wait_p95_ms: percentile(&decisions.waits, 95),
        faster_than_reading: decisions.faster_than_reading,
        busiest_hour: decisions.hours.values().copied().max().unwrap_or(0),
    }
}

fn warnings(share: Option<u64>, people: &[wire::PersonAttention]) -> Vec<String> {
    let mut warnings = Vec::new();
    if let Some(share) = share.filter(|share| *share > NEEDS_PEOPLE_PERCENT) {
        warnings.push(format!(
            "{share} of 100 calls need people; above {NEEDS_PEOPLE_PERCENT} nobody looks closely"
        ));
    }
    for person in people {
        let telling = person.decided >= DECISIONS_TELLING;
        if telling && person.yes_percent >= YES_PERCENT {
            let (name, yes) = (&person.name, person.yes_percent);
            warnings.push(format!("`{name}` says yes to {yes} of 100: does it have to be asked?"));
        }
        if person.faster_than_reading > 0 {
            let (name, count) = (&person.name, person.faster_than_reading);
            warnings.push(format!("`{name}` said yes faster than reading takes, {count} times"));
        }
    }
    warnings
}

/// The value that so many of a hundred do not exceed, of sorted ones.
fn percentile(sorted: &[u64], percent: usize) -> Option<u64> {
    let place = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted.get(place).copied()
}
