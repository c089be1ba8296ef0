//! What a server says with `WWW-Authenticate`: RFC 9110, section 11.6.1, and RFC 6750, section 3.
//!
//! In: the header lines of a 401 or 403. Out: the parameters of the first `Bearer` challenge. Several challenges may
//! share a line, and commas stand both between challenges and between parameters, so it is read from left to right:
//! a word followed by `=` is a parameter, any other word begins a challenge. Text that does not fit ends the reading of
//! its line. Tests: at the end.

use reqwest::header::{HeaderMap, WWW_AUTHENTICATE};

/// Bytes of header lines that are read.
const BYTES_MAX: usize = 8 << 10;

/// What a server asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Challenge {
    pub(super) error: Option<String>,
    pub(super) scope: Option<String>,
    pub(super) resource_metadata: Option<String>,
}

/// The first `Bearer` challenge; an empty one if there is none.
pub(super) fn bearer(headers: &HeaderMap) -> Challenge {
    let lines = headers.get_all(WWW_AUTHENTICATE).iter();
    let lines = lines.filter_map(|line| line.to_str().ok());
    lines.filter(|line| line.len() <= BYTES_MAX).find_map(of_line).unwrap_or_default()
}

fn of_line(line: &str) -> Option<Challenge> {
    let mut rest = line;
    let mut found: Option<Challenge> = None;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let Some((word, after)) = token(rest) else { return found };
        let spaced = after.trim_start_matches([' ', '\t']);
        match spaced.strip_prefix('=').filter(|value| !value.starts_with('=')) {
            Some(value) => {
                let Some((value, after)) = value_of(value.trim_start_matches([' ', '\t'])) else {
                    return found;
                };
                if let Some(challenge) = &mut found {
                    challenge.take(word, value);
                }
                rest = after;
            }
            None if found.is_some() => return found,
            None => {
                found = word.eq_ignore_ascii_case("bearer").then(Challenge::default);
                // The padding of a token68 (`Negotiate YWJj==`).
                rest = after.trim_start_matches('=');
            }
        }
        if rest.trim_matches([' ', '\t', ',']).is_empty() {
            return found;
        }
    }
}

impl Challenge {
    /// The first of a name counts: a second one would mean something else to another reader.
    fn take(&mut self, name: &str, value: String) {
        let place = match name.to_ascii_lowercase().as_str() {
            "error" => &mut self.error,
            "scope" => &mut self.scope,
            "resource_metadata" => &mut self.resource_metadata,
            _ => return,
        };
        place.get_or_insert(value);
    }
}

fn token(text: &str) -> Option<(&str, &str)> {
    let fits = |char: char| char.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~/".contains(char);
    let end = text.find(|char| !fits(char)).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

fn value_of(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([',', ' ', '\t']).unwrap_or(text.len());
        let (value, rest) = text.split_at(end);
        return Some((value.to_owned(), rest));
    };
    let mut value = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, char)) = chars.next() {
        match char {
            '"' => return Some((value, quoted.get(at + 1..)?)),
            '\\' => value.push(chars.next()?.1),
            char => value.push(char),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    fn check(lines: &[&'static str], expect: (Option<&str>, Option<&str>, Option<&str>)) {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(WWW_AUTHENTICATE, HeaderValue::from_static(line));
        }
        let found = bearer(&headers);
        let parts = (&found.error, &found.scope, &found.resource_metadata);
        let parts = (parts.0.as_deref(), parts.1.as_deref(), parts.2.as_deref());
        assert_eq!(parts, expect, "{lines:?}");
    }

    #[test]
    fn parameters_of_the_bearer_challenge_are_read() {
        check(
            &[r#"Bearer error="insufficient_scope", scope="a b", resource_metadata="https://h/m""#],
            (Some("insufficient_scope"), Some("a b"), Some("https://h/m")),
        );
        check(&["bearer scope=one"], (None, Some("one"), None));
        check(&["Bearer scope = \"a\\\"b\" , error=x"], (Some("x"), Some("a\"b"), None));
        check(&["Bearer"], (None, None, None));
        check(&["Bearer SCOPE=\"a\", scope=\"b\""], (None, Some("a"), None));
    }

    #[test]
    fn other_challenges_do_not_mix_in() {
        check(
            &[r#"Basic realm="x, scope=no", Bearer scope="yes", Digest error="no""#],
            (None, Some("yes"), None),
        );
        check(&["Negotiate abc==", "Bearer scope=\"a\""], (None, Some("a"), None));
        check(&["Negotiate abc==, Bearer scope=\"a\", Basic"], (None, Some("a"), None));
        check(&["Basic scope=\"no\""], (None, None, None));
    }

    #[test]
    fn broken_text_gives_what_stood_before_it() {
        check(&["Bearer scope=\"a\", error=\"open"], (None, Some("a"), None));
        check(&["\"", "Bearer scope=a"], (None, Some("a"), None));
        check(&["Bearer scope=\"a\", \"?"], (None, Some("a"), None));
        check(&["", ",,,"], (None, None, None));
    }
}
