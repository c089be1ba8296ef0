//! A real agent program as a client of the gateway, with a model endpoint that follows a script.
//!
//! In: the pinned agent program from its lock file, the built gateway, a script of calls. Out: what the agent was told of each
//! call, checked. Not a part of `test`: the program is large and not ours. What it showed stands in `docs/guides/mcp.md`.
//! The script is in `conformance/agent-client/model.py`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use serde_json::{Value, json};

use crate::command::Call;
use crate::conformance::process::Running;
use crate::workspace::Workspace;

/// How long the gateway may take to start.
const PATIENCE: Duration = Duration::from_secs(60);

/// Installs the agent program, lets it work through the gateway, and checks what it was told.
pub(crate) fn run(workspace: &Workspace) -> anyhow::Result<()> {
    crate::setup::require(&[crate::setup::PYTHON, crate::setup::NPM])?;
    let agent = install(workspace)?;
    let build = ["build", "--locked", "--package", "checkrein", "--package", "checkrein-fixture"];
    Call::cargo(workspace.root()).args(build).run()?;
    let place = workspace.root().join(".tools/agent-client-state");
    // What an earlier run left.
    _ = fs::remove_dir_all(&place);
    fs::create_dir_all(&place)?;
    let gateway = Gateway::start(workspace, &place)?;
    let seen = place.join("seen.json");
    let said = talk(workspace, (&agent, &gateway), (&place, &seen))?;
    let seen: Value = serde_json::from_str(&fs::read_to_string(&seen)?)?;
    check(&seen, &said)?;
    println!("the agent was told:");
    let results = seen.get("results").and_then(Value::as_array).into_iter().flatten();
    for text in results.filter_map(|result| result.get("text")?.as_str()) {
        println!("  {}", text.replace('\n', "\n  "));
    }
    Ok(())
}

/// What the model asks for, in order: a look, a change that runs, and a tool of a stranger that nobody classified.
fn script() -> Value {
    json!([
        { "tool": "files__write", "input": { "path": "notes.txt", "content": "from an agent\n" } },
        { "tool": "files__read", "input": { "path": "notes.txt" } },
        { "tool": "fx__redefine", "input": { "tool": "echo", "description": "another one" } },
        { "text": "the work is done" },
    ])
}

fn check(seen: &Value, said: &str) -> anyhow::Result<()> {
    let result = |at: usize| {
        let result = seen.pointer(&format!("/results/{at}")).cloned().unwrap_or_default();
        let text = result.get("text").and_then(Value::as_str).unwrap_or_default().to_owned();
        (result.get("error").and_then(Value::as_bool), text)
    };
    let (error, text) = result(0);
    ensure!(error == Some(false), "the change did not run: {text}");
    let (error, text) = result(1);
    let shown = error == Some(false) && text.contains("from an agent");
    ensure!(shown, "the look shows something else: {text}");
    let (error, text) = result(2);
    let refused = error == Some(true) && text.contains("NOT EXECUTED");
    ensure!(refused, "a stranger's tool ran unasked: {text}");
    ensure!(said.contains("the work is done"), "the agent ended with something else: {said}");
    Ok(())
}

/// The program, as its lock file says.
fn install(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    let from = workspace.root().join("conformance/agent-client");
    let to = workspace.root().join(".tools/agent-client");
    fs::create_dir_all(&to)?;
    for file in ["package.json", "package-lock.json"] {
        fs::copy(from.join(file), to.join(file)).with_context(|| format!("`{file}`"))?;
    }
    Call::new("npm").args(["ci", "--no-audit", "--no-fund"]).directory(&to).run()?;
    Ok(to.join("node_modules/.bin/claude"))
}

struct Gateway {
    url: String,
    key: String,
    _process: Running,
}

impl Gateway {
    fn start(workspace: &Workspace, place: &Path) -> anyhow::Result<Self> {
        let place = place.join("gateway");
        fs::create_dir_all(place.join("workspace"))?;
        let address = std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?;
        let fixture = workspace.built("checkrein-fixture");
        let text = format!(
            "[server]\nlisten = \"{address}\"\ndata_dir = \"state/data\"\nconfig_dir = \"config\"\n\
             master_key_file = \"config/master.key\"\n\n[[workspace]]\nroot = \"workspace\"\n\n\
             [[mcp_server]]\nname = \"fx\"\ncommand = [{fixture:?}, \"stdio\"]\nreads = [{fixture:?}]\n"
        );
        fs::write(place.join("checkrein.toml"), text)?;
        let mut command = Command::new(workspace.built("checkrein"));
        command.args(["up", "--no-input", "--config"]).arg(place.join("checkrein.toml"));
        command.current_dir(&place).env("HOME", &place);
        let process = Running::start(command, &place.join("log"))?;
        let key = key(&place.join("state/first-keys"))?;
        Ok(Self { url: format!("http://{address}/mcp"), key, _process: process })
    }
}

/// The agent's key, once the gateway has made it.
fn key(file: &Path) -> anyhow::Result<String> {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        let text = fs::read_to_string(file).unwrap_or_default();
        let key = text.lines().find_map(|line| line.strip_prefix("agent = "));
        if let Some(key) = key {
            return Ok(key.trim_matches('"').to_owned());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    bail!("the gateway made no keys; its log is beside its state")
}

/// Lets the agent work, and gives what it says at the end.
fn talk(
    workspace: &Workspace,
    (agent, gateway): (&Path, &Gateway),
    (place, seen): (&Path, &Path),
) -> anyhow::Result<String> {
    let steps = place.join("steps.json");
    fs::write(&steps, script().to_string())?;
    let mut command = Command::new("python3");
    command.arg(workspace.root().join("conformance/agent-client/model.py")).args([&steps, seen]);
    let model = Running::start(command, &place.join("model.log"))?;
    let port = model.line()?;
    let servers = json!({ "mcpServers": { "checkrein": {
        "type": "http",
        "url": gateway.url,
        "headers": { "Authorization": format!("Bearer {}", gateway.key) },
    }}});
    let config = place.join("mcp.json");
    fs::write(&config, servers.to_string())?;
    let project = place.join("project");
    fs::create_dir_all(&project)?;
    Call::new(agent)
        .args(["-p", "do the work", "--model", "scripted", "--strict-mcp-config"])
        .args(["--allowedTools", "mcp__checkrein__*", "--mcp-config"])
        .args([&config])
        .directory(&project)
        .env([
            ("HOME", project.display().to_string()),
            ("ANTHROPIC_BASE_URL", format!("http://127.0.0.1:{}", port.trim())),
            ("ANTHROPIC_API_KEY", "sk-ant-scripted".to_owned()),
            ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1".to_owned()),
            ("DISABLE_AUTOUPDATER", "1".to_owned()),
        ])
        .output()
}
