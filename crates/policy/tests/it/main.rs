//! Policies as their users meet them: loaded from text, judged over facts, tested in tables.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by a panic"
)]

mod index;
mod judge;
mod random;
mod refusals;
mod starter;
mod support;
mod tables;
