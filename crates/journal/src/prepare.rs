//! What can be done for a commit before it has its place: forms, rows, keys, encryption.
//!
//! This runs on the caller's thread, so that the one writing thread does only what must be done in order.
//! Nothing is written here; whatever does not fit refuses the commit before anything of it is written.

use std::sync::Arc;

use domain::{CallId, Entry, Event, Name, PayloadKind, RunId, Timestamp, limits};
use gate::{Commit, CommitError, Guard, Payload, Row, SourceText, Urgency};

use crate::error::{Error, store};
use crate::keys::ring::{Ring, RunKey, TenantKey};
use crate::keys::{Belongs, Sealed, WrappedKey};
use crate::options::Mask;
use crate::readers::Readers;
use crate::stored::EventBytes;

/// An entry without its place.
pub(crate) struct PreparedEntry {
    pub(crate) entry: Entry,
    pub(crate) bytes: EventBytes,
    pub(crate) rows: Vec<Row>,
}

/// An encrypted payload.
pub(crate) struct SealedPayload {
    pub(crate) tenant: Name,
    pub(crate) run: RunId,
    pub(crate) call: CallId,
    pub(crate) kind: PayloadKind,
    pub(crate) sealed: Sealed,
}

/// A commit without its place.
pub(crate) struct Prepared {
    pub(crate) guards: Vec<Guard>,
    pub(crate) entries: Vec<PreparedEntry>,
    pub(crate) payloads: Vec<SealedPayload>,
    pub(crate) keys: Vec<WrappedKey>,
    pub(crate) sources: Vec<SourceText>,
    pub(crate) urgency: Urgency,
    pub(crate) earliest: Timestamp,
    pub(crate) latest: Timestamp,
}

/// Keys of the runs that a commit opens, in use once it is durable.
pub(crate) type NewRuns = Vec<(RunId, Arc<RunKey>)>;

/// Gives a tenant's key, made if there is none.
pub(crate) type TenantKeys<'a> = dyn Fn(&Name) -> Result<Arc<TenantKey>, Error> + Sync + 'a;

/// What preparing needs.
pub(crate) struct Preparing<'a> {
    pub(crate) ring: &'a Ring,
    pub(crate) readers: &'a Readers,
    pub(crate) mask: Option<&'a Mask>,
    pub(crate) tenant_key: &'a TenantKeys<'a>,
}

/// A commit that cannot be written for what it is. Like a guard, with the place behind the last one.
pub(crate) fn refused(guards: usize, found: impl Into<String>) -> CommitError {
    CommitError::Guard { index: guards, found: found.into() }
}

impl Preparing<'_> {
    /// Prepares a commit.
    pub(crate) fn prepare(&self, commit: Commit) -> Result<(Prepared, NewRuns), CommitError> {
        let guards = commit.guards.len();
        if commit.entries.is_empty() || commit.entries.len() > limits::COMMIT_ENTRIES_MAX {
            let (found, max) = (commit.entries.len(), limits::COMMIT_ENTRIES_MAX);
            return Err(refused(guards, format!("{found} entries, expected 1 to {max}")));
        }
        let failed = |error: Error| CommitError::Store(store(&error));
        let (mut keys, mut runs) = (Vec::new(), NewRuns::new());
        let mut entries = Vec::with_capacity(commit.entries.len());
        for entry in commit.entries {
            if let Event::RunOpened { run, .. } = &entry.event {
                let tenant = &run.chain.tenant;
                let over = (self.tenant_key)(tenant).map_err(failed)?;
                let (wrapped, key) = self.ring.fresh_run(run.id, tenant, &over).map_err(failed)?;
                keys.push(wrapped);
                runs.push((run.id, key));
            }
            entries.push(self.entry(entry).map_err(|error| refused(guards, error))?);
        }
        let mut payloads = Vec::with_capacity(commit.payloads.len());
        for payload in commit.payloads {
            let key = self.run_key(payload.run, &runs).map_err(failed)?;
            payloads.push(sealed(payload, key.as_deref(), guards)?);
        }
        let times = || entries.iter().map(|each| each.entry.at);
        let prepared = Prepared {
            earliest: times().min().unwrap_or_default(),
            latest: times().max().unwrap_or_default(),
            guards: commit.guards,
            entries,
            payloads,
            keys,
            sources: commit.sources,
            urgency: commit.urgency,
        };
        Ok((prepared, runs))
    }

    fn entry(&self, mut entry: Entry) -> Result<PreparedEntry, String> {
        if let Some(mask) = self.mask {
            crate::mask::event(&mut entry.event, mask);
        }
        let bytes = EventBytes::of(&entry.event).map_err(|error| error.to_string())?;
        let rows = gate::projection::rows(&entry);
        Ok(PreparedEntry { entry, bytes, rows })
    }

    fn run_key(&self, run: RunId, new: &NewRuns) -> Result<Option<Arc<RunKey>>, Error> {
        match new.iter().find(|(id, _)| *id == run) {
            Some((_, key)) => Ok(Some(Arc::clone(key))),
            None => self.ring.run(run, self.readers),
        }
    }
}

fn sealed(
    payload: Payload,
    key: Option<&RunKey>,
    guards: usize,
) -> Result<SealedPayload, CommitError> {
    let Payload { tenant, run, call, kind, bytes } = payload;
    let Some(key) = key.filter(|key| key.tenant == tenant) else {
        return Err(refused(guards, format!("{run} of {tenant} has no key, or it is erased")));
    };
    let belongs = Belongs { tenant: &tenant, run, call, kind }.text();
    let sealed =
        key.payload.seal(&belongs, bytes).map_err(|error| CommitError::Store(store(&error)))?;
    Ok(SealedPayload { tenant, run, call, kind, sealed })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_points_behind_the_last_guard() {
        let error = refused(3, "x");
        assert_eq!(error, CommitError::Guard { index: 3, found: "x".to_owned() });
    }
}
