//! Keys that travel in `_meta`: those of the specification (2026-07-28, "`_meta`"), of trace context, and our own.
//!
//! In: parameters or results. Out: values by key. Nothing here says what a key may do. Tests are at the end.

use serde_json::Value;

use crate::message::Params;

/// Where keys of this kind stand.
pub const META: &str = "_meta";
/// The revision of a modern request.
pub const PROTOCOL_VERSION: &str = "io.modelcontextprotocol/protocolVersion";
/// Who the client says it is.
pub const CLIENT_INFO: &str = "io.modelcontextprotocol/clientInfo";
/// What the client can do.
pub const CLIENT_CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";
/// Who the server says it is.
pub const SERVER_INFO: &str = "io.modelcontextprotocol/serverInfo";
/// From which level on a modern request wants log messages.
pub const LOG_LEVEL: &str = "io.modelcontextprotocol/logLevel";
/// The subscription that a notification belongs to: the id of its `subscriptions/listen`.
pub const SUBSCRIPTION_ID: &str = "io.modelcontextprotocol/subscriptionId";
/// The token of progress notifications.
pub const PROGRESS_TOKEN: &str = "progressToken";
/// Trace context (W3C), passed on as it is.
pub const TRACE: [&str; 3] = ["traceparent", "tracestate", "baggage"];
/// What every key of ours begins with.
pub const OURS: &str = "checkrein/";
/// Ours: what a client says of a call beside tool and arguments: intent, expected effect, confidence, key, evidence, after.
pub const PROPOSAL: &str = "checkrein/proposal";
/// Ours: the run that a call belongs to.
pub const RUN: &str = "checkrein/run";
/// Ours: the answer's envelope without its output.
pub const ANSWER: &str = "checkrein/answer";
/// Ours: where content came from, and that it is not to be trusted.
pub const SOURCE: &str = "checkrein/source";

/// A value in `_meta`.
pub fn get<'a>(params: &'a Params, key: &str) -> Option<&'a Value> {
    params.get(META)?.get(key)
}

/// Puts a value into `_meta`, which is made if it is not there. A `_meta` that is no object is replaced.
pub fn put(params: &mut Params, key: &str, value: Value) {
    let meta = params.entry(META).or_insert_with(|| Value::Object(Params::new()));
    if let Value::Object(meta) = meta {
        meta.insert(key.to_owned(), value);
    } else {
        *meta = Value::Object(Params::from_iter([(key.to_owned(), value)]));
    }
}

/// Takes values out of `_meta`, and `_meta` itself when nothing is left in it.
pub fn take(params: &mut Params, keys: &[&str]) {
    retain(params, |key| !keys.contains(&key));
}

/// Takes all keys of ours out: nobody else can say what they say, and they are nobody else's business.
pub fn take_ours(params: &mut Params) {
    retain(params, |key| !key.starts_with(OURS));
    params.values_mut().for_each(take_ours_below);
}

/// In every object below, as deep as strict JSON may be.
fn take_ours_below(value: &mut Value) {
    match value {
        Value::Object(object) => take_ours(object),
        Value::Array(items) => items.iter_mut().for_each(take_ours_below),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn retain(params: &mut Params, stays: impl Fn(&str) -> bool) {
    let Some(Value::Object(meta)) = params.get_mut(META) else { return };
    meta.retain(|key, _| stays(key));
    if meta.is_empty() {
        params.remove(META);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(value: Value) -> Params {
        let Value::Object(object) = value else { panic!("expected an object") };
        object
    }

    #[test]
    fn values_come_and_go_and_others_stay() {
        let mut params = object(json!({ "name": "a" }));
        put(&mut params, PROGRESS_TOKEN, 1.into());
        put(&mut params, RUN, "r".into());
        put(&mut params, ANSWER, json!({}));
        assert_eq!(get(&params, PROGRESS_TOKEN), Some(&1.into()));
        take_ours(&mut params);
        assert_eq!(
            Value::Object(params.clone()),
            json!({ "name": "a", "_meta": { "progressToken": 1 } })
        );
        take(&mut params, &[PROGRESS_TOKEN]);
        assert_eq!(Value::Object(params), json!({ "name": "a" }));
    }

    #[test]
    fn a_meta_that_is_no_object_says_nothing_and_is_replaced() {
        let mut params = object(json!({ "_meta": ["checkrein/run"] }));
        assert_eq!(get(&params, RUN), None);
        take_ours(&mut params);
        put(&mut params, RUN, "r".into());
        assert_eq!(Value::Object(params), json!({ "_meta": { "checkrein/run": "r" } }));
    }
}
