//! Pages of lists that we serve ourselves (specification 2026-07-28, "Pagination").
//!
//! ```text
//! cursor = base64url(where to go on (8 bytes) + the begin of the list's digest (16 bytes))
//! ```
//! A cursor holds only for the list that it was made of: when the list, or what its caller may see of it, has changed, going
//! on would skip or repeat entries without a word, so the cursor is refused and the client begins again. It is no secret and
//! gives no rights: what it points into is made for the caller anew. Tests are at the end.

use std::num::NonZeroUsize;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Digest;
use serde_json::Value;

use crate::rpc::{RpcCode, RpcError};

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<'a, T> {
    /// Its items.
    pub items: &'a [T],
    /// The cursor of the next page; none if this is the last one.
    pub next: Option<String>,
}

/// Bytes of the list's digest in a cursor.
const VERSION_BYTES: usize = 16;
/// Bytes of a cursor.
const BYTES: usize = 8 + VERSION_BYTES;

/// The page that a cursor asks for; the first one without a cursor. `version` is a digest of all that this caller sees of the
/// list, and of which list it is.
///
/// # Errors
/// -32602 when the cursor is none of ours, or was made of another list or another state of it.
pub fn page<'a, T>(
    items: &'a [T],
    cursor: Option<&Value>,
    version: &Digest,
    size: NonZeroUsize,
) -> Result<Page<'a, T>, RpcError> {
    let offset = match cursor {
        None | Some(Value::Null) => 0,
        Some(cursor) => read(cursor, version).filter(|&at| at < items.len()).ok_or_else(refused)?,
    };
    let rest = items.get(offset..).unwrap_or_default();
    let (items, left) = rest.split_at(size.get().min(rest.len()));
    let next = (!left.is_empty()).then(|| written(offset + items.len(), version));
    Ok(Page { items, next })
}

fn refused() -> RpcError {
    let message =
        "`cursor` is not of this list as it is now, ask for its first page again without one";
    RpcError::new(RpcCode::InvalidParams, message)
}

fn read(cursor: &Value, version: &Digest) -> Option<usize> {
    let bytes: [u8; BYTES] = URL_SAFE_NO_PAD.decode(cursor.as_str()?).ok()?.try_into().ok()?;
    let (offset, given) = bytes.split_first_chunk::<8>()?;
    let offset = usize::try_from(u64::from_be_bytes(*offset)).ok()?;
    // The first page has no cursor: one that says 0 was not made here.
    (version.bytes().starts_with(given) && offset > 0).then_some(offset)
}

fn written(offset: usize, version: &Digest) -> String {
    let offset = u64::try_from(offset).unwrap_or(u64::MAX).to_be_bytes();
    let version = version.bytes().iter().copied().take(VERSION_BYTES);
    URL_SAFE_NO_PAD.encode(offset.into_iter().chain(version).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::digest;
    use proptest::prelude::*;

    fn size(size: usize) -> NonZeroUsize {
        NonZeroUsize::new(size).unwrap()
    }

    #[test]
    fn a_cursor_that_does_not_fit_is_refused() {
        let items: Vec<u32> = (0..10).collect();
        let version = digest(b"tools");
        let next = page(&items, None, &version, size(4)).unwrap().next.unwrap();
        assert!(!next.contains(['+', '/', '=']), "{next}");
        let fits = |cursor: Value, items: &[u32], version: Digest| {
            page(items, Some(&cursor), &version, size(4)).map(|_| ())
        };
        assert_eq!(fits(next.as_str().into(), &items, version), Ok(()));
        for (cursor, items, version) in [
            (next.as_str().into(), &items[..], digest(b"another state")),
            (next.as_str().into(), &items[..4], version),
            (format!("{next}A").into(), &items[..], version),
            (next[1..].into(), &items[..], version),
            ("".into(), &items[..], version),
            ("näh".into(), &items[..], version),
            (written(0, &version).into(), &items[..], version),
            (written(usize::MAX, &version).into(), &items[..], version),
            (4.into(), &items[..], version),
        ] {
            let error = fits(cursor, items, version).unwrap_err();
            assert!(error.is(RpcCode::InvalidParams));
        }
    }

    proptest! {
        #[test]
        fn pages_together_are_the_list(items: Vec<u8>, per_page in 1_usize..20) {
            let version = digest(&items);
            let mut seen = Vec::new();
            let mut cursor: Option<Value> = None;
            loop {
                let page = page(&items, cursor.as_ref(), &version, size(per_page)).unwrap();
                prop_assert!(page.items.len() <= per_page);
                seen.extend_from_slice(page.items);
                let Some(next) = page.next else { break };
                prop_assert_eq!(page.items.len(), per_page);
                cursor = Some(next.into());
            }
            prop_assert_eq!(seen, items);
        }

        #[test]
        fn any_text_is_a_cursor_or_refused(text in "[A-Za-z0-9_-]{0,40}") {
            let read = page(&[1, 2, 3], Some(&text.into()), &digest(b""), size(1));
            prop_assert!(read.is_err());
        }
    }
}
