//! Resources and the globs that scope them.
//!
//! A resource is text with a kind, such as `workspace:src/main.rs`. A scope is a glob over it: `*` stays
//! within one part of a path, `**` crosses parts. Matching is exact on bytes: no case folding, no Unicode
//! folding, so nothing that merely looks alike matches.

use std::fmt;
use std::str::FromStr;

use crate::limits;

/// A named thing that a call touches, `kind:rest`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Resource(String);

impl Resource {
    /// Wraps resolved text. The caller has resolved paths and hosts already.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands after the kind; the whole text if there is no kind.
    pub fn rest(&self) -> &str {
        self.0.split_once(':').map_or(self.0.as_str(), |(_, rest)| rest)
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// A glob over resources.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Scope(String);

/// Why a text is not a scope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a scope; expected a glob such as `workspace:src/**`, with `**` only as a whole part"
)]
pub struct ScopeError(String);

impl Scope {
    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the resource lies in this scope.
    pub fn contains(&self, resource: &Resource) -> bool {
        let pattern: Vec<&str> = self.0.split('/').collect();
        let parts: Vec<&str> = resource.as_str().split('/').collect();
        parts_match(&pattern, &parts)
    }
}

impl FromStr for Scope {
    type Err = ScopeError;

    fn from_str(text: &str) -> Result<Self, ScopeError> {
        let wrong = || ScopeError(text.chars().take(200).collect());
        let parts = text.split('/').count();
        let stars = text.split('/').map(|part| part.split_once(':').map_or(part, |(_, rest)| rest));
        let odd = stars.clone().any(|part| part.contains("**") && part != "**");
        // INVARIANT (bounded glob): at most four `**`, so that matching stays polynomial and small.
        let crossings = stars.filter(|part| *part == "**").count();
        if text.is_empty()
            || text.len() > limits::PATH_BYTES_MAX
            || parts > limits::PATH_PARTS_MAX
            || odd
            || crossings > 4
        {
            return Err(wrong());
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// `**` may stand alone or behind a kind (`workspace:**`).
fn crossing(pattern: &str) -> Option<&str> {
    pattern.strip_suffix("**").filter(|kind| kind.is_empty() || kind.ends_with(':'))
}

fn parts_match(pattern: &[&str], parts: &[&str]) -> bool {
    let Some((first, rest)) = pattern.split_first() else { return parts.is_empty() };
    if let Some(kind) = crossing(first) {
        let Some((head, _)) = parts.split_first() else {
            return kind.is_empty() && rest.is_empty();
        };
        if !head.starts_with(kind) {
            return false;
        }
        return rest.is_empty()
            || (0..=parts.len())
                .any(|from| parts.get(from..).is_some_and(|tail| parts_match(rest, tail)));
    }
    let Some((head, tail)) = parts.split_first() else { return false };
    part_matches(first.as_bytes(), head.as_bytes()) && parts_match(rest, tail)
}

/// Greedy match of one part with `*`, in time proportional to the product of the lengths.
fn part_matches(pattern: &[u8], text: &[u8]) -> bool {
    let mut pieces = pattern.split(|byte| *byte == b'*');
    let Some(head) = pieces.next() else { return text.is_empty() };
    let Some(mut left) = text.strip_prefix(head) else { return false };
    let rest: Vec<&[u8]> = pieces.collect();
    let Some((last, middle)) = rest.split_last() else { return left.is_empty() };
    for piece in middle {
        let Some(at) =
            (0..=left.len()).find(|at| left.get(*at..).is_some_and(|tail| tail.starts_with(piece)))
        else {
            return false;
        };
        left = left.get(at + piece.len()..).unwrap_or_default();
    }
    left.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_contain_exactly_what_they_say() {
        for (scope, resource, expect) in [
            ("workspace:**", "workspace:a/b/c", true),
            ("workspace:**", "workspace:a", true),
            ("workspace:**", "database:a", false),
            ("workspace:src/*", "workspace:src/a.rs", true),
            ("workspace:src/*", "workspace:src/a/b.rs", false),
            ("workspace:src/**/b.rs", "workspace:src/b.rs", true),
            ("workspace:src/**/b.rs", "workspace:src/a/c/b.rs", true),
            ("workspace:logs", "workspace:/logs", false),
            ("workspace:*.rs", "workspace:a.rs", true),
            ("workspace:*.rs", "workspace:a.rsx", false),
            ("workspace:a*b*c", "workspace:aXbYbZc", true),
            ("workspace:Prod/**", "workspace:prod/x", false),
            ("**", "anything:at/all", true),
        ] {
            let scope: Scope = scope.parse().unwrap();
            assert_eq!(scope.contains(&Resource::new(resource)), expect, "{scope} / {resource}");
        }
    }

    #[test]
    fn a_double_star_inside_a_part_is_refused() {
        assert!("workspace:a**b".parse::<Scope>().is_err());
        assert!("".parse::<Scope>().is_err());
    }
}
