//! A connection to a server that is a child: one line for each message, answers by id.
//!
//! ```text
//! caller: id, entry in the table -> the pipe's turn -> still allowed? -> bytes -> waits for its entry
//! reader: line -> Message -> the entry's caller | the call's listener | the ear
//! chores: answers to questions, cancellations: written when the pipe has room
//! ```
//! A caller writes itself, so that the last look at the stops comes right before the first byte, and nothing that was
//! forbidden meanwhile waits in a queue. A message that was cut off in the middle ends the connection: what follows would
//! be read as a part of it. Starting and ending the child is `stdio/child.rs`, tests are in `tests/stdio/`.

mod child;
mod greet;
mod reader;
mod table;

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use domain::{Lever, limits};
use mcp::{Era, Id, Message, Notification, Params, Request, lines, meta};
use serde_json::json;
use tokio::io::AsyncWrite;
use tokio::process::ChildStdin;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::time::{Instant, sleep, sleep_until};

use super::ask::{Allowed, Answer, Asked, bytes_of, stopped};
use super::ear::Ear;
use super::listener::Listener;
use super::problem::{Sent, Trouble};
pub(super) use child::Child;
pub(super) use greet::Unmet;
use table::{Arrived, Table};

/// A connection to one child.
#[derive(Debug)]
pub(super) struct Link {
    pipe: Mutex<Option<ChildStdin>>,
    table: Table,
    next: AtomicI64,
    torn: AtomicBool,
    /// Known once the server was greeted; until then nothing is cancelled, as `initialize` must not be.
    era: OnceLock<Era>,
    chores: mpsc::Sender<Vec<u8>>,
    pub(super) ear: Arc<Ear>,
}

impl Link {
    pub(super) fn new(stdin: ChildStdin, ear: Arc<Ear>) -> (Arc<Self>, mpsc::Receiver<Vec<u8>>) {
        let (chores, waiting) = mpsc::channel(limits::SERVER_CHORES_MAX);
        let link = Self {
            pipe: Mutex::new(Some(stdin)),
            table: Table::default(),
            next: AtomicI64::new(1),
            torn: AtomicBool::new(false),
            era: OnceLock::new(),
            chores,
            ear,
        };
        (Arc::new(link), waiting)
    }

    /// Asks and waits for the answer. Dropping the future cancels the request at the server.
    pub(super) async fn request(&self, asked: Asked<'_>) -> Result<Answer, Trouble> {
        let (begun, deadline) = (Instant::now(), asked.deadline);
        let Asked { method, mut params, behalf, allowed, signal, .. } = asked;
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        if behalf.wants_progress() {
            meta::put(&mut params, meta::PROGRESS_TOKEN, id.into());
        }
        let mut bytes = bytes_of(&Request::new(Id::Number(id), method, params));
        bytes.push(b'\n');
        let (answer, arrived) = oneshot::channel();
        self.table.enter(id, answer, behalf.clone()).map_err(Trouble::Unsent)?;
        let mut waiting = Waiting { link: self, id, sent: Sent::No, over: None };
        let writing = self.write(&bytes, allowed, &mut waiting.sent);
        let after = deadline.duration_since(begun);
        match tokio::time::timeout_at(deadline, writing).await {
            Ok(written) => written?,
            Err(_) => return Err(Trouble::TimedOut { sent: waiting.sent, after }),
        }
        let listener = behalf.listener().map(Arc::as_ref);
        let arrived = waiting.arrived(arrived, (listener, signal.as_ref()), deadline).await;
        match arrived {
            Some(Arrived::Answer(outcome, bytes)) => {
                outcome.map(|result| Answer { result, bytes }).map_err(Trouble::Rpc)
            }
            Some(Arrived::Unreadable(why)) => Err(Trouble::Lost(why)),
            Some(Arrived::Ended(why)) => Err(Trouble::Lost(why)),
            None => Err(match waiting.over.take() {
                Some(Over::Client) => Trouble::Cancelled,
                Some(Over::Stop(stopped)) => Trouble::StoppedWhile(stopped),
                None => Trouble::TimedOut { sent: Sent::Perhaps, after },
            }),
        }
    }

    /// Tells the server something, when the pipe has room.
    pub(super) fn notify(&self, notification: Notification) {
        self.chore(&Message::Notification(notification));
    }

    /// Tells the server something now.
    pub(super) async fn tell(&self, notification: Notification) -> Result<(), Trouble> {
        let bytes = lines::line(&Message::Notification(notification));
        self.write(&bytes, &|| Ok(()), &mut Sent::No).await
    }

    pub(super) fn chore(&self, message: &Message) {
        // Somebody who asks and asks and never reads is not waited for.
        if self.chores.try_send(lines::line(message)).is_err() {
            self.ear.end("it does not read what is written to it");
        }
    }

    /// Writes what waits, until the connection ends.
    pub(super) async fn write_chores(&self, mut chores: mpsc::Receiver<Vec<u8>>) {
        while let Some(line) = chores.recv().await {
            let allowed = || Ok(());
            if self.write(&line, &allowed, &mut Sent::No).await.is_err() {
                return;
            }
        }
    }

    /// No more is sent: the end of the child's input, which asks it to end.
    pub(super) async fn close_input(&self) {
        self.pipe.lock().await.take();
    }

    /// Nothing is waited for any more.
    pub(super) fn end(&self, why: &str) {
        self.ear.end(why);
        self.table.end(&self.ear.has_ended().unwrap_or_default());
    }

    async fn write(
        &self,
        line: &[u8],
        allowed: &Allowed<'_>,
        sent: &mut Sent,
    ) -> Result<(), Trouble> {
        let mut turn = self.pipe.lock().await;
        let pipe = turn.as_mut().filter(|_| !self.torn.load(Ordering::Acquire));
        let Some(pipe) = pipe else {
            return Err(Trouble::Unsent("the connection has ended".to_owned()));
        };
        let mut writing = Writing { link: self, line, at: 0 };
        poll_fn(|context| writing.poll(pipe, context, (allowed, sent))).await
    }
}

/// One message on its way into the pipe. Dropped in the middle, it tears the connection.
struct Writing<'l> {
    link: &'l Link,
    line: &'l [u8],
    at: usize,
}

impl Writing<'_> {
    fn poll(
        &mut self,
        pipe: &mut ChildStdin,
        context: &mut Context<'_>,
        (allowed, sent): (&Allowed<'_>, &mut Sent),
    ) -> Poll<Result<(), Trouble>> {
        while let Some(rest) = self.line.get(self.at..).filter(|rest| !rest.is_empty()) {
            // Until the first byte has left, a stop is still in time.
            if self.at == 0 {
                allowed().map_err(Trouble::Stopped)?;
            }
            match Pin::new(&mut *pipe).poll_write(context, rest) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok(written)) if written > 0 => {
                    *sent = Sent::Perhaps;
                    self.at += written;
                }
                Poll::Ready(outcome) => return Poll::Ready(Err(self.broken(outcome.err()))),
            }
        }
        Poll::Ready(Ok(()))
    }

    fn broken(&self, error: Option<std::io::Error>) -> Trouble {
        let why = error.map_or_else(|| "it takes no more".to_owned(), |error| error.to_string());
        let why = format!("its input is closed: {why}");
        match self.at {
            0 => Trouble::Unsent(why),
            _ => Trouble::Lost(why),
        }
    }
}

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        if self.at > 0 && self.at < self.line.len() {
            self.link.torn.store(true, Ordering::Release);
            self.link.ear.end("a message to it was cut off, because it did not read");
        }
    }
}

/// A request that waits for its answer. Dropped without one, it is cancelled.
struct Waiting<'l> {
    link: &'l Link,
    id: i64,
    sent: Sent,
    /// Why the server was asked to cancel.
    over: Option<Over>,
}

/// Who does not want an answer any more.
enum Over {
    Client,
    Stop(gate::ToolError),
}

impl Waiting<'_> {
    /// What arrives until the deadline, or until some time after the client cancelled or a stop came.
    async fn arrived(
        &mut self,
        mut arrived: oneshot::Receiver<Arrived>,
        (listener, signal): (Option<&Listener>, Option<&gate::StopSignal>),
        mut deadline: Instant,
    ) -> Option<Arrived> {
        let cancelled = async {
            match listener {
                Some(listener) => listener.cancelled().await,
                None => std::future::pending().await,
            }
        };
        tokio::pin!(cancelled);
        let stopped = stopped(signal);
        tokio::pin!(stopped);
        loop {
            tokio::select! {
                biased;
                // The link never drops an entry without a word.
                arrived = &mut arrived => return arrived.ok(),
                stopped = &mut stopped, if self.over.is_none() => {
                    self.over = Some(Over::Stop(stopped));
                    signal.iter().for_each(|signal| signal.ended(Lever::Requests, 1));
                    self.cancel();
                    deadline = deadline.min(Instant::now() + limits::CANCELLED_ANSWERED_WITHIN);
                }
                () = &mut cancelled, if self.over.is_none() => {
                    self.over = Some(Over::Client);
                    self.cancel();
                    deadline = deadline.min(Instant::now() + limits::CANCELLED_ANSWERED_WITHIN);
                }
                () = sleep_until(deadline) => return None,
            }
        }
    }

    fn cancel(&self) {
        let mut params = Params::new();
        params.insert("requestId".to_owned(), self.id.into());
        params.insert("reason".to_owned(), json!("no longer wanted"));
        self.link.notify(Notification::new("notifications/cancelled", params));
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let waited = self.link.table.leave(self.id);
        let greeted = self.link.era.get().is_some();
        if waited
            && greeted
            && self.sent == Sent::Perhaps
            && self.over.is_none()
            && self.link.is_open()
        {
            self.cancel();
        }
    }
}

impl Link {
    fn is_open(&self) -> bool {
        self.ear.has_ended().is_none()
    }
}

impl Link {
    /// Listens to what belongs to no call, as long as the future lives. A legacy child tells unasked.
    pub(super) async fn listen(&self, params: Params) {
        if self.era.get() != Some(&Era::Modern) {
            return;
        }
        let mut wait = limits::SERVER_AGAIN_AFTER;
        loop {
            let begun = Instant::now();
            let asked = Asked::own("subscriptions/listen", params.clone(), begun + FOREVER);
            match self.request(asked).await {
                // The server ended the subscription, or does not offer it now.
                Ok(_) | Err(Trouble::TimedOut { .. }) => {}
                Err(_) => return,
            }
            if begun.elapsed() >= limits::SERVER_STEADY_AFTER {
                wait = limits::SERVER_AGAIN_AFTER;
            }
            sleep(wait).await;
            wait = (wait * 2).min(limits::SERVER_AGAIN_AFTER_MAX);
            // Nobody knows what was missed.
            self.ear.expire(self.ear.changes());
        }
    }
}

/// How long one subscription is kept before it is asked for again.
const FOREVER: Duration = Duration::from_secs(24 * 3_600);
