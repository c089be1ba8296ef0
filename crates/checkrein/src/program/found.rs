//! Where programs and their libraries lie: what a name on the path leads to, and the directory that has to be read for it.
//!
//! In: names and paths. Out: absolute paths with links resolved. System directories are in every jail anyway; a home, or
//! anything above one, is never given as a whole.

use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Directories that a jail has by itself.
const SYSTEM: [&str; 6] = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64"];
/// Directories that nobody gives as a whole.
const WHOLE: [&str; 14] = [
    "/", "/home", "/root", "/etc", "/var", "/tmp", "/run", "/proc", "/sys", "/dev", "/opt", "/srv",
    "/mnt", "/Users",
];
/// What marks the directory of a project.
const MARKS: [&str; 6] =
    ["package.json", "pyproject.toml", "node_modules", ".venv", "Cargo.toml", "deno.json"];
/// Bytes of a first line that are looked at.
const FIRST_LINE_BYTES: usize = 256;

/// Whether a jail has this by itself.
pub(super) fn is_system(path: &Path) -> bool {
    SYSTEM.iter().any(|place| path.starts_with(place))
}

/// Whether a directory holds more than one thing may be given of.
pub(super) fn is_too_wide(path: &Path, home: &Path) -> bool {
    WHOLE.iter().any(|place| path == Path::new(place)) || home.starts_with(path)
}

/// A program by name or path, links resolved.
pub(super) fn program(word: &str, path: &str, directory: &Path) -> Option<PathBuf> {
    let candidates: Vec<PathBuf> = if word.contains('/') {
        vec![directory.join(word)]
    } else {
        std::env::split_paths(path).map(|place| place.join(word)).collect()
    };
    candidates.into_iter().find(|found| is_executable(found))
}

fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path)
        .is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

/// The program that a script names in its first line.
pub(super) fn interpreter(script: &Path, path: &str) -> Option<PathBuf> {
    let mut first = [0_u8; FIRST_LINE_BYTES];
    let read = std::fs::File::open(script).ok()?.read(&mut first).ok()?;
    let text = String::from_utf8_lossy(first.get(..read)?).into_owned();
    let line = text.strip_prefix("#!")?.lines().next()?;
    let mut words = line.split_whitespace();
    let named = words.next()?;
    if !named.ends_with("/env") {
        return Some(PathBuf::from(named));
    }
    let word = words.find(|word| !word.starts_with('-'))?;
    program(word, path, Path::new("/"))
}

/// The program itself, if the path leads to it by links that no jail has.
pub(super) fn without_links(program: PathBuf) -> PathBuf {
    if is_system(&program) {
        return program;
    }
    program.canonicalize().unwrap_or(program)
}

/// The environment of Python that an interpreter belongs to, and that it finds by its own path.
pub(super) fn environment(program: &Path) -> Option<PathBuf> {
    let above = program.parent()?.parent()?;
    above.join("pyvenv.cfg").is_file().then(|| above.to_owned())
}

/// What has to be read so that a program runs: the directory above its `bin`, or its own.
pub(super) fn prefix(program: &Path) -> Option<PathBuf> {
    let real = program.canonicalize().ok()?;
    let own = real.parent()?;
    let above = own.ends_with("bin").then(|| own.parent()).flatten();
    Some(above.unwrap_or(own).to_owned())
}

/// What has to be read so that a script runs: its project, or its own directory.
pub(super) fn project(script: &Path, home: &Path) -> Option<PathBuf> {
    let real = script.canonicalize().ok()?;
    let own = real.parent()?;
    let marked = |place: &&Path| MARKS.iter().any(|mark| place.join(mark).exists());
    // A package in `node_modules` needs its neighbours too.
    if let Some(modules) = own.ancestors().filter(|place| place.ends_with("node_modules")).last() {
        return Some(modules.to_owned());
    }
    let near = own.ancestors().take_while(|place| !is_too_wide(place, home)).find(marked);
    Some(near.unwrap_or(own).to_owned())
}
