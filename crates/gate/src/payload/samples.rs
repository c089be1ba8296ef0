//! Answers for tables and snapshots: one with everything, one with nothing.
//!
//! One value with everything set, so that a snapshot shows every field.

use std::time::Duration;

use domain::{
    Answer, Assurance, CallId, Code, Decision, Digest, Duty, DutyKind, Effect, EffectKind,
    Escalation, Executed, Failure, JournalPosition, Money, Observation, PolicyPlace, Reason,
    Requirement, Resource, RunId, Spent, Status, Strength, Tier, Timestamp, UndoOffer,
};
use serde_json::json;
use uuid::Uuid;

/// A held call's answer with every part, those that never come together as well.
pub(super) fn held_answer() -> Answer {
    let reason = Reason {
        strength: Strength::Hold,
        text: "changes under prod/ wait for a person".into(),
        policy: Some(PolicyPlace { id: "prod".into(), file: "starter.cedar".into(), line: 12 }),
    };
    let requirement = Requirement {
        id: "prod".into(),
        group: "group:oncall".into(),
        decide_within: Duration::from_secs(60),
        execute_within: Duration::from_millis(1_500),
        quorum: 2,
        assurance: Assurance::Passkey,
        escalate: Some(Escalation { after: Duration::from_secs(30), group: "group:leads".into() }),
    };
    let duty = Duty {
        kind: DutyKind::Review,
        id: "look".into(),
        group: "group:oncall".into(),
        within: Some(Duration::from_secs(3_600)),
    };
    let decision = Decision {
        verdict: Strength::Hold,
        tier: Tier::Three,
        reasons: vec![reason],
        requirements: vec![requirement],
        duties: vec![duty],
        policy: Digest::new([1; 32]),
        shadow: false,
    };
    let effect = Effect {
        kind: EffectKind::Modified,
        resource: Resource::new("workspace:prod/a.toml"),
        before: Some(Digest::new([2; 32])),
        after: None,
        observation: Observation::Expected,
    };
    Answer {
        call: Some(CallId::new(Uuid::from_u128(1))),
        status: Status::Held,
        executed: Executed::No,
        output: Some(json!({"a": [1, null], "z": 0.5})),
        error: Some(Failure {
            code: Code::Held,
            message: "NOT EXECUTED".into(),
            fix: "wait for it".into(),
        }),
        decision: Some(decision),
        effects: vec![effect],
        diff: Some("-a\n+b\n".into()),
        undo: Some(UndoOffer { how: "undo the call".into(), until: Timestamp::from_millis(99) }),
        cost: Spent {
            money: Money::from_micros(12_500_000),
            tokens: 3,
            calls: 1,
            read_bytes: 10,
            wall_ms: 7,
        },
        attempts: 1,
        replayed: false,
        warnings: vec!["look at it".into()],
        journal: Some(JournalPosition {
            run: Some(RunId::new(Uuid::from_u128(2))),
            seq: 41,
            hash: Digest::new([3; 32]),
        }),
    }
}

/// An answer with nothing that can be missing.
pub(super) fn empty_answer() -> Answer {
    Answer {
        call: None,
        status: Status::Denied,
        executed: Executed::No,
        output: None,
        error: None,
        decision: None,
        effects: Vec::new(),
        diff: None,
        undo: None,
        cost: Spent::default(),
        attempts: 0,
        replayed: false,
        warnings: Vec::new(),
        journal: None,
    }
}
