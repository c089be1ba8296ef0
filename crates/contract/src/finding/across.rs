//! What only all definitions of all servers show: names that meet, look alike or are taken, and texts about other servers' tools.
//!
//! In: every definition that may be offered, in any order. Out: findings, for each of the tools that a name concerns. Look-alikes
//! are found by skeleton (Unicode UTS 39) and by one edit between long names, in time proportional to the names' lengths.

use std::collections::{BTreeMap, BTreeSet};

use super::{Finding, FindingCode, Found};
use crate::discovered::{self, Definition};
use crate::visible;

/// Characters from which on one edit makes a look-alike; shorter names differ by one honestly (`get_a`, `get_b`).
const LONG_NAME_CHARS: usize = 8;

/// What the names of all tools, and mentions of each other, show. Sorted.
pub fn across(all: &[Definition<'_>]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for one in all {
        findings.extend(reserved(one));
        findings.extend(odd(one));
    }
    findings.extend(colliding(all));
    findings.extend(shadowed(all));
    findings.extend(look_alike(all));
    findings.extend(mentions(all));
    findings.sort();
    findings.dedup();
    findings
}

fn finding(of: &Definition<'_>, found: Found) -> Finding {
    found.of(of.server, Some(of.name))
}

/// A tool may not take the place of the contracts made for its server's resources and prompts.
fn reserved(one: &Definition<'_>) -> Option<Finding> {
    let taken = discovered::is_part_name(one.server, one.name);
    let text = || format!("`{}` is a name of Checkrein's own", one.name);
    taken.then(|| finding(one, Found::held_back(FindingCode::ReservedName, "/name", text())))
}

/// The protocol asks for 1 to 128 letters, digits, `_`, `-` and `.` (tools, "Tool Names").
fn odd(one: &Definition<'_>) -> Option<Finding> {
    const CHARACTERS_MAX: usize = 128;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let usual = (1..=CHARACTERS_MAX).contains(&one.wire.len()) && one.wire.bytes().all(plain);
    let text = || format!("`{}` is no name that the protocol allows", visible::short(one.wire));
    (!usual).then(|| finding(one, Found::shown(FindingCode::OddName, "/name", text())))
}

/// One name within Checkrein for two definitions: nobody could say which one a rule means, so both are held back.
fn colliding(all: &[Definition<'_>]) -> Vec<Finding> {
    let mut by_name: BTreeMap<&str, Vec<&Definition<'_>>> = BTreeMap::new();
    for one in all {
        by_name.entry(one.name.as_str()).or_default().push(one);
    }
    let meeting = by_name.into_values().filter(|same| same.len() > 1);
    let each = meeting.flat_map(|same| {
        let text = format!(
            "{} definitions are called `{}` within Checkrein",
            same.len(),
            same.first().map_or("", |one| one.name.as_str())
        );
        same.into_iter().map(move |one| {
            finding(one, Found::held_back(FindingCode::CollidingName, "/name", text.clone()))
        })
    });
    each.collect()
}

/// One wire name on several servers: a model told of one could reach the other.
fn shadowed(all: &[Definition<'_>]) -> Vec<Finding> {
    let groups = grouped(all, |wire| wire.to_owned());
    let each = groups.values().flat_map(|same| {
        same.iter().filter_map(|one| {
            let others = others(one, same)?;
            let text = format!("`{}` is also a tool of {others}", visible::short(one.wire));
            Some(finding(one, Found::shown(FindingCode::ShadowedName, "/name", text)))
        })
    });
    each.collect()
}

fn look_alike(all: &[Definition<'_>]) -> Vec<Finding> {
    let mut pairs: BTreeSet<(usize, usize)> = BTreeSet::new();
    let mut buckets: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, one) in all.iter().enumerate() {
        for key in near_keys(one.wire) {
            buckets.entry(key).or_default().push(index);
        }
    }
    for same in buckets.values() {
        // One partner is enough to be told; comparing all with all would be quadratic where many names are alike.
        for pair in same.windows(2) {
            if let [one, other] = pair {
                pairs.insert((*one, *other));
            }
        }
    }
    let both = pairs.into_iter().filter_map(|(one, other)| Some((all.get(one)?, all.get(other)?)));
    let alike = both.filter(|(one, other)| {
        one.server != other.server && one.wire != other.wire && near(one.wire, other.wire)
    });
    alike.flat_map(|(one, other)| [told(one, other), told(other, one)]).collect()
}

fn told(one: &Definition<'_>, other: &Definition<'_>) -> Finding {
    let text = format!(
        "`{}` looks like `{}` of server `{}`",
        visible::short(one.wire),
        visible::short(other.wire),
        other.server
    );
    finding(one, Found::shown(FindingCode::LookAlikeName, "/name", text))
}

/// Keys of which two names share one if they could be taken for each other: the skeleton, and for long names the
/// skeleton without each of its characters.
fn near_keys(wire: &str) -> Vec<String> {
    let skeleton: Vec<char> = skeleton(wire).chars().take(128).collect();
    let mut keys = vec![skeleton.iter().collect::<String>()];
    if skeleton.len() >= LONG_NAME_CHARS {
        let without = |at: usize| {
            let kept = skeleton.iter().enumerate().filter(|(index, _)| *index != at);
            kept.map(|(_, character)| *character).collect::<String>()
        };
        keys.extend((0..skeleton.len()).map(without));
    }
    keys.sort();
    keys.dedup();
    keys
}

fn near(one: &str, other: &str) -> bool {
    let (one, other) = (skeleton(one), skeleton(other));
    one == other
        || (one.chars().count().min(other.chars().count()) >= LONG_NAME_CHARS
            && strsim::osa_distance(&one, &other) <= 1)
}

/// What a name looks like: confusable letters, case and the signs between words do not count.
fn skeleton(wire: &str) -> String {
    let lower: String = wire.chars().flat_map(char::to_lowercase).collect();
    let parts = lower.chars().filter(|character| !matches!(character, '_' | '-' | '.' | ' ' | '/'));
    unicode_security::skeleton(&parts.collect::<String>()).collect()
}

/// A description that names a tool of another server can steer a model to it, or away from it.
fn mentions(all: &[Definition<'_>]) -> Vec<Finding> {
    // A short or single word (`search`, `fetch`) is a word of every description.
    let telling = |wire: &str| wire.len() >= LONG_NAME_CHARS && wire.contains(['_', '-']);
    let named = grouped(all, |wire| wire.to_lowercase());
    let mut findings = Vec::new();
    for one in all {
        let Some(text) = one.raw.get("description").and_then(serde_json::Value::as_str) else {
            continue;
        };
        let words: BTreeSet<String> = text
            .split(|character: char| {
                !(character.is_alphanumeric() || matches!(character, '_' | '-'))
            })
            .filter(|word| telling(word))
            .map(str::to_lowercase)
            .collect();
        for word in words {
            let Some(same) =
                named.get(&word).filter(|same| same.iter().all(|other| other.server != one.server))
            else {
                continue;
            };
            let Some(others) = others(one, same) else { continue };
            let text =
                format!("the description names `{}`, a tool of {others}", visible::short(&word));
            findings.push(finding(
                one,
                Found::shown(FindingCode::NamesOtherServer, "/description", text),
            ));
        }
    }
    findings
}

fn grouped<'a, 'd>(
    all: &'a [Definition<'d>],
    key: impl Fn(&str) -> String,
) -> BTreeMap<String, Vec<&'a Definition<'d>>> {
    let mut groups: BTreeMap<String, Vec<&Definition<'_>>> = BTreeMap::new();
    for one in all {
        groups.entry(key(one.wire)).or_default().push(one);
    }
    groups
}

/// The other servers among these, in words; none if there is none.
fn others(one: &Definition<'_>, same: &[&Definition<'_>]) -> Option<String> {
    let servers: BTreeSet<&str> = same
        .iter()
        .map(|other| other.server.as_str())
        .filter(|server| *server != one.server.as_str())
        .collect();
    let shown: Vec<String> = servers.iter().take(5).map(|server| format!("`{server}`")).collect();
    let more = if servers.len() > shown.len() { ", …" } else { "" };
    (!shown.is_empty()).then(|| format!("{}{more}", shown.join(", ")))
}
