//! `files.read` and `files.list`: what is there, within the limits, without following links.
//!
//! What does not fit is left out and said so (`complete`: false); nothing is cut in the middle of a
//! character, and Checkrein's own temporary files are not shown.

use std::collections::VecDeque;
use std::time::Instant;

use base64::prelude::{BASE64_STANDARD, Engine};
use contract::path::ROOT;
use domain::{Money, Node, limits};
use gate::{Invocation, Reply};
use rustix::fs::{AtFlags, FileType};
use serde_json::{Value, json};

use super::arguments::Arguments;
use super::look::{Allowance, Seen};
use super::problem::{Problem, While};
use super::search;
use super::workspace::{Workspace, join, split};

/// Does a call that changes nothing. A search ends at the deadline with what it has.
pub(crate) fn read(
    workspace: &Workspace,
    invocation: &Invocation,
    deadline: Instant,
) -> Result<Reply, Problem> {
    let arguments = Arguments(&invocation.arguments);
    match invocation.tool.as_str() {
        "files.read" => file(workspace, arguments),
        "files.list" => list(workspace, arguments),
        "files.search" => search::search(workspace, arguments, deadline),
        other => Err(Problem::UnknownTool(other.to_owned())),
    }
}

/// An answer that handed out so many bytes.
pub(crate) fn answer(output: Value, read_bytes: usize) -> Reply {
    let read_bytes = u64::try_from(read_bytes).unwrap_or(u64::MAX);
    Reply { output, effects: Vec::new(), cost: Money::ZERO, read_bytes, warnings: Vec::new() }
}

fn file(workspace: &Workspace, arguments: Arguments<'_>) -> Result<Reply, Problem> {
    let path = arguments.path("path")?;
    let most = usize::try_from(limits::FILE_BYTES_MAX).unwrap_or(usize::MAX);
    let offset = arguments.count("offset_bytes", most)?.unwrap_or(0);
    let wanted =
        arguments.count("bytes_max", limits::READ_BYTES_MAX)?.unwrap_or(limits::READ_BYTES_MAX);
    let looked = match workspace.look(path, &mut Allowance::file())? {
        Seen::Nothing => return Err(workspace.not_found(path)),
        Seen::Special(what) => return Err(Problem::NotAFile { path: path.to_owned(), what }),
        Seen::Plain(looked) => looked,
    };
    let Node::File { size, digest, content } = &looked.state.node else {
        return Err(Problem::NotAFile { path: path.to_owned(), what: looked.what() });
    };
    let bytes = match content {
        Some(content) => content.bytes(),
        None => return Err(too_large(path, *size)),
    };
    let start = offset.min(bytes.len());
    let end = start.saturating_add(wanted).min(bytes.len());
    let part = bytes.get(start..end).unwrap_or_default();
    let (content, encoding, count) = encoded(part, end == bytes.len());
    Ok(answer(
        json!({
            "path": path,
            "content": content,
            "encoding": encoding,
            "offset_bytes": start,
            "read_bytes": count,
            "size_bytes": size,
            "digest": digest.to_string(),
            "complete": start + count == bytes.len(),
        }),
        count,
    ))
}

fn too_large(path: &str, size: u64) -> Problem {
    Problem::TooLarge(format!(
        "`{path}` has {size} bytes; files of at most {} are read",
        limits::FILE_BYTES_MAX
    ))
}

/// The part as text if it is text, without a character that its end cuts; else base64.
fn encoded(part: &[u8], is_end: bool) -> (String, &'static str, usize) {
    let text = match std::str::from_utf8(part) {
        Ok(text) => Some(text),
        Err(error) if error.error_len().is_none() && !is_end && error.valid_up_to() > 0 => {
            let whole = part.get(..error.valid_up_to()).unwrap_or_default();
            std::str::from_utf8(whole).ok()
        }
        Err(_) => None,
    };
    match text {
        Some(text) => (text.to_owned(), "utf-8", text.len()),
        None => (BASE64_STANDARD.encode(part), "base64", part.len()),
    }
}

fn list(workspace: &Workspace, arguments: Arguments<'_>) -> Result<Reply, Problem> {
    let path = arguments.path("path")?;
    let depth = arguments.count("depth", limits::PATH_PARTS_MAX)?.unwrap_or(1);
    workspace.expect_directory(path)?;
    let mut listing = Listing { entries: Vec::new(), bytes: 0, complete: true };
    let mut open = VecDeque::from([(path.to_owned(), 1)]);
    // Level by level, so that what is left out for lack of room is what lies deepest.
    while let Some((directory, level)) = open.pop_front() {
        let names = match workspace.names(&directory) {
            // Gone or shut meanwhile, or not ours to read: left out, and said so.
            Err(_) if directory != path => {
                listing.complete = false;
                continue;
            }
            names => names?,
        };
        listing.complete &= !names.cut && names.unreadable == 0;
        for named in names.names {
            let child = join(&directory, &named.name);
            if !listing.add(workspace, &child)? {
                open.clear();
                break;
            }
            if named.is_directory && level < depth {
                open.push_back((child, level + 1));
            }
        }
    }
    listing.entries.sort_by(|one, other| one.0.cmp(&other.0));
    let entries: Vec<Value> = listing.entries.into_iter().map(|(_, entry)| entry).collect();
    let output = json!({ "path": path, "entries": entries, "complete": listing.complete });
    Ok(answer(output, listing.bytes))
}

struct Listing {
    entries: Vec<(String, Value)>,
    bytes: usize,
    complete: bool,
}

impl Listing {
    /// Adds an entry; false if there is no room for it.
    fn add(&mut self, workspace: &Workspace, path: &str) -> Result<bool, Problem> {
        let Some(entry) = described(workspace, path)? else { return Ok(true) };
        let bytes = entry.to_string().len() + 1;
        let full = self.entries.len() >= limits::LISTING_ENTRIES_MAX
            || self.bytes + bytes > limits::LISTING_BYTES_MAX;
        if full {
            self.complete = false;
            return Ok(false);
        }
        self.bytes += bytes;
        self.entries.push((path.to_owned(), entry));
        Ok(true)
    }
}

/// One entry; none if it went away meanwhile.
fn described(workspace: &Workspace, path: &str) -> Result<Option<Value>, Problem> {
    let wrong = |errno| Problem::system(path, errno, While::Looking);
    let Ok(place) = workspace.place(path) else { return Ok(None) };
    let Ok(stat) = rustix::fs::statat(&place.directory, place.name, AtFlags::SYMLINK_NOFOLLOW)
    else {
        return Ok(None);
    };
    Ok(Some(match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => {
            let size = u64::try_from(stat.st_size).unwrap_or(0);
            json!({ "path": path, "kind": "file", "size_bytes": size })
        }
        FileType::Directory => json!({ "path": path, "kind": "directory" }),
        FileType::Symlink => {
            let target = rustix::fs::readlinkat(&place.directory, place.name, Vec::new());
            match target.map_err(wrong)?.into_string() {
                Ok(target) => json!({ "path": path, "kind": "link", "target": target }),
                Err(_) => json!({ "path": path, "kind": "link" }),
            }
        }
        FileType::Fifo
        | FileType::Socket
        | FileType::CharacterDevice
        | FileType::BlockDevice
        | FileType::Unknown => json!({ "path": path, "kind": "other" }),
    }))
}

impl Workspace {
    /// Says that nothing stands at a path, with the name that was perhaps meant.
    pub(crate) fn not_found(&self, path: &str) -> Problem {
        let (parent, name) = split(path);
        let hint = match self.names(parent) {
            Err(_) => format!("; there is no directory `{parent}`"),
            Ok(names) => {
                let near =
                    contract::closest(name, names.names.iter().map(|each| each.name.as_str()));
                near.map(|near| format!("; did you mean `{}`?", join(parent, near)))
                    .unwrap_or_default()
            }
        };
        Problem::NotFound { path: path.to_owned(), hint }
    }

    /// Refuses a path that is no directory.
    fn expect_directory(&self, path: &str) -> Result<(), Problem> {
        if path == ROOT {
            return Ok(());
        }
        match self.look(path, &mut Allowance::file()) {
            Ok(Seen::Nothing) => Err(self.not_found(path)),
            Ok(Seen::Special(what)) => Err(Problem::NotADirectory { path: path.to_owned(), what }),
            Ok(Seen::Plain(looked)) if matches!(looked.state.node, Node::Directory) => Ok(()),
            Ok(Seen::Plain(looked)) => {
                Err(Problem::NotADirectory { path: path.to_owned(), what: looked.what() })
            }
            Err(Problem::TooLarge(_)) => {
                Err(Problem::NotADirectory { path: path.to_owned(), what: "a file" })
            }
            Err(other) => Err(other),
        }
    }
}
