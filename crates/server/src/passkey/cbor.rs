//! As much of CBOR (RFC 8949) as authenticators send: items of definite length, read strictly and within bounds.
//!
//! In: bytes. Out: one item, and what follows it. Indefinite lengths, tags and floats are refused: the form that
//! authenticators must write (CTAP2 canonical CBOR) has none of them. Tests are at the end.

use super::Wrong;

/// Nesting that is read at most; CTAP2 allows four levels.
const DEPTH_MAX: usize = 4;
/// Items of one list or map.
const ITEMS_MAX: u64 = 64;

/// One item.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Item<'a> {
    Integer(i64),
    Bytes(&'a [u8]),
    Text(&'a str),
    List(Vec<Self>),
    Map(Vec<(Self, Self)>),
    /// `true`, `false`, `null` and the like: known to be there, not looked at.
    Simple,
}

impl<'a> Item<'a> {
    /// The value of a map's key; none for other items.
    pub(super) fn at(&self, key: &Item<'_>) -> Option<&Self> {
        let Self::Map(entries) = self else { return None };
        entries.iter().find(|(found, _)| found == key).map(|(_, value)| value)
    }

    pub(super) fn bytes(&self) -> Option<&'a [u8]> {
        if let Self::Bytes(bytes) = self { Some(bytes) } else { None }
    }

    pub(super) fn integer(&self) -> Option<i64> {
        if let Self::Integer(value) = self { Some(*value) } else { None }
    }
}

/// Reads one item; also what follows it.
pub(super) fn read(bytes: &[u8]) -> Result<(Item<'_>, &[u8]), Wrong> {
    item(bytes, 0)
}

const SHORT: Wrong = Wrong("CBOR that ends too early");

fn item(bytes: &[u8], depth: usize) -> Result<(Item<'_>, &[u8]), Wrong> {
    if depth > DEPTH_MAX {
        return Err(Wrong("CBOR that is too deep"));
    }
    let (first, rest) = bytes.split_first().ok_or(SHORT)?;
    let (kind, small) = (first >> 5, first & 31);
    let (number, rest) = number(small, rest)?;
    match kind {
        0 => Ok((Item::Integer(signed(number)?), rest)),
        1 => Ok((Item::Integer(-1 - signed(number)?), rest)),
        2 => taken(rest, number).map(|(bytes, rest)| (Item::Bytes(bytes), rest)),
        3 => {
            let (text, rest) = taken(rest, number)?;
            let text =
                std::str::from_utf8(text).map_err(|_| Wrong("CBOR text that is no UTF-8"))?;
            Ok((Item::Text(text), rest))
        }
        4 => list(rest, number, depth),
        5 => map(rest, number, depth),
        7 if small < 24 => Ok((Item::Simple, rest)),
        _ => Err(Wrong("a kind of CBOR that no authenticator writes")),
    }
}

fn list(mut rest: &[u8], length: u64, depth: usize) -> Result<(Item<'_>, &[u8]), Wrong> {
    let mut items = Vec::new();
    for _ in 0..few(length)? {
        let (next, after) = item(rest, depth + 1)?;
        items.push(next);
        rest = after;
    }
    Ok((Item::List(items), rest))
}

fn map(mut rest: &[u8], length: u64, depth: usize) -> Result<(Item<'_>, &[u8]), Wrong> {
    let mut entries: Vec<(Item<'_>, Item<'_>)> = Vec::new();
    for _ in 0..few(length)? {
        let (key, after) = item(rest, depth + 1)?;
        let (value, after) = item(after, depth + 1)?;
        if entries.iter().any(|(known, _)| *known == key) {
            return Err(Wrong("CBOR that names a key twice"));
        }
        entries.push((key, value));
        rest = after;
    }
    Ok((Item::Map(entries), rest))
}

fn few(length: u64) -> Result<u64, Wrong> {
    if length > ITEMS_MAX { Err(Wrong("CBOR with too many items")) } else { Ok(length) }
}

fn signed(number: u64) -> Result<i64, Wrong> {
    i64::try_from(number).map_err(|_| Wrong("a CBOR integer that is too large"))
}

/// The number in or after an item's first byte, in its shortest form only.
fn number(small: u8, rest: &[u8]) -> Result<(u64, &[u8]), Wrong> {
    let width = match small {
        0..=23 => return Ok((u64::from(small), rest)),
        24 => 1,
        25 => 2,
        26 => 4,
        27 => 8,
        _ => return Err(Wrong("CBOR of indefinite length")),
    };
    let (digits, rest) = rest.split_at_checked(width).ok_or(SHORT)?;
    let number = digits.iter().fold(0_u64, |sum, digit| (sum << 8) | u64::from(*digit));
    let least = [24, 1 << 8, 1 << 16, 1 << 32];
    let shortest = least.get(usize::from(small - 24)).is_some_and(|least| number >= *least);
    if shortest { Ok((number, rest)) } else { Err(Wrong("CBOR with a longer number than needed")) }
}

fn taken(bytes: &[u8], length: u64) -> Result<(&[u8], &[u8]), Wrong> {
    let length = usize::try_from(length).map_err(|_| SHORT)?;
    bytes.split_at_checked(length).ok_or(SHORT)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expect: Option<Item<'_>>) {
        let found = read(bytes).ok().filter(|(_, rest)| rest.is_empty()).map(|(item, _)| item);
        assert_eq!(found, expect, "{bytes:02x?}");
    }

    #[test]
    fn items_of_the_canonical_form_are_read() {
        check(&[0x17], Some(Item::Integer(23)));
        check(&[0x18, 0x18], Some(Item::Integer(24)));
        check(&[0x26], Some(Item::Integer(-7)));
        check(&[0x39, 0x01, 0x00], Some(Item::Integer(-257)));
        check(&[0x42, 1, 2], Some(Item::Bytes(&[1, 2])));
        check(b"\x63fmt", Some(Item::Text("fmt")));
        check(&[0x82, 0x01, 0xf5], Some(Item::List(vec![Item::Integer(1), Item::Simple])));
        check(&[0xa1, 0x01, 0x02], Some(Item::Map(vec![(Item::Integer(1), Item::Integer(2))])));
    }

    #[test]
    fn everything_else_is_refused() {
        for bytes in [
            &[][..],
            &[0x18, 0x17],
            &[0x19, 0x00, 0xff],
            &[0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            &[0x42, 1],
            &[0x5f, 0x41, 1, 0xff],
            &[0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            &[0x61, 0xff],
            &[0x9f, 0xff],
            &[0xa2, 0x01, 0x02, 0x01, 0x03],
            &[0xc0, 0x01],
            &[0xfb, 0, 0, 0, 0, 0, 0, 0, 0],
            &[0x81, 0x81, 0x81, 0x81, 0x81, 0x81, 0x01],
            &[0x98, 0x41],
        ] {
            check(bytes, None);
        }
    }
}
