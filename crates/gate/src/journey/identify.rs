//! Who acts: a secret or a verified token becomes a known caller, or nothing.
//!
//! A key names a grant or an operator, a session a person, a token an agent with one grant; neither carries rights of its own. Keys are compared by the SHA-256 of
//! their 256 random bits, so no time is spent that would depend on a stored secret.

use std::sync::Arc;

use domain::{Assurance, Caller, Code, Grant, GrantId, KeyHolder, KeyId, Operator, PersonState};

use crate::gate::Gate;
use crate::port::{Journal, World};
use crate::refusal::{Credential, Refusal, Secret, VerifiedAgent};
use crate::state::directory::LiveGrant;

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
    /// Finds out who somebody is: the holder of a key, or an agent that a verified token names.
    ///
    /// # Errors
    /// `NotAuthenticated` for an unknown or revoked key, for a token that is over, and for a grant that no longer holds.
    /// All look alike. `NotAllowed` for a token whose agent has no grant, or several.
    #[expect(
        clippy::unused_async,
        reason = "keys of other processes will be looked up in the store"
    )]
    pub async fn identify(
        &self,
        who: impl Into<Credential<'_>> + Send,
    ) -> Result<Identity, Refusal> {
        match who.into() {
            Credential::Key(secret) => self.holder(secret),
            Credential::Verified(agent) => self.named(agent).map(Identity::Agent),
        }
    }

    fn holder(&self, secret: &Secret) -> Result<Identity, Refusal> {
        let Some(key) = self.directory.key(secret.verifier()) else {
            return self.by_session(secret).map(Identity::Operator).ok_or_else(unknown);
        };
        match key.holder {
            KeyHolder::Operator { tenant, name, roles, groups } => {
                // A disabled person has no other way in.
                let person = self.person(&tenant, &name);
                if person.as_ref().is_some_and(|person| person.state == PersonState::Disabled) {
                    return Err(unknown());
                }
                // Nor may a key do more than the person may by now.
                let roles = person.map_or(roles, |person| roles.common(person.roles));
                let assurance = Assurance::Key;
                let key = key.id;
                Ok(Identity::Operator(Operator { tenant, name, roles, groups, assurance, key }))
            }
            KeyHolder::Grant { grant, .. } => {
                let live = self.live_grant(grant).ok_or_else(unknown)?;
                Ok(Identity::Agent(Caller { chain: live.grant.chain.clone(), grant, key: key.id }))
            }
        }
    }

    /// A grant by which an agent may act now.
    pub(crate) fn live_grant(&self, grant: GrantId) -> Option<Arc<LiveGrant>> {
        self.directory.grant(grant).filter(|live| self.holds(&live.grant))
    }

    /// Whether an agent may act by a grant: in its time, and as long as the person for whom it acts is one here.
    fn holds(&self, grant: &Grant) -> bool {
        let person = self.person(&grant.chain.tenant, &grant.chain.human.0);
        let gone = person.is_some_and(|person| person.state == PersonState::Disabled);
        grant.holds(self.world.now()) && !gone
    }

    /// The one grant that a token's agent has. A token names no grant, so with several nobody knows which rights are meant.
    fn named(&self, token: &VerifiedAgent) -> Result<Caller, Refusal> {
        let now = self.world.now();
        if token.until <= now {
            return Err(unknown());
        }
        let VerifiedAgent { tenant, agent, .. } = token;
        let own = |grant: &Grant| {
            let agents = grant.chain.tenant == *tenant && grant.chain.agent.name == *agent;
            agents && self.holds(grant)
        };
        let grants = self.directory.grants_that(own);
        let refused = |has: String, fix: &str| {
            let message = format!("the agent `{agent}` that the token names has {has}");
            Err(Refusal::new(Code::NotAllowed, message, fix))
        };
        match &*grants {
            [live] => Ok(Caller {
                chain: live.grant.chain.clone(),
                grant: live.grant.id,
                key: KeyId::new(uuid::Uuid::nil()),
            }),
            [] => refused(
                format!("no grant in the tenant `{tenant}`"),
                "ask an operator for a grant to this agent",
            ),
            several => refused(
                format!("{} grants, and a token does not say which", several.len()),
                "use a key of one of them, or ask an operator to revoke all but one",
            ),
        }
    }
}

fn unknown() -> Refusal {
    Refusal::new(
        Code::NotAuthenticated,
        "no key, or a key that is unknown or revoked",
        "send `Authorization: Bearer <key>` with a key from `checkrein keys`",
    )
}
