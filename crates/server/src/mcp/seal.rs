//! A server's `requestState` on its way through a client: sealed, bound to caller and call, short-lived, given back once.
//!
//! ```text
//! server's state, the call that asked --seal--> opaque text -> client -> opaque text --open--> both, or a refusal
//! ```
//! AES-256-GCM under a random key of this process, so nothing sealed outlives it. What is bound stands inside: tool, grant,
//! digest of the arguments, the call that asked, expiry. Questions without a state of the server's are sealed as well: the
//! text is what ties answers to them. The nonce of each is remembered once it was given back (`seal/memory.rs`). Tests are at
//! the end.

mod memory;

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
use memory::{Memory, NonceBytes, NotTaken};

pub(super) use memory::Nonced;

/// What is sealed is only ever opened as what it is.
const ABOUT: &[u8] = b"checkrein/requestState/1";

/// Seals, opens, and remembers what was opened.
pub(super) struct Seal {
    key: RandomizedNonceKey,
    begun: Instant,
    memory: Mutex<Memory>,
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
    /// The call whose questions the server left the state with.
    call: String,
    /// Milliseconds of this process' life.
    until: u64,
    state: Option<String>,
    about: About,
}

/// What a state was sealed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum About {
    /// Questions that the call's tool asks.
    Questions,
    /// People who decide about the call elsewhere.
    People,
}

/// A state that was given back.
#[derive(Debug)]
pub(super) struct Opened {
    /// The call that asked.
    pub(super) call: CallId,
    /// What the server left with its questions, if it did.
    pub(super) state: Option<String>,
    pub(super) about: About,
    named: Nonced,
}

impl Seal {
    /// With a fresh key; none if this machine gives no random numbers.
    pub(super) fn new() -> Option<Self> {
        let mut key = [0_u8; 32];
        rand::fill(&mut key).ok()?;
        let key = RandomizedNonceKey::new(&AES_256_GCM, &key).ok()?;
        Some(Self { key, begun: Instant::now(), memory: Mutex::default() })
    }

    /// Remembers the state that a server left with its questions; the caller's oldest give way. False if it is too long.
    pub(super) fn keep(&self, of: (CallId, GrantId), state: String) -> bool {
        if state.len() > limits::MCP_STATE_BYTES_MAX {
            return false;
        }
        let now = Instant::now();
        self.lock().keep(of, state, (now, now + limits::QUESTION_ANSWERED_WITHIN));
        true
    }

    /// The sealed form of this call and of the state that the server left with its questions, if it left one.
    pub(super) fn sealed(&self, call: CallId, belongs: &Belongs) -> Option<String> {
        let state = self.kept(call);
        self.seal(belongs, (call, state, About::Questions), limits::QUESTION_ANSWERED_WITHIN)
    }

    /// The sealed form of a call that waits for people.
    pub(super) fn sealed_for_people(&self, call: CallId, belongs: &Belongs) -> Option<String> {
        self.seal(belongs, (call, None, About::People), limits::MCP_LINK_WITHIN)
    }

    /// The state that the server left with this call's questions, for a client that never sees it.
    pub(super) fn kept(&self, call: CallId) -> Option<String> {
        self.lock().kept(call).map(str::to_owned)
    }

    fn seal(
        &self,
        belongs: &Belongs,
        (call, state, about): (CallId, Option<String>, About),
        within: Duration,
    ) -> Option<String> {
        let until = self.begun.elapsed() + within;
        let inside = Inside {
            grant: belongs.grant.to_string(),
            tool: belongs.tool.clone(),
            arguments: belongs.arguments.to_string(),
            call: call.to_string(),
            until: u64::try_from(until.as_millis()).ok()?,
            state,
            about,
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
        let call = inside.call.parse().map_err(|_| wrong())?;
        let now = Instant::now();
        let end = self.begun + Duration::from_millis(inside.until);
        if end <= now {
            return Err(invalid("`requestState` is too old; begin again without it"));
        }
        let named = Nonced { grant: belongs.grant, nonce };
        self.lock().take(named, (now, end)).map_err(|why| match why {
            NotTaken::Used => {
                invalid("`requestState` was given back before; begin again without it")
            }
            NotTaken::TooMany => {
                invalid("too many questions were answered lately; try again later")
            }
        })?;
        Ok(Opened { call, state: inside.state, about: inside.about, named })
    }

    /// The call did not run, and the same request comes again: the state may be given back once more.
    pub(super) fn give_back(&self, named: &Nonced) {
        self.lock().give_back(named);
    }

    fn unsealed(&self, sealed: &str) -> Option<(NonceBytes, Inside)> {
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

impl Opened {
    pub(super) const fn nonce(&self) -> Nonced {
        self.named
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
        assert!(seal.keep((call, belongs.grant), "theirs".to_owned()));
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
        assert_eq!(opened.state.as_deref(), Some("theirs"));
        assert_eq!(opened.call, CallId::new(uuid::Uuid::from_u128(1)));
        assert!(seal.open(&text, &mine).unwrap_err().message.contains("before"));
        seal.give_back(&opened.nonce());
        assert!(seal.open(&text, &mine).is_ok());
    }

    #[test]
    fn questions_without_a_state_of_the_servers_are_tied_to_their_call_too() {
        let seal = Seal::new().unwrap();
        let (mine, call) = (belongs(1, "a.b", "{}"), CallId::new(uuid::Uuid::from_u128(2)));
        let text = seal.sealed(call, &mine).unwrap();
        let opened = seal.open(&text, &mine).unwrap();
        assert_eq!((opened.call, opened.state.as_deref()), (call, None));
        assert!(seal.open(&text, &mine).is_err(), "answered once");
    }

    #[test]
    fn a_state_of_a_call_that_waits_for_people_says_so_and_opens_once() {
        let seal = Seal::new().unwrap();
        let (mine, call) = (belongs(1, "a.b", "{}"), CallId::new(uuid::Uuid::from_u128(2)));
        let text = seal.sealed_for_people(call, &mine).unwrap();
        for other in [belongs(2, "a.b", "{}"), belongs(1, "a.c", "{}"), belongs(1, "a.b", "[]")] {
            assert!(seal.open(&text, &other).is_err());
        }
        let opened = seal.open(&text, &mine).unwrap();
        assert_eq!((opened.call, opened.about), (call, About::People));
        assert!(seal.open(&text, &mine).unwrap_err().message.contains("before"));
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
    fn a_state_that_is_too_long_is_not_kept() {
        let seal = Seal::new().unwrap();
        let (call, grant) = (CallId::new(uuid::Uuid::from_u128(1)), belongs(1, "a.b", "{}").grant);
        let state = "x".repeat(limits::MCP_STATE_BYTES_MAX);
        assert!(!seal.keep((call, grant), format!("{state}x")) && seal.kept(call).is_none());
        assert!(seal.keep((call, grant), state) && seal.kept(call).is_some());
    }

    #[test]
    fn an_old_state_is_refused() {
        let seal = Seal::new().unwrap();
        let mine = belongs(1, "a.b", "{}");
        let call = CallId::new(uuid::Uuid::from_u128(1));
        let text = seal.seal(&mine, (call, None, About::Questions), Duration::ZERO).unwrap();
        assert!(seal.open(&text, &mine).unwrap_err().message.contains("too old"));
    }
}
