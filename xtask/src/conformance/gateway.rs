//! `checkrein up` before a server, as an operator would set it up, with a key for the suite.
//!
//! In: the built binary, a directory for its state, one server, and how its tools are judged. Out: the address at which the
//! suite finds the tools under their own names. The policy permits everything, so what fails is the protocol and not a policy;
//! pins, limits, strict arguments and the journal hold as always. The process ends when this value is dropped.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde_json::Value;

use super::process::Running;
use super::{GATEWAY, proxy};
use crate::command::Call;
use crate::workspace::Workspace;

/// The name of the server behind it.
const SERVER: &str = "fixture";
/// How long the gateway may take to start, and to see the tools of the server.
const PATIENCE: Duration = Duration::from_secs(60);

/// A gateway that runs.
#[derive(Debug)]
pub(crate) struct Gateway {
    proxy: SocketAddr,
    _process: Running,
}

/// How the tools of the server are judged. Nobody is there to approve, so what would be held has to go on another way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Judged {
    /// An operator looked at them and classified them; decisions are enforced.
    Classified,
    /// As they come, in a space that records decisions and does not enforce them.
    InShadow,
}

impl Gateway {
    /// Starts the gateway in a fresh directory.
    pub(crate) fn start(
        workspace: &Workspace,
        place: &Path,
        server: &str,
        judged: Judged,
    ) -> anyhow::Result<Self> {
        let address = free_address()?;
        let config = prepare(place, address, server, judged)?;
        let program = GATEWAY.path(workspace)?;
        let mut command = Command::new(&program);
        command.args(["up", "--no-input", "--config"]).arg(&config).current_dir(place);
        command.env("HOME", place);
        let mut process = Running::start(command, &place.join("log"))?;
        wait_for(address, &mut process)?;
        if judged == Judged::Classified {
            let operator = || {
                Call::new(&program).env([("HOME", place)]).args([Path::new("--config"), &config])
            };
            classify(&operator)?;
        }
        let key = agent_key(&place.join("state/first-keys"))?;
        Ok(Self { proxy: proxy::start(address, key)?, _process: process })
    }

    /// Where the tools of the server are.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/mcp/{SERVER}", self.proxy)
    }
}

/// Says of every tool that the suite calls that it changes nothing, as an operator would who knows the fixture.
fn classify(operator: &dyn Fn() -> Call) -> anyhow::Result<()> {
    for tool in tools(operator)? {
        let why = ["--as", "pure", "--reason", "nothing that the fixture does matters"];
        operator().args(["tools", "classify", &tool]).args(why).output()?;
    }
    Ok(())
}

/// The server's tools that the suite calls, once the gateway has seen them.
fn tools(operator: &dyn Fn() -> Call) -> anyhow::Result<Vec<String>> {
    let begun = Instant::now();
    loop {
        let list = operator().args(["tools", "ls", "-o", "json"]).output()?;
        let list: Value = serde_json::from_str(&list)?;
        let items = list.get("items").and_then(Value::as_array).context("no list of tools")?;
        let names = items.iter().filter_map(|tool| tool.get("tool")?.as_str());
        let of_suite = format!("{SERVER}.test_");
        let names = names.filter(|name| name.starts_with(&of_suite));
        let names: Vec<String> = names.map(str::to_owned).collect();
        if !names.is_empty() {
            return Ok(names);
        }
        if begun.elapsed() > PATIENCE {
            bail!("the gateway has not seen the tools of the server");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Writes configuration and policy.
fn prepare(
    place: &Path,
    address: SocketAddr,
    server: &str,
    judged: Judged,
) -> anyhow::Result<PathBuf> {
    for directory in ["workspace", "state", "config/policies"] {
        // Keys are only put where nobody else can look.
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(place.join(directory))?;
    }
    let permit = "@id(\"all\")\npermit (principal, action, resource);\n";
    std::fs::write(place.join("config/policies/all.cedar"), permit)?;
    let mode = match judged {
        Judged::Classified => "enforce",
        Judged::InShadow => "shadow",
    };
    let config = place.join("checkrein.toml");
    std::fs::write(
        &config,
        format!(
            r#"[server]
listen = "{address}"
data_dir = "state/data"
config_dir = "config"
master_key_file = "config/master.key"

[[workspace]]
root = "workspace"

[[space]]
name = "experiment"
mode = "{mode}"

[[mcp_server]]
name = "{SERVER}"
url = "{server}"
offers = ["prompts", "resources", "questions", "instructions"]
"#
        ),
    )?;
    Ok(config)
}

/// An address that was free a moment ago.
fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?)
}

fn wait_for(address: SocketAddr, process: &mut Running) -> anyhow::Result<()> {
    let begun = Instant::now();
    while !is_ready(address) {
        if process.ended()? {
            bail!("the gateway ended at once: {}", process.said());
        }
        if begun.elapsed() > PATIENCE {
            bail!("the gateway does not answer at `{address}`");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

fn is_ready(address: SocketAddr) -> bool {
    let Ok(mut stream) = TcpStream::connect(address) else { return false };
    let request = format!("GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    let mut answer = String::new();
    stream.write_all(request.as_bytes()).is_ok()
        && stream.read_to_string(&mut answer).is_ok()
        && answer.starts_with("HTTP/1.1 200")
}

/// The agent's key from the file of first keys.
fn agent_key(file: &Path) -> anyhow::Result<String> {
    let text = std::fs::read_to_string(file).with_context(|| format!("`{}`", file.display()))?;
    let line = text.lines().find_map(|line| line.strip_prefix("agent = "));
    let key = line.map(|value| value.trim_matches('"').to_owned());
    key.with_context(|| format!("no key of an agent in `{}`", file.display()))
}
