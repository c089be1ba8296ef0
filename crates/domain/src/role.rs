//! What people may do: roles, the rights they give, groups of approvers, and how sure we are who it is.
//!
//! A right is what is asked for; a role is what a person is given. Which route needs which right stands in one table of
//! the server; the gate asks for the same rights again. Tests: `tests/it/main.rs`.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use crate::contract::words;
use crate::{Name, NameError};

/// What a person is. One person may be several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Looks.
    Viewer,
    /// Stops, takes back, settles doubt, raises budgets, restarts servers, ends runs.
    Operator,
    /// Decides what is held, and reviews what was done.
    Approver,
    /// Says what tools do and what rules hold.
    PolicyAuthor,
    /// Exports, verifies, replays, and reads every entry.
    Auditor,
    /// Everything, and alone: people, keys, grants, modes.
    Admin,
}

/// What can be asked of somebody before something is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Right {
    /// To look at what goes on.
    See,
    /// To stop, take back, settle, raise, restart.
    Operate,
    /// To decide what is held and review what was done.
    Decide,
    /// To say what tools do and what rules hold.
    WritePolicy,
    /// To export, verify, replay, and read every entry.
    Audit,
    /// To give and take rights, and to switch what all share.
    Administer,
}

impl Role {
    /// Whether this role gives a right. Everybody may look; an admin may do everything.
    pub const fn gives(self, right: Right) -> bool {
        match self {
            Self::Viewer => matches!(right, Right::See),
            Self::Operator => matches!(right, Right::See | Right::Operate),
            Self::Approver => matches!(right, Right::See | Right::Decide),
            Self::PolicyAuthor => matches!(right, Right::See | Right::WritePolicy),
            Self::Auditor => matches!(right, Right::See | Right::Audit),
            Self::Admin => true,
        }
    }

    const fn bit(self) -> u8 {
        match self {
            Self::Viewer => 1,
            Self::Operator => 2,
            Self::Approver => 4,
            Self::PolicyAuthor => 8,
            Self::Auditor => 16,
            Self::Admin => 32,
        }
    }
}

impl Right {
    /// The role that is given for this right alone.
    pub const fn role(self) -> Role {
        match self {
            Self::See => Role::Viewer,
            Self::Operate => Role::Operator,
            Self::Decide => Role::Approver,
            Self::WritePolicy => Role::PolicyAuthor,
            Self::Audit => Role::Auditor,
            Self::Administer => Role::Admin,
        }
    }
}

/// The roles of one person. Shown joined: `operator+approver`; `none` where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Roles(u8);

impl Roles {
    /// No role: such a person may do nothing.
    pub const NONE: Self = Self(0);

    /// Exactly these.
    pub const fn of(roles: &[Role]) -> Self {
        let mut bits = 0;
        let mut rest = roles;
        while let [role, others @ ..] = rest {
            bits |= role.bit();
            rest = others;
        }
        Self(bits)
    }

    /// Whether a role is among them.
    pub const fn has(self, role: Role) -> bool {
        self.0 & role.bit() != 0
    }

    /// Whether one of them gives a right.
    pub fn allow(self, right: Right) -> bool {
        self.iter().any(|role| role.gives(right))
    }

    /// Each of them, in the order of their declaration.
    pub fn iter(self) -> impl Iterator<Item = Role> {
        Role::ALL.iter().copied().filter(move |role| self.has(*role))
    }

    /// What both give: an admin may do everything, so the other's roles count.
    #[must_use]
    pub fn common(self, other: Self) -> Self {
        match (self.has(Role::Admin), other.has(Role::Admin)) {
            (true, _) => other,
            (false, true) => self,
            (false, false) => Self(self.0 & other.0),
        }
    }

    /// Every right that they give.
    pub fn rights(self) -> impl Iterator<Item = Right> {
        Right::ALL.iter().copied().filter(move |right| self.allow(*right))
    }

    /// The roles that one word meant while a key had exactly one role, each with the rights of those before it.
    pub fn of_old_word(word: &str) -> Option<Self> {
        OLD.iter().find(|(known, _)| *known == word).map(|(_, roles)| *roles)
    }

    /// The old word for exactly these roles, if there was one. Entries of that time keep their bytes by it.
    pub fn old_word(self) -> Option<&'static str> {
        OLD.iter().find(|(_, roles)| *roles == self).map(|(word, _)| *word)
    }
}

const OLD: [(&str, Roles); 3] = [
    ("auditor", Roles::of(&[Role::Auditor])),
    ("operator", Roles::of(&[Role::Operator, Role::Approver, Role::Auditor])),
    ("admin", Roles::of(&[Role::Admin])),
];

impl FromIterator<Role> for Roles {
    fn from_iter<I: IntoIterator<Item = Role>>(roles: I) -> Self {
        Self(roles.into_iter().fold(0, |bits, role| bits | role.bit()))
    }
}

impl fmt::Display for Roles {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::NONE {
            return out.write_str("none");
        }
        for (place, role) in self.iter().enumerate() {
            let joint = if place == 0 { "" } else { "+" };
            write!(out, "{joint}{role}")?;
        }
        Ok(())
    }
}

/// Why a text names no roles.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no role; expected some of `viewer`, `operator`, `approver`, `policy_author`, `auditor`, `admin`, joined by `+`"
)]
pub struct RolesError(String);

impl FromStr for Roles {
    type Err = RolesError;

    fn from_str(text: &str) -> Result<Self, RolesError> {
        if text == "none" {
            return Ok(Self::NONE);
        }
        let wrong = |word: &str| RolesError(word.chars().take(80).collect());
        text.split('+').map(|word| Role::from_word(word).ok_or_else(|| wrong(word))).collect()
    }
}

/// How sure we are that it is this person, now. Ordered: each is surer than those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Assurance {
    /// Somebody holds an operator key.
    Key,
    /// Somebody logged in: by an issuer, a one-time link or a recovery code.
    Session,
    /// Somebody used a passkey and was verified by it, within `limits::PASSKEY_FRESH`.
    Passkey,
}

/// In which groups of approvers somebody stands. Shown joined by spaces; `*` for every group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Groups {
    /// In every group: keys that were made without groups.
    All,
    /// In these alone.
    Named(BTreeSet<Name>),
}

impl Groups {
    /// In no group.
    pub const fn none() -> Self {
        Self::Named(BTreeSet::new())
    }

    /// Whether a group, as a policy writes it, is among them.
    pub fn hold(&self, group: &str) -> bool {
        match self {
            Self::All => true,
            Self::Named(names) => names.iter().any(|name| name.as_str() == group),
        }
    }

    /// Whether whoever stands in these stands in no further group than somebody of `others`.
    pub fn are_within(&self, others: &Self) -> bool {
        match (self, others) {
            (_, Self::All) => true,
            (Self::All, Self::Named(_)) => false,
            (Self::Named(own), Self::Named(others)) => own.is_subset(others),
        }
    }

    /// The named ones; none where it is every group.
    pub fn named(&self) -> Option<&BTreeSet<Name>> {
        match self {
            Self::All => None,
            Self::Named(names) => Some(names),
        }
    }
}

impl fmt::Display for Groups {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // No name has a star, so that a group named `all` is another thing.
            Self::All => out.write_str("*"),
            Self::Named(names) => {
                let names: Vec<&str> = names.iter().map(Name::as_str).collect();
                out.write_str(&names.join(" "))
            }
        }
    }
}

impl FromStr for Groups {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        if text == "*" {
            return Ok(Self::All);
        }
        let names = text.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
        Ok(Self::Named(names))
    }
}

words! {
    Role {
        Viewer = "viewer", Operator = "operator", Approver = "approver", PolicyAuthor = "policy_author",
        Auditor = "auditor", Admin = "admin",
    }
    Right {
        See = "see", Operate = "operate", Decide = "decide", WritePolicy = "write_policy", Audit = "audit",
        Administer = "administer",
    }
    Assurance { Key = "key", Session = "session", Passkey = "passkey" }
}
