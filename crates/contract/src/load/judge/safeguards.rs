//! Whether safeguards make sense: a rule that could never hold, or never be broken, is an error.
//!
//! In: a converted contract. Out: findings. Whether the tools that checks name are there is asked when they are called:
//! tools of servers come later than contract files.

use serde_json::Value;

use super::pointers;
use crate::load::findings::InTool;
use crate::resource_template::Template;
use crate::safeguards::{Place, places};
use domain::{
    ArgumentKind, Check, Contract, Expected, Invariants, PreviewMeans, Step, Window, limits,
};

pub(super) fn judge(contract: &Contract, findings: &mut InTool<'_, '_>) {
    let safeguards = &contract.safeguards;
    if safeguards.is_empty() {
        return;
    }
    invariants(contract, &safeguards.invariants, findings);
    if let Some(window) = &safeguards.window {
        self::window(window, findings);
    }
    let after: Vec<&Check> = safeguards.postconditions.iter().map(|each| &each.check).collect();
    let before: Vec<&Check> = safeguards.preconditions.iter().collect();
    checks(contract, ("precondition", &before), findings);
    checks(contract, ("postcondition", &after), findings);
    for (index, each) in safeguards.postconditions.iter().enumerate() {
        if each.within > limits::POSTCONDITION_WITHIN_MAX {
            let what = format!("to ask for {} ms is not possible", each.within.as_millis());
            let fix = format!("write up to {}", limits::POSTCONDITION_WITHIN_MAX.as_millis());
            findings.add(&["postcondition", &index.to_string(), "within_ms"], what, fix);
        }
    }
    if !after.is_empty() && !contract.effect_class.changes() {
        let what = "a `pure` tool changes nothing, so there is nothing for a postcondition";
        findings.add(&["postcondition"], what, "remove it");
    }
    if safeguards.verifier.is_some() && contract.preview == PreviewMeans::None {
        let what = "a verifier looks at a plan, and there is no preview";
        findings.add(&["verifier"], what, "write `preview = \"plan\"`, or remove the verifier");
    }
    if let Some(step) = &safeguards.step {
        self::step(contract, step, findings);
    }
}

fn invariants(contract: &Contract, invariants: &Invariants, findings: &mut InTool<'_, '_>) {
    if invariants.need_plan() && contract.preview == PreviewMeans::None {
        let what = "these invariants are checked on a plan, and there is no preview";
        findings.add(&["invariants"], what, "write `preview = \"plan\"`");
    }
    for (field, scopes) in [("only", &invariants.only), ("never", &invariants.never)] {
        if scopes.len() > limits::INVARIANT_SCOPES_MAX {
            let what = format!("`{field}` names {} paths", scopes.len());
            let fix = format!("name at most {}", limits::INVARIANT_SCOPES_MAX);
            findings.add(&["invariants", field], what, fix);
        }
    }
    if let Some(rule) = &invariants.rows_max {
        let schema = pointers::subschema(&contract.input, &rule.argument);
        if schema.and_then(|schema| schema.get("type")).and_then(Value::as_str) != Some("array") {
            let what = format!(
                "`{}` is no list among the arguments",
                crate::visible::short(&rule.argument)
            );
            findings.add(&["invariants", "rows_max"], what, "point to an argument of type `array`");
        }
    }
    if let Some(rule) = &invariants.amount_max
        && contract.kinds.get(&rule.argument) != Some(&ArgumentKind::Money)
    {
        let what = format!("`{}` has not the kind `money`", crate::visible::short(&rule.argument));
        let fix = "declare the kind under `[tool.arguments]`, or point to another argument";
        findings.add(&["invariants", "amount_max"], what, fix);
    }
}

fn window(window: &Window, findings: &mut InTool<'_, '_>) {
    if window.days.is_empty() || window.from_minute >= window.to_minute {
        let what = "the window is never open";
        let fix = "name at least one day, and a `from` that is before `to` on the same day";
        findings.add(&["window"], what, fix);
    }
}

fn checks(contract: &Contract, (field, checks): (&str, &[&Check]), findings: &mut InTool<'_, '_>) {
    if checks.len() > limits::CHECKS_MAX {
        let what = format!("{} of them, at most {} are allowed", checks.len(), limits::CHECKS_MAX);
        findings.add(&[field], what, "join some of them in one tool");
    }
    for (index, check) in checks.iter().enumerate() {
        let place = index.to_string();
        let at = |part| [field, place.as_str(), part];
        let characters = check.name.chars().count();
        let twice = checks.iter().filter(|other| other.name == check.name).count() > 1;
        if check.name.trim().is_empty() || characters > limits::CHECK_NAME_CHARS_MAX || twice {
            let fix = format!(
                "give each its own name of 1 to {} characters",
                limits::CHECK_NAME_CHARS_MAX
            );
            findings.add(&at("name"), "it cannot be told from others by its name", fix);
        }
        if check.tool == contract.name {
            findings.add(&at("tool"), "a tool cannot check itself", "name another tool");
        }
        if check.expect.is_empty() || check.expect.len() > limits::CHECK_EXPECTS_MAX {
            let fix = format!("expect 1 to {} things of its output", limits::CHECK_EXPECTS_MAX);
            findings.add(&at("expect"), "it expects nothing, or too much", fix);
        }
        for one in &check.expect {
            let text = matches!(&one.value, Expected::Contains(text) | Expected::Lacks(text) if text.is_empty());
            if text || !(one.pointer.is_empty() || one.pointer.starts_with('/')) {
                let what = format!("`{}` is no JSON pointer, or any text fits", one.pointer);
                findings.add(&at("expect"), what, "write a pointer such as `/exit_code`");
            }
        }
        if check.fresh > limits::CHECK_FRESH_MAX {
            let fix = format!("write up to {}", limits::CHECK_FRESH_MAX.as_millis());
            findings.add(&at("fresh_ms"), "an answer cannot count that long", fix);
        }
        arguments(contract, (field, &at("arguments"), check), findings);
    }
}

fn arguments(
    contract: &Contract,
    (field, path, check): (&str, &[&str], &Check),
    findings: &mut InTool<'_, '_>,
) {
    if !check.arguments.is_object() {
        findings.add(path, "the arguments are no table", "write `arguments = { … }`");
    }
    let expected =
        check.expect.iter().flat_map(|one| crate::safeguards::places_expected(&one.value));
    for place in places(&check.arguments).into_iter().chain(expected) {
        match place {
            Place::Input(pointer) if pointers::subschema(&contract.input, pointer).is_none() => {
                let shown = crate::visible::short(pointer);
                findings.add(
                    path,
                    format!("`{{{shown}}}` points to no argument"),
                    "point into `input`",
                );
            }
            Place::Output(_) if field == "precondition" => {
                let what = "before the act there is no output";
                findings.add(path, what, "use arguments only, such as `{/path}`");
            }
            Place::Output(pointer) if pointers::subschema(&contract.output, pointer).is_none() => {
                let shown = crate::visible::short(pointer);
                let what = format!("`{{output:{shown}}}` points to nothing in the output");
                findings.add(path, what, "point into `output`");
            }
            Place::Input(_) | Place::Output(_) => {}
        }
    }
}

fn step(contract: &Contract, step: &Step, findings: &mut InTool<'_, '_>) {
    match Template::parse(&step.resource) {
        Err(wrong) => {
            let what =
                format!("the resource `{}` has {wrong}", crate::visible::short(&step.resource));
            findings.add(&["step", "resource"], what, "write text such as `deploy:{app}`");
        }
        Ok(template) => {
            let required = contract.input.get("required").and_then(Value::as_array);
            let required: Vec<&str> =
                required.into_iter().flatten().filter_map(Value::as_str).collect();
            for name in template.arguments() {
                let pointer = crate::pointer::join("", name);
                if contract.kinds.get(&pointer) == Some(&ArgumentKind::Secret) {
                    let what = format!("the resource would show the secret `{name}`");
                    findings.add(&["step", "resource"], what, "name it by another argument");
                }
                if required.contains(&name) {
                    continue;
                }
                let what = format!("the resource needs the argument `{name}`, which may be absent");
                findings.add(&["step", "resource"], what, "add it to `required`");
            }
        }
    }
    let named =
        [step.approved.as_ref(), Some(&step.makes), step.verified.as_ref(), step.failed.as_ref()];
    if named.into_iter().flatten().any(|state| state.as_str() == "free") {
        let what =
            "`free` is no state of a procedure: the store uses the word for what nothing holds";
        findings.add(&["step"], what, "choose another word");
    }
    if step.after.len() > limits::STEP_AFTER_MAX {
        let fix = format!("name at most {}", limits::STEP_AFTER_MAX);
        findings.add(&["step", "after"], "too many states", fix);
    }
    if step.lasts.is_zero() || step.lasts > limits::STEP_LASTS_MAX {
        let fix = format!("write 1 to {}", limits::STEP_LASTS_MAX.as_millis());
        findings.add(&["step", "lasts_ms"], "a state cannot count that long", fix);
    }
    if step.verified.is_some() && contract.safeguards.postconditions.is_empty() {
        let what = "`verified` is the state that postconditions make, and there are none";
        findings.add(&["step", "verified"], what, "add a postcondition, or remove it");
    }
    if !contract.effect_class.changes() && step.approved.is_some() {
        let what = "nobody approves a `pure` call of this kind";
        findings.add(&["step", "approved"], what, "let the changing step need the approval");
    }
}
