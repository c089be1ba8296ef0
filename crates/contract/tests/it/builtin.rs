//! The contracts that come with the program, and the one to begin a new contract with.
//!
//! Also the example of the guide, so that what people copy loads.

use contract::{ArgumentType, Catalogue, ContractFile, Origin, builtin, load, render};
use domain::{EffectClass, Provenance};

fn catalogue() -> Catalogue {
    load::all(&[builtin::FILE]).unwrap_or_else(|errors| panic!("{errors}"))
}

#[test]
fn every_tool_of_the_program_has_a_confirmed_contract() {
    let catalogue = catalogue();
    let names: Vec<&str> = catalogue.iter().map(|each| each.name().as_str()).collect();
    assert_eq!(
        names,
        [
            "checkrein.undo",
            "files.delete",
            "files.edit",
            "files.list",
            "files.move",
            "files.read",
            "files.search",
            "files.write"
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
    let one = load::all(&[builtin::FILE, extra]).unwrap();
    let other = load::all(&[extra, builtin::FILE]).unwrap();
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
fn the_example_of_the_guide_loads() {
    let guide = include_str!("../../../../docs/guides/contracts.md");
    let examples: Vec<&str> =
        guide.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert_eq!(examples.len(), 1);
    let file = ContractFile { name: "guide", text: examples[0], origin: Origin::Project };
    load::file(&file).unwrap_or_else(|errors| panic!("{errors}"));
}
