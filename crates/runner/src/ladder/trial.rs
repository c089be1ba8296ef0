//! One trial jail on one rung, over a small workspace made for it.
//!
//! In: a rung. Out: what the jail said of itself, or why it failed. On the previewing rungs it also looks at what came
//! out: a jail whose changes cannot be read afterwards does not work.

use std::fs;
use std::io;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{AtFlags, FileType, Mode, OFlags};

use super::Rung;
use crate::error::Error;
use crate::finished::{Ended, Finished};
use crate::jail::{DELETED, MADE, REPLACED};
use crate::limits::Limits;
use crate::order::{Access, Order};
use crate::report::{Step, Task};
use crate::supervisor::Jailer;

pub(super) async fn run(jailer: &Jailer, rung: Rung) -> Result<String, Error> {
    let workspace = Workspace::make().map_err(Error::Start)?;
    let (finished, probed) = jailer
        .carry_out((order(&workspace.path, rung), Task::Probe), None, std::future::pending())
        .await?;
    if finished.ended != Ended::Exited(0) {
        let why = format!("the trial ended with {:?}", finished.ended);
        return Err(Error::Setup { step: Step::Watch, why });
    }
    check(&workspace.path, rung, &finished)
        .map_err(|error| Error::Setup { step: Step::Upper, why: error.to_string() })?;
    Ok(format!("a trial jail did its work; {}", probed.unwrap_or_default()))
}

fn order(workspace: &Path, rung: Rung) -> Order {
    let access = match rung {
        Rung::Overlay => Access::Overlay { layers: Vec::new() },
        Rung::Copy => Access::Copy,
        Rung::Landlock | Rung::Refuse => Access::Direct,
    };
    let limits =
        Limits { wall: Duration::from_secs(10), upper_bytes: 16 << 20, ..Limits::default() };
    Order { access, limits, rung, ..Order::of("trial", workspace) }
}

/// What the trial left must be what it was told to do, and the workspace must be as it was where that is promised.
fn check(workspace: &Path, rung: Rung, finished: &Finished) -> io::Result<()> {
    let untouched = workspace.join(DELETED).exists() && !workspace.join(MADE).exists();
    let wrong = |what: &str| Err(io::Error::other(what.to_owned()));
    match rung {
        Rung::Overlay | Rung::Copy if !untouched => wrong("the workspace itself was changed"),
        Rung::Landlock | Rung::Refuse if untouched => wrong("the workspace was not changed"),
        Rung::Landlock | Rung::Refuse => Ok(()),
        Rung::Overlay | Rung::Copy => {
            let Some(upper) = &finished.upper else { return wrong("there is no upper layer") };
            let upper = &upper.directory;
            let made =
                rustix::fs::openat(upper, MADE, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?;
            if io::read_to_string(fs::File::from(made))? != "made" {
                return wrong("a made file has another content afterwards");
            }
            let deleted = rustix::fs::statat(upper, DELETED, AtFlags::SYMLINK_NOFOLLOW);
            match (rung, deleted) {
                (Rung::Copy, Err(rustix::io::Errno::NOENT)) => Ok(()),
                (Rung::Overlay, Ok(found))
                    if FileType::from_raw_mode(found.st_mode) == FileType::CharacterDevice =>
                {
                    Ok(())
                }
                (_, _) => wrong("a deleted file is not marked as deleted"),
            }
        }
    }
}

/// A directory for one trial, removed after it.
struct Workspace {
    path: PathBuf,
}

impl Workspace {
    fn make() -> io::Result<Self> {
        use std::os::unix::fs::DirBuilderExt;
        let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
        let name = format!("checkrein-trial-{}-{}", std::process::id(), now.tv_nsec);
        let path = std::env::temp_dir().canonicalize()?.join(name);
        fs::DirBuilder::new().mode(0o700).create(&path)?;
        let made = Self { path };
        fs::write(made.path.join(DELETED), "")?;
        fs::create_dir(made.path.join(REPLACED))?;
        fs::write(made.path.join(REPLACED).join(DELETED), "")?;
        if rustix::process::geteuid().is_root() {
            made.give_away();
        }
        Ok(made)
    }
}

impl Workspace {
    /// Under root a rung is tried as it is meant to be used: with a workspace that is not root's.
    fn give_away(&self) {
        const NOBODY: u32 = 65_534;
        let inner = self.path.join(REPLACED);
        let all = [inner.join(DELETED), inner, self.path.join(DELETED), self.path.clone()];
        for path in all {
            // Where nobody else exists, as in some containers, it stays root's.
            let _nobody_else = chown(path, Some(NOBODY), Some(NOBODY));
        }
    }
}

impl Drop for Workspace {
    fn drop(&mut self) {
        // What cannot be removed stays in the directory for temporary files.
        let _left = fs::remove_dir_all(&self.path);
    }
}
