//! Policies: the version in force, its rules, and checking others.
//! Texts of policies are no secret for operators: they are what everybody is held to.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The policies in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Policies {
    /// Digest of the version.
    pub version: String,
    /// `starter` or `files`.
    pub from: String,
    /// Every rule, by file and line.
    pub rules: Vec<PolicyRule>,
    /// The files.
    pub files: Vec<PolicyFile>,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PolicyRule {
    /// Its `@id`.
    pub id: String,
    /// `permit`, `forbid`, `hold`, `notify` or `review`.
    pub kind: String,
    /// Its file.
    pub file: String,
    /// Its line, from 1.
    pub line: u32,
    /// What it says to people.
    pub reason: String,
    /// Whether no tool of this installation can match it.
    pub dormant: bool,
}

/// One policy file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyFile {
    /// Its name.
    pub file: String,
    /// Its text.
    pub text: String,
}

/// Checks policies against the tools of this installation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckPolicies {
    /// The files.
    pub files: Vec<PolicyFile>,
}

/// What checking found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CheckedPolicies {
    /// The version these files would be; none with a problem.
    pub version: Option<String>,
    /// How many policies.
    pub policies: u64,
    /// Every problem.
    pub problems: Vec<PolicyProblem>,
}

/// One problem in a policy file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PolicyProblem {
    /// The file.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
    /// What is wrong.
    pub message: String,
    /// What would be right.
    pub fix: String,
}
