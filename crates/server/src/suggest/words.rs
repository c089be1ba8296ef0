//! The words of a suggestion: comments, reasons, ids and conditions. Whatever came from outside is one line of visible
//! characters here, so that it can end no comment and open no rule.

use std::collections::BTreeSet;

use contract::visible::short;
use domain::{Contract, Name, Provenance, limits};

use super::{Evidence, Window};

/// Agents or resources that a comment names.
const NAMED: usize = 3;

/// The comment at the top.
pub(super) fn head(calls: usize, window: &Window) -> String {
    let (since, until) = (moment(window.since_ms), moment(window.until_ms));
    format!(
        "// Suggested from {calls} calls of the tenant `{}` between {since} and {until}.\n\
         // Read it before you use it, and change what is not meant. Nothing runs that no rule here permits: not what was never\n\
         // seen, not what failed or was denied, and not what destroys. A hold is satisfied by its own approval and by no other.\n",
        window.tenant
    )
}

/// What was seen of a tool, as a comment.
pub(super) fn evidence((contract, space): (&Contract, &str), evidence: &Evidence) -> String {
    let class = contract.effect_class.word();
    let consequences: Vec<&str> = contract.consequences.iter().map(|one| one.word()).collect();
    let consequences = match consequences.is_empty() {
        true => String::new(),
        false => format!(", {}", consequences.join(", ")),
    };
    let guessed = match contract.provenance {
        Provenance::Inferred | Provenance::Annotated => {
            " (a guess: confirm it with `checkrein tools classify`)"
        }
        Provenance::Declared | Provenance::Confirmed => "",
    };
    let (first, last) = (moment(evidence.first_ms), moment(evidence.last_ms));
    let mut text = format!(
        "// {} in `{}`: {class}{consequences}{guessed}.\n// {} went well, from {first} to {last}, by {}; on {}.\n",
        contract.name,
        short(space),
        times(evidence.well),
        some(&evidence.agents),
        some(&evidence.resources),
    );
    if evidence.would_have_waited > 0 {
        text.push_str(&format!(
            "// {} would have waited for people, or did.\n",
            times(evidence.would_have_waited)
        ));
    }
    if evidence.failed + evidence.denied > 0 {
        text.push_str(&format!("// Not counted: {}.\n", not_well(evidence)));
    }
    text
}

/// What went otherwise than well.
pub(super) fn not_well(evidence: &Evidence) -> String {
    format!(
        "{} failed or did not end, {} denied or would have been",
        evidence.failed, evidence.denied
    )
}

/// Why a rule permits.
pub(super) fn reason(evidence: &Evidence) -> String {
    format!("seen {} to go well", times(evidence.well))
}

/// Why a rule asks.
pub(super) fn why_asked(contract: &Contract) -> String {
    let consequences: Vec<String> =
        contract.consequences.iter().map(|one| one.word().replace('_', " ")).collect();
    match consequences.is_empty() {
        true => format!("its effect class is `{}`", contract.effect_class.word()),
        false => format!(
            "its effect class is `{}`, and it has to do with: {}",
            contract.effect_class.word(),
            consequences.join(", ")
        ),
    }
}

/// What a rule is called. Long names are cut, and a part of a digest keeps them apart.
pub(super) fn id(tool: &str, space: &str) -> String {
    let space: String = space
        .chars()
        .filter(|one| one.is_ascii_lowercase() || one.is_ascii_digit() || matches!(one, '-' | '_'))
        .collect();
    let id = format!("{tool}.{space}");
    // Room for `seen-` and `ask-`.
    let room = limits::POLICY_ID_CHARS_MAX - 8;
    if id.len() <= room {
        return id;
    }
    let digest = contract::digest(id.as_bytes()).to_string();
    let mark: String = digest.chars().rev().take(8).collect();
    let cut: String = id.chars().take(room - 9).collect();
    format!("{cut}-{mark}")
}

/// Who may, and where.
pub(super) fn condition(tenant: &Name, agents: &BTreeSet<String>, space: &str) -> String {
    let agents: Vec<String> = agents.iter().map(|agent| text(agent)).collect();
    format!(
        "principal.tenant == {} && [{}].contains(principal.name) && context.space == {}",
        text(tenant.as_str()),
        agents.join(", "),
        text(space),
    )
}

/// A text in Cedar.
pub(super) fn text(text: &str) -> String {
    format!("\"{}\"", text.escape_default())
}

fn some(all: &BTreeSet<String>) -> String {
    let named: Vec<String> =
        all.iter().take(NAMED).map(|one| format!("`{}`", short(one))).collect();
    let more = all.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", named.join(", "))
}

fn times(number: u64) -> String {
    if number == 1 { "once".to_owned() } else { format!("{number} times") }
}

fn moment(ms: u64) -> String {
    let at = i64::try_from(ms).ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    at.map_or_else(|| ms.to_string(), |at| format!("{at:.0}"))
}
