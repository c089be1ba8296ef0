//! What the kinds of rules do for a verdict, each alone and together.
//!
//! A few rules and the facts of one call go in, strength, tier, requirements and reasons are looked at. Small
//! and written by hand, where `index` is random; `check` also compares each verdict with the one explained.

use checkrein_policy::{PolicySet, RuleOutcome};
use domain::{CallId, Consequence, Digest, EffectClass, Facts, InputFacts, Strength, Tier};
use serde_json::json;

use crate::support::{facts, hitting, load, object, plan, tool};

/// `permit` for everything, then the rules of a case.
const ALL: &str = "@id(\"all\") permit (principal, action, resource);\n";
const HOLD: &str = "@id(\"h\") @hold(\"group:g\") forbid (principal, action, resource) \
                    unless { context.approvals.contains(\"h\") };\n";
const NOTICE: &str = "@id(\"n\") @notify(\"group:g\") forbid (principal, action, resource);\n";
const REVIEW: &str = "@id(\"r\") @review(\"group:g\") forbid (principal, action, resource);\n";
const FORBID: &str = "@id(\"f\") forbid (principal, action, resource);\n";
/// Overflows for every call with an amount above zero.
const ERRS: &str = "@id(\"e\") forbid (principal, action, resource) \
                    when { context.args has amount && context.args.amount * 9223372036854775807 > 0 };\n";

fn set(text: &str) -> (PolicySet, Facts) {
    let schema = object(json!({ "amount": { "type": "integer" } }));
    let pay = tool("pay", EffectClass::Irreversible, schema);
    let set = load(text, std::slice::from_ref(&pay)).unwrap_or_else(|errors| panic!("{errors}"));
    (set, facts(&pay, json!({ "amount": 2 })))
}

fn check(rules: &[&str], expect: (Strength, Tier)) {
    let (set, facts) = set(&rules.concat());
    let verdict = set.judge(&facts);
    assert_eq!((verdict.strength, verdict.tier), expect, "{rules:?}: {verdict:?}");
    assert_eq!(verdict, set.explain(&facts).verdict, "{rules:?}");
}

#[test]
fn the_strictest_rule_that_matches_decides() {
    use Strength::{Allow, Deny, Hold, Notify};
    for (rules, expect) in [
        (vec![], (Deny, Tier::Three)),
        (vec![ALL], (Allow, Tier::One)),
        (vec![ALL, NOTICE], (Notify, Tier::One)),
        (vec![ALL, REVIEW], (Notify, Tier::Two)),
        (vec![ALL, NOTICE, REVIEW], (Notify, Tier::Two)),
        (vec![ALL, HOLD], (Hold, Tier::Three)),
        (vec![ALL, HOLD, NOTICE, REVIEW], (Hold, Tier::Three)),
        (vec![ALL, FORBID], (Deny, Tier::Three)),
        (vec![ALL, HOLD, FORBID], (Deny, Tier::Three)),
        (vec![ALL, ERRS], (Deny, Tier::Three)),
        // Notices and holds permit nothing.
        (vec![NOTICE], (Deny, Tier::Three)),
        (vec![HOLD], (Deny, Tier::Three)),
    ] {
        check(&rules, expect);
    }
}

#[test]
fn people_are_not_asked_where_the_answer_is_no_anyway() {
    for rules in [[ALL, HOLD, FORBID].as_slice(), &[HOLD, NOTICE], &[ALL, HOLD, ERRS]] {
        let (set, facts) = set(&rules.concat());
        let verdict = set.judge(&facts);
        assert!(verdict.requirements.is_empty() && verdict.duties.is_empty(), "{verdict:?}");
    }
}

#[test]
fn a_hold_carries_its_group_and_its_clocks() {
    let (set, facts) = set(&format!(
        "{ALL}@id(\"h\") @hold(\"group:payments-oncall\") @decide_by(\"15m\") @execute_by(\"2h\") \
         @reason(\"money moves\") forbid (principal, action, resource) \
         unless {{ context.approvals.contains(\"h\") }};"
    ));
    let verdict = set.judge(&facts);
    let [requirement] = verdict.requirements.as_slice() else { panic!("{verdict:?}") };
    assert_eq!(requirement.id, "h");
    assert_eq!(requirement.group, "group:payments-oncall");
    assert_eq!(requirement.decide_within.as_secs(), 15 * 60);
    assert_eq!(requirement.execute_within.as_secs(), 2 * 3_600);
    assert_eq!(verdict.reasons[0].text, "money moves");
    assert_eq!(verdict.reasons[0].policy.as_ref().unwrap().to_string(), "h (test.cedar:2)");
}

#[test]
fn each_hold_is_satisfied_by_its_own_approval_only() {
    let other = HOLD.replace("\"h\"", "\"h2\"");
    let (set, mut facts) = set(&[ALL, HOLD, &other].concat());
    for (approvals, expect) in [
        (vec![], vec!["h", "h2"]),
        (vec!["h"], vec!["h2"]),
        (vec!["h2"], vec!["h"]),
        (vec!["H", "h ", "x"], vec!["h", "h2"]),
        (vec!["h", "h2"], vec![]),
    ] {
        facts.approvals = approvals.iter().map(|id| (*id).to_owned()).collect();
        let verdict = set.judge(&facts);
        let asked: Vec<&str> = verdict.requirements.iter().map(|one| one.id.as_str()).collect();
        assert_eq!(asked, expect, "{approvals:?}");
        let strength = if expect.is_empty() { Strength::Allow } else { Strength::Hold };
        assert_eq!(verdict.strength, strength, "{approvals:?}");
    }
}

#[test]
fn autonomy_widens_only_the_hold_that_says_so_and_makes_it_unprovable() {
    let widened = "@id(\"w\") @hold(\"group:g\") forbid (principal, action, resource) \
         unless { context.approvals.contains(\"w\") || context.autonomy.contains(\"small-payments\") };";
    let (set, mut facts) = set(&[ALL, HOLD, widened].concat());
    facts.autonomy = ["small-payments".to_owned()].into();
    let asked: Vec<String> =
        set.judge(&facts).requirements.into_iter().map(|requirement| requirement.id).collect();
    assert_eq!(asked, ["h"]);
    let provable: Vec<(String, bool)> =
        set.rules().map(|rule| (rule.id, rule.provable)).filter(|(id, _)| id != "all").collect();
    assert_eq!(provable, [("h".to_owned(), true), ("w".to_owned(), false)]);
}

#[test]
fn any_policy_that_cannot_be_evaluated_denies_whatever_its_kind() {
    let clause =
        "when { context.args has amount && context.args.amount * 9223372036854775807 > 0 }";
    for (annotations, effect, end) in [
        ("", "permit", ""),
        ("", "forbid", ""),
        ("@notify(\"group:g\")", "forbid", ""),
        ("@review(\"group:g\")", "forbid", ""),
        ("@hold(\"group:g\")", "forbid", "unless { context.approvals.contains(\"e\") }"),
    ] {
        let (set, facts) = set(&format!(
            "{ALL}@id(\"e\") {annotations} {effect} (principal, action, resource) {clause} {end};"
        ));
        let verdict = set.judge(&facts);
        assert_eq!(verdict.strength, Strength::Deny, "{annotations} {effect}");
        assert!(verdict.reasons[0].text.contains("could not be evaluated"), "{verdict:?}");
        let explained = set.explain(&facts);
        assert_eq!(explained.verdict, verdict);
        assert!(matches!(explained.rules[1].outcome, RuleOutcome::Fails(_)));
    }
}

#[test]
fn before_there_is_a_plan_only_what_no_plan_can_change_denies() {
    use Strength::{Allow, Deny};
    let forbid_plan = "@id(\"fp\") forbid (principal, action, resource) \
                       unless { context has plan && context.plan.restorable };";
    let permit_plan = "@id(\"pp\") permit (principal, action, resource) \
                       when { context has plan && context.plan.restorable };";
    for (rules, before, with_plan, reads) in [
        (vec![ALL], Allow, Allow, false),
        (vec![], Deny, Deny, false),
        (vec![ALL, FORBID], Deny, Deny, false),
        (vec![ALL, ERRS], Deny, Deny, false),
        (vec![ALL, forbid_plan], Allow, Allow, true),
        (vec![permit_plan], Allow, Allow, true),
        (vec![permit_plan, FORBID], Deny, Deny, true),
        (vec![ALL, HOLD], Allow, Strength::Hold, false),
        (vec![ALL, NOTICE], Allow, Strength::Notify, false),
    ] {
        let (set, mut facts) = set(&rules.concat());
        assert_eq!(set.reads_plan(&facts), reads, "{rules:?}");
        let first = set.judge_before_plan(&facts);
        assert_eq!(first.strength, before, "{rules:?}");
        assert!(first.requirements.is_empty() && first.duties.is_empty(), "{rules:?}");
        facts.plan = Some(plan(&["a"], true));
        assert_eq!(set.judge(&facts).strength, with_plan, "{rules:?}");
    }
}

#[test]
fn a_plan_that_cannot_be_restored_is_denied_where_the_policy_wants_it_restorable() {
    let (set, mut facts) = set(&[
        ALL,
        "@id(\"fp\") forbid (principal, action, resource) \
         unless { context has plan && context.plan.restorable };",
    ]
    .concat());
    assert_eq!(set.judge(&facts).strength, Strength::Deny);
    facts.plan = Some(plan(&["a"], false));
    assert_eq!(set.judge(&facts).strength, Strength::Deny);
}

#[test]
fn a_tool_that_the_version_does_not_know_is_denied() {
    let (set, facts) = set(ALL);
    let mut unknown = facts.clone();
    unknown.tool.name = "other".parse().unwrap();
    let mut changed = facts.clone();
    changed.tool.contract = domain::Digest::new([7; 32]);
    for facts in [unknown, changed] {
        for verdict in
            [set.judge(&facts), set.judge_before_plan(&facts), set.explain(&facts).verdict]
        {
            assert_eq!(verdict.strength, Strength::Deny, "{verdict:?}");
            assert_eq!(verdict.policy, set.version());
        }
        assert!(!set.reads_plan(&facts));
    }
}

#[test]
fn arguments_that_do_not_fit_the_contract_are_denied_where_they_are_read() {
    let text = format!(
        "{ALL}@id(\"big\") forbid (principal, action, resource) \
                        when {{ context.args has amount && context.args.amount > 5 }};"
    );
    let (set, mut facts) = set(&text);
    facts.arguments = json!({ "amount": "nine" });
    let verdict = set.judge(&facts);
    assert_eq!(verdict.strength, Strength::Deny);
    assert!(verdict.reasons[0].text.contains("`/amount`"), "{verdict:?}");
}

#[test]
fn a_changing_call_with_arguments_that_no_policy_sees_waits_for_people() {
    let schema = json!({ "type": "object", "properties": { "amount": { "type": "integer" } } });
    for (class, arguments, expect) in [
        (EffectClass::Restorable, json!({ "amount": 1, "more": { "x": 1 } }), Strength::Hold),
        (EffectClass::Restorable, json!({ "amount": 1 }), Strength::Allow),
        (EffectClass::Pure, json!({ "more": 1 }), Strength::Allow),
    ] {
        let contract = tool("open", class, schema.clone());
        let set = load(ALL, std::slice::from_ref(&contract)).unwrap();
        let mut facts = facts(&contract, arguments.clone());
        let verdict = set.judge(&facts);
        assert_eq!(verdict.strength, expect, "{class} {arguments}");
        assert_eq!(verdict, set.explain(&facts).verdict);
        if expect == Strength::Hold {
            assert_eq!(verdict.requirements[0].id, "opaque-arguments");
            assert!(verdict.reasons[0].text.contains("`/more`"), "{verdict:?}");
            facts.approvals = ["opaque-arguments".to_owned()].into();
            assert_eq!(set.judge(&facts).strength, Strength::Allow);
        }
    }
}

/// A reviewer paid 1,000,000 by a call of `amount: 1` that brought its own `inputResponses`: nobody had asked.
#[test]
fn a_changing_call_with_input_that_nobody_asked_for_waits_for_people() {
    let asked: CallId = "call_019aa1b2c3d47e5f8091a2b3c4d5e6f7".parse().unwrap();
    for (class, answers, expect) in [
        (EffectClass::Irreversible, None, Strength::Hold),
        (EffectClass::Irreversible, Some(asked), Strength::Allow),
        (EffectClass::Pure, None, Strength::Allow),
    ] {
        let contract = tool("pay", class, object(json!({})));
        let set = load(ALL, std::slice::from_ref(&contract)).unwrap();
        let mut facts = facts(&contract, json!({}));
        facts.input = Some(InputFacts { digest: Digest::new([1; 32]), answers });
        let verdict = set.judge(&facts);
        assert_eq!(verdict.strength, expect, "{class} {answers:?}");
        assert_eq!(verdict, set.explain(&facts).verdict);
        if expect == Strength::Hold {
            assert_eq!(verdict.requirements[0].id, "opaque-arguments");
            assert!(verdict.reasons[0].text.contains("`input`"), "{verdict:?}");
        }
        let forbids = "@id(\"no\") forbid (principal, action, resource) when { context.args_opaque.contains(\"input\") };";
        let set = load(&format!("{ALL}{forbids}"), std::slice::from_ref(&contract)).unwrap();
        let denied = set.judge(&facts).strength == Strength::Deny;
        assert_eq!(denied, answers.is_none(), "a policy can forbid it");
    }
}

#[test]
fn policies_see_what_is_opaque() {
    let schema = json!({ "type": "object", "properties": {} });
    let contract = tool("open", EffectClass::Pure, schema);
    let text = format!(
        "{ALL}@id(\"no\") forbid (principal, action, resource) \
                        when {{ context.args_opaque.contains(\"/secret\") }};"
    );
    let set = load(&text, std::slice::from_ref(&contract)).unwrap();
    assert_eq!(set.judge(&facts(&contract, json!({ "secret": 1 }))).strength, Strength::Deny);
    assert_eq!(set.judge(&facts(&contract, json!({ "open": 1 }))).strength, Strength::Allow);
}

#[test]
fn a_tool_too_large_to_map_is_quarantined_alone() {
    let many: serde_json::Map<String, serde_json::Value> =
        (0..2_500).map(|at| (format!("a{at}"), json!({ "type": "string" }))).collect();
    let large = tool("large", EffectClass::Pure, object(many.into()));
    let small = tool("small", EffectClass::Pure, object(json!({})));
    let set = load(ALL, &[large.clone(), small.clone()]).unwrap();
    let quarantined: Vec<&str> = set.quarantined().keys().map(domain::ToolName::as_str).collect();
    assert_eq!(quarantined, ["large"]);
    let verdict = set.judge(&facts(&large, json!({})));
    assert_eq!(verdict.strength, Strength::Deny);
    assert!(verdict.reasons[0].text.contains("quarantined"), "{verdict:?}");
    assert_eq!(set.judge(&facts(&small, json!({}))).strength, Strength::Allow);
}

#[test]
fn a_tool_described_twice_is_quarantined() {
    let one = tool("twice", EffectClass::Pure, object(json!({})));
    let two = tool("twice", EffectClass::Irreversible, object(json!({})));
    let set = load(ALL, &[one.clone(), two]).unwrap();
    assert_eq!(set.judge(&facts(&one, json!({}))).strength, Strength::Deny);
}

#[test]
fn rules_over_groups_reach_tools_by_class_and_consequence() {
    let pay =
        hitting(tool("pay", EffectClass::Irreversible, object(json!({}))), &[Consequence::Money]);
    let read = tool("read", EffectClass::Pure, object(json!({})));
    let house = tool("checkrein.undo", EffectClass::Restorable, object(json!({})));
    let all = [pay, read, house];
    for (group, expect) in [
        ("class:pure", [false, true, false]),
        ("class:irreversible", [true, false, false]),
        ("class:changing", [true, false, false]),
        ("consequence:money", [true, false, false]),
    ] {
        let text =
            format!("{ALL}@id(\"g\") forbid (principal, action in Action::\"{group}\", resource);");
        let set = load(&text, &all).unwrap();
        for (contract, denied) in all.iter().zip(expect) {
            let verdict = set.judge(&facts(contract, json!({})));
            assert_eq!(verdict.strength == Strength::Deny, denied, "{group} {}", contract.name);
        }
    }
}

#[test]
fn heads_over_principals_and_resources_match_exactly() {
    let read = tool("read", EffectClass::Pure, object(json!({})));
    for (head, resource, denied) in [
        ("principal == Agent::\"local/builder\", action, resource", "workspace:a", true),
        ("principal == Agent::\"local/other\", action, resource", "workspace:a", false),
        ("principal in Tenant::\"local\", action, resource", "workspace:a", true),
        ("principal in Tenant::\"elsewhere\", action, resource", "workspace:a", false),
        ("principal, action, resource == Resource::\"workspace:a/b\"", "workspace:a/b", true),
        ("principal, action, resource == Resource::\"workspace:a\"", "workspace:a/b", false),
        ("principal, action, resource in Resource::\"workspace:a\"", "workspace:a/b/c", true),
        ("principal, action, resource in Resource::\"workspace:a\"", "workspace:ab/c", false),
        ("principal, action, resource in Resource::\"workspace:\"", "workspace:ab/c", true),
        ("principal, action, resource in Resource::\"workspace:\"", "database:ab/c", false),
        (
            "principal in Tenant::\"local\", action == Action::\"read\", resource in Resource::\"workspace:a\"",
            "workspace:a",
            true,
        ),
    ] {
        let text = format!("{ALL}@id(\"f\") forbid ({head});");
        let set =
            load(&text, std::slice::from_ref(&read)).unwrap_or_else(|errors| panic!("{errors}"));
        let mut facts = facts(&read, json!({}));
        facts.resource = domain::Resource::new(resource);
        let verdict = set.judge(&facts);
        assert_eq!(verdict.strength == Strength::Deny, denied, "{head} on {resource}");
        assert_eq!(verdict, set.explain(&facts).verdict, "{head} on {resource}");
    }
}

/// Every attribute of the schema carries what the facts say.
#[test]
fn every_fact_reaches_the_policies() {
    let mut facts = {
        let schema = object(json!({ "amount": { "type": "integer" } }));
        let pay = hitting(tool("pay", EffectClass::Irreversible, schema), &[Consequence::Money]);
        facts(&pay, json!({ "amount": 2 }))
    };
    facts.plan = Some(domain::PlanFacts {
        consequences: [Consequence::Overwrite, Consequence::CodeExecution].into(),
        unintended: 1,
        unintended_consequences: [Consequence::CodeExecution].into(),
        exit_code: Some(-3),
        ..plan(&["src/a.rs", "b"], true)
    });
    facts.command = Some(domain::CommandFacts {
        program: "cargo".to_owned(),
        role: Some(domain::CommandRole::Build),
        starts_programs: true,
    });
    facts.history = domain::History {
        failures_in_row: 1,
        identical_calls: 2,
        calls: 3,
        ..domain::History::default()
    };
    facts.budget_left.calls = Some(9);
    facts.labels = [domain::Label::Untrusted].into();
    facts.advice.intent_stated = false;
    let schema = object(json!({ "amount": { "type": "integer" } }));
    let pay = hitting(tool("pay", EffectClass::Irreversible, schema), &[Consequence::Money]);
    for condition in [
        "context.args.amount == 2",
        "context.args_opaque.isEmpty()",
        "context.tool.name == \"pay\" && context.tool.effect_class == \"irreversible\"",
        "context.tool.consequences == [\"money\"] && context.tool.provenance == \"declared\"",
        "context.tool.maturity == \"stable\" && !context.tool.preview",
        "context.space == \"experiment\" && context.workflow == \"work\"",
        "context.plan.paths == [\"src/a.rs\", \"b\"] && context.plan.path_count == 2",
        "context.plan.touches == [\"src/a.rs\", \"src\", \"b\"]",
        "context.plan.creations == 0 && context.plan.overwrites == 2 && context.plan.deletions == 0",
        "context.plan.content_bytes == 10 && context.plan.restorable",
        "context.plan.consequences == [\"code_execution\", \"overwrite\"]",
        "context.plan.unintended == 1 && context.plan.unintended_consequences == [\"code_execution\"]",
        "context.plan has exit_code && context.plan.exit_code == -3",
        "context has command && context.command.program == \"cargo\"",
        "context has command && context.command.role == \"build\" && context.command.starts_programs",
        "context.history.failures_in_row == 1 && context.history.identical_calls == 2",
        "context.history.calls == 3",
        "context.budget_left has calls && context.budget_left.calls == 9",
        "!(context.budget_left has wall_ms)",
        "context.labels.contains(\"untrusted\")",
        "context.now == datetime(\"2023-11-14T22:13:20.000Z\")",
        "principal.tenant == \"local\" && principal.name == \"builder\" && principal.version == \"1\"",
        "principal.human == \"ada\" && principal.parents.isEmpty()",
        "resource.name == \"workspace:src/a.rs\" && resource.kind == \"workspace\"",
        "resource.path like \"src/*\"",
    ] {
        let guarded = if condition.contains("plan") {
            format!("context has plan && {condition}")
        } else if condition.contains("args.amount") {
            format!("context.args has amount && {condition}")
        } else {
            condition.to_owned()
        };
        let text = format!("@id(\"p\") permit (principal, action, resource) when {{ {guarded} }};");
        let set =
            load(&text, std::slice::from_ref(&pay)).unwrap_or_else(|errors| panic!("{errors}"));
        facts.resource = domain::Resource::new("workspace:src/a.rs");
        assert_eq!(set.judge(&facts).strength, Strength::Allow, "{condition}");
    }
    for advice in [
        "context.advice.confidence_stated && context.advice.confidence < 98",
        "!context.advice.intent_stated",
    ] {
        let text =
            format!("{ALL}@id(\"f\") forbid (principal, action, resource) when {{ {advice} }};");
        let set =
            load(&text, std::slice::from_ref(&pay)).unwrap_or_else(|errors| panic!("{errors}"));
        assert_eq!(set.judge(&facts).strength, Strength::Deny, "{advice}");
    }
}

#[test]
fn explain_says_of_every_rule_what_it_did() {
    let text = [
        ALL,
        HOLD,
        NOTICE,
        "@id(\"off\") forbid (principal, action, resource) when { context.space == \"moon\" };\n",
        "@id(\"gone\") forbid (principal, action == Action::\"absent.tool\", resource);\n",
    ]
    .concat();
    let (set, mut facts) = set(&text);
    facts.approvals = ["h".to_owned()].into();
    let explained = set.explain(&facts);
    let outcomes: Vec<(String, RuleOutcome)> =
        explained.rules.into_iter().map(|one| (one.rule.id, one.outcome)).collect();
    assert_eq!(
        outcomes,
        [
            ("all".to_owned(), RuleOutcome::Matches),
            ("h".to_owned(), RuleOutcome::Approved),
            ("n".to_owned(), RuleOutcome::Matches),
            ("off".to_owned(), RuleOutcome::DoesNotMatch),
            ("gone".to_owned(), RuleOutcome::Dormant),
        ]
    );
}
