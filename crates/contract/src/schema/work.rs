//! How much work a stranger's schema makes: a few lines of references can describe more checks than a computer can make.
//!
//! In: a schema. Out: how many ways lead through it (each way is one check of one value), and whether it comes back to itself.
//! Checks of a schema that comes back to itself are remembered by the validator, so a way round counts once; explaining them is
//! not. Ways that meet again without coming back are not remembered, so their number is what is bounded.

use std::collections::BTreeMap;

use serde_json::Value;

/// References and nesting behind each other. Nothing honest comes near, and each takes room on the stack.
const DEPTH_MAX: usize = 200;
/// Checks made for one value: a second or so.
const CHECKS_MAX: usize = 20_000_000;
/// Checks repeated to say what is wrong.
const EXPLAINED_MAX: usize = 200_000;
/// Keywords whose values are no schemas.
const PLAIN: &[&str] = &["const", "default", "enum", "examples", "required", "type"];

/// The work that a schema makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Work {
    /// Ways through the schema; `usize::MAX` if they cannot be counted.
    pub(crate) ways: usize,
    /// Whether it comes back to itself.
    comes_back: bool,
}

impl Work {
    /// The work of a schema.
    pub(crate) fn of(schema: &Value) -> Self {
        let mut walk = Walk { ids: BTreeMap::new(), known: BTreeMap::new(), comes_back: false };
        walk.collect(schema);
        let ways = walk.ways(schema, schema, 0);
        Self { ways, comes_back: walk.comes_back }
    }

    /// Whether a value can be checked in time.
    pub(crate) fn allows(self, value: &Value) -> bool {
        self.checks(value) <= CHECKS_MAX
    }

    /// Whether there is time to say everything that is wrong with a value.
    pub(crate) fn explains(self, value: &Value) -> bool {
        !self.comes_back && self.checks(value) <= EXPLAINED_MAX
    }

    fn checks(self, value: &Value) -> usize {
        self.ways.saturating_mul(values(value))
    }
}

/// Values in a value.
fn values(value: &Value) -> usize {
    let mut left = vec![value];
    let mut counted = 0_usize;
    while let Some(value) = left.pop() {
        counted += 1;
        match value {
            Value::Array(items) => left.extend(items),
            Value::Object(fields) => left.extend(fields.values()),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    counted
}

struct Walk<'a> {
    /// Schemas with an address of their own.
    ids: BTreeMap<&'a str, &'a Value>,
    /// Ways behind a schema, by its place in memory, or that they are being counted.
    known: BTreeMap<*const Value, Option<usize>>,
    comes_back: bool,
}

impl<'a> Walk<'a> {
    fn collect(&mut self, schema: &'a Value) {
        let mut left = vec![schema];
        while let Some(value) = left.pop() {
            match value {
                Value::Object(fields) => {
                    if let Some(id) = fields.get("$id").and_then(Value::as_str) {
                        self.ids.insert(id, value);
                    }
                    left.extend(fields.values());
                }
                Value::Array(items) => left.extend(items),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
            }
        }
    }

    /// `root` is the document that `#` stands for.
    fn ways(&mut self, root: &'a Value, schema: &'a Value, depth: usize) -> usize {
        if depth > DEPTH_MAX {
            return usize::MAX;
        }
        match schema {
            Value::Object(fields) => {
                let root =
                    if fields.get("$id").is_some_and(Value::is_string) { schema } else { root };
                let mut total = 1_usize;
                for (key, value) in fields {
                    let ways = match (key.as_str(), value) {
                        ("$ref", Value::String(reference)) => self.behind(root, reference, depth),
                        ("$dynamicRef" | "$recursiveRef", Value::String(_)) => usize::MAX,
                        ("$defs" | "definitions", Value::Object(_)) => 0,
                        (key, _) if PLAIN.contains(&key) => 0,
                        (_, value) => self.ways(root, value, depth + 1),
                    };
                    total = total.saturating_add(ways);
                }
                total
            }
            Value::Array(items) => {
                let each = items.iter().map(|item| self.ways(root, item, depth + 1));
                each.fold(0, usize::saturating_add)
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
        }
    }

    fn behind(&mut self, root: &'a Value, reference: &str, depth: usize) -> usize {
        let target = match reference.strip_prefix('#') {
            // Percent-encoded pointers and anchors are not counted, and so not used.
            Some(pointer) if !pointer.contains('%') => root.pointer(pointer),
            Some(_) => None,
            None => self.ids.get(reference).copied(),
        };
        let Some(target) = target else { return usize::MAX };
        let place = std::ptr::from_ref(target);
        match self.known.get(&place) {
            Some(Some(known)) => return *known,
            Some(None) => {
                self.comes_back = true;
                return 1;
            }
            None => {}
        }
        self.known.insert(place, None);
        let root = if reference.starts_with('#') { root } else { target };
        let counted = self.ways(root, target, depth + 1);
        self.known.insert(place, Some(counted));
        counted
    }
}
