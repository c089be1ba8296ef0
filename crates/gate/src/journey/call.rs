//! A resolved call: what every later stage works with.
//!
//! Nothing here decides. A call is made by `resolve`, once per walk, and is not changed afterwards.

use std::sync::Arc;

use contract::{Compiled, Resolved};
use domain::{
    ApprovalId, ApprovalState, CallId, Caller, Digest, Facts, Mode, Name, Plan, Proposal,
    Requirement, StopId, Subject, Timestamp,
};

use super::stacking::Base;
use crate::gate::Rules;
use crate::refusal::Refusal;
use crate::state::directory::LiveRun;
use crate::state::stops::{Leave, Stops, Target, Whom};

/// A call whose caller, run, contract and arguments are known and checked.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) id: CallId,
    pub(crate) caller: Caller,
    pub(crate) authority: Authority,
    pub(crate) run: Arc<LiveRun>,
    pub(crate) mode: Mode,
    pub(crate) proposal: Proposal,
    pub(crate) rules: Arc<Rules>,
    pub(crate) compiled: Arc<Compiled>,
    pub(crate) resolved: Resolved,
    pub(crate) digests: Digests,
    pub(crate) received: Timestamp,
    pub(crate) before: Before,
    /// The call whose recorded questions its input answers.
    pub(crate) asked: Option<CallId>,
    /// Held calls on whose changes it stands, the first one first.
    pub(crate) over: Vec<Base>,
    /// Why what it stood on is no longer there, for a call that was held.
    pub(crate) unfounded: Option<Refusal>,
    /// Why its tool may not be called as it is offered now.
    pub(crate) barred: Option<Refusal>,
}

/// By whose authority a call is made.
#[derive(Debug, Clone)]
pub(crate) enum Authority {
    /// An agent's, within its grant and budgets.
    Agent,
    /// An operator's own, to take back an act. Spends no act budget and asks nobody.
    Operator {
        /// The act it takes back, and the inverse of its plan.
        undoes: CallId,
        /// The inverse of that act's plan.
        inverse: Box<Plan>,
        /// The stop that ordered it, whose fence it passes.
        ordered: Option<StopId>,
    },
}

/// Digests of a call's arguments under the keys of its run and tenant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Digests {
    pub(crate) arguments: Digest,
    pub(crate) ledger: Option<Digest>,
    pub(crate) ledger_arguments: Digest,
    /// What an identical open call shares with this one; none for pure calls without a key.
    pub(crate) identity: Option<Digest>,
}

/// Whether people were asked before.
#[derive(Debug, Clone)]
pub(crate) enum Before {
    /// It is new.
    New,
    /// It was held, with these requests.
    Held(Vec<Request>),
}

/// One request for a decision as it stands.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) id: ApprovalId,
    pub(crate) requirement: String,
    /// What people were asked, as far as it is compared with what is asked now.
    pub(crate) asked: Requirement,
    pub(crate) state: ApprovalState,
    pub(crate) binding: Digest,
    pub(crate) execute_by: Option<Timestamp>,
}

impl Call {
    pub(crate) fn target(&self) -> Target<'_> {
        Target {
            chain: &self.caller.chain,
            workflow: &self.run.run.workflow,
            tool: self.compiled.name(),
            server: self.server(),
            run: self.run.run.id,
            ambient: self.run.run.ambient,
            call: self.id,
        }
    }

    /// The tool server that it reaches, if it reaches one.
    pub(crate) fn server(&self) -> Option<&Name> {
        self.compiled.contract.upstream.as_ref().map(|upstream| &upstream.server)
    }

    pub(crate) fn leave(&self, stops: &Arc<Stops>) -> Leave {
        let whom = Whom {
            chain: self.caller.chain.clone(),
            workflow: self.run.run.workflow.clone(),
            tool: self.compiled.name().clone(),
            server: self.server().cloned(),
            run: self.run.run.id,
            ambient: self.run.run.ambient,
            call: self.id,
            but: self.ordered_by(),
        };
        Leave { stops: Arc::clone(stops), whom: Arc::new(whom) }
    }

    pub(crate) fn ordered_by(&self) -> Option<StopId> {
        match &self.authority {
            Authority::Agent => None,
            Authority::Operator { ordered, .. } => *ordered,
        }
    }

    /// The call that this one takes back.
    pub(crate) fn undoes(&self) -> Option<CallId> {
        match &self.authority {
            Authority::Agent => None,
            Authority::Operator { undoes, .. } => Some(*undoes),
        }
    }

    /// Requests that a person approved and that may still be used.
    pub(crate) fn usable(&self, now: Timestamp) -> impl Iterator<Item = &Request> {
        let requests = match &self.before {
            Before::New => &[][..],
            Before::Held(requests) => requests,
        };
        requests.iter().filter(move |request| {
            request.state == ApprovalState::Approved
                && request.execute_by.is_some_and(|end| now < end)
        })
    }

    /// The call as its entries describe it.
    pub(crate) fn subject(&self, facts: Digest, resource: String) -> Subject {
        let contract = &self.compiled.contract;
        Subject {
            grant: self.caller.grant,
            chain: self.caller.chain.clone(),
            tool: contract.name.clone(),
            contract: contract.digest,
            effect_class: contract.effect_class,
            consequences: contract.consequences.clone(),
            resource,
            arguments: self.digests.arguments,
            facts,
            ledger: self.digests.ledger,
            ledger_arguments: self.digests.ledger_arguments,
            received: self.received,
            detached: self.proposal.detached,
        }
    }

    pub(crate) fn is_confirmed_pure(&self) -> bool {
        let contract = &self.compiled.contract;
        !contract.effect_class.changes() && contract.provenance == domain::Provenance::Confirmed
    }

    /// Digest of what people approve: who, which contract, which arguments, which plan on which state.
    pub(crate) fn binding(&self, facts: &Facts) -> Digest {
        let chain = &self.caller.chain;
        let parents: Vec<String> = chain.parents.iter().map(ToString::to_string).collect();
        let mut bound = serde_json::json!({
            "form": "checkrein-binding-1",
            "tenant": chain.tenant.as_str(),
            "human": chain.human.0.as_str(),
            "agent": chain.agent.to_string(),
            "parents": parents,
            "run": self.run.run.id.to_string(),
            "contract": facts.tool.contract.to_string(),
            "arguments": self.resolved.digest.to_string(),
            "plan": facts.plan.as_ref().map(|plan| plan.digest.to_string()),
            "restorable": facts.plan.as_ref().map(|plan| plan.restorable),
        });
        // The call stands for its plan: one call never has two.
        if let (Some(after), Some(bound)) = (self.proposal.after, bound.as_object_mut()) {
            bound.insert("after".to_owned(), after.to_string().into());
        }
        if let (Some(input), Some(bound)) = (&self.proposal.input, bound.as_object_mut()) {
            bound.insert("input".to_owned(), contract::digest_of(&input.given).to_string().into());
        }
        contract::digest_of(&bound)
    }
}
