//! The workspace as the command will see it: read-only, as it is, as an overlay, or as a copy.
//!
//! ```text
//! overlay:  upper (in memory, bounded)     what the command changes; its directory goes to the supervisor
//!           layer n … layer 1              uppers of earlier commands, if any
//!           workspace                      read only by the kernel, never written
//!           skeleton                       empty places for caches, so that they are not part of the upper
//! ```
//! In: the order, with the old root below [`OLD`]. Out: a mount that is attached by `places.rs`, and the open directory
//! of the upper layer or copy. Tests are in `tests/it`.
//!
//! [`OLD`]: super::root::OLD

use std::fs;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};
use rustix::mount::MountAttrFlags;

use super::copy;
use super::identity::Identity;
use super::mount::{Memory, PLAIN, READ_ONLY, Tree};
use super::root::{LOWER, UPPER, inodes, open, outside};
use crate::order::{Access, Order};
use crate::report::{At, Failure, Step};

/// The workspace, ready to be attached.
#[derive(Debug)]
pub(super) struct Laid {
    /// `None` if there is no workspace.
    pub(super) workspace: Option<Tree>,
    /// What the supervisor gets.
    pub(super) upper: Option<OwnedFd>,
}

pub(super) fn lay(order: &Order, identity: Identity) -> Result<Laid, Failure> {
    // A mount of its own, so that one unmount takes everything below it away.
    Tree::memory(Memory { bytes: 1 << 20, inodes: 1_024, mode: "755" })
        .at(Step::Workspace, "make places for layers")?
        .attach(open(Path::new(LOWER)).at(Step::Workspace, LOWER)?)
        .at(Step::Workspace, "mount places for layers")?;
    match &order.access {
        Access::Read => itself(order, READ_ONLY),
        Access::Direct => itself(order, PLAIN),
        Access::Overlay { layers } => overlay(order, layers),
        Access::Copy => copied(order, identity),
        Access::Private => Ok(Laid { workspace: None, upper: None }),
    }
}

fn itself(order: &Order, attributes: MountAttrFlags) -> Result<Laid, Failure> {
    let tree = Tree::of(&outside(&order.workspace)).at(Step::Workspace, "take the workspace")?;
    let tree = tree.with(attributes).at(Step::Workspace, "restrict the workspace")?;
    Ok(Laid { workspace: Some(tree), upper: None })
}

fn overlay(order: &Order, layers: &[PathBuf]) -> Result<Laid, Failure> {
    let upper = memory(order, "upper")?;
    fs::create_dir(format!("{UPPER}/work")).at(Step::Upper, "make the work directory")?;
    let mut lower = Vec::new();
    // The kernel wants the newest first.
    for (number, layer) in layers.iter().enumerate().rev() {
        lower.push(lower_layer(&outside(layer), &format!("layer{number}"))?);
    }
    lower.push(lower_layer(&outside(&order.workspace), "workspace")?);
    if let Some(skeleton) = skeleton(order)? {
        lower.push(skeleton);
    }
    let tree = Tree::overlay(&lower.join(":"), &upper, &format!("{UPPER}/work"))
        .at(Step::Workspace, "mount the overlay, with user attributes, over the workspace")?;
    Ok(Laid { workspace: Some(tree), upper: Some(directory(&upper)?) })
}

/// Binds a lower layer to a name that needs no escaping in mount options.
pub(super) fn lower_layer(source: &Path, name: &str) -> Result<String, Failure> {
    let place = format!("{LOWER}/{name}");
    fs::create_dir(&place).at(Step::Workspace, &place)?;
    let at = open(Path::new(&place)).at(Step::Workspace, &place)?;
    let tree = Tree::of(source).at(Step::Workspace, format!("take `{name}`"))?;
    tree.with(READ_ONLY)
        .at(Step::Workspace, format!("restrict `{name}`"))?
        .attach(at)
        .at(Step::Workspace, format!("mount `{name}`"))?;
    Ok(place)
}

/// Empty directories where caches will be mounted in the workspace.
fn skeleton(order: &Order) -> Result<Option<String>, Failure> {
    let inside =
        order.caches.iter().filter_map(|cache| cache.inside.strip_prefix(&order.workspace).ok());
    let mut found = None;
    let like = fs::metadata(outside(&order.workspace)).at(Step::Paths, "the workspace")?;
    for path in inside {
        let skeleton = format!("{UPPER}/skeleton");
        let mut place = PathBuf::from(&skeleton);
        fs::create_dir_all(place.join(path)).at(Step::Paths, "make a cache's place")?;
        // The command may work beside a cache as anywhere else in the workspace.
        for part in path.components() {
            place.push(part);
            chown(&place, Some(like.uid()), Some(like.gid()))
                .at(Step::Paths, "own a cache's place")?;
        }
        found = Some(skeleton);
    }
    Ok(found)
}

fn copied(order: &Order, identity: Identity) -> Result<Laid, Failure> {
    let tree = memory(order, "copy")?;
    copy::tree(&outside(&order.workspace), Path::new(&tree), identity.changes)?;
    let mount = Tree::of(Path::new(&tree)).at(Step::Workspace, "take the copy")?;
    let mount = mount.with(PLAIN).at(Step::Workspace, "restrict the copy")?;
    Ok(Laid { workspace: Some(mount), upper: Some(directory(&tree)?) })
}

/// A bounded file system in memory, with one directory that looks like the workspace's own.
fn memory(order: &Order, name: &str) -> Result<String, Failure> {
    let bytes = order.limits.upper_bytes;
    Tree::memory(Memory { bytes, inodes: inodes(bytes), mode: "755" })
        .at(Step::Upper, "make memory for changes")?
        .attach(open(Path::new(UPPER)).at(Step::Upper, UPPER)?)
        .at(Step::Upper, "mount memory for changes")?;
    let path = format!("{UPPER}/{name}");
    fs::create_dir(&path).at(Step::Upper, &path)?;
    let like = fs::metadata(outside(&order.workspace)).at(Step::Upper, "the workspace")?;
    chown(&path, Some(like.uid()), Some(like.gid())).at(Step::Upper, "own the upper layer")?;
    fs::set_permissions(&path, fs::Permissions::from_mode(like.mode() & 0o7777))
        .at(Step::Upper, "set the upper layer's mode")?;
    Ok(path)
}

fn directory(path: &str) -> Result<OwnedFd, Failure> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    rustix::fs::open(path, flags, Mode::empty()).at(Step::Upper, "open the upper layer")
}
