//! Proposals: few tools, arguments and keys, so that they meet each other; and some that make no sense.
//!
//! In: dice and an agent's runs. Out: one proposal. About one in twenty is wrong in some way (an unknown tool, a
//! wrong type, a path outside), and keys are drawn from a short list, so that collisions are common.

use domain::{CallId, Confidence, EffectKind, ExpectedEffect, Proposal, RunId};
use serde_json::{Value, json};

use crate::random::Dice;

const PATHS: &[&str] = &["a.txt", "a.txt", "b.txt", "prod/c.txt", "d.txt", "nonsense/e.txt"];
const TEXTS: &[&str] = &["one", "two", "three", "big"];
const TO: &[&str] = &["x", "y"];
const NAMES: &[&str] = &["plan", "plan", "notes", "secrets"];
const SLOTS: &[&str] = &["mon", "tue"];
const SCRIPTS: &[&str] =
    &["tests", "tests", "fails", "format", "format", "derive", "derive", "hooks", "outside"];
const KEYS: &[&str] = &["k1", "k2", "k3"];

/// A proposal that an agent may make in one of its runs or in none; a command may stand on a held call.
pub(super) fn any(dice: &Dice, (runs, held): (&[RunId], &[CallId])) -> Proposal {
    let (tool, arguments) = act(dice);
    let run = if dice.chance(50) { dice.pick(runs).copied() } else { None };
    let key = match dice.below(10) {
        0..=4 => None,
        5..=7 => Some(dice.word(KEYS).to_owned()),
        _ => Some(format!("own-{}", dice.below(1_000_000))),
    };
    let confidence = match dice.below(10) {
        0..=2 => None,
        3 => Some(20),
        _ => Some(99),
    };
    Proposal {
        tool: tool.to_owned(),
        arguments,
        intent: dice.chance(50).then(|| "to get on".to_owned()),
        expected_effects: if dice.chance(20) { expected() } else { Vec::new() },
        confidence: confidence.and_then(Confidence::from_hundredths),
        key,
        run,
        evidence: Vec::new(),
        after: after(dice, (tool, held)),
        input: None,
        detached: dice.chance(20),
    }
}

/// Mostly for commands; the rest is refused.
fn after(dice: &Dice, (tool, held): (&str, &[CallId])) -> Option<CallId> {
    let chance = if tool == "sim.run" { 60 } else { 1 };
    if dice.chance(chance) { dice.pick(held).copied() } else { None }
}

fn act(dice: &Dice) -> (&'static str, Value) {
    match dice.below(100) {
        0..=11 => ("sim.run", json!({ "script": dice.word(SCRIPTS) })),
        12..=34 => {
            let (path, content) = (dice.word(PATHS), dice.word(TEXTS));
            if dice.chance(25) {
                let also = dice.word(PATHS);
                return ("sim.write", json!({ "path": path, "content": content, "also": also }));
            }
            ("sim.write", json!({ "path": path, "content": content }))
        }
        35..=54 => {
            let amount = dice.pick(&[1, 1, 2, 50, 60, 9_000_000]).copied().unwrap_or(1);
            ("sim.send", json!({ "to": dice.word(TO), "amount": amount }))
        }
        55..=64 => {
            let slot = dice.word(SLOTS);
            if dice.chance(40) {
                return ("sim.book", json!({ "slot": slot, "note": "window" }));
            }
            ("sim.book", json!({ "slot": slot }))
        }
        65..=70 => ("sim.odd", json!({ "name": dice.word(NAMES) })),
        71..=73 => ("sim.count", json!({ "name": dice.word(NAMES) })),
        74..=78 => ("sim.mail", json!({ "to": dice.word(TO) })),
        79..=93 => ("sim.read", json!({ "name": dice.word(NAMES) })),
        94 => ("sim.reed", json!({ "name": "plan" })),
        95 => ("sim.read", json!({ "name": 7 })),
        96 => ("sim.write", json!({ "path": "../out.txt", "content": "one" })),
        97 => ("sim.write", json!({ "path": "a.txt", "content": "one", "more": true })),
        98 => ("checkrein.undo", json!({ "call": "call_00000000000000000000000000000000" })),
        _ => ("sim.send", json!({ "to": "x", "amount": 3 })),
    }
}

fn expected() -> Vec<ExpectedEffect> {
    let resource = "workspace:*".parse().ok();
    let one = |resource| ExpectedEffect { kind: EffectKind::Modified, resource, count_max: 1 };
    resource.into_iter().map(one).collect()
}
