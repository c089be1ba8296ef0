//! Workspaces, orders and jails for tests.
//!
//! In: what a test wants to change of a plain order. Out: the order run by the development jail binary, with the upper
//! layer as a listing. Everything is below a directory that the test's user can reach and that is removed after it.

use std::collections::BTreeMap;
use std::fs;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use checkrein_runner::{Access, Ended, Error, Finished, Jailer, Limits, Order, Rung, Upper};

/// A directory with a workspace in it, and the order to run in it.
pub(crate) struct Place {
    pub(crate) root: tempfile::TempDir,
    pub(crate) order: Order,
}

/// Where the programs of these tests are, when they were copied for another user.
pub(crate) const PROGRAMS: &str = "RUNNER_TEST_PROGRAMS";

fn program(name: &str, built: &str) -> PathBuf {
    std::env::var_os(PROGRAMS).map_or_else(|| built.into(), |at| Path::new(&at).join(name))
}

pub(crate) fn jail_program() -> PathBuf {
    program("checkrein-jail", env!("CARGO_BIN_EXE_checkrein-jail"))
}

pub(crate) fn escapes_program() -> PathBuf {
    program("escapes", env!("CARGO_BIN_EXE_escapes"))
}

pub(crate) fn jailer() -> Jailer {
    Jailer::new(jail_program())
}

/// Runs one attack in a jail.
pub(crate) async fn payload(order: &Order, attack: &str, about: &str) -> Result<Finished, Error> {
    let mut order = order.clone();
    order.program = escapes_program();
    let owner = |path: &Path| fs::metadata(path).unwrap().uid();
    if order.rung == Rung::Landlock && owner(&order.program) == owner(&order.workspace) {
        // A program of the command's own cannot be a path to read there.
        order.program = order.workspace.join("escapes-program");
        fs::copy(escapes_program(), &order.program).unwrap();
    } else {
        order.reads.push(escapes_program());
    }
    order.arguments = vec![attack.into(), about.into()];
    jailer().run(order, None).await
}

/// A place with an empty workspace.
pub(crate) fn place() -> Place {
    let root = tempfile::tempdir().unwrap();
    // So that only the jail keeps a command from what is beside its workspace.
    fs::set_permissions(root.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let workspace = root.path().canonicalize().unwrap().join("workspace");
    fs::create_dir(&workspace).unwrap();
    let limits =
        Limits { wall: Duration::from_secs(30), upper_bytes: 64 << 20, ..Limits::default() };
    let order = Order { limits, ..Order::of("sh", workspace) };
    Place { root, order }
}

impl Place {
    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.order.workspace.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// A directory beside the workspace.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        let path = self.root.path().canonicalize().unwrap().join(name);
        fs::create_dir_all(&path).unwrap();
        path
    }

    pub(crate) async fn shell(&self, script: &str) -> Finished {
        self.try_shell(script).await.unwrap()
    }

    pub(crate) async fn try_shell(&self, script: &str) -> Result<Finished, Error> {
        let mut order = self.order.clone();
        order.program = "/bin/sh".into();
        order.arguments = vec!["-c".into(), script.into()];
        jailer().run(order, None).await
    }
}

/// Takes an order to a rung, if this test may use it: namespaces may be switched off, and on rung landlock nobody runs
/// who owns the system.
pub(crate) fn on(place: &mut Place, rung: Rung) -> bool {
    place.order.rung = rung;
    place.order.access = match rung {
        Rung::Overlay => Access::Overlay { layers: Vec::new() },
        Rung::Copy => Access::Copy,
        Rung::Landlock | Rung::Refuse => Access::Direct,
    };
    if rung != Rung::Landlock {
        return std::env::var_os("RUNNER_TEST_WITHOUT_NAMESPACES").is_none();
    }
    let owner = fs::metadata("/usr").unwrap().uid();
    if fs::metadata(&place.order.workspace).unwrap().uid() == owner {
        // Root's own workspace: it becomes somebody else's, with everything around it that was made for the test.
        let all = [place.root.path().to_owned(), place.order.workspace.clone()];
        let inner = fs::read_dir(&place.order.workspace).unwrap().map(|one| one.unwrap().path());
        let beside = fs::read_dir(place.root.path()).unwrap().map(|one| one.unwrap().path());
        for path in all.into_iter().chain(inner).chain(beside) {
            std::os::unix::fs::lchown(path, Some(4321), Some(4321)).unwrap();
        }
    }
    true
}

pub(crate) fn out(finished: &Finished) -> String {
    String::from_utf8_lossy(&finished.stdout.bytes).into_owned()
}

pub(crate) fn err(finished: &Finished) -> String {
    String::from_utf8_lossy(&finished.stderr.bytes).into_owned()
}

/// Fails with what the command said.
#[track_caller]
pub(crate) fn assert_code(finished: &Finished, code: i32) {
    assert_eq!(
        finished.ended,
        Ended::Exited(code),
        "out: {} err: {}",
        out(finished),
        err(finished)
    );
}

/// What is in an upper layer: paths with `dir`, `gone`, `-> target` or the content.
pub(crate) fn listing(upper: &Option<Upper>) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let directory = &upper.as_ref().unwrap().directory;
    walk(&through(directory), "", &mut found);
    found
}

/// A path to an open directory.
pub(crate) fn through(directory: &OwnedFd) -> PathBuf {
    use std::os::fd::AsRawFd;
    PathBuf::from(format!("/proc/{}/fd/{}/", std::process::id(), directory.as_raw_fd()))
}

fn walk(directory: &Path, prefix: &str, found: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(directory).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        let metadata = fs::symlink_metadata(entry.path()).unwrap();
        let kind = metadata.file_type();
        let text = if kind.is_char_device() && metadata.rdev() == 0 {
            "gone".into()
        } else if kind.is_symlink() {
            format!("-> {}", fs::read_link(entry.path()).unwrap().display())
        } else if kind.is_dir() {
            walk(&entry.path(), &format!("{name}/"), found);
            "dir".into()
        } else {
            fs::read_to_string(entry.path()).unwrap_or_else(|_| "unreadable".into())
        };
        found.insert(name, text);
    }
}

/// As [`listing`], for comparing.
pub(crate) fn list(lines: &[(&str, &str)]) -> BTreeMap<String, String> {
    lines.iter().map(|(path, text)| ((*path).into(), (*text).into())).collect()
}
