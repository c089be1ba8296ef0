//! Entries and commits of the suite: one tenant, runs and calls by number.
//! They are as small as the promises allow and are no examples of how the gate writes.

use domain::{
    Agent, Amounts, BudgetScope, CallId, Consequences, Decision, Digest, EffectClass, Entry, Event,
    GrantId, Human, Mode, Name, OnExceeded, PayloadKind, PrincipalChain, Reservation, Run, RunId,
    RunState, Strength, Subject, Tier, Timestamp,
};
use uuid::Uuid;

use crate::commit::{Commit, Guard, Payload, Urgency};

/// A name; the texts are the suite's own.
#[expect(
    clippy::unwrap_used,
    reason = "INVARIANT (literals): only literals of this suite come here"
)]
pub(super) fn name<T: std::str::FromStr<Err = domain::NameError>>(text: &str) -> T {
    text.parse().unwrap()
}

/// The tenant of everything here.
pub(super) fn tenant() -> Name {
    name("suite")
}

/// A run by number.
pub(super) fn run_id(number: u128) -> RunId {
    RunId::new(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + number))
}

/// A call by number.
pub(super) fn call_id(number: u128) -> CallId {
    CallId::new(Uuid::from_u128(0x0190_0000_0000_7000_9000_0000_0000_0000 + number))
}

/// A digest by number.
pub(super) fn digest(number: u8) -> Digest {
    Digest::new([number; 32])
}

fn grant() -> GrantId {
    GrantId::new(Uuid::from_u128(0x0190_0000_0000_7000_a000_0000_0000_0000))
}

fn chain() -> PrincipalChain {
    let agent = Agent { name: name("robot"), version: "1".to_owned() };
    PrincipalChain { tenant: tenant(), human: Human(name("ada")), agent, parents: Vec::new() }
}

/// An entry that belongs to nobody: a space's mode.
pub(super) fn mode(space: &str, at: Timestamp) -> Entry {
    let event =
        Event::ModeSet { space: name(space), mode: Mode::Enforce, by: name("ada"), reason: None };
    Entry { at, tenant: None, run: None, call: None, event }
}

/// A run that may make so many calls.
pub(super) fn opened(number: u128, calls: u64, at: Timestamp) -> Entry {
    let run = Run {
        id: run_id(number),
        workflow: name("suite"),
        space: name("production"),
        grant: grant(),
        chain: chain(),
        purpose: "to see whether promises are kept".to_owned(),
        ambient: false,
        opened: at,
        state: RunState::Open,
    };
    let none = Amounts {
        calls: None,
        money_micros: None,
        irreversible: None,
        read_bytes: None,
        wall_ms: None,
    };
    let limit = Amounts { calls: Some(calls), ..none };
    let event = Event::RunOpened { run, limit, on_exceeded: OnExceeded::Stop };
    of_run(number, event, at)
}

/// An entry of a run.
pub(super) fn of_run(number: u128, event: Event, at: Timestamp) -> Entry {
    Entry { at, tenant: Some(tenant()), run: Some(run_id(number)), call: None, event }
}

/// So many calls taken out of a run's budget, or given back.
pub(super) fn leased(number: u128, calls: u64, at: Timestamp) -> Entry {
    of_run(number, Event::SliceLeased { reservation: reservation(number, calls) }, at)
}

/// What was leased comes back.
pub(super) fn returned(number: u128, calls: u64, at: Timestamp) -> Entry {
    of_run(number, Event::SliceReturned { reservation: reservation(number, calls) }, at)
}

fn reservation(number: u128, calls: u64) -> Reservation {
    let scopes = vec![BudgetScope::Run(run_id(number))];
    Reservation { scopes, amounts: Amounts { calls, ..Amounts::ZERO } }
}

/// A call of a run that takes a ledger key and waits for nobody in particular.
pub(super) fn held(run: u128, call: u128, ledger: Digest, at: Timestamp) -> Entry {
    let subject = Subject {
        grant: grant(),
        chain: chain(),
        tool: name("files.write"),
        contract: digest(1),
        effect_class: EffectClass::Restorable,
        consequences: Consequences::new(),
        resource: "workspace:a".to_owned(),
        arguments: digest(2),
        facts: digest(3),
        ledger: Some(ledger),
        ledger_arguments: digest(4),
        received: at,
        detached: false,
    };
    let decision = Decision {
        verdict: Strength::Hold,
        tier: Tier::Three,
        reasons: Vec::new(),
        requirements: Vec::new(),
        duties: Vec::new(),
        policy: digest(5),
        shadow: false,
    };
    let (requests, answer) = (Vec::new(), digest(6));
    let event = Event::CallHeld { subject, decision, requests, binding: digest(7), answer };
    Entry { call: Some(call_id(call)), ..of_run(run, event, at) }
}

/// The end of a held call, which frees its ledger key.
pub(super) fn superseded(run: u128, call: u128, ledger: Digest, at: Timestamp) -> Entry {
    let reason = "a newer one came".to_owned();
    let event = Event::CallSuperseded { by_call: None, reason, ledger: Some(ledger), by: None };
    Entry { call: Some(call_id(call)), ..of_run(run, event, at) }
}

/// Entries without guards.
pub(super) fn commit(urgency: Urgency, entries: impl IntoIterator<Item = Entry>) -> Commit {
    Commit {
        guards: Vec::new(),
        entries: entries.into_iter().collect(),
        payloads: Vec::new(),
        sources: Vec::new(),
        urgency,
    }
}

/// Entries of new work under guards.
pub(super) fn guarded(
    guards: impl IntoIterator<Item = Guard>,
    entries: impl IntoIterator<Item = Entry>,
) -> Commit {
    Commit { guards: guards.into_iter().collect(), ..commit(Urgency::Permit, entries) }
}

/// A payload of a run's call.
pub(super) fn payload(run: u128, call: u128, kind: PayloadKind, bytes: &[u8]) -> Payload {
    let (run, call) = (run_id(run), call_id(call));
    Payload { tenant: tenant(), run, call, kind, bytes: bytes.to_vec() }
}
