//! Twin of the facts of a decision, recorded whole, so that the same decision can be computed again.
//!
//! In and out: `domain::Facts`. `V` is the arguments: a value when read, canonical bytes when written. On the
//! path of every call, so the twin borrows and is written in one go.

use std::borrow::Cow;

use domain::{
    Amounts, Confidence, Consequence, Digest, EffectClass, Human, Label, Maturity, Name,
    PreviewMeans, Provenance, Resource, Timestamp, ToolName,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::text::{Count, Text, Word, borrowed, raw};

/// Facts; keys in canonical order.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Facts<'a, V> {
    advice: Advice,
    approvals: Vec<Cow<'a, str>>,
    arguments: V,
    autonomy: Vec<Cow<'a, str>>,
    budget_left: BudgetLeft,
    chain: PrincipalChain<'a>,
    form: Form,
    history: History,
    labels: Vec<Word<Label>>,
    now_ms: Count,
    plan: Option<PlanFacts<'a>>,
    resource: Cow<'a, str>,
    space: Text<Name>,
    tool: ToolFacts,
    workflow: Text<Name>,
}

/// Which form the bytes have; another one is another word.
#[derive(Serialize, Deserialize)]
enum Form {
    #[serde(rename = "checkrein-facts-1")]
    One,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Advice {
    confidence: Option<Text<Confidence>>,
    effects_stated: bool,
    intent_stated: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BudgetLeft {
    calls: Option<Count>,
    irreversible: Option<Count>,
    money_micros: Option<Count>,
    read_bytes: Option<Count>,
    wall_ms: Option<Count>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PrincipalChain<'a> {
    agent: Agent<'a>,
    human: Text<Name>,
    parents: Vec<Agent<'a>>,
    tenant: Text<Name>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Agent<'a> {
    name: Text<Name>,
    version: Cow<'a, str>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct History {
    calls: Count,
    done_before_ms: Option<Count>,
    failures_in_row: Count,
    identical_calls: Count,
    over_budget: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlanFacts<'a> {
    content_bytes: Count,
    creations: Count,
    deletions: Count,
    digest: Text<Digest>,
    overwrites: Count,
    paths: Vec<Cow<'a, str>>,
    restorable: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ToolFacts {
    consequences: Vec<Word<Consequence>>,
    contract: Text<Digest>,
    effect_class: Word<EffectClass>,
    maturity: Word<Maturity>,
    name: Text<ToolName>,
    preview: Word<PreviewMeans>,
    provenance: Word<Provenance>,
}

impl<'a> Facts<'a, Box<RawValue>> {
    /// The twin that is written.
    pub(super) fn writing(facts: &'a domain::Facts) -> Self {
        Self {
            advice: Advice::from(facts.advice.clone()),
            approvals: facts.approvals.iter().map(|id| borrowed(id)).collect(),
            arguments: raw(&facts.arguments),
            autonomy: facts.autonomy.iter().map(|class| borrowed(class)).collect(),
            budget_left: BudgetLeft::from(facts.budget_left),
            chain: PrincipalChain::from(&facts.chain),
            form: Form::One,
            history: History::from(facts.history),
            labels: facts.labels.iter().copied().map(Word).collect(),
            now_ms: Count(facts.now.millis()),
            plan: facts.plan.as_ref().map(PlanFacts::from),
            resource: borrowed(facts.resource.as_str()),
            space: Text(facts.space.clone()),
            tool: ToolFacts::from(&facts.tool),
            workflow: Text(facts.workflow.clone()),
        }
    }
}

impl From<Facts<'_, Value>> for domain::Facts {
    fn from(twin: Facts<'_, Value>) -> Self {
        let Form::One = twin.form;
        Self {
            now: Timestamp::from_millis(twin.now_ms.0),
            chain: twin.chain.into(),
            workflow: twin.workflow.0,
            space: twin.space.0,
            tool: twin.tool.into(),
            resource: Resource::new(twin.resource),
            arguments: twin.arguments,
            labels: twin.labels.into_iter().map(|label| label.0).collect(),
            plan: twin.plan.map(Into::into),
            approvals: twin.approvals.into_iter().map(Cow::into_owned).collect(),
            autonomy: twin.autonomy.into_iter().map(Cow::into_owned).collect(),
            history: twin.history.into(),
            budget_left: twin.budget_left.into(),
            advice: twin.advice.into(),
        }
    }
}

impl From<domain::Advice> for Advice {
    fn from(advice: domain::Advice) -> Self {
        Self {
            confidence: advice.confidence.map(Text),
            effects_stated: advice.effects_stated,
            intent_stated: advice.intent_stated,
        }
    }
}

impl From<Advice> for domain::Advice {
    fn from(twin: Advice) -> Self {
        Self {
            confidence: twin.confidence.map(|confidence| confidence.0),
            intent_stated: twin.intent_stated,
            effects_stated: twin.effects_stated,
        }
    }
}

impl From<Amounts<Option<u64>>> for BudgetLeft {
    fn from(left: Amounts<Option<u64>>) -> Self {
        Self {
            calls: left.calls.map(Count),
            irreversible: left.irreversible.map(Count),
            money_micros: left.money_micros.map(Count),
            read_bytes: left.read_bytes.map(Count),
            wall_ms: left.wall_ms.map(Count),
        }
    }
}

impl From<BudgetLeft> for Amounts<Option<u64>> {
    fn from(twin: BudgetLeft) -> Self {
        let exact = |count: Option<Count>| count.map(|count| count.0);
        Self {
            calls: exact(twin.calls),
            money_micros: exact(twin.money_micros),
            irreversible: exact(twin.irreversible),
            read_bytes: exact(twin.read_bytes),
            wall_ms: exact(twin.wall_ms),
        }
    }
}

impl<'a> From<&'a domain::PrincipalChain> for PrincipalChain<'a> {
    fn from(chain: &'a domain::PrincipalChain) -> Self {
        Self {
            agent: Agent::from(&chain.agent),
            human: Text(chain.human.0.clone()),
            parents: chain.parents.iter().map(Agent::from).collect(),
            tenant: Text(chain.tenant.clone()),
        }
    }
}

impl From<PrincipalChain<'_>> for domain::PrincipalChain {
    fn from(twin: PrincipalChain<'_>) -> Self {
        Self {
            tenant: twin.tenant.0,
            human: Human(twin.human.0),
            agent: twin.agent.into(),
            parents: twin.parents.into_iter().map(Into::into).collect(),
        }
    }
}

impl<'a> From<&'a domain::Agent> for Agent<'a> {
    fn from(agent: &'a domain::Agent) -> Self {
        Self { name: Text(agent.name.clone()), version: borrowed(&agent.version) }
    }
}

impl From<Agent<'_>> for domain::Agent {
    fn from(twin: Agent<'_>) -> Self {
        Self { name: twin.name.0, version: twin.version.into_owned() }
    }
}

impl From<domain::History> for History {
    fn from(history: domain::History) -> Self {
        Self {
            calls: Count(history.calls),
            done_before_ms: history.done_before.map(|moment| Count(moment.millis())),
            failures_in_row: Count(history.failures_in_row),
            identical_calls: Count(history.identical_calls),
            over_budget: history.over_budget,
        }
    }
}

impl From<History> for domain::History {
    fn from(twin: History) -> Self {
        Self {
            failures_in_row: twin.failures_in_row.0,
            identical_calls: twin.identical_calls.0,
            calls: twin.calls.0,
            done_before: twin.done_before_ms.map(|millis| Timestamp::from_millis(millis.0)),
            over_budget: twin.over_budget,
        }
    }
}

impl<'a> From<&'a domain::PlanFacts> for PlanFacts<'a> {
    fn from(plan: &'a domain::PlanFacts) -> Self {
        Self {
            content_bytes: Count(plan.content_bytes),
            creations: Count(plan.creations),
            deletions: Count(plan.deletions),
            digest: Text(plan.digest),
            overwrites: Count(plan.overwrites),
            paths: plan.paths.iter().map(|path| borrowed(path)).collect(),
            restorable: plan.restorable,
        }
    }
}

impl From<PlanFacts<'_>> for domain::PlanFacts {
    fn from(twin: PlanFacts<'_>) -> Self {
        Self {
            digest: twin.digest.0,
            paths: twin.paths.into_iter().map(Cow::into_owned).collect(),
            creations: twin.creations.0,
            overwrites: twin.overwrites.0,
            deletions: twin.deletions.0,
            content_bytes: twin.content_bytes.0,
            restorable: twin.restorable,
        }
    }
}

impl From<&domain::ToolFacts> for ToolFacts {
    fn from(tool: &domain::ToolFacts) -> Self {
        Self {
            consequences: tool.consequences.iter().copied().map(Word).collect(),
            contract: Text(tool.contract),
            effect_class: Word(tool.effect_class),
            maturity: Word(tool.maturity),
            name: Text(tool.name.clone()),
            preview: Word(tool.preview),
            provenance: Word(tool.provenance),
        }
    }
}

impl From<ToolFacts> for domain::ToolFacts {
    fn from(twin: ToolFacts) -> Self {
        Self {
            name: twin.name.0,
            contract: twin.contract.0,
            effect_class: twin.effect_class.0,
            consequences: twin.consequences.into_iter().map(|word| word.0).collect(),
            provenance: twin.provenance.0,
            maturity: twin.maturity.0,
            preview: twin.preview.0,
        }
    }
}
