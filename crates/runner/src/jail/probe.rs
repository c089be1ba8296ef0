//! What a trial jail does instead of a command: the operations that fail first where a rung does not really work.
//!
//! In: a small workspace made by `ladder/trial.rs`, seen from inside a finished jail. Out: nothing, or what failed. It
//! starts no program, so that a machine without a shell is judged rightly. Tests are in `tests/it`.

use std::fs;
use std::io;

use crate::order::{Access, Order};
use crate::report::{At, Failure, Step};

/// A file of the trial workspace that is deleted.
pub(crate) const DELETED: &str = "deleted";
/// A file that is made.
pub(crate) const MADE: &str = "made";
/// A directory with [`DELETED`] in it that is replaced by one with [`MADE`] in it.
pub(crate) const REPLACED: &str = "replaced";

/// Works on the workspace, from inside.
pub(super) fn work(order: &Order) -> Result<(), Failure> {
    match order.access {
        Access::Read => fs::read_dir(".").map(drop).at(Step::Workspace, "list the workspace"),
        Access::Overlay { .. } | Access::Copy | Access::Direct | Access::Private => {
            change().at(Step::Workspace, "change the workspace")
        }
    }
}

fn change() -> io::Result<()> {
    fs::write(MADE, "made")?;
    fs::remove_file(DELETED)?;
    // On an overlay without user attributes this is what half-works.
    fs::remove_dir_all(REPLACED)?;
    fs::create_dir(REPLACED)?;
    fs::write(format!("{REPLACED}/{MADE}"), "made")?;
    let mut left = fs::read_dir(REPLACED)?.map(|entry| entry.map(|entry| entry.file_name()));
    match (left.next(), left.next()) {
        (Some(Ok(name)), None) if name == MADE => Ok(()),
        _ => Err(io::Error::other("a replaced directory still shows what was deleted")),
    }
}
