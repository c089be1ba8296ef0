//! Secret texts, and the list of those that must be masked everywhere.
//!
//! In: values of credentials, as they become known. Out: a text that prints `[redacted]`, and for the mask every value,
//! told before the value is used for the first time. The list is bounded: of one server the oldest are forgotten.
//! A value too short to be masked is refused where it is read. What servers send is masked with the list itself. Tests:
//! `tests/secrets.rs`.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use contract::Masker;
use contract::mask::KNOWN_CHARS_MIN;
use domain::{Name, limits};
use serde_json::Value;

/// A text that is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// From the text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, to be sent or stored.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether it can be masked wherever it appears.
    pub(super) fn maskable(&self) -> bool {
        self.0.chars().count() >= KNOWN_CHARS_MIN
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("[redacted]")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("[redacted]")
    }
}

type Told = Box<dyn Fn(&[String]) + Send + Sync>;

/// Every secret value of upstream servers that this process knows. Cheap to clone.
#[derive(Clone, Default)]
pub struct KnownSecrets(Arc<Mutex<Known>>);

struct Known {
    of: BTreeMap<Name, VecDeque<Secret>>,
    told: Vec<Told>,
    /// What masks these values; none if it cannot be made, and then nothing that a server says may be seen.
    masker: Option<Arc<Masker>>,
}

/// What a server says cannot be masked, so nothing of it may be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the credentials that are known cannot be masked")]
pub(in crate::mcp) struct Unmaskable;

impl KnownSecrets {
    /// An empty list.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a value. Whoever listens has heard of it when this returns.
    pub fn learn(&self, server: &Name, secret: &Secret) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let values = known.of.entry(server.clone()).or_default();
        if !secret.maskable() || values.contains(secret) {
            return;
        }
        values.push_back(secret.clone());
        if values.len() > limits::CREDENTIALS_KNOWN_MAX {
            values.pop_front();
        }
        let texts = known.texts();
        known.masker = masker(&texts);
        known.told.iter().for_each(|told| told(&texts));
    }

    /// Tells every list from now on, and the present one at once. What is told must not ask this list again.
    pub fn on_change(&self, told: impl Fn(&[String]) + Send + Sync + 'static) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        told(&known.texts());
        known.told.push(Box::new(told));
    }

    /// The texts to be masked.
    pub fn texts(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).texts()
    }

    /// Masks these values, and nothing else, in what a server sent.
    pub(in crate::mcp) fn mask(&self, value: &mut Value) -> Result<(), Unmaskable> {
        self.masker().map(|masker| masker.mask_known(value)).ok_or(Unmaskable)
    }

    /// A text for people without these values and without what looks like a secret. If they cannot be masked, nothing of it.
    pub(in crate::mcp) fn mask_text(&self, text: &str) -> String {
        let masked = self.masker().map(|masker| masker.mask_text(text).into_owned());
        masked.unwrap_or_default()
    }

    fn masker(&self) -> Option<Arc<Masker>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).masker.clone()
    }
}

impl Default for Known {
    fn default() -> Self {
        Self { of: BTreeMap::new(), told: Vec::new(), masker: masker(&[]) }
    }
}

fn masker(texts: &[String]) -> Option<Arc<Masker>> {
    Masker::new(texts.iter().map(String::as_str)).ok().map(Arc::new)
}

impl Known {
    fn texts(&self) -> Vec<String> {
        self.of.values().flatten().map(|secret| secret.0.clone()).collect()
    }
}

impl fmt::Debug for KnownSecrets {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("KnownSecrets([redacted])")
    }
}
