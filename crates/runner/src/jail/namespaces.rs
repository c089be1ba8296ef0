//! The jail on rungs overlay and copy: its first process in namespaces of its own, and that process's life.
//!
//! ```text
//! outer, outside          init, process 1 inside
//!   clone ------------>     waits
//!   map identities ---->    builds the root, forks the command, watches
//!   waits                   reports, ends; the kernel ends everything else in the jail
//! ```
//! In: the order. Out: reports. Init dies with outer (death signal) and with the supervisor (the channel closes); with
//! init dies the whole process namespace. Tests are in `tests/it`.

use std::fs;
use std::io::Read;
use std::os::fd::{AsFd, OwnedFd};

use rustix::process::{DumpableBehavior, Pid, Signal, WaitOptions};

use super::command::{HOME, Start};
use super::identity::Identity;
use super::landlock::Rules;
use super::watch::Reach;
use super::{Handed, failed, layers, let_go_of_output, network, places, root, tell};
use crate::channel::Channel;
use crate::order::Network;
use crate::report::{At, Failure, Report, Spec, Step};
use crate::sys::{self, Fork};

/// Runs the order and returns when the jail is gone.
pub(super) fn run(spec: &Spec, handed: Option<Handed>, channel: &Channel) -> Result<(), Failure> {
    let identity = Identity::of(&spec.order)?;
    prefer_for_oom_kill();
    let (waits, ready) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)
        .at(Step::Namespaces, "make a pipe")?;
    match sys::fork(sys::NAMESPACES).at(Step::Namespaces, "clone into new namespaces")? {
        Fork::Parent { child } => {
            drop(waits);
            if handed.is_some() {
                drop(handed);
                let_go_of_output()?;
            }
            outside(identity, child, ready)
        }
        Fork::Child => {
            drop(ready);
            let ended =
                wait_for_identities(waits).and_then(|()| inside(spec, handed, channel, identity));
            let code = match ended {
                Ok(()) => 0,
                Err(failure) => {
                    tell(channel, failure);
                    1
                }
            };
            std::process::exit(code);
        }
    }
}

fn outside(identity: Identity, child: Pid, ready: OwnedFd) -> Result<(), Failure> {
    identity.map(child)?;
    rustix::io::write(&ready, &[1]).at(Step::Identities, "wake the jail")?;
    drop(ready);
    loop {
        match rustix::process::waitpid(Some(child), WaitOptions::empty()) {
            Err(rustix::io::Errno::INTR) => {}
            Ok(_) => return Ok(()),
            Err(error) => return Err(failed(Step::Watch, format!("wait for the jail: {error}"))),
        }
    }
}

/// Init's life.
fn inside(
    spec: &Spec,
    handed: Option<Handed>,
    channel: &Channel,
    identity: Identity,
) -> Result<(), Failure> {
    // From here on the command could look at this process: it has the same user. Not before, or outer could not map.
    rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable)
        .at(Step::Privileges, "close this process to others")?;
    let rules = build(spec, channel, identity)?;
    Start { spec, channel, identity, rules, home: HOME.into(), others: 0, handed }
        .run(Reach::Namespace)
}

/// Until outer has mapped identities.
fn wait_for_identities(waits: OwnedFd) -> Result<(), Failure> {
    // If outer is gone before this call, the pipe below says so.
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))
        .at(Step::Namespaces, "ask for a death signal")?;
    let mut byte = [0];
    fs::File::from(waits).read_exact(&mut byte).at(Step::Identities, "wait for identities")
}

/// Everything that needs rights over the namespaces, in the one order in which it works.
fn build(spec: &Spec, channel: &Channel, identity: Identity) -> Result<Rules, Failure> {
    let order = &spec.order;
    rustix::system::sethostname(b"jail").at(Step::Namespaces, "set the name")?;
    network::raise_loopback().at(Step::Network, "raise the loopback")?;
    if let Network::Hosts(_) = order.network {
        let listener = network::listen().at(Step::Network, "listen for the proxy")?;
        channel.send(&Report::Listener, Some(listener.as_fd())).at(Step::Network, "report")?;
    }
    root::enter()?;
    root::system(identity)?;
    root::temporary(identity, order.limits.upper_bytes)?;
    // Before the old root goes: the kernel gives a new view of processes only to whoever sees one already.
    root::processes(identity, &order.limits)?;
    let laid = layers::lay(order, identity)?;
    if let Some(upper) = &laid.upper {
        channel.send(&Report::Upper, Some(upper.as_fd())).at(Step::Upper, "report")?;
    }
    let bound = places::put(order, laid.workspace, identity)?;
    places::cover(order)?;
    root::close()?;
    Ok(Rules::inside(order, bound))
}

/// The kernel, short of memory, should take the command and not the supervisor.
fn prefer_for_oom_kill() {
    // A container may forbid it; the jail's own bounds do not depend on it.
    let _forbidden = fs::write("/proc/self/oom_score_adj", "500");
}
