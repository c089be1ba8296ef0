//! Logs: how the machine is doing, as lines on standard error.
//!
//! What was decided is in the journal. Nothing that is sensitive is logged at all: no arguments, no outputs, no
//! keys, no bodies; so nothing has to be masked here.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

/// Starts logging. `filter` is in the form of `tracing`, such as `info` or `checkrein_server=debug`; what is not
/// understood counts as `info`. A second call changes nothing.
pub fn start(filter: &str) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let ansi = std::io::stderr().is_terminal();
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(ansi);
    // Only fails if something logs already, which then goes on.
    let _ = lines.with_writer(std::io::stderr).with_target(true).try_init();
}
