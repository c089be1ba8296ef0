//! A server's `requestState` on its way through a client: sealed, bound to caller and call, short-lived, given back once.
//!
//! ```text
//! server's state --seal--> opaque text -> client -> opaque text --open--> server's state, or a refusal
//! ```
//! AES-256-GCM under a random key of this process, so nothing sealed outlives it. What is bound stands inside: tool, grant,
//! digest of the arguments, expiry. The nonce of each is remembered once it was given back. Tests are at the end.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{CallId, Digest, GrantId, limits};
use mcp::RpcError;
use serde::{Deserialize, Serialize};

use super::rescue::invalid;

/// What is sealed is only ever opened as what it is.
const ABOUT: &[u8] = b"checkrein/requestState/1";

/// Seals, opens, and remembers what was opened.
pub(super) struct Seal {
    key: RandomizedNonceKey,
    begun: Instant,
    memory: Mutex<Memory>,
}

#[derive(Debug, Default)]
struct Memory {
    /// Nonces that were given back, with their end, the oldest first.
    used: VecDeque<([u8; NONCE_LEN], Instant)>,
    is_used: HashMap<[u8; NONCE_LEN], ()>,
    /// States of calls whose questions were not answered yet, so that a repeated call gets them too.
    kept: HashMap<CallId, String>,
    kept_since: VecDeque<(CallId, Instant)>,
    kept_bytes: usize,
}

/// Which call a state belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Belongs {
    pub(super) grant: GrantId,
    pub(super) tool: String,
    pub(super) arguments: Digest,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Inside {
    grant: String,
    tool: String,
    arguments: String,
    /// Milliseconds of this process' life.
    until: u64,
    state: String,
}

/// A state that was given back.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) state: String,
    nonce: [u8; NONCE_LEN],
}

impl Seal {
    /// With a fresh key; none if this machine gives no random numbers.
    pub(super) fn new() -> Option<Self> {
        let mut key = [0_u8; 32];
        rand::fill(&mut key).ok()?;
        let key = RandomizedNonceKey::new(&AES_256_GCM, &key).ok()?;
        Some(Self { key, begun: Instant::now(), memory: Mutex::default() })
    }

    /// Remembers the state that a server left with its questions; the oldest give way. False if it is too long.
    pub(super) fn keep(&self, call: CallId, state: String) -> bool {
        if state.len() > limits::MCP_STATE_BYTES_MAX {
            return false;
        }
        let now = Instant::now();
        let mut memory = self.lock();
        memory.forget(now);
        memory.drop_kept(call);
        while memory.kept.len() >= limits::MCP_STATES_MAX
            || memory.kept_bytes + state.len() > limits::MCP_STATES_BYTES_MAX
        {
            let Some((oldest, _)) = memory.kept_since.pop_front() else { break };
            memory.drop_kept(oldest);
        }
        memory.kept_bytes += state.len();
        memory.kept.insert(call, state);
        memory.kept_since.push_back((call, now + limits::QUESTION_ANSWERED_WITHIN));
        true
    }

    /// The sealed form of the state that the server left with this call's questions, if it left one.
    pub(super) fn sealed(&self, call: CallId, belongs: &Belongs) -> Option<String> {
        let state = self.lock().kept.get(&call).cloned()?;
        self.seal(belongs, (state, limits::QUESTION_ANSWERED_WITHIN))
    }

    /// The state that the server left with this call's questions, for a client that never sees it.
    pub(super) fn kept(&self, call: CallId) -> Option<String> {
        self.lock().kept.get(&call).cloned()
    }

    fn seal(&self, belongs: &Belongs, (state, within): (String, Duration)) -> Option<String> {
        let until = self.begun.elapsed() + within;
        let inside = Inside {
            grant: belongs.grant.to_string(),
            tool: belongs.tool.clone(),
            arguments: belongs.arguments.to_string(),
            until: u64::try_from(until.as_millis()).ok()?,
            state,
        };
        let mut text = serde_json::to_vec(&inside).ok()?;
        let nonce = self.key.seal_in_place_append_tag(Aad::from(ABOUT), &mut text).ok()?;
        Some(URL_SAFE_NO_PAD.encode([nonce.as_ref().as_slice(), &text].concat()))
    }

    /// Opens what a client gives back, once.
    ///
    /// # Errors
    /// When it was not sealed here, is not of this call, is too old or was given back before.
    pub(super) fn open(&self, sealed: &str, belongs: &Belongs) -> Result<Opened, RpcError> {
        let wrong = || {
            invalid("`requestState` is not what was given for this call; begin again without it")
        };
        let (nonce, inside) = self.unsealed(sealed).ok_or_else(wrong)?;
        let whose = Belongs {
            grant: inside.grant.parse().map_err(|_| wrong())?,
            tool: inside.tool,
            arguments: inside.arguments.parse().map_err(|_| wrong())?,
        };
        if whose != *belongs {
            return Err(wrong());
        }
        let now = Instant::now();
        let end = self.begun + Duration::from_millis(inside.until);
        if end <= now {
            return Err(invalid("`requestState` is too old; begin again without it"));
        }
        let mut memory = self.lock();
        memory.forget(now);
        if memory.is_used.contains_key(&nonce) {
            return Err(invalid("`requestState` was given back before; begin again without it"));
        }
        // Nothing is forgotten before its time: then it could be given back twice.
        if memory.used.len() >= limits::MCP_STATES_MAX {
            return Err(invalid("too many questions were answered lately; try again later"));
        }
        memory.is_used.insert(nonce, ());
        memory.used.push_back((nonce, end));
        Ok(Opened { state: inside.state, nonce })
    }

    /// The call did not run, and the same request comes again: the state may be given back once more.
    pub(super) fn give_back(&self, nonce: &Nonced) {
        self.lock().is_used.remove(&nonce.0);
    }

    fn unsealed(&self, sealed: &str) -> Option<([u8; NONCE_LEN], Inside)> {
        if sealed.len() > 2 * limits::MCP_STATE_BYTES_MAX {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (nonce, text) = bytes.split_first_chunk::<NONCE_LEN>()?;
        let mut text = text.to_vec();
        let opened = Nonce::assume_unique_for_key(*nonce);
        let plain = self.key.open_in_place(opened, Aad::from(ABOUT), &mut text).ok()?;
        Some((*nonce, serde_json::from_slice(plain).ok()?))
    }

    fn lock(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Names a state that was opened.
#[derive(Debug, Clone, Copy)]
pub(super) struct Nonced([u8; NONCE_LEN]);

impl Opened {
    pub(super) const fn nonce(&self) -> Nonced {
        Nonced(self.nonce)
    }
}

impl Memory {
    fn forget(&mut self, now: Instant) {
        while self.used.front().is_some_and(|(_, end)| *end <= now) {
            if let Some((nonce, _)) = self.used.pop_front() {
                self.is_used.remove(&nonce);
            }
        }
        while self.kept_since.front().is_some_and(|(_, end)| *end <= now) {
            if let Some((call, _)) = self.kept_since.pop_front() {
                self.drop_kept(call);
            }
        }
    }

    fn drop_kept(&mut self, call: CallId) {
        let bytes = self.kept.remove(&call).map_or(0, |state| state.len());
        self.kept_bytes = self.kept_bytes.saturating_sub(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn belongs(grant: u128, tool: &str, arguments: &str) -> Belongs {
        Belongs {
            grant: GrantId::new(uuid::Uuid::from_u128(grant)),
            tool: tool.to_owned(),
            arguments: contract::digest(arguments.as_bytes()),
        }
    }

    fn sealed(seal: &Seal, belongs: &Belongs) -> String {
        let call = CallId::new(uuid::Uuid::from_u128(1));
        assert!(seal.keep(call, "theirs".to_owned()));
        seal.sealed(call, belongs).unwrap()
    }

    #[test]
    fn a_state_comes_back_once_to_the_same_caller_and_call() {
        let seal = Seal::new().unwrap();
        let mine = belongs(1, "a.b", "{}");
        let text = sealed(&seal, &mine);
        assert!(!text.contains("theirs"));
        for other in [belongs(2, "a.b", "{}"), belongs(1, "a.c", "{}"), belongs(1, "a.b", "[]")] {
            assert!(seal.open(&text, &other).unwrap_err().message.contains("not what was given"));
        }
        let opened = seal.open(&text, &mine).unwrap();
        assert_eq!(opened.state, "theirs");
        assert!(seal.open(&text, &mine).unwrap_err().message.contains("before"));
        seal.give_back(&opened.nonce());
        assert!(seal.open(&text, &mine).is_ok());
    }

    #[test]
    fn nothing_but_what_was_sealed_here_opens() {
        let (seal, other) = (Seal::new().unwrap(), Seal::new().unwrap());
        let mine = belongs(1, "a.b", "{}");
        let text = sealed(&seal, &mine);
        assert!(other.open(&text, &mine).is_err(), "another process");
        for bad in ["", "x", "AAAA", &format!("{text}-TAMPERED"), &text[1..], &"A".repeat(1 << 20)]
        {
            assert!(seal.open(bad, &mine).is_err());
        }
        for at in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            // The last character of base64 has bits that mean nothing.
            assert!(changed == text || seal.open(&changed, &mine).is_err() || at == text.len() - 1);
        }
    }

    #[test]
    fn states_that_nobody_fetches_fill_no_memory() {
        let seal = Seal::new().unwrap();
        let state = "x".repeat(limits::MCP_STATE_BYTES_MAX);
        let call = |number| CallId::new(uuid::Uuid::from_u128(number));
        assert!(!seal.keep(call(0), format!("{state}x")));
        for number in 0..5_000 {
            assert!(seal.keep(call(number), state.clone()));
        }
        assert!(seal.lock().kept_bytes <= limits::MCP_STATES_BYTES_MAX);
        assert!(seal.kept(call(0)).is_none() && seal.kept(call(4_999)).is_some());
    }

    #[test]
    fn an_old_state_is_refused() {
        let seal = Seal::new().unwrap();
        let mine = belongs(1, "a.b", "{}");
        let text = seal.seal(&mine, ("theirs".to_owned(), Duration::ZERO)).unwrap();
        assert!(seal.open(&text, &mine).unwrap_err().message.contains("too old"));
    }
}
