//! The entrances: `/mcp` for everything, `/mcp/checkrein` for our own tools, `/mcp/{server}` for one server; and what each
//! name on a client's wire stands for there.
//!
//! In: one version of the rules. Out: a table from the names that clients see to tools. Names are never taken apart: two
//! that meet are both left out. What a caller may see of it is the business of `list`. Tests are at the end.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use contract::Compiled;
use domain::{Name, ToolName, UpstreamPart};
use gate::Rules;
use mcp::headers::Mirrors;
use mcp::names::{self, Place};

/// The name of the entrance for our own tools, and of those tools' server.
pub(crate) const OWN: &str = "checkrein";
/// What the names of the house's own acts begin with: no agent ever calls them.
const HOUSE: &str = "checkrein.";

/// Where a client came in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Entrance {
    /// `/mcp`
    All,
    /// `/mcp/checkrein`
    Own,
    /// `/mcp/{server}`
    Server(Name),
}

impl Entrance {
    /// The one that a path names; `servers` says which there are.
    pub(crate) fn of(segment: Option<&str>, servers: impl Fn(&Name) -> bool) -> Option<Self> {
        match segment {
            None | Some("") => Some(Self::All),
            Some(OWN) => Some(Self::Own),
            Some(name) => name.parse().ok().filter(servers).map(Self::Server),
        }
    }

    /// Its path.
    pub(crate) fn path(&self) -> String {
        match self {
            Self::All => "/mcp".to_owned(),
            Self::Own => format!("/mcp/{OWN}"),
            Self::Server(name) => format!("/mcp/{name}"),
        }
    }

    /// Whether a server's things are found here.
    pub(crate) fn leads_to(&self, server: &Name) -> bool {
        match self {
            Self::All => true,
            Self::Own => false,
            Self::Server(name) => name == server,
        }
    }

    /// How a server calls something is shown here like this.
    pub(super) fn shown(&self, server: &Name, wire: &str) -> String {
        names::outer(wire, self.place(server))
    }

    fn place<'a>(&self, server: &'a Name) -> Place<'a> {
        match self {
            Self::All | Self::Own => Place::Among(server.as_str()),
            Self::Server(_) => Place::Alone,
        }
    }
}

/// A tool as it is named at an entrance.
#[derive(Debug, Clone)]
pub(super) struct Named {
    pub(super) tool: ToolName,
    /// The server that offers it; none for our own.
    pub(super) server: Option<Name>,
    /// Which of its arguments travel in headers too.
    pub(super) mirrors: Mirrors,
}

/// What can be named at one entrance.
#[derive(Debug, Default)]
pub(super) struct Names {
    tools: BTreeMap<String, Named>,
    parts: BTreeMap<(Name, UpstreamPart), ToolName>,
}

impl Names {
    /// The table of an entrance under these rules.
    pub(super) fn of(rules: &Rules, entrance: &Entrance) -> Self {
        let mut names = Self::default();
        let mut met = BTreeSet::new();
        for compiled in rules.catalogue.iter() {
            names.add(compiled, entrance, &mut met);
        }
        for name in met {
            tracing::warn!(name, "two tools have the same name for clients; neither is offered");
            names.tools.remove(&name);
        }
        names
    }

    fn add(&mut self, compiled: &Compiled, entrance: &Entrance, met: &mut BTreeSet<String>) {
        let tool = compiled.name();
        let Some((shown, server)) = shown(compiled, entrance) else {
            let upstream = compiled.contract.upstream.as_ref();
            if let Some(upstream) = upstream.filter(|one| entrance.leads_to(&one.server)) {
                self.parts.insert((upstream.server.clone(), upstream.part), tool.clone());
            }
            return;
        };
        // A tool whose annotations cannot be read has no arguments in headers; its findings hold it back elsewhere.
        let mirrors = Mirrors::of(&compiled.contract.input).unwrap_or_default();
        match self.tools.entry(shown) {
            Entry::Vacant(free) => {
                free.insert(Named { tool: tool.clone(), server, mirrors });
            }
            Entry::Occupied(taken) => {
                met.insert(taken.key().clone());
            }
        }
    }

    /// What a name stands for.
    pub(super) fn tool(&self, shown: &str) -> Option<&Named> {
        self.tools.get(shown)
    }

    /// The contract of another part of a server.
    pub(super) fn part(&self, server: &Name, part: UpstreamPart) -> Option<&ToolName> {
        self.parts.get(&(server.clone(), part))
    }
}

/// How a tool is named at an entrance, and its server; none if it is not a tool or not found there.
pub(super) fn shown(compiled: &Compiled, entrance: &Entrance) -> Option<(String, Option<Name>)> {
    let tool = compiled.name().as_str();
    match (&compiled.contract.upstream, entrance) {
        (Some(upstream), _) => {
            let found = upstream.part == UpstreamPart::Tool && entrance.leads_to(&upstream.server);
            let shown = || entrance.shown(&upstream.server, &upstream.wire);
            found.then(|| (shown(), Some(upstream.server.clone())))
        }
        (None, Entrance::All | Entrance::Own) if !tool.starts_with(HOUSE) => {
            let (group, rest) = tool.split_once('.')?;
            Some((names::outer(rest, Place::Among(group)), None))
        }
        (None, Entrance::All | Entrance::Own | Entrance::Server(_)) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_only_where_there_is_something() {
        let servers = |name: &Name| name.as_str() == "git";
        let check = |segment, expect: Option<&str>| {
            let found = Entrance::of(segment, servers).map(|entrance| entrance.path());
            assert_eq!(found.as_deref(), expect, "{segment:?}");
        };
        check(None, Some("/mcp"));
        check(Some("checkrein"), Some("/mcp/checkrein"));
        check(Some("git"), Some("/mcp/git"));
        check(Some("other"), None);
        check(Some("../v1"), None);
    }
}
