//! A held call and the client that proposed it: parked, never held for longer than clients bear.
//!
//! ```text
//! tasks extension  -> a task at once (`tasks`)                    questions by address -> a link to the console (`link`)
//! a progress token -> waits, and tells how it stands              nothing -> waits for less
//! still held       -> "NOT EXECUTED, waiting for approval": the identical call joins it
//! ```
//! In: a client and what it asked. Out: how long its request waits for people, what it is told meanwhile, and the result where
//! nobody decided. Nothing is decided here, and a client that leaves takes nothing with it. Tests: at the end, and
//! `tests/it/mcp/parking.rs`.

use std::sync::Arc;
use std::time::Duration;

use domain::{Answer, ApprovalState, CallId, Caller, Timestamp, UpstreamPart, limits};
use gate::{Journal as _, Query, Record, Table};
use mcp::{Client, Era, Notification, Params, RpcError};
use serde_json::json;
use tokio::sync::{mpsc, watch};
use tokio::time::{MissedTickBehavior, interval};

use super::answer::{self, Of};
use super::call::Asked;
use super::visit::{Accepts, Visit};
use super::{link, tasks};
use crate::app::App;
use crate::clock;
use crate::handlers::proposals::waited_until;

/// How a client is parked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// It gets a task and looks at it.
    Task,
    /// It gets a link for its user, and comes back.
    Link,
    /// Its request waits.
    Wait,
}

/// How long a request waits for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Patience {
    longest: Duration,
    tells: Tells,
}

/// Whether the client hears how its call stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tells {
    Progress,
    Nothing,
}

fn way(client: &Client, part: UpstreamPart) -> Way {
    match (client.revision.era(), part) {
        (Era::Modern, UpstreamPart::Tool) if tasks::are_known(client) => Way::Task,
        (Era::Modern, UpstreamPart::Tool | UpstreamPart::Resource | UpstreamPart::Prompt)
            if link::opens(client) =>
        {
            Way::Link
        }
        (
            Era::Modern | Era::Legacy,
            UpstreamPart::Tool
            | UpstreamPart::Resource
            | UpstreamPart::Prompt
            | UpstreamPart::Completion,
        ) => Way::Wait,
    }
}

/// How long a client's request waits for people: not at all where it can be parked, else as long as it surely bears; never
/// longer than it says itself.
pub(super) fn patience((client, asked): (&Client, &Asked), accepts: Accepts) -> Patience {
    let hears = client.progress_token.is_some() && accepts.events();
    let tells = if hears { Tells::Progress } else { Tells::Nothing };
    let longest = match (way(client, asked.part), asked.joins, tells) {
        (Way::Task, None, _) | (Way::Link, None, _) => Duration::ZERO,
        (Way::Task | Way::Link | Way::Wait, _, Tells::Progress) => limits::WAIT_MAX,
        (Way::Task | Way::Link | Way::Wait, _, Tells::Nothing) => limits::MCP_QUIET_WAIT_MAX,
    };
    Patience { longest: asked.wait.map_or(longest, |wait| wait.min(longest)), tells }
}

/// A request that may wait for people.
pub(super) struct Waiting {
    app: Arc<App>,
    caller: Caller,
    patience: Patience,
    told: mpsc::Sender<String>,
    left: watch::Receiver<bool>,
}

impl Waiting {
    pub(super) fn new(
        visit: &Visit,
        patience: Patience,
        (told, left): (mpsc::Sender<String>, watch::Receiver<bool>),
    ) -> Self {
        let (app, caller) = (Arc::clone(&visit.app), visit.agent.caller.clone());
        Self { app, caller, patience, told, left }
    }

    /// Whether it waits no more.
    pub(super) fn is_over(&self) -> bool {
        self.patience.longest.is_zero() || *self.left.borrow()
    }

    /// Waits for people; the call runs in here as soon as it is approved.
    pub(super) async fn wait(self, call: CallId) -> Answer {
        let Self { app, caller, patience, told, mut left } = self;
        let leaves = async move {
            // A sender that is gone means the end as well.
            let _gone = left.wait_for(|left| *left).await.is_ok();
        };
        let waiting = waited_until(&app, (&caller, call), (patience.longest, leaves));
        match patience.tells {
            Tells::Nothing => waiting.await,
            Tells::Progress => paced(waiting, || tell(&app, call, &told)).await,
        }
    }
}

/// Tells how a call stands, if it waits for people. Whoever reads slowly hears the next one.
async fn tell(app: &App, call: CallId, told: &mpsc::Sender<String>) {
    if let Some(text) = standing(app, call).await {
        let _late = told.try_send(text).is_err();
    }
}

/// Does something at once and every ten seconds until the work is done.
async fn paced<T, F>(work: impl Future<Output = T>, mut each: impl FnMut() -> F) -> T
where
    F: Future<Output = ()>,
{
    let mut work = std::pin::pin!(work);
    let mut pace = interval(limits::MCP_PROGRESS_EVERY);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            done = &mut work => return done,
            _ = pace.tick() => {}
        }
        tokio::select! {
            biased;
            done = &mut work => return done,
            () = each() => {}
        }
    }
}

/// A progress notification about waiting. Its numbers stay below those of the tool, which begins to count when it runs.
pub(super) fn progress(client: &Client, (number, text): (u32, String)) -> Notification {
    let mut params = Params::new();
    let token = client.progress_token.clone().unwrap_or_default();
    params.insert("progressToken".to_owned(), token);
    params.insert("progress".to_owned(), json!(f64::from(number) / 1_000_000.0));
    params.insert("message".to_owned(), text.into());
    Notification::new("notifications/progress", params)
}

/// What a client gets whose call is still held.
pub(super) async fn parked(
    visit: &Visit,
    answer: Answer,
    (client, asked): (&Client, &Asked),
) -> Result<Params, RpcError> {
    let of = Of { part: asked.part, server: asked.server.as_ref() };
    let parked = match way(client, asked.part) {
        Way::Task => tasks::made(visit, &answer).await,
        Way::Link if asked.wait.is_none() => {
            link::given(visit, &answer, (&asked.proposal, of)).await
        }
        Way::Link | Way::Wait => None,
    };
    parked.map_or_else(|| answer::said(answer, of), Ok)
}

/// The requests of a call that people have not decided yet.
pub(super) async fn pending(app: &App, call: CallId) -> Vec<Record> {
    let query = Query::all(Table::Approvals)
        .with("call", call.to_string())
        .with("state", ApprovalState::Pending.word());
    app.journal().select(query).await.unwrap_or_default()
}

/// For whom a call waits, for a person to read; none if it waits for nobody.
pub(super) async fn standing(app: &App, call: CallId) -> Option<String> {
    let now = clock::now();
    let mut each = Vec::new();
    for request in pending(app, call).await {
        // Where the store cannot be read, nobody said yes.
        let yes = app.gate.yes_so_far(&request).await.unwrap_or_default();
        each.push(words(&request, (yes, now)));
    }
    (!each.is_empty()).then(|| format!("waiting for {}", each.join(", and for ")))
}

/// `group payments (1 of 2 votes), 3m10s left`.
fn words(request: &Record, (votes, now): (usize, Timestamp)) -> String {
    let mut group = request.text("asked_of").replacen(':', " ", 1);
    if request.count("escalated_ms") > 0 {
        group.push_str(" or ");
        group.push_str(&request.text("escalate_to").replacen(':', " ", 1));
    }
    let quorum = request.count("quorum").max(1);
    let left = request.count("decide_by_ms").saturating_sub(now.millis()) / 1_000;
    format!("{group} ({votes} of {quorum} votes), {} left", span(left))
}

/// The two largest parts of a time in seconds.
fn span(seconds: u64) -> String {
    let parts = [
        (seconds / 86_400, 'd'),
        (seconds / 3_600 % 24, 'h'),
        (seconds / 60 % 60, 'm'),
        (seconds % 60, 's'),
    ];
    let from = parts.iter().position(|(count, _)| *count > 0).unwrap_or(parts.len() - 1);
    parts.iter().skip(from).take(2).map(|(count, unit)| format!("{count}{unit}")).collect()
}

#[cfg(test)]
mod tests {
    use domain::Proposal;
    use mcp::{Id, Revision};
    use serde_json::Value;

    use super::*;

    fn client(revision: Revision, capabilities: Value, token: Option<Value>) -> Client {
        let capabilities = capabilities.as_object().cloned().unwrap_or_default();
        let (info, log_level, trace) = (None, None, Vec::new());
        Client { revision, capabilities, info, progress_token: token, log_level, trace }
    }

    fn asked(wait: Option<Duration>) -> Asked {
        let proposal = Proposal {
            tool: "a.b".to_owned(),
            arguments: json!({}),
            intent: None,
            expected_effects: Vec::new(),
            confidence: None,
            key: None,
            run: None,
            evidence: Vec::new(),
            after: None,
            input: None,
            detached: false,
        };
        let part = UpstreamPart::Tool;
        Asked { id: Id::Number(1), part, server: None, proposal, wait, joins: None }
    }

    fn seconds(client: &Client, asked: &Asked, accepts: Accepts) -> u64 {
        patience((client, asked), accepts).longest.as_secs()
    }

    #[test]
    fn a_client_waits_only_as_long_as_it_surely_bears() {
        let tasks = json!({ "extensions": { "io.modelcontextprotocol/tasks": {} } });
        let link = json!({ "elicitation": { "url": {} } });
        let token = Some(json!(7));
        let (modern, legacy) = (Revision::V2026July, Revision::V2025November);
        for (revision, capabilities, token, accepts, expect) in [
            (modern, json!({}), None, Accepts::Both, 50),
            (modern, json!({}), token.clone(), Accepts::Both, 240),
            (modern, json!({}), token.clone(), Accepts::Json, 50),
            (modern, json!({ "elicitation": {} }), None, Accepts::Both, 50),
            (modern, link.clone(), token.clone(), Accepts::Both, 0),
            (modern, tasks.clone(), token.clone(), Accepts::Both, 0),
            (legacy, tasks, token.clone(), Accepts::Both, 240),
            (legacy, link.clone(), None, Accepts::Both, 50),
        ] {
            let shown = format!("{revision:?} {capabilities} {token:?} {accepts:?}");
            let client = client(revision, capabilities, token);
            assert_eq!(seconds(&client, &asked(None), accepts), expect, "{shown}");
        }
        // Coming back from the link it waits as any other; and never longer than it says.
        let back = Asked { joins: Some(CallId::new(uuid::Uuid::from_u128(1))), ..asked(None) };
        assert_eq!(seconds(&client(modern, link, None), &back, Accepts::Both), 50);
        let wait = asked(Some(Duration::from_secs(3)));
        assert_eq!(seconds(&client(modern, json!({}), token), &wait, Accepts::Both), 3);
    }

    /// The clock is advanced by the runtime, not slept.
    #[tokio::test(start_paused = true)]
    async fn progress_comes_at_once_and_every_ten_seconds_for_at_most_240() {
        let begun = tokio::time::Instant::now();
        let mut told = Vec::new();
        let work = tokio::time::timeout(limits::WAIT_MAX, std::future::pending::<()>());
        let waited = paced(work, || {
            told.push(begun.elapsed().as_secs());
            std::future::ready(())
        });
        assert!(waited.await.is_err(), "nobody decided");
        assert_eq!(begun.elapsed().as_secs(), 240);
        assert_eq!(told, (0..24).map(|each| each * 10).collect::<Vec<_>>());
    }

    #[test]
    fn progress_counts_up_below_what_a_tool_counts() {
        let client = client(Revision::V2026July, json!({}), Some(json!("t")));
        let all: Vec<f64> = (1..=24)
            .map(|number| progress(&client, (number, "x".to_owned())).params["progress"].as_f64())
            .map(Option::unwrap)
            .collect();
        assert!(all.windows(2).all(|pair| pair[0] < pair[1]) && all.iter().all(|each| *each < 1.0));
    }

    #[test]
    fn a_time_is_told_in_its_two_largest_parts() {
        for (seconds, expect) in
            [(0, "0s"), (59, "59s"), (190, "3m10s"), (3_600, "1h0m"), (200_000, "2d7h")]
        {
            assert_eq!(span(seconds), expect);
        }
    }
}
