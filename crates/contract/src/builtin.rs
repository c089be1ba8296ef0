//! The contracts that come with the program: the files tools and undo.
//!
//! They are loaded by the same code and judged by the same rules as any other file; only their origin differs.

use crate::load::{ContractFile, Origin};

/// `contracts/files.toml` of the source, as built in.
pub const FILE: ContractFile<'static> = ContractFile {
    name: "built-in/files.toml",
    text: include_str!("../../../contracts/files.toml"),
    origin: Origin::BuiltIn,
};
