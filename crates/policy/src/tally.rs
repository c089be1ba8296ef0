//! One request against buckets of policies: which permitted, which forbade, which could not be evaluated.
//!
//! Cedar skips a policy that fails to evaluate; here every such failure is reported, and the caller denies.

use std::collections::{BTreeMap, BTreeSet};

use cedar_policy::{
    AuthorizationError, Authorizer, Decision, Entities, PolicySet as CedarSet, Request,
};

/// What some policies say of one request, by policy id.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Tally {
    /// Permits that are satisfied. Cedar names them only where nothing in the same bucket forbids.
    pub(crate) permits: BTreeSet<String>,
    /// Forbids that are satisfied: all of them.
    pub(crate) forbids: BTreeSet<String>,
    /// Policies that could not be evaluated, and why.
    pub(crate) errors: BTreeMap<String, String>,
}

impl Tally {
    /// Adds what other policies say.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.permits.extend(other.permits.iter().cloned());
        self.forbids.extend(other.forbids.iter().cloned());
        self.errors.extend(other.errors.iter().map(|(id, why)| (id.clone(), why.clone())));
    }
}

/// Evaluates every policy of these sets once.
pub(crate) fn tally<'a>(
    sets: impl IntoIterator<Item = &'a CedarSet>,
    request: &Request,
    entities: &Entities,
) -> Tally {
    let authorizer = Authorizer::new();
    let mut tally = Tally::default();
    for set in sets.into_iter().filter(|set| !set.is_empty()) {
        let response = authorizer.is_authorized(request, set, entities);
        let named = response.diagnostics().reason().map(ToString::to_string);
        match response.decision() {
            Decision::Allow => tally.permits.extend(named),
            Decision::Deny => tally.forbids.extend(named),
        }
        for AuthorizationError::PolicyEvaluationError(error) in response.diagnostics().errors() {
            tally.errors.insert(error.policy_id().to_string(), error.inner().to_string());
        }
    }
    tally
}
