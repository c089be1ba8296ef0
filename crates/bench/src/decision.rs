//! Resolve and judge against bare Cedar: context build and authorize, on the same five policies.
//!
//! Our side starts with the agent's arguments: strict schema, canonical form, plain and keyed digests,
//! resource, facts, index, verdict with reasons. Cedar's side starts with values in hand and builds only what
//! the five policies read. The two take turns.

use std::collections::BTreeSet;
use std::hint::black_box;
use std::time::{Duration, Instant};

use cedar_policy::{
    Authorizer, Context, Decision, Entities, EntityUid, PolicySet as CedarSet, Request,
    RestrictedExpression as Expression,
};
use contract::Compiled;
use domain::{
    Advice, Amounts, Facts, History, Labels, PrincipalChain, Strength, Timestamp, ToolFacts,
};
use gate::Rules;

use crate::installation::{self, Asks, POLICIES_PER_TOOL, TOOL, rules};
use crate::statistics::percentile_us;
use crate::table::{Table, Target};
use crate::{Effort, Outcome};

/// Numbers of policies; five of each match the call.
const SIZES: [usize; 4] = [10, 50, 100, 1_000];
/// The size that the target is for.
const TARGET_SIZE: usize = 50;
/// Decisions in a row on one side.
const TURN: usize = 50;

/// Measures.
pub(crate) fn measure(effort: Effort, table: &mut Table) -> Outcome<()> {
    let turns = match effort {
        Effort::Quick => 2,
        Effort::Full => 200,
    };
    let bare = Bare::new()?;
    let mut first = None;
    for size in SIZES {
        let ours = Ours::new(size)?;
        let (mut our_times, mut bare_times) = (Vec::new(), Vec::new());
        for _ in 0..turns {
            turn(&mut our_times, || ours.decide())?;
            turn(&mut bare_times, || bare.decide())?;
        }
        let our = percentile_us(&mut our_times, 50);
        let cedar = percentile_us(&mut bare_times, 50);
        let what = format!("resolve and judge, {size} policies of which {POLICIES_PER_TOOL} match");
        table.tell(format!("{what}: p50"), (our, "µs"));
        if size == TARGET_SIZE {
            table.tell("bare Cedar, the same 5 policies: p50", (cedar, "µs"));
            table.hold(format!("{what}, over bare Cedar"), (our / cedar, ""), Target::AtMost(3.0));
        }
        let first = *first.get_or_insert(our);
        if size == SIZES.into_iter().max().unwrap_or(size) {
            let flat = format!("resolve and judge, {size} policies over {} policies", SIZES[0]);
            table.hold(flat, (our / first, ""), Target::AtMost(1.25));
        }
    }
    Ok(())
}

fn turn(times: &mut Vec<Duration>, decide: impl Fn() -> Outcome<()>) -> Outcome<()> {
    for _ in 0..TURN {
        let begun = Instant::now();
        decide()?;
        times.push(begun.elapsed());
    }
    Ok(())
}

/// Our side.
struct Ours {
    rules: Rules,
    chain: PrincipalChain,
    arguments: serde_json::Value,
}

impl Ours {
    fn new(policies: usize) -> Outcome<Self> {
        Ok(Self {
            rules: rules(policies, Asks::Nobody)?,
            chain: installation::chain()?,
            arguments: installation::arguments(),
        })
    }

    /// As the gate does it: one judgement where no policy reads a plan, since then there is nothing that a second
    /// could see.
    fn decide(&self) -> Outcome<()> {
        let compiled = self.rules.catalogue.find(TOOL).ok_or("the tool is missing")?;
        let resolved = compiled.resolve(&self.arguments, &self.chain, None)?;
        // The ledger's key, and the arguments under the keys of run and tenant.
        for bytes in [b"ledger".as_slice(), &resolved.canonical, &resolved.canonical] {
            black_box(contract::keyed(&[7; 32], bytes));
        }
        let facts = facts(compiled, &self.chain, resolved)?;
        let policies = &self.rules.policies;
        if policies.reads_plan(&facts) {
            return Err("a policy reads the plan".into());
        }
        let verdict = gate::decide(policies, &facts);
        if verdict.strength != Strength::Allow {
            return Err(format!("not allowed: {verdict:?}").into());
        }
        black_box(verdict);
        Ok(())
    }
}

fn facts(
    compiled: &Compiled,
    chain: &PrincipalChain,
    resolved: contract::Resolved,
) -> Outcome<Facts> {
    let contract = &compiled.contract;
    Ok(Facts {
        now: Timestamp::from_millis(1_700_000_000_000),
        chain: chain.clone(),
        workflow: installation::name("work")?,
        space: installation::name("work")?,
        tool: ToolFacts {
            name: contract.name.clone(),
            contract: contract.digest,
            effect_class: contract.effect_class,
            consequences: contract.consequences.clone(),
            provenance: contract.provenance,
            maturity: contract.maturity,
            preview: contract.preview,
        },
        resource: resolved.resource,
        arguments: resolved.arguments,
        labels: Labels::new(),
        command: None,
        plan: None,
        no_preview: None,
        objection: None,
        input: None,
        approvals: BTreeSet::new(),
        autonomy: BTreeSet::new(),
        history: History::default(),
        budget_left: Amounts::<u64>::each(|_| None),
        advice: Advice { confidence: None, intent_stated: true, effects_stated: false },
    })
}

/// Cedar's side, with everything that can be made once made before.
struct Bare {
    policies: CedarSet,
    authorizer: Authorizer,
    principal: EntityUid,
    action: EntityUid,
    resource: EntityUid,
}

impl Bare {
    fn new() -> Outcome<Self> {
        Ok(Self {
            policies: installation::policies(TOOL).parse()?,
            authorizer: Authorizer::new(),
            principal: "Agent::\"local/builder\"".parse()?,
            action: format!("Action::\"{TOOL}\"").parse()?,
            resource: "Resource::\"account:a-1700\"".parse()?,
        })
    }

    fn decide(&self) -> Outcome<()> {
        let text = |text: &str| Expression::new_string(text.to_owned());
        let record = |pairs: Vec<(&str, Expression)>| {
            Expression::new_record(pairs.into_iter().map(|(name, value)| (name.to_owned(), value)))
        };
        let arguments = record(vec![
            ("amount", Expression::new_long(17)),
            ("note", text("the usual monthly amount")),
        ])?;
        let history = record(vec![("failures_in_row", Expression::new_long(0))])?;
        let context = Context::from_pairs([
            ("args".to_owned(), arguments),
            ("history".to_owned(), history),
            ("space".to_owned(), text("work")),
            ("workflow".to_owned(), text("work")),
        ])?;
        let (principal, action) = (self.principal.clone(), self.action.clone());
        let request = Request::new(principal, action, self.resource.clone(), context, None)?;
        let response = self.authorizer.is_authorized(&request, &self.policies, &Entities::empty());
        if response.decision() != Decision::Allow {
            return Err("bare Cedar does not allow it".into());
        }
        black_box(response);
        Ok(())
    }
}
