//! The jail, tried out: real processes in real jails on this machine.
//!
//! `support` makes workspaces and orders; each other file is one promise of the jail with its tests. What a machine
//! cannot do is tested by its honest refusal.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by a panic")]

mod cost;
mod ends;
mod escapes;
mod limits;
mod places;
mod proxy;
mod rungs;
mod running;
mod sessions;
mod support;
