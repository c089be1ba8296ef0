//! Commands: from a contract's template, or from what an operator names, to the words of one call.
//!
//! ```text
//! [tool.command] -> load (judged by `rules`) -> CommandMeans -> Compiled -> resolve -> CommandLine
//! ```
//! A command line is a program and a list of words, never a shell's text. A value from a call becomes a part of exactly
//! one word, never another word and never an option. Left out: running it (`tools`), and the jail (`runner`).
//! Tests: `tests/it/command.rs`, `tests/it/git.rs`.

pub mod rules;

mod installation;
mod line;
mod named;
mod standard;
mod word;

pub(crate) use installation::named as installation_faults;
pub use installation::{Installation, Unfit};
pub(crate) use line::Line;
pub(crate) use standard::{OUTPUT, errors as standard_errors};
pub(crate) use word::{Piece, Word, is_guard, takes_remote};
