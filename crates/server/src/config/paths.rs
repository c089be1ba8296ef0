//! Paths of configuration: relative to what, where the home is, and whether one contains another.
//! In: paths as written. Out: absolute paths with links resolved as far as they exist, because what contains what is
//! decided by where things really lie.

use std::path::{Component, Path, PathBuf};

use super::Source;

/// The directories that defaults start from.
#[derive(Debug)]
pub(super) struct Homes {
    home: PathBuf,
    /// `$XDG_STATE_HOME/checkrein` or what stands for it.
    pub(super) state: PathBuf,
    /// `$XDG_CONFIG_HOME/checkrein` or what stands for it.
    pub(super) config: PathBuf,
}

impl Homes {
    pub(super) fn of(source: &Source) -> Self {
        let absolute = |name: &str| {
            let given = source.environment.get(name).map(PathBuf::from);
            given.filter(|path| path.is_absolute())
        };
        let home = absolute("HOME").unwrap_or_else(|| source.directory.clone());
        let under = |name, inside: &str| absolute(name).unwrap_or_else(|| home.join(inside));
        Self {
            state: under("XDG_STATE_HOME", ".local/state").join("checkrein"),
            config: under("XDG_CONFIG_HOME", ".config").join("checkrein"),
            home,
        }
    }

    /// A path as written: `~/` is the home, everything relative starts at `base`.
    pub(super) fn resolve(&self, written: &str, base: &Path) -> PathBuf {
        let path = match written.strip_prefix("~/") {
            Some(rest) => self.home.join(rest),
            None => base.join(written),
        };
        real(&path)
    }

    /// A path as written, links and all; `~/` is the home.
    pub(super) fn written(&self, written: &str) -> String {
        match written.strip_prefix("~/") {
            Some(rest) => self.home.join(rest).display().to_string(),
            None => written.to_owned(),
        }
    }
}

/// The path with every link resolved as far as it exists; what does not exist yet is kept as written.
pub(super) fn real(path: &Path) -> PathBuf {
    let clean = without_dots(path);
    let mut missing = Vec::new();
    let mut there = clean.as_path();
    loop {
        if let Ok(real) = there.canonicalize() {
            return missing.iter().rev().fold(real, |path, name| path.join(name));
        }
        let (Some(parent), Some(name)) = (there.parent(), there.file_name()) else { return clean };
        missing.push(name);
        there = parent;
    }
}

fn without_dots(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                clean.pop();
            }
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => clean.push(part),
        }
    }
    clean
}
