//! Previews: the exact plan of a changing call, made by looking only.
//!
//! ```text
//! arguments -> look at every path that would be touched -> changes in order -> diff -> Plan
//! ```
//! Directories that must be made are changes of their own, children are deleted before their parents, and
//! every state before is kept with its content as far as the limits allow. What a plan has no words for
//! (setuid bits, capabilities, further names, devices) is refused, never half covered.

mod edit;
mod relocate;
mod undo;
mod write;

use domain::{Change, FileState, Node, Plan, limits};
use gate::Invocation;

use super::arguments::Arguments;
use super::diff;
use super::look::{Allowance, Looked, Seen};
use super::problem::Problem;
use super::workspace::{Workspace, join, split};

/// Permission bits of a new file and of a new directory, whatever the process's umask is: a plan is exact.
const NEW_FILE_MODE: u32 = 0o644;
const NEW_DIRECTORY_MODE: u32 = 0o755;

/// The plan of a changing call.
pub(crate) fn preview(workspace: &Workspace, invocation: &Invocation) -> Result<Plan, Problem> {
    let draft = Draft::new(workspace);
    let arguments = Arguments(&invocation.arguments);
    match invocation.tool.as_str() {
        "files.write" => write::plan(draft, arguments),
        "files.edit" => edit::plan(draft, arguments),
        "files.move" => relocate::movement(draft, arguments),
        "files.delete" => relocate::deletion(draft, arguments),
        "checkrein.undo" => undo::plan(draft, invocation.basis.as_ref()),
        other => Err(Problem::UnknownTool(other.to_owned())),
    }
}

/// A plan in the making.
#[derive(Debug)]
struct Draft<'w> {
    workspace: &'w Workspace,
    allowance: Allowance,
    changes: Vec<Change>,
    restorable: bool,
}

impl<'w> Draft<'w> {
    fn new(workspace: &'w Workspace) -> Self {
        Self { workspace, allowance: Allowance::plan(), changes: Vec::new(), restorable: true }
    }

    /// What stands at a path, if a changing call may touch it.
    fn look(&mut self, path: &str) -> Result<Option<Looked>, Problem> {
        let special = |why: String| Problem::Special { path: path.to_owned(), why };
        match self.workspace.look(path, &mut self.allowance)? {
            Seen::Nothing => Ok(None),
            Seen::Special(what) => Err(special(format!("it is {what}"))),
            Seen::Plain(looked) => match looked.oddity() {
                Some(why) => Err(special(why)),
                None => Ok(Some(looked)),
            },
        }
    }

    /// As `look`, for what must be there.
    fn existing(&mut self, path: &str) -> Result<Looked, Problem> {
        self.look(path)?.ok_or_else(|| self.workspace.not_found(path))
    }

    fn push(&mut self, change: Change) -> Result<(), Problem> {
        if self.changes.len() >= limits::PLAN_CHANGES_MAX {
            return Err(Problem::TooLarge(format!(
                "more than {} files, links and directories would change; name a smaller part",
                limits::PLAN_CHANGES_MAX
            )));
        }
        self.changes.push(change);
        Ok(())
    }

    /// Adds what is missing above a new path, and refuses a name that looks like its neighbour's.
    fn make_way(&mut self, path: &str, moved: Option<&str>) -> Result<(), Problem> {
        let mut missing = Vec::new();
        let mut child = path;
        loop {
            let (parent, _) = split(child);
            match self.workspace.look(parent, &mut self.allowance)? {
                Seen::Plain(Looked { state: FileState { node: Node::Directory, .. }, .. }) => break,
                Seen::Plain(other) => {
                    let (path, what) = (parent.to_owned(), other.what());
                    return Err(Problem::NotADirectory { path, what });
                }
                Seen::Special(what) => {
                    return Err(Problem::NotADirectory { path: parent.to_owned(), what });
                }
                Seen::Nothing => missing.push(parent),
            }
            child = parent;
        }
        if let Some(sibling) = self.workspace.look_alike(child, moved)? {
            let sibling = join(split(child).0, &sibling);
            return Err(Problem::LooksAlike { path: child.to_owned(), sibling });
        }
        for path in missing.into_iter().rev() {
            let state = FileState { mode: NEW_DIRECTORY_MODE, node: Node::Directory };
            self.push(created(path, state))?;
        }
        Ok(())
    }

    /// Everything at and below a path, parents before children.
    fn tree(&mut self, path: &str, top: Looked) -> Result<Vec<(String, Looked)>, Problem> {
        let mut found = Vec::new();
        let mut open = vec![(path.to_owned(), top)];
        while let Some((path, looked)) = open.pop() {
            if matches!(looked.state.node, Node::Directory) {
                let mut inside = self.entries(&path)?;
                if found.len() + open.len() + inside.len() >= limits::PLAN_CHANGES_MAX {
                    return Err(Problem::TooLarge(format!(
                        "`{path}` and what stands around it are more than {} files, links and directories; \
                         name a smaller part",
                        limits::PLAN_CHANGES_MAX
                    )));
                }
                inside.reverse();
                for child in inside {
                    let seen = self.look(&child)?;
                    let gone = || Problem::ChangedSince(format!("`{child}` went away meanwhile"));
                    open.push((child.clone(), seen.ok_or_else(gone)?));
                }
            }
            found.push((path, looked));
        }
        Ok(found)
    }

    /// Paths of a directory's entries, all of which a plan can name.
    fn entries(&self, path: &str) -> Result<Vec<String>, Problem> {
        let names = self.workspace.names(path)?;
        let special = |why: String| Err(Problem::Special { path: path.to_owned(), why });
        if names.cut {
            return special(format!("it has more than {} entries", limits::DIRECTORY_ENTRIES_MAX));
        }
        if names.unreadable > 0 {
            return special("it holds names that are not UTF-8".to_owned());
        }
        if let Some(name) = names.reserved.first() {
            return special(format!("it holds `{name}`, which another act left or is using"));
        }
        Ok(names.names.iter().map(|each| join(path, &each.name)).collect())
    }

    /// Notes that a state before goes for good, as far as it does.
    fn loses(&mut self, path: &str, looked: &Looked, again: Again) {
        let kept = match &looked.state.node {
            Node::File { content, .. } => content.is_some(),
            Node::Directory | Node::Link { .. } => true,
        };
        let exact = match again {
            Again::InPlace => true,
            Again::Anew => !looked.keeps_more_than_state(self.workspace.maker(path)),
        };
        self.restorable &= kept && exact;
    }

    fn finish(self) -> Result<Plan, Problem> {
        let diff = diff::unified(&self.changes);
        Ok(Plan { changes: self.changes, diff, restorable: self.restorable, execution: None })
    }
}

/// How undo brings a state back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Again {
    /// What stands there is replaced and keeps its owner and attributes.
    InPlace,
    /// It is made anew.
    Anew,
}

fn created(path: &str, state: FileState) -> Change {
    Change { path: path.to_owned(), before: None, after: Some(state), moved_from: None }
}

fn deleted(path: String, state: FileState) -> Change {
    Change { path, before: Some(state), after: None, moved_from: None }
}
