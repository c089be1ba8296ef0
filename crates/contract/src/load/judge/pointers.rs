//! Whether everything that a contract points to is there: arguments, outputs, the resource's parts.
//!
//! A pointer that leads nowhere would be a rule that never holds: it is an error, never passed over.

use serde_json::Value;

use crate::load::findings::InTool;
use crate::pointer;
use crate::resource_template::Template;
use crate::suggest;
use domain::{ArgumentKind, Contract, Idempotency, OutputRule};

pub(super) fn judge(contract: &Contract, findings: &mut InTool<'_, '_>) {
    kinds(contract, findings);
    bound(contract, findings);
    resource(contract, findings);
    natural(contract, findings);
    rules(contract, findings);
}

/// The arguments at the top of the input schema.
fn arguments(contract: &Contract) -> Vec<&str> {
    let properties = contract.input.get("properties").and_then(Value::as_object);
    properties.into_iter().flatten().map(|(name, _)| name.as_str()).collect()
}

pub(super) fn subschema<'a>(schema: &'a Value, pointer: &str) -> Option<&'a Value> {
    let steps = pointer::steps(pointer)?;
    if steps.is_empty() { None } else { pointer::subschema(schema, &steps) }
}

/// What is said of a pointer that leads nowhere, and the fix.
fn nowhere(contract: &Contract, given: &str, of: &str) -> (String, String) {
    let what = format!("{of} `{}` points to no argument", crate::visible::short(given));
    let names: Vec<String> =
        arguments(contract).iter().map(|name| pointer::join("", name)).collect();
    let with_slash = format!("/{}", given.trim_start_matches('/'));
    let fix = match suggest::closest(&with_slash, names.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            "write a JSON pointer into `input`, such as `/path`, with `*` for the items of a list"
                .to_owned()
        }
    };
    (what, fix)
}

fn kinds(contract: &Contract, findings: &mut InTool<'_, '_>) {
    for (pointer, kind) in &contract.kinds {
        let path = ["arguments", pointer.as_str()];
        let Some(schema) = subschema(&contract.input, pointer) else {
            let (what, fix) = nowhere(contract, pointer, "the kind of");
            findings.add(&path, what, fix);
            continue;
        };
        if !carries(*kind, schema) {
            let what = format!(
                "`{pointer}` has the kind `{kind}`, and its schema does not say that it is text"
            );
            let fix = match kind {
                ArgumentKind::Money => {
                    "write `\"type\": \"string\"` or `\"type\": \"integer\"` for it"
                }
                ArgumentKind::Path
                | ArgumentKind::Host
                | ArgumentKind::Url
                | ArgumentKind::Email
                | ArgumentKind::Secret => "write `\"type\": \"string\"` for it",
            };
            findings.add(&path, what, fix);
        }
    }
    let paths = contract.kinds.values().any(|kind| *kind == ArgumentKind::Path);
    if paths
        && !contract
            .scope
            .iter()
            .any(|scope| scope.as_str().starts_with("workspace:") || scope.as_str() == "**")
    {
        findings.add(
            &["scope"],
            "the tool takes paths and its scope has no `workspace:`",
            "add a scope such as `workspace:**`",
        );
    }
}

fn carries(kind: ArgumentKind, schema: &Value) -> bool {
    let word = schema.get("type").and_then(Value::as_str);
    match kind {
        ArgumentKind::Money => matches!(word, Some("string" | "integer")),
        ArgumentKind::Path
        | ArgumentKind::Host
        | ArgumentKind::Url
        | ArgumentKind::Email
        | ArgumentKind::Secret => word == Some("string"),
    }
}

fn bound(contract: &Contract, findings: &mut InTool<'_, '_>) {
    for bound in &contract.bound {
        let pointer = pointer::join("", &bound.argument);
        let path = ["bound", bound.argument.as_str()];
        match subschema(&contract.input, &pointer) {
            None => {
                let what = format!(
                    "`bound` names the argument `{}`, which does not exist",
                    crate::visible::short(&bound.argument)
                );
                let near = suggest::hint(&bound.argument, arguments(contract));
                findings.add(&path, format!("{what}{near}"), "name a top-level argument");
            }
            Some(schema) if schema.get("type").and_then(Value::as_str) != Some("string") => {
                findings.add(
                    &path,
                    format!("the bound argument `{}` is not text", bound.argument),
                    "write `\"type\": \"string\"` for it",
                );
            }
            Some(_) if contract.kinds.contains_key(&pointer) => {
                findings.add(
                    &path,
                    format!("the bound argument `{}` has a kind too", bound.argument),
                    "remove its kind",
                );
            }
            Some(_) => {}
        }
    }
}

fn resource(contract: &Contract, findings: &mut InTool<'_, '_>) {
    let template = match Template::parse(&contract.resource) {
        Ok(template) => template,
        Err(wrong) => {
            let what =
                format!("the resource `{}` has {wrong}", crate::visible::short(&contract.resource));
            return findings.add(&["resource"], what, "write text such as `workspace:{path}`");
        }
    };
    let required = contract.input.get("required").and_then(Value::as_array);
    let required: Vec<&str> = required.into_iter().flatten().filter_map(Value::as_str).collect();
    for name in template.arguments() {
        let pointer = pointer::join("", name);
        let known = arguments(contract);
        if !known.contains(&name) {
            let near = suggest::hint(name, known);
            let what = format!(
                "the resource names the argument `{}`, which does not exist{near}",
                crate::visible::short(name)
            );
            findings.add(&["resource"], what, "name a top-level argument");
        } else if !required.contains(&name)
            && !contract.bound.iter().any(|bound| bound.argument == name)
        {
            let what = format!("the resource needs the argument `{name}`, which may be absent");
            findings.add(&["resource"], what, "add it to `required`");
        }
        if contract.kinds.get(&pointer) == Some(&ArgumentKind::Secret) {
            findings.add(
                &["resource"],
                format!("the resource would show the secret `{name}`"),
                "name it by another argument",
            );
        }
    }
}

fn natural(contract: &Contract, findings: &mut InTool<'_, '_>) {
    let Idempotency::Natural(pointers) = &contract.idempotency else { return };
    if pointers.is_empty() {
        findings.add(
            &["idempotency"],
            "a natural key without arguments",
            "name at least one, or write `caller_key`",
        );
    }
    for pointer in pointers {
        if pointer.contains('*') || subschema(&contract.input, pointer).is_none() {
            let (what, fix) = nowhere(contract, pointer, "the natural key");
            findings.add(&["idempotency"], what, fix);
        }
    }
}

fn rules(contract: &Contract, findings: &mut InTool<'_, '_>) {
    for (index, rule) in contract.output_rules.iter().enumerate() {
        let at = index.to_string();
        let (output, argument) = match rule {
            OutputRule::EqualsArgument { output, argument } => (output, Some(argument)),
            OutputRule::LengthMax { output, max: _ } => (output, None),
        };
        if subschema(&contract.output, output).is_none() {
            let what = format!(
                "the output rule's `{}` is not in the output schema",
                crate::visible::short(output)
            );
            findings.add(
                &["output_rules", &at],
                what,
                "write a JSON pointer into `output`, such as `/entries`",
            );
        }
        if let Some(argument) =
            argument.filter(|argument| subschema(&contract.input, argument).is_none())
        {
            let (what, fix) = nowhere(contract, argument, "the output rule's argument");
            findings.add(&["output_rules", &at], what, fix);
        }
    }
}
