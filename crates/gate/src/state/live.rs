//! Calls that are open, and who waits for them.
//!
//! A call is open while it is in work, held or in doubt, and a changing one until its answer was delivered.
//! An identical call joins an open one instead of becoming a second act (P3). Identity is the ledger key
//! where there is one, else principal, tool and arguments.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use domain::{CallId, Digest, GrantId, limits};
use tokio::sync::watch;

use super::lock;

#[cfg(test)]
mod tests;

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
    /// Held calls that wait for another call's end, by that call.
    waiting: HashMap<CallId, BTreeSet<CallId>>,
    /// Answered calls whose delivery nobody confirmed, by the order of their answers. Nothing else is in
    /// here, so that answers which were delivered push out none that were not.
    answered: BTreeMap<u64, CallId>,
    /// Answers counted since the process began.
    answers: u64,
}

#[derive(Debug)]
struct Open {
    place: Place,
    /// Whether a person decided while a journey was under way: it did not see that.
    decided_meanwhile: bool,
    /// Its place among the answers that wait for delivery.
    undelivered: Option<u64>,
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

/// Keeps a call's place while its journey is under way. Dropped without a word (an abandoned journey, a
/// panic), it leaves what its stage allows, so that nobody waits for a journey that is no more:
/// before the permit nothing happened, afterwards nobody knows.
#[derive(Debug)]
pub(crate) struct InWork<'a> {
    live: &'a Live,
    call: CallId,
    began: Began,
    admitted: AtomicBool,
    asked: AtomicBool,
    finished: bool,
}

/// What a call was before its journey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Began {
    New,
    Held,
}

impl<'a> InWork<'a> {
    const fn begin(live: &'a Live, call: CallId, began: Began) -> Self {
        let (admitted, asked) = (AtomicBool::new(false), AtomicBool::new(false));
        Self { live, call, began, admitted, asked, finished: false }
    }
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
        Entered::First(InWork::begin(self, call, Began::New))
    }

    /// Takes up a held call again. None if it does not wait for people: another journey of it is under way,
    /// or it has ended.
    pub(crate) fn take_up(&self, call: CallId) -> Option<InWork<'_>> {
        let mut inner = lock(&self.inner);
        if !waits_for_people(inner.standing(call)?) {
            return None;
        }
        inner.set(call, News::Working);
        inner.in_work += 1;
        Some(InWork::begin(self, call, Began::Held))
    }

    /// Puts a call in place that was open when the process began. An answer that may not have been
    /// delivered needs one only if an identical call can join it, and gives way to one that is there.
    pub(crate) fn restore(&self, call: CallId, place: Place, news: News) {
        let mut inner = lock(&self.inner);
        let joinable = place.identity.is_some_and(|each| !inner.by_identity.contains_key(&each));
        if news == News::Answered && !joinable {
            return;
        }
        inner.open(call, place, news);
        inner.forget_oldest();
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

    /// What became of a call is known after all: an identical call joins it until that answer was delivered.
    pub(crate) fn answered(&self, call: CallId) {
        let mut inner = lock(&self.inner);
        inner.set(call, News::Answered);
        inner.forget_oldest();
    }

    /// Keeps a call until one of these ends; it is told then to look again. False if one of them is not open.
    pub(crate) fn wait_for(&self, call: CallId, others: &[CallId]) -> bool {
        let mut inner = lock(&self.inner);
        let open = |other: &CallId| {
            inner.standing(*other).is_some_and(|news| match news {
                News::Working | News::Held | News::Decided | News::InDoubt => true,
                News::Answered => false,
            })
        };
        if !others.iter().all(open) {
            return false;
        }
        for other in others {
            inner.waiting.entry(*other).or_default().insert(call);
        }
        true
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
            Open {
                place,
                decided_meanwhile: false,
                undelivered: None,
                news: watch::Sender::new(News::Working),
            },
        );
        self.set(call, news);
    }

    fn standing(&self, call: CallId) -> Option<News> {
        self.calls.get(&call).map(|open| *open.news.borrow())
    }

    /// The call has ended, as far as others wait for that.
    fn over(&mut self, call: CallId) {
        for waiting in self.waiting.remove(&call).unwrap_or_default() {
            match self.standing(waiting) {
                Some(News::Held) => self.set(waiting, News::Decided),
                Some(News::Working) => {
                    if let Some(open) = self.calls.get_mut(&waiting) {
                        open.decided_meanwhile = true;
                    }
                }
                Some(News::Decided | News::Answered | News::InDoubt) | None => {}
            }
        }
    }

    /// Changes how a call stands, keeps count, and tells waiters.
    fn set(&mut self, call: CallId, news: News) {
        let Some(open) = self.calls.get_mut(&call) else { return };
        let (grant, before) = (open.place.grant, open.news.send_replace(news));
        if news == News::Answered && open.undelivered.is_none() {
            self.answers += 1;
            open.undelivered = Some(self.answers);
            self.answered.insert(self.answers, call);
        }
        self.count_held(grant, (before, news));
        match news {
            News::Answered | News::InDoubt => self.over(call),
            News::Working | News::Held | News::Decided => {}
        }
    }

    fn count_held(&mut self, grant: GrantId, (before, after): (News, News)) {
        let held = self.held.entry(grant).or_default();
        *held = match (waits_for_people(before), waits_for_people(after)) {
            (false, true) => *held + 1,
            (true, false) => held.saturating_sub(1),
            (true, true) | (false, false) => *held,
        };
        if *held == 0 {
            self.held.remove(&grant);
        }
    }

    /// Beyond the bound the oldest undelivered answer counts as delivered: a client that old has given up.
    fn forget_oldest(&mut self) {
        while self.answered.len() > limits::UNDELIVERED_ANSWERS_MAX {
            let Some((_, oldest)) = self.answered.pop_first() else { return };
            self.close(oldest);
        }
    }

    fn close(&mut self, call: CallId) {
        self.over(call);
        let Some(open) = self.calls.remove(&call) else { return };
        if let Some(answer) = open.undelivered {
            self.answered.remove(&answer);
        }
        let before = *open.news.borrow();
        self.count_held(open.place.grant, (before, News::Answered));
        if let Some(identity) = open.place.identity
            && self.by_identity.get(&identity) == Some(&call)
        {
            self.by_identity.remove(&identity);
        }
    }
}

const fn waits_for_people(news: News) -> bool {
    match news {
        News::Held | News::Decided => true,
        News::Working | News::Answered | News::InDoubt => false,
    }
}

/// What is left of a call's place after its journey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leaves {
    /// Nothing: an identical call is a new one.
    Nothing,
    /// The call waits for people.
    Held,
    /// It is still held and could not run just now: the next who waits tries again.
    Ready,
    /// The answer is given; the place stays until it was delivered.
    Answer,
    /// Nobody knows whether it happened; the place stays until that is settled.
    Doubt,
}

impl InWork<'_> {
    /// The permit of a changing call is on its way to the store: from here on it may be durable, whoever
    /// still listens, and nobody may take the call for not done.
    pub(crate) fn admitted(&self) {
        self.admitted.store(true, Ordering::Relaxed);
    }

    /// The store did not write the permit.
    pub(crate) fn not_admitted(&self) {
        self.admitted.store(false, Ordering::Relaxed);
    }

    /// The question to people is on its way to the store: from here on the call may be held.
    pub(crate) fn asked(&self) {
        self.asked.store(true, Ordering::Relaxed);
    }

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
        match leaves {
            Leaves::Held if decided => inner.set(self.call, News::Decided),
            Leaves::Held => inner.set(self.call, News::Held),
            Leaves::Ready => inner.set(self.call, News::Decided),
            Leaves::Doubt => inner.set(self.call, News::InDoubt),
            Leaves::Answer => {
                inner.set(self.call, News::Answered);
                inner.forget_oldest();
            }
            // Whoever waits sees the channel close, and reads the last answer.
            Leaves::Nothing => inner.close(self.call),
        }
    }

    /// The journey ended without a word.
    fn abandon(&self) {
        if self.admitted.load(Ordering::Relaxed) {
            return self.end(Leaves::Doubt);
        }
        let began = if self.asked.load(Ordering::Relaxed) { Began::Held } else { self.began };
        match began {
            Began::New => self.end(Leaves::Nothing),
            Began::Held => {
                // Whatever people decided was not looked at: the next who waits does.
                if let Some(open) = lock(&self.live.inner).calls.get_mut(&self.call) {
                    open.decided_meanwhile = true;
                }
                self.end(Leaves::Held);
            }
        }
    }
}

impl Drop for InWork<'_> {
    fn drop(&mut self) {
        if !self.finished {
            self.abandon();
        }
    }
}
