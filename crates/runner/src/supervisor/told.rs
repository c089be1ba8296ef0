//! What a jail has said so far, and what its silence means.
//!
//! In: reports, as they come. Out: what they add up to, and errors by whose fault they are. It waits for nothing but the
//! end of the jail's first process, and for that not without a deadline. Tests are in `tests/it`.

use std::os::fd::OwnedFd;

use tokio::process::Child;
use tokio::time::timeout;

use crate::channel::Packet;
use crate::error::Error;
use crate::limits::GRACE;
use crate::order::{Network, Order};
use crate::proxy::Proxy;
use crate::report::{Failure, Report, Step, Usage};

/// Everything that one jail has reported.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) started: bool,
    pub(super) upper: Option<OwnedFd>,
    pub(super) proxy: Option<Proxy>,
    pub(super) probed: Option<String>,
    pub(super) failed: Option<Failure>,
    pub(super) usage: Option<Usage>,
}

impl Told {
    /// Takes one report in; a proxy begins to serve.
    pub(super) fn hear(&mut self, packet: Packet<Report>, network: &Network) -> Result<(), Error> {
        let Packet { value, file } = packet;
        match value {
            Report::Upper => self.upper = file,
            Report::Listener => {
                let (Some(listener), Network::Hosts(rules)) = (file, network) else {
                    return Err(lost("it offers a network nobody asked for"));
                };
                self.proxy = Some(Proxy::start(listener, rules).map_err(Error::Start)?);
            }
            Report::Started => self.started = true,
            Report::Probed { landlock } => self.probed = Some(landlock),
            Report::Failed { step, why } => {
                // The first failure is the reason for those that follow.
                self.failed.get_or_insert(Failure { step, why });
            }
            Report::Ended(usage) => self.usage = Some(usage),
        }
        Ok(())
    }
}

pub(super) fn lost(why: &str) -> Error {
    Error::Lost { why: why.into() }
}

/// A jail that ended without a word may have said why on its standard error.
pub(super) fn silent(stderr: &[u8]) -> Error {
    let said = String::from_utf8_lossy(stderr).chars().take(500).collect::<String>();
    lost(&format!("it said nothing, but on standard error `{said}`"))
}

/// Waits for the jail's first process, behind which nothing is left, and kills it if it takes too long.
pub(super) async fn wait_until_gone(process: &mut Child) -> Result<(), Error> {
    if timeout(GRACE, process.wait()).await.is_ok() {
        return Ok(());
    }
    process.start_kill().map_err(Error::Start)?;
    Err(match timeout(GRACE, process.wait()).await {
        Ok(_) => lost("it did not end by itself and was killed"),
        Err(_) => lost("it was killed and did not end"),
    })
}

pub(super) fn not_started(order: &Order, Failure { step, why }: Failure) -> Error {
    match step {
        Step::Program => Error::Program { program: order.program.display().to_string(), why },
        Step::Directory => Error::order(why),
        Step::Order
        | Step::Namespaces
        | Step::Identities
        | Step::Root
        | Step::Proc
        | Step::Upper
        | Step::Workspace
        | Step::Paths
        | Step::Network
        | Step::Limits
        | Step::Privileges
        | Step::Landlock
        | Step::Syscalls
        | Step::Watch => Error::Setup { step, why },
    }
}
