//! A gateway in a directory of its own: the real program, a durable journal, 50 policies, one server behind it.
//!
//! In: which server. Out: a process that serves, its keys, what it took of the processor and of memory. Ended when
//! dropped.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::client::{Client, Side};
use super::sdk::WAITS;
use super::upstream::{CHANGES, READS};
use crate::{Effort, Outcome, memory};

/// The server's name in the gateway.
const SERVER: &str = "up";
/// Policies in force.
const POLICIES: usize = 50;
/// How long the gateway may take until the server's tools are there.
const READY_WITHIN: Duration = Duration::from_secs(60);

/// A process that is ended with its value.
pub(super) struct Process(pub(super) Child);

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

/// The server behind the gateway.
#[derive(Debug, Clone, Copy)]
pub(super) enum Behind {
    /// Ours, that does as little as a server can: what it takes for a call, and how many tools it has beside two.
    Lean { delay_ms: u64, tools: usize },
    /// The official SDK's.
    Sdk,
}

impl Behind {
    fn start(self, effort: Effort) -> Outcome<(Process, String)> {
        let command = match self {
            Self::Lean { delay_ms, tools } => {
                let mut command = Command::new(format!("/proc/{}/exe", std::process::id()));
                command.args(["--upstream", &delay_ms.to_string(), &tools.to_string()]);
                command
            }
            Self::Sdk => {
                let mut command = Command::new(memory::program(effort, "checkrein-fixture")?);
                command.arg("http");
                command
            }
        };
        upstream(command)
    }

    /// What its tools do, as an operator says it.
    const fn classes(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Lean { .. } => &[(READS, "pure"), (CHANGES, "compensable")],
            Self::Sdk => &[(WAITS, "pure")],
        }
    }
}

/// Upstream and gateway.
pub(super) struct Place {
    pub(super) direct: Side,
    pub(super) through: Side,
    pub(super) gateway: Process,
    /// Operators' key.
    pub(super) operator: String,
    _upstream: Process,
    _directory: TempDir,
}

impl Place {
    pub(super) async fn open(effort: Effort, behind: Behind) -> Outcome<Self> {
        let (upstream, url) = behind.start(effort)?;
        let directory = tempfile::tempdir()?;
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
        configure(directory.path(), (&address, &url))?;
        let program = memory::program(effort, "checkrein")?;
        let gateway = Command::new(program)
            .arg("up")
            .current_dir(directory.path())
            .env("HOME", directory.path())
            .env_remove("XDG_STATE_HOME")
            .env_remove("XDG_CONFIG_HOME")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .spawn()?;
        let gateway = Process(gateway);
        let host = url.trim_start_matches("http://").trim_end_matches("/mcp").to_owned();
        let direct = Side { address: host, path: "/mcp".to_owned(), key: None };
        let keys = keys(directory.path()).await?;
        let path = format!("/mcp/{SERVER}");
        let through = Side { address, path, key: Some(keys.agent) };
        let operator = keys.operator;
        let (_upstream, _directory) = (upstream, directory);
        let place = Self { direct, through, gateway, operator, _upstream, _directory };
        place.ready().await?;
        place.classify(behind.classes()).await?;
        Ok(place)
    }

    /// Processor time that the gateway has taken so far.
    pub(super) fn processor_time(&self) -> Outcome<Duration> {
        let text = fs::read_to_string(format!("/proc/{}/stat", self.gateway.0.id()))?;
        let after = text.rsplit_once(')').ok_or("no name in stat")?.1;
        let fields: Vec<&str> = after.split_whitespace().collect();
        let ticks =
            |at: usize| -> Outcome<u64> { Ok(fields.get(at).ok_or("a short stat")?.parse()?) };
        // Fields 14 and 15 of proc(5), in ticks of 10 ms on every Linux that we know.
        Ok(Duration::from_millis((ticks(11)? + ticks(12)?) * 10))
    }

    /// Waits until the gateway lists the server's tools.
    async fn ready(&self) -> Outcome<()> {
        let begun = Instant::now();
        while begun.elapsed() < READY_WITHIN {
            if let Ok(mut client) = Client::connect(&self.through).await
                && let Ok((answer, _)) = client.ask("tools/list", None, json!({})).await
                && answer.pointer("/result/tools/0").is_some()
            {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Err("the gateway did not list the server's tools in time".into())
    }

    /// Something that an operator does.
    pub(super) async fn operates(&self, path: String, body: &Value) -> Outcome<Value> {
        let side = Side { path, key: Some(self.operator.clone()), ..self.through.clone() };
        Client::connect(&side).await?.post(body).await
    }

    /// An operator says what the tools do.
    async fn classify(&self, classes: &[(&str, &str)]) -> Outcome<()> {
        for (tool, class) in classes {
            let body = json!({ "effect_class": class, "consequences": [], "reason": "measured" });
            let path = format!("/v1/tools/{SERVER}.{tool}/classify");
            let answer = self.operates(path, &body).await?;
            if answer.get("error").is_some() || answer.get("code").is_some() {
                return Err(format!("`{tool}` could not be classified: {answer}").into());
            }
        }
        Ok(())
    }
}

/// Starts a server that tells its address on the first line and ends with its input.
fn upstream(mut command: Command) -> Outcome<(Process, String)> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().ok_or("no output")?).read_line(&mut line)?;
    Ok((Process(child), line.trim().to_owned()))
}

fn configure(directory: &Path, (address, url): (&str, &str)) -> Outcome<()> {
    fs::create_dir(directory.join("policies"))?;
    let toml = format!(
        "[server]\nlisten = \"{address}\"\ndata_dir = \"state/data\"\n\n[[mcp_server]]\nname = \"{SERVER}\"\nurl = \"{url}\"\n"
    );
    fs::write(directory.join("checkrein.toml"), toml)?;
    let mut text = String::from("@id(\"all\")\npermit (principal, action, resource);\n");
    for number in 1..POLICIES {
        text += &format!(
            "@id(\"never-{number}\")\nforbid (principal, action, resource) when {{ context.space == \"moon-{number}\" }};\n"
        );
    }
    fs::write(directory.join("policies/bench.cedar"), text)?;
    Ok(())
}

struct Keys {
    operator: String,
    agent: String,
}

/// The keys that the first start made.
async fn keys(directory: &Path) -> Outcome<Keys> {
    let file = directory.join("state/first-keys");
    let begun = Instant::now();
    while begun.elapsed() < READY_WITHIN {
        let text = fs::read_to_string(&file).unwrap_or_default();
        let value = |name: &str| {
            let mut lines = text.lines().filter_map(|line| line.split_once(" = "));
            let found = lines.find(|(key, _)| *key == name);
            found.map(|(_, value)| value.trim_matches('"').to_owned())
        };
        // The agent's line is the last one: with it the file is whole.
        if let (Some(operator), Some(agent)) = (value("operator"), value("agent")) {
            return Ok(Keys { operator, agent });
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Err("the gateway made no keys".into())
}
