//! What stands at a path: its state with digest, and what a plan must not touch.
//!
//! Looking never follows a link, never opens a pipe, socket or device, and reads no more than allowed. The
//! digest covers the bytes that were read, so a file that changes meanwhile shows as another state.

use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;

use aws_lc_rs::digest::{Context, SHA256};
use domain::{Change, Content, Digest, FileState, Node, limits};
use rustix::fs::{AtFlags, FileType, OFlags, Stat};
use rustix::io::Errno;

use super::attributes::{Extras, extras};
use super::problem::{Problem, While};
use super::workspace::{Place, Workspace, beneath, checked};

/// How much may still be read, and kept, for one plan.
#[derive(Debug)]
pub(crate) struct Allowance {
    content: u64,
    hashed: u64,
}

/// What stands at a path.
#[derive(Debug)]
pub(crate) enum Seen {
    Nothing,
    Plain(Looked),
    /// A pipe, socket or device, or a link whose target is not text.
    Special(&'static str),
}

/// A file, directory or link, with what a plan has no words for.
#[derive(Debug)]
pub(crate) struct Looked {
    pub(crate) state: FileState,
    pub(crate) stat: Box<Stat>,
    pub(crate) extras: Extras,
}

/// Permission bits with setuid, setgid and sticky.
const MODE_BITS: u32 = 0o7777;
const SPECIAL_BITS: u32 = 0o7000;
const OWNER_BITS: u32 = 0o700;
const CHUNK: usize = 128 << 10;

impl Allowance {
    /// For digests alone.
    pub(crate) fn digests() -> Self {
        Self { content: 0, hashed: u64::MAX }
    }

    /// For the digests of one plan.
    pub(crate) fn hashes() -> Self {
        Self { content: 0, hashed: limits::PLAN_HASHED_BYTES_MAX }
    }

    /// For one file with its content.
    pub(crate) fn file() -> Self {
        Self { content: limits::FILE_BYTES_MAX, hashed: limits::FILE_BYTES_MAX }
    }

    /// For one plan with contents.
    pub(crate) fn plan() -> Self {
        Self { content: limits::PLAN_CONTENT_BYTES_MAX, hashed: limits::PLAN_HASHED_BYTES_MAX }
    }

    /// Takes room for new content; none if there is not enough.
    pub(crate) fn take(&mut self, bytes: usize) -> Option<()> {
        self.content = self.content.checked_sub(u64::try_from(bytes).ok()?)?;
        Some(())
    }
}

impl Looked {
    /// The state without content.
    pub(crate) fn what(&self) -> &'static str {
        what(&self.state)
    }

    /// Why a changing call must leave it alone.
    pub(crate) fn oddity(&self) -> Option<String> {
        let links = self.stat.st_nlink;
        self.unsayable().or_else(|| {
            self.has_other_names().then(|| {
                format!("it has {links} names (hard links), and the others would not follow")
            })
        })
    }

    /// Whether the file stands under other names too.
    pub(crate) fn has_other_names(&self) -> bool {
        matches!(self.state.node, Node::File { .. }) && self.stat.st_nlink > 1
    }

    /// What a plan has no words for.
    pub(crate) fn unsayable(&self) -> Option<String> {
        if self.state.mode & SPECIAL_BITS != 0 {
            return Some(format!("it has setuid, setgid or sticky bits ({:04o})", self.state.mode));
        }
        self.extras.capabilities.then(|| "it has file capabilities".to_owned())
    }

    /// Whether making it anew, owned by `maker`, gives something else in owner or attributes.
    pub(crate) fn keeps_more_than_state(&self, maker: u32) -> bool {
        self.extras.attributes || self.stat.st_uid != maker
    }
}

/// In words.
pub(crate) fn what(state: &FileState) -> &'static str {
    match &state.node {
        Node::File { .. } => "a file",
        Node::Directory => "a directory",
        Node::Link { .. } => "a symbolic link",
    }
}

/// Whether two states are the same, whatever is kept of their contents.
pub(crate) fn same(one: &FileState, other: &FileState) -> bool {
    one.mode == other.mode
        && match (&one.node, &other.node) {
            (
                Node::File { size, digest, content: _ },
                Node::File { size: other_size, digest: other_digest, content: _ },
            ) => size == other_size && digest == other_digest,
            (Node::Directory, Node::Directory) => true,
            (Node::Link { target }, Node::Link { target: other }) => target == other,
            (Node::File { .. } | Node::Directory | Node::Link { .. }, _) => false,
        }
}

/// Whether a thing is as a state says, or a directory of it that is open for an act.
pub(crate) fn same_or_open(state: &FileState, looked: &FileState) -> bool {
    let is_open = looked.mode == opened(state.mode);
    let directories = matches!((&state.node, &looked.node), (Node::Directory, Node::Directory));
    same(state, looked) || (directories && is_open)
}

/// The permission bits of a directory in which its owner may work.
pub(crate) const fn opened(mode: u32) -> u32 {
    mode | OWNER_BITS
}

/// The permission bits that a change gives to a thing that otherwise stays as it is.
pub(crate) fn mode_alone(change: &Change) -> Option<u32> {
    let (before, after) = (change.before.as_ref()?, change.after.as_ref()?);
    let same_node = same(before, &FileState { mode: before.mode, node: after.node.clone() });
    let is_link = matches!(after.node, Node::Link { .. });
    (same_node && !is_link).then_some(after.mode)
}

impl Workspace {
    /// What stands at a path. Where a parent is missing or no directory, nothing does.
    pub(crate) fn look(&self, path: &str, allowance: &mut Allowance) -> Result<Seen, Problem> {
        let wrong = |errno| Problem::system(path, errno, While::Looking);
        if checked(path)?.is_root() {
            let stat = self.stat().map_err(wrong)?;
            let state = FileState { mode: stat.st_mode & MODE_BITS, node: Node::Directory };
            return Ok(Seen::Plain(Looked {
                state,
                stat: Box::new(stat),
                extras: Extras::default(),
            }));
        }
        match self.place(path) {
            Err(Errno::NOENT | Errno::NOTDIR) => Ok(Seen::Nothing),
            Err(errno) => Err(wrong(errno)),
            Ok(place) => look_at(&place, allowance, path),
        }
    }

    /// Whether a path stands as a state says. A file of another size is not read.
    pub(crate) fn stands(&self, path: &str, expected: Option<&FileState>) -> Result<bool, Problem> {
        let mut allowance = match expected.map(|state| &state.node) {
            Some(Node::File { size, .. }) => Allowance { content: 0, hashed: *size },
            Some(Node::Directory | Node::Link { .. }) | None => Allowance { content: 0, hashed: 0 },
        };
        match self.look(path, &mut allowance) {
            Ok(Seen::Nothing) => Ok(expected.is_none()),
            Ok(Seen::Plain(looked)) => Ok(expected.is_some_and(|state| same(state, &looked.state))),
            // A file larger than the expected one.
            Ok(Seen::Special(_)) | Err(Problem::TooLarge(_)) => Ok(false),
            Err(other) => Err(other),
        }
    }

    /// Opens a regular file for reading, and nothing else.
    pub(crate) fn open_file(&self, path: &str) -> Result<OwnedFd, Problem> {
        let wrong = |errno| Problem::system(path, errno, While::Looking);
        let place = self.place(path).map_err(wrong)?;
        open_regular(&place)
            .map_err(wrong)?
            .ok_or_else(|| Problem::NotAFile { path: path.to_owned(), what: "no regular file" })
    }
}

/// What stands at a place. `path` is for messages.
pub(crate) fn look_at(
    place: &Place<'_>,
    allowance: &mut Allowance,
    path: &str,
) -> Result<Seen, Problem> {
    let wrong = |errno| Problem::system(path, errno, While::Looking);
    let stat = match rustix::fs::statat(&place.directory, place.name, AtFlags::SYMLINK_NOFOLLOW) {
        Err(Errno::NOENT | Errno::NOTDIR) => return Ok(Seen::Nothing),
        found => found.map_err(wrong)?,
    };
    let mode = stat.st_mode & MODE_BITS;
    let plain = |node, stat, extras| {
        Seen::Plain(Looked { state: FileState { mode, node }, stat: Box::new(stat), extras })
    };
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::Directory => Ok(plain(Node::Directory, stat, Extras::default())),
        FileType::Symlink => {
            let target = rustix::fs::readlinkat(&place.directory, place.name, Vec::new());
            Ok(match target.map_err(wrong)?.into_string() {
                Ok(target) => plain(Node::Link { target }, stat, Extras::default()),
                Err(_) => Seen::Special("a link whose target is not text"),
            })
        }
        FileType::RegularFile => {
            // Swapped for something else between the two looks: shows as what no plan can touch.
            let Some(file) = open_regular(place).map_err(wrong)? else {
                return Ok(Seen::Special("changing while it is looked at"));
            };
            let stat = rustix::fs::fstat(&file).map_err(wrong)?;
            let extras = extras(&file).map_err(wrong)?;
            let node = read(file, &stat, allowance, path)?;
            let state = FileState { mode: stat.st_mode & MODE_BITS, node };
            Ok(Seen::Plain(Looked { state, stat: Box::new(stat), extras }))
        }
        FileType::Fifo => Ok(Seen::Special("a named pipe")),
        FileType::Socket => Ok(Seen::Special("a socket")),
        FileType::CharacterDevice | FileType::BlockDevice => Ok(Seen::Special("a device")),
        FileType::Unknown => Ok(Seen::Special("of an unknown kind")),
    }
}

/// Opens without waiting (a pipe would), then makes sure that it is a regular file.
pub(crate) fn open_regular(place: &Place<'_>) -> Result<Option<OwnedFd>, Errno> {
    let stat = rustix::fs::statat(&place.directory, place.name, AtFlags::SYMLINK_NOFOLLOW)?;
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => {}
        FileType::Symlink => return Err(Errno::LOOP),
        FileType::Directory
        | FileType::Fifo
        | FileType::Socket
        | FileType::CharacterDevice
        | FileType::BlockDevice
        | FileType::Unknown => return Ok(None),
    }
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY;
    let file = beneath(&place.directory, place.name, flags)?;
    let opened = rustix::fs::fstat(&file)?;
    Ok(FileType::from_raw_mode(opened.st_mode).is_file().then_some(file))
}

fn read(
    file: OwnedFd,
    stat: &Stat,
    allowance: &mut Allowance,
    path: &str,
) -> Result<Node, Problem> {
    let stated = u64::try_from(stat.st_size).unwrap_or(0);
    let too_large = || {
        Problem::TooLarge(format!(
            "`{path}` has {stated} bytes, which is more than one call looks through"
        ))
    };
    if stated > allowance.hashed {
        return Err(too_large());
    }
    let keep_max = allowance.content.min(limits::FILE_BYTES_MAX);
    let mut kept = (stated <= keep_max).then(Vec::new);
    let mut context = Context::new(&SHA256);
    let mut size = 0_u64;
    let mut chunk = vec![0_u8; CHUNK];
    let mut file = File::from(file);
    loop {
        let count = match file.read(&mut chunk) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => {
                let errno = Errno::from_io_error(&error).unwrap_or(Errno::IO);
                return Err(Problem::system(path, errno, While::Looking));
            }
        };
        let bytes = chunk.get(..count).unwrap_or_default();
        context.update(bytes);
        size = size.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
        if size > allowance.hashed {
            return Err(too_large());
        }
        kept = kept.filter(|_| size <= keep_max).map(|mut kept| {
            kept.extend_from_slice(bytes);
            kept
        });
    }
    allowance.hashed = allowance.hashed.saturating_sub(size);
    let digest = finished(context);
    let content = kept.map(|bytes| Content::new(bytes, digest));
    if content.is_some() {
        allowance.content = allowance.content.saturating_sub(size);
    }
    Ok(Node::File { size, digest, content })
}

fn finished(context: Context) -> Digest {
    let mut bytes = [0_u8; 32];
    // INVARIANT (SHA-256 length): the algorithm gives exactly 32 bytes.
    for (to, from) in bytes.iter_mut().zip(context.finish().as_ref()) {
        *to = *from;
    }
    Digest::new(bytes)
}
