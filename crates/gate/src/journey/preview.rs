//! What exactly would change: a small call of its own with a permit of its own, without effect.
//!
//! In: a call whose contract promises a plan. Out: the plan, or why there is none. Spends no act budget.

use domain::{Code, Entry, Event, PayloadKind, PermitId, Plan, PreviewMeans, limits};

use super::{Before, Call, failure, invocation, judge, plan, stacking};
use crate::commit::{Commit, Urgency};
use crate::gate::Gate;
use crate::payload;
use crate::permit::{Permit, Preview, Terms};
use crate::port::{Journal, KeyScope, ToolError, ToolErrorKind, World};
use crate::refusal::Refusal;
use crate::rescue::Halt;

/// What a preview showed.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) plan: Option<Plan>,
    /// Why there is none although the contract counts on one.
    pub(super) no_preview: Option<String>,
    /// Why the contract's verifier wants people to look.
    pub(super) objection: Option<String>,
}

/// The plan of a changing call, or none where the tool shows none.
pub(super) async fn preview<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
) -> Result<Seen, Halt> {
    let contract = &call.compiled.contract;
    let approved = approved(gate, call).await?;
    stacking::ready(gate, call, approved.as_ref())?;
    match contract.preview {
        PreviewMeans::Plan if contract.effect_class.changes() => {}
        PreviewMeans::Plan | PreviewMeans::None => return Ok(Seen::default()),
    }
    if let Some(stop) = gate.stops.forbids_effect(call.target(), call.ordered_by()) {
        return Err(Halt::stopped(&stop));
    }
    let tool = gate.tool(&contract.name).ok_or_else(|| missing(call))?;
    let permit = admit(gate, call, approved).await?;
    if gate.stops.fence() != permit.fence()
        && let Some(stop) = gate.stops.forbids_effect(call.target(), call.ordered_by())
    {
        let settled = Event::PreviewSettled { plan: None, code: Some(Code::Stopped) };
        gate.journal.commit(commit(gate, call, (settled, Urgency::Outcome))).await?;
        return Err(Halt::stopped(&stop));
    }
    // The tool holds its own deadline too; this one holds for tools that do not.
    let timeout = contract.timeout;
    let made = tokio::select! {
        biased;
        made = tool.preview(permit) => made,
        () = gate.world.sleep(timeout) => Err(timed_out(timeout)),
    };
    settle(gate, call, made).await
}

/// Records how the preview ended. A machine that has no preview ends no journey: people are asked instead.
async fn settle<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    made: Result<Plan, ToolError>,
) -> Result<Seen, Halt> {
    let digest = made.as_ref().ok().map(contract::plan_digest);
    let to = judge::diff_audience(call, &judge::facts(gate, call, None));
    let (code, seen) = match made {
        Ok(plan) => match plan::in_scope(call, &plan, to) {
            Ok(()) => (None, Ok(Seen { plan: Some(plan::masked(gate, plan)), ..Seen::default() })),
            Err(refusal) => (Some(refusal.code), Err(refusal)),
        },
        Err(error) => {
            let refusal = failure::of_preview(call, &error, to);
            let code = Some(refusal.code);
            match error.kind {
                ToolErrorKind::NoPreview => (code, Ok(without_preview(gate, &error))),
                ToolErrorKind::Failed
                | ToolErrorKind::Stale
                | ToolErrorKind::Refused
                | ToolErrorKind::Impossible
                | ToolErrorKind::Missing
                | ToolErrorKind::TimedOut
                | ToolErrorKind::InputRequired
                | ToolErrorKind::Unconfirmed
                | ToolErrorKind::Stopped => (code, Err(refusal)),
            }
        }
    };
    let settled = Event::PreviewSettled { plan: digest, code };
    gate.journal.commit(commit(gate, call, (settled, Urgency::Outcome))).await?;
    seen.map_err(Halt::denied)
}

fn without_preview<J: Journal, W: World>(gate: &Gate<J, W>, error: &ToolError) -> Seen {
    let why: String = error.message.chars().take(limits::REASON_CHARS_MAX).collect();
    let no_preview = Some(gate.masker.mask_text(&why).into_owned());
    Seen { no_preview, ..Seen::default() }
}

/// The plan that people saw when the call was held. One that cannot be read is made anew, and compared.
async fn approved<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
) -> Result<Option<Plan>, Halt> {
    let Before::Held(_) = call.before else { return Ok(None) };
    let bytes = gate.journal.payload(call.id, PayloadKind::Plan).await.map_err(Refusal::from)?;
    Ok(bytes.and_then(|bytes| payload::read_plan(&bytes).ok()))
}

async fn admit<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    approved: Option<Plan>,
) -> Result<Permit<Preview>, Halt> {
    let id = PermitId::new(gate.world.fresh());
    let facts = judge::facts(gate, call, None);
    let watch = gate.watch(call, judge::audience(call, facts.clone()));
    let facts = gate
        .journal
        .keyed(KeyScope::Run(call.run.run.id), &payload::facts(&facts))
        .map_err(Refusal::from)?;
    let subject = call.subject(facts, gate.masked_resource(call));
    let fence = gate.stops.fence();
    let admitted = Event::PreviewAdmitted { subject, permit: id };
    let receipt = gate.journal.commit(commit(gate, call, (admitted, Urgency::Permit))).await?;
    let terms = Terms {
        id,
        invocation: invocation(call),
        plan: approved,
        fence,
        timeout: call.compiled.contract.timeout,
        leave: call.leave(&gate.stops),
        watch,
    };
    Ok(Permit::<Preview>::durable(&receipt, terms))
}

fn commit<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    (event, urgency): (Event, Urgency),
) -> Commit {
    let entry = Entry {
        at: gate.world.now(),
        tenant: Some(call.caller.chain.tenant.clone()),
        run: Some(call.run.run.id),
        call: Some(call.id),
        event,
    };
    Commit {
        guards: Vec::new(),
        entries: vec![entry],
        payloads: Vec::new(),
        sources: Vec::new(),
        urgency,
    }
}

fn timed_out(timeout: std::time::Duration) -> ToolError {
    ToolError {
        kind: ToolErrorKind::TimedOut,
        executed: domain::Executed::No,
        message: format!("the preview took longer than {} ms", timeout.as_millis()),
        own_code: None,
        effects: Vec::new(),
        asks: None,
    }
}

pub(super) fn missing(call: &Call) -> Halt {
    let message =
        format!("the tool `{}` has a contract but nothing that reaches it", call.compiled.name());
    Halt::denied(Refusal::new(
        Code::ToolMissing,
        message,
        "start the server of this tool, or remove its contract",
    ))
}
