//! One immutable version of the policies, and the verdicts it gives.
//!
//! ```text
//! Facts -> tool of the catalogue -> buckets of the index -> context and entities
//!       -> permits and forbids: not allowed is deny, so people are never asked in vain
//!       -> holds, notices and reviews -> Verdict
//! ```
//! Evaluating the holds apart is the same as evaluating everything once as if every hold were approved and
//! once with the real approvals, because load refuses approvals anywhere but in a hold's own `unless`. Every
//! policy is evaluated at most once per judgement. A judgement is a pure function of facts and version (P12).

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use cedar_policy::{Entities, Entity, PolicySet as CedarSet, Request};
use contract::{ArgumentTypes, Compiled};
use domain::{Contract, Digest, Facts, Reason, Requirement, Strength, ToolName, Verdict};

use crate::annotation::Kind;
use crate::argument;
use crate::context::{self, Unfit};
use crate::entity::{self, Types};
use crate::index::{Bucket, Index};
use crate::needs::Needs;
use crate::prospects::Outlook;
use crate::rule::{Rule, RuleSummary};
use crate::tally::{Tally, tally};
use crate::verdict::{self, Opinion};
use crate::{LoadErrors, Source};

mod load;

/// One version of the policies, checked against one catalogue. Share it in an `Arc`.
#[derive(Debug, Clone)]
pub struct PolicySet {
    version: Digest,
    sources: Vec<Source>,
    schema: String,
    types: Types,
    tools: HashMap<ToolName, Tool>,
    quarantined: BTreeMap<ToolName, String>,
    rules: Vec<Rule>,
    /// Positions in `rules`, by id.
    by_id: HashMap<String, usize>,
    index: Index,
    outlook: Outlook,
    /// All rules that are not dormant, for `explain` and for the test that the index lacks nothing.
    everything: Bucket,
}

/// What judging needs of one tool.
#[derive(Debug, Clone)]
struct Tool {
    contract: Contract,
    types: ArgumentTypes,
    action: Entity,
    /// The action alone: all that policies need which ask nothing of agent and resource.
    alone: Entities,
    key: String,
}

/// A request as Cedar takes it.
pub(crate) struct Prepared<'a> {
    pub(crate) request: Request,
    pub(crate) entities: Cow<'a, Entities>,
}

/// What is judged: the policies that can match, the request if any of them needs one, and what none can see of it.
struct Matter<'a> {
    buckets: Vec<&'a Bucket>,
    prepared: Option<Prepared<'a>>,
    opaque: Vec<String>,
}

impl PolicySet {
    /// Reads and checks policies against a catalogue.
    ///
    /// # Errors
    /// Every problem found, each with file, line and fix. A contract whose arguments cannot be mapped is no
    /// error: its tool is quarantined, see [`Self::quarantined`].
    pub fn load(sources: &[Source], catalogue: &[&Contract]) -> Result<Self, LoadErrors> {
        load::load(sources, catalogue)
    }

    /// As [`Self::load`], over a compiled catalogue.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn load_compiled<'a>(
        sources: &[Source],
        catalogue: impl IntoIterator<Item = &'a Compiled>,
    ) -> Result<Self, LoadErrors> {
        let contracts: Vec<&Contract> =
            catalogue.into_iter().map(|compiled| &compiled.contract).collect();
        load::load(sources, &contracts)
    }

    /// Digest over the engine's version, the sources in order of their file names, the contracts' digests
    /// and the schema made from them.
    pub fn version(&self) -> Digest {
        self.version
    }

    /// The sources, in order of their file names, to be stored with the version.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// The schema made from the contracts, in Cedar's JSON form.
    pub fn schema(&self) -> &str {
        &self.schema
    }

    /// What is known of every rule, in order of file and line.
    pub fn rules(&self) -> impl Iterator<Item = RuleSummary> {
        self.rules.iter().map(Rule::summary)
    }

    /// Tools whose contracts cannot be mapped, each with the reason. Calls to them are denied.
    pub fn quarantined(&self) -> &BTreeMap<ToolName, String> {
        &self.quarantined
    }

    /// The contract of a tool, as this version was checked against it.
    pub fn contract(&self, tool: &ToolName) -> Option<&Contract> {
        self.tools.get(tool).map(|tool| &tool.contract)
    }

    /// What the policies say of a call, by all facts. A call that can show a plan is judged with it.
    pub fn judge(&self, facts: &Facts) -> Verdict {
        let judged = self.matter(facts).map(Matter::opinion);
        self.verdict(facts, judged)
    }

    /// The first pass, before there is a plan: deny, or allow in the sense of "go on". Forbids that read
    /// the plan are left out, permits that read it count as possible, and nobody is asked or told.
    pub fn judge_before_plan(&self, facts: &Facts) -> Verdict {
        let judged = self.matter(facts).map(|matter| {
            let decided = matter.decided(|bucket| &bucket.early);
            (decided, matter.buckets.iter().any(|bucket| bucket.permit_reads_plan))
        });
        match judged {
            Err(refused) => Verdict::denied(refused.to_string(), self.version),
            Ok((decided, possible)) => {
                let opinion = Opinion { decided, asked: None, opaque: Vec::new(), possible };
                verdict::early(self, opinion)
            }
        }
    }

    /// Whether any policy that can match reads the plan. If not, one judgement is enough.
    pub fn reads_plan(&self, facts: &Facts) -> bool {
        let matching = self.tool(facts).and_then(|tool| self.matching(tool, facts));
        matching.is_ok_and(|buckets| buckets.iter().any(|bucket| bucket.reads_plan))
    }

    /// As [`Self::judge`], by every rule without the index and with every fact built.
    pub(crate) fn judge_unindexed(&self, facts: &Facts) -> Verdict {
        let judged = self.tool(facts).and_then(|tool| {
            let opaque = tool.opaque(facts);
            let prepared = self.prepare(facts, tool, (&opaque, &Needs::everything()))?;
            let buckets = vec![&self.everything];
            Ok(Matter { buckets, prepared: Some(prepared), opaque }.opinion())
        });
        self.verdict(facts, judged)
    }

    /// A request with everything built, for one rule after the other.
    pub(crate) fn prepared(&self, facts: &Facts) -> Result<Prepared<'_>, Refused> {
        let tool = self.tool(facts)?;
        self.prepare(facts, tool, (&tool.opaque(facts), &Needs::everything()))
    }

    pub(crate) fn outlook(&self) -> &Outlook {
        &self.outlook
    }

    pub(crate) fn all_rules(&self) -> &[Rule] {
        &self.rules
    }

    /// What a rule asks people for now; none if there is no such rule or it holds nothing.
    pub fn requirement(&self, id: &str) -> Option<&Requirement> {
        match &self.rule(id)?.kind {
            Kind::Hold(requirement) => Some(requirement),
            Kind::Permit | Kind::Forbid | Kind::Notify { .. } | Kind::Review { .. } => None,
        }
    }

    /// The text of a rule as it was loaded, with its annotations; none if there is no such rule.
    pub fn text(&self, id: &str) -> Option<String> {
        self.rule(id).map(|rule| rule.policy.to_string())
    }

    /// Who answers for a rule, by its `@owner`.
    pub fn owner(&self, id: &str) -> Option<&str> {
        self.rule(id)?.owner.as_deref()
    }

    /// The rule of an id that Cedar named.
    pub(crate) fn rule(&self, id: &str) -> Option<&Rule> {
        self.by_id.get(id).and_then(|at| self.rules.get(*at))
    }

    fn verdict(&self, facts: &Facts, judged: Result<Opinion, Refused>) -> Verdict {
        match judged {
            Err(refused) => Verdict::denied(refused.to_string(), self.version),
            Ok(opinion) => verdict::full(self, facts, opinion),
        }
    }

    fn tool(&self, facts: &Facts) -> Result<&Tool, Refused> {
        let name = &facts.tool.name;
        let Some(tool) = self.tools.get(name) else {
            return Err(match self.quarantined.get(name) {
                Some(why) => Refused::Quarantined(name.clone(), why.clone()),
                None => Refused::Unknown(name.clone()),
            });
        };
        if tool.contract.digest != facts.tool.contract {
            return Err(Refused::OtherContract(name.clone()));
        }
        Ok(tool)
    }

    fn matching<'a>(&'a self, tool: &Tool, facts: &Facts) -> Result<Vec<&'a Bucket>, Refused> {
        let Some(places) = self.index.places(&tool.key) else {
            return Err(Refused::Unknown(facts.tool.name.clone()));
        };
        let mut found: Vec<&Bucket> = places.open().chain(places.premised(facts)).collect();
        if places.is_scoped() {
            let resources = entity::resource_chain(facts)?;
            found.extend(places.scoped(&entity::principal_chain(facts), &resources));
        }
        Ok(found)
    }

    /// A request is made only where there is a policy whose answer depends on it.
    fn matter<'a>(&'a self, facts: &Facts) -> Result<Matter<'a>, Refused> {
        let tool = self.tool(facts)?;
        let buckets = self.matching(tool, facts)?;
        let opaque = tool.opaque(facts);
        let prepared = match buckets.iter().all(|bucket| bucket.is_settled()) {
            true => None,
            false => Some(self.prepare(facts, tool, (&opaque, &merged_needs(&buckets)))?),
        };
        Ok(Matter { buckets, prepared, opaque })
    }

    fn prepare<'a>(
        &'a self,
        facts: &Facts,
        tool: &'a Tool,
        (opaque, needs): (&[String], &Needs),
    ) -> Result<Prepared<'a>, Refused> {
        let context = context::build(facts, &tool.types, opaque, needs)?;
        let entities = match needs.any_entity() {
            true => Cow::Owned(self.types.entities(facts, &tool.action, needs)?),
            false => Cow::Borrowed(&tool.alone),
        };
        let principal = self.types.agent(facts);
        let resource = self.types.resource(&facts.resource);
        // Without a schema: the arguments passed their contract's schema, and their Cedar types come from
        // the same tree as their values.
        let request = Request::new(principal, tool.action.uid(), resource, context, None)
            .map_err(|error| Unfit::Facts(error.to_string()))?;
        Ok(Prepared { request, entities })
    }
}

impl Tool {
    /// Pointers of arguments that no policy can see, and answers that nobody asked for.
    fn opaque(&self, facts: &Facts) -> Vec<String> {
        let mut opaque = match self.types.opaque.is_empty() {
            true => Vec::new(),
            false => argument::opaque(&self.types.fields, &facts.arguments),
        };
        // Answers to questions that are recorded are what an operator let the server ask for. What nobody asked for is
        // argument by another way.
        if facts.input.is_some_and(|input| input.answers.is_none()) {
            opaque.push(UNASKED_INPUT.to_owned());
        }
        opaque
    }
}

/// A part of a bucket.
type Of<'a, T> = fn(&'a Bucket) -> &'a T;

impl<'a> Matter<'a> {
    fn opinion(self) -> Opinion {
        let decided = self.decided(|bucket| &bucket.decide);
        // Who is denied asks nobody.
        let allowed =
            decided.forbids.is_empty() && decided.errors.is_empty() && !decided.permits.is_empty();
        let asked =
            allowed.then(|| self.tally((|bucket| &bucket.ask, |bucket| &bucket.always_asks)));
        Opinion { decided, asked, opaque: self.opaque, possible: false }
    }

    fn decided(&self, set: Of<'a, CedarSet>) -> Tally {
        self.tally((set, |bucket| &bucket.always_decides))
    }

    /// What Cedar says of some policies of each bucket, and what some say without it.
    fn tally(&self, (set, always): (Of<'a, CedarSet>, Of<'a, Tally>)) -> Tally {
        let buckets = || self.buckets.iter().copied();
        let mut said = match &self.prepared {
            Some(Prepared { request, entities }) => tally(buckets().map(set), request, entities),
            None => Tally::default(),
        };
        buckets().for_each(|bucket| said.merge(always(bucket)));
        said
    }
}

/// How input that answers no question stands among what no policy sees. No pointer to an argument is without a `/`.
const UNASKED_INPUT: &str = "input";

/// Why a call is denied before any policy is asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refused {
    #[error("no contract describes the tool `{0}`")]
    Unknown(ToolName),
    #[error("the tool `{0}` is quarantined: {1}")]
    Quarantined(ToolName, String),
    #[error("the contract of `{0}` is not the one that the policies were checked against")]
    OtherContract(ToolName),
    #[error(transparent)]
    Unfit(#[from] Unfit),
}

fn merged_needs(buckets: &[&Bucket]) -> Needs {
    let mut needs = Needs::default();
    for bucket in buckets {
        needs.merge(&bucket.needs);
    }
    needs
}

/// A reason of the house, without a policy.
pub(crate) fn house(strength: Strength, text: impl Into<String>) -> Reason {
    Reason { strength, text: text.into(), policy: None }
}
