//! Policies as their users meet them: loaded from text, judged over facts, tested in tables.
//!
//! Only the public interface is used; what needs to look inside stands in the crate's own `tests`. `support`
//! makes contracts and facts, `random` makes any number of them, and the other modules hold the promises.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by a panic"
)]

mod index;
mod judge;
mod prospects;
mod random;
mod refusals;
mod starter;
mod support;
mod tables;
