//! Annotations of a policy, read strictly: `@id`, `@reason`, and what makes a `forbid` a hold, a notice or a
//! review.
//!
//! An annotation that is not known is refused, because a misspelt `@hold` would otherwise turn a question to
//! people into a plain denial, or a misspelt `@notify` a notice into one.

use std::collections::BTreeMap;
use std::time::Duration;

use cedar_policy::Effect;
use domain::{Assurance, Escalation, Name, Requirement, limits};

use crate::error::Problem;
use crate::suggest::hint;

/// What a policy is, with what its annotations say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    Permit,
    Forbid,
    Hold(Requirement),
    Notify { group: String },
    Review { group: String, within: Duration },
}

/// A policy's annotations, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Annotations {
    pub(crate) id: String,
    pub(crate) kind: Kind,
    pub(crate) reason: Option<String>,
    /// Who answers for the policy.
    pub(crate) owner: Option<String>,
}

/// Every annotation that means something.
const KNOWN: [&str; 12] = [
    "id",
    "reason",
    "owner",
    "hold",
    "notify",
    "review",
    "decide_by",
    "execute_by",
    "quorum",
    "assurance",
    "escalate",
    "review_by",
];
/// What only a hold can have.
const OF_HOLDS: [&str; 5] = ["decide_by", "execute_by", "quorum", "assurance", "escalate"];

/// Ids that the house itself uses.
pub(crate) const OPAQUE_ARGUMENTS: &str = "opaque-arguments";
/// All ids of rules of the house: a policy of this name could answer for the rule.
const RESERVED: [&str; 6] = [
    OPAQUE_ARGUMENTS,
    domain::REPEAT_RULE,
    domain::RAISE_RULE,
    domain::NO_PREVIEW_RULE,
    domain::STANDS_ON_RULE,
    domain::VERIFIER_RULE,
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
        let owner = given.get("owner").map(|text| (*text).to_owned());
        if owner.as_ref().is_some_and(|owner| !is_group(owner) && owner.parse::<Name>().is_err()) {
            return Err(Problem::new(
                format!("`@owner` of `{id}` is neither a person nor a group"),
                "write a name, or `group:` and a name, such as `group:payments`",
            ));
        }
        let kind = kind(effect, given, &id)?;
        Ok(Self { id, kind, reason, owner })
    }
}

fn unknown(name: &str) -> Problem {
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
            None => asks_nobody(given, id).map(|()| Kind::Permit),
            Some(role) => Err(Problem::new(
                format!("`{id}` is a permit with `@{role}`"),
                format!("only a `forbid` can have `@{role}`; a permit lets calls run"),
            )),
        };
    }
    match roles.as_slice() {
        [] => asks_nobody(given, id).map(|()| Kind::Forbid),
        ["hold"] => {
            reviews_nothing(given, id)?;
            hold(given, id).map(Kind::Hold)
        }
        ["notify"] => {
            asks_nobody(given, id)?;
            Ok(Kind::Notify { group: group(given, "notify")? })
        }
        ["review"] => {
            holds_nothing(given, id)?;
            let within = clock(given, "review_by", limits::REVIEW_BY_DEFAULT)?;
            Ok(Kind::Review { group: group(given, "review")?, within })
        }
        [first, second, ..] => Err(Problem::new(
            format!("`{id}` has both `@{first}` and `@{second}`"),
            "write two policies, each with its own id",
        )),
        [_] => Err(Problem::new(format!("`{id}` has an unknown role"), hint("", &KNOWN))),
    }
}

fn hold(given: &Given<'_>, id: &str) -> Result<Requirement, Problem> {
    let decide_within = clock(given, "decide_by", limits::DECIDE_BY_DEFAULT)?;
    Ok(Requirement {
        id: id.to_owned(),
        group: group(given, "hold")?,
        decide_within,
        execute_within: clock(given, "execute_by", limits::EXECUTE_BY_DEFAULT)?,
        quorum: quorum(given)?,
        assurance: assurance(given)?,
        escalate: escalation(given, decide_within)?,
    })
}

fn quorum(given: &Given<'_>) -> Result<u8, Problem> {
    let Some(text) = given.get("quorum") else { return Ok(1) };
    // Digits alone: `+2` and `02` are numbers to a parser and typing errors to people.
    let digits = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    let number = text.parse::<u8>().ok().filter(|number| digits && *number <= limits::QUORUM_MAX);
    number.ok_or_else(|| {
        Problem::new(
            format!("`@quorum` is `{}`, which is no number of people", shown(text)),
            format!("write how many people must say yes, `1` to `{}`", limits::QUORUM_MAX),
        )
    })
}

fn assurance(given: &Given<'_>) -> Result<Assurance, Problem> {
    let Some(text) = given.get("assurance") else { return Ok(Assurance::Key) };
    Assurance::from_word(text).ok_or_else(|| {
        let words: Vec<&str> = Assurance::ALL.iter().map(|each| each.word()).collect();
        let what = format!("`@assurance` is `{}`, which is no way to be sure", shown(text));
        Problem::new(what, format!("one of `{}`; {}", words.join("`, `"), hint(text, &words)))
    })
}

/// Reads `15m group:leads`.
fn escalation(given: &Given<'_>, decide_within: Duration) -> Result<Option<Escalation>, Problem> {
    let Some(text) = given.get("escalate") else { return Ok(None) };
    let wrong = |what: &str| {
        Problem::new(
            format!("`@escalate` is `{}`, {what}", shown(text)),
            "write a time and a group, such as `15m group:leads`, shorter than the time to decide",
        )
    };
    let Some((after, group)) = text.split_once(' ') else {
        return Err(wrong("which is not a time and a group"));
    };
    let after = time(after).ok_or_else(|| wrong("whose first word is not a time"))?;
    if !is_group(group) {
        return Err(wrong("whose second word is not a group"));
    }
    if after >= decide_within {
        return Err(wrong("but the request is over by then"));
    }
    Ok(Some(Escalation { after, group: group.to_owned() }))
}

fn asks_nobody(given: &Given<'_>, id: &str) -> Result<(), Problem> {
    holds_nothing(given, id)?;
    reviews_nothing(given, id)
}

fn holds_nothing(given: &Given<'_>, id: &str) -> Result<(), Problem> {
    match OF_HOLDS.into_iter().find(|name| given.contains_key(name)) {
        None => Ok(()),
        Some(name) => Err(Problem::new(
            format!("`{id}` has `@{name}` but asks nobody"),
            format!("remove `@{name}`, or make the policy a hold with `@hold(\"group:…\")`"),
        )),
    }
}

fn reviews_nothing(given: &Given<'_>, id: &str) -> Result<(), Problem> {
    if !given.contains_key("review_by") {
        return Ok(());
    }
    Err(Problem::new(
        format!("`{id}` has `@review_by` but has nothing reviewed"),
        "remove `@review_by`, or make the policy a review with `@review(\"group:…\")`",
    ))
}

fn is_group(text: &str) -> bool {
    text.strip_prefix("group:").is_some_and(|name| name.parse::<Name>().is_ok())
}

fn group(given: &Given<'_>, role: &str) -> Result<String, Problem> {
    let text = given.get(role).copied().unwrap_or_default();
    if is_group(text) {
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
    time(text).ok_or_else(wrong)
}

/// Reads digits and a unit; none for what is no time, or zero, or too long.
fn time(text: &str) -> Option<Duration> {
    let unit = match text.chars().last()? {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return None,
    };
    let digits = text.get(..text.len().saturating_sub(1)).unwrap_or_default();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let seconds = digits.parse::<u64>().ok().and_then(|count| count.checked_mul(unit));
    let time = seconds.map(Duration::from_secs);
    time.filter(|time| !time.is_zero() && *time <= limits::APPROVAL_CLOCK_MAX)
}

fn shown(text: &str) -> String {
    text.chars().take(80).collect()
}
