//! Policies: the version in force, and checking others against the tools of this installation.
//! Changing what is in force is not done over HTTP: policies are files of the operator or the project.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use domain::limits;

use crate::app::App;
use crate::http::body::Strict;
use crate::http::who::OperatorCaller;
use crate::rescue::{Refused, Result};
use crate::rules::{self, PoliciesFrom};
use crate::wire;

/// The policies in force: version, rules and texts.
#[utoipa::path(
    get, path = "/v1/policies", tag = "policies",
    responses((status = 200, description = "the policies", body = wire::Policies), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn current(
    State(app): State<Arc<App>>,
    _operator: OperatorCaller,
) -> Result<Json<wire::Policies>> {
    let rules = app.gate.rules();
    let policies = &rules.policies;
    let from = match app.policies_from {
        PoliciesFrom::Starter => "starter",
        PoliciesFrom::Files => "files",
    };
    let rule = |rule: policy::RuleSummary| wire::PolicyRule {
        id: rule.id,
        kind: rule.kind.word().to_owned(),
        file: rule.place.file,
        line: rule.place.line,
        reason: rule.reason,
        dormant: rule.dormant,
    };
    let file = |source: &policy::Source| wire::PolicyFile {
        file: source.file.clone(),
        text: source.text.clone(),
    };
    Ok(Json(wire::Policies {
        version: policies.version().to_string(),
        from: from.to_owned(),
        rules: policies.rules().map(rule).collect(),
        files: policies.sources().iter().map(file).collect(),
    }))
}

/// Checks policies against the tools of this installation. Nothing comes into force.
#[utoipa::path(
    post, path = "/v1/policies/check", tag = "policies", request_body = wire::CheckPolicies,
    responses((status = 200, description = "what was found", body = wire::CheckedPolicies), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn check(
    State(app): State<Arc<App>>,
    _operator: OperatorCaller,
    Strict(body): Strict<wire::CheckPolicies>,
) -> Result<Json<wire::CheckedPolicies>> {
    let sources = sources(body.files)?;
    let in_force = app.gate.rules();
    // Parsing and validating is work for the processor, not for the threads that answer others.
    let checked =
        tokio::task::spawn_blocking(move || rules::policies(&sources, &in_force.catalogue));
    Ok(Json(match checked.await.map_err(Refused::internal)? {
        Ok(policies) => wire::CheckedPolicies {
            version: Some(policies.version().to_string()),
            policies: u64::try_from(policies.rules().count()).unwrap_or(u64::MAX),
            problems: Vec::new(),
        },
        Err(errors) => wire::CheckedPolicies {
            version: None,
            policies: 0,
            problems: errors.0.into_iter().map(problem).collect(),
        },
    }))
}

/// Policy files of a request as the loader takes them.
pub(crate) fn sources(files: Vec<wire::PolicyFile>) -> Result<Vec<policy::Source>> {
    if files.is_empty() || files.len() > limits::POLICIES_MAX {
        return Err(Refused::invalid("files: expected at least one policy file"));
    }
    Ok(files.into_iter().map(|file| policy::Source { file: file.file, text: file.text }).collect())
}

fn problem(error: policy::LoadError) -> wire::PolicyProblem {
    wire::PolicyProblem {
        file: error.file,
        line: error.line,
        column: error.column,
        message: error.what,
        fix: error.fix,
    }
}
