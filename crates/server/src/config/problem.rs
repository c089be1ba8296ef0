//! Problems of configuration, as the operator sees them: file, line, what is wrong, what would be right.
//! Reading collects all of them and fails once. Each carries a stable code with a page in `docs/errors`.

use std::fmt;
use std::path::PathBuf;

use domain::Code;

/// One problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// `CR-5006`, or a code of its own (`CR-5010`).
    pub code: Code,
    /// The file, or none for the environment and the defaults.
    pub file: Option<PathBuf>,
    /// Line of the file, from 1.
    pub line: Option<usize>,
    /// What is wrong.
    pub message: String,
    /// What would be right.
    pub fix: String,
}

/// Every problem found, in order. Never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl Problem {
    pub(super) fn new(message: impl Into<String>, fix: impl Into<String>) -> Self {
        let (message, fix) = (message.into(), fix.into());
        Self { code: Code::BadConfiguration, file: None, line: None, message, fix }
    }

    pub(super) fn coded(self, code: Code) -> Self {
        Self { code, ..self }
    }
}

impl Problems {
    /// The code of the first problem.
    pub fn code(&self) -> Code {
        self.0.first().map_or(Code::BadConfiguration, |problem| problem.code)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(out, "{}", file.display())?;
            if let Some(line) = self.line {
                write!(out, ":{line}")?;
            }
            out.write_str(": ")?;
        }
        write!(out, "{}; {}", self.message, self.fix)
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        out.write_str(&lines.join("\n"))
    }
}

impl std::error::Error for Problems {}
