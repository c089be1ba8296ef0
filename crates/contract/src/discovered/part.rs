//! Contracts of what a server offers beside tools: reading a resource, getting a prompt, completing an argument.
//!
//! Each is one tool of Checkrein's own per server, pure and confirmed: whoever calls this has an operator's word that the server may
//! offer it. Their names are kept free: a server's tool of such a name is held back (`finding::across`).

use std::time::Duration;

use serde_json::{Value, json};

use super::{everything, finished, plain_resource, timeout};
use crate::canonical::digest_of;
use crate::compiled::Compiled;
use domain::{
    Consequences, Contract, Digest, EffectClass, ErrorCase, Executed, Idempotency, Label, Labels,
    Maturity, Money, Name, PreviewMeans, Provenance, ToolName, UndoMeans, UpstreamPart,
    UpstreamTool, VerifyMeans, limits,
};

/// The name of such a tool; none for [`UpstreamPart::Tool`].
pub fn part_name(server: &Name, part: UpstreamPart) -> Option<ToolName> {
    format!("{server}.mcp.{}", word(part)?).parse().ok()
}

/// Whether a name lies where these names lie, which no tool of the server may.
pub fn is_part_name(server: &Name, name: &ToolName) -> bool {
    name.as_str()
        .strip_prefix(server.as_str())
        .is_some_and(|rest| rest == ".mcp" || rest.starts_with(".mcp."))
}

fn word(part: UpstreamPart) -> Option<&'static str> {
    match part {
        UpstreamPart::Tool => None,
        UpstreamPart::Resource => Some("read_resource"),
        UpstreamPart::Prompt => Some("get_prompt"),
        UpstreamPart::Completion => Some("complete"),
    }
}

/// The contract of a server's part; none for [`UpstreamPart::Tool`].
pub fn part(server: &Name, part: UpstreamPart, within: Duration) -> Option<Compiled> {
    let name = part_name(server, part)?;
    let word = word(part)?;
    let [what, when_to_use] = texts(part, server);
    let resource = match part {
        UpstreamPart::Resource => format!("{}/{{uri}}", plain_resource(server, &name)),
        UpstreamPart::Prompt => format!("{}/{{name}}", plain_resource(server, &name)),
        UpstreamPart::Completion | UpstreamPart::Tool => plain_resource(server, &name),
    };
    let contract = Contract {
        name,
        version: 1,
        what,
        when_to_use,
        side_effects: "none".to_owned(),
        input: input(part),
        output: output(part),
        output_rules: Vec::new(),
        errors: vec![ErrorCase {
            code: super::TOOL_ERROR.to_owned(),
            meaning: "the server could not answer".to_owned(),
            executed: Executed::No,
        }],
        effect_class: EffectClass::Pure,
        consequences: Consequences::new(),
        provenance: Provenance::Confirmed,
        scope: everything().into_iter().collect(),
        kinds: std::collections::BTreeMap::new(),
        bound: Vec::new(),
        resource,
        idempotency: Idempotency::CallerKey,
        preview: PreviewMeans::None,
        undo: UndoMeans::None,
        outbox: None,
        verify: VerifyMeans::None,
        command: None,
        upstream: Some(UpstreamTool {
            server: server.clone(),
            wire: word.to_owned(),
            part,
            definition: digest_of(
                &json!({ "form": "checkrein-part-1", "server": server.as_str(), "part": part.word() }),
            ),
        }),
        attempts: domain::Attempts::default(),
        timeout: timeout(within),
        rate: None,
        cost_max: Money::default(),
        maturity: Maturity::Beta,
        output_labels: Labels::from([Label::Untrusted]),
        output_bytes_max: limits::OUTPUT_BYTES_MAX,
        safeguards: domain::Safeguards::default(),
        digest: Digest::default(),
    };
    finished(contract).ok()
}

fn texts(part: UpstreamPart, server: &Name) -> [String; 2] {
    let [what, when] = match part {
        UpstreamPart::Resource | UpstreamPart::Tool => {
            ["reads a resource", "to read what the server lists as a resource"]
        }
        UpstreamPart::Prompt => ["gets a prompt", "to get a prompt that the server lists"],
        UpstreamPart::Completion => [
            "proposes values for an argument of a prompt or a resource",
            "to complete an argument while it is typed",
        ],
    };
    [format!("{what} of server `{server}`"), when.to_owned()]
}

fn input(part: UpstreamPart) -> Value {
    let (properties, required) = match part {
        UpstreamPart::Resource | UpstreamPart::Tool => {
            (json!({ "uri": { "type": "string" } }), json!(["uri"]))
        }
        UpstreamPart::Prompt => (
            json!({
                "name": { "type": "string" },
                "arguments": { "type": "object", "additionalProperties": { "type": "string" } },
            }),
            json!(["name"]),
        ),
        UpstreamPart::Completion => (
            json!({
                "ref": { "type": "object" },
                "argument": {
                    "type": "object",
                    "properties": { "name": { "type": "string" }, "value": { "type": "string" } },
                    "required": ["name", "value"],
                },
                "context": { "type": "object" },
            }),
            json!(["ref", "argument"]),
        ),
    };
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

fn output(part: UpstreamPart) -> Value {
    let (field, schema) = match part {
        UpstreamPart::Resource | UpstreamPart::Tool => {
            ("contents", json!({ "type": "array", "items": { "type": "object" } }))
        }
        UpstreamPart::Prompt => {
            ("messages", json!({ "type": "array", "items": { "type": "object" } }))
        }
        UpstreamPart::Completion => (
            "completion",
            json!({
                "type": "object",
                "properties": { "values": { "type": "array", "items": { "type": "string" } } },
                "required": ["values"],
            }),
        ),
    };
    json!({ "type": "object", "properties": { field: schema }, "required": [field] })
}
