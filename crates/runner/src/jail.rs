//! The side of the jail that is the jail: one straight line from a fresh process to the command.
//!
//! ```text
//! entry -> outer: take the order
//!            | namespaces: clone -> init: root, proc, upper, workspace, paths -> fork -> command: seal -> exec
//!            |                                                        '-> watch, report, end
//!            | direct (rung landlock): fork -> command: seal -> exec
//!            |                          '-> watch, end every descendant, report
//!            ' unjailed: the same without seal
//! ```
//! Single-threaded and without a runtime, so that it may fork. In: the order over standard input's socket. Out: reports
//! and files over the same socket. Anything that fails ends the jail before there is a command. Tests are in `tests/it`.

mod census;
mod command;
mod copy;
mod direct;
mod identity;
mod landlock;
mod layers;
mod mount;
mod namespaces;
mod network;
mod places;
mod probe;
mod root;
mod seal;
mod syscalls;
mod unjailed;
mod watch;

use std::fs::File;
use std::io::Read;
use std::os::fd::{AsFd, OwnedFd};

pub(crate) use self::probe::{DELETED, MADE, REPLACED};
use crate::channel::Channel;
use crate::ladder::Rung;
use crate::limits::ORDER_BYTES_MAX;
use crate::report::{At, Failure, Report, Request, Spec, Step, Task};
use crate::sys;

/// The argument that makes this program a jail.
pub(crate) const MARKER: &str = "__jail";

/// The first line of every `main` whose program may be a jail: in a jail it never returns.
pub fn entry() {
    if std::env::args_os().nth(1).is_none_or(|word| word != MARKER) {
        return;
    }
    std::process::exit(outer());
}

fn outer() -> i32 {
    let channel = match channel() {
        Ok(channel) => channel,
        Err(Failure { why, .. }) => {
            eprintln!("a jail is started by a supervisor, not by hand: {why}");
            return 2;
        }
    };
    let result = take(&channel).and_then(|(spec, handed)| match (spec.task, spec.order.rung) {
        (Task::Unjailed, _) => unjailed::run(&spec, handed, &channel),
        (_, Rung::Overlay | Rung::Copy) => namespaces::run(&spec, handed, &channel),
        (_, Rung::Landlock) => direct::run(&spec, handed, &channel),
        (_, Rung::Refuse) => Err(failed(Step::Order, "nothing runs on rung `refuse`")),
    });
    match result {
        Ok(()) => 0,
        Err(failure) => {
            tell(&channel, failure);
            1
        }
    }
}

/// Standard input is the channel; the command gets an empty one instead.
fn channel() -> Result<Channel, Failure> {
    sys::close_all_but_stdio().at(Step::Order, "close inherited files")?;
    let socket = std::io::stdin().as_fd().try_clone_to_owned().at(Step::Order, "standard input")?;
    let kind = rustix::net::sockopt::socket_type(&socket).at(Step::Order, "standard input")?;
    if kind != rustix::net::SocketType::SEQPACKET {
        return Err(failed(Step::Order, "standard input is not a supervisor's socket"));
    }
    let empty = File::open("/dev/null").at(Step::Order, "open `/dev/null`")?;
    rustix::stdio::dup2_stdin(empty).at(Step::Order, "replace standard input")?;
    Ok(Channel::from_socket(socket))
}

/// What only the program of a session gets. Whoever forks it must let go of both, or nobody would see them close.
#[derive(Debug)]
struct Handed {
    /// Its standard input.
    input: OwnedFd,
    /// Closes when the program begins, or its process ends before.
    _begun: OwnedFd,
}

impl Handed {
    /// The last step before the program.
    fn use_input(&self) -> Result<(), Failure> {
        rustix::stdio::dup2_stdin(&self.input).at(Step::Program, "replace standard input")
    }
}

/// After the fork of a session's program, so that only that one holds its standard output open.
fn let_go_of_output() -> Result<(), Failure> {
    let null = File::options().write(true).open("/dev/null");
    let null = null.at(Step::Watch, "open `/dev/null`")?;
    rustix::stdio::dup2_stdout(null).at(Step::Watch, "replace standard output")
}

fn take(channel: &Channel) -> Result<(Spec, Option<Handed>), Failure> {
    let spec = take_spec(file_of(channel, Request::Begin)?)?;
    let handed = if spec.task.is_talked_with() {
        let input = file_of(channel, Request::Input)?;
        Some(Handed { input, _begun: file_of(channel, Request::Begun)? })
    } else {
        None
    };
    Ok((spec, handed))
}

/// The file of the next request, which must be this one.
fn file_of(channel: &Channel, request: Request) -> Result<OwnedFd, Failure> {
    let packet = channel.receive::<Request>().at(Step::Order, "receive the order")?;
    let file = match packet {
        Some(packet) if packet.value == request => packet.file,
        Some(_) | None => None,
    };
    file.ok_or_else(|| failed(Step::Order, format!("no `{request:?}` came")))
}

fn take_spec(file: OwnedFd) -> Result<Spec, Failure> {
    let mut text = Vec::new();
    let bound = u64::try_from(ORDER_BYTES_MAX).unwrap_or(u64::MAX);
    rustix::fs::seek(&file, rustix::fs::SeekFrom::Start(0)).at(Step::Order, "read the order")?;
    File::from(file).take(bound).read_to_end(&mut text).at(Step::Order, "read the order")?;
    serde_json::from_slice(&text).at(Step::Order, "read the order")
}

/// Tells the supervisor of a failure; if it is gone, nobody is left to be told.
fn tell(channel: &Channel, failure: Failure) {
    let Failure { step, mut why } = failure;
    why.truncate(why.floor_char_boundary(1_000));
    let _gone = channel.send(&Report::Failed { step, why }, None);
}

fn failed(step: Step, why: impl Into<String>) -> Failure {
    Failure { step, why: why.into() }
}
