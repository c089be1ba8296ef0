//! Who a server is and what it can do, from the first answer of either era.
//!
//! In: the result of `server/discover` (2026-07-28, "Discovery") or of `initialize` (2025-11-25, "Lifecycle"). Out: the same
//! four things. Nothing of it is trusted: it is what the server says of itself. Tests are in `bridge/tests.rs`.

use serde_json::Value;

use crate::message::Params;
use crate::meta;

/// What a server says of itself.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Greeting {
    /// Its name and version.
    pub info: Option<Value>,
    /// What it can do.
    pub capabilities: Params,
    /// How it wants to be used.
    pub instructions: Option<String>,
    /// Revisions that it serves: those it lists, or the one that it chose.
    pub versions: Vec<String>,
}

/// Reads the result of `server/discover` or `initialize`.
pub fn greeting(result: &Params) -> Greeting {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let listed = result.get("supportedVersions").and_then(Value::as_array);
    let versions = match listed {
        Some(listed) => listed.iter().filter_map(text).collect(),
        None => result.get("protocolVersion").and_then(text).into_iter().collect(),
    };
    let info = meta::get(result, meta::SERVER_INFO).or(result.get("serverInfo"));
    Greeting {
        info: info.filter(|info| info.is_object()).cloned(),
        capabilities: result
            .get("capabilities")
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default(),
        instructions: result.get("instructions").and_then(text),
        versions,
    }
}
