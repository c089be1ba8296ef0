//! Taking a call's amounts out of its budgets, and what happens when they do not fit.
//!
//! Acts reserve in their own commit; reads take from a slice that was leased to memory before.

use domain::{
    Amounts, Budget, BudgetScope, Code, Dimension, Entry, Event, Mode, OnExceeded, Plan,
    Reservation,
};

use super::super::{Authority, Before, Call, judge};
use super::{Kept, wanted};
use crate::commit::{Commit, CommitError, Guard, Urgency};
use crate::gate::Gate;
use crate::port::{Journal, World};
use crate::projection::budget_of;
use crate::refusal::Refusal;
use crate::rescue::{Denial, Halt};
use crate::state::lock;
use crate::state::purse::READS_PER_SLICE;
use crate::table::Table;

/// The requirement that asks a person to raise a budget. Approving it raises it by what the call wants.
pub(crate) const RAISE: &str = domain::RAISE_RULE;
/// Other journeys may take from a fresh slice first; beyond this many tries the budget is too busy.
const SLICE_TRIES: u32 = 16;

/// What an act reserves. An operator's own act spends no budget.
pub(super) async fn for_act<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    plan: Option<&Plan>,
) -> Result<Reservation, Halt> {
    match call.authority {
        Authority::Operator { .. } | Authority::Probe | Authority::House => {
            Ok(Reservation { scopes: Vec::new(), amounts: Amounts::ZERO })
        }
        Authority::Agent => {
            Ok(Reservation { scopes: scopes(gate, call).await?, amounts: wanted(call, plan) })
        }
    }
}

async fn scopes<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
) -> Result<Vec<BudgetScope>, Halt> {
    let day = gate.budget_of_day(call.caller.grant, &call.caller.chain.tenant).await?;
    Ok(vec![BudgetScope::Run(call.run.run.id), day])
}

/// What a read takes out of memory; a slice is leased when there is too little.
pub(super) async fn for_read<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
) -> Result<(Reservation, Vec<String>), Halt> {
    if let Authority::Probe | Authority::House = call.authority {
        // The house looks on its own account.
        let nothing = Reservation { scopes: Vec::new(), amounts: Amounts::ZERO };
        return Ok((nothing, Vec::new()));
    }
    let scopes = scopes(gate, call).await?;
    if unlimited(gate, call) || call.mode == Mode::Shadow {
        return Ok((Reservation { scopes, amounts: Amounts::ZERO }, Vec::new()));
    }
    let wanted = wanted(call, None);
    for _ in 0..SLICE_TRIES {
        if let Some(taken) = gate.purse.take(call.run.run.id, &scopes, wanted) {
            self::taken(call, wanted);
            return Ok((taken, Vec::new()));
        }
        let many = Amounts::<u64>::each(|each| wanted.of(each).saturating_mul(READS_PER_SLICE));
        let leased = match lease(gate, call, (&scopes, many)).await? {
            Ok(()) => Ok(()),
            Err(_) => lease(gate, call, (&scopes, wanted)).await?,
        };
        if let Err(scope) = leased {
            return over_budget_read(gate, call, (scope, scopes)).await;
        }
    }
    Err(Halt::denied(Refusal::new(
        Code::TooManyWaiting,
        "the budget is contended",
        "try again shortly",
    )))
}

/// What enforcing the budgets would say of a call, where that is only told.
pub(super) async fn would_exceed<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    plan: Option<&Plan>,
) -> Result<Option<String>, Halt> {
    let unlimited = unlimited(gate, call);
    if let (Authority::Operator { .. } | Authority::Probe | Authority::House, _) | (_, true) =
        (&call.authority, unlimited)
    {
        return Ok(None);
    }
    let wanted = wanted(call, plan);
    for scope in scopes(gate, call).await? {
        let budget = stored(gate, scope).await?;
        if budget.exceeded_by(wanted).is_none() {
            continue;
        }
        let what = match (budget.on_exceeded, call.is_confirmed_pure()) {
            (OnExceeded::Degrade, true) => "would have gone on",
            (OnExceeded::Escalate, false) => "would have waited for a raise",
            (OnExceeded::Degrade, false) | (OnExceeded::Escalate, true) => {
                "would have been refused"
            }
            (OnExceeded::Stop, _) => "would have been refused, and the run paused",
        };
        return Ok(Some(format!("{what}: {}", over(&budget, wanted))));
    }
    Ok(None)
}

/// Whether no budget of the call limits anything.
fn unlimited<J: Journal, W: World>(gate: &Gate<J, W>, call: &Call) -> bool {
    let limited =
        |limit: Amounts<Option<u64>>| Dimension::ALL.iter().any(|each| limit.of(*each).is_some());
    !limited(lock(&call.run.counts).budget.limit) && !limited(gate.grant_day.0)
}

/// Gives back what reads of this run have leased and not used.
pub(super) async fn return_slice<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
) -> Result<(), Halt> {
    let Some(reservation) = gate.purse.empty(call.run.run.id) else { return Ok(()) };
    let event = Event::SliceReturned { reservation };
    Ok(gate.commit_one((Some(&call.run.run), event), Vec::new()).await?)
}

/// Leases a slice, or names the budget it does not fit in.
async fn lease<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    (scopes, amounts): (&[BudgetScope], Amounts),
) -> Result<Result<(), BudgetScope>, Halt> {
    let reservation = Reservation { scopes: scopes.to_vec(), amounts };
    let guards = scopes.iter().map(|scope| Guard::Left { scope: *scope, amounts }).collect();
    let entry = |event: Event| Entry {
        at: gate.world.now(),
        tenant: Some(call.caller.chain.tenant.clone()),
        run: Some(call.run.run.id),
        call: None,
        event,
    };
    let commit = Commit {
        guards,
        entries: vec![entry(Event::SliceLeased { reservation: reservation.clone() })],
        payloads: Vec::new(),
        sources: Vec::new(),
        urgency: Urgency::Permit,
    };
    match gate.journal.commit(commit).await {
        Ok(_) => {}
        Err(CommitError::Guard { index, .. }) => {
            let scope = scopes.get(index).copied().unwrap_or(BudgetScope::Run(call.run.run.id));
            return Ok(Err(scope));
        }
        Err(other) => return Err(other.into()),
    }
    if let Some(old) = gate.purse.put(call.run.run.id, reservation) {
        let returned = Commit {
            guards: Vec::new(),
            entries: vec![entry(Event::SliceReturned { reservation: old })],
            payloads: Vec::new(),
            sources: Vec::new(),
            urgency: Urgency::Outcome,
        };
        gate.journal.commit(returned).await?;
    }
    Ok(Ok(()))
}

/// A pure call over a budget that degrades goes on, uncounted in what is left and charged all the same.
async fn over_budget_read<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    (scope, scopes): (BudgetScope, Vec<BudgetScope>),
) -> Result<(Reservation, Vec<String>), Halt> {
    let budget = stored(gate, scope).await?;
    match budget.on_exceeded {
        OnExceeded::Degrade => {
            let warning = format!(
                "the budget of {scope} is used up; only calls that change nothing still run"
            );
            Ok((Reservation { scopes, amounts: Amounts::ZERO }, vec![warning]))
        }
        OnExceeded::Escalate | OnExceeded::Stop => Err(refuse(&budget, wanted(call, None))),
    }
}

async fn stored<J: Journal, W: World>(
    gate: &Gate<J, W>,
    scope: BudgetScope,
) -> Result<Budget, Halt> {
    let record =
        gate.journal.read(Table::Budgets, &scope.to_string()).await.map_err(Refusal::from)?;
    record.map(|record| budget_of(scope, &record)).ok_or_else(|| {
        Halt::denied(Refusal::new(
            Code::Internal,
            format!("the budget of {scope} is missing"),
            "run `checkrein journal verify`",
        ))
    })
}

/// In which dimension a call does not fit.
fn over(budget: &Budget, wanted: Amounts) -> String {
    let dimension = budget.exceeded_by(wanted).unwrap_or(Dimension::Calls);
    let left = budget.left().of(dimension).unwrap_or(0);
    format!(
        "over budget: {} has {left} {dimension} left and the call may take {}",
        budget.scope,
        wanted.of(dimension)
    )
}

fn refuse(budget: &Budget, wanted: Amounts) -> Halt {
    let message = over(budget, wanted);
    let refusal =
        Refusal::new(Code::OverBudget, message.clone(), "ask an operator to raise the budget");
    let pause = (budget.on_exceeded == OnExceeded::Stop).then_some(message);
    Halt::Denied(Box::new(Denial { refusal, decided: None, pause }))
}

/// What happens to an act that does not fit: refused, held for a raise, or refused with the run paused.
pub(super) async fn exceeded<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    (scope, kept): (BudgetScope, &Kept),
) -> Result<Halt, Halt> {
    let budget = stored(gate, scope).await?;
    let amounts = kept.reservation.amounts;
    match budget.on_exceeded {
        OnExceeded::Degrade | OnExceeded::Stop => Ok(refuse(&budget, amounts)),
        OnExceeded::Escalate => Ok(ask_for_raise(gate, call, (&budget, kept))),
    }
}

fn ask_for_raise<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    (budget, kept): (&Budget, &Kept),
) -> Halt {
    if let Before::Held(_) = call.before {
        // People were asked before and did not raise it: asking the same call again would never end.
        return refuse(budget, kept.reservation.amounts);
    }
    let mut facts = kept.decided.facts.clone();
    facts.history.over_budget = true;
    let verdict = judge::decide(&call.rules.policies, &facts);
    let binding = call.binding(&facts);
    let mut decided = judge::decided(call, facts, &verdict);
    decided.plan.clone_from(&kept.plan);
    let held: Result<(), Halt> = judge::held(gate, call, judge::hold(decided, binding));
    held.err().unwrap_or(Halt::StillHeld)
}

/// For a call that people are asked for anyway: whether they must raise the run's budget too.
pub(crate) fn raise_needed(call: &Call, plan: Option<&Plan>) -> bool {
    let Authority::Agent = call.authority else { return false };
    let counts = lock(&call.run.counts);
    counts.budget.on_exceeded == OnExceeded::Escalate
        && counts.budget.exceeded_by(wanted(call, plan)).is_some()
}

/// Keeps the run's budget in memory in step, for the facts of later decisions.
pub(super) fn taken(call: &Call, amounts: Amounts) {
    let mut counts = lock(&call.run.counts);
    counts.budget.reserved = counts.budget.reserved.plus(amounts);
}
