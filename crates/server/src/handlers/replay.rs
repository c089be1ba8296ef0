//! Replay: every decision of a run again, from the recorded facts under the recorded policy, or under another one.
//! In: a run, perhaps policies. Out: how many decisions came out the same, and each that did not. A text or facts that
//! were altered are differences, never errors.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use contract::Masker;
use domain::{Decision, Digest, Facts, RunId, Strength, Verdict};
use gate::Table;
use journal::{Found, ReplayInput};
use policy::{PolicySet, Source};

use super::policies::sources;
use crate::app::App;
use crate::explain::decision;
use crate::http::body::{Id, Strict};
use crate::http::who::OperatorCaller;
use crate::rescue::{Refused, Result};
use crate::{listing, recorded, wire};

/// Computes every decision of a run again and reports every difference.
#[utoipa::path(
    post, path = "/v1/runs/{run}/replay", tag = "journal", params(("run" = String, Path, description = "the run's id")),
    request_body = wire::Replay,
    responses((status = 200, description = "what was found", body = wire::ReplayReport), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn replay(
    State(app): State<Arc<App>>,
    OperatorCaller(operator): OperatorCaller,
    Id(run): Id<RunId>,
    Strict(body): Strict<wire::Replay>,
) -> Result<Json<wire::ReplayReport>> {
    listing::one(&app, Table::Runs, &run.to_string(), operator.tenant.as_str()).await?;
    let other = if body.policy.is_empty() { None } else { Some(sources(body.policy)?) };
    let mut policies = Policies { app: &app, other, known: HashMap::new() };
    let mut report = wire::ReplayReport {
        run: run.to_string(),
        decisions: 0,
        same: 0,
        differences: Vec::new(),
        not_replayable: Vec::new(),
    };
    for input in app.journal().replay_inputs(run).await? {
        let set = policies.of(input.decision.policy).await?;
        let is_other = policies.other.is_some();
        let masker = app.masker.clone();
        // Judging is work for the processor.
        let again = tokio::task::spawn_blocking(move || {
            let outcome = again(&input, set.as_ref().as_ref(), (is_other, &masker));
            (input, outcome)
        });
        let (input, outcome) = again.await.map_err(Refused::internal)?;
        note(&mut report, &input, outcome);
    }
    Ok(Json(report))
}

/// What came of one decision.
enum Outcome {
    Same,
    Differs(String),
    Gone,
}

fn note(report: &mut wire::ReplayReport, input: &ReplayInput, outcome: Outcome) {
    match outcome {
        Outcome::Gone => report.not_replayable.push(input.call.to_string()),
        Outcome::Same => {
            report.decisions += 1;
            report.same += 1;
        }
        Outcome::Differs(computed) => {
            report.decisions += 1;
            report.differences.push(wire::Difference {
                call: input.call.to_string(),
                position: input.position,
                recorded: shown(&input.decision),
                computed,
            });
        }
    }
}

/// Policies by the version that decided, each loaded once.
struct Policies<'a> {
    app: &'a App,
    other: Option<Vec<Source>>,
    known: HashMap<Digest, Arc<std::result::Result<PolicySet, String>>>,
}

impl Policies<'_> {
    /// The recorded policies of a version, or the other ones over its contracts.
    async fn of(&mut self, version: Digest) -> Result<Arc<std::result::Result<PolicySet, String>>> {
        if let Some(known) = self.known.get(&version) {
            return Ok(Arc::clone(known));
        }
        let loaded = match &self.other {
            Some(other) => Ok(recorded::other_policies(self.app, version, other.clone()).await?),
            // A version that cannot be had again is a difference, not an error.
            None => recorded::policies(self.app, version).await.map_err(|gone| gone.0.message),
        };
        let loaded = Arc::new(loaded);
        self.known.insert(version, Arc::clone(&loaded));
        Ok(loaded)
    }
}

fn again(
    input: &ReplayInput,
    policies: std::result::Result<&PolicySet, &String>,
    (is_other, masker): (bool, &Masker),
) -> Outcome {
    let facts = match &input.facts {
        Found::Kept(bytes) => gate::payload::read_facts(bytes),
        Found::Erased => return Outcome::Gone,
        Found::Altered => {
            return Outcome::Differs("the facts are not the recorded ones".to_owned());
        }
    };
    let facts = match facts {
        Ok(facts) => facts,
        Err(error) => return Outcome::Differs(format!("the facts cannot be read: {error}")),
    };
    let policies = match policies {
        Ok(policies) => policies,
        Err(why) => return Outcome::Differs(why.clone()),
    };
    let computed = masked(decision(gate::decide(policies, &facts)), masker);
    let same = match is_other {
        true => is_as_strict(&computed, &input.decision),
        false => is_same(&computed, input, &facts, policies),
    };
    if same { Outcome::Same } else { Outcome::Differs(shown(&computed)) }
}

/// With other policies only what happens to the call is compared: names and texts are others anyway.
fn is_as_strict(computed: &Decision, recorded: &Decision) -> bool {
    computed.verdict == recorded.verdict && computed.tier == recorded.tier
}

/// A call that was denied before its plan was made was judged without the rules that read plans.
fn is_same(computed: &Decision, input: &ReplayInput, facts: &Facts, policies: &PolicySet) -> bool {
    let recorded = Decision { shadow: false, ..input.decision.clone() };
    let early = || {
        let verdict: Verdict = policies.judge_before_plan(facts);
        recorded.verdict == Strength::Deny && facts.plan.is_none() && decision(verdict) == recorded
    };
    *computed == recorded || early()
}

/// Entries are masked when they are written, so what is compared with them is masked too.
fn masked(mut decision: Decision, masker: &Masker) -> Decision {
    for reason in &mut decision.reasons {
        reason.text = masker.mask_text(&reason.text).into_owned();
    }
    decision
}

fn shown(decision: &Decision) -> String {
    let named = |reason: &domain::Reason| match &reason.policy {
        Some(place) => place.to_string(),
        None => reason.text.clone(),
    };
    let reasons: Vec<String> = decision.reasons.iter().map(named).collect();
    format!("{}, tier {}: {}", decision.verdict, decision.tier, reasons.join("; "))
}
