//! A plan: exactly what a changing call would do to files, before it does it.
//!
//! A plan goes in from a tool's preview; it is judged, shown to people, committed with the permit (with
//! new contents and originals, encrypted: it is the redo log and the undo log in one) and then applied
//! exactly. Each change names a path and the state before and after. A change applies only if the state
//! before is still what it was: that state is the witness an approval relies on.

use crate::{
    Content, Digest, Effect, EffectKind, Execution, ExpectedEffect, Observation, Resource, Scope,
};

/// SHA-256 over the canonical form of a plan; what an approval binds.
pub type PlanDigest = Digest;

/// What a call would do, in the order in which it is applied.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// Changes, at most `limits::PLAN_CHANGES_MAX`, each path at most once.
    pub changes: Vec<Change>,
    /// Unified diff for people, cut at `limits::DIFF_BYTES_MAX` with a line that says so. Derived: not
    /// part of the digest.
    pub diff: String,
    /// Whether every state before is kept in this plan, so that the inverse restores it exactly.
    pub restorable: bool,
    /// What the command printed and used whose changes these are. Of it only the exit code is part of the digest.
    pub execution: Option<Execution>,
}

/// One path's change. Creation has nothing before, deletion nothing after; a move is a deletion and a
/// creation with the same content, tied by `moved_from`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Path inside the workspace, resolved, without a leading slash.
    pub path: String,
    /// The state before, or nothing there.
    pub before: Option<FileState>,
    /// The state after, or nothing there.
    pub after: Option<FileState>,
    /// The path it was moved from, for people.
    pub moved_from: Option<String>,
}

/// What stands at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileState {
    /// Permission bits (`0o7777`); setuid, setgid and sticky bits are refused by the tool.
    pub mode: u32,
    /// What kind of thing it is.
    pub node: Node,
}

/// The kinds of things a plan can hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// A regular file. The content is absent where it was too large to keep.
    File {
        /// Length in bytes.
        size: u64,
        /// SHA-256 of the content.
        digest: Digest,
        /// The bytes, where kept.
        content: Option<Content>,
    },
    /// A directory; its entries are changes of their own.
    Directory,
    /// A symbolic link, never followed.
    Link {
        /// The target as stored in the link.
        target: String,
    },
}

/// The state of one resource that an approval relies on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// The path it speaks of.
    pub path: String,
    /// Digest of the state before, `None` where nothing stood there.
    pub before: Option<Digest>,
}

/// How the last line of a diff begins that was cut.
pub const DIFF_CUT: &str = "... cut here: ";

impl Plan {
    /// Whether the diff shows everything. No line of a diff begins like the one that says it was cut.
    pub fn diff_is_whole(&self) -> bool {
        !self.diff.lines().next_back().is_some_and(|line| line.starts_with(DIFF_CUT))
    }

    /// The plan that takes this one back: states swapped, order reversed.
    pub fn inverse(&self) -> Self {
        let changes = self
            .changes
            .iter()
            .rev()
            .map(|change| Change {
                path: change.path.clone(),
                before: change.after.clone(),
                after: change.before.clone(),
                moved_from: None,
            })
            .collect();
        Self { changes, diff: String::new(), restorable: true, execution: None }
    }

    /// How each change compares with what is expected, by the one rule for effects.
    pub fn observations(&self, expected: &[ExpectedEffect]) -> Vec<Observation> {
        let mut effects: Vec<Effect> = self.changes.iter().map(Change::effect).collect();
        Effect::compare(&mut effects, expected);
        effects.iter().map(|effect| effect.observation).collect()
    }

    /// Changes that lie in none of these scopes: what a contract does not let its tool touch.
    pub fn outside<'p>(&'p self, scopes: &'p [Scope]) -> impl Iterator<Item = &'p Change> {
        self.changes.iter().filter(|change| {
            let resource = change.resource();
            !scopes.iter().any(|scope| scope.contains(&resource))
        })
    }

    /// Bytes of content this plan carries.
    pub fn content_bytes(&self) -> u64 {
        let states = self.changes.iter().flat_map(|change| [&change.before, &change.after]);
        states.flatten().map(FileState::content_bytes).sum()
    }

    /// Paths that exist before and not after.
    pub fn deletions(&self) -> usize {
        self.changes
            .iter()
            .filter(|change| change.before.is_some() && change.after.is_none())
            .count()
    }

    /// Paths that exist before and after.
    pub fn overwrites(&self) -> usize {
        self.changes
            .iter()
            .filter(|change| change.before.is_some() && change.after.is_some())
            .count()
    }
}

impl Change {
    /// How the path changes.
    pub fn kind(&self) -> EffectKind {
        match (&self.before, &self.after) {
            (None, _) => EffectKind::Created,
            (Some(_), None) => EffectKind::Deleted,
            (Some(_), Some(_)) => EffectKind::Modified,
        }
    }

    /// The path as a resource.
    pub fn resource(&self) -> Resource {
        Resource::new(format!("workspace:{}", self.path))
    }

    fn effect(&self) -> Effect {
        Effect {
            kind: self.kind(),
            resource: self.resource(),
            before: None,
            after: None,
            observation: Observation::NotStated,
        }
    }
}

impl FileState {
    fn content_bytes(&self) -> u64 {
        match &self.node {
            Node::File { content: Some(content), .. } => {
                u64::try_from(content.bytes().len()).unwrap_or(u64::MAX)
            }
            Node::File { content: None, .. } | Node::Directory | Node::Link { .. } => 0,
        }
    }
}
