//! Whether a contract makes sense: what it says must fit together, and must be something that is enforced.
//!
//! In: a converted contract. Out: findings. Whether its pointers lead anywhere is asked in `judge/pointers.rs`.

mod command;
mod inverse;
mod pointers;
mod safeguards;

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;

use super::findings::InTool;
use domain::{
    Consequence, Contract, EffectClass, ErrorCase, PreviewMeans, RateLimit, UndoMeans, VerifyMeans,
    limits,
};

/// The same for safeguards that are attached to a contract alone.
pub(super) fn safeguards(contract: &Contract, findings: &mut InTool<'_, '_>) {
    safeguards::judge(contract, findings);
}

/// Adds a finding for everything in a contract that makes no sense.
pub(super) fn judge(contract: &Contract, findings: &mut InTool<'_, '_>) {
    if contract.upstream.is_some() {
        // Only what was in force and is read back from the journal has this.
        return discovered(contract, findings);
    }
    texts(contract, findings);
    amounts(contract, findings);
    rate(contract.rate, findings);
    input(contract, findings);
    pure(contract, findings);
    means(contract, findings);
    errors(&contract.errors, findings);
    attempts(contract, findings);
    pointers::judge(contract, findings);
    inverse::judge(contract, findings);
    safeguards::judge(contract, findings);
    command::judge(contract, findings);
}

/// The same for a contract of a discovered tool, whose input its server wrote.
pub(super) fn discovered(contract: &Contract, findings: &mut InTool<'_, '_>) {
    texts(contract, findings);
    amounts(contract, findings);
    pure(contract, findings);
    means(contract, findings);
    errors(&contract.errors, findings);
    attempts(contract, findings);
    pointers::judge(contract, findings);
    inverse::judge(contract, findings);
}

fn attempts(contract: &Contract, findings: &mut InTool<'_, '_>) {
    for wrong in crate::attempts::judge(contract) {
        let path: Vec<&str> = wrong.path.iter().map(String::as_str).collect();
        findings.add(&path, wrong.what, wrong.fix);
    }
}

fn texts(contract: &Contract, findings: &mut InTool<'_, '_>) {
    let texts = [
        ("what", &contract.what),
        ("when_to_use", &contract.when_to_use),
        ("side_effects", &contract.side_effects),
    ];
    for (field, text) in texts {
        let characters = text.chars().count();
        if text.trim().is_empty() {
            findings.add(
                &["description", field],
                format!("`{field}` is empty"),
                "say it in a sentence; `none` for no side effects",
            );
        } else if characters > limits::CONTRACT_TEXT_CHARS_MAX {
            let what = format!(
                "`{field}` has {characters} characters, at most {} are allowed",
                limits::CONTRACT_TEXT_CHARS_MAX
            );
            findings.add(&["description", field], what, "shorten it");
        }
    }
    if contract.version == 0 {
        findings.add(&["version"], "version 0 does not exist", "begin with 1");
    }
}

fn amounts(contract: &Contract, findings: &mut InTool<'_, '_>) {
    let max = limits::TOOL_TIMEOUT_MAX;
    if contract.timeout.is_zero() || contract.timeout > max {
        let what = format!("a timeout of {} ms is not possible", contract.timeout.as_millis());
        findings.add(&["timeout_ms"], what, format!("write 1 to {}", max.as_millis()));
    }
    let bytes = contract.output_bytes_max;
    if bytes == 0 || bytes > limits::OUTPUT_BYTES_MAX {
        let what = format!("an output of {bytes} bytes is not possible");
        findings.add(
            &["output_bytes_max"],
            what,
            format!("write 1 to {}", limits::OUTPUT_BYTES_MAX),
        );
    }
    let window = match &contract.undo {
        UndoMeans::None => None,
        UndoMeans::InversePlan { window } => Some(*window),
        UndoMeans::Call(means) => Some(means.window),
    };
    if let Some(window) = window.filter(|it| it.is_zero() || *it > limits::UNDO_WINDOW_MAX) {
        let what = format!("an undo window of {} ms is not possible", window.as_millis());
        findings.add(
            &["undo"],
            what,
            format!("write 1 to {}", limits::UNDO_WINDOW_MAX.as_millis()),
        );
    }
}

fn rate(rate: Option<RateLimit>, findings: &mut InTool<'_, '_>) {
    const PER_MAX: Duration = Duration::from_secs(24 * 3_600);
    let Some(rate) = rate else { return };
    if rate.calls == 0 {
        findings.add(
            &["rate", "calls"],
            "a rate of 0 calls allows nothing",
            "write 1 or more, or remove the contract",
        );
    }
    if rate.per.is_zero() || rate.per > PER_MAX {
        let what = format!("a rate per {} ms is not possible", rate.per.as_millis());
        findings.add(&["rate", "per_ms"], what, format!("write 1 to {}", PER_MAX.as_millis()));
    }
}

/// The input of every tool is an object. One that changes something must say which arguments there are.
fn input(contract: &Contract, findings: &mut InTool<'_, '_>) {
    const FIX: &str = "write `\"type\": \"object\"`, every argument under `properties`, and `\"additionalProperties\": false`";
    let schema = &contract.input;
    if schema.get("type").and_then(Value::as_str) != Some("object") {
        let what = match contract.effect_class.changes() {
            true => "the tool changes something and its input schema admits anything",
            false => "the input schema is not that of an object",
        };
        return findings.add(&["input"], what, FIX);
    }
    if contract.effect_class.changes() && !closed(schema) {
        findings.add(
            &["input"],
            "the tool changes something and its input schema admits any further argument",
            FIX,
        );
    }
}

/// Whether unknown arguments are refused. Without named properties that is a tool without arguments.
fn closed(schema: &Value) -> bool {
    let refused = |key: &str| schema.get(key) == Some(&Value::Bool(false));
    let patterns = schema.get("patternProperties").and_then(Value::as_object);
    (refused("additionalProperties") || refused("unevaluatedProperties"))
        && patterns.is_none_or(serde_json::Map::is_empty)
}

fn pure(contract: &Contract, findings: &mut InTool<'_, '_>) {
    if contract.effect_class != EffectClass::Pure {
        return;
    }
    for consequence in &contract.consequences {
        if !possible_without_change(*consequence) {
            let what = format!(
                "a `pure` tool changes nothing and cannot have the consequence `{consequence}`"
            );
            findings.add(&["consequences"], what, "remove it, or choose another effect class");
        }
    }
    let means = [
        ("preview", contract.preview != PreviewMeans::None),
        ("undo", contract.undo != UndoMeans::None),
        ("outbox", contract.outbox.is_some()),
        ("verify", contract.verify != VerifyMeans::None),
    ];
    for (field, _) in means.iter().filter(|(_, there)| *there) {
        findings.add(
            &[field],
            format!("a `pure` tool changes nothing, so there is nothing for `{field}`"),
            "remove the field",
        );
    }
}

pub(crate) const fn possible_without_change(consequence: Consequence) -> bool {
    match consequence {
        // Reading much, showing a secret and asking somebody outside all hit people without changing anything.
        Consequence::BulkRead | Consequence::Credential | Consequence::OutsideCommunication => true,
        Consequence::Delete
        | Consequence::Overwrite
        | Consequence::Money
        | Consequence::Rights
        | Consequence::Production
        | Consequence::IdentityChange
        | Consequence::CodeExecution => false,
    }
}

/// Undo and verify live from the plan that a preview makes.
fn means(contract: &Contract, findings: &mut InTool<'_, '_>) {
    let plan = contract.preview == PreviewMeans::Plan;
    let undo = contract.undo != UndoMeans::None;
    let inverse = matches!(contract.undo, UndoMeans::InversePlan { .. });
    if inverse && !plan {
        findings.add(
            &["undo"],
            "an inverse plan needs a plan, and there is no preview",
            "write `preview = \"plan\"`",
        );
    }
    if contract.verify == VerifyMeans::Plan && !plan {
        findings.add(
            &["verify"],
            "a plan is needed to verify against, and there is no preview",
            "write `preview = \"plan\"`",
        );
    }
    if contract.effect_class == EffectClass::Restorable && !(plan && inverse) {
        let what = "a `restorable` tool must show a plan and take it back";
        let fix = "write `preview = \"plan\"` and `undo = { inverse_plan = { window_ms = … } }`, or choose another effect class";
        findings.add(&["effect_class"], what, fix);
    }
    if undo && contract.effect_class.cannot_be_undone() {
        let what = format!("an `{}` tool cannot have an undo", contract.effect_class);
        findings.add(&["undo"], what, "remove the undo, or choose another effect class");
    }
}

fn errors(errors: &[ErrorCase], findings: &mut InTool<'_, '_>) {
    let mut seen = BTreeSet::new();
    if errors.len() > limits::CONTRACT_ERRORS_MAX {
        let what = format!(
            "{} error cases, at most {} are allowed",
            errors.len(),
            limits::CONTRACT_ERRORS_MAX
        );
        findings.add(&["errors"], what, "join those that mean the same to a caller");
    }
    for (index, case) in errors.iter().enumerate() {
        let at = index.to_string();
        if case.code.is_empty() || case.meaning.trim().is_empty() {
            findings.add(&["errors", &at], "an error case without code or meaning", "give both");
        }
        if !seen.insert(&case.code) {
            let what =
                format!("the error `{}` is declared twice", crate::visible::short(&case.code));
            findings.add(&["errors", &at], what, "declare it once");
        }
    }
}
