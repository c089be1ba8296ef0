//! What a connection hears: every message without the secrets that are known, what answers nothing, and the news of its end.
//!
//! ```text
//! bytes -> read -> masked Message      (the only way by which words of a server come in)
//! list_changed, updated --> changes counted, actor woken, listeners told      acknowledged --> actor woken
//! what belongs to nothing, or too much of anything --> recorded; in the end the connection is closed
//! ```
//! One ear belongs to one connection. A list that was read before the last change is stale; calls wait for the next one.
//! Notifications that belong to a call are not heard here but by its `Listener`.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use domain::{Name, limits};
use mcp::{Message, MessageError, Notification};
use serde_json::Value;
use tokio::sync::{Notify, broadcast, watch};
use tokio::time::Instant;

use super::credentials::KnownSecrets;
use super::offer::Change;
use super::record::Record;

/// The ear of one connection.
#[derive(Debug)]
pub(super) struct Ear {
    pub(super) server: Name,
    record: Arc<Record>,
    news: broadcast::Sender<Change>,
    known: KnownSecrets,
    changes: AtomicU64,
    opened: AtomicU64,
    wake: Notify,
    ended: watch::Sender<Option<End>>,
    faults: AtomicU64,
    told: Mutex<Told>,
}

/// How a connection ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum End {
    /// It cannot be used any more.
    Lost(String),
    /// The server is there and has forgotten the session: another one can be begun.
    Forgotten,
}

impl End {
    fn why(&self) -> String {
        match self {
            Self::Lost(why) => why.clone(),
            Self::Forgotten => "the server ended its session".to_owned(),
        }
    }
}

/// How much was told lately.
#[derive(Debug)]
struct Told {
    since: Instant,
    count: u32,
}

impl Ear {
    pub(super) fn new(
        server: Name,
        record: Arc<Record>,
        news: broadcast::Sender<Change>,
        known: KnownSecrets,
    ) -> Self {
        Self {
            server,
            record,
            news,
            known,
            changes: AtomicU64::new(0),
            opened: AtomicU64::new(0),
            wake: Notify::new(),
            ended: watch::Sender::new(None),
            faults: AtomicU64::new(0),
            told: Mutex::new(Told { since: Instant::now(), count: 0 }),
        }
    }

    /// Reads a message of the server, without the secrets that are known.
    ///
    /// INVARIANT (masked words): nothing of a server is read in another way. So a secret is masked in lists, greetings, questions,
    /// notifications and answers alike, before anything is compared, kept or passed on. A definition's digest is that of its masked
    /// form: what is pinned is what can be kept and shown, and a secret that is renewed is no drift. What goes back to the server,
    /// such as a cursor, is masked too: one that holds a secret is no use any more.
    pub(super) fn read(&self, bytes: &[u8]) -> Result<Message, MessageError> {
        let value = contract::strict::parse(bytes, limits::MESSAGE_BYTES_MAX);
        let mut value = value.map_err(MessageError::Json)?;
        // Fail closed: what cannot be masked is not read.
        let unmaskable =
            |_| MessageError::Form("expected to mask it, and secrets cannot be masked");
        self.known.mask(&mut value).map_err(unmaskable)?;
        Message::from_value(value)
    }

    /// How many changes of its lists the server told so far.
    pub(super) fn changes(&self) -> u64 {
        self.changes.load(Ordering::Acquire)
    }

    /// Lists that were read at `seen` changes are too old, whatever the server told.
    pub(super) fn expire(&self, seen: u64) {
        let (ordering, failed) = (Ordering::AcqRel, Ordering::Acquire);
        let _ = self.changes.compare_exchange(seen, seen + 1, ordering, failed);
        self.wake.notify_one();
    }

    /// From now on the server tells its changes. What changed before it listened, nobody told: lists that were read before are
    /// read once more, and are used until then like those of a server that tells nothing.
    pub(super) fn open(&self) {
        self.opened.fetch_add(1, Ordering::AcqRel);
        self.wake.notify_one();
    }

    /// How often the server began to tell its changes so far.
    pub(super) fn opened(&self) -> u64 {
        self.opened.load(Ordering::Acquire)
    }

    /// Resolves when lists should be read again.
    pub(super) async fn woken(&self) {
        self.wake.notified().await;
    }

    /// What the server tells that belongs to no call.
    pub(super) fn notified(&self, notification: &Notification) {
        match notification.method.as_str() {
            "notifications/subscriptions/acknowledged" => self.open(),
            "notifications/tools/list_changed" => self.changed(None),
            "notifications/prompts/list_changed" => {
                self.changed(Some(Change::PromptsChanged(self.server.clone())));
            }
            "notifications/resources/list_changed" => {
                self.changed(Some(Change::ResourcesChanged(self.server.clone())));
            }
            "notifications/resources/updated" => self.updated(notification),
            // A call that ended before may still be reported on, and each revision may add notifications.
            _ => {}
        }
    }

    fn changed(&self, news: Option<Change>) {
        self.changes.fetch_add(1, Ordering::AcqRel);
        self.wake.notify_one();
        // Nobody listening is fine.
        let _ = news.map(|news| self.news.send(news));
    }

    fn updated(&self, notification: &Notification) {
        let uri = notification.params.get("uri").and_then(Value::as_str);
        let uri = uri.filter(|uri| uri.len() <= limits::MCP_URI_BYTES_MAX);
        let Some(uri) = uri else {
            return self.fault("`notifications/resources/updated` names no resource");
        };
        let (server, uri) = (self.server.clone(), uri.to_owned());
        let _ = self.news.send(Change::ResourceUpdated { server, uri });
    }

    /// Counts a notification or question. Too many end the connection: whoever floods is not listened to.
    pub(super) fn count(&self) {
        let (at_once, each_second) = limits::SERVER_TOLD_MAX;
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = told.since.elapsed().as_secs();
        if passed > 0 {
            let forgiven = u32::try_from(passed).unwrap_or(u32::MAX).saturating_mul(each_second);
            *told = Told { since: Instant::now(), count: told.count.saturating_sub(forgiven) };
        }
        told.count = told.count.saturating_add(1);
        if told.count > at_once {
            self.end(&format!(
                "it told or asked more than {at_once} things at once and {each_second} a second"
            ));
        }
    }

    /// Records something that belongs to nothing or cannot be read. Too much of it ends the connection.
    pub(super) fn fault(&self, text: &str) {
        self.record.fault(text);
        if self.faults.fetch_add(1, Ordering::Relaxed) + 1 == limits::SERVER_FAULTS_MAX {
            let most = limits::SERVER_FAULTS_MAX;
            self.end(&format!("it sent {most} messages that belong to nothing or cannot be read"));
        }
    }

    /// Ends the connection; the first reason stands.
    pub(super) fn end(&self, why: &str) {
        if self.ends(End::Lost(why.to_owned())) {
            self.record.fault(why);
        }
    }

    /// Ends the connection, since its session is no longer known. Servers may do that, so it is no fault.
    pub(super) fn forgotten(&self) {
        self.ends(End::Forgotten);
    }

    fn ends(&self, end: End) -> bool {
        self.ended.send_if_modified(|ended| {
            let first = ended.is_none();
            ended.get_or_insert(end);
            first
        })
    }

    /// Whether the server has forgotten the session.
    pub(super) fn is_forgotten(&self) -> bool {
        *self.ended.borrow() == Some(End::Forgotten)
    }

    /// Why the connection ended, if it did.
    pub(super) fn has_ended(&self) -> Option<String> {
        self.ended.borrow().as_ref().map(End::why)
    }

    /// Resolves when the connection has ended.
    pub(super) async fn ended(&self) -> End {
        let mut ended = self.ended.subscribe();
        let end = ended.wait_for(Option::is_some).await.ok().and_then(|end| end.clone());
        end.unwrap_or_else(|| End::Lost(String::new()))
    }
}
