//! A client of tool servers for conformance suites: Checkrein's own upstream client behind a whole gate, for one server.
//!
//! ```text
//! URL -> Upstreams -> what it offers -> contracts, pins -> gate -> each tool is called once, questions are answered
//! ```
//! In: the URL as the last word, and the suite's variables `MCP_CONFORMANCE_CONTEXT` and `MCP_CONFORMANCE_PROTOCOL_VERSION`.
//! Out: exit code 0 if every call succeeded, else 1 and why on stderr. The only things that are not as in the gateway: the
//! journal is in memory, one policy permits all, and a login's browser follows redirects by itself. `cargo xtask
//! conformance` runs it.

mod answers;
mod browser;
mod house;

use std::process::ExitCode;

use checkrein_tools::mcp::credentials::{Grant, OAuth, RegisteredClient, SecretSource, Source};
use checkrein_tools::mcp::{Http, Offer, Part, ServerSpec, Way};
use reqwest::Url;
use serde_json::Value;

use house::House;

/// Where the suite expects that a client's metadata document would be.
const CLIENT_DOCUMENT: &str = "https://conformance-test.local/client-metadata.json";

/// A tool of the suite that is given a schema of another one.
const SCHEMA_ECHO: &str = "json_schema_echo";

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("checkrein-mcp-client: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), String> {
    let word = std::env::args().next_back().unwrap_or_default();
    let url = Url::parse(&word).map_err(|error| format!("`{word}` is no URL: {error}"))?;
    let context = context()?;
    let directory = tempfile::tempdir().map_err(|error| error.to_string())?;
    let spec = ServerSpec {
        name: house::server(),
        way: Way::Http(Http { url: url.clone(), credentials: source(&context, directory.path())? }),
        offers: [Part::Prompts, Part::Resources, Part::Questions].into(),
        timeout: house::TIMEOUT,
    };
    let house = House::open(spec, &url).await?;
    let called = call_all(&house, &context).await;
    house.close().await;
    called
}

/// What the suite says of a scenario beside its name.
fn context() -> Result<Value, String> {
    match std::env::var("MCP_CONFORMANCE_CONTEXT") {
        Ok(text) => serde_json::from_str(&text).map_err(|error| error.to_string()),
        Err(_) => Ok(Value::Null),
    }
}

/// OAuth always: it sends nothing before a server asks for it.
fn source(context: &Value, directory: &std::path::Path) -> Result<Source, String> {
    let text = |field: &str| context.get(field).and_then(Value::as_str);
    let secret = text("client_secret").map(|secret| {
        let path = directory.join("client-secret");
        std::fs::write(&path, secret).map(|()| SecretSource::File(path))
    });
    let secret = secret.transpose().map_err(|error| error.to_string())?;
    let client = text("client_id").zip(text("issuer")).map(|(id, issuer)| RegisteredClient {
        id: id.to_owned(),
        secret,
        issuer: issuer.to_owned(),
    });
    let metadata_url = Url::parse(CLIENT_DOCUMENT).map_err(|error| error.to_string())?;
    Ok(Source::OAuth(Box::new(OAuth {
        grant: Grant::AuthorizationCode,
        client,
        metadata_url: Some(metadata_url),
        scopes: Vec::new(),
    })))
}

/// The schema of another tool exactly as it arrived, for the tool that looks whether it is whole.
fn echoed(offer: &Offer) -> Value {
    let other = offer.tools.iter().find(|tool| tool.wire != SCHEMA_ECHO);
    serde_json::json!({"schema": other.and_then(|tool| tool.raw.get("inputSchema"))})
}

/// Calls what the scenario names, else every tool with the plainest arguments.
async fn call_all(house: &House, context: &Value) -> Result<(), String> {
    let named = context.get("toolCalls").and_then(Value::as_array).cloned().unwrap_or_default();
    let offer = house.offer().await?;
    let mut failed = Vec::new();
    for tool in &offer.tools {
        let schema = tool.raw.get("inputSchema").unwrap_or(&Value::Null);
        let wanted = named.iter().find(|call| *answers::at(call, "/name") == tool.wire);
        let arguments = match wanted {
            Some(call) => answers::fitting(answers::at(call, "/arguments"), schema),
            None if tool.wire == SCHEMA_ECHO => echoed(&offer),
            None => answers::plainest(schema),
        };
        if let Err(error) = house.call(&tool.wire, arguments).await {
            failed.push(format!("`{}`: {error}", tool.wire));
        }
    }
    match failed.is_empty() {
        true => Ok(()),
        false => Err(failed.join("; ")),
    }
}
