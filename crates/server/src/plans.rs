//! A plan as people see it: each change with what it was declared as and what follows from it, and what the command
//! printed. In: a call's kept plan and proposal. Out: its wire form, masked. Contents are never shown, only the diff.

use domain::{
    CallId, Change, Execution, ExpectedEffect, Node, Observation, PayloadKind, Plan, Printed,
};
use gate::Journal as _;

use crate::app::App;
use crate::rescue::{Refused, Result};
use crate::wire;

/// The plan of a call; none if it has none or it is no longer kept.
pub(crate) async fn of(app: &App, call: CallId) -> Result<Option<wire::PlanView>> {
    let Some(bytes) = app.journal().payload(call, PayloadKind::Plan).await? else {
        return Ok(None);
    };
    let plan = gate::payload::read_plan(&bytes).map_err(Refused::internal)?;
    let proposal = app.journal().payload(call, PayloadKind::Proposal).await?;
    let proposal = proposal.and_then(|bytes| gate::payload::read_proposal(&bytes).ok());
    let expected = proposal.map(|proposal| proposal.expected_effects).unwrap_or_default();
    Ok(Some(view(app, (call, &plan), &expected)))
}

fn view(app: &App, (call, plan): (CallId, &Plan), expected: &[ExpectedEffect]) -> wire::PlanView {
    let masked = |text: &str| app.masker.mask_text(text).into_owned();
    let seen = plan.observations(expected);
    let changes = plan.changes.iter().zip(seen).map(|(each, seen)| change(&masked, (each, seen)));
    wire::PlanView {
        call: call.to_string(),
        digest: contract::plan_digest(plan).to_string(),
        restorable: plan.restorable,
        changes: changes.collect(),
        diff: masked(&plan.diff),
        execution: plan.execution.as_ref().map(|each| execution(&masked, each)),
    }
}

fn change(
    masked: &impl Fn(&str) -> String,
    (change, seen): (&Change, Observation),
) -> wire::Change {
    let follows = contract::consequences_of_change(change);
    wire::Change {
        path: masked(&change.path),
        before: change.before.as_ref().map(state),
        after: change.after.as_ref().map(state),
        moved_from: change.moved_from.as_deref().map(masked),
        observation: seen.word().to_owned(),
        consequences: follows.iter().map(|each| each.word().to_owned()).collect(),
    }
}

fn state(state: &domain::FileState) -> wire::FileState {
    let mode = format!("{:04o}", state.mode);
    let plain = |kind: &str| wire::FileState {
        kind: kind.to_owned(),
        mode: mode.clone(),
        size: None,
        digest: None,
        target: None,
    };
    match &state.node {
        Node::File { size, digest, .. } => {
            wire::FileState { size: Some(*size), digest: Some(digest.to_string()), ..plain("file") }
        }
        Node::Directory => plain("directory"),
        Node::Link { target } => wire::FileState { target: Some(target.clone()), ..plain("link") },
    }
}

fn execution(masked: &impl Fn(&str) -> String, execution: &Execution) -> wire::Execution {
    let printed = |printed: &Printed| wire::Printed {
        text: masked(&printed.text),
        bytes: printed.total_bytes,
    };
    let network = execution.network.iter().map(|contact| wire::Contact {
        host: masked(&contact.host),
        port: contact.port,
        refused: contact.refused.as_deref().map(masked),
    });
    wire::Execution {
        exit_code: execution.exit_code,
        stdout: printed(&execution.stdout),
        stderr: printed(&execution.stderr),
        wall_ms: execution.wall_ms,
        cpu_ms: execution.cpu_ms,
        memory_bytes_max: execution.memory_bytes_max,
        processes: execution.processes,
        network: network.collect(),
        jail: execution.rung.word().to_owned(),
    }
}
