//! Runs other programs: shown before they run, with the exit code checked after.
//!
//! In: a program, its arguments, a directory and variables. Out: nothing, the standard output, or the last line with a
//! given mark while everything still streams through. No shell is involved. Tests are at the end.

use std::ffi::{OsStr, OsString};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context, bail};

/// One program to run.
#[derive(Debug)]
pub(crate) struct Call {
    command: Command,
    shown: String,
}

impl Call {
    /// A call of `program`, without the variables cargo sets for this process alone.
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Self {
        let program = program.as_ref();
        let mut command = Command::new(program);
        // `cargo run` describes *this* package in the environment; a build script below would take it as a change.
        for (name, _) in std::env::vars_os() {
            if describes_this_package(&name) {
                command.env_remove(name);
            }
        }
        Self { command, shown: program.to_string_lossy().into_owned() }
    }

    /// A call of the cargo that runs this program.
    pub(crate) fn cargo(directory: &Path) -> Self {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
        let mut call = Self::new(cargo).directory(directory);
        call.shown = "cargo".into();
        call
    }

    /// Adds arguments.
    pub(crate) fn args<I, S>(mut self, arguments: I) -> Self
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        for argument in arguments {
            self.shown.push(' ');
            self.shown.push_str(&argument.as_ref().to_string_lossy());
            self.command.arg(argument);
        }
        self
    }

    /// Sets the working directory.
    pub(crate) fn directory(mut self, directory: &Path) -> Self {
        self.command.current_dir(directory);
        self
    }

    /// Adds variables to the environment.
    pub(crate) fn env<K: AsRef<OsStr>, V: AsRef<OsStr>>(
        mut self,
        variables: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        self.command.envs(variables);
        self
    }

    /// Runs with the terminal passed through; any other exit code than 0 is an error.
    pub(crate) fn run(mut self) -> anyhow::Result<()> {
        println!("$ {}", self.shown);
        let status = self.command.status().with_context(|| missing(&self.shown))?;
        succeeded(&self.shown, status)
    }

    /// Runs in silence and returns the standard output; the standard error is shown when it fails.
    pub(crate) fn output(mut self) -> anyhow::Result<String> {
        let output = self.command.output().with_context(|| missing(&self.shown))?;
        if !output.status.success() {
            eprint!("{}", String::from_utf8_lossy(&output.stderr));
        }
        succeeded(&self.shown, output.status)?;
        String::from_utf8(output.stdout)
            .with_context(|| format!("`{}` printed no UTF-8", self.shown))
    }

    /// Whether the program can be started and ends well; prints nothing.
    pub(crate) fn probe(mut self) -> bool {
        let quiet = self.command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        quiet.status().is_ok_and(|status| status.success())
    }

    /// Runs with the standard error passed on line by line, and returns the last line that contains `mark`.
    pub(crate) fn run_and_find(mut self, mark: &str) -> anyhow::Result<Option<String>> {
        println!("$ {}", self.shown);
        let mut child =
            self.command.stderr(Stdio::piped()).spawn().with_context(|| missing(&self.shown))?;
        let found = match child.stderr.take() {
            Some(stream) => pass_on(stream, mark, &mut std::io::stderr())?,
            None => None,
        };
        let status = child.wait()?;
        succeeded(&self.shown, status)?;
        Ok(found)
    }
}

/// Copies lines from `stream` to `sink` and remembers the last one with `mark` in it.
fn pass_on(stream: impl Read, mark: &str, sink: &mut impl Write) -> anyhow::Result<Option<String>> {
    let mut found = None;
    for line in BufReader::new(stream).split(b'\n') {
        let line = String::from_utf8_lossy(&line?).into_owned();
        writeln!(sink, "{line}")?;
        if line.contains(mark) {
            found = Some(line.trim().to_owned());
        }
    }
    Ok(found)
}

fn describes_this_package(variable: &OsStr) -> bool {
    let name = variable.to_string_lossy();
    name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")
}

fn missing(shown: &str) -> String {
    format!("`{shown}` could not be started")
}

fn succeeded(shown: &str, status: ExitStatus) -> anyhow::Result<()> {
    if status.success() {
        return Ok(());
    }
    bail!("`{shown}` failed: {status}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failing_program_is_an_error_that_shows_the_command() {
        let error = Call::new("false").args(["--for", "sure"]).run().unwrap_err();
        assert!(error.to_string().starts_with("`false --for sure` failed"), "{error}");
    }

    #[test]
    fn absent_program_is_an_error_that_names_it() {
        let error = Call::new("no-such-program-here").run().unwrap_err();
        assert_eq!(error.to_string(), "`no-such-program-here` could not be started");
        assert!(!Call::new("no-such-program-here").probe());
    }

    #[test]
    fn output_is_returned() {
        assert_eq!(Call::new("echo").args(["two", "words"]).output().unwrap(), "two words\n");
    }

    #[test]
    fn lines_are_passed_on_and_the_last_marked_one_is_kept() {
        let mut sink = Vec::new();
        let text = "Summary 1 test\nother\n  Summary 2 tests\nend";
        let found = pass_on(text.as_bytes(), "Summary", &mut sink).unwrap();
        assert_eq!(found.as_deref(), Some("Summary 2 tests"));
        assert_eq!(String::from_utf8(sink).unwrap(), format!("{text}\n"));
    }
}
