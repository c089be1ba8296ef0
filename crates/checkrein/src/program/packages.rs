//! What `npx` and `uvx` would run, found where they keep it. They themselves would fetch from the network into caches that other
//! programs run from, so a jail must not hold them.
//!
//! In: the words behind the runner. Out: the program inside the package and the directory that holds it, or why it cannot be
//! told. Nothing is fetched: a package that was never run here has to be run once first.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::naming::without_version;
use super::needs::Machine;

/// Places of one cache that are looked at.
const PLACES_MAX: usize = 10_000;
/// Bytes of a `package.json`.
const MANIFEST_BYTES_MAX: u64 = 1 << 20;

/// A package as it lies on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Package {
    /// What is started.
    pub(super) program: PathBuf,
    /// What has to be read for it.
    pub(super) reads: Vec<PathBuf>,
    /// The words behind the package.
    pub(super) arguments: Vec<String>,
    /// The version that was found.
    pub(super) version: Option<String>,
}

/// What `npx` runs.
pub(super) fn of_npx(words: &[String], machine: &Machine) -> Result<Package, String> {
    let (spec, arguments) =
        split(words, &["-p", "--package", "-c", "--call"]).ok_or("no package is named")?;
    let name = without_version(&spec);
    let mut places = within(&machine.home.join(".npm/_npx"), "node_modules");
    places.push(machine.directory.join("node_modules"));
    places.extend(machine.path_places().map(|place| place.join("../lib/node_modules")));
    let exact = exact_version(&spec, name);
    let mut found: Vec<(std::time::SystemTime, PathBuf, Value)> = Vec::new();
    for place in places {
        let manifest = place.join(name).join("package.json");
        let Some((at, value)) = manifest_of(&manifest) else { continue };
        if exact
            .as_ref()
            .is_none_or(|exact| value.get("version").and_then(Value::as_str) == Some(exact))
        {
            found.push((at, place, value));
        }
    }
    found.sort_by_key(|(at, ..)| *at);
    let (_, place, manifest) = found.pop().ok_or_else(|| {
        format!("the package `{name}` is not in npm's cache on this machine; run it once, then do this again")
    })?;
    let inside =
        bin(&manifest, name).ok_or_else(|| format!("the package `{name}` names no program"))?;
    let program = place.join(name).join(inside);
    let place = place.canonicalize().unwrap_or(place);
    let version = manifest.get("version").and_then(Value::as_str).map(str::to_owned);
    Ok(Package { program, reads: vec![place], arguments, version })
}

/// What `uvx` runs.
pub(super) fn of_uvx(words: &[String], machine: &Machine) -> Result<Package, String> {
    let (spec, arguments) =
        split(words, &["--from", "--with", "--python", "-p"]).ok_or("no package is named")?;
    let name = without_version(&spec);
    let home = &machine.home;
    let mut places = vec![home.join(".local/share/uv/tools").join(name)];
    for cache in ["archive-v0", "environments-v2"] {
        places.extend(within(&home.join(".cache/uv").join(cache), ""));
    }
    let mut found: Vec<(std::time::SystemTime, PathBuf)> = Vec::new();
    for place in places {
        let program = place.join("bin").join(name);
        let at = std::fs::metadata(&program).and_then(|found| found.modified());
        found.extend(at.ok().map(|at| (at, place)));
    }
    found.sort();
    let (_, place) = found.pop().ok_or_else(|| {
        format!("the package `{name}` is not in uv's directories on this machine; `uv tool install {name}`, then do this again")
    })?;
    let place = place.canonicalize().unwrap_or(place);
    let mut reads = vec![place.clone()];
    // The environment's own Python is a link to one that stands elsewhere.
    let python = place.join("bin/python").canonicalize().ok();
    reads.extend(python.as_deref().and_then(super::found::prefix));
    Ok(Package { program: place.join("bin").join(name), reads, arguments, version: None })
}

/// The package and what stands behind it; options of the runner are left out, with what belongs to those of `valued`.
fn split(words: &[String], valued: &[&str]) -> Option<(String, Vec<String>)> {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if valued.contains(&word.as_str()) {
            // Which program of which package would be a guess.
            return None;
        }
        if !word.starts_with('-') {
            return Some((word.clone(), words.cloned().collect()));
        }
    }
    None
}

fn exact_version(spec: &str, name: &str) -> Option<String> {
    let version = spec.get(name.len()..)?.trim_start_matches(['@', '=']);
    version.starts_with(|one: char| one.is_ascii_digit()).then(|| version.to_owned())
}

fn within(place: &Path, inside: &str) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(place) else { return Vec::new() };
    let entries = entries.take(PLACES_MAX).filter_map(Result::ok);
    entries.map(|entry| entry.path().join(inside)).collect()
}

fn manifest_of(path: &Path) -> Option<(std::time::SystemTime, Value)> {
    let found = std::fs::metadata(path).ok().filter(|found| found.len() <= MANIFEST_BYTES_MAX)?;
    let value = serde_json::from_slice(&std::fs::read(path).ok()?).ok()?;
    Some((found.modified().ok()?, value))
}

/// The program of a package: its only one, or the one that is called like it.
fn bin(manifest: &Value, name: &str) -> Option<String> {
    match &manifest["bin"] {
        Value::String(path) => Some(path.clone()),
        Value::Object(all) => {
            let short = name.rsplit('/').next().unwrap_or(name);
            let one =
                all.get(short).or_else(|| (all.len() == 1).then(|| all.values().next()).flatten());
            one.and_then(Value::as_str).map(str::to_owned)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => None,
    }
}
