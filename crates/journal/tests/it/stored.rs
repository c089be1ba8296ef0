//! The stored form: every event survives, in canonical bytes, and nothing else is read.
//! An independent canonicalizer (RFC 8785) is the measure.

use std::collections::BTreeSet;

use domain::{
    Amounts, Assurance, BudgetScope, CheckKind, CheckVerdict, Classification, Code, Decision,
    Digest, Duty, DutyKind, Effect, EffectKind, Entry, Escalation, Event, Executed, Exported,
    Grant, GrantState, Groups, KeyHolder, KeyId, Lever, LeverReceipt, Login, Mode, Money,
    Observation, OnExceeded, Operator, Outcome, OutcomeStatus, Passkey, PasskeyUse, PermitId,
    Person, PersonState, PolicyPlace, Reason, Replaced, Replay, Requirement, Reservation, Resource,
    ReviewVerdict, Rights, Role, Roles, RolledBack, Run, RunState, SessionEnd, Settled, Shown,
    Spent, Status, StepMove, Stop, StopId, StopLevel, StopScope, StopState, Stopped, StoppedCall,
    Strength, Subject, Surface, TicketKind, Tier, Timestamp, UndoState, Vote, WriterId,
};
use journal::{Record, kind};
use proptest::prelude::*;
use std::time::Duration;
use uuid::Uuid;

use crate::story::{approval_id, call_id, chain, digest, grant_id, name, run_id};

/// What one sample is made of: texts, numbers and a number that picks among words.
#[derive(Debug, Clone)]
struct Seed {
    text: String,
    number: u64,
    pick: usize,
    byte: u8,
}

fn seeds() -> impl Strategy<Value = Seed> {
    let number = prop_oneof![0..100_u64, Just((1 << 53) - 1), Just(1 << 53), Just(u64::MAX)];
    (any::<String>(), number, any::<usize>(), any::<u8>())
        .prop_map(|(text, number, pick, byte)| Seed { text, number, pick, byte })
}

impl Seed {
    fn one<T: Copy>(&self, all: &[T]) -> T {
        all[self.pick % all.len()]
    }

    fn digest(&self) -> Digest {
        digest(self.byte)
    }

    fn maybe<T>(&self, value: T) -> Option<T> {
        self.pick.is_multiple_of(2).then_some(value)
    }

    fn at(&self) -> Timestamp {
        Timestamp::from_millis(self.number)
    }

    fn amounts(&self) -> Amounts {
        Amounts { calls: self.number, ..Amounts::<u64>::each(|_| u64::from(self.byte)) }
    }

    fn scope(&self) -> BudgetScope {
        if self.byte.is_multiple_of(2) {
            BudgetScope::Run(run_id(1))
        } else {
            BudgetScope::GrantDay(grant_id(), self.number)
        }
    }

    fn limit(&self) -> Amounts<Option<u64>> {
        let amounts = self.amounts();
        Amounts::<u64>::each(|dimension| self.maybe(amounts.of(dimension)))
    }

    fn reservation(&self) -> Reservation {
        Reservation { scopes: vec![self.scope()], amounts: self.amounts() }
    }

    fn spent(&self) -> Spent {
        let money = Money::from_micros(self.number);
        Spent { money, tokens: self.number, calls: 1, read_bytes: 2, wall_ms: 3 }
    }

    fn subject(&self) -> Subject {
        Subject {
            grant: grant_id(),
            chain: chain(),
            tool: "files.write".parse().unwrap(),
            contract: self.digest(),
            effect_class: self.one(domain::EffectClass::ALL),
            consequences: domain::Consequence::ALL.iter().copied().skip(self.pick % 9).collect(),
            resource: self.text.clone(),
            arguments: self.digest(),
            facts: self.digest(),
            ledger: self.maybe(self.digest()),
            ledger_arguments: self.digest(),
            received: self.at(),
            detached: self.byte.is_multiple_of(2),
        }
    }

    fn requirement(&self) -> Requirement {
        Requirement {
            id: self.text.clone(),
            group: self.text.clone(),
            decide_within: Duration::from_millis(self.number >> 12),
            execute_within: Duration::from_millis(1),
            quorum: self.byte % 3 + 1,
            assurance: self.one(Assurance::ALL),
            escalate: self.maybe(Escalation {
                after: Duration::from_millis(self.number >> 13),
                group: self.text.clone(),
            }),
        }
    }

    fn vote(&self) -> Vote {
        Vote {
            by: name("ada"),
            at: self.at(),
            reason: self.maybe(self.text.clone()),
            assurance: self.one(Assurance::ALL),
            surface: self.one(Surface::ALL),
            shown: self.maybe(Shown { digest: self.digest(), chars: self.number >> 12 }),
        }
    }

    fn decision(&self) -> Decision {
        let file = self.text.clone();
        let place = PolicyPlace { id: "x".to_owned(), file, line: u32::from(self.byte) };
        let strength = self.one(Strength::ALL);
        Decision {
            verdict: strength,
            tier: self.one(Tier::ALL),
            reasons: vec![Reason { strength, text: self.text.clone(), policy: self.maybe(place) }],
            requirements: vec![self.requirement()],
            duties: vec![Duty {
                kind: self.one(DutyKind::ALL),
                id: self.text.clone(),
                group: self.text.clone(),
                within: self.maybe(Duration::from_millis(self.number >> 12)),
            }],
            policy: self.digest(),
            shadow: self.byte.is_multiple_of(2),
        }
    }

    fn settled(&self) -> Settled {
        Settled {
            status: self.one(Status::ALL),
            executed: self.one(Executed::ALL),
            code: self.maybe(self.code()),
            effects: vec![Effect {
                kind: self.one(EffectKind::ALL),
                resource: Resource::new(self.text.clone()),
                before: self.maybe(self.digest()),
                after: Some(self.digest()),
                observation: self.one(Observation::ALL),
            }],
            spent: self.spent(),
            reservation: self.reservation(),
            answer: self.digest(),
            undo: self.maybe(self.one(UndoState::ALL)),
            freed: self.maybe(self.digest()),
            attempts: self.number,
        }
    }

    fn code(&self) -> Code {
        Code::TABLE[self.pick % Code::TABLE.len()].code
    }

    fn stop(&self) -> Stop {
        let scopes = [
            StopScope::Everything,
            StopScope::Tenant(name("t")),
            StopScope::Workflow(name("t"), name("w")),
            StopScope::Agent(name("t"), name("a")),
            StopScope::Tool("files.write".parse().unwrap()),
            StopScope::Server(name("s")),
            StopScope::Run(run_id(1)),
            StopScope::Call(call_id(1, 1)),
        ];
        Stop {
            id: StopId::new(Uuid::from_u128(1)),
            scope: scopes[self.pick % scopes.len()].clone(),
            level: self.one(StopLevel::ALL),
            reason: self.text.clone(),
            by: name("ada"),
            at: self.at(),
            state: self.one(StopState::ALL),
        }
    }

    fn grant(&self) -> Grant {
        Grant {
            id: grant_id(),
            chain: chain(),
            rights: Rights {
                tools: vec![self.text.clone()],
                spaces: vec![name("s")],
                workflows: Vec::new(),
            },
            expires: self.maybe(self.at()),
            state: self.one(GrantState::ALL),
        }
    }

    fn holder(&self) -> KeyHolder {
        let tenant = name("t");
        if self.pick.is_multiple_of(2) {
            KeyHolder::Grant { tenant, grant: grant_id() }
        } else {
            KeyHolder::Operator {
                tenant,
                name: name("ada"),
                roles: self.roles(),
                groups: self.groups(),
            }
        }
    }

    fn roles(&self) -> Roles {
        Role::ALL.iter().copied().filter(|role| (self.pick >> (*role as usize)) & 1 == 1).collect()
    }

    fn groups(&self) -> Groups {
        let names = ["leads", "ops"].into_iter().take(self.pick % 3);
        if self.byte.is_multiple_of(3) {
            Groups::All
        } else {
            Groups::Named(names.map(name).collect())
        }
    }

    fn run(&self) -> Run {
        Run {
            id: run_id(1),
            workflow: name("w"),
            space: name("s"),
            grant: grant_id(),
            chain: chain(),
            purpose: self.text.clone(),
            ambient: self.byte.is_multiple_of(2),
            opened: self.at(),
            state: self.one(RunState::ALL),
        }
    }

    /// One event of every kind.
    fn events(&self) -> Vec<Event> {
        let mut all = self.of_the_installation();
        all.extend(self.of_stops());
        all.extend(self.of_people());
        all.extend(self.of_outlets());
        all.extend(self.of_tools());
        all.extend(self.of_runs());
        all.extend(self.of_calls());
        all.extend(self.of_decisions());
        all
    }

    fn of_the_installation(&self) -> Vec<Event> {
        let (by, reason) = (name("ada"), self.text.clone());
        let (writer, version) = (WriterId::new(Uuid::from_u128(3)), self.digest());
        let key = KeyId::new(Uuid::from_u128(4));
        vec![
            Event::WriterOpened { writer, program: self.text.clone() },
            Event::WriterSealed { writer, seq: self.number, hash: self.digest() },
            Event::PolicyLoaded { version, policies: self.number },
            Event::ContractsLoaded { version, tools: self.number },
            Event::ConfigurationLoaded { version },
            Event::ModeSet {
                space: name("s"),
                mode: self.one(Mode::ALL),
                by: by.clone(),
                reason: self.maybe(reason.clone()),
            },
            Event::GrantGiven { grant: self.grant(), by: by.clone() },
            Event::GrantRevoked { grant: grant_id(), by: by.clone(), reason: reason.clone() },
            Event::KeyMade { key, holder: self.holder(), verifier: version, by: by.clone() },
            Event::KeyRevoked { key, by: by.clone(), reason: reason.clone() },
            Event::LoginsRefused { count: self.number },
            Event::StopOrdered { stop: self.stop(), epoch: self.number },
            Event::StopLifted { stop: StopId::new(Uuid::from_u128(1)), by, reason },
        ]
    }

    fn of_stops(&self) -> Vec<Event> {
        let Stop { id: stop, scope, by, .. } = self.stop();
        let (act, reason) = (call_id(1, 1), self.maybe(self.text.clone()));
        let levers = vec![LeverReceipt {
            lever: self.one(Lever::ALL),
            reached: self.number,
            acknowledged: self.number >> 1,
            unknown: self.number >> 2,
            missing: self.number >> 3,
            took_ms: self.number >> 12,
        }];
        let calls = vec![StoppedCall {
            call: act,
            became: self.one(Stopped::ALL),
            took_ms: self.number >> 12,
        }];
        let rolled = RolledBack { act, became: self.maybe(self.one(UndoState::ALL)), reason };
        vec![
            Event::RollbackOrdered { stop, tenant: name("t"), by: by.clone(), acts: vec![act] },
            Event::RollbackEnded { stop, acts: vec![rolled] },
            Event::StopReceipted { stop, levers: levers.clone(), calls },
            Event::StopDrilled { by, scope, levers },
        ]
    }

    fn of_people(&self) -> Vec<Event> {
        let (by, tenant, person) = (name("ada"), name("t"), name("bob"));
        let (id, session) = (self.text.clone(), KeyId::new(Uuid::from_u128(4)));
        let account = Person {
            tenant: tenant.clone(),
            name: person.clone(),
            roles: self.roles(),
            groups: self.groups(),
            state: self.one(PersonState::ALL),
        };
        let passkey = Passkey {
            id: id.clone(),
            tenant: tenant.clone(),
            person: person.clone(),
            title: self.text.clone(),
            public_key: self.text.clone(),
            counter: u32::from(self.byte),
        };
        vec![
            Event::PersonMade { person: account.clone(), by: by.clone() },
            Event::PersonChanged { person: account, by: by.clone(), reason: self.text.clone() },
            Event::PersonLinked {
                tenant: tenant.clone(),
                person: person.clone(),
                issuer: name("corp"),
                identity: self.digest(),
                by: by.clone(),
            },
            Event::PersonUnlinked {
                tenant: tenant.clone(),
                person: person.clone(),
                issuer: name("slack"),
                identity: self.digest(),
                by: by.clone(),
            },
            Event::PasskeyAdded { passkey, by: by.clone() },
            Event::PasskeyRemoved {
                tenant: tenant.clone(),
                person: person.clone(),
                passkey: id.clone(),
                by: by.clone(),
            },
            Event::TicketsMade {
                tenant: tenant.clone(),
                person: person.clone(),
                kind: self.one(TicketKind::ALL),
                verifiers: vec![self.digest()],
                until: self.maybe(self.at()),
                replaced: vec![digest(7)],
                by: by.clone(),
            },
            Event::SessionOpened {
                session,
                tenant,
                person,
                verifier: self.digest(),
                login: self.one(Login::ALL),
                ticket: self.maybe(self.digest()),
                passkey: self.maybe(PasskeyUse { passkey: id, counter: u32::from(self.byte) }),
                until: self.at(),
            },
            Event::SessionUsed { session, until: Timestamp::from_millis(7) },
            Event::SessionEnded { session, why: self.one(SessionEnd::ALL), by: self.maybe(by) },
        ]
    }

    fn of_outlets(&self) -> Vec<Event> {
        let outlet = || name("slack");
        let (position, part) = (self.number, self.number);
        vec![
            Event::OutletMoved { outlet: outlet(), position },
            Event::OutletTold { outlet: outlet(), position, part },
            Event::OutletShowed {
                outlet: outlet(),
                about: self.text.clone(),
                place: self.maybe(self.text.clone()),
                shown: self.maybe(self.digest()),
            },
            Event::OutletGaveUp {
                outlet: outlet(),
                position,
                part,
                tries: self.number,
                reason: self.text.clone(),
            },
            Event::MessageTaken {
                outlet: outlet(),
                message: self.digest(),
                person: name("bob"),
                surface: self.one(Surface::ALL),
                approval: self.maybe(approval_id(8)),
                outcome: self.text.clone(),
            },
            Event::CallbackAsked { outlet: outlet() },
        ]
    }

    fn of_tools(&self) -> Vec<Event> {
        let tool = || "files.write".parse().unwrap();
        let (by, reason) = (name("ada"), self.text.clone());
        let (definition, seen) = (self.digest(), digest(7));
        let classification = Classification {
            effect_class: self.one(domain::EffectClass::ALL),
            consequences: domain::Consequence::ALL.iter().copied().skip(self.pick % 9).collect(),
            resource: self.maybe(self.text.clone()),
        };
        vec![
            Event::ToolPinned {
                tool: tool(),
                server: name("files"),
                definition,
                by: self.maybe(by.clone()),
            },
            Event::ToolDrifted { tool: tool(), pinned: definition, seen },
            Event::ToolRefused { tool: tool(), seen, by: by.clone(), reason: reason.clone() },
            Event::ToolClassified { tool: tool(), definition, classification, by, reason },
        ]
    }

    fn of_runs(&self) -> Vec<Event> {
        let (by, reason, limit) = (name("ada"), self.text.clone(), self.limit());
        let on_exceeded = self.one(OnExceeded::ALL);
        let outcome = Outcome {
            status: self.one(OutcomeStatus::ALL),
            reason: reason.clone(),
            metric: self.maybe(reason.clone()),
            evidence: vec![reason.clone()],
        };
        let operator = Operator {
            tenant: name("t"),
            name: by.clone(),
            roles: self.roles(),
            groups: self.groups(),
            assurance: self.one(domain::Assurance::ALL),
            key: KeyId::new(Uuid::from_u128(4)),
        };
        let (scope, by_amounts) = (self.scope(), self.amounts());
        vec![
            Event::RunOpened { run: self.run(), limit, on_exceeded },
            Event::RunPaused { reason: reason.clone() },
            Event::RunResumed { by: by.clone(), reason: reason.clone() },
            Event::RunEnded { outcome },
            Event::BudgetOpened { scope, limit, on_exceeded },
            Event::BudgetRaised { scope, by_amounts, by, reason },
            Event::SliceLeased { reservation: self.reservation() },
            Event::SliceReturned { reservation: self.reservation() },
            Event::RunExported { by: operator, with_payloads: self.one(Exported::ALL) },
        ]
    }

    #[expect(clippy::too_many_lines, reason = "a list of samples")]
    fn of_calls(&self) -> Vec<Event> {
        let (subject, decision, answer) = (self.subject(), self.decision(), self.digest());
        let (reason, by, code) = (self.text.clone(), self.text.clone(), self.code());
        let (ledger, permit) = (self.maybe(answer), PermitId::new(Uuid::from_u128(5)));
        vec![
            Event::CallDenied {
                subject: self.maybe(subject.clone()),
                decision: self.maybe(decision.clone()),
                code,
                answer,
            },
            Event::CallHeld {
                subject: subject.clone(),
                decision: decision.clone(),
                requests: vec![(approval_id(1), self.requirement())],
                binding: answer,
                answer,
            },
            Event::CallQueued {
                subject: subject.clone(),
                decision: decision.clone(),
                leaves: self.at(),
                used: vec![approval_id(1)],
                was_held: self.byte.is_multiple_of(2),
                answer,
            },
            Event::CallAdmitted {
                subject: subject.clone(),
                decision: decision.clone(),
                permit,
                plan: ledger,
                reservation: self.reservation(),
                used: vec![approval_id(1)],
                undo_until: self.maybe(self.at()),
                undoes: self.maybe(call_id(1, 2)),
                was_held: self.byte.is_multiple_of(2),
            },
            Event::PreviewAdmitted { subject: subject.clone(), permit },
            Event::PreviewSettled { plan: ledger, code: self.maybe(code) },
            Event::ReadSettled { subject, decision, outcome: self.settled() },
            Event::CallSettled { outcome: self.settled() },
            Event::CallLost { reason: reason.clone(), answer: ledger },
            Event::CallResolved {
                executed: self.one(Executed::ALL),
                by: by.clone(),
                reason: reason.clone(),
                spent: self.spent(),
                reservation: self.reservation(),
                undo: self.maybe(self.one(UndoState::ALL)),
            },
            Event::AttemptFailed {
                attempt: self.number,
                code,
                executed: self.one(Executed::ALL),
                reason: reason.clone(),
                not_before: self.at(),
            },
            Event::AttemptAdmitted { attempt: self.number, permit },
            Event::CallProbed {
                probe: call_id(1, 2),
                found: self.one(Executed::ALL),
                by: by.clone(),
                reason: reason.clone(),
            },
            Event::CallLinked { other: call_id(1, 2), link: self.one(domain::CallLink::ALL) },
            Event::DeadLettered {
                why: self.one(domain::DeadReason::ALL),
                attempts: self.number,
                agent: name("builder"),
                tool: "files.write".parse().unwrap(),
                resource: reason.clone(),
            },
            Event::DeadLetterMoved {
                to: self.one(domain::DeadLetterState::ALL),
                by: by.clone(),
                reason: reason.clone(),
                redriven_as: self.maybe(call_id(1, 2)),
                ledger,
            },
            Event::CallCancelled {
                by: by.clone(),
                reason: reason.clone(),
                code,
                ledger,
                reservation: self.maybe(self.reservation()),
                answer: ledger,
            },
            Event::HeldCallDenied {
                subject: self.maybe(self.subject()),
                decision: self.maybe(self.decision()),
                code,
                by,
                reason: reason.clone(),
                ledger,
                answer,
            },
            Event::CallSuperseded {
                by_call: self.maybe(call_id(1, 2)),
                reason,
                ledger,
                by: self.maybe(name("ada")),
            },
            Event::AnswerGiven { code: self.maybe(code), answer, replayed: self.one(Replay::ALL) },
        ]
    }

    fn of_decisions(&self) -> Vec<Event> {
        let (approval, by, reason) = (approval_id(1), name("ada"), self.text.clone());
        vec![
            Event::ApprovalApproved {
                approval,
                by: by.clone(),
                reason: self.maybe(reason.clone()),
                execute_by: self.at(),
            },
            Event::ApprovalRejected { approval, by: by.clone(), reason: reason.clone() },
            Event::ApprovalExpired { approval },
            Event::ApprovalClosed { approval, superseded: self.one(Replaced::ALL) },
            Event::ApprovalVoted { approval, vote: self.vote() },
            Event::ApprovalEscalated { approval, group: reason.clone() },
            Event::ApprovalQuestioned {
                approval,
                by: by.clone(),
                question: reason.clone(),
                answer: self.digest(),
            },
            Event::EvidenceGiven { evidence: vec![reason.clone()] },
            Event::DutyDone {
                duty: reason.clone(),
                by: by.clone(),
                note: self.maybe(reason.clone()),
                verdict: self.maybe(self.one(ReviewVerdict::ALL)),
            },
            Event::DutyOverdue { duty: reason.clone() },
            Event::IncidentOpened { duty: reason.clone(), by: by.clone(), reason: reason.clone() },
            Event::IncidentClosed { duty: reason.clone(), by, reason: reason.clone() },
            Event::CheckMade {
                of: call_id(1, 1),
                kind: self.one(CheckKind::ALL),
                name: reason.clone(),
                verdict: self.one(CheckVerdict::ALL),
                found: reason.clone(),
            },
            Event::StepMoved {
                moved: StepMove {
                    procedure: name("deploy"),
                    space: name("lab"),
                    resource: reason.clone(),
                    state: self.maybe(name("checked")),
                    taking: self.maybe(name("applied")),
                    failed: self.maybe(name("planned")),
                    by: call_id(1, 1),
                    until: self.at(),
                },
            },
            Event::UndoMoved {
                of: call_id(1, 1),
                to: self.one(UndoState::ALL),
                reason: self.maybe(reason),
            },
            Event::OriginalsErased { of: call_id(1, 1) },
        ]
    }

    fn record(&self, event: Event) -> Record {
        let entry = Entry {
            at: Timestamp::from_millis(1_750_000_000_000),
            tenant: self.maybe(name("acme")),
            run: self.maybe(run_id(1)),
            call: self.maybe(call_id(1, 1)),
            event,
        };
        let writer = WriterId::new(Uuid::from_u128(9));
        let call_prev = self.maybe(self.digest());
        Record { writer, seq: 7, prev: self.digest(), call_prev, entry }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_event_survives_in_canonical_form(seed in seeds()) {
        for event in seed.events() {
            let record = seed.record(event);
            let bytes = record.write().unwrap();
            let independent: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
            let canonical = serde_json_canonicalizer::to_vec(&independent).unwrap();
            prop_assert_eq!(String::from_utf8(bytes.clone()), String::from_utf8(canonical));
            prop_assert_eq!(Record::read(&bytes).unwrap(), record);
        }
    }
}

/// Whoever adds an event adds a sample, and raises the number.
#[test]
fn the_samples_hold_every_kind_of_event() {
    let seed = Seed { text: "x".to_owned(), number: 1, pick: 0, byte: 0 };
    let kinds: BTreeSet<String> = seed.events().iter().map(kind).collect();
    assert_eq!(kinds.len(), seed.events().len());
    assert_eq!(kinds.len(), 82, "{kinds:?}");
}

#[test]
fn the_form_of_an_entry_is_what_the_guide_says() {
    let seed = Seed { text: "a \"b\"\n\u{1}é".to_owned(), number: 1 << 53, pick: 0, byte: 0 };
    let record = seed.record(Event::WriterSealed {
        writer: WriterId::new(Uuid::from_u128(3)),
        seq: 1 << 53,
        hash: digest(0),
    });
    let zeros = "00".repeat(32);
    let expect = format!(
        "{{\"at_ms\":1750000000000,\"call\":\"{call}\",\"call_prev\":\"{zeros}\",\"event\":{{\
        \"writer_sealed\":{{\"hash\":\"{zeros}\",\"seq\":\"9007199254740992\",\
        \"writer\":\"writer_00000000000000000000000000000003\"}}}},\"prev\":\"{zeros}\",\
        \"run\":\"{run}\",\"seq\":7,\"tenant\":\"acme\",\"v\":1,\
        \"writer\":\"writer_00000000000000000000000000000009\"}}",
        call = call_id(1, 1),
        run = run_id(1),
    );
    assert_eq!(String::from_utf8(record.write().unwrap()).unwrap(), expect);
}

/// Keys had one role once, with the rights of those before it. Their entries are signed and stay as they are.
#[test]
fn a_key_of_the_time_of_single_roles_keeps_its_bytes_and_its_rights() {
    let seed = Seed { text: "x".to_owned(), number: 1, pick: 0, byte: 0 };
    let rights = |word: &str| -> Vec<&str> {
        let holder = format!(r#"{{"operator":{{"name":"ada","role":"{word}","tenant":"local"}}}}"#);
        let key = KeyId::new(Uuid::from_u128(4));
        let holder_now = KeyHolder::Operator {
            tenant: name("local"),
            name: name("ada"),
            roles: Roles::of_old_word(word).unwrap(),
            groups: Groups::All,
        };
        let event =
            Event::KeyMade { key, holder: holder_now, verifier: digest(1), by: name("ada") };
        let body = String::from_utf8(seed.record(event.clone()).write().unwrap()).unwrap();
        assert!(body.contains(&holder), "{body}");
        let Event::KeyMade { holder: KeyHolder::Operator { roles, .. }, .. } =
            Record::read(body.as_bytes()).unwrap().entry.event
        else {
            return Vec::new();
        };
        roles.rights().map(domain::Right::word).collect()
    };
    assert_eq!(rights("auditor"), ["see", "audit"]);
    assert_eq!(rights("operator"), ["see", "operate", "decide", "audit"]);
    assert_eq!(rights("admin").len(), domain::Right::ALL.len());
}

#[test]
fn a_mode_that_was_set_before_reasons_were_asked_for_keeps_its_bytes() {
    let seed = Seed { text: "x".to_owned(), number: 1, pick: 0, byte: 0 };
    let (space, by) = (name("s"), name("ada"));
    let record = seed.record(Event::ModeSet { space, mode: Mode::Shadow, by, reason: None });
    let bytes = String::from_utf8(record.write().unwrap()).unwrap();
    let old = "\"event\":{\"mode_set\":{\"by\":\"ada\",\"mode\":\"shadow\",\"space\":\"s\"}}";
    assert!(bytes.contains(old), "{bytes}");
    assert_eq!(Record::read(bytes.as_bytes()).unwrap(), record);
}

#[test]
fn nothing_but_the_canonical_form_is_read() {
    let seed = Seed { text: "x".to_owned(), number: 1, pick: 0, byte: 0 };
    let good = seed.record(Event::RunPaused { reason: "x".to_owned() }).write().unwrap();
    let good = String::from_utf8(good).unwrap();
    assert!(Record::read(good.as_bytes()).is_ok());
    for (from, to) in [
        ("\"v\":1", "\"v\":2"),
        ("\"v\":1", "\"v\":1,\"w\":1"),
        ("\"v\":1", "\"v\": 1"),
        ("\"seq\":7", "\"seq\":\"7\""),
        ("\"reason\":\"x\"", "\"reason\":\"x\",\"more\":1"),
        ("\"reason\":\"x\"", "\"reason\":\"\\u0078\""),
        ("\"reason\":\"x\"", ""),
        ("\"run_paused\"", "\"run_poused\""),
        ("\"tenant\":\"acme\"", "\"tenant\":\"Acme\""),
        ("\"tenant\":\"acme\",", ""),
    ] {
        let bad = good.replacen(from, to, 1);
        assert_ne!(bad, good);
        assert!(Record::read(bad.as_bytes()).is_err(), "{bad}");
    }
}
