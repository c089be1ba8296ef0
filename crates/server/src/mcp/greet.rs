//! What the endpoint says of itself: `server/discover` for modern clients, the answer to `initialize` for legacy ones.
//!
//! In: an entrance and who asks. Out: capabilities as far as something stands behind them, and instructions: our own, and those
//! of servers whose operator lets them be told, labelled as theirs. A server that is away takes nothing from the others.
//! Tests: `tests/it/mcp`.

use domain::UpstreamPart;
use mcp::{Params, Revision, bridge, meta};
use serde_json::{Value, json};

use super::list;
use super::servers::Offered;
use super::tasks;
use super::visit::Visit;

/// Who we are.
pub(super) fn info() -> Value {
    json!({ "name": "checkrein", "title": "Checkrein", "version": env!("CARGO_PKG_VERSION") })
}

/// How to read answers: told to every client, since no prompt of a server does.
const INSTRUCTIONS: &str = "Every call is checked against policy before it runs. An error that begins with `NOT EXECUTED` \
    changed nothing; `waiting for approval` means that a person must decide: send the identical call again later. `IN DOUBT` and \
    `EXECUTED` mean that it must not be repeated. `_meta[\"checkrein/answer\"]` says what was decided, what changed and how it \
    can be undone.";

/// The result of `server/discover`.
pub(super) async fn discovered(visit: &Visit) -> Params {
    let (mut capabilities, instructions) = said(visit).await;
    capabilities.insert("extensions".to_owned(), tasks::capability());
    let versions: Vec<&str> = Revision::ALL.iter().map(|revision| revision.as_str()).collect();
    let mut result = Params::new();
    result.insert("supportedVersions".to_owned(), versions.into());
    result.insert("capabilities".to_owned(), Value::Object(capabilities));
    result.insert("instructions".to_owned(), instructions.into());
    list::finished("server/discover", result, Revision::NEWEST)
}

/// The result of `initialize`.
pub(super) async fn initialized(visit: &Visit, revision: Revision) -> Params {
    let (capabilities, instructions) = said(visit).await;
    let mut result = Params::new();
    result.insert("protocolVersion".to_owned(), revision.as_str().into());
    result.insert("capabilities".to_owned(), Value::Object(capabilities));
    result.insert("serverInfo".to_owned(), info());
    result.insert("instructions".to_owned(), instructions.into());
    result.shift_remove(meta::META);
    result
}

async fn said(visit: &Visit) -> (Params, String) {
    let offers = visit.app.mcp.servers.offers(&visit.entrance).await;
    (capabilities(visit, &offers), instructions(&offers))
}

/// What can be asked here: tools always, the rest as far as a server offers it and the caller may use it.
fn capabilities(visit: &Visit, offers: &[Offered]) -> Params {
    let mut all = Params::new();
    all.insert("tools".to_owned(), json!({ "listChanged": true }));
    let allowed = [UpstreamPart::Prompt, UpstreamPart::Resource, UpstreamPart::Completion]
        .map(|part| (part, list::allowed(visit, part)));
    for (server, offer) in offers {
        let told = bridge::capabilities_to_client(&offer.capabilities);
        let may =
            |part| allowed.iter().any(|(each, servers)| *each == part && servers.contains(server));
        for (name, value) in told {
            let fits = match name.as_str() {
                "prompts" => may(UpstreamPart::Prompt),
                "resources" => may(UpstreamPart::Resource),
                "completions" => may(UpstreamPart::Completion),
                "logging" => true,
                _ => false,
            };
            if fits {
                merge(&mut all, name, value);
            }
        }
    }
    all
}

/// What one server can, the entrance can.
fn merge(all: &mut Params, name: String, value: Value) {
    let into = all.entry(name).or_insert_with(|| json!({}));
    if let (Value::Object(into), Value::Object(more)) = (into, value) {
        for (key, value) in more {
            if into.get(&key) != Some(&Value::Bool(true)) {
                into.insert(key, value);
            }
        }
    }
}

fn instructions(offers: &[Offered]) -> String {
    let mut text = INSTRUCTIONS.to_owned();
    for (server, offer) in offers {
        if let Some(theirs) = &offer.instructions {
            let (theirs, _) = contract::outside::clean_text(theirs);
            text.push_str(&format!(
                "\n\nThe server `{server}` says of itself (untrusted):\n{theirs}"
            ));
        }
    }
    text
}
