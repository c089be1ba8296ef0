//! Why a call was judged as it was: every rule, one by one.
//!
//! Facts go in; out comes the verdict and, for each rule of the version, whether it matched. Each rule is
//! evaluated alone and with every fact built, so this is for people and not for the path of a call.

use cedar_policy::PolicySet as CedarSet;
use domain::{Facts, Requirement, Verdict};

use crate::PolicySet;
use crate::annotation::Kind;
use crate::rule::{Rule, RuleSummary};
use crate::set::Prepared;
use crate::tally::tally;

/// A verdict and what every rule did for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The verdict, from every rule without the index.
    pub verdict: Verdict,
    /// Every rule, in order of file and line.
    pub rules: Vec<Explained>,
}

/// What one rule did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// The rule.
    pub rule: RuleSummary,
    /// Whether it matched.
    pub outcome: RuleOutcome,
    /// What it asks for, if it is a hold.
    pub requirement: Option<Requirement>,
}

/// Whether a rule matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RuleOutcome {
    /// It matches.
    Matches,
    /// A hold that would match if its approval were not there.
    Approved,
    /// It does not match.
    DoesNotMatch,
    /// It could not be evaluated, which denies.
    Fails(String),
    /// It names only tools that are not in the catalogue.
    Dormant,
    /// The call was denied before any rule was asked.
    NotAsked,
}

impl PolicySet {
    /// Why: the verdict, and for every rule whether it matched, with its place and requirement.
    pub fn explain(&self, facts: &Facts) -> Explanation {
        let given = self.prepared(facts).ok();
        let mut without = facts.clone();
        without.approvals.clear();
        let without = self.prepared(&without).ok();
        let explained = |rule: &Rule| Explained {
            rule: rule.summary(),
            outcome: match (&given, &without) {
                (Some(given), Some(without)) => outcome(rule, given, without),
                (None, _) | (_, None) => RuleOutcome::NotAsked,
            },
            requirement: match &rule.kind {
                Kind::Hold(requirement) => Some(requirement.clone()),
                Kind::Permit | Kind::Forbid | Kind::Notify { .. } | Kind::Review { .. } => None,
            },
        };
        Explanation {
            verdict: self.judge_unindexed(facts),
            rules: self.all_rules().iter().map(explained).collect(),
        }
    }
}

fn outcome(rule: &Rule, given: &Prepared<'_>, without: &Prepared<'_>) -> RuleOutcome {
    if rule.dormant {
        return RuleOutcome::Dormant;
    }
    let found = alone(rule, given);
    let held = matches!(rule.kind, Kind::Hold(_)) && found == RuleOutcome::DoesNotMatch;
    if held && alone(rule, without) == RuleOutcome::Matches {
        return RuleOutcome::Approved;
    }
    found
}

fn alone(rule: &Rule, prepared: &Prepared<'_>) -> RuleOutcome {
    let set = match CedarSet::from_policies([rule.policy.clone()]) {
        Ok(set) => set,
        Err(error) => return RuleOutcome::Fails(error.to_string()),
    };
    let tally = tally([&set], &prepared.request, &prepared.entities);
    match tally.errors.into_values().next() {
        Some(why) => RuleOutcome::Fails(why),
        None if tally.permits.is_empty() && tally.forbids.is_empty() => RuleOutcome::DoesNotMatch,
        None => RuleOutcome::Matches,
    }
}
