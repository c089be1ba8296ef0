//! The binary as people and programs use it: real processes, a real server on loopback, a real store.
//!
//! One module for each question; `support` makes a scratch installation. Nothing sleeps or leaves the machine.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by a panic"
)]

mod commands;
mod connect;
mod demo;
mod doctor;
mod exit_codes;
mod high_stakes;
mod hostile;
mod journal;
mod mcp_guide;
mod offline;
mod review;
mod servers;
mod shapes;
mod support;
mod terminal;
mod undoing;
mod verbs;
mod wrap;
