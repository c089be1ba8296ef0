//! Text from outside without what cannot be seen: what a tool answers, before a model or a person gets it.
//!
//! In: a value. Out: the same without control characters (but line ends and tabs), invisible, bidirectional and tag characters
//! and runs of variation selectors, and what was removed. Joiners and selectors stay where writing needs them: inside emoji, and
//! in scripts that join letters. Cleaning twice is cleaning once.
//!
//! Whether the rest is true or harmless is not looked at here. Tests: `tests/it/outside.rs`.

mod keep;

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::mask::free_key;
use domain::limits;

/// Stands in a message of ours before what a server said of itself: what follows is a stranger's.
pub const SAYS: &str = "; it says (untrusted): ";

/// What was removed, in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cleaned {
    /// Control characters.
    pub control: u64,
    /// Zero-width and other characters without a glyph.
    pub hidden: u64,
    /// Characters that reorder what is seen.
    pub bidirectional: u64,
    /// Tag characters, which mirror ASCII and are never drawn.
    pub tags: u64,
    /// Variation selectors where no writing has them.
    pub variation: u64,
    /// Values beyond `limits::JSON_DEPTH_MAX` or `limits::JSON_NODES_MAX`, replaced by null.
    pub cut: u64,
    /// Keys that became another key's name and were numbered.
    pub renamed_keys: u64,
}

/// What kind of character is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Control,
    Hidden,
    Bidirectional,
    Tag,
    Variation,
}

impl Cleaned {
    /// Whether nothing was removed.
    pub fn is_clean(&self) -> bool {
        *self == Self::default()
    }

    /// One line that says what was removed; none if nothing was.
    pub fn say(&self) -> Option<String> {
        let counted = [
            (self.control, "control characters"),
            (self.hidden, "invisible characters"),
            (self.bidirectional, "bidirectional characters"),
            (self.tags, "tag characters"),
            (self.variation, "stray variation selectors"),
            (self.cut, "values beyond the limits"),
            (self.renamed_keys, "keys renamed"),
        ];
        let said = counted.iter().filter(|(count, _)| *count > 0);
        let said: Vec<String> = said.map(|(count, what)| format!("{count} {what}")).collect();
        (!said.is_empty()).then(|| said.join(", "))
    }

    fn count(&mut self, kind: Kind) {
        let counter = match kind {
            Kind::Control => &mut self.control,
            Kind::Hidden => &mut self.hidden,
            Kind::Bidirectional => &mut self.bidirectional,
            Kind::Tag => &mut self.tags,
            Kind::Variation => &mut self.variation,
        };
        *counter += 1;
    }
}

/// A value with every text and key cleaned. Nothing is copied where nothing is removed.
pub fn clean(mut value: Value) -> (Value, Cleaned) {
    let mut walk = Walk { cleaned: Cleaned::default(), left: limits::JSON_NODES_MAX };
    walk.value(&mut value, 0);
    (value, walk.cleaned)
}

/// One text, cleaned.
pub fn clean_text(text: &str) -> (Cow<'_, str>, Cleaned) {
    let mut cleaned = Cleaned::default();
    let text = match cleaned_text(text, &mut cleaned) {
        Some(clean) => Cow::Owned(clean),
        None => Cow::Borrowed(text),
    };
    (text, cleaned)
}

struct Walk {
    cleaned: Cleaned,
    left: usize,
}

impl Walk {
    fn value(&mut self, value: &mut Value, depth: usize) {
        let Some(left) = self.left.checked_sub(1).filter(|_| depth <= limits::JSON_DEPTH_MAX)
        else {
            if !value.is_null() {
                self.cleaned.cut += 1;
                *value = Value::Null;
            }
            return;
        };
        self.left = left;
        match value {
            Value::String(text) => {
                if let Some(clean) = cleaned_text(text, &mut self.cleaned) {
                    *text = clean;
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.value(item, depth + 1)),
            Value::Object(fields) => self.object(fields, depth),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn object(&mut self, fields: &mut Map<String, Value>, depth: usize) {
        fields.values_mut().for_each(|field| self.value(field, depth + 1));
        if !fields
            .keys()
            .any(|key| needs_look(key) && cleaned_text(key, &mut Cleaned::default()).is_some())
        {
            return;
        }
        let taken: Map<String, Value> = std::mem::take(fields);
        for (key, field) in taken {
            let clean = cleaned_text(&key, &mut self.cleaned);
            let free = match clean {
                None => key,
                Some(clean) => clean,
            };
            // A key that was clean before must keep its name, also if it comes later.
            let numbered = free_key(fields, free.clone());
            self.cleaned.renamed_keys += u64::from(numbered != free);
            fields.insert(numbered, field);
        }
    }
}

/// Whether a text has anything but printable ASCII, line ends and tabs. Nearly every text ends here.
fn needs_look(text: &str) -> bool {
    let plain = |byte: u8| matches!(byte, 0x20..=0x7E | b'\n' | b'\t');
    !text.bytes().all(plain)
}

/// The cleaned text; none if it is clean.
fn cleaned_text(text: &str, cleaned: &mut Cleaned) -> Option<String> {
    if !needs_look(text) {
        return None;
    }
    let mut out: Option<String> = None;
    let mut last = None;
    let mut rest = text.char_indices().peekable();
    while let Some((at, character)) = rest.next() {
        let next = rest.peek().map(|(_, next)| *next);
        match keep::removed(character, last, next) {
            None => {
                if let Some(out) = &mut out {
                    out.push(character);
                }
                last = Some(character);
            }
            Some(kind) => {
                cleaned.count(kind);
                if out.is_none() {
                    let mut before = String::with_capacity(text.len());
                    before.push_str(text.get(..at).unwrap_or_default());
                    out = Some(before);
                }
            }
        }
    }
    out
}
