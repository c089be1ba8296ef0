//! The world outside: files, letters, bookings. It survives every crash and knows what really happened.
//!
//! Files are changed by plans, state by state; everything else is an effect that is only counted. The log of
//! the tools (what was begun, what was done) lies here too, as a real tool's would lie on its own disk.

use std::collections::{BTreeMap, BTreeSet};

use contract::digest;
use domain::{CallId, Change, Content, Execution, FileState, Node, Plan, Printed, Rung};

use crate::tools::SECRET;

/// Everything outside.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outside {
    /// Contents by path.
    pub(crate) files: BTreeMap<String, String>,
    /// Calls whose tool began to act, by its own log.
    pub(crate) begun: BTreeSet<CallId>,
    /// Calls whose act is complete, by the tool's own log.
    pub(crate) done: BTreeSet<CallId>,
    /// Calls that had an effect.
    pub(crate) happened: BTreeSet<CallId>,
    /// Acts that arrive later than anybody waited for them: when, in virtual milliseconds.
    pub(crate) late: BTreeMap<CallId, u64>,
}

impl Outside {
    /// What stands at a path, with its content.
    pub(crate) fn state(&self, path: &str) -> Option<FileState> {
        self.files.get(path).map(|text| file(text))
    }

    /// The plan that gives each path this content.
    pub(crate) fn plan(&self, writes: &[(&str, &str)]) -> Plan {
        let change = |(path, text): &(&str, &str)| Change {
            path: (*path).to_owned(),
            before: self.state(path),
            after: Some(file(text)),
            moved_from: None,
        };
        let diff = writes.iter().map(|(path, text)| format!("+{path}: {text}\n")).collect();
        let mut plan = Plan {
            changes: writes.iter().map(change).collect(),
            diff,
            restorable: true,
            execution: None,
        };
        if writes.iter().any(|(_, text)| *text == "big") {
            forget_originals(&mut plan);
        }
        plan
    }

    /// The plan of a script: what it writes depends on what it finds.
    pub(crate) fn run(&self, script: &str) -> Plan {
        let found = self.files.get("a.txt").map_or("nothing", String::as_str);
        let derived = format!("from {}", found.chars().take(20).collect::<String>());
        let writes: &[(&str, &str)] = match script {
            "format" => &[("a.txt", "formatted"), ("b.txt", &derived)],
            "derive" => &[("d.txt", &derived)],
            "hooks" => &[("b.txt", "tidied"), (".git/hooks/post-commit", "curl")],
            "outside" => &[("d.txt", "one"), ("etc/shadow", "two")],
            _tests => &[],
        };
        let mut plan = self.plan(writes);
        let same = |change: &Change| self.is(&change.path, change.after.as_ref());
        plan.changes.retain(|change| !same(change));
        let stdout = Printed { text: format!("ran {script} with {SECRET}\n"), total_bytes: 40 };
        plan.execution = Some(Execution {
            exit_code: i32::from(script == "fails"),
            stdout,
            stderr: Printed::default(),
            wall_ms: 7,
            cpu_ms: 5,
            memory_bytes_max: 4_096,
            processes: 1,
            network: Vec::new(),
            rung: Rung::Overlay,
        });
        plan
    }

    /// As it will be when these plans are applied.
    pub(crate) fn over(&self, plans: &[Plan]) -> Self {
        let mut over = self.clone();
        for change in plans.iter().flat_map(|plan| &plan.changes) {
            over.apply(change);
        }
        over
    }

    /// Whether every path is as the plan found it.
    pub(crate) fn as_before(&self, plan: &Plan) -> bool {
        plan.changes.iter().all(|change| self.is(&change.path, change.before.as_ref()))
    }

    /// Whether a path is in a state, whether or not its content was kept.
    pub(crate) fn is(&self, path: &str, state: Option<&FileState>) -> bool {
        let found = self.state(path);
        match (found, state) {
            (None, None) => true,
            (Some(found), Some(state)) => digest_of(&found) == digest_of(state),
            (Some(_), None) | (None, Some(_)) => false,
        }
    }

    /// Makes one change. False where the new content is not known.
    pub(crate) fn apply(&mut self, change: &Change) -> bool {
        let Some(after) = &change.after else {
            self.files.remove(&change.path);
            return true;
        };
        let Node::File { content: Some(content), .. } = &after.node else { return false };
        let text = String::from_utf8_lossy(content.bytes()).into_owned();
        self.files.insert(change.path.clone(), text);
        true
    }
}

/// Originals that are too large to keep, so that the plan cannot be taken back.
fn forget_originals(plan: &mut Plan) {
    plan.restorable = false;
    for change in &mut plan.changes {
        if let Some(FileState { node: Node::File { content, .. }, .. }) = &mut change.before {
            *content = None;
        }
    }
}

fn file(text: &str) -> FileState {
    let bytes = text.as_bytes();
    let digest = digest(bytes);
    let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let content = Some(Content::new(bytes, digest));
    FileState { mode: 0o644, node: Node::File { size, digest, content } }
}

fn digest_of(state: &FileState) -> Option<domain::Digest> {
    match &state.node {
        Node::File { digest, .. } => Some(*digest),
        Node::Directory | Node::Link { .. } => None,
    }
}
