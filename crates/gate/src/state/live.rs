//! Calls that are open, and who waits for them.
//!
//! A call is open while it is in work, held or in doubt, and a changing one until its answer was delivered.
//! An identical call joins an open one instead of becoming a second act (P3). Identity is the ledger key
//! where there is one, else principal, tool and arguments.

use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;

use domain::{CallId, Digest, GrantId, limits};
use tokio::sync::watch;

use super::lock;

#[derive(Debug, Default)]
pub(crate) struct Live {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    by_identity: HashMap<Digest, CallId>,
    calls: HashMap<CallId, Open>,
    in_work: usize,
    held: HashMap<GrantId, usize>,
    /// Answered calls whose delivery nobody confirmed, oldest first.
    answered: VecDeque<CallId>,
}

#[derive(Debug)]
struct Open {
    place: Place,
    /// Whether a person decided while a journey was under way: it did not see that.
    decided_meanwhile: bool,
    news: watch::Sender<News>,
}

/// What tells open calls apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) grant: GrantId,
    /// What an identical call shares; none for calls that nothing joins.
    pub(crate) identity: Option<Digest>,
    /// The arguments, which one key may not be used with others of.
    pub(crate) arguments: Digest,
}

/// How an open call stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum News {
    /// A journey is under way.
    Working,
    /// It waits for people.
    Held,
    /// A person decided, or time ran out: look again.
    Decided,
    /// It ended: the answer is in the journal.
    Answered,
    /// Nobody knows whether it happened. It stays open, whether or not that answer was delivered.
    InDoubt,
}

/// Whether a call is the first of its identity.
#[derive(Debug)]
pub(crate) enum Entered<'a> {
    /// It is, and the guard keeps its place.
    First(InWork<'a>),
    /// Another one is open.
    Joined(CallId),
    /// Another one with the same key is open, for other arguments.
    OtherArguments,
    /// There are too many calls in work.
    Full,
}

/// Keeps a call's place while its journey is under way. Dropped without a word, it leaves the place, so
/// that nobody waits for a journey that is no more.
#[derive(Debug)]
pub(crate) struct InWork<'a> {
    live: &'a Live,
    call: CallId,
    finished: bool,
}

impl Live {
    /// Enters a call, or finds the open one with the same identity.
    pub(crate) fn enter(&self, call: CallId, place: Place) -> Entered<'_> {
        let mut inner = lock(&self.inner);
        if let Some(open) = place.identity.and_then(|each| inner.by_identity.get(&each).copied()) {
            let same = |open: &Open| open.place.arguments == place.arguments;
            return if inner.calls.get(&open).is_some_and(same) {
                Entered::Joined(open)
            } else {
                Entered::OtherArguments
            };
        }
        if inner.in_work >= limits::CALLS_IN_WORK_MAX {
            return Entered::Full;
        }
        inner.in_work += 1;
        inner.open(call, place, News::Working);
        Entered::First(InWork { live: self, call, finished: false })
    }

    /// Takes up a held call again. None while another journey of it is under way, or if it is not open.
    pub(crate) fn take_up(&self, call: CallId) -> Option<InWork<'_>> {
        let mut inner = lock(&self.inner);
        if inner.standing(call)? == News::Working {
            return None;
        }
        inner.set(call, News::Working);
        inner.in_work += 1;
        Some(InWork { live: self, call, finished: false })
    }

    /// Puts a call in place that was held or in doubt when the process began.
    pub(crate) fn restore(&self, call: CallId, place: Place, news: News) {
        lock(&self.inner).open(call, place, news);
    }

    /// How many calls of a grant are held.
    pub(crate) fn held_by(&self, grant: GrantId) -> usize {
        lock(&self.inner).held.get(&grant).copied().unwrap_or(0)
    }

    /// Tells waiters to look again. A decision that comes while a journey is under way is told at its end:
    /// two journeys of one call never run at once.
    pub(crate) fn tell(&self, call: CallId, news: News) {
        let mut inner = lock(&self.inner);
        if news == News::Decided
            && inner.standing(call) == Some(News::Working)
            && let Some(open) = inner.calls.get_mut(&call)
        {
            open.decided_meanwhile = true;
            return;
        }
        inner.set(call, news);
    }

    /// News of an open call; none if it is not open, or too many wait for it.
    pub(crate) fn subscribe(&self, call: CallId) -> Option<watch::Receiver<News>> {
        let inner = lock(&self.inner);
        let open = inner.calls.get(&call)?;
        (open.news.receiver_count() < limits::WAITERS_PER_CALL_MAX).then(|| open.news.subscribe())
    }

    /// The answer reached the caller, or the call ended: an identical call is a new one from here on.
    pub(crate) fn forget(&self, call: CallId) {
        lock(&self.inner).close(call);
    }

    /// Forgets a call whose answer was delivered, unless it is still open.
    pub(crate) fn delivered(&self, call: CallId) {
        let mut inner = lock(&self.inner);
        if inner.standing(call) == Some(News::Answered) {
            inner.close(call);
        }
    }

    /// Calls whose journey is under way, oldest first.
    pub(crate) fn in_work(&self) -> Vec<CallId> {
        let inner = lock(&self.inner);
        let working = inner.calls.iter().filter(|(_, open)| *open.news.borrow() == News::Working);
        let mut working: Vec<CallId> = working.map(|(call, _)| *call).collect();
        working.sort_unstable();
        working
    }
}

impl Inner {
    fn open(&mut self, call: CallId, place: Place, news: News) {
        if let Some(identity) = place.identity {
            self.by_identity.insert(identity, call);
        }
        self.calls.insert(
            call,
            Open { place, decided_meanwhile: false, news: watch::Sender::new(News::Working) },
        );
        self.set(call, news);
    }

    fn standing(&self, call: CallId) -> Option<News> {
        self.calls.get(&call).map(|open| *open.news.borrow())
    }

    /// Changes how a call stands, keeps count, and tells waiters.
    fn set(&mut self, call: CallId, news: News) {
        let Some(open) = self.calls.get(&call) else { return };
        let (grant, before) = (open.place.grant, open.news.send_replace(news));
        self.count_held(grant, (before, news));
        if news == News::Answered && before != News::Answered {
            self.answered.push_back(call);
            self.forget_oldest();
        }
    }

    fn count_held(&mut self, grant: GrantId, (before, after): (News, News)) {
        let waits = |news: News| matches!(news, News::Held | News::Decided);
        let held = self.held.entry(grant).or_default();
        *held = match (waits(before), waits(after)) {
            (false, true) => *held + 1,
            (true, false) => held.saturating_sub(1),
            (true, true) | (false, false) => *held,
        };
        if *held == 0 {
            self.held.remove(&grant);
        }
    }

    /// Beyond the bound the oldest answer counts as delivered: a client that old has given up.
    fn forget_oldest(&mut self) {
        while self.answered.len() > limits::UNDELIVERED_ANSWERS_MAX {
            let Some(oldest) = self.answered.pop_front() else { return };
            if self.standing(oldest) == Some(News::Answered) {
                self.close(oldest);
            }
        }
    }

    fn close(&mut self, call: CallId) {
        let Some(open) = self.calls.remove(&call) else { return };
        let before = *open.news.borrow();
        self.count_held(open.place.grant, (before, News::Answered));
        if let Some(identity) = open.place.identity
            && self.by_identity.get(&identity) == Some(&call)
        {
            self.by_identity.remove(&identity);
        }
    }
}

/// What is left of a call's place after its journey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leaves {
    /// Nothing: an identical call is a new one.
    Nothing,
    /// The call waits for people.
    Held,
    /// The answer is given; the place stays until it was delivered.
    Answer,
    /// Nobody knows whether it happened; the place stays until that is settled.
    Doubt,
}

impl InWork<'_> {
    /// Ends the journey.
    pub(crate) fn finish(mut self, leaves: Leaves) {
        self.finished = true;
        self.end(leaves);
    }

    fn end(&self, leaves: Leaves) {
        let mut inner = lock(&self.live.inner);
        inner.in_work = inner.in_work.saturating_sub(1);
        let open = inner.calls.get_mut(&self.call);
        let decided = open.is_some_and(|open| std::mem::take(&mut open.decided_meanwhile));
        let news = match leaves {
            Leaves::Held if decided => News::Decided,
            Leaves::Held => News::Held,
            Leaves::Answer | Leaves::Nothing => News::Answered,
            Leaves::Doubt => News::InDoubt,
        };
        inner.set(self.call, news);
        if leaves == Leaves::Nothing {
            inner.close(self.call);
        }
    }
}

impl Drop for InWork<'_> {
    fn drop(&mut self) {
        if !self.finished {
            self.end(Leaves::Nothing);
        }
    }
}
