//! What a disk may look like when the power comes back.
//!
//! In: a disk with what was durable and what was on its way, and chance. Out: files in a directory. Modes are
//! those that the store asks for; of the contents on their way each file system may have done any part, in any
//! order.

use std::fs::{DirBuilder, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use super::disk::{Disk, Node, What, write as write_bytes};
use crate::dice::Dice;
use crate::problem::{Outcome, Trouble};

/// What happens to everything that was not synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// All of it is lost.
    Lost,
    /// All of it is there.
    Kept,
    /// Each write is lost or there, whatever came before it.
    Mixed,
    /// Each sector of each write is lost or there.
    Torn,
}

/// The smallest part that a disk writes as one.
const SECTOR: usize = 512;

impl Fate {
    /// One of them.
    pub(crate) fn draw(dice: &mut Dice) -> Self {
        match dice.below(8) {
            0..=1 => Self::Lost,
            2 => Self::Kept,
            3..=5 => Self::Mixed,
            _ => Self::Torn,
        }
    }
}

/// Writes an image of the disk's files into a directory, below it as they were below the recorded root.
pub(crate) fn write(disk: &Disk, to: &Path, (fate, dice): (Fate, &mut Dice)) -> Outcome<()> {
    let names = disk.names(|changes| match fate {
        Fate::Lost => 0,
        Fate::Kept => changes,
        Fate::Mixed | Fate::Torn => {
            let end = u64::try_from(changes).unwrap_or(u64::MAX).saturating_add(1);
            usize::try_from(dice.below(end)).unwrap_or(changes)
        }
    });
    for (path, node) in names {
        let file = below(&path)
            .ok_or_else(|| Trouble::other(format!("`{}` lies outside", path.display())))?;
        let file = to.join(file);
        let directory = file.parent().unwrap_or(to);
        DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&file)?;
        file.write_all(&contents(node, fate, dice))?;
    }
    Ok(())
}

/// The path below the recorded root, which is a directory named `root`.
fn below(path: &Path) -> Option<&Path> {
    let root = path.ancestors().find(|above| above.file_name().is_some_and(|name| name == "root"));
    path.strip_prefix(root?).ok()
}

/// What a file may contain.
fn contents(node: &Node, fate: Fate, dice: &mut Dice) -> Vec<u8> {
    let mut contents = node.durable.clone();
    for change in &node.pending {
        match fate {
            Fate::Lost => {}
            Fate::Kept => change.what.apply(&mut contents),
            Fate::Mixed => {
                if dice.once_in(2) {
                    change.what.apply(&mut contents);
                } else {
                    length_alone(&mut contents, &change.what, dice);
                }
            }
            Fate::Torn => torn(&mut contents, &change.what, dice),
        }
    }
    contents
}

/// A file's length may reach the disk before its bytes do: zeros stand there then.
fn length_alone(contents: &mut Vec<u8>, what: &What, dice: &mut Dice) {
    let What::Write { offset, bytes } = what else { return };
    let end = usize::try_from(*offset).unwrap_or(usize::MAX).saturating_add(bytes.len());
    if dice.once_in(4) && contents.len() < end {
        contents.resize(end, 0);
    }
}

fn torn(contents: &mut Vec<u8>, what: &What, dice: &mut Dice) {
    let What::Write { offset, bytes } = what else {
        if dice.once_in(2) {
            what.apply(contents);
        }
        return;
    };
    let mut from = *offset;
    let mut rest = bytes.as_slice();
    while !rest.is_empty() {
        // Sectors are those of the file, not of the write.
        let into = usize::try_from(from).unwrap_or(0) % SECTOR;
        let (sector, behind) = rest.split_at(rest.len().min(SECTOR - into));
        if dice.once_in(2) {
            write_bytes(contents, from, sector);
        }
        from += u64::try_from(sector.len()).unwrap_or(0);
        rest = behind;
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::super::trace::Step;
    use super::*;

    fn path(name: &str) -> PathBuf {
        Path::new("/s/root").join(name)
    }

    /// A file of two synced `a`s, whose first byte is then overwritten by a `b` that is not synced.
    fn disk() -> Disk {
        let mut disk = Disk::default();
        let write = |at, offset, bytes: &[u8]| Step::Writing {
            at,
            path: path("x"),
            offset: Some(offset),
            bytes: bytes.to_vec(),
        };
        for step in [
            Step::Opened { path: path("x"), emptied: false },
            write(1, 0, b"aa"),
            Step::Ended { at: 1 },
            Step::Syncing { at: 2, path: path("x") },
            Step::Ended { at: 2 },
            Step::Syncing { at: 3, path: "/s/root".into() },
            Step::Ended { at: 3 },
            write(4, 0, b"b"),
            Step::Ended { at: 4 },
        ] {
            disk.apply(&step);
        }
        disk
    }

    fn check(disk: &Disk, fate: Fate, expect: &[&str]) {
        for seed in 0..32 {
            let to = tempfile::tempdir().unwrap();
            write(disk, to.path(), (fate, &mut Dice::new(seed))).unwrap();
            let found = std::fs::read_to_string(to.path().join("x")).unwrap_or_default();
            assert!(expect.contains(&found.as_str()), "{fate:?} {seed}: {found:?}");
        }
    }

    #[test]
    fn synced_bytes_survive_every_fate() {
        let disk = disk();
        check(&disk, Fate::Lost, &["aa"]);
        check(&disk, Fate::Kept, &["ba"]);
        check(&disk, Fate::Mixed, &["aa", "ba"]);
        check(&disk, Fate::Torn, &["aa", "ba"]);
    }

    #[test]
    fn write_that_ends_after_a_sync_began_is_not_covered_by_it() {
        let mut disk = disk();
        for step in [
            Step::Writing { at: 5, path: path("x"), offset: Some(1), bytes: b"c".to_vec() },
            Step::Syncing { at: 6, path: path("x") },
            Step::Ended { at: 5 },
            Step::Ended { at: 6 },
        ] {
            disk.apply(&step);
        }
        check(&disk, Fate::Lost, &["ba"]);
        check(&disk, Fate::Kept, &["bc"]);
    }

    #[test]
    fn name_without_a_synced_directory_may_be_lost() {
        let mut disk = disk();
        disk.apply(&Step::Renaming { from: path("x"), to: path("y") });
        check(&disk, Fate::Lost, &["aa"]);
        check(&disk, Fate::Kept, &[""]);
        disk.apply(&Step::Syncing { at: 7, path: "/s/root".into() });
        check(&disk, Fate::Lost, &["aa"]);
        disk.apply(&Step::Ended { at: 7 });
        check(&disk, Fate::Lost, &[""]);
    }
}
