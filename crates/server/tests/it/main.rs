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
mod bad_input;
mod catalogue;
mod commands;
mod config;
mod guides;
mod journal;
mod live;
mod mcp;
mod openapi;
mod people;
mod servers;
mod start;
mod suggest;
mod tokens;
mod who;
mod wire;
mod world;
