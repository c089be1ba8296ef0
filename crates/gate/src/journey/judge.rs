//! Whether it may happen: pure policy over all facts, combined with the few rules of the house.
//!
//! The first pass has no plan and can only deny or let go on. The second has the plan, if there is one, and
//! is the full set; its facts are the ones that are recorded.

use domain::{
    Advice, Decision, EffectClass, Facts, History, InputFacts, Labels, Mode, Name, Plan, PlanFacts,
    PreviewMeans, Reason, Requirement, Strength, Tier, ToolFacts, Verdict, limits,
};
use policy::PolicySet;

use super::{
    Authority, Before, Call, Request,
    admit::{RAISE, raise_needed},
    preview::Seen,
    safeguards::Stepping,
};
use crate::gate::Gate;
use crate::people::stands_in;
use crate::port::{Journal, World};
use crate::refusal::Refusal;
use crate::rescue::{Decided, Halt, Hold};
use crate::state::lock;
use crate::watch::Audience;

/// The workflow under which an operator's own acts are judged.
pub(crate) const OPERATOR_WORKFLOW: &str = "operator";
/// The requirement of the rule that asks before an act that cannot be restored is repeated.
const REPEAT: &str = domain::REPEAT_RULE;
/// The requirement of the rule that asks before something builds on an act in doubt.
const IN_DOUBT: &str = domain::IN_DOUBT_RULE;
/// The requirement of the rule that asks where a preview is missing.
const NO_PREVIEW: &str = domain::NO_PREVIEW_RULE;
/// The requirement of the rule that asks for changes on top of held ones.
const STANDS_ON: &str = domain::STANDS_ON_RULE;

/// Whom the rules of the house ask.
const HOUSE_GROUP: &str = "group:operators";

/// What the second pass leaves behind.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) decided: Decided,
    pub(super) plan: Option<Plan>,
    /// The approvals it was decided with.
    pub(super) using: Vec<Request>,
    /// The step of a procedure that it would take; found after the decision.
    pub(super) step: Option<Stepping>,
}

/// Decides on facts: policy, then the rules of the house. The same facts under the same policy give the
/// same verdict (P12); replay calls this very function.
pub fn decide(policies: &PolicySet, facts: &Facts) -> Verdict {
    let verdict = policies.judge(facts);
    let repeated = facts.history.done_before.map(|done| {
        let at = done.millis();
        (REPEAT, format!("the same act was done in this run at {at} ms since 1970 and cannot be restored; again?"))
    });
    let over = facts.history.over_budget.then(|| {
        (RAISE, "the budget is used up; approving raises it by what this call may take".to_owned())
    });
    let house = repeated.into_iter().chain(doubted(facts)).chain(over);
    let house = house.chain(unseen(facts)).chain(unfounded(facts));
    let house = house.chain(facts.objection.clone().map(|why| (domain::VERIFIER_RULE, why)));
    let asked = house.filter(|(id, _)| !facts.approvals.contains(*id));
    asked.fold(verdict, |verdict, (id, text)| verdict_with_hold(verdict, house_rule(id, text)))
}

/// It would build on an act of which nobody knows whether it happened.
fn doubted(facts: &Facts) -> Option<(&'static str, String)> {
    let before = facts.history.in_doubt_before?;
    let text = format!(
        "nobody knows whether {before} happened, on which this would build; find that out first, or say that it may run anyway"
    );
    Some((IN_DOUBT, text))
}

/// Nobody saw what the call would change, though its contract counts on that.
fn unseen(facts: &Facts) -> Option<(&'static str, String)> {
    let counts_on_it =
        facts.tool.effect_class.changes() && facts.tool.preview == PreviewMeans::Plan;
    (counts_on_it && facts.plan.is_none()).then(|| {
        let why = facts.no_preview.as_deref().unwrap_or("there is no preview");
        let text = format!(
            "nobody can see beforehand what it would change, and it cannot be undone: {why}"
        );
        (NO_PREVIEW, text)
    })
}

/// It would change something on top of what is not there yet, or tell of what its agent may not see yet.
fn unfounded(facts: &Facts) -> Option<(&'static str, String)> {
    let plan = facts.plan.as_ref().filter(|plan| !plan.stands_on.is_empty())?;
    let calls: Vec<String> = plan.stands_on.iter().map(ToString::to_string).collect();
    let (calls, changes) = (calls.join(", "), !plan.paths.is_empty());
    let text = match changes {
        true => format!("it stands on {calls}, not done yet; it runs after that"),
        false => format!(
            "it looks at what {calls} would do, which its agent may not see yet; it runs after that"
        ),
    };
    Some((STANDS_ON, text))
}

fn house_rule(id: &str, text: String) -> (Reason, Requirement) {
    let reason = Reason { strength: Strength::Hold, text, policy: None };
    (reason, Requirement::usual(id, HOUSE_GROUP))
}

/// Adds a hold of the house to a verdict; a denial stays one.
fn verdict_with_hold(verdict: Verdict, (reason, requirement): (Reason, Requirement)) -> Verdict {
    let held = Verdict {
        strength: Strength::Hold,
        tier: Tier::Three,
        reasons: vec![reason],
        requirements: vec![requirement],
        duties: Vec::new(),
        policy: verdict.policy,
    };
    match verdict.strength {
        Strength::Deny => verdict,
        Strength::Hold => {
            let mut both = verdict;
            both.reasons.extend(held.reasons);
            both.requirements.extend(held.requirements);
            both
        }
        Strength::Allow | Strength::Notify => verdict.stricter(held),
    }
}

/// The first pass, where it can save something: a preview, or the answer of the `known` call with the same key.
pub(super) fn before_plan<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    known: Option<domain::CallId>,
) -> Result<(), Halt> {
    if known.is_none() && call.compiled.contract.preview == PreviewMeans::None {
        return Ok(());
    }
    let facts = facts(gate, call, None);
    let verdict = call.rules.policies.judge_before_plan(&facts);
    match (verdict.strength, call.mode) {
        (Strength::Deny, Mode::Enforce) => Err(Halt::by_policy(decided(call, facts, &verdict))),
        (Strength::Deny, Mode::Shadow)
        | (Strength::Hold | Strength::Notify | Strength::Allow, _) => Ok(()),
    }
}

/// Who may hear what a call prints before it is decided: its agent only if nothing that is known by now asks anybody,
/// and if it stands on nothing that the agent may not see. What a command reads reaches the agent by what it prints.
pub(super) fn audience(call: &Call, facts: Facts) -> Audience {
    if call.over.iter().any(|base| base.audience == Audience::Operators) {
        return Audience::Operators;
    }
    let decided = |requests: &[Request]| call.usable(facts.now).count() == requests.len();
    match &call.before {
        Before::Held(requests) if decided(requests) => Audience::Everybody,
        Before::Held(_) | Before::New => unasked(&call.rules.policies, facts),
    }
}

/// Who may see the diff of a held call now, and the names in it. What a command writes can be what it read, so of a
/// command the agent sees no more than it hears.
pub(super) fn diff_audience(call: &Call, facts: &Facts) -> Audience {
    match call.resolved.command {
        Some(_) => audience(call, facts.clone()),
        None => Audience::Everybody,
    }
}

/// Who may see what a call on which another one stands would change, by the facts that people were asked on.
pub(super) fn base_audience(policies: &PolicySet, facts: Facts) -> Audience {
    match facts.command {
        Some(_) => unasked(policies, facts),
        None => Audience::Everybody,
    }
}

/// Everybody, if policy asks nobody before there is a plan. That there is none yet is no reason to ask: it is judged as
/// if nothing would change.
fn unasked(policies: &PolicySet, mut facts: Facts) -> Audience {
    facts.plan = match facts.tool.preview {
        PreviewMeans::Plan => Some(PlanFacts { restorable: true, ..PlanFacts::default() }),
        PreviewMeans::None => None,
    };
    match policies.judge(&facts).strength {
        Strength::Allow | Strength::Notify => Audience::Everybody,
        Strength::Hold | Strength::Deny => Audience::Operators,
    }
}

/// The second pass. An approval counts only while what it was given for is what would run.
pub(super) async fn judge<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    Seen { plan, no_preview, objection }: Seen,
) -> Result<Judged, Halt> {
    let mut facts = facts(gate, call, plan.as_ref());
    (facts.no_preview, facts.objection) = (no_preview, objection);
    facts.history.done_before = super::recall::done_before(gate, call).await?;
    facts.history.in_doubt_before = super::recall::in_doubt_before(gate, call);
    if let Some(why) = moved(call, &facts) {
        return Err(again(gate, call, why));
    }
    let using: Vec<Request> = call.usable(facts.now).cloned().collect();
    facts.approvals = using.iter().map(|request| request.requirement.clone()).collect();
    if let Before::Held(requests) = &call.before {
        // People were asked to raise the budget: that stays a question until they have.
        facts.history.over_budget = requests.iter().any(|request| request.requirement == RAISE);
    }
    // A raise is asked for together with what people are asked anyway; else only when admission needs it.
    let mut verdict = decide(&call.rules.policies, &facts);
    let ordered = ordered(call, &verdict);
    if !ordered.is_empty() {
        facts.approvals.extend(ordered);
        verdict = decide(&call.rules.policies, &facts);
    }
    if asks_for_raise(call, verdict.strength) && raise_needed(call, plan.as_ref()) {
        facts.history.over_budget = true;
        verdict = decide(&call.rules.policies, &facts);
    }
    let mut decided = decided(call, facts, &verdict);
    decided.plan.clone_from(&plan);
    match (verdict.strength, call.mode) {
        (Strength::Allow | Strength::Notify, _)
        | (Strength::Hold | Strength::Deny, Mode::Shadow) => {
            Ok(Judged { decided, plan, using, step: None })
        }
        // Nothing of it stays: what people would be asked for does not happen.
        (Strength::Hold, Mode::Enforce) if call.is_of_the_house() && !call.is_confirmed_pure() => {
            Ok(Judged { decided, plan, using, step: None })
        }
        (Strength::Deny, Mode::Enforce) => Err(Halt::by_policy(decided)),
        (Strength::Hold, Mode::Enforce) => {
            let binding = call.binding(&decided.facts);
            held(gate, call, hold(decided, binding))
        }
    }
}

/// What the order of an inverse call approves: whatever asks one person of a group in which whoever ordered it stands, and
/// no surer one. Everything else still holds, and so refuses it.
fn ordered(call: &Call, verdict: &Verdict) -> Vec<String> {
    let Some(by) = call.ordered_back_by() else { return Vec::new() };
    let theirs = |asked: &&Requirement| {
        asked.quorum <= 1 && by.assurance >= asked.assurance && stands_in(&by.groups, &asked.group)
    };
    verdict.requirements.iter().filter(theirs).map(|asked| asked.id.clone()).collect()
}

/// Why what people were asked is not what holds now: something else would run, or more is asked for it.
fn moved(call: &Call, facts: &Facts) -> Option<&'static str> {
    let Before::Held(requests) = &call.before else { return None };
    let binding = call.binding(facts);
    if requests.iter().any(|request| request.binding != binding) {
        return Some(
            "the arguments, the contract, the plan or the resource moved since people were asked",
        );
    }
    let rules = &call.rules.policies;
    let more = |request: &&Request| {
        rules.requirement(&request.requirement).is_some_and(|now| !request.asked.satisfies(now))
    };
    requests.iter().find(more).map(|_| "other people, more of them or surer ones are asked for now")
}

/// The same proposal, to be judged as a new call.
fn again<J: Journal, W: World>(gate: &Gate<J, W>, call: &Call, why: &'static str) -> Halt {
    let fresh = domain::CallId::new(gate.world.fresh());
    Halt::Moved(
        Box::new(Call { id: fresh, before: Before::New, leaves: None, ..call.clone() }),
        why,
    )
}

/// Whether a raise belongs to the decision already here. Where nothing is enforced, admission never asks for one.
fn asks_for_raise(call: &Call, strength: Strength) -> bool {
    match (&call.before, strength, call.mode) {
        (Before::New, Strength::Hold, _) => true,
        (Before::New, Strength::Allow | Strength::Notify, Mode::Shadow) => {
            !call.is_confirmed_pure()
        }
        (Before::New, Strength::Allow | Strength::Notify, Mode::Enforce)
        | (Before::New, Strength::Deny, _)
        | (Before::Held(_), _, _) => false,
    }
}

/// What people are asked for a decision that holds.
pub(super) fn hold(decided: Decided, binding: domain::Digest) -> Hold {
    Hold { requirements: decided.decision.requirements.clone(), binding, decided }
}

/// Asks people, or goes on waiting for the ones that were asked for the same before.
pub(super) fn held<J: Journal, W: World, T>(
    gate: &Gate<J, W>,
    call: &Call,
    hold: Hold,
) -> Result<T, Halt> {
    if call.is_of_the_house() {
        let refusal = Refusal::new(
            domain::Code::PolicyDenied,
            "a policy holds what a contract wants to know; a check asks nobody",
            "let the policy permit this tool for the agent",
        );
        return Err(Halt::denied(refusal));
    }
    if let Authority::Probe = call.authority {
        let refusal = Refusal::new(
            domain::Code::PolicyDenied,
            "a policy holds the read that shows whether an act happened; a probe asks nobody",
            "let the policy permit this tool for the workflow `operator`",
        );
        return Err(Halt::denied(refusal));
    }
    if let Authority::Operator { .. } = call.authority {
        let asked: Vec<&str> = hold.requirements.iter().map(|asked| asked.group.as_str()).collect();
        let refusal = Refusal::new(
            domain::Code::PolicyDenied,
            format!("a policy asks {} before this; an undo asks nobody", asked.join(" and ")),
            format!(
                "let somebody order it who may decide that alone, or let the policy permit `{}` for the workflow `operator`",
                call.compiled.name()
            ),
        );
        return Err(Halt::denied(refusal));
    }
    if let Before::Held(requests) = &call.before {
        let asked =
            |needed: &Requirement| requests.iter().any(|request| request.requirement == needed.id);
        if call.leaves.is_none() && hold.requirements.iter().all(asked) {
            return Err(Halt::StillHeld);
        }
        return Err(again(gate, call, "more people are asked for now than then"));
    }
    let most = usize::try_from(limits::HELD_CALLS_PER_GRANT_MAX).unwrap_or(usize::MAX);
    if gate.live.held_by(call.caller.grant) >= most {
        return Err(Halt::denied(Refusal::new(
            domain::Code::TooManyHeld,
            format!("{most} calls of this grant already wait for people"),
            "wait until some of them are decided",
        )));
    }
    Err(Halt::Held(Box::new(hold)))
}

pub(super) fn decided(call: &Call, facts: Facts, verdict: &Verdict) -> Decided {
    let shadow = call.mode == Mode::Shadow && verdict.strength >= Strength::Hold;
    let decision = Decision {
        verdict: verdict.strength,
        tier: verdict.tier,
        reasons: verdict.reasons.clone(),
        requirements: verdict.requirements.clone(),
        duties: verdict.duties.clone(),
        policy: verdict.policy,
        shadow,
    };
    Decided { decision, facts, plan: None }
}

pub(crate) fn facts<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    plan: Option<&Plan>,
) -> Facts {
    let contract = &call.compiled.contract;
    let workflow = match call.authority {
        Authority::Agent | Authority::House => call.run.run.workflow.clone(),
        Authority::Operator { .. } | Authority::Probe => {
            OPERATOR_WORKFLOW.parse::<Name>().unwrap_or_else(|_| call.run.run.workflow.clone())
        }
    };
    Facts {
        now: gate.world.now(),
        chain: call.caller.chain.clone(),
        workflow,
        space: call.run.run.space.clone(),
        tool: ToolFacts {
            name: contract.name.clone(),
            contract: contract.digest,
            effect_class: contract.effect_class,
            consequences: contract.consequences.clone(),
            provenance: contract.provenance,
            maturity: contract.maturity,
            preview: contract.preview,
        },
        resource: call.resolved.resource.clone(),
        arguments: call.resolved.arguments.clone(),
        input: call.proposal.input.as_ref().map(|input| InputFacts {
            digest: contract::digest_of(&input.given),
            answers: call.asked,
        }),
        labels: Labels::new(),
        command: call.resolved.command.as_ref().map(|line| line.facts.clone()),
        plan: plan.map(|plan| super::plan::facts(call, plan)),
        no_preview: None,
        objection: None,
        approvals: std::collections::BTreeSet::new(),
        autonomy: std::collections::BTreeSet::new(),
        history: history(gate, call),
        budget_left: lock(&call.run.counts).budget.left(),
        advice: Advice {
            confidence: call.proposal.confidence,
            intent_stated: call.proposal.intent.is_some(),
            effects_stated: !call.proposal.expected_effects.is_empty(),
        },
    }
}

fn history<J: Journal, W: World>(gate: &Gate<J, W>, call: &Call) -> History {
    let of_grant = gate.directory.grant(call.caller.grant);
    let of_grant = of_grant.map_or(0, |live| lock(&live.counts).failures_in_row);
    let counts = lock(&call.run.counts);
    History {
        failures_in_row: counts.failures_in_row.max(of_grant),
        identical_calls: counts.identical.get(&call.digests.arguments).copied().unwrap_or(0),
        calls: counts.calls,
        done_before: None,
        in_doubt_before: None,
        over_budget: false,
    }
}

/// Whether an act of this class must not be repeated without a question.
pub(super) const fn asks_before_repeat(class: EffectClass) -> bool {
    match class {
        EffectClass::Pure | EffectClass::Restorable => false,
        EffectClass::Compensable
        | EffectClass::Delayed
        | EffectClass::Irreversible
        | EffectClass::Unknown => true,
    }
}
