//! One call from its proposal to its answer, with everything that is told and asked in between.
//!
//! ```text
//! Asked -> place -> gate.handle_told -> Line: notifications, questions -> answer -> (questions: again) -> Last
//! ```
//! Runs in a task of its own: the client may go away, the call goes on to its end and its answer is in the journal. Then, and
//! when it is cancelled, the tool hears of it through the line, and the answer counts as not delivered, so that the identical
//! call joins it. Nothing here waits for a slow client. Tests: `tests/it/mcp`.

use std::sync::Arc;
use std::time::Instant;

use domain::{Answer, CallId, Proposal, Status, UpstreamPart, limits};
use gate::Refusal;
use mcp::{
    Client, FromTool, Id, Line, Message, Notification, Params, Request, Revision, RpcError, bridge,
};
use serde_json::Value;
use tokio::sync::{mpsc, oneshot, watch};

use super::answer::{self, Of};
use super::bounds::Kind;
use super::call::Asked;
use super::list::finished;
use super::parking::{self, Waiting};
use super::questions;
use super::rescue;
use super::seal::Nonced;
use super::session::{self, Session, UnderWay};
use super::stream::{Last, Pieces, ToClient, queue};
use super::visit::Visit;
use super::wire;
use crate::handlers::proposals::place;
use crate::rescue::Refused;

/// Who asks for a call.
#[derive(Debug)]
pub(super) enum Asker {
    /// A modern client; with the state that it gave back, if it did.
    Modern(Option<Nonced>),
    /// A legacy one.
    Legacy(Arc<Session>, UnderWay),
}

/// A call that is served.
struct Flow {
    visit: Visit,
    asked: Asked,
    client: Client,
    asker: Asker,
    to_client: ToClient,
    /// Questions to the client that wait for their answers.
    open: Vec<i64>,
    stopped: Stopped,
}

/// Whether the client still wants the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stopped {
    No,
    /// It cancelled the call.
    Cancelled,
    /// It reads no more.
    Gone,
}

/// What happens beside a journey.
struct Beside {
    opened: oneshot::Receiver<Line>,
    /// How the call stands while it waits for people.
    texts: mpsc::Receiver<String>,
    /// Says that nobody waits any more.
    leave: watch::Sender<bool>,
}

/// What a client is told at the end, and the call that this answers.
type Told = (Result<Params, RpcError>, Option<CallId>);

/// Serves a call; its pieces are what the client gets.
pub(super) fn start(visit: Visit, (asked, client): (Asked, Client), asker: Asker) -> Pieces {
    let (to_client, pieces) = queue();
    let flow =
        Flow { visit, asked, client, asker, to_client, open: Vec::new(), stopped: Stopped::No };
    // Not waited for: a stopping server waits for the places of all calls in work.
    tokio::spawn(flow.run());
    pieces
}

impl Flow {
    async fn run(mut self) {
        let (said, call) = self.rounds().await;
        let revision = self.client.revision;
        let method = method_of(self.asked.part);
        let said = said.map(|result| finished(method, result, revision));
        let id = &self.asked.id;
        let missed = self.to_client.missed();
        if missed > 0 {
            tracing::debug!(missed, "a slow client missed notifications");
        }
        let last = match said {
            Ok(result) => {
                Last { status: axum::http::StatusCode::OK, bytes: wire::result(id, &result), call }
            }
            Err(error) => {
                let error = bridge::error_to_client(method, error, revision);
                let status = rescue::status(&error, revision);
                Last { status, bytes: wire::error(Some(id), &error), call }
            }
        };
        // Whoever cancelled or went away has not got it: the identical call joins this one.
        let delivered = self.stopped == Stopped::No;
        let last = Last { call: last.call.filter(|_| delivered), ..last };
        let Self { to_client, asker, .. } = self;
        // The id is free before the client can know that.
        drop(asker);
        to_client.end(last).await;
    }

    /// The call, and again with answers as long as the tool asks and a legacy client answers.
    async fn rounds(&mut self) -> Told {
        let mut before: Option<Answer> = None;
        let mut left = limits::QUESTION_ROUNDS_MAX;
        loop {
            let answer = match (self.round().await, before) {
                (Ok(answer), _) => answer,
                (Err(refusal), None) => {
                    return (answer::said(answer::unasked(&refusal), self.of()), None);
                }
                // The questions are the last that is recorded of it.
                (Err(refusal), Some(asked)) => return self.unanswered(asked, &refusal.message),
            };
            let call = answer.call;
            if is_held(&answer) {
                return (
                    parking::parked(&self.visit, answer, (&self.client, &self.asked)).await,
                    call,
                );
            }
            let Some(questions) = questions::asks(&answer).cloned() else {
                return (answer::said(answer, self.of()), call);
            };
            match self.asker {
                Asker::Modern(_) => return (self.to_modern(answer), call),
                Asker::Legacy(..) => {}
            }
            left -= 1;
            if left == 0 {
                let most = limits::QUESTION_ROUNDS_MAX;
                return self.unanswered(answer, &format!("the tool asked {most} times in a row"));
            }
            let responses = match self.ask_all(&questions).await {
                Ok(responses) => responses,
                Err(why) => return self.unanswered(answer, &why),
            };
            // Nobody gets this answer: an identical call begins anew.
            call.into_iter().for_each(|call| self.visit.app.gate.delivered(call));
            let seal = &self.visit.app.mcp.seal;
            self.asked.proposal.input = Some(questions::input(seal, call, responses));
            before = Some(answer);
        }
    }

    /// Questions that stay open, as they are in the journal.
    fn unanswered(&self, asked: Answer, why: &str) -> Told {
        let call = asked.call;
        (answer::unanswered(asked, (why, self.of())), call)
    }

    fn of(&self) -> Of<'_> {
        Of { part: self.asked.part, server: self.asked.server.as_ref() }
    }

    fn to_modern(&self, answer: Answer) -> Result<Params, RpcError> {
        let belongs = questions::belongs(&self.visit, &self.asked.proposal);
        if let Some(error) = questions::beyond(&answer, &self.client) {
            return Err(error);
        }
        match self.asked.part {
            UpstreamPart::Tool | UpstreamPart::Resource | UpstreamPart::Prompt => {
                Ok(questions::result(&self.visit.app.mcp.seal, answer, (&belongs, self.of())))
            }
            // The specification lets nothing else ask.
            UpstreamPart::Completion => answer::said(answer, self.of()),
        }
    }

    /// One journey of the call.
    async fn round(&mut self) -> Result<Answer, Refusal> {
        let app = Arc::clone(&self.visit.app);
        let grant = self.visit.agent.caller.grant;
        let own = app.mcp.bounds.take(Kind::Call, grant).map_err(|refused| refused.0)?;
        let place = place(&app).map_err(|refused| refused.0)?;
        let begun = Instant::now();
        let (opens, opened) = oneshot::channel();
        let (conversations, client) = (app.mcp.conversations.clone(), self.client.clone());
        let begin = move |call| {
            // Never waits, and nobody who waits for it is gone before the journey ends.
            let _ = opens.send(conversations.open(call, client));
        };
        let (told, texts) = mpsc::channel(1);
        let (leave, left) = watch::channel(false);
        let patience = parking::patience((&self.client, &self.asked), self.visit.accepts);
        let waiting = Waiting::new(&self.visit, patience, (told, left));
        // Boxed: the task's own state, which is moved when it is spawned, then has room for no journey.
        let journey = Box::pin(journey(self.visit.clone(), self.asked.clone(), (begin, waiting)));
        let answer = self.accompanied(journey, Beside { opened, texts, leave }).await;
        app.metrics.answered(&answer, begun.elapsed());
        self.settle_state(&answer);
        drop((place, own));
        Ok(answer)
    }

    /// Runs a journey, passing on what its tool tells and asks.
    async fn accompanied(
        &mut self,
        journey: impl Future<Output = Answer>,
        Beside { mut opened, mut texts, leave }: Beside,
    ) -> Answer {
        let mut journey = std::pin::pin!(journey);
        let mut line: Option<Line> = None;
        let mut opens = true;
        let mut progress = 0_u32;
        let answer = loop {
            tokio::select! {
                biased;
                found = &mut opened, if opens => {
                    opens = false;
                    line = found.ok();
                    if self.stopped != Stopped::No {
                        line.iter().for_each(|line| self.cancel(line));
                    }
                }
                said = next(&mut line) => self.forward(said),
                Some(text) = texts.recv() => {
                    progress += 1;
                    let notification = parking::progress(&self.client, (progress, text));
                    self.forward(FromTool::Notification(notification));
                }
                stopped = self.stop(), if self.stopped == Stopped::No => {
                    self.stopped = stopped;
                    leave.send_replace(true);
                    self.forget_questions();
                    line.iter().for_each(|line| self.cancel(line));
                }
                answer = &mut journey => break answer,
            }
        };
        if let Some(line) = &mut line {
            // What was told last stands before the answer.
            while let Ok(said) = line.from_tool.try_recv() {
                self.forward(said);
            }
            if let (Some(state), Some(call)) = (line.state(), answer.call)
                && !self.visit.app.mcp.seal.keep((call, self.visit.agent.caller.grant), state)
            {
                tracing::warn!("a server's state of a question is too long; it is left out");
            }
        }
        self.forget_questions();
        answer
    }

    /// Tells the tool that nobody wants its work any more. That a legacy client reads no more does not say so.
    fn cancel(&self, line: &Line) {
        match (&self.asker, self.stopped) {
            (Asker::Legacy(..), Stopped::Gone) | (_, Stopped::No) => {}
            (Asker::Modern(_), Stopped::Gone) | (_, Stopped::Cancelled) => line.cancel(),
        }
    }

    /// Resolves when the client cancels or reads no more.
    async fn stop(&self) -> Stopped {
        match &self.asker {
            Asker::Modern(_) => {
                self.to_client.gone().await;
                Stopped::Gone
            }
            Asker::Legacy(_, under_way) => {
                let mut cancelled = under_way.cancelled.clone();
                tokio::select! {
                    _ = cancelled.wait_for(|cancelled| *cancelled) => Stopped::Cancelled,
                    () = self.to_client.gone() => Stopped::Gone,
                }
            }
        }
    }

    fn forward(&mut self, said: FromTool) {
        match said {
            FromTool::Notification(notification) => {
                if passes(&notification, &self.client) {
                    let message = Message::Notification(notification);
                    self.to_client.tell(message.to_bytes().into());
                }
            }
            FromTool::Ask { request, answer } => self.ask(request, answer),
        }
    }

    /// Asks the client on behalf of a tool. Whoever cannot be asked: the tool is told so at once.
    fn ask(&mut self, request: Request, answer: session::Answer) {
        let Request { method, params, .. } = request;
        let askable = bridge::may_be_asked(&method, &params, &self.client);
        match (&self.asker, askable) {
            (Asker::Legacy(session, _), Ok(())) => {
                // Dropped where there is no room, which the tool hears as well.
                let session = Arc::clone(session);
                self.put_question(&session, (method, params), answer);
            }
            (Asker::Legacy(..), Err(why)) => drop(answer.send(Err(why.to_rpc()))),
            (Asker::Modern(_), _) => {
                let why = rescue::no_method(&method);
                drop(answer.send(Err(why)));
            }
        }
    }

    fn put_question(
        &mut self,
        session: &Arc<Session>,
        (method, params): (String, Params),
        answer: session::Answer,
    ) {
        // Dropped unanswered, it says that the client cannot be asked.
        if !self.visit.accepts.events() || self.stopped == Stopped::Gone {
            return;
        }
        let Some(id) = session.asks(answer) else { return };
        let request = Request::new(Id::Number(id), method, params);
        if self.to_client.tell(Message::Request(request).to_bytes().into()) {
            self.open.push(id);
        } else {
            session.forget(id);
        }
    }

    fn forget_questions(&mut self) {
        if let Asker::Legacy(session, _) = &self.asker {
            self.open.drain(..).for_each(|id| session.forget(id));
        }
    }

    /// Puts all questions of a modern server to a legacy client and collects the answers.
    async fn ask_all(&mut self, questions: &Value) -> Result<Params, String> {
        let Asker::Legacy(session, _) = &self.asker else {
            return Err("the client cannot be asked".to_owned());
        };
        let session = Arc::clone(session);
        let mut waits = Vec::new();
        for (name, question) in questions::each(questions) {
            let asked = bridge::question_to_legacy(question, &self.client, name);
            let asked = asked.map_err(|why| format!("the client cannot be asked: {why}"))?;
            let (answer, answered) = oneshot::channel();
            self.put_question(&session, asked, answer);
            waits.push((name.clone(), answered));
        }
        let responses = async {
            let mut responses = Params::new();
            for (name, answered) in waits {
                let gone = || "the client cannot be asked, or went away".to_owned();
                let answered = answered.await.map_err(|_| gone())?;
                let answer = answered.map_err(|error| format!("the client answered: {error}"))?;
                responses.insert(name, Value::Object(answer));
            }
            Ok(responses)
        };
        let responses = tokio::time::timeout(limits::QUESTION_ANSWERED_WITHIN, responses);
        let mut responses = std::pin::pin!(responses);
        let collected = tokio::select! {
            biased;
            collected = &mut responses => collected.unwrap_or_else(|_| Err("the client did not answer in time".to_owned())),
            stopped = self.stop(), if self.stopped == Stopped::No => {
                self.stopped = stopped;
                Err("the client cancelled, or went away".to_owned())
            }
        };
        self.forget_questions();
        collected
    }

    /// A state that was given back for a call which did not run may be given back once more, with the same call.
    fn settle_state(&mut self, answer: &Answer) {
        let Asker::Modern(nonce) = &mut self.asker else { return };
        let again = match answer.status {
            domain::Status::Held => true,
            domain::Status::Denied | domain::Status::Stopped => {
                answer.error.as_ref().is_some_and(|failure| failure.code.row().retryable)
            }
            domain::Status::Succeeded
            | domain::Status::Partial
            | domain::Status::Failed
            | domain::Status::InDoubt => false,
        };
        if let Some(nonce) = nonce.take().filter(|_| again) {
            self.visit.app.mcp.seal.give_back(&nonce);
        }
    }
}

/// Proposes a call, or comes back for one that is held, and waits for people as long as makes sense.
async fn journey(
    visit: Visit,
    asked: Asked,
    (begin, waiting): (impl FnOnce(CallId) + Send, Waiting),
) -> Answer {
    if let Some(call) = asked.joins {
        begin(call);
        return waiting.wait(call).await;
    }
    let answer = visit.app.gate.handle_told(visit.agent.credential(), asked.proposal, begin).await;
    match answer.call.filter(|_| is_held(&answer)) {
        Some(call) if !waiting.is_over() => waiting.wait(call).await,
        Some(_) | None => answer,
    }
}

/// Whether an answer says that its call waits for people.
fn is_held(answer: &Answer) -> bool {
    answer.status == Status::Held
}

async fn next(line: &mut Option<Line>) -> FromTool {
    match line {
        Some(line) => match line.from_tool.recv().await {
            Some(said) => said,
            None => std::future::pending().await,
        },
        None => std::future::pending().await,
    }
}

/// Whether a client hears this: what its revision and level let it, and progress only under its own token.
fn passes(notification: &Notification, client: &Client) -> bool {
    let own_token = notification.method != "notifications/progress"
        || notification.params.get("progressToken") == client.progress_token.as_ref();
    own_token && bridge::passes(notification, client)
}

/// One journey of a call whose tool nobody hears and nobody can be asked for. Its answer goes to the caller of this.
pub(super) async fn unheard(visit: &Visit, proposal: Proposal) -> Result<Answer, Refused> {
    let app = Arc::clone(&visit.app);
    let own = app.mcp.bounds.take(Kind::Call, visit.agent.caller.grant)?;
    let place = place(&app)?;
    let agent = visit.agent.clone();
    // In a task of its own: whoever waits for it may go away, the call goes on to its end.
    let journey = tokio::spawn(async move {
        let begun = Instant::now();
        let answer = app.gate.handle(agent.credential(), proposal).await;
        app.metrics.answered(&answer, begun.elapsed());
        answer.call.into_iter().for_each(|call| app.gate.delivered(call));
        drop((place, own));
        answer
    });
    journey.await.map_err(Refused::internal)
}

/// The method that asks for a part.
pub(super) const fn method_of(part: UpstreamPart) -> &'static str {
    match part {
        UpstreamPart::Tool => "tools/call",
        UpstreamPart::Resource => "resources/read",
        UpstreamPart::Prompt => "prompts/get",
        UpstreamPart::Completion => "completion/complete",
    }
}

/// What is known of a client, for the tool that it calls.
pub(super) fn client(revision: Revision, visit: &Visit, params: &Params) -> Client {
    let token = mcp::meta::get(params, mcp::meta::PROGRESS_TOKEN);
    let token = token.filter(|token| token.is_string() || token.is_number()).cloned();
    Client {
        revision,
        capabilities: Params::new(),
        info: None,
        progress_token: token,
        log_level: None,
        trace: super::trace::of(params, &visit.headers),
    }
}
