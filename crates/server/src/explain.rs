//! Why a call was decided as it was: the recorded facts under the policies of that time, every rule one by one.
//! In: facts and a policy version. Out: the decision again and a line for each rule, masked. Differences between then and
//! now are `handlers::replay`'s business.

use domain::{CallId, Code, Decision, Digest, Facts, Verdict};
use policy::{Explained, RuleOutcome};

use crate::app::App;
use crate::rescue::{Refused, Result};
use crate::{convert, recorded, wire};

pub(crate) async fn explain(
    app: &App,
    (call, version): (CallId, &str),
    facts: &Facts,
) -> Result<wire::Explanation> {
    let version: Digest = version.parse().map_err(|_| {
        let message = format!("{call} was not decided by a policy");
        Refused::new(Code::NotReplayable, message, "its answer says why it was refused")
    })?;
    let policies = recorded::policies(app, version).await?;
    let explained = policies.explain(facts);
    let decision = convert::decision(&decision(gate::decide(&policies, facts)))?;
    let lines =
        explained.rules.iter().map(line).map(|line| app.masker.mask_text(&line).into_owned());
    Ok(wire::Explanation { call: call.to_string(), decision, lines: lines.collect() })
}

/// A verdict as the envelope carries it.
pub(crate) fn decision(verdict: Verdict) -> Decision {
    Decision {
        verdict: verdict.strength,
        tier: verdict.tier,
        reasons: verdict.reasons,
        requirements: verdict.requirements,
        duties: verdict.duties,
        policy: verdict.policy,
        shadow: false,
    }
}

fn line(rule: &Explained) -> String {
    let outcome = match &rule.outcome {
        RuleOutcome::Matches => "matches".to_owned(),
        RuleOutcome::Approved => "would ask, and its approval is there".to_owned(),
        RuleOutcome::DoesNotMatch => "does not match".to_owned(),
        RuleOutcome::Fails(why) => format!("could not be evaluated, which denies: {why}"),
        RuleOutcome::Dormant => "names only tools that are not here".to_owned(),
        RuleOutcome::NotAsked => "was not asked: the call was denied before any rule".to_owned(),
    };
    format!("{} {} {outcome}: {}", rule.rule.kind.word(), rule.rule.place, rule.rule.reason)
}
