//! A contract as JSON: what its digest covers, and what `-o json` shows.
//!
//! Every field of `Contract` stands here; one that is left out could change without a new digest. A contract without a
//! command, without an outbox, or of no upstream server, has no such field, so that its digest is what it was before there were these.

mod command;
mod safeguards;

use serde_json::{Map, Value, json};

pub(crate) use command::host;

use crate::canonical::digest_of;
use domain::{
    Contract, Digest, ErrorCase, Idempotency, InverseMeans, OutputRule, PreviewMeans, Source,
    UndoMeans, UpstreamTool, VerifyMeans,
};

/// SHA-256 over the canonical form of everything in a contract but its digest.
pub fn contract_digest(contract: &Contract) -> Digest {
    digest_of(&json!({ "form": "checkrein-contract-1", "contract": contract_json(contract) }))
}

/// Everything in a contract but its digest, in the words of contract files.
pub fn contract_json(contract: &Contract) -> Value {
    let mut form = fields(contract);
    if let (Some(form), Some(means)) = (form.as_object_mut(), &contract.command) {
        form.insert("command".to_owned(), command::form(means));
    }
    if let (Some(form), Some(upstream)) = (form.as_object_mut(), &contract.upstream) {
        form.insert("upstream".to_owned(), self::upstream(upstream));
    }
    if let Some(form) = form.as_object_mut() {
        crate::attempts::form(&contract.attempts, form);
        safeguards::put(form, &contract.safeguards);
    }
    if let (Some(form), Some(hold)) = (form.as_object_mut(), contract.outbox) {
        form.insert("outbox".to_owned(), json!({ "hold_ms": millis(hold) }));
    }
    form
}

fn fields(contract: &Contract) -> Value {
    let words = |words: Vec<&'static str>| Value::from(words);
    json!({
        "name": contract.name.as_str(),
        "version": contract.version,
        "description": {
            "what": contract.what,
            "when_to_use": contract.when_to_use,
            "side_effects": contract.side_effects,
        },
        "input": contract.input,
        "output": contract.output,
        "output_rules": contract.output_rules.iter().map(rule).collect::<Vec<_>>(),
        "errors": contract.errors.iter().map(error).collect::<Vec<_>>(),
        "effect_class": contract.effect_class.word(),
        "consequences": words(contract.consequences.iter().map(|each| each.word()).collect()),
        "provenance": contract.provenance.word(),
        "scope": contract.scope.iter().map(|scope| scope.as_str()).collect::<Vec<_>>(),
        "arguments": contract.kinds.iter()
            .map(|(pointer, kind)| (pointer.clone(), kind.word().into())).collect::<Map<_, _>>(),
        "bound": contract.bound.iter()
            .map(|bound| (bound.argument.clone(), bound.part.word().into())).collect::<Map<_, _>>(),
        "resource": contract.resource,
        "idempotency": match &contract.idempotency {
            Idempotency::CallerKey => json!("caller_key"),
            Idempotency::Natural(pointers) => json!({ "natural": pointers }),
        },
        "preview": match contract.preview { PreviewMeans::None => "none", PreviewMeans::Plan => "plan" },
        "undo": match &contract.undo {
            UndoMeans::None => json!("none"),
            UndoMeans::InversePlan { window } => json!({ "inverse_plan": { "window_ms": millis(*window) } }),
            UndoMeans::Call(means) => json!({ "call": inverse(means) }),
        },
        "verify": match contract.verify { VerifyMeans::None => "none", VerifyMeans::Plan => "plan" },
        "timeout_ms": millis(contract.timeout),
        "rate": contract.rate.map(|rate| json!({ "calls": rate.calls, "per_ms": millis(rate.per) })),
        "cost_max": contract.cost_max.to_string(),
        "maturity": contract.maturity.word(),
        "output_labels": words(contract.output_labels.iter().map(|each| each.word()).collect()),
        "output_bytes_max": contract.output_bytes_max,
    })
}

fn inverse(means: &InverseMeans) -> Value {
    let arguments: Map<String, Value> =
        means.arguments.iter().map(|(name, source)| (name.clone(), source_form(source))).collect();
    json!({
        "tool": means.tool.as_str(),
        "arguments": arguments,
        "window_ms": millis(means.window),
        "partial": means.partial.word(),
    })
}

/// As contract files write it: text says where it comes from, everything else stands for itself.
fn source_form(source: &Source) -> Value {
    match source {
        Source::Input(pointer) => format!("input:{pointer}").into(),
        Source::Output(pointer) => format!("output:{pointer}").into(),
        Source::Fixed(Value::String(text)) => format!("text:{text}").into(),
        Source::Fixed(value) => value.clone(),
    }
}

fn upstream(tool: &UpstreamTool) -> Value {
    json!({
        "server": tool.server.as_str(),
        "wire": tool.wire,
        "part": tool.part.word(),
        "definition": tool.definition.to_string(),
    })
}

fn millis(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn rule(rule: &OutputRule) -> Value {
    match rule {
        OutputRule::EqualsArgument { output, argument } => {
            json!({ "equals_argument": { "output": output, "argument": argument } })
        }
        OutputRule::LengthMax { output, max } => {
            json!({ "length_max": { "output": output, "max": max } })
        }
    }
}

fn error(case: &ErrorCase) -> Value {
    json!({ "code": case.code, "meaning": case.meaning, "executed": case.executed.word() })
}
