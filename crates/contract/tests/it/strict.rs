//! Which texts are strict JSON, and what is said of the others.
//!
//! One table of texts with what is said of them; equal numbers; the bounds, hit exactly.

use contract::strict::{self, StrictProblem};
use domain::limits;
use serde_json::{Value, json};

fn refused(text: &str) -> String {
    strict::parse(text, 1 << 20).unwrap_err().to_string()
}

fn read(text: &str) -> Value {
    strict::parse(text, 1 << 20).unwrap()
}

#[test]
fn what_is_wrong_is_said_with_its_place_and_what_would_be_right() {
    for (text, expect) in [
        (r#"{"a":1,"a":2}"#, "at `/a`: the key `a` is named twice in one object, name it once"),
        (
            r#"{"a":[{"b":1,"c":{"x/y":1,"x/y":2}}]}"#,
            "at `/a/0/c/x~1y`: the key `x/y` is named twice",
        ),
        (r#"{"a":1,"\u0061":2}"#, "the key `a` is named twice"),
        (r#"{"n":9007199254740992}"#, "at `/n`: `9007199254740992` is beyond 9007199254740991"),
        (r#"[-9007199254740992]"#, "at `/0`: `-9007199254740992` is beyond"),
        (r#"{"n":18446744073709551616}"#, "at `/n`: `18446744073709552000` is beyond"),
        (r#"{"n":1e300}"#, "is beyond 9007199254740991"),
        (
            r#"{"n":1e400}"#,
            "number out of range; a number beyond a double's range can be given as text",
        ),
        (
            r#"{"a":0.5,"n":[1.25,1e-400]}"#,
            "at `/n/1`: `1e-400` is kept by most JSON readers as `0`",
        ),
        (r#"{"n":0.1000000000000000055511151231257827}"#, "kept by most JSON readers as `0.1`"),
        (
            r#"{"n":NaN}"#,
            "line 1, column 6: expected value; `NaN` and `Infinity` are not JSON numbers",
        ),
        (r#"{"n":-Infinity}"#, "invalid number"),
        ("{'a':1}", "line 1, column 2: key must be a string"),
        ("['a']", "JSON text stands in double quotes"),
        (r#"{"a":1} x"#, "trailing characters; one JSON value is expected, nothing after it"),
        (r#"{"a":1}{"a":1}"#, "trailing characters"),
        (r#"["\ud800"]"#, "half of a surrogate pair is no character"),
        (r#"["\ud800\u0041"]"#, "half of a surrogate pair is no character"),
        (r#"["\udc00"]"#, "half of a surrogate pair is no character"),
        ("[1,]", "trailing comma"),
        ("[01]", "invalid number"),
        ("", "EOF while parsing a value"),
        ("\u{FEFF}{}", "expected value"),
        ("[\"a\nb\"]", "control character"),
    ] {
        let told = refused(text);
        assert!(told.contains(expect), "{text}: {told}");
    }
}

#[test]
fn equal_numbers_have_one_form() {
    for (text, expect) in [
        ("1.0", json!(1)),
        ("1e2", json!(100)),
        ("-0", json!(0)),
        ("-0.0", json!(0)),
        ("0.30000000000000004", json!(0.30000000000000004)),
        ("9007199254740991", json!(9_007_199_254_740_991_i64)),
        ("9007199254740991.0", json!(9_007_199_254_740_991_i64)),
        ("-1.50", json!(-1.5)),
    ] {
        let value = read(text);
        assert_eq!(value, expect, "{text}");
        assert_eq!(value.is_i64(), expect.is_i64(), "{text}");
    }
}

#[test]
fn size_depth_and_number_of_values_are_bounded_exactly() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(strict::parse(nested(limits::JSON_DEPTH_MAX), 1 << 20).is_ok());
    let deep = strict::parse(nested(limits::JSON_DEPTH_MAX + 1), 1 << 20).unwrap_err();
    assert_eq!(deep.problem, StrictProblem::TooDeep);
    assert_eq!(deep.pointer, "/0".repeat(limits::JSON_DEPTH_MAX));

    let many = |values: usize| format!("[{}]", vec!["1"; values - 1].join(","));
    assert!(strict::parse(many(limits::JSON_NODES_MAX), 1 << 20).is_ok());
    let error = strict::parse(many(limits::JSON_NODES_MAX + 1), 1 << 20).unwrap_err();
    assert_eq!(error.problem, StrictProblem::TooManyValues);

    assert!(strict::parse("[1]", 3).is_ok());
    let error = strict::parse("[1] ", 3).unwrap_err();
    assert_eq!(error.problem, StrictProblem::TooLarge { bytes: 4, max: 3 });
}

#[test]
fn bytes_that_are_not_utf_8_are_refused_with_their_place() {
    let error = strict::parse(b"[\"a\xff\"]", 100).unwrap_err();
    assert_eq!(error.problem, StrictProblem::NotUtf8 { at: 3 });
}

#[test]
fn a_key_cannot_smuggle_control_characters_into_the_message() {
    let told = refused("{\"a\\u001b[2J\":1,\"a\\u001b[2J\":2}");
    assert!(!told.contains('\u{1b}') && told.contains("⟪U+001B⟫"), "{told}");
}
