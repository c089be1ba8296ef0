//! Secrets out of everything that is kept or shown.
//!
//! In: text or JSON. Out: the same with each secret replaced by `⟦masked:KIND⟧`: credentials known to this
//! installation, and forms that are secrets with near certainty (`mask/patterns.rs`). A guess is not made: high
//! entropy alone is no secret here. Text without a secret is returned as it is, after one pass over it.
//! An argument that carries a mark is refused ([`place_of_mark`]): written back, it would destroy the secret.
//! Tests: `tests/it/mask.rs`.

mod patterns;

use std::borrow::Cow;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use regex::{Captures, Regex};
use serde_json::{Map, Value};

use crate::{outside, pointer};

const MARK: &str = "⟦masked:";
/// Characters of the shortest known credential. A shorter one would shred ordinary text.
pub const KNOWN_CHARS_MIN: usize = 8;
/// Known credentials in one masker.
pub const KNOWN_MAX: usize = 10_000;

/// Why a masker cannot be made. Never names the credential.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MaskError {
    /// A known credential is too short to be masked everywhere.
    #[error(
        "credential {0} has fewer than {KNOWN_CHARS_MIN} characters; such a short one cannot be masked reliably"
    )]
    TooShort(usize),
    /// More known credentials than fit.
    #[error("{0} credentials, at most {KNOWN_MAX} can be masked")]
    TooMany(usize),
    /// The search could not be built.
    #[error("the search for secrets could not be built: {0}")]
    Search(String),
}

/// Finds and replaces secrets. Clones learn together.
#[derive(Clone)]
pub struct Masker {
    known: Option<Regex>,
    /// What became known later.
    learned: Arc<RwLock<Option<Regex>>>,
    patterns: Regex,
}

impl std::fmt::Debug for Masker {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The searches contain what they search for.
        out.write_str("Masker([redacted])")
    }
}

/// The mark that stands in place of a secret of this kind.
pub fn mark(kind: &str) -> String {
    format!("{MARK}{kind}⟧")
}

/// The JSON pointer of the first text or key that contains a mark.
pub fn place_of_mark(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => text.contains(MARK).then(String::new),
        Value::Array(items) => items.iter().enumerate().find_map(|(index, item)| {
            place_of_mark(item).map(|inner| pointer::join("", &index.to_string()) + &inner)
        }),
        Value::Object(fields) => fields.iter().find_map(|(key, field)| {
            let inner = if key.contains(MARK) { Some(String::new()) } else { place_of_mark(field) };
            inner.map(|inner| pointer::join("", key) + &inner)
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// Whether a value contains a mark anywhere.
pub fn contains_mark(value: &Value) -> bool {
    place_of_mark(value).is_some()
}

/// Whether something is left out of a masked text only because it looks like a secret. Whoever writes a text can make parts of it
/// look like one, so what such a text does is not seen whole.
pub fn guessed(text: &str) -> bool {
    text.contains(MARK) && patterns::KINDS.iter().any(|kind| text.contains(&mark(kind.name)))
}

/// Whether a text contains a mark.
pub(crate) fn is_marked(text: &str) -> bool {
    text.contains(MARK)
}

impl Masker {
    /// A masker that also knows these credentials, exact texts of at least [`KNOWN_CHARS_MIN`] characters.
    pub fn new<'a>(known: impl IntoIterator<Item = &'a str>) -> Result<Self, MaskError> {
        let search = |error: regex::Error| MaskError::Search(error.to_string());
        let known = self::known(known.into_iter().collect())?;
        let patterns = Regex::new(&patterns::all()).map_err(search)?;
        Ok(Self { known, learned: Arc::default(), patterns })
    }

    /// Takes these credentials for known from now on, in place of those it was told before in this way. Every clone of this
    /// masker does the same.
    ///
    /// # Errors
    /// As [`Self::new`]; then it knows what it knew before.
    pub fn learn<'a>(&self, learned: impl IntoIterator<Item = &'a str>) -> Result<(), MaskError> {
        let learned = known(learned.into_iter().collect())?;
        *self.learned.write().unwrap_or_else(PoisonError::into_inner) = learned;
        Ok(())
    }

    /// Text with every secret replaced.
    pub fn mask_text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self.mask_exact(text) {
            Cow::Borrowed(text) => self.mask_patterns(text),
            Cow::Owned(text) => Cow::Owned(self.mask_patterns(&text).into_owned()),
        }
    }

    /// Replaces known credentials, and nothing that only looks like one, in the texts and keys of a value. One that is apart by
    /// characters that nobody sees is found too: whoever cleans the text later would put it together.
    pub fn mask_known(&self, value: &mut Value) {
        if self.known.is_some() || self.learned().is_some() {
            self.mask_known_in(value);
        }
    }

    fn mask_known_in(&self, value: &mut Value) {
        match value {
            Value::String(text) => {
                if let Some(masked) = self.without_known(text) {
                    *text = masked;
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.mask_known_in(item)),
            Value::Object(fields) => {
                fields.values_mut().for_each(|field| self.mask_known_in(field));
                if fields.keys().any(|key| self.without_known(key).is_some()) {
                    for (key, field) in std::mem::take(fields) {
                        let key = self.without_known(&key).unwrap_or(key);
                        fields.insert(free_key(fields, key), field);
                    }
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// The text with known credentials replaced; none if there is none in it.
    fn without_known(&self, text: &str) -> Option<String> {
        let masked = self.mask_exact(text);
        let masked = match outside::clean_text(&masked).0 {
            Cow::Borrowed(_) => masked,
            Cow::Owned(clean) => match self.mask_exact(&clean) {
                Cow::Borrowed(_) => masked,
                Cow::Owned(both) => Cow::Owned(both),
            },
        };
        match masked {
            Cow::Borrowed(_) => None,
            Cow::Owned(masked) => Some(masked),
        }
    }

    fn mask_exact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let learned = self.learned();
        let exact = [self.known.as_ref(), learned.as_ref()];
        exact.into_iter().flatten().fold(Cow::Borrowed(text), |text, known| {
            match known.replace_all(&text, mark("known").as_str()) {
                Cow::Borrowed(_) => text,
                Cow::Owned(masked) => Cow::Owned(masked),
            }
        })
    }

    fn learned(&self) -> RwLockReadGuard<'_, Option<Regex>> {
        self.learned.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// A value with every secret in texts and keys replaced, and whether there was one.
    pub fn mask_value(&self, value: &Value) -> (Value, bool) {
        match value {
            Value::String(text) => match self.mask_text(text) {
                Cow::Borrowed(_) => (value.clone(), false),
                Cow::Owned(masked) => (Value::String(masked), true),
            },
            Value::Array(items) => {
                let (items, masked): (Vec<Value>, Vec<bool>) =
                    items.iter().map(|item| self.mask_value(item)).unzip();
                (Value::Array(items), masked.contains(&true))
            }
            Value::Object(fields) => {
                let mut any = false;
                let mut out = Map::new();
                for (key, field) in fields {
                    let (field, masked) = self.mask_value(field);
                    let shown = self.mask_text(key);
                    any |= masked || matches!(shown, Cow::Owned(_));
                    out.insert(free_key(&out, shown.into_owned()), field);
                }
                (Value::Object(out), any)
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => (value.clone(), false),
        }
    }

    fn mask_patterns<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.patterns.replace_all(text, |found: &Captures<'_>| {
            let kind = patterns::KINDS.iter().find(|kind| found.name(kind.group).is_some());
            let kept = found.name("kept").map_or("", |kept| kept.as_str());
            format!("{kept}{}", mark(kind.map_or("secret", |kind| kind.name)))
        })
    }
}

/// A search for exact texts; none if there is nothing to search for.
fn known(mut known: Vec<&str>) -> Result<Option<Regex>, MaskError> {
    if known.len() > KNOWN_MAX {
        return Err(MaskError::TooMany(known.len()));
    }
    if let Some(at) = known.iter().position(|text| text.chars().count() < KNOWN_CHARS_MIN) {
        return Err(MaskError::TooShort(at + 1));
    }
    if known.is_empty() {
        return Ok(None);
    }
    // The longest first: a credential that begins like another must not leave its rest behind.
    known.sort_by_key(|text| std::cmp::Reverse(text.len()));
    let literals: Vec<String> = known.iter().map(|text| regex::escape(text)).collect();
    let search = Regex::new(&literals.join("|"));
    search.map(Some).map_err(|error| MaskError::Search(error.to_string()))
}

/// A key that is not taken: two secrets as keys must not become one field.
pub(crate) fn free_key(taken: &Map<String, Value>, key: String) -> String {
    if !taken.contains_key(&key) {
        return key;
    }
    let numbered = (2..).map(|number: u32| format!("{key}#{number}"));
    numbered.into_iter().find(|key| !taken.contains_key(key)).unwrap_or(key)
}
