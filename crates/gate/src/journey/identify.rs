//! Who acts: a secret becomes a known caller, or nothing.
//!
//! A key names a grant or an operator; it carries no rights of its own. Keys are compared by the SHA-256 of
//! their 256 random bits, so no time is spent that would depend on a stored secret.

use domain::{Caller, Code, KeyHolder, Operator};

use crate::gate::Gate;
use crate::port::{Journal, World};
use crate::refusal::{Refusal, Secret};

/// Whoever holds a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// An agent with its grant.
    Agent(Caller),
    /// A person who operates this installation.
    Operator(Operator),
}

impl Identity {
    /// The agent, if it is one. An operator proposes no calls.
    pub fn agent(self) -> Result<Caller, Refusal> {
        match self {
            Self::Agent(caller) => Ok(caller),
            Self::Operator(_) => Err(Refusal::new(
                Code::NotAllowed,
                "an operator key cannot propose calls",
                "use an agent key; `checkrein keys new` makes one",
            )),
        }
    }

    /// The operator, if it is one. An agent never decides, stops or undoes.
    pub fn operator(self) -> Result<Operator, Refusal> {
        match self {
            Self::Operator(operator) => Ok(operator),
            Self::Agent(_) => Err(Refusal::new(
                Code::NotAllowed,
                "an agent key cannot do this; it needs a person with an operator key",
                "ask an operator",
            )),
        }
    }
}

impl<J: Journal, W: World> Gate<J, W> {
    /// Finds out who holds a secret.
    ///
    /// # Errors
    /// `NotAuthenticated` for an unknown or revoked key and for a grant that no longer holds. All look alike.
    #[expect(
        clippy::unused_async,
        reason = "keys of other processes will be looked up in the store"
    )]
    pub async fn identify(&self, secret: &Secret) -> Result<Identity, Refusal> {
        let unknown = || {
            Refusal::new(
                Code::NotAuthenticated,
                "no key, or a key that is unknown or revoked",
                "send `Authorization: Bearer <key>` with a key from `checkrein keys`",
            )
        };
        let key = self.directory.key(secret.verifier()).ok_or_else(unknown)?;
        match key.holder {
            KeyHolder::Operator { tenant, name, role } => {
                Ok(Identity::Operator(Operator { tenant, name, role, key: key.id }))
            }
            KeyHolder::Grant { grant, .. } => {
                let live = self.directory.grant(grant).ok_or_else(unknown)?;
                if !live.grant.holds(self.world.now()) {
                    return Err(unknown());
                }
                Ok(Identity::Agent(Caller { chain: live.grant.chain.clone(), grant, key: key.id }))
            }
        }
    }
}
