//! After a crash: an unfinished act is finished or reverted, by digest, with the plan as its log.
//!
//! ```text
//! put back what others wrote and we displaced -> each path: before, after, or other?
//!   all after -> happened     all before -> did not     mixed -> finish, else revert
//!   other: changed by somebody else -> by the order of changes, whether that came after ours or instead of it
//! ```
//! Changes are applied in the order of the plan and reverted in the opposite one, so what is done is a
//! beginning of it. Nothing is ever sent or done here that the plan does not say. Tests: `tests/crash.rs`.

use domain::{Change, Plan};
use gate::{Recovered, Unfinished};
use rustix::fs::RenameFlags;

use super::act::{effects, reply, well_formed};
use super::apply::{Job, Originals, Work, jobs};
use super::look::{Allowance, Seen, same};
use super::problem::Problem;
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

/// Finishes or reverts an unfinished act.
pub(crate) fn recover(workspace: &Workspace, unfinished: &Unfinished) -> Recovered {
    let Some(plan) = &unfinished.plan else {
        return Recovered::DidNotHappen {
            reason: "it had no plan, and nothing is done without one".to_owned(),
        };
    };
    let recovery = Recovery { workspace, unfinished, plan, jobs: jobs(plan) };
    let found = well_formed(plan).and_then(|()| recovery.settle());
    match found {
        Ok(recovered) => recovered,
        Err(problem) => {
            Recovered::Unknown { reason: format!("the workspace cannot be looked at: {problem}") }
        }
    }
}

#[derive(Debug)]
struct Recovery<'a> {
    workspace: &'a Workspace,
    unfinished: &'a Unfinished,
    plan: &'a Plan,
    jobs: Vec<Job>,
}

impl<'a> Recovery<'a> {
    fn settle(&self) -> Result<Recovered, Problem> {
        self.put_back_what_others_wrote();
        let standings = self.standings()?;
        let all = |wanted| standings.iter().all(|standing| *standing == wanted);
        let recovered = if all(Standing::After) {
            self.happened()
        } else if all(Standing::Before) {
            Recovered::DidNotHappen { reason: "nothing of it was done".to_owned() }
        } else if !standings.contains(&Standing::Other) {
            self.finish_or_revert(&standings)
        } else {
            self.with_others(&standings)
        };
        let originals = match recovered {
            Recovered::Happened(_) => Originals::Spent,
            Recovered::DidNotHappen { .. }
            | Recovered::Partly { .. }
            | Recovered::Unknown { .. } => Originals::Needed,
        };
        self.work().clean(&self.jobs, originals);
        Ok(recovered)
    }

    fn happened(&self) -> Recovered {
        Recovered::Happened(reply(self.workspace, &self.unfinished.invocation, self.plan))
    }

    fn partly(&self, reason: String) -> Recovered {
        Recovered::Partly { reason, effects: effects(self.workspace, self.plan) }
    }

    fn finish_or_revert(&self, standings: &[Standing]) -> Recovered {
        let Err(unfinished) = self.finish(standings) else { return self.happened() };
        match self.revert(standings) {
            Ok(()) => Recovered::DidNotHappen {
                reason: format!("it was reverted, as it could not be finished: {unfinished}"),
            },
            Err(unreverted) => self.partly(format!(
                "it could be neither finished ({unfinished}) nor reverted ({unreverted})"
            )),
        }
    }

    /// Somebody else changed a path of the plan before we came back.
    fn with_others(&self, standings: &[Standing]) -> Recovered {
        let others = self.others(standings);
        let named =
            others.iter().map(|(path, _)| format!("`{path}`")).collect::<Vec<_>>().join(", ");
        let every = |wanted| others.iter().all(|(_, touched)| *touched == wanted);
        if !standings.contains(&Standing::Before) {
            return self.partly(format!("it was done; somebody changed {named} since"));
        }
        if every(Touched::Since) {
            return match self.finish(standings) {
                Ok(()) => self.partly(format!("it was finished; somebody changed {named} since")),
                Err(problem) => self.partly(format!("it could not be finished: {problem}")),
            };
        }
        match self.revert(standings) {
            Ok(()) if every(Touched::Instead) => Recovered::DidNotHappen {
                reason: format!("it was reverted, as somebody changed {named} meanwhile"),
            },
            Ok(()) => self.partly(format!(
                "all of it was reverted but {named}, which somebody changed meanwhile"
            )),
            Err(problem) => self.partly(format!(
                "somebody changed {named} meanwhile, and it could not be reverted: {problem}"
            )),
        }
    }

    fn finish(&self, standings: &[Standing]) -> Result<(), String> {
        let left = self.standing(standings, Standing::Before);
        self.apply(&left)
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
        self.apply(&done)
    }

    /// A file that was moved goes back by renaming: its content may be too large to be in the plan.
    fn moved_back(&self, done: &mut [Job]) {
        for moved in self.plan.changes.iter().filter(|change| change.before.is_none()) {
            let there = done.iter().any(|job| job.change.path == moved.path);
            let Some(from) = moved.moved_from.as_ref().filter(|_| there) else { continue };
            if let Some(job) = done.iter_mut().find(|job| job.change.path == *from) {
                job.change.moved_from = Some(moved.path.clone());
            }
        }
    }

    fn apply(&self, jobs: &[Job]) -> Result<(), String> {
        self.work().apply(jobs).map_err(|failure| {
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
        self.plan.changes.iter().map(|change| self.stands(change)).collect()
    }

    fn stands(&self, change: &Change) -> Result<Standing, Problem> {
        Ok(match self.workspace.look(&change.path, &mut Allowance::digests()) {
            Ok(Seen::Nothing) if change.after.is_none() => Standing::After,
            Ok(Seen::Nothing) if change.before.is_none() => Standing::Before,
            Ok(Seen::Plain(looked)) => {
                let is = |state: &Option<_>| {
                    state.as_ref().is_some_and(|state| same(state, &looked.state))
                };
                match (is(&change.after), is(&change.before)) {
                    (true, _) => Standing::After,
                    (false, true) => Standing::Before,
                    (false, false) => Standing::Other,
                }
            }
            Ok(Seen::Nothing | Seen::Special(_)) | Err(Problem::LinkInPath(_)) => Standing::Other,
            Err(problem) => return Err(problem),
        })
    }

    /// Paths changed by others, with what the order of changes tells. Sources of moves are left out of the
    /// order: they leave together with the change that moves them.
    fn others(&self, standings: &[Standing]) -> Vec<(&'a str, Touched)> {
        let moved: std::collections::HashSet<&str> =
            self.plan.changes.iter().filter_map(|change| change.moved_from.as_deref()).collect();
        let ordered = || {
            let all = self.plan.changes.iter().zip(standings).enumerate();
            all.filter(|(_, (change, _))| {
                change.after.is_some() || !moved.contains(change.path.as_str())
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
        for job in &self.jobs {
            let path = &job.change.path;
            let temporary = work.temporary(job.index, path);
            if !work.exists(&temporary.path) || work.is_ours(job, &temporary) {
                continue;
            }
            let stands = self.stands(&job.change);
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
