//! Payloads as the store keeps them, and in the clear.
//!
//! A payload that was never written, was erased by itself or whose run's key is erased is absent; one that is
//! there and does not open is corruption.

use domain::{CallId, Digest, Name, PayloadKind, RunId};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use crate::error::Error;
use crate::keys::{Belongs, keyed};
use crate::sqlite::Shared;

/// A payload as the store keeps it.
pub(crate) struct Kept {
    pub(crate) tenant: Name,
    pub(crate) run: RunId,
    pub(crate) nonce: Vec<u8>,
    pub(crate) bytes: Vec<u8>,
}

/// The latest payload of a call and kind as it is kept; none if it was never there or is erased.
pub(crate) fn kept(
    connection: &Connection,
    call: CallId,
    kind: PayloadKind,
) -> Result<Option<Kept>, Error> {
    let sql = "SELECT tenant, run, nonce, bytes FROM payloads
        WHERE call = ?1 AND kind = ?2 AND bytes IS NOT NULL ORDER BY version DESC LIMIT 1";
    let mut statement = connection.prepare_cached(sql)?;
    let found = statement.query_row(params![call.to_string(), kind.word()], raw).optional()?;
    found.map(|found| of_raw(found, call, kind)).transpose()
}

/// All versions of a call's payload that are kept, the latest first.
fn versions(connection: &Connection, call: CallId, kind: PayloadKind) -> Result<Vec<Kept>, Error> {
    let sql = "SELECT tenant, run, nonce, bytes FROM payloads
        WHERE call = ?1 AND kind = ?2 AND bytes IS NOT NULL ORDER BY version DESC";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map(params![call.to_string(), kind.word()], raw)?;
    rows.map(|found| of_raw(found?, call, kind)).collect()
}

type Raw = (String, String, Vec<u8>, Vec<u8>);

fn raw(row: &Row<'_>) -> rusqlite::Result<Raw> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
}

fn of_raw(
    (tenant, run, nonce, bytes): Raw,
    call: CallId,
    kind: PayloadKind,
) -> Result<Kept, Error> {
    match (tenant.parse(), run.parse()) {
        (Ok(tenant), Ok(run)) => Ok(Kept { tenant, run, nonce, bytes }),
        (Err(_), _) | (_, Err(_)) => {
            Err(Error::Corrupted(format!("the {kind} of {call} belongs to nobody")))
        }
    }
}

impl Shared {
    /// The latest payload in the clear.
    pub(crate) fn payload(
        &self,
        call: CallId,
        kind: PayloadKind,
    ) -> Result<Option<Vec<u8>>, Error> {
        match self.readers.with(|connection| kept(connection, call, kind))? {
            Some(found) => Ok(self.opened(found, call, kind)?.map(|(bytes, _)| bytes)),
            None => Ok(None),
        }
    }

    /// The payload with this keyed digest, in the clear; the other versions' number without it.
    pub(crate) fn payload_with_digest(
        &self,
        call: CallId,
        kind: PayloadKind,
        digest: Digest,
    ) -> Result<Found, Error> {
        let all = self.readers.with(|connection| versions(connection, call, kind))?;
        let mut others = 0;
        for version in all {
            match self.opened(version, call, kind)? {
                Some((bytes, is)) if is == digest => return Ok(Found::Kept(bytes)),
                Some(_) => others += 1,
                None => {}
            }
        }
        Ok(if others == 0 { Found::Erased } else { Found::Altered })
    }

    /// The contents with their keyed digest; none if the run's key is erased.
    pub(crate) fn opened(
        &self,
        kept: Kept,
        call: CallId,
        kind: PayloadKind,
    ) -> Result<Option<(Vec<u8>, Digest)>, Error> {
        let Kept { tenant, run, nonce, bytes } = kept;
        let Some(key) = self.ring.run(run, &self.readers)? else { return Ok(None) };
        let belongs = Belongs { tenant: &tenant, run, call, kind }.text();
        let broken = || Error::Corrupted(format!("the {kind} of {call} does not open"));
        let bytes = key.payload.open(&belongs, &nonce, bytes).ok_or_else(broken)?;
        let digest = keyed(&key.digest, &bytes);
        Ok(Some((bytes, digest)))
    }
}

/// What became of a payload that an entry names by digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// It is here.
    Kept(Vec<u8>),
    /// It was erased, by itself or with its run's key.
    Erased,
    /// Something is here that is not what the entry names.
    Altered,
}
