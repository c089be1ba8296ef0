//! `checkrein approvals watch`: a line for each request that is asked, voted on, decided or over, as it happens.
//!
//! In: the event stream of the server. Out: lines, or JSON objects, on standard output; where a connection breaks, the next
//! one goes on behind the last entry that was told, so nothing is told twice and nothing is left out. It ends on a signal.
//! Tests: `tests/it/review.rs`.

use std::time::Duration;

use serde_json::Value;
use server::wire;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::client::{Client, Event, path};
use crate::context::Context;
use crate::failure::{Failure, OK, Result};
use crate::output::{Paint, json_line, moment};

/// Pauses before connecting anew: the first, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(5));

pub(super) async fn run(context: &Context, client: &Client, json: bool) -> Result {
    let mut ends = Ends::new()?;
    let form = if json || !context.out.is_for_people() { Form::Json } else { Form::Line };
    let mut told = Told { context, client, form, after: None };
    tokio::select! {
        ended = told.follow() => ended,
        () = ends.one() => Ok(OK),
    }
}

/// The signals that end it, beside the interrupt that ends every command.
struct Ends([Signal; 2]);

impl Ends {
    fn new() -> Result<Self> {
        let listen = |kind| {
            signal(kind).map_err(|error| Failure::new(format!("no signal can be heard: {error}")))
        };
        Ok(Self([listen(SignalKind::terminate())?, listen(SignalKind::hangup())?]))
    }

    async fn one(&mut self) {
        let [terminate, hangup] = &mut self.0;
        tokio::select! {
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    }
}

#[derive(Clone, Copy)]
enum Form {
    Line,
    Json,
}

struct Told<'a> {
    context: &'a Context,
    client: &'a Client,
    form: Form,
    /// The last entry that was told.
    after: Option<u64>,
}

impl Told<'_> {
    /// Until the server says that this key may not see it. A server that is away is waited for, once it was there.
    async fn follow(&mut self) -> Result {
        let mut stream = self.client.follow(None).await?;
        let talk = |text: &str| self.context.out.talk(text);
        talk("watching; Ctrl-C ends it");
        self.those_that_wait().await?;
        let mut pause = PAUSES.0;
        loop {
            while let Some(event) = stream.next().await? {
                pause = PAUSES.0;
                self.tell(&event).await?;
                self.after = event.id.or(self.after);
            }
            loop {
                tokio::time::sleep(pause).await;
                pause = (2 * pause).min(PAUSES.1);
                match self.client.follow(self.after).await {
                    Ok(again) => break stream = again,
                    Err(failure) if failure.code.is_some() => return Err(failure),
                    Err(_) => {}
                }
            }
            self.context.out.talk("connected again");
        }
    }

    async fn those_that_wait(&mut self) -> Result<()> {
        let query = [("state", Some("pending".to_owned()))];
        let page: wire::Page<wire::Approval> = self.client.get("/v1/approvals", &query).await?;
        page.items.iter().for_each(|one| self.say("waits", one.asked_ms, one));
        Ok(())
    }

    async fn tell(&self, event: &Event) -> Result<()> {
        let Some(word) = word(&event.name) else { return Ok(()) };
        let entry: wire::Entry = event.read()?;
        for approval in requests(&entry.entry) {
            let route = path("/v1/approvals", &approval, "")?;
            let details: wire::ApprovalDetails = match self.client.get(&route, &[]).await {
                Ok(details) => details,
                // Another tenant's, or the server goes away: it is told again after that.
                Err(failure) if failure.code.is_some() => continue,
                Err(failure) => return Err(failure),
            };
            self.say(word, entry.at_ms, &details.approval);
        }
        Ok(())
    }

    fn say(&self, word: &str, at_ms: u64, approval: &wire::Approval) {
        let out = &self.context.out;
        match self.form {
            Form::Json => {
                let line = serde_json::json!({
                    "what": word, "at_ms": at_ms, "approval": approval,
                });
                out.data(&json_line(&line));
            }
            Form::Line => out.data(&line(word, at_ms, approval, out.paint)),
        }
    }
}

fn line(word: &str, at_ms: u64, approval: &wire::Approval, paint: Paint) -> String {
    let shown = |text: &Option<String>| {
        contract::visible::line(text.as_deref().unwrap_or("-")).into_owned()
    };
    let who = match &approval.decided_by {
        Some(by) if approval.state != "pending" => format!("by {}", contract::visible::line(by)),
        Some(_) | None => format!("asked of {}", contract::visible::line(&approval.asked_of)),
    };
    format!(
        "{}  {}  {}  {}  {}  {}  {who}",
        moment(at_ms),
        paint.word(word, &format!("{word:<9}")),
        approval.approval,
        shown(&approval.agent),
        shown(&approval.tool),
        shown(&approval.resource),
    )
}

/// What an entry means for requests; none for what is nothing to them.
fn word(kind: &str) -> Option<&'static str> {
    let known = [
        ("call_held", "asked"),
        ("approval_voted", "voted"),
        ("approval_escalated", "escalated"),
        ("approval_approved", "approved"),
        ("approval_rejected", "rejected"),
        ("approval_expired", "expired"),
        ("approval_closed", "closed"),
    ];
    known.iter().find(|(name, _)| *name == kind).map(|(_, word)| *word)
}

/// The requests that an entry names: those that a held call makes, or the one that something became of.
fn requests(entry: &Value) -> Vec<String> {
    let event = entry.get("event").and_then(Value::as_object);
    let Some(fields) = event.and_then(|event| event.values().next()) else { return Vec::new() };
    if let Some(approval) = fields.get("approval").and_then(Value::as_str) {
        return vec![approval.to_owned()];
    }
    let asked = fields.get("requests").and_then(Value::as_array);
    let id = |request: &Value| Some(request.get("approval")?.as_str()?.to_owned());
    asked.into_iter().flatten().filter_map(id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_found_in_entries() {
        for (entry, expect) in [
            (
                serde_json::json!({"event": {"approval_expired": {"approval": "apr_1"}}}),
                &["apr_1"][..],
            ),
            (
                serde_json::json!({"event": {"call_held": {"requests": [{"approval": "apr_1"}, {"approval": "apr_2"}]}}}),
                &["apr_1", "apr_2"],
            ),
            (serde_json::json!({"event": {"run_opened": {}}}), &[]),
            (serde_json::json!({}), &[]),
        ] {
            assert_eq!(requests(&entry), expect, "{entry}");
        }
    }
}
