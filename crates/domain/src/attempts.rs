//! What is done about an attempt that failed, or of which nobody knows what it did.
//!
//! A contract says which errors are worth another attempt, how a provider is told that two attempts are one act, and how
//! it is found out later whether an act happened. What follows from that for one call is decided here, without clock or
//! randomness: `Attempts::again` after an attempt, `Probe::found` after a look. Nothing here ever lets an act that may
//! have happened be sent again, unless its provider knows both by one key. Tests: below.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use crate::{Executed, ToolName, limits};

/// What a contract says about attempts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempts {
    /// Which errors are tried again, and when.
    pub retry: Option<Retry>,
    /// How the provider is told that two attempts are one act; none where it does not know that.
    pub provider_key: Option<ProviderKey>,
    /// How it is found out what became of a call in doubt.
    pub probe: Option<Probe>,
    /// How long a call may stay in doubt before people are called.
    pub doubt_horizon: Duration,
    /// The tool that is called instead, when nothing happened and nothing more is tried.
    pub failover: Option<ToolName>,
}

impl Default for Attempts {
    fn default() -> Self {
        Self {
            retry: None,
            provider_key: None,
            probe: None,
            doubt_horizon: limits::DOUBT_HORIZON_DEFAULT,
            failover: None,
        }
    }
}

/// When an attempt is followed by another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retry {
    /// The errors, by their declared codes, or [`Retry::UNREACHABLE`] and [`Retry::TIMED_OUT`].
    pub on: Vec<String>,
    /// Attempts of one call in all; 2 to `limits::ATTEMPTS_MAX`.
    pub attempts_max: u32,
    /// The longest pause after the first attempt; it doubles with each.
    pub first: Duration,
    /// The longest pause of all.
    pub most: Duration,
    /// No attempt begins later than this after the first one began.
    pub within: Duration,
}

/// How a provider is told that two attempts are one act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderKey {
    /// Where the key travels.
    pub place: KeyPlace,
    /// How long the provider remembers it, counted from the first attempt.
    pub horizon: Duration,
}

/// Where a key travels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyPlace {
    /// In this field of a request's `_meta`.
    Meta(String),
    /// In this header of the request.
    Header(String),
}

/// A read that shows whether an act happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// A confirmed pure tool.
    pub tool: ToolName,
    /// Its arguments by name.
    pub arguments: BTreeMap<String, ProbeArgument>,
    /// What its output looks like when the act happened.
    pub happened: Sign,
    /// What its output looks like when it did not.
    pub not_happened: Sign,
    /// How long after the last attempt `not_happened` counts: a request may still be under way before.
    pub settles: Duration,
}

/// What a probe's argument is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProbeArgument {
    /// The key that the provider was given.
    Key,
    /// The argument of the act at this JSON pointer.
    Input(String),
    /// This value.
    Value(Value),
}

/// Something that is seen in an output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sign {
    /// Where, as a JSON pointer into the output.
    pub pointer: String,
    /// What.
    pub test: SignTest,
}

/// What is seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignTest {
    /// A value other than null.
    Exists,
    /// No value, or null.
    Absent,
    /// Exactly this.
    Equals(Value),
}

/// The attempts of one call so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tried {
    /// How many.
    pub attempts: u32,
    /// Since the first one began.
    pub elapsed: Duration,
    /// Whether any of them can have happened: `No` or `Unknown`; anything else is never tried again.
    pub executed: Executed,
}

/// What follows an attempt that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// Another attempt after this pause.
    After(Duration),
    /// None; the contract does not ask for one here.
    NotAsked,
    /// None, though the error asks for one: there were enough, or the time is over.
    UsedUp,
    /// None, though the error asks for one: it may have happened, and no provider tells two attempts apart.
    MayHaveHappened,
}

impl Retry {
    /// Stands for a tool or server that could not be reached, so that nothing was sent.
    pub const UNREACHABLE: &'static str = "unreachable";
    /// Stands for no answer in time.
    pub const TIMED_OUT: &'static str = "timed_out";

    /// The pause after `attempts` of them: anywhere between nothing and a doubling bound (full jitter).
    fn pause(&self, attempts: u32, random: u64) -> Duration {
        let doubled = 2_u32.saturating_pow(attempts.saturating_sub(1));
        let bound = self.first.saturating_mul(doubled).min(self.most);
        let millis = u64::try_from(bound.as_millis()).unwrap_or(u64::MAX);
        Duration::from_millis(random % millis.saturating_add(1))
    }
}

impl Attempts {
    /// Whether another attempt follows one that failed with `error`: its declared code, or a word of [`Retry`].
    /// `random` decides the pause.
    pub fn again(&self, tried: Tried, (error, random): (Option<&str>, u64)) -> Again {
        let Some(retry) = &self.retry else { return Again::NotAsked };
        if !error.is_some_and(|error| retry.on.iter().any(|on| on == error)) {
            return Again::NotAsked;
        }
        let remembers =
            |at: Duration| self.provider_key.as_ref().is_some_and(|key| at < key.horizon);
        let pause = retry.pause(tried.attempts, random);
        let next = tried.elapsed.saturating_add(pause);
        match tried.executed {
            Executed::Yes | Executed::Partly => return Again::MayHaveHappened,
            // The provider must still know the first attempt when the next one reaches it.
            Executed::Unknown if !remembers(next) => return Again::MayHaveHappened,
            Executed::Unknown | Executed::No => {}
        }
        if tried.attempts >= retry.attempts_max || next > retry.within {
            return Again::UsedUp;
        }
        Again::After(pause)
    }

    /// The longest that all attempts may take, if each takes at most `timeout`.
    pub fn longest(&self, timeout: Duration) -> Duration {
        match &self.retry {
            None => timeout,
            Some(retry) => {
                let all = timeout.saturating_mul(retry.attempts_max);
                all.min(retry.within.saturating_add(timeout))
            }
        }
    }
}

impl Sign {
    /// Whether an output shows it.
    pub fn shows(&self, output: &Value) -> bool {
        let found = output.pointer(&self.pointer).filter(|value| !value.is_null());
        match &self.test {
            SignTest::Exists => found.is_some(),
            SignTest::Absent => found.is_none(),
            SignTest::Equals(value) => output.pointer(&self.pointer) == Some(value),
        }
    }
}

impl Probe {
    /// What an output says of the act, `quiet` after its last attempt. Neither sign, and both, say nothing.
    pub fn found(&self, output: &Value, quiet: Duration) -> Executed {
        match (self.happened.shows(output), self.not_happened.shows(output)) {
            (true, false) => Executed::Yes,
            (false, true) if quiet >= self.settles => Executed::No,
            (false, true | false) | (true, true) => Executed::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const SECOND: Duration = Duration::from_secs(1);

    fn contract(key: Option<Duration>) -> Attempts {
        let place = KeyPlace::Meta("checkrein/idempotency-key".to_owned());
        Attempts {
            retry: Some(Retry {
                on: vec!["busy".to_owned(), Retry::TIMED_OUT.to_owned()],
                attempts_max: 3,
                first: SECOND,
                most: SECOND * 3,
                within: SECOND * 30,
            }),
            provider_key: key.map(|horizon| ProviderKey { place, horizon }),
            ..Attempts::default()
        }
    }

    #[test]
    fn only_what_certainly_did_not_happen_or_is_known_to_its_provider_is_tried_again() {
        use Executed::{No, Partly, Unknown, Yes};
        let (none, hour, short) = (None, Some(SECOND * 3_600), Some(SECOND));
        let after = Again::After(Duration::from_millis(600));
        // The provider's memory, the error, what may have happened, attempts, seconds since the first, what follows.
        let table = [
            (none, "busy", No, 1, 0, after),
            (none, "busy", No, 2, 0, after),
            (none, "busy", No, 3, 0, Again::UsedUp),
            (none, "busy", No, 1, 29, after),
            (none, "busy", No, 1, 30, Again::UsedUp),
            (none, "other", No, 1, 0, Again::NotAsked),
            (none, "busy", Unknown, 1, 0, Again::MayHaveHappened),
            (none, "timed_out", Unknown, 1, 0, Again::MayHaveHappened),
            (hour, "timed_out", Unknown, 1, 0, after),
            (hour, "timed_out", Unknown, 3, 0, Again::UsedUp),
            (short, "timed_out", Unknown, 1, 0, after),
            (short, "timed_out", Unknown, 1, 1, Again::MayHaveHappened),
            (hour, "busy", Yes, 1, 0, Again::MayHaveHappened),
            (hour, "busy", Partly, 1, 0, Again::MayHaveHappened),
        ];
        for (at, (key, error, executed, attempts, seconds, then)) in table.into_iter().enumerate() {
            let tried = Tried { attempts, elapsed: SECOND * seconds, executed };
            let again = contract(key).again(tried, (Some(error), 600));
            assert_eq!(again, then, "line {at}");
        }
        let tried = Tried { attempts: 1, elapsed: Duration::ZERO, executed: No };
        assert_eq!(contract(none).again(tried, (None, 0)), Again::NotAsked);
        assert_eq!(Attempts::default().again(tried, (Some("busy"), 0)), Again::NotAsked);
    }

    #[test]
    fn pauses_double_up_to_a_bound_and_are_spread_from_zero() {
        let retry = contract(None).retry.unwrap();
        let longest = |attempts| retry.pause(attempts, u64::MAX - u64::MAX % 3_001 - 1);
        assert!(longest(1) <= SECOND && longest(2) <= SECOND * 2 && longest(40) <= SECOND * 3);
        assert_eq!(retry.pause(1, 0), Duration::ZERO);
        assert_eq!(retry.pause(1, 1_000), SECOND);
        assert_eq!(retry.pause(2, 2_000), SECOND * 2);
        assert_eq!(retry.pause(9, 3_000), SECOND * 3);
    }

    #[test]
    fn a_probe_that_sees_neither_sign_or_both_says_nothing() {
        let sign = |pointer: &str, test| Sign { pointer: pointer.to_owned(), test };
        let probe = Probe {
            tool: "tickets.find".parse().unwrap(),
            arguments: BTreeMap::new(),
            happened: sign("/items/0/id", SignTest::Exists),
            not_happened: sign("/items", SignTest::Equals(json!([]))),
            settles: SECOND,
        };
        let late = SECOND * 2;
        assert_eq!(probe.found(&json!({"items": [{"id": 7}]}), Duration::ZERO), Executed::Yes);
        assert_eq!(probe.found(&json!({"items": []}), late), Executed::No);
        assert_eq!(probe.found(&json!({"items": []}), Duration::ZERO), Executed::Unknown);
        assert_eq!(probe.found(&json!({"items": [{"id": null}]}), late), Executed::Unknown);
        assert_eq!(probe.found(&json!({}), late), Executed::Unknown);
        let both = Probe { not_happened: sign("/other", SignTest::Absent), ..probe };
        assert_eq!(both.found(&json!({"items": [{"id": 7}]}), late), Executed::Unknown);
    }
}
