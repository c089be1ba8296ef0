//! Tests of files tools on real directories: tables for each tool, escapes, races, crashes, undo, plans of commands.
//!
//! They use the functions below the permits; that a permit is needed to get there is shown in `gate`.

mod between;
mod crash;
pub(super) mod cuts;
mod equality;
mod escapes;
mod kinds;
mod limits;
mod races;
mod recovery;
mod stopping;
mod tables;
mod undo;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::time::{Duration, Instant};

use domain::{CallId, Name, Plan, RunId, ToolName};
use gate::{Invocation, Recovered, Reply, ToolError, Unfinished};
use serde_json::Value;
use tempfile::TempDir;
use uuid::Uuid;

use super::act;
use super::answer::reply;
use super::plan::preview;
use super::problem::Problem;
use super::reading::read;
use super::recover;
use super::workspace::Workspace;

/// A workspace in a directory of its own, next to an `outside` that nothing may reach.
struct World {
    directory: TempDir,
    workspace: Workspace,
}

/// Everything that stands in a directory: mode and content, `/` for a directory, `-> target` for a link.
type Tree = BTreeMap<String, (u32, String)>;

impl World {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("root")).unwrap();
        fs::create_dir(directory.path().join("outside")).unwrap();
        fs::write(directory.path().join("outside/secret"), "secret").unwrap();
        let workspace = Workspace::open(&directory.path().join("root")).unwrap();
        Self { directory, workspace }
    }

    /// With files (`path` and content), directories (`path/`) and links (`path` and `-> target`).
    fn with(things: &[(&str, &str)]) -> Self {
        let world = Self::new();
        for (path, content) in things {
            world.put(path, content);
        }
        world
    }

    fn put(&self, path: &str, content: &str) {
        let at = self.path(path);
        if path.ends_with('/') {
            fs::create_dir_all(&at).unwrap();
            return;
        }
        fs::create_dir_all(at.parent().unwrap()).unwrap();
        match content.strip_prefix("-> ") {
            Some(target) => symlink(target, &at).unwrap(),
            None => fs::write(&at, content).unwrap(),
        }
    }

    fn path(&self, path: &str) -> std::path::PathBuf {
        self.directory.path().join("root").join(path)
    }

    fn tree(&self) -> Tree {
        tree(&self.directory.path().join("root"))
    }

    fn outside(&self) -> Tree {
        tree(&self.directory.path().join("outside"))
    }

    fn preview(&self, tool: &str, arguments: Value) -> Result<Plan, Problem> {
        preview(&self.workspace, &invocation(tool, arguments))
    }

    fn act(&self, tool: &str, arguments: Value, plan: &Plan) -> Result<Reply, ToolError> {
        act(&self.workspace, &invocation(tool, arguments), plan)
    }

    /// Preview and act.
    fn run(&self, tool: &str, arguments: Value) -> Result<(Plan, Reply), ToolError> {
        let plan = self.preview(tool, arguments.clone()).map_err(Problem::not_executed)?;
        let reply = self.act(tool, arguments, &plan)?;
        Ok((plan, reply))
    }

    fn read(&self, tool: &str, arguments: Value) -> Result<Value, Problem> {
        let deadline = Instant::now() + Duration::from_secs(60);
        read(&self.workspace, &invocation(tool, arguments), deadline).map(|reply| reply.output)
    }
}

fn invocation(tool: &str, arguments: Value) -> Invocation {
    Invocation {
        tool: tool.parse::<ToolName>().unwrap(),
        arguments,
        tenant: "t".parse::<Name>().unwrap(),
        space: "s".parse::<Name>().unwrap(),
        agent: "a".parse::<Name>().unwrap(),
        run: RunId::new(Uuid::from_u128(7)),
        call: CallId::new(Uuid::from_u128(9)),
        basis: None,
        scopes: Vec::new(),
        command: None,
        upstream: None,
        input: None,
        over: Vec::new(),
    }
}

/// An act as the tool does it below its permit.
fn act(workspace: &Workspace, invocation: &Invocation, plan: &Plan) -> Result<Reply, ToolError> {
    let effects = act::act(workspace, invocation.call, plan)?;
    Ok(reply(invocation, plan, effects))
}

/// A recovery as the tool does it.
fn recover(workspace: &Workspace, unfinished: &Unfinished) -> Recovered {
    let answer = |plan: &Plan, effects| reply(&unfinished.invocation, plan, effects);
    recover::recover(workspace, unfinished, answer)
}

fn undo_of(plan: &Plan) -> Invocation {
    let call = CallId::new(Uuid::from_u128(9)).to_string();
    let undo = invocation("checkrein.undo", serde_json::json!({ "call": call }));
    Invocation { call: CallId::new(Uuid::from_u128(10)), basis: Some(plan.inverse()), ..undo }
}

fn tree(top: &Path) -> Tree {
    let mut found = Tree::new();
    let mut open = vec![top.to_owned()];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            let metadata = fs::symlink_metadata(&path).unwrap();
            let content = if metadata.is_symlink() {
                format!("-> {}", fs::read_link(&path).unwrap().display())
            } else if metadata.is_dir() {
                open.push(path.clone());
                "/".to_owned()
            } else if metadata.is_file() {
                String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned()
            } else {
                "special".to_owned()
            };
            let name = path.strip_prefix(top).unwrap().display().to_string();
            found.insert(name, (metadata.mode() & 0o7777, content));
        }
    }
    found
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}
