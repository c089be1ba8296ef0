//! What several subjects need: a caller, a contract from text, the place of a suite.
//!
//! Nothing here asserts anything about the product.

use std::path::PathBuf;

use contract::{Compiled, ContractFile, Origin};
use domain::{Agent, Human, PrincipalChain};

pub(crate) fn chain() -> PrincipalChain {
    PrincipalChain {
        tenant: "acme".parse().unwrap(),
        human: Human("ada".parse().unwrap()),
        agent: Agent { name: "coder".parse().unwrap(), version: "1".into() },
        parents: Vec::new(),
    }
}

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
