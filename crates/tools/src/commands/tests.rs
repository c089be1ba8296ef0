//! Tests of commands with the real jail, below the permits; that a permit is needed is shown in `gate`.
//!
//! Each world is a workspace in a directory of its own, next to an `outside` that nothing may reach. Commands are
//! shell scripts where a test wants to do several things: that a contract never starts a shell unasked is
//! `contract`'s to test.

mod caches;
mod changes;
mod equality;
mod git;
mod limits;
mod meanwhile;
mod ordinary;
mod recovery;
mod rungs;
mod stacking;
mod stopping;

use std::collections::BTreeMap;
use std::future::Future;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use domain::{
    CallId, Change, CommandFacts, CommandLine, FileState, JailNeeds, Name, Node, Plan, Profile,
    RunId,
};
use gate::{Invocation, Reply, StopSignal, ToolError};
use runner::{Finding, Jailer, Ladder, Rung};
use serde_json::{Value, json};
use tempfile::TempDir;
use uuid::Uuid;

use super::problem::Trouble;
use super::run::Attempt;
use super::{CacheHome, Commands};
use crate::workspaces::{Root, Workspaces};

/// Far beyond what any command of a test takes.
const TIMEOUT: Duration = Duration::from_secs(60);
/// A user that no test machine has anything of.
const ORDINARY: u32 = 61_234;

struct World {
    directory: TempDir,
    commands: Arc<Commands>,
}

/// Everything that stands in a directory: mode and content, `/` for a directory, `-> target` for a link.
type Tree = BTreeMap<String, (u32, Vec<u8>)>;

/// The program of this package whose `main` begins with `runner::entry`; built with the integration tests.
fn jail() -> PathBuf {
    let harness = std::env::current_exe().unwrap();
    let built = harness.ancestors().nth(2).unwrap().join("checkrein-tools-jail");
    assert!(built.exists(), "`{}` is missing; run the tests of the whole package", built.display());
    built
}

/// Waits for something of the tool's.
fn wait<T>(work: impl Future<Output = T>) -> T {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.unwrap().block_on(work)
}

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

fn line(program: &str, arguments: &[&str]) -> CommandLine {
    CommandLine {
        program: program.to_owned(),
        arguments: arguments.iter().map(|word| (*word).to_owned()).collect(),
        needs: JailNeeds::default(),
        profile: Profile::Plain,
        remote: None,
        facts: CommandFacts { program: program.to_owned(), role: None, starts_programs: true },
    }
}

fn call(command: CommandLine) -> Invocation {
    Invocation {
        tool: "command.run".parse().unwrap(),
        arguments: json!({}),
        tenant: name("t"),
        space: name("s"),
        agent: name("a"),
        run: RunId::new(Uuid::from_u128(7)),
        call: CallId::new(Uuid::from_u128(9)),
        basis: None,
        scopes: vec!["workspace:**".parse().unwrap()],
        command: Some(command),
        upstream: None,
        input: None,
        over: Vec::new(),
    }
}

fn script(text: &str) -> Invocation {
    call(line("sh", &["-ec", text]))
}

impl World {
    /// A workspace that belongs to the user of the test, on the overlay rung.
    fn new() -> Self {
        Self::on(Rung::Overlay)
    }

    fn on(rung: Rung) -> Self {
        let directory = tempfile::tempdir().unwrap();
        for path in ["root", "outside"] {
            std::fs::create_dir(directory.path().join(path)).unwrap();
        }
        std::fs::write(directory.path().join("outside/secret"), "secret").unwrap();
        let root = directory.path().join("root");
        let workspaces = Workspaces::open([(name("t"), name("s"), root)]).unwrap();
        let mut home = CacheHome::open(directory.path().join("home")).unwrap();
        // However full the disk of the test machine is.
        home.free_min = 0;
        let findings = vec![Finding { step: "test".to_owned(), works: true, why: String::new() }];
        let ladder = Ladder { rung, findings };
        let commands = Commands::new(Arc::new(workspaces), Jailer::new(jail()), ladder, home);
        Self { directory, commands: Arc::new(commands) }
    }

    /// What a shell script leaves when it is run directly in the workspace.
    fn with(script: &str) -> Self {
        let world = Self::new();
        direct(&world.path(""), script);
        world
    }

    /// The workspace belongs to an ordinary user, as which commands run, if the test is run by root.
    fn given_away(self) -> Self {
        if rustix::process::geteuid().is_root() {
            give(&self.path(""), ORDINARY);
            // Where commands run as somebody else, the way to the workspace must be open.
            std::fs::set_permissions(self.directory.path(), PermissionsExt::from_mode(0o755))
                .unwrap();
        }
        self
    }

    fn path(&self, path: &str) -> PathBuf {
        self.directory.path().join("root").join(path)
    }

    fn tree(&self) -> Tree {
        tree(&self.path(""))
    }

    fn root(&self) -> Arc<Root> {
        self.commands.workspaces.root(&name("t"), &name("s")).unwrap()
    }

    fn preview(&self, invocation: &Invocation) -> Result<Plan, Trouble> {
        self.preview_within(invocation, TIMEOUT)
    }

    fn preview_within(&self, invocation: &Invocation, timeout: Duration) -> Result<Plan, Trouble> {
        wait(self.commands.plan(&attempt(invocation, timeout), None))
    }

    fn apply(&self, plan: &Plan) -> Result<Reply, ToolError> {
        super::apply(&self.root(), CallId::new(Uuid::from_u128(9)), (plan, &StopSignal::never()))
    }

    fn read(&self, invocation: &Invocation) -> Result<Reply, Trouble> {
        wait(self.commands.answer(&attempt(invocation, TIMEOUT)))
    }

    /// Runs a call that has no plan.
    fn live(&self, invocation: &Invocation) -> Result<Reply, ToolError> {
        wait(self.commands.without_plan(&attempt(invocation, TIMEOUT)))
    }

    /// Preview and apply.
    fn run(&self, text: &str) -> (Plan, Reply) {
        let plan =
            self.preview(&script(text)).unwrap_or_else(|trouble| panic!("{text}: {trouble}"));
        let reply = self.apply(&plan).unwrap_or_else(|error| panic!("{text}: {error}\n{plan:?}"));
        (plan, reply)
    }
}

fn attempt(invocation: &Invocation, timeout: Duration) -> Attempt<'_> {
    Attempt { invocation, timeout, allowed: &|| Ok(()), signal: StopSignal::never(), watch: None }
}

/// Runs a script in a directory without any jail, as the owner of the directory. Root's has no more rights than a
/// command of root's in a jail: none that an ordinary user lacks.
fn direct(directory: &Path, script: &str) {
    use std::os::unix::process::CommandExt;
    let owner = std::fs::metadata(directory).unwrap();
    let mut command = match rustix::process::geteuid().is_root() && owner.uid() == 0 {
        true => Command::new("setpriv"),
        false => Command::new("env"),
    };
    if command.get_program() == "setpriv" {
        command.args(["--bounding-set=-all", "--inh-caps=-all"]);
    }
    command.args(["sh", "-ec", script]).current_dir(directory).env("LC_ALL", "C.UTF-8");
    if owner.uid() != rustix::process::geteuid().as_raw() {
        command.uid(owner.uid()).gid(owner.gid());
    }
    let done = command.output().unwrap();
    assert!(done.status.success(), "{script}: {}", String::from_utf8_lossy(&done.stderr));
}

fn give(path: &Path, user: u32) {
    chown(path, Some(user), Some(user)).unwrap();
    for entry in std::fs::read_dir(path).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.is_symlink() {
            give(&path, user);
        } else {
            std::os::unix::fs::lchown(&path, Some(user), Some(user)).unwrap();
        }
    }
}

fn tree(top: &Path) -> Tree {
    let mut found = Tree::new();
    let mut open = vec![top.to_owned()];
    while let Some(directory) = open.pop() {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            let metadata = std::fs::symlink_metadata(&path).unwrap();
            let content = if metadata.is_symlink() {
                format!("-> {}", std::fs::read_link(&path).unwrap().display()).into_bytes()
            } else if metadata.is_dir() {
                open.push(path.clone());
                b"/".to_vec()
            } else if metadata.is_file() {
                std::fs::read(&path).unwrap()
            } else {
                b"special".to_vec()
            };
            let name = path.strip_prefix(top).unwrap().display().to_string();
            found.insert(name, (metadata.mode() & 0o7777, content));
        }
    }
    found
}

/// A plan in short lines: `+ path`, `- path`, `~ path`, `m path 0755`, `> to < from`, `! path` for another kind.
fn lines(plan: &Plan) -> Vec<String> {
    plan.changes.iter().map(short).collect()
}

fn short(change: &Change) -> String {
    let path = &change.path;
    let kind = |state: &FileState| std::mem::discriminant(&state.node);
    let end = |state: &FileState| if matches!(state.node, Node::Directory) { "/" } else { "" };
    match (&change.before, &change.after, &change.moved_from) {
        (None, Some(_), Some(from)) => format!("> {path} < {from}"),
        (None, Some(after), None) => format!("+ {path}{}", end(after)),
        (Some(before), None, _) => format!("- {path}{}", end(before)),
        (Some(before), Some(after), _) if kind(before) != kind(after) => {
            format!("! {path}{}", end(after))
        }
        (Some(before), Some(after), _) if before.mode != after.mode => {
            format!("m {path} {:04o}", after.mode)
        }
        (Some(_), Some(_), _) => format!("~ {path}"),
        (None, None, _) => format!("? {path}"),
    }
}

fn output<'v>(reply: &'v Reply, field: &str) -> &'v Value {
    reply.output.get(field).unwrap_or(&Value::Null)
}
