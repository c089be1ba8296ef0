//! What only all definitions of all servers show: names that meet, look alike or are taken, and texts about other servers' tools.
//!
//! In: every definition that may be offered, in any order. Out: findings, for each of the tools that a name concerns, bounded for
//! each tool. Look-alikes are found by skeleton (Unicode UTS 39) and by one edit between long names, in time and memory
//! proportional to the names' lengths: any server can offer many tools, and others wait meanwhile.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher as _, RandomState};

use domain::limits;

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
    let servers = servers_of(all, |wire| wire.to_owned());
    let each = all.iter().filter_map(|one| {
        let others = others(one, servers.get(one.wire)?)?;
        let text = format!("`{}` is also a tool of {others}", visible::short(one.wire));
        Some(finding(one, Found::shown(FindingCode::ShadowedName, "/name", text)))
    });
    each.collect()
}

fn look_alike(all: &[Definition<'_>]) -> Vec<Finding> {
    // Nobody can know before what its names come to.
    let base = RandomState::new().hash_one(all.len());
    let mut keys: Vec<(u64, usize)> = Vec::new();
    for (index, one) in all.iter().enumerate() {
        keys.extend(near_keys(one.wire, base).into_iter().map(|key| (key, index)));
    }
    keys.sort_unstable();
    let mut pairs: BTreeSet<(usize, usize)> = BTreeSet::new();
    // One partner is enough to be told; comparing all with all would be quadratic where many names are alike.
    for pair in keys.windows(2) {
        if let [(one_key, one), (other_key, other)] = pair
            && one_key == other_key
            && all.get(*one).map(|one| one.server) != all.get(*other).map(|other| other.server)
        {
            pairs.insert((*one, *other));
        }
    }
    let both = pairs.into_iter().filter_map(|(one, other)| Some((all.get(one)?, all.get(other)?)));
    let alike = both.filter(|(one, other)| one.wire != other.wire && near(one.wire, other.wire));
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

/// Keys of which two names share one if they could be taken for each other: of the skeleton, and for long names of the
/// skeleton without each of its characters. Each is a polynomial over the characters at `base`, so that leaving one out
/// costs as little as looking at it; names that share one by chance are compared as they are.
fn near_keys(wire: &str, base: u64) -> Vec<u64> {
    const MODULUS: u128 = (1 << 61) - 1;
    let step = |sum: u64, by: u64, add: u64| {
        u64::try_from((u128::from(sum) * u128::from(by) + u128::from(add)) % MODULUS).unwrap_or(0)
    };
    let skeleton: Vec<u64> =
        skeleton(wire).chars().take(128).map(|one| u64::from(u32::from(one)) + 1).collect();
    let whole = skeleton.iter().fold(0, |sum, one| step(sum, base, *one));
    let mut keys = vec![whole];
    if skeleton.len() >= LONG_NAME_CHARS {
        // From the end: what stands after the one that is left out, and the power that lifts what stands before it.
        let mut before = Vec::with_capacity(skeleton.len());
        let mut sum = 0;
        for one in &skeleton {
            before.push(sum);
            sum = step(sum, base, *one);
        }
        let (mut after, mut power) = (0, 1);
        for (one, before) in skeleton.iter().zip(before).rev() {
            keys.push(step(before, power, after));
            after = step(*one, power, after);
            power = step(power, base, 0);
        }
    }
    keys.sort_unstable();
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
    let named = servers_of(all, str::to_lowercase);
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
        let found = words.iter().filter_map(|word| {
            let servers = named.get(word).filter(|servers| !servers.contains(one.server.as_str()));
            let others = others(one, servers?)?;
            let text =
                format!("the description names `{}`, a tool of {others}", visible::short(word));
            Some(finding(one, Found::shown(FindingCode::NamesOtherServer, "/description", text)))
        });
        findings.extend(found.take(limits::DEFINITION_FINDINGS_MAX));
    }
    findings
}

/// The servers that have a tool of each name, so that whoever has many costs no more than once.
fn servers_of<'a>(
    all: &'a [Definition<'_>],
    key: impl Fn(&str) -> String,
) -> BTreeMap<String, BTreeSet<&'a str>> {
    let mut servers: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for one in all {
        servers.entry(key(one.wire)).or_default().insert(one.server.as_str());
    }
    servers
}

/// The other servers among these, in words; none if there is none.
fn others(one: &Definition<'_>, servers: &BTreeSet<&str>) -> Option<String> {
    const SHOWN: usize = 5;
    let mut others = servers.iter().filter(|server| **server != one.server.as_str());
    let shown: Vec<String> =
        others.by_ref().take(SHOWN).map(|server| format!("`{server}`")).collect();
    let more = if others.next().is_some() { ", …" } else { "" };
    (!shown.is_empty()).then(|| format!("{}{more}", shown.join(", ")))
}
