//! What a revision requires, from the suite's own frozen list.
//!
//! In: `requirements/REVISION.yaml` of the installed suite. Out: the names of required scenarios for servers and clients.
//! Scenarios that the list names as not scored are not required. Only the form that these files have is read; anything
//! else is an error, so that a list is never read as shorter than it is. Tests are at the end.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, bail};

use super::Leg;

/// The required scenarios of one revision.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Required {
    pub(crate) revision: &'static str,
    server: BTreeSet<String>,
    client: BTreeSet<String>,
}

/// A part of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Head,
    Server,
    Client,
    NotScored,
}

impl Required {
    /// Reads the list of a revision.
    pub(crate) fn read(suite: &Path, revision: &'static str) -> anyhow::Result<Self> {
        let path = suite.join("requirements").join(format!("{revision}.yaml"));
        let text =
            std::fs::read_to_string(&path).with_context(|| format!("`{}`", path.display()))?;
        Self::parse(revision, &text).with_context(|| format!("`{}`", path.display()))
    }

    pub(super) fn parse(revision: &'static str, text: &str) -> anyhow::Result<Self> {
        let mut required = Self { revision, server: BTreeSet::new(), client: BTreeSet::new() };
        let mut part = Part::Head;
        for line in text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
            part = match (line, part) {
                ("server:", _) => Part::Server,
                ("client:", _) => Part::Client,
                ("not_scored:", _) => Part::NotScored,
                (line, Part::Server) => {
                    name(line).map(|name| required.server.insert(name)).map(|_| part)?
                }
                (line, Part::Client) => {
                    name(line).map(|name| required.client.insert(name)).map(|_| part)?
                }
                (_, Part::NotScored) => part,
                (line, Part::Head) => bail!("unexpected line `{line}`"),
            };
        }
        if required.server.is_empty() || required.client.is_empty() {
            bail!("expected scenarios for servers and for clients");
        }
        Ok(required)
    }

    /// The required scenarios of a leg.
    pub(crate) fn of(&self, leg: Leg) -> &BTreeSet<String> {
        match leg {
            Leg::Direct | Leg::Gateway | Leg::Older => &self.server,
            Leg::Client => &self.client,
        }
    }
}

fn name(line: &str) -> anyhow::Result<String> {
    let name = line.strip_prefix("  - ").with_context(|| format!("unexpected line `{line}`"))?;
    if name.contains([' ', ':', '#', '\'', '"']) {
        bail!("`{name}` is no plain name of a scenario");
    }
    Ok(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "# A comment.\n\nserver:\n  - ping\n  - tools-list\n\nclient:\n  - auth/basic\n\n\
                        not_scored:\n  - scenario: tasks\n    leg: server\n    note: >-\n      why\n";

    #[test]
    fn required_scenarios_are_read_and_others_are_not() {
        let required = Required::parse("2025-11-25", LIST).unwrap();
        assert_eq!(required.of(Leg::Gateway).iter().collect::<Vec<_>>(), ["ping", "tools-list"]);
        assert_eq!(required.of(Leg::Client).iter().collect::<Vec<_>>(), ["auth/basic"]);
    }

    #[test]
    fn another_form_is_an_error() {
        for text in ["", "server:\n  - ping\n", "sever:\n  - ping\n", "server:\n- ping\n"] {
            Required::parse("2025-11-25", text).unwrap_err();
        }
        let flow = LIST.replace("  - ping", "  - {name: ping}");
        Required::parse("2025-11-25", &flow).unwrap_err();
    }
}
