//! How a value of the domain is written to disk and read back: one trait, and the leaf types.
//!
//! Leaves are texts (ids, names, digests, words) or integers. Integers beyond 2^53 - 1, which not every
//! JSON reader keeps, are written as decimal text. Whatever reads here goes through the domain's own
//! parsers, so nothing comes back that the domain would not accept.

use std::collections::BTreeSet;
use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use domain::limits::JSON_INTEGER_MAX;
use domain::{
    ApprovalId, BudgetScope, CallId, Code, Digest, GrantId, Human, KeyId, Money, Name, PermitId,
    Resource, RunId, StopId, StopScope, Timestamp, ToolName, WriterId,
};
use serde::de::{Deserialize, Deserializer, Error as _, Visitor};
use serde::ser::{Serialize, Serializer};

/// A value with a form on disk.
pub(crate) trait Twin: Sized {
    /// Writes the form.
    fn put<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error>;
    /// Reads it back, strictly.
    fn take<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error>;
}

/// For `#[serde(with)]`.
pub(crate) fn serialize<T: Twin, S: Serializer>(value: &T, out: S) -> Result<S::Ok, S::Error> {
    value.put(out)
}

/// For `#[serde(with)]`.
pub(crate) fn deserialize<'de, T: Twin, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
    T::take(from)
}

/// Borrows a value for serde.
pub(crate) struct Ref<'a, T>(pub(crate) &'a T);

impl<T: Twin> Serialize for Ref<'_, T> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        self.0.put(out)
    }
}

/// Reads a value for serde.
pub(crate) struct Own<T>(pub(crate) T);

impl<'de, T: Twin> Deserialize<'de> for Own<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        T::take(from).map(Self)
    }
}

impl<T: Twin> Serialize for Own<T> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        self.0.put(out)
    }
}

/// Reads a text through a parser without copying it first.
struct Text<T, F>(F, PhantomData<T>);

impl<T, E: fmt::Display, F: Fn(&str) -> Result<T, E>> Visitor<'_> for Text<T, F> {
    type Value = T;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a text")
    }

    fn visit_str<E2: serde::de::Error>(self, text: &str) -> Result<T, E2> {
        (self.0)(text).map_err(E2::custom)
    }
}

/// Reads a text through a parser.
pub(crate) fn parsed<'de, T, E, D>(
    from: D,
    parser: impl Fn(&str) -> Result<T, E>,
) -> Result<T, D::Error>
where
    E: fmt::Display,
    D: Deserializer<'de>,
{
    from.deserialize_str(Text(parser, PhantomData))
}

macro_rules! shown {
    ($($type:ty),* $(,)?) => {$(
        impl $crate::stored::twin::Twin for $type {
            fn put<S: serde::Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
                out.collect_str(self)
            }

            fn take<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                $crate::stored::twin::parsed(from, |text| text.parse::<Self>())
            }
        }
    )*};
}
pub(crate) use shown;

shown!(ApprovalId, CallId, GrantId, KeyId, PermitId, RunId, StopId, WriterId, StopScope);

macro_rules! named {
    ($($type:ty),* $(,)?) => {$(
        impl Twin for $type {
            fn put<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
                out.serialize_str(self.as_str())
            }

            fn take<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                parsed(from, |text| text.parse::<Self>())
            }
        }
    )*};
}

named!(Name, ToolName);

/// Leaf enums that the domain gives a word.
macro_rules! words {
    ($($type:ty),* $(,)?) => {$(
        impl $crate::stored::twin::Twin for $type {
            fn put<S: serde::Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
                out.serialize_str(self.word())
            }

            fn take<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                $crate::stored::twin::word(from, Self::from_word)
            }
        }
    )*};
}
pub(crate) use words;

/// Reads a word of a leaf enum.
pub(crate) fn word<'de, T, D: Deserializer<'de>>(
    from: D,
    known: fn(&str) -> Option<T>,
) -> Result<T, D::Error> {
    parsed(from, |text| known(text).ok_or_else(|| format!("unknown word `{text}`")))
}

impl Twin for Code {
    fn put<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(self.shown())
    }

    fn take<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        word(from, Self::from_shown)
    }
}

/// 64 lower-case hexadecimal digits on the stack: digests are the most frequent leaf.
pub(crate) fn hex(bytes: &[u8; 32]) -> [u8; 64] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |half: u8| DIGITS.get(usize::from(half)).copied().unwrap_or(b'0');
    let mut out = [0_u8; 64];
    for (pair, byte) in out.chunks_exact_mut(2).zip(bytes) {
        pair.copy_from_slice(&[digit(byte >> 4), digit(byte & 15)]);
    }
    out
}

impl Twin for Digest {
    fn put<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(std::str::from_utf8(&hex(self.bytes())).unwrap_or_default())
    }

    fn take<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        parsed(from, str::parse::<Self>)
    }
}

impl Twin for Resource {
    fn put<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(self.as_str())
    }

    fn take<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from).map(Self::new)
    }
}

impl Twin for Human {
    fn put<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        self.0.put(out)
    }

    fn take<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Name::take(from).map(Self)
    }
}

impl Twin for BudgetScope {
    fn put<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(self)
    }

    fn take<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        parsed(from, budget_scope)
    }
}

/// Reads `run_…` or `grant_…/day-N`.
pub(crate) fn budget_scope(text: &str) -> Result<BudgetScope, String> {
    let wrong =
        || format!("`{text}` is not a budget's scope; expected `run_…` or `grant_…/day-20000`");
    match text.split_once("/day-") {
        Some((grant, day)) => {
            let grant = grant.parse().map_err(|_| wrong())?;
            Ok(BudgetScope::GrantDay(grant, day.parse().map_err(|_| wrong())?))
        }
        None => text.parse().map(BudgetScope::Run).map_err(|_| wrong()),
    }
}

/// Reads an integer, or a larger one from text.
struct Count;

impl Visitor<'_> for Count {
    type Value = u64;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a non-negative integer")
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<u64, E> {
        if fits(value) { Ok(value) } else { Err(E::custom("a large integer must be a text")) }
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<u64, E> {
        let value: u64 = text.parse().map_err(E::custom)?;
        if fits(value) { Err(E::custom("a small integer must be a number")) } else { Ok(value) }
    }
}

fn fits(value: u64) -> bool {
    i64::try_from(value).is_ok_and(|value| value <= JSON_INTEGER_MAX)
}

impl Twin for u64 {
    fn put<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        if fits(*self) { out.serialize_u64(*self) } else { out.collect_str(self) }
    }

    fn take<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Count)
    }
}

macro_rules! counted {
    ($($type:ty: $to:expr, $from:expr;)*) => {$(
        impl Twin for $type {
            fn put<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
                let to: fn(&Self) -> u64 = $to;
                to(self).put(out)
            }

            fn take<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let read: fn(u64) -> Option<Self> = $from;
                read(u64::take(from)?).ok_or_else(|| D::Error::custom("integer out of range"))
            }
        }
    )*};
}

counted! {
    u8: |value| u64::from(*value), |value| Self::try_from(value).ok();
    u32: |value| u64::from(*value), |value| Self::try_from(value).ok();
    Timestamp: |value| value.millis(), |value| Some(Self::from_millis(value));
    Money: |value| value.micros(), |value| Some(Self::from_micros(value));
    Duration: |value| u64::try_from(value.as_millis()).unwrap_or(u64::MAX), |value| Some(Self::from_millis(value));
}

macro_rules! plain {
    ($($type:ty),*) => {$(
        impl Twin for $type {
            fn put<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
                self.serialize(out)
            }

            fn take<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                Self::deserialize(from)
            }
        }
    )*};
}

plain!(String, bool);

impl<T: Twin> Twin for Option<T> {
    fn put<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        self.as_ref().map(Ref).serialize(out)
    }

    fn take<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Option::<Own<T>>::deserialize(from).map(|value| value.map(|own| own.0))
    }
}

impl<T: Twin> Twin for Vec<T> {
    fn put<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_seq(self.iter().map(Ref))
    }

    fn take<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let read = Vec::<Own<T>>::deserialize(from)?;
        Ok(read.into_iter().map(|own| own.0).collect())
    }
}

impl<T: Twin + Ord> Twin for BTreeSet<T> {
    fn put<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_seq(self.iter().map(Ref))
    }

    fn take<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Vec::<T>::take(from).map(|list| list.into_iter().collect())
    }
}
