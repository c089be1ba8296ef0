//! The projections' schema: every table and column, as one list that all stores share.
//!
//! Projections hold where things stand now. They change only through `projection::rows` and can be rebuilt
//! from the entries at any time, so no column here may hold what no entry says.

use domain::Dimension;

/// A column's name.
pub type Column = &'static str;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text or null.
    Text,
    /// A 64-bit integer or null.
    Integer,
    /// A 64-bit integer that starts at zero and is added to.
    Sum,
}

/// A value in a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Null,
    /// An integer.
    Integer(i64),
    /// A text.
    Text(String),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<u64> for Cell {
    /// Values beyond `i64::MAX` are kept as `i64::MAX`; limits are far below.
    fn from(value: u64) -> Self {
        Self::Integer(i64::try_from(value).unwrap_or(i64::MAX))
    }
}

impl<T: Into<Self>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

macro_rules! tables {
    ($($(#[$doc:meta])* $name:ident = $shown:literal { $($column:literal: $kind:ident),* $(,)? } indexes [$($index:expr),* $(,)?];)*) => {
        /// A projection.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Table { $($(#[$doc])* $name),* }

        impl Table {
            /// Every table.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Its name in a store.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $shown),* }
            }

            /// Its columns beside `key`, in order.
            pub const fn columns(self) -> &'static [(Column, Kind)] {
                match self { $(Self::$name => &[$(($column, Kind::$kind)),*]),* }
            }

            /// Column lists that queries match or sort by.
            pub const fn indexes(self) -> &'static [&'static [Column]] {
                match self { $(Self::$name => &[$(&$index),*]),* }
            }
        }
    };
}

tables! {
    /// Runs by run id.
    Runs = "runs" {
        "tenant": Text, "workflow": Text, "space": Text, "grant_id": Text, "agent": Text, "agent_name": Text, "human": Text,
        "purpose": Text, "ambient": Integer, "state": Text, "opened_ms": Integer, "last_ms": Integer,
        "outcome": Text, "reason": Text, "metric": Text,
    } indexes [
        ["grant_id", "state"], ["agent_name", "tenant", "opened_ms", "key"], ["state", "tenant", "opened_ms", "key"],
        ["tenant", "opened_ms", "key"],
    ];
    /// Calls by call id.
    Calls = "calls" {
        "run": Text, "tenant": Text, "grant_id": Text, "agent": Text, "agent_name": Text, "tool": Text, "contract": Text,
        "resource": Text, "effect_class": Text, "state": Text, "status": Text, "executed": Text, "code": Text,
        "verdict": Text, "tier": Text, "policy": Text, "arguments": Text, "facts": Text, "plan": Text,
        "ledger": Text, "ledger_arguments": Text, "detached": Integer, "received_ms": Integer,
        "admitted_ms": Integer, "updated_ms": Integer, "wall_ms": Integer, "money_micros": Integer, "undo": Text,
        "undo_until_ms": Integer, "undoes": Text, "reserved_scopes": Text, "reserved_calls": Integer,
        "reserved_money_micros": Integer, "reserved_irreversible": Integer, "reserved_read_bytes": Integer,
        "reserved_wall_ms": Integer, "superseded_by": Text, "superseded_why": Text, "edited_by": Text,
    } indexes [
        ["run", "received_ms", "key"], ["state", "tenant", "received_ms", "key"],
        ["status", "tenant", "received_ms", "key"], ["tool", "tenant", "received_ms", "key"],
        ["agent_name", "tenant", "received_ms", "key"], ["tenant", "received_ms", "key"],
        ["grant_id", "updated_ms"], ["run", "arguments"], ["undo", "undo_until_ms"], ["superseded_by"],
    ];
    /// Idempotency keys, by the digest of tenant, principal, tool and key.
    Ledger = "ledger" { "call": Text, "arguments": Text, "state": Text } indexes [["call"]];
    /// Budgets by scope.
    Budgets = "budgets" {
        "limit_calls": Integer, "limit_money_micros": Integer, "limit_irreversible": Integer,
        "limit_read_bytes": Integer, "limit_wall_ms": Integer,
        "raised_calls": Sum, "raised_money_micros": Sum, "raised_irreversible": Sum,
        "raised_read_bytes": Sum, "raised_wall_ms": Sum,
        "reserved_calls": Sum, "reserved_money_micros": Sum, "reserved_irreversible": Sum,
        "reserved_read_bytes": Sum, "reserved_wall_ms": Sum,
        "spent_calls": Sum, "spent_money_micros": Sum, "spent_irreversible": Sum,
        "spent_read_bytes": Sum, "spent_wall_ms": Sum,
        "leased_calls": Sum, "leased_money_micros": Sum, "leased_irreversible": Sum,
        "leased_read_bytes": Sum, "leased_wall_ms": Sum,
        "on_exceeded": Text, "run": Text, "grant_id": Text,
    } indexes [["run"], ["grant_id"]];
    /// Requests for decisions by approval id.
    Approvals = "approvals" {
        "call": Text, "run": Text, "tenant": Text, "grant_id": Text, "agent": Text, "tool": Text,
        "resource": Text, "effect_class": Text, "requirement": Text,
        "asked_of": Text, "quorum": Integer, "assurance": Text, "binding": Text, "state": Text, "asked_ms": Integer,
        "decide_by_ms": Integer, "execute_within_ms": Integer, "execute_by_ms": Integer, "decided_by": Text,
        "decided_ms": Integer, "reason": Text, "votes": Sum, "questions": Sum, "escalate_to": Text,
        "escalates_ms": Integer, "escalation": Text, "escalated_ms": Integer,
    } indexes [
        ["state", "asked_ms"], ["state", "decide_by_ms"], ["state", "execute_by_ms"], ["call"],
        ["state", "tenant", "asked_ms", "key"], ["agent", "tenant", "asked_ms", "key"], ["tenant", "asked_ms", "key"],
        ["tool", "asked_ms"], ["escalation", "escalates_ms"],
    ];
    /// Each yes of a person, by `approval/person`: nobody says it twice.
    Votes = "votes" {
        "approval": Text, "tenant": Text, "voter": Text, "at_ms": Integer, "reason": Text, "assurance": Text,
        "surface": Text, "shown": Text, "shown_chars": Integer,
    } indexes [["approval", "at_ms"], ["tenant", "at_ms"]];
    /// What was asked and said about a held call before it was decided, by `call/kind/moment/place`.
    Remarks = "remarks" {
        "call": Text, "approval": Text, "tenant": Text, "kind": Text, "said_by": Text, "text": Text, "at_ms": Integer,
    } indexes [["call", "at_ms"]];
    /// Notices and reviews by `call/kind/policy`.
    Duties = "duties" {
        "call": Text, "run": Text, "tenant": Text, "agent": Text, "kind": Text, "policy": Text, "asked_of": Text,
        "state": Text, "at_ms": Integer, "done_by": Text, "note": Text, "verdict": Text, "review": Text,
        "review_by_ms": Integer, "overdue_ms": Integer,
    } indexes [["state", "at_ms"], ["call"], ["review", "review_by_ms"], ["tenant", "at_ms", "key"]];
    /// Acts that were rejected afterwards and could not be taken back, by duty.
    Incidents = "incidents" {
        "call": Text, "run": Text, "tenant": Text, "reason": Text, "opened_by": Text, "at_ms": Integer, "state": Text,
        "closed_by": Text, "closed_reason": Text, "closed_ms": Integer,
    } indexes [["tenant", "at_ms", "key"]];
    /// Stops by stop id.
    Stops = "stops" {
        "scope": Text, "level": Text, "reason": Text, "ordered_by": Text, "at_ms": Integer, "state": Text,
        "lifted_by": Text, "lifted_reason": Text,
    } indexes [["state"], ["at_ms", "key"]];
    /// Receipts of stops by stop id.
    Receipts = "receipts" { "levers": Text, "calls": Text, "at_ms": Integer } indexes [];
    /// Rollbacks that were ordered with kills, by stop id.
    Rollbacks = "rollbacks" {
        "tenant": Text, "ordered_by": Text, "acts": Text, "state": Text, "ended": Text, "at_ms": Integer,
    } indexes [["state"]];
    /// The last rehearsal of a stop by scope.
    Drills = "drills" { "drilled_by": Text, "levers": Text, "at_ms": Integer } indexes [];
    /// One record, `fence`: the epoch of the stops.
    Fences = "fences" { "epoch": Sum } indexes [];
    /// Rights by grant id.
    Grants = "grants" {
        "tenant": Text, "agent": Text, "agent_version": Text, "human": Text, "parents": Text, "tools": Text,
        "spaces": Text, "workflows": Text, "expires_ms": Integer, "state": Text, "given_by": Text,
        "given_ms": Integer,
    } indexes [["tenant", "agent"], ["state"]];
    /// Keys by key id.
    Keys = "keys" {
        "holder": Text, "tenant": Text, "grant_id": Text, "name": Text, "roles": Text, "groups": Text, "verifier": Text,
        "state": Text, "made_by": Text, "made_ms": Integer,
    } indexes [["verifier"], ["grant_id"]];
    /// People with accounts by `tenant/name`.
    People = "people" {
        "tenant": Text, "name": Text, "roles": Text, "groups": Text, "state": Text, "made_by": Text,
        "made_ms": Integer, "changed_ms": Integer,
    } indexes [["tenant", "name"]];
    /// Passkeys by credential id.
    Passkeys = "passkeys" {
        "tenant": Text, "person": Text, "title": Text, "public_key": Text, "counter": Integer, "state": Text,
        "added_ms": Integer, "used_ms": Integer,
    } indexes [["tenant", "person"]];
    /// Who may log in by an issuer, by the digest of issuer and subject.
    Identities = "identities" { "tenant": Text, "person": Text, "issuer": Text, "linked_ms": Integer } indexes [];
    /// Links and recovery codes by the digest of their secret.
    Tickets = "tickets" {
        "tenant": Text, "person": Text, "kind": Text, "state": Text, "until_ms": Integer, "made_by": Text,
        "made_ms": Integer,
    } indexes [["state"]];
    /// Sessions of people by session id.
    Sessions = "sessions" {
        "tenant": Text, "person": Text, "verifier": Text, "login": Text, "state": Text, "opened_ms": Integer,
        "used_ms": Integer, "until_ms": Integer, "ended_ms": Integer,
    } indexes [["state"], ["tenant", "person"]];
    /// Outlets by name: up to where in the journal each has told, and how often it could not.
    Outlets = "outlets" {
        "tenant": Text, "position": Integer, "part": Integer, "told": Sum, "gave_up": Sum, "told_ms": Integer,
        "gave_up_ms": Integer, "reason": Text,
    } indexes [];
    /// What an outlet keeps of what it told, by `outlet/about`.
    Told = "told" { "outlet": Text, "about": Text, "place": Text, "shown": Text, "at_ms": Integer } indexes [];
    /// Messages from outside that were acted on, by `outlet/digest`.
    Messages = "messages" {
        "tenant": Text, "outlet": Text, "person": Text, "surface": Text, "approval": Text, "outcome": Text,
        "at_ms": Integer,
    } indexes [];
    /// Calls whose caller wants to be told of their end, by `call/outlet`.
    Callbacks = "callbacks" { "call": Text, "outlet": Text, "tenant": Text, "at_ms": Integer } indexes [["call"]];
    /// Modes by space.
    Modes = "modes" { "mode": Text, "set_by": Text, "reason": Text, "at_ms": Integer } indexes [];
    /// Definitions of upstream tools by tool: what was accepted, what is offered, and what a person says of it.
    Pins = "pins" {
        "server": Text, "state": Text, "definition": Text, "seen": Text, "decided_by": Text, "at_ms": Integer,
        "reason": Text, "effect_class": Text, "consequences": Text, "resource": Text, "classified_of": Text,
        "classified_by": Text, "classified_ms": Integer, "classified_reason": Text,
    } indexes [["server"], ["state"]];
    /// Versions of policies and contracts by digest.
    Versions = "versions" { "kind": Text, "count": Integer, "loaded_ms": Integer } indexes [["kind", "loaded_ms"]];
    /// Writers by writer id.
    Writers = "writers" { "program": Text, "opened_ms": Integer, "state": Text } indexes [["state"]];
}

/// The columns of a budget dimension: limit, raised, reserved, spent, leased.
pub const fn budget_columns(dimension: Dimension) -> [Column; 5] {
    match dimension {
        Dimension::Calls => {
            ["limit_calls", "raised_calls", "reserved_calls", "spent_calls", "leased_calls"]
        }
        Dimension::Money => [
            "limit_money_micros",
            "raised_money_micros",
            "reserved_money_micros",
            "spent_money_micros",
            "leased_money_micros",
        ],
        Dimension::Irreversible => [
            "limit_irreversible",
            "raised_irreversible",
            "reserved_irreversible",
            "spent_irreversible",
            "leased_irreversible",
        ],
        Dimension::ReadBytes => [
            "limit_read_bytes",
            "raised_read_bytes",
            "reserved_read_bytes",
            "spent_read_bytes",
            "leased_read_bytes",
        ],
        Dimension::Wall => [
            "limit_wall_ms",
            "raised_wall_ms",
            "reserved_wall_ms",
            "spent_wall_ms",
            "leased_wall_ms",
        ],
    }
}
