//! Where things are printed: data on standard output, talk on standard error.
//!
//! In: values of `server::wire`, failures, sentences. Out: tables for people or JSON for programs. Whatever agents may
//! have written is made visible first: a table escapes every cell, JSON escapes hidden characters inside its strings,
//! so neither can move the cursor or hide a word. Colour only on a terminal, and never with `NO_COLOR`.

mod answer;
mod command;
mod live;
mod paint;
mod table;
mod time;

use std::io::{IsTerminal as _, Write as _};

use clap::ValueEnum;
use contract::visible::{self, Breaks};
use serde::Serialize;
use serde_json::Value;
use server::wire;

pub(crate) use answer::{decision, diff, text as answer};
pub(crate) use command::{Printed, text as command};
pub(crate) use live::Live;
pub(crate) use paint::{Paint, Tone};
pub(crate) use table::{Facts, Table};
pub(crate) use time::moment;

use crate::failure::{Failure, Result};

/// How data is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Format {
    /// For people
    #[default]
    Table,
    /// For programs
    Json,
}

/// Where to print, and how.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Out {
    format: Format,
    /// For standard output.
    pub(crate) paint: Paint,
    talk: Paint,
}

impl Out {
    pub(crate) fn new(format: Format) -> Self {
        let paint = Paint::of(std::io::stdout().is_terminal());
        Self { format, paint, talk: Paint::of(std::io::stderr().is_terminal()) }
    }

    /// Whether a person reads this.
    pub(crate) fn is_for_people(&self) -> bool {
        self.format == Format::Table
    }

    /// Prints data as asked for: the value as JSON, or what `text` makes of it.
    pub(crate) fn show<T: Serialize>(
        &self,
        value: &T,
        text: impl FnOnce(&T) -> String,
    ) -> Result<()> {
        match self.format {
            Format::Table => self.data(&text(value)),
            Format::Json => self.data(&json(value)?),
        }
        Ok(())
    }

    /// Prints data for programs; people are told the same as a failure.
    pub(crate) fn only_json<T: Serialize>(&self, value: &T) -> Result<()> {
        match self.format {
            Format::Table => Ok(()),
            Format::Json => self.show(value, |_| String::new()),
        }
    }

    /// A listing: as JSON the page, as a table its rows; `nothing` is said where there are none.
    pub(crate) fn page<T: Serialize>(
        &self,
        page: &wire::Page<T>,
        nothing: &str,
        table: impl FnOnce(&[T]) -> Table,
    ) -> Result<()> {
        if self.format == Format::Table && page.items.is_empty() {
            self.talk(nothing);
            return Ok(());
        }
        self.show(page, |page| table(&page.items).text(&self.paint))?;
        if let (Format::Table, Some(next)) = (self.format, &page.next) {
            self.talk(&format!("there is more: `--after {}`", visible::short(next)));
        }
        Ok(())
    }

    /// An answer envelope; its failure goes to standard error too. Gives the exit code.
    pub(crate) fn answer(&self, answer: &wire::Answer, printed: Printed) -> Result {
        self.show(answer, |envelope| answer::text(envelope, printed, &self.paint))?;
        let Some(error) = &answer.error else { return Ok(crate::failure::OK) };
        let failure = Failure::from(error);
        self.failure(&failure);
        Ok(failure.exit)
    }

    /// Prints data. A reader that has gone away is no error.
    pub(crate) fn data(&self, text: &str) {
        let mut out = std::io::stdout().lock();
        _ = out.write_all(text.as_bytes());
        if !text.ends_with('\n') {
            _ = out.write_all(b"\n");
        }
        _ = out.flush();
    }

    /// Says something to the person. What is hidden in it is shown, marks that the server put there and line breaks stay.
    pub(crate) fn talk(&self, text: &str) {
        _ = writeln!(std::io::stderr().lock(), "{}", visible::already(text, Breaks::Kept));
    }

    /// Asks the person something, on the same line.
    pub(crate) fn ask(&self, text: &str) {
        let mut out = std::io::stderr().lock();
        _ = write!(out, "{text}");
        _ = out.flush();
    }

    /// Says what went wrong: what happened, what was expected, what to do.
    pub(crate) fn failure(&self, failure: &Failure) {
        let title = match failure.code {
            Some(code) => format!("error {}: {}", code.shown(), code.row().title),
            None => "error".to_owned(),
        };
        let mut out = std::io::stderr().lock();
        _ = writeln!(out, "{}", self.talk.tone(Tone::Bad, &title));
        for (what, text) in [
            ("happened", &failure.happened),
            ("expected", &failure.expected),
            ("to do", &failure.fix),
        ] {
            if !text.is_empty() {
                let shown = visible::already(text, Breaks::Kept).replace('\n', "\n            ");
                _ = writeln!(out, "  {what:<8}  {shown}");
            }
        }
    }
}

/// A value as JSON for programs and terminals alike: what a terminal would obey or hide is escaped.
pub(crate) fn json<T: Serialize>(value: &T) -> Result<String> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|error| Failure::new(format!("the answer cannot be written as JSON: {error}")))?;
    Ok(escaped(&text))
}

/// A JSON value in one line.
pub(crate) fn json_line(value: &Value) -> String {
    escaped(&value.to_string())
}

/// JSON with hidden characters as `\uXXXX`. They can stand inside strings only, so the value stays the same.
pub(crate) fn escaped(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let mut buffer = [0_u8; 4];
    for character in json.chars() {
        let text = &*character.encode_utf8(&mut buffer);
        if character.is_ascii_graphic() || visible::visible(text, Breaks::Kept) == text {
            out.push(character);
        } else {
            let mut units = [0_u16; 2];
            for unit in character.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_keeps_its_value_and_hides_nothing() {
        let value = Value::from("a\u{202E}b\u{9B}31m\u{7F}\u{E0041}⟪ä\t\n\u{1B}");
        let line = json_line(&value);
        assert_eq!(serde_json::from_str::<Value>(&line).unwrap(), value);
        assert_eq!(visible::line(&line), line);
    }
}
