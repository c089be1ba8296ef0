//! Random policies and facts: the index lacks nothing, and the verdict is what plain Cedar says.
//!
//! The second opinion is built here from nothing but Cedar's own authorizer and validated JSON, in the words
//! of the architecture: once as if every hold were approved, once with the real approvals, notices apart. Also
//! here: what a verdict must not do when the plan is missing, when advice gets worse, or after a reload.

use std::collections::BTreeSet;
use std::str::FromStr;

use cedar_policy::{Authorizer, Context, Decision, Entities, EntityUid, PolicyId, Request, Schema};
use checkrein_policy::{PolicySet, RuleKind, Source};
use domain::{Confidence, Facts, Strength, Verdict};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::random::{any_facts, policies, tools};
use crate::support::load;

fn set(text: &str) -> PolicySet {
    load(text, &tools()).unwrap_or_else(|errors| panic!("{errors}\n{text}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn the_index_lacks_no_policy_that_could_match(text in policies(), facts in any_facts()) {
        let set = set(&text);
        prop_assert_eq!(set.judge(&facts), set.explain(&facts).verdict, "{}", text);
    }

    #[test]
    fn a_verdict_is_what_plain_cedar_says(text in policies(), facts in any_facts()) {
        let set = set(&text);
        let verdict = set.judge(&facts);
        prop_assert_eq!(said(&verdict), plain(&set, &text, &facts), "{}", text);
    }

    #[test]
    fn the_first_pass_denies_nothing_that_a_plan_could_allow(text in policies(), facts in any_facts()) {
        let set = set(&text);
        let mut without = facts.clone();
        without.plan = None;
        if set.judge_before_plan(&without).strength == Strength::Deny {
            prop_assert_eq!(set.judge(&facts).strength, Strength::Deny, "{}", text);
        }
        if !set.reads_plan(&facts) {
            let mut judged = set.judge(&without);
            judged.policy = set.version();
            prop_assert_eq!(judged, set.judge(&facts), "{}", text);
        }
    }

    #[test]
    fn advice_that_gets_worse_never_weakens_a_verdict(
        text in policies(),
        facts in any_facts(),
        lower in 0..=100_u8,
    ) {
        let set = set(&text);
        let before = set.judge(&facts);
        let mut worse = facts.clone();
        worse.advice.intent_stated = false;
        worse.advice.effects_stated = false;
        worse.advice.confidence = facts.advice.confidence.and_then(|stated| {
            Confidence::from_hundredths(lower.min(stated.hundredths()))
        });
        let after = set.judge(&worse);
        prop_assert!(after.strength >= before.strength && after.tier >= before.tier, "{}\n{:?}\n{:?}", text, before, after);
    }

    #[test]
    fn the_same_facts_give_the_same_verdict_in_a_version_loaded_again(text in policies(), facts in any_facts()) {
        let (one, other) = (set(&text), set(&text));
        prop_assert_eq!(one.version(), other.version());
        prop_assert_eq!(one.judge(&facts), other.judge(&facts));
        prop_assert_eq!(one.judge(&facts), one.judge(&facts));
    }
}

/// Strength, requirements and duties.
type Said = (Strength, BTreeSet<String>, BTreeSet<String>);

fn said(verdict: &Verdict) -> Said {
    (
        verdict.strength,
        verdict.requirements.iter().map(|requirement| requirement.id.clone()).collect(),
        verdict.duties.iter().map(|duty| duty.id.clone()).collect(),
    )
}

/// The architecture's own words, in plain Cedar with validated JSON: once as if every hold were approved,
/// once with the real approvals, and the notices apart.
fn plain(set: &PolicySet, text: &str, facts: &Facts) -> Said {
    let all = cedar_policy::PolicySet::from_str(text).unwrap();
    let kinds: Vec<(String, RuleKind)> = set.rules().map(|rule| (rule.id, rule.kind)).collect();
    let of = |wanted: fn(RuleKind) -> bool| {
        let named: BTreeSet<&str> =
            kinds.iter().filter(|(_, kind)| wanted(*kind)).map(|(id, _)| id.as_str()).collect();
        let policies = all.policies().filter_map(|policy| {
            let id = policy.annotation("id").unwrap();
            named.contains(id).then(|| policy.new_id(PolicyId::new(id)))
        });
        cedar_policy::PolicySet::from_policies(policies).unwrap()
    };
    let deciding = of(|kind| !matches!(kind, RuleKind::Notify | RuleKind::Review));
    let telling = of(|kind| matches!(kind, RuleKind::Notify | RuleKind::Review));
    let holds: BTreeSet<String> = kinds
        .iter()
        .filter(|(_, kind)| *kind == RuleKind::Hold)
        .map(|(id, _)| id.clone())
        .collect();
    let denied = (Strength::Deny, BTreeSet::new(), BTreeSet::new());
    let approved = ask(set, &deciding, facts, &holds);
    let real = ask(set, &deciding, facts, &facts.approvals);
    let told = ask(set, &telling, facts, &facts.approvals);
    let (Ok((Decision::Allow, _)), Ok((decision, reasons)), Ok((_, duties))) =
        (approved, real, told)
    else {
        return denied;
    };
    match decision {
        Decision::Deny => (Strength::Hold, reasons, duties),
        Decision::Allow if duties.is_empty() => (Strength::Allow, BTreeSet::new(), duties),
        Decision::Allow => (Strength::Notify, BTreeSet::new(), duties),
    }
}

/// One evaluation; an error of any policy is the error.
fn ask(
    set: &PolicySet,
    policies: &cedar_policy::PolicySet,
    facts: &Facts,
    approvals: &BTreeSet<String>,
) -> Result<(Decision, BTreeSet<String>), ()> {
    let schema = Schema::from_json_str(set.schema()).unwrap();
    let uid = |of: &str, id: &str| EntityUid::from_json(json!({ "type": of, "id": id })).unwrap();
    let tenant = facts.chain.tenant.as_str();
    let agent = format!("{tenant}/{}", facts.chain.agent.name);
    let action = uid("Action", facts.tool.name.as_str());
    let context =
        Context::from_json_value(context(facts, approvals), Some((&schema, &action))).unwrap();
    let resource = facts.resource.as_str();
    let entities = Entities::from_json_value(
        json!([
            { "uid": { "type": "Agent", "id": agent }, "parents": [{ "type": "Tenant", "id": tenant }], "attrs": {
                "tenant": tenant, "name": facts.chain.agent.name.as_str(), "version": facts.chain.agent.version,
                "human": facts.chain.human.0.as_str(), "parents": [],
            }},
            { "uid": { "type": "Resource", "id": resource }, "parents": above(resource), "attrs": {
                "name": resource, "kind": resource.split(':').next(), "path": facts.resource.rest(),
            }},
        ]),
        Some(&schema),
    )
    .unwrap();
    let request = Request::new(
        uid("Agent", &agent),
        action,
        uid("Resource", resource),
        context,
        Some(&schema),
    )
    .unwrap();
    let response = Authorizer::new().is_authorized(&request, policies, &entities);
    if response.diagnostics().errors().next().is_some() {
        return Err(());
    }
    let reasons = response.diagnostics().reason().map(ToString::to_string).collect();
    let reasons = if response.decision() == Decision::Deny { reasons } else { BTreeSet::new() };
    Ok((response.decision(), reasons))
}

fn above(resource: &str) -> Vec<Value> {
    let (kind, rest) = resource.split_once(':').unwrap();
    let parts: Vec<&str> = rest.split('/').collect();
    (0..parts.len())
        .map(|to| json!({ "type": "Resource", "id": format!("{kind}:{}", parts[..to].join("/")) }))
        .collect()
}

fn context(facts: &Facts, approvals: &BTreeSet<String>) -> Value {
    let mut args = serde_json::Map::new();
    if let Some(amount) = facts.arguments.get("amount") {
        args.insert("amount".to_owned(), amount.clone());
    }
    if let Some(names) = facts.arguments.get("names").and_then(Value::as_array) {
        let mut list = json!({ "length": names.len(), "any": names });
        if let Some(first) = names.first() {
            list["first"] = first.clone();
            if names.iter().all(|name| name == first) {
                list["all"] = first.clone();
            }
        }
        args.insert("names".to_owned(), list);
    }
    let confidence = facts.advice.confidence;
    let mut context = json!({
        "args": args,
        "args_opaque": [],
        "tool": {
            "name": facts.tool.name.as_str(),
            "effect_class": facts.tool.effect_class.word(),
            "consequences": facts.tool.consequences.iter().map(|one| one.word()).collect::<Vec<_>>(),
            "provenance": facts.tool.provenance.word(),
            "maturity": facts.tool.maturity.word(),
            "preview": false,
        },
        "space": facts.space.as_str(),
        "workflow": facts.workflow.as_str(),
        "approvals": approvals,
        "autonomy": [],
        "history": { "failures_in_row": facts.history.failures_in_row, "identical_calls": 0, "calls": 0 },
        "budget_left": {},
        "labels": [],
        "advice": {
            "confidence_stated": confidence.is_some(),
            "confidence": confidence.map_or(0, Confidence::hundredths),
            "intent_stated": facts.advice.intent_stated,
            "effects_stated": facts.advice.effects_stated,
        },
        "now": "2023-11-14T22:13:20Z",
    });
    if let Some(plan) = &facts.plan {
        let touches: BTreeSet<String> = plan
            .paths
            .iter()
            .flat_map(|path| {
                let parts: Vec<&str> = path.split('/').collect();
                (1..=parts.len()).map(|to| parts[..to].join("/")).collect::<Vec<_>>()
            })
            .collect();
        context["plan"] = json!({
            "paths": plan.paths, "touches": touches, "path_count": plan.paths.len(),
            "creations": plan.creations, "overwrites": plan.overwrites, "deletions": plan.deletions,
            "content_bytes": plan.content_bytes, "restorable": plan.restorable,
            "consequences": words(&plan.consequences), "unintended": plan.unintended,
            "unintended_consequences": words(&plan.unintended_consequences),
        });
    }
    if let Some(command) = &facts.command {
        context["command"] = json!({
            "program": command.program, "starts_programs": command.starts_programs,
            "role": command.role.map_or("", domain::CommandRole::word),
        });
    }
    context
}

fn words(consequences: &domain::Consequences) -> Vec<&'static str> {
    consequences.iter().map(|one| one.word()).collect()
}

#[test]
fn a_version_depends_on_every_text_and_contract_and_on_nothing_else() {
    let source = |file: &str, text: &str| Source { file: file.to_owned(), text: text.to_owned() };
    let one = source("one.cedar", "@id(\"a\") permit (principal, action, resource);");
    let two =
        source("two.cedar", "@id(\"b\") forbid (principal, action == Action::\"pay\", resource);");
    let tools = tools();
    let all: Vec<_> = tools.iter().collect();
    let version = |sources: &[Source], tools: &[&domain::Contract]| {
        PolicySet::load(sources, tools).unwrap().version()
    };
    let base = version(&[one.clone(), two.clone()], &all);
    let backwards: Vec<_> = all.iter().rev().copied().collect();
    assert_eq!(base, version(&[two.clone(), one.clone()], &backwards));
    let mut longer = two.clone();
    longer.text.push('\n');
    let renamed = source("three.cedar", &two.text);
    let mut slower = tools.clone();
    slower[0].timeout *= 2;
    slower[0].digest = contract::contract_digest(&slower[0]);
    let slower: Vec<_> = slower.iter().collect();
    for other in [
        version(&[one.clone(), two.clone()], &slower),
        version(&[one.clone(), longer], &all),
        version(&[one.clone(), renamed], &all),
        version(std::slice::from_ref(&one), &all),
        version(&[one, two], &all[..3]),
    ] {
        assert_ne!(base, other);
    }
}
