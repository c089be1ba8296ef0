//! Twin of an answer: the envelope that every surface shows, for success and failure alike.
//!
//! In and out: `domain::Answer`. `V` is the output: a value where the envelope is shown or read, canonical
//! bytes where it is digested. `null` stands where there is nothing, so the form is constant.

use std::borrow::Cow;

use contract::Canonical;
use domain::{
    CallId, Code, Digest, EffectKind, Executed, Fault, Money, Observation, Resource, RunId, Status,
    Timestamp,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::decision::Decision;
use super::text::{Count, Text, Word, borrowed};

/// An answer; keys in canonical order.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Answer<'a, V> {
    attempts: u32,
    call: Option<Text<CallId>>,
    cost: Cost,
    decision: Option<Decision<'a>>,
    diff: Option<Cow<'a, str>>,
    effects: Vec<Effect<'a>>,
    error: Option<Failure<'a>>,
    executed: Word<Executed>,
    /// The outer `None` leaves the key out: an entry cannot cover its own place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    journal: Option<Option<JournalPosition>>,
    output: Option<V>,
    replayed: bool,
    status: Word<Status>,
    undo: Option<UndoOffer<'a>>,
    warnings: Vec<Cow<'a, str>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cost {
    calls: Count,
    money: Text<Money>,
    read_bytes: Count,
    tokens: Count,
    wall_ms: Count,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Effect<'a> {
    after: Option<Text<Digest>>,
    before: Option<Text<Digest>>,
    kind: Word<EffectKind>,
    observation: Word<Observation>,
    resource: Cow<'a, str>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Failure<'a> {
    code: Word<Code>,
    docs: Cow<'a, str>,
    fault: Word<Fault>,
    fix: Cow<'a, str>,
    message: Cow<'a, str>,
    retryable: bool,
    title: Cow<'a, str>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct JournalPosition {
    hash: Text<Digest>,
    run: Option<Text<RunId>>,
    seq: Count,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct UndoOffer<'a> {
    how: Cow<'a, str>,
    until_ms: Count,
}

impl<'a> Answer<'a, Cow<'a, Value>> {
    /// The whole envelope.
    pub(super) fn showing(answer: &'a domain::Answer) -> Self {
        let journal = answer.journal.map(JournalPosition::from);
        Self { journal: Some(journal), ..Self::of(answer, Cow::Borrowed) }
    }
}

impl<'a> Answer<'a, Canonical<'a>> {
    /// The envelope without its place in the journal.
    pub(super) fn covered(answer: &'a domain::Answer) -> Self {
        Self::of(answer, Canonical)
    }
}

impl<'a, V> Answer<'a, V> {
    fn of(answer: &'a domain::Answer, output: impl FnOnce(&'a Value) -> V) -> Self {
        Self {
            attempts: answer.attempts,
            call: answer.call.map(Text),
            cost: Cost::from(answer.cost),
            decision: answer.decision.as_ref().map(Decision::from),
            diff: answer.diff.as_deref().map(borrowed),
            effects: answer.effects.iter().map(Effect::from).collect(),
            error: answer.error.as_ref().map(Failure::from),
            executed: Word(answer.executed),
            journal: None,
            output: answer.output.as_ref().map(output),
            replayed: answer.replayed,
            status: Word(answer.status),
            undo: answer.undo.as_ref().map(UndoOffer::from),
            warnings: answer.warnings.iter().map(|warning| borrowed(warning)).collect(),
        }
    }
}

impl From<Answer<'_, Value>> for domain::Answer {
    fn from(twin: Answer<'_, Value>) -> Self {
        Self {
            call: twin.call.map(|call| call.0),
            status: twin.status.0,
            executed: twin.executed.0,
            output: twin.output,
            error: twin.error.map(Into::into),
            decision: twin.decision.map(Into::into),
            effects: twin.effects.into_iter().map(Into::into).collect(),
            diff: twin.diff.map(Cow::into_owned),
            undo: twin.undo.map(Into::into),
            cost: twin.cost.into(),
            attempts: twin.attempts,
            replayed: twin.replayed,
            warnings: twin.warnings.into_iter().map(Cow::into_owned).collect(),
            journal: twin.journal.flatten().map(Into::into),
        }
    }
}

impl From<domain::Spent> for Cost {
    fn from(spent: domain::Spent) -> Self {
        Self {
            calls: Count(spent.calls),
            money: Text(spent.money),
            read_bytes: Count(spent.read_bytes),
            tokens: Count(spent.tokens),
            wall_ms: Count(spent.wall_ms),
        }
    }
}

impl From<Cost> for domain::Spent {
    fn from(twin: Cost) -> Self {
        Self {
            money: twin.money.0,
            tokens: twin.tokens.0,
            calls: twin.calls.0,
            read_bytes: twin.read_bytes.0,
            wall_ms: twin.wall_ms.0,
        }
    }
}

impl<'a> From<&'a domain::Effect> for Effect<'a> {
    fn from(effect: &'a domain::Effect) -> Self {
        Self {
            after: effect.after.map(Text),
            before: effect.before.map(Text),
            kind: Word(effect.kind),
            observation: Word(effect.observation),
            resource: borrowed(effect.resource.as_str()),
        }
    }
}

impl From<Effect<'_>> for domain::Effect {
    fn from(twin: Effect<'_>) -> Self {
        Self {
            kind: twin.kind.0,
            resource: Resource::new(twin.resource),
            before: twin.before.map(|digest| digest.0),
            after: twin.after.map(|digest| digest.0),
            observation: twin.observation.0,
        }
    }
}

impl<'a> From<&'a domain::Failure> for Failure<'a> {
    fn from(failure: &'a domain::Failure) -> Self {
        let row = failure.code.row();
        Self {
            code: Word(failure.code),
            docs: Cow::Owned(format!("docs/errors/{}.md", row.shown)),
            fault: Word(row.fault),
            fix: borrowed(&failure.fix),
            message: borrowed(&failure.message),
            retryable: row.retryable,
            title: borrowed(row.title),
        }
    }
}

impl From<Failure<'_>> for domain::Failure {
    fn from(twin: Failure<'_>) -> Self {
        Self { code: twin.code.0, message: twin.message.into_owned(), fix: twin.fix.into_owned() }
    }
}

impl From<domain::JournalPosition> for JournalPosition {
    fn from(position: domain::JournalPosition) -> Self {
        Self { hash: Text(position.hash), run: position.run.map(Text), seq: Count(position.seq) }
    }
}

impl From<JournalPosition> for domain::JournalPosition {
    fn from(twin: JournalPosition) -> Self {
        Self { run: twin.run.map(|run| run.0), seq: twin.seq.0, hash: twin.hash.0 }
    }
}

impl<'a> From<&'a domain::UndoOffer> for UndoOffer<'a> {
    fn from(offer: &'a domain::UndoOffer) -> Self {
        Self { how: borrowed(&offer.how), until_ms: Count(offer.until.millis()) }
    }
}

impl From<UndoOffer<'_>> for domain::UndoOffer {
    fn from(twin: UndoOffer<'_>) -> Self {
        Self { how: twin.how.into_owned(), until: Timestamp::from_millis(twin.until_ms.0) }
    }
}
