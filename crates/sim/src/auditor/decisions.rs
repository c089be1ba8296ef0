//! Decisions (P9, P12): what was recorded, computed again from the recorded facts and the policy version.
//!
//! A denial before there was a plan is that of the first pass. A call that is admitted was allowed, or its
//! space is in shadow.

use domain::{
    Decision, Entry, Event, Facts, PayloadKind, PreviewMeans, Resource, Strength, Subject, Verdict,
};
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
        } else if let Event::HeldCallDenied {
            subject: Some(subject),
            decision: Some(decision),
            ..
        } = &entry.event
        {
            self.replays(entry, (subject, decision), store);
        } else if let Event::CallHeld { subject, decision, .. } = &entry.event {
            self.stands(entry, store);
            if let Some(facts) = self.replays(entry, (subject, decision), store) {
                self.shows(entry, &facts);
            }
        } else if let Event::CallQueued { subject, decision, .. } = &entry.event {
            self.stands(entry, store);
            self.allows(entry, decision);
            if let Some(facts) = self.replays(entry, (subject, decision), store) {
                self.has_its_approvals(entry, &facts);
            }
        } else if let Event::CallAdmitted { subject, decision, permit, plan, .. } = &entry.event {
            self.stands(entry, store);
            self.allows(entry, decision);
            let facts = self.replays(entry, (subject, decision), store);
            if let Some(facts) = &facts {
                self.was_seen(entry, (decision, facts));
                self.in_scope(entry, (decision, facts));
            }
            if let (Some(facts), Some(call), Some(run)) = (facts, entry.call, entry.run) {
                self.has_its_approvals(entry, &facts);
                let arguments = contract::digest_of(&facts.arguments);
                let (tool, plan, permit) = (subject.tool.clone(), *plan, *permit);
                let reach = Reach::Act;
                let dispatch =
                    Dispatch { reach, permit, call, tool, arguments, plan, changes: 0, run };
                self.admitted_under_stop(call, &dispatch);
            }
        } else if let Event::ReadSettled { subject, decision, .. } = &entry.event {
            self.allows(entry, decision);
            self.replays(entry, (subject, decision), store);
        }
    }

    /// Keeps what a call was proposed after.
    fn stands(&mut self, entry: &Entry, store: &Store) {
        let Some(id) = entry.call else { return };
        let proposal = store.payload(id, PayloadKind::Proposal);
        let proposal = proposal.and_then(|bytes| payload::read_proposal(&bytes).ok());
        if let (Some(call), Some(proposal)) = (self.calls.get_mut(&id), proposal) {
            call.after = proposal.after;
        }
    }

    /// What nobody could see before was asked for, and cannot be undone (P9).
    fn was_seen(&mut self, entry: &Entry, (decision, facts): (&Decision, &Facts)) {
        let unseen = facts.plan.is_none()
            && facts.tool.preview == PreviewMeans::Plan
            && facts.tool.effect_class.changes();
        if !unseen {
            return;
        }
        if !decision.shadow && !facts.approvals.contains(domain::NO_PREVIEW_RULE) {
            let what = format!("{:?} runs unseen and nobody was asked", entry.call);
            self.broken(Promise::Denied, what);
        }
        let undo = matches!(&entry.event, Event::CallAdmitted { undo_until: Some(_), .. });
        if undo || facts.no_preview.is_none() {
            let what = format!("{:?} runs unseen with undo {undo}, {facts:?}", entry.call);
            self.broken(Promise::Denied, what);
        }
    }

    /// No plan reaches beyond what the contract lets its tool touch.
    fn in_scope(&mut self, entry: &Entry, (decision, facts): (&Decision, &Facts)) {
        if facts.tool.name.as_str() == crate::rules::UNDO {
            return;
        }
        let Some(rules) = self.rules.get(&decision.policy) else { return };
        let Some(known) = rules.catalogue.get(&facts.tool.name) else { return };
        let outside = |path: &&String| {
            let resource = Resource::new(format!("workspace:{path}"));
            !known.contract.scope.iter().any(|scope| scope.contains(&resource))
        };
        let paths = facts.plan.iter().flat_map(|plan| &plan.paths);
        if let Some(path) = paths.into_iter().find(outside) {
            let what = format!("{:?} may change `{path}`, outside of its scope", entry.call);
            self.broken(Promise::Denied, what);
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

    /// What counts as approved was approved, for this very call (P4); or ordered, for one that takes an act back.
    fn has_its_approvals(&mut self, entry: &Entry, facts: &Facts) {
        for id in &facts.approvals {
            let given = self.approvals.values().any(|request| {
                Some(request.call) == entry.call
                    && request.requirement.id == *id
                    && request.state == domain::ApprovalState::Used
            });
            if !given && !self.ordered(entry, id) {
                let what = format!("{:?} counts `{id}` as approved and nobody did", entry.call);
                self.broken(Promise::Approved, what);
            }
        }
    }

    /// Whether the order of an undo stands for an approval: only where one person is asked.
    fn ordered(&self, entry: &Entry, id: &str) -> bool {
        let Event::CallAdmitted { undoes: Some(_), decision, .. } = &entry.event else {
            return false;
        };
        let rules = self.rules.get(&decision.policy);
        let asked = rules.and_then(|rules| rules.policies.requirement(id));
        asked.is_none_or(|asked| asked.quorum <= 1)
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
