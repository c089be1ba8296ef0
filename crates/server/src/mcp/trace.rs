//! Trace context of a request: W3C Trace Context and Baggage, from `_meta` or, failing that, from headers.
//!
//! In: parameters and headers. Out: what has the form that the standards give, bounded; the rest is left out, because nobody
//! may put anything else into a server's request this way. Tests are at the end.

use axum::http::HeaderMap;
use domain::limits;
use mcp::{Params, Trace, meta};

/// The trace context of a request.
pub(super) fn of(params: &Params, headers: &HeaderMap) -> Trace {
    let given = |key: &'static str| {
        let told = meta::get(params, key).and_then(|value| value.as_str());
        told.or_else(|| headers.get(key).and_then(|value| value.to_str().ok()))
    };
    let keys = meta::TRACE.into_iter();
    let found =
        keys.filter_map(|key| given(key).filter(|text| fits(key, text)).map(|text| (key, text)));
    let found: Trace = found.map(|(key, text)| (key, text.to_owned())).collect();
    // The state belongs to a parent; without one it says nothing.
    let parent = found.iter().any(|(key, _)| *key == PARENT);
    found.into_iter().filter(|(key, _)| parent || *key != STATE).collect()
}

const PARENT: &str = "traceparent";
const STATE: &str = "tracestate";

fn fits(key: &str, text: &str) -> bool {
    match key {
        PARENT => is_parent(text),
        STATE => printable(text, limits::TRACE_STATE_BYTES_MAX),
        _ => printable(text, limits::BAGGAGE_BYTES_MAX),
    }
}

/// `00-<32>-<16>-<2>` in lower-case hexadecimal digits, neither id all zero (W3C Trace Context, section 3.2).
fn is_parent(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [version, trace, parent, flags] = parts.as_slice() else { return false };
    let hex = |part: &str, length: usize| {
        let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        part.len() == length && part.bytes().all(digit)
    };
    let zero = |part: &str| part.bytes().all(|byte| byte == b'0');
    *version == "00"
        && hex(trace, 32)
        && hex(parent, 16)
        && hex(flags, 2)
        && !zero(trace)
        && !zero(parent)
}

fn printable(text: &str, bytes_max: usize) -> bool {
    let fits = |byte: u8| matches!(byte, b' '..=b'~');
    !text.is_empty() && text.len() <= bytes_max && text.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const GOOD: &str = "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01";

    fn check(meta: serde_json::Value, header: Option<&str>, expect: &[(&str, &str)]) {
        let mut headers = HeaderMap::new();
        header.map(|text| headers.insert(PARENT, text.parse().unwrap()));
        let params = Params::from_iter([("_meta".to_owned(), meta.clone())]);
        let found = of(&params, &headers);
        let found: Vec<(&str, &str)> =
            found.iter().map(|(key, text)| (*key, text.as_str())).collect();
        assert_eq!(found, expect, "{meta}");
    }

    #[test]
    fn only_what_has_the_standards_form_is_passed_on() {
        check(
            json!({ "traceparent": GOOD, "tracestate": "a=b", "baggage": "user=x" }),
            None,
            &[("traceparent", GOOD), ("tracestate", "a=b"), ("baggage", "user=x")],
        );
        check(json!({}), Some(GOOD), &[("traceparent", GOOD)]);
        check(json!({ "tracestate": "a=b" }), None, &[]);
        check(json!({ "baggage": "line\nbreak" }), None, &[]);
        check(json!({ "baggage": "x".repeat(9_000) }), None, &[]);
        for bad in [
            "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-0AF7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01",
        ] {
            check(json!({ "traceparent": bad }), None, &[]);
        }
    }
}
