//! Twin of a decision: verdict, tier, reasons, requirements and duties, as the answer carries it.
//!
//! In and out: `domain::Decision`. Durations travel in whole milliseconds; policies state none finer.

use std::borrow::Cow;
use std::time::Duration;

use domain::{Assurance, Digest, DutyKind, Strength, Tier};
use serde::{Deserialize, Serialize};

use super::text::{Count, Text, Word, borrowed, millis};

/// A decision; keys in canonical order.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Decision<'a> {
    duties: Vec<Duty<'a>>,
    policy: Text<Digest>,
    reasons: Vec<Reason<'a>>,
    requirements: Vec<Requirement<'a>>,
    shadow: bool,
    tier: Word<Tier>,
    verdict: Word<Strength>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Duty<'a> {
    group: Cow<'a, str>,
    id: Cow<'a, str>,
    kind: Word<DutyKind>,
    // Left out where there is none, as in a requirement: earlier answers did not know it, and keep their bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    within_ms: Option<Count>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reason<'a> {
    policy: Option<PolicyPlace<'a>>,
    strength: Word<Strength>,
    text: Cow<'a, str>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyPlace<'a> {
    file: Cow<'a, str>,
    id: Cow<'a, str>,
    line: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Requirement<'a> {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    assurance: Option<Word<Assurance>>,
    decide_within_ms: Count,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    escalate: Option<Escalation<'a>>,
    execute_within_ms: Count,
    group: Cow<'a, str>,
    id: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    quorum: Option<u8>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Escalation<'a> {
    after_ms: Count,
    group: Cow<'a, str>,
}

impl<'a> From<&'a domain::Decision> for Decision<'a> {
    fn from(decision: &'a domain::Decision) -> Self {
        Self {
            duties: decision.duties.iter().map(Duty::from).collect(),
            policy: Text(decision.policy),
            reasons: decision.reasons.iter().map(Reason::from).collect(),
            requirements: decision.requirements.iter().map(Requirement::from).collect(),
            shadow: decision.shadow,
            tier: Word(decision.tier),
            verdict: Word(decision.verdict),
        }
    }
}

impl From<Decision<'_>> for domain::Decision {
    fn from(twin: Decision<'_>) -> Self {
        Self {
            verdict: twin.verdict.0,
            tier: twin.tier.0,
            reasons: twin.reasons.into_iter().map(Into::into).collect(),
            requirements: twin.requirements.into_iter().map(Into::into).collect(),
            duties: twin.duties.into_iter().map(Into::into).collect(),
            policy: twin.policy.0,
            shadow: twin.shadow,
        }
    }
}

impl<'a> From<&'a domain::Duty> for Duty<'a> {
    fn from(duty: &'a domain::Duty) -> Self {
        Self {
            group: borrowed(&duty.group),
            id: borrowed(&duty.id),
            kind: Word(duty.kind),
            within_ms: duty.within.map(millis),
        }
    }
}

impl From<Duty<'_>> for domain::Duty {
    fn from(twin: Duty<'_>) -> Self {
        Self {
            kind: twin.kind.0,
            id: twin.id.into_owned(),
            group: twin.group.into_owned(),
            within: twin.within_ms.map(|within| Duration::from_millis(within.0)),
        }
    }
}

impl<'a> From<&'a domain::Reason> for Reason<'a> {
    fn from(reason: &'a domain::Reason) -> Self {
        let place = |place: &'a domain::PolicyPlace| PolicyPlace {
            file: borrowed(&place.file),
            id: borrowed(&place.id),
            line: place.line,
        };
        Self {
            policy: reason.policy.as_ref().map(place),
            strength: Word(reason.strength),
            text: borrowed(&reason.text),
        }
    }
}

impl From<Reason<'_>> for domain::Reason {
    fn from(twin: Reason<'_>) -> Self {
        let place = |place: PolicyPlace<'_>| domain::PolicyPlace {
            id: place.id.into_owned(),
            file: place.file.into_owned(),
            line: place.line,
        };
        Self {
            strength: twin.strength.0,
            text: twin.text.into_owned(),
            policy: twin.policy.map(place),
        }
    }
}

impl<'a> From<&'a domain::Requirement> for Requirement<'a> {
    fn from(requirement: &'a domain::Requirement) -> Self {
        let escalate = |each: &'a domain::Escalation| Escalation {
            after_ms: millis(each.after),
            group: borrowed(&each.group),
        };
        Self {
            assurance: (requirement.assurance != Assurance::Key)
                .then_some(Word(requirement.assurance)),
            decide_within_ms: millis(requirement.decide_within),
            escalate: requirement.escalate.as_ref().map(escalate),
            execute_within_ms: millis(requirement.execute_within),
            group: borrowed(&requirement.group),
            id: borrowed(&requirement.id),
            quorum: (requirement.quorum != 1).then_some(requirement.quorum),
        }
    }
}

impl From<Requirement<'_>> for domain::Requirement {
    fn from(twin: Requirement<'_>) -> Self {
        Self {
            id: twin.id.into_owned(),
            group: twin.group.into_owned(),
            decide_within: Duration::from_millis(twin.decide_within_ms.0),
            execute_within: Duration::from_millis(twin.execute_within_ms.0),
            quorum: twin.quorum.unwrap_or(1),
            assurance: twin.assurance.map_or(Assurance::Key, |word| word.0),
            escalate: twin.escalate.map(|each| domain::Escalation {
                after: Duration::from_millis(each.after_ms.0),
                group: each.group.into_owned(),
            }),
        }
    }
}
