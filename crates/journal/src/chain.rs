//! The hash chain: what an entry's hash covers, and where a chain stands.
//!
//! ```text
//! digest = SHA-256(body)                                   body: the record's canonical bytes
//! hash   = SHA-256("checkrein entry 1\n" || prev || digest)  prev: hash of the entry before, or zeros
//! ```
//! The body names `prev` too. Hashing the body apart lets an export prove its entries with the digests of those
//! between them, without giving those away.

use aws_lc_rs::digest::{Context, SHA256};
use domain::{Digest, WriterId};

const LABEL: &[u8] = b"checkrein entry 1\n";

/// SHA-256 of bytes.
pub(crate) fn digest(bytes: &[u8]) -> Digest {
    finished(aws_lc_rs::digest::digest(&SHA256, bytes))
}

/// The hash of the entry whose body has this digest and whose forerunner has the hash `prev`.
pub(crate) fn hash(prev: Digest, digest: Digest) -> Digest {
    let mut context = Context::new(&SHA256);
    context.update(LABEL);
    context.update(prev.bytes());
    context.update(digest.bytes());
    finished(context.finish())
}

fn finished(digest: aws_lc_rs::digest::Digest) -> Digest {
    // INVARIANT (digest length): SHA-256 gives 32 bytes.
    Digest::new(digest.as_ref().try_into().unwrap_or_default())
}

/// Where a chain stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ChainHead {
    /// The number of the chain among the store's chains, from 1.
    pub(crate) number: i64,
    /// The chain's writer.
    pub(crate) writer: WriterId,
    /// Entries in the chain.
    pub(crate) seq: u64,
    /// Hash of the last entry; zeros before the first.
    pub(crate) hash: Digest,
    /// Entries in the store.
    pub(crate) position: u64,
}
