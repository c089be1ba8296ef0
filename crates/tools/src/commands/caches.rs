//! Where Checkrein keeps what commands may keep: caches, and layers for previews on top of each other.
//!
//! In: a private directory. Out: one directory for each tenant, space and cache path, mounted over that path in the
//! jail and never part of a plan; and names for layers. Two spaces never share a cache. What an agent's command wrote
//! into a cache is trusted only by later commands of the same space, which run in a jail themselves.
//! Tests: `tests/caches.rs`.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use domain::{Name, limits};
use rustix::fs::{AtFlags, CWD, Gid, Mode, OFlags, Stat, Uid};
use rustix::io::Errno;

use super::layer;

/// Only Checkrein's own user may look in.
const PRIVATE: u32 = 0o700;
const OTHERS_WRITE: u32 = 0o022;

/// The private directory that caches and layers stand in.
#[derive(Debug)]
pub struct CacheHome {
    path: PathBuf,
    layers: AtomicU64,
    /// Bytes that must stay free on its disk.
    pub(super) free_min: u64,
}

/// Why there can be no caches. The operator's to repair.
#[derive(Debug, thiserror::Error)]
#[error(
    "the directory for caches `{path}` cannot be used: {why}; expected one that only checkrein's user may write to"
)]
pub struct CacheError {
    path: String,
    why: String,
}

impl CacheHome {
    /// Opens the directory, or makes it; what stands above it must be there. Layers that a crash left are removed:
    /// only one process may use a directory at one time.
    ///
    /// # Errors
    /// It cannot be made or is not private. The operator's.
    pub fn open(path: PathBuf) -> Result<Self, CacheError> {
        let wrong =
            |errno: Errno| CacheError { path: path.display().to_string(), why: errno.to_string() };
        private(&path).map_err(wrong)?;
        let stat = rustix::fs::stat(&path).map_err(wrong)?;
        if stat.st_uid != rustix::process::geteuid().as_raw() || stat.st_mode & OTHERS_WRITE != 0 {
            return Err(wrong(Errno::PERM));
        }
        let path = std::fs::canonicalize(&path)
            .map_err(|error| wrong(Errno::from_io_error(&error).unwrap_or(Errno::IO)))?;
        let layers = path.join("layers");
        match layer::remove(&layers) {
            Ok(()) | Err(Errno::NOENT) => {}
            Err(errno) => return Err(wrong(errno)),
        }
        private(&layers).map_err(wrong)?;
        private(&path.join("caches")).map_err(wrong)?;
        Ok(Self { path, layers: AtomicU64::new(0), free_min: limits::CACHE_DISK_FREE_MIN })
    }

    /// The directory of one cache, made if it is not there, for the owner of the workspace.
    pub(super) fn cache(
        &self,
        (tenant, space): (&Name, &Name),
        inside: &Path,
        owner: &Stat,
    ) -> Result<PathBuf, Errno> {
        // Names of tenants and spaces hold no zero byte, so no two caches share a digest.
        let name = format!("{tenant}\0{space}\0{}", inside.display());
        let path = self.path.join("caches").join(contract::digest(name.as_bytes()).to_string());
        if private(&path)? == Made::New && rustix::process::geteuid().is_root() {
            let (user, group) = (Uid::from_raw(owner.st_uid), Gid::from_raw(owner.st_gid));
            rustix::fs::chownat(CWD, &path, Some(user), Some(group), AtFlags::SYMLINK_NOFOLLOW)?;
        }
        Ok(path)
    }

    /// Resolves when the disk has too little room left; never, as long as it has.
    pub(super) async fn runs_full(&self) {
        let mut looks = tokio::time::interval(limits::CACHE_DISK_CHECKED_EVERY);
        loop {
            looks.tick().await;
            let free = rustix::fs::statvfs(&self.path)
                .map_or(0, |disk| disk.f_bavail.saturating_mul(disk.f_frsize));
            if free < self.free_min {
                return;
            }
        }
    }

    /// A name for a layer, used once.
    pub(super) fn layer(&self) -> PathBuf {
        let number = self.layers.fetch_add(1, Ordering::Relaxed);
        self.path.join("layers").join(number.to_string())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Made {
    New,
    Before,
}

/// Makes a private directory, or makes sure that what stands there is one.
fn private(path: &Path) -> Result<Made, Errno> {
    match rustix::fs::mkdirat(CWD, path, Mode::from_raw_mode(PRIVATE)) {
        Ok(()) => return Ok(Made::New),
        Err(Errno::EXIST) => {}
        Err(errno) => return Err(errno),
    }
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    rustix::fs::openat(CWD, path, flags, Mode::empty()).map(|_| Made::Before)
}
