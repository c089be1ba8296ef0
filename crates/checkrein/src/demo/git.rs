//! git as a witness: the history of the scratch repository, and what differs from it.
//!
//! The witness' own directory stands outside the workspace, so no tool can write its hooks or history. The clone in the
//! workspace and the bare repository are looked at from outside too. Configuration of the user and the machine is
//! left out.

use std::path::PathBuf;
use std::process::Command;

use crate::failure::{Failure, Result};

/// A repository and, unless it is bare, its files.
#[derive(Debug)]
pub(super) struct Git {
    directory: PathBuf,
    files: Option<PathBuf>,
}

impl Git {
    pub(super) const fn new(directory: PathBuf, files: PathBuf) -> Self {
        Self { directory, files: Some(files) }
    }

    pub(super) const fn bare(directory: PathBuf) -> Self {
        Self { directory, files: None }
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

    /// Makes `remote` a bare repository with this history, and `clone` a clone of it whose files are there already.
    pub(super) fn publish(&self, remote: &Self, clone: &Self) -> Result<()> {
        let address = remote.directory.display().to_string();
        remote.run(&["init", "--quiet", "--bare", "--template=", "--initial-branch=main"])?;
        self.run(&["push", "--quiet", &address, "main"])?;
        clone.run(&["init", "--quiet", "--template=", "--initial-branch=main"])?;
        clone.run(&["remote", "add", "origin", &address])?;
        clone.run(&["fetch", "--quiet", "origin"])?;
        clone.run(&["reset", "--quiet", "origin/main"]).map(|_| ())
    }

    /// The commit that something names; none if it names nothing.
    pub(super) fn commit_of(&self, name: &str) -> Option<String> {
        let commit = format!("{name}^{{commit}}");
        self.run(&["rev-parse", "--verify", "--quiet", &commit]).ok()
    }

    /// A commit's author, message and files.
    pub(super) fn show(&self, name: &str) -> Result<String> {
        self.run(&["show", "--stat", "--format=%an: %s", name])
    }

    fn run(&self, arguments: &[&str]) -> Result<String> {
        let mut command = Command::new("git");
        match &self.files {
            Some(files) => command.current_dir(files).env("GIT_WORK_TREE", files),
            None => command.env_remove("GIT_WORK_TREE"),
        };
        let output = command
            .args([
                "-c",
                "core.hooksPath=/dev/null",
                "-c",
                "gc.auto=0",
                "-c",
                "commit.gpgSign=false",
            ])
            .args(arguments)
            .env("GIT_DIR", &self.directory)
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
