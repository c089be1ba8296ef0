//! The facts of one case: what it gives, then the defaults of the file, then those of the form.
//!
//! A case and the version it runs against go in; out come facts as the gate would gather them, or a sentence
//! on what is wrong with the case. Class, consequences and provenance come from the contract and cannot be
//! given, so that a case never speaks of a tool that does not exist.

use domain::{
    Advice, Agent, Amounts, CommandFacts, CommandRole, Confidence, Consequence, Consequences,
    Contract, Digest, Facts, History, Human, Label, Name, PlanFacts, PrincipalChain, Resource,
    Timestamp, ToolFacts, ToolName,
};
use serde_json::{Map, Value};

use super::form::{Case, Command, Given, Plan};
use crate::PolicySet;

/// The word for an opinion that the agent does not give.
const NOT_STATED: &str = "not stated";

/// Facts, or what is wrong with the case.
pub(super) fn facts(set: &PolicySet, case: &Case, defaults: &Given) -> Result<Facts, String> {
    let name: ToolName = case.tool.parse().map_err(|error| format!("{error}"))?;
    let contract = set.contract(&name).ok_or_else(|| {
        format!("the catalogue has no tool `{name}`; name its file in `contracts`")
    })?;
    let given = Layered { own: &case.facts, defaults };
    let arguments = case.arguments.clone().unwrap_or_else(|| Value::Object(Map::new()));
    let resource = match &case.resource {
        Some(text) => Resource::new(text),
        None => Resource::new(contract.resource.clone()),
    };
    Ok(Facts {
        now: Timestamp::from_millis(given.get(|facts| facts.now_ms).unwrap_or(0)),
        chain: PrincipalChain {
            tenant: given.name(|facts| facts.tenant.as_ref(), "local")?,
            human: Human(given.name(|facts| facts.human.as_ref(), "ada")?),
            agent: Agent {
                name: given.name(|facts| facts.agent.as_ref(), "builder")?,
                version: given
                    .get(|facts| facts.agent_version.clone())
                    .unwrap_or_else(|| "1".to_owned()),
            },
            parents: Vec::new(),
        },
        workflow: given.name(|facts| facts.workflow.as_ref(), "work")?,
        space: given.name(|facts| facts.space.as_ref(), "experiment")?,
        tool: tool_facts(contract),
        resource,
        arguments,
        labels: labels(given.get(|facts| facts.labels.clone()).unwrap_or_default())?,
        command: case.command.as_ref().map(command).transpose()?,
        plan: case.plan.as_ref().map(plan).transpose()?,
        no_preview: None,
        objection: None,
        input: None,
        approvals: given
            .get(|facts| facts.approvals.clone())
            .unwrap_or_default()
            .into_iter()
            .collect(),
        autonomy: given
            .get(|facts| facts.autonomy.clone())
            .unwrap_or_default()
            .into_iter()
            .collect(),
        history: History {
            failures_in_row: given.get(|facts| facts.failures_in_row).unwrap_or(0),
            identical_calls: given.get(|facts| facts.identical_calls).unwrap_or(0),
            calls: given.get(|facts| facts.calls).unwrap_or(0),
            ..History::default()
        },
        budget_left: budget_left(&given),
        advice: Advice {
            confidence: confidence(given.get(|facts| facts.confidence.clone()))?,
            intent_stated: given.get(|facts| facts.intent_stated).unwrap_or(true),
            effects_stated: given.get(|facts| facts.effects_stated).unwrap_or(true),
        },
    })
}

/// What a decision knows of the tool that a contract describes.
fn tool_facts(contract: &Contract) -> ToolFacts {
    ToolFacts {
        name: contract.name.clone(),
        contract: contract.digest,
        effect_class: contract.effect_class,
        consequences: contract.consequences.clone(),
        provenance: contract.provenance,
        maturity: contract.maturity,
        preview: contract.preview,
    }
}

struct Layered<'a> {
    own: &'a Given,
    defaults: &'a Given,
}

impl<'a> Layered<'a> {
    fn get<T>(&self, field: impl Fn(&'a Given) -> Option<T>) -> Option<T> {
        field(self.own).or_else(|| field(self.defaults))
    }

    fn name(
        &self,
        field: impl Fn(&'a Given) -> Option<&'a String>,
        default: &str,
    ) -> Result<Name, String> {
        let text = self.get(field).map_or(default, String::as_str);
        text.parse().map_err(|error| format!("{error}"))
    }
}

fn labels(words: Vec<String>) -> Result<domain::Labels, String> {
    let read =
        |word: &String| Label::from_word(word).ok_or_else(|| format!("`{word}` is not a label"));
    words.iter().map(read).collect()
}

fn confidence(text: Option<String>) -> Result<Option<Confidence>, String> {
    match text {
        None => Ok(None),
        Some(text) if text == NOT_STATED => Ok(None),
        Some(text) => text.parse().map(Some).map_err(|error| format!("{error}")),
    }
}

fn budget_left(given: &Layered<'_>) -> Amounts<Option<u64>> {
    let left = given.get(|facts| facts.budget_left).unwrap_or_default();
    Amounts {
        calls: left.calls,
        money_micros: left.money_micros,
        irreversible: left.irreversible,
        read_bytes: left.read_bytes,
        wall_ms: left.wall_ms,
    }
}

fn command(given: &Command) -> Result<CommandFacts, String> {
    let role = |word: &String| {
        CommandRole::from_word(word)
            .ok_or_else(|| format!("`{word}` is not a role; expected `test`, `build` or `lint`"))
    };
    Ok(CommandFacts {
        program: given.program.clone(),
        role: given.role.as_ref().map(role).transpose()?,
        starts_programs: given.starts_programs,
    })
}

fn plan(plan: &Plan) -> Result<PlanFacts, String> {
    Ok(PlanFacts {
        digest: Digest::default(),
        paths: plan.paths.clone(),
        creations: plan.creations,
        overwrites: plan.overwrites,
        deletions: plan.deletions,
        content_bytes: plan.content_bytes,
        restorable: plan.restorable,
        consequences: consequences(&plan.consequences)?,
        unintended: plan.unintended,
        unintended_consequences: consequences(&plan.unintended_consequences)?,
        exit_code: plan.exit_code,
        stands_on: Vec::new(),
    })
}

fn consequences(words: &[String]) -> Result<Consequences, String> {
    let read = |word: &String| {
        Consequence::from_word(word).ok_or_else(|| format!("`{word}` is not a consequence"))
    };
    words.iter().map(read).collect()
}
