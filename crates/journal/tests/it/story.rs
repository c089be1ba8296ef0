//! A run as the gate would write it: opened, a read, an act, a held call that is approved and done, a denied one.
//! Payloads and digests belong together, so that verification has something to verify.

use domain::{
    Agent, Amounts, ApprovalId, BudgetScope, CallId, Code, Consequences, Decision, Digest, Effect,
    EffectClass, EffectKind, Entry, Event, Executed, GrantId, Human, Money, Name, Observation,
    OnExceeded, Outcome, OutcomeStatus, PayloadKind, PermitId, PrincipalChain, Reason, Requirement,
    Reservation, Resource, Run, RunId, RunState, Settled, Spent, Status, Strength, Subject, Tier,
    Timestamp, ToolName, UndoState,
};
use gate::{Commit, CommitError, Journal, KeyScope, Payload, Receipt, Urgency};
use journal::Sqlite;
use std::time::Duration;
use uuid::Uuid;

use crate::support::NOW;

pub(crate) fn name(text: &str) -> Name {
    text.parse().unwrap()
}

pub(crate) fn run_id(number: u128) -> RunId {
    RunId::new(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + number))
}

pub(crate) fn call_id(run: u128, number: u128) -> CallId {
    CallId::new(Uuid::from_u128(0x0190_0000_0000_7000_9000_0000_0000_0000 + (run << 16) + number))
}

pub(crate) fn approval_id(run: u128) -> ApprovalId {
    ApprovalId::new(Uuid::from_u128(0x0190_0000_0000_7000_a000_0000_0000_0000 + run))
}

pub(crate) fn grant_id() -> GrantId {
    GrantId::new(Uuid::from_u128(0x0190_0000_0000_7000_b000_0000_0000_0000))
}

pub(crate) fn digest(number: u8) -> Digest {
    Digest::new([number; 32])
}

/// Writes runs like the gate does.
pub(crate) struct Story<'a> {
    pub(crate) journal: &'a Sqlite,
    pub(crate) run: u128,
    pub(crate) at: u64,
}

pub(crate) fn chain() -> PrincipalChain {
    let agent = Agent { name: name("builder"), version: "3".to_owned() };
    PrincipalChain { tenant: name("acme"), human: Human(name("ada")), agent, parents: Vec::new() }
}

pub(crate) fn decision(verdict: Strength) -> Decision {
    Decision {
        verdict,
        tier: Tier::Two,
        reasons: vec![Reason {
            strength: verdict,
            text: "because it says so".to_owned(),
            policy: None,
        }],
        requirements: Vec::new(),
        duties: Vec::new(),
        policy: digest(5),
        shadow: false,
    }
}

pub(crate) fn commit(entries: Vec<Entry>, payloads: Vec<Payload>) -> Commit {
    Commit { guards: Vec::new(), entries, payloads, sources: Vec::new(), urgency: Urgency::Permit }
}

impl<'a> Story<'a> {
    pub(crate) fn new(journal: &'a Sqlite, run: u128) -> Self {
        Self { journal, run, at: NOW }
    }

    pub(crate) fn entry(&self, call: Option<u128>, event: Event) -> Entry {
        Entry {
            at: Timestamp::from_millis(self.at),
            tenant: Some(name("acme")),
            run: Some(run_id(self.run)),
            call: call.map(|call| call_id(self.run, call)),
            event,
        }
    }

    pub(crate) async fn write(
        &self,
        entries: Vec<Entry>,
        payloads: Vec<Payload>,
    ) -> Result<Receipt, CommitError> {
        self.journal.commit(commit(entries, payloads)).await
    }

    pub(crate) fn payload(&self, call: u128, kind: PayloadKind, bytes: &str) -> Payload {
        Payload {
            tenant: name("acme"),
            run: run_id(self.run),
            call: call_id(self.run, call),
            kind,
            bytes: bytes.as_bytes().to_vec(),
        }
    }

    pub(crate) fn keyed(&self, bytes: &str) -> Digest {
        self.journal.keyed(KeyScope::Run(run_id(self.run)), bytes.as_bytes()).unwrap()
    }

    pub(crate) fn opened(&self) -> Entry {
        let run = Run {
            id: run_id(self.run),
            workflow: name("release"),
            space: name("production"),
            grant: grant_id(),
            chain: chain(),
            purpose: "fix the build".to_owned(),
            ambient: false,
            opened: Timestamp::from_millis(self.at),
            state: RunState::Open,
        };
        let none = Amounts {
            calls: None,
            money_micros: None,
            irreversible: None,
            read_bytes: None,
            wall_ms: None,
        };
        let limit = Amounts { calls: Some(100), ..none };
        self.entry(None, Event::RunOpened { run, limit, on_exceeded: OnExceeded::Escalate })
    }

    pub(crate) fn subject(&self, facts: &str) -> Subject {
        Subject {
            grant: grant_id(),
            chain: chain(),
            tool: "files.write".parse::<ToolName>().unwrap(),
            contract: digest(1),
            effect_class: EffectClass::Restorable,
            consequences: Consequences::from([domain::Consequence::Overwrite]),
            resource: "workspace:src/main.rs".to_owned(),
            arguments: self.keyed("arguments"),
            facts: self.keyed(facts),
            ledger: None,
            ledger_arguments: digest(4),
            received: Timestamp::from_millis(self.at),
            detached: false,
        }
    }

    pub(crate) fn reservation(&self) -> Reservation {
        let scopes = vec![BudgetScope::Run(run_id(self.run))];
        Reservation { scopes, amounts: Amounts { calls: 1, ..Amounts::ZERO } }
    }

    pub(crate) fn settled(&self, answer: &str, undo: Option<UndoState>) -> Settled {
        Settled {
            status: Status::Succeeded,
            executed: Executed::Yes,
            code: None,
            effects: vec![Effect {
                kind: EffectKind::Modified,
                resource: Resource::new("workspace:src/main.rs"),
                before: Some(digest(7)),
                after: Some(digest(8)),
                observation: Observation::Expected,
            }],
            spent: Spent {
                money: Money::from_micros(70),
                calls: 1,
                wall_ms: 12,
                ..Spent::default()
            },
            reservation: self.reservation(),
            answer: self.keyed(answer),
            undo,
            freed: None,
            attempts: 1,
        }
    }

    pub(crate) fn admitted(&self, facts: &str, used: Vec<ApprovalId>) -> Event {
        Event::CallAdmitted {
            subject: self.subject(facts),
            decision: decision(Strength::Allow),
            permit: PermitId::new(Uuid::from_u128(7)),
            plan: Some(digest(9)),
            reservation: self.reservation(),
            was_held: !used.is_empty(),
            used,
            undo_until: Some(Timestamp::from_millis(self.at + 1_000_000)),
            undoes: None,
        }
    }

    /// Opens the run.
    pub(crate) async fn open(&self) {
        self.write(vec![self.opened()], Vec::new()).await.unwrap();
    }

    /// A call that is admitted and done.
    pub(crate) async fn act(&self, call: u128) {
        let facts = self.payload(call, PayloadKind::Facts, "{\"facts\":1}");
        let plan = self.payload(call, PayloadKind::Plan, "the plan with originals");
        let admitted = self.entry(Some(call), self.admitted("{\"facts\":1}", Vec::new()));
        self.write(vec![admitted], vec![facts, plan]).await.unwrap();
        let outcome = self.settled("{\"answer\":1}", Some(UndoState::Armed));
        let settled = self.entry(Some(call), Event::CallSettled { outcome });
        let answer = self.payload(call, PayloadKind::Answer, "{\"answer\":1}");
        self.write(vec![settled], vec![answer]).await.unwrap();
    }

    /// A read: one entry.
    pub(crate) async fn read(&self, call: u128) {
        let facts = self.payload(call, PayloadKind::Facts, "{\"read\":1}");
        let answer = self.payload(call, PayloadKind::Answer, "{\"answer\":0}");
        let reservation = Reservation { scopes: Vec::new(), amounts: Amounts::ZERO };
        let outcome = Settled { reservation, ..self.settled("{\"answer\":0}", None) };
        let subject = self.subject("{\"read\":1}");
        let event = Event::ReadSettled { subject, decision: decision(Strength::Allow), outcome };
        self.write(vec![self.entry(Some(call), event)], vec![facts, answer]).await.unwrap();
    }

    /// A call that waits for people.
    pub(crate) async fn hold(&self, call: u128) {
        let requirement = Requirement {
            decide_within: Duration::from_secs(60),
            execute_within: Duration::from_secs(30),
            ..Requirement::usual("prod-writes", "group:oncall")
        };
        let event = Event::CallHeld {
            subject: self.subject("{\"first\":1}"),
            decision: decision(Strength::Hold),
            requests: vec![(approval_id(self.run), requirement)],
            binding: digest(3),
            answer: self.keyed("{\"held\":1}"),
        };
        let facts = self.payload(call, PayloadKind::Facts, "{\"first\":1}");
        let answer = self.payload(call, PayloadKind::Answer, "{\"held\":1}");
        self.write(vec![self.entry(Some(call), event)], vec![facts, answer]).await.unwrap();
    }

    /// A person says yes, and the held call runs.
    pub(crate) async fn approve(&self, call: u128) {
        let approved = Event::ApprovalApproved {
            approval: approval_id(self.run),
            by: name("grace"),
            reason: Some("looked at it".to_owned()),
            execute_by: Timestamp::from_millis(self.at + 30_000),
        };
        self.write(vec![self.entry(Some(call), approved)], Vec::new()).await.unwrap();
        let admitted = self.admitted("{\"second\":1}", vec![approval_id(self.run)]);
        let facts = self.payload(call, PayloadKind::Facts, "{\"second\":1}");
        self.write(vec![self.entry(Some(call), admitted)], vec![facts]).await.unwrap();
        let outcome = self.settled("{\"done\":1}", Some(UndoState::Armed));
        let answer = self.payload(call, PayloadKind::Answer, "{\"done\":1}");
        let settled = self.entry(Some(call), Event::CallSettled { outcome });
        self.write(vec![settled], vec![answer]).await.unwrap();
    }

    /// A call that is refused before its contract is known.
    pub(crate) async fn deny(&self, call: u128) {
        let answer = self.keyed("{\"denied\":1}");
        let code = Code::UnknownTool;
        let event = Event::CallDenied { subject: None, decision: None, code, answer };
        let payload = self.payload(call, PayloadKind::Answer, "{\"denied\":1}");
        self.write(vec![self.entry(Some(call), event)], vec![payload]).await.unwrap();
    }

    /// The same without its answer.
    pub(crate) fn denied(&self) -> Event {
        let (code, answer) = (Code::UnknownTool, digest(7));
        Event::CallDenied { subject: None, decision: None, code, answer }
    }

    /// Ends the run.
    pub(crate) async fn end(&self) {
        let outcome = Outcome {
            status: OutcomeStatus::Succeeded,
            reason: "the build is green".to_owned(),
            metric: None,
            evidence: vec!["https://ci.example/7".to_owned()],
        };
        self.write(vec![self.entry(None, Event::RunEnded { outcome })], Vec::new()).await.unwrap();
    }

    /// All of it: ten entries.
    pub(crate) async fn tell(&self) {
        self.open().await;
        self.read(1).await;
        self.act(2).await;
        self.hold(3).await;
        self.approve(3).await;
        self.deny(4).await;
        self.end().await;
    }
}

/// Entries that `tell` writes.
pub(crate) const TOLD: u64 = 10;
