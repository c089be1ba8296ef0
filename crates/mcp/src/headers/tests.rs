//! Tests of headers: what is sent is accepted, and what differs from the body is refused by name.
//!
//! Examples of values and bad annotations follow the tables of the specification.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::message::Id;

type Pairs = Vec<(String, String)>;

fn request(method: &str, params: Value) -> Request {
    let Value::Object(mut params) = params else { panic!("expected an object") };
    meta::put(&mut params, meta::PROTOCOL_VERSION, "2026-07-28".into());
    Request::new(Id::Number(1), method, params)
}

/// As a table of headers gives them: by name without case, all values.
fn lookup<'a>(headers: &'a Pairs) -> impl Fn(&str) -> Vec<&'a [u8]> {
    move |name| {
        let named = headers.iter().filter(|(given, _)| given.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_bytes()).collect()
    }
}

fn pairs(given: &[(&str, &str)]) -> Pairs {
    given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn mirrors(properties: Value) -> Mirrors {
    Mirrors::of(&json!({ "type": "object", "properties": properties })).unwrap()
}

/// One argument `a` of a type, mirrored as `A`, against one header or none.
fn check_one(kind: &str, argument: Value, header: Option<&str>) -> Result<(), String> {
    let mirrors = mirrors(json!({ "a": { "type": kind, "x-mcp-header": "A" } }));
    let given: Pairs =
        header.map(|value| ("mcp-param-a".to_owned(), value.to_owned())).into_iter().collect();
    let checked = check_arguments(&mirrors, Some(&argument), lookup(&given));
    checked.map_err(|error| {
        assert!(error.is(RpcCode::HeaderMismatch));
        error.message
    })
}

#[test]
fn values_are_encoded_as_the_specification_shows() {
    for (text, expect) in [
        ("us-west1", "us-west1"),
        ("Hello, 世界", "=?base64?SGVsbG8sIOS4lueVjA==?="),
        (" padded ", "=?base64?IHBhZGRlZCA=?="),
        ("line1\nline2", "=?base64?bGluZTEKbGluZTI=?="),
        ("=?base64?literal?=", "=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?="),
        ("", ""),
        ("us west 1", "us west 1"),
        ("\tindented", "=?base64?CWluZGVudGVk?="),
        ("=?base64?half", "=?base64?half"),
    ] {
        assert_eq!(encode(text), expect);
        assert_eq!(decode(expect.as_bytes()).as_deref(), Ok(text));
    }
}

#[test]
fn values_that_cannot_be_read_are_refused() {
    for (value, expect) in [
        (&b"=?base64?SGVsbG8?="[..], BadValue::Base64),
        (b"=?base64?SGVs!!!bG8=?=", BadValue::Base64),
        (b"=?base64?//79?=", BadValue::Text),
        (b"a\nb", BadValue::Characters),
        (b"a\0b", BadValue::Characters),
        (b"\x7f", BadValue::Characters),
        ("é".as_bytes(), BadValue::Characters),
    ] {
        assert_eq!(decode(value), Err(expect), "{value:?}");
    }
    // Markers in other case, or only one of them, are literal.
    assert_eq!(decode(b"=?BASE64?SGVsbG8=?=").as_deref(), Ok("=?BASE64?SGVsbG8=?="));
}

#[test]
fn a_request_repeats_version_method_and_name() {
    let call = request("tools/call", json!({ "name": "execute_sql" }));
    let expect = [
        ("MCP-Protocol-Version", "2026-07-28"),
        ("Mcp-Method", "tools/call"),
        ("Mcp-Name", "execute_sql"),
    ];
    assert_eq!(sent(&call, &Mirrors::default()), Ok(pairs(&expect)));
    let read = request("resources/read", json!({ "uri": "file:///ä" }));
    let headers = sent(&read, &Mirrors::default()).unwrap();
    assert_eq!(headers[2].1, "=?base64?ZmlsZTovLy/DpA==?=");
    let list = sent(&request("tools/list", json!({ "name": "no" })), &Mirrors::default()).unwrap();
    assert_eq!(list.len(), 2);
}

#[test]
fn headers_that_differ_from_the_body_are_refused_by_name() {
    let good =
        [("MCP-Protocol-Version", "2026-07-28"), ("mcp-method", "tools/call"), ("MCP-NAME", "a")];
    let call = request("tools/call", json!({ "name": "a" }));
    assert_eq!(check(&call, lookup(&pairs(&good))), Ok(()));
    let with = |at: usize, value: &'static str| {
        let mut other = good;
        other[at].1 = value;
        pairs(&other)
    };
    let without = |at: usize| {
        let mut other = pairs(&good);
        other.remove(at);
        other
    };
    let twice = |at: usize| {
        let mut other = pairs(&good);
        other.push(other[at].clone());
        other
    };
    assert_eq!(check(&call, lookup(&with(2, " a\t"))), Ok(()), "blanks around a value");
    assert_eq!(check(&call, lookup(&with(2, "=?base64?YQ==?="))), Ok(()), "encoded without need");
    for (headers, name, why) in [
        (without(0), "MCP-Protocol-Version", "missing"),
        (without(1), "Mcp-Method", "missing"),
        (without(2), "Mcp-Name", "missing"),
        (with(0, "2025-11-25"), "MCP-Protocol-Version", "the body says `2026-07-28`"),
        (with(1, "TOOLS/CALL"), "Mcp-Method", "says `TOOLS/CALL`"),
        (with(1, "=?base64?dG9vbHMvY2FsbA==?="), "Mcp-Method", "the body says"),
        (with(2, "A"), "Mcp-Name", "the body says `a`"),
        (with(2, "=?base64?YQ?="), "Mcp-Name", "not base64"),
        (with(2, "ä"), "Mcp-Name", "characters"),
        (twice(0), "MCP-Protocol-Version", "more than once"),
        (twice(1), "Mcp-Method", "more than once"),
        (twice(2), "Mcp-Name", "more than once"),
    ] {
        let error = check(&call, lookup(&headers)).unwrap_err();
        assert!(error.is(RpcCode::HeaderMismatch));
        assert!(error.message.contains(name) && error.message.contains(why), "{}", error.message);
    }
}

#[test]
fn arguments_are_compared_by_their_kind() {
    for (kind, argument, header) in [
        ("string", json!({ "a": "x" }), Some("x")),
        ("string", json!({ "a": "" }), Some("")),
        ("integer", json!({ "a": 42 }), Some("42")),
        ("integer", json!({ "a": 42 }), Some("42.0")),
        ("integer", json!({ "a": -7 }), Some("-7")),
        ("boolean", json!({ "a": true }), Some("true")),
        ("string", json!({ "a": null }), None),
        ("string", json!({}), None),
    ] {
        assert_eq!(check_one(kind, argument.clone(), header), Ok(()), "{argument} {header:?}");
    }
    for (kind, argument, header, why) in [
        ("string", json!({ "a": "x" }), None, "missing"),
        ("string", json!({ "a": null }), Some("x"), "leave both out"),
        ("string", json!({}), Some(""), "leave both out"),
        ("string", json!({ "a": "42" }), Some("42.0"), "the body says"),
        ("integer", json!({ "a": 42 }), Some("43"), "the body says"),
        ("integer", json!({ "a": 42 }), Some("4 2"), "the body says"),
        ("boolean", json!({ "a": true }), Some("True"), "the body says"),
        ("string", json!({ "a": ["x"] }), Some("[\"x\"]"), "the body says"),
        ("integer", json!({ "a": 1.5 }), Some("1.5"), "the body says"),
        ("string", json!({ "a": "x" }), Some("=?base64?e?="), "base64"),
    ] {
        let error = check_one(kind, argument.clone(), header).unwrap_err();
        assert!(error.contains("Mcp-Param-A") && error.contains(why), "{argument}: {error}");
    }
}

#[test]
fn annotations_are_found_through_properties_alone() {
    let nested = mirrors(json!({
        "at": { "type": "object", "properties": { "region": { "type": "string", "x-mcp-header": "Region" } } },
        "x-mcp-header": { "type": "string", "default": { "x-mcp-header": "data" } },
    }));
    let call = |arguments: Value| {
        let request = request("tools/call", json!({ "name": "a", "arguments": arguments }));
        sent(&request, &nested).unwrap().split_off(3)
    };
    assert_eq!(call(json!({ "at": { "region": "eu" } })), pairs(&[("Mcp-Param-Region", "eu")]));
    for none in [json!({}), json!({ "at": 1 }), json!({ "at": { "region": null } })] {
        assert_eq!(call(none), []);
    }
}

#[test]
fn a_tool_with_bad_annotations_is_left_out_and_told_why() {
    let named = |name: Value| json!({ "a": { "type": "string", "x-mcp-header": name } });
    let typed = |kind: Value| json!({ "a": { "type": kind, "x-mcp-header": "A" } });
    let inner = json!({ "type": "string", "x-mcp-header": "A" });
    let many: Params = (0..=limits::MIRRORED_ARGUMENTS_MAX)
        .map(|at| (at.to_string(), json!({ "type": "string", "x-mcp-header": format!("A{at}") })))
        .collect();
    let under = |key: &str, value: Value| json!({ "type": "object", "properties": {}, key: value });
    let root = |properties: Value| json!({ "type": "object", "properties": properties });
    for (schema, why) in [
        (root(named("".into())), "letters, digits"),
        (root(named("My Region".into())), "letters, digits"),
        (root(named("a:b".into())), "letters, digits"),
        (root(named("Région".into())), "letters, digits"),
        (root(named("a\r\nb".into())), "letters, digits"),
        (root(named(json!(1))), "letters, digits"),
        (root(named("a".repeat(65).into())), "letters, digits"),
        (root(typed("number".into())), "another type"),
        (root(typed("object".into())), "another type"),
        (root(typed("null".into())), "another type"),
        (root(typed(Value::Null)), "another type"),
        (
            root(
                json!({ "a": named("X".into())["a"], "b": { "type": "integer", "x-mcp-header": "x" } }),
            ),
            "second time",
        ),
        (root(json!({ "a": { "type": "array", "items": inner } })), "`properties` alone"),
        (root(json!({ "a": { "anyOf": [inner] } })), "`properties` alone"),
        (under("oneOf", json!([{ "properties": { "a": inner } }])), "`properties` alone"),
        (under("if", json!({ "properties": { "a": inner } })), "`properties` alone"),
        (under("$defs", json!({ "a": inner })), "`properties` alone"),
        (under("patternProperties", json!({ "a": inner })), "`properties` alone"),
        (under("additionalProperties", inner.clone()), "`properties` alone"),
        (under("not-a-keyword", json!({ "deep": [[inner]] })), "`properties` alone"),
        (under("x-mcp-header", "A".into()), "`properties` alone"),
        (root(Value::Object(many)), "more than"),
    ] {
        let error = Mirrors::of(&schema).unwrap_err().to_string();
        assert!(error.contains(why), "{schema}: {error}");
    }
}

#[test]
fn what_cannot_be_sent_is_refused_before_it_is_sent() {
    let mirrors = mirrors(json!({ "a": { "type": "string", "x-mcp-header": "A" } }));
    let call = |argument: Value| {
        let params = json!({ "name": "a", "arguments": { "a": argument } });
        sent(&request("tools/call", params), &mirrors)
    };
    assert_eq!(call(json!([1])), Err(Unsendable::Kind("Mcp-Param-A".to_owned())));
    assert_eq!(call(json!(1.5)), Err(Unsendable::Kind("Mcp-Param-A".to_owned())));
    assert_eq!(call(json!(1_u64 << 53)), Err(Unsendable::Kind("Mcp-Param-A".to_owned())));
    assert!(call(json!("x".repeat(limits::MIRRORED_BYTES_MAX - 100))).is_ok());
    assert!(matches!(
        call(json!("x".repeat(limits::MIRRORED_BYTES_MAX))),
        Err(Unsendable::TooLarge { .. })
    ));
}

proptest! {
    #[test]
    fn every_text_comes_back_and_is_safe_on_its_way(text in "(?s).{0,100}|=\\?base64\\?.{0,9}\\?=| .*|.*\t") {
        let encoded = encode(&text);
        prop_assert!(encoded.bytes().all(|byte| matches!(byte, b' '..=b'~')));
        prop_assert_eq!(encoded.trim_ascii(), &encoded);
        prop_assert_eq!(decode(encoded.as_bytes()), Ok(text));
    }

    #[test]
    fn what_a_client_sends_its_server_accepts(
        name in "(?s).{0,40}", text in "(?s).{0,40}", number in -(1_i64 << 53) + 1..1 << 53, truth: bool,
    ) {
        let kinds = json!({
            "t": { "type": "string", "x-mcp-header": "T" },
            "n": { "type": "integer", "x-mcp-header": "N" },
            "b": { "type": "boolean", "x-mcp-header": "B" },
        });
        let mirrors = mirrors(kinds);
        let arguments = json!({ "t": text, "n": number, "b": truth });
        let call = request("tools/call", json!({ "name": name, "arguments": arguments }));
        let mut headers = sent(&call, &mirrors).unwrap();
        let arguments = call.params.get("arguments");
        prop_assert_eq!(check(&call, lookup(&headers)), Ok(()));
        prop_assert_eq!(check_arguments(&mirrors, arguments, lookup(&headers)), Ok(()));
        // Any one of them taken away is missed.
        for at in 0..headers.len() {
            let taken = headers.remove(at);
            let both = check(&call, lookup(&headers)).and(check_arguments(&mirrors, arguments, lookup(&headers)));
            prop_assert!(both.is_err(), "{:?}", taken);
            headers.insert(at, taken);
        }
    }

    #[test]
    fn any_bytes_in_a_header_are_read_or_refused(bytes: Vec<u8>) {
        if let Ok(text) = decode(&bytes) {
            prop_assert_eq!(decode(encode(&text).as_bytes()), Ok(text));
        }
    }
}
