//! The contracts that come with the program: the files tools and undo, `command.run`, and git.
//!
//! They are loaded by the same code and judged by the same rules as any other file; only their origin differs. Which
//! commands and remotes an installation has is put into them by [`crate::load::installed`].

use crate::load::{ContractFile, Origin};

/// The files of `contracts/` in the source, as built in. An installation loads all of them.
pub const FILES: [ContractFile<'static>; 3] = [
    built_in("built-in/files.toml", include_str!("../../../contracts/files.toml")),
    built_in("built-in/commands.toml", include_str!("../../../contracts/commands.toml")),
    built_in("built-in/git.toml", include_str!("../../../contracts/git.toml")),
];

const fn built_in(name: &'static str, text: &'static str) -> ContractFile<'static> {
    ContractFile { name, text, origin: Origin::BuiltIn }
}
