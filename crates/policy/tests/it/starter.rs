//! The starter policy: its own tables, what it says of rules for absent tools, and that nothing dangerous
//! slips between its rules.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use checkrein_policy::{PolicySet, RuleKind};
use contract::Catalogue;
use domain::{Consequence, Contract, EffectClass, Strength, Tier};
use proptest::prelude::*;
use serde_json::json;

use crate::random::any_advice;
use crate::support::{facts, hitting, object, plan, starter_catalogue, starter_over, tool};

fn starter(tools: &[Contract]) -> PolicySet {
    let sources = checkrein_policy::starter();
    PolicySet::load(&sources, &tools.iter().collect::<Vec<_>>())
        .unwrap_or_else(|errors| panic!("{errors}"))
}

#[test]
fn every_line_of_the_starter_policy_holds() {
    let set = starter_over(&starter_catalogue());
    let tests = checkrein_policy::STARTER_TESTS;
    let report = checkrein_policy::table::run(&set, tests.text, tests.file);
    assert!(report.passed(), "{report}");
}

#[test]
fn every_rule_of_the_starter_policy_stands_in_a_table_test() {
    let set = starter_over(&starter_catalogue());
    let tests = checkrein_policy::STARTER_TESTS.text;
    for rule in set.rules() {
        assert!(!rule.dormant, "`{}` has no fixture", rule.id);
        assert!(tests.contains(&format!("\"{}\"", rule.id)), "`{}` stands in no test", rule.id);
    }
}

#[test]
fn rules_for_absent_tools_lie_dormant_and_are_listed() {
    let set = starter_over(&Catalogue::default());
    assert!(set.rules().all(|rule| rule.dormant));
    let files = contract::load::all(&contract::builtin::FILES).unwrap();
    let set = starter_over(&files);
    let listed = |dormant| {
        set.rules()
            .filter(|rule| rule.dormant == dormant)
            .map(|rule| rule.id)
            .collect::<Vec<_>>()
            .join(" ")
    };
    insta::assert_snapshot!(format!("dormant: {}\nawake: {}", listed(true), listed(false)));
}

#[test]
fn every_hold_of_the_starter_policy_can_be_proved() {
    let set = starter_over(&starter_catalogue());
    let unprovable: Vec<String> = set
        .rules()
        .filter(|rule| rule.kind == RuleKind::Hold && !rule.provable)
        .map(|rule| rule.id)
        .collect();
    assert_eq!(unprovable, Vec::<String>::new());
}

/// Whether the issue lets such a call run without anybody being asked, said apart from the policy's text.
fn runs_unasked(class: EffectClass, hit: &BTreeSet<Consequence>, case: &Case) -> bool {
    let restorable = case.plan == Some(true);
    let lost = hit.iter().any(|one| match one {
        Consequence::Delete | Consequence::Overwrite => !restorable,
        Consequence::OutsideCommunication
        | Consequence::Money
        | Consequence::Credential
        | Consequence::Rights
        | Consequence::Production
        | Consequence::IdentityChange
        | Consequence::BulkRead => true,
        Consequence::CodeExecution => {
            !(case.command.is_some_and(Command::is_trusted) && restorable)
        }
    });
    if lost || (class.changes() && case.resource.starts_with("workspace:prod/")) {
        return false;
    }
    match class {
        EffectClass::Pure => true,
        EffectClass::Restorable | EffectClass::Compensable | EffectClass::Delayed => {
            let staging = case.space == "staging";
            // A delete or overwrite with a restorable plan has no other question to answer.
            (restorable && (case.resource.starts_with("workspace:") || !hit.is_empty())) || staging
        }
        EffectClass::Irreversible => {
            restorable && (case.resource.starts_with("workspace:") || !hit.is_empty())
        }
        EffectClass::Unknown => false,
    }
}

#[derive(Debug, Clone, Copy)]
enum Command {
    Harmless,
    Starts,
    Tests,
}

impl Command {
    fn is_trusted(self) -> bool {
        matches!(self, Self::Harmless | Self::Tests)
    }

    fn facts(self) -> domain::CommandFacts {
        domain::CommandFacts {
            program: "x".to_owned(),
            role: matches!(self, Self::Tests).then_some(domain::CommandRole::Test),
            starts_programs: !matches!(self, Self::Harmless),
        }
    }
}

struct Case {
    plan: Option<bool>,
    command: Option<Command>,
    space: &'static str,
    resource: &'static str,
}

#[test]
fn nothing_runs_unasked_but_what_the_issue_lets_run_unasked() {
    let none = BTreeSet::new();
    let singles = Consequence::ALL.iter().map(|one| BTreeSet::from([*one]));
    let both = BTreeSet::from([Consequence::Delete, Consequence::Money]);
    let sets: Vec<BTreeSet<Consequence>> =
        std::iter::once(none).chain(singles).chain([both]).collect();
    let mut judged = 0;
    for class in EffectClass::ALL {
        for hit in &sets {
            let list: Vec<Consequence> = hit.iter().copied().collect();
            let contract = hitting(tool("some.tool", *class, object(json!({}))), &list);
            let set = starter(std::slice::from_ref(&contract));
            for plan_of in [None, Some(true), Some(false)] {
                for space in ["experiment", "staging", "production"] {
                    for resource in ["workspace:src/a", "workspace:prod/a", "database:a"] {
                        let commands =
                            [Command::Harmless, Command::Starts, Command::Tests].map(Some);
                        for command in commands.into_iter().chain([None]) {
                            let case = Case { plan: plan_of, command, space, resource };
                            let mut facts = facts(&contract, json!({}));
                            facts.command = command.map(Command::facts);
                            facts.space = space.parse().unwrap();
                            facts.resource = domain::Resource::new(resource);
                            let path = resource.split_once(':').unwrap().1;
                            facts.plan = plan_of.map(|restorable| plan(&[path], restorable));
                            let verdict = set.judge(&facts);
                            let unasked = verdict.strength < Strength::Hold;
                            assert_eq!(
                                unasked,
                                runs_unasked(*class, hit, &case),
                                "{class} {hit:?} {plan_of:?} {command:?} {space} {resource}: {verdict:?}"
                            );
                            assert_ne!(verdict.strength, Strength::Deny);
                            judged += 1;
                        }
                    }
                }
            }
        }
    }
    assert_eq!(judged, 6 * 12 * 27 * 4);
}

/// What a call of the tool must have for the rules that read arguments.
fn arguments(tool: &str) -> serde_json::Value {
    match tool {
        "git.push" => json!({"remote": "origin", "branch": "main", "force": true}),
        _ => json!({}),
    }
}

#[test]
fn what_is_asked_for_runs_once_every_approval_is_there() {
    let catalogue = starter_catalogue();
    let set = starter_over(&catalogue);
    for compiled in catalogue.iter() {
        let mut facts = facts(&compiled.contract, arguments(compiled.name().as_str()));
        facts.workflow = "operator".parse().unwrap();
        facts.advice.confidence = None;
        facts.history.failures_in_row = 5;
        let asked = set.judge(&facts);
        assert_ne!(asked.strength, Strength::Deny, "{}: {asked:?}", compiled.name());
        facts.approvals =
            asked.requirements.iter().map(|requirement| requirement.id.clone()).collect();
        let verdict = set.judge(&facts);
        assert!(
            verdict.strength < Strength::Hold && verdict.tier < Tier::Three,
            "{}: {verdict:?}",
            compiled.name()
        );
    }
}

static WHOLE: LazyLock<(Catalogue, PolicySet)> = LazyLock::new(|| {
    let catalogue = starter_catalogue();
    let set = starter_over(&catalogue);
    (catalogue, set)
});

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn whatever_an_agent_says_of_itself_nothing_runs_that_would_not_run_for_a_sure_one(
        (confidence, intent, effects) in any_advice(),
        which in any::<prop::sample::Index>(),
    ) {
        let (catalogue, set) = &*WHOLE;
        let all: Vec<_> = catalogue.iter().collect();
        let contract = &which.get(&all).contract;
        let mut facts = facts(contract, arguments(contract.name.as_str()));
        facts.advice.confidence = domain::Confidence::from_hundredths(100);
        let sure = set.judge(&facts);
        facts.advice = domain::Advice { confidence, intent_stated: intent, effects_stated: effects };
        prop_assert!(set.judge(&facts).strength >= sure.strength);
    }
}
