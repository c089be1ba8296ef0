//! A tool server's program: what it is called here, which pack fits it, and what it needs in a jail.
//!
//! ```text
//! words of a command -> package (npx, uvx) found on this machine -> program, what it reads, what it may change
//! ```
//! In: a command as a client of the protocol writes it. Out: a command that a jail can start, with paths. Nothing is started,
//! installed or asked over the network here. What cannot be told is said, never guessed wider: where a program cannot run in a
//! jail the reason is given, and whoever asked decides. Tests are here and in `tests/it/connect.rs`.

mod found;
mod naming;
mod needs;
mod packages;

pub(crate) use naming::{name, pack};
pub(crate) use needs::{Machine, Needs, name_of, needs};
