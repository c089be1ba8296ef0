//! The mapping of arguments is total and exact: every value of a schema becomes a Cedar value that fits the
//! generated schema and says the same, or its pointer is listed as opaque.

use std::collections::{BTreeMap, BTreeSet};

use cedar_policy::{EvalResult, RestrictedExpression, Schema};
use contract::{ArgumentType, argument_types};
use domain::{ArgumentKind, Contract, EffectClass};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

use super::support::{facts, load, object, tool};
use crate::argument::{self, At};

const PERMIT: &str = "@id(\"all\") permit (principal, action, resource);";

/// Schemas of everything that JSON can hold, with what cannot be typed among it.
fn schema() -> impl Strategy<Value = Value> {
    let leaf = select(vec![
        json!({ "type": "boolean" }),
        json!({ "type": "integer" }),
        json!({ "type": "null" }),
        json!({ "type": "string" }),
        json!({ "enum": ["a", "b", "c"] }),
        json!({ "type": "number", "multipleOf": 0.01, "minimum": -1000, "maximum": 1000 }),
        json!({ "type": ["string", "null"] }),
        json!({ "type": ["integer", "string", "boolean"] }),
        json!({ "type": "number" }),
        json!({}),
    ]);
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(|items| json!({ "type": "array", "items": items })),
            record(inner, any::<bool>().boxed()),
        ]
    })
}

fn record(
    inner: impl Strategy<Value = Value> + 'static,
    closed: BoxedStrategy<bool>,
) -> impl Strategy<Value = Value> {
    let names = select(vec!["one", "two", "a b", "~/", "any", "length", "émile", "text"]);
    (prop::collection::btree_map(names, (inner, any::<bool>()), 0..4), closed).prop_map(|(fields, closed)| {
        let required: Vec<&str> = fields.iter().filter(|(_, (_, required))| *required).map(|(name, _)| *name).collect();
        let properties: Map<String, Value> =
            fields.iter().map(|(name, (of, _))| ((*name).to_owned(), of.clone())).collect();
        json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": !closed })
    })
}

/// Values that a schema made above admits.
fn value_of(schema: &Value) -> BoxedStrategy<Value> {
    if let Some(words) = schema.get("enum").and_then(Value::as_array) {
        return select(words.clone()).boxed();
    }
    let Some(of) = schema.get("type") else { return anything().boxed() };
    if let Some(several) = of.as_array() {
        let each = several.iter().map(|of| value_of(&json!({ "type": of }))).collect::<Vec<_>>();
        return proptest::strategy::Union::new(each).boxed();
    }
    match of.as_str().unwrap() {
        "boolean" => any::<bool>().prop_map(Value::from).boxed(),
        "integer" => prop_oneof![
            (-9_007_199_254_740_991..=9_007_199_254_740_991_i64).prop_map(Value::from),
            (-5..5_i32).prop_map(|whole| json!(f64::from(whole))),
        ]
        .boxed(),
        "null" => Just(Value::Null).boxed(),
        "string" => prop_oneof![any::<String>(), select(vec!["a".to_owned(), "\"\\*".to_owned()])]
            .prop_map(Value::from)
            .boxed(),
        "number" if schema.get("multipleOf").is_some() => {
            (-100_000..=100_000_i32).prop_map(|cents| json!(f64::from(cents) / 100.0)).boxed()
        }
        "number" => any::<i32>().prop_map(|number| json!(f64::from(number) / 7.0)).boxed(),
        "array" => {
            let item = value_of(&schema["items"]);
            let distinct = prop::collection::vec(item.clone(), 0..4);
            let same = (item, 1..4_usize).prop_map(|(item, count)| vec![item; count]);
            prop_oneof![distinct, same].prop_map(Value::from).boxed()
        }
        "object" => object_of(schema),
        other => panic!("{other}"),
    }
}

fn object_of(schema: &Value) -> BoxedStrategy<Value> {
    let required: Vec<&str> =
        schema["required"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    let mut fields: Vec<BoxedStrategy<Option<(String, Value)>>> = Vec::new();
    for (name, of) in schema["properties"].as_object().unwrap() {
        let name = name.clone();
        let there = if required.contains(&name.as_str()) {
            Just(true).boxed()
        } else {
            any::<bool>().boxed()
        };
        let field = (there, value_of(of));
        fields.push(
            field.prop_map(move |(there, value)| there.then(|| (name.clone(), value))).boxed(),
        );
    }
    if schema["additionalProperties"] == json!(true) {
        let more = prop::option::of(anything());
        fields.push(more.prop_map(|value| value.map(|value| ("more".to_owned(), value))).boxed());
    }
    fields.prop_map(|fields| Value::Object(fields.into_iter().flatten().collect())).boxed()
}

fn anything() -> impl Strategy<Value = Value> {
    select(vec![json!(1), json!(null), json!({ "x": [1, "two"] }), json!([1.25]), json!("text")])
}

fn contract_of(schema: Value) -> Contract {
    tool("any.tool", EffectClass::Irreversible, schema)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn every_value_is_mapped_exactly_or_listed_as_opaque(
        (schema, value) in record(schema(), Just(true).boxed())
            .prop_flat_map(|schema| (Just(schema.clone()), value_of(&schema)))
    ) {
        let contract = contract_of(schema);
        let types = argument_types(&contract);
        let opaque = argument::opaque(&types.fields, &value);
        let set = load(PERMIT, std::slice::from_ref(&contract)).unwrap();
        prop_assert!(set.quarantined().is_empty(), "{:?}", set.quarantined());
        let prepared = set.prepared(&facts(&contract, value.clone())).unwrap();
        let context = prepared.request.context().unwrap();
        let generated = Schema::from_json_str(set.schema()).unwrap();
        let fits = context.validate(&generated, prepared.request.action().unwrap());
        prop_assert!(fits.is_ok(), "{:?}", fits);
        let whole = ArgumentType::Record { fields: types.fields };
        let mapped = context.get("args").unwrap();
        prop_assert!(says(&whole, &value, &mapped, ("", &opaque)), "{value}\n{mapped}\n{opaque:?}");
        let Some(EvalResult::Set(listed)) = context.get("args_opaque") else { panic!("no list") };
        let listed: BTreeSet<String> = listed.iter().map(ToString::to_string).collect();
        let opaque = opaque.into_iter().map(EvalResult::String);
        prop_assert_eq!(listed, opaque.map(|pointer| pointer.to_string()).collect());
    }
}

/// Whether a Cedar value says what a JSON value says, but for what is listed as opaque.
fn says(
    of: &ArgumentType,
    value: &Value,
    mapped: &EvalResult,
    (at, opaque): (&str, &[String]),
) -> bool {
    match (of, mapped) {
        (ArgumentType::Boolean, EvalResult::Bool(flag)) => value == &json!(flag),
        (ArgumentType::Integer, EvalResult::Long(long)) => {
            value.as_i64() == Some(*long) || value.as_f64() == Some(*long as f64)
        }
        (ArgumentType::Decimal, EvalResult::ExtensionValue(text)) => {
            let digits: String =
                text.chars().filter(|one| one.is_ascii_digit() || "-.".contains(*one)).collect();
            digits.parse().ok() == value.as_f64()
        }
        (ArgumentType::Text | ArgumentType::Enumeration(_), EvalResult::String(text)) => {
            value == &json!(text)
        }
        (ArgumentType::Null, EvalResult::Record(record)) => value.is_null() && record.is_empty(),
        (ArgumentType::Union(branches), EvalResult::Record(record)) => {
            let mut parts = record.iter();
            let (Some((name, inner)), None) = (parts.next(), parts.next()) else { return false };
            let chosen = branches.iter().find(|one| argument::branch(one) == Some(name)).unwrap();
            says(chosen, value, inner, (at, opaque))
        }
        (ArgumentType::Record { fields }, EvalResult::Record(record)) => {
            let object = value.as_object().unwrap();
            let seen = object.iter().all(|(name, value)| {
                let here = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
                match (fields.get(name), record.get(name)) {
                    (Some((of, _)), Some(inner)) => says(of, value, inner, (&here, opaque)),
                    (_, None) => opaque.contains(&here),
                    (None, Some(_)) => false,
                }
            });
            seen && record.iter().all(|(name, _)| object.contains_key(name))
        }
        (ArgumentType::List(item), EvalResult::Record(list)) => {
            let items = value.as_array().unwrap();
            list_says(item, items, list, (at, opaque))
        }
        _ => false,
    }
}

fn list_says(
    item: &ArgumentType,
    items: &[Value],
    list: &cedar_policy::Record,
    (at, opaque): (&str, &[String]),
) -> bool {
    let Some(EvalResult::Set(any)) = list.get("any") else { return false };
    let one = |number: usize, value: &Value, mapped: &EvalResult| {
        says(item, value, mapped, (&format!("{at}/{number}"), opaque))
    };
    let numbered = || items.iter().enumerate();
    let each_is_there =
        numbered().all(|(number, value)| any.iter().any(|mapped| one(number, value, mapped)));
    let nothing_else =
        any.iter().all(|mapped| numbered().any(|(number, value)| one(number, value, mapped)));
    let first = match (items.first(), list.get("first")) {
        (Some(value), Some(mapped)) => one(0, value, mapped),
        (None, None) => true,
        _ => false,
    };
    let whole = !opaque.iter().any(|pointer| pointer.starts_with(&format!("{at}/")));
    let all = match list.get("all") {
        Some(mapped) => {
            any.len() == 1 && numbered().all(|(number, value)| one(number, value, mapped))
        }
        None => any.len() != 1 || !whole,
    };
    list.get("length") == Some(&EvalResult::Long(items.len() as i64))
        && each_is_there
        && nothing_else
        && first
        && all
}

/// One argument of a kind, as Cedar shows it; none where it is refused.
fn shown(kind: ArgumentKind, value: Value) -> Option<String> {
    let mut contract = contract_of(object(json!({ "it": {} })));
    contract.kinds = BTreeMap::from([("/it".to_owned(), kind)]);
    let types = argument_types(&contract);
    let mapped: RestrictedExpression =
        argument::record(&types.fields, &json!({ "it": value }), &At::ROOT, |_| true).ok()?;
    let context = cedar_policy::Context::from_pairs([("args".to_owned(), mapped)]).unwrap();
    let EvalResult::Record(args) = context.get("args").unwrap() else { panic!("no record") };
    args.get("it").map(ToString::to_string)
}

#[test]
fn kinds_are_taken_apart_as_policies_need_them() {
    for (kind, value, expect) in [
        (ArgumentKind::Path, json!("prod/a"), Some("\"prod/a\"")),
        (ArgumentKind::Host, json!("example.com"), Some("\"example.com\"")),
        (
            ArgumentKind::Url,
            json!("https://example.com:8443/a?b"),
            Some(
                "{\"host\": \"example.com\", \"scheme\": \"https\", \"text\": \"https://example.com:8443/a?b\"}",
            ),
        ),
        (
            ArgumentKind::Url,
            json!("http://[2001:db8::1]:80/"),
            Some(
                "{\"host\": \"[2001:db8::1]\", \"scheme\": \"http\", \"text\": \"http://[2001:db8::1]:80/\"}",
            ),
        ),
        (ArgumentKind::Url, json!("no url"), None),
        (
            ArgumentKind::Email,
            json!("ada@example.com"),
            Some("{\"domain\": \"example.com\", \"text\": \"ada@example.com\"}"),
        ),
        (ArgumentKind::Email, json!("ada"), None),
        (ArgumentKind::Money, json!("12.50"), Some("{\"micros\": 12500000}")),
        (ArgumentKind::Money, json!(7), Some("{\"micros\": 7}")),
        (ArgumentKind::Money, json!(-7), None),
        (ArgumentKind::Money, json!(1.5), None),
    ] {
        assert_eq!(shown(kind, value.clone()).as_deref(), expect, "{kind} {value}");
    }
}

#[test]
fn a_secret_reaches_no_policy_and_is_listed() {
    let mut contract = contract_of(object(json!({ "it": { "type": "string" } })));
    contract.kinds = BTreeMap::from([("/it".to_owned(), ArgumentKind::Secret)]);
    let types = argument_types(&contract);
    assert_eq!(argument::opaque(&types.fields, &json!({ "it": "hunter2" })), ["/it"]);
    assert_eq!(shown(ArgumentKind::Secret, json!("hunter2")), None);
}
