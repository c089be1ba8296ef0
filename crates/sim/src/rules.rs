//! The rules of the simulation: contracts of the scripted tools, and two versions of its policies.
//!
//! Read by the same loaders as an installation's, once per process.

use std::sync::{Arc, OnceLock};

use contract::{Catalogue, ContractFile, Origin};
use gate::Rules;
use policy::{PolicySet, Source};

/// The tool that takes acts back.
pub const UNDO: &str = "checkrein.undo";

/// The policy whose requests a second group is asked for after a while.
pub const ESCALATES: &str = "ask-odd";

const TOOLS: ContractFile<'static> = ContractFile {
    name: "simulation/tools.toml",
    text: include_str!("rules/tools.toml"),
    origin: Origin::BuiltIn,
};
const POLICY: &str = include_str!("rules/policy.cedar");
const STRICTER: &str = include_str!("rules/stricter.cedar");

/// A version of the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// The one that every simulation begins with.
    First,
    /// The one that may come into force later.
    Stricter,
}

/// Both versions, or why the simulation's own rules cannot be read.
///
/// # Errors
/// A mistake in the texts beside this file.
pub fn all() -> Result<[Arc<Rules>; 2], String> {
    static LOADED: OnceLock<Result<[Arc<Rules>; 2], String>> = OnceLock::new();
    LOADED
        .get_or_init(|| Ok([Arc::new(load(&[POLICY])?), Arc::new(load(&[POLICY, STRICTER])?)]))
        .clone()
}

/// A copy of one version, for a gate to own.
///
/// # Errors
/// As [`all`].
pub fn copy(version: Version) -> Result<Rules, String> {
    let [first, stricter] = all()?;
    let rules = match version {
        Version::First => first,
        Version::Stricter => stricter,
    };
    Ok(Rules::new(rules.catalogue.clone(), rules.policies.clone()))
}

fn load(policies: &[&str]) -> Result<Rules, String> {
    let catalogue: Catalogue =
        contract::load::all(&[TOOLS]).map_err(|errors| errors.to_string())?;
    let source = |(place, text): (usize, &&str)| Source {
        file: format!("simulation/{place}.cedar"),
        text: (*text).to_owned(),
    };
    let sources: Vec<Source> = policies.iter().enumerate().map(source).collect();
    let compiled = catalogue.iter().map(|compiled| &**compiled);
    let policies =
        PolicySet::load_compiled(&sources, compiled).map_err(|errors| errors.to_string())?;
    Ok(Rules::new(catalogue, policies))
}
