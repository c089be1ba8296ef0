//! Keys in use: unwrapped, in memory, bounded; read from the store again when they are needed again.
//!
//! Only runs in work need their keys here. A key that was erased is forgotten at once and is nowhere else.

use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::hmac;
use domain::{Name, RunId, limits};
use rusqlite::{Connection, OptionalExtension as _};

use super::{Purpose, Sealing, Secret, WrappedKey, tenant_scope};
use crate::bounded::Bounded;
use crate::error::Error;
use crate::readers::Readers;

/// A tenant's key, ready for use.
#[derive(Debug)]
pub(crate) struct TenantKey {
    pub(crate) digest: hmac::Key,
    wrap: Sealing,
}

/// A run's key, ready for use.
#[derive(Debug)]
pub(crate) struct RunKey {
    pub(crate) tenant: Name,
    pub(crate) digest: hmac::Key,
    pub(crate) payload: Sealing,
    pub(crate) secret: Secret,
}

impl RunKey {
    /// From its bytes: out of the store, or out of an export.
    pub(crate) fn new(tenant: Name, secret: Secret) -> Result<Self, Error> {
        let payload = secret.sealing(Purpose::Payload)?;
        Ok(Self { tenant, digest: secret.digest_key(), payload, secret })
    }
}

/// The keys in use.
pub(crate) struct Ring {
    master: Sealing,
    tenants: Mutex<Bounded<Name, Arc<TenantKey>>>,
    runs: Mutex<Bounded<RunId, Arc<RunKey>>>,
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Ring {
    /// Under this master key.
    pub(crate) fn new(master: &Secret) -> Result<Self, Error> {
        let master = master.sealing(Purpose::Wrap)?;
        Ok(Self {
            master,
            tenants: Mutex::new(Bounded::new(limits::KEYS_IN_MEMORY_MAX)),
            runs: Mutex::new(Bounded::new(limits::KEYS_IN_MEMORY_MAX)),
        })
    }

    /// The tenant's key; none if it was never made or is erased.
    pub(crate) fn tenant(
        &self,
        name: &Name,
        readers: &Readers,
    ) -> Result<Option<Arc<TenantKey>>, Error> {
        if let Some(key) = locked(&self.tenants).get(name) {
            return Ok(Some(Arc::clone(key)));
        }
        let scope = tenant_scope(name);
        let Some((wrapped, _)) = readers.with(|connection| wrapped(connection, &scope))? else {
            return Ok(None);
        };
        let secret = unwrapped(&self.master, &scope, &wrapped)?;
        self.keep_tenant(name, &secret).map(Some)
    }

    /// A fresh key for a tenant: wrapped for the store, and its bytes to keep once it is durable.
    pub(crate) fn fresh_tenant(&self, name: &Name) -> Result<(WrappedKey, Secret), Error> {
        let secret = Secret::fresh()?;
        let scope = tenant_scope(name);
        let wrapped = self.master.wrap(&scope, &secret)?;
        Ok((WrappedKey { scope, tenant: Some(name.clone()), wrapped }, secret))
    }

    /// Keeps a durable tenant key in memory.
    pub(crate) fn keep_tenant(
        &self,
        name: &Name,
        secret: &Secret,
    ) -> Result<Arc<TenantKey>, Error> {
        let key = Arc::new(TenantKey {
            digest: secret.digest_key(),
            wrap: secret.sealing(Purpose::Wrap)?,
        });
        locked(&self.tenants).insert(name.clone(), Arc::clone(&key));
        Ok(key)
    }

    /// The run's key; none if it was never made or is erased.
    pub(crate) fn run(&self, run: RunId, readers: &Readers) -> Result<Option<Arc<RunKey>>, Error> {
        if let Some(key) = locked(&self.runs).get(&run) {
            return Ok(Some(Arc::clone(key)));
        }
        let scope = run.to_string();
        let found = readers.with(|connection| wrapped(connection, &scope))?;
        let Some((wrapped, Some(tenant))) = found else { return Ok(None) };
        let tenant: Name =
            tenant.parse().map_err(|_| Error::Corrupted(format!("the tenant of {scope}")))?;
        let Some(over) = self.tenant(&tenant, readers)? else { return Ok(None) };
        let key = Arc::new(RunKey::new(tenant, unwrapped(&over.wrap, &scope, &wrapped)?)?);
        self.keep_run(run, Arc::clone(&key));
        Ok(Some(key))
    }

    /// A fresh key for a run of a tenant.
    pub(crate) fn fresh_run(
        &self,
        run: RunId,
        tenant: &Name,
        over: &TenantKey,
    ) -> Result<(WrappedKey, Arc<RunKey>), Error> {
        let secret = Secret::fresh()?;
        let scope = run.to_string();
        let wrapped = over.wrap.wrap(&scope, &secret)?;
        let key = Arc::new(RunKey::new(tenant.clone(), secret)?);
        Ok((WrappedKey { scope, tenant: Some(tenant.clone()), wrapped }, key))
    }

    /// Keeps a durable run key in memory.
    pub(crate) fn keep_run(&self, run: RunId, key: Arc<RunKey>) {
        locked(&self.runs).insert(run, key);
    }

    /// Forgets a run's key.
    pub(crate) fn forget_run(&self, run: RunId) {
        locked(&self.runs).remove(&run);
    }
}

/// Unwraps a key of the store under the master key.
pub(crate) fn under_master(
    connection: &Connection,
    master: &Secret,
    scope: &str,
) -> Result<Option<Secret>, Error> {
    match wrapped(connection, scope)? {
        Some((bytes, _)) => unwrapped(&master.sealing(Purpose::Wrap)?, scope, &bytes).map(Some),
        None => Ok(None),
    }
}

/// Wraps a key under the master key.
pub(crate) fn wrap_under_master(
    master: &Secret,
    scope: &str,
    secret: &Secret,
) -> Result<WrappedKey, Error> {
    let wrapped = master.sealing(Purpose::Wrap)?.wrap(scope, secret)?;
    Ok(WrappedKey { scope: scope.to_owned(), tenant: None, wrapped })
}

fn unwrapped(over: &Sealing, scope: &str, wrapped: &[u8]) -> Result<Secret, Error> {
    let broken = || Error::Corrupted(format!("the key `{scope}` does not open"));
    over.unwrap(scope, wrapped).ok_or_else(broken)
}

/// The stored form of a key with its tenant; none if it was never made or is erased.
type Stored = Option<(Vec<u8>, Option<String>)>;

fn wrapped(connection: &Connection, scope: &str) -> Result<Stored, Error> {
    let sql = "SELECT wrapped, tenant FROM wrapped_keys WHERE scope = ?1 AND wrapped IS NOT NULL";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.query_row([scope], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
}
