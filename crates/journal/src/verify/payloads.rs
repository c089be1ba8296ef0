//! Payloads: each opens with its run's key and is what an entry of its call names; none is missing.
//! What is erased is counted, not found fault with: entries stay provable without it.

use domain::{CallId, Digest, Event, PayloadKind, RunId, Settled};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{Finding, Halt, Source, Verification};
use crate::error::Error;
use crate::keys::{Belongs, keyed};
use crate::stored::Record;

/// A payload's place and owner.
struct Found {
    call: CallId,
    kind: PayloadKind,
    run: RunId,
    tenant: domain::Name,
    nonce: Option<Vec<u8>>,
    bytes: Option<Vec<u8>>,
}

/// Checks every payload, and that none is missing.
pub(super) fn check(source: &Source<'_>, found: &mut Verification) -> Result<(), Halt> {
    let sql =
        "SELECT call, kind, run, tenant, nonce, bytes FROM payloads ORDER BY call, kind, version";
    let mut statement = source.connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let word = |place| row.get::<_, String>(place);
        let (call, kind, run, tenant) = (word(0)?, word(1)?, word(2)?, word(3)?);
        let parsed = (call.parse(), PayloadKind::from_word(&kind), run.parse(), tenant.parse());
        let (Ok(call), Some(kind), Ok(run), Ok(tenant)) = parsed else {
            return Err(
                Finding::of(format!("a payload `{kind}` of `{call}` belongs to nobody")).into()
            );
        };
        let payload = Found { call, kind, run, tenant, nonce: row.get(4)?, bytes: row.get(5)? };
        one(source, payload, found)?;
    }
    none_missing(source)
}

fn one(source: &Source<'_>, payload: Found, found: &mut Verification) -> Result<(), Halt> {
    let Found { call, kind, run, tenant, nonce, bytes } = payload;
    let key = source.ring.run(run, source.readers)?;
    let (Some(key), Some(nonce), Some(bytes)) = (key, nonce, bytes) else {
        found.erased += 1;
        return Ok(());
    };
    let belongs = Belongs { tenant: &tenant, run, call, kind }.text();
    let Some(bytes) = key.payload.open(&belongs, &nonce, bytes) else {
        return Err(about(&source.connection, call, format!("its {kind} does not open"))?.into());
    };
    let digest = keyed(&key.digest, &bytes);
    let named = match kind {
        PayloadKind::Facts | PayloadKind::Answer => {
            let names = names(&source.connection, call)?;
            names.iter().any(|name| name.fits(kind, digest))
        }
        // Nothing in an entry is the digest of these bytes.
        PayloadKind::Proposal | PayloadKind::Plan | PayloadKind::Inverse => true,
    };
    if !named {
        let what = format!("its {kind} is not what any entry of the call names");
        return Err(about(&source.connection, call, what)?.into());
    }
    found.payloads += 1;
    Ok(())
}

/// A finding about a call, at its last entry.
fn about(connection: &Connection, call: CallId, what: String) -> Result<Finding, Error> {
    let sql = "SELECT position, body FROM entries WHERE call = ?1 ORDER BY position DESC LIMIT 1";
    let found: Option<(i64, Vec<u8>)> = connection
        .query_row(sql, [call.to_string()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let what = format!("{call}: {what}");
    let Some((position, body)) = found else { return Ok(Finding::of(what)) };
    let record = Record::read(&body).ok();
    Ok(Finding {
        position: u64::try_from(position).ok(),
        writer: record.as_ref().map(|record| record.writer),
        seq: record.map(|record| record.seq),
        what,
    })
}

/// The payloads that the entries of a call name.
fn names(connection: &Connection, call: CallId) -> Result<Vec<Named>, Halt> {
    let mut statement =
        connection.prepare_cached("SELECT body FROM entries WHERE call = ?1 ORDER BY position")?;
    let bodies = statement.query_map([call.to_string()], |row| row.get::<_, Vec<u8>>(0))?;
    let mut named = Vec::new();
    for body in bodies {
        let record =
            Record::read(&body?).map_err(|error| Finding::of(format!("{call}: {error}")))?;
        named.extend(digests(&record.entry.event));
    }
    Ok(named)
}

/// A payload that an event names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Named {
    /// By its keyed digest.
    ByDigest(PayloadKind, Digest),
    /// An answer without its digest: what recovery or a person found out comes with one.
    AnyAnswer,
}

impl Named {
    /// Whether this names a payload of this kind and digest.
    pub(crate) fn fits(self, kind: PayloadKind, digest: Digest) -> bool {
        match self {
            Self::ByDigest(named, is) => named == kind && is == digest,
            Self::AnyAnswer => kind == PayloadKind::Answer,
        }
    }
}

/// The payloads that an event names.
pub(crate) fn digests(event: &Event) -> Vec<Named> {
    let mut named = Vec::new();
    if let Event::CallDenied { subject: Some(subject), .. }
    | Event::HeldCallDenied { subject: Some(subject), .. }
    | Event::CallHeld { subject, .. }
    | Event::CallQueued { subject, .. }
    | Event::CallAdmitted { subject, .. }
    | Event::PreviewAdmitted { subject, .. }
    | Event::ReadSettled { subject, .. } = event
    {
        named.push(Named::ByDigest(PayloadKind::Facts, subject.facts));
    }
    if let Event::CallDenied { answer, .. }
    | Event::CallHeld { answer, .. }
    | Event::CallQueued { answer, .. }
    | Event::HeldCallDenied { answer, .. }
    | Event::AnswerGiven { answer, .. }
    | Event::ApprovalQuestioned { answer, .. }
    | Event::CallLost { answer: Some(answer), .. }
    | Event::CallCancelled { answer: Some(answer), .. }
    | Event::ReadSettled { outcome: Settled { answer, .. }, .. }
    | Event::CallSettled { outcome: Settled { answer, .. } } = event
    {
        named.push(Named::ByDigest(PayloadKind::Answer, *answer));
    }
    if let Event::CallLost { answer: None, .. } | Event::CallResolved { .. } = event {
        named.push(Named::AnyAnswer);
    }
    named
}

/// Every call that was decided has its facts, unless its run's key is erased.
fn none_missing(source: &Source<'_>) -> Result<(), Halt> {
    let sql = "SELECT entries.call FROM entries
        JOIN wrapped_keys ON wrapped_keys.scope = entries.run AND wrapped IS NOT NULL
        WHERE entries.kind IN ('call_held', 'call_queued', 'call_admitted', 'read_settled') AND NOT EXISTS
        (SELECT 1 FROM payloads WHERE payloads.call = entries.call AND payloads.kind = ?1) LIMIT 1";
    let missing: Option<String> = source
        .connection
        .query_row(sql, params![PayloadKind::Facts.word()], |row| row.get(0))
        .optional()?;
    match missing.and_then(|call| call.parse().ok()) {
        Some(call) => {
            Err(about(&source.connection, call, "its facts are missing".to_owned())?.into())
        }
        None => Ok(()),
    }
}
