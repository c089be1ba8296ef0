//! Policy text as it comes in, and the starter policy that is built into the program.
//!
//! Nothing is read from disk or parsed here: callers bring text, of a size they bound, with the name that errors
//! are to show, and `PolicySet::load` checks names and contents. The starter policy's own tables and the contracts
//! they speak of are built in as well, so that every copy of the program can test itself.

/// One policy file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    /// Name shown in reasons and errors, such as `starter/ask.cedar`. Unique in one version.
    pub file: String,
    /// The whole text, at most `limits::SOURCE_FILE_BYTES_MAX` bytes.
    pub text: String,
}

/// A policy file built into the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BuiltIn {
    /// Name shown in reasons and errors.
    pub file: &'static str,
    /// The whole text.
    pub text: &'static str,
}

/// The policy that an installation starts with: safe for a stranger. See `docs/guides/policies.md`.
pub const STARTER: &[BuiltIn] = &[
    BuiltIn {
        file: "starter/alone.cedar",
        text: include_str!("../../../policies/starter/alone.cedar"),
    },
    BuiltIn {
        file: "starter/ask.cedar",
        text: include_str!("../../../policies/starter/ask.cedar"),
    },
    BuiltIn {
        file: "starter/advice.cedar",
        text: include_str!("../../../policies/starter/advice.cedar"),
    },
];

/// The starter policy's table tests, for [`crate::table::run`].
pub const STARTER_TESTS: BuiltIn = BuiltIn {
    file: "starter/starter.tests.toml",
    text: include_str!("../../../policies/starter/starter.tests.toml"),
};

/// The contracts that the starter policy's table tests speak of.
pub const STARTER_FIXTURES: BuiltIn = BuiltIn {
    file: "starter/fixtures/tools.toml",
    text: include_str!("../../../policies/starter/fixtures/tools.toml"),
};

impl From<BuiltIn> for Source {
    fn from(built_in: BuiltIn) -> Self {
        Self { file: built_in.file.to_owned(), text: built_in.text.to_owned() }
    }
}

/// The starter policy as sources, ready for [`crate::PolicySet::load`].
pub fn starter() -> Vec<Source> {
    STARTER.iter().copied().map(Source::from).collect()
}
