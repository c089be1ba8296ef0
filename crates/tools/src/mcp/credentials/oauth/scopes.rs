//! Which scopes are asked for: what the server challenges for, else what it publishes, and what was had before.
//!
//! In: texts of scopes from a challenge, a document or the operator. Out: one bounded list without repetitions, in the
//! order of first mention. A server that asks for ever more scopes meets the bound. Tests: at the end.

use domain::limits;

/// A list of scopes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Scopes(Vec<String>);

impl Scopes {
    /// From a text with spaces between them (RFC 6749, section 3.3).
    pub(super) fn parse(text: &str) -> Self {
        Self::default().and(text.split(' '))
    }

    /// With these too. What is no scope is left out.
    #[must_use]
    pub(super) fn and<'a>(mut self, more: impl IntoIterator<Item = &'a str>) -> Self {
        for scope in more {
            let room = self.0.len() < limits::OAUTH_SCOPES_MAX;
            if room && is_scope(scope) && !self.0.iter().any(|known| known == scope) {
                self.0.push(scope.to_owned());
            }
        }
        self
    }

    /// Each of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether all of `others` are among them.
    pub(super) fn hold(&self, others: &Self) -> bool {
        others.0.iter().all(|other| self.0.contains(other))
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// As the parameter `scope`; none if there is nothing to ask for.
    pub(super) fn parameter(&self) -> Option<String> {
        (!self.0.is_empty()).then(|| self.0.join(" "))
    }
}

fn is_scope(text: &str) -> bool {
    let fits = |byte: u8| (0x21..=0x7e).contains(&byte) && byte != b'"' && byte != b'\\';
    !text.is_empty() && text.len() <= limits::OAUTH_SCOPE_CHARS_MAX && text.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_joined_once_each_and_in_order() {
        let scopes = Scopes::parse("b a  b").and(["c", "a", "", "x y", "q\"", "\u{e9}"]);
        assert_eq!(scopes.parameter().as_deref(), Some("b a c"));
        assert!(scopes.hold(&Scopes::parse("c b")));
        assert!(!scopes.hold(&Scopes::parse("c d")));
        assert_eq!(Scopes::parse(" ").parameter(), None);
    }

    #[test]
    fn a_server_cannot_make_the_list_endless() {
        let many: Vec<String> =
            (0..limits::OAUTH_SCOPES_MAX * 2).map(|at| format!("s{at}")).collect();
        let scopes = Scopes::default().and(many.iter().map(String::as_str));
        assert_eq!(scopes.iter().count(), limits::OAUTH_SCOPES_MAX);
        let long = "x".repeat(limits::OAUTH_SCOPE_CHARS_MAX + 1);
        assert!(Scopes::parse(&long).is_empty());
    }
}
