//! Sessions of legacy clients: opened by `initialize`, named by 256 random bits, bound to grant and entrance.
//!
//! ```text
//! initialize -> open -> Session -- requests under way, questions that wait, what it hears of -- close (DELETE, idle)
//! ```
//! In: a session's id with the caller's grant. Out: the session, or nothing: another grant's session does not exist for a
//! caller. Bounded in all, per grant (the one idle for longest gives way) and in what each holds. Tests are at the end.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{Code, GrantId, limits};
use mcp::{Id, Params, Revision, RpcError};
use serde_json::Value;
use tokio::sync::{oneshot, watch};

use super::entrance::Entrance;
use super::listen::Listening;
use crate::rescue::Refused;

/// How often sessions that nobody uses are looked for.
const SWEPT_EVERY: Duration = Duration::from_secs(60);

/// All sessions, by id.
#[derive(Debug, Default)]
pub(super) struct Sessions(Mutex<All>);

#[derive(Debug, Default)]
struct All {
    sessions: HashMap<String, Arc<Session>>,
    swept: Option<Instant>,
}

/// What a client said when it opened its session.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) grant: GrantId,
    pub(super) entrance: Entrance,
    pub(super) revision: Revision,
    pub(super) capabilities: Params,
    pub(super) info: Option<Value>,
}

/// One session.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) id: String,
    pub(super) opened: Opened,
    /// What it hears of.
    pub(super) listening: Listening,
    /// Its present stream; a newer one ends the older.
    pub(super) stream: watch::Sender<u64>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    used: Instant,
    ended: bool,
    log_level: Option<String>,
    /// Requests that are served, with the way to cancel each.
    under_way: HashMap<Id, watch::Sender<bool>>,
    questions: HashMap<i64, Answer>,
    asked: i64,
}

/// Where the answer to a question goes.
pub(super) type Answer = oneshot::Sender<Result<Params, RpcError>>;

/// A request that is served, until this is dropped.
#[derive(Debug)]
pub(super) struct UnderWay {
    session: Arc<Session>,
    id: Id,
    pub(super) cancelled: watch::Receiver<bool>,
}

impl Sessions {
    /// Opens a session.
    ///
    /// # Errors
    /// When there are too many, or this machine gives no random numbers.
    pub(super) fn open(
        &self,
        opened: Opened,
        listening: Listening,
    ) -> Result<Arc<Session>, Refused> {
        let mut random = [0_u8; 32];
        rand::fill(&mut random).map_err(Refused::internal)?;
        let id = URL_SAFE_NO_PAD.encode(random);
        let mut all = self.lock();
        let now = Instant::now();
        all.sweep(now);
        all.make_room(opened.grant);
        if all.sessions.len() >= limits::MCP_SESSIONS_MAX {
            let message = format!("there are {} sessions", limits::MCP_SESSIONS_MAX);
            return Err(Refused::new(Code::TooManyWaiting, message, "try again later"));
        }
        let state = State {
            used: now,
            ended: false,
            log_level: None,
            under_way: HashMap::new(),
            questions: HashMap::new(),
            asked: 0,
        };
        let (stream, _) = watch::channel(0);
        let session =
            Session { id: id.clone(), opened, listening, stream, state: Mutex::new(state) };
        let session = Arc::new(session);
        all.sessions.insert(id, Arc::clone(&session));
        Ok(session)
    }

    /// The session of a caller at an entrance.
    pub(super) fn find(
        &self,
        id: &str,
        grant: GrantId,
        entrance: &Entrance,
    ) -> Option<Arc<Session>> {
        let now = Instant::now();
        let mut all = self.lock();
        let session = all.sessions.get(id).cloned();
        let mine = |session: &Arc<Session>| {
            session.opened.grant == grant && session.opened.entrance == *entrance
        };
        let session = session.filter(mine)?;
        if session.is_idle(now) {
            all.sessions.remove(id);
            drop(all);
            session.end();
            return None;
        }
        drop(all);
        session.lock().used = now;
        Some(session)
    }

    /// Ends a session. What is under way goes on; its answer is in the journal.
    pub(super) fn close(&self, session: &Session) {
        self.lock().sessions.remove(&session.id);
        session.end();
    }

    fn lock(&self) -> MutexGuard<'_, All> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl All {
    /// Ends what nobody uses, not more often than makes sense.
    fn sweep(&mut self, now: Instant) {
        if self.swept.is_some_and(|swept| now.duration_since(swept) < SWEPT_EVERY) {
            return;
        }
        self.swept = Some(now);
        let idle = self.sessions.extract_if(|_, session| session.is_idle(now));
        idle.for_each(|(_, session)| session.end());
    }

    /// At its bound, a grant's session that was not used for longest ends: clients often just go away.
    fn make_room(&mut self, grant: GrantId) {
        let own = self.sessions.values().filter(|session| session.opened.grant == grant);
        if own.clone().count() < limits::MCP_SESSIONS_PER_GRANT_MAX {
            return;
        }
        let least = own.min_by_key(|session| (session.is_busy(), session.lock().used));
        let Some(least) = least.map(|session| session.id.clone()) else { return };
        if let Some(session) = self.sessions.remove(&least) {
            session.end();
        }
    }
}

impl Session {
    /// From which level on it wants log messages.
    pub(super) fn log_level(&self) -> Option<String> {
        self.lock().log_level.clone()
    }

    pub(super) fn set_log_level(&self, level: String) {
        self.lock().log_level = Some(level);
    }

    /// A request begins; none if one with this id is under way.
    pub(super) fn begin(self: &Arc<Self>, id: &Id) -> Option<UnderWay> {
        let (cancel, cancelled) = watch::channel(false);
        let mut state = self.lock();
        if state.under_way.contains_key(id) {
            return None;
        }
        state.under_way.insert(id.clone(), cancel);
        drop(state);
        Some(UnderWay { session: Arc::clone(self), id: id.clone(), cancelled })
    }

    /// Cancels a request that is under way.
    pub(super) fn cancel(&self, id: &Id) {
        if let Some(cancel) = self.lock().under_way.get(id) {
            cancel.send_replace(true);
        }
    }

    /// A question that waits for its answer, by a fresh id; none if too many wait or the session has ended.
    pub(super) fn asks(&self, answer: Answer) -> Option<i64> {
        let mut state = self.lock();
        state.questions.retain(|_, waits| !waits.is_closed());
        if state.ended || state.questions.len() >= limits::MCP_QUESTIONS_PER_SESSION_MAX {
            return None;
        }
        state.asked += 1;
        let id = state.asked;
        state.questions.insert(id, answer);
        Some(id)
    }

    /// A question that nobody waits for any more.
    pub(super) fn forget(&self, question: i64) {
        self.lock().questions.remove(&question);
    }

    /// Takes the client's answer; false if nothing with this id waits.
    pub(super) fn answered(&self, id: &Id, outcome: Result<Params, RpcError>) -> bool {
        let Id::Number(number) = id else { return false };
        let waits = self.lock().questions.remove(number);
        waits.is_some_and(|waits| waits.send(outcome).is_ok())
    }

    /// Whether it was ended.
    pub(super) fn has_ended(&self) -> bool {
        self.lock().ended
    }

    fn end(&self) {
        let mut state = self.lock();
        state.ended = true;
        // Whoever waits for an answer hears that there is none.
        state.questions.clear();
        drop(state);
        self.stream.send_modify(|number| *number += 1);
    }

    fn is_busy(&self) -> bool {
        !self.lock().under_way.is_empty() || self.stream.receiver_count() > 0
    }

    fn is_idle(&self, now: Instant) -> bool {
        let unused = now.duration_since(self.lock().used) >= limits::MCP_SESSION_IDLE;
        unused && !self.is_busy()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut state = self.session.lock();
        state.under_way.remove(&self.id);
        state.used = Instant::now();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mcp::listen::Listeners;

    fn grant(number: u128) -> GrantId {
        GrantId::new(uuid::Uuid::from_u128(number))
    }

    fn open(sessions: &Sessions, number: u128) -> Arc<Session> {
        let opened = Opened {
            grant: grant(number),
            entrance: Entrance::All,
            revision: Revision::V2025November,
            capabilities: Params::new(),
            info: None,
        };
        sessions.open(opened, Listeners::default().listen(Entrance::All)).unwrap()
    }

    #[test]
    fn a_session_is_found_only_by_who_opened_it_and_where() {
        let sessions = Sessions::default();
        let session = open(&sessions, 1);
        assert_eq!(session.id.len(), 43);
        assert!(sessions.find(&session.id, grant(1), &Entrance::All).is_some());
        assert!(sessions.find(&session.id, grant(2), &Entrance::All).is_none());
        assert!(sessions.find(&session.id, grant(1), &Entrance::Own).is_none());
        sessions.close(&session);
        assert!(sessions.find(&session.id, grant(1), &Entrance::All).is_none());
    }

    #[test]
    fn at_its_bound_a_grants_idlest_session_gives_way_and_no_others() {
        let sessions = Sessions::default();
        let other = open(&sessions, 2);
        let first = open(&sessions, 1);
        let _busy = first.begin(&Id::Number(1)).unwrap();
        let second = open(&sessions, 1);
        for _ in 2..=limits::MCP_SESSIONS_PER_GRANT_MAX {
            open(&sessions, 1);
        }
        assert!(sessions.find(&first.id, grant(1), &Entrance::All).is_some(), "it was busy");
        assert!(sessions.find(&second.id, grant(1), &Entrance::All).is_none());
        assert!(sessions.find(&other.id, grant(2), &Entrance::All).is_some());
    }

    #[test]
    fn an_id_is_under_way_once_and_free_afterwards() {
        let session = open(&Sessions::default(), 1);
        let first = session.begin(&Id::Number(1)).unwrap();
        assert!(session.begin(&Id::Number(1)).is_none());
        session.cancel(&Id::Number(1));
        assert!(*first.cancelled.borrow());
        drop(first);
        assert!(session.begin(&Id::Number(1)).is_some());
    }

    #[test]
    fn a_question_is_answered_once_by_its_own_id() {
        let session = open(&Sessions::default(), 1);
        let (answer, mut answered) = oneshot::channel();
        let id = Id::Number(session.asks(answer).unwrap());
        assert!(!session.answered(&Id::Number(99), Ok(Params::new())));
        assert!(session.answered(&id, Ok(Params::new())));
        assert!(!session.answered(&id, Ok(Params::new())));
        assert_eq!(answered.try_recv().unwrap(), Ok(Params::new()));
    }

    #[test]
    fn questions_that_wait_are_bounded_and_end_with_the_session() {
        let sessions = Sessions::default();
        let session = open(&sessions, 1);
        let mut waits = Vec::new();
        for _ in 0..limits::MCP_QUESTIONS_PER_SESSION_MAX {
            let (answer, answered) = oneshot::channel();
            assert!(session.asks(answer).is_some());
            waits.push(answered);
        }
        assert!(session.asks(oneshot::channel().0).is_none());
        sessions.close(&session);
        assert!(waits.iter_mut().all(|answered| answered.try_recv().is_err()));
        assert!(session.has_ended());
    }
}
