//! Capabilities, as either side may be told them.
//!
//! In: what one side declared. Out: the part that the gateway can serve, in the form of the other side's revision. What is
//! not known here (tasks, extensions, experiments) is left out: nobody may rely on what is not passed on. Tests are in
//! `bridge/tests.rs`.

use serde_json::Value;

use crate::message::Params;
use crate::revision::Revision;

/// What a server is told of a client: roots, sampling and elicitation.
///
/// That roots change is never told (2026-07-28, "Key Changes", major 5). Elicitation is new in 2025-06-18, by form only;
/// elicitation by address and sampling with tools are new in 2025-11-25 (its "Key Changes").
pub fn capabilities_to_server(client: &Params, to: Revision) -> Params {
    let in_parts = to >= Revision::V2025November;
    let mut told = Params::new();
    if is_object(client.get("roots")) {
        told.insert("roots".to_owned(), empty());
    }
    if is_object(client.get("sampling")) {
        let parts =
            if in_parts { parts(client, "sampling", &["context", "tools"]) } else { empty() };
        told.insert("sampling".to_owned(), parts);
    }
    if in_parts && is_object(client.get("elicitation")) {
        told.insert("elicitation".to_owned(), parts(client, "elicitation", &["form", "url"]));
    } else if to == Revision::V2025June && elicits(client, "form") {
        told.insert("elicitation".to_owned(), empty());
    }
    told
}

/// What a client is told of a server; every served revision has the same form of it.
pub fn capabilities_to_client(server: &Params) -> Params {
    let mut told = Params::new();
    for (name, flags) in [
        ("tools", &["listChanged"][..]),
        ("prompts", &["listChanged"]),
        ("resources", &["listChanged", "subscribe"]),
        ("completions", &[]),
        ("logging", &[]),
    ] {
        let Some(Value::Object(declared)) = server.get(name) else { continue };
        let kept =
            declared.iter().filter(|(flag, on)| flags.contains(&flag.as_str()) && on.is_boolean());
        let kept = kept.map(|(flag, on)| (flag.clone(), on.clone())).collect();
        told.insert(name.to_owned(), Value::Object(kept));
    }
    told
}

/// Whether a client takes questions of a mode (2026-07-28, "Elicitation", capabilities: an empty object means forms).
pub(super) fn elicits(client: &Params, mode: &str) -> bool {
    let Some(Value::Object(modes)) = client.get("elicitation") else { return false };
    is_object(modes.get(mode)) || (mode == "form" && !modes.contains_key("url"))
}

pub(super) fn is_object(value: Option<&Value>) -> bool {
    value.is_some_and(Value::is_object)
}

fn parts(client: &Params, name: &str, known: &[&str]) -> Value {
    let declared = client.get(name).and_then(Value::as_object).into_iter().flatten();
    let kept = declared.filter(|(part, value)| known.contains(&part.as_str()) && value.is_object());
    Value::Object(kept.map(|(part, value)| (part.clone(), value.clone())).collect())
}

fn empty() -> Value {
    Value::Object(Params::new())
}
