//! The attempts of an admitted call: dispatched once, and again where its contract lets it and nothing can happen twice.
//!
//! ```text
//! dispatch -> failed: the contract asks for another attempt, and none so far can have happened
//!                     (or the provider tells attempts apart by the call's key)
//!          -> AttemptFailed is durable -> a pause, the stops looked at -> AttemptAdmitted is durable -> dispatch
//! ```
//! Each attempt has a permit of its own, under the same guards as the first (`admit::another`). What all attempts amount to
//! is kept in `Tries`: once one of them may have happened, a later `no` says nothing of the call. Tests:
//! `sim/tests/it/attempts.rs`.

use std::time::Duration;

use domain::{
    Again, CallId, Code, DeadReason, Entry, Event, Executed, GrantId, Retry, Timestamp, Tried,
    limits,
};

use super::admit::{self, Admitted, Kept, Way};
use super::dispatch::{self, Outcome};
use super::{Authority, Call, failure, observe, outside};
use crate::gate::Gate;
use crate::port::{Journal, ToolError, ToolErrorKind, World};
use crate::refusal::Refusal;
use crate::rescue::Halt;
use crate::runs::state_is;
use crate::state::breakers::Turn;
use crate::table::Table;

/// What the attempts of a call amount to.
#[derive(Debug, Clone)]
pub(super) struct Tries {
    /// How many were made, the one under way included.
    pub(super) attempts: u32,
    /// What those before the last took.
    pub(super) before: Duration,
    /// Whether one before the last may have happened.
    pub(super) unsure: bool,
    /// Why no other follows, though the last one's error asks for it.
    pub(super) ended: Option<DeadReason>,
}

impl Tries {
    pub(super) const fn first() -> Self {
        Self { attempts: 1, before: Duration::ZERO, unsure: false, ended: None }
    }
}

/// An attempt that failed.
struct Failed {
    /// The declared code, or a word of `Retry`.
    error: Option<String>,
    /// What all attempts so far did.
    executed: Executed,
    code: Code,
    reason: String,
    took: Duration,
}

/// Whether something can be reached at all.
fn reached(outcome: &Outcome) -> Option<bool> {
    match outcome {
        Outcome::NotSent(_) => None,
        Outcome::Silent(_) => Some(false),
        Outcome::Answered(Ok(_), _) => Some(true),
        Outcome::Answered(Err(error), _) => match error.kind {
            ToolErrorKind::Stopped => None,
            ToolErrorKind::Missing | ToolErrorKind::TimedOut => Some(false),
            ToolErrorKind::Failed
            | ToolErrorKind::Stale
            | ToolErrorKind::Refused
            | ToolErrorKind::Impossible
            | ToolErrorKind::NoPreview
            | ToolErrorKind::InputRequired
            | ToolErrorKind::Unconfirmed => Some(true),
        },
    }
}

/// What the breaker of a call counts: the server of its tool, or the tool itself.
fn counted(call: &Call) -> &str {
    let upstream = call.compiled.contract.upstream.as_ref();
    upstream.map_or(call.compiled.name().as_str(), |upstream| upstream.server.as_str())
}

/// Whether what the call would reach could be reached lately.
pub(super) fn turn<J: Journal, W: World>(gate: &Gate<J, W>, call: &Call) -> Result<Turn, Halt> {
    let to = counted(call);
    gate.breakers.enter(to, gate.world.now()).map_err(|(failures, wait)| {
        let message = format!(
            "NOT EXECUTED: `{to}` could not be reached {failures} times in a row; calls to it wait for another {} ms",
            wait.as_millis()
        );
        let fix = "send it again then; an operator sees in `checkrein servers ls` why";
        Halt::denied(Refusal::new(Code::UpstreamAway, message, fix))
    })
}

/// Makes the attempts. Gives what came of the last one.
pub(super) async fn carry_out<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    (first, mut turn): (Admitted, Turn),
) -> (Kept, Outcome) {
    let begun = gate.world.now();
    let mut next = first;
    loop {
        let (mut kept, outcome) = dispatch::dispatch(gate, call, next).await;
        match reached(&outcome) {
            Some(true) => turn.reached(),
            Some(false) => turn.failed(gate.world.now()),
            None => {}
        }
        let Some(failed) = Failed::of(call, (&kept.tries, &outcome)) else {
            return (kept, outcome);
        };
        let pause = match failed.again(gate, call, (kept.tries.attempts, begun)) {
            Again::After(pause) => pause,
            Again::UsedUp => {
                kept.tries.ended = Some(DeadReason::UsedUp);
                return (kept, outcome);
            }
            Again::NotAsked | Again::MayHaveHappened => return (kept, outcome),
        };
        kept.tries.before = kept.tries.before.saturating_add(failed.took);
        match another(gate, call, (&mut kept, &failed), pause).await {
            Ok((permit, now)) => {
                kept.tries.attempts += 1;
                kept.tries.unsure = failed.executed != Executed::No;
                turn = now;
                next = Admitted { permit, kept };
            }
            Err(why) => {
                // The last attempt is told with what it took itself.
                kept.tries.before = kept.tries.before.saturating_sub(failed.took);
                kept.tries.ended = Some(DeadReason::Interrupted);
                kept.warnings.push(format!("it was not tried again: {why}"));
                return (kept, outcome);
            }
        }
    }
}

impl Failed {
    /// What is known of an attempt that failed; none for one that did not, or that no permit reached.
    fn of(call: &Call, (tries, outcome): (&Tries, &Outcome)) -> Option<Self> {
        let pure = call.is_confirmed_pure();
        let (error, took) = match outcome {
            Outcome::NotSent(_) | Outcome::Answered(Ok(_), _) => return None,
            Outcome::Silent(after) => (None, *after),
            Outcome::Answered(Err(error), took) => {
                (Some(observe::settled_by_contract(call, error.clone())), *took)
            }
        };
        if error.as_ref().is_some_and(|error| error.kind == ToolErrorKind::Stopped) {
            return None;
        }
        let said = error.as_ref().map_or(Executed::Unknown, |error| error.executed);
        let last = match said {
            Executed::Unknown if pure => Executed::No,
            Executed::Yes | Executed::Partly | Executed::No | Executed::Unknown => said,
        };
        let executed = match last {
            Executed::No if tries.unsure => Executed::Unknown,
            Executed::Yes | Executed::Partly | Executed::No | Executed::Unknown => last,
        };
        let code = match (&error, last) {
            (_, Executed::Unknown) => Code::InDoubt,
            (Some(error), _) => failure::of_attempt(call, error).0,
            (None, _) => Code::ToolFailed,
        };
        let reason = match &error {
            Some(error) => outside::message(&error.message).into_owned(),
            None => format!("the tool did not answer within {} ms", took.as_millis()),
        };
        Some(Self { error: word(error.as_ref()), executed, code, reason, took })
    }

    fn again<J: Journal, W: World>(
        &self,
        gate: &Gate<J, W>,
        call: &Call,
        (attempts, begun): (u32, Timestamp),
    ) -> Again {
        let elapsed = gate.world.now().since(begun);
        let tried = Tried { attempts, elapsed, executed: self.executed };
        let attempts_of = &call.compiled.contract.attempts;
        attempts_of.again(tried, (self.error.as_deref(), random(call.id, attempts)))
    }
}

/// The word by which a contract names an error.
fn word(error: Option<&ToolError>) -> Option<String> {
    let Some(error) = error else { return Some(Retry::TIMED_OUT.to_owned()) };
    let by_kind = match error.kind {
        ToolErrorKind::Missing => Some(Retry::UNREACHABLE),
        ToolErrorKind::TimedOut => Some(Retry::TIMED_OUT),
        ToolErrorKind::Failed
        | ToolErrorKind::Stale
        | ToolErrorKind::Refused
        | ToolErrorKind::Impossible
        | ToolErrorKind::NoPreview
        | ToolErrorKind::InputRequired
        | ToolErrorKind::Unconfirmed
        | ToolErrorKind::Stopped => None,
    };
    error.own_code.clone().or_else(|| by_kind.map(str::to_owned))
}

/// Spreads the pauses of many calls: ids are random, and the same call pauses the same way when it is looked at again.
fn random(call: CallId, attempts: u32) -> u64 {
    let digest = contract::digest(format!("{call} attempt {attempts}").as_bytes()).to_string();
    let digits = digest.get(..15).unwrap_or_default();
    u64::from_str_radix(digits, 16).unwrap_or(0)
}

/// Waits, and takes the permit for another attempt.
async fn another<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    (kept, failed): (&mut Kept, &Failed),
    pause: Duration,
) -> Result<(Way, Turn), String> {
    let until = gate.world.now().plus(pause);
    if !call.is_confirmed_pure() {
        let event = Event::AttemptFailed {
            attempt: u64::from(kept.tries.attempts),
            code: failed.code,
            executed: failed.executed,
            reason: gate.masker.mask_text(&failed.reason).into_owned(),
            not_before: until,
        };
        let admitted = domain::CallState::Admitted.word();
        let guards = vec![state_is(Table::Calls, call.id.to_string(), admitted)];
        let written = gate.commit_all(vec![entry(gate, call, event)], guards).await;
        written.map_err(|error| Refusal::from(error).message)?;
    }
    wait(gate, call, pause).await?;
    let told = |halt: Halt| match halt {
        Halt::Denied(denial) => denial.refusal.message,
        Halt::Held(_) | Halt::Queued(_) | Halt::Known(_) | Halt::StillHeld | Halt::Moved(..) => {
            "it may not run any more".to_owned()
        }
    };
    admit::open_run(call).map_err(told)?;
    granted(gate, call)?;
    let turn = turn(gate, call).map_err(told)?;
    let attempt = u64::from(kept.tries.attempts) + 1;
    let way = match call.is_confirmed_pure() {
        true => admit::another_read(gate, call).map(Way::Read),
        false => admit::another(gate, call, (kept, attempt)).await.map(Way::Act),
    };
    Ok((way.map_err(told)?, turn))
}

/// Waits while nothing forbids the call to go on.
async fn wait<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    pause: Duration,
) -> Result<(), String> {
    let mut left = pause;
    loop {
        if let Some(stop) = gate.stops.forbids_effect(call.target(), call.ordered_by()) {
            return Err(format!("{} is stopped ({}): {}", stop.scope, stop.level, stop.reason));
        }
        if left.is_zero() {
            return Ok(());
        }
        let step = left.min(limits::RETRY_LOOKS_EVERY);
        gate.world.sleep(step).await;
        left = left.saturating_sub(step);
    }
}

/// Rights may have gone while it waited. Acts are asked once more in the commit of their permit; reads have none.
fn granted<J: Journal, W: World>(gate: &Gate<J, W>, call: &Call) -> Result<(), String> {
    let Authority::Agent = call.authority else { return Ok(()) };
    let grant: GrantId = call.caller.grant;
    let live = gate.directory.grant(grant);
    let holds = live.is_some_and(|live| live.grant.holds(gate.world.now()));
    holds.then_some(()).ok_or_else(|| "its grant no longer holds".to_owned())
}

fn entry<J: Journal, W: World>(gate: &Gate<J, W>, call: &Call, event: Event) -> Entry {
    Entry {
        at: gate.world.now(),
        tenant: Some(call.caller.chain.tenant.clone()),
        run: Some(call.run.run.id),
        call: Some(call.id),
        event,
    }
}
