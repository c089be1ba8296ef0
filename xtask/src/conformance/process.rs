//! A program that runs beside the suite, and ends with us.
//!
//! In: a command, and a file for what it says on its standard error. Out: the first line it prints. Its standard input is
//! a pipe that we hold, so that it sees our end even if we are killed; on drop it is killed and waited for. Tests are
//! at the end.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;

use anyhow::Context;

/// How long a first line is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// A program that runs.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    line: std::sync::mpsc::Receiver<String>,
    log: PathBuf,
}

impl Running {
    /// Starts a program.
    pub(crate) fn start(mut command: Command, log: &Path) -> anyhow::Result<Self> {
        let shown = format!("`{}`", command.get_program().display());
        let errors = File::create(log).with_context(|| format!("`{}`", log.display()))?;
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(errors);
        let mut child = command.spawn().with_context(|| format!("{shown} cannot be started"))?;
        let (sender, line) = channel();
        if let Some(output) = child.stdout.take() {
            // Everything is read, so that the program never waits for us; only the first line is kept.
            std::thread::spawn(move || {
                for text in BufReader::new(output).lines().map_while(Result::ok) {
                    let _ = sender.send(text);
                }
            });
        }
        Ok(Self { child, line, log: log.to_path_buf() })
    }

    /// The first line that it prints.
    pub(crate) fn line(&self) -> anyhow::Result<String> {
        self.line.recv_timeout(PATIENCE).with_context(|| {
            format!("the program printed nothing; on its standard error: {}", self.said())
        })
    }

    /// What it said on its standard error so far.
    pub(crate) fn said(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Whether it has ended.
    pub(crate) fn ended(&mut self) -> anyhow::Result<bool> {
        Ok(self.child.try_wait()?.is_some())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself; there is nothing to do about either then.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(words: &[&str]) -> (Running, tempfile::TempDir) {
        let directory = tempfile::tempdir().unwrap();
        let (program, arguments) = words.split_first().unwrap();
        let mut command = Command::new(program);
        command.args(arguments);
        (Running::start(command, &directory.path().join("log")).unwrap(), directory)
    }

    #[test]
    fn first_line_is_told() {
        let (running, _directory) = start(&["printf", "one\\ntwo\\n"]);
        assert_eq!(running.line().unwrap(), "one");
    }

    #[test]
    fn silence_is_an_error_with_what_was_said_elsewhere() {
        let (running, _directory) = start(&["ls", "/no/such/place"]);
        let error = running.line().unwrap_err().to_string();
        assert!(error.contains("/no/such/place"), "{error}");
    }
}
