//! People with accounts: who they are, what they log in with, and their sessions.
//!
//! A person is the one who holds operator keys of the same name and tenant. Nothing here is a secret: of links, recovery
//! codes and sessions only digests are kept, of a passkey its public key.

use crate::contract::words;
use crate::{Groups, Name, Roles};

/// Somebody with an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The tenant.
    pub tenant: Name,
    /// The name, one in the tenant.
    pub name: Name,
    /// What the person may do.
    pub roles: Roles,
    /// The groups of approvers that the person stands in.
    pub groups: Groups,
    /// Whether the account can be used.
    pub state: PersonState,
}

/// Whether an account can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PersonState {
    /// It can.
    Active,
    /// It cannot, and neither can keys of that name.
    Disabled,
}

/// A passkey: a key pair of which the private half stays with the person's device (WebAuthn).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passkey {
    /// The credential's id, base64url. One in the installation.
    pub id: String,
    /// Whose tenant.
    pub tenant: Name,
    /// Whose.
    pub person: Name,
    /// What the person calls it.
    pub title: String,
    /// The public key as a `COSE_Key`, base64url.
    pub public_key: String,
    /// How often it was used, as it says itself; zero where it does not count.
    pub counter: u32,
}

/// A passkey that was just used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasskeyUse {
    /// Which.
    pub passkey: String,
    /// Its counter now.
    pub counter: u32,
}

/// How somebody logged in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Login {
    /// With a passkey that verified the person.
    Passkey,
    /// At an issuer (OpenID Connect).
    Issuer,
    /// With a one-time link.
    Link,
    /// With a recovery code.
    RecoveryCode,
}

/// What opens a session once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TicketKind {
    /// A one-time link.
    Link,
    /// A recovery code.
    RecoveryCode,
}

impl TicketKind {
    /// How somebody logs in with it.
    pub const fn login(self) -> Login {
        match self {
            Self::Link => Login::Link,
            Self::RecoveryCode => Login::RecoveryCode,
        }
    }
}

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SessionEnd {
    /// The person logged out.
    LoggedOut,
    /// A newer session of the person took its place.
    Replaced,
    /// It was not used for too long.
    Idle,
    /// Its time was over.
    TimedOut,
    /// The person was disabled.
    Disabled,
}

words! {
    PersonState { Active = "active", Disabled = "disabled" }
    Login { Passkey = "passkey", Issuer = "issuer", Link = "link", RecoveryCode = "recovery_code" }
    TicketKind { Link = "link", RecoveryCode = "recovery_code" }
    SessionEnd {
        LoggedOut = "logged_out", Replaced = "replaced", Idle = "idle", TimedOut = "timed_out",
        Disabled = "disabled",
    }
}
