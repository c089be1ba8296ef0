//! Whether a file that mostly names packages changes what package managers and tools run.
//!
//! `package.json`, `composer.json` and `Cargo.toml` are compared by value, before against after, in the members that are run,
//! that say what is run, or that put other code in the place of a package. What is only fetched (`dependencies`) is for
//! people to see in the plan, as in every other language's list of packages. What cannot be read, or was not kept, is not
//! known to be harmless. Tests: `consequences.rs`.

use serde_json::{Map, Value};

use crate::strict;
use domain::{Change, FileState, Node, limits};

/// Members of `package.json`.
const NODE: &[&str] = &[
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

/// Members of `composer.json`. What is in `autoload` may be loaded before anything is called.
const PHP: &[&str] =
    &["autoload", "autoload-dev", "bin", "config", "extra", "repositories", "scripts"];

/// Whether any such member differs; `None` for a file of another name, which is in lower case.
pub(super) fn differs(name: &str, change: &Change) -> Option<bool> {
    let members = |names: &'static [&str]| {
        differ(change, json, |before, after| {
            names.iter().any(|name| before.get(*name) != after.get(*name))
        })
    };
    match name {
        "package.json" => Some(members(NODE)),
        "composer.json" => Some(members(PHP)),
        "cargo.toml" => Some(differ(change, toml, |before, after| run(before) != run(after))),
        _ => None,
    }
}

/// What cargo runs while it builds, beside `build.rs`: another build script, macros, and code in the place of a package.
fn run(manifest: &toml::Table) -> [Option<&toml::Value>; 5] {
    let build = manifest.get("package").or_else(|| manifest.get("project"));
    let library = manifest.get("lib");
    let macros = library.is_some_and(|library| {
        ["proc-macro", "proc_macro"].iter().any(|name| library.get(name).is_some())
    });
    [
        build.and_then(|package| package.get("build")),
        build.and_then(|package| package.get("metabuild")),
        library.filter(|_| macros),
        manifest.get("patch"),
        manifest.get("replace"),
    ]
}

fn differ<T: Default>(
    change: &Change,
    read: impl Fn(&[u8]) -> Option<T>,
    differ: impl Fn(&T, &T) -> bool,
) -> bool {
    let side = |state: &Option<FileState>| {
        // Without a file there is nothing that could run.
        let Some(state) = state else { return Some(T::default()) };
        let Node::File { content: Some(content), .. } = &state.node else { return None };
        read(content.bytes())
    };
    match (side(&change.before), side(&change.after)) {
        (Some(before), Some(after)) => differ(&before, &after),
        (Some(_) | None, Some(_) | None) => true,
    }
}

fn json(bytes: &[u8]) -> Option<Map<String, Value>> {
    match strict::parse(bytes, limits::ARGUMENTS_BYTES_MAX).ok()? {
        Value::Object(members) => Some(members),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            None
        }
    }
}

fn toml(bytes: &[u8]) -> Option<toml::Table> {
    let within = u64::try_from(bytes.len()).is_ok_and(|size| size <= limits::SOURCE_FILE_BYTES_MAX);
    std::str::from_utf8(bytes).ok().filter(|_| within)?.parse().ok()
}
