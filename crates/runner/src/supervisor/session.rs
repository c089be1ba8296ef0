//! One program that is talked with, from its start to its end.
//!
//! ```text
//! start: jail or none -> until the program has begun -> (Session, Pipes)
//! meanwhile a task of its own: reports, proxy, clock -> wait until all is gone -> SessionEnd
//! ```
//! In: what is to run. Out: its pipes, which are the caller's alone and so the caller's to bound, and a handle. Dropping the
//! handle ends everything, as does the end of this process. Tests are in `tests/it/sessions`.

use std::future::{Future, pending};
use std::io::{self, PipeReader};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::sync::{Arc, Weak};

use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe;
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};

use super::control::Control;
use super::start::{self, Jail};
use super::told::{Told, lost, not_started, silent, wait_until_gone};
use crate::error::Error;
use crate::finished::{Cause, SessionEnd, Took};
use crate::limits::{DRAIN_MAX, GRACE, SETUP_MAX};
use crate::report::{End, Failure, Request, Spec, Usage};

/// A program under way. Dropping it kills the program and everything that it started.
#[derive(Debug)]
pub struct Session {
    /// The task's; gone when it has ended.
    control: Weak<Control>,
    killed: Arc<Notify>,
    end: watch::Receiver<Option<SessionEnd>>,
    /// Ends with this value.
    _following: JoinSet<()>,
}

/// The three ends of a session's program. What is written waits in the kernel, 64 KiB each, until it is read.
#[derive(Debug)]
pub struct Pipes {
    /// What the program reads. Dropping it is the end of its input.
    pub stdin: ChildStdin,
    /// What the program writes.
    pub stdout: ChildStdout,
    /// What it writes beside that. A program blocks when nobody reads it.
    pub stderr: ChildStderr,
}

impl Session {
    /// Kills the program and everything that it started, at once. Who waits for the end is told.
    pub fn kill(&self) {
        self.stop();
        self.killed.notify_one();
    }

    /// What became of it, when nothing of it is left. Can be asked any number of times, and waited for elsewhere.
    pub fn ended(&self) -> impl Future<Output = SessionEnd> + Send + use<> {
        let mut end = self.end.clone();
        async move {
            match end.wait_for(Option::is_some).await.as_deref() {
                Ok(Some(found)) => found.clone(),
                Ok(None) | Err(_) => {
                    let cause = Cause::Lost("it was dropped before its end was seen".into());
                    SessionEnd { cause, took: None, network: Vec::new() }
                }
            }
        }
    }

    fn stop(&self) {
        // A jail that is gone already has closed the channel.
        let _gone = self.control.upgrade().map(|control| control.stop());
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // Sooner than the task can close the channel, which happens when the runtime gets to it.
        self.stop();
    }
}

/// Starts it and waits until its program has begun.
pub(super) async fn start(program: &Path, spec: Spec) -> Result<(Session, Pipes), Error> {
    let (input, ours) = io::pipe().map_err(Error::Start)?;
    let (begun, theirs) = io::pipe().map_err(Error::Start)?;
    let files = [(Request::Input, input.as_fd()), (Request::Begun, theirs.as_fd())];
    let Jail { mut process, control } = start::start(program, &spec, &files)?;
    // Only who runs the program holds them now.
    drop((input, theirs));
    let (stdout, mut stderr) = match (process.stdout.take(), process.stderr.take()) {
        (Some(stdout), Some(stderr)) => (stdout, stderr),
        (_, _) => return Err(Error::Start(io::Error::other("it has no pipes"))),
    };
    let stdin = ChildStdin::from_std(OwnedFd::from(ours).into()).map_err(Error::Start)?;
    let mut line = Line { spec, process, control: Arc::new(control), told: Told::default() };
    match line.listen_until_begun(begun).await {
        Ok(()) if line.told.failed.is_none() && line.told.started => {}
        listened => return Err(line.failure(listened, &mut stderr).await),
    }
    Ok((line.followed(), Pipes { stdin, stdout, stderr }))
}

/// The connection to a jail.
#[derive(Debug)]
struct Line {
    spec: Spec,
    process: Child,
    control: Arc<Control>,
    told: Told,
}

impl Line {
    /// Hears what is said until the program has begun or will not.
    async fn listen_until_begun(&mut self, begun: PipeReader) -> Result<(), Error> {
        let mut begun = pipe::Receiver::from_owned_fd(begun.into()).map_err(Error::Start)?;
        let deadline = Instant::now() + SETUP_MAX;
        let mut byte = [0];
        loop {
            tokio::select! {
                // What was said before the pipe closed is heard first.
                biased;
                report = self.control.receive() => match report {
                    Ok(Some(packet)) => self.told.hear(packet, &self.spec.order.network)?,
                    Ok(None) => return Ok(()),
                    Err(error) => return Err(unreadable(&error)),
                },
                _closed = begun.read(&mut byte) => break,
                () = sleep_until(deadline) => return Err(lost("it did not begin in time")),
            }
        }
        // The process may have said why it ends between the two looks above.
        while let Some(packet) = self.control.receive_now().map_err(|error| unreadable(&error))? {
            self.told.hear(packet, &self.spec.order.network)?;
        }
        Ok(())
    }

    /// Why it did not begin, when nothing of it is left.
    async fn failure(self, listened: Result<(), Error>, stderr: &mut ChildStderr) -> Error {
        let Self { spec, mut process, control, told } = self;
        drop(control);
        let gone = wait_until_gone(&mut process).await;
        if let Some(failure) = told.failed {
            return not_started(&spec.order, failure);
        }
        if let Err(error) = listened.and(gone) {
            return error;
        }
        let mut said = Vec::new();
        // What was read until then is there.
        let _rest = timeout(DRAIN_MAX, stderr.take(2_000).read_to_end(&mut said)).await;
        silent(&said)
    }

    /// Goes on listening in a task of its own.
    fn followed(self) -> Session {
        let control = Arc::downgrade(&self.control);
        let killed = Arc::new(Notify::new());
        let (tell, end) = watch::channel(None);
        let mut following = JoinSet::new();
        let asked = Arc::clone(&killed);
        following.spawn(async move {
            let found = self.follow(&asked).await;
            tell.send_replace(Some(found));
        });
        Session { control, killed, end, _following: following }
    }

    async fn follow(mut self, killed: &Notify) -> SessionEnd {
        let listened = self.listen(killed).await;
        let Self { mut process, control, told, .. } = self;
        drop(control);
        let gone = wait_until_gone(&mut process).await;
        let network = told.proxy.map(|proxy| proxy.finish()).unwrap_or_default();
        let (cause, took) = match (told.usage, listened.and(gone)) {
            (Some(usage), Ok(())) => (cause(usage.end), Some(took(usage))),
            (_, Err(error)) => (Cause::Lost(error.to_string()), None),
            (None, Ok(())) => (Cause::Lost(unreported(told.failed)), None),
        };
        SessionEnd { cause, took, network }
    }

    /// Hears what is said until the jail has closed the channel, or takes too long to.
    async fn listen(&mut self, killed: &Notify) -> Result<(), Error> {
        let mut deadline = self.spec.times().wall.map(|wall| Instant::now() + wall + GRACE);
        loop {
            tokio::select! {
                report = self.control.receive() => match report {
                    Ok(Some(packet)) => self.told.hear(packet, &self.spec.order.network)?,
                    Ok(None) => return Ok(()),
                    Err(error) => return Err(unreadable(&error)),
                },
                () = killed.notified() => deadline = Some(Instant::now() + GRACE),
                () = until(deadline) => return Err(lost("it did not end in time")),
            }
        }
    }
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => pending().await,
    }
}

fn unreadable(error: &io::Error) -> Error {
    lost(&format!("its report cannot be read: {error}"))
}

fn unreported(failed: Option<Failure>) -> String {
    match failed {
        Some(Failure { step, why }) => format!("{step} failed: {why}"),
        None => "the jail ended without a report".into(),
    }
}

fn took(usage: Usage) -> Took {
    let Usage { end: _, wall, cpu, memory_bytes_max, processes } = usage;
    Took { wall, cpu, memory_bytes_max, processes }
}

fn cause(end: End) -> Cause {
    match end {
        End::Exited(code) => Cause::Exited(code),
        End::Signalled(signal) => Cause::Signalled(signal),
        End::OverTime => Cause::OverTime,
        End::OverCpu => Cause::OverCpu,
        End::OverMemory => Cause::OverMemory,
        End::OverProcesses => Cause::OverProcesses,
        End::Stopped => Cause::Killed,
    }
}
