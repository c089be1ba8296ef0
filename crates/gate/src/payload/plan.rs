//! A plan with its contents: redo log and undo log in one payload.
//!
//! ```text
//! canonical JSON of the changes | line feed | bytes of each different content
//! ```
//! Canonical JSON holds no line feed, so the first one ends it. Contents stand in the order in which the states
//! (before, then after, change by change) first name their digests; a content named twice stands once. On reading every
//! digest is computed again. Left out: whether the plan may be applied (the tool looks at the witnesses).

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use domain::{Content, Digest};
use serde::{Deserialize, Serialize};

use super::text::{self, Count, Text, borrowed};
use super::{PayloadError, later, one_spelling, parse};

mod execution;

use execution::Execution;

const LINE_FEED: u8 = b'\n';

/// A plan without its contents; keys in canonical order.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head<'a> {
    changes: Vec<Change<'a>>,
    diff: Cow<'a, str>,
    #[serde(default, with = "later", skip_serializing_if = "Option::is_none")]
    execution: Option<Option<Execution<'a>>>,
    form: Form,
    restorable: bool,
}

/// Which form the bytes have; another one is another word.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Form {
    #[serde(rename = "checkrein-plan-contents-1")]
    One,
    /// Knows the command whose changes these are.
    #[serde(rename = "checkrein-plan-contents-2")]
    Two,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Change<'a> {
    after: Option<FileState<'a>>,
    before: Option<FileState<'a>>,
    moved_from: Option<Cow<'a, str>>,
    path: Cow<'a, str>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileState<'a> {
    mode: u32,
    node: Node<'a>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "lowercase")]
enum Node<'a> {
    File { digest: Text<Digest>, kept: Kept, size: Count },
    Directory,
    Link { target: Cow<'a, str> },
}

/// Whether the bytes of a file are in the plan.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kept {
    Yes,
    No,
}

/// See [`super::plan`].
pub(super) fn write(plan: &domain::Plan) -> Vec<u8> {
    let mut bytes = text::write(&Head::writing(plan, Form::Two));
    bytes.push(LINE_FEED);
    let mut written = HashSet::new();
    let states = plan.changes.iter().flat_map(|change| [&change.before, &change.after]);
    for state in states.flatten() {
        match &state.node {
            domain::Node::File { digest, content: Some(content), .. } => {
                if written.insert(*digest) {
                    bytes.extend_from_slice(content.bytes());
                }
            }
            domain::Node::File { content: None, .. }
            | domain::Node::Directory
            | domain::Node::Link { .. } => {}
        }
    }
    bytes
}

/// See [`super::read_plan`].
pub(super) fn read(bytes: &[u8]) -> Result<domain::Plan, PayloadError> {
    let end = bytes.iter().position(|byte| *byte == LINE_FEED).unwrap_or(bytes.len());
    let (head_bytes, rest) = bytes.split_at_checked(end).unwrap_or((bytes, &[]));
    let head: Head<'_> = parse("plan", head_bytes)?;
    let form = head.form;
    let rest = rest.split_first().ok_or(PayloadError::NotCanonical("plan"))?.1;
    let mut contents = Contents { rest, read: HashMap::new() };
    let changes = head.changes.into_iter().map(|change| contents.change(change));
    let changes = changes.collect::<Result<Vec<_>, _>>()?;
    if !contents.rest.is_empty() {
        return Err(PayloadError::Trailing(contents.rest.len()));
    }
    let execution = head.execution.flatten().map(Into::into);
    let (diff, restorable) = (head.diff.into_owned(), head.restorable);
    let plan = domain::Plan { changes, diff, restorable, execution };
    one_spelling("plan", head_bytes, &text::write(&Head::writing(&plan, form)))?;
    Ok(plan)
}

/// The bytes behind the head, taken one content after the other.
struct Contents<'a> {
    rest: &'a [u8],
    read: HashMap<Digest, Content>,
}

impl Contents<'_> {
    fn change(&mut self, twin: Change<'_>) -> Result<domain::Change, PayloadError> {
        // Before comes first: contents were written in this order.
        let before = twin.before.map(|state| self.state(state)).transpose()?;
        let after = twin.after.map(|state| self.state(state)).transpose()?;
        let moved_from = twin.moved_from.map(Cow::into_owned);
        Ok(domain::Change { path: twin.path.into_owned(), before, after, moved_from })
    }

    fn state(&mut self, twin: FileState<'_>) -> Result<domain::FileState, PayloadError> {
        let node = match twin.node {
            Node::File { digest: Text(digest), kept, size: Count(size) } => {
                let content = match kept {
                    Kept::Yes => Some(self.content(digest, size)?),
                    Kept::No => None,
                };
                domain::Node::File { size, digest, content }
            }
            Node::Directory => domain::Node::Directory,
            Node::Link { target } => domain::Node::Link { target: target.into_owned() },
        };
        Ok(domain::FileState { mode: twin.mode, node })
    }

    fn content(&mut self, digest: Digest, size: u64) -> Result<Content, PayloadError> {
        if let Some(content) = self.read.get(&digest) {
            let same = u64::try_from(content.bytes().len()) == Ok(size);
            return if same { Ok(content.clone()) } else { Err(PayloadError::Altered(digest)) };
        }
        let parts = usize::try_from(size).ok().and_then(|size| self.rest.split_at_checked(size));
        let (bytes, rest) = parts.ok_or(PayloadError::Truncated(digest))?;
        if contract::digest(bytes) != digest {
            return Err(PayloadError::Altered(digest));
        }
        let content = Content::new(bytes, digest);
        self.rest = rest;
        self.read.insert(digest, content.clone());
        Ok(content)
    }
}

impl<'a> Head<'a> {
    fn writing(plan: &'a domain::Plan, form: Form) -> Self {
        let execution = match form {
            Form::One => None,
            Form::Two => Some(plan.execution.as_ref().map(Execution::from)),
        };
        Self {
            changes: plan.changes.iter().map(Change::from).collect(),
            diff: borrowed(&plan.diff),
            execution,
            form,
            restorable: plan.restorable,
        }
    }
}

impl<'a> From<&'a domain::Change> for Change<'a> {
    fn from(change: &'a domain::Change) -> Self {
        Self {
            after: change.after.as_ref().map(FileState::from),
            before: change.before.as_ref().map(FileState::from),
            moved_from: change.moved_from.as_deref().map(borrowed),
            path: borrowed(&change.path),
        }
    }
}

impl<'a> From<&'a domain::FileState> for FileState<'a> {
    fn from(state: &'a domain::FileState) -> Self {
        let node = match &state.node {
            domain::Node::File { size, digest, content } => {
                let kept = if content.is_some() { Kept::Yes } else { Kept::No };
                Node::File { digest: Text(*digest), kept, size: Count(*size) }
            }
            domain::Node::Directory => Node::Directory,
            domain::Node::Link { target } => Node::Link { target: borrowed(target) },
        };
        Self { mode: state.mode, node }
    }
}
