//! Bytes of a file as a plan carries them: shared, with their digest, never printed.
//!
//! Two contents are equal if their bytes are; the digest is carried so that it need not be computed again.

use std::fmt;
use std::sync::Arc;

use crate::Digest;

/// The content of one file and the SHA-256 of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Content {
    bytes: Arc<[u8]>,
    digest: Digest,
}

impl Content {
    /// Joins bytes with their digest. The caller computed it from these very bytes.
    pub fn new(bytes: impl Into<Arc<[u8]>>, digest: Digest) -> Self {
        Self { bytes: bytes.into(), digest }
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// SHA-256 of the bytes.
    pub fn digest(&self) -> Digest {
        self.digest
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} bytes {}", self.bytes.len(), self.digest.short())
    }
}
