//! A real server as a child: started in an empty directory with nothing inherited, greeted, asked for its tools, and ended.
//!
//! A server that speaks the newest revision is asked in it and, started anew, as a legacy client asks: its definitions must be the
//! same. Some tools are only there for clients that can be asked something: so everything is declared here.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// The longest that a start and a list may take; a busy machine starts some of them slowly.
const WITHIN: Duration = Duration::from_secs(120);
const PAGES_MAX: usize = 20;
const NEWEST: &str = "2026-07-28";

/// How a server is started, and where the package it came from says its version.
pub(super) struct Server {
    program: PathBuf,
    arguments: Vec<String>,
    variables: Vec<(String, String)>,
    version: String,
}

impl Server {
    /// A server of `conformance/mcp/package-lock.json`.
    pub(super) fn npm(package: &str, script: &str) -> Self {
        Self::node(&tool("CHECKREIN_MCP_PACKAGES", "mcp/node_modules").join(package), script)
    }

    /// A server of `conformance/packs/package-lock.json`.
    pub(super) fn pack(package: &str, script: &str) -> Self {
        Self::node(&tool("CHECKREIN_MCP_PACKS", "packs/node_modules").join(package), script)
    }

    /// A server of `conformance/mcp/servers.txt`.
    pub(super) fn pypi(package: &str) -> Self {
        Self::python(&tool("CHECKREIN_MCP_SERVERS", "python-mcp/bin").join(package))
    }

    /// The server of `conformance/mcp/sqlite.txt`.
    pub(super) fn sqlite() -> Self {
        Self::python(&tool("CHECKREIN_MCP_SQLITE", "python-mcp-sqlite/bin/mcp-server-sqlite"))
    }

    fn node(package: &Path, script: &str) -> Self {
        let text = std::fs::read_to_string(package.join("package.json")).unwrap();
        let about: Value = serde_json::from_str(&text).unwrap();
        Self {
            program: tool("CHECKREIN_MCP_NODE", "mcp/node"),
            arguments: vec![package.join(script).to_str().unwrap().to_owned()],
            variables: Vec::new(),
            version: about.get("version").and_then(Value::as_str).unwrap().to_owned(),
        }
    }

    fn python(program: &Path) -> Self {
        let package = program.file_name().unwrap().to_str().unwrap().replace('-', "_");
        let library = program.parent().unwrap().parent().unwrap().join("lib");
        let places = std::fs::read_dir(library).unwrap().map(|place| place.unwrap().path());
        let packages =
            places.flat_map(|place| std::fs::read_dir(place.join("site-packages")).unwrap());
        let names = packages.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let version = names.filter_map(|name| {
            let version = name.strip_prefix(&package)?.strip_prefix('-')?;
            Some(version.strip_suffix(".dist-info")?.to_owned())
        });
        Self {
            program: program.to_owned(),
            arguments: Vec::new(),
            variables: Vec::new(),
            version: version.last().unwrap(),
        }
    }

    pub(super) fn argument(mut self, argument: &str) -> Self {
        self.arguments.push(argument.to_owned());
        self
    }

    pub(super) fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The version of the package, as it was installed.
    pub(super) fn version(&self) -> &str {
        &self.version
    }

    /// All of its tools, as they came.
    pub(super) fn tools(&self) -> Vec<Value> {
        let home = tempfile::tempdir().unwrap();
        let mut started = Started::new(self, home.path());
        let meta = json!({
            "io.modelcontextprotocol/protocolVersion": NEWEST,
            "io.modelcontextprotocol/clientInfo": client(),
            "io.modelcontextprotocol/clientCapabilities": capabilities(),
        });
        let meta = json!({ "_meta": meta });
        match started.answer("server/discover", &meta) {
            Ok(result) => {
                let versions = result.get("supportedVersions").and_then(Value::as_array).unwrap();
                assert!(versions.contains(&NEWEST.into()), "{result}");
                let tools = started.list(&meta);
                let mut legacy = Started::new(self, home.path());
                legacy.initialize();
                assert_eq!(tools, legacy.list(&json!({})), "the tools in both revisions");
                tools
            }
            Err(_) => {
                started.initialize();
                started.list(&json!({}))
            }
        }
    }
}

fn client() -> Value {
    json!({ "name": "checkrein", "version": "0" })
}

fn capabilities() -> Value {
    json!({ "elicitation": {}, "sampling": {}, "roots": {} })
}

/// A running server; ended when dropped.
struct Started {
    child: Child,
    input: ChildStdin,
    lines: Receiver<String>,
    errors: PathBuf,
    until: Instant,
    asked: u64,
}

impl Started {
    fn new(server: &Server, home: &Path) -> Self {
        let errors = home.join("errors.log");
        let mut child = Command::new(&server.program)
            .args(&server.arguments)
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("HOME", home)
            .envs(server.variables.iter().map(|(name, value)| (name, value)))
            .current_dir(home)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(&errors).unwrap())
            .spawn()
            .unwrap();
        let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let (send, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if send.send(line).is_err() {
                    return;
                }
            }
        });
        Self { child, input, lines, errors, until: Instant::now() + WITHIN, asked: 0 }
    }

    fn say(&mut self, message: &Value) {
        writeln!(self.input, "{message}").unwrap();
        self.input.flush().unwrap();
    }

    fn initialize(&mut self) {
        let params = json!({
            "protocolVersion": "2025-11-25",
            "capabilities": capabilities(),
            "clientInfo": client(),
        });
        self.answer("initialize", &params).unwrap();
        self.say(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
    }

    fn list(&mut self, params: &Value) -> Vec<Value> {
        let mut tools = Vec::new();
        let mut params = params.clone();
        for _ in 0..PAGES_MAX {
            let result = self.answer("tools/list", &params).unwrap();
            tools.extend(result.get("tools").and_then(Value::as_array).unwrap().iter().cloned());
            let Some(cursor) = result.get("nextCursor").and_then(Value::as_str) else {
                return tools;
            };
            params.as_object_mut().unwrap().insert("cursor".to_owned(), cursor.into());
        }
        panic!("more than {PAGES_MAX} pages of tools");
    }

    /// Asks, and waits for the result or the error; what else comes is passed over.
    fn answer(&mut self, method: &str, params: &Value) -> Result<Value, Value> {
        self.asked += 1;
        let id = self.asked;
        self.say(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        loop {
            let left = self.until.saturating_duration_since(Instant::now());
            let Ok(line) = self.lines.recv_timeout(left) else {
                let errors = std::fs::read_to_string(&self.errors).unwrap_or_default();
                panic!("no answer to `{method}`; the server says:\n{errors}");
            };
            let Ok(message) = serde_json::from_str::<Value>(&line) else { continue };
            if message.get("id") == Some(&id.into()) && message.get("method").is_none() {
                let result = message.get("result").cloned();
                return result.ok_or(message);
            }
        }
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What `cargo xtask suites` installed: by its variable, else below the workspace.
fn tool(variable: &str, default: &str) -> PathBuf {
    let below = PathBuf::from("../../.tools").join(default);
    let path = std::env::var_os(variable)
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join(below), PathBuf::from);
    assert!(path.exists(), "`{}` is missing; run `cargo xtask suites`", path.display());
    std::path::absolute(path).unwrap()
}
