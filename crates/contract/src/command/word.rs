//! One word of a template: text with places for values.
//!
//! `{name}` stands for an argument, `{item}` for the item of `each`, `{remote:url}` for the address of the remote that
//! the argument `remote` names. Everything else is fixed text. Filling is the business of `line`.

use crate::braces::{self, Part};
use domain::CommandTemplate;

/// A word as parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word(Vec<Piece>);

/// A part of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Fixed text, never empty.
    Text(String),
    /// An argument of the call.
    Argument(String),
    /// The item of `each`.
    Item,
    /// The address of the remote.
    RemoteUrl,
}

/// Whether a fixed word ends the options of a program.
pub(crate) fn is_guard(text: &str) -> bool {
    text == "--" || text == "--end-of-options"
}

/// Whether a remote's address stands in a template, so that the command reaches out to it.
pub(crate) fn takes_remote(template: &CommandTemplate) -> bool {
    template.words.iter().any(|word| word.text.contains("{remote:url}"))
}

impl Word {
    /// Reads a word; the error says what is wrong.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let piece = |part: Part<'_>| match part {
            Part::Text(text) => Piece::Text(text.to_owned()),
            Part::Name("item") => Piece::Item,
            Part::Name("remote:url") => Piece::RemoteUrl,
            Part::Name(name) => Piece::Argument(name.to_owned()),
        };
        Ok(Self(braces::parts(text)?.into_iter().map(piece).collect()))
    }

    /// Its parts, in order.
    pub(crate) fn pieces(&self) -> &[Piece] {
        &self.0
    }

    /// The fixed text before the first value; the whole text where there is none.
    pub(crate) fn head(&self) -> &str {
        match self.0.first() {
            Some(Piece::Text(text)) => text,
            Some(Piece::Argument(_) | Piece::Item | Piece::RemoteUrl) | None => "",
        }
    }

    /// Whether a value stands in it.
    pub(crate) fn has_value(&self) -> bool {
        self.0.iter().any(|piece| !matches!(piece, Piece::Text(_)))
    }

    /// Whether it begins with a value, so that the value could look like an option.
    pub(crate) fn begins_with_value(&self) -> bool {
        self.has_value() && self.head().is_empty()
    }

    /// Whether its value follows `--name=`, so that it cannot be anything but that option's value.
    pub(crate) fn is_option_value(&self) -> bool {
        self.has_value() && self.head().starts_with('-') && self.head().contains('=')
    }

    /// The arguments of the call that it takes, `{item}` and `{remote:url}` left out.
    pub(crate) fn arguments(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Argument(name) => Some(name.as_str()),
            Piece::Text(_) | Piece::Item | Piece::RemoteUrl => None,
        })
    }

    /// Whether the remote's address stands in it.
    pub(crate) fn takes_remote(&self) -> bool {
        self.0.contains(&Piece::RemoteUrl)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_read_piece_by_piece() {
        let word = Word::parse("--force-with-lease=refs/heads/{branch}:{expected}").unwrap();
        assert_eq!(word.arguments().collect::<Vec<_>>(), ["branch", "expected"]);
        assert!(word.is_option_value() && !word.begins_with_value());
        assert!(Word::parse("{remote:url}").unwrap().begins_with_value());
        assert!(!Word::parse("--").unwrap().has_value());
        for text in ["{", "}", "{}", "a{b", "a}b", "{a{b}}", "{a}}"] {
            assert!(Word::parse(text).is_err(), "{text}");
        }
    }
}
