//! All contracts of an installation, by the name of their tool.
//!
//! Fixed once made: another set of contracts is another catalogue with another digest. Not here: reading files (`load`).

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::canonical::digest_of;
use crate::compiled::Compiled;
use crate::suggest;
use domain::{Digest, ToolName};

/// A fixed set of compiled contracts, iterated by name.
#[derive(Debug, Clone, Default)]
pub struct Catalogue(BTreeMap<ToolName, Arc<Compiled>>);

impl Catalogue {
    /// From contracts; the name of the first tool that is described twice otherwise.
    pub fn new(contracts: impl IntoIterator<Item = Compiled>) -> Result<Self, ToolName> {
        Self::of(contracts.into_iter().map(Arc::new))
    }

    /// As [`Self::new`], from contracts that others hold too.
    pub fn of(contracts: impl IntoIterator<Item = Arc<Compiled>>) -> Result<Self, ToolName> {
        let mut all = BTreeMap::new();
        for compiled in contracts {
            match all.entry(compiled.name().clone()) {
                Entry::Occupied(taken) => return Err(taken.key().clone()),
                Entry::Vacant(free) => free.insert(compiled),
            };
        }
        Ok(Self(all))
    }

    /// The contract of a tool.
    pub fn get(&self, name: &ToolName) -> Option<&Arc<Compiled>> {
        self.0.get(name)
    }

    /// The contract of a tool by the text that a caller gave.
    pub fn find(&self, name: &str) -> Option<&Arc<Compiled>> {
        self.get(&name.parse().ok()?)
    }

    /// The known name nearest to an unknown one.
    pub fn suggest(&self, name: &str) -> Option<ToolName> {
        let names = self.0.keys().map(ToolName::as_str);
        suggest::closest(name, names).and_then(|near| near.parse().ok())
    }

    /// All contracts, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Compiled>> {
        self.0.values()
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// SHA-256 over the names and digests of all contracts.
    pub fn digest(&self) -> Digest {
        let each = |(name, compiled): (&ToolName, &Arc<Compiled>)| {
            (name.to_string(), Value::String(compiled.contract.digest.to_string()))
        };
        digest_of(&Value::Object(self.0.iter().map(each).collect::<Map<_, _>>()))
    }
}
