//! What a call changed, beside what it was expected to change.
//!
//! Expected effects come with the proposal; real effects are observed from the plan that was applied and
//! from the resource itself. An effect that nobody declared is an unintended side effect. What nobody
//! observed is `unobserved`, never `expected`.

use crate::contract::words;
use crate::{Digest, Resource, Scope};

/// How a resource changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EffectKind {
    /// It is new.
    Created,
    /// Its content, mode or target is another.
    Modified,
    /// It is gone.
    Deleted,
    /// Something else, described by the tool.
    Other,
}

/// What the agent says will change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedEffect {
    /// How.
    pub kind: EffectKind,
    /// Which resources.
    pub resource: Scope,
    /// How many at most.
    pub count_max: u64,
}

/// One resource that a call touched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effect {
    /// How it changed.
    pub kind: EffectKind,
    /// Which.
    pub resource: Resource,
    /// Digest of the state before, where known.
    pub before: Option<Digest>,
    /// Digest of the state after, where known.
    pub after: Option<Digest>,
    /// How it compares with what was expected.
    pub observation: Observation,
}

/// How a real effect compares with the expected ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Observation {
    /// Seen, and declared by the proposal.
    Expected,
    /// Seen, and not declared although the proposal declared effects.
    Unintended,
    /// Seen; the proposal declared nothing to compare with.
    NotStated,
    /// The tool says so; nobody looked.
    Unobserved,
}

impl Effect {
    /// Compares observed effects with the expected ones: each expectation covers at most `count_max`
    /// effects of its kind and scope, in order; what is left over is unintended.
    pub fn compare(effects: &mut [Self], expected: &[ExpectedEffect]) {
        let mut left: Vec<u64> = expected.iter().map(|each| each.count_max).collect();
        for effect in
            effects.iter_mut().filter(|effect| effect.observation != Observation::Unobserved)
        {
            effect.observation = if expected.is_empty() {
                Observation::NotStated
            } else if take_one(effect, expected, &mut left) {
                Observation::Expected
            } else {
                Observation::Unintended
            };
        }
    }
}

fn take_one(effect: &Effect, expected: &[ExpectedEffect], left: &mut [u64]) -> bool {
    let covering = expected.iter().zip(left.iter_mut()).find(|(each, left)| {
        **left > 0 && each.kind == effect.kind && each.resource.contains(&effect.resource)
    });
    covering.map(|(_, left)| *left -= 1).is_some()
}

words! {
    EffectKind { Created = "created", Modified = "modified", Deleted = "deleted", Other = "other" }
    Observation {
        Expected = "expected", Unintended = "unintended", NotStated = "not_stated", Unobserved = "unobserved",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn effect(kind: EffectKind, resource: &str) -> Effect {
        Effect {
            kind,
            resource: Resource::new(resource),
            before: None,
            after: None,
            observation: Observation::NotStated,
        }
    }

    #[test]
    fn effects_beyond_the_declared_count_are_unintended() {
        let mut effects = vec![
            effect(EffectKind::Created, "workspace:a/1"),
            effect(EffectKind::Created, "workspace:a/2"),
            effect(EffectKind::Deleted, "workspace:a/3"),
        ];
        let expected = [ExpectedEffect {
            kind: EffectKind::Created,
            resource: "workspace:a/*".parse().unwrap(),
            count_max: 1,
        }];
        Effect::compare(&mut effects, &expected);
        let seen: Vec<Observation> = effects.iter().map(|effect| effect.observation).collect();
        assert_eq!(seen, [Observation::Expected, Observation::Unintended, Observation::Unintended]);
    }

    #[test]
    fn a_host_that_was_reached_is_declared_by_name_and_port() {
        let reached = || vec![effect(EffectKind::Other, "network:crates.example:443")];
        let seen = |scope: &str| {
            let mut effects = reached();
            let resource = scope.parse().unwrap();
            let expected = ExpectedEffect { kind: EffectKind::Other, resource, count_max: 1 };
            Effect::compare(&mut effects, &[expected]);
            effects[0].observation
        };
        for (scope, expect) in [
            ("network:crates.example:443", Observation::Expected),
            ("network:*", Observation::Expected),
            ("network:crates.example:80", Observation::Unintended),
            ("network:*.example:443", Observation::Expected),
            ("workspace:**", Observation::Unintended),
        ] {
            assert_eq!(seen(scope), expect, "{scope}");
        }
    }

    #[test]
    fn what_nobody_observed_never_becomes_expected() {
        let mut effects = vec![effect(EffectKind::Created, "workspace:a")];
        effects[0].observation = Observation::Unobserved;
        let expected = [ExpectedEffect {
            kind: EffectKind::Created,
            resource: "**".parse().unwrap(),
            count_max: 9,
        }];
        Effect::compare(&mut effects, &expected);
        assert_eq!(effects[0].observation, Observation::Unobserved);
    }
}
