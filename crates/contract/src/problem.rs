//! What is wrong with a call's arguments, as its caller is told.
//!
//! Texts are safe to show: what an agent wrote is made visible and cut before it is quoted.

use std::fmt;

use crate::visible;
use domain::Code;

/// Problems told at once; more are counted only.
pub(crate) const PROBLEMS_MAX: usize = 8;

/// Everything found wrong with a call's arguments, at most 8, never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArgumentError {
    /// In the order found.
    pub problems: Vec<Problem>,
}

/// One thing that is wrong with one value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What kind of thing.
    pub kind: ProblemKind,
    /// JSON pointer of the value; empty for the whole.
    pub pointer: String,
    /// What is wrong and what would be right, safe to show.
    pub text: String,
}

/// What kind of thing is wrong with an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProblemKind {
    /// The schema refuses a value.
    Schema,
    /// The schema knows no such argument.
    Unknown,
    /// A required argument is absent.
    Missing,
    /// The argument belongs to the principal, and another value was given.
    Bound,
    /// A path leaves the workspace or is no path.
    Path,
    /// A host, URL, mail address or amount cannot be read.
    Kind,
    /// The resource lies outside the contract's scope.
    Scope,
    /// The value contains a mask in place of a secret.
    Masked,
}

impl ProblemKind {
    /// The stable code of this kind.
    pub const fn code(self) -> Code {
        match self {
            Self::Schema | Self::Unknown | Self::Missing | Self::Kind => Code::InvalidArguments,
            Self::Bound => Code::BoundArgument,
            Self::Path => Code::PathEscape,
            Self::Scope => Code::OutOfScope,
            Self::Masked => Code::MaskedArgument,
        }
    }
}

impl Problem {
    pub(crate) fn new(kind: ProblemKind, pointer: &str, text: impl Into<String>) -> Self {
        Self { kind, pointer: pointer.to_owned(), text: text.into() }
    }
}

impl ArgumentError {
    pub(crate) fn one(kind: ProblemKind, pointer: &str, text: impl Into<String>) -> Self {
        Self { problems: vec![Problem::new(kind, pointer, text)] }
    }

    /// The code of the first problem.
    pub fn code(&self) -> Code {
        self.problems.first().map_or(Code::InvalidArguments, |problem| problem.kind.code())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.pointer.is_empty() {
            out.write_str(&self.text)
        } else {
            write!(out, "`{}`: {}", visible::short(&self.pointer), self.text)
        }
    }
}

impl fmt::Display for ArgumentError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let texts: Vec<String> = self.problems.iter().map(Problem::to_string).collect();
        out.write_str(&texts.join("; "))
    }
}

impl std::error::Error for ArgumentError {}
