//! What a caller sees of the catalogue: what it could call, and nothing else.
//! The heads of policies are tried with random ones in the policy crate.

use contract::{Catalogue, Compiled, contract_digest};
use domain::{Caller, Code, KeyHolder, Mode, Rights};
use gate::{GrantAsk, HeldBack, Rules, Secret};
use policy::{PolicySet, Source};

use crate::installation::{Installation, TestGate};
use crate::upstream::{ASKED, LOOK, PUSH, Server, name, offer, rules, server};

type Up = Installation<Server>;

fn caller(up: &Up, gate: &TestGate, secret: &Secret) -> Caller {
    up.finish(gate.identify(secret)).unwrap().agent().unwrap()
}

/// The upstream tools that somebody sees.
fn seen(gate: &TestGate, caller: &Caller) -> Vec<String> {
    let visible = gate.visible_tools(caller);
    let names = visible.tools.iter().map(|compiled| compiled.name().to_string());
    names.filter(|name| name.starts_with("up.")).collect()
}

fn with_policy(text: &str) -> Rules {
    let Rules { catalogue, policies, held_back } = rules("as listed");
    let mut sources = policies.sources().to_vec();
    sources.push(Source { file: "more.cedar".to_owned(), text: text.to_owned() });
    let compiled = catalogue.iter().map(|compiled| &**compiled);
    let policies = PolicySet::load_compiled(&sources, compiled).unwrap();
    Rules { catalogue, policies: policies.into(), held_back }
}

#[test]
fn a_caller_sees_what_its_grant_names_and_policy_could_permit() {
    let (up, gate) = Up::connected();
    let agent = caller(&up, &gate, &up.agent);
    assert_eq!(seen(&gate, &agent), [ASKED, LOOK, PUSH]);
    let all = gate.visible_tools(&agent);
    assert!(all.tools.iter().all(|compiled| !compiled.name().as_str().starts_with("checkrein.")));
    let forbidden = "@id(\"no\") forbid (principal, action == Action::\"up.push\", resource);";
    up.finish(gate.set_rules(with_policy(forbidden))).unwrap();
    assert_eq!(seen(&gate, &agent), [ASKED, LOOK]);
    let admin = up.person(&gate);
    up.finish(gate.set_mode(&admin, ("lab".parse().unwrap(), Mode::Shadow), Some("a test")))
        .unwrap();
    assert_eq!(seen(&gate, &agent), [ASKED, LOOK, PUSH], "what is not enforced hides nothing");
    let ask = GrantAsk {
        chain: agent.chain.clone(),
        rights: Rights {
            tools: vec![LOOK.to_owned()],
            spaces: vec!["lab".parse().unwrap()],
            workflows: Vec::new(),
        },
        expires: None,
    };
    let grant = up.finish(gate.give_grant(&admin, ask)).unwrap();
    let secret = Secret::new("ck_narrow");
    let holder = KeyHolder::Grant { tenant: "local".parse().unwrap(), grant: grant.id };
    up.finish(gate.make_key(&admin, holder, &secret)).unwrap();
    let narrow = caller(&up, &gate, &secret);
    assert_eq!(seen(&gate, &narrow), [LOOK]);
    up.finish(gate.revoke_grant(&admin, grant.id, String::new())).unwrap();
    assert!(gate.visible_tools(&narrow).tools.is_empty(), "a grant that is gone shows nothing");
}

#[test]
fn what_is_held_back_is_not_seen_in_any_mode() {
    let (up, gate) = Up::connected();
    let agent = caller(&up, &gate, &up.agent);
    for mode in [Mode::Enforce, Mode::Shadow] {
        up.finish(gate.set_mode(&up.person(&gate), ("lab".parse().unwrap(), mode), Some("a test")))
            .unwrap();
        up.finish(gate.sighted(&server(), &offer("other"))).unwrap();
        assert_eq!(seen(&gate, &agent), [""; 0]);
        up.finish(gate.sighted(&server(), &offer("as listed"))).unwrap();
        assert_eq!(seen(&gate, &agent), [ASKED, LOOK, PUSH]);
        let (message, fix) = ("it looks like another".to_owned(), "look".to_owned());
        let held = HeldBack { code: Code::ToolDrifted, message, fix };
        let held_back = [(name(LOOK), held)].into();
        up.finish(gate.set_rules(Rules { held_back, ..rules("as listed") })).unwrap();
        assert_eq!(seen(&gate, &agent), [ASKED, PUSH]);
        up.finish(gate.set_rules(rules("as listed"))).unwrap();
    }
}

#[test]
fn a_thousand_tools_are_listed_by_name() {
    let (up, gate) = Up::begin();
    let known = rules("as listed");
    let one = known.catalogue.find(PUSH).unwrap();
    let many = (0..1_000).map(|at| {
        let mut contract = one.contract.clone();
        contract.name = name(&format!("up.t{at:04}"));
        contract.digest = contract_digest(&contract);
        Compiled::new(contract).unwrap()
    });
    let catalogue = Catalogue::new(many).unwrap();
    let definition = one.contract.upstream.as_ref().unwrap().definition;
    let offered: Vec<_> =
        catalogue.iter().map(|compiled| (compiled.name().clone(), definition)).collect();
    let policies: String = (0..50)
        .map(|at| {
            format!(
                "@id(\"f{at}\") forbid (principal, action == Action::\"up.t{at:04}\", resource);\n"
            )
        })
        .chain(["@id(\"all\") permit (principal, action, resource);\n".to_owned()])
        .collect();
    let source = Source { file: "many.cedar".to_owned(), text: policies };
    let compiled = catalogue.iter().map(|compiled| &**compiled);
    let policies = PolicySet::load_compiled(&[source], compiled).unwrap();
    up.finish(gate.sighted(&server(), &offered)).unwrap();
    up.finish(gate.set_rules(Rules::new(catalogue, policies))).unwrap();
    let agent = caller(&up, &gate, &up.agent);
    let names = seen(&gate, &agent);
    assert_eq!((names.len(), names.is_sorted()), (950, true));
    assert_eq!(names.first().map(String::as_str), Some("up.t0050"));
}
