//! Twin of the facts of a decision, recorded whole, so that the same decision can be computed again.
//!
//! In and out: `domain::Facts`. `V` is the arguments: a value when read, canonical bytes when written. On the
//! path of every call, so the twin borrows and is written in one go.
//!
//! Form 2 knows commands, and what follows from a plan's paths; form 3 knows input. Earlier forms are read, and written
//! again when they were read, so that what was recorded keeps its one spelling.

use std::borrow::Cow;

use contract::Canonical;
use domain::{
    Amounts, CallId, CommandRole, Confidence, Consequence, Consequences, Digest, EffectClass,
    Human, Label, Maturity, Name, PreviewMeans, Provenance, Resource, Timestamp, ToolName,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::later;
use super::text::{Count, Text, Word, borrowed};

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
    #[serde(default, with = "later", skip_serializing_if = "Option::is_none")]
    command: Option<Option<Command<'a>>>,
    form: Form,
    history: History,
    #[serde(default, with = "later", skip_serializing_if = "Option::is_none")]
    input: Option<Option<Input>>,
    labels: Vec<Word<Label>>,
    #[serde(default, with = "later", skip_serializing_if = "Option::is_none")]
    no_preview: Option<Option<Cow<'a, str>>>,
    now_ms: Count,
    /// Only where there is one: what was recorded before there were verifiers keeps its spelling.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    objection: Option<Cow<'a, str>>,
    plan: Option<PlanFacts<'a>>,
    resource: Cow<'a, str>,
    space: Text<Name>,
    tool: ToolFacts,
    workflow: Text<Name>,
}

/// Which form the bytes have; another one is another word.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Form {
    #[serde(rename = "checkrein-facts-1")]
    One,
    #[serde(rename = "checkrein-facts-2")]
    Two,
    #[serde(rename = "checkrein-facts-3")]
    Three,
}

impl Form {
    /// A field that form 1 does not have.
    fn since_two<T>(self, value: T) -> Option<T> {
        match self {
            Self::One => None,
            Self::Two | Self::Three => Some(value),
        }
    }

    /// A field that the first two do not have.
    fn since_three<T>(self, value: T) -> Option<T> {
        match self {
            Self::One | Self::Two => None,
            Self::Three => Some(value),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Command<'a> {
    program: Cow<'a, str>,
    role: Option<Word<CommandRole>>,
    starts_programs: bool,
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
    // Left out where there is none: earlier facts did not know it, and keep their bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    in_doubt_before: Option<Text<CallId>>,
    over_budget: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Input {
    answers: Option<Text<CallId>>,
    digest: Text<Digest>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlanFacts<'a> {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    consequences: Option<Vec<Word<Consequence>>>,
    content_bytes: Count,
    creations: Count,
    deletions: Count,
    digest: Text<Digest>,
    #[serde(default, with = "later", skip_serializing_if = "Option::is_none")]
    exit_code: Option<Option<i32>>,
    overwrites: Count,
    paths: Vec<Cow<'a, str>>,
    restorable: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stands_on: Option<Vec<Text<CallId>>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unintended: Option<Count>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unintended_consequences: Option<Vec<Word<Consequence>>>,
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

impl<'a> Facts<'a, Canonical<'a>> {
    /// The twin that is written.
    pub(super) fn writing(facts: &'a domain::Facts, form: Form) -> Self {
        Self {
            advice: Advice::from(facts.advice.clone()),
            approvals: facts.approvals.iter().map(|id| borrowed(id)).collect(),
            arguments: Canonical(&facts.arguments),
            autonomy: facts.autonomy.iter().map(|class| borrowed(class)).collect(),
            budget_left: BudgetLeft::from(facts.budget_left),
            chain: PrincipalChain::from(&facts.chain),
            command: form.since_two(facts.command.as_ref().map(Command::from)),
            form,
            history: History::from(facts.history),
            input: form.since_three(facts.input.map(Input::from)),
            labels: facts.labels.iter().copied().map(Word).collect(),
            no_preview: form.since_two(facts.no_preview.as_deref().map(borrowed)),
            now_ms: Count(facts.now.millis()),
            objection: facts.objection.as_deref().map(borrowed),
            plan: facts.plan.as_ref().map(|plan| PlanFacts::writing(plan, form)),
            resource: borrowed(facts.resource.as_str()),
            space: Text(facts.space.clone()),
            tool: ToolFacts::from(&facts.tool),
            workflow: Text(facts.workflow.clone()),
        }
    }
}

impl<V> Facts<'_, V> {
    /// The form that was read.
    pub(super) fn form(&self) -> Form {
        self.form
    }
}

impl From<Facts<'_, Value>> for domain::Facts {
    fn from(twin: Facts<'_, Value>) -> Self {
        Self {
            now: Timestamp::from_millis(twin.now_ms.0),
            chain: twin.chain.into(),
            workflow: twin.workflow.0,
            space: twin.space.0,
            tool: twin.tool.into(),
            resource: Resource::new(twin.resource),
            arguments: twin.arguments,
            input: twin.input.flatten().map(Into::into),
            labels: twin.labels.into_iter().map(|label| label.0).collect(),
            command: twin.command.flatten().map(Into::into),
            no_preview: twin.no_preview.flatten().map(Cow::into_owned),
            objection: twin.objection.map(Cow::into_owned),
            plan: twin.plan.map(Into::into),
            approvals: twin.approvals.into_iter().map(Cow::into_owned).collect(),
            autonomy: twin.autonomy.into_iter().map(Cow::into_owned).collect(),
            history: twin.history.into(),
            budget_left: twin.budget_left.into(),
            advice: twin.advice.into(),
        }
    }
}

impl From<domain::InputFacts> for Input {
    fn from(input: domain::InputFacts) -> Self {
        Self { answers: input.answers.map(Text), digest: Text(input.digest) }
    }
}

impl From<Input> for domain::InputFacts {
    fn from(twin: Input) -> Self {
        Self { digest: twin.digest.0, answers: twin.answers.map(|call| call.0) }
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
            in_doubt_before: history.in_doubt_before.map(Text),
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
            in_doubt_before: twin.in_doubt_before.map(|call| call.0),
            over_budget: twin.over_budget,
        }
    }
}

impl<'a> From<&'a domain::CommandFacts> for Command<'a> {
    fn from(command: &'a domain::CommandFacts) -> Self {
        Self {
            program: borrowed(&command.program),
            role: command.role.map(Word),
            starts_programs: command.starts_programs,
        }
    }
}

impl From<Command<'_>> for domain::CommandFacts {
    fn from(twin: Command<'_>) -> Self {
        Self {
            program: twin.program.into_owned(),
            role: twin.role.map(|role| role.0),
            starts_programs: twin.starts_programs,
        }
    }
}

impl<'a> PlanFacts<'a> {
    fn writing(plan: &'a domain::PlanFacts, form: Form) -> Self {
        let words = |all: &Consequences| form.since_two(all.iter().copied().map(Word).collect());
        Self {
            consequences: words(&plan.consequences),
            content_bytes: Count(plan.content_bytes),
            creations: Count(plan.creations),
            deletions: Count(plan.deletions),
            digest: Text(plan.digest),
            exit_code: form.since_two(plan.exit_code),
            overwrites: Count(plan.overwrites),
            paths: plan.paths.iter().map(|path| borrowed(path)).collect(),
            restorable: plan.restorable,
            stands_on: form.since_two(plan.stands_on.iter().copied().map(Text).collect()),
            unintended: form.since_two(Count(plan.unintended)),
            unintended_consequences: words(&plan.unintended_consequences),
        }
    }
}

impl From<PlanFacts<'_>> for domain::PlanFacts {
    fn from(twin: PlanFacts<'_>) -> Self {
        let words = |twin: Option<Vec<Word<Consequence>>>| {
            twin.into_iter().flatten().map(|word| word.0).collect()
        };
        Self {
            digest: twin.digest.0,
            paths: twin.paths.into_iter().map(Cow::into_owned).collect(),
            creations: twin.creations.0,
            overwrites: twin.overwrites.0,
            deletions: twin.deletions.0,
            content_bytes: twin.content_bytes.0,
            restorable: twin.restorable,
            consequences: words(twin.consequences),
            unintended: twin.unintended.map_or(0, |count| count.0),
            unintended_consequences: words(twin.unintended_consequences),
            exit_code: twin.exit_code.flatten(),
            stands_on: twin.stands_on.into_iter().flatten().map(|call| call.0).collect(),
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
