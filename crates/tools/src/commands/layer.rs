//! Held plans as a layer on which the next command runs.
//!
//! In: what the plans say of each path, and the workspace below them. Out: a private directory that an overlay takes
//! as a lower layer: files, links and directories as the plans leave them, and whiteouts for what they delete. It is
//! removed when it is dropped. A plan that does not hold the content of a file cannot be stood on. Nothing is followed on
//! the way to an entry: a link of one plan never leads another entry out of the layer. Tests: `tests/stacking.rs`.

use std::fs::File;
use std::io::Write;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};

use contract::path::ROOT;
use domain::{FileState, Node};
use rustix::fs::{AtFlags, CWD, Dir, FileType, Gid, Mode, OFlags, Uid};
use rustix::io::Errno;

use super::lower::Over;
use crate::files::look::{Allowance, Seen};
use crate::files::problem::{Problem, While};
use crate::files::workspace::{Place, Workspace, beneath, checked, split};

/// A layer on the disk, as long as it is held.
#[derive(Debug)]
pub(super) struct Layer {
    path: PathBuf,
}

/// While a layer is made: its owner may work in every directory. The final bits come last.
const OPEN: u32 = 0o700;

impl Layer {
    /// Makes the layer in an existing private directory, under a name that is not used there.
    pub(super) fn make(at: PathBuf, over: &Over, workspace: &Workspace) -> Result<Self, Problem> {
        let owner = workspace.stat().map_err(|errno| system(ROOT, errno))?;
        rustix::fs::mkdirat(CWD, &at, Mode::from_raw_mode(OPEN))
            .map_err(|errno| system(ROOT, errno))?;
        // From here on: removed again whatever happens.
        let layer = Self { path: at };
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        let top = rustix::fs::openat(CWD, &layer.path, flags, Mode::empty());
        let top = top.map_err(|errno| system(ROOT, errno))?;
        let mut making = Making { top, over, workspace, directories: Vec::new(), owner: None };
        if rustix::process::geteuid().is_root() {
            making.owner = Some((Uid::from_raw(owner.st_uid), Gid::from_raw(owner.st_gid)));
        }
        making.own(ROOT)?;
        for (path, state) in over.states() {
            making.put(path, state)?;
        }
        making.close()?;
        Ok(layer)
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Layer {
    fn drop(&mut self) {
        if let Err(errno) = remove(&self.path) {
            tracing::warn!(path = %self.path.display(), %errno, "a layer of a preview was left behind");
        }
    }
}

struct Making<'m> {
    top: OwnedFd,
    over: &'m Over,
    workspace: &'m Workspace,
    /// With their final bits, parents before children.
    directories: Vec<(String, u32)>,
    owner: Option<(Uid, Gid)>,
}

impl Making<'_> {
    /// Where an entry stands in the layer. Its parent must be a directory of the layer, without a link on the way.
    fn place<'p>(&self, path: &'p str) -> Result<Place<'p>, Problem> {
        let (parent, name) = split(path);
        match beneath(&self.top, parent, OFlags::PATH | OFlags::DIRECTORY) {
            Ok(directory) => Ok(Place { directory, name }),
            Err(Errno::NOTDIR) => Err(no_directory(parent)),
            Err(errno) => Err(system(path, errno)),
        }
    }

    fn put(&mut self, path: &str, state: Option<&FileState>) -> Result<(), Problem> {
        checked(path)?;
        let Some(state) = state else {
            return match self.stands_below(path)? && self.has_parent(path) {
                true => self.whiteout(path),
                false => Ok(()),
            };
        };
        self.make_way(split(path).0)?;
        match &state.node {
            Node::Directory => self.directory(path, state.mode),
            Node::Link { target } => {
                let place = self.place(path)?;
                rustix::fs::symlinkat(target, &place.directory, place.name)
                    .map_err(|errno| system(path, errno))?;
                self.own(path)
            }
            Node::File { content: Some(content), .. } => {
                self.file(path, state.mode, content.bytes())
            }
            Node::File { content: None, .. } => Err(Problem::TooLarge(format!(
                "`{path}` of a held call is too large to be kept in its plan, so nothing can be previewed on top of it; \
                 wait until that call is decided"
            ))),
        }
    }

    /// Whether the workspace has something at a path that must be hidden.
    fn stands_below(&self, path: &str) -> Result<bool, Problem> {
        Ok(!matches!(self.workspace.look(path, &mut Allowance::hashes())?, Seen::Nothing))
    }

    /// Whether the directory above is still there: with a directory goes what is in it.
    fn has_parent(&self, path: &str) -> bool {
        match self.over.state(split(path).0) {
            None => true,
            Some(parent) => parent.is_some_and(|state| matches!(state.node, Node::Directory)),
        }
    }

    /// Directories above a path that no plan changes stand in the layer as in the workspace.
    fn make_way(&mut self, path: &str) -> Result<(), Problem> {
        if path == ROOT || self.stands(path)? {
            return Ok(());
        }
        self.make_way(split(path).0)?;
        match self.workspace.look(path, &mut Allowance::hashes())? {
            Seen::Plain(looked) if matches!(looked.state.node, Node::Directory) => {
                self.directory(path, looked.state.mode)
            }
            Seen::Plain(_) | Seen::Special(_) | Seen::Nothing => {
                Err(Problem::ChangedSince(format!("`{path}` is no directory any more")))
            }
        }
    }

    /// Whether a directory stands in the layer already; what else does is nothing to put an entry into.
    fn stands(&self, path: &str) -> Result<bool, Problem> {
        match beneath(&self.top, path, OFlags::PATH | OFlags::DIRECTORY) {
            Ok(_) => Ok(true),
            Err(Errno::NOENT) => Ok(false),
            Err(Errno::NOTDIR) => Err(no_directory(path)),
            Err(errno) => Err(system(path, errno)),
        }
    }

    fn directory(&mut self, path: &str, mode: u32) -> Result<(), Problem> {
        let place = self.place(path)?;
        rustix::fs::mkdirat(&place.directory, place.name, Mode::from_raw_mode(OPEN))
            .map_err(|errno| system(path, errno))?;
        self.directories.push((path.to_owned(), mode));
        self.own(path)
    }

    fn file(&self, path: &str, mode: u32, bytes: &[u8]) -> Result<(), Problem> {
        let wrong = |errno| system(path, errno);
        let place = self.place(path)?;
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let owner = Mode::RUSR | Mode::WUSR;
        let file = rustix::fs::openat(&place.directory, place.name, flags, owner);
        let mut file = File::from(file.map_err(wrong)?);
        file.write_all(bytes)
            .map_err(|error| wrong(Errno::from_io_error(&error).unwrap_or(Errno::IO)))?;
        self.own(path)?;
        rustix::fs::fchmod(&file, Mode::from_raw_mode(mode)).map_err(wrong)
    }

    fn whiteout(&mut self, path: &str) -> Result<(), Problem> {
        self.make_way(split(path).0)?;
        let place = self.place(path)?;
        let (kind, device) = (FileType::CharacterDevice, rustix::fs::makedev(0, 0));
        rustix::fs::mknodat(&place.directory, place.name, kind, Mode::empty(), device)
            .map_err(|errno| system(path, errno))
    }

    /// What root makes belongs to the workspace's owner, as which the command runs.
    fn own(&self, path: &str) -> Result<(), Problem> {
        let Some((user, group)) = self.owner else { return Ok(()) };
        let Place { directory, name } = self.place(path)?;
        rustix::fs::chownat(directory, name, Some(user), Some(group), AtFlags::SYMLINK_NOFOLLOW)
            .map_err(|errno| system(path, errno))
    }

    fn close(&self) -> Result<(), Problem> {
        for (path, mode) in self.directories.iter().rev() {
            let opened = beneath(&self.top, path, OFlags::RDONLY | OFlags::DIRECTORY);
            opened
                .and_then(|opened| rustix::fs::fchmod(opened, Mode::from_raw_mode(*mode)))
                .map_err(|errno| system(path, errno))?;
        }
        Ok(())
    }
}

fn no_directory(path: &str) -> Problem {
    Problem::NotADirectory { path: path.to_owned(), what: "no directory after the held calls" }
}

fn system(path: &str, errno: Errno) -> Problem {
    Problem::system(path, errno, While::Changing)
}

/// Removes a directory with everything in it, also where its bits forbid that to the owner. Follows nothing.
pub(super) fn remove(path: &Path) -> Result<(), Errno> {
    let mut open = vec![path.to_owned()];
    let mut emptied = Vec::new();
    while let Some(directory) = open.pop() {
        let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let named = rustix::fs::openat(CWD, &directory, flags | OFlags::PATH, Mode::empty())?;
        set_mode(&named, OPEN)?;
        let opened = beneath(&named, ROOT, OFlags::RDONLY | OFlags::DIRECTORY)?;
        for entry in Dir::read_from(&opened)? {
            let entry = entry?;
            let name = entry.file_name();
            if name == c"." || name == c".." {
                continue;
            }
            let stat = rustix::fs::statat(&opened, name, AtFlags::SYMLINK_NOFOLLOW)?;
            if FileType::from_raw_mode(stat.st_mode).is_dir() {
                open.push(directory.join(std::ffi::OsStr::new(&*name.to_string_lossy())));
            } else {
                rustix::fs::unlinkat(&opened, name, AtFlags::empty())?;
            }
        }
        emptied.push(directory);
    }
    emptied.iter().rev().try_for_each(|path| rustix::fs::unlinkat(CWD, path, AtFlags::REMOVEDIR))
}

/// Sets the bits of exactly what a descriptor names, also one without any rights, which `fchmod` does not take.
pub(super) fn set_mode(named: &OwnedFd, mode: u32) -> Result<(), Errno> {
    let path = format!("/proc/self/fd/{}", named.as_raw_fd());
    rustix::fs::chmod(path, Mode::from_raw_mode(mode))
}
