//! What stands at the paths of one plan.
//!
//! As `look.rs`, with one thing more that only a plan knows: where it has a link for a directory, or the other way
//! round, nothing stands below the link. Everywhere else a link in a path is refused, never followed.

use std::collections::HashSet;

use contract::path::ROOT;
use domain::{FileState, Node, Plan};

use super::look::{Allowance, Seen};
use super::problem::Problem;
use super::workspace::{Workspace, split};

/// A look at a workspace that knows a plan's links.
#[derive(Debug)]
pub(crate) struct View<'a> {
    workspace: &'a Workspace,
    /// Where the plan has a link, before or after.
    links: HashSet<&'a str>,
}

impl<'a> View<'a> {
    /// A look at a plan's paths.
    pub(crate) fn of(workspace: &'a Workspace, plan: &'a Plan) -> Self {
        let is_link = |state: &Option<FileState>| {
            state.as_ref().is_some_and(|state| matches!(state.node, Node::Link { .. }))
        };
        let linked =
            plan.changes.iter().filter(|each| is_link(&each.before) || is_link(&each.after));
        Self { workspace, links: linked.map(|change| change.path.as_str()).collect() }
    }

    /// What stands at a path.
    pub(crate) fn look(&self, path: &str, allowance: &mut Allowance) -> Result<Seen, Problem> {
        match self.workspace.look(path, allowance) {
            Err(Problem::LinkInPath(_)) if self.is_below_link(path) => Ok(Seen::Nothing),
            other => other,
        }
    }

    /// Whether a path stands as a state says.
    pub(crate) fn stands(&self, path: &str, expected: Option<&FileState>) -> Result<bool, Problem> {
        match self.workspace.stands(path, expected) {
            Err(Problem::LinkInPath(_)) if self.is_below_link(path) => Ok(expected.is_none()),
            other => other,
        }
    }

    /// Whether one of the plan's links stands above a path, itself reached without any.
    fn is_below_link(&self, path: &str) -> bool {
        let is_link = |above: &str| {
            let seen = self.workspace.look(above, &mut Allowance::digests());
            matches!(seen, Ok(Seen::Plain(looked)) if matches!(looked.state.node, Node::Link { .. }))
        };
        let mut above = split(path).0;
        while above != ROOT {
            if self.links.contains(above) && is_link(above) {
                return true;
            }
            above = split(above).0;
        }
        false
    }
}
