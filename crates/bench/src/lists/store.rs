//! A store with many entries, written by the journal itself as fast as it takes them.
//!
//! In: a directory and how many. Out: a store as a server opens it: runs of a few hundred calls by many agents with many
//! tools; most calls succeed, some fail, are denied or held, and most held ones were decided. A read is one entry, so that
//! there are as many calls as possible. What no list shows (payloads, answers) is left out.

use std::path::Path;
use std::sync::Arc;

use domain::{
    Agent, Amounts, ApprovalId, BudgetScope, CallId, Code, Decision, Digest, EffectClass, Entry,
    Event, Executed, GrantId, Human, Money, Name, OnExceeded, PrincipalChain, Requirement,
    Reservation, Run, RunId, RunState, Settled, Spent, Status, Strength, Subject, Tier, Timestamp,
    limits,
};
use gate::{Commit, Journal as _, Urgency};
use journal::{Options, Sqlite, Synchronous};
use uuid::Uuid;

use crate::Outcome;

/// The moment of the first entry: 2026-01-01.
const BEGIN_MS: u64 = 1_767_225_600_000;
/// Between two entries.
const STEP_MS: u64 = 20;
/// A moment in the middle of a million entries.
pub(super) const MIDDLE_MS: u64 = BEGIN_MS + 500_000 * STEP_MS;
/// Entries of one run: its opening, and calls.
const PER_RUN: usize = 200;
const AGENTS: usize = 50;
const TOOLS: usize = 40;

/// Writes the entries; gives how many there are.
pub(super) async fn fill(directory: &Path, entries: usize) -> Outcome<usize> {
    let (data, key) = (directory.join("state/data"), directory.join("config/master.key"));
    let mut options = Options::new(data, key);
    // Nothing is lost that could not be written again, and a sync for each commit takes most of the time.
    options.synchronous = Synchronous::UnsafeNormalForTests;
    // The store does not let its clock go back, so it begins where the entries do.
    options.clock = Arc::new(|| Timestamp::from_millis(BEGIN_MS));
    let journal = Sqlite::open(options)?;
    let mut teller = Teller { number: 0 };
    let mut written = 0;
    while written < entries {
        let (run, told) = teller.run()?;
        written += told.len() + 1;
        // A run's key is made by the commit that opens it, and its calls need that.
        commit(&journal, vec![run]).await?;
        // One after the other: what is held must be there before it is decided.
        for part in told.chunks(limits::COMMIT_ENTRIES_MAX) {
            commit(&journal, part.to_vec()).await?;
        }
    }
    Ok(written)
}

async fn commit(journal: &Sqlite, entries: Vec<Entry>) -> Outcome<()> {
    let (guards, payloads, sources) = (Vec::new(), Vec::new(), Vec::new());
    let commit = Commit { guards, entries, payloads, sources, urgency: Urgency::Outcome };
    journal.commit(commit).await.map(drop).map_err(|error| error.to_string().into())
}

/// Tells run after run.
struct Teller {
    number: u64,
}

impl Teller {
    fn next(&mut self) -> (u64, Timestamp) {
        self.number += 1;
        (self.number, Timestamp::from_millis(BEGIN_MS + self.number * STEP_MS))
    }

    /// One run: its opening, and what happened in it.
    fn run(&mut self) -> Outcome<(Entry, Vec<Entry>)> {
        let (number, at) = self.next();
        let agent = usize::try_from(number)? / PER_RUN % AGENTS;
        let chain = PrincipalChain {
            tenant: name("local")?,
            human: Human(name("ada")?),
            agent: Agent { name: name(&format!("agent-{agent}"))?, version: "1".to_owned() },
            parents: Vec::new(),
        };
        let run = Run {
            id: RunId::new(id(number)),
            workflow: name("default")?,
            space: name("default")?,
            grant: GrantId::new(id(u64::try_from(agent)? + 1)),
            chain,
            purpose: format!("reconcile account-{number} with the ledger of the month"),
            ambient: false,
            opened: at,
            state: RunState::Open,
        };
        let limit = Amounts::<u64>::each(|_| None);
        let of = Of { run: run.clone() };
        let opened =
            of.entry(None, at, Event::RunOpened { run, limit, on_exceeded: OnExceeded::Stop });
        let mut told = Vec::with_capacity(PER_RUN);
        while told.len() < PER_RUN {
            let (number, at) = self.next();
            told.extend(of.call(number, at)?);
        }
        let outcome = domain::Outcome {
            status: domain::OutcomeStatus::Succeeded,
            reason: "done".to_owned(),
            metric: None,
            evidence: Vec::new(),
        };
        let (_, at) = self.next();
        told.push(of.entry(None, at, Event::RunEnded { outcome }));
        Ok((opened, told))
    }
}

/// Of one run.
struct Of {
    run: Run,
}

impl Of {
    fn entry(&self, call: Option<CallId>, at: Timestamp, event: Event) -> Entry {
        let tenant = Some(self.run.chain.tenant.clone());
        Entry { at, tenant, run: Some(self.run.id), call, event }
    }

    /// One call: a read mostly, one of a hundred denied, two of a hundred held and most of those decided.
    fn call(&self, number: u64, at: Timestamp) -> Outcome<Vec<Entry>> {
        let call = CallId::new(id(number));
        let subject = self.subject(number, at)?;
        let entry = |event| self.entry(Some(call), at, event);
        Ok(match number % 100 {
            0 => vec![entry(Event::CallDenied {
                subject: Some(subject),
                decision: Some(decision(Strength::Deny)),
                code: Code::PolicyDenied,
                answer: digest(number),
            })],
            1 | 2 => {
                let approval = ApprovalId::new(id(number));
                let asked = Requirement::usual("ask", "group:oncall");
                let held = entry(Event::CallHeld {
                    subject,
                    decision: decision(Strength::Hold),
                    requests: vec![(approval, asked)],
                    binding: digest(number),
                    answer: digest(number),
                });
                // One of five thousand waits still.
                if number % 5_000 == 1 { vec![held] } else { rejected(&entry, held, approval)? }
            }
            rest => vec![entry(Event::ReadSettled {
                subject,
                decision: decision(Strength::Allow),
                outcome: self.outcome(number, rest == 50),
            })],
        })
    }

    fn subject(&self, number: u64, received: Timestamp) -> Outcome<Subject> {
        let tool = usize::try_from(number)? % TOOLS;
        Ok(Subject {
            grant: self.run.grant,
            chain: self.run.chain.clone(),
            tool: format!("bench.t{tool}").parse()?,
            contract: digest(1),
            effect_class: EffectClass::Pure,
            consequences: domain::Consequences::default(),
            resource: format!("account:account-{}", number % 10_000),
            arguments: digest(number),
            facts: digest(number),
            ledger: None,
            ledger_arguments: digest(number),
            received,
            detached: false,
        })
    }

    fn outcome(&self, number: u64, fails: bool) -> Settled {
        let (status, executed, code) = match fails {
            true => (Status::Failed, Executed::No, Some(Code::ToolFailed)),
            false => (Status::Succeeded, Executed::Yes, None),
        };
        let amounts = Amounts { calls: 1, ..Amounts::ZERO };
        Settled {
            status,
            executed,
            code,
            effects: Vec::new(),
            spent: Spent { money: Money::ZERO, calls: 1, wall_ms: 3, ..Spent::default() },
            reservation: Reservation { scopes: vec![BudgetScope::Run(self.run.id)], amounts },
            answer: digest(number),
            undo: None,
            freed: None,
            attempts: 1,
        }
    }
}

fn rejected(
    entry: &impl Fn(Event) -> Entry,
    held: Entry,
    approval: ApprovalId,
) -> Outcome<Vec<Entry>> {
    let by = name("grace")?;
    let reason = "not this month".to_owned();
    let denied = Event::HeldCallDenied {
        code: Code::Rejected,
        by: by.to_string(),
        reason: reason.clone(),
        ledger: None,
        answer: digest(9),
        subject: None,
        decision: None,
    };
    let said = Event::ApprovalRejected { approval, by, reason };
    Ok(vec![held, entry(said), entry(denied)])
}

fn decision(verdict: Strength) -> Decision {
    let tier = if verdict == Strength::Hold { Tier::Three } else { Tier::One };
    Decision {
        verdict,
        tier,
        policy: digest(2),
        reasons: Vec::new(),
        requirements: Vec::new(),
        duties: Vec::new(),
        shadow: false,
    }
}

/// Ids in the order of their numbers, as those of a clock are.
fn id(number: u64) -> Uuid {
    Uuid::from_u64_pair(BEGIN_MS << 16 | 0x7000, 0x8000_0000_0000_0000 | number)
}

fn digest(number: u64) -> Digest {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    Digest::new(bytes)
}

fn name(text: &str) -> Outcome<Name> {
    Ok(text.parse()?)
}
