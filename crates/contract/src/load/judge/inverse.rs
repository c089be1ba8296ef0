//! Whether an inverse call and an outbox make sense for their tool: class, window, and pointers that lead somewhere.
//!
//! In: a contract. Out: findings. What the other tool says of these arguments is asked where both are known
//! (`load/across.rs`), and once more when the call is armed. Tests: `tests/it/load.rs`.

use serde_json::Value;

use crate::load::findings::InTool;
use crate::pointer;
use domain::{Contract, EffectClass, InverseMeans, Source, UndoMeans, limits};

pub(super) fn judge(contract: &Contract, findings: &mut InTool<'_, '_>) {
    outbox(contract, findings);
    let UndoMeans::Call(means) = &contract.undo else { return };
    class(contract.effect_class, findings);
    if means.arguments.len() > limits::INVERSE_ARGUMENTS_MAX {
        let what = format!(
            "the undo has {} arguments, at most {} are allowed",
            means.arguments.len(),
            limits::INVERSE_ARGUMENTS_MAX
        );
        findings.add(&["undo"], what, "name fewer");
    }
    pointers(contract, means, findings);
}

fn class(class: EffectClass, findings: &mut InTool<'_, '_>) {
    match class {
        EffectClass::Compensable | EffectClass::Delayed => {}
        // Said elsewhere: those have no undo at all, or one by a plan.
        EffectClass::Pure | EffectClass::Irreversible | EffectClass::Unknown => {}
        EffectClass::Restorable => findings.add(
            &["undo"],
            "a `restorable` tool is restored from its plan, not by another call",
            "write `effect_class = \"compensable\"`, or `undo = { inverse_plan = { window_ms = … } }`",
        ),
    }
}

fn pointers(contract: &Contract, means: &InverseMeans, findings: &mut InTool<'_, '_>) {
    for (name, source) in &means.arguments {
        let (of, pointer, schema) = match source {
            Source::Input(pointer) => ("input", pointer, &contract.input),
            Source::Output(pointer) => ("output", pointer, &contract.output),
            Source::Fixed(_) => continue,
        };
        if !leads_somewhere(schema, pointer) {
            let what = format!(
                "the undo takes `{}` from `{}`, which is not in the {of} schema",
                crate::visible::short(name),
                crate::visible::short(pointer)
            );
            let fix = format!(
                "write a JSON pointer into `{of}`, such as `\"{of}:/id\"`, with `*` for the items of a list"
            );
            findings.add(&["undo"], what, fix);
        }
    }
}

fn leads_somewhere(schema: &Value, given: &str) -> bool {
    let Some(steps) = pointer::steps(given) else { return false };
    let Some((first, rest)) = steps.split_first() else { return false };
    // A tool of a server has its own schema in a document of its own.
    let own = schema.pointer("/$defs/structuredContent").filter(|_| first == "structuredContent");
    match own {
        Some(own) => rest.is_empty() || pointer::subschema(own, rest).is_some(),
        None => pointer::subschema(schema, &steps).is_some(),
    }
}

fn outbox(contract: &Contract, findings: &mut InTool<'_, '_>) {
    let Some(hold) = contract.outbox else { return };
    if contract.effect_class != EffectClass::Delayed {
        let what = format!(
            "an outbox is for `delayed` tools, and this one is `{}`",
            contract.effect_class
        );
        findings.add(&["outbox"], what, "write `effect_class = \"delayed\"`, or remove the outbox");
    }
    if hold.is_zero() || hold > limits::OUTBOX_HOLD_MAX {
        let what = format!("a hold of {} ms is not possible", hold.as_millis());
        let fix = format!("write 1 to {}", limits::OUTBOX_HOLD_MAX.as_millis());
        findings.add(&["outbox"], what, fix);
    }
}
