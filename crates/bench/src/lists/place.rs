//! The real program on a directory with a store, asked over one connection.
//!
//! In: a directory, with a store or without. Out: answers as JSON; the process, for its memory. Ended when dropped.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::DirBuilderExt as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::{Effort, Outcome, memory};

/// How long the server may take until it answers: a store with a million entries is read first.
const READY_WITHIN: Duration = Duration::from_secs(180);

const POLICY: &str = "@id(\"all\")\npermit (principal, action, resource);\n\
    @id(\"ask\") @hold(\"group:oncall\")\nforbid (principal, action == Action::\"files.write\", resource)\n\
    unless { context.approvals.contains(\"ask\") };\n";

/// A server with its keys.
pub(super) struct Place {
    server: Child,
    url: String,
    pub(super) operator: String,
    pub(super) agent: String,
    client: reqwest::Client,
    _directory: TempDir,
}

impl Drop for Place {
    fn drop(&mut self) {
        // It may have ended already.
        _ = self.server.kill();
        _ = self.server.wait();
    }
}

impl Place {
    pub(super) async fn open(effort: Effort, directory: TempDir) -> Outcome<Self> {
        let place = directory.path();
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
        let toml = format!(
            "[server]\nlisten = \"{address}\"\ndata_dir = \"state/data\"\nconfig_dir = \"config\"\n\
             master_key_file = \"config/master.key\"\n\n[approvals]\nrequester_may_decide = true\n\
             asks_per_minute_max = 100000\n\n[[workspace]]\nroot = \"workspace\"\n"
        );
        for name in ["workspace", "config", "policies"] {
            fs::DirBuilder::new().recursive(true).mode(0o700).create(place.join(name))?;
        }
        fs::write(place.join("checkrein.toml"), toml)?;
        fs::write(place.join("policies/bench.cedar"), POLICY)?;
        let server = Command::new(memory::program(effort, "checkrein")?)
            .arg("up")
            .current_dir(place)
            .env("HOME", place)
            .env_remove("XDG_STATE_HOME")
            .env_remove("XDG_CONFIG_HOME")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .spawn()?;
        let client = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(8).build()?;
        let (url, operator, agent) = (format!("http://{address}"), String::new(), String::new());
        let mut opened = Self { server, url, operator, agent, client, _directory: directory };
        opened.ready().await?;
        Ok(opened)
    }

    async fn ready(&mut self) -> Outcome<()> {
        let file = self._directory.path().join("state/first-keys");
        let begun = Instant::now();
        while begun.elapsed() < READY_WITHIN {
            let said = self.client.get(format!("{}/readyz", self.url)).send().await;
            if said.is_ok_and(|said| said.status().is_success()) {
                let text = fs::read_to_string(&file)?;
                let value = |name: &str| {
                    let mut lines = text.lines().filter_map(|line| line.split_once(" = "));
                    let found = lines.find(|(key, _)| *key == name);
                    found.map(|(_, value)| value.trim_matches('"').to_owned())
                };
                self.operator = value("operator").ok_or("no key of an operator")?;
                self.agent = value("agent").ok_or("no key of an agent")?;
                return Ok(());
            }
            if let Some(status) = self.server.try_wait()? {
                return Err(format!("the server ended with {status}").into());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Err("the server was not ready in time".into())
    }

    pub(super) fn process(&self) -> u32 {
        self.server.id()
    }

    /// A request with a key.
    pub(super) fn request(&self, get: bool, path: &str, key: &str) -> reqwest::RequestBuilder {
        let url = format!("{}{path}", self.url);
        let request = if get { self.client.get(url) } else { self.client.post(url) };
        request.bearer_auth(key)
    }

    /// What an operator sees.
    pub(super) async fn get(&self, path: &str) -> Outcome<Value> {
        let said = self.request(true, path, &self.operator).send().await?;
        let status = said.status();
        let body = said.text().await?;
        if !status.is_success() {
            return Err(format!("`{path}` was answered with {status}: {body}").into());
        }
        Ok(serde_json::from_str(&body)?)
    }

    /// What somebody does.
    pub(super) async fn post(&self, path: &str, key: &str, body: &Value) -> Outcome<Value> {
        let said = self.request(false, path, key).json(body).send().await?;
        Ok(said.json().await?)
    }
}
