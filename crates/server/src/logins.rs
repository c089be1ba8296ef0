//! Logins that are under way in browsers: what was asked, until it is answered once.
//!
//! In: a fresh text that only the browser gets (a challenge, a state). Out: what was meant with it, given once and only in
//! time. Nothing of it outlives the process.
//!
//! ```text
//! use of a passkey: nonce, time and their code; nothing is kept until a signature held, so nobody can push others out
//! anything else:    kept; a further one takes the place of the oldest of its kind
//! ```
//! Tests are at the end.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use aws_lc_rs::{hmac, rand};
use domain::{Code, Digest, KeyId, Name, limits};

use crate::passkey::{decode, encode};
use crate::rescue::{Refused, Result};

/// What an answer is waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Pending {
    /// A new passkey, in this session, to be called so.
    MakePasskey(KeyId, String),
    /// A person who was sent to an issuer.
    AtIssuer(AtIssuer),
}

/// What belongs to a person who was sent to an issuer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AtIssuer {
    pub(crate) issuer: Name,
    pub(crate) nonce: String,
    /// The secret of which the issuer got the digest (RFC 7636).
    pub(crate) verifier: String,
    /// SHA-256 of the cookie of the browser that began.
    pub(crate) browser: Digest,
    /// Where the issuer sends the person back.
    pub(crate) redirect: String,
    /// The session whose account is to be linked; none to log in.
    pub(crate) links: Option<KeyId>,
}

/// All of them.
pub(crate) struct Logins {
    begun: Instant,
    /// Of this process: says that a challenge is ours.
    key: hmac::Key,
    /// Challenges that a signature held for.
    answered: Mutex<VecDeque<(Digest, Instant)>>,
    /// Of people who are logged in, the oldest first.
    known: Queue,
    /// Of anybody.
    anybody: Queue,
}

type Queue = Mutex<VecDeque<(Digest, Instant, Pending)>>;

impl std::fmt::Debug for Logins {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Logins([redacted])")
    }
}

/// Bytes of a challenge before its code: 16 at random, 8 of the time in milliseconds since the process began.
const STAMP_BYTES: usize = 24;

impl Logins {
    /// # Errors
    /// A system without random bits.
    pub(crate) fn new() -> Result<Self> {
        let mut bits = [0_u8; 32];
        fill(&mut bits)?;
        Ok(Self {
            begun: Instant::now(),
            key: hmac::Key::new(hmac::HMAC_SHA256, &bits),
            answered: Mutex::default(),
            known: Mutex::default(),
            anybody: Mutex::default(),
        })
    }

    /// A challenge for the use of a passkey.
    pub(crate) fn challenge(&self) -> Result<String> {
        let mut stamp = [0_u8; STAMP_BYTES];
        let (nonce, time) = stamp.split_at_mut(16);
        fill(nonce)?;
        let since = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        time.copy_from_slice(&since.to_be_bytes());
        let code = hmac::sign(&self.key, &stamp);
        Ok(encode(&[&stamp, code.as_ref()].concat()))
    }

    /// Whether a challenge is ours and still in time.
    pub(crate) fn is_ours(&self, challenge: &str) -> bool {
        let bytes = decode(challenge).unwrap_or_default();
        let Some((stamp, code)) = bytes.split_at_checked(STAMP_BYTES) else { return false };
        let time = stamp.last_chunk().map(|time| u64::from_be_bytes(*time));
        let ours = hmac::verify(&self.key, stamp, code).is_ok();
        let within = |begun: u64| {
            let begun = std::time::Duration::from_millis(begun);
            self.begun.elapsed().saturating_sub(begun) < limits::LOGIN_WITHIN
        };
        ours && time.is_some_and(within)
    }

    /// Takes a challenge whose signature held; false a second time.
    pub(crate) fn answer(&self, challenge: &str) -> bool {
        let (known, now) = (contract::digest(challenge.as_bytes()), Instant::now());
        let mut all = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|(_, at)| now.duration_since(*at) < limits::LOGIN_WITHIN);
        if all.len() >= limits::LOGINS_PENDING_MAX || all.iter().any(|(each, _)| *each == known) {
            return false;
        }
        all.push_back((known, now));
        true
    }

    /// Waits for an answer, and gives the text that the answer must name.
    pub(crate) fn begin(&self, pending: Pending) -> Result<String> {
        let text = random()?;
        let mut all = self.queue(&pending).lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= limits::LOGINS_PENDING_MAX {
            all.pop_front();
        }
        all.push_back((contract::digest(text.as_bytes()), Instant::now(), pending));
        Ok(text)
    }

    /// What was meant with this text; none a second time, or too late.
    pub(crate) fn take(&self, text: &str) -> Option<Pending> {
        let (wanted, now) = (contract::digest(text.as_bytes()), Instant::now());
        [&self.known, &self.anybody].into_iter().find_map(|queue| {
            let mut all = queue.lock().unwrap_or_else(PoisonError::into_inner);
            all.retain(|(_, begun, _)| now.duration_since(*begun) < limits::LOGIN_WITHIN);
            let place = all.iter().position(|(known, ..)| *known == wanted)?;
            all.remove(place).map(|(_, _, pending)| pending)
        })
    }

    /// Whoever is not logged in pushes nobody out who is.
    fn queue(&self, pending: &Pending) -> &Queue {
        match pending {
            Pending::AtIssuer(AtIssuer { links: None, .. }) => &self.anybody,
            Pending::AtIssuer(AtIssuer { links: Some(_), .. }) | Pending::MakePasskey(..) => {
                &self.known
            }
        }
    }
}

/// 256 random bits as text.
pub(crate) fn random() -> Result<String> {
    let mut bits = [0_u8; 32];
    fill(&mut bits)?;
    Ok(encode(&bits))
}

fn fill(bits: &mut [u8]) -> Result<()> {
    rand::fill(bits).map_err(|_| {
        let message = "the system gave no random bits";
        Refused::new(Code::Internal, message, "try again; see the server's log")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(title: &str) -> Pending {
        Pending::MakePasskey(KeyId::new(uuid::Uuid::nil()), title.to_owned())
    }

    #[test]
    fn an_answer_is_taken_once_and_the_oldest_give_way() {
        let logins = Logins::new().unwrap();
        let first = logins.begin(wanted("a")).unwrap();
        assert_eq!(logins.take("made up"), None);
        assert_eq!(logins.take(&first), Some(wanted("a")));
        assert_eq!(logins.take(&first), None);
        let oldest = logins.begin(wanted("a")).unwrap();
        for _ in 0..limits::LOGINS_PENDING_MAX {
            logins.begin(wanted("b")).unwrap();
        }
        assert_eq!(logins.take(&oldest), None);
    }

    #[test]
    fn a_flood_of_strangers_pushes_nobody_out() {
        let logins = Logins::new().unwrap();
        let (passkey, new) = (logins.challenge().unwrap(), logins.begin(wanted("a")).unwrap());
        let stranger = AtIssuer {
            issuer: "corp".parse().unwrap(),
            nonce: String::new(),
            verifier: String::new(),
            browser: contract::digest(b""),
            redirect: String::new(),
            links: None,
        };
        for _ in 0..=limits::LOGINS_PENDING_MAX {
            logins.challenge().unwrap();
            logins.begin(Pending::AtIssuer(stranger.clone())).unwrap();
        }
        assert!(logins.is_ours(&passkey));
        assert_eq!(logins.take(&new), Some(wanted("a")));
    }

    #[test]
    fn a_challenge_is_ours_and_is_answered_once() {
        let logins = Logins::new().unwrap();
        let challenge = logins.challenge().unwrap();
        let mut bytes = decode(&challenge).unwrap();
        bytes[20] ^= 1;
        for other in ["", "AA", &encode(&bytes), &Logins::new().unwrap().challenge().unwrap()] {
            assert!(!logins.is_ours(other), "{other}");
        }
        assert!(logins.is_ours(&challenge));
        assert!(logins.answer(&challenge));
        assert!(!logins.answer(&challenge));
    }
}
