//! The template that names a call's resource, such as `workspace:{path}`.
//!
//! Paths, hosts, addresses and URLs are put in as they are: they were made canonical before. Any other
//! value has `%`, `/`, `*`, `?` and invisible characters percent-encoded, so that an argument can never add a part to the
//! resource's path or look like another resource.

use std::fmt::Write as _;

use serde_json::Value;

use crate::unicode;
use domain::{ArgumentKind, Resource};

/// A parsed template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    /// The name of a top-level argument.
    Argument(String),
}

impl Template {
    /// Reads a template; the error says what is wrong.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        const UNPAIRED: &str = "a `{` or `}` without its partner";
        if text.split_once(':').is_none_or(|(kind, _)| kind.is_empty() || kind.contains(['{', '/']))
        {
            return Err("no kind in front; expected text such as `workspace:{path}`");
        }
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, behind) = after.split_once('}').ok_or(UNPAIRED)?;
            if before.contains('}') || name.is_empty() || name.contains('{') {
                return Err(UNPAIRED);
            }
            pieces.push(Piece::Text(before.to_owned()));
            pieces.push(Piece::Argument(name.to_owned()));
            rest = behind;
        }
        if rest.contains('}') {
            return Err(UNPAIRED);
        }
        pieces.push(Piece::Text(rest.to_owned()));
        Ok(Self(pieces))
    }

    /// The arguments it uses.
    pub(crate) fn arguments(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Text(_) => None,
            Piece::Argument(name) => Some(name.as_str()),
        })
    }

    /// The resource of a call with these arguments; the name of an argument that is absent or no plain value.
    pub(crate) fn fill(
        &self,
        arguments: &Value,
        kind: impl Fn(&str) -> Option<ArgumentKind>,
    ) -> Result<Resource, String> {
        let mut out = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Argument(name) => {
                    let value = arguments.get(name).ok_or_else(|| name.clone())?;
                    let text = plain(value).ok_or_else(|| name.clone())?;
                    match kind(name) {
                        Some(ArgumentKind::Path | ArgumentKind::Host | ArgumentKind::Url) => {
                            out.push_str(&text)
                        }
                        Some(ArgumentKind::Email | ArgumentKind::Money | ArgumentKind::Secret)
                        | None => {
                            escape(&text, &mut out);
                        }
                    }
                }
            }
        }
        Ok(Resource::new(out))
    }
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn escape(text: &str, out: &mut String) {
    for character in text.chars() {
        if matches!(character, '%' | '/' | '*' | '?') || unicode::hidden(character) {
            let mut bytes = [0_u8; 4];
            for byte in character.encode_utf8(&mut bytes).bytes() {
                // Writing to a String does not fail.
                let _ = write!(out, "%{byte:02X}");
            }
        } else {
            out.push(character);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_argument_cannot_add_parts_to_a_resource() {
        let template = Template::parse("repo:{owner}/{name}").unwrap();
        let none = |_: &str| None;
        let filled = template.fill(&json!({"owner": "a/b", "name": "c%2f*"}), none).unwrap();
        assert_eq!(filled.as_str(), "repo:a%2Fb/c%252f%2A");
        assert_eq!(template.fill(&json!({"owner": "a"}), none), Err("name".to_owned()));
        assert_eq!(
            template.fill(&json!({"owner": "a", "name": [1]}), none),
            Err("name".to_owned())
        );
    }

    #[test]
    fn broken_templates_are_refused() {
        for text in [
            "path",
            "{path}",
            "workspace:{path",
            "workspace:path}",
            "workspace:{}",
            "a/b:{x}",
            "w:{a{b}",
        ] {
            assert!(Template::parse(text).is_err(), "{text}");
        }
    }
}
