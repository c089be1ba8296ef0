//! What a listing shows: nothing that could be allowed is left out, and what never can be is not shown.
//! Random policies and facts for the first, a table for the second.

use checkrein_policy::PolicySet;
use domain::{Agent, EffectClass, Human, PrincipalChain, Strength, ToolName};
use proptest::prelude::*;

use crate::random::{any_facts, policies, tools};
use crate::support::{load, object, tool};

fn set(text: &str) -> PolicySet {
    load(text, &tools()).unwrap_or_else(|errors| panic!("{errors}\n{text}"))
}

fn chain(tenant: &str, agent: &str) -> PrincipalChain {
    PrincipalChain {
        tenant: tenant.parse().unwrap(),
        human: Human("ada".parse().unwrap()),
        agent: Agent { name: agent.parse().unwrap(), version: "1".to_owned() },
        parents: Vec::new(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn a_tool_that_any_facts_could_allow_is_visible(text in policies(), facts in any_facts()) {
        let set = set(&text);
        let visible = set.prospects(&facts.chain).may_ever(&facts.tool.name);
        let allowed = set.judge(&facts).strength < Strength::Deny;
        prop_assert!(visible || !allowed, "{} may call {}\n{}", facts.chain.agent, facts.tool.name, text);
    }
}

#[test]
fn a_tool_is_hidden_without_a_permit_and_by_a_forbid_that_always_holds() {
    let permit = "@id(\"p\") permit (principal, action, resource);";
    let forbid = |head: &str| format!("{permit} @id(\"f\") forbid {head};");
    for (text, shown) in [
        // The tools that `local/builder` sees of files.read, files.write and pay.
        (permit.to_owned(), [true, true, true]),
        (
            "@id(\"p\") permit (principal, action == Action::\"pay\", resource);".to_owned(),
            [false, false, true],
        ),
        (
            "@id(\"p\") permit (principal, action in Action::\"class:pure\", resource) when { context.space == \"moon\" };"
                .to_owned(),
            [true, false, false],
        ),
        (
            "@id(\"p\") permit (principal == Agent::\"other/builder\", action, resource);".to_owned(),
            [false, false, false],
        ),
        (
            "@id(\"p\") permit (principal in Tenant::\"local\", action, resource);".to_owned(),
            [true, true, true],
        ),
        (
            "@id(\"p\") permit (principal, action, resource in Resource::\"workspace:prod\");".to_owned(),
            [true, true, true],
        ),
        (forbid("(principal, action == Action::\"pay\", resource)"), [true, true, false]),
        (
            forbid("(principal is Agent, action in Action::\"class:changing\", resource is Resource)"),
            [true, false, false],
        ),
        (forbid("(principal == Agent::\"local/builder\", action, resource)"), [false, false, false]),
        (forbid("(principal == Agent::\"other/builder\", action, resource)"), [true, true, true]),
        (
            forbid("(principal, action, resource in Resource::\"workspace:prod\")"),
            [true, true, true],
        ),
        (
            forbid("(principal, action, resource) when { context.space == \"staging\" }"),
            [true, true, true],
        ),
        (
            format!("{permit} @id(\"h\") @hold(\"group:g\") forbid (principal, action, resource) unless {{ context.approvals.contains(\"h\") }};"),
            [true, true, true],
        ),
    ] {
        let set = set(&text);
        let prospects = set.prospects(&chain("local", "builder"));
        let names = ["files.read", "files.write", "pay"].map(|name| name.parse().unwrap());
        assert_eq!(names.map(|name: ToolName| prospects.may_ever(&name)), shown, "{text}");
    }
}

#[test]
fn a_tool_that_nobody_knows_or_that_is_quarantined_is_hidden() {
    let twice = [
        tool("a", EffectClass::Pure, object(serde_json::json!({}))),
        tool("b", EffectClass::Pure, object(serde_json::json!({}))),
        tool("b", EffectClass::Pure, object(serde_json::json!({}))),
    ];
    let set = load("@id(\"p\") permit (principal, action, resource);", &twice).unwrap();
    let prospects = set.prospects(&chain("local", "builder"));
    let shown = ["a", "b", "c"].map(|name| prospects.may_ever(&name.parse().unwrap()));
    assert_eq!(shown, [true, false, false]);
}
