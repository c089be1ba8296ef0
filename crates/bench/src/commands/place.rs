//! A workspace with a repository, and a gate over it that runs commands as a server's does.
//!
//! In: how many files. Out: calls of an agent, to their answers. Every policy permits: what is measured is the way, not
//! the rules. Everything is removed with the place.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use contract::Installation;
use domain::{CommandRole, JailNeeds, NamedCommand, Proposal, Status};
use gate::{Gate, Rules, Secret, Tool};
use journal::Sqlite;
use policy::{PolicySet, Source};
use runner::{Jailer, Rung};
use serde_json::Value;
use tempfile::TempDir;
use tools::commands::{CacheHome, Commands};
use tools::files::Files;
use tools::workspaces::Workspaces;

use crate::Outcome;
use crate::installation::{agent, gate_to, name, store};
use crate::world::Clock;

const PERMIT: &str = "@id(\"all\") permit (principal, action, resource);";
/// Files in one directory.
const DIRECTORY_FILES: usize = 100;

/// A workspace and its gate.
pub(super) struct Place {
    directory: TempDir,
    caller: Arc<Caller>,
    no_preview: Option<String>,
}

/// An agent at a gate.
pub(super) struct Caller {
    gate: Gate<Sqlite, Clock>,
    agent: Secret,
}

impl Place {
    /// Makes both, with so many files, committed.
    pub(super) async fn make(files: usize) -> Outcome<Self> {
        let directory = tempfile::tempdir()?;
        let workspace = directory.path().join("workspace");
        fill(&workspace, files)?;
        let root = (name("local")?, name("work")?, workspace.clone());
        let workspaces = Arc::new(Workspaces::open([root])?);
        let jailer = Jailer::new(std::env::current_exe()?);
        let ladder = jailer.probe().await;
        let no_preview = match ladder.rung {
            Rung::Overlay => None,
            Rung::Copy | Rung::Landlock | Rung::Refuse => {
                Some(format!("the jail is of the kind `{}` here", ladder.rung.word()))
            }
        };
        let home = CacheHome::open(directory.path().join("caches"))?;
        let files_tools: Arc<dyn Tool> = Arc::new(Files::of(Arc::clone(&workspaces)));
        let commands: Arc<dyn Tool> = Arc::new(Commands::new(workspaces, jailer, ladder, home));
        let tools = vec![
            ("command.".to_owned(), Arc::clone(&commands)),
            ("git.".to_owned(), commands),
            ("files.".to_owned(), files_tools),
        ];
        // Calls name no run, so the workflow is the one of such calls.
        let gate = gate_to(store(directory.path())?, rules()?, (tools, "default")).await?;
        let agent = agent(&gate).await?;
        Ok(Self { directory, caller: Arc::new(Caller { gate, agent }), no_preview })
    }

    /// Why nothing can be previewed on this machine.
    pub(super) fn no_preview(&self) -> Option<&str> {
        self.no_preview.as_deref()
    }

    pub(super) fn workspace(&self) -> std::path::PathBuf {
        self.directory.path().join("workspace")
    }

    pub(super) fn read(&self, file: &str) -> Outcome<Vec<u8>> {
        Ok(fs::read(self.workspace().join(file))?)
    }

    /// The agent, for a task of its own.
    pub(super) fn caller(&self) -> Arc<Caller> {
        Arc::clone(&self.caller)
    }

    /// One call to its end, which must be success.
    pub(super) async fn call(&self, tool: &str, arguments: Value) -> Outcome<()> {
        self.caller.call(tool, arguments).await
    }
}

impl Caller {
    /// One call to its end, which must be success.
    pub(super) async fn call(&self, tool: &str, arguments: Value) -> Outcome<()> {
        let answer = self.gate.handle(&self.agent, proposal(tool, arguments)).await;
        let exit_code = answer.output.as_ref().and_then(|output| output.get("exit_code"));
        match (answer.status, exit_code.and_then(Value::as_i64)) {
            (Status::Succeeded, Some(0)) => Ok(()),
            _ => Err(format!("`{tool}` did not succeed: {answer:?}").into()),
        }
    }
}

fn proposal(tool: &str, arguments: Value) -> Proposal {
    Proposal {
        intent: Some("to measure".to_owned()),
        // Else an identical call would be given the answer that nobody took delivery of.
        key: Some(uuid::Uuid::now_v7().to_string()),
        ..Proposal::bare(tool.to_owned(), arguments)
    }
}

fn rules() -> Outcome<Rules> {
    let named = |program: &str| NamedCommand {
        program: program.to_owned(),
        arguments: Vec::new(),
        role: Some(CommandRole::Build),
        needs: JailNeeds::default(),
    };
    let installation = Installation::new(vec![named("cp"), named("sleep")], Vec::new())
        .map_err(|unfit| format!("{unfit:?}"))?;
    let catalogue = contract::load::installed(&contract::builtin::FILES, &installation)?;
    let sources = [Source { file: "bench.cedar".to_owned(), text: PERMIT.to_owned() }];
    let policies = PolicySet::load_compiled(&sources, catalogue.iter().map(|one| &**one))?;
    Ok(Rules::new(catalogue, policies))
}

/// Makes the files and commits them.
fn fill(workspace: &Path, files: usize) -> Outcome<()> {
    fs::create_dir(workspace)?;
    for number in 0..files {
        let directory = workspace.join(format!("d{:04}", number / DIRECTORY_FILES));
        if number % DIRECTORY_FILES == 0 {
            fs::create_dir(&directory)?;
        }
        fs::write(directory.join(format!("f{number}")), format!("file {number}\n"))?;
    }
    fs::write(workspace.join("one"), "one\n".repeat(100))?;
    fs::write(workspace.join("two"), "two\n".repeat(100))?;
    for words in [
        &["init", "--quiet", "--initial-branch=main"][..],
        &["add", "--all"],
        &[
            "-c",
            "user.name=bench",
            "-c",
            "user.email=bench@localhost",
            "commit",
            "--quiet",
            "-m",
            "begin",
        ],
    ] {
        let status = Command::new("git").args(words).current_dir(workspace).status()?;
        if !status.success() {
            return Err(format!("git {words:?}: {status}").into());
        }
    }
    Ok(())
}
