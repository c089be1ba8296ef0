//! A contract as JSON: what its digest covers, and what `-o json` shows.
//!
//! Every field of `Contract` stands here; one that is left out could change without a new digest. A contract without a
//! command, or of no upstream server, has no such field, so that its digest is what it was before there were these.

mod command;
mod safeguards;

use serde_json::{Map, Value, json};

pub(crate) use command::host;

use crate::canonical::digest_of;
use domain::{
    Contract, Digest, ErrorCase, Idempotency, OutputRule, PreviewMeans, UndoMeans, UpstreamTool,
    VerifyMeans,
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
        safeguards::put(form, &contract.safeguards);
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
