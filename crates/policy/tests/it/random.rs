//! Random policies that load, and random facts for them.
//!
//! Every policy made here must be accepted by load, so the parts are combined from lists of heads and clauses
//! that stay within its rules. Some of them fail to evaluate for some facts, which is on purpose: what an
//! error does to a verdict is then tested with all the rest.

use std::collections::BTreeSet;

use domain::{
    Agent, CommandFacts, CommandRole, Confidence, Consequence, Contract, EffectClass, Facts,
    History, PlanFacts, Resource,
};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::json;

use crate::support::{facts, hitting, object, plan, tool};

/// Four tools of different classes and consequences, one of them of the house.
pub(crate) fn tools() -> Vec<Contract> {
    let schema = || {
        object(
            json!({ "amount": { "type": "integer" }, "names": { "type": "array", "items": { "type": "string" } } }),
        )
    };
    vec![
        tool("files.read", EffectClass::Pure, schema()),
        hitting(tool("files.write", EffectClass::Restorable, schema()), &[Consequence::Overwrite]),
        hitting(
            tool("pay", EffectClass::Irreversible, schema()),
            &[Consequence::Money, Consequence::Delete],
        ),
        tool("checkrein.undo", EffectClass::Restorable, schema()),
    ]
}

const PRINCIPALS: [&str; 5] = [
    "principal",
    "principal is Agent",
    "principal == Agent::\"local/builder\"",
    "principal in Tenant::\"local\"",
    "principal == Agent::\"other/builder\"",
];
const ACTIONS: [&str; 7] = [
    "action",
    "action == Action::\"files.write\"",
    "action == Action::\"pay\"",
    "action in [Action::\"files.read\", Action::\"checkrein.undo\"]",
    "action in Action::\"class:changing\"",
    "action in [Action::\"consequence:money\", Action::\"consequence:overwrite\", Action::\"pay\"]",
    "action in Action::\"class:pure\"",
];
const RESOURCES: [&str; 5] = [
    "resource",
    "resource == Resource::\"workspace:prod/a\"",
    "resource in Resource::\"workspace:prod\"",
    "resource in Resource::\"workspace:\"",
    "resource is Resource in Resource::\"workspace:src\"",
];
/// Conditions that may stand in any clause of any rule. Some of those with large numbers can fail to evaluate.
const CONDITIONS: [&str; 22] = [
    "true",
    "context.space == \"staging\"",
    "\"experiment\" == context.space && context.args has amount && context.args.amount * 4611686018427387904 > 0",
    "context.args has amount && context.args.amount * 4611686018427387904 > 0 && context.space == \"experiment\"",
    "context.space == \"moon\" || context.space == \"staging\"",
    "context.space == \"moon\" || (context has plan && context.plan.deletions + 9223372036854775807 > 0)",
    "[\"moon\", \"experiment\"].contains(context.space) && context.tool.consequences.contains(\"money\")",
    "context.workflow == \"review\"",
    "context.args has amount && context.args.amount > 3",
    "context.args has names && context.args.names.any.contains(\"x\")",
    "context.args has names && context.args.names has first && context.args.names.first == \"x\"",
    "context has plan && context.plan.restorable",
    "context has plan && context.plan.touches.contains(\"prod\")",
    "context.history.failures_in_row >= 2",
    "resource in Resource::\"workspace:prod\"",
    "principal.version == \"2\"",
    "context.tool.consequences.contains(\"money\")",
    "context has command && context.command.starts_programs",
    "context has command && context.command.role == \"test\"",
    "context has plan && context.plan.unintended_consequences.contains(\"code_execution\")",
    "context.args has amount && context.args.amount * 4611686018427387904 > 0",
    "context has plan && context.plan.deletions + 9223372036854775807 > 0",
];
/// Conditions over advice, for the `when` of forbids.
pub(crate) const ADVICE: [&str; 4] = [
    "context.advice.confidence < 70",
    "context.advice.confidence_stated && context.advice.confidence <= 90",
    "!context.advice.intent_stated",
    "!(context.advice.confidence >= 50) && !context.advice.effects_stated",
];

/// A rule as text, with an id made from its number.
fn rule(number: usize) -> impl Strategy<Value = String> {
    let clauses = prop::collection::vec((any::<bool>(), select(&CONDITIONS[..])), 0..3);
    let head = (select(&PRINCIPALS[..]), select(&ACTIONS[..]), select(&RESOURCES[..]));
    (0..5_usize, head, clauses, prop::option::of(select(&ADVICE[..]))).prop_map(
        move |(kind, (principal, action, resource), clauses, advice)| {
            let id = format!("p{number}");
            let (annotations, effect) = match kind {
                0 => ("", "permit"),
                1 => ("", "forbid"),
                2 => ("@hold(\"group:g\")", "forbid"),
                3 => ("@notify(\"group:g\")", "forbid"),
                _ => ("@review(\"group:g\")", "forbid"),
            };
            let mut text =
                format!("@id(\"{id}\") {annotations} {effect} ({principal}, {action}, {resource})");
            for (when, condition) in clauses {
                let word = if when { "when" } else { "unless" };
                // An `unless` that is always true makes a rule that never matches, which is refused.
                let condition = if !when && condition == "true" {
                    "context.space == \"moon\""
                } else {
                    condition
                };
                text.push_str(&format!(" {word} {{ {condition} }}"));
            }
            if let Some(advice) = advice.filter(|_| kind != 0) {
                text.push_str(&format!(" when {{ {advice} }}"));
            }
            if kind == 2 {
                text.push_str(&format!(" unless {{ context.approvals.contains(\"{id}\") }}"));
            }
            text + ";\n"
        },
    )
}

/// Up to a dozen rules as one file, always with a permit, so that most calls get as far as holds.
pub(crate) fn policies() -> impl Strategy<Value = String> {
    (1..12_usize).prop_flat_map(|count| {
        let rules: Vec<_> = (0..count).map(|number| rule(number).boxed()).collect();
        (any::<bool>(), rules).prop_map(|(open, rules)| {
            let all =
                if open { "@id(\"all\") permit (principal, action, resource);\n" } else { "" };
            format!("{all}{}", rules.concat())
        })
    })
}

/// Facts of a call of one of [`tools`].
pub(crate) fn any_facts() -> impl Strategy<Value = Facts> {
    let contract = select(tools());
    let arguments = (
        prop::option::of(0..6_i64),
        prop::option::of(prop::collection::vec(select(&["x", "y"][..]), 0..3)),
    );
    let resource = select(
        &[
            "workspace:prod/a",
            "workspace:prod",
            "workspace:src/deep/x",
            "workspace:production/a",
            "call:1",
        ][..],
    );
    let who = (
        select(&["local", "other"][..]),
        select(&["builder", "tester"][..]),
        select(&["1", "2"][..]),
    );
    let planned = prop::option::of((
        subsequence(vec!["prod/a", "src/b", "prodx"], 0..3),
        any::<bool>(),
        any::<bool>(),
    ));
    let command = prop::option::of((any::<bool>(), any::<bool>()));
    let approvals = subsequence((0..12).map(|at| format!("p{at}")).collect::<Vec<_>>(), 0..12);
    let place = (select(&["staging", "experiment"][..]), select(&["default", "review"][..]));
    let rest = (place, 0..4_u64, any_advice(), command);
    (contract, arguments, resource, who, planned, approvals, rest).prop_map(
        |(
            contract,
            (amount, names),
            resource,
            (tenant, agent, version),
            planned,
            approvals,
            rest,
        )| {
            let mut arguments = serde_json::Map::new();
            arguments.extend(amount.map(|amount| ("amount".to_owned(), json!(amount))));
            arguments.extend(names.map(|names| ("names".to_owned(), json!(names))));
            let mut facts = facts(&contract, arguments.into());
            facts.resource = Resource::new(resource);
            facts.chain.tenant = tenant.parse().unwrap();
            facts.chain.agent = Agent { name: agent.parse().unwrap(), version: version.to_owned() };
            facts.plan = planned.map(|(paths, restorable, hidden)| {
                let unintended = hidden.then_some(Consequence::CodeExecution).into_iter().collect();
                PlanFacts { unintended_consequences: unintended, ..plan(&paths, restorable) }
            });
            facts.command = rest.3.map(|(tests, starts_programs)| CommandFacts {
                program: "x".to_owned(),
                role: tests.then_some(CommandRole::Test),
                starts_programs,
            });
            facts.approvals = approvals.into_iter().collect::<BTreeSet<_>>();
            (facts.space, facts.workflow) = (rest.0.0.parse().unwrap(), rest.0.1.parse().unwrap());
            facts.history = History { failures_in_row: rest.1, ..History::default() };
            (facts.advice.confidence, facts.advice.intent_stated, facts.advice.effects_stated) =
                rest.2;
            facts
        },
    )
}

/// A confidence, and whether intent and effects are stated.
pub(crate) fn any_advice() -> impl Strategy<Value = (Option<Confidence>, bool, bool)> {
    let confidence = prop::option::of(0..=100_u8)
        .prop_map(|hundredths| hundredths.and_then(Confidence::from_hundredths));
    (confidence, any::<bool>(), any::<bool>())
}
