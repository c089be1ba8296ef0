//! What a server says of its tool in `annotations`: claims of a stranger.
//!
//! A hint that is no boolean counts as none, and that is told.

use serde_json::Value;

/// The hints, as far as they are there.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Annotations {
    pub(super) read_only: Option<bool>,
    pub(super) destructive: Option<bool>,
    pub(super) open_world: Option<bool>,
    /// Whether a hint is there that is no boolean.
    pub(super) odd: bool,
}

impl Annotations {
    pub(super) fn of(raw: &Value) -> Self {
        let mut annotations = Self::default();
        let mut hint = |key: &str| match raw.get("annotations").and_then(|all| all.get(key)) {
            None | Some(Value::Null) => None,
            Some(Value::Bool(hint)) => Some(*hint),
            Some(Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_)) => {
                annotations.odd = true;
                None
            }
        };
        let (read_only, destructive, open_world) =
            (hint("readOnlyHint"), hint("destructiveHint"), hint("openWorldHint"));
        let _ = hint("idempotentHint");
        Self { read_only, destructive, open_world, odd: annotations.odd }
    }
}
