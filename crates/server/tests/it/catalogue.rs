//! From what servers offer to what may be called: first sight, drift, decisions of people, findings, restarts, and servers that die.
//!
//! Servers are real processes and sockets: `checkrein-fixture`, packages of npm, and the scripted one of `mcp/upstream.rs`. Waiting
//! is asking again, for a bounded time.

mod decisions;
mod drift;
mod findings;
mod mutations;
mod policies;
mod processes;
mod restarts;
mod restless;
mod secrets;
mod size;

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};

use crate::mcp::upstream::Upstream;
use crate::world::{Place, Said, Server};

/// A policy under which everything runs.
const ALL: &str = "@id(\"all\") permit (principal, action, resource);\n";
const PATIENCE: Duration = Duration::from_secs(60);

/// A server with the scripted one behind it, looked at.
async fn behind(upstream: &Upstream, more: &str) -> Server {
    let server = Server::at(upstream.place(more)).await;
    until(&server, "/v1/servers/up", |shown| shown["standing"] == "ready" && shown["tools"] != 0)
        .await;
    server
}

/// Asks until what is shown to an operator is so.
async fn until(server: &Server, path: &str, so: impl Fn(&Value) -> bool) -> Value {
    let mut last = Value::Null;
    let asked = async {
        loop {
            let said = server.get(path, &server.keys.operator).await;
            if said.status.is_success() && so(&said.body) {
                return said.body;
            }
            last = said.body;
            tokio::task::yield_now().await;
        }
    };
    let found = tokio::time::timeout(PATIENCE, asked).await;
    found.unwrap_or_else(|_| panic!("{path} is not so: {last}"))
}

/// Waits until a tool stands so.
async fn stands(server: &Server, tool: &str, standing: &str) -> Value {
    until(server, &format!("/v1/tools/{tool}"), |shown| shown["tool"]["standing"] == standing).await
}

/// A tool as a server would describe it.
fn tool(name: &str, description: &str) -> Value {
    json!({ "name": name, "description": description, "inputSchema": { "type": "object", "properties": {} } })
}

/// What the first agent gets when it calls.
async fn calls(server: &Server, tool: &str, arguments: Value) -> Said {
    server
        .post("/v1/calls", &server.keys.agent, json!({ "tool": tool, "arguments": arguments }))
        .await
}

async fn classified(server: &Server, tool: &str, class: &str) -> Value {
    let body = json!({ "effect_class": class, "consequences": [], "reason": "looked at" });
    server.does(&format!("/v1/tools/{tool}/classify"), body).await
}

/// The names that an agent is shown.
async fn seen_by_agents(server: &Server) -> Vec<String> {
    let listed = server.get("/v1/tools", &server.keys.agent).await.ok();
    let items = listed["items"].as_array().unwrap();
    items.iter().map(|item| item["tool"].as_str().unwrap().to_owned()).collect()
}

/// A program of this workspace or of a suite, by its variable or where it is built.
pub(crate) fn program(variable: &str, default: &str) -> PathBuf {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let path = std::env::var_os(variable).map_or_else(|| root.join(default), PathBuf::from);
    assert!(path.exists(), "`{}` is missing; run `cargo xtask suites`", path.display());
    std::fs::canonicalize(path).unwrap()
}

/// Our own server as a child in its jail.
fn fixture(name: &str, words: &str) -> String {
    let path = program("CHECKREIN_FIXTURE", "target/debug/checkrein-fixture");
    let path = path.display();
    format!(
        "\n[[mcp_server]]\nname = \"{name}\"\ncommand = [\"{path}\", \"stdio\"{words}]\nreads = [\"{path}\"]\n"
    )
}

/// A place with these servers, and a policy under which everything runs.
fn place(servers: &str) -> Place {
    let place = Place::apart(&format!("{}{servers}", crate::world::PLAIN));
    place.write("policies/all.cedar", ALL);
    place
}
