//! The template that names a call's resource, such as `workspace:{path}`.
//!
//! Paths, hosts, addresses and URLs are put in as they are: they were made canonical before. Any other
//! value has `%`, `/`, `*`, `?` and invisible characters percent-encoded, so that an argument can never add a part to the
//! resource's path or look like another resource. `{+branch}` keeps the slashes (as RFC 6570, section 3.2.3, writes it), so
//! that scopes and policies can name what lies below; then no part may be empty, `.` or `..`, in any spelling of an address.

use crate::braces::{self, Part};
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
    /// The same, with the slashes of its value as parts.
    Parts(String),
}

impl Template {
    /// Reads a template; the error says what is wrong.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        if text.split_once(':').is_none_or(|(kind, _)| kind.is_empty() || kind.contains(['{', '/']))
        {
            return Err("no kind in front; expected text such as `workspace:{path}`");
        }
        let piece = |part: Part<'_>| match part {
            Part::Text(text) => Ok(Piece::Text(text.to_owned())),
            Part::Name("+") => Err("a `{+}` without a name"),
            Part::Name(name) => Ok(match name.strip_prefix('+') {
                Some(name) => Piece::Parts(name.to_owned()),
                None => Piece::Argument(name.to_owned()),
            }),
        };
        braces::parts(text)?.into_iter().map(piece).collect::<Result<_, _>>().map(Self)
    }

    /// The arguments it uses.
    pub(crate) fn arguments(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Text(_) => None,
            Piece::Argument(name) | Piece::Parts(name) => Some(name.as_str()),
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
                Piece::Parts(name) => {
                    let text = arguments.get(name).and_then(plain).ok_or_else(|| name.clone())?;
                    parts(&text, &mut out).ok_or_else(|| name.clone())?;
                }
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

/// The parts of a value, each escaped; nothing if one of them is no name.
fn parts(text: &str, out: &mut String) -> Option<()> {
    for (index, part) in text.split('/').enumerate() {
        if leads_elsewhere(part) {
            return None;
        }
        if index > 0 {
            out.push('/');
        }
        escape(part, out);
    }
    Some(())
}

/// Whether a part is no name: empty, or what a program that puts it into an address takes for this place, the one above or two
/// parts (WHATWG URL, "double-dot URL path segment"; `\` parts there too, and tabs and line ends are passed over).
fn leads_elsewhere(part: &str) -> bool {
    let part = part.to_ascii_lowercase().replace("%2e", ".");
    let parts =
        part.contains(['\\', '\t', '\n', '\r']) || part.contains("%2f") || part.contains("%5c");
    parts || matches!(part.as_str(), "" | "." | "..")
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
    fn an_argument_of_parts_stays_below_its_place() {
        let template = Template::parse("git:{remote}/{+branch}").unwrap();
        let fill =
            |branch: &str| template.fill(&json!({"remote": "a/b", "branch": branch}), |_| None);
        assert_eq!(fill("agent/fix-1").unwrap().as_str(), "git:a%2Fb/agent/fix-1");
        assert_eq!(fill("*").unwrap().as_str(), "git:a%2Fb/%2A");
        for branch in ["", "/", "a//b", "a/../b", "./a", "a/"] {
            assert_eq!(fill(branch), Err("branch".to_owned()), "{branch}");
        }
    }

    /// A server that puts an argument into an address as it is would reach past the resource that was decided on.
    #[test]
    fn a_part_that_an_address_takes_for_the_one_above_is_refused() {
        let template = Template::parse("mcp:github/repos/{+owner}/{+repo}").unwrap();
        let fill = |repo: &str| template.fill(&json!({"owner": "acme", "repo": repo}), |_| None);
        assert_eq!(fill("app.v2..x").unwrap().as_str(), "mcp:github/repos/acme/app.v2..x");
        for repo in [
            "../other/secret",
            "%2e%2e/other",
            ".%2E/other",
            "..\\other",
            ".\t./other",
            "..%2Fother",
            "a%5cb",
        ] {
            assert_eq!(fill(repo), Err("repo".to_owned()), "{repo}");
        }
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
            "w:{+}",
        ] {
            assert!(Template::parse(text).is_err(), "{text}");
        }
    }
}
