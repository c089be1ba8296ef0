//! The Cedar schema of one policy version, made from the contracts.
//!
//! ```text
//! entity  Agent in [Tenant]      attributes tenant, name, version, human, parents
//!         Resource in [Resource] attributes name, kind, path; ancestors are the directories above
//! action  one per tool, in `class:…`, `consequence:…` and `class:changing`
//! context `args` is typed per tool, everything else is the same for all (`SHAPE`)
//! ```
//! Tools of the house (`checkrein.…`) stand in no group, so that a rule over groups never reaches an
//! operator's undo. What a request carries for this schema is built in `context` and `entity`.

use std::collections::BTreeMap;

use contract::ArgumentTypes;
use domain::{Consequence, Consequences, EffectClass};
use serde_json::{Map, Value, json};

use crate::argument;

/// The group of every tool that is not pure.
pub(crate) const CHANGING: &str = "class:changing";

/// Names of attributes and their types.
pub(crate) type Fields = &'static [(&'static str, &'static str)];

/// Everything of the context but `args`: attribute and fields, with a `?` behind what may be absent.
pub(crate) const SHAPE: &[(&str, &str, Fields)] = &[
    ("args_opaque", "Set", &[]),
    (
        "tool",
        "Record",
        &[
            ("name", "String"),
            ("effect_class", "String"),
            ("consequences", "Set"),
            ("provenance", "String"),
            ("maturity", "String"),
            ("preview", "Boolean"),
        ],
    ),
    ("space", "String", &[]),
    ("workflow", "String", &[]),
    (
        "plan?",
        "Record",
        &[
            ("paths", "Set"),
            ("touches", "Set"),
            ("path_count", "Long"),
            ("creations", "Long"),
            ("overwrites", "Long"),
            ("deletions", "Long"),
            ("content_bytes", "Long"),
            ("restorable", "Boolean"),
            ("consequences", "Set"),
            ("unintended", "Long"),
            ("unintended_consequences", "Set"),
            ("exit_code?", "Long"),
        ],
    ),
    (
        "command?",
        "Record",
        &[("program", "String"), ("role", "String"), ("starts_programs", "Boolean")],
    ),
    ("approvals", "Set", &[]),
    ("autonomy", "Set", &[]),
    (
        "history",
        "Record",
        &[("failures_in_row", "Long"), ("identical_calls", "Long"), ("calls", "Long")],
    ),
    (
        "budget_left",
        "Record",
        &[
            ("calls?", "Long"),
            ("money_micros?", "Long"),
            ("irreversible?", "Long"),
            ("read_bytes?", "Long"),
            ("wall_ms?", "Long"),
        ],
    ),
    ("labels", "Set", &[]),
    (
        "advice",
        "Record",
        &[
            ("confidence_stated", "Boolean"),
            ("confidence", "Long"),
            ("intent_stated", "Boolean"),
            ("effects_stated", "Boolean"),
        ],
    ),
    ("now", "datetime", &[]),
];

/// Attributes of an agent.
pub(crate) const AGENT: Fields = &[
    ("tenant", "String"),
    ("name", "String"),
    ("version", "String"),
    ("human", "String"),
    ("parents", "Set"),
];
/// Attributes of a resource.
pub(crate) const RESOURCE: Fields = &[("name", "String"), ("kind", "String"), ("path", "String")];

/// Whether a tool belongs to Checkrein itself.
pub(crate) fn is_of_the_house(tool: &str) -> bool {
    tool.starts_with("checkrein.")
}

/// The groups that a tool's action is in.
pub(crate) fn groups(tool: &str, class: EffectClass, consequences: &Consequences) -> Vec<String> {
    if is_of_the_house(tool) {
        return Vec::new();
    }
    let mut groups = vec![format!("class:{class}")];
    if class.changes() {
        groups.push(CHANGING.to_owned());
    }
    groups.extend(consequences.iter().map(|consequence| format!("consequence:{consequence}")));
    groups
}

/// Every group there is.
pub(crate) fn all_groups() -> Vec<String> {
    let classes = EffectClass::ALL.iter().map(|class| format!("class:{class}"));
    let hit = Consequence::ALL.iter().map(|consequence| format!("consequence:{consequence}"));
    classes.chain([CHANGING.to_owned()]).chain(hit).collect()
}

/// The schema over tools with their groups and argument types, as Cedar's JSON. `absent` are actions that
/// policies name although no tool stands behind them: they exist, and apply to nothing.
pub(crate) fn schema<'a>(
    tools: impl Iterator<Item = (&'a str, &'a [String], &'a ArgumentTypes)>,
    absent: impl Iterator<Item = &'a str>,
) -> Value {
    let mut actions: BTreeMap<String, Value> =
        all_groups().into_iter().map(|group| (group, json!({}))).collect();
    actions.extend(absent.map(|name| (name.to_owned(), json!({}))));
    for (name, groups, types) in tools {
        let member_of: Vec<Value> = groups.iter().map(|group| json!({ "id": group })).collect();
        let applies_to = json!({
            "principalTypes": ["Agent"],
            "resourceTypes": ["Resource"],
            "context": context(types),
        });
        actions.insert(name.to_owned(), json!({ "memberOf": member_of, "appliesTo": applies_to }));
    }
    json!({ "": {
        "entityTypes": {
            "Tenant": {},
            "Agent": { "memberOfTypes": ["Tenant"], "shape": record(AGENT) },
            "Resource": { "memberOfTypes": ["Resource"], "shape": record(RESOURCE) },
        },
        "actions": actions,
    }})
}

fn context(types: &ArgumentTypes) -> Value {
    let mut attributes = Map::new();
    attributes.insert("args".to_owned(), argument::record_type(&types.fields));
    for (name, of, fields) in SHAPE {
        let (name, required) = optional(name);
        let mut of = if fields.is_empty() { simple(of) } else { record(fields) };
        if let Some(attribute) = of.as_object_mut() {
            attribute.insert("required".to_owned(), Value::Bool(required));
        }
        attributes.insert(name.to_owned(), of);
    }
    json!({ "type": "Record", "attributes": attributes })
}

/// A name without its `?`, and whether the attribute must be there.
pub(crate) fn optional(name: &str) -> (&str, bool) {
    name.strip_suffix('?').map_or((name, true), |name| (name, false))
}

fn record(fields: &[(&str, &str)]) -> Value {
    let attributes: Map<String, Value> = fields
        .iter()
        .map(|(name, of)| {
            let (name, required) = optional(name);
            let mut of = simple(of);
            if let Some(attribute) = of.as_object_mut() {
                attribute.insert("required".to_owned(), Value::Bool(required));
            }
            (name.to_owned(), of)
        })
        .collect();
    json!({ "type": "Record", "attributes": attributes })
}

fn simple(of: &str) -> Value {
    match of {
        "Set" => json!({ "type": "Set", "element": { "type": "String" } }),
        "datetime" => json!({ "type": "Extension", "name": "datetime" }),
        other => json!({ "type": other }),
    }
}
