//! Where a test ends an act, as a crash would: before each step that changes something.
//!
//! Outside tests this is nothing. In tests a thread counts its steps and unwinds at the chosen one; nothing on the way
//! cleans up, so what stands in the workspace is what a killed process leaves. Used by `tests/cuts.rs`.

/// A step that changes something follows.
#[cfg(not(test))]
pub(crate) const fn here() {}

#[cfg(test)]
pub(crate) use super::tests::cuts::here;
