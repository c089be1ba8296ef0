//! Accounts of people: made, changed, linked with issuers, invited. By admins; the first one by the installation itself.
//!
//! In: an operator and what is asked for. Out: the account as it stands then, journalled. Disabling somebody ends all
//! sessions in the same commit, and keys of that name hold no more. Logging in is in `logins.rs`. Tests:
//! `sim/tests/it/people.rs`.

use std::time::Duration;

use domain::{
    Code, Digest, Entry, Event, Groups, Name, Operator, Person, PersonState, Right, Role, Roles,
    SessionEnd, TicketKind, Timestamp, limits,
};

use super::needs;
use crate::commit::Guard;
use crate::gate::Gate;
use crate::port::{Journal, World};
use crate::projection::person_key;
use crate::refusal::{Refusal, Secret};
use crate::runs::state_is;
use crate::state::people::{Ticket, Whose};
use crate::table::Table;

/// What is asked for with an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonAsk {
    /// The tenant.
    pub tenant: Name,
    /// The name.
    pub name: Name,
    /// What the person may do.
    pub roles: Roles,
    /// The groups of approvers that the person stands in.
    pub groups: Groups,
}

/// What is changed of an account; what is not given stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PersonChange {
    /// What the person may do.
    pub roles: Option<Roles>,
    /// The groups of approvers that the person stands in.
    pub groups: Option<Groups>,
    /// Whether the account can be used.
    pub state: Option<PersonState>,
}

/// Somebody as a configured issuer names them, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outside {
    /// The issuer, as the configuration calls it.
    pub issuer: Name,
    /// SHA-256 of the issuer's address and its word for the person.
    pub identity: Digest,
    /// Where such people belong.
    pub tenant: Name,
    /// What the issuer would call the person here; none where its word is no name.
    pub name: Option<Name>,
    /// The roles that the issuer's claims give; none where it gives none.
    pub roles: Option<Roles>,
    /// The groups likewise.
    pub groups: Option<Groups>,
}

impl<J: Journal, W: World> Gate<J, W> {
    /// Everybody with an account in a tenant, by name.
    pub fn people(&self, tenant: &Name) -> Vec<Person> {
        self.people.all().into_iter().filter(|person| person.tenant == *tenant).collect()
    }

    /// One person.
    pub fn person(&self, tenant: &Name, name: &Name) -> Option<Person> {
        self.people.person(&(tenant.clone(), name.clone()))
    }

    /// Whether anybody has an account.
    pub fn has_people(&self) -> bool {
        !self.people.all().is_empty()
    }

    /// Makes an account.
    ///
    /// # Errors
    /// No right to administer, another tenant, a name that is taken, or too many people.
    pub async fn make_person(&self, by: &Operator, ask: PersonAsk) -> Result<Person, Refusal> {
        needs(by, Right::Administer)?;
        super::access::reaches(by, &ask.tenant)?;
        let _alone = self.people.change().await;
        self.add_person(ask, by.name.clone()).await
    }

    /// Makes the first account of an installation: an admin who stands in every group.
    ///
    /// # Errors
    /// When there is an account already.
    pub async fn first_person(&self, tenant: Name, name: Name) -> Result<Person, Refusal> {
        let _alone = self.people.change().await;
        if self.has_people() {
            return Err(Refusal::conflict("there is a person with an account already"));
        }
        let roles = Roles::of(&[Role::Admin]);
        let ask = PersonAsk { tenant, name: name.clone(), roles, groups: Groups::All };
        self.add_person(ask, name).await
    }

    async fn add_person(&self, ask: PersonAsk, by: Name) -> Result<Person, Refusal> {
        let PersonAsk { tenant, name, roles, groups } = ask;
        let key = person_key(&tenant, &name);
        if self.person(&tenant, &name).is_some() {
            return Err(Refusal::conflict(format!("there is a person `{name}` already")));
        }
        if self.people.all().len() >= limits::PEOPLE_MAX {
            let message = format!("there are {} people already", limits::PEOPLE_MAX);
            return Err(Refusal::new(Code::Oversized, message, "use other installations too"));
        }
        let person = Person { tenant, name, roles, groups, state: PersonState::Active };
        let event = Event::PersonMade { person: person.clone(), by };
        let guard = Guard::Free { table: Table::People, key };
        self.commit_all(vec![self.of_tenant(&person.tenant, event)], vec![guard]).await?;
        self.people.put_person(person.clone());
        Ok(person)
    }

    /// Changes an account. Whoever is disabled is logged out everywhere at once.
    ///
    /// # Errors
    /// No right to administer, an unknown person, or oneself losing the way back.
    pub async fn change_person(
        &self,
        by: &Operator,
        (tenant, name): (&Name, &Name),
        (change, reason): (PersonChange, String),
    ) -> Result<Person, Refusal> {
        needs(by, Right::Administer)?;
        super::access::reaches(by, tenant)?;
        let reason = self.said(&reason)?;
        let _alone = self.people.change().await;
        let before = self.known_person(tenant, name)?;
        let after = Person {
            roles: change.roles.unwrap_or(before.roles),
            groups: change.groups.unwrap_or_else(|| before.groups.clone()),
            state: change.state.unwrap_or(before.state),
            ..before.clone()
        };
        let oneself = by.tenant == *tenant && by.name == *name;
        let locked_out =
            after.state == PersonState::Disabled || !after.roles.allow(Right::Administer);
        if oneself && locked_out && by.roles.allow(Right::Administer) {
            let message = "nobody may take the last way in away from themselves";
            return Err(Refusal::new(Code::NotAllowed, message, "ask another admin"));
        }
        self.change_recorded(before, after, (by.name.clone(), reason)).await
    }

    async fn change_recorded(
        &self,
        before: Person,
        after: Person,
        (by, reason): (Name, String),
    ) -> Result<Person, Refusal> {
        if before == after {
            return Ok(after);
        }
        let whose = (after.tenant.clone(), after.name.clone());
        let ended = match after.state {
            PersonState::Active => Vec::new(),
            PersonState::Disabled => self.people.sessions(&whose),
        };
        let event = Event::PersonChanged { person: after.clone(), by: by.clone(), reason };
        let mut entries = vec![self.of_tenant(&after.tenant, event)];
        let voided = match after.state {
            PersonState::Active => Vec::new(),
            PersonState::Disabled => self.voided(&whose, &by),
        };
        entries.extend(voided.iter().map(|(event, _)| self.of_tenant(&whose.0, event.clone())));
        entries.extend(ended.iter().map(|session| {
            let (session, by) = (session.id, Some(by.clone()));
            let event = Event::SessionEnded { session, why: SessionEnd::Disabled, by };
            self.of_tenant(&after.tenant, event)
        }));
        let key = person_key(&after.tenant, &after.name);
        let guard = state_is(Table::People, key, before.state.word());
        // First in memory where somebody is shut out: what cannot be recorded is given back. Rights are given once they are
        // recorded.
        if after.state == PersonState::Disabled {
            self.people.put_person(after.clone());
        }
        if let Err(error) = self.commit_all(entries, vec![guard]).await {
            self.people.put_person(before);
            return Err(error.into());
        }
        self.people.put_person(after.clone());
        ended.iter().for_each(|session| self.people.drop_session(session.id));
        voided.iter().flat_map(|(_, gone)| gone).for_each(|each| self.people.drop_ticket(*each));
        Ok(after)
    }

    /// Takes the open links and codes of somebody away, so that none comes to life when the account is used again.
    fn voided(&self, whose: &Whose, by: &Name) -> Vec<(Event, Vec<Digest>)> {
        let open = TicketKind::ALL.iter().map(|kind| (*kind, self.people.tickets(whose, *kind)));
        let open = open.filter(|(_, tickets)| !tickets.is_empty());
        let void = |(kind, replaced): (TicketKind, Vec<Digest>)| {
            let (tenant, person) = whose.clone();
            let (verifiers, by) = (Vec::new(), by.clone());
            let gone = replaced.clone();
            let event =
                Event::TicketsMade { tenant, person, kind, verifiers, until: None, replaced, by };
            (event, gone)
        };
        open.map(void).collect()
    }

    /// Makes a one-time link with which a person logs in: for oneself, or by an admin for somebody else.
    ///
    /// # Errors
    /// An unknown or disabled person; a key that may do less than the person whose link it wants; a session whose login is not
    /// fresh.
    pub async fn make_link(
        &self,
        by: &Operator,
        whose: (&Name, &Name),
        (secret, within): (&Secret, Duration),
    ) -> Result<Timestamp, Refusal> {
        let (tenant, name) = whose;
        super::access::reaches(by, tenant)?;
        let _alone = self.people.change().await;
        let oneself = by.tenant == *tenant && by.name == *name;
        if !oneself {
            needs(by, Right::Administer)?;
        }
        // A link logs in afresh: a session that was left open must not make itself fresh by one.
        if self.session(by).is_some() {
            self.fresh_login(by)?;
        }
        let person = self.known_person(tenant, name)?;
        // A link must not give more than the key or session with which it was made.
        let more = person.roles.rights().any(|right| !by.roles.allow(right))
            || (!person.groups.are_within(&by.groups) && !by.roles.allow(Right::Administer));
        if oneself && more {
            let message = format!("this key may do less than the person `{name}`");
            return Err(Refusal::new(Code::NotAllowed, message, "use a key with the same roles"));
        }
        if person.state == PersonState::Disabled {
            return Err(Refusal::conflict(format!("the person `{name}` is disabled")));
        }
        let until =
            Timestamp::from_millis(self.world.now().millis().saturating_add(duration_ms(within)));
        let whose = (tenant.clone(), name.clone());
        let kind = (TicketKind::Link, Some(until));
        self.make_tickets(by, &whose, (kind, &[secret.verifier()])).await?;
        Ok(until)
    }

    /// Records new tickets in place of the open ones of the same kind. Whoever calls it holds `people.change()`.
    pub(super) async fn make_tickets(
        &self,
        by: &Operator,
        whose: &Whose,
        ((kind, until), verifiers): ((TicketKind, Option<Timestamp>), &[Digest]),
    ) -> Result<(), Refusal> {
        let replaced = self.people.tickets(whose, kind);
        let event = Event::TicketsMade {
            tenant: whose.0.clone(),
            person: whose.1.clone(),
            kind,
            verifiers: verifiers.to_vec(),
            until,
            replaced: replaced.clone(),
            by: by.name.clone(),
        };
        self.commit_all(vec![self.of_tenant(&whose.0, event)], Vec::new()).await?;
        replaced.into_iter().for_each(|verifier| self.people.drop_ticket(verifier));
        for verifier in verifiers {
            let ticket = Ticket { whose: whose.clone(), kind, until };
            self.people.put_ticket(*verifier, ticket);
        }
        Ok(())
    }

    /// The person that an issuer names: known by its identity, or made where the issuer's claims give roles. Roles and
    /// groups that the claims give are taken over each time.
    ///
    /// # Errors
    /// Nobody known to whom the claims give nothing; a name that somebody else has.
    pub async fn person_from_outside(&self, outside: Outside) -> Result<Person, Refusal> {
        let _alone = self.people.change().await;
        let issuer = outside.issuer.clone();
        if let Some((tenant, name)) = self.people.identity(outside.identity) {
            belongs(&outside, &tenant)?;
            let before = self.known_person(&tenant, &name)?;
            let after = Person {
                roles: outside.roles.unwrap_or(before.roles),
                groups: outside.groups.unwrap_or_else(|| before.groups.clone()),
                ..before.clone()
            };
            let reason = format!("the claims of `{issuer}` say so");
            return self.change_recorded(before, after, (issuer, reason)).await;
        }
        // Claims that give no role make no account: whoever can log in at a large issuer is not let in by that.
        let roles = outside.roles.filter(|roles| *roles != Roles::NONE);
        let (Some(name), Some(roles)) = (outside.name, roles) else {
            return Err(Refusal::new(
                Code::NotAllowed,
                format!("nobody here is known as this person of `{issuer}`"),
                "ask an admin for an account, then link it on your account's page",
            ));
        };
        if self.person(&outside.tenant, &name).is_some() || self.names(&outside.tenant, &name) {
            // Whoever gets a name at the issuer must not get somebody's account by it.
            let message =
                format!("the name `{name}` belongs to somebody who is not linked with `{issuer}`");
            let fix = "log in another way and link it under Settings; for a first account ask an admin (`checkrein people add`, `checkrein people invite`)";
            return Err(Refusal::new(Code::NotAllowed, message, fix));
        }
        let groups = outside.groups.unwrap_or_else(Groups::none);
        let ask = PersonAsk { tenant: outside.tenant, name, roles, groups };
        let person = self.add_person(ask, issuer.clone()).await?;
        let whose = (person.tenant.clone(), person.name.clone());
        self.link(&whose, (issuer.clone(), outside.identity), issuer).await?;
        Ok(person)
    }

    /// Links one's own account with somebody at an issuer.
    ///
    /// # Errors
    /// An identity that is linked already, an issuer of another tenant, or a login that is not fresh and sure.
    pub async fn link_identity(&self, by: &Operator, outside: Outside) -> Result<(), Refusal> {
        let _alone = self.people.change().await;
        let whose = self.sure_login(by)?;
        belongs(&outside, &whose.0)?;
        let Outside { issuer, identity, .. } = outside;
        if self.people.identity(identity).is_some() {
            return Err(Refusal::conflict(format!(
                "this person of `{issuer}` is linked with an account already"
            )));
        }
        self.link(&whose, (issuer, identity), by.name.clone()).await
    }

    pub(super) async fn link(
        &self,
        whose: &Whose,
        (issuer, identity): (Name, Digest),
        by: Name,
    ) -> Result<(), Refusal> {
        if self.people.identities(whose) >= limits::IDENTITIES_PER_PERSON_MAX {
            let most = limits::IDENTITIES_PER_PERSON_MAX;
            let message =
                format!("`{}` is linked with {most} identities, which is the most", whose.1);
            return Err(Refusal::conflict(message));
        }
        let (tenant, person) = whose.clone();
        let event = Event::PersonLinked { tenant, person, issuer, identity, by };
        self.commit_all(vec![self.of_tenant(&whose.0, event)], Vec::new()).await?;
        self.people.put_identity(identity, whose.clone());
        Ok(())
    }

    pub(super) fn known_person(&self, tenant: &Name, name: &Name) -> Result<Person, Refusal> {
        self.person(tenant, name).ok_or_else(|| Refusal::not_found(format!("person `{name}`")))
    }

    /// Whether a key, a grant or a workflow names somebody so who has no account: a newcomer must not become that person.
    fn names(&self, tenant: &Name, name: &Name) -> bool {
        self.directory.names(tenant, name)
            || self.workflows.iter().any(|workflow| workflow.owner == *name)
    }

    /// An entry of a tenant, about no run.
    pub(crate) fn of_tenant(&self, tenant: &Name, event: Event) -> Entry {
        let tenant = Some(tenant.clone());
        Entry { at: self.world.now(), tenant, run: None, call: None, event }
    }
}

/// What an issuer says counts in its own tenant only.
fn belongs(outside: &Outside, tenant: &Name) -> Result<(), Refusal> {
    if outside.tenant == *tenant {
        return Ok(());
    }
    let message = format!("people of `{}` do not belong to the tenant `{tenant}`", outside.issuer);
    Err(Refusal::new(Code::NotAllowed, message, "use an issuer of this tenant"))
}

fn duration_ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
