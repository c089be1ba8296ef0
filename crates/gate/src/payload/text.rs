//! Leaves of the twins: ids, digests, names and money as text, enums as words, counts as exact numbers.
//!
//! In: domain leaves. Out: JSON strings and integers, and back through the leaf's own `FromStr` or word list.
//! Also the only place that writes twins. Left out: everything that has keys (its own file each).

use std::borrow::Cow;
use std::fmt::{self, Display};
use std::marker::PhantomData;
use std::str::FromStr;
use std::time::Duration;

use domain::{
    Assurance, Code, CommandRole, Consequence, DutyKind, EffectClass, EffectKind, Executed, Fault,
    Label, Maturity, Observation, PartialUndo, PreviewMeans, Provenance, Rung, Status, Strength,
    Tier, limits,
};
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// The bytes of a twin. Canonical because its fields stand in the order of their keys.
#[expect(
    clippy::expect_used,
    reason = "INVARIANT (twins are JSON): text keys, no I/O, no failing leaf"
)]
pub(super) fn write(twin: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(twin).expect("a twin is always JSON")
}

/// A twin as a JSON value.
#[expect(
    clippy::expect_used,
    reason = "INVARIANT (twins are JSON): text keys, no I/O, no failing leaf"
)]
pub(super) fn value(twin: &impl Serialize) -> Value {
    serde_json::to_value(twin).expect("a twin is always JSON")
}

/// Text that a twin borrows while writing and owns after reading.
pub(super) fn borrowed(text: &str) -> Cow<'_, str> {
    Cow::Borrowed(text)
}

/// Whole milliseconds; the fraction of a millisecond is cut.
pub(super) fn millis(duration: Duration) -> Count {
    Count(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
}

/// A leaf that is shown and read as text: ids, digests, names, scopes, money, confidence.
pub(super) struct Text<T>(pub(super) T);

impl<T: Display> Serialize for Text<T> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(&self.0)
    }
}

impl<'de, T: FromStr<Err: Display>> Deserialize<'de> for Text<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reader<T>(PhantomData<T>);
        impl<T: FromStr<Err: Display>> Visitor<'_> for Reader<T> {
            type Value = T;
            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("text")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
                text.parse().map_err(E::custom)
            }
        }
        from.deserialize_str(Reader(PhantomData)).map(Text)
    }
}

/// An enum of the domain that has a word for each value.
pub(super) trait Spelled: Copy {
    /// Its word.
    fn word(self) -> &'static str;
    /// The value of a word.
    fn from_word(word: &str) -> Option<Self>;
}

macro_rules! spelled {
    ($($type:ty),* $(,)?) => {$(
        impl Spelled for $type {
            fn word(self) -> &'static str {
                <$type>::word(self)
            }
            fn from_word(word: &str) -> Option<Self> {
                <$type>::from_word(word)
            }
        }
    )*};
}

spelled!(
    CommandRole,
    Consequence,
    DutyKind,
    EffectClass,
    EffectKind,
    Executed,
    Fault,
    Label,
    Maturity,
    Observation,
    PartialUndo,
    Provenance,
    Rung,
    Status,
    Strength,
    Assurance,
    Tier,
);

impl Spelled for Code {
    fn word(self) -> &'static str {
        self.shown()
    }
    fn from_word(word: &str) -> Option<Self> {
        Self::from_shown(word)
    }
}

impl Spelled for PreviewMeans {
    fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Plan => "plan",
        }
    }
    fn from_word(word: &str) -> Option<Self> {
        match word {
            "none" => Some(Self::None),
            "plan" => Some(Self::Plan),
            _ => None,
        }
    }
}

/// An enum as its word.
#[derive(Clone, Copy)]
pub(super) struct Word<T>(pub(super) T);

impl<T: Spelled> Serialize for Word<T> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(self.0.word())
    }
}

impl<'de, T: Spelled> Deserialize<'de> for Word<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reader<T>(PhantomData<T>);
        impl<T: Spelled> Visitor<'_> for Reader<T> {
            type Value = T;
            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a known word")
            }
            fn visit_str<E: de::Error>(self, word: &str) -> Result<T, E> {
                T::from_word(word).ok_or_else(|| E::invalid_value(de::Unexpected::Str(word), &self))
            }
        }
        from.deserialize_str(Reader(PhantomData)).map(Word)
    }
}

/// A count that no reader rounds: a number up to 2^53 - 1 (RFC 8785 knows only doubles), as text above.
#[derive(Clone, Copy)]
pub(super) struct Count(pub(super) u64);

const NUMBER_MAX: u64 = limits::JSON_INTEGER_MAX.unsigned_abs();

impl Serialize for Count {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        if self.0 <= NUMBER_MAX { out.serialize_u64(self.0) } else { out.collect_str(&self.0) }
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(CountReader)
    }
}

struct CountReader;

impl Visitor<'_> for CountReader {
    type Value = Count;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "a whole number from 0 to {NUMBER_MAX}, or the digits of a larger one as text")
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Count, E> {
        let exact = number <= NUMBER_MAX;
        exact
            .then_some(Count(number))
            .ok_or_else(|| E::invalid_value(de::Unexpected::Unsigned(number), &self))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Count, E> {
        let large = text.parse().ok().filter(|number| *number > NUMBER_MAX);
        let digits_only = text.bytes().all(|byte| byte.is_ascii_digit());
        large
            .filter(|_| digits_only && !text.starts_with('0'))
            .map(Count)
            .ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
    }
}
