//! What a server offered when it was last looked at, under the names that its tools have here.
//!
//! In: an offer. Out: the tools by name and digest, names that meet, what was left out, and what was found in texts that belong to
//! no tool. Definitions that were not known are kept. Nothing is decided here. Tests: `tests/it/catalogue.rs`.

use std::collections::{BTreeMap, BTreeSet};

use contract::Finding;
use contract::visible::{Breaks, already, short};
use domain::{Digest, Name, ToolName, limits};
use tools::mcp::Offer;

use super::kept::Kept;

/// What a server offered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Sight {
    /// Its tools.
    pub(crate) tools: BTreeMap<ToolName, Digest>,
    /// Names that more than one of its tools would have here: none of them can be called.
    pub(crate) meeting: BTreeSet<ToolName>,
    /// Tools that cannot be reached, by wire name, and why.
    pub(crate) left_out: Vec<(String, String)>,
    /// What was found in its instructions, prompts and resources.
    pub(crate) findings: Vec<Finding>,
    /// Why nobody knows how its tools stand: then none of them can be called.
    pub(crate) trouble: Option<String>,
}

impl Sight {
    /// Looks at an offer, and keeps its definitions.
    pub(super) fn of(server: &Name, offer: &Offer, kept: &Kept) -> Self {
        let mut sight = Self { left_out: left_out(offer), ..Self::default() };
        for definition in &offer.tools {
            let name = ::mcp::names::internal(server, &definition.wire);
            if let Err(error) = kept.keep(definition.digest, &definition.raw) {
                return Self::troubled(&error.to_string());
            }
            if sight.tools.insert(name.clone(), definition.digest).is_some() {
                sight.meeting.insert(name);
            }
        }
        // Two tools that would have one name here: a call could reach either, so neither is offered.
        let meeting = &sight.meeting;
        sight.tools.retain(|name, _| !meeting.contains(name));
        sight.findings = findings(server, offer);
        sight
    }

    /// Nobody knows how its tools stand.
    pub(super) fn troubled(why: &str) -> Self {
        Self { trouble: Some(shown(why)), ..Self::default() }
    }
}

fn left_out(offer: &Offer) -> Vec<(String, String)> {
    let each = offer.left_out.iter().take(limits::SERVER_LEFT_OUT_SHOWN);
    each.map(|(wire, why)| (short(wire), shown(why))).collect()
}

/// A text of ours that may quote a server visibly: made visible again, its marks would say something else.
fn shown(text: &str) -> String {
    already(text, Breaks::Shown).into_owned()
}

/// What holds back comes first, and only so many are kept.
fn findings(server: &Name, offer: &Offer) -> Vec<Finding> {
    let lists = [&offer.prompts, &offer.resources, &offer.templates];
    let listed = lists.into_iter().flatten();
    let mut findings: Vec<Finding> =
        listed.flat_map(|value| contract::finding::in_value(value, server)).collect();
    if let Some(instructions) = &offer.instructions {
        findings.extend(contract::finding::in_text(instructions, "/instructions", server));
    }
    findings.sort_by_key(|one| std::cmp::Reverse(one.severity));
    findings.truncate(limits::DEFINITION_FINDINGS_MAX);
    findings
}
