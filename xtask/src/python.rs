//! Python environments under `.tools`: one for the prebuilt tools and the suites' oracle, others for servers of tests.
//!
//! In: a requirements file of the repository whose every line carries a digest. Out: the environment's programs.
//! A stamp with the text of the requirements makes a repeated run instant. What is in it is said by the callers.
//! Tests are at the end.

use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::command::Call;
use crate::workspace::Workspace;

/// The options that keep pip to what the requirements file pins, and quiet.
pub(crate) const PIP: &[&str] = &["--quiet", "--disable-pip-version-check", "--require-hashes"];

/// The environment.
#[derive(Debug)]
pub(crate) struct Python {
    directory: PathBuf,
}

impl Python {
    /// Makes the environment of the tools and the oracle where it is not there yet.
    pub(crate) fn ready(workspace: &Workspace) -> anyhow::Result<Self> {
        Self::named(workspace, "python")
    }

    /// Makes an environment where it is not there yet.
    pub(crate) fn named(workspace: &Workspace, name: &str) -> anyhow::Result<Self> {
        let python = Self { directory: workspace.tools().join(name) };
        Stamp::new(&python.directory, "environment", &[]).unless_fresh(|| {
            crate::setup::require(&[crate::setup::PYTHON])?;
            Call::new("python3").args(["-m", "venv", "--clear"]).args([&python.directory]).run()
        })?;
        Ok(python)
    }

    /// Installs what `requirements` pins.
    pub(crate) fn install(&self, requirements: &Path) -> anyhow::Result<()> {
        let name = requirements.file_stem().unwrap_or_default().to_string_lossy();
        let parent = requirements.parent().and_then(Path::file_name).unwrap_or_default();
        let stamp = format!("{}-{name}", parent.to_string_lossy());
        Stamp::new(&self.directory, &stamp, &[requirements]).unless_fresh(|| {
            let install = Call::new(self.program("pip")).args(["install"]);
            install.args(PIP).args([Path::new("-r"), requirements]).run()
        })
    }

    /// A program of the environment.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.directory.join("bin").join(name)
    }
}

/// A file that says what a directory was made from: the directory's own path and the text of some files.
#[derive(Debug)]
pub(crate) struct Stamp {
    directory: PathBuf,
    file: PathBuf,
    sources: Vec<PathBuf>,
}

impl Stamp {
    /// The stamp called `name` in `directory`, over the text of `sources`.
    pub(crate) fn new(directory: &Path, name: &str, sources: &[&Path]) -> Self {
        Self {
            directory: directory.to_path_buf(),
            file: directory.join(format!("{name}.stamp")),
            sources: sources.iter().map(|source| source.to_path_buf()).collect(),
        }
    }

    /// Does the work unless it was done from the very same sources in the very same place.
    pub(crate) fn unless_fresh(
        &self,
        work: impl FnOnce() -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let wanted = self.text()?;
        if std::fs::read_to_string(&self.file).is_ok_and(|found| found == wanted) {
            return Ok(());
        }
        work()?;
        std::fs::create_dir_all(&self.directory)?;
        // Written last, so that work cut short is done again.
        std::fs::write(&self.file, wanted).with_context(|| format!("`{}`", self.file.display()))
    }

    fn text(&self) -> anyhow::Result<String> {
        // The programs of an environment name its path, so a moved checkout has to make it again.
        let mut text = format!("{}\n", self.directory.display());
        for source in &self.sources {
            let read = std::fs::read_to_string(source);
            text.push_str(&read.with_context(|| format!("`{}`", source.display()))?);
        }
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn work_is_done(stamp: &Stamp) -> bool {
        let mut done = false;
        stamp
            .unless_fresh(|| {
                done = true;
                Ok(())
            })
            .unwrap();
        done
    }

    #[test]
    fn work_is_done_once_and_again_when_a_source_changes() {
        let directory = tempfile::tempdir().unwrap();
        let source = directory.path().join("requirements.txt");
        std::fs::write(&source, "one").unwrap();
        let stamp = Stamp::new(directory.path(), "made", &[&source]);
        assert!(work_is_done(&stamp));
        assert!(!work_is_done(&stamp));
        std::fs::write(&source, "two").unwrap();
        assert!(work_is_done(&stamp));
    }

    #[test]
    fn failed_work_leaves_no_stamp() {
        let directory = tempfile::tempdir().unwrap();
        let stamp = Stamp::new(directory.path(), "made", &[]);
        stamp.unless_fresh(|| anyhow::bail!("cut short")).unwrap_err();
        assert!(work_is_done(&stamp));
    }
}
