//! What a server changed in a tool, as a person reads it: what it was, what it is, and what follows for its class.
//!
//! In: the difference as the server tells it. Out: lines with the old text and the new one, changed words marked, and
//! everything hidden made visible. A difference is never cut without a word of it: the server says how much more there is.

use contract::visible::{self, Breaks};
use server::wire;

use super::findings;
use crate::client::{Client, path};
use crate::context::{As, Context};
use crate::failure::{OK, Result};
use crate::output::{Facts, Paint, Tone};

pub(super) async fn show(context: &Context, tool: &str) -> Result {
    let found = of(&context.client(As::Operator)?, tool).await?;
    context.out.show(&found, |found| text(found, &context.out.paint))?;
    context.out.talk(&next(&found));
    Ok(OK)
}

pub(super) async fn of(client: &Client, tool: &str) -> Result<wire::ToolDiff> {
    client.get(&path("/v1/tools", tool, "/diff")?, &[]).await
}

fn next(found: &wire::ToolDiff) -> String {
    let tool = &found.tool;
    match found.lines.is_empty() {
        true => "nothing differs from what was accepted".to_owned(),
        false => format!(
            "`checkrein tools accept {tool}` takes it as it is now; `checkrein tools refuse {tool} --reason '…'` keeps it out"
        ),
    }
}

/// The whole difference.
pub(super) fn text(found: &wire::ToolDiff, paint: &Paint) -> String {
    let mut facts = Facts::new();
    facts
        .fact("tool", &found.tool)
        .fact("server", &found.server)
        .fact("standing", &found.standing)
        .fact("accepted", &found.pinned)
        .fact("offered", &found.offered);
    let (before, after) = (class(&found.before), class(&found.after));
    if before == after {
        facts.fact("class", &before);
    } else {
        facts.fact("class was", &before).fact("class is", &after);
        for reason in &found.after.reasons {
            facts.fact("because", reason);
        }
    }
    let mut out = facts.text(paint);
    for line in &found.lines {
        out.push_str(&changed(line, *paint));
    }
    let found = findings(&found.findings, paint);
    if !found.is_empty() {
        out.push_str(&format!("\n{found}"));
    }
    out
}

fn class(view: &wire::ClassView) -> String {
    let consequences = view.consequences.join(" ");
    format!("{} ({}) {consequences}", view.effect_class, view.provenance).trim_end().to_owned()
}

fn changed(line: &wire::DiffLine, paint: Paint) -> String {
    let at = if line.pointer.is_empty() { "the definition" } else { &line.pointer };
    let mut out = format!("\n{}\n", paint.tone(Tone::Strong, &safe(at)));
    if line.before.is_none() && line.after.is_none() {
        return format!("{out}  {}\n", safe(&line.text));
    }
    let mut put = |mark: &str, text: Option<&String>, tone: Tone| {
        if let Some(text) = text {
            out.push_str(&format!("{}\n", paint.tone(tone, &format!("  {mark} {}", safe(text)))));
        }
    };
    put("-", line.before.as_ref(), Tone::Bad);
    put("+", line.after.as_ref(), Tone::Good);
    put("words:", line.words.as_ref(), Tone::Quiet);
    out
}

/// A line that the server has made visible already: its marks stay as they are, anything else hidden does not.
pub(crate) fn safe(text: &str) -> String {
    visible::already(text, Breaks::Shown).into_owned()
}
