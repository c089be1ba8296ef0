//! git as a witness: the history of the scratch repository, and what differs from it.
//!
//! The repository's own directory stands outside the workspace, so no tool can write hooks or history. Configuration
//! of the user and the machine is left out.

use std::path::PathBuf;
use std::process::Command;

use crate::failure::{Failure, Result};

/// A repository and its files.
#[derive(Debug)]
pub(super) struct Git {
    directory: PathBuf,
    files: PathBuf,
}

impl Git {
    pub(super) const fn new(directory: PathBuf, files: PathBuf) -> Self {
        Self { directory, files }
    }

    /// Makes the repository.
    pub(super) fn init(&self) -> Result<()> {
        self.run(&["init", "--quiet", "--initial-branch=main"]).map(|_| ())
    }

    /// Commits everything that is there.
    pub(super) fn commit(&self, message: &str) -> Result<()> {
        self.run(&["add", "--all"])?;
        self.run(&["commit", "--quiet", "--message", message]).map(|_| ())
    }

    /// The history, a line for each commit.
    pub(super) fn log(&self) -> Result<String> {
        self.run(&["log", "--oneline", "--no-decorate"])
    }

    /// What differs from the last commit, as git lists it; empty if nothing does.
    pub(super) fn differences(&self) -> Result<String> {
        self.run(&["status", "--porcelain", "--untracked-files=all"])
    }

    fn run(&self, arguments: &[&str]) -> Result<String> {
        let output = Command::new("git")
            .args([
                "-c",
                "core.hooksPath=/dev/null",
                "-c",
                "gc.auto=0",
                "-c",
                "commit.gpgSign=false",
            ])
            .args(arguments)
            .current_dir(&self.files)
            .env("GIT_DIR", &self.directory)
            .env("GIT_WORK_TREE", &self.files)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .envs([("GIT_AUTHOR_NAME", "Ada"), ("GIT_AUTHOR_EMAIL", "ada@example.org")])
            .envs([("GIT_COMMITTER_NAME", "Ada"), ("GIT_COMMITTER_EMAIL", "ada@example.org")])
            .env_remove("GIT_INDEX_FILE")
            .output();
        let output = output.map_err(|error| {
            Failure::new(format!("git cannot be run: {error}"))
                .expected("git, for the scratch repository of the demo")
                .fix("install git, such as with `apt install git`")
        })?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            return Err(
                Failure::new(format!("git failed: {said}")).fix("look at the demo's directory")
            );
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
    }
}
