//! Dispatches and effects (P1 to P5): told by the tools themselves, at the moment at which they begin.
//!
//! A tool is outside of Checkrein; what it does is true whatever the journal says.

use domain::{
    CallId, CallState, Digest, PermitId, Run, Stop, StopId, StopLevel, StopScope, ToolName,
};

use super::Auditor;
use super::model::Call;
use crate::fault::Promise;

/// How a tool was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// With a permit to act.
    Act,
    /// With a permit to read.
    Read,
    /// With a permit to preview.
    Preview,
}

/// One time that a tool was reached.
#[derive(Debug, Clone)]
pub struct Dispatch {
    /// How.
    pub reach: Reach,
    /// With which permit.
    pub permit: PermitId,
    /// For which call.
    pub call: CallId,
    /// Which tool.
    pub tool: ToolName,
    /// Digest of the canonical arguments.
    pub arguments: Digest,
    /// Digest of the plan.
    pub plan: Option<Digest>,
    /// How many changes the plan has.
    pub changes: usize,
    /// In which run.
    pub run: domain::RunId,
}

impl Auditor {
    /// A tool was reached.
    pub fn dispatched(&mut self, dispatch: &Dispatch) {
        if !self.permits.insert(dispatch.permit) {
            self.broken(Promise::Once, format!("{} was used twice", dispatch.permit));
        }
        self.not_stopped(dispatch);
        match dispatch.reach {
            Reach::Act => self.may_act(dispatch),
            Reach::Read | Reach::Preview => {}
        }
    }

    fn may_act(&mut self, dispatch: &Dispatch) {
        let id = dispatch.call;
        let Some(call) = self.calls.get_mut(&id) else {
            self.broken(Promise::Durable, format!("{id} acts and no entry knows it"));
            return;
        };
        call.dispatches += 1;
        let call = call.clone();
        if call.state != CallState::Admitted || call.permit != Some(dispatch.permit) {
            let what = format!("{id} acts with {} and is {}", dispatch.permit, call.state);
            self.broken(Promise::Durable, what);
        }
        if call.dispatches > 1 {
            self.broken(Promise::Once, format!("{id} reached its tool again"));
        }
        if let Some(shown) = &call.shown {
            let runs = (dispatch.arguments, dispatch.plan);
            if (shown.arguments, shown.plan) != runs {
                self.broken(Promise::Approved, format!("{id} showed {shown:?} and runs {runs:?}"));
            }
        }
        self.only_one(id, &call);
        if dispatch.changes > 0 {
            self.founded(id, &call);
        }
    }

    /// What stands on other changes comes after them (P4: what people saw is what there is then).
    fn founded(&mut self, id: CallId, call: &Call) {
        let mut next = call.after;
        while let Some(base) = next {
            let Some(known) = self.calls.get(&base) else { return };
            if known.state != CallState::Succeeded {
                let what = format!("{id} changes something and stands on {base}, {}", known.state);
                self.broken(Promise::Approved, what);
                return;
            }
            next = known.after;
        }
    }

    /// No other act of the same key, and no other identical act that is still open (P3).
    fn only_one(&mut self, id: CallId, call: &Call) {
        if !call.changes() {
            return;
        }
        if let Some(key) = call.ledger() {
            let acted = self.acted.entry(key).or_default();
            acted.insert(id);
            if acted.len() > 1 {
                let what = format!("{acted:?} acted with one key");
                self.broken(Promise::Once, what);
            }
            return;
        }
        let open = |(other, known): &(&CallId, &Call)| {
            let undecided = matches!(
                known.state,
                CallState::Held | CallState::Admitted | CallState::Dispatched | CallState::InDoubt
            );
            **other != id
                && known.identical(call)
                && (undecided || self.undelivered.contains(other))
        };
        if let Some((other, known)) = self.calls.iter().find(open) {
            let what = format!("{id} acts while the identical {other} is {}", known.state);
            self.broken(Promise::Once, what);
        }
    }

    /// Something changed outside.
    pub fn happened(&mut self, id: CallId) {
        let dispatched = self.calls.get_mut(&id).map(|call| {
            call.effects += 1;
            (call.dispatches, call.effects)
        });
        match dispatched {
            Some((0, _)) | None => {
                self.broken(Promise::Permit, format!("{id} had an effect without a permit"));
            }
            Some((_, 1)) => {}
            Some((_, count)) => {
                self.broken(Promise::Once, format!("{id} had {count} effects"));
            }
        }
        if self.denied_to.contains(&id) && !self.liars.contains(&id) {
            self.broken(Promise::Answered, format!("{id} happened after a `no` was given"));
        }
    }

    /// A tool says something else than what it did, for this call.
    pub fn lies(&mut self, id: CallId) {
        self.liars.insert(id);
    }

    /// An order to stop has returned.
    pub fn stop_returned(&mut self, stop: Stop) {
        self.acknowledged.insert(stop.id, stop);
    }

    /// Somebody asks to lift a stop. Gives it, if its order had returned.
    pub fn lift_asked(&mut self, id: StopId) -> Option<Stop> {
        self.acknowledged.remove(&id)
    }

    /// A stop orders an undo, which passes it.
    pub fn undo_ordered(&mut self, id: StopId) {
        self.undo_ordered.insert(id);
    }

    /// Acts of one run were asked to be taken back, in this order.
    pub fn undone_in_reverse(&mut self, calls: &[CallId]) {
        let times: Vec<_> = calls.iter().filter_map(|call| self.admitted.get(call)).collect();
        if !times.is_sorted_by(|later, earlier| later >= earlier) {
            let what = format!("acts were taken back in the order {calls:?} of {times:?}");
            self.broken(Promise::UndoOrder, what);
        }
    }

    /// P5: once the order has returned, nothing in its scope starts.
    fn not_stopped(&mut self, dispatch: &Dispatch) {
        self.unless_stopped(dispatch, |_| true);
    }

    fn unless_stopped(&mut self, dispatch: &Dispatch, counts: impl Fn(&Stop) -> bool) {
        let Some(run) = self.runs.get(&dispatch.run) else {
            self.broken(Promise::Durable, format!("{} is unknown", dispatch.run));
            return;
        };
        // An undo acts in the run of what it takes back, for an operator.
        let operator = dispatch.tool.as_str() == crate::rules::UNDO;
        let forbids = |stop: &&Stop| {
            if operator && self.undo_ordered.contains(&stop.id) {
                return false;
            }
            let harder = match stop.level {
                StopLevel::Suspend | StopLevel::Kill => true,
                StopLevel::Pause => {
                    run.run.ambient || matches!(stop.scope, StopScope::Tool(_) | StopScope::Call(_))
                }
            };
            harder && counts(stop) && covers(&stop.scope, (&run.run, dispatch, operator))
        };
        if let Some(stop) = self.acknowledged.values().find(forbids) {
            let what = format!(
                "{} was reached for {} under {} ({})",
                dispatch.tool, dispatch.call, stop.id, stop.scope
            );
            self.broken(Promise::Stopped, what);
        }
    }

    /// P5 for work under way: its effect does not begin either once the order has returned.
    pub fn begins(&mut self, dispatch: &Dispatch) {
        // A pause lets go on what has begun.
        self.unless_stopped(dispatch, |stop| stop.level.cancels());
    }

    /// A stop was faster than the first effect of a call that had reached its tool: its key may be used again.
    pub fn not_begun(&mut self, id: CallId) {
        if self.calls.get(&id).is_some_and(|call| call.effects == 0) {
            self.acted.values_mut().for_each(|acted| {
                acted.remove(&id);
            });
        }
    }

    /// P5 for runs: none begins once the order has returned.
    pub(super) fn new_run(&mut self, run: &Run) {
        let forbids = |stop: &&Stop| match &stop.scope {
            StopScope::Everything => true,
            StopScope::Tenant(tenant) => *tenant == run.chain.tenant,
            StopScope::Workflow(tenant, name) => {
                *tenant == run.chain.tenant && *name == run.workflow
            }
            StopScope::Agent(tenant, name) => {
                *tenant == run.chain.tenant && *name == run.chain.agent.name
            }
            StopScope::Tool(_) | StopScope::Server(_) | StopScope::Run(_) | StopScope::Call(_) => {
                false
            }
        };
        if let Some(stop) = self.acknowledged.values().find(forbids) {
            let what = format!("{} began under {} ({})", run.id, stop.id, stop.scope);
            self.broken(Promise::Stopped, what);
        }
    }

    /// P5 in the journal: a permit that became durable after a stop did is not for its scope.
    pub(super) fn admitted_under_stop(&mut self, id: CallId, dispatch: &Dispatch) {
        let Some(run) = self.runs.get(&dispatch.run) else { return };
        let operator = dispatch.tool.as_str() == crate::rules::UNDO;
        let forbids = |stop: &&Stop| {
            !(operator && self.undo_ordered.contains(&stop.id))
                && stop.state == domain::StopState::InForce
                && stop.level.cancels()
                && covers(&stop.scope, (&run.run, dispatch, operator))
        };
        if let Some(stop) = self.stops.values().find(forbids) {
            let what = format!("{id} was admitted after {} ({}) was recorded", stop.id, stop.scope);
            self.broken(Promise::Stopped, what);
        }
    }
}

fn covers(scope: &StopScope, (run, dispatch, operator): (&Run, &Dispatch, bool)) -> bool {
    match scope {
        StopScope::Everything => true,
        StopScope::Tenant(tenant) => *tenant == run.chain.tenant,
        StopScope::Workflow(tenant, name) => *tenant == run.chain.tenant && *name == run.workflow,
        StopScope::Agent(tenant, name) => {
            *tenant == run.chain.tenant && *name == run.chain.agent.name && !operator
        }
        StopScope::Tool(tool) => *tool == dispatch.tool,
        // No tool of this world is reached through a server.
        StopScope::Server(_) => false,
        StopScope::Run(id) => *id == run.id,
        StopScope::Call(id) => *id == dispatch.call,
    }
}
