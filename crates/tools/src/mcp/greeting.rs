//! How a server is greeted, and what its answer says: which era, which revision, what it can do.
//!
//! ```text
//! server/discover -> versions with ours: modern | legacy ones only, or anything unknown: initialize | none: refused
//! initialize      -> a revision that we know | refused
//! ```
//! In: the outcome of one of both requests (specification 2026-07-28, "Versioning and Compatibility"). Out: a greeting, or what
//! to try next. Sending is the business of `stdio/greet.rs` and `http/greet.rs`. Tests are at the end.

use mcp::{Params, Revision, RpcCode, RpcError, meta};
use serde_json::{Value, json};

use super::clean;
use super::listener::Questions;

/// Bytes of one word of a server that is shown.
const WORD_BYTES_MAX: usize = 200;

/// A server that answered.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Greeting {
    pub(super) revision: Revision,
    pub(super) info: Option<Value>,
    pub(super) capabilities: Params,
    pub(super) instructions: Option<String>,
}

/// What an answer to `server/discover` says.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Discovered {
    /// A modern server.
    Modern(Box<Greeting>),
    /// A legacy one, or none that knows the question: `initialize` is next.
    Legacy,
    /// A modern one that cannot be used.
    Refused(String),
}

/// Who we say we are.
pub(super) fn client_info() -> Value {
    json!({ "name": "checkrein", "title": "Checkrein", "version": env!("CARGO_PKG_VERSION") })
}

/// The parameters of a modern request of our own, on which no client can be asked anything.
pub(super) fn modern_params(mut params: Params) -> Params {
    meta::put(&mut params, meta::PROTOCOL_VERSION, Revision::NEWEST.as_str().into());
    meta::put(&mut params, meta::CLIENT_INFO, client_info());
    meta::put(&mut params, meta::CLIENT_CAPABILITIES, Value::Object(Params::new()));
    params
}

/// The parameters of `initialize`. What clients can be asked is declared before any is known.
pub(super) fn initialize_params(questions: Questions) -> Params {
    let capabilities = match questions {
        Questions::Offered => json!({ "elicitation": {}, "sampling": {}, "roots": {} }),
        Questions::NotOffered => json!({}),
    };
    Params::from_iter([
        ("protocolVersion".to_owned(), Revision::NEWEST_LEGACY.as_str().into()),
        ("capabilities".to_owned(), capabilities),
        ("clientInfo".to_owned(), client_info()),
    ])
}

/// Reads the outcome of `server/discover`.
pub(super) fn discovered(outcome: Result<Params, RpcError>) -> Discovered {
    match outcome {
        Ok(result) => match result.get("supportedVersions").and_then(Value::as_array) {
            Some(versions) => by_versions(versions, Some(result.clone())),
            None => Discovered::Legacy,
        },
        Err(error) if error.is(RpcCode::UnsupportedProtocolVersion) => {
            let supported = error.data.as_ref().and_then(|data| data.get("supported"));
            by_versions(supported.and_then(Value::as_array).map_or(&[][..], Vec::as_slice), None)
        }
        Err(error)
            if error.is(RpcCode::HeaderMismatch)
                || error.is(RpcCode::MissingRequiredClientCapability) =>
        {
            Discovered::Refused(format!("it answers `server/discover` with {}", said(&error)))
        }
        Err(_) => Discovered::Legacy,
    }
}

/// Whether it refuses our revision and names it as supported: then it is asked once more.
pub(super) fn contradicts_itself(outcome: &Result<Params, RpcError>) -> bool {
    let Err(error) = outcome else { return false };
    let supported = error.data.as_ref().and_then(|data| data.get("supported"));
    let ours = |version: &Value| version.as_str() == Some(Revision::NEWEST.as_str());
    error.is(RpcCode::UnsupportedProtocolVersion)
        && supported.and_then(Value::as_array).is_some_and(|versions| versions.iter().any(ours))
}

fn by_versions(versions: &[Value], result: Option<Params>) -> Discovered {
    let texts = || versions.iter().filter_map(Value::as_str);
    if let Some(result) = result
        && texts().any(|version| version == Revision::NEWEST.as_str())
    {
        let info = meta::get(&result, meta::SERVER_INFO).cloned();
        return Discovered::Modern(Box::new(greeting(Revision::NEWEST, info, result)));
    }
    let legacy = |version: &str| {
        Revision::of_server(version).is_some_and(|revision| revision != Revision::NEWEST)
    };
    match texts().any(legacy) {
        true => Discovered::Legacy,
        false => Discovered::Refused(format!(
            "it serves the revisions {}, none of which is known here",
            clean::line(&texts().collect::<Vec<_>>().join(", "), WORD_BYTES_MAX)
        )),
    }
}

/// Reads the outcome of `initialize`.
pub(super) fn initialized(outcome: Result<Params, RpcError>) -> Result<Greeting, String> {
    let result = outcome.map_err(|error| format!("it refuses `initialize`: {}", said(&error)))?;
    let version = result.get("protocolVersion").and_then(Value::as_str).unwrap_or_default();
    match Revision::of_server(version) {
        // A modern revision has no `initialize`; who answers so has mixed something up.
        Some(revision) if revision != Revision::NEWEST => {
            let info = result.get("serverInfo").cloned();
            Ok(greeting(revision, info, result))
        }
        Some(_) | None => Err(format!(
            "it answers `initialize` with the revision `{}`, which is not known here",
            clean::line(version, WORD_BYTES_MAX)
        )),
    }
}

fn greeting(revision: Revision, info: Option<Value>, mut result: Params) -> Greeting {
    let capabilities = match result.remove("capabilities") {
        Some(Value::Object(capabilities)) => capabilities,
        _ => Params::new(),
    };
    let instructions = match result.remove("instructions") {
        Some(Value::String(text)) => Some(text),
        _ => None,
    };
    let info = info.filter(Value::is_object).map(|info| clean::value(info).0);
    Greeting { revision, info, capabilities, instructions }
}

fn said(error: &RpcError) -> String {
    format!("the error {}: {}", error.code, clean::line(&error.message, WORD_BYTES_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn discover(result: Value) -> Discovered {
        let Value::Object(result) = result else { panic!("expected an object") };
        discovered(Ok(result))
    }

    #[test]
    fn the_era_follows_from_the_versions_that_a_server_names() {
        let is = |versions: Value| match discover(json!({ "supportedVersions": versions })) {
            Discovered::Modern(_) => "modern",
            Discovered::Legacy => "legacy",
            Discovered::Refused(_) => "refused",
        };
        assert_eq!(is(json!(["2026-07-28"])), "modern");
        assert_eq!(is(json!(["2099-01-01", "2026-07-28", "2025-11-25"])), "modern");
        assert_eq!(is(json!(["2025-11-25"])), "legacy");
        assert_eq!(is(json!(["2099-01-01"])), "refused");
        assert_eq!(is(json!([])), "refused");
        assert_eq!(is(json!([7, null])), "refused");
    }

    #[test]
    fn only_errors_of_modern_servers_keep_from_initialize() {
        let of = |code: i64, data: Value| {
            let error = RpcError { code, message: "no".to_owned(), data: Some(data) };
            discovered(Err(error))
        };
        assert_eq!(of(-32_601, json!({})), Discovered::Legacy);
        assert_eq!(of(-32_602, json!({})), Discovered::Legacy);
        assert_eq!(of(-32_000, json!({})), Discovered::Legacy);
        assert_eq!(of(-32_022, json!({ "supported": ["2025-11-25"] })), Discovered::Legacy);
        for (code, data) in
            [(-32_022, json!({ "supported": ["2099-01-01"] })), (-32_020, json!({}))]
        {
            assert!(matches!(of(code, data), Discovered::Refused(_)), "{code}");
        }
    }

    #[test]
    fn a_server_that_refuses_what_it_supports_is_asked_once_more() {
        let of = |code: i64, supported: Value| {
            let data = Some(json!({ "supported": supported }));
            contradicts_itself(&Err(RpcError { code, message: "no".to_owned(), data }))
        };
        assert!(of(-32_022, json!(["2025-11-25", "2026-07-28"])));
        assert!(!of(-32_022, json!(["2025-11-25"])));
        assert!(!of(-32_022, json!("2026-07-28")));
        assert!(!of(-32_601, json!(["2026-07-28"])));
        assert!(!contradicts_itself(&Ok(Params::new())));
    }

    #[test]
    fn a_legacy_server_may_be_old_but_must_be_known() {
        let is = |version: &str| {
            let result =
                json!({ "protocolVersion": version, "capabilities": {}, "serverInfo": {} });
            let Value::Object(result) = result else { panic!("expected an object") };
            initialized(Ok(result)).map(|greeting| greeting.revision.as_str()).ok()
        };
        assert_eq!(is("2025-11-25"), Some("2025-11-25"));
        assert_eq!(is("2024-11-05"), Some("2024-11-05"));
        assert_eq!(is("2026-07-28"), None);
        assert_eq!(is("2099-01-01"), None);
        assert_eq!(is(""), None);
    }
}
