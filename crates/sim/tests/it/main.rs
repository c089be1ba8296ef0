//! The simulation: promises hold over seeds and over every crash of short stories, and planted faults are found.
//! Only the public interface of the crate is used here.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on should say so and stop"
)]

mod attempts;
mod binding;
mod brief;
mod commands;
mod crashes;
mod dead;
mod doubts;
mod faults;
mod floods;
mod installation;
mod journal;
mod kills;
mod modes;
mod outbox;
mod people;
mod pins;
mod provider;
mod questions;
mod restart;
mod reviews;
mod safeguards;
mod scripts;
mod seeds;
mod stacking;
mod tickets;
mod tokens;
mod undoing;
mod upstream;
mod visible;
mod voting;
mod watching;
