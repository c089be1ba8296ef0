//! The right to act: stops, rate, budgets, key and approvals are checked and taken in one durable commit,
//! and only its receipt makes a permit.
//!
//! A confirmed pure call is admitted in memory: its reservation comes out of a leased slice.

use domain::{
    Amounts, ApprovalState, BudgetScope, CallState, Code, Entry, Event, GrantState, Inverse, Mode,
    PayloadKind, PermitId, Plan, PreviewMeans, Replaced, Reservation, RunState, Timestamp,
    UndoState, limits,
};

use super::attempts::Tries;
use super::judge::Judged;
use super::safeguards::Stepping;
use super::{Authority, Before, Call, Request, arming, invocation, preview, shadow, stacking};
use crate::commit::{Commit, CommitError, Guard, Urgency};
use crate::gate::Gate;
use crate::permit::{Act, Permit, Read, Terms};
use crate::port::{Journal, World};
use crate::projection::FENCE;
use crate::refusal::Refusal;
use crate::rescue::{Decided, Halt};
use crate::state::live::InWork;
use crate::state::lock;
use crate::table::{Cell, Table};
use crate::watch::Audience;

mod budget;

pub(crate) use budget::{RAISE, raise_needed};

/// Tries again when a stop was ordered between looking and committing.
pub(crate) const FENCE_TRIES: u32 = 16;
/// Long enough for a commit to become durable.
pub(crate) const FENCE_PAUSE: std::time::Duration = std::time::Duration::from_millis(5);

/// Calls in doubt of a run that others of it are told of.
const DOUBTS_TOLD: usize = 3;

/// An admitted call: its permit, and what settling needs.
pub(super) struct Admitted {
    pub(super) permit: Way,
    pub(super) kept: Kept,
}

/// The two kinds of permits a call can have.
pub(super) enum Way {
    Act(Permit<Act>),
    Read(Permit<Read>),
}

/// What stays with the journey while the permit goes to the tool.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) decided: Decided,
    pub(super) plan: Option<Plan>,
    pub(super) reservation: Reservation,
    pub(super) undo_until: Option<Timestamp>,
    /// The call that would take it back, as far as it is known.
    pub(super) inverse: Option<Inverse>,
    pub(super) warnings: Vec<String>,
    /// The approvals that the permit uses up.
    pub(super) using: Vec<Request>,
    pub(super) tries: Tries,
    /// The step of a procedure that it takes.
    pub(super) step: Option<Stepping>,
}

pub(super) async fn admit<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    judged: Judged,
    place: &InWork<'_>,
) -> Result<Admitted, Halt> {
    if gate.tool(call.compiled.name()).is_none() {
        return Err(preview::missing(call));
    }
    rate(gate, call)?;
    open_run(call)?;
    if call.is_confirmed_pure() {
        read(gate, call, judged).await
    } else {
        act(gate, call, judged, place).await
    }
}

async fn read<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    judged: Judged,
) -> Result<Admitted, Halt> {
    let fence = gate.stops.fence();
    if let Some(stop) = gate.stops.forbids_effect(call.target(), call.ordered_by()) {
        return Err(Halt::stopped(&stop));
    }
    if !gate.journal.takes_permits() {
        return Err(CommitError::DiskFull.into());
    }
    let (reservation, mut warnings) = budget::for_read(gate, call).await?;
    warnings.extend(told(gate, call));
    warnings.extend(watched(gate, call, (&judged.decided, None)).await?);
    let terms = terms(gate, call, None, fence);
    let kept = Kept {
        decided: judged.decided,
        plan: None,
        reservation,
        undo_until: None,
        inverse: None,
        warnings,
        using: Vec::new(),
        tries: Tries::first(),
        step: judged.step,
    };
    Ok(Admitted { permit: Way::Read(Permit::for_confirmed_pure(terms)), kept })
}

/// What its caller should know beside its own outcome: in whose place it runs, and what of its run nobody knows.
fn told<J: Journal, W: World>(gate: &Gate<J, W>, call: &Call) -> Vec<String> {
    let Authority::Agent = call.authority else { return call.told.clone() };
    let doubt = |(id, tool): (domain::CallId, domain::ToolName)| {
        format!("nobody knows whether {id} (`{tool}`) of this run happened; do not rely on either")
    };
    let doubts = gate.doubts.of_run(call.run.run.id).into_iter().take(DOUBTS_TOLD).map(doubt);
    call.told.iter().cloned().chain(doubts).collect()
}

/// The permit for another attempt of a call that stays admitted: guarded as the first one was.
pub(super) async fn another<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    (kept, attempt): (&Kept, u64),
) -> Result<Permit<Act>, Halt> {
    for _ in 0..FENCE_TRIES {
        let recorded = gate.stops.recorded();
        let fence = gate.stops.fence();
        if let Some(stop) = gate.stops.forbids_effect(call.target(), call.ordered_by()) {
            return Err(Halt::stopped(&stop));
        }
        let terms = terms(gate, call, kept.plan.clone(), fence);
        let mut guarded = standing(call, recorded);
        guarded.push((
            is(Table::Calls, call.id.to_string(), state(CallState::Admitted.word())),
            Meaning::NotHeld,
        ));
        let (guards, meanings): (Vec<Guard>, Vec<Meaning>) = guarded.into_iter().unzip();
        let entries = vec![Entry {
            at: gate.world.now(),
            tenant: Some(call.caller.chain.tenant.clone()),
            run: Some(call.run.run.id),
            call: Some(call.id),
            event: Event::AttemptAdmitted { attempt, permit: terms.id },
        }];
        let urgency = Urgency::Permit;
        let commit = Commit { guards, entries, payloads: Vec::new(), sources: Vec::new(), urgency };
        match gate.journal.commit(commit).await {
            Ok(receipt) => return Ok(Permit::<Act>::durable(&receipt, terms)),
            Err(CommitError::Guard { index, .. }) => match meanings.get(index) {
                Some(Meaning::Fence) => gate.world.sleep(FENCE_PAUSE).await,
                Some(other) => return Err(other.halt()),
                None => return Err(Meaning::NotHeld.halt()),
            },
            Err(other) => return Err(other.into()),
        }
    }
    Err(ordering_stops())
}

/// The permit for another attempt of a read.
pub(super) fn another_read<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
) -> Result<Permit<Read>, Halt> {
    let fence = gate.stops.fence();
    if let Some(stop) = gate.stops.forbids_effect(call.target(), call.ordered_by()) {
        return Err(Halt::stopped(&stop));
    }
    Ok(Permit::for_confirmed_pure(terms(gate, call, None, fence)))
}

/// What is told of a call that nothing is enforced for.
async fn watched<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    (decided, plan): (&Decided, Option<&Plan>),
) -> Result<Vec<String>, Halt> {
    match call.mode {
        Mode::Enforce => Ok(Vec::new()),
        Mode::Shadow => {
            let over = budget::would_exceed(gate, call, plan).await?;
            Ok(shadow::warnings(call, Some(decided), over))
        }
    }
}

fn terms<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    plan: Option<Plan>,
    fence: domain::Fence,
) -> Terms {
    Terms {
        id: PermitId::new(gate.world.fresh()),
        invocation: invocation(call),
        plan,
        fence,
        timeout: call.compiled.contract.timeout.min(limits::TOOL_TIMEOUT_MAX),
        leave: call.leave(&gate.stops),
        watch: gate.watch(call, Audience::Everybody),
    }
}

async fn act<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    judged: Judged,
    place: &InWork<'_>,
) -> Result<Admitted, Halt> {
    let Judged { decided, plan, using, step } = judged;
    stacking::founded(call, plan.as_ref())?;
    let reservation = budget::for_act(gate, call, plan.as_ref()).await?;
    let mut slice_returned = SliceReturned::NotYet;
    let arming = arming::arm(gate, call, plan.as_ref());
    let mut warnings = told(gate, call);
    warnings.extend(watched(gate, call, (&decided, plan.as_ref())).await?);
    warnings.extend(arming.warning);
    for _ in 0..FENCE_TRIES {
        let (recorded, fence) = (gate.stops.recorded(), gate.stops.fence());
        if let Some(stop) = gate.stops.forbids_effect(call.target(), call.ordered_by()) {
            return Err(Halt::stopped(&stop));
        }
        let terms = terms(gate, call, plan.clone(), fence);
        let kept = Kept {
            decided: decided.clone(),
            plan: plan.clone(),
            reservation: reservation.clone(),
            undo_until: arming.until,
            inverse: arming.inverse.clone(),
            warnings: warnings.clone(),
            using: using.clone(),
            tries: Tries::first(),
            step: step.clone(),
        };
        let now = gate.world.now();
        let lapsed = |request: &Request| request.execute_by.is_none_or(|end| end <= now);
        if call.leaves.is_none() && using.iter().any(lapsed) {
            // An approval lapsed between the decision and here.
            return Err(Halt::StillHeld);
        }
        let (guards, meanings) = guards(call, (recorded, &kept));
        let commit = commit(gate, call, (&terms, &kept), guards)?;
        place.admitted();
        let written = gate.journal.commit(commit).await;
        if written.as_ref().is_err_and(|error| !matches!(error, CommitError::Store(_))) {
            place.not_admitted();
        }
        match written {
            Ok(receipt) => {
                budget::taken(call, reservation.amounts);
                let permit = Permit::<Act>::durable(&receipt, terms);
                return Ok(Admitted { permit: Way::Act(permit), kept });
            }
            Err(CommitError::Guard { index, .. }) => match meanings.get(index) {
                // A stop holds in memory before it is recorded: give its record a moment.
                Some(Meaning::Fence) => gate.world.sleep(FENCE_PAUSE).await,
                // Reads hold a slice of the budget in memory: an act goes before what they may still want.
                Some(Meaning::Budget(_)) if slice_returned == SliceReturned::NotYet => {
                    slice_returned = SliceReturned::Done;
                    budget::return_slice(gate, call).await?;
                }
                Some(Meaning::Budget(scope)) => {
                    return Err(budget::exceeded(gate, call, (*scope, &kept)).await?);
                }
                Some(other) => return Err(other.halt()),
                None => {
                    return Err(Halt::denied(Refusal::conflict(
                        "a guard of the commit does not hold",
                    )));
                }
            },
            Err(other) => return Err(other.into()),
        }
    }
    Err(ordering_stops())
}

fn ordering_stops() -> Halt {
    Halt::denied(Refusal::new(
        Code::Stopped,
        "stops are being ordered right now",
        "try again shortly",
    ))
}

/// What it means when a guard does not hold.
#[derive(Debug, Clone, Copy)]
enum Meaning {
    Fence,
    Budget(BudgetScope),
    Key,
    NotHeld,
    Approval,
    Run,
    Grant,
    Undo,
    Step,
}

impl Meaning {
    fn halt(self) -> Halt {
        let refusal = match self {
            Self::Key => {
                Refusal::conflict("another call took this idempotency key at the same moment")
            }
            Self::NotHeld => Refusal::conflict("the call is no longer held"),
            Self::Approval => {
                Refusal::conflict("an approval was used or closed at the same moment")
            }
            Self::Run => Refusal::new(
                Code::RunPaused,
                "the run takes no calls",
                "ask an operator to resume it",
            ),
            Self::Grant => Refusal::new(
                Code::GrantForbids,
                "the grant was revoked",
                "ask an operator for a new grant",
            ),
            Self::Undo => Refusal::new(
                Code::UndoImpossible,
                "this act cannot be undone any more",
                "see `checkrein undo status`",
            ),
            Self::Step => Refusal::new(
                Code::OutOfStep,
                "another call moved this procedure at the same moment",
                "look where it stands, then try again",
            ),
            Self::Fence | Self::Budget(_) => {
                Refusal::conflict("a guard of the commit does not hold")
            }
        };
        Halt::denied(refusal)
    }
}

/// Whether a slice that reads had leased was given back for this act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SliceReturned {
    NotYet,
    Done,
}

fn is(table: Table, key: String, (column, value): (crate::Column, Cell)) -> Guard {
    Guard::Is { table, key, column, value }
}

fn state(word: &str) -> (crate::Column, Cell) {
    ("state", Cell::from(word))
}

/// What must hold for every permit to act: no stop since the look at them, an open run, an active grant.
fn standing(call: &Call, recorded: u64) -> Vec<(Guard, Meaning)> {
    let mut all =
        vec![(is(Table::Fences, FENCE.to_owned(), ("epoch", recorded.into())), Meaning::Fence)];
    if let Authority::Agent = call.authority {
        let run = call.run.run.id.to_string();
        all.push((is(Table::Runs, run, state(run_state(call).word())), Meaning::Run));
        let grant = call.caller.grant.to_string();
        all.push((is(Table::Grants, grant, state(GrantState::Active.word())), Meaning::Grant));
    }
    all
}

fn guards(call: &Call, (recorded, kept): (u64, &Kept)) -> (Vec<Guard>, Vec<Meaning>) {
    let reservation = &kept.reservation;
    let mut all = standing(call, recorded);
    if call.mode == Mode::Enforce {
        let left = |scope: &BudgetScope| {
            (Guard::Left { scope: *scope, amounts: reservation.amounts }, Meaning::Budget(*scope))
        };
        all.extend(reservation.scopes.iter().map(left));
    }
    match (&call.before, call.digests.ledger) {
        (Before::New, Some(key)) => {
            all.push((Guard::Free { table: Table::Ledger, key: key.to_string() }, Meaning::Key));
        }
        (Before::Held(_), Some(key)) => {
            let own = ("call", Cell::from(call.id.to_string()));
            all.push((is(Table::Ledger, key.to_string(), own), Meaning::Key));
        }
        (Before::New | Before::Held(_), None) => {}
    }
    if let Before::Held(_) = call.before {
        all.push((
            is(Table::Calls, call.id.to_string(), state(call.waits_as().word())),
            Meaning::NotHeld,
        ));
    }
    // Those of a call that leaves the outbox were used when it went there.
    for request in kept.using.iter().filter(|_| call.leaves.is_none()) {
        let approved = state(ApprovalState::Approved.word());
        all.push((is(Table::Approvals, request.id.to_string(), approved), Meaning::Approval));
    }
    if let Some(undone) = call.undoes() {
        let armed = ("undo", Cell::from(UndoState::Armed.word()));
        all.push((is(Table::Calls, undone.to_string(), armed), Meaning::Undo));
    }
    all.extend(kept.step.iter().map(|step| (step.guard(), Meaning::Step)));
    all.into_iter().unzip()
}

fn commit<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    (terms, kept): (&Terms, &Kept),
    guards: Vec<Guard>,
) -> Result<Commit, Halt> {
    let (subject, mut payloads) = gate.record(call, &kept.decided)?;
    let inverse = kept.inverse.as_ref().map(crate::payload::inverse);
    payloads.extend(inverse.map(|bytes| gate.kept(call, PayloadKind::Inverse, bytes)));
    let event = Event::CallAdmitted {
        subject,
        decision: kept.decided.decision.clone(),
        permit: terms.id,
        plan: kept.plan.as_ref().map(contract::plan_digest),
        reservation: kept.reservation.clone(),
        used: match call.leaves {
            Some(_) => Vec::new(),
            None => kept.using.iter().map(|request| request.id).collect(),
        },
        undo_until: kept.undo_until,
        undoes: call.undoes(),
        was_held: matches!(call.before, Before::Held(_)),
    };
    let entry = |event: Event| Entry {
        at: gate.world.now(),
        tenant: Some(call.caller.chain.tenant.clone()),
        run: Some(call.run.run.id),
        call: Some(call.id),
        event,
    };
    let stepping = kept.step.iter().flat_map(Stepping::begins);
    let events = std::iter::once(event).chain(unneeded(call, kept)).chain(stepping);
    let entries = events.map(entry).collect();
    Ok(Commit { guards, entries, payloads, sources: Vec::new(), urgency: Urgency::Permit })
}

/// The state in which its run must be. A call may leave the outbox after its run has ended.
fn run_state(call: &Call) -> RunState {
    match lock(&call.run.counts).state {
        RunState::Ended if call.leaves.is_some() => RunState::Ended,
        RunState::Open | RunState::Paused | RunState::Ended => RunState::Open,
    }
}

/// Requests that the permit did not need end with it, so that nobody decides about a call that runs.
fn unneeded(call: &Call, kept: &Kept) -> Vec<Event> {
    let Before::Held(requests) = &call.before else { return Vec::new() };
    let used = |request: &&Request| kept.using.iter().any(|using| using.id == request.id);
    let open = |request: &&Request| {
        matches!(request.state, ApprovalState::Pending | ApprovalState::Approved)
    };
    let close = |request: &Request| Event::ApprovalClosed {
        approval: request.id,
        superseded: Replaced::Withdrawn,
    };
    requests.iter().filter(open).filter(|request| !used(request)).map(close).collect()
}

/// Whether the run takes calls. An operator's own act and what the house asks need no open run.
pub(super) fn open_run(call: &Call) -> Result<(), Halt> {
    if let Authority::Operator { .. } | Authority::Probe | Authority::House = call.authority {
        return Ok(());
    }
    match lock(&call.run.counts).state {
        RunState::Open => Ok(()),
        RunState::Paused => Err(Halt::denied(Refusal::new(
            Code::RunPaused,
            format!("{} is paused", call.run.run.id),
            "ask an operator to resume it or to raise its budget",
        ))),
        // What waits in the outbox was allowed while its run was open.
        RunState::Ended if call.leaves.is_some() => Ok(()),
        RunState::Ended => {
            let message = format!("{} has ended", call.run.run.id);
            Err(Halt::denied(Refusal::new(Code::RunEnded, message, "open a new run")))
        }
    }
}

/// Whether its tool may be called as it is offered now.
pub(super) fn not_barred(call: &Call) -> Result<(), Halt> {
    call.barred.as_ref().map_or(Ok(()), |refusal| Err(Halt::denied(refusal.clone())))
}

/// Calls of one tool by one grant within the contract's window.
fn rate<J: Journal, W: World>(gate: &Gate<J, W>, call: &Call) -> Result<(), Halt> {
    let Some(limit) = call.compiled.contract.rate else { return Ok(()) };
    let Some(live) = gate.directory.grant(call.caller.grant) else { return Ok(()) };
    let now = gate.world.now();
    let mut counts = lock(&live.counts);
    let recent = counts.recent.entry(call.compiled.name().to_string()).or_default();
    recent.retain(|at| now.since(*at) < limit.per);
    if recent.len() >= usize::try_from(limit.calls).unwrap_or(usize::MAX) {
        let message = format!(
            "`{}` may be called {} times in {} s",
            call.compiled.name(),
            limit.calls,
            limit.per.as_secs()
        );
        return Err(Halt::denied(Refusal::new(
            Code::RateLimited,
            message,
            "wait, then call again",
        )));
    }
    recent.push(now);
    Ok(())
}

/// The most that one call may take.
pub(super) fn wanted(call: &Call, plan: Option<&Plan>) -> Amounts {
    let contract = &call.compiled.contract;
    // Without the plan that its contract counts on, a change is one that nobody can take back.
    let unseen = contract.effect_class.changes() && contract.preview == PreviewMeans::Plan;
    let cannot_be_restored = plan.map_or(unseen, |plan| !plan.restorable);
    let longest = contract.attempts.longest(contract.timeout);
    let millis = u64::try_from(longest.as_millis()).unwrap_or(u64::MAX);
    Amounts {
        calls: 1,
        money_micros: contract.cost_max.micros(),
        irreversible: u64::from(contract.effect_class.cannot_be_undone() || cannot_be_restored),
        read_bytes: if contract.effect_class.changes() {
            0
        } else {
            u64::try_from(contract.output_bytes_max).unwrap_or(u64::MAX)
        },
        wall_ms: millis,
    }
}

/// The most that a held call may take, from its contract in force now.
pub(crate) async fn wanted_again<J: Journal, W: World>(
    gate: &Gate<J, W>,
    id: domain::CallId,
) -> Result<Amounts, Refusal> {
    let call = super::resolve::again(gate, id).await?;
    let plan = match gate.journal.payload(id, domain::PayloadKind::Plan).await? {
        Some(bytes) => crate::payload::read_plan(&bytes).ok(),
        None => None,
    };
    Ok(wanted(&call, plan.as_ref()))
}
