//! Logging in and out: sessions, passkeys, recovery codes.
//!
//! ```text
//! ticket | passkey (signature checked by the server) | issuer (token checked by the server) -> open_session -> a session's secret
//! ```
//! A session is known by the digest of its secret, like a key, has the roles that its person has now, and ends by time, by
//! logging out, by a newer one, or with the account. What is tried in vain is counted and recorded now and then. Tests:
//! `sim/tests/it/people.rs`.

use domain::{
    Assurance, Code, Entry, Event, KeyId, Login, Name, Operator, Passkey, PasskeyUse, Person,
    PersonState, Right, SessionEnd, TicketKind, Timestamp, limits,
};

use super::needs;
use crate::commit::Guard;
use crate::gate::Gate;
use crate::port::{Journal, World};
use crate::refusal::{Refusal, Secret};
use crate::runs::state_is;
use crate::state::people::{Session, Whose};
use crate::table::Table;

/// What proves who logs in.
#[derive(Debug, Clone)]
pub enum LoginProof {
    /// The secret of a one-time link.
    Link(Secret),
    /// A recovery code, of this person.
    RecoveryCode {
        /// The tenant.
        tenant: Name,
        /// The person.
        person: Name,
        /// The code.
        code: Secret,
    },
    /// A passkey whose signature over a fresh challenge was checked.
    Passkey(PasskeyUse),
    /// A person whom an issuer named in a checked token.
    Issuer(Person),
}

/// A session that was just opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenedSession {
    /// Its id.
    pub id: KeyId,
    /// Whose.
    pub person: Person,
    /// When it ends at the latest.
    pub until: Timestamp,
}

/// A session as its person sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionView {
    /// How the person logged in.
    pub login: Login,
    /// When.
    pub opened: Timestamp,
    /// When it ends at the latest.
    pub until: Timestamp,
}

/// What a proof comes to.
struct Proven {
    person: Person,
    login: Login,
    ticket: Option<domain::Digest>,
    passkey: Option<PasskeyUse>,
}

impl<J: Journal, W: World> Gate<J, W> {
    /// Opens a session with a secret of the caller's making. `before` is the session that it takes the place of.
    ///
    /// # Errors
    /// `NotAuthenticated` for a proof that does not hold; all look alike.
    pub async fn open_session(
        &self,
        proof: LoginProof,
        secret: &Secret,
        before: Option<KeyId>,
    ) -> Result<OpenedSession, Refusal> {
        let _alone = self.people.change().await;
        let proven = self.proven(&proof).inspect_err(|_| self.people.refused())?;
        let opened = self.record_session(proven, secret, before).await;
        // A ticket that somebody else was faster with counts as tried in vain.
        opened.inspect_err(|_| self.people.refused())
    }

    /// Counts a try that failed before the gate was asked: a signature or a token that does not hold.
    pub fn login_failed(&self) {
        self.people.refused();
    }

    fn proven(&self, proof: &LoginProof) -> Result<Proven, Refusal> {
        let proven = match proof {
            LoginProof::Link(secret) => self.by_ticket(secret, (TicketKind::Link, None))?,
            LoginProof::RecoveryCode { tenant, person, code } => {
                let whose = (tenant.clone(), person.clone());
                self.by_ticket(code, (TicketKind::RecoveryCode, Some(whose)))?
            }
            LoginProof::Passkey(used) => self.by_passkey(used)?,
            LoginProof::Issuer(person) => {
                let person = self.person(&person.tenant, &person.name).ok_or_else(not_known)?;
                Proven { person, login: Login::Issuer, ticket: None, passkey: None }
            }
        };
        match proven.person.state {
            PersonState::Active => Ok(proven),
            PersonState::Disabled => Err(not_known()),
        }
    }

    fn by_ticket(
        &self,
        secret: &Secret,
        (kind, whose): (TicketKind, Option<Whose>),
    ) -> Result<Proven, Refusal> {
        let verifier = secret.verifier();
        let ticket = self.people.ticket(verifier).filter(|ticket| {
            let in_time = ticket.until.is_none_or(|until| self.world.now() < until);
            ticket.kind == kind && in_time && whose.is_none_or(|whose| whose == ticket.whose)
        });
        let ticket = ticket.ok_or_else(not_known)?;
        let person = self.people.person(&ticket.whose).ok_or_else(not_known)?;
        Ok(Proven { person, login: kind.login(), ticket: Some(verifier), passkey: None })
    }

    /// A counter that does not grow is the sign of a copied key (WebAuthn, section 6.1.1); zero means that it does not count.
    fn by_passkey(&self, used: &PasskeyUse) -> Result<Proven, Refusal> {
        let passkey = self.people.passkey(&used.passkey).ok_or_else(not_known)?;
        let counts = used.counter != 0 || passkey.counter != 0;
        if counts && used.counter <= passkey.counter {
            return Err(not_known());
        }
        let person = self.people.person(&(passkey.tenant, passkey.person)).ok_or_else(not_known)?;
        Ok(Proven { person, login: Login::Passkey, ticket: None, passkey: Some(used.clone()) })
    }

    async fn record_session(
        &self,
        proven: Proven,
        secret: &Secret,
        before: Option<KeyId>,
    ) -> Result<OpenedSession, Refusal> {
        let Proven { person, login, ticket, passkey } = proven;
        let whose = (person.tenant.clone(), person.name.clone());
        let (now, id) = (self.world.now(), KeyId::new(self.world.fresh()));
        let until = limits::SESSION_MAX.as_millis();
        let until = now.millis().saturating_add(u64::try_from(until).unwrap_or(u64::MAX));
        let until = Timestamp::from_millis(until);
        let (verifier, used) = (secret.verifier(), passkey.clone());
        let (tenant, name) = whose.clone();
        let event = Event::SessionOpened {
            session: id,
            tenant,
            person: name,
            verifier,
            login,
            ticket,
            passkey,
            until,
        };
        let mut entries = vec![self.of_tenant(&whose.0, event)];
        let ended = self.replaced(&whose, before);
        entries.extend(ended.iter().map(|session| self.ended(session, SessionEnd::Replaced)));
        let guards: Vec<Guard> = ticket
            .map(|ticket| state_is(Table::Tickets, ticket.to_string(), "open"))
            .into_iter()
            .collect();
        self.commit_all(entries, guards).await?;
        ended.iter().for_each(|session| self.people.drop_session(session.id));
        ticket.into_iter().for_each(|ticket| self.people.drop_ticket(ticket));
        if let Some(known) = used.as_ref().and_then(|used| self.people.passkey(&used.passkey)) {
            let counter = used.map_or(known.counter, |used| used.counter);
            self.people.put_passkey(Passkey { counter, ..known });
        }
        let session = Session { id, whose, login, opened: now, until, last: now, said: now };
        self.people.put_session(verifier, session);
        Ok(OpenedSession { id, person, until })
    }

    /// The sessions that make way for a new one: the browser's own, and the oldest where there are too many.
    fn replaced(&self, whose: &Whose, before: Option<KeyId>) -> Vec<Session> {
        // Whoever's it was: one browser is one person at a time.
        let mut gone: Vec<Session> =
            before.and_then(|before| self.people.session_by_id(before)).into_iter().collect();
        let rest = self.people.sessions(whose).into_iter();
        let rest: Vec<Session> = rest.filter(|one| Some(one.id) != before).collect();
        let surplus = (rest.len() + 1).saturating_sub(limits::SESSIONS_PER_PERSON_MAX);
        gone.extend(rest.into_iter().take(surplus));
        gone
    }

    fn ended(&self, session: &Session, why: SessionEnd) -> Entry {
        let by = match why {
            SessionEnd::LoggedOut | SessionEnd::Replaced => Some(session.whose.1.clone()),
            SessionEnd::Idle | SessionEnd::TimedOut | SessionEnd::Disabled => None,
        };
        self.of_tenant(&session.whose.0, Event::SessionEnded { session: session.id, why, by })
    }

    /// Logs out. Ending a session twice is no error.
    ///
    /// # Errors
    /// When the store cannot be written; the session holds no more all the same.
    pub async fn end_session(&self, id: KeyId) -> Result<(), Refusal> {
        let _alone = self.people.change().await;
        let Some(session) = self.people.session_by_id(id) else { return Ok(()) };
        // First in memory: whoever logs out is out.
        self.people.drop_session(id);
        let entry = self.ended(&session, SessionEnd::LoggedOut);
        Ok(self.commit_all(vec![entry], Vec::new()).await?)
    }

    /// Ends sessions whose time is over, and records which were used and how many logins were refused. Part of moving the clocks.
    pub(crate) async fn move_sessions(&self, now: Timestamp) -> Result<(), Refusal> {
        if !self.people.over(now).is_empty() {
            let _alone = self.people.change().await;
            let over = self.people.over(now);
            let entries = over.iter().map(|session| {
                let timed_out = session.until <= now;
                let why = if timed_out { SessionEnd::TimedOut } else { SessionEnd::Idle };
                self.ended(session, why)
            });
            let entries: Vec<Entry> = entries.collect();
            for part in entries.chunks(limits::COMMIT_ENTRIES_MAX) {
                self.commit_all(part.to_vec(), Vec::new()).await?;
            }
            over.iter().for_each(|session| self.people.drop_session(session.id));
        }
        let used = self.people.uses_due();
        for part in used.chunks(limits::COMMIT_ENTRIES_MAX) {
            let entry = |one: &Session| {
                let event = Event::SessionUsed { session: one.id, until: one.last };
                self.of_tenant(&one.whose.0, event)
            };
            self.commit_all(part.iter().map(entry).collect(), Vec::new()).await?;
            part.iter().for_each(|one| self.people.use_said(one.id, one.last));
        }
        match self.people.refusals_due(now) {
            Some(count) => {
                let event = Event::LoginsRefused { count };
                Ok(self.commit_one((None, event), Vec::new()).await?)
            }
            None => Ok(()),
        }
    }

    /// The session that an operator came with, if it is one.
    pub fn session(&self, by: &Operator) -> Option<SessionView> {
        let Session { login, opened, until, .. } = self.people.session_by_id(by.key)?;
        Some(SessionView { login, opened, until })
    }

    /// The operator that a session's secret stands for, with the roles that the person has now.
    pub(crate) fn by_session(&self, secret: &Secret) -> Option<Operator> {
        let session = self.people.session(secret.verifier(), self.world.now())?;
        self.operator_of(session)
    }

    /// The same by the session's id, for a server that keeps it instead of the secret. None once it holds no more.
    pub fn operator_of_session(&self, id: KeyId) -> Option<Operator> {
        let session = self.people.session_by_id(id);
        self.operator_of(session.filter(|session| session.holds(self.world.now()))?)
    }

    fn operator_of(&self, session: Session) -> Option<Operator> {
        let now = self.world.now();
        let person = self.people.person(&session.whose)?;
        if person.state != PersonState::Active {
            return None;
        }
        let assurance = match session.login {
            Login::Passkey if session.is_fresh(now) => Assurance::Passkey,
            Login::Passkey | Login::Issuer | Login::Link | Login::RecoveryCode => {
                Assurance::Session
            }
        };
        let Person { tenant, name, roles, groups, .. } = person;
        Some(Operator { tenant, name, roles, groups, assurance, key: session.id })
    }

    /// The person behind a login that is not older than some minutes: what a stolen session must not do asks for it.
    pub(super) fn fresh_login(&self, by: &Operator) -> Result<Whose, Refusal> {
        let session = self.people.session_by_id(by.key);
        let fresh = session.filter(|session| session.is_fresh(self.world.now()));
        let fresh = fresh.map(|session| session.whose);
        fresh.ok_or_else(|| {
            let message = "this needs a login that is not older than some minutes";
            Refusal::new(Code::NotAllowed, message, "log in again, then repeat it")
        })
    }

    /// The same with what the person has for it: somebody who has passkeys came in by one, or by a recovery code. A link, which
    /// whoever holds a key or administers can make, must not become a passkey that stays.
    pub(super) fn sure_login(&self, by: &Operator) -> Result<Whose, Refusal> {
        let whose = self.fresh_login(by)?;
        let login = self.people.session_by_id(by.key).map(|session| session.login);
        let sure = match login {
            Some(Login::Passkey | Login::RecoveryCode) => true,
            Some(Login::Link | Login::Issuer) | None => self.people.passkeys(&whose).is_empty(),
        };
        if sure {
            return Ok(whose);
        }
        let message = "this needs a login with a passkey, or with a recovery code";
        let fix =
            "log in with one of them; if all are lost, an admin takes the passkeys away first";
        Err(Refusal::new(Code::NotAllowed, message, fix))
    }

    /// Whether a passkey may be added in this session now, and under this name.
    ///
    /// # Errors
    /// As [`Self::add_passkey`].
    pub fn may_add_passkey(&self, by: &Operator, title: &str) -> Result<(), Refusal> {
        self.sure_login(by)?;
        titled(title)
    }

    /// One passkey, for checking its signature.
    pub fn passkey(&self, id: &str) -> Option<Passkey> {
        self.people.passkey(id)
    }

    /// The passkeys of a person.
    pub fn passkeys(&self, tenant: &Name, name: &Name) -> Vec<Passkey> {
        self.people.passkeys(&(tenant.clone(), name.clone()))
    }

    /// How many recovery codes a person has left.
    pub fn recovery_codes_left(&self, tenant: &Name, name: &Name) -> usize {
        self.people.tickets(&(tenant.clone(), name.clone()), TicketKind::RecoveryCode).len()
    }

    /// Adds a passkey to one's own account.
    ///
    /// # Errors
    /// A login that is not fresh and sure, an id that is in use, too many passkeys, or a title that is too long.
    pub async fn add_passkey(
        &self,
        by: &Operator,
        (id, title): (String, &str),
        (public_key, counter): (String, u32),
    ) -> Result<Passkey, Refusal> {
        let _alone = self.people.change().await;
        let whose = self.sure_login(by)?;
        titled(title)?;
        let title = self.said(title)?;
        if self.people.passkey(&id).is_some() {
            return Err(Refusal::conflict("this passkey is registered already"));
        }
        if self.people.passkeys(&whose).len() >= limits::PASSKEYS_PER_PERSON_MAX {
            let message = format!("there are {} passkeys already", limits::PASSKEYS_PER_PERSON_MAX);
            return Err(Refusal::new(Code::Oversized, message, "remove one that is not used"));
        }
        let (tenant, person) = whose.clone();
        let passkey = Passkey { id: id.clone(), tenant, person, title, public_key, counter };
        let event = Event::PasskeyAdded { passkey: passkey.clone(), by: by.name.clone() };
        let guard = Guard::Free { table: Table::Passkeys, key: id };
        self.commit_all(vec![self.of_tenant(&whose.0, event)], vec![guard]).await?;
        self.people.put_passkey(passkey.clone());
        Ok(passkey)
    }

    /// Takes a passkey away: one's own, or by an admin.
    ///
    /// # Errors
    /// A passkey that is not there, or somebody else's.
    pub async fn remove_passkey(&self, by: &Operator, id: &str) -> Result<(), Refusal> {
        let _alone = self.people.change().await;
        let not_there = || Refusal::not_found("such passkey");
        let passkey = self.people.passkey(id).ok_or_else(not_there)?;
        let own = passkey.tenant == by.tenant && passkey.person == by.name;
        match own {
            true => drop(self.sure_login(by)?),
            false => {
                super::access::reaches(by, &passkey.tenant).map_err(|_| not_there())?;
                needs(by, Right::Administer)?;
            }
        }
        let Passkey { tenant, person, id, .. } = passkey;
        let by = by.name.clone();
        let event =
            Event::PasskeyRemoved { tenant: tenant.clone(), person, passkey: id.clone(), by };
        let guard = state_is(Table::Passkeys, id.clone(), "active");
        self.commit_all(vec![self.of_tenant(&tenant, event)], vec![guard]).await?;
        self.people.drop_passkey(&id);
        Ok(())
    }

    /// Gives oneself new recovery codes in place of all earlier ones.
    ///
    /// # Errors
    /// A login that is not fresh and sure.
    pub async fn make_recovery_codes(
        &self,
        by: &Operator,
        codes: &[Secret],
    ) -> Result<(), Refusal> {
        let _alone = self.people.change().await;
        let whose = self.sure_login(by)?;
        let verifiers: Vec<domain::Digest> = codes.iter().map(Secret::verifier).collect();
        self.make_tickets(by, &whose, ((TicketKind::RecoveryCode, None), &verifiers)).await
    }
}

fn titled(title: &str) -> Result<(), Refusal> {
    if !title.trim().is_empty() && title.chars().count() <= limits::PASSKEY_TITLE_CHARS_MAX {
        return Ok(());
    }
    let message =
        format!("a passkey's name has 1 to {} characters", limits::PASSKEY_TITLE_CHARS_MAX);
    Err(Refusal::new(Code::InvalidRequest, message, "give it another name"))
}

fn not_known() -> Refusal {
    Refusal::new(
        Code::NotAuthenticated,
        "this does not log anybody in: it is unknown, used, or its time is over",
        "ask for a new link: `checkrein console`, or `checkrein people invite NAME` by an admin",
    )
}
