//! The life of one connection after the other, in the one task that owns them.
//!
//! ```text
//! connect -> list -> Ready --stale--> list again --+--> Ready
//!    ^                 |                           `--> lost
//!    |---- wait <------+--- lost | restart asked
//!    `---- until a person asks for a restart <--- set aside
//! ```
//! A session that the server forgot is begun anew at once, and only so often: a server that forgets each one is lost.
//! Waits double from the first to the longest and begin anew after a connection that stood. Listing again is coalesced: however
//! often a server says that its lists changed, a listing begins only so often. Ended, it ends the connection in order.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use domain::limits;
use mcp::{Era, Params};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

use super::Server;
use crate::mcp::ask::Asked;
use crate::mcp::ear::End;
use crate::mcp::greeting::modern_params;
use crate::mcp::link::Connection;
use crate::mcp::lists::{Listed, NotListed};
use crate::mcp::offer::{Change, Offer};
use crate::mcp::spec::Part;
use crate::mcp::standing::{Event, Pause, Ready};
use crate::mcp::stdio::Unmet;

/// Why a connection is over.
enum Over {
    /// It is made anew.
    Lost(Unmet),
    /// The server forgot the session.
    Forgotten,
    /// Somebody wants it made anew at once.
    Restarted,
    /// It is not to be used until a person says so.
    SetAside(String),
    /// Everything ends.
    Ended,
}

/// What is carried from one connection to the next.
struct Memory {
    era: Option<Era>,
    wait: Duration,
    offer: Option<Arc<Offer>>,
    /// When a session that was forgotten was last begun anew at once.
    renewed: Option<Instant>,
}

impl Server {
    /// Lives until `stop` says so or is gone.
    pub(in crate::mcp) async fn live(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        let wait = limits::SERVER_AGAIN_AFTER;
        let mut memory = Memory { era: None, wait, offer: None, renewed: None };
        loop {
            let begun = Instant::now();
            match self.one(&mut memory, &mut stop).await {
                Over::Ended => break,
                Over::Restarted => memory.wait = limits::SERVER_AGAIN_AFTER,
                // What it offers is taken to be the same until it is read again, so it was never away.
                Over::Forgotten => self.renews(&mut memory),
                Over::SetAside(why) => {
                    memory.wait = limits::SERVER_AGAIN_AFTER;
                    self.gone(&mut memory);
                    self.apply(Event::SetAside(why));
                    tokio::select! {
                        biased;
                        () = ended(&mut stop) => break,
                        () = self.restart.notified() => {}
                    }
                }
                Over::Lost(unmet) => {
                    if begun.elapsed() >= limits::SERVER_STEADY_AFTER {
                        memory.wait = limits::SERVER_AGAIN_AFTER;
                    }
                    self.pause(unmet, &mut memory);
                    let until = Instant::now() + memory.wait;
                    memory.wait = (memory.wait * 2).min(limits::SERVER_AGAIN_AFTER_MAX);
                    tokio::select! {
                        biased;
                        () = ended(&mut stop) => break,
                        () = self.restart.notified() => {}
                        () = sleep_until(until) => {}
                    }
                }
            }
            self.apply(Event::Begun);
        }
        self.apply(Event::Ended);
    }

    /// One connection from its begin to its end.
    async fn one(&self, memory: &mut Memory, stop: &mut watch::Receiver<bool>) -> Over {
        let connected = tokio::select! {
            biased;
            () = ended(stop) => return Over::Ended,
            why = self.set_aside_by_now() => return Over::SetAside(why),
            connected = self.connect(memory.era) => connected,
        };
        let connection = match connected {
            Ok(connection) => connection,
            Err(unmet) => {
                let unmet = match (memory.era.take(), unmet) {
                    // It may have changed its era: it is asked from the ground up, and soon.
                    (Some(_), Unmet::Refused(why)) => Unmet::Failed(why),
                    (_, unmet) => unmet,
                };
                return Over::Lost(unmet);
            }
        };
        memory.era = Some(connection.era());
        let over = tokio::select! {
            biased;
            () = ended(stop) => Over::Ended,
            () = self.restart.notified() => Over::Restarted,
            why = self.set_aside_by_now() => Over::SetAside(why),
            end = connection.link.ear().ended() => match end {
                End::Forgotten if memory.may_renew() => Over::Forgotten,
                End::Forgotten => Over::Lost(Unmet::Failed("it forgets its sessions".to_owned())),
                End::Lost(why) => Over::Lost(Unmet::Failed(why)),
            },
            unmet = self.serve(&connection, memory) => Over::Lost(unmet),
        };
        if matches!(over, Over::Restarted) {
            self.pause(Unmet::Failed("it is made anew".to_owned()), memory);
        }
        match &over {
            Over::Lost(Unmet::Failed(why)) => connection.abandon(why).await,
            Over::Lost(Unmet::Refused(_))
            | Over::Forgotten
            | Over::Restarted
            | Over::SetAside(_)
            | Over::Ended => {
                connection.end("the connection is ended").await;
            }
        }
        over
    }

    /// Keeps the lists of a connection fresh until they cannot be read.
    async fn serve(&self, connection: &Connection, memory: &mut Memory) -> Unmet {
        let (since, mut listening) = (SystemTime::now(), None);
        loop {
            let begun = Instant::now();
            let ear = connection.link.ear();
            let (seen, opened) = (ear.changes(), ear.opened());
            let listed =
                match connection.list(&self.spec.offers, begun + self.listing_within()).await {
                    Ok(listed) => listed,
                    Err(NotListed::Failed(why)) => return Unmet::Failed(why),
                    Err(NotListed::Refused(why)) => return Unmet::Refused(why),
                };
            let listed_at = Instant::now();
            let fresh_until = listed_at + listed.fresh_for;
            // Whoever changes its lists all the time takes at most a fifth of the time for reading them.
            let took = listed_at.duration_since(begun);
            let rest =
                (took * 4).clamp(limits::SERVER_LISTED_EVERY, limits::SERVER_LISTED_EVERY_MAX);
            let offer = self.offered(listed, memory);
            let link = connection.link.clone();
            self.apply(Event::Listed(Arc::new(Ready { link, offer, seen, fresh_until, since })));
            if listening.is_none() {
                listening = Some(self.listen(connection));
            }
            // What came meanwhile has left its mark: the lists are read again at once.
            while ear.changes() == seen && ear.opened() == opened {
                ear.woken().await;
            }
            sleep_until(listed_at + rest).await;
        }
    }

    fn listing_within(&self) -> Duration {
        self.spec.timeout.clamp(limits::SERVER_STARTED_WITHIN, limits::TOOL_TIMEOUT_MAX)
    }

    /// The offer, told if it is another one than before.
    fn offered(&self, listed: Listed, memory: &mut Memory) -> Arc<Offer> {
        let offer = Arc::new(listed.offer);
        let before = memory.offer.replace(Arc::clone(&offer));
        let name = || self.spec.name.clone();
        let tell = |change: Change| {
            // Nobody listening is fine.
            let _ = self.news.send(change);
        };
        match before {
            Some(before) => {
                if !before.same_tools(&offer) {
                    tell(Change::Offer(name()));
                }
                if before.prompts != offer.prompts {
                    tell(Change::PromptsChanged(name()));
                }
                if before.resources != offer.resources || before.templates != offer.templates {
                    tell(Change::ResourcesChanged(name()));
                }
            }
            None => tell(Change::Offer(name())),
        }
        offer
    }

    /// Says why nothing goes on and until when, and that the server is away.
    fn pause(&self, unmet: Unmet, memory: &mut Memory) {
        // A server may repeat a secret that it was sent.
        let unmet = match unmet {
            Unmet::Failed(why) => Unmet::Failed(self.means.known.mask_text(&why)),
            Unmet::Refused(why) => Unmet::Refused(self.means.known.mask_text(&why)),
        };
        let until = |wait: Duration| (Instant::now() + wait, SystemTime::now() + wait);
        match unmet {
            Unmet::Failed(why) => {
                let (until, until_shown) = until(memory.wait);
                tracing::info!(server = %self.spec.name, %why, "an upstream server is away");
                self.apply(Event::Failed(Pause { why, until, until_shown }));
            }
            Unmet::Refused(why) => {
                memory.wait = limits::SERVER_AGAIN_AFTER_MAX;
                let (until, until_shown) = until(memory.wait);
                tracing::warn!(server = %self.spec.name, %why, "an upstream server is not used");
                self.apply(Event::Refused(Pause { why, until, until_shown }));
            }
        }
        self.gone(memory);
    }

    fn gone(&self, memory: &mut Memory) {
        if memory.offer.take().is_some() {
            // Nobody listening is fine.
            let _ = self.news.send(Change::Gone(self.spec.name.clone()));
        }
    }

    /// Says that a session is begun anew, without a wait.
    fn renews(&self, memory: &mut Memory) {
        memory.renewed = Some(Instant::now());
        let why = "it ended its session; another one is begun".to_owned();
        tracing::info!(server = %self.spec.name, %why, "an upstream server is greeted anew");
        let (until, until_shown) = (Instant::now(), SystemTime::now());
        self.apply(Event::Failed(Pause { why, until, until_shown }));
    }

    /// Listens to what the server tells beside calls, in a task that ends with what is returned.
    fn listen(&self, connection: &Connection) -> JoinSet<()> {
        let mut tasks = JoinSet::new();
        let (link, era) = (connection.link.clone(), connection.era());
        let declared = Declared::of(&connection.greeting.capabilities);
        let mut subscribed = self.subscriptions.watch();
        // A legacy server may ask on its stream beside the calls.
        let asks = era == Era::Legacy && self.spec.offers.contains(&Part::Questions);
        tasks.spawn(async move {
            if !declared.anything() && !asks {
                return;
            }
            match era {
                Era::Legacy => {
                    let uris: Vec<String> = subscribed.borrow().keys().cloned().collect();
                    for uri in uris {
                        let params = Params::from_iter([("uri".to_owned(), uri.into())]);
                        let deadline = Instant::now() + limits::HTTP_HEAD_WITHIN;
                        let asked = Asked::own("resources/subscribe", params, deadline);
                        // A resource that is gone is no reason to forget the others.
                        let _ = link.request(asked).await;
                    }
                    link.listen(Params::new()).await;
                }
                Era::Modern => loop {
                    let uris = subscribed.borrow_and_update().keys().cloned().collect();
                    let params = modern_params(declared.filter(uris));
                    tokio::select! {
                        () = link.clone().listen(params) => return,
                        changed = subscribed.changed() => if changed.is_err() { return },
                    }
                    // Several subscriptions that come together need one stream.
                    sleep(limits::SERVER_LISTED_EVERY).await;
                },
            }
        });
        tasks
    }
}

impl Memory {
    /// Whether a forgotten session is begun anew without a wait: not again and again.
    fn may_renew(&self) -> bool {
        self.renewed.is_none_or(|at| at.elapsed() >= limits::SERVER_STEADY_AFTER)
    }
}

/// What a server says that it tells.
#[derive(Debug, Clone, Copy)]
struct Declared {
    tools: bool,
    prompts: bool,
    resources: bool,
    updates: bool,
}

impl Declared {
    fn of(capabilities: &Params) -> Self {
        let says = |part: &str, what: &str| {
            let said = capabilities.get(part).and_then(|part| part.get(what));
            said.and_then(Value::as_bool).unwrap_or(false)
        };
        Self {
            tools: says("tools", "listChanged"),
            prompts: says("prompts", "listChanged"),
            resources: says("resources", "listChanged"),
            updates: says("resources", "subscribe"),
        }
    }

    const fn anything(self) -> bool {
        self.tools || self.prompts || self.resources || self.updates
    }

    /// The parameters of `subscriptions/listen`.
    fn filter(self, uris: Vec<String>) -> Params {
        let mut wanted = Params::new();
        let kinds = [
            ("toolsListChanged", self.tools),
            ("promptsListChanged", self.prompts),
            ("resourcesListChanged", self.resources),
        ];
        wanted.extend(
            kinds.iter().filter(|(_, told)| *told).map(|(key, _)| ((*key).to_owned(), true.into())),
        );
        if self.updates && !uris.is_empty() {
            wanted.insert("resourceSubscriptions".to_owned(), json!(uris));
        }
        Params::from_iter([("notifications".to_owned(), Value::Object(wanted))])
    }
}

/// Resolves when everything ends.
async fn ended(stop: &mut watch::Receiver<bool>) {
    // A sender that is gone wants nothing any more.
    let _ = stop.wait_for(|stop| *stop).await.map(|_| ());
}
