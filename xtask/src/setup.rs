//! The programs that the steps need and Debian has: found, or installed where that is allowed.
//!
//! In: a list of programs. Out: nothing, once each is there; as root on Debian missing ones are installed, elsewhere
//! an error names the packages. Rust itself comes from `rust-toolchain.toml`. Tests are at the end.

use std::path::Path;

use anyhow::bail;

use crate::command::Call;

/// A program, how to see that it is there, and the Debian package that brings it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Program {
    probe: &'static [&'static str],
    package: &'static str,
}

/// The demo and the file lists of `tidy` use it.
pub(crate) const GIT: Program = Program { probe: &["git", "--version"], package: "git" };
/// SQLite and the cryptography are compiled from C.
pub(crate) const C_COMPILER: Program =
    Program { probe: &["cc", "--version"], package: "build-essential" };
/// The power-loss images are built from the system calls it records.
pub(crate) const STRACE: Program = Program { probe: &["strace", "-V"], package: "strace" };
/// The suites' oracle and the prebuilt tools live in a virtual environment.
pub(crate) const PYTHON: Program =
    Program { probe: &["python3", "-c", "import ensurepip, venv"], package: "python3-venv" };

/// Builds the console, with the Node.js that comes with it; installs the programs of others that speak MCP, which bring
/// their own.
pub(crate) const NPM: Program = Program { probe: &["npm", "--version"], package: "npm" };

/// Tests of the console look at it in this browser.
pub(crate) const CHROMIUM: Program =
    Program { probe: &["chromium", "--version"], package: "chromium" };

/// Everything that `cargo xtask test` needs.
pub(crate) const ALL: &[Program] = &[GIT, C_COMPILER, STRACE, PYTHON, NPM, CHROMIUM];

/// Makes sure that every program is there, installing what is missing as root on Debian.
pub(crate) fn require(programs: &[Program]) -> anyhow::Result<()> {
    let missing = missing(programs, answers);
    if missing.is_empty() {
        return Ok(());
    }
    if !(is_root() && Path::new("/etc/debian_version").exists()) {
        bail!("{}", advice(&missing));
    }
    install(&missing)?;
    match self::missing(programs, answers).as_slice() {
        [] => Ok(()),
        still => bail!("{}", advice(still)),
    }
}

fn missing(programs: &[Program], answers: impl Fn(&[&'static str]) -> bool) -> Vec<&'static str> {
    let absent = programs.iter().filter(|program| !answers(program.probe));
    absent.map(|program| program.package).collect()
}

fn answers(probe: &[&'static str]) -> bool {
    match probe.split_first() {
        Some((program, arguments)) => Call::new(program).args(arguments).probe(),
        None => false,
    }
}

fn advice(packages: &[&str]) -> String {
    let list = packages.join(" ");
    format!("programs are missing, install them first (on Debian: `sudo apt-get install {list}`)")
}

fn install(packages: &[&str]) -> anyhow::Result<()> {
    let quiet = [("DEBIAN_FRONTEND", "noninteractive")];
    Call::new("apt-get").args(["update", "-qq"]).env(quiet).run()?;
    Call::new("apt-get")
        .args(["install", "-y", "-qq", "--no-install-recommends"])
        .args(packages)
        .env(quiet)
        .run()
}

fn is_root() -> bool {
    Call::new("id").args(["-u"]).output().is_ok_and(|id| id.trim() == "0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_absent_programs_are_asked_for() {
        let missing = missing(&[GIT, STRACE], |probe| probe.first() == Some(&"git"));
        assert_eq!(missing, ["strace"]);
        assert!(advice(&missing).ends_with("apt-get install strace`)"));
    }

    #[test]
    fn absent_program_does_not_answer() {
        assert!(!answers(&["no-such-program-here"]));
        assert!(answers(&["true"]));
    }
}
