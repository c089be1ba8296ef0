//! What a contract says about attempts, as JSON in the words of contract files, so that a recorded one reads back.
//!
//! Fields that say nothing are left out: the digest of a contract without them is what it was before there were any.

use std::time::Duration;

use serde_json::{Map, Value, json};

use domain::{Attempts, KeyPlace, Probe, ProbeArgument, Retry, Sign, SignTest, limits};

/// Puts the fields into a contract's form.
pub(crate) fn form(attempts: &Attempts, into: &mut Map<String, Value>) {
    let Attempts { retry, provider_key, probe, doubt_horizon, failover } = attempts;
    if let Some(retry) = retry {
        into.insert("retry".to_owned(), self::retry(retry));
    }
    if let Some(key) = provider_key {
        let place = match &key.place {
            KeyPlace::Meta(name) => format!("meta:{name}"),
            KeyPlace::Header(name) => format!("header:{name}"),
        };
        let form = json!({ "in": place, "horizon_ms": millis(key.horizon) });
        into.insert("provider_key".to_owned(), form);
    }
    if let Some(probe) = probe {
        into.insert("probe".to_owned(), self::probe(probe));
    }
    if *doubt_horizon != limits::DOUBT_HORIZON_DEFAULT {
        into.insert("doubt_horizon_ms".to_owned(), millis(*doubt_horizon).into());
    }
    if let Some(tool) = failover {
        into.insert("failover".to_owned(), tool.as_str().into());
    }
}

fn retry(retry: &Retry) -> Value {
    json!({
        "on": retry.on,
        "attempts_max": retry.attempts_max,
        "first_ms": millis(retry.first),
        "most_ms": millis(retry.most),
        "within_ms": millis(retry.within),
    })
}

fn probe(probe: &Probe) -> Value {
    let argument = |argument: &ProbeArgument| match argument {
        ProbeArgument::Key => json!(super::KEY),
        ProbeArgument::Input(pointer) => json!(pointer),
        ProbeArgument::Value(value) => json!({ "value": value }),
    };
    let arguments = probe.arguments.iter().map(|(name, each)| (name.clone(), argument(each)));
    json!({
        "tool": probe.tool.as_str(),
        "arguments": arguments.collect::<Map<_, _>>(),
        "happened": sign(&probe.happened),
        "not_happened": sign(&probe.not_happened),
        "settles_ms": millis(probe.settles),
    })
}

fn sign(sign: &Sign) -> Value {
    match &sign.test {
        SignTest::Exists => json!({ "pointer": sign.pointer, "exists": true }),
        SignTest::Absent => json!({ "pointer": sign.pointer, "exists": false }),
        SignTest::Equals(value) => json!({ "pointer": sign.pointer, "equals": value }),
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
