//! Annotations of a policy, read strictly: `@id`, `@reason`, and what makes a `forbid` a hold, a notice or a
//! review.
//!
//! An annotation that is not known is refused, because a misspelt `@hold` would otherwise turn a question to
//! people into a plain denial, or a misspelt `@notify` a notice into one.

use std::collections::BTreeMap;
use std::time::Duration;

use cedar_policy::Effect;
use domain::{Name, Requirement, limits};

use crate::error::Problem;
use crate::suggest::hint;

/// What a policy is, with what its annotations say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    Permit,
    Forbid,
    Hold(Requirement),
    Notify { group: String },
    Review { group: String },
}

/// A policy's annotations, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Annotations {
    pub(crate) id: String,
    pub(crate) kind: Kind,
    pub(crate) reason: Option<String>,
}

/// Every annotation that means something.
const KNOWN: [&str; 7] = ["id", "reason", "hold", "notify", "review", "decide_by", "execute_by"];

/// Ids that the house itself uses.
pub(crate) const OPAQUE_ARGUMENTS: &str = "opaque-arguments";
/// All ids of rules of the house: a policy of this name could answer for the rule.
const RESERVED: [&str; 5] = [
    OPAQUE_ARGUMENTS,
    domain::REPEAT_RULE,
    domain::RAISE_RULE,
    domain::NO_PREVIEW_RULE,
    domain::STANDS_ON_RULE,
];

type Given<'a> = BTreeMap<&'a str, &'a str>;

impl Annotations {
    /// Reads the annotations of one policy.
    pub(crate) fn read(effect: Effect, given: &Given<'_>) -> Result<Self, Problem> {
        if let Some(name) = given.keys().find(|name| !KNOWN.contains(*name)) {
            return Err(unknown(name));
        }
        let id = id(given)?;
        let reason = given.get("reason").map(|text| (*text).to_owned());
        if reason.as_ref().is_some_and(|text| text.chars().count() > limits::REASON_CHARS_MAX) {
            return Err(Problem::new(
                format!("`@reason` of `{id}` is too long"),
                format!("at most {} characters", limits::REASON_CHARS_MAX),
            ));
        }
        let kind = kind(effect, given, &id)?;
        Ok(Self { id, kind, reason })
    }
}

fn unknown(name: &str) -> Problem {
    if name == "quorum" {
        return Problem::new(
            "`@quorum` cannot be enforced by this version: one person's approval satisfies a hold",
            "remove `@quorum`, or write several holds, each with its own id",
        );
    }
    Problem::new(format!("unknown annotation `@{name}`"), hint(name, &KNOWN))
}

fn id(given: &Given<'_>) -> Result<String, Problem> {
    let fix = "write `@id(\"…\")` before the policy: 1 to 128 of `a-z`, `0-9`, `-`, `_` and `.`";
    let Some(id) = given.get("id") else {
        return Err(Problem::new("this policy has no `@id`", fix));
    };
    let allowed = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_' | b'.')
    };
    if id.is_empty() || id.len() > limits::POLICY_ID_CHARS_MAX || !id.bytes().all(allowed) {
        return Err(Problem::new(format!("`{}` is not a policy id", shown(id)), fix));
    }
    if RESERVED.contains(id) {
        return Err(Problem::new(
            format!("`{id}` is the id of a built-in rule"),
            "choose another id",
        ));
    }
    Ok((*id).to_owned())
}

fn kind(effect: Effect, given: &Given<'_>, id: &str) -> Result<Kind, Problem> {
    let roles: Vec<&str> =
        ["hold", "notify", "review"].into_iter().filter(|role| given.contains_key(role)).collect();
    if effect == Effect::Permit {
        return match roles.first() {
            None => no_clocks(given, id).map(|()| Kind::Permit),
            Some(role) => Err(Problem::new(
                format!("`{id}` is a permit with `@{role}`"),
                format!("only a `forbid` can have `@{role}`; a permit lets calls run"),
            )),
        };
    }
    match roles.as_slice() {
        [] => no_clocks(given, id).map(|()| Kind::Forbid),
        ["hold"] => Ok(Kind::Hold(Requirement {
            id: id.to_owned(),
            group: group(given, "hold")?,
            decide_within: clock(given, "decide_by", limits::DECIDE_BY_DEFAULT)?,
            execute_within: clock(given, "execute_by", limits::EXECUTE_BY_DEFAULT)?,
        })),
        ["notify"] => {
            no_clocks(given, id)?;
            Ok(Kind::Notify { group: group(given, "notify")? })
        }
        ["review"] => {
            no_clocks(given, id)?;
            Ok(Kind::Review { group: group(given, "review")? })
        }
        [first, second, ..] => Err(Problem::new(
            format!("`{id}` has both `@{first}` and `@{second}`"),
            "write two policies, each with its own id",
        )),
        [_] => Err(Problem::new(format!("`{id}` has an unknown role"), hint("", &KNOWN))),
    }
}

fn no_clocks(given: &Given<'_>, id: &str) -> Result<(), Problem> {
    match ["decide_by", "execute_by"].into_iter().find(|clock| given.contains_key(clock)) {
        None => Ok(()),
        Some(clock) => Err(Problem::new(
            format!("`{id}` has `@{clock}` but asks nobody"),
            format!("remove `@{clock}`, or make the policy a hold with `@hold(\"group:…\")`"),
        )),
    }
}

fn group(given: &Given<'_>, role: &str) -> Result<String, Problem> {
    let text = given.get(role).copied().unwrap_or_default();
    let good = text.strip_prefix("group:").is_some_and(|name| name.parse::<Name>().is_ok());
    if good {
        return Ok(text.to_owned());
    }
    Err(Problem::new(
        format!("`@{role}` names `{}`, which is not a group", shown(text)),
        "write `group:` and a name, such as `group:payments-oncall`",
    ))
}

fn clock(given: &Given<'_>, name: &str, default: Duration) -> Result<Duration, Problem> {
    let Some(text) = given.get(name) else { return Ok(default) };
    let wrong = || {
        Problem::new(
            format!("`@{name}` is `{}`, which is not a time", shown(text)),
            format!(
                "write digits and one of `s`, `m`, `h`, `d`, such as `24h`; at most {} days",
                limits::APPROVAL_CLOCK_MAX.as_secs() / 86_400
            ),
        )
    };
    let unit = match text.chars().last() {
        Some('s') => 1,
        Some('m') => 60,
        Some('h') => 3_600,
        Some('d') => 86_400,
        _ => return Err(wrong()),
    };
    let digits = text.get(..text.len().saturating_sub(1)).unwrap_or_default();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong());
    }
    let seconds = digits.parse::<u64>().ok().and_then(|count| count.checked_mul(unit));
    seconds
        .map(Duration::from_secs)
        .filter(|time| !time.is_zero() && *time <= limits::APPROVAL_CLOCK_MAX)
        .ok_or_else(wrong)
}

fn shown(text: &str) -> String {
    text.chars().take(80).collect()
}
