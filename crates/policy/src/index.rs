//! Which policies can match a request: by action, then by scope. Built once per version.
//!
//! ```text
//! tool -> open buckets   rules without a principal or resource in their head, one ready Cedar set for the
//!                        tool's groups (shared by all tools of the same groups) and one for the tool alone
//!      -> scoped buckets by principal key, then resource key; a request looks up itself and its ancestors
//! ```
//! A bucket may hold rules that do not match: Cedar still evaluates every head. It never lacks one that
//! could; that indexed and full evaluation agree is tested with random policies and facts.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use cedar_policy::{Policy, PolicySet as CedarSet, PolicySetError};

use crate::needs::Needs;
use crate::rule::Scope;

/// One policy as the index sees it.
pub(crate) struct Indexed<'a> {
    pub(crate) policy: &'a Policy,
    pub(crate) scope: &'a Scope,
    pub(crate) needs: Needs,
    pub(crate) role: Role,
    pub(crate) reads_plan: bool,
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
    /// What all of them read.
    pub(crate) needs: Needs,
    /// Whether any of them reads the plan.
    pub(crate) reads_plan: bool,
    /// Whether a permit reads the plan, so that it counts as possible before there is one.
    pub(crate) permit_reads_plan: bool,
}

impl Bucket {
    /// Policies in one bucket.
    pub(crate) fn new<'a>(
        policies: impl IntoIterator<Item = &'a Indexed<'a>>,
    ) -> Result<Self, Box<PolicySetError>> {
        let mut bucket = Self::default();
        for indexed in policies {
            let policy = || indexed.policy.clone();
            match indexed.role {
                Role::Ask => bucket.ask.add(policy())?,
                Role::Permit | Role::Forbid => {
                    bucket.decide.add(policy())?;
                    if !indexed.reads_plan {
                        bucket.early.add(policy())?;
                    }
                }
            }
            bucket.needs.merge(&indexed.needs);
            bucket.needs.hierarchy |= indexed.scope.resource.is_some();
            bucket.reads_plan |= indexed.reads_plan;
            bucket.permit_reads_plan |= indexed.reads_plan && indexed.role == Role::Permit;
        }
        Ok(bucket)
    }
}

/// Buckets by principal key, then by resource key; the empty key stands for any.
type Scoped = HashMap<String, HashMap<String, Bucket>>;

/// The policies that can match calls of one action.
#[derive(Debug, Clone, Default)]
pub(crate) struct Places {
    open: Vec<Arc<Bucket>>,
    scoped: Vec<Arc<Scoped>>,
}

impl Places {
    /// Whether any policy names a principal or a resource in its head.
    pub(crate) fn is_scoped(&self) -> bool {
        !self.scoped.is_empty()
    }

    /// Every bucket that can match a request by a principal and a resource, each with its ancestors.
    pub(crate) fn matching<'a>(
        &'a self,
        principals: &[String],
        resources: &[String],
    ) -> Vec<&'a Bucket> {
        let mut found: Vec<&Bucket> = self.open.iter().map(|bucket| &**bucket).collect();
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
    /// Positions of the others, by action key.
    scoped: BTreeMap<&'a str, BTreeSet<usize>>,
    /// Buckets shared by all actions with the same groups.
    shared: HashMap<Vec<String>, Arc<Bucket>>,
    /// Scoped buckets, shared by all actions below the same key.
    shared_scoped: HashMap<String, Arc<Scoped>>,
}

impl<'a> Building<'a> {
    fn of(policies: &'a [Indexed<'a>]) -> Self {
        let mut building = Self {
            policies,
            open: BTreeMap::new(),
            scoped: BTreeMap::new(),
            shared: HashMap::new(),
            shared_scoped: HashMap::new(),
        };
        for (at, indexed) in policies.iter().enumerate() {
            let is_open = indexed.scope.principal.is_none() && indexed.scope.resource.is_none();
            let map = if is_open { &mut building.open } else { &mut building.scoped };
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
