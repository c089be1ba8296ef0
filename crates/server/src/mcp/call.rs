//! From a request to a proposal: which tool of Checkrein it means, and what the client says of the call beside its arguments.
//!
//! ```text
//! tools/call, resources/read, prompts/get, completion/complete -> Asked { part, server, Proposal }
//! ```
//! Names are looked up in the entrance's table. An unknown one is proposed as it is, under a name that no tool can have, so that
//! also its refusal is journalled; one that the caller may not see is unknown to it, in everything that it is told.
//! `_meta["checkrein/proposal"]` is read strictly; arguments are not touched. Tests: `tests/it/mcp/modern.rs`.

use std::sync::Arc;
use std::time::Duration;

use domain::{CallId, Name, Proposal, UpstreamPart, limits};
use mcp::{Id, Params, Request, RpcError, headers, meta};
use serde::Deserialize;
use serde_json::{Value, json};

use super::entrance::{Entrance, Named, Names};
use super::rescue::{self, invalid};
use super::visit::Visit;
use crate::{convert, wire};

/// A call that a client asks for.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) id: Id,
    pub(super) part: UpstreamPart,
    /// The server that will answer; none for our own tools.
    pub(super) server: Option<Name>,
    pub(super) proposal: Proposal,
    /// How long it waits for people at most, if the client says.
    pub(super) wait: Option<Duration>,
    /// The held call that the client comes back for, which is not proposed again.
    pub(super) joins: Option<CallId>,
}

/// The kind of call that a method asks for; none if it asks for none.
pub(super) fn part_of(method: &str) -> Option<UpstreamPart> {
    match method {
        "tools/call" => Some(UpstreamPart::Tool),
        "resources/read" => Some(UpstreamPart::Resource),
        "prompts/get" => Some(UpstreamPart::Prompt),
        "completion/complete" => Some(UpstreamPart::Completion),
        _ => None,
    }
}

/// Reads a request as a call.
pub(super) async fn asked(
    visit: &Visit,
    request: Request,
    part: UpstreamPart,
) -> Result<Asked, RpcError> {
    let claims = claims(&request.params)?;
    let wait = claims.wait_ms.map(Duration::from_millis);
    let mut names = names(visit);
    let Request { id, params, .. } = request;
    let named = params.get("name").and_then(Value::as_str).unwrap_or_default();
    if part == UpstreamPart::Tool && seen(visit, &names, named).is_none() {
        // Its server may be one that is just connecting.
        visit.app.mcp.looked_at(&visit.entrance).await;
        names = self::names(visit);
    }
    let (meant, arguments) = match part {
        UpstreamPart::Tool => tool((visit, &names), params)?,
        UpstreamPart::Resource => resource(visit, params).await?,
        UpstreamPart::Prompt => prompt(visit, params).await?,
        UpstreamPart::Completion => completion(visit, params).await?,
    };
    let tool = meant.tool(&names, (part, &visit.entrance));
    let proposal = convert::proposal(wire::Proposal { tool, arguments, ..claims });
    let proposal = proposal.map_err(|refused| rescue::refused(&refused))?;
    Ok(Asked { id, part, server: meant.server, proposal, wait, joins: None })
}

pub(super) fn names(visit: &Visit) -> Arc<Names> {
    visit.app.mcp.lists.names(&visit.app.gate.rules(), &visit.entrance)
}

/// What a name stands for, for this caller. What it may not see is answered in no other way than what is not there.
fn seen<'n>(visit: &Visit, names: &'n Names, shown: &str) -> Option<&'n Named> {
    names.tool(shown).filter(|named| visit.app.gate.sees(&visit.agent.caller, &named.tool))
}

/// Checks headers that repeat arguments. Only modern clients send them.
pub(super) fn mirrored(visit: &Visit, request: &Request) -> Result<(), RpcError> {
    let Some(name) = request.params.get("name").and_then(Value::as_str) else { return Ok(()) };
    match seen(visit, &names(visit), name) {
        Some(named) if !named.mirrors.is_empty() => {
            let arguments = request.params.get("arguments");
            headers::check_arguments(&named.mirrors, arguments, |name| visit.values(name))
        }
        Some(_) | None => Ok(()),
    }
}

/// What a client says of a call beside tool and arguments.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Claims {
    intent: Option<String>,
    expected_effect: Vec<wire::ExpectedEffect>,
    confidence: Option<Value>,
    key: Option<String>,
    evidence: Vec<String>,
    after: Option<String>,
    detached: bool,
    wait_ms: Option<u64>,
}

fn claims(params: &Params) -> Result<wire::Proposal, RpcError> {
    let wrong =
        |key: &str, what: &dyn std::fmt::Display| invalid(format!("`_meta[\"{key}\"]`: {what}"));
    let claims = match meta::get(params, meta::PROPOSAL) {
        None => Claims::default(),
        Some(given) => Claims::deserialize(given).map_err(|error| wrong(meta::PROPOSAL, &error))?,
    };
    let run = match meta::get(params, meta::RUN) {
        None => None,
        Some(Value::String(run)) => Some(run.clone()),
        Some(_) => return Err(wrong(meta::RUN, &"expected a run's id")),
    };
    let Claims { intent, expected_effect, confidence, key, evidence, after, detached, wait_ms } =
        claims;
    Ok(wire::Proposal {
        intent,
        expected_effect,
        confidence,
        key,
        run,
        evidence,
        after,
        detached,
        wait_ms,
        ..wire::Proposal::default()
    })
}

/// What a request means.
struct Meant {
    shown: String,
    server: Option<Name>,
    tool: Option<String>,
}

impl Meant {
    /// The tool that is proposed. A name that leads nowhere becomes one that no tool can have: it has blanks in it.
    fn tool(&self, names: &Names, (part, at): (UpstreamPart, &Entrance)) -> String {
        if let Some(tool) = &self.tool {
            return tool.clone();
        }
        let server = self.server.as_ref();
        if let Some(tool) = server.and_then(|server| names.part(server, part)) {
            return tool.to_string();
        }
        format!("{} at {}", contract::visible::short(&self.shown), at.path())
    }
}

fn tool((visit, names): (&Visit, &Names), mut params: Params) -> Result<(Meant, Value), RpcError> {
    let shown = text(&mut params, "name")?;
    let arguments = object(&mut params, "arguments")?.unwrap_or_else(|| json!({}));
    let named = seen(visit, names, &shown);
    let tool = named.map(|named| named.tool.to_string());
    let server = named.and_then(|named| named.server.clone());
    Ok((Meant { shown, server, tool }, arguments))
}

async fn resource(visit: &Visit, mut params: Params) -> Result<(Meant, Value), RpcError> {
    let uri = text(&mut params, "uri")?;
    let server = visit.app.mcp.servers.of_resource(&visit.entrance, &uri).await?;
    let arguments = json!({ "uri": uri });
    Ok((Meant { shown: uri, server: Some(server), tool: None }, arguments))
}

async fn prompt(visit: &Visit, mut params: Params) -> Result<(Meant, Value), RpcError> {
    let shown = text(&mut params, "name")?;
    let (server, name) = visit.app.mcp.servers.of_prompt(&visit.entrance, &shown).await?;
    let mut arguments = Params::from_iter([("name".to_owned(), name.into())]);
    if let Some(given) = object(&mut params, "arguments")? {
        arguments.insert("arguments".to_owned(), given);
    }
    Ok((Meant { shown, server: Some(server), tool: None }, Value::Object(arguments)))
}

async fn completion(visit: &Visit, mut params: Params) -> Result<(Meant, Value), RpcError> {
    let Some(Value::Object(mut of)) = params.shift_remove("ref") else {
        return Err(invalid("expected `ref` as an object"));
    };
    let kind = of.get("type").and_then(Value::as_str).unwrap_or_default();
    let servers = &visit.app.mcp.servers;
    let (shown, server) = match kind {
        "ref/prompt" => {
            let shown = text(&mut of, "name")?;
            let (server, name) = servers.of_prompt(&visit.entrance, &shown).await?;
            of.insert("name".to_owned(), name.into());
            (shown, server)
        }
        "ref/resource" => {
            let uri = text(&mut of, "uri")?;
            let server = servers.of_resource(&visit.entrance, &uri).await?;
            of.insert("uri".to_owned(), uri.as_str().into());
            (uri, server)
        }
        _ => return Err(invalid("expected `ref.type` as `ref/prompt` or `ref/resource`")),
    };
    let mut arguments = Params::from_iter([("ref".to_owned(), Value::Object(of))]);
    for key in ["argument", "context"] {
        arguments.extend(object(&mut params, key)?.map(|value| (key.to_owned(), value)));
    }
    Ok((Meant { shown, server: Some(server), tool: None }, Value::Object(arguments)))
}

/// A text that must be there.
pub(super) fn text(params: &mut Params, key: &str) -> Result<String, RpcError> {
    match params.shift_remove(key) {
        Some(Value::String(text)) if text.len() <= limits::MCP_URI_BYTES_MAX => Ok(text),
        Some(_) | None => Err(invalid(format!(
            "expected `{key}` as a text of at most {} bytes",
            limits::MCP_URI_BYTES_MAX
        ))),
    }
}

/// An object that may be there.
fn object(params: &mut Params, key: &str) -> Result<Option<Value>, RpcError> {
    match params.shift_remove(key) {
        None => Ok(None),
        Some(value @ Value::Object(_)) => Ok(Some(value)),
        Some(_) => Err(invalid(format!("expected `{key}` as an object"))),
    }
}
