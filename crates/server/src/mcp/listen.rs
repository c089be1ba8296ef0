//! Who hears of changes: streams of `subscriptions/listen` (modern) and of sessions (legacy).
//!
//! ```text
//! servers, rules --tell--> Listeners --News, each once--> Listening --next--> a stream
//! ```
//! News that wait for one listener are a set: a change that is told twice before it is heard is heard once, so nothing grows.
//! What a listener wants is asked here; whether it may see it was asked when it said so. Tests are at the end.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::{Name, limits};
use mcp::{Notification, Params};
use tokio::sync::Notify;

use super::entrance::Entrance;

/// Everybody who listens.
#[derive(Debug, Clone, Default)]
pub(super) struct Listeners(Arc<Mutex<All>>);

#[derive(Debug, Default)]
struct All {
    each: HashMap<u64, Arc<Listener>>,
    last: u64,
}

#[derive(Debug)]
struct Listener {
    entrance: Entrance,
    wants: Mutex<BTreeSet<News>>,
    waiting: Mutex<BTreeSet<News>>,
    wake: Notify,
}

/// Something that changed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum News {
    /// The tools that there are.
    Tools,
    /// The prompts that there are.
    Prompts,
    /// The resources that there are.
    Resources,
    /// One resource of a server.
    Resource(Name, String),
}

/// Whether a listener hears of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// From now on.
    Now,
    /// It did before.
    Already,
    /// It hears of too much.
    TooMuch,
}

/// One who listens, until this is dropped.
#[derive(Debug)]
pub(super) struct Listening {
    number: u64,
    listener: Arc<Listener>,
    all: Listeners,
}

impl News {
    /// As a client is told.
    pub(super) fn notification(&self) -> Notification {
        let (method, params) = match self {
            Self::Tools => ("notifications/tools/list_changed", Params::new()),
            Self::Prompts => ("notifications/prompts/list_changed", Params::new()),
            Self::Resources => ("notifications/resources/list_changed", Params::new()),
            Self::Resource(_, uri) => {
                let uri = ("uri".to_owned(), uri.as_str().into());
                ("notifications/resources/updated", Params::from_iter([uri]))
            }
        };
        Notification::new(method, params)
    }
}

impl Listeners {
    /// Somebody begins to listen; it wants nothing yet.
    pub(super) fn listen(&self, entrance: Entrance) -> Listening {
        let listener = Arc::new(Listener {
            entrance,
            wants: Mutex::default(),
            waiting: Mutex::default(),
            wake: Notify::new(),
        });
        let mut all = lock(&self.0);
        all.last += 1;
        let number = all.last;
        all.each.insert(number, Arc::clone(&listener));
        drop(all);
        Listening { number, listener, all: self.clone() }
    }

    /// Tells everybody whom it concerns. `server` is whose news it is; none for our own.
    pub(super) fn tell(&self, server: Option<&Name>, news: &News) {
        for listener in lock(&self.0).each.values() {
            let there = match server {
                Some(server) => listener.entrance.leads_to(server),
                None => matches!(listener.entrance, Entrance::All | Entrance::Own),
            };
            if there {
                listener.hear(news);
            }
        }
    }

    /// Tells everybody all that they want: something was missed, and nobody knows what.
    pub(super) fn tell_all(&self) {
        for listener in lock(&self.0).each.values() {
            let wants = lock(&listener.wants).clone();
            wants.iter().for_each(|news| listener.hear(news));
        }
    }
}

impl Listener {
    fn hear(&self, news: &News) {
        if lock(&self.wants).contains(news) && lock(&self.waiting).insert(news.clone()) {
            self.wake.notify_one();
        }
    }
}

impl Listening {
    /// From now on it hears of this, if there is room.
    pub(super) fn want(&self, news: News) -> Wanted {
        let mut wants = lock(&self.listener.wants);
        if wants.contains(&news) {
            return Wanted::Already;
        }
        if wants.len() >= limits::MCP_SUBSCRIPTIONS_MAX + LISTS {
            return Wanted::TooMuch;
        }
        wants.insert(news);
        Wanted::Now
    }

    /// From now on it does not; says whether it did.
    pub(super) fn leave(&self, news: &News) -> bool {
        lock(&self.listener.waiting).remove(news);
        lock(&self.listener.wants).remove(news)
    }

    /// What it wants of single resources.
    pub(super) fn resources(&self) -> Vec<News> {
        let wants = lock(&self.listener.wants);
        wants.iter().filter(|news| matches!(news, News::Resource(..))).cloned().collect()
    }

    /// The next change. Cancelling loses nothing.
    pub(super) async fn next(&self) -> News {
        loop {
            let woken = self.listener.wake.notified();
            if let Some(news) = lock(&self.listener.waiting).pop_first() {
                return news;
            }
            woken.await;
        }
    }
}

/// Kinds of news that are not about one resource.
const LISTS: usize = 3;

impl Drop for Listening {
    fn drop(&mut self) {
        lock(&self.all.0).each.remove(&self.number);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::Future as _;
    use std::task::{Context, Poll, Waker};

    fn heard(listening: &Listening) -> Vec<News> {
        let mut context = Context::from_waker(Waker::noop());
        let mut all = Vec::new();
        while let Poll::Ready(news) = Box::pin(listening.next()).as_mut().poll(&mut context) {
            all.push(news);
        }
        all
    }

    #[test]
    fn a_listener_hears_what_it_wants_of_where_it_is_each_once() {
        let (files, git): (Name, Name) = ("files".parse().unwrap(), "git".parse().unwrap());
        let all = Listeners::default();
        let listening = all.listen(Entrance::Server(files.clone()));
        assert_eq!(listening.want(News::Tools), Wanted::Now);
        assert_eq!(listening.want(News::Tools), Wanted::Already);
        for _ in 0..3 {
            all.tell(Some(&files), &News::Tools);
        }
        all.tell(Some(&files), &News::Prompts);
        all.tell(Some(&git), &News::Tools);
        all.tell(None, &News::Tools);
        assert_eq!(heard(&listening), [News::Tools]);
        assert!(listening.leave(&News::Tools));
        all.tell(Some(&files), &News::Tools);
        assert!(heard(&listening).is_empty());
    }

    #[test]
    fn resources_that_one_hears_of_are_bounded() {
        let files: Name = "files".parse().unwrap();
        let listening = Listeners::default().listen(Entrance::All);
        let news = |number: usize| News::Resource(files.clone(), format!("x:{number}"));
        let taken =
            (0..1_000).filter(|number| listening.want(news(*number)) == Wanted::Now).count();
        assert_eq!(taken, limits::MCP_SUBSCRIPTIONS_MAX + LISTS);
    }

    #[test]
    fn who_stops_listening_is_forgotten() {
        let all = Listeners::default();
        drop(all.listen(Entrance::All));
        assert!(lock(&all.0).each.is_empty());
    }
}
