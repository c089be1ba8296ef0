//! Types of plain values: kinds, listed values, numbers, unions.
//!
//! Out: a type, or the reason why there is no exact one. Tests: `tests/it/types.rs`.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::types::ArgumentType;
use domain::ArgumentKind;

/// The largest whole part of a decimal: that of Cedar's `decimal`, an `i64` of ten-thousandths.
const DECIMAL_MAX: f64 = 922_337_203_685_477.0;

/// The type of a kind; none for a secret.
pub(super) fn kind(kind: ArgumentKind) -> Option<ArgumentType> {
    match kind {
        ArgumentKind::Path => Some(ArgumentType::Path),
        ArgumentKind::Host => Some(ArgumentType::Host),
        ArgumentKind::Url => Some(ArgumentType::Url),
        ArgumentKind::Email => Some(ArgumentType::Email),
        ArgumentKind::Money => Some(ArgumentType::Money),
        ArgumentKind::Secret => None,
    }
}

/// The type of `enum` and `const`, where the schema has one.
pub(super) fn listed(schema: &Map<String, Value>) -> Option<Result<ArgumentType, &'static str>> {
    let values: Vec<&Value> = match (schema.get("const"), schema.get("enum")) {
        (Some(one), _) => vec![one],
        (None, Some(Value::Array(many))) => many.iter().collect(),
        (None, _) => return None,
    };
    let typed: Result<Vec<ArgumentType>, &'static str> = values.into_iter().map(of_value).collect();
    Some(typed.and_then(union))
}

fn of_value(value: &Value) -> Result<ArgumentType, &'static str> {
    match value {
        Value::Null => Ok(ArgumentType::Null),
        Value::Bool(_) => Ok(ArgumentType::Boolean),
        Value::String(text) => Ok(ArgumentType::Enumeration(vec![text.clone()])),
        Value::Number(number) if number.is_i64() => Ok(ArgumentType::Integer),
        Value::Number(number) => match number.as_f64() {
            Some(value) if value.fract() == 0.0 && value.abs() < DECIMAL_MAX => {
                Ok(ArgumentType::Integer)
            }
            Some(value) if decimals(value).is_some() && value.abs() < DECIMAL_MAX => {
                Ok(ArgumentType::Decimal)
            }
            Some(_) | None => Err("a listed number that is not exact"),
        },
        Value::Array(_) | Value::Object(_) => Err("listed values that are not plain"),
    }
}

/// The type of `"type": "number"`: exact only if the schema says so.
pub(super) fn number(schema: &Map<String, Value>) -> Result<ArgumentType, &'static str> {
    const INEXACT: &str = "a number that may not be exact; say `multipleOf` 0.0001 or coarser, `minimum` and `maximum`, or take text";
    let step = schema.get("multipleOf").and_then(Value::as_f64).ok_or(INEXACT)?;
    if step > 0.0 && step.fract() == 0.0 {
        return Ok(ArgumentType::Integer);
    }
    let bound = |keys: [&str; 2]| {
        let found = keys.iter().find_map(|key| schema.get(*key).and_then(Value::as_f64));
        found.is_some_and(|bound| bound.abs() <= DECIMAL_MAX)
    };
    let bounded = bound(["minimum", "exclusiveMinimum"]) && bound(["maximum", "exclusiveMaximum"]);
    if bounded && step > 0.0 && decimals(step).is_some() {
        Ok(ArgumentType::Decimal)
    } else {
        Err(INEXACT)
    }
}

/// How many decimals the shortest text has, if at most four.
fn decimals(value: f64) -> Option<usize> {
    let text = format!("{value}");
    let decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    (decimals <= 4).then_some(decimals)
}

/// JSON types, by which the branches of a union are told apart.
#[derive(PartialEq, Eq, PartialOrd, Ord, Clone, Copy)]
enum Shape {
    Null,
    Boolean,
    Number,
    Text,
    List,
    Record,
}

/// Joins branches; branches of one JSON type become one where that loses nothing that a policy could see.
pub(super) fn union(branches: Vec<ArgumentType>) -> Result<ArgumentType, &'static str> {
    let mut joined: Vec<(Shape, ArgumentType)> = Vec::new();
    let flat = branches.into_iter().flat_map(|branch| {
        if let ArgumentType::Union(inner) = branch { inner } else { vec![branch] }
    });
    for branch in flat {
        let shape = shape(&branch)?;
        match joined.iter_mut().find(|(known, _)| *known == shape) {
            Some((_, known)) => {
                let both = (std::mem::replace(known, ArgumentType::Null), branch);
                *known = merge(both.0, both.1)?;
            }
            None => joined.push((shape, branch)),
        }
    }
    joined.sort_by_key(|(shape, _)| *shape);
    let mut types: Vec<ArgumentType> = joined.into_iter().map(|(_, branch)| branch).collect();
    match types.len() {
        0 => Err("the schema admits nothing"),
        1 => types.pop().ok_or("the schema admits nothing"),
        _ => Ok(ArgumentType::Union(types)),
    }
}

fn shape(branch: &ArgumentType) -> Result<Shape, &'static str> {
    match branch {
        ArgumentType::Null => Ok(Shape::Null),
        ArgumentType::Boolean => Ok(Shape::Boolean),
        ArgumentType::Integer | ArgumentType::Decimal => Ok(Shape::Number),
        ArgumentType::Text
        | ArgumentType::Enumeration(_)
        | ArgumentType::Path
        | ArgumentType::Host
        | ArgumentType::Url
        | ArgumentType::Email => Ok(Shape::Text),
        ArgumentType::List(_) => Ok(Shape::List),
        ArgumentType::Record { .. } => Ok(Shape::Record),
        ArgumentType::Money => Err("money beside other forms"),
        ArgumentType::Union(_) => Err("a union inside a union"),
        ArgumentType::Opaque(_) => Err("one form of it cannot be typed"),
    }
}

fn merge(one: ArgumentType, other: ArgumentType) -> Result<ArgumentType, &'static str> {
    match (one, other) {
        (one, other) if one == other => Ok(one),
        (ArgumentType::Enumeration(mut all), ArgumentType::Enumeration(more)) => {
            all.extend(more);
            let sorted: BTreeSet<String> = all.into_iter().collect();
            Ok(ArgumentType::Enumeration(sorted.into_iter().collect()))
        }
        (ArgumentType::Text, ArgumentType::Enumeration(_))
        | (ArgumentType::Enumeration(_), ArgumentType::Text) => Ok(ArgumentType::Text),
        // An integer beyond a decimal's range could not be shown as one, so the two are not joined.
        _ => Err("several forms that the value does not tell apart"),
    }
}
