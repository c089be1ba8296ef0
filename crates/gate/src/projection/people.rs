//! Rows of people: accounts, passkeys, identities at issuers, tickets, sessions.
//!
//! No column holds a secret: tickets and sessions are known by SHA-256 of theirs, passkeys by their public key.

use domain::{Digest, Entry, Event, Name, Passkey, PasskeyUse, Person, Timestamp};

use super::{Cell, Row, Table, set, state_row, with};

/// The key of a person's record.
pub(crate) fn person_key(tenant: &Name, name: &Name) -> String {
    format!("{tenant}/{name}")
}

/// The rows of an event about people; none for any other.
pub(super) fn rows(entry: &Entry) -> Vec<Row> {
    let at = entry.at;
    if let Event::PersonMade { person, by } = &entry.event {
        let row = with(row_of(person, at), "made_by", by.as_str());
        return vec![with(row, "made_ms", at.millis())];
    }
    if let Event::PersonChanged { person, .. } = &entry.event {
        return vec![row_of(person, at)];
    }
    if let Event::PersonLinked { tenant, person, issuer, identity, .. } = &entry.event {
        let row = set(Table::Identities, &identity.to_string(), whose(tenant, person));
        return vec![with(with(row, "issuer", issuer.as_str()), "linked_ms", at.millis())];
    }
    if let Event::PersonUnlinked { identity, .. } = &entry.event {
        let nobody = vec![("tenant", Cell::Null), ("person", Cell::Null)];
        return vec![set(Table::Identities, &identity.to_string(), nobody)];
    }
    if let Event::PasskeyAdded { passkey, .. } = &entry.event {
        return vec![added(passkey, at)];
    }
    if let Event::PasskeyRemoved { passkey, .. } = &entry.event {
        return vec![state_row(Table::Passkeys, passkey, "removed")];
    }
    if let Event::TicketsMade { .. } = &entry.event {
        return tickets(entry);
    }
    if let Event::SessionOpened { .. } = &entry.event {
        return opened(entry);
    }
    if let Event::SessionUsed { session, until } = &entry.event {
        let used = vec![("used_ms", until.millis().into())];
        return vec![set(Table::Sessions, &session.to_string(), used)];
    }
    let Event::SessionEnded { session, .. } = &entry.event else { return Vec::new() };
    let row = state_row(Table::Sessions, &session.to_string(), "ended");
    vec![with(row, "ended_ms", at.millis())]
}

fn whose(tenant: &Name, person: &Name) -> Vec<(&'static str, Cell)> {
    vec![("tenant", tenant.as_str().into()), ("person", person.as_str().into())]
}

fn row_of(person: &Person, at: Timestamp) -> Row {
    let cells = vec![
        ("tenant", person.tenant.as_str().into()),
        ("name", person.name.as_str().into()),
        ("roles", person.roles.to_string().into()),
        ("groups", person.groups.to_string().into()),
        ("state", person.state.word().into()),
        ("changed_ms", at.millis().into()),
    ];
    set(Table::People, &person_key(&person.tenant, &person.name), cells)
}

fn added(passkey: &Passkey, at: Timestamp) -> Row {
    let mut cells = whose(&passkey.tenant, &passkey.person);
    cells.extend([
        ("title", passkey.title.as_str().into()),
        ("public_key", passkey.public_key.as_str().into()),
        ("counter", u64::from(passkey.counter).into()),
        ("state", "active".into()),
        ("added_ms", at.millis().into()),
    ]);
    set(Table::Passkeys, &passkey.id, cells)
}

fn tickets(entry: &Entry) -> Vec<Row> {
    let Event::TicketsMade { tenant, person, kind, verifiers, until, replaced, by } = &entry.event
    else {
        return Vec::new();
    };
    let ticket =
        |verifier: &Digest, state: &str| state_row(Table::Tickets, &verifier.to_string(), state);
    let gone = replaced.iter().map(|verifier| ticket(verifier, "replaced"));
    let made = verifiers.iter().map(|verifier| {
        let mut row = ticket(verifier, "open");
        row.set.extend(whose(tenant, person));
        row.set.extend([
            ("kind", kind.word().into()),
            ("until_ms", until.map(Timestamp::millis).into()),
            ("made_by", by.as_str().into()),
            ("made_ms", entry.at.millis().into()),
        ]);
        row
    });
    gone.chain(made).collect()
}

fn opened(entry: &Entry) -> Vec<Row> {
    let Event::SessionOpened { session, tenant, person, verifier, login, ticket, passkey, until } =
        &entry.event
    else {
        return Vec::new();
    };
    let mut row = set(Table::Sessions, &session.to_string(), whose(tenant, person));
    row.set.extend([
        ("verifier", verifier.to_string().into()),
        ("login", login.word().into()),
        ("state", "open".into()),
        ("opened_ms", entry.at.millis().into()),
        ("until_ms", until.millis().into()),
    ]);
    let mut rows = vec![row];
    rows.extend(ticket.map(|ticket| state_row(Table::Tickets, &ticket.to_string(), "used")));
    if let Some(PasskeyUse { passkey, counter }) = passkey {
        let cells =
            vec![("counter", u64::from(*counter).into()), ("used_ms", entry.at.millis().into())];
        rows.push(set(Table::Passkeys, passkey, cells));
    }
    rows
}
