//! Logins that are under way in browsers: what was asked, until it is answered once.
//!
//! In: a fresh text that only the browser gets (a challenge, a state). Out: what was meant with it, given once and only in
//! time. Bounded: a further one takes the place of the oldest. Nothing of it outlives the process. Tests are at the end.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use aws_lc_rs::rand;
use domain::{Code, Digest, KeyId, Name, limits};

use crate::passkey::encode;
use crate::rescue::{Refused, Result};

/// What an answer is waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Pending {
    /// The use of a passkey, to log in.
    UsePasskey,
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

/// All of them, the oldest first.
#[derive(Debug, Default)]
pub(crate) struct Logins(Mutex<VecDeque<(Digest, Instant, Pending)>>);

impl Logins {
    /// Waits for an answer, and gives the text that the answer must name.
    pub(crate) fn begin(&self, pending: Pending) -> Result<String> {
        let text = random()?;
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= limits::LOGINS_PENDING_MAX {
            all.pop_front();
        }
        all.push_back((contract::digest(text.as_bytes()), Instant::now(), pending));
        Ok(text)
    }

    /// What was meant with this text; none a second time, or too late.
    pub(crate) fn take(&self, text: &str) -> Option<Pending> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        all.retain(|(_, begun, _)| now.duration_since(*begun) < limits::LOGIN_WITHIN);
        let wanted = contract::digest(text.as_bytes());
        let place = all.iter().position(|(known, ..)| *known == wanted)?;
        all.remove(place).map(|(_, _, pending)| pending)
    }
}

/// 256 random bits as text.
pub(crate) fn random() -> Result<String> {
    let mut bits = [0_u8; 32];
    rand::fill(&mut bits).map_err(|_| {
        let message = "the system gave no random bits";
        Refused::new(Code::Internal, message, "try again; see the server's log")
    })?;
    Ok(encode(&bits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_taken_once_and_the_oldest_give_way() {
        let logins = Logins::default();
        let first = logins.begin(Pending::UsePasskey).unwrap();
        assert_eq!(logins.take("made up"), None);
        assert_eq!(logins.take(&first), Some(Pending::UsePasskey));
        assert_eq!(logins.take(&first), None);
        let oldest = logins.begin(Pending::UsePasskey).unwrap();
        for _ in 0..limits::LOGINS_PENDING_MAX {
            logins.begin(Pending::UsePasskey).unwrap();
        }
        assert_eq!(logins.take(&oldest), None);
    }
}
