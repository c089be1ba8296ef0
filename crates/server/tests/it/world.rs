//! A server in a directory of its own, and the people and agents who talk to it.
//! Ports and directories are fresh for each test; the environment is given, never the machine's own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use checkrein_server::config::{Config, Problems, Source};
use checkrein_server::wire::Answer;
use checkrein_server::{Ended, FirstKeys, Running, ShowKeys, serve};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A directory with a configuration file and a workspace.
pub(crate) struct Place {
    pub(crate) directory: TempDir,
}

pub(crate) const PLAIN: &str = r#"
[server]
listen = "127.0.0.1:0"
data_dir = "state/data"
config_dir = "config"
master_key_file = "config/master.key"

[approvals]
requester_may_decide = true

[[workspace]]
root = "workspace"
"#;

impl Place {
    pub(crate) fn new(toml: &str) -> Self {
        Self::within(&std::env::temp_dir(), toml)
    }

    /// A place that is not among the machine's temporary files: a jail has its own `/tmp`.
    pub(crate) fn apart(toml: &str) -> Self {
        Self::within(Path::new(env!("CARGO_TARGET_TMPDIR")), toml)
    }

    fn within(parent: &Path, toml: &str) -> Self {
        let directory = TempDir::new_in(parent).unwrap();
        std::fs::create_dir(directory.path().join("workspace")).unwrap();
        std::fs::write(directory.path().join("checkrein.toml"), toml).unwrap();
        Self { directory }
    }

    pub(crate) fn path(&self, inside: &str) -> PathBuf {
        self.directory.path().join(inside)
    }

    pub(crate) fn write(&self, inside: &str, text: &str) {
        let path = self.path(inside);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn config(&self) -> Result<Config, Problems> {
        Config::load(&source(self.directory.path()))
    }

    pub(crate) async fn serve(&self) -> Result<Running, gate::Refusal> {
        let mut config = self.config().unwrap();
        // The program of these tests is no jail.
        config.outlet_pause = std::time::Duration::from_millis(20);
        config.notice_age = std::time::Duration::ZERO;
        config.jail_program = env!("CARGO_BIN_EXE_checkrein-server-jail").into();
        if config.servers.is_empty() {
            config.jail_program = "/proc/self/exe".into();
        }
        serve(config, ShowKeys::Once).await
    }
}

/// Nothing of the machine's own environment.
pub(crate) fn source(directory: &Path) -> Source {
    let home = directory.join("home").display().to_string();
    let environment = BTreeMap::from([("HOME".to_owned(), home)]);
    Source { file: None, directory: directory.to_owned(), environment }
}

/// A running server with its first keys.
pub(crate) struct Server {
    pub(crate) place: Place,
    pub(crate) running: Running,
    pub(crate) keys: FirstKeys,
    client: reqwest::Client,
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::at(Place::new(PLAIN)).await
    }

    pub(crate) async fn at(place: Place) -> Self {
        let mut running = place.serve().await.unwrap();
        let keys = running.first_keys.take().unwrap();
        Self { place, running, keys, client: reqwest::Client::new() }
    }

    /// Stops and starts again on the same store.
    pub(crate) async fn again(self) -> Self {
        let Self { place, running, keys, client } = self;
        running.stop();
        assert_eq!(running.ended().await, Ended::Asked);
        let running = place.serve().await.unwrap();
        assert!(running.first_keys.is_none());
        Self { place, running, keys, client }
    }

    pub(crate) fn ask(&self, method: Method, path: &str, key: &str) -> RequestBuilder {
        let url = format!("http://{}{path}", self.running.address);
        self.client.request(method, url).bearer_auth(key)
    }

    pub(crate) async fn get(&self, path: &str, key: &str) -> Said {
        Said::of(self.ask(Method::GET, path, key)).await
    }

    pub(crate) async fn post(&self, path: &str, key: &str, body: Value) -> Said {
        Said::of(self.ask(Method::POST, path, key).json(&body)).await
    }

    /// What the first operator gets.
    pub(crate) async fn sees(&self, path: &str) -> Value {
        self.get(path, &self.keys.operator).await.ok()
    }

    /// What the first operator does.
    pub(crate) async fn does(&self, path: &str, body: Value) -> Value {
        self.post(path, &self.keys.operator, body).await.ok()
    }

    /// What the first agent proposes.
    pub(crate) async fn proposes(&self, body: Value) -> (StatusCode, Answer) {
        let said = self.post("/v1/calls", &self.keys.agent, body).await;
        (said.status, said.envelope())
    }

    /// Another tenant with an operator (admin) of its own.
    pub(crate) async fn other_tenant(&self) -> String {
        let body =
            json!({ "holder": "operator", "name": "eve", "roles": ["admin"], "tenant": "other" });
        let made = self.does("/v1/keys", body).await;
        made["secret"].as_str().unwrap().to_owned()
    }
}

/// A response.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) status: StatusCode,
    pub(crate) kind: String,
    pub(crate) body: Value,
}

impl Said {
    pub(crate) async fn of(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let status = response.status();
        let kind = response.headers().get("content-type").map(|kind| kind.to_str().unwrap());
        let kind = kind.unwrap_or_default().to_owned();
        let text = response.text().await.unwrap();
        Self { status, kind, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) }
    }

    /// The body of something that went well.
    pub(crate) fn ok(self) -> Value {
        assert!(self.status.is_success(), "{self:?}");
        self.body
    }

    pub(crate) fn envelope(self) -> Answer {
        serde_json::from_value(self.body.clone())
            .unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The code of a problem, which must be a whole one.
    pub(crate) fn problem(&self, status: u16) -> &str {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        assert_eq!(self.kind, "application/problem+json", "{self:?}");
        let problem: checkrein_server::wire::Problem =
            serde_json::from_value(self.body.clone()).unwrap();
        assert_eq!(problem.status, status);
        assert_eq!(problem.kind, format!("docs/errors/{}.md", problem.code));
        assert!(!problem.detail.is_empty() && !problem.fix.is_empty() && !problem.title.is_empty());
        self.body["code"].as_str().unwrap()
    }
}

/// The code of an envelope; empty if nothing went wrong.
pub(crate) fn code(answer: &Answer) -> &str {
    answer.error.as_ref().map_or("", |failure| &failure.code)
}

/// A call that writes a file.
pub(crate) fn writes(path: &str, content: &str) -> Value {
    json!({
        "tool": "files.write", "arguments": { "path": path, "content": content },
        "intent": "a test", "confidence": 0.99,
    })
}
