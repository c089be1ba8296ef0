//! What needs no server: contracts, policies and configuration, with the messages that people read.
//!
//! Messages are snapshots; paths and digests in them are named, so that only words can differ.

use crate::support::Place;

const CONTRACT: &str =
    "[[tool]]\nname = \"tickets.close\"\nversion = 1\neffect_clas = \"irreversible\"\n";
const POLICY: &str = "@id(\"typo\")\n@reason(\"no\")\nforbid (principal, action == Action::\"files.write\", resource)\nwhen { context.args.pth == \"x\" };\n";

const OWN: &str = "@id(\"reads\")\n@reason(\"reads run alone\")\npermit (principal, action in Action::\"class:pure\", resource);\n\
                   @id(\"ask-mail\")\n@hold(\"group:operators\")\n@reason(\"mail asks\")\n\
                   forbid (principal, action == Action::\"mail.send\", resource)\nunless { context.approvals.contains(\"ask-mail\") };\n";

#[track_caller]
fn check(name: &str, (line, expect): (&[&str], i32), place: &Place) {
    let said = place.run(line).expect(expect);
    let text = format!("$ checkrein {}\n{}---\n{}", line.join(" "), said.out, said.err);
    insta::assert_snapshot!(name, place.named(&text));
}

#[test]
fn a_contract_with_errors_is_refused_with_file_line_and_fix() {
    let place = Place::new();
    place.write("broken/tickets.toml", CONTRACT);
    check("contract_broken", (&["contracts", "check", "broken"], 78), &place);
}

#[test]
fn a_new_contract_is_in_order_as_it_is_printed() {
    let place = Place::new();
    let begun = place.run(&["contracts", "new", "tickets.comment"]).expect(0);
    place.write("contracts/tickets.toml", &begun.out);
    place.run(&["contracts", "check", "contracts"]).expect(0);
    place.run(&["contracts", "check"]).expect(0);
    check("contract_begun", (&["contracts", "show", "tickets.comment"], 0), &place);
}

#[test]
fn contracts_of_the_program_are_shown() {
    let place = Place::new();
    let said = place.run(&["contracts", "show", "files.delete"]).expect(0);
    assert!(said.out.contains("restorable (confirmed)"), "{}", said.out);
    check("contract_unknown", (&["contracts", "show", "files.delte"], 1), &place);
}

#[test]
fn a_policy_with_errors_is_refused_with_file_line_and_fix() {
    let place = Place::new();
    place.write("broken/typo.cedar", POLICY);
    check("policy_broken", (&["policy", "check", "broken"], 78), &place);
    let said = place.run(&["-o", "json", "policy", "check", "broken"]).expect(78);
    assert_eq!(said.json().pointer("/problems/0/line"), Some(&4.into()), "{}", said.out);
}

#[test]
fn the_starter_policy_is_in_order_and_passes_its_tables() {
    let place = Place::new();
    let said = place.run(&["policy", "check"]).expect(0);
    assert!(said.err.contains("policies are in order (starter)"), "{}", said.err);
    assert!(said.out.contains("ask-production-path"), "{}", said.out);
    let said = place.run(&["policy", "test"]).expect(0);
    assert!(said.out.contains("cases passed"), "{}", said.out);
}

#[test]
fn own_policies_replace_the_starter_policy_and_dormant_ones_are_listed() {
    let place = Place::new();
    place.write("policies/own.cedar", OWN);
    check("policy_own", (&["policy", "check", "policies"], 0), &place);
}

#[test]
fn a_table_that_does_not_hold_ends_with_an_error() {
    let place = Place::new();
    place.write("policies/own.cedar", OWN);
    let table = |verdict: &str| {
        format!(
            "[[case]]\nname = \"reads run\"\ntool = \"files.read\"\nresource = \"workspace:a\"\n\
             arguments = {{ path = \"a\" }}\nexpect = {{ verdict = \"{verdict}\" }}\n"
        )
    };
    place.write("policies/own.tests.toml", &table("allow"));
    place.run(&["policy", "test"]).expect(0);
    place.write("policies/own.tests.toml", &table("deny"));
    check("policy_table", (&["policy", "test"], 1), &place);
}

#[test]
fn unknown_keys_of_the_configuration_are_errors() {
    let place = Place::new();
    place.run(&["config", "check"]).expect(0);
    place.write("checkrein.toml", "[server]\nlisen = \"127.0.0.1:7420\"\n");
    check("config_unknown", (&["config", "check"], 78), &place);
}

#[test]
fn help_names_every_verb() {
    let place = Place::new();
    check("help", (&["--help"], 0), &place);
}
