//! What load refuses, with the messages as their readers see them.
//!
//! In the tables each policy is loaded alone over two contracts, and all messages of a subject stand in one
//! snapshot, to be read as text in `snapshots`. A policy that loads shows there as `LOADED`: some do, to show where
//! the border of a refusal runs.

use checkrein_policy::{PolicySet, Source};
use domain::{Consequence, Contract, EffectClass};
use serde_json::json;

use crate::support::{hitting, load, object, tool};

fn catalogue() -> Vec<Contract> {
    let pay = object(json!({
        "amount": { "type": "integer" },
        "currency": { "enum": ["EUR", "USD"] },
        "to": { "type": ["string", "integer", "null"] },
        "tags": { "type": "array", "items": { "enum": ["a", "b"] } },
        "note": { "type": "object", "properties": { "text": { "type": "string" } }, "additionalProperties": false },
    }));
    vec![
        hitting(tool("pay", EffectClass::Irreversible, pay), &[Consequence::Money]),
        tool("read", EffectClass::Pure, object(json!({ "path": { "type": "string" } }))),
    ]
}

/// One policy per line; the messages of all that are refused.
fn refused(policies: &[&str]) -> String {
    let mut out = Vec::new();
    for policy in policies {
        match load(policy, &catalogue()) {
            Ok(_) => out.push(format!("{policy}\n  LOADED")),
            Err(errors) => {
                out.push(format!("{policy}\n  {}", errors.to_string().replace('\n', "\n  ")))
            }
        }
    }
    out.join("\n\n")
}

macro_rules! check {
    ($policies:expr) => {
        insta::with_settings!({ omit_expression => true }, {
            insta::assert_snapshot!(refused($policies));
        })
    };
}

#[test]
fn ids_and_annotations() {
    check!(&[
        "permit (principal, action, resource);",
        "@id permit (principal, action, resource);",
        "@id(\"Not An Id\") permit (principal, action, resource);",
        "@id(\"opaque-arguments\") permit (principal, action, resource);",
        "@id(\"a\") permit (principal, action, resource);\n@id(\"a\") forbid (principal, action, resource);",
        "@id(\"a\") @hodl(\"group:g\") forbid (principal, action, resource);",
        "@id(\"a\") @hold(\"group:g\") @quorum(\"2\") forbid (principal, action, resource) unless { context.approvals.contains(\"a\") };",
        "@id(\"a\") @hold(\"group:g\") @quorum(\"0\") forbid (principal, action, resource) unless { context.approvals.contains(\"a\") };",
        "@id(\"a\") @hold(\"group:g\") @quorum(\"10\") forbid (principal, action, resource) unless { context.approvals.contains(\"a\") };",
        "@id(\"a\") @hold(\"group:g\") @quorum(\"two\") forbid (principal, action, resource) unless { context.approvals.contains(\"a\") };",
        "@id(\"a\") @hold(\"group:g\") @quorum(\"02\") forbid (principal, action, resource) unless { context.approvals.contains(\"a\") };",
        "@id(\"a\") @hold(\"group:g\") @assurance(\"passkey\") forbid (principal, action, resource) unless { context.approvals.contains(\"a\") };",
        "@id(\"a\") @hold(\"group:g\") @assurance(\"passkeys\") forbid (principal, action, resource) unless { context.approvals.contains(\"a\") };",
        "@id(\"a\") @hold(\"group:g\") @escalate(\"15m group:leads\") forbid (principal, action, resource) unless { context.approvals.contains(\"a\") };",
        "@id(\"a\") @hold(\"group:g\") @escalate(\"15m leads\") forbid (principal, action, resource) unless { context.approvals.contains(\"a\") };",
        "@id(\"a\") @hold(\"group:g\") @escalate(\"group:leads\") forbid (principal, action, resource) unless { context.approvals.contains(\"a\") };",
        "@id(\"a\") @hold(\"group:g\") @escalate(\"0s group:leads\") forbid (principal, action, resource) unless { context.approvals.contains(\"a\") };",
        "@id(\"a\") @hold(\"group:g\") @decide_by(\"15m\") @escalate(\"15m group:leads\") forbid (principal, action, resource) unless { context.approvals.contains(\"a\") };",
        "@id(\"a\") @hold(\"group:g\") @review_by(\"1d\") forbid (principal, action, resource) unless { context.approvals.contains(\"a\") };",
        "@id(\"a\") @review(\"group:g\") @review_by(\"1d\") forbid (principal, action, resource);",
        "@id(\"a\") @review(\"group:g\") @quorum(\"2\") forbid (principal, action, resource);",
        "@id(\"a\") @notify(\"group:g\") @review_by(\"1d\") forbid (principal, action, resource);",
        "@id(\"a\") @quorum(\"2\") permit (principal, action, resource);",
        "@id(\"a\") @owner(\"group:payments\") permit (principal, action, resource);",
        "@id(\"a\") @owner(\"the payments people\") permit (principal, action, resource);",
        "@id(\"a\") @hold(\"group:g\") permit (principal, action, resource);",
        "@id(\"a\") @hold(\"oncall\") forbid (principal, action, resource) unless { context.approvals.contains(\"a\") };",
        "@id(\"a\") @notify(\"group:\") forbid (principal, action, resource);",
        "@id(\"a\") @notify(\"group:g\") @review(\"group:g\") forbid (principal, action, resource);",
        "@id(\"a\") @hold(\"group:g\") @decide_by(\"soon\") forbid (principal, action, resource) unless { context.approvals.contains(\"a\") };",
        "@id(\"a\") @hold(\"group:g\") @execute_by(\"99d\") forbid (principal, action, resource) unless { context.approvals.contains(\"a\") };",
        "@id(\"a\") @decide_by(\"1h\") forbid (principal, action, resource);",
        "@id(\"a\") permit (principal == ?principal, action, resource);",
    ]);
}

#[test]
fn approvals_and_autonomy() {
    check!(&[
        "@id(\"a\") @hold(\"group:g\") forbid (principal, action, resource);",
        "@id(\"a\") @hold(\"group:g\") forbid (principal, action, resource) unless { context.approvals.contains(\"b\") };",
        "@id(\"a\") @hold(\"group:g\") forbid (principal, action, resource) unless { context.approvals.contains(\"a\") && context.space == \"x\" };",
        "@id(\"a\") @hold(\"group:g\") forbid (principal, action, resource) unless { context.approvals.contains(\"a\") || context.space == \"x\" };",
        "@id(\"a\") @hold(\"group:g\") forbid (principal, action, resource) when { !context.approvals.contains(\"a\") };",
        "@id(\"a\") @hold(\"group:g\") forbid (principal, action, resource) unless { context.approvals.contains(\"a\") } unless { context.approvals.contains(\"a\") };",
        "@id(\"a\") @hold(\"group:g\") forbid (principal, action, resource) unless { context.autonomy.contains(\"x\") };",
        "@id(\"a\") permit (principal, action, resource) when { context.approvals.contains(\"b\") };",
        "@id(\"a\") permit (principal, action, resource) when { context.autonomy.contains(\"b\") };",
        "@id(\"a\") forbid (principal, action, resource) unless { context.approvals.contains(\"a\") };",
        "@id(\"a\") forbid (principal, action, resource) when { (if true then context else context).approvals.contains(\"b\") };",
        "@id(\"a\") forbid (principal, action, resource) when { {c: context}.c.approvals.contains(\"b\") };",
    ]);
}

#[test]
fn advice() {
    check!(&[
        "@id(\"a\") permit (principal, action, resource) when { context.advice.confidence > 90 };",
        "@id(\"a\") forbid (principal, action, resource) unless { context.advice.confidence > 90 };",
        "@id(\"a\") forbid (principal, action, resource) when { context.advice.confidence > 90 };",
        "@id(\"a\") forbid (principal, action, resource) when { !(context.advice.confidence < 90) };",
        "@id(\"a\") forbid (principal, action, resource) when { context.advice.confidence == 90 };",
        "@id(\"a\") forbid (principal, action, resource) when { 90 < context.advice.confidence };",
        "@id(\"a\") forbid (principal, action, resource) when { context.advice.intent_stated };",
        "@id(\"a\") forbid (principal, action, resource) when { if context.advice.intent_stated then false else true };",
        "@id(\"a\") forbid (principal, action, resource) when { context.advice == context.advice };",
        "@id(\"fine\") forbid (principal, action, resource) when { !(context.advice.confidence >= 90) || 50 > context.advice.confidence || !context.advice.intent_stated };",
    ]);
}

#[test]
fn names_that_do_not_exist() {
    check!(&[
        "@id(\"a\") forbid (principal, action == Action::\"pay\", resource) when { context.args.amont > 5 };",
        "@id(\"a\") forbid (principal, action == Action::\"pay\", resource) when { context.args has amont && context.args.amont > 5 };",
        "@id(\"a\") forbid (principal, action == Action::\"pay\", resource) when { context.args.amount > 5 };",
        "@id(\"a\") forbid (principal, action == Action::\"pay\", resource) when { context.args has amount && context.args.amount > decimal(\"5.0\") };",
        "@id(\"a\") forbid (principal, action == Action::\"pay\", resource) when { context.args has note.txet && context.args.note.txet == \"x\" };",
        "@id(\"a\") forbid (principal, action == Action::\"pay\", resource) when { context.args has tags && context.args.tags.lenght > 1 };",
        "@id(\"a\") forbid (principal, action, resource) when { context has plam && context.plam.restorable };",
        "@id(\"a\") forbid (principal, action, resource) when { context has plan && context.plan has restorabel };",
        "@id(\"a\") forbid (principal, action, resource) when { principal has nmae };",
        "@id(\"a\") forbid (principal, action, resource) when { resource.pth == \"x\" };",
        "@id(\"a\") forbid (principal, action in Action::\"class:irreversibel\", resource);",
        "@id(\"a\") forbid (principal, action == Action::\"Pay!\", resource);",
        "@id(\"a\") forbid (principal == User::\"x\", action, resource);",
        "@id(\"a\") forbid (principal, action == Action::\"pay\", resource) when { context.args has currency && context.args.currency == \"EURO\" };",
        "@id(\"a\") forbid (principal, action == Action::\"pay\", resource) when { context.args has currency && [\"EUR\", \"GBP\"].contains(context.args.currency) };",
        "@id(\"a\") forbid (principal, action == Action::\"pay\", resource) when { context.args has tags && context.args.tags.any.contains(\"c\") };",
        "@id(\"a\") forbid (principal, action, resource) when { Agent::\"local/x\".name == \"x\" };",
    ]);
}

#[test]
fn unions() {
    check!(&[
        "@id(\"a\") forbid (principal, action == Action::\"pay\", resource) when { context.args has to && context.args.to has text && context.args.to.text == \"x\" };",
        "@id(\"a\") @notify(\"group:g\") forbid (principal, action == Action::\"pay\", resource) when { context.args has to && context.args.to has number };",
        "@id(\"fine\") forbid (principal, action == Action::\"pay\", resource) when { context.args has to && (context.args.to has number || (context.args.to has text && context.args.to.text == \"x\")) };",
        "@id(\"fine\") forbid (principal, action == Action::\"pay\", resource) when { context.args has to };",
        "@id(\"fine\") permit (principal, action == Action::\"pay\", resource) when { context.args has to && context.args.to has text && context.args.to.text == \"x\" };",
    ]);
}

#[test]
fn text_that_is_no_policy() {
    check!(&[
        "@id(\"a\") permit (principal, action, resource) when { context.space = \"x\" };",
        "@id(\"a\")\npermit (principal, action, resource)\nwhen { context.space == };",
        "@id(\"a\") forbid (principal, action, resource) when { false };",
        "@id(\"a\") forbid (principal, action, resource) when { context.space == \"stag\u{202e}ing\" };",
        "@id(\"a\") @id(\"b\") permit (principal, action, resource);",
    ]);
}

#[test]
fn errors_of_all_files_are_told_at_once_with_their_places() {
    let file = |file: &str, text: &str| Source { file: file.to_owned(), text: text.to_owned() };
    let sources = [
        file("b.cedar", "\n\npermit (principal, action, resource);"),
        file(
            "a.cedar",
            "@id(\"x\") permit (principal, action, resource);\n  @id(\"x\") permit (principal, action, resource);",
        ),
        file(
            "c.cedar",
            "@id(\"y\")\nforbid (principal, action == Action::\"pay\", resource)\nwhen { context.args.amont > 5 };",
        ),
        file("c.cedar", "@id(\"z\") permit (principal, action, resource);"),
    ];
    let all = catalogue();
    let errors = PolicySet::load(&sources, &all.iter().collect::<Vec<_>>()).unwrap_err();
    insta::assert_snapshot!(errors);
}

#[test]
fn a_rule_for_an_absent_tool_lies_dormant_and_says_what_was_meant() {
    let text = "@id(\"one\") forbid (principal, action == Action::\"docker.rm\", resource);\n\
                @id(\"two\") forbid (principal, action in [Action::\"pay\", Action::\"raed\"], resource);\n\
                @id(\"three\") forbid (principal, action in Action::\"consequence:rights\", resource);";
    let set = load(text, &catalogue()).unwrap_or_else(|errors| panic!("{errors}"));
    let listed: Vec<_> = set.rules().map(|rule| (rule.id, rule.dormant, rule.absent)).collect();
    assert_eq!(
        listed,
        [
            ("one".to_owned(), true, vec![("docker.rm".to_owned(), None)]),
            ("two".to_owned(), false, vec![("raed".to_owned(), Some("read".to_owned()))]),
            ("three".to_owned(), true, vec![]),
        ]
    );
}

#[test]
fn a_policy_nested_without_end_is_refused_and_breaks_nothing() {
    for (open, inner, close) in [
        ("context.space == \"x\" || ", "true", ""),
        ("!", "true", ""),
        ("-", "1 == 1", ""),
        ("1 + ", "1 == 2", ""),
        ("if true then true else ", "true", ""),
        ("context.a.", "b", ""),
        ("(", "true", ")"),
        ("[", "1", "]"),
        ("{a: ", "1", "}"),
        ("resource in [", "resource", "]"),
    ] {
        // Up to the most that the bounds let through, and far beyond them.
        for count in [25, 80, 140, 280, 590, 20_000] {
            let body = format!("{}{inner}{}", open.repeat(count), close.repeat(count));
            let text =
                format!("@id(\"a\") forbid (principal, action, resource) when {{ {body} }};");
            let answer = load(&text, &catalogue());
            assert!(count < 20_000 || answer.is_err(), "{open}");
        }
    }
}

#[test]
fn bounds_on_nesting_count_neither_strings_nor_comments() {
    let many = "((((".repeat(100);
    let text = format!(
        "// {many} \"\n@id(\"a\") @reason(\"{many}\\\" {many}\") forbid (principal, action, resource);"
    );
    assert!(load(&text, &catalogue()).is_ok());
}
