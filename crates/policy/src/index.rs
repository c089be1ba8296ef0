//! Which policies can match a request: by action, then by scope. Built once per version.
//!
//! ```text
//! tool -> open buckets     rules without a principal or resource in their head, one ready Cedar set for the
//!                          tool's groups (shared by all tools of the same groups) and one for the tool alone
//!      -> premised buckets those of them that begin with a test of space or workflow, by the value that lets them match
//!      -> scoped buckets   by principal key, then resource key; a request looks up itself and its ancestors
//! ```
//! Rules that match whatever the facts are need no Cedar: a bucket keeps their ids apart.
//! A bucket may hold rules that do not match: Cedar still evaluates every head. It never lacks one that
//! could; that indexed and full evaluation agree is tested with random policies and facts.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use cedar_policy::{Policy, PolicySet as CedarSet, PolicySetError};

use domain::Facts;

use crate::needs::Needs;
use crate::premise::{Premise, Premised};
use crate::rule::Scope;
use crate::tally::Tally;

/// One policy as the index sees it.
pub(crate) struct Indexed<'a> {
    pub(crate) policy: &'a Policy,
    pub(crate) scope: &'a Scope,
    pub(crate) premise: Option<&'a Premise>,
    pub(crate) needs: Needs,
    pub(crate) role: Role,
    pub(crate) reads_plan: bool,
    /// Whether it matches everything that its scope names.
    pub(crate) unconditional: bool,
}

impl Indexed<'_> {
    /// Whether it matches every call of the actions that it is indexed under.
    fn always_matches(&self) -> bool {
        self.unconditional && self.scope.principal.is_none() && self.scope.resource.is_none()
    }
}

/// What a policy is evaluated for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Permit,
    Forbid,
    /// Holds, notices and reviews: they never deny.
    Ask,
}

/// Policies that are evaluated together, as ready Cedar sets.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bucket {
    /// Permits and forbids.
    pub(crate) decide: CedarSet,
    /// Those of them that do not read the plan.
    pub(crate) early: CedarSet,
    /// Holds, notices and reviews.
    pub(crate) ask: CedarSet,
    /// Permits and forbids that match everything that finds this bucket; in none of the sets above.
    pub(crate) always_decides: Tally,
    /// Holds, notices and reviews of that kind.
    pub(crate) always_asks: Tally,
    /// What all of them read.
    pub(crate) needs: Needs,
    /// Whether any of them reads the plan.
    pub(crate) reads_plan: bool,
    /// Whether a permit reads the plan, so that it counts as possible before there is one.
    pub(crate) permit_reads_plan: bool,
}

impl Bucket {
    /// Policies that a request finds by its action and whatever else they are indexed by.
    fn new<'a>(
        policies: impl IntoIterator<Item = &'a Indexed<'a>>,
    ) -> Result<Self, Box<PolicySetError>> {
        let mut bucket = Self::default();
        for indexed in policies {
            match indexed.always_matches() {
                true => bucket.always(indexed),
                false => bucket.add(indexed)?,
            }
        }
        Ok(bucket)
    }

    /// Policies of all actions: Cedar is asked about each of them.
    pub(crate) fn unindexed<'a>(
        policies: impl IntoIterator<Item = &'a Indexed<'a>>,
    ) -> Result<Self, Box<PolicySetError>> {
        let mut bucket = Self::default();
        for indexed in policies {
            bucket.add(indexed)?;
        }
        Ok(bucket)
    }

    /// Whether Cedar has nothing to say here.
    pub(crate) fn is_settled(&self) -> bool {
        self.decide.is_empty() && self.ask.is_empty()
    }

    fn always(&mut self, indexed: &Indexed<'_>) {
        let id = indexed.policy.id().to_string();
        match indexed.role {
            Role::Permit => self.always_decides.permits.insert(id),
            Role::Forbid => self.always_decides.forbids.insert(id),
            Role::Ask => self.always_asks.forbids.insert(id),
        };
    }

    fn add(&mut self, indexed: &Indexed<'_>) -> Result<(), Box<PolicySetError>> {
        let policy = || indexed.policy.clone();
        match indexed.role {
            Role::Ask => self.ask.add(policy())?,
            Role::Permit | Role::Forbid => {
                self.decide.add(policy())?;
                if !indexed.reads_plan {
                    self.early.add(policy())?;
                }
            }
        }
        self.needs.merge(&indexed.needs);
        self.needs.hierarchy |= indexed.scope.resource.is_some();
        self.needs.tenant |= indexed.scope.principal.is_some();
        self.reads_plan |= indexed.reads_plan;
        self.permit_reads_plan |= indexed.reads_plan && indexed.role == Role::Permit;
        Ok(())
    }
}

/// Buckets by principal key, then by resource key; the empty key stands for any.
type Scoped = HashMap<String, HashMap<String, Bucket>>;

/// Buckets by the value of a fact that lets their policies match.
#[derive(Debug, Clone, Default)]
struct ByPremise {
    space: HashMap<String, Bucket>,
    workflow: HashMap<String, Bucket>,
}

impl ByPremise {
    fn of(&self, facts: &Facts) -> impl Iterator<Item = &Bucket> {
        let space = self.space.get(facts.space.as_str());
        space.into_iter().chain(self.workflow.get(facts.workflow.as_str()))
    }

    fn by(&mut self, of: Premised) -> &mut HashMap<String, Bucket> {
        match of {
            Premised::Space => &mut self.space,
            Premised::Workflow => &mut self.workflow,
        }
    }
}

/// The policies that can match calls of one action.
#[derive(Debug, Clone, Default)]
pub(crate) struct Places {
    open: Vec<Arc<Bucket>>,
    premised: Vec<Arc<ByPremise>>,
    scoped: Vec<Arc<Scoped>>,
}

impl Places {
    /// Whether any policy names a principal or a resource in its head.
    pub(crate) fn is_scoped(&self) -> bool {
        !self.scoped.is_empty()
    }

    /// The buckets of rules that name no principal and no resource, and have no premise.
    pub(crate) fn open(&self) -> impl Iterator<Item = &Bucket> {
        self.open.iter().map(|bucket| &**bucket)
    }

    /// The buckets of those of them whose premise holds.
    pub(crate) fn premised<'a>(&'a self, facts: &Facts) -> impl Iterator<Item = &'a Bucket> {
        self.premised.iter().flat_map(|premised| premised.of(facts))
    }

    /// Every bucket of the other rules that can match a request by a principal and a resource, each with its ancestors.
    pub(crate) fn scoped<'a>(
        &'a self,
        principals: &[String],
        resources: &[String],
    ) -> Vec<&'a Bucket> {
        let mut found = Vec::new();
        let any = std::iter::once(&ANY);
        for scoped in &self.scoped {
            for principal in any.clone().chain(principals) {
                let Some(by_resource) = scoped.get(principal) else { continue };
                let resources = any.clone().chain(resources);
                found.extend(resources.filter_map(|resource| by_resource.get(resource)));
            }
        }
        found
    }
}

/// The key of any principal or resource. No entity has it: theirs contain `::`.
static ANY: String = String::new();
/// The key of any action.
const ANY_ACTION: &str = "";

/// The index of one version.
#[derive(Debug, Clone, Default)]
pub(crate) struct Index(HashMap<String, Places>);

impl Index {
    /// Indexes policies for actions, each given with the groups above it, all as `Type::id`.
    pub(crate) fn build<'a>(
        policies: &'a [Indexed<'a>],
        actions: impl IntoIterator<Item = (String, Vec<String>)>,
    ) -> Result<Self, Box<PolicySetError>> {
        let mut building = Building::of(policies);
        let mut index = HashMap::new();
        for (action, above) in actions {
            let places = building.places(&action, above)?;
            index.insert(action, places);
        }
        Ok(Self(index))
    }

    /// What can match calls of this action; none if the action is not known.
    pub(crate) fn places(&self, action: &str) -> Option<&Places> {
        self.0.get(action)
    }
}

/// The index while it is built.
struct Building<'a> {
    policies: &'a [Indexed<'a>],
    /// Positions of policies without principal and resource, by action key.
    open: BTreeMap<&'a str, BTreeSet<usize>>,
    /// Those of them that have a premise.
    premised: BTreeMap<&'a str, BTreeSet<usize>>,
    /// Positions of the others, by action key.
    scoped: BTreeMap<&'a str, BTreeSet<usize>>,
    /// Buckets shared by all actions with the same groups.
    shared: HashMap<Vec<String>, Arc<Bucket>>,
    /// Premised buckets, shared by all actions below the same key.
    shared_premised: HashMap<String, Arc<ByPremise>>,
    /// Scoped buckets, shared by all actions below the same key.
    shared_scoped: HashMap<String, Arc<Scoped>>,
}

impl<'a> Building<'a> {
    fn of(policies: &'a [Indexed<'a>]) -> Self {
        let mut building = Self {
            policies,
            open: BTreeMap::new(),
            premised: BTreeMap::new(),
            scoped: BTreeMap::new(),
            shared: HashMap::new(),
            shared_premised: HashMap::new(),
            shared_scoped: HashMap::new(),
        };
        for (at, indexed) in policies.iter().enumerate() {
            let is_open = indexed.scope.principal.is_none() && indexed.scope.resource.is_none();
            let map = match (is_open, indexed.premise) {
                (true, None) => &mut building.open,
                (true, Some(_)) => &mut building.premised,
                (false, _) => &mut building.scoped,
            };
            match &indexed.scope.actions {
                None => {
                    map.entry(ANY_ACTION).or_default().insert(at);
                }
                Some(actions) => {
                    for action in actions {
                        map.entry(action).or_default().insert(at);
                    }
                }
            }
        }
        building
    }

    fn places(&mut self, action: &str, above: Vec<String>) -> Result<Places, Box<PolicySetError>> {
        let mut groups = above;
        groups.push(ANY_ACTION.to_owned());
        groups.sort();
        let mut places = Places::default();
        for key in groups.iter().map(String::as_str).chain([action]) {
            if let Some(scoped) = self.scoped_under(key)? {
                places.scoped.push(scoped);
            }
            if let Some(premised) = self.premised_under(key)? {
                places.premised.push(premised);
            }
        }
        groups.retain(|key| self.open.contains_key(key.as_str()));
        let shared = self.positions(&groups);
        let alone = self.open.get(action).map(|own| own.difference(&shared).copied().collect());
        if !shared.is_empty() {
            places.open.push(self.shared_bucket(groups, &shared)?);
        }
        let alone: BTreeSet<usize> = alone.unwrap_or_default();
        if !alone.is_empty() {
            places.open.push(Arc::new(self.bucket(&alone)?));
        }
        Ok(places)
    }

    fn positions(&self, keys: &[String]) -> BTreeSet<usize> {
        keys.iter().filter_map(|key| self.open.get(key.as_str())).flatten().copied().collect()
    }

    fn bucket(&self, positions: &BTreeSet<usize>) -> Result<Bucket, Box<PolicySetError>> {
        Bucket::new(positions.iter().filter_map(|at| self.policies.get(*at)))
    }

    fn shared_bucket(
        &mut self,
        groups: Vec<String>,
        positions: &BTreeSet<usize>,
    ) -> Result<Arc<Bucket>, Box<PolicySetError>> {
        if let Some(bucket) = self.shared.get(&groups) {
            return Ok(Arc::clone(bucket));
        }
        let bucket = Arc::new(self.bucket(positions)?);
        self.shared.insert(groups, Arc::clone(&bucket));
        Ok(bucket)
    }

    fn premised_under(&mut self, key: &str) -> Result<Option<Arc<ByPremise>>, Box<PolicySetError>> {
        if let Some(premised) = self.shared_premised.get(key) {
            return Ok(Some(Arc::clone(premised)));
        }
        let Some(positions) = self.premised.get(key) else { return Ok(None) };
        let mut by_value: BTreeMap<(Premised, &str), BTreeSet<usize>> = BTreeMap::new();
        for at in positions {
            let premise = self.policies.get(*at).and_then(|indexed| indexed.premise);
            for (premise, value) in
                premise.into_iter().flat_map(|one| one.values.iter().map(move |value| (one, value)))
            {
                by_value.entry((premise.of, value)).or_default().insert(*at);
            }
        }
        let mut premised = ByPremise::default();
        for ((of, value), positions) in by_value {
            premised.by(of).insert(value.to_owned(), self.bucket(&positions)?);
        }
        let premised = Arc::new(premised);
        self.shared_premised.insert(key.to_owned(), Arc::clone(&premised));
        Ok(Some(premised))
    }

    fn scoped_under(&mut self, key: &str) -> Result<Option<Arc<Scoped>>, Box<PolicySetError>> {
        if let Some(scoped) = self.shared_scoped.get(key) {
            return Ok(Some(Arc::clone(scoped)));
        }
        let Some(positions) = self.scoped.get(key) else { return Ok(None) };
        let mut by_scope: BTreeMap<(String, String), BTreeSet<usize>> = BTreeMap::new();
        for at in positions {
            let Some(indexed) = self.policies.get(*at) else { continue };
            let key = |part: &Option<String>| part.clone().unwrap_or_default();
            let scope = (key(&indexed.scope.principal), key(&indexed.scope.resource));
            by_scope.entry(scope).or_default().insert(*at);
        }
        let mut scoped = Scoped::new();
        for ((principal, resource), positions) in by_scope {
            scoped.entry(principal).or_default().insert(resource, self.bucket(&positions)?);
        }
        let scoped = Arc::new(scoped);
        self.shared_scoped.insert(key.to_owned(), Arc::clone(&scoped));
        Ok(Some(scoped))
    }
}
