//! The simulation: promises hold over seeds and over every crash of short stories, and planted faults are found.
//! Only the public interface of the crate is used here.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on should say so and stop"
)]

mod binding;
mod brief;
mod commands;
mod crashes;
mod faults;
mod floods;
mod installation;
mod journal;
mod kills;
mod modes;
mod people;
mod pins;
mod questions;
mod restart;
mod reviews;
mod scripts;
mod seeds;
mod stacking;
mod tokens;
mod upstream;
mod visible;
mod voting;
mod watching;
