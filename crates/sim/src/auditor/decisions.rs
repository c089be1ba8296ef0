//! Decisions (P9, P12): what was recorded, computed again from the recorded facts and the policy version.
//!
//! A denial before there was a plan is that of the first pass. A call that is admitted was allowed, or its
//! space is in shadow.

use domain::{Decision, Entry, Event, Facts, PayloadKind, Strength, Subject, Verdict};
use gate::{KeyScope, payload};

use super::Auditor;
use super::effects::{Dispatch, Reach};
use super::model::Shown;
use crate::fault::Promise;
use crate::journal::Store;

impl Auditor {
    pub(super) fn decided(&mut self, entry: &Entry, store: &Store) {
        if let Event::CallDenied { subject: Some(subject), decision, .. } = &entry.event {
            if let Some(decision) = decision {
                self.replays(entry, (subject, decision), store);
            }
        } else if let Event::CallHeld { subject, decision, .. } = &entry.event {
            if let Some(facts) = self.replays(entry, (subject, decision), store) {
                self.shows(entry, &facts);
            }
        } else if let Event::CallAdmitted { subject, decision, permit, plan, .. } = &entry.event {
            self.allows(entry, decision);
            let facts = self.replays(entry, (subject, decision), store);
            if let (Some(facts), Some(call), Some(run)) = (facts, entry.call, entry.run) {
                self.has_its_approvals(entry, &facts);
                let arguments = contract::digest_of(&facts.arguments);
                let (tool, plan, permit) = (subject.tool.clone(), *plan, *permit);
                let reach = Reach::Act;
                let dispatch = Dispatch { reach, permit, call, tool, arguments, plan, run };
                self.admitted_under_stop(call, &dispatch);
            }
        } else if let Event::ReadSettled { subject, decision, .. } = &entry.event {
            self.allows(entry, decision);
            self.replays(entry, (subject, decision), store);
        }
    }

    fn allows(&mut self, entry: &Entry, decision: &Decision) {
        if decision.verdict >= Strength::Hold && !decision.shadow {
            let what = format!("{:?} was admitted by the verdict {}", entry.call, decision.verdict);
            self.broken(Promise::Denied, what);
        }
    }

    fn shows(&mut self, entry: &Entry, facts: &Facts) {
        let Some(call) = entry.call.and_then(|id| self.calls.get_mut(&id)) else { return };
        call.shown = Some(Shown {
            arguments: contract::digest_of(&facts.arguments),
            plan: facts.plan.as_ref().map(|plan| plan.digest),
        });
    }

    /// What counts as approved was approved, for this very call (P4).
    fn has_its_approvals(&mut self, entry: &Entry, facts: &Facts) {
        for id in &facts.approvals {
            let given = self.approvals.values().any(|request| {
                Some(request.call) == entry.call
                    && request.requirement.id == *id
                    && request.state == domain::ApprovalState::Used
            });
            if !given {
                let what = format!("{:?} counts `{id}` as approved and nobody did", entry.call);
                self.broken(Promise::Approved, what);
            }
        }
    }

    /// Computes a decision again. Gives its facts.
    fn replays(
        &mut self,
        entry: &Entry,
        (subject, decision): (&Subject, &Decision),
        store: &Store,
    ) -> Option<Facts> {
        let (Some(id), Some(run)) = (entry.call, entry.run) else { return None };
        let Some(bytes) = store.payload(id, PayloadKind::Facts) else {
            self.broken(Promise::Replay, format!("the facts of {id} are not kept"));
            return None;
        };
        if store.keyed(KeyScope::Run(run), &bytes).ok() != Some(subject.facts) {
            self.broken(Promise::Replay, format!("the facts of {id} are not those of its entry"));
        }
        let Ok(facts) = payload::read_facts(&bytes) else {
            self.broken(Promise::Replay, format!("the facts of {id} cannot be read"));
            return None;
        };
        let Some(rules) = self.rules.get(&decision.policy).cloned() else {
            self.broken(Promise::Replay, format!("{id} was decided by an unknown policy"));
            return None;
        };
        let again = gate::decide(&rules.policies, &facts);
        let early = || rules.policies.judge_before_plan(&facts);
        let first_pass = facts.plan.is_none() && decision.verdict == Strength::Deny;
        let same = same(decision, &again) || (first_pass && self::same(decision, &early()));
        if !same {
            self.broken(Promise::Replay, format!("{id} was {decision:?} and is {again:?}"));
        }
        Some(facts)
    }
}

fn same(decision: &Decision, verdict: &Verdict) -> bool {
    decision.verdict == verdict.strength
        && decision.tier == verdict.tier
        && decision.reasons == verdict.reasons
        && decision.requirements == verdict.requirements
        && decision.duties == verdict.duties
}
