//! What is remembered of states: those that wait to be fetched, and the nonces of those that were given back.
//!
//! In: calls and nonces, each with its caller. Out: what was kept, or whether a nonce comes for the first time. Each caller has
//! its share, so one that asks or answers without end takes nothing from another: its own oldest states give way, its own
//! answers are refused. Nothing here is opened or sealed. Tests are at the end.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::time::Instant;

use aws_lc_rs::aead::NONCE_LEN;
use domain::{CallId, GrantId, limits};

/// The random part of what was sealed, which names it.
pub(super) type NonceBytes = [u8; NONCE_LEN];

/// Names a state that was opened.
#[derive(Debug, Clone, Copy)]
pub(in crate::mcp) struct Nonced {
    pub(super) grant: GrantId,
    pub(super) nonce: NonceBytes,
}

/// Everything that is remembered.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// States of calls whose questions were not answered yet, so that a repeated call gets them too.
    kept: HashMap<CallId, (GrantId, String)>,
    callers: HashMap<GrantId, OfCaller>,
}

/// What is remembered of one caller.
#[derive(Debug, Default)]
struct OfCaller {
    /// Nonces that were given back, by their end.
    used: BTreeSet<(Instant, NonceBytes)>,
    is_used: HashMap<NonceBytes, Instant>,
    /// Its calls of which a state is kept, the oldest first.
    kept: VecDeque<(CallId, Instant)>,
    kept_bytes: usize,
}

/// Why a nonce is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotTaken {
    /// It was given back before.
    Used,
    /// The caller gave too many back lately.
    TooMany,
}

impl Memory {
    /// Keeps the state of a call until this moment; the caller's oldest give way.
    pub(super) fn keep(
        &mut self,
        (call, grant): (CallId, GrantId),
        state: String,
        (now, end): (Instant, Instant),
    ) {
        self.forget(now);
        self.drop_kept(call);
        self.make_room(grant, state.len());
        let caller = self.callers.entry(grant).or_default();
        caller.kept_bytes += state.len();
        caller.kept.push_back((call, end));
        self.kept.insert(call, (grant, state));
    }

    /// The state of a call.
    pub(super) fn kept(&self, call: CallId) -> Option<&str> {
        self.kept.get(&call).map(|(_, state)| state.as_str())
    }

    /// Takes note of a nonce that can be given back until its end.
    pub(super) fn take(
        &mut self,
        named: Nonced,
        (now, end): (Instant, Instant),
    ) -> Result<(), NotTaken> {
        self.forget(now);
        let share = self.share(named.grant, limits::MCP_STATES_MAX);
        let caller = self.callers.entry(named.grant).or_default();
        if caller.is_used.contains_key(&named.nonce) {
            return Err(NotTaken::Used);
        }
        // Nothing is forgotten before its time: then it could be given back twice.
        if caller.used.len() >= share.min(limits::MCP_STATES_OF_CALLER_MAX) {
            return Err(NotTaken::TooMany);
        }
        caller.is_used.insert(named.nonce, end);
        caller.used.insert((end, named.nonce));
        Ok(())
    }

    /// As if it had not been taken.
    pub(super) fn give_back(&mut self, named: &Nonced) {
        if let Some(caller) = self.callers.get_mut(&named.grant)
            && let Some(end) = caller.is_used.remove(&named.nonce)
        {
            caller.used.remove(&(end, named.nonce));
        }
    }

    /// What one caller may have of `all`, now that others have theirs. Never nothing.
    fn share(&self, grant: GrantId, all: usize) -> usize {
        let others = self.callers.len() - usize::from(self.callers.contains_key(&grant));
        (all / (others + 1)).max(1)
    }

    /// Lets the caller's own oldest states go until there is room for one more.
    fn make_room(&mut self, grant: GrantId, bytes: usize) {
        let share = self.share(grant, limits::MCP_STATES_BYTES_MAX);
        let most = share.clamp(limits::MCP_STATE_BYTES_MAX, limits::MCP_STATES_OF_CALLER_BYTES_MAX);
        while let Some(caller) = self.callers.get(&grant)
            && let Some((oldest, _)) = caller.kept.front().copied()
            && (caller.kept_bytes + bytes > most
                || caller.kept.len() >= limits::MCP_STATES_OF_CALLER_MAX)
        {
            self.drop_kept(oldest);
        }
    }

    fn forget(&mut self, now: Instant) {
        let kept = &mut self.kept;
        self.callers.retain(|_, caller| {
            while let Some((end, nonce)) = caller.used.first().copied()
                && end <= now
            {
                caller.used.remove(&(end, nonce));
                caller.is_used.remove(&nonce);
            }
            while let Some((call, end)) = caller.kept.front().copied()
                && end <= now
            {
                caller.kept.pop_front();
                let bytes = kept.remove(&call).map_or(0, |(_, state)| state.len());
                caller.kept_bytes = caller.kept_bytes.saturating_sub(bytes);
            }
            !(caller.used.is_empty() && caller.kept.is_empty())
        });
    }

    fn drop_kept(&mut self, call: CallId) {
        let Some((grant, state)) = self.kept.remove(&call) else { return };
        if let Some(caller) = self.callers.get_mut(&grant) {
            caller.kept_bytes = caller.kept_bytes.saturating_sub(state.len());
            caller.kept.retain(|(known, _)| *known != call);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use uuid::Uuid;

    use super::*;

    fn grant(number: u128) -> GrantId {
        GrantId::new(Uuid::from_u128(number))
    }

    fn call(number: u128) -> CallId {
        CallId::new(Uuid::from_u128(number))
    }

    fn nonce(number: usize) -> NonceBytes {
        let mut bytes = [0; NONCE_LEN];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        bytes
    }

    fn soon() -> (Instant, Instant) {
        let now = Instant::now();
        (now, now + Duration::from_secs(600))
    }

    fn held(memory: &Memory) -> usize {
        memory.kept.values().map(|(_, state)| state.len()).sum()
    }

    #[test]
    fn states_that_nobody_fetches_fill_no_memory_and_push_out_no_others() {
        let mut memory = Memory::default();
        let state = "x".repeat(limits::MCP_STATE_BYTES_MAX);
        memory.keep((call(1), grant(1)), "mine".to_owned(), soon());
        for number in 2..5_000 {
            memory.keep((call(number), grant(2)), state.clone(), soon());
        }
        assert_eq!(memory.kept(call(1)), Some("mine"));
        assert!(memory.kept(call(2)).is_none() && memory.kept(call(4_999)).is_some());
        assert!(held(&memory) <= limits::MCP_STATES_OF_CALLER_BYTES_MAX + 4);
        // The same from a hundred callers at once.
        for number in 5_000..20_000 {
            memory.keep((call(number), grant(number % 100 + 10)), state.clone(), soon());
        }
        assert_eq!(memory.kept(call(1)), Some("mine"));
        assert!(held(&memory) <= 2 * limits::MCP_STATES_BYTES_MAX, "{}", held(&memory));
    }

    #[test]
    fn a_caller_that_answers_without_end_blocks_no_other() {
        let mut memory = Memory::default();
        let named = |of, number| Nonced { grant: grant(of), nonce: nonce(number) };
        for number in 0..limits::MCP_STATES_OF_CALLER_MAX {
            assert_eq!(memory.take(named(1, number), soon()), Ok(()));
        }
        assert_eq!(memory.take(named(1, usize::MAX), soon()), Err(NotTaken::TooMany));
        assert_eq!(memory.take(named(2, usize::MAX), soon()), Ok(()));
        assert_eq!(memory.take(named(2, usize::MAX), soon()), Err(NotTaken::Used));
    }

    #[test]
    fn what_was_given_back_leaves_nothing_behind() {
        let mut memory = Memory::default();
        let named = Nonced { grant: grant(1), nonce: nonce(1) };
        for _ in 0..2 * limits::MCP_STATES_OF_CALLER_MAX {
            assert_eq!(memory.take(named, soon()), Ok(()));
            memory.give_back(&named);
        }
        let caller = &memory.callers[&grant(1)];
        assert_eq!((caller.used.len(), caller.is_used.len()), (0, 0));
    }

    #[test]
    fn what_is_over_is_forgotten_with_its_caller() {
        let mut memory = Memory::default();
        let (now, end) = soon();
        memory.keep((call(1), grant(1)), "mine".to_owned(), (now, end));
        memory.take(Nonced { grant: grant(2), nonce: nonce(1) }, (now, end)).unwrap();
        memory.forget(end);
        assert_eq!((memory.kept(call(1)), memory.callers.len()), (None, 0));
    }
}
