//! Whether a `package.json` changes what package managers and tools run.
//!
//! Compared by value, before against after, in the members that are run, fetched and run, or name programs. What cannot be
//! read, or was not kept, is not known to be harmless.

use serde_json::{Map, Value};

use crate::strict;
use domain::{Change, FileState, Node, limits};

/// Members that run something, or configure what runs. What is only fetched (`dependencies`) is for people to see in the
/// plan, as in every other language's list of packages.
const RUN: &[&str] = &[
    "ava",
    "babel",
    "bin",
    "config",
    "eslintConfig",
    "gypfile",
    "husky",
    "jest",
    "lint-staged",
    "mocha",
    "nyc",
    "packageManager",
    "pnpm",
    "postcss",
    "pre-commit",
    "prettier",
    "scripts",
    "simple-git-hooks",
    "xo",
    "yarn",
];

/// Whether any such member differs.
pub(super) fn differs(change: &Change) -> bool {
    match (members(&change.before), members(&change.after)) {
        (Some(before), Some(after)) => RUN.iter().any(|name| before.get(*name) != after.get(*name)),
        (Some(_) | None, Some(_) | None) => true,
    }
}

/// The members of the file; none of them where there is no file. `None` if it is not known what they are.
fn members(state: &Option<FileState>) -> Option<Map<String, Value>> {
    let Some(state) = state else { return Some(Map::new()) };
    let Node::File { content: Some(content), .. } = &state.node else { return None };
    match strict::parse(content.bytes(), limits::ARGUMENTS_BYTES_MAX).ok()? {
        Value::Object(members) => Some(members),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            None
        }
    }
}
