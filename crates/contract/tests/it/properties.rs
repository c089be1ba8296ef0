//! What holds for every JSON value, looked for in many.
//!
//! Canonical form, strict reading against `serde_json`, and path resolution.

use contract::{WorkspacePath, canonical, digest_of, strict};
use domain::limits;
use proptest::prelude::*;
use serde_json::{Map, Value};

fn value() -> impl Strategy<Value = Value> {
    let exact = -9_007_199_254_740_991_i64..=9_007_199_254_740_991;
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        exact.prop_map(Value::from),
        (-1.0e6..1.0e6_f64).prop_map(Value::from),
        ".*".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::vec((".{0,8}", inner), 0..8)
                .prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// JSON text with the keys of every object in reverse order.
fn reversed(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let fields: Vec<String> = fields
                .iter()
                .rev()
                .map(|(key, field)| format!("{} : {}", Value::from(key.as_str()), reversed(field)))
                .collect();
            format!("{{ {} }}", fields.join(" ,\n"))
        }
        Value::Array(items) => {
            format!("[{}]", items.iter().map(reversed).collect::<Vec<_>>().join(", "))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.to_string(),
    }
}

proptest! {
    #[test]
    fn the_canonical_form_does_not_depend_on_the_order_of_keys(value in value()) {
        let one = strict::parse(value.to_string(), 1 << 20).unwrap();
        let other = strict::parse(reversed(&value), 1 << 20).unwrap();
        prop_assert_eq!(canonical(&one), canonical(&other));
        prop_assert_eq!(digest_of(&one), digest_of(&value));
    }

    #[test]
    fn the_canonical_form_reads_back_as_the_same_value(value in value()) {
        let once = strict::parse(value.to_string(), 1 << 20).unwrap();
        let twice = strict::parse(canonical(&once), 1 << 20).unwrap();
        prop_assert_eq!(once, twice);
    }

    /// Texts are pieces of JSON in random order, so that many are almost right.
    #[test]
    fn strict_reading_accepts_what_serde_json_accepts_but_for_its_own_rules(
        pieces in prop::collection::vec(prop::sample::select(PIECES), 0..12),
    ) {
        let text = pieces.concat();
        let plain: Result<Value, _> = serde_json::from_str(&text);
        match (strict::parse(&text, 1 << 20), plain) {
            (Ok(ours), Ok(theirs)) => prop_assert_eq!(canonical(&ours), canonical(&theirs)),
            (Err(_), Err(_)) => {}
            (Err(ours), Ok(_)) => {
                let own = matches!(ours.problem, strict::StrictProblem::DuplicateKey(_) | strict::StrictProblem::Number { .. });
                prop_assert!(own, "{}: {}", text, ours);
            }
            (Ok(_), Err(theirs)) => prop_assert!(false, "{}: {}", text, theirs),
        }
    }

    #[test]
    fn a_key_named_twice_is_always_refused(value in value(), key in "[a-z]{1,3}") {
        let text = format!("[{{\"{key}\":{value},\"{key}\":{value}}}]");
        let error = strict::parse(text, 1 << 20).unwrap_err();
        prop_assert_eq!(error.problem, strict::StrictProblem::DuplicateKey(key.clone()));
        prop_assert_eq!(error.pointer, format!("/0/{key}"));
    }

    #[test]
    fn a_resolved_path_stays_inside_and_resolves_to_itself(text in "[a-c./~ -]{0,24}") {
        if let Ok(path) = WorkspacePath::parse(&text, None) {
            let shown = path.as_str();
            prop_assert!(!shown.starts_with('/') && !shown.is_empty());
            prop_assert!(path.parts().all(|part| !part.is_empty() && part != ".." && part != "."));
            prop_assert!(path.parts().count() <= limits::PATH_PARTS_MAX);
            let again = WorkspacePath::parse(shown, None);
            prop_assert_eq!(again.as_ref(), Ok(&path));
        }
    }

    #[test]
    fn no_text_makes_path_reading_panic(text in ".{0,64}") {
        let _ = WorkspacePath::parse(&text, Some("/srv/work"));
    }
}

const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"a\"",
    "\"b\"",
    "\"a\":",
    "\"b\":",
    "1",
    "-0",
    "0.5",
    "1e3",
    "9007199254740993",
    "1e-400",
    "null",
    "true",
    "{\"a\":1}",
    "{\"a\":1,\"a\":1}",
    "[1]",
    " ",
    "NaN",
    "\"\\ud800\"",
];
