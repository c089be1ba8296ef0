//! The workspace's crates with their declared dependencies, as `cargo metadata` tells them.
//!
//! In: cargo's JSON. Out: for each crate its short name (`checkrein-gate` is `gate`) and what it declares, for
//! the build or for tests only. Dependencies of dependencies are left to `deny.toml`.

use serde::Deserialize;

use crate::command::Call;
use crate::workspace::Workspace;

/// All crates of the workspace.
#[derive(Debug, Deserialize)]
pub(crate) struct Crates {
    packages: Vec<Package>,
}

/// One crate.
#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    name: String,
    dependencies: Vec<Dependency>,
}

/// One declared dependency.
#[derive(Debug, Deserialize)]
pub(crate) struct Dependency {
    name: String,
    /// `None` for the build itself, else `dev` or `build`.
    kind: Option<String>,
    /// The directory of one of our own crates.
    path: Option<String>,
}

impl Crates {
    /// Asks cargo.
    pub(crate) fn read(workspace: &Workspace) -> anyhow::Result<Self> {
        let metadata = Call::cargo(workspace.root())
            .args(["metadata", "--format-version", "1", "--no-deps", "--locked"])
            .output()?;
        Ok(serde_json::from_str(&metadata)?)
    }

    /// The crates in cargo's order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter()
    }

    /// Crates from lines of `name -> dependency, dev:dependency, outside!`, for the rules' own tests.
    #[cfg(test)]
    pub(crate) fn from_lines(lines: &str) -> Self {
        let packages = lines.lines().map(|line| {
            let (name, dependencies) = line.split_once(" -> ").unwrap();
            let dependencies = dependencies.split(", ").filter(|one| !one.is_empty());
            Package { name: name.into(), dependencies: dependencies.map(Dependency::of).collect() }
        });
        Self { packages: packages.collect() }
    }
}

impl Package {
    /// The name without the project's prefix.
    pub(crate) fn short(&self) -> &str {
        short(&self.name)
    }

    /// Our own crates that this one declares.
    pub(crate) fn ours(&self) -> impl Iterator<Item = &Dependency> {
        self.dependencies.iter().filter(|dependency| dependency.path.is_some())
    }

    /// Outside crates that this one declares.
    pub(crate) fn outside(&self) -> impl Iterator<Item = &str> {
        let outside = self.dependencies.iter().filter(|dependency| dependency.path.is_none());
        outside.map(|dependency| dependency.name.as_str())
    }
}

impl Dependency {
    /// The name without the project's prefix.
    pub(crate) fn short(&self) -> &str {
        short(&self.name)
    }

    /// Whether only tests see it.
    pub(crate) fn tests_only(&self) -> bool {
        self.kind.as_deref() == Some("dev")
    }

    #[cfg(test)]
    fn of(word: &str) -> Self {
        let (kind, name) = match word.strip_prefix("dev:") {
            Some(name) => (Some("dev".to_owned()), name),
            None => (None, word),
        };
        match name.strip_suffix('!') {
            Some(outside) => Self { name: outside.into(), kind, path: None },
            None => Self { name: name.into(), kind, path: Some("somewhere".into()) },
        }
    }
}

fn short(name: &str) -> &str {
    name.strip_prefix("checkrein-").unwrap_or(name)
}
