//! The contracts that come with the program, and the one to begin a new contract with.
//!
//! Also the example of the guide, so that what people copy loads.

use std::collections::BTreeMap;

use contract::{
    ArgumentType, Catalogue, Compiled, ContractFile, Installation, Origin, builtin, load, render,
};
use domain::{
    CommandRole, Contract, CredentialSource, EffectClass, Executed, HostPort, JailNeeds,
    NamedCommand, Provenance, Remote,
};

use serde_json::{Value, json};

use crate::support::installation;

fn catalogue() -> Catalogue {
    load::all(&builtin::FILES).unwrap_or_else(|errors| panic!("{errors}"))
}

#[test]
fn every_tool_of_the_program_has_a_confirmed_contract() {
    let catalogue = catalogue();
    let names: Vec<&str> = catalogue.iter().map(|each| each.name().as_str()).collect();
    assert_eq!(
        names,
        [
            "checkrein.undo",
            "command.run",
            "files.delete",
            "files.edit",
            "files.list",
            "files.move",
            "files.read",
            "files.search",
            "files.write",
            "git.add",
            "git.branch",
            "git.commit",
            "git.diff",
            "git.fetch",
            "git.log",
            "git.merge",
            "git.merge_abort",
            "git.push",
            "git.restore",
            "git.show",
            "git.status",
            "git.switch"
        ]
    );
    for compiled in catalogue.iter() {
        assert_eq!(compiled.contract.provenance, Provenance::Confirmed, "{}", compiled.name());
        assert_eq!(compiled.types.opaque, Vec::<String>::new(), "{}", compiled.name());
    }
    let pure =
        |name: &str| catalogue.find(name).unwrap().contract.effect_class == EffectClass::Pure;
    assert!(
        pure("files.read") && pure("files.list") && pure("files.search") && !pure("files.move")
    );
}

/// Approvals and decisions name a contract by its digest: whoever shortens a file must not change what it says.
#[test]
fn what_the_contracts_of_the_program_say_is_pinned() {
    let with = load::installed(&builtin::FILES, &installation()).unwrap();
    let line = |compiled: &std::sync::Arc<Compiled>| {
        format!("{} {}\n", compiled.name(), compiled.contract.digest)
    };
    let digests: String = with.iter().map(line).collect();
    insta::assert_snapshot!("digests", digests);
}

#[test]
fn a_changing_command_that_was_ended_is_never_called_undone_by_its_contract() {
    let ended = ["over_time", "over_memory", "over_processes", "over_output", "killed", "lost"];
    for compiled in catalogue().iter().filter(|compiled| compiled.contract.command.is_some()) {
        let changes = compiled.contract.effect_class.changes();
        for code in ended {
            let case = compiled.contract.errors.iter().find(|case| case.code == code);
            // What a contract says counts where the tool itself does not know.
            let expect = if changes { Executed::Unknown } else { Executed::No };
            assert_eq!(case.unwrap().executed, expect, "{} {code}", compiled.name());
        }
    }
}

#[test]
fn a_contract_in_json_form_reads_back_as_the_same_contract() {
    let catalogue = load::installed(&builtin::FILES, &installation()).unwrap();
    for compiled in catalogue.iter() {
        let read = recorded(contract::contract_json(&compiled.contract));
        assert_eq!(read, compiled.contract);
    }
}

/// What every command answers may change from release to release; what an old decision was based on may not.
#[test]
fn a_recorded_command_answers_what_it_answered_then() {
    let mut form = contract::contract_json(&catalogue().find("git.status").unwrap().contract);
    form["output"] = json!({ "type": "string" });
    form["errors"] = json!([{ "code": "lost", "meaning": "gone", "executed": "unknown" }]);
    assert_eq!(contract::contract_json(&recorded(form.clone())), form);
}

/// A contract from its recorded form.
pub(crate) fn recorded(mut form: Value) -> Contract {
    let fields = form.as_object_mut().unwrap();
    fields.retain(|_, value| !value.is_null());
    for schema in ["input", "output"] {
        fields[schema] = fields[schema].to_string().into();
    }
    let text = toml::to_string(&json!({ "tool": [form] })).unwrap();
    let file = ContractFile { name: "recorded", text: &text, origin: Origin::Recorded };
    let mut read = load::file(&file).unwrap_or_else(|errors| panic!("{errors}"));
    read.remove(0).contract
}

#[test]
fn policy_sees_paths_as_paths_and_modes_as_words() {
    let catalogue = catalogue();
    let write = &catalogue.find("files.write").unwrap().types.fields;
    assert_eq!(write["path"].0, ArgumentType::Path);
    let words = |words: &[&str]| {
        ArgumentType::Enumeration(words.iter().map(|word| (*word).to_owned()).collect())
    };
    assert_eq!(write["mode"].0, words(&["any", "create", "overwrite"]));
    assert!(matches!(
        catalogue.find("files.edit").unwrap().types.fields["edits"].0,
        ArgumentType::List(_)
    ));
}

#[test]
fn an_unknown_tool_is_suggested_the_nearest_name() {
    let catalogue = catalogue();
    assert_eq!(catalogue.suggest("files.wirte").unwrap().as_str(), "files.write");
    assert_eq!(catalogue.suggest("send_email"), None);
}

#[test]
fn the_catalogue_has_one_digest_whatever_the_order_of_files() {
    let text = contract::template("tickets.comment");
    let extra = ContractFile { name: "a.toml", text: &text, origin: Origin::Project };
    let all = |files: Vec<ContractFile<'_>>| load::all(&files).unwrap();
    let one = all(builtin::FILES.into_iter().chain([extra]).collect());
    let other = all([extra].into_iter().chain(builtin::FILES).collect());
    assert_eq!(one.digest(), other.digest());
    assert_ne!(one.digest(), catalogue().digest());
}

#[test]
fn a_contract_reads_well() {
    let catalogue = catalogue();
    insta::assert_snapshot!(
        "show_files_write",
        render(&catalogue.find("files.write").unwrap().contract)
    );
    insta::assert_snapshot!("show_git_log", render(&catalogue.find("git.log").unwrap().contract));
}

#[test]
fn what_an_operator_names_reads_well_and_is_part_of_the_digest() {
    let before = catalogue();
    let with = load::installed(&builtin::FILES, &installation()).unwrap();
    for name in ["command.run", "git.fetch", "git.push"] {
        let digest = |catalogue: &Catalogue| catalogue.find(name).unwrap().contract.digest;
        assert_ne!(digest(&before), digest(&with), "{name}");
    }
    for name in ["git.commit", "files.read"] {
        let digest = |catalogue: &Catalogue| catalogue.find(name).unwrap().contract.digest;
        assert_eq!(digest(&before), digest(&with), "{name}");
    }
    let show = |name: &str| render(&with.find(name).unwrap().contract);
    insta::assert_snapshot!("show_command_run", show("command.run"));
    insta::assert_snapshot!("show_git_push", show("git.push"));
}

#[test]
fn a_named_command_or_remote_that_reaches_too_far_is_refused() {
    let command = |program: &str, needs: JailNeeds| NamedCommand {
        program: program.to_owned(),
        arguments: Vec::new(),
        role: None,
        needs,
    };
    let remote = |name: &str, url: &str, credential| Remote {
        name: name.to_owned(),
        url: url.to_owned(),
        credential,
    };
    let hosts = vec![HostPort { host: "example.com".to_owned(), port: 443 }];
    let text = |text: &str| vec![text.to_owned()];
    let none = JailNeeds::default;
    let variable = BTreeMap::from([("LD_PRELOAD".to_owned(), "x".to_owned())]);
    let commands = vec![
        command("cargo", none()),
        command("cargo", none()),
        command("./run", none()),
        command("a", JailNeeds { hosts, ..none() }),
        command("b", JailNeeds { reads: text("/root"), ..none() }),
        command("c", JailNeeds { caches: text(".git"), ..none() }),
        command("d", JailNeeds { environment: variable, ..none() }),
        NamedCommand { role: Some(CommandRole::Test), ..command("python3", none()) },
    ];
    let token = Some(CredentialSource::Environment("TOKEN".to_owned()));
    let remotes = vec![
        remote("origin", "https://example.com/a", None),
        remote("origin", "https://Example.com/a", None),
        remote("-x", "ext::sh", None),
        remote("local", "/srv/git/a.git", token),
    ];
    let unfit = Installation::new(commands, remotes).unwrap_err();
    let lines: Vec<String> = unfit.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn the_template_for_a_new_contract_loads_with_only_its_name_changed() {
    let text = contract::template("tickets.comment");
    assert!(!text.contains("TOOL_NAME"));
    let file =
        ContractFile { name: "contracts/tickets.toml", text: &text, origin: Origin::Project };
    let loaded = load::file(&file).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(loaded.len(), 1);
    assert_eq!(loaded[0].name().as_str(), "tickets.comment");
    insta::assert_snapshot!("show_template", render(&loaded[0].contract));
}

#[test]
fn the_examples_of_the_guide_load() {
    let guide = include_str!("../../../../docs/guides/contracts.md");
    let examples: Vec<&str> =
        guide.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert_eq!(examples.len(), 2);
    for text in examples {
        let file = ContractFile { name: "guide", text, origin: Origin::Project };
        load::file(&file).unwrap_or_else(|errors| panic!("{errors}"));
    }
}
