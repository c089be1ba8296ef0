//! The server as clients and operators see it: a real one on loopback, over a real store and workspace.
//!
//! Each file asks one question. `world.rs` starts servers; nothing here sleeps or leaves the machine.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by a panic"
)]

mod answers;
mod approvals;
mod bad_input;
mod browser;
mod catalogue;
mod commands;
mod config;
mod console;
mod guides;
mod in_practice;
mod journal;
mod lists;
mod live;
mod mcp;
mod oidc;
mod openapi;
mod outlets;
mod passkeys;
mod people;
mod reach;
mod rights;
mod servers;
mod sessions;
mod start;
mod stopping;
mod suggest;
mod tokens;
mod who;
mod wire;
mod world;
