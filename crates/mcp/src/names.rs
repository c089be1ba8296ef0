//! Names of tools: how a server, its clients and Checkrein call the same one.
//!
//! ```text
//! server's wire name --internal--> `server.tool` (contracts, policies, journal) --outer--> `server__tool` (clients)
//! ```
//! Both ways are deterministic: where a character had to be replaced or a name to be cut, a part of a digest over the exact
//! name is added, so that two names meet only where somebody made them to. Whoever makes a table of names refuses both then.
//! Nothing reads a name back by taking it apart: the exact one is kept beside it. Tests are at the end.

use contract::digest;
use domain::{Name, ToolName, limits};

/// Characters of a tool's name on a client's wire: what the strictest clients take.
pub const OUTER_CHARS_MAX: usize = 64;
/// Between server and tool on a client's wire, since clients refuse dots.
const BETWEEN: &str = "__";
/// What the names of our own contracts for a server begin with, such as the one for reading its resources.
const OURS: &str = "mcp.";

/// Where a name is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place<'a> {
    /// Beside the tools of other servers.
    Among(&'a str),
    /// At the endpoint of one server.
    Alone,
}

/// The name of a server's tool within Checkrein.
pub fn internal(server: &Name, wire: &str) -> ToolName {
    let plain = format!("{server}.{wire}");
    // A tool that is called as one of our own contracts must not take its place.
    if let Ok(name) = plain.parse()
        && !wire.starts_with(OURS)
    {
        return name;
    }
    let room = limits::NAME_CHARS_MAX - MARK_CHARS;
    let fitting = |character: char| match character.to_ascii_lowercase() {
        kept @ ('a'..='z' | '0'..='9' | '-' | '_') => kept,
        _ => '_',
    };
    let mut part: String = wire.chars().map(fitting).take(room - 1).collect();
    if !part.starts_with(|first: char| first.is_ascii_lowercase()) {
        part.insert(0, 't');
    }
    let name = format!("{server}.{part}-{}", mark(&[wire]));
    // INVARIANT (names fit): a server's name and one part fit into a tool's name, see the assertion in `limits`.
    name.parse().unwrap_or_else(|_| fallback(wire))
}

/// The name of a tool on a client's wire.
pub fn outer(tool: &str, place: Place<'_>) -> String {
    let full = match place {
        Place::Among(server) => format!("{server}{BETWEEN}{tool}"),
        Place::Alone => tool.to_owned(),
    };
    let good =
        |character: char| character.is_ascii_alphanumeric() || matches!(character, '-' | '_');
    // Two servers must not meet: the first mark stands where the server's name ends.
    let parted = match place {
        Place::Among(server) => full.find(BETWEEN) == Some(server.len()),
        Place::Alone => true,
    };
    if parted && !full.is_empty() && full.len() <= OUTER_CHARS_MAX && full.chars().all(good) {
        return full;
    }
    let room = OUTER_CHARS_MAX - MARK_CHARS;
    let kept = full.chars().map(|character| if good(character) { character } else { '_' });
    let kept: String = kept.take(room).collect();
    let server = match place {
        Place::Among(server) => server,
        Place::Alone => "",
    };
    format!("{kept}_{}", mark(&[server, tool]))
}

/// A mark with what stands before it.
const MARK_CHARS: usize = 9;

/// Eight hexadecimal digits over an exact name.
fn mark(parts: &[&str]) -> String {
    digest(parts.join("\0").as_bytes()).to_string().chars().rev().take(8).collect()
}

#[expect(clippy::expect_used, reason = "a letter and eight hexadecimal digits are a name")]
fn fallback(wire: &str) -> ToolName {
    format!("t{}", mark(&[wire])).parse().expect("a name")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn server() -> Name {
        "files".parse().unwrap()
    }

    #[test]
    fn plain_names_stay_as_they_are() {
        assert_eq!(internal(&server(), "read_file").as_str(), "files.read_file");
        assert_eq!(internal(&server(), "a.b").as_str(), "files.a.b");
        assert_eq!(outer("read_file", Place::Among("files")), "files__read_file");
        assert_eq!(outer("readFile", Place::Alone), "readFile");
    }

    #[test]
    fn a_tool_cannot_take_the_name_of_one_of_our_own_contracts() {
        // A server could offer `mcp.read_resource` as a tool, and be called wherever its resources are read.
        let taken = internal(&server(), "mcp.read_resource");
        assert!(taken.as_str().starts_with("files.mcp_read_resource-"), "{taken}");
        assert_eq!(internal(&server(), "mcp").as_str(), "files.mcp");
    }

    #[test]
    fn two_servers_never_meet_on_a_client_s_wire() {
        for ((server, tool), (other, another)) in [
            (("a", "b__c"), ("a__b", "c")),
            (("a", "_b"), ("a_", "b")),
            (("a", "__b"), ("a__", "b")),
        ] {
            let one = outer(tool, Place::Among(server));
            assert_eq!(one, format!("{server}__{tool}"));
            assert_ne!(one, outer(another, Place::Among(other)));
        }
    }

    #[test]
    fn names_that_differ_only_in_what_is_replaced_stay_apart() {
        for (one, other) in [("Read", "read"), ("a b", "a_b"), ("é", "è"), ("", "_")] {
            assert_ne!(internal(&server(), one), internal(&server(), other), "{one} {other}");
        }
        assert_ne!(outer("a b", Place::Alone), outer("a_b", Place::Alone));
    }

    proptest! {
        #[test]
        fn every_name_fits_and_two_names_never_meet(one in ".{0,200}", other in ".{0,200}") {
            prop_assert!(internal(&server(), &one).as_str().starts_with("files."));
            let shown = outer(&one, Place::Among("files"));
            prop_assert!(shown.len() <= OUTER_CHARS_MAX && !shown.is_empty());
            let fits = |character: char| character.is_ascii_alphanumeric() || "-_".contains(character);
            prop_assert!(shown.chars().all(fits));
            if one != other {
                prop_assert_ne!(internal(&server(), &one), internal(&server(), &other));
                prop_assert_ne!(outer(&one, Place::Alone), outer(&other, Place::Alone));
            }
        }
    }
}
