//! After a crash: an unfinished act is finished or reverted, by digest, with the plan as its log.
//!
//! ```text
//! put back what others wrote and we displaced -> each path: before, after, or other?
//!   all after -> happened     all before -> did not     mixed -> finish, else revert
//!   other: changed by somebody else -> by the order of changes, whether that came after ours or instead of it
//! ```
//! Changes are applied in the order of the plan and reverted in the opposite one, so what is done is a
//! beginning of it. A directory that stands open is closed at last. Nothing is ever sent or done here that the plan
//! does not say. Tests: `tests/cuts.rs`, `tests/crash.rs`, `tests/recovery.rs`.

use std::collections::{HashMap, HashSet};

use domain::{Change, Effect, FileState, Node, Plan};
use gate::{Recovered, Reply, Unfinished};
use rustix::fs::RenameFlags;

use super::act::{NAMED_MAX, effects, well_formed};
use super::apply::{Job, Originals, Toward, Work, jobs};
use super::look::{Allowance, Seen, opened, same};
use super::problem::Problem;
use super::view::View;
use super::workspace::Workspace;

/// How a path stands beside its change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Before,
    After,
    Other,
}

/// What is known of a path that stands otherwise than the plan says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Touched {
    /// A later change is done, so this one was too, and somebody changed it afterwards.
    Since,
    /// An earlier change is not done, so this one was not either.
    Instead,
    /// One or the other.
    Unclear,
}

/// Finishes or reverts an unfinished act. `reply` makes the answer to one that happened.
pub(crate) fn recover(
    workspace: &Workspace,
    unfinished: &Unfinished,
    reply: impl FnOnce(&Plan, Vec<Effect>) -> Reply,
) -> Recovered {
    let Some(plan) = &unfinished.plan else {
        return Recovered::DidNotHappen {
            reason: "it had no plan, and nothing is done without one".to_owned(),
        };
    };
    let recovery = Recovery { workspace, unfinished, plan, jobs: jobs(plan) };
    let found = well_formed(plan).and_then(|()| recovery.settle());
    match found {
        Ok(Settled::Happened) => Recovered::Happened(reply(plan, effects(workspace, plan))),
        Ok(Settled::DidNotHappen(reason)) => Recovered::DidNotHappen { reason },
        Ok(Settled::Partly(reason, _)) => {
            Recovered::Partly { reason, effects: effects(workspace, plan) }
        }
        Err(problem) => {
            Recovered::Unknown { reason: format!("the workspace cannot be looked at: {problem}") }
        }
    }
}

/// What became of the act, with the reason.
#[derive(Debug)]
enum Settled {
    Happened,
    DidNotHappen(String),
    /// And where directories that stand open go.
    Partly(String, Toward),
}

#[derive(Debug)]
struct Recovery<'a> {
    workspace: &'a Workspace,
    unfinished: &'a Unfinished,
    plan: &'a Plan,
    jobs: Vec<Job>,
}

impl<'a> Recovery<'a> {
    fn settle(&self) -> Result<Settled, Problem> {
        self.put_back_what_others_wrote();
        let standings = self.standings()?;
        let all = |wanted| self.telling(&standings).all(|(_, standing)| standing == wanted);
        let settled = if all(Standing::After) {
            Settled::Happened
        } else if all(Standing::Before) {
            Settled::DidNotHappen("nothing of it was done".to_owned())
        } else if !standings.contains(&Standing::Other) {
            self.finish_or_revert(&standings)
        } else {
            self.with_others(&standings)
        };
        let originals = match settled {
            Settled::Happened => Originals::Spent,
            Settled::DidNotHappen(_) | Settled::Partly(..) => Originals::Needed,
        };
        let work = self.work();
        // Temporary files may stand in a directory that was closed by now.
        work.open().unwrap_or_else(|problem| tracing::warn!(%problem, "a directory stays closed"));
        work.clean(&self.jobs, originals);
        Ok(self.closed(settled))
    }

    /// Standings that tell something: a directory that is only open meanwhile is the same before and after.
    fn telling(&self, standings: &[Standing]) -> impl Iterator<Item = (&'a Change, Standing)> {
        let paired = self.plan.changes.iter().zip(standings.iter().copied());
        paired.filter(|(change, _)| match (&change.before, &change.after) {
            (Some(before), Some(after)) => !same(before, after),
            (None, _) | (_, None) => true,
        })
    }

    /// Directories that a crash left open get their bits.
    fn closed(&self, settled: Settled) -> Settled {
        let toward = match settled {
            Settled::Happened => Toward::After,
            Settled::DidNotHappen(_) => Toward::Before,
            Settled::Partly(_, toward) => toward,
        };
        let Err(problem) = self.work().close(toward) else { return settled };
        let reason = match settled {
            Settled::Happened => "it was done".to_owned(),
            Settled::DidNotHappen(reason) | Settled::Partly(reason, _) => reason,
        };
        Settled::Partly(format!("{reason}; but a directory stays open: {problem}"), toward)
    }

    fn finish_or_revert(&self, standings: &[Standing]) -> Settled {
        let Err(unfinished) = self.finish(standings) else { return Settled::Happened };
        match self.revert(standings) {
            Ok(()) => Settled::DidNotHappen(format!(
                "it was reverted, as it could not be finished: {unfinished}"
            )),
            Err(unreverted) => Settled::Partly(
                format!("it could be neither finished ({unfinished}) nor reverted ({unreverted})"),
                Toward::Before,
            ),
        }
    }

    /// Somebody else changed a path of the plan before we came back.
    fn with_others(&self, standings: &[Standing]) -> Settled {
        let others = self.others(standings);
        let mut named: Vec<String> =
            others.iter().take(NAMED_MAX).map(|(path, _)| format!("`{path}`")).collect();
        if others.len() > NAMED_MAX {
            named.push(format!("{} more", others.len() - NAMED_MAX));
        }
        let named = named.join(", ");
        let every = |wanted| others.iter().all(|(_, touched)| *touched == wanted);
        if !self.telling(standings).any(|(_, standing)| standing == Standing::Before) {
            let reason = format!("it was done; somebody changed {named} since");
            return Settled::Partly(reason, Toward::After);
        }
        if every(Touched::Since) {
            let reason = match self.finish(standings) {
                Ok(()) => format!("it was finished; somebody changed {named} since"),
                Err(problem) => format!("it could not be finished: {problem}"),
            };
            return Settled::Partly(reason, Toward::After);
        }
        let reason = match self.revert(standings) {
            Ok(()) if every(Touched::Instead) => {
                let reason = format!("it was reverted, as somebody changed {named} meanwhile");
                return Settled::DidNotHappen(reason);
            }
            Ok(()) => {
                format!("all of it was reverted but {named}, which somebody changed meanwhile")
            }
            Err(problem) => format!(
                "somebody changed {named} meanwhile, and it could not be reverted: {problem}"
            ),
        };
        Settled::Partly(reason, Toward::Before)
    }

    fn finish(&self, standings: &[Standing]) -> Result<(), String> {
        let left = self.standing(standings, Standing::Before);
        self.apply(&left, Toward::After)
    }

    fn revert(&self, standings: &[Standing]) -> Result<(), String> {
        let mut done = self.standing(standings, Standing::After);
        done.reverse();
        for job in &mut done {
            let change = &mut job.change;
            std::mem::swap(&mut change.before, &mut change.after);
            change.moved_from = None;
        }
        self.moved_back(&mut done);
        self.apply(&done, Toward::Before)
    }

    /// A file that was moved goes back by renaming: its content may be too large to be in the plan.
    fn moved_back(&self, done: &mut [Job]) {
        let there: HashSet<&str> = done.iter().map(|job| job.change.path.as_str()).collect();
        let moved = self
            .plan
            .changes
            .iter()
            .filter(|change| change.before.is_none() && there.contains(change.path.as_str()));
        let back: HashMap<&str, &str> = moved
            .filter_map(|change| Some((change.moved_from.as_deref()?, change.path.as_str())))
            .collect();
        for job in done {
            let from = back.get(job.change.path.as_str());
            job.change.moved_from = from.map(|from| (*from).to_owned());
        }
    }

    fn apply(&self, jobs: &[Job], toward: Toward) -> Result<(), String> {
        self.work().apply(jobs, toward).map_err(|failure| {
            let left = failure.left.join("; ");
            if left.is_empty() {
                failure.problem.to_string()
            } else {
                format!("{}; {left}", failure.problem)
            }
        })
    }

    fn work(&self) -> Work<'a> {
        Work::new(self.workspace, self.unfinished.invocation.call, self.plan)
    }

    fn standing(&self, standings: &[Standing], wanted: Standing) -> Vec<Job> {
        let paired = self.jobs.iter().zip(standings);
        paired.filter(|(_, standing)| **standing == wanted).map(|(job, _)| job.clone()).collect()
    }

    fn standings(&self) -> Result<Vec<Standing>, Problem> {
        let view = View::of(self.workspace, self.plan);
        self.plan.changes.iter().map(|change| stands(&view, change)).collect()
    }

    /// Paths changed by others, with what the order of changes tells. Two kinds are left out of the
    /// order: sources of moves leave together with the change that moves them, and directories that stay are opened
    /// before all others and closed after them.
    fn others(&self, standings: &[Standing]) -> Vec<(&'a str, Touched)> {
        let moved: HashSet<&str> =
            self.plan.changes.iter().filter_map(|change| change.moved_from.as_deref()).collect();
        let ordered = || {
            let all = self.plan.changes.iter().zip(standings).enumerate();
            all.filter(|(_, (change, _))| {
                let leaves = change.after.is_none() && moved.contains(change.path.as_str());
                let stays = is_directory(&change.before) && is_directory(&change.after);
                !leaves && !stays
            })
        };
        let first_before =
            ordered().find(|(_, (_, at))| **at == Standing::Before).map(|(index, _)| index);
        let last_after = ordered()
            .filter(|(_, (_, at))| **at == Standing::After)
            .map(|(index, _)| index)
            .next_back();
        let all = self.plan.changes.iter().zip(standings).enumerate();
        all.filter(|(_, (_, at))| **at == Standing::Other)
            .map(|(index, (change, _))| {
                let touched = if last_after.is_some_and(|last| index < last) {
                    Touched::Since
                } else if first_before.is_some_and(|first| first < index) {
                    Touched::Instead
                } else {
                    Touched::Unclear
                };
                (change.path.as_str(), touched)
            })
            .collect()
    }

    /// A temporary file that holds none of its change's states is somebody's work, displaced between our
    /// look and the swap, and the crash came before it was put back.
    fn put_back_what_others_wrote(&self) {
        let work = self.work();
        let view = View::of(self.workspace, self.plan);
        for job in &self.jobs {
            let path = &job.change.path;
            let temporary = work.temporary(job.index, path);
            if !work.exists(&temporary.path) || work.is_ours(job, &temporary) {
                continue;
            }
            let stands = stands(&view, &job.change);
            let how = match stands {
                Ok(Standing::Before | Standing::After) if work.exists(path) => {
                    RenameFlags::EXCHANGE
                }
                Ok(Standing::Before | Standing::After) => RenameFlags::NOREPLACE,
                // Whatever stands there now is newer; what was displaced stays where it is.
                Ok(Standing::Other) | Err(_) => continue,
            };
            if let Err(problem) = work.rename(&temporary.path, path, how) {
                tracing::warn!(%path, %problem, "a displaced file stays at its temporary name");
            }
        }
    }
}

fn stands(view: &View<'_>, change: &Change) -> Result<Standing, Problem> {
    Ok(match view.look(&change.path, &mut Allowance::digests()) {
        Ok(Seen::Nothing) if change.after.is_none() => Standing::After,
        Ok(Seen::Nothing) if change.before.is_none() => Standing::Before,
        Ok(Seen::Plain(looked)) => {
            let is = |state: &Option<FileState>| {
                state.as_ref().is_some_and(|state| same(state, &looked.state))
            };
            let is_open = |state: &Option<FileState>| {
                let mode = state.as_ref().map(|state| opened(state.mode));
                let open = |mode| FileState { mode, node: Node::Directory };
                mode.is_some_and(|mode| is_directory(state) && same(&open(mode), &looked.state))
            };
            // An open directory has not got its new bits yet, if it had others.
            if is(&change.after) {
                Standing::After
            } else if is(&change.before) || is_open(&change.before) {
                Standing::Before
            } else if is_open(&change.after) {
                Standing::After
            } else {
                Standing::Other
            }
        }
        Ok(Seen::Nothing | Seen::Special(_)) | Err(Problem::LinkInPath(_)) => Standing::Other,
        Err(problem) => return Err(problem),
    })
}

fn is_directory(state: &Option<FileState>) -> bool {
    state.as_ref().is_some_and(|state| matches!(state.node, Node::Directory))
}
