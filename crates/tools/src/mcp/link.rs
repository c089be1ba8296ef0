//! A connection, whatever it goes over: the way to ask a server, and what keeps that way up.
//!
//! In: a greeted child or endpoint. Out: one type for callers. A connection that is dropped is gone at once; in order it is
//! ended by its owner alone.

use std::sync::Arc;

use mcp::{Era, Params, Revision};
use tokio::task::JoinSet;

use super::ask::{Answer, Asked};
use super::ear::Ear;
use super::greeting::Greeting;
use super::problem::Trouble;
use super::{http, stdio};

/// The way to ask a server that was greeted.
#[derive(Debug, Clone)]
pub(super) enum Link {
    /// A child.
    Stdio(Arc<stdio::Link>),
    /// An endpoint.
    Http(Arc<http::Link>),
}

impl Link {
    pub(super) async fn request(&self, asked: Asked<'_>) -> Result<Answer, Trouble> {
        match self {
            Self::Stdio(link) => link.request(asked).await,
            Self::Http(link) => link.request(asked).await,
        }
    }

    pub(super) fn ear(&self) -> &Arc<Ear> {
        match self {
            Self::Stdio(link) => &link.ear,
            Self::Http(link) => &link.ear,
        }
    }

    /// Listens to what belongs to no call, as long as the future lives.
    pub(super) async fn listen(self, params: Params) {
        match self {
            Self::Stdio(link) => link.listen(params).await,
            Self::Http(link) => link.listen(params).await,
        }
    }
}

/// A connection with what keeps it up. Dropped, it is gone at once.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) link: Link,
    pub(super) greeting: Greeting,
    keeper: Keeper,
}

#[derive(Debug)]
enum Keeper {
    Child(stdio::Child),
    /// Answers and cancellations on their way.
    Chores(JoinSet<()>),
}

impl Connection {
    pub(super) fn to_child(child: stdio::Child, greeting: Greeting) -> Self {
        let link = Link::Stdio(Arc::clone(&child.link));
        Self { link, greeting, keeper: Keeper::Child(child) }
    }

    pub(super) fn to_endpoint(
        door: http::Door,
        (greeting, opened): (Greeting, http::Opened),
        ear: Arc<Ear>,
    ) -> Self {
        let (link, chores) = http::Link::new(door, opened, ear);
        let mut tasks = JoinSet::new();
        tasks.spawn(Arc::clone(&link).tell_chores(chores));
        Self { link: Link::Http(link), greeting, keeper: Keeper::Chores(tasks) }
    }

    pub(super) fn revision(&self) -> Revision {
        self.greeting.revision
    }

    pub(super) fn era(&self) -> Era {
        self.revision().era()
    }

    /// Gives it up: it is broken, so nothing is asked of it any more.
    pub(super) async fn abandon(self, why: &str) {
        match self.keeper {
            Keeper::Child(child) => child.kill(why).await,
            Keeper::Chores(_) => self.end(why).await,
        }
    }

    /// Ends it in order.
    pub(super) async fn end(self, why: &str) {
        match (self.keeper, self.link) {
            (Keeper::Child(child), _) => child.end(why).await,
            (Keeper::Chores(mut tasks), Link::Http(link)) => {
                link.ear.end(why);
                link.leave().await;
                tasks.shutdown().await;
            }
            (Keeper::Chores(_), Link::Stdio(link)) => link.ear.end(why),
        }
    }
}
