//! `checkrein approvals watch`: a line for each request that is asked, voted on, decided or over, as it happens.
//!
//! In: the event stream of the server. Out: lines, or JSON objects, on standard output; where a connection breaks, the next
//! one goes on behind the last entry that was told, so nothing is told twice and nothing is left out. It ends on a signal, and
//! where the key may not see it.
//! Tests: `tests/it/review.rs`.

use std::collections::HashSet;
use std::time::Duration;

use domain::Code;
use serde_json::Value;
use server::wire;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::client::{Client, Following, path};
use crate::context::Context;
use crate::failure::{Failure, OK, Result};
use crate::output::{Paint, json_line, moment};

/// What a new request is told as.
const ASKED: &str = "asked";
/// Pauses before connecting anew: the first, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(5));

pub(super) async fn run(context: &Context, client: &Client, json: bool) -> Result {
    let mut ends = Ends::new()?;
    let form = if json || !context.out.is_for_people() { Form::Json } else { Form::Line };
    let mut told = Told { context, client, form, after: 0, waiting: HashSet::new() };
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
    after: u64,
    /// Requests that were told as waiting: that they are asked is told by that.
    waiting: HashSet<String>,
}

impl Told<'_> {
    /// Until the server says that this key may not see it. A server that is away is waited for, once it was there.
    async fn follow(&mut self) -> Result {
        // First where the journal is: what comes while this connects is told too.
        let head: wire::Head = self.client.get("/v1/journal/head", &[]).await?;
        self.after = head.position;
        let mut stream = self.client.follow(Some(self.after)).await?;
        let talk = |text: &str| self.context.out.talk(text);
        talk("watching; Ctrl-C ends it");
        self.those_that_wait().await?;
        let mut pause = PAUSES.0;
        loop {
            self.through(&mut stream, &mut pause).await?;
            stream = self.again(&mut pause).await?;
            self.context.out.talk("connected again");
        }
    }

    /// Tells a stream until it breaks. What could not be told on the way is told by the next one.
    async fn through(&mut self, stream: &mut Following, pause: &mut Duration) -> Result<()> {
        while let Ok(Some(event)) = stream.next().await {
            if let Some(word) = word(&event.name) {
                let entry: wire::Entry = event.read()?;
                let details = match self.details(&entry).await {
                    Ok(details) => details,
                    Err(failure) if is_final(&failure) => return Err(failure),
                    Err(_) => return Ok(()),
                };
                for one in details {
                    // Asked while the list was read, and told with it.
                    if word != ASKED || !self.waiting.contains(&one.approval) {
                        self.say(word, entry.at_ms, &one);
                    }
                }
            }
            *pause = PAUSES.0;
            self.after = event.id.unwrap_or(self.after);
        }
        Ok(())
    }

    /// The next connection.
    async fn again(&self, pause: &mut Duration) -> Result<Following> {
        loop {
            tokio::time::sleep(*pause).await;
            *pause = (2 * *pause).min(PAUSES.1);
            match self.client.follow(Some(self.after)).await {
                Ok(stream) => return Ok(stream),
                Err(failure) if is_final(&failure) => return Err(failure),
                Err(_) => {}
            }
        }
    }

    async fn those_that_wait(&mut self) -> Result<()> {
        let mut after = None;
        loop {
            let query = [("state", Some("pending".to_owned())), ("after", after)];
            let page: wire::Page<wire::Approval> = self.client.get("/v1/approvals", &query).await?;
            for one in page.items {
                self.say("waits", one.asked_ms, &one);
                self.waiting.insert(one.approval);
            }
            after = page.next;
            if after.is_none() {
                return Ok(());
            }
        }
    }

    /// The requests that an entry names, as they are now; all of them before one is told, so that none is told twice.
    async fn details(&self, entry: &wire::Entry) -> Result<Vec<wire::Approval>> {
        let mut all = Vec::new();
        for approval in requests(&entry.entry) {
            let route = path("/v1/approvals", &approval, "")?;
            match self.client.get::<wire::ApprovalDetails>(&route, &[]).await {
                Ok(details) => all.push(details.approval),
                // Another tenant's.
                Err(failure) if failure.code == Some(Code::NotFound) => {}
                Err(failure) => return Err(failure),
            }
        }
        Ok(all)
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

/// Whether no other try can help: the key is none, or may not see it. Anything else may pass.
fn is_final(failure: &Failure) -> bool {
    matches!(failure.code, Some(Code::NotAuthenticated | Code::NotAllowed))
}

/// What an entry means for requests; none for what is nothing to them.
fn word(kind: &str) -> Option<&'static str> {
    let known = [
        ("call_held", ASKED),
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

    /// Any code ended a watch for good, also that of a server that had too much to do.
    #[test]
    fn only_a_key_that_may_not_see_it_ends_a_watch() {
        for (code, ends) in [
            (Code::NotAuthenticated, true),
            (Code::NotAllowed, true),
            (Code::TooManyWaiting, false),
            (Code::StoreFailed, false),
            (Code::NotFound, false),
        ] {
            let failure = Failure::coded(code, "no");
            assert_eq!(is_final(&failure), ends, "{code}");
        }
        assert!(!is_final(&Failure::new("the connection broke")));
    }

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
