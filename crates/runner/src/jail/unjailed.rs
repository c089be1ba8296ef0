//! A program that is talked with, without a jail, as somebody decided who answers for it.
//!
//! In: a program's words, variables and directory. Out: the program in a session of its own, with nothing inherited but
//! its handed. No limit and no rule holds; what is kept is the end: this process takes in orphans as their subreaper, and
//! ends every descendant with the program, with its supervisor, or when it is asked to. Tests are in
//! `tests/it/sessions`.

use std::os::unix::process::CommandExt;
use std::process::Command;

use rustix::process::Signal;

use super::watch::{Reach, Watch};
use super::{Handed, failed, let_go_of_output, tell};
use crate::channel::Channel;
use crate::report::{At, Failure, Report, Spec, Step};
use crate::sys::{self, Fork};

/// Runs the program and returns when everything it started has ended.
pub(super) fn run(spec: &Spec, handed: Option<Handed>, channel: &Channel) -> Result<(), Failure> {
    let handed = handed.ok_or_else(|| failed(Step::Order, "no handed came"))?;
    let me = rustix::process::getpid();
    rustix::process::set_child_subreaper(Some(me)).at(Step::Privileges, "become a subreaper")?;
    channel.send(&Report::Started, None).at(Step::Watch, "report")?;
    match sys::fork(0).at(Step::Program, "fork")? {
        Fork::Child => {
            tell(channel, begin(spec, &handed));
            std::process::exit(127);
        }
        Fork::Parent { child } => {
            drop(handed);
            let_go_of_output()?;
            Watch::new(spec, channel, Reach::Descendants).run(child)
        }
    }
}

/// Only returns if the program cannot be started.
fn begin(spec: &Spec, handed: &Handed) -> Failure {
    let order = &spec.order;
    if let Err(failure) = alone().and_then(|()| handed.use_input()) {
        return failure;
    }
    if let Err(error) = std::env::set_current_dir(&order.workspace) {
        return failed(Step::Directory, format!("enter `{}`: {error}", order.workspace.display()));
    }
    let mut command = Command::new(&order.program);
    command.args(&order.arguments).env_clear();
    command.envs(order.environment.iter().map(|(name, value)| (name, value)));
    failed(Step::Program, command.exec().to_string())
}

/// A session of its own has no terminal, and is a process group of its own.
fn alone() -> Result<(), Failure> {
    rustix::process::setsid().at(Step::Privileges, "leave the session")?;
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))
        .at(Step::Privileges, "ask for a death signal")
}
