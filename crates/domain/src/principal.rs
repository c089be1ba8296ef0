//! Who acts: tenant, human, agent and its parents; and the people who operate Checkrein.
//!
//! A chain names everybody on whose rights a call stands. It comes from the grant that a key names, never
//! from what a caller says of itself.

use std::fmt;

use crate::{Assurance, GrantId, Groups, KeyId, Name, Roles};

/// An agent: its name and the version that was granted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Agent {
    /// One identity per workflow and tenant.
    pub name: Name,
    /// The agent's own version, 1 to 64 characters.
    pub version: String,
}

impl fmt::Display for Agent {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}@{}", self.name, self.version)
    }
}

/// The person on whose behalf an agent acts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Human(pub Name);

/// A person who operates Checkrein, with a key or a session.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Operator {
    /// The tenant the operator belongs to.
    pub tenant: Name,
    /// The operator's name.
    pub name: Name,
    /// What the operator may do.
    pub roles: Roles,
    /// The groups of approvers that the operator stands in.
    pub groups: Groups,
    /// How sure we are that it is this person.
    pub assurance: Assurance,
    /// The key or session used.
    pub key: KeyId,
}

/// The tenant whose admins run the installation itself and may act for other tenants.
pub const HOME_TENANT: &str = "local";

impl Operator {
    /// Whether this operator may give or take rights in a tenant: the own one, or any for those who run
    /// the installation.
    pub fn reaches(&self, tenant: &Name) -> bool {
        self.tenant == *tenant || self.runs_installation()
    }

    /// Whether this operator may change what all tenants share: modes, stops of tools and of everything.
    pub fn runs_installation(&self) -> bool {
        self.tenant.as_str() == HOME_TENANT
    }
}

/// Everybody on whose rights a call stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PrincipalChain {
    /// The tenant.
    pub tenant: Name,
    /// On whose behalf.
    pub human: Human,
    /// Who acts.
    pub agent: Agent,
    /// The agents that handed the work down, nearest first. Empty for a root grant.
    pub parents: Vec<Agent>,
}

/// A known caller: a chain and the grant and key that prove it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Who.
    pub chain: PrincipalChain,
    /// By which rights.
    pub grant: GrantId,
    /// With which key.
    pub key: KeyId,
}
