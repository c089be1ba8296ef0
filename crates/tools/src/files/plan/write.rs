//! `files.write`: a whole file, new or in place of the old one.
//!
//! Text or base64 goes in with the mode that says whether a file may, must or must not be there already. A
//! replacement keeps the old file's mode; the same content again is refused, since nothing would change.
//! `files.edit` ends here too, with the text that its edits made.

use base64::prelude::{BASE64_STANDARD, Engine};
use domain::{Change, Content, FileState, Node, Plan, limits};

use super::super::arguments::{Arguments, Encoding, WriteMode};
use super::super::look::{Looked, what};
use super::super::problem::Problem;
use super::{Again, Draft, NEW_FILE_MODE, created};

pub(super) fn plan(draft: Draft<'_>, arguments: Arguments<'_>) -> Result<Plan, Problem> {
    let path = arguments.path("path")?;
    let mode = arguments.write_mode()?;
    let given = arguments.text("content")?;
    let bytes = match arguments.encoding()? {
        Encoding::Utf8 => given.as_bytes().to_vec(),
        Encoding::Base64 => BASE64_STANDARD
            .decode(given)
            .map_err(|error| Problem::EncodingInvalid(error.to_string().to_lowercase()))?,
    };
    whole(draft, path, Written { bytes, mode })
}

/// What becomes of a path.
pub(super) struct Written {
    pub(super) bytes: Vec<u8>,
    pub(super) mode: WriteMode,
}

fn whole(mut draft: Draft<'_>, path: &str, written: Written) -> Result<Plan, Problem> {
    let found = draft.look(path)?;
    match (found, written.mode) {
        (None, WriteMode::Create | WriteMode::Any) => {
            let node = file(&mut draft, path, written.bytes)?;
            draft.make_way(path, None)?;
            draft.push(created(path, FileState { mode: NEW_FILE_MODE, node }))?;
            draft.finish()
        }
        (None, WriteMode::Overwrite) => Err(draft.workspace.not_found(path)),
        (Some(looked), WriteMode::Create) => Err(Problem::Exists {
            path: path.to_owned(),
            what: what(&looked.state),
            expected: "say `mode`: `overwrite` to replace a file, or choose another name",
        }),
        (Some(looked), WriteMode::Overwrite | WriteMode::Any) => {
            replace(draft, path, (looked, written.bytes))
        }
    }
}

/// Replaces the content of a file that stands there; its mode stays.
pub(super) fn replace(
    mut draft: Draft<'_>,
    path: &str,
    (looked, bytes): (Looked, Vec<u8>),
) -> Result<Plan, Problem> {
    let Node::File { digest: before, .. } = looked.state.node else {
        return Err(Problem::NotAFile { path: path.to_owned(), what: looked.what() });
    };
    let node = file(&mut draft, path, bytes)?;
    if matches!(node, Node::File { digest, .. } if digest == before) {
        return Err(Problem::NothingChanges(format!("`{path}` has exactly this content already")));
    }
    draft.loses(path, &looked, Again::InPlace);
    let after = FileState { mode: looked.state.mode, node };
    draft.push(Change {
        path: path.to_owned(),
        before: Some(looked.state),
        after: Some(after),
        moved_from: None,
    })?;
    draft.finish()
}

fn file(draft: &mut Draft<'_>, path: &str, bytes: Vec<u8>) -> Result<Node, Problem> {
    let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let room = size <= limits::FILE_BYTES_MAX && draft.allowance.take(bytes.len()).is_some();
    if !room {
        return Err(Problem::TooLarge(format!(
            "`{path}` would have {size} bytes; at most {} are allowed",
            limits::FILE_BYTES_MAX
        )));
    }
    let digest = contract::digest(&bytes);
    Ok(Node::File { size, digest, content: Some(Content::new(bytes, digest)) })
}
