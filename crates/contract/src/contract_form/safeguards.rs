//! Safeguards as JSON, in the words of contract files.
//!
//! What is not asked for has no field, so that a contract without safeguards keeps its digest.

use serde_json::{Map, Value, json};

use super::millis;
use domain::{Check, Expect, Expected, Invariants, Safeguards, Scope, Step, Window};

/// Puts every safeguard that there is into a contract's form.
pub(super) fn put(form: &mut Map<String, Value>, safeguards: &Safeguards) {
    let mut put = |field: &str, value: Value| form.insert(field.to_owned(), value);
    if safeguards.invariants != Invariants::default() {
        put("invariants", invariants(&safeguards.invariants));
    }
    if let Some(window) = &safeguards.window {
        put("window", self::window(window));
    }
    if !safeguards.preconditions.is_empty() {
        let each = |check: &Check| {
            let mut form = self::check(check);
            form.insert("fresh_ms".to_owned(), millis(check.fresh).into());
            Value::Object(form)
        };
        put("precondition", safeguards.preconditions.iter().map(each).collect());
    }
    if let Some(verifier) = &safeguards.verifier {
        let (tool, otherwise) = (verifier.tool.as_str(), verifier.otherwise.word());
        let form = match &verifier.arguments {
            None => json!({ "tool": tool, "otherwise": otherwise }),
            Some(all) => json!({ "tool": tool, "otherwise": otherwise, "arguments": all }),
        };
        put("verifier", form);
    }
    if !safeguards.postconditions.is_empty() {
        let each = |each: &domain::Postcondition| {
            let mut form = check(&each.check);
            form.insert("within_ms".to_owned(), millis(each.within).into());
            Value::Object(form)
        };
        put("postcondition", safeguards.postconditions.iter().map(each).collect());
    }
    if let Some(step) = &safeguards.step {
        put("step", self::step(step));
    }
}

fn invariants(invariants: &Invariants) -> Value {
    let mut form = Map::new();
    let numbers = [
        ("files_max", invariants.files_max),
        ("bytes_max", invariants.bytes_max),
        ("hosts_max", invariants.hosts_max),
    ];
    for (field, number) in numbers {
        form.extend(number.map(|number| (field.to_owned(), number.into())));
    }
    for (field, scopes) in [("only", &invariants.only), ("never", &invariants.never)] {
        if !scopes.is_empty() {
            form.insert(field.to_owned(), scopes.iter().map(Scope::as_str).collect());
        }
    }
    if invariants.no_delete {
        form.insert("no_delete".to_owned(), true.into());
    }
    if let Some(rule) = &invariants.rows_max {
        let rule = json!({ "argument": rule.argument, "most": rule.most });
        form.insert("rows_max".to_owned(), rule);
    }
    if let Some(rule) = &invariants.amount_max {
        let rule = json!({ "argument": rule.argument, "most": rule.most.to_string() });
        form.insert("amount_max".to_owned(), rule);
    }
    form.extend(invariants.shape.map(|shape| ("shape".to_owned(), shape.word().into())));
    Value::Object(form)
}

fn window(window: &Window) -> Value {
    let clock = |minute: u32| format!("{:02}:{:02}", minute / 60, minute % 60);
    let zone = match window.offset_minutes {
        0 => "UTC".to_owned(),
        ahead if ahead > 0 => format!("+{}", clock(ahead.unsigned_abs())),
        behind => format!("-{}", clock(behind.unsigned_abs())),
    };
    json!({
        "days": window.days.iter().map(|day| day.word()).collect::<Vec<_>>(),
        "from": clock(window.from_minute),
        "to": clock(window.to_minute),
        "zone": zone,
    })
}

fn check(check: &Check) -> Map<String, Value> {
    let expect: Vec<Value> = check.expect.iter().map(expect).collect();
    let form = [
        ("name", Value::from(check.name.as_str())),
        ("tool", check.tool.as_str().into()),
        ("arguments", check.arguments.clone()),
        ("expect", expect.into()),
    ];
    form.into_iter().map(|(field, value)| (field.to_owned(), value)).collect()
}

fn expect(expect: &Expect) -> Value {
    let (field, value) = match &expect.value {
        Expected::Equals(value) => ("equals", value.clone()),
        Expected::Present => ("exists", true.into()),
        Expected::Absent => ("exists", false.into()),
        Expected::AtMost(most) => ("at_most", (*most).into()),
        Expected::AtLeast(least) => ("at_least", (*least).into()),
        Expected::Contains(text) => ("contains", text.as_str().into()),
        Expected::Lacks(text) => ("lacks", text.as_str().into()),
    };
    json!({ "pointer": expect.pointer, field: value })
}

fn step(step: &Step) -> Value {
    let mut form = Map::new();
    let mut put = |field: &str, value: Value| form.insert(field.to_owned(), value);
    put("procedure", step.procedure.as_str().into());
    put("resource", step.resource.as_str().into());
    put("after", step.after.iter().map(domain::Name::as_str).collect());
    put("makes", step.makes.as_str().into());
    let states =
        [("approved", &step.approved), ("verified", &step.verified), ("failed", &step.failed)];
    for (field, state) in states {
        if let Some(state) = state {
            put(field, state.as_str().into());
        }
    }
    put("lasts_ms", millis(step.lasts).into());
    Value::Object(form)
}
