//! The side of the jail that is the jail: one straight line from a fresh process to the command.
//!
//! ```text
//! entry -> outer: take the order
//!            | namespaces: clone -> init: root, proc, upper, workspace, paths -> fork -> command: seal -> exec
//!            |                                                        '-> watch, report, end
//!            ' direct (rung landlock): fork -> command: seal -> exec
//!                                       '-> watch, end every descendant, report
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
mod watch;

use std::fs::File;
use std::io::Read;
use std::os::fd::AsFd;

pub(crate) use self::probe::{DELETED, MADE, REPLACED};
use crate::channel::Channel;
use crate::ladder::Rung;
use crate::limits::ORDER_BYTES_MAX;
use crate::report::{At, Failure, Report, Request, Spec, Step};
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
    let result = take(&channel).and_then(|spec| match spec.order.rung {
        Rung::Overlay | Rung::Copy => namespaces::run(&spec, &channel),
        Rung::Landlock => direct::run(&spec, &channel),
        Rung::Refuse => Err(failed(Step::Order, "nothing runs on rung `refuse`")),
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

fn take(channel: &Channel) -> Result<Spec, Failure> {
    let packet = channel.receive::<Request>().at(Step::Order, "receive the order")?;
    let file = match packet {
        Some(packet) if packet.value == Request::Begin => packet.file,
        Some(_) | None => None,
    };
    let file = file.ok_or_else(|| failed(Step::Order, "no order came"))?;
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
