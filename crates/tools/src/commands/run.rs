//! One command in one jail, from its turn to its end.
//!
//! ```text
//! wait for room -> still allowed? -> prepare (on a thread, under the turn) -> run -> ended by itself? -> Ran
//! ```
//! In: a call and how it may run. Out: what the jail reported, and the ground to compare with. The turn of the workspace
//! is not held while a command runs: a test of ten minutes keeps nobody from acting. Dropping the future ends the
//! command and everything it started. What becomes of the upper layer is `changes`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::{CommandLine, Execution, Lever, Plan};
use gate::{Invocation, StopSignal, ToolError, Watch};
use runner::{Chunk, Ended, Finished, Rung, Stream, Upper};
use tokio::sync::{OwnedSemaphorePermit, mpsc};

use super::Commands;
use super::lower::Lower;
use super::output;
use super::place::{Ground, Mode, Request};
use super::problem::{Killed, Trouble};
use super::{copied, upper};
use crate::files::problem::Problem;
use crate::workspaces::{Root, on_a_thread};

/// Kept back from a call's time for making the plan and for the answer: a tenth, and at least this.
const RESERVE_MIN: Duration = Duration::from_millis(500);
const RESERVE_PART: u32 = 10;
/// Pieces of output on their way to whoever watches; what does not fit is not shown.
const PIECES_MAX: usize = 256;

/// A last look at the stops.
pub(super) type Allowed<'a> = dyn Fn() -> Result<(), ToolError> + Send + Sync + 'a;

/// One attempt, as its permit describes it.
pub(super) struct Attempt<'a> {
    pub(super) invocation: &'a Invocation,
    pub(super) timeout: Duration,
    pub(super) allowed: &'a Allowed<'a>,
    /// Says when a stop ends the command.
    pub(super) signal: StopSignal,
    pub(super) watch: Option<Watch>,
}

/// A command that ended by itself.
#[derive(Debug)]
pub(super) struct Ran {
    pub(super) execution: Execution,
    pub(super) upper: Option<Upper>,
    pub(super) ground: Ground,
    /// What it wrote stands in memory as long as the upper layer is held, so its room does too. Dropped after it.
    room: OwnedSemaphorePermit,
}

impl Attempt<'_> {
    pub(super) fn command(&self) -> Result<&CommandLine, Trouble> {
        self.invocation.command.as_ref().ok_or(Trouble::NoCommand)
    }

    fn reserve(&self) -> Duration {
        RESERVE_MIN.max(self.timeout / RESERVE_PART)
    }
}

impl Commands {
    /// Runs the command of a call, once.
    pub(super) async fn run(
        &self,
        attempt: &Attempt<'_>,
        root: &Arc<Root>,
        mode: Mode,
    ) -> Result<Ran, Trouble> {
        let deadline = Instant::now() + attempt.timeout.saturating_sub(attempt.reserve());
        let no_room = || Trouble::NoRoom(attempt.timeout.as_millis());
        let rung = self.ladder.rung;
        let recorded = recorded(rung).ok_or_else(|| self.no_jail())?;
        let room = tokio::time::timeout_at(deadline.into(), Arc::clone(&self.room).acquire_owned());
        let room = tokio::select! {
            biased;
            room = room => room,
            stopped = attempt.signal.arrived() => return Err(Trouble::Stopped(stopped)),
        };
        let room = room.map_err(|_| no_room())?.map_err(|_| Trouble::Lost)?;
        // Others had their turn before: a stop may have come meanwhile.
        (attempt.allowed)().map_err(Trouble::Stopped)?;
        let wall = deadline.saturating_duration_since(Instant::now());
        if wall.is_zero() {
            return Err(no_room());
        }
        let prepared = self.prepare(attempt, root, (mode, rung, wall)).await?;
        let limits = prepared.order.limits.clone();
        let program = prepared.order.program.display().to_string();
        let watch = attempt.watch.clone().map(shown);
        let caches = !prepared.order.caches.is_empty();
        let stop = async { drop(attempt.signal.arrived().await) };
        let running = self.jailer.run_until(prepared.order.clone(), watch, stop);
        let finished: Finished = tokio::select! {
            biased;
            finished = running => finished.map_err(|error| Trouble::jail(&error, &program))?,
            () = self.home.runs_full(), if caches => {
                return Err(Trouble::Killed(Killed::OverDisk(self.home.free_min)));
            }
        };
        // It may have ended by itself at the same moment: then that is what happened.
        if finished.ended == Ended::Stopped {
            attempt.signal.ended(Lever::Processes, finished.processes);
            return Err(Trouble::StoppedWhile(attempt.signal.arrived().await));
        }
        let exit_code = Killed::by(finished.ended, &limits).map_err(Trouble::Killed)?;
        let execution = output::execution(exit_code, &finished, recorded);
        Ok(Ran { execution, upper: finished.upper, ground: prepared.ground, room })
    }

    async fn prepare(
        &self,
        attempt: &Attempt<'_>,
        root: &Arc<Root>,
        (mode, rung, wall): (Mode, Rung, Duration),
    ) -> Result<super::place::Prepared, Trouble> {
        let (invocation, command) = (attempt.invocation.clone(), attempt.command()?.clone());
        let bounds = self.bounds;
        let (root, home) = (Arc::clone(root), Arc::clone(&self.home));
        let turn = Arc::clone(&root.turn).read_owned().await;
        let prepared = on_a_thread(move || {
            let _turn = turn;
            let (invocation, command) = (&invocation, &command);
            let request =
                Request { root: &root, home: &home, invocation, command, mode, rung, wall, bounds };
            request.prepare()
        });
        prepared.await.map_err(|_| Trouble::Lost)?
    }

    /// The plan of what a command left, with its execution.
    pub(super) async fn changes(&self, root: &Arc<Root>, ran: Ran) -> Result<Plan, Trouble> {
        let (root, rung) = (Arc::clone(root), self.ladder.rung);
        let Ran { execution, upper, ground, room } = ran;
        let left = upper.ok_or(Trouble::Jail("it gave no upper layer".to_owned()))?;
        let turn = Arc::clone(&root.turn).read_owned().await;
        let planned = on_a_thread(move || {
            let _turn = turn;
            let plan = planned(&root, &ground, (&left, rung));
            // In this order: whoever gets the room next must find the memory free.
            drop(left);
            drop(room);
            let plan = plan?;
            Ok(Plan { execution: Some(execution), ..plan })
        });
        planned.await.map_err(|_| Trouble::Lost)?
    }

    /// Why nothing runs here.
    pub(super) fn no_jail(&self) -> Trouble {
        Trouble::NoJail(self.why_not())
    }

    /// What was found missing when the ladder was tried.
    pub(super) fn why_not(&self) -> String {
        let missing = self.ladder.findings.iter().filter(|finding| !finding.works);
        let missing: Vec<String> =
            missing.map(|finding| format!("{}: {}", finding.step, finding.why)).collect();
        missing.join("; ")
    }
}

/// What changed on a ground, if nobody else changed the same meanwhile. The caller holds the turn.
fn planned(root: &Root, ground: &Ground, (left, rung): (&Upper, Rung)) -> Result<Plan, Trouble> {
    let lower = Lower::new(&root.workspace, &ground.over, ground.since);
    let plan = match rung {
        Rung::Copy => copied::plan(&left.directory, &lower, &ground.mounted)?,
        Rung::Overlay | Rung::Landlock | Rung::Refuse => {
            let layer = upper::UpperLayer { directory: &left.directory, mounted: &ground.mounted };
            upper::plan(&layer, &lower)?
        }
    };
    let paths = plan.changes.iter().map(|change| change.path.as_str());
    if root.touched.since(ground.sequence, paths) {
        let what = "what the command changes was changed by another call while it ran".to_owned();
        return Err(Trouble::File(Problem::ChangedSince(what)));
    }
    Ok(plan)
}

/// The rung as it is recorded; none where nothing runs.
pub(super) const fn recorded(rung: Rung) -> Option<domain::Rung> {
    match rung {
        Rung::Overlay => Some(domain::Rung::Overlay),
        Rung::Copy => Some(domain::Rung::Copy),
        Rung::Landlock => Some(domain::Rung::Landlock),
        Rung::Refuse => None,
    }
}

/// Hands pieces of output on, as they come. Ends with the command.
fn shown(watch: Watch) -> mpsc::Sender<Chunk> {
    let (sender, mut receiver) = mpsc::channel::<Chunk>(PIECES_MAX);
    tokio::spawn(async move {
        while let Some(chunk) = receiver.recv().await {
            let stream = match chunk.stream {
                Stream::Out => gate::Stream::Stdout,
                Stream::Err => gate::Stream::Stderr,
            };
            watch.printed(stream, &chunk.bytes);
        }
    });
    sender
}
