//! What a contract says about attempts: the fields as they are written, and their meaning.
//!
//! In: `retry`, `provider_key`, `probe`, `doubt_horizon_ms` and `failover`, from a contract file, a pack or a server's
//! configuration. Out: `domain::Attempts`, or the first thing that cannot be read. Whether it makes sense for the tool is
//! asked in `attempts/judge.rs`; how it is written again, in `attempts/form.rs`. Tests: `tests/it/attempts.rs`.

mod form;
mod judge;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use domain::{
    Attempts, KeyPlace, Probe, ProbeArgument, ProviderKey, Retry, Sign, SignTest, ToolName, limits,
};

pub(crate) use form::form;
pub(crate) use judge::{judge, probe_of};

/// The field of `_meta` in which a key travels where nobody names another.
pub const KEY_FIELD: &str = "checkrein/idempotency-key";
/// How a probe's argument names the key that the provider was given.
const KEY: &str = "{key}";

/// Where in a contract something is wrong, what, and what to write instead.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Wrong {
    pub(crate) path: Vec<String>,
    pub(crate) what: String,
    pub(crate) fix: String,
}

impl Wrong {
    fn at(path: &[&str], what: impl Into<String>, fix: impl Into<String>) -> Self {
        let path = path.iter().map(|step| (*step).to_owned()).collect();
        Self { path, what: what.into(), fix: fix.into() }
    }
}

/// The fields as they are written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    /// `retry`
    pub retry: Option<RetryField>,
    /// `provider_key`
    pub provider_key: Option<ProviderKeyField>,
    /// `probe`
    pub probe: Option<ProbeField>,
    /// `doubt_horizon_ms`
    pub doubt_horizon_ms: Option<u64>,
    /// `failover`
    pub failover: Option<String>,
}

/// `retry` as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetryField {
    on: Vec<String>,
    attempts_max: u32,
    first_ms: u64,
    most_ms: u64,
    within_ms: u64,
}

/// `provider_key` as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderKeyField {
    r#in: String,
    horizon_ms: u64,
}

/// `probe` as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProbeField {
    tool: String,
    #[serde(default)]
    arguments: BTreeMap<String, ArgumentField>,
    happened: SignField,
    not_happened: SignField,
    settles_ms: Option<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum ArgumentField {
    Text(String),
    Value(ValueField),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ValueField {
    value: Value,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SignField {
    pointer: String,
    exists: Option<bool>,
    equals: Option<Value>,
}

/// What the fields mean, for whoever reads them from another file than a contract.
///
/// # Errors
/// The first thing that cannot be read, with what to write instead; its author's fault.
pub fn meaning(written: Written) -> Result<Attempts, (String, String)> {
    read(written)
        .map_err(|wrong| (format!("`{}`: {}", wrong.path.join("."), wrong.what), wrong.fix))
}

/// What the fields mean.
pub(crate) fn read(written: Written) -> Result<Attempts, Wrong> {
    let Written { retry, provider_key, probe, doubt_horizon_ms, failover } = written;
    let horizon = doubt_horizon_ms.map_or(limits::DOUBT_HORIZON_DEFAULT, Duration::from_millis);
    Ok(Attempts {
        retry: retry.map(self::retry),
        provider_key: provider_key.map(self::provider_key).transpose()?,
        probe: probe.map(self::probe).transpose()?,
        doubt_horizon: horizon,
        failover: failover.map(|tool| named(&["failover"], &tool)).transpose()?,
    })
}

fn named(path: &[&str], tool: &str) -> Result<ToolName, Wrong> {
    tool.parse().map_err(|error: domain::NameError| {
        Wrong::at(path, error.to_string(), "name a tool that has a contract")
    })
}

fn retry(field: RetryField) -> Retry {
    let RetryField { on, attempts_max, first_ms, most_ms, within_ms } = field;
    Retry {
        on,
        attempts_max,
        first: Duration::from_millis(first_ms),
        most: Duration::from_millis(most_ms),
        within: Duration::from_millis(within_ms),
    }
}

fn provider_key(field: ProviderKeyField) -> Result<ProviderKey, Wrong> {
    let place = match field.r#in.split_once(':') {
        None if field.r#in == "meta" => KeyPlace::Meta(KEY_FIELD.to_owned()),
        Some(("meta", name)) => KeyPlace::Meta(name.to_owned()),
        Some(("header", name)) => KeyPlace::Header(name.to_owned()),
        Some(_) | None => {
            let what = format!("`{}` is no place for a key", crate::visible::short(&field.r#in));
            let fix = "write `meta`, `meta:NAME` or `header:NAME`";
            return Err(Wrong::at(&["provider_key", "in"], what, fix));
        }
    };
    Ok(ProviderKey { place, horizon: Duration::from_millis(field.horizon_ms) })
}

fn probe(field: ProbeField) -> Result<Probe, Wrong> {
    let ProbeField { tool, arguments, happened, not_happened, settles_ms } = field;
    let argument = |(name, field): (String, ArgumentField)| {
        let value = match field {
            ArgumentField::Text(text) if text == KEY => ProbeArgument::Key,
            ArgumentField::Text(text) if text.starts_with('/') => ProbeArgument::Input(text),
            ArgumentField::Value(ValueField { value }) => ProbeArgument::Value(value),
            ArgumentField::Text(text) => {
                let what = format!(
                    "the probe's argument `{}` is neither `{{key}}` nor a pointer",
                    crate::visible::short(&text)
                );
                let fix = "write `\"{key}\"`, a JSON pointer of the input such as `\"/title\"`, or `{ value = … }`";
                return Err(Wrong::at(&["probe", "arguments", &name], what, fix));
            }
        };
        Ok((name, value))
    };
    Ok(Probe {
        tool: named(&["probe", "tool"], &tool)?,
        arguments: arguments.into_iter().map(argument).collect::<Result<_, Wrong>>()?,
        happened: sign("happened", happened)?,
        not_happened: sign("not_happened", not_happened)?,
        settles: settles_ms.map_or(limits::PROBE_SETTLES_DEFAULT, Duration::from_millis),
    })
}

fn sign(which: &str, field: SignField) -> Result<Sign, Wrong> {
    let SignField { pointer, exists, equals } = field;
    let test = match (exists, equals) {
        (Some(true), None) => SignTest::Exists,
        (Some(false), None) => SignTest::Absent,
        (None, Some(value)) => SignTest::Equals(value),
        (Some(_), Some(_)) | (None, None) => {
            let what = "it must be said what is seen there: `exists` or `equals`, one of them";
            return Err(Wrong::at(&["probe", which], what, "write `exists = true`"));
        }
    };
    Ok(Sign { pointer, test })
}
