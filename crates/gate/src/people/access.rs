//! Who may act: grants and keys, given and taken back by an admin.
//!
//! Only digests of secrets are kept. What is taken back stops working at once, in memory and in the store.

use domain::{
    Code, Event, Grant, GrantId, GrantState, Groups, KeyHolder, KeyId, Name, Operator,
    PrincipalChain, Right, Rights, Role, Roles, Timestamp,
};

use super::needs;
use crate::gate::Gate;
use crate::port::{Journal, World};
use crate::refusal::{Refusal, Secret};
use crate::runs::state_is;
use crate::state::directory::Key;
use crate::table::Table;

/// What is asked for with a grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantAsk {
    /// Whom it lets act.
    pub chain: PrincipalChain,
    /// What it allows.
    pub rights: Rights,
    /// When it ends by itself.
    pub expires: Option<Timestamp>,
}

/// Another tenant's rights look as if they were not there.
pub(super) fn reaches(by: &Operator, tenant: &Name) -> Result<(), Refusal> {
    if by.reaches(tenant) { Ok(()) } else { Err(Refusal::not_found(format!("tenant `{tenant}`"))) }
}

impl<J: Journal, W: World> Gate<J, W> {
    /// Gives a root grant.
    ///
    /// # Errors
    /// A role below admin; rights that name a space or workflow that does not exist.
    pub async fn give_grant(&self, by: &Operator, ask: GrantAsk) -> Result<Grant, Refusal> {
        needs(by, Right::Administer)?;
        reaches(by, &ask.chain.tenant)?;
        let version = &ask.chain.agent.version;
        let plain =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'+');
        if version.is_empty() || version.len() > 64 || !version.bytes().all(plain) {
            let message = "an agent's version has 1 to 64 letters, digits, `.`, `-`, `_` or `+`";
            return Err(Refusal::new(Code::InvalidRequest, message, "give another version"));
        }
        let bad_tool = |tool: &&String| {
            tool.is_empty() || tool.len() > 130 || tool.chars().any(char::is_whitespace)
        };
        if ask.rights.tools.iter().any(|tool| bad_tool(&tool)) {
            let message = "a tool pattern is a tool's name, a prefix with `.*`, or `*`";
            return Err(Refusal::new(Code::InvalidRequest, message, "correct the list of tools"));
        }
        if let Some(space) = ask.rights.spaces.iter().find(|space| self.space(space).is_none()) {
            return Err(Refusal::not_found(format!("space `{space}`")));
        }
        if let Some(name) = ask.rights.workflows.iter().find(|name| self.workflow(name).is_none()) {
            return Err(Refusal::not_found(format!("workflow `{name}`")));
        }
        let GrantAsk { chain, rights, expires } = ask;
        let id = GrantId::new(self.world.fresh());
        let grant = Grant { id, chain, rights, expires, state: GrantState::Active };
        let event = Event::GrantGiven { grant: grant.clone(), by: by.name.clone() };
        self.commit_one((None, event), Vec::new()).await?;
        self.directory.put_grant(grant.clone());
        Ok(grant)
    }

    /// Takes a grant back. Its keys stop working at once; its held calls can no longer run.
    ///
    /// # Errors
    /// A grant that does not hold, or of another tenant.
    pub async fn revoke_grant(
        &self,
        by: &Operator,
        grant: GrantId,
        reason: String,
    ) -> Result<(), Refusal> {
        needs(by, Right::Administer)?;
        let reason = self.said(&reason)?;
        let live = self.directory.grant(grant).filter(|live| by.reaches(&live.grant.chain.tenant));
        let live = live.ok_or_else(|| Refusal::not_found(grant))?;
        let guard = state_is(Table::Grants, grant.to_string(), GrantState::Active.word());
        let event = Event::GrantRevoked { grant, by: by.name.clone(), reason };
        self.commit_one((None, event), vec![guard]).await?;
        self.directory.put_grant(Grant { state: GrantState::Revoked, ..live.grant.clone() });
        Ok(())
    }

    /// Makes a key for an agent's grant or for a person. Only SHA-256 of the secret is kept.
    ///
    /// # Errors
    /// A role below admin, a grant that does not hold, or a secret that is in use.
    pub async fn make_key(
        &self,
        by: &Operator,
        holder: KeyHolder,
        secret: &Secret,
    ) -> Result<KeyId, Refusal> {
        needs(by, Right::Administer)?;
        let (KeyHolder::Grant { tenant, .. } | KeyHolder::Operator { tenant, .. }) = &holder;
        reaches(by, tenant)?;
        if let KeyHolder::Grant { tenant, grant } = &holder {
            let own = |live: &Grant| live.chain.tenant == *tenant && live.holds(self.world.now());
            let live = self.directory.grant(*grant).filter(|live| own(&live.grant));
            live.ok_or_else(|| Refusal::not_found(grant))?;
        }
        self.add_key(by.name.clone(), holder, secret).await
    }

    /// Makes the first operator key of an installation.
    ///
    /// # Errors
    /// When there is an operator key already.
    pub async fn first_operator(
        &self,
        tenant: Name,
        name: Name,
        secret: &Secret,
    ) -> Result<KeyId, Refusal> {
        if self.directory.has_operator() {
            return Err(Refusal::conflict("there is an operator key already"));
        }
        let roles = Roles::of(&[Role::Admin]);
        let holder = KeyHolder::Operator { tenant, name: name.clone(), roles, groups: Groups::All };
        self.add_key(name, holder, secret).await
    }

    async fn add_key(
        &self,
        by: Name,
        holder: KeyHolder,
        secret: &Secret,
    ) -> Result<KeyId, Refusal> {
        let verifier = secret.verifier();
        if self.directory.key(verifier).is_some() {
            return Err(Refusal::conflict("this secret is in use"));
        }
        let key = KeyId::new(self.world.fresh());
        let event = Event::KeyMade { key, holder: holder.clone(), verifier, by };
        self.commit_one((None, event), Vec::new()).await?;
        self.directory.add_key(verifier, Key { id: key, holder });
        Ok(key)
    }

    /// Revokes a key at once.
    ///
    /// # Errors
    /// A key that is unknown, revoked, or of another tenant.
    pub async fn revoke_key(
        &self,
        by: &Operator,
        key: KeyId,
        reason: String,
    ) -> Result<(), Refusal> {
        needs(by, Right::Administer)?;
        let reason = self.said(&reason)?;
        let record = self.journal.read(Table::Keys, &key.to_string()).await?;
        let record = record
            .filter(|record| record.text("tenant").parse().is_ok_and(|tenant| by.reaches(&tenant)));
        record.ok_or_else(|| Refusal::not_found(key))?;
        let guard = state_is(Table::Keys, key.to_string(), "active");
        let event = Event::KeyRevoked { key, by: by.name.clone(), reason };
        self.commit_one((None, event), vec![guard]).await?;
        self.directory.drop_key(key);
        Ok(())
    }
}
