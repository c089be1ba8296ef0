//! Names that people choose: tenants, agents, workflows, spaces, tools.
//!
//! A name is short, ASCII and lower-case, so two names that look alike are alike. Tool names have one or
//! more parts joined by dots (`files.write`).

use std::fmt;
use std::str::FromStr;

use crate::limits;

/// Why a text is not a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Too long, empty, or with a character outside the allowed ones.
    #[error(
        "`{0}` is not a name; expected 1 to {max} of `a-z`, `0-9`, `-` and `_`, starting with a letter",
        max = limits::NAME_CHARS_MAX
    )]
    Name(String),
    /// As above, for names with dots.
    #[error("`{0}` is not a tool name; expected names joined by dots, such as `files.write`")]
    Tool(String),
}

/// One name: 1 to 64 of `a-z`, `0-9`, `-`, `_`, starting with a letter.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(String);

/// A tool's name: names joined by dots, at most 128 characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ToolName(String);

fn is_name(text: &str) -> bool {
    let allowed = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_')
    };
    text.len() <= limits::NAME_CHARS_MAX
        && text.bytes().all(allowed)
        && text.bytes().next().is_some_and(|first| first.is_ascii_lowercase())
}

fn shown(text: &str) -> String {
    text.chars().take(80).collect()
}

impl Name {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl ToolName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Name {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        if is_name(text) { Ok(Self(text.to_owned())) } else { Err(NameError::Name(shown(text))) }
    }
}

impl FromStr for ToolName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let good = text.len() <= limits::TOOL_NAME_CHARS_MAX && text.split('.').all(is_name);
        if good { Ok(Self(text.to_owned())) } else { Err(NameError::Tool(shown(text))) }
    }
}

macro_rules! shown_as_text {
    ($($name:ident),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, out)
            }
        }
    )*};
}

shown_as_text!(Name, ToolName);
