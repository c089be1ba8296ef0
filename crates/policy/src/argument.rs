//! Arguments as Cedar types and values: exact and total, or left out and listed as opaque.
//!
//! | argument type | Cedar |
//! |---|---|
//! | boolean, integer, decimal, text, enumeration, path, host | `Bool`, `Long`, `decimal`, `String` |
//! | list | `{length, any: Set, first?, all?}`; `all` is there if every item is the same |
//! | record | record; what the contract does not require is optional |
//! | url, email, money; null | `{text, scheme, host}`, `{text, domain}`, `{micros}`; `{}` |
//! | union | record with one optional branch per JSON type, exactly one of them present |
//!
//! Types and values come from the same tree, so a request fits its schema by construction. A value that does
//! not fit is a [`Mismatch`] and denies the call. Properties are in `src/tests/mapping.rs`.

use std::collections::BTreeMap;
use std::fmt;

use cedar_policy::RestrictedExpression as Expression;
use contract::{ArgumentType, Presence, kinds};
use serde_json::{Map, Value, json};

type Fields = BTreeMap<String, (ArgumentType, Presence)>;

/// An argument that does not have the type its contract gives it, by JSON pointer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the argument at `{0}` does not have the type that the contract gives it")]
pub(crate) struct Mismatch(pub(crate) String);

/// Where in the arguments a value stands. Becomes text only where it is shown.
#[derive(Clone, Copy)]
pub(crate) struct At<'a> {
    above: Option<&'a At<'a>>,
    part: Part<'a>,
}

#[derive(Clone, Copy)]
enum Part<'a> {
    Root,
    Key(&'a str),
    Item(usize),
}

impl At<'_> {
    pub(crate) const ROOT: At<'static> = At { above: None, part: Part::Root };

    pub(crate) fn key<'a>(&'a self, key: &'a str) -> At<'a> {
        At { above: Some(self), part: Part::Key(key) }
    }

    fn item(&self, at: usize) -> At<'_> {
        At { above: Some(self), part: Part::Item(at) }
    }
}

impl fmt::Display for At<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(above) = self.above {
            above.fmt(out)?;
        }
        match self.part {
            Part::Root => Ok(()),
            Part::Key(key) => write!(out, "/{}", key.replace('~', "~0").replace('/', "~1")),
            Part::Item(at) => write!(out, "/{at}"),
        }
    }
}

/// The Cedar type of a record of arguments, in the form of Cedar's JSON schemas.
pub(crate) fn record_type(fields: &Fields) -> Value {
    let attributes: Map<String, Value> = fields
        .iter()
        .filter_map(|(name, (of, presence))| {
            Some((name.clone(), attribute(cedar_type(of)?, *presence == Presence::Required)))
        })
        .collect();
    json!({ "type": "Record", "attributes": attributes })
}

fn cedar_type(of: &ArgumentType) -> Option<Value> {
    Some(match of {
        ArgumentType::Opaque(_) => return None,
        ArgumentType::Null => closed([]),
        ArgumentType::Boolean => json!({ "type": "Boolean" }),
        ArgumentType::Integer => json!({ "type": "Long" }),
        ArgumentType::Decimal => json!({ "type": "Extension", "name": "decimal" }),
        ArgumentType::Text
        | ArgumentType::Enumeration(_)
        | ArgumentType::Path
        | ArgumentType::Host => text_type(),
        ArgumentType::Url => closed(["text", "scheme", "host"].map(|name| (name, text_type()))),
        ArgumentType::Email => closed(["text", "domain"].map(|name| (name, text_type()))),
        ArgumentType::Money => closed([("micros", json!({ "type": "Long" }))]),
        ArgumentType::Record { fields } => record_type(fields),
        ArgumentType::Union(branches) => {
            let attributes: Map<String, Value> = branches
                .iter()
                .filter_map(|one| {
                    Some((branch(one)?.to_owned(), attribute(cedar_type(one)?, false)))
                })
                .collect();
            json!({ "type": "Record", "attributes": attributes })
        }
        ArgumentType::List(item) => list_type(cedar_type(item)),
    })
}

fn list_type(item: Option<Value>) -> Value {
    let mut attributes = Map::new();
    attributes.insert("length".to_owned(), attribute(json!({ "type": "Long" }), true));
    if let Some(item) = item {
        let set = json!({ "type": "Set", "element": item });
        attributes.insert("any".to_owned(), attribute(set, true));
        attributes.insert("first".to_owned(), attribute(item.clone(), false));
        attributes.insert("all".to_owned(), attribute(item, false));
    }
    json!({ "type": "Record", "attributes": attributes })
}

fn text_type() -> Value {
    json!({ "type": "String" })
}

fn closed<const N: usize>(fields: [(&str, Value); N]) -> Value {
    let attributes: Map<String, Value> =
        fields.into_iter().map(|(name, of)| (name.to_owned(), attribute(of, true))).collect();
    json!({ "type": "Record", "attributes": attributes })
}

fn attribute(mut of: Value, required: bool) -> Value {
    if let Some(of) = of.as_object_mut() {
        of.insert("required".to_owned(), Value::Bool(required));
    }
    of
}

/// The name of a union's branch; none for what cannot be a branch.
pub(crate) const fn branch(of: &ArgumentType) -> Option<&'static str> {
    Some(match of {
        ArgumentType::Null => "null",
        ArgumentType::Boolean => "boolean",
        ArgumentType::Integer | ArgumentType::Decimal => "number",
        ArgumentType::Text
        | ArgumentType::Enumeration(_)
        | ArgumentType::Path
        | ArgumentType::Host
        | ArgumentType::Url
        | ArgumentType::Email => "text",
        ArgumentType::Money => "money",
        ArgumentType::List(_) => "list",
        ArgumentType::Record { .. } => "record",
        ArgumentType::Union(_) | ArgumentType::Opaque(_) => return None,
    })
}

/// A record of arguments as a Cedar value; only the top-level arguments that `wanted` names.
pub(crate) fn record(
    fields: &Fields,
    value: &Value,
    at: &At<'_>,
    wanted: impl Fn(&str) -> bool,
) -> Result<Expression, Mismatch> {
    let object = value.as_object().ok_or_else(|| Mismatch(at.to_string()))?;
    let mut pairs = Vec::new();
    for (name, (of, presence)) in fields.iter().filter(|(name, _)| wanted(name)) {
        let here = at.key(name);
        match object.get(name) {
            Some(value) => {
                if let Some(value) = expression(of, value, &here)? {
                    pairs.push((name.clone(), value));
                }
            }
            None if *presence == Presence::Optional || matches!(of, ArgumentType::Opaque(_)) => {}
            None => return Err(Mismatch(here.to_string())),
        }
    }
    Expression::new_record(pairs).map_err(|_| Mismatch(at.to_string()))
}

/// One argument as a Cedar value; none where its type is opaque.
pub(crate) fn expression(
    of: &ArgumentType,
    value: &Value,
    at: &At<'_>,
) -> Result<Option<Expression>, Mismatch> {
    let mapped = match of {
        ArgumentType::Opaque(_) => return Ok(None),
        ArgumentType::Null => value.as_null().and_then(|()| pairs([])),
        ArgumentType::Boolean => value.as_bool().map(Expression::new_bool),
        ArgumentType::Integer => integer(value).map(Expression::new_long),
        ArgumentType::Decimal => decimal(value),
        ArgumentType::Text
        | ArgumentType::Enumeration(_)
        | ArgumentType::Path
        | ArgumentType::Host => value.as_str().map(text),
        ArgumentType::Url => value.as_str().and_then(url),
        ArgumentType::Email => value.as_str().and_then(email),
        ArgumentType::Money => {
            micros(value).and_then(|micros| pairs([("micros", Expression::new_long(micros))]))
        }
        ArgumentType::List(item) => return list(item, value, at).map(Some),
        ArgumentType::Record { fields } => return record(fields, value, at, |_| true).map(Some),
        ArgumentType::Union(branches) => {
            let fitting = branches.iter().find(|one| fits(one, value));
            let chosen = fitting.ok_or_else(|| Mismatch(at.to_string()))?;
            let inner = expression(chosen, value, at)?;
            inner.zip(branch(chosen)).and_then(|(inner, name)| pairs([(name, inner)]))
        }
    };
    mapped.map(Some).ok_or_else(|| Mismatch(at.to_string()))
}

fn list(item: &ArgumentType, value: &Value, at: &At<'_>) -> Result<Expression, Mismatch> {
    let wrong = || Mismatch(at.to_string());
    let items = value.as_array().ok_or_else(wrong)?;
    let length = i64::try_from(items.len()).map_err(|_| wrong())?;
    let mut fields = vec![("length".to_owned(), Expression::new_long(length))];
    if !matches!(item, ArgumentType::Opaque(_)) {
        let mut mapped = Vec::with_capacity(items.len());
        for (number, value) in items.iter().enumerate() {
            mapped.extend(expression(item, value, &at.item(number))?);
        }
        if let Some(first) = mapped.first() {
            fields.push(("first".to_owned(), first.clone()));
            let same = items.windows(2).all(|two| matches!(two, [one, other] if same(one, other)));
            if same {
                fields.push(("all".to_owned(), first.clone()));
            }
        }
        fields.push(("any".to_owned(), Expression::new_set(mapped)));
    }
    Expression::new_record(fields).map_err(|_| wrong())
}

/// Whether two JSON values are the same to Cedar: `1` and `1.0` are.
fn same(one: &Value, other: &Value) -> bool {
    if let (Some(one), Some(other)) = (one.as_f64(), other.as_f64()) {
        // Integers are below 2^53 and decimals are read from their shortest text, so equal text and equal
        // bits are the same thing here.
        return one.total_cmp(&other).is_eq() || (one == 0.0 && other == 0.0);
    }
    if let (Some(one), Some(other)) = (one.as_array(), other.as_array()) {
        return one.len() == other.len()
            && one.iter().zip(other).all(|(one, other)| same(one, other));
    }
    if let (Some(one), Some(other)) = (one.as_object(), other.as_object()) {
        let found = |(key, value)| other.get(key).is_some_and(|other| same(value, other));
        return one.len() == other.len() && one.iter().all(found);
    }
    one == other
}

/// Whether a value has the JSON type of a branch.
fn fits(of: &ArgumentType, value: &Value) -> bool {
    match of {
        ArgumentType::Null => value.is_null(),
        ArgumentType::Boolean => value.is_boolean(),
        ArgumentType::Integer | ArgumentType::Decimal => value.is_number(),
        ArgumentType::Text
        | ArgumentType::Enumeration(_)
        | ArgumentType::Path
        | ArgumentType::Host
        | ArgumentType::Url
        | ArgumentType::Email => value.is_string(),
        ArgumentType::Money => value.is_string() || value.is_number(),
        ArgumentType::List(_) => value.is_array(),
        ArgumentType::Record { .. } => value.is_object(),
        ArgumentType::Union(_) | ArgumentType::Opaque(_) => false,
    }
}

/// The pointers of everything in these arguments that no policy can see.
pub(crate) fn opaque(fields: &Fields, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    opaque_record(fields, value, &At::ROOT, &mut found);
    found
}

fn opaque_record(fields: &Fields, value: &Value, at: &At<'_>, found: &mut Vec<String>) {
    for (name, value) in value.as_object().into_iter().flatten() {
        match fields.get(name) {
            Some((of, _)) => opaque_in(of, value, &at.key(name), found),
            None => found.push(at.key(name).to_string()),
        }
    }
}

fn opaque_in(of: &ArgumentType, value: &Value, at: &At<'_>, found: &mut Vec<String>) {
    match of {
        ArgumentType::Opaque(_) => found.push(at.to_string()),
        ArgumentType::List(item) => {
            for (number, value) in value.as_array().into_iter().flatten().enumerate() {
                opaque_in(item, value, &at.item(number), found);
            }
        }
        ArgumentType::Record { fields } => opaque_record(fields, value, at, found),
        ArgumentType::Union(branches) => {
            if let Some(chosen) = branches.iter().find(|one| fits(one, value)) {
                opaque_in(chosen, value, at, found);
            }
        }
        ArgumentType::Null
        | ArgumentType::Boolean
        | ArgumentType::Integer
        | ArgumentType::Decimal
        | ArgumentType::Text
        | ArgumentType::Enumeration(_)
        | ArgumentType::Path
        | ArgumentType::Host
        | ArgumentType::Url
        | ArgumentType::Email
        | ArgumentType::Money => {}
    }
}

/// How many fields, items and branches a type has: what `limits::ARGUMENT_TYPES_MAX` bounds.
pub(crate) fn size(of: &ArgumentType) -> usize {
    match of {
        ArgumentType::List(item) => 1 + size(item),
        ArgumentType::Record { fields } => {
            1 + fields.values().map(|(of, _)| size(of)).sum::<usize>()
        }
        ArgumentType::Union(branches) => 1 + branches.iter().map(size).sum::<usize>(),
        ArgumentType::Null
        | ArgumentType::Boolean
        | ArgumentType::Integer
        | ArgumentType::Decimal
        | ArgumentType::Text
        | ArgumentType::Enumeration(_)
        | ArgumentType::Path
        | ArgumentType::Host
        | ArgumentType::Url
        | ArgumentType::Email
        | ArgumentType::Money
        | ArgumentType::Opaque(_) => 1,
    }
}

fn pairs<const N: usize>(fields: [(&str, Expression); N]) -> Option<Expression> {
    Expression::new_record(fields.map(|(name, value)| (name.to_owned(), value))).ok()
}

pub(crate) fn text(text: &str) -> Expression {
    Expression::new_string(text.to_owned())
}

/// JSON Schema counts `5.0` as an integer.
fn integer(value: &Value) -> Option<i64> {
    let exact = |number: f64| {
        // INVARIANT (exact integers): strict JSON refuses what lies beyond 2^53 - 1.
        #[expect(clippy::cast_possible_truncation, reason = "INVARIANT (exact integers)")]
        let whole = number as i64;
        (number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0).then_some(whole)
    };
    value.as_i64().or_else(|| value.as_f64().and_then(exact))
}

/// A decimal from the shortest text of a JSON number; Cedar wants one to four digits after the point.
fn decimal(value: &Value) -> Option<Expression> {
    let number = value.as_number()?.to_string();
    let (whole, fraction) = number.split_once('.').unwrap_or((&number, "0"));
    let digits = whole.strip_prefix('-').unwrap_or(whole);
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let exact = plain(digits) && plain(fraction) && digits.len() <= 15 && fraction.len() <= 4;
    exact.then(|| Expression::new_decimal(format!("{whole}.{fraction}")))
}

fn micros(value: &Value) -> Option<i64> {
    kinds::money(value).ok().and_then(|money| i64::try_from(money.micros()).ok())
}

/// The parts of a canonical absolute URL: `scheme://user@host:port/path`.
fn url(whole: &str) -> Option<Expression> {
    let (scheme, rest) = whole.split_once(':')?;
    let authority = rest.strip_prefix("//").unwrap_or_default();
    let authority = authority.split(['/', '?', '#']).next().unwrap_or_default();
    let place = authority.rsplit_once('@').map_or(authority, |(_, place)| place);
    let host = match place.find(']') {
        Some(end) if place.starts_with('[') => place.get(..=end).unwrap_or_default(),
        Some(_) => return None,
        None => place.split_once(':').map_or(place, |(host, _)| host),
    };
    pairs([("text", text(whole)), ("scheme", text(scheme)), ("host", text(host))])
}

fn email(whole: &str) -> Option<Expression> {
    let (_, domain) = whole.rsplit_once('@')?;
    pairs([("text", text(whole)), ("domain", text(domain))])
}
