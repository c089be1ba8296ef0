//! The caller's side of the jail: starts it, listens to it, and ends it.
//!
//! ```text
//! run: check the order -> start `<self> __jail` -> send the order
//!      -> together: reports, output, proxy, clock -> wait until the jail is gone -> Finished
//! start: the same, with the program's pipes in the caller's hands -> Session -> SessionEnd
//! ```
//! In: an order, and where to send output as it comes. Out: what happened. Dropping the future closes the channel, and
//! with it ends everything in the jail. It never waits without a deadline. Tests are in `tests/it`.

mod control;
mod output;
mod running;
mod session;
mod start;
mod told;

use std::path::PathBuf;

use tokio::sync::mpsc;

use self::running::Running;
pub use self::session::{Pipes, Session};
use crate::error::Error;
use crate::finished::{Chunk, Finished};
use crate::limits::Lifetime;
use crate::order::{Order, Purpose, Unjailed};
use crate::report::{Spec, Task};

/// Starts jails.
#[derive(Debug, Clone)]
pub struct Jailer {
    program: PathBuf,
}

impl Jailer {
    /// A jailer that starts `program`, whose `main` must begin with [`crate::entry`]. Normally that is
    /// `/proc/self/exe`.
    #[must_use]
    pub fn new(program: PathBuf) -> Self {
        Self { program }
    }

    /// Runs one command in a jail of its own, and returns when the jail is gone.
    ///
    /// Output is also sent to `watch`, as it comes; a slow or closed receiver does not hold the command up. Dropping the
    /// future kills the command and everything that it started.
    ///
    /// # Errors
    /// [`Error::Order`] and [`Error::Program`] are the caller's, [`Error::Setup`] is this machine's. In each of these
    /// the command did not run. After [`Error::Lost`] nobody knows.
    pub async fn run(
        &self,
        order: Order,
        watch: Option<mpsc::Sender<Chunk>>,
    ) -> Result<Finished, Error> {
        self.run_until(order, watch, std::future::pending()).await
    }

    /// The same until `stop` resolves: then everything in the jail is killed, and how it ended is [`crate::Ended::Stopped`].
    ///
    /// # Errors
    /// As of [`Jailer::run`].
    pub async fn run_until(
        &self,
        order: Order,
        watch: Option<mpsc::Sender<Chunk>>,
        stop: impl Future<Output = ()> + Send,
    ) -> Result<Finished, Error> {
        let finished = self.carry_out((order, Task::Command), watch, stop).await;
        finished.map(|(finished, _)| finished)
    }

    /// Starts a program in a jail of its own, to talk with it, and returns when it has begun.
    ///
    /// The order's access must be [`crate::Access::Private`], `Read` or `Direct`; nothing that it changes is kept back.
    ///
    /// # Errors
    /// As of [`Jailer::run`]. In each of them nothing of it is left.
    pub async fn start(&self, order: Order, lifetime: Lifetime) -> Result<(Session, Pipes), Error> {
        let order = order.checked(Purpose::Session)?;
        let task = Task::Session(lifetime);
        let spec = Spec { order, task, temporary: std::env::temp_dir() };
        session::start(&self.program, spec).await
    }

    /// Starts a program without a jail, to talk with it, and returns when it has begun. Only its end is kept: with it,
    /// with the session, and with this process ends everything that it started.
    ///
    /// # Errors
    /// As of [`Jailer::start`].
    pub async fn start_unjailed(&self, program: Unjailed) -> Result<(Session, Pipes), Error> {
        let order = program.checked()?;
        let task = Task::Unjailed;
        let spec = Spec { order, task, temporary: std::env::temp_dir() };
        session::start(&self.program, spec).await
    }

    /// The same as [`Jailer::run`] for a trial, with what the jail said of itself.
    pub(crate) async fn carry_out(
        &self,
        (order, task): (Order, Task),
        watch: Option<mpsc::Sender<Chunk>>,
        stop: impl Future<Output = ()> + Send,
    ) -> Result<(Finished, Option<String>), Error> {
        let order = order.checked(Purpose::Command)?;
        let spec = Spec { order, task, temporary: std::env::temp_dir() };
        let jail = start::start(&self.program, &spec, &[])?;
        Running::new(jail, &spec.order, watch).finish(stop).await
    }
}
