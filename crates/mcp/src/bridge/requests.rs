//! What goes with a request to a server, and which of its notifications come back to a client.
//!
//! In: parameters and what is known of the peer. Out: `_meta` in the form of the server's revision; whether a notification
//! passes. Tests are in `bridge/tests.rs`.

use serde_json::Value;

use super::capabilities::capabilities_to_server;
use crate::conversation::Client;
use crate::message::{Notification, Params};
use crate::meta;
use crate::revision::Era;

/// Levels of log messages, the least first (RFC 5424).
const LEVELS: [&str; 8] =
    ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"];

/// Puts `_meta` of a request to a server. `client` is what the server is told of us, with the revision that the server speaks
/// and the token that we chose for progress. Keys of the other era and our own are taken out; others pass.
pub fn dress(params: &mut Params, client: &Client) {
    // Whose request it was is not the server's business: tokens and trace are those in `client` or none.
    meta::take_ours(params);
    meta::take(params, &[meta::PROGRESS_TOKEN]);
    meta::take(params, &meta::TRACE);
    let modern =
        [meta::PROTOCOL_VERSION, meta::CLIENT_INFO, meta::CLIENT_CAPABILITIES, meta::LOG_LEVEL];
    meta::take(params, &modern);
    let mut put = |key: &str, value: Value| meta::put(params, key, value);
    match client.revision.era() {
        Era::Legacy => {}
        Era::Modern => {
            // 2026-07-28, "`_meta`": version and capabilities are required, identity and level are not.
            put(meta::PROTOCOL_VERSION, client.revision.as_str().into());
            let capabilities = capabilities_to_server(&client.capabilities, client.revision);
            put(meta::CLIENT_CAPABILITIES, Value::Object(capabilities));
            client.info.iter().for_each(|info| put(meta::CLIENT_INFO, info.clone()));
            let level = client.log_level.iter().filter(|level| LEVELS.contains(&level.as_str()));
            level.for_each(|level| put(meta::LOG_LEVEL, level.as_str().into()));
        }
    }
    client.progress_token.iter().for_each(|token| put(meta::PROGRESS_TOKEN, token.clone()));
    client.trace.iter().for_each(|(key, value)| put(key, value.as_str().into()));
}

/// Whether a notification of a server is passed on to a client.
pub fn passes(notification: &Notification, client: &Client) -> bool {
    let modern = client.revision.era() == Era::Modern;
    match notification.method.as_str() {
        // Modern: only for a request that named a level ("Logging"). Legacy: without a level it is the server's choice.
        "notifications/message" => match (&client.log_level, modern) {
            (None, modern) => !modern,
            (Some(least), _) => reaches(notification.params.get("level"), least),
        },
        // A token that the client did not give means nothing to it ("Progress").
        "notifications/progress" => client.progress_token.is_some(),
        // What is cancelled is a request of the server to us, by a number that only we know.
        "notifications/cancelled" => false,
        // "Key Changes", minor 11: modern clients do not have it.
        "notifications/elicitation/complete" => !modern,
        // "Subscriptions": ours is the stream that the client listens to, not the server's. And we serve no tasks.
        "notifications/subscriptions/acknowledged" | "notifications/tasks/status" => false,
        _ => true,
    }
}

fn reaches(level: Option<&Value>, least: &str) -> bool {
    let rank = |level: &str| LEVELS.iter().position(|known| *known == level);
    match (level.and_then(Value::as_str).and_then(rank), rank(least)) {
        (Some(level), Some(least)) => level >= least,
        // A level that nobody knows is not passed on: the client asked for a known one.
        (None, _) | (_, None) => false,
    }
}
