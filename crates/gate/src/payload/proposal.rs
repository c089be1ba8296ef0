//! Twin of a proposal as it arrived: what a held call starts from again.
//!
//! In and out: `domain::Proposal`. `V` is the arguments and the input: values when read, canonical bytes when written.

use std::borrow::Cow;

use contract::Canonical;
use domain::{CallId, Confidence, EffectKind, Evidence, ExpectedEffect, Input, RunId, Scope};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::later;
use super::text::{Count, Text, Word, borrowed};

/// A proposal; keys in canonical order.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Proposal<'a, V> {
    #[serde(default, with = "later", skip_serializing_if = "Option::is_none")]
    after: Option<Option<Text<CallId>>>,
    #[serde(default, with = "later", skip_serializing_if = "Option::is_none")]
    answers: Option<Option<Text<CallId>>>,
    arguments: V,
    confidence: Option<Text<Confidence>>,
    detached: bool,
    evidence: Vec<Cow<'a, str>>,
    expected_effects: Vec<Expected>,
    form: Form,
    #[serde(default, with = "later", skip_serializing_if = "Option::is_none")]
    input: Option<Option<V>>,
    intent: Option<Cow<'a, str>>,
    key: Option<Cow<'a, str>>,
    run: Option<Text<RunId>>,
    tool: Cow<'a, str>,
}

/// Which form the bytes have; another one is another word.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Form {
    #[serde(rename = "checkrein-proposal-1")]
    One,
    /// Knows what a call stands on.
    #[serde(rename = "checkrein-proposal-2")]
    Two,
    /// Knows what the caller answered to the tool's questions.
    #[serde(rename = "checkrein-proposal-3")]
    Three,
    /// Knows which call asked them.
    #[serde(rename = "checkrein-proposal-4")]
    Four,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    count_max: Count,
    kind: Word<EffectKind>,
    resource: Text<Scope>,
}

impl<'a> Proposal<'a, Canonical<'a>> {
    /// The twin that is written.
    pub(super) fn writing(proposal: &'a domain::Proposal, form: Form) -> Self {
        let after = || Some(proposal.after.map(Text));
        let given = proposal.input.as_ref();
        let input = || Some(given.map(|input| Canonical(&input.given)));
        let answers = || Some(given.and_then(|input| input.answers).map(Text));
        let (after, input, answers) = match form {
            Form::One => (None, None, None),
            Form::Two => (after(), None, None),
            Form::Three => (after(), input(), None),
            Form::Four => (after(), input(), answers()),
        };
        Self {
            after,
            answers,
            arguments: Canonical(&proposal.arguments),
            confidence: proposal.confidence.map(Text),
            detached: proposal.detached,
            evidence: proposal.evidence.iter().map(|evidence| borrowed(&evidence.0)).collect(),
            expected_effects: proposal.expected_effects.iter().map(Expected::from).collect(),
            form,
            input,
            intent: proposal.intent.as_deref().map(borrowed),
            key: proposal.key.as_deref().map(borrowed),
            run: proposal.run.map(Text),
            tool: borrowed(&proposal.tool),
        }
    }
}

impl<V> Proposal<'_, V> {
    /// The form that was read.
    pub(super) fn form(&self) -> Form {
        self.form
    }
}

impl From<Proposal<'_, Value>> for domain::Proposal {
    fn from(twin: Proposal<'_, Value>) -> Self {
        let evidence = |text: Cow<'_, str>| Evidence(text.into_owned());
        let answers = twin.answers.flatten().map(|call| call.0);
        Self {
            tool: twin.tool.into_owned(),
            arguments: twin.arguments,
            intent: twin.intent.map(Cow::into_owned),
            expected_effects: twin.expected_effects.into_iter().map(Into::into).collect(),
            confidence: twin.confidence.map(|confidence| confidence.0),
            key: twin.key.map(Cow::into_owned),
            run: twin.run.map(|run| run.0),
            evidence: twin.evidence.into_iter().map(evidence).collect(),
            after: twin.after.flatten().map(|after| after.0),
            input: twin.input.flatten().map(|given| Input { given, answers }),
            detached: twin.detached,
        }
    }
}

impl From<&ExpectedEffect> for Expected {
    fn from(expected: &ExpectedEffect) -> Self {
        Self {
            count_max: Count(expected.count_max),
            kind: Word(expected.kind),
            resource: Text(expected.resource.clone()),
        }
    }
}

impl From<Expected> for ExpectedEffect {
    fn from(twin: Expected) -> Self {
        Self { kind: twin.kind.0, resource: twin.resource.0, count_max: twin.count_max.0 }
    }
}
