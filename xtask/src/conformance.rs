//! `cargo xtask conformance`: the official MCP suite against a server directly, against the same server through the
//! gateway, and against our client; the verdicts stand in `docs/conformance.md`.
//!
//! ```text
//! suite -> fixture                                       direct
//! suite -> proxy (adds the key) -> gateway -> fixture    gateway; older, where the fixture speaks 2025-11-25 only
//! suite <- our client                                    client
//! ```
//! In: what to run, and whether to write the table or to check it. Out: the table, and an error if a required scenario
//! that passes directly does not pass through the gateway, or our client fails a required one. Tests are in the files below.

mod gateway;
pub(crate) mod process;
mod proxy;
mod required;
mod suite;
mod table;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};

use self::gateway::{Gateway, Judged};
use self::process::Running;
use self::required::Required;
use self::suite::{Suite, Target, Verdicts};
use crate::command::Call;
use crate::suites::mcp::Mcp;
use crate::workspace::Workspace;

/// The revisions, newest first.
const REVISIONS: [&str; 2] = ["2026-07-28", OLDER];
/// The one with sessions.
const OLDER: &str = "2025-11-25";
/// The server under test.
const FIXTURE: Program =
    Program { package: "checkrein-fixture", kind: "--bin", name: "checkrein-fixture" };
/// The gateway.
const GATEWAY: Program = Program { package: "checkrein", kind: "--bin", name: "checkrein" };
/// Our client, called as `CLIENT URL`.
const CLIENT: Program =
    Program { package: "checkrein-tools", kind: "--example", name: "checkrein-mcp-client" };

/// What to run.
#[derive(Debug, Default, Args)]
pub(crate) struct Asked {
    /// Change nothing: fail if a verdict is another one than in `docs/conformance.md`.
    #[arg(long)]
    check: bool,
    /// Take the programs as they are built.
    #[arg(long)]
    built: bool,
    /// Run only this and print it; the table stays as it is.
    #[arg(long, value_name = "LEG")]
    only: Option<Leg>,
}

/// Who is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Leg {
    /// The fixture.
    Direct,
    /// The fixture behind the gateway.
    Gateway,
    /// A fixture of the older revision only behind the gateway, asked in that revision.
    Older,
    /// Our client.
    Client,
}

/// A binary of this workspace.
#[derive(Debug, Clone, Copy)]
struct Program {
    package: &'static str,
    /// `--bin` or `--example`.
    kind: &'static str,
    name: &'static str,
}

impl Program {
    /// Where it was built.
    fn path(self, workspace: &Workspace) -> anyhow::Result<PathBuf> {
        let place = if self.kind == "--example" { "examples/" } else { "" };
        let path = workspace.built(&format!("{place}{}", self.name));
        let found = path.is_file().then_some(path);
        found.with_context(|| format!("`{}` of `{}` is not built", self.name, self.package))
    }
}

impl Asked {
    /// What `cargo xtask test` asks, which has built everything before.
    pub(crate) fn check() -> Self {
        Self { check: true, built: true, only: None }
    }

    fn wants(&self, leg: Leg) -> bool {
        self.only.is_none_or(|only| only == leg)
    }
}

/// Runs the suite.
pub(crate) fn run(workspace: &Workspace, asked: &Asked) -> anyhow::Result<()> {
    // Two runs would remove each other's results.
    let alone = File::create(workspace.target().join("conformance.lock"))?;
    alone.lock()?;
    let mcp = Mcp::ready(workspace)?;
    if !asked.built {
        build(workspace, asked)?;
    }
    let required = REVISIONS.map(|revision| Required::read(&mcp.suite(), revision));
    let required = required.into_iter().collect::<anyhow::Result<Vec<_>>>()?;
    let verdicts = judged(workspace, &mcp, asked, &required)?;
    for line in table::failures(&required, &verdicts) {
        println!("{line}");
    }
    let told = verdicts.iter().map(|each| each.summary(&required));
    told.for_each(|line| println!("{line}"));
    if asked.only.is_none() {
        let text = table::text(&required, &verdicts);
        table::kept(&workspace.root().join("docs/conformance.md"), &text, asked.check)?;
    }
    match table::broken(&required, &verdicts).as_slice() {
        [] => Ok(()),
        broken => bail!("required and not passed:\n{}", broken.join("\n")),
    }
}

/// What has to be built for what is asked.
fn programs(asked: &Asked) -> Vec<Program> {
    match asked.only {
        None => vec![FIXTURE, GATEWAY, CLIENT],
        Some(Leg::Direct) => vec![FIXTURE],
        Some(Leg::Gateway | Leg::Older) => vec![FIXTURE, GATEWAY],
        Some(Leg::Client) => vec![CLIENT],
    }
}

fn build(workspace: &Workspace, asked: &Asked) -> anyhow::Result<()> {
    let mut words = vec!["build", "--locked"];
    for program in programs(asked) {
        words.extend(["--package", program.package, program.kind, program.name]);
    }
    Call::cargo(workspace.root()).args(words).run()
}

/// Runs what is asked for, both revisions of a leg at the same time.
fn judged(
    workspace: &Workspace,
    mcp: &Mcp,
    asked: &Asked,
    required: &[Required],
) -> anyhow::Result<Vec<Verdicts>> {
    let directory = workspace.target().join("conformance");
    let suite = Suite::new(mcp, &directory)?;
    let mut all = Vec::new();
    if asked.wants(Leg::Direct) {
        let fixture = fixture(workspace, &directory.join("fixture.log"), &[])?;
        all.extend(suite.run(Leg::Direct, &Target::Server(fixture.line()?), required)?);
    }
    if asked.wants(Leg::Gateway) {
        let fixture = fixture(workspace, &directory.join("fixture-behind.log"), &[])?;
        let place = directory.join("gateway-state");
        let gateway = Gateway::start(workspace, &place, &fixture.line()?, Judged::Classified)?;
        all.extend(suite.run(Leg::Gateway, &Target::Server(gateway.url()), required)?);
    }
    if asked.wants(Leg::Older) {
        let log = directory.join("fixture-older.log");
        let fixture = fixture(workspace, &log, &["--only", OLDER])?;
        let place = directory.join("older-state");
        let gateway = Gateway::start(workspace, &place, &fixture.line()?, Judged::InShadow)?;
        let only = required.iter().filter(|required| required.revision == OLDER);
        all.extend(suite.run(Leg::Older, &Target::Server(gateway.url()), only)?);
    }
    if asked.wants(Leg::Client) {
        let client = CLIENT.path(workspace)?;
        all.extend(suite.run(Leg::Client, &Target::Client(client), required)?);
    }
    Ok(all)
}

fn fixture(workspace: &Workspace, log: &Path, options: &[&str]) -> anyhow::Result<Running> {
    let mut command = Command::new(FIXTURE.path(workspace)?);
    command.arg("http").args(options);
    Running::start(command, log)
}
