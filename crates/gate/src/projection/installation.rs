//! Rows of what belongs to the installation: writers, versions, modes, grants, keys, stops.
//!
//! Of a key only the digest of its secret is kept.

use domain::{
    Digest, Entry, Event, Grant, GrantId, GrantState, KeyHolder, KeyId, Name, Stop, StopId,
    StopState, WriterId,
};

use super::{Cell, FENCE, Row, Table, set, state_row, with};

pub(super) fn opened(entry: &Entry, writer: WriterId, program: &str) -> Vec<Row> {
    let row = with(state_row(Table::Writers, &writer.to_string(), "open"), "program", program);
    vec![with(row, "opened_ms", entry.at.millis()), fence(0)]
}

pub(super) fn sealed(writer: WriterId) -> Row {
    state_row(Table::Writers, &writer.to_string(), "sealed")
}

pub(super) fn loaded(entry: &Entry) -> Vec<Row> {
    let row = |(kind, version, count): (&str, Digest, u64)| {
        let cells = vec![
            ("kind", kind.into()),
            ("count", count.into()),
            ("loaded_ms", entry.at.millis().into()),
        ];
        set(Table::Versions, &version.to_string(), cells)
    };
    version(&entry.event).map(row).into_iter().collect()
}

/// What came into force: its kind, version and size.
fn version(event: &Event) -> Option<(&'static str, Digest, u64)> {
    if let Event::PolicyLoaded { version, policies } = event {
        return Some(("policies", *version, *policies));
    }
    if let Event::ContractsLoaded { version, tools } = event {
        return Some(("contracts", *version, *tools));
    }
    let Event::ConfigurationLoaded { version } = event else { return None };
    Some(("configuration", *version, 1))
}

pub(super) fn mode(entry: &Entry) -> Vec<Row> {
    let Event::ModeSet { space, mode, by, reason } = &entry.event else { return Vec::new() };
    let reason = reason.clone().into();
    let cells =
        vec![("mode", mode.word().into()), ("set_by", by.as_str().into()), ("reason", reason)];
    vec![with(set(Table::Modes, space.as_str(), cells), "at_ms", entry.at.millis())]
}

pub(super) fn given(entry: &Entry, grant: &Grant, by: &Name) -> Row {
    let list = |names: &[Name]| names.iter().map(Name::as_str).collect::<Vec<_>>().join(" ");
    let parents: Vec<String> = grant.chain.parents.iter().map(ToString::to_string).collect();
    let cells: Vec<(_, Cell)> = vec![
        ("tenant", grant.chain.tenant.as_str().into()),
        ("agent", grant.chain.agent.name.as_str().into()),
        ("agent_version", grant.chain.agent.version.as_str().into()),
        ("human", grant.chain.human.0.as_str().into()),
        ("parents", parents.join(" ").into()),
        ("tools", grant.rights.tools.join(" ").into()),
        ("spaces", list(&grant.rights.spaces).into()),
        ("workflows", list(&grant.rights.workflows).into()),
        ("expires_ms", grant.expires.map(domain::Timestamp::millis).into()),
        ("state", grant.state.word().into()),
        ("given_by", by.as_str().into()),
        ("given_ms", entry.at.millis().into()),
    ];
    set(Table::Grants, &grant.id.to_string(), cells)
}

pub(super) fn revoked(grant: GrantId) -> Row {
    state_row(Table::Grants, &grant.to_string(), GrantState::Revoked.word())
}

fn held_by(holder: &KeyHolder, key: &str) -> Row {
    let cells = match holder {
        KeyHolder::Grant { tenant, grant } => vec![
            ("holder", "agent".into()),
            ("tenant", tenant.as_str().into()),
            ("grant_id", grant.to_string().into()),
        ],
        KeyHolder::Operator { tenant, name, roles, groups } => vec![
            ("holder", "operator".into()),
            ("tenant", tenant.as_str().into()),
            ("name", name.as_str().into()),
            ("roles", roles.to_string().into()),
            ("groups", groups.to_string().into()),
        ],
    };
    set(Table::Keys, key, cells)
}

pub(super) fn key_made(entry: &Entry, key: KeyId, holder: &KeyHolder) -> Row {
    let row = held_by(holder, &key.to_string());
    let row = with(with(row, "state", "active"), "made_ms", entry.at.millis());
    if let Event::KeyMade { verifier, by, .. } = &entry.event {
        return with(with(row, "verifier", verifier.to_string()), "made_by", by.as_str());
    }
    row
}

pub(super) fn ordered(stop: &Stop) -> Vec<Row> {
    let cells = vec![
        ("scope", stop.scope.to_string().into()),
        ("level", stop.level.word().into()),
        ("reason", stop.reason.as_str().into()),
        ("ordered_by", stop.by.as_str().into()),
        ("at_ms", stop.at.millis().into()),
        ("state", stop.state.word().into()),
    ];
    vec![set(Table::Stops, &stop.id.to_string(), cells), fence(1)]
}

/// Raises the fence, or with zero makes sure that its record exists for guards to look at.
fn fence(by: i64) -> Row {
    Row { table: Table::Fences, key: FENCE.to_owned(), set: Vec::new(), add: vec![("epoch", by)] }
}

pub(super) fn lifted(stop: StopId, by: &Name, reason: &str) -> Row {
    let row = state_row(Table::Stops, &stop.to_string(), StopState::Lifted.word());
    with(with(row, "lifted_by", by.as_str()), "lifted_reason", reason)
}
