//! Rules and gates for measuring: many tools with five policies each, and a tool that answers at once.
//! In: how many policies, and whether people are asked. Out: rules, stores, gates and an agent with a key.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use contract::{Catalogue, ContractFile, Origin};
use domain::{
    Agent, Amounts, Effect, EffectKind, Executed, Human, KeyHolder, Mode, Money, Name, Observation,
    OnExceeded, Plan, PrincipalChain, Resource, Rights, Space, Workflow,
};
use gate::{
    Act, ApprovalRules, Gate, GrantAsk, Identity, Journal, Later, Permit, Preview, Read, Recovered,
    Reply, Rules, Secret, Setup, Tool, ToolError, ToolErrorKind, Unfinished,
};
use journal::{Options, Sqlite};
use policy::{PolicySet, Source};
use serde_json::json;

use crate::Outcome;
use crate::world::Clock;

/// Policies of each tool.
pub(crate) const POLICIES_PER_TOOL: usize = 5;

/// The tool that is called.
pub(crate) const TOOL: &str = "bench.t0";

const AGENT_SECRET: &str = "ck_agent_bench-bench-bench-bench-bench-bench-bench-b";
const OPERATOR_SECRET: &str = "ck_operator_bench-bench-bench-bench-bench-bench-benc";

/// Whether calls wait for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asks {
    Nobody,
    People,
}

/// The five policies of a tool, all over its own action and nothing else.
pub(crate) fn policies(tool: &str) -> String {
    let head = |id: &str| format!("@id(\"{}-{id}\")\n", tool.replace('.', "-"));
    let scope = format!("(principal, action == Action::\"{tool}\", resource)");
    format!(
        "{}permit {scope} when {{ context.space == \"work\" }};\n\
         {}forbid {scope} when {{ context.args.amount > 1000 }};\n\
         {}forbid {scope} when {{ context.args.note like \"*credential*\" }};\n\
         {}forbid {scope} when {{ context.history.failures_in_row >= 3 }};\n\
         {}forbid {scope} when {{ context.workflow == \"closed\" }};\n",
        head("may"),
        head("amount"),
        head("note"),
        head("failures"),
        head("closed"),
    )
}

const PEOPLE: &str = "@id(\"ask\") @hold(\"group:operators\")\n\
    forbid (principal, action == Action::\"bench.t0\", resource)\n\
    unless { context.approvals.contains(\"ask\") };\n";

/// Rules with so many policies: five for each tool.
pub(crate) fn rules(policies_wanted: usize, asks: Asks) -> Outcome<Rules> {
    let catalogue = catalogue(policies_wanted.div_ceil(POLICIES_PER_TOOL))?;
    let mut text: String =
        catalogue.iter().map(|compiled| policies(compiled.name().as_str())).collect();
    if asks == Asks::People {
        text.push_str(PEOPLE);
    }
    let sources = [Source { file: "bench.cedar".to_owned(), text }];
    let compiled = catalogue.iter().map(|compiled| &**compiled);
    let policies = PolicySet::load_compiled(&sources, compiled)?;
    Ok(Rules::new(catalogue, policies))
}

fn catalogue(tools: usize) -> Outcome<Catalogue> {
    let mut text = String::new();
    for number in 0..tools {
        // Writing to a string cannot fail.
        _ = write!(text, "{}", contract_text(number));
    }
    let file = ContractFile { name: "bench.toml", text: &text, origin: Origin::Operator };
    Ok(contract::load::all(&[file])?)
}

fn contract_text(number: usize) -> String {
    format!(
        r#"
[[tool]]
name = "bench.t{number}"
version = 1
effect_class = "irreversible"
provenance = "confirmed"
scope = ["account:**"]
resource = "account:{{account}}"
idempotency = "caller_key"
timeout_ms = 60_000
cost_max = "0"
maturity = "stable"
output_labels = []
output_bytes_max = 4_096
input = '''
{{
  "type": "object",
  "properties": {{
    "account": {{"type": "string", "minLength": 1, "maxLength": 64}},
    "amount": {{"type": "integer", "minimum": 1, "maximum": 100000}},
    "note": {{"type": "string", "maxLength": 1000}}
  }},
  "required": ["account", "amount", "note"],
  "additionalProperties": false
}}
'''
output = '''
{{
  "type": "object",
  "properties": {{"done": {{"type": "boolean"}}}},
  "required": ["done"],
  "additionalProperties": false
}}
'''

[tool.description]
what = "moves an amount"
when_to_use = "in measurements"
side_effects = "none that anybody sees"
"#
    )
}

/// The arguments of every call.
pub(crate) fn arguments() -> serde_json::Value {
    json!({ "account": "a-1700", "amount": 17, "note": "the usual monthly amount" })
}

/// Who acts.
pub(crate) fn chain() -> Outcome<PrincipalChain> {
    Ok(PrincipalChain {
        tenant: name("local")?,
        human: Human(name("ada")?),
        agent: Agent { name: name("builder")?, version: "1".to_owned() },
        parents: Vec::new(),
    })
}

pub(crate) fn name(text: &str) -> Outcome<Name> {
    Ok(text.parse()?)
}

/// A store in a directory.
pub(crate) fn store(directory: &Path) -> Outcome<Sqlite> {
    let key = directory.join("keys").join("master.key");
    Ok(Sqlite::open(Options::new(directory.join("data"), key))?)
}

/// Ways to tools, by what their names begin with.
pub(crate) type Tools = Vec<(String, Arc<dyn Tool>)>;

/// Opens a gate over a store, with the tool that answers at once.
pub(crate) async fn gate<J: Journal>(journal: J, rules: Rules) -> Outcome<Gate<J, Clock>> {
    let tools = vec![("bench.".to_owned(), Arc::new(Instant) as Arc<dyn Tool>)];
    gate_to(journal, rules, (tools, "work")).await
}

/// Opens a gate over a store, with tools and one workflow.
pub(crate) async fn gate_to<J: Journal>(
    journal: J,
    rules: Rules,
    (tools, workflow): (Tools, &str),
) -> Outcome<Gate<J, Clock>> {
    let unlimited = Amounts::<u64>::each(|_| None);
    let setup = Setup {
        journal,
        world: Clock,
        rules,
        tools,
        spaces: vec![Space { name: name("work")?, mode: Mode::Enforce }],
        workflows: vec![Workflow {
            name: name(workflow)?,
            owner: name("ada")?,
            space: name("work")?,
            budget: unlimited,
            on_exceeded: OnExceeded::Stop,
        }],
        grant_day: (unlimited, OnExceeded::Stop),
        secrets: Vec::new(),
        workspace_roots: Vec::new(),
        // Held calls are measured by the thousand.
        approvals: ApprovalRules { asks_max: u32::MAX, ..ApprovalRules::default() },
    };
    Ok(Gate::open(setup).await?.0)
}

/// Makes the agent, and gives its secret.
pub(crate) async fn agent<J: Journal>(gate: &Gate<J, Clock>) -> Outcome<Secret> {
    let operator = Secret::new(OPERATOR_SECRET);
    gate.first_operator(name("local")?, name("ada")?, &operator).await?;
    let operator = gate.identify(&operator).await.and_then(Identity::operator)?;
    let rights =
        Rights { tools: vec!["*".to_owned()], spaces: vec![name("work")?], workflows: Vec::new() };
    let ask = GrantAsk { chain: chain()?, rights, expires: None };
    let grant = gate.give_grant(&operator, ask).await?;
    let agent = Secret::new(AGENT_SECRET);
    let holder = KeyHolder::Grant { tenant: name("local")?, grant: grant.id };
    gate.make_key(&operator, holder, &agent).await?;
    Ok(agent)
}

/// The operator that made it.
pub(crate) async fn operator<J: Journal>(gate: &Gate<J, Clock>) -> Outcome<domain::Operator> {
    let secret = Secret::new(OPERATOR_SECRET);
    Ok(gate.identify(&secret).await.and_then(Identity::operator)?)
}

/// A tool that answers at once.
#[derive(Debug)]
struct Instant;

fn impossible() -> ToolError {
    ToolError {
        kind: ToolErrorKind::Failed,
        executed: Executed::No,
        message: "only acts are measured".to_owned(),
        own_code: None,
        effects: Vec::new(),
        asks: None,
    }
}

impl Tool for Instant {
    fn preview(&self, _: Permit<Preview>) -> Later<'_, Result<Plan, ToolError>> {
        Box::pin(async { Err(impossible()) })
    }

    fn read(&self, _: Permit<Read>) -> Later<'_, Result<Reply, ToolError>> {
        Box::pin(async { Err(impossible()) })
    }

    fn act(&self, _: Permit<Act>) -> Later<'_, Result<Reply, ToolError>> {
        let effect = Effect {
            kind: EffectKind::Modified,
            resource: Resource::new("account:a-1700"),
            before: None,
            after: None,
            observation: Observation::Unobserved,
        };
        let (output, effects) = (json!({ "done": true }), vec![effect]);
        Box::pin(async move {
            Ok(Reply { output, effects, cost: Money::ZERO, read_bytes: 0, warnings: Vec::new() })
        })
    }

    fn recover(&self, _: Unfinished) -> Later<'_, Recovered> {
        Box::pin(async { Recovered::Unknown { reason: "nobody looked".to_owned() } })
    }
}
