//! Whether what a contract says about attempts makes sense for its tool, and can be held.
//!
//! In: a converted contract. Out: what is wrong, with its place. An error that may leave an act behind is tried again only
//! where the provider tells two attempts apart, and a key is promised only where something passes it on. Tests:
//! `tests/it/attempts.rs`.

use std::time::Duration;

use super::Wrong;
use crate::pointer;
use domain::{
    Contract, EffectClass, Executed, KeyPlace, Probe, ProbeArgument, Provenance, Retry, limits,
};

/// Headers that are not a provider's to take a key in.
const NOT_FOR_KEYS: &[&str] =
    &["authorization", "cookie", "host", "connection", "accept", "origin", "transfer-encoding"];

/// Everything that makes no sense.
pub(crate) fn judge(contract: &Contract) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    retry(contract, &mut wrong);
    provider_key(contract, &mut wrong);
    probe(contract, &mut wrong);
    horizon(contract.attempts.doubt_horizon, &mut wrong);
    if contract.attempts.failover.as_ref() == Some(&contract.name) {
        let what = "a tool cannot stand in for itself";
        wrong.push(Wrong::at(&["failover"], what, "name another tool, or write `retry`"));
    }
    wrong
}

fn retry(contract: &Contract, wrong: &mut Vec<Wrong>) {
    let Some(retry) = &contract.attempts.retry else { return };
    let mut add = |field: &str, what: String, fix: String| {
        wrong.push(Wrong::at(&["retry", field], what, fix));
    };
    if !(2..=limits::ATTEMPTS_MAX).contains(&retry.attempts_max) {
        let what = format!("{} attempts are not possible", retry.attempts_max);
        add("attempts_max", what, format!("write 2 to {}", limits::ATTEMPTS_MAX));
    }
    let most = limits::RETRY_WITHIN_MAX;
    let possible = |one: Duration| !one.is_zero() && one <= most;
    for (field, one) in
        [("first_ms", retry.first), ("most_ms", retry.most), ("within_ms", retry.within)]
    {
        if !possible(one) {
            let what = format!("{} ms are not possible", one.as_millis());
            add(field, what, format!("write 1 to {}", most.as_millis()));
        }
    }
    if retry.first > retry.most {
        let what = "the first pause is longer than the longest one".to_owned();
        add("first_ms", what, "write at most `most_ms`".to_owned());
    }
    if retry.on.is_empty() {
        let what = "no error is tried again".to_owned();
        add("on", what, "name an error of `errors`, `unreachable` or `timed_out`".to_owned());
    }
    for error in &retry.on {
        if let Some((what, fix)) = error_of(contract, error) {
            wrong.push(Wrong::at(&["retry", "on"], what, fix));
        }
    }
}

/// Why an error may not be tried again.
fn error_of(contract: &Contract, error: &str) -> Option<(String, String)> {
    let shown = crate::visible::short(error);
    let declared = contract.errors.iter().find(|case| case.code == error);
    let executed = match (error, declared) {
        (_, Some(case)) => case.executed,
        (Retry::UNREACHABLE, None) => Executed::No,
        (Retry::TIMED_OUT, None) if contract.effect_class.changes() => Executed::Unknown,
        (Retry::TIMED_OUT, None) => Executed::No,
        (_, None) => {
            let what = format!("`retry` names the error `{shown}`, which is not declared");
            return Some((what, "declare it under `errors`".to_owned()));
        }
    };
    match executed {
        Executed::No => None,
        Executed::Yes | Executed::Partly => {
            let what = format!("after `{shown}` the act has happened; trying it again repeats it");
            Some((what, "take it out of `on`".to_owned()))
        }
        Executed::Unknown if contract.attempts.provider_key.is_some() => None,
        Executed::Unknown => {
            let what =
                format!("after `{shown}` the act may have happened; trying it again may repeat it");
            let fix = "take it out of `on`, declare `executed = \"no\"` if that is certain, or name the `provider_key` by which the provider tells attempts apart";
            Some((what, fix.to_owned()))
        }
    }
}

fn provider_key(contract: &Contract, wrong: &mut Vec<Wrong>) {
    let Some(key) = &contract.attempts.provider_key else { return };
    let at = &["provider_key"];
    if contract.upstream.is_none() {
        let what = "nothing passes a key on to this tool; only tools of servers can be told one";
        wrong.push(Wrong::at(at, what, "remove `provider_key`"));
    }
    if contract.effect_class == EffectClass::Pure {
        let what = "a `pure` tool changes nothing, so no provider needs a key for it";
        wrong.push(Wrong::at(at, what, "remove `provider_key`"));
    }
    if key.horizon.is_zero() || key.horizon > limits::PROVIDER_HORIZON_MAX {
        let what = format!("a horizon of {} ms is not possible", key.horizon.as_millis());
        let fix = format!("write 1 to {}", limits::PROVIDER_HORIZON_MAX.as_millis());
        wrong.push(Wrong::at(&["provider_key", "horizon_ms"], what, fix));
    }
    let (name, fits) = match &key.place {
        KeyPlace::Meta(name) => (name, name.chars().all(|one| one.is_ascii_graphic())),
        KeyPlace::Header(name) => (name, header(name)),
    };
    if name.is_empty() || name.len() > limits::PROVIDER_FIELD_CHARS_MAX || !fits {
        let what = format!("`{}` cannot carry a key", crate::visible::short(name));
        let fix = "name the field or header as the provider documents it";
        wrong.push(Wrong::at(&["provider_key", "in"], what, fix));
    }
}

/// Whether a header may carry a key: a token, and none that the transport needs itself.
fn header(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let token = |one: char| one.is_ascii_alphanumeric() || one == '-' || one == '_';
    lower.chars().all(token)
        && !NOT_FOR_KEYS.contains(&lower.as_str())
        && !["mcp-", "content-", "sec-", "proxy-"].iter().any(|prefix| lower.starts_with(prefix))
}

fn probe(contract: &Contract, wrong: &mut Vec<Wrong>) {
    let Some(probe) = &contract.attempts.probe else { return };
    if !contract.effect_class.changes() {
        let what = "a `pure` tool changes nothing, so there is nothing to look for";
        wrong.push(Wrong::at(&["probe"], what, "remove `probe`"));
    }
    if probe.arguments.len() > limits::PROBE_ARGUMENTS_MAX {
        let what = format!("{} arguments of a probe", probe.arguments.len());
        let fix = format!("give at most {}", limits::PROBE_ARGUMENTS_MAX);
        wrong.push(Wrong::at(&["probe", "arguments"], what, fix));
    }
    for (name, argument) in &probe.arguments {
        let at = &["probe", "arguments", name.as_str()];
        let problem = match argument {
            ProbeArgument::Key if contract.attempts.provider_key.is_none() => {
                Some("the provider is given no key, so nothing can be found by it".to_owned())
            }
            ProbeArgument::Input(given) if !leads(contract, given) => {
                let shown = crate::visible::short(given);
                Some(format!("the probe's `{shown}` points to no argument"))
            }
            ProbeArgument::Key | ProbeArgument::Input(_) | ProbeArgument::Value(_) => None,
        };
        let fix = "name an argument of the input that the tool of the probe finds the act by";
        wrong.extend(problem.map(|what| Wrong::at(at, what, fix)));
    }
    signs(probe, wrong);
    if probe.settles > limits::DOUBT_HORIZON_MAX {
        let what = format!("{} ms are not possible", probe.settles.as_millis());
        let fix = format!("write 0 to {}", limits::DOUBT_HORIZON_MAX.as_millis());
        wrong.push(Wrong::at(&["probe", "settles_ms"], what, fix));
    }
}

fn leads(contract: &Contract, given: &str) -> bool {
    let steps = pointer::steps(given).filter(|steps| !steps.is_empty());
    steps.is_some_and(|steps| pointer::subschema(&contract.input, &steps).is_some())
}

fn signs(probe: &Probe, wrong: &mut Vec<Wrong>) {
    for (which, sign) in [("happened", &probe.happened), ("not_happened", &probe.not_happened)] {
        if pointer::steps(&sign.pointer).is_none() {
            let what = format!("`{}` is no JSON pointer", crate::visible::short(&sign.pointer));
            wrong.push(Wrong::at(&["probe", which], what, "write one such as `/items/0/id`"));
        }
    }
    if probe.happened == probe.not_happened {
        let what = "the same sign stands for both, so it says nothing";
        wrong.push(Wrong::at(&["probe"], what, "say what is seen when it did not happen"));
    }
}

fn horizon(horizon: Duration, wrong: &mut Vec<Wrong>) {
    if horizon.is_zero() || horizon > limits::DOUBT_HORIZON_MAX {
        let what = format!("a horizon of {} ms is not possible", horizon.as_millis());
        let fix = format!("write 1 to {}", limits::DOUBT_HORIZON_MAX.as_millis());
        wrong.push(Wrong::at(&["doubt_horizon_ms"], what, fix));
    }
}

/// What is wrong with a probe's tool as it is known now, if anything is. It must be confirmed pure, so that looking
/// changes nothing.
pub(crate) fn probe_of(probed: &Contract) -> Option<String> {
    let name = &probed.name;
    let pure =
        probed.effect_class == EffectClass::Pure && probed.provenance == Provenance::Confirmed;
    (!pure).then(|| {
        format!(
            "the probe's tool `{name}` is not confirmed `pure`, so looking could change something"
        )
    })
}
