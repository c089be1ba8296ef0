//! Which person somebody of an outside service is: linked by an admin, and by nothing that the service or the person says.
//!
//! In: SHA-256 over the tenant and the service's own words for somebody. Out: the person with the roles and groups of now, as
//! sure as a key makes it: a decision that asks for a login or a passkey is not made there. Nobody can show here that an
//! account of the service is theirs, so nobody claims one; whoever has a link may drop it. Tests: `crates/sim/tests/it/people.rs`,
//! `crates/server/tests/it/outlets/`.

use domain::{Assurance, Digest, Event, KeyId, Name, Operator, Person, PersonState, Right};

use super::needs;
use crate::gate::Gate;
use crate::port::{Journal, World};
use crate::refusal::Refusal;

impl<J: Journal, W: World> Gate<J, W> {
    /// The person that somebody of a service is linked with, as an operator; none where nobody is, or the account is out of
    /// use.
    pub fn linked_with(&self, identity: Digest) -> Option<Operator> {
        let whose = self.people.identity(identity)?;
        self.acting(&whose.0, &whose.1)
    }

    /// A person as an operator who came by a signed message; none where the account is unknown or out of use.
    pub fn acting(&self, tenant: &Name, name: &Name) -> Option<Operator> {
        let person = self.person(tenant, name)?;
        match person.state {
            PersonState::Active => Some(operator(person)),
            PersonState::Disabled => None,
        }
    }

    /// Links an account with somebody of a service. Nothing proves whose account there it is, so an admin says it.
    ///
    /// # Errors
    /// A role below admin; an unknown person, or one with as many identities as there may be; an identity that is linked
    /// already; a session whose login is not fresh and sure.
    pub async fn link_person(
        &self,
        by: &Operator,
        (tenant, name): (&Name, &Name),
        (issuer, identity): (Name, Digest),
    ) -> Result<(), Refusal> {
        let _alone = self.people.change().await;
        // A session that was left open must not make itself a way to decide that stays.
        if self.session(by).is_some() {
            self.sure_login(by)?;
        }
        needs(by, Right::Administer)?;
        super::access::reaches(by, tenant)?;
        let person = self.known_person(tenant, name)?;
        if let Some((of, other)) = self.people.identity(identity) {
            // Whom another tenant has is nobody's business here.
            let with = if of == *tenant { format!("`{other}`") } else { "an account".to_owned() };
            let message = format!("this person of `{issuer}` is linked with {with} already");
            return Err(Refusal::conflict(message));
        }
        let whose = (person.tenant, person.name);
        self.link(&whose, (issuer, identity), by.name.clone()).await
    }

    /// Takes a link away: one's own, or by an admin somebody else's.
    ///
    /// # Errors
    /// An unknown person; an identity that is not linked with this person.
    pub async fn unlink_person(
        &self,
        by: &Operator,
        (tenant, name): (&Name, &Name),
        (issuer, identity): (Name, Digest),
    ) -> Result<(), Refusal> {
        let _alone = self.people.change().await;
        let Person { tenant, name, .. } = self.may_unlink(by, (tenant, name))?;
        let whose = (tenant.clone(), name.clone());
        if self.people.identity(identity).as_ref() != Some(&whose) {
            return Err(Refusal::not_found(format!(
                "link of `{name}` with this person of `{issuer}`"
            )));
        }
        let by = by.name.clone();
        let event = Event::PersonUnlinked { tenant, person: name, issuer, identity, by };
        // First in memory: whoever is shut out is shut out at once. What cannot be recorded is given back.
        self.people.drop_identity(identity);
        let entry = self.of_tenant(&whose.0, event);
        if let Err(error) = self.commit_all(vec![entry], Vec::new()).await {
            self.people.put_identity(identity, whose);
            return Err(error.into());
        }
        Ok(())
    }

    /// Whoever drops a link can do less afterwards: one's own everybody may.
    fn may_unlink(&self, by: &Operator, (tenant, name): (&Name, &Name)) -> Result<Person, Refusal> {
        super::access::reaches(by, tenant)?;
        if by.tenant != *tenant || by.name != *name {
            needs(by, Right::Administer)?;
        }
        self.known_person(tenant, name)
    }
}

fn operator(person: Person) -> Operator {
    let Person { tenant, name, roles, groups, .. } = person;
    let key = KeyId::new(uuid::Uuid::nil());
    Operator { tenant, name, roles, groups, assurance: Assurance::Key, key }
}
