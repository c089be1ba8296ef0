//! One policy of ours: Cedar's policy with its kind, place, scope and what it reads.
//!
//! ```text
//! source text -> Cedar's parser -> annotations -> scope and reads -> Rule
//! ```
//! Nothing is checked against contracts here; that is `check` and `set`. What people ask about a rule is
//! its [`RuleSummary`].

use std::str::FromStr;

use cedar_policy::pst::{self, ActionConstraint, EntityOrSlot, EntityUID};
use domain::{PolicyPlace, limits};
use miette::Diagnostic;

use crate::Source;
use crate::annotation::{Annotations, Kind};
use crate::error::{LoadError, Place, Problem};
use crate::premise::Premise;
use crate::reads::Reads;

mod nesting;

/// What a rule does when it matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RuleKind {
    /// Lets a call run if nothing forbids it.
    Permit,
    /// Denies.
    Forbid,
    /// Waits for people.
    Hold,
    /// Tells people.
    Notify,
    /// Lets a person look at it afterwards.
    Review,
}

impl RuleKind {
    /// The word for it in listings.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Permit => "permit",
            Self::Forbid => "forbid",
            Self::Hold => "hold",
            Self::Notify => "notify",
            Self::Review => "review",
        }
    }
}

/// What people want to know of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleSummary {
    /// Its `@id`.
    pub id: String,
    /// Where it stands.
    pub place: PolicyPlace,
    /// What it does.
    pub kind: RuleKind,
    /// What it says to people.
    pub reason: String,
    /// Whether it can match no call because all tools it names are absent from the catalogue.
    pub dormant: bool,
    /// Tools it names that are absent from the catalogue, each with what may have been meant.
    pub absent: Vec<(String, Option<String>)>,
    /// Whether "never without this approval" can be proved of it: false where autonomy widens it.
    pub provable: bool,
}

/// A policy, understood.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    pub(crate) place: PolicyPlace,
    pub(crate) at: Place,
    pub(crate) kind: Kind,
    pub(crate) text: String,
    pub(crate) owner: Option<String>,
    pub(crate) policy: cedar_policy::Policy,
    pub(crate) scope: Scope,
    /// Whether it matches everything that its scope names: no clause, and no type or resource in its head.
    pub(crate) unconditional: bool,
    pub(crate) premise: Option<Premise>,
    pub(crate) clauses: Vec<(pst::Clause, Reads)>,
    pub(crate) reads: Reads,
    pub(crate) absent: Vec<(String, Option<String>)>,
    pub(crate) dormant: bool,
}

/// What stands in a policy's head.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Scope {
    /// Actions or groups of them, as `Type::id`; none for any.
    pub(crate) actions: Option<Vec<String>>,
    /// The principal or its ancestor, as `Type::id`; none for any.
    pub(crate) principal: Option<String>,
    /// The resource or its ancestor, as `Type::id`; none for any.
    pub(crate) resource: Option<String>,
}

impl Rule {
    pub(crate) fn id(&self) -> &str {
        &self.place.id
    }

    pub(crate) fn kind(&self) -> RuleKind {
        match &self.kind {
            Kind::Permit => RuleKind::Permit,
            Kind::Forbid => RuleKind::Forbid,
            Kind::Hold(_) => RuleKind::Hold,
            Kind::Notify { .. } => RuleKind::Notify,
            Kind::Review { .. } => RuleKind::Review,
        }
    }

    pub(crate) fn summary(&self) -> RuleSummary {
        RuleSummary {
            id: self.place.id.clone(),
            place: self.place.clone(),
            kind: self.kind(),
            reason: self.text.clone(),
            dormant: self.dormant,
            absent: self.absent.clone(),
            provable: !self.reads.touches("autonomy"),
        }
    }
}

/// Reads every policy of one file; problems are added to `errors`.
pub(crate) fn parse(source: &Source, errors: &mut Vec<LoadError>) -> Vec<Rule> {
    let place = |offset| Place::of(&source.file, &source.text, offset);
    if source.text.len() as u64 > limits::SOURCE_FILE_BYTES_MAX {
        let fix = format!("at most {} bytes", limits::SOURCE_FILE_BYTES_MAX);
        errors.push(Problem::new("this file is too large", fix).at(&place(0)));
        return Vec::new();
    }
    if let Some(deep) = nesting::too_deep(&source.text) {
        errors.push(deep.problem.at(&place(deep.offset)));
        return Vec::new();
    }
    let parsed = match cedar_policy::PolicySet::from_str(&source.text) {
        Ok(parsed) => parsed,
        Err(found) => {
            let at = |error| place(offset(error).unwrap_or_default());
            errors.extend(found.iter().map(|error| diagnosed(error).at(&at(error))));
            return Vec::new();
        }
    };
    for template in parsed.templates() {
        let at = template.as_ref().loc().map_or(0, |loc| loc.start());
        let what = "this policy has a slot, such as `?principal`";
        errors.push(Problem::new(what, "write the principal or resource itself").at(&place(at)));
    }
    let mut rules = Vec::new();
    for policy in parsed.policies() {
        let at = place(policy.as_ref().loc().map_or(0, |loc| loc.start()));
        match understood(policy, &at) {
            Ok(rule) => rules.push(rule),
            Err(problem) => errors.push(problem.at(&at)),
        }
    }
    // Cedar keeps policies in a map; people read them in the order of the file.
    rules.sort_by_key(|rule| (rule.at.line, rule.at.column));
    rules
}

/// What a diagnostic says, with its help as the fix.
pub(crate) fn diagnosed(error: &dyn Diagnostic) -> Problem {
    let fix = error.help().map(|help| help.to_string());
    Problem::new(error.to_string(), fix.unwrap_or_else(|| "see docs/guides/policies.md".to_owned()))
}

/// Where a diagnostic points to, as a byte offset.
pub(crate) fn offset(error: &dyn Diagnostic) -> Option<usize> {
    error.labels().and_then(|mut labels| labels.next()).map(|label| label.offset())
}

fn understood(policy: &cedar_policy::Policy, at: &Place) -> Result<Rule, Problem> {
    let given = policy.annotations().collect();
    let Annotations { id, kind, reason, owner } = Annotations::read(policy.effect(), &given)?;
    let broken = |why: String| Problem::new(why, "write the policy in plain Cedar");
    let tree = match policy.to_pst().map_err(|error| broken(error.to_string()))? {
        pst::Policy::Static(tree) => tree,
        pst::Policy::Linked(_) => return Err(broken("this policy is linked".to_owned())),
    };
    let clauses: Vec<(pst::Clause, Reads)> =
        tree.body().clauses().iter().map(|clause| (clause.clone(), Reads::of(clause))).collect();
    let mut reads = Reads::default();
    for (_, clause) in &clauses {
        reads.merge(clause.clone());
    }
    Ok(Rule {
        place: PolicyPlace { id: id.clone(), file: at.file.clone(), line: at.line },
        at: at.clone(),
        text: reason.unwrap_or_else(|| default_reason(&kind, &id)),
        kind,
        owner,
        policy: policy.new_id(cedar_policy::PolicyId::new(&id)),
        scope: Scope::of(tree.body()),
        unconditional: clauses.is_empty() && unlimited(tree.body()),
        premise: Premise::of(tree.body().clauses()),
        clauses,
        reads,
        absent: Vec::new(),
        dormant: false,
    })
}

fn default_reason(kind: &Kind, id: &str) -> String {
    match kind {
        Kind::Permit => format!("permitted by `{id}`"),
        Kind::Forbid => format!("forbidden by `{id}`"),
        Kind::Hold(requirement) => format!("`{id}` asks {}", requirement.group),
        Kind::Notify { group } => format!("`{id}` tells {group}"),
        Kind::Review { group, .. } => format!("`{id}` has {group} look at it afterwards"),
    }
}

impl Scope {
    /// The scope of a policy.
    pub(crate) fn of(tree: &pst::Template) -> Self {
        use pst::{PrincipalConstraint as P, ResourceConstraint as R};
        let principal = match &tree.principal {
            P::Any | P::Is(_) => None,
            P::Eq(of) | P::In(of) | P::IsIn(_, of) => entity(of),
        };
        let resource = match &tree.resource {
            R::Any | R::Is(_) => None,
            R::Eq(of) | R::In(of) | R::IsIn(_, of) => entity(of),
        };
        let actions = match &tree.action {
            ActionConstraint::Any => None,
            ActionConstraint::Eq(of) => Some(vec![key(of)]),
            ActionConstraint::In(all) => Some(all.iter().map(key).collect()),
        };
        Self { actions, principal, resource }
    }
}

/// Whether a policy's head says no more than its scope: every resource, and principals of the one type that acts.
fn unlimited(tree: &pst::Template) -> bool {
    use pst::{PrincipalConstraint as P, ResourceConstraint as R};
    let principal = match &tree.principal {
        P::Any | P::Eq(_) | P::In(_) => true,
        P::Is(of) | P::IsIn(of, _) => of.to_string() == "Agent",
    };
    let resource = match &tree.resource {
        R::Any => true,
        R::Is(of) => of.to_string() == "Resource",
        R::Eq(_) | R::In(_) | R::IsIn(..) => false,
    };
    principal && resource
}

fn entity(of: &EntityOrSlot) -> Option<String> {
    match of {
        EntityOrSlot::Entity(uid) => Some(key(uid)),
        EntityOrSlot::Slot(_) => None,
    }
}

/// An entity as `Type::id`, unescaped: the key that the index compares.
fn key(uid: &EntityUID) -> String {
    format!("{}::{}", uid.ty, uid.eid)
}
