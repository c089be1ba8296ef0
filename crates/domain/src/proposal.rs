//! What an agent proposes: a tool, arguments, and what it says about them.
//!
//! Everything the agent says beside tool and arguments is a claim. It can make a decision stricter, never
//! looser.

use std::fmt;
use std::str::FromStr;

use serde_json::Value;

use crate::{CallId, ExpectedEffect, RunId};

/// A proposed tool call as it arrived, already read as strict JSON.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// The tool's name as given; it may not exist.
    pub tool: String,
    /// The arguments, a JSON object.
    pub arguments: Value,
    /// What the agent says it wants, at most `limits::INTENT_CHARS_MAX` characters.
    pub intent: Option<String>,
    /// What the agent says will change, at most `limits::EXPECTED_EFFECTS_MAX`.
    pub expected_effects: Vec<ExpectedEffect>,
    /// How sure the agent says it is.
    pub confidence: Option<Confidence>,
    /// The caller's idempotency key, at most `limits::KEY_CHARS_MAX` characters.
    pub key: Option<String>,
    /// The run it belongs to; none for the grant's ambient run.
    pub run: Option<RunId>,
    /// References to what the agent relies on, at most `limits::EVIDENCE_MAX`.
    pub evidence: Vec<Evidence>,
    /// The held call on whose changes this one's preview stands: of the same run, with a plan.
    pub after: Option<CallId>,
    /// What the caller answers to the questions that the tool asked when the call was proposed before.
    pub input: Option<Input>,
    /// Whether the call may run after an approval although nobody waits for it.
    pub detached: bool,
}

impl Proposal {
    /// A proposal that says nothing beside tool and arguments.
    pub const fn bare(tool: String, arguments: Value) -> Self {
        Self {
            tool,
            arguments,
            intent: None,
            expected_effects: Vec::new(),
            confidence: None,
            key: None,
            run: None,
            evidence: Vec::new(),
            after: None,
            input: None,
            detached: false,
        }
    }
}

/// What a caller gives a tool beside its arguments. No policy sees what it says.
#[derive(Debug, Clone, PartialEq)]
pub struct Input {
    /// Answers by the names of their questions, and the tool's own state of them: an object of at most
    /// `limits::ARGUMENTS_BYTES_MAX` bytes.
    pub given: Value,
    /// The call that asked. A claim: it counts only if that call is recorded as having asked these questions.
    pub answers: Option<CallId>,
}

/// A reference that the agent gives for its proposal: text of at most `limits::REASON_CHARS_MAX`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence(pub String);

/// How sure an agent says it is, in hundredths: 0 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Confidence(u8);

/// Why a text is not a confidence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a confidence; expected 0 to 1, such as `0.85`")]
pub struct ConfidenceError(String);

impl Confidence {
    /// From hundredths; none above 100.
    pub const fn from_hundredths(hundredths: u8) -> Option<Self> {
        if hundredths <= 100 { Some(Self(hundredths)) } else { None }
    }

    /// In hundredths, 0 to 100.
    pub const fn hundredths(self) -> u8 {
        self.0
    }
}

impl FromStr for Confidence {
    type Err = ConfidenceError;

    /// Reads `0` to `1`. Digits beyond the second decimal are cut, never rounded up: 0.699 is below 0.70.
    fn from_str(text: &str) -> Result<Self, ConfidenceError> {
        let wrong = || ConfidenceError(text.chars().take(40).collect());
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(wrong());
        }
        let nothing_left = fraction.bytes().all(|byte| byte == b'0');
        match whole {
            "0" => {
                let two: String = fraction.chars().chain("00".chars()).take(2).collect();
                two.parse().map(Self).map_err(|_| wrong())
            }
            "1" if nothing_left => Ok(Self(100)),
            _ => Err(wrong()),
        }
    }
}

impl fmt::Display for Confidence {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn confidence_is_never_rounded_up() {
        for (text, expect) in [
            ("0.699", Some(69)),
            ("0.7", Some(70)),
            ("1", Some(100)),
            ("1.0", Some(100)),
            ("0", Some(0)),
            ("1.01", None),
            ("2", None),
            ("-0.5", None),
            ("NaN", None),
            ("0.", None),
        ] {
            assert_eq!(text.parse().ok().map(Confidence::hundredths), expect, "{text}");
        }
    }
}
