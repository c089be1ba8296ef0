//! What several subjects need: a caller, a contract from text, the place of a suite.
//!
//! Nothing here asserts anything about the product.

use std::path::PathBuf;

use contract::{Compiled, ContractFile, Installation, Origin};
use domain::{
    Agent, CommandRole, CredentialSource, Human, JailNeeds, NamedCommand, PrincipalChain, Remote,
};

pub(crate) fn chain() -> PrincipalChain {
    PrincipalChain {
        tenant: "acme".parse().unwrap(),
        human: Human("ada".parse().unwrap()),
        agent: Agent { name: "coder".parse().unwrap(), version: "1".into() },
        parents: Vec::new(),
    }
}

/// The line by which a contract counts on a preview.
pub(crate) const PLAN: &str = "preview = \"plan\"";

/// A contract that changes something, with this input schema and further fields.
pub(crate) fn contract(input: &str, fields: &str) -> String {
    format!(
        r#"[[tool]]
name = "test.tool"
version = 1
description = {{ what = "tests", when_to_use = "in tests", side_effects = "none" }}
effect_class = "irreversible"
timeout_ms = 1000
cost_max = "0"
maturity = "stable"
output = '{{"type": "object"}}'
input = '''
{input}
'''
{fields}
"#
    )
}

/// The same for a command, which describes no output and is previewed.
pub(crate) fn command(input: &str, fields: &str) -> String {
    contract(input, fields).replacen("output = '{\"type\": \"object\"}'", PLAN, 1)
}

/// An installation with a few commands and remotes.
pub(crate) fn installation() -> Installation {
    let command = |program: &str, words: &[&str], role| NamedCommand {
        program: program.to_owned(),
        arguments: words.iter().map(|word| (*word).to_owned()).collect(),
        role,
        needs: JailNeeds::default(),
    };
    let mut tests = command("cargo", &["test"], Some(CommandRole::Test));
    tests.needs.caches = vec!["target".to_owned()];
    tests.needs.reads = vec!["/opt/rust".to_owned()];
    tests.needs.environment.insert("CI".to_owned(), "1".to_owned());
    let commands = vec![
        command("cargo", &[], None),
        tests,
        command("rm", &[], None),
        command("sh", &["-c"], None),
    ];
    let remotes = vec![
        Remote {
            name: "origin".to_owned(),
            url: "https://example.com/x.git".to_owned(),
            credential: Some(CredentialSource::Environment("TOKEN".to_owned())),
        },
        Remote { name: "local".to_owned(), url: "/srv/git/x.git".to_owned(), credential: None },
    ];
    Installation::new(commands, remotes).unwrap()
}

pub(crate) fn compile(text: &str) -> Compiled {
    let file = ContractFile { name: "test.toml", text, origin: Origin::Project };
    match contract::load::file(&file) {
        Ok(mut all) => all.remove(0),
        Err(errors) => panic!("{errors}"),
    }
}

/// A suite that `cargo xtask suites` set up: by its variable, else below the workspace.
pub(crate) fn suite(variable: &str, default: &str) -> PathBuf {
    let path = match std::env::var_os(variable) {
        Some(path) => PathBuf::from(path),
        None => PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../.tools/suites").join(default),
    };
    assert!(path.exists(), "`{}` is missing; run `cargo xtask suites`", path.display());
    path
}
