//! An answer envelope for people: the word that matters first, then why, what changed, how to take it back.
//!
//! In: `wire::Answer`. Out: text whose every part that an agent or a tool wrote was made visible. The failure of an
//! answer is printed by `Out::answer`, on standard error.

use std::time::Duration;

use contract::visible::{self, Breaks};
use server::wire;

use super::command::{self, Printed};
use super::json;
use super::paint::{Paint, Tone};
use super::table::Facts;
use super::time::{length, moment};

/// Characters of an output that are shown; all of it is in `-o json`.
const OUTPUT_CHARACTERS: usize = 4_000;

/// The whole envelope.
pub(crate) fn text(answer: &wire::Answer, printed: Printed, paint: &Paint) -> String {
    let mut out = paint.word(&answer.status, &answer.status);
    out.push_str(&match answer.executed.as_str() {
        "no" => "  NOT EXECUTED".to_owned(),
        executed => format!("  executed: {}", visible::line(executed)),
    });
    out.push_str(if answer.replayed { "  (the answer given before)\n" } else { "\n" });
    out.push_str(&facts(answer).text(paint));
    if let Some(decision) = &answer.decision {
        out.push_str(&self::decision(decision).text(paint));
    }
    if let Some(diff) = &answer.diff {
        out.push_str(&self::diff(diff, paint));
    }
    let of_command = |output| command::text(output, printed, paint);
    if let Some(text) = answer.output.as_ref().and_then(of_command) {
        out.push_str(&text);
    } else if let Some(output) = &answer.output {
        let output = json(output).unwrap_or_default();
        let shown: String = output.chars().take(OUTPUT_CHARACTERS).collect();
        let more = if shown.len() < output.len() { "\n… (all of it with `-o json`)" } else { "" };
        out.push_str(&format!("{shown}{more}\n"));
    }
    out
}

fn facts(answer: &wire::Answer) -> Facts {
    let mut facts = Facts::new();
    facts.maybe("call", answer.call.as_ref());
    for effect in &answer.effects {
        let seen = effect.observation.replace('_', " ");
        facts.fact("effect", format!("{} {} ({seen})", effect.kind, effect.resource));
    }
    if let Some(undo) = &answer.undo {
        facts.fact("undo", format!("{}, until {}", undo.how, moment(undo.until_ms)));
    }
    for warning in &answer.warnings {
        facts.fact("warning", warning);
    }
    let cost = &answer.cost;
    if cost.calls > 0 {
        let wall = length(Duration::from_millis(cost.wall_ms));
        facts.fact("cost", format!("{} money, {} bytes read, {wall}", cost.money, cost.read_bytes));
    }
    if let Some(place) = &answer.journal {
        facts.fact("journal", format!("entry {} {}", place.seq, place.hash));
    }
    facts
}

/// A decision: verdict, reasons with their places, who is asked, who is told.
pub(crate) fn decision(decision: &wire::Decision) -> Facts {
    let mut facts = Facts::new();
    let shadow = if decision.shadow { ", recorded only (shadow)" } else { "" };
    facts.fact("decision", format!("{}, tier {}{shadow}", decision.verdict, decision.tier));
    for reason in &decision.reasons {
        let place = reason.policy.as_ref();
        let place = place.map(|at| format!(" [{} {}:{}]", at.id, at.file, at.line));
        facts.fact("reason", format!("{}{}", reason.text, place.unwrap_or_default()));
    }
    for asked in &decision.requirements {
        let within = length(Duration::from_millis(asked.decide_within_ms));
        facts.fact("asks", format!("{} for `{}`, within {within}", asked.group, asked.id));
    }
    for duty in &decision.duties {
        facts.fact("tells", format!("{} ({} of `{}`)", duty.group, duty.kind, duty.id));
    }
    facts
}

/// A unified diff, line by line.
pub(crate) fn diff(diff: &str, paint: &Paint) -> String {
    let shown = visible::visible(diff, Breaks::Kept);
    let lines = shown.lines().map(|line| {
        let tone = match line.as_bytes().first() {
            Some(b'+') => Tone::Good,
            Some(b'-') => Tone::Bad,
            Some(b'@') => Tone::Quiet,
            Some(_) | None => return format!("{line}\n"),
        };
        format!("{}\n", paint.tone(tone, line))
    });
    lines.collect()
}
