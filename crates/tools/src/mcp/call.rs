//! One call of a permit: the right server, the accepted definition, one request, and what came of it.
//!
//! ```text
//! place -> server ready, lists fresh -> definition as accepted? -> params, `_meta` -> (last look at the stops) -> request
//!       -> outcome: Reply | ToolError
//! ```
//! In: an invocation with its deadline. Out: the server's result object, cleaned, or an error that says whether the act can have
//! happened. A session that the server has forgotten is made anew once; nothing else is sent twice. Results are read in
//! `call/outcome.rs`. Tests: `tests/`.

mod outcome;

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use domain::{UpstreamPart, UpstreamTool};
use gate::{Invocation, Reply, StopSignal, ToolError, ToolErrorKind};
use mcp::headers::Mirrors;
use mcp::{Client, Era, Params, RpcCode, RpcError, bridge};
use serde_json::Value;
use tokio::time::{Instant, timeout_at};

use super::Upstreams;
use super::ask::{Allowed, Answer, Asked, Behalf};
use super::greeting::client_info;
use super::listener::{Listener, Questions};
use super::problem::{Sent, Touch, Trouble, not_executed};
use super::server::Server;
use super::spec::Part;
use super::standing::Ready;
use outcome::Course;

/// Kept back from a call's time for the answer: a tenth, and at most this.
const RESERVE_MAX: Duration = Duration::from_millis(500);
const RESERVE_PART: u32 = 10;

/// One attempt, as its permit describes it.
pub(super) struct Attempt<'a> {
    pub(super) invocation: &'a Invocation,
    pub(super) timeout: Duration,
    pub(super) allowed: &'a Allowed<'a>,
    /// Says when a stop ends the call.
    pub(super) signal: StopSignal,
    pub(super) touch: Touch,
}

/// A call that found its server.
struct Calling<'a> {
    attempt: &'a Attempt<'a>,
    upstream: &'a UpstreamTool,
    server: &'a Server,
    listener: Option<Arc<Listener>>,
    deadline: Instant,
}

impl Upstreams {
    /// Carries out one call.
    pub(super) async fn carry_out(&self, attempt: &Attempt<'_>) -> Result<Reply, ToolError> {
        let invocation = attempt.invocation;
        let Some(upstream) = &invocation.upstream else {
            let why = "this tool is reached through a server, and its contract names none";
            return Err(not_executed(ToolErrorKind::Missing, why));
        };
        let server = self.server(&upstream.server).map_err(|error| error.tool_error())?;
        let questions = Questions::of(&server.spec.offers);
        let conversation = server.means.conversations.of(invocation.call);
        let listener =
            conversation.map(|conversation| Arc::new(Listener::new(conversation, questions)));
        let reserve = RESERVE_MAX.min(attempt.timeout / RESERVE_PART);
        let deadline = Instant::now() + attempt.timeout.saturating_sub(reserve);
        let calling = Calling { attempt, upstream, server, listener, deadline };
        calling.run().await
    }
}

impl Calling<'_> {
    async fn run(&self) -> Result<Reply, ToolError> {
        let failed =
            |trouble: Trouble| trouble.tool_error(&self.upstream.server, self.attempt.touch);
        let slow = |_| Trouble::TimedOut { sent: Sent::No, after: self.attempt.timeout };
        let place = tokio::select! {
            biased;
            place = timeout_at(self.deadline, self.server.room.acquire()) => place,
            stopped = self.attempt.signal.arrived() => return Err(stopped),
        };
        let _place = place.map_err(slow).map_err(failed)?;
        let answer = match self.once().await? {
            // The server says that it knows nothing of the session. That is its word, so only what changes nothing is
            // sent again.
            Err(Trouble::SessionGone) if self.attempt.touch == Touch::Nothing => {
                self.once().await?
            }
            answer => answer,
        };
        let (answer, era) = answer.map_err(failed)?;
        self.finish(answer, era)
    }

    /// One request, if everything is as it was accepted.
    async fn once(&self) -> Result<Result<(Answer, Era), Trouble>, ToolError> {
        let ready = tokio::select! {
            biased;
            ready = self.server.ready(self.deadline) => ready,
            stopped = self.attempt.signal.arrived() => return Err(stopped),
        };
        let ready = ready.map_err(|error| error.tool_error())?;
        let mirrors = self.check(&ready)?;
        let asked = Asked {
            method: method_of(self.upstream.part),
            params: self.params(&ready),
            deadline: self.deadline,
            behalf: Behalf::Call(self.listener.clone()),
            allowed: self.attempt.allowed,
            signal: Some(self.attempt.signal.clone()),
            mirrors,
        };
        let answer = ready.link.request(asked).await;
        if let Err(Trouble::Rpc(error)) = &answer {
            self.learn(&ready, error);
        }
        Ok(answer.map(|answer| (answer, ready.offer.revision.era())))
    }

    /// What an error says of the connection: the next call finds it mended.
    fn learn(&self, ready: &Ready, error: &RpcError) {
        let ear = ready.link.ear();
        if error.is(RpcCode::HeaderMismatch) {
            // The arguments that it wants mirrored may be others by now.
            ear.expire(ready.seen);
        } else if error.is(RpcCode::UnsupportedProtocolVersion) {
            ear.end("it serves its revision no longer");
        }
    }

    /// Whether the server offers what was accepted. Gives the arguments that travel in headers.
    fn check<'r>(&self, ready: &'r Ready) -> Result<Option<&'r Mirrors>, ToolError> {
        let UpstreamTool { server, wire, part, definition } = self.upstream;
        let offers = |part: Part| self.server.spec.offers.contains(&part);
        let confirmed = match part {
            UpstreamPart::Tool => {
                let stale = |why: &str| {
                    let why = format!("the server `{server}` {why}");
                    Err(not_executed(ToolErrorKind::Stale, why))
                };
                return match ready.offer.tool(wire) {
                    Some(tool) if tool.digest == *definition => Ok(Some(&tool.mirrors)),
                    Some(_) => stale("offers this tool with another definition than was accepted"),
                    None => stale("offers this tool no longer"),
                };
            }
            UpstreamPart::Resource => offers(Part::Resources),
            UpstreamPart::Prompt => offers(Part::Prompts),
            UpstreamPart::Completion => offers(Part::Resources) || offers(Part::Prompts),
        };
        match confirmed {
            true => Ok(None),
            false => {
                let why = format!("nobody confirmed that the server `{server}` may offer this");
                Err(not_executed(ToolErrorKind::Unconfirmed, why))
            }
        }
    }

    fn params(&self, ready: &Ready) -> Params {
        let invocation = self.attempt.invocation;
        let mut params = match (self.upstream.part, &invocation.arguments) {
            (UpstreamPart::Tool, arguments) => Params::from_iter([
                ("name".to_owned(), self.upstream.wire.as_str().into()),
                ("arguments".to_owned(), arguments.clone()),
            ]),
            (
                UpstreamPart::Resource | UpstreamPart::Prompt | UpstreamPart::Completion,
                Value::Object(arguments),
            ) => arguments.clone(),
            (UpstreamPart::Resource | UpstreamPart::Prompt | UpstreamPart::Completion, _) => {
                Params::new()
            }
        };
        // A legacy server has asked nothing that could be answered so, and neither has one that may not ask.
        if ready.offer.revision.era() == Era::Modern
            && self.server.spec.offers.contains(&Part::Questions)
            && let Some(Value::Object(input)) = &invocation.input
        {
            let fields = ["inputResponses", "requestState"].into_iter();
            let given = fields.filter_map(|key| Some((key.to_owned(), input.get(key)?.clone())));
            params.extend(given);
        }
        bridge::dress(&mut params, &self.told(ready));
        params
    }

    /// What the server is told of the client.
    fn told(&self, ready: &Ready) -> Client {
        static INFO: LazyLock<Value> = LazyLock::new(client_info);
        let revision = ready.offer.revision;
        let client = self.listener.as_deref().map(Listener::client);
        let capabilities = match client {
            // The server must not ask what nobody lets it ask.
            Some(client) if self.server.spec.offers.contains(&Part::Questions) => {
                client.capabilities.clone()
            }
            Some(_) | None => Params::new(),
        };
        Client {
            revision,
            capabilities,
            info: Some(INFO.clone()),
            progress_token: None,
            log_level: client.and_then(|client| client.log_level.clone()),
            trace: client.map(|client| client.trace.clone()).unwrap_or_default(),
        }
    }

    fn finish(&self, answer: Answer, era: Era) -> Result<Reply, ToolError> {
        let course = Course {
            server: &self.upstream.server,
            part: self.upstream.part,
            touch: self.attempt.touch,
            questions: Questions::of(&self.server.spec.offers),
            era,
        };
        course.read(answer, |state| {
            self.listener.iter().for_each(|listener| listener.keep_state(&state));
        })
    }
}

const fn method_of(part: UpstreamPart) -> &'static str {
    match part {
        UpstreamPart::Tool => "tools/call",
        UpstreamPart::Resource => "resources/read",
        UpstreamPart::Prompt => "prompts/get",
        UpstreamPart::Completion => "completion/complete",
    }
}
