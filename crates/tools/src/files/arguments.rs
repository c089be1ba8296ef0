//! Arguments of files tools, read once more at the last place before the disk.
//!
//! They arrive checked by their contract's schema, with paths resolved. Should anything else arrive, it is
//! refused here with the shape that was expected, and nothing is guessed.

use domain::limits;
use serde_json::Value;

use super::problem::Problem;
use super::workspace::checked;

/// The arguments of one call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arguments<'a>(pub(crate) &'a Value);

/// Whether a written file must be new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WriteMode {
    Create,
    Overwrite,
    Any,
}

/// How content is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Utf8,
    Base64,
}

/// Whether a directory goes with what is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Depth {
    Alone,
    WithEntries,
}

/// One replacement of exact text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Edit<'a> {
    pub(crate) old: &'a str,
    pub(crate) new: &'a str,
    pub(crate) occurrences: usize,
}

impl<'a> Arguments<'a> {
    /// A resolved path.
    pub(crate) fn path(self, name: &str) -> Result<&'a str, Problem> {
        let path = self.text(name)?;
        checked(path)?;
        Ok(path)
    }

    /// A text that must be there.
    pub(crate) fn text(self, name: &str) -> Result<&'a str, Problem> {
        self.optional_text(name)?
            .ok_or_else(|| Problem::Argument(format!("`{name}` is missing; expected a text")))
    }

    /// A text that may be absent.
    pub(crate) fn optional_text(self, name: &str) -> Result<Option<&'a str>, Problem> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Problem::Argument(format!("`{name}` is not a text"))),
        }
    }

    /// A whole number up to `max` that may be absent.
    pub(crate) fn count(self, name: &str, max: usize) -> Result<Option<usize>, Problem> {
        let Some(value) = self.0.get(name) else { return Ok(None) };
        let count = value.as_u64().and_then(|count| usize::try_from(count).ok());
        match count.filter(|count| *count <= max) {
            Some(count) => Ok(Some(count)),
            None => {
                Err(Problem::Argument(format!("`{name}` is not a whole number from 0 to {max}")))
            }
        }
    }

    /// `mode` of a writing.
    pub(crate) fn write_mode(self) -> Result<WriteMode, Problem> {
        match self.optional_text("mode")? {
            None | Some("any") => Ok(WriteMode::Any),
            Some("create") => Ok(WriteMode::Create),
            Some("overwrite") => Ok(WriteMode::Overwrite),
            Some(other) => Err(Problem::Argument(format!(
                "`mode` is `{other}`; expected `create`, `overwrite` or `any`"
            ))),
        }
    }

    /// `encoding` of a writing.
    pub(crate) fn encoding(self) -> Result<Encoding, Problem> {
        match self.optional_text("encoding")? {
            None | Some("utf-8") => Ok(Encoding::Utf8),
            Some("base64") => Ok(Encoding::Base64),
            Some(other) => Err(Problem::Argument(format!(
                "`encoding` is `{other}`; expected `utf-8` or `base64`"
            ))),
        }
    }

    /// `recursive` of a deletion.
    pub(crate) fn depth(self) -> Result<Depth, Problem> {
        match self.0.get("recursive") {
            None | Some(Value::Bool(false)) => Ok(Depth::Alone),
            Some(Value::Bool(true)) => Ok(Depth::WithEntries),
            Some(_) => Err(Problem::Argument("`recursive` is neither true nor false".to_owned())),
        }
    }

    /// `edits`, at least one.
    pub(crate) fn edits(self) -> Result<Vec<Edit<'a>>, Problem> {
        let wrong = || {
            Problem::Argument(format!(
                "`edits` is not a list of 1 to {} objects with `old` and `new`",
                limits::EDITS_MAX
            ))
        };
        let edits = self.0.get("edits").and_then(Value::as_array).ok_or_else(wrong)?;
        if edits.is_empty() || edits.len() > limits::EDITS_MAX {
            return Err(wrong());
        }
        edits.iter().map(edit).collect()
    }
}

fn edit(value: &Value) -> Result<Edit<'_>, Problem> {
    let arguments = Arguments(value);
    let old = arguments.text("old")?;
    if old.is_empty() {
        return Err(Problem::Argument(
            "`old` is empty; expected the exact text to replace".to_owned(),
        ));
    }
    let occurrences = arguments.count("occurrences", usize::MAX)?.unwrap_or(1);
    Ok(Edit { old, new: arguments.text("new")?, occurrences })
}
