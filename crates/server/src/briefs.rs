//! From what the gate gathered about a request to what travels. In: a brief, masked. Out: its wire form.
//! Nothing is read or decided here.

use gate::{Brief, Difference, Link, Past, Said, Similar, Supersedes};

use crate::wire;

/// The call, its answer and its plan, as far as they are kept.
pub(crate) type Kept = (Option<wire::Call>, Option<wire::Answer>, Option<wire::PlanView>);

pub(crate) fn details(
    approval: wire::Approval,
    (call, answer, plan): Kept,
    brief: Brief,
) -> wire::ApprovalDetails {
    let rule = wire::Rule {
        id: approval.requirement.clone(),
        reason: brief.rule_reason.clone(),
        text: brief.rule_text.clone(),
        owner: brief.rule_owner.clone(),
    };
    let excluded = brief.parties.iter().map(|party| wire::Excluded {
        name: party.name.to_string(),
        because: party.because.to_owned(),
    });
    wire::ApprovalDetails {
        call,
        answer,
        plan,
        needs: needs(&approval),
        votes: brief.votes.iter().map(vote).collect(),
        may_decide: may_decide(&brief),
        excluded: excluded.collect(),
        rule,
        effect: wire::EffectView {
            class: brief.effect_class,
            consequences: brief.consequences,
            undo: brief.undo,
        },
        evidence: brief.evidence.into_iter().map(remark).collect(),
        questions: brief.questions.into_iter().map(remark).collect(),
        similar: similar(brief.similar),
        supersedes: brief.supersedes.map(supersedes),
        superseded_by: brief.superseded_by.map(link),
        confirm: wire::Confirm {
            kind: if brief.confirm.is_some() { "type" } else { "none" }.to_owned(),
            text: brief.confirm,
        },
        shown: wire::Shown {
            digest: brief.shown.shown.digest.to_string(),
            chars: brief.shown.shown.chars,
            complete: brief.shown.complete,
        },
        risk: brief.risk,
        arguments: brief.arguments,
        input: brief.input,
        input_answers: brief.input_answers.map(|call| call.to_string()),
        intent: brief.intent,
        after: brief.after.map(|after| after.to_string()),
        approval,
    }
}

fn needs(approval: &wire::Approval) -> wire::Needs {
    let escalate = approval.escalate_to.clone().zip(approval.escalates_ms);
    wire::Needs {
        quorum: approval.quorum,
        group: approval.asked_of.clone(),
        assurance: approval.assurance.clone(),
        escalate: escalate.map(|(group, at_ms)| wire::Escalate {
            group,
            at_ms,
            done: approval.escalated_ms.is_some(),
        }),
    }
}

fn may_decide(brief: &Brief) -> wire::MayDecide {
    match &brief.may_approve {
        Ok(()) => wire::MayDecide { yes: true, why: None, code: None, fix: None },
        Err(refusal) => wire::MayDecide {
            yes: false,
            why: Some(refusal.message.clone()),
            code: Some(refusal.code.to_string()),
            fix: Some(refusal.fix.clone()),
        },
    }
}

fn vote(vote: &domain::Vote) -> wire::Vote {
    wire::Vote {
        by: vote.by.to_string(),
        at_ms: vote.at.millis(),
        reason: vote.reason.clone(),
        assurance: vote.assurance.word().to_owned(),
        surface: vote.surface.word().to_owned(),
        shown: vote.shown.map(|shown| shown.digest.to_string()),
    }
}

fn remark(said: Said) -> wire::Remark {
    wire::Remark { by: said.by, at_ms: said.at.millis(), text: said.text }
}

fn similar(similar: Similar) -> wire::Similar {
    let Similar { asked, approved, rejected, superseded, expired, failed, latest } = similar;
    let latest = latest.into_iter().map(past).collect();
    wire::Similar { asked, approved, rejected, superseded, expired, failed, latest }
}

fn past(past: Past) -> wire::PastApproval {
    let Past { approval, call, state, decided_by, reason, asked, outcome } = past;
    let asked_ms = asked.millis();
    wire::PastApproval { approval, call, state, decided_by, reason, asked_ms, outcome }
}

fn link(link: Link) -> wire::ApprovalLink {
    wire::ApprovalLink {
        approval: link.approval.map(|approval| approval.to_string()),
        call: link.call.to_string(),
    }
}

fn supersedes(of: Supersedes) -> wire::Supersedes {
    let wire::ApprovalLink { approval, call } = link(of.link);
    let change = |Difference { path, before, after }| wire::RequestChange { path, before, after };
    let changes = of.changes.into_iter().map(change).collect();
    wire::Supersedes { approval, call, why: of.why, edited_by: of.edited_by, changes }
}
