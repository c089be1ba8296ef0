//! Where things are: the workspace root, the target directory, the tools directory, the files of the repository.
//!
//! In: the directory this program was built from. Out: absolute paths, and repository paths with `/` between parts.
//! It creates nothing. Tests are at the end.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::command::Call;

/// The checkout that this program was built from.
#[derive(Debug, Clone)]
pub(crate) struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// Finds the workspace root as the parent of this crate's directory.
    pub(crate) fn find() -> anyhow::Result<Self> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = here.parent().context("xtask has no parent directory")?;
        if !root.join("Cargo.toml").is_file() {
            bail!("no `Cargo.toml` in `{}`, build xtask again after moving", root.display());
        }
        Ok(Self { root: root.to_path_buf() })
    }

    /// The directory of the virtual manifest.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Downloaded tools and suites; ignored by git.
    pub(crate) fn tools(&self) -> PathBuf {
        self.root.join(".tools")
    }

    /// Cargo's build directory, `CARGO_TARGET_DIR` where it is set.
    pub(crate) fn target(&self) -> PathBuf {
        match std::env::var_os("CARGO_TARGET_DIR") {
            Some(directory) => self.root.join(directory),
            None => self.root.join("target"),
        }
    }

    /// A binary built in the dev profile.
    pub(crate) fn built(&self, name: &str) -> PathBuf {
        self.target().join("debug").join(name)
    }

    /// Every file that is committed or would be, sorted, relative to the root.
    pub(crate) fn files(&self) -> anyhow::Result<Vec<String>> {
        let listing = Call::new("git")
            .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .directory(&self.root)
            .output()?;
        Ok(split_listing(&listing, |path| self.root.join(path).is_file()))
    }
}

/// Splits a zero-separated listing; `exists` leaves out files deleted but still in the index.
fn split_listing(listing: &str, exists: impl Fn(&str) -> bool) -> Vec<String> {
    let mut files: Vec<String> = listing
        .split('\0')
        .filter(|path| !path.is_empty() && exists(path))
        .map(String::from)
        .collect();
    files.sort();
    files.dedup();
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listing_is_sorted_without_doubles_and_deleted_files() {
        let files = split_listing("b.rs\0a.rs\0gone.rs\0b.rs\0", |path| path != "gone.rs");
        assert_eq!(files, ["a.rs", "b.rs"]);
    }

    #[test]
    fn workspace_is_found_from_where_xtask_was_built() {
        let workspace = Workspace::find().unwrap();
        assert!(workspace.root().join("xtask/Cargo.toml").is_file());
    }
}
