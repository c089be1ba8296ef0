//! Policies suggested from calls that were made: readable, and never wider than what was seen to go well.
//!
//! ```text
//! calls -> evidence by tool and space (what went well) -> class of the tool as it stands now -> rules, each with its evidence
//! ```
//! In: what the journal says of calls, and the contracts in force. Out: Cedar text. What only reads, and what can be put back, is
//! permitted to the agents that did it, where they did it; what cannot be put back waits for people; what destroys is not
//! permitted at all, and neither is anything that failed, was denied, or was not seen. Loading the text is the caller's
//! business. Tests are at the end, and in `tests/it/suggest.rs`.

mod rules;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use contract::Catalogue;
use domain::{CallState, Name, Strength, ToolName};

use rules::Written;

/// One call, as far as it counts here.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) tool: String,
    /// The agent's name, without its version.
    pub(crate) agent: String,
    pub(crate) space: String,
    pub(crate) resource: String,
    pub(crate) state: Option<CallState>,
    pub(crate) verdict: Option<Strength>,
    pub(crate) at_ms: u64,
}

/// The window that was looked at, and whose calls.
#[derive(Debug, Clone)]
pub(crate) struct Window {
    pub(crate) tenant: Name,
    pub(crate) since_ms: u64,
    pub(crate) until_ms: u64,
}

/// A text, with what to know of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Suggested {
    pub(crate) text: String,
    pub(crate) rules: usize,
    pub(crate) notes: Vec<String>,
}

/// What was seen of one tool in one space.
#[derive(Debug, Default)]
struct Evidence {
    well: u64,
    agents: BTreeSet<String>,
    resources: BTreeSet<String>,
    first_ms: u64,
    last_ms: u64,
    /// Of those that went well, what policy said of them: in shadow mode they ran whatever it said.
    would_have_waited: u64,
    failed: u64,
    denied: u64,
}

/// Suggests policies.
pub(crate) fn suggest(seen: &[Seen], catalogue: &Catalogue, window: &Window) -> Suggested {
    let mut by_place: BTreeMap<(&str, &str), Evidence> = BTreeMap::new();
    // Tools of the house have a rule of their own.
    for call in
        seen.iter().filter(|call| !call.tool.is_empty() && !call.tool.starts_with("checkrein."))
    {
        by_place.entry((call.tool.as_str(), call.space.as_str())).or_default().add(call);
    }
    let mut written = Written::begun(seen.len(), window);
    for ((tool, space), evidence) in &by_place {
        let contract = tool.parse::<ToolName>().ok().and_then(|name| catalogue.get(&name).cloned());
        match contract {
            Some(compiled) => written.tool((&compiled.contract, space), evidence, &window.tenant),
            None => written.note(format!(
                "`{}` was called and is no tool any more",
                contract::visible::short(tool)
            )),
        }
    }
    written.ended()
}

impl Evidence {
    fn add(&mut self, call: &Seen) {
        match outcome(call) {
            Outcome::Well => {}
            Outcome::Denied => return self.denied += 1,
            Outcome::Failed => return self.failed += 1,
        }
        self.first_ms = if self.well == 0 { call.at_ms } else { self.first_ms.min(call.at_ms) };
        self.last_ms = self.last_ms.max(call.at_ms);
        self.well += 1;
        self.agents.insert(call.agent.clone());
        self.resources.insert(call.resource.clone());
        if call.verdict == Some(Strength::Hold) {
            self.would_have_waited += 1;
        }
    }
}

enum Outcome {
    Well,
    Failed,
    Denied,
}

/// Only what succeeded, and what policy would not have denied, is evidence for a permit.
fn outcome(call: &Seen) -> Outcome {
    if call.verdict == Some(Strength::Deny) {
        return Outcome::Denied;
    }
    match call.state {
        Some(CallState::Succeeded) => Outcome::Well,
        Some(CallState::Denied | CallState::Cancelled | CallState::Superseded) => Outcome::Denied,
        Some(_) | None => Outcome::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalogue() -> Catalogue {
        contract::load::all(&contract::builtin::FILES).unwrap()
    }

    fn seen(tool: &str, state: CallState) -> Seen {
        Seen {
            tool: tool.to_owned(),
            agent: "builder".to_owned(),
            space: "experiment".to_owned(),
            resource: "workspace:a".to_owned(),
            state: Some(state),
            verdict: Some(Strength::Allow),
            at_ms: 1_700_000_000_000,
        }
    }

    fn suggested(calls: &[Seen]) -> Suggested {
        let window =
            Window { tenant: "local".parse().unwrap(), since_ms: 0, until_ms: 1_700_000_000_000 };
        let suggested = suggest(calls, &catalogue(), &window);
        let source = policy::Source { file: "s.cedar".to_owned(), text: suggested.text.clone() };
        let policies = crate::rules::policies(&[source], &catalogue())
            .unwrap_or_else(|errors| panic!("{errors}\n{}", suggested.text));
        assert_eq!(policies.rules().count(), suggested.rules, "{}", suggested.text);
        assert!(policies.rules().all(|rule| !rule.dormant), "{}", suggested.text);
        suggested
    }

    #[test]
    fn only_what_succeeded_is_evidence() {
        use CallState as S;
        for state in [
            S::Received,
            S::Denied,
            S::Held,
            S::Admitted,
            S::Dispatched,
            S::Partial,
            S::Failed,
            S::InDoubt,
            S::Superseded,
            S::Cancelled,
        ] {
            let said = suggested(&[seen("files.read", state)]);
            assert!(!said.text.contains("files.read"), "{state:?}");
            assert_eq!(said.notes.len(), 1, "{state:?}");
        }
        let would_have_been_denied =
            Seen { verdict: Some(Strength::Deny), ..seen("files.read", S::Succeeded) };
        assert!(!suggested(&[would_have_been_denied]).text.contains("files.read"));
        assert!(
            suggested(&[seen("files.read", S::Succeeded)]).text.contains("Action::\"files.read\"")
        );
    }

    #[test]
    fn what_destroys_is_permitted_only_where_it_can_be_put_back() {
        let said = suggested(&[seen("files.delete", CallState::Succeeded)]);
        assert!(
            said.text.contains("when { context has plan && context.plan.restorable };"),
            "{}",
            said.text
        );
        let said = suggested(&[seen("command.run", CallState::Succeeded)]);
        assert!(said.text.contains("@id(\"ask-command.run.experiment\")"), "{}", said.text);
    }

    #[test]
    fn nothing_from_outside_ends_a_comment_or_opens_a_rule() {
        let evil = "a\n@id(\"evil\") permit (principal, action, resource);\r\u{2028}*/ // \u{202e}";
        let call = Seen {
            resource: evil.to_owned(),
            agent: "x\", \"y".to_owned(),
            space: "s\"; permit".to_owned(),
            ..seen("files.read", CallState::Succeeded)
        };
        let gone = Seen { tool: evil.to_owned(), ..call.clone() };
        // As many rules as were written, which `suggested` counts.
        let said = suggested(&[call, gone]);
        assert!(
            !said.text.contains("\n@id(\"evil\")") && !said.text.contains('\u{202e}'),
            "{}",
            said.text
        );
    }

    #[test]
    fn each_space_and_agent_has_its_own_evidence() {
        let elsewhere = Seen {
            space: "staging".to_owned(),
            agent: "other".to_owned(),
            ..seen("files.read", CallState::Succeeded)
        };
        let said = suggested(&[seen("files.read", CallState::Succeeded), elsewhere]);
        assert!(
            said.text.contains(
                "[\"builder\"].contains(principal.name) && context.space == \"experiment\""
            )
        );
        assert!(
            said.text
                .contains("[\"other\"].contains(principal.name) && context.space == \"staging\"")
        );
    }
}
