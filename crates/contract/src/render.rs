//! A contract as text for a person: `checkrein contracts show`.
//!
//! In: a contract. Out: lines of text without control characters. JSON for programs is `contract_form`.

mod command;

use std::fmt::Write as _;

use serde_json::Value;

use crate::visible::line;
use domain::{Contract, Idempotency, OutputRule, PreviewMeans, UndoMeans, VerifyMeans};

/// What a contract says, a fact a line, safe for a terminal.
pub fn render(contract: &Contract) -> String {
    let mut out = format!("{} version {}\n", contract.name, contract.version);
    let mut fact = |name: &str, text: String| {
        // Writing to a String does not fail.
        let _ = writeln!(out, "  {name:<14}{}", line(&text));
    };
    fact("what", contract.what.clone());
    fact("when to use", contract.when_to_use.clone());
    fact("side effects", contract.side_effects.clone());
    fact("effect", format!("{} ({})", contract.effect_class, contract.provenance));
    fact("consequences", or_none(contract.consequences.iter().map(|each| each.word().to_owned())));
    fact("scope", or_none(contract.scope.iter().map(|scope| scope.to_string())));
    fact("resource", contract.resource.clone());
    for text in arguments(contract) {
        fact("argument", text);
    }
    for (name, text) in contract.command.iter().flat_map(command::facts) {
        fact(name, text);
    }
    fact("repeats", repeats(&contract.idempotency));
    fact(
        "preview",
        match contract.preview {
            PreviewMeans::None => "none",
            PreviewMeans::Plan => "exact plan",
        }
        .into(),
    );
    fact("undo", undo(&contract.undo));
    if let Some(hold) = contract.outbox {
        fact("outbox", format!("sent {} s after it was allowed", hold.as_secs()));
    }
    fact(
        "verify",
        match contract.verify {
            VerifyMeans::None => "only the tool's own word",
            VerifyMeans::Plan => "the resource is compared with the plan",
        }
        .into(),
    );
    fact("timeout", format!("{} ms", contract.timeout.as_millis()));
    if let Some(rate) = contract.rate {
        fact("rate", format!("{} calls in {} ms", rate.calls, rate.per.as_millis()));
    }
    fact("cost at most", contract.cost_max.to_string());
    fact("maturity", contract.maturity.to_string());
    fact(
        "output",
        format!(
            "at most {} bytes; labels: {}",
            contract.output_bytes_max,
            or_none(contract.output_labels.iter().map(|label| label.word().to_owned()))
        ),
    );
    for rule in &contract.output_rules {
        fact("output rule", rule_text(rule));
    }
    for case in &contract.errors {
        fact("error", format!("{}: {}; executed: {}", case.code, case.meaning, case.executed));
    }
    fact("digest", contract.digest.to_string());
    out
}

fn or_none(words: impl Iterator<Item = String>) -> String {
    let words: Vec<String> = words.collect();
    if words.is_empty() { "none".to_owned() } else { words.join(", ") }
}

fn arguments(contract: &Contract) -> Vec<String> {
    let required = contract.input.get("required").and_then(Value::as_array);
    let required: Vec<&str> = required.into_iter().flatten().filter_map(Value::as_str).collect();
    let properties = contract.input.get("properties").and_then(Value::as_object);
    let describe = |(name, schema): (&String, &Value)| {
        let kind =
            contract.kinds.get(&crate::pointer::join("", name)).map(|kind| kind.word().to_owned());
        let bound = contract.bound.iter().find(|bound| bound.argument == *name);
        let kind = kind.unwrap_or_else(|| type_text(schema));
        let must = match (bound, required.contains(&name.as_str())) {
            (Some(bound), _) => format!(", set from the caller's {}", bound.part),
            (None, true) => String::new(),
            (None, false) => ", optional".to_owned(),
        };
        let about =
            schema.get("description").and_then(Value::as_str).map(|text| format!(": {text}"));
        format!("{name} ({kind}{must}){}", about.unwrap_or_default())
    };
    properties.into_iter().flatten().map(describe).collect()
}

fn type_text(schema: &Value) -> String {
    match (schema.get("type"), schema.get("enum")) {
        (Some(Value::String(word)), _) => word.clone(),
        (_, Some(Value::Array(options))) => options
            .iter()
            .map(|option| option.as_str().map_or(option.to_string(), str::to_owned))
            .collect::<Vec<_>>()
            .join(" | "),
        (Some(words), _) => words.to_string(),
        (None, _) => "anything".to_owned(),
    }
}

fn repeats(idempotency: &Idempotency) -> String {
    match idempotency {
        Idempotency::CallerKey => "recognised by the caller's key".to_owned(),
        Idempotency::Natural(pointers) => {
            format!("recognised by the caller's key, else by {}", pointers.join(", "))
        }
    }
}

fn undo(undo: &UndoMeans) -> String {
    match undo {
        UndoMeans::None => "none".to_owned(),
        UndoMeans::InversePlan { window } => {
            format!("the plan in reverse, for {} hours", window.as_secs() / 3_600)
        }
        UndoMeans::Call(means) => {
            format!("a call of {}, for {} hours", means.tool, means.window.as_secs() / 3_600)
        }
    }
}

fn rule_text(rule: &OutputRule) -> String {
    match rule {
        OutputRule::EqualsArgument { output, argument } => {
            format!("{output} equals the argument {argument}")
        }
        OutputRule::LengthMax { output, max } => {
            format!("{output} has at most {max} items or characters")
        }
    }
}
