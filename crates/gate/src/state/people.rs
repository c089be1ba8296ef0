//! Who has an account and who is logged in, read from the journal once and kept in step with it.
//!
//! In: records of the journal, and what was just recorded. Out: people, passkeys, tickets and sessions as values. Nothing
//! here decides what they may do. Bounded by the limits on people, passkeys, tickets and sessions, which are asked before
//! anything is recorded.

use std::collections::HashMap;
use std::sync::Mutex;

use domain::{
    Digest, KeyId, Login, Name, Passkey, Person, PersonState, Roles, TicketKind, Timestamp, limits,
};

use super::lock;
use crate::commit::Record;

/// Whose something is.
pub(crate) type Whose = (Name, Name);

#[derive(Debug, Default)]
pub(crate) struct People {
    known: Mutex<Known>,
    /// Held while something of people is decided and recorded: one thing after the other.
    changing: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct Known {
    people: HashMap<Whose, Person>,
    passkeys: HashMap<String, Passkey>,
    identities: HashMap<Digest, Whose>,
    tickets: HashMap<Digest, Ticket>,
    sessions: HashMap<Digest, Session>,
    refused: u64,
    refused_said: Option<Timestamp>,
}

/// What opens a session once, and is not used up.
#[derive(Debug, Clone)]
pub(crate) struct Ticket {
    pub(crate) whose: Whose,
    pub(crate) kind: TicketKind,
    pub(crate) until: Option<Timestamp>,
}

/// A session that holds.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) id: KeyId,
    pub(crate) whose: Whose,
    pub(crate) login: Login,
    pub(crate) opened: Timestamp,
    pub(crate) until: Timestamp,
    /// When it was last used.
    pub(crate) last: Timestamp,
    /// The last use that is recorded: what counts after a restart.
    pub(crate) said: Timestamp,
}

impl Session {
    /// Whether it still holds at this moment.
    pub(crate) fn holds(&self, now: Timestamp) -> bool {
        now < self.until && now.since(self.last) < limits::SESSION_IDLE_MAX
    }

    /// Whether the person proved just now who it is.
    pub(crate) fn is_fresh(&self, now: Timestamp) -> bool {
        now.since(self.opened) < limits::PASSKEY_FRESH
    }
}

impl People {
    pub(crate) async fn change(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.changing.lock().await
    }

    pub(crate) fn person(&self, whose: &Whose) -> Option<Person> {
        lock(&self.known).people.get(whose).cloned()
    }

    pub(crate) fn all(&self) -> Vec<Person> {
        let mut all: Vec<Person> = lock(&self.known).people.values().cloned().collect();
        all.sort_unstable_by(|one, other| {
            (&one.tenant, &one.name).cmp(&(&other.tenant, &other.name))
        });
        all
    }

    pub(crate) fn put_person(&self, person: Person) {
        let whose = (person.tenant.clone(), person.name.clone());
        lock(&self.known).people.insert(whose, person);
    }

    pub(crate) fn passkey(&self, id: &str) -> Option<Passkey> {
        lock(&self.known).passkeys.get(id).cloned()
    }

    pub(crate) fn passkeys(&self, whose: &Whose) -> Vec<Passkey> {
        let known = lock(&self.known);
        let own = |passkey: &&Passkey| passkey.tenant == whose.0 && passkey.person == whose.1;
        let mut own: Vec<Passkey> = known.passkeys.values().filter(own).cloned().collect();
        own.sort_unstable_by(|one, other| (&one.title, &one.id).cmp(&(&other.title, &other.id)));
        own
    }

    pub(crate) fn put_passkey(&self, passkey: Passkey) {
        lock(&self.known).passkeys.insert(passkey.id.clone(), passkey);
    }

    pub(crate) fn drop_passkey(&self, id: &str) {
        lock(&self.known).passkeys.remove(id);
    }

    pub(crate) fn identity(&self, identity: Digest) -> Option<Whose> {
        lock(&self.known).identities.get(&identity).cloned()
    }

    /// How many identities somebody is known by.
    pub(crate) fn identities(&self, whose: &Whose) -> usize {
        lock(&self.known).identities.values().filter(|one| *one == whose).count()
    }

    pub(crate) fn put_identity(&self, identity: Digest, whose: Whose) {
        lock(&self.known).identities.insert(identity, whose);
    }

    pub(crate) fn drop_identity(&self, identity: Digest) {
        lock(&self.known).identities.remove(&identity);
    }

    pub(crate) fn ticket(&self, verifier: Digest) -> Option<Ticket> {
        lock(&self.known).tickets.get(&verifier).cloned()
    }

    /// The open tickets of somebody, of one kind.
    pub(crate) fn tickets(&self, whose: &Whose, kind: TicketKind) -> Vec<Digest> {
        let known = lock(&self.known);
        let own = known.tickets.iter().filter(|(_, one)| one.whose == *whose && one.kind == kind);
        let mut own: Vec<Digest> = own.map(|(verifier, _)| *verifier).collect();
        own.sort_unstable();
        own
    }

    pub(crate) fn put_ticket(&self, verifier: Digest, ticket: Ticket) {
        lock(&self.known).tickets.insert(verifier, ticket);
    }

    pub(crate) fn drop_ticket(&self, verifier: Digest) {
        lock(&self.known).tickets.remove(&verifier);
    }

    /// The session of this secret, if it holds; it counts as used now.
    pub(crate) fn session(&self, verifier: Digest, now: Timestamp) -> Option<Session> {
        let mut known = lock(&self.known);
        let session = known.sessions.get_mut(&verifier).filter(|session| session.holds(now))?;
        session.last = session.last.max(now);
        Some(session.clone())
    }

    pub(crate) fn session_by_id(&self, id: KeyId) -> Option<Session> {
        lock(&self.known).sessions.values().find(|session| session.id == id).cloned()
    }

    /// The sessions of somebody, the oldest first.
    pub(crate) fn sessions(&self, whose: &Whose) -> Vec<Session> {
        let known = lock(&self.known);
        let own = known.sessions.values().filter(|session| session.whose == *whose);
        let mut own: Vec<Session> = own.cloned().collect();
        own.sort_unstable_by_key(|session| (session.opened, session.id));
        own
    }

    /// Sessions that hold no more and were not ended yet.
    pub(crate) fn over(&self, now: Timestamp) -> Vec<Session> {
        let known = lock(&self.known);
        let over = known.sessions.values().filter(|session| !session.holds(now));
        over.take(limits::DUE_PER_TICK_MAX).cloned().collect()
    }

    /// Sessions that were used since longer ago than may be lost.
    pub(crate) fn uses_due(&self) -> Vec<Session> {
        let known = lock(&self.known);
        let due = known
            .sessions
            .values()
            .filter(|session| session.last.since(session.said) >= limits::SESSION_USE_SAID_EVERY);
        due.take(limits::DUE_PER_TICK_MAX).cloned().collect()
    }

    /// What is recorded of a session's use.
    pub(crate) fn use_said(&self, id: KeyId, until: Timestamp) {
        let mut known = lock(&self.known);
        let session = known.sessions.values_mut().find(|session| session.id == id);
        session.into_iter().for_each(|session| session.said = until);
    }

    pub(crate) fn put_session(&self, verifier: Digest, session: Session) {
        lock(&self.known).sessions.insert(verifier, session);
    }

    pub(crate) fn drop_session(&self, id: KeyId) {
        lock(&self.known).sessions.retain(|_, session| session.id != id);
    }

    /// Counts a try to log in that was refused.
    pub(crate) fn refused(&self) {
        let mut known = lock(&self.known);
        known.refused = known.refused.saturating_add(1);
    }

    /// How many tries were refused and not recorded, if it is time to record them.
    pub(crate) fn refusals_due(&self, now: Timestamp) -> Option<u64> {
        let mut known = lock(&self.known);
        let said = known.refused_said;
        let waits = said.is_some_and(|said| now.since(said) < limits::LOGINS_REFUSED_SAID_EVERY);
        if known.refused == 0 || waits {
            return None;
        }
        known.refused_said = Some(now);
        Some(std::mem::take(&mut known.refused))
    }
}

fn whose(record: &Record, name: &'static str) -> Option<Whose> {
    Some((record.text("tenant").parse().ok()?, record.text(name).parse().ok()?))
}

fn moment(record: &Record, column: &'static str) -> Option<Timestamp> {
    let millis = record.integer(column).and_then(|at| u64::try_from(at).ok())?;
    Some(Timestamp::from_millis(millis))
}

/// Reads a person back from its record.
pub(crate) fn person_of(record: &Record) -> Option<Person> {
    let (tenant, name) = whose(record, "name")?;
    let roles: Roles = record.text("roles").parse().ok()?;
    let groups = record.text("groups").parse().ok()?;
    let state = PersonState::from_word(record.text("state"))?;
    Some(Person { tenant, name, roles, groups, state })
}

/// Reads a passkey back from its record; none if it was taken away.
pub(crate) fn passkey_of(record: &Record) -> Option<Passkey> {
    if record.text("state") != "active" {
        return None;
    }
    let (tenant, person) = whose(record, "person")?;
    let counter = u32::try_from(record.count("counter")).ok()?;
    let (title, public_key) =
        (record.text("title").to_owned(), record.text("public_key").to_owned());
    Some(Passkey { id: record.key.clone(), tenant, person, title, public_key, counter })
}

/// Reads an identity back from its record.
pub(crate) fn identity_of(record: &Record) -> Option<(Digest, Whose)> {
    Some((record.key.parse().ok()?, whose(record, "person")?))
}

/// Reads a ticket back from its record; none if it is used or replaced.
pub(crate) fn ticket_of(record: &Record) -> Option<(Digest, Ticket)> {
    if record.text("state") != "open" {
        return None;
    }
    let kind = TicketKind::from_word(record.text("kind"))?;
    let ticket =
        Ticket { whose: whose(record, "person")?, kind, until: moment(record, "until_ms") };
    Some((record.key.parse().ok()?, ticket))
}

/// Reads a session back from its record; none if it ended.
pub(crate) fn session_of(record: &Record) -> Option<(Digest, Session)> {
    if record.text("state") != "open" {
        return None;
    }
    let opened = moment(record, "opened_ms")?;
    let used = moment(record, "used_ms").unwrap_or(opened);
    let session = Session {
        id: record.key.parse().ok()?,
        whose: whose(record, "person")?,
        login: Login::from_word(record.text("login"))?,
        opened,
        until: moment(record, "until_ms")?,
        last: used,
        said: used,
    };
    Some((record.text("verifier").parse().ok()?, session))
}
