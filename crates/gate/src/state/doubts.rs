//! Calls in doubt, as far as others must know of them at once: what builds on them, when they are looked at again, and
//! since when nobody knows.
//!
//! In: what lost sight of an act, and what settled it. Out: warnings, holds and what is due. A cache of the calls in the
//! store; what does not fit (`limits::DOUBTS_MAX`) is found again at the next start. Tests: `sim/tests/it/doubts.rs`.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use domain::{CallId, Name, RunId, Timestamp, ToolName, limits};

use super::lock;
use crate::commit::Record;

/// One call in doubt.
#[derive(Debug, Clone)]
pub(crate) struct Doubt {
    pub(crate) tenant: Name,
    pub(crate) run: RunId,
    pub(crate) agent: Name,
    pub(crate) tool: ToolName,
    /// Masked, as its entries have it.
    pub(crate) resource: String,
    pub(crate) since: Timestamp,
    pub(crate) attempts: u64,
}

impl Doubt {
    /// Reads it from the record of a call.
    pub(crate) fn of(record: &Record) -> Option<Self> {
        Some(Self {
            tenant: record.text("tenant").parse().ok()?,
            run: record.text("run").parse().ok()?,
            agent: record.text("agent_name").parse().ok()?,
            tool: record.text("tool").parse().ok()?,
            resource: record.text("resource").to_owned(),
            // Those of an earlier version have no moment of their own.
            since: Timestamp::from_millis(
                record.count("doubt_ms").max(record.count("admitted_ms")),
            ),
            attempts: record.count("attempts").max(1),
        })
    }
}

#[derive(Debug)]
struct Kept {
    doubt: Doubt,
    probes: u32,
    next: Timestamp,
    lettered: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Doubts {
    inner: Mutex<BTreeMap<CallId, Kept>>,
}

impl Doubts {
    /// Sight of an act was lost.
    pub(crate) fn begin(&self, call: CallId, doubt: Doubt) {
        let mut inner = lock(&self.inner);
        if inner.len() < limits::DOUBTS_MAX {
            let next = doubt.since;
            inner.insert(call, Kept { doubt, probes: 0, next, lettered: false });
        }
    }

    /// It was found out what became of it.
    pub(crate) fn end(&self, call: CallId) {
        lock(&self.inner).remove(&call);
    }

    /// The call in doubt on which one of this run and resource builds, or that it names itself.
    pub(crate) fn before(
        &self,
        (run, resource): (RunId, &str),
        after: Option<CallId>,
    ) -> Option<CallId> {
        let inner = lock(&self.inner);
        let builds = |(id, kept): &(&CallId, &Kept)| {
            kept.doubt.run == run && (kept.doubt.resource == resource || after == Some(**id))
        };
        inner.iter().find(builds).map(|(id, _)| *id)
    }

    /// The calls of a run that are in doubt, with their tools, the oldest first.
    pub(crate) fn of_run(&self, run: RunId) -> Vec<(CallId, ToolName)> {
        let inner = lock(&self.inner);
        let own = inner.iter().filter(|(_, kept)| kept.doubt.run == run);
        own.map(|(id, kept)| (*id, kept.doubt.tool.clone())).collect()
    }

    /// Takes the calls of these tools that are to be looked at now; each is due again after a pause that doubles.
    pub(crate) fn take_due(
        &self,
        now: Timestamp,
        probes: impl Fn(&ToolName) -> bool,
    ) -> Vec<CallId> {
        let mut inner = lock(&self.inner);
        let due = |kept: &&mut Kept| {
            kept.next <= now && kept.probes < limits::PROBES_MAX && probes(&kept.doubt.tool)
        };
        let mut taken = Vec::new();
        for (id, kept) in inner.iter_mut() {
            if taken.len() >= limits::PROBES_PER_TICK_MAX {
                break;
            }
            if !due(&kept) {
                continue;
            }
            taken.push(*id);
            kept.probes += 1;
            kept.next = now.plus(pause_after(kept.probes));
        }
        taken
    }

    /// Calls that are in doubt for longer than `horizon` says for their tools, and of which no person was told yet.
    pub(crate) fn overdue(
        &self,
        now: Timestamp,
        horizon: impl Fn(&ToolName) -> Duration,
    ) -> Vec<(CallId, Doubt)> {
        let inner = lock(&self.inner);
        let over = |(_, kept): &(&CallId, &Kept)| {
            !kept.lettered && now.since(kept.doubt.since) >= horizon(&kept.doubt.tool)
        };
        let over = inner.iter().filter(over).take(limits::DUE_PER_TICK_MAX);
        over.map(|(id, kept)| (*id, kept.doubt.clone())).collect()
    }

    /// People were told of it.
    pub(crate) fn lettered(&self, call: CallId) {
        if let Some(kept) = lock(&self.inner).get_mut(&call) {
            kept.lettered = true;
        }
    }
}

fn pause_after(probes: u32) -> Duration {
    let doubled = 2_u32.saturating_pow(probes.min(20));
    Duration::from_secs(1).saturating_mul(doubled).min(limits::PROBE_PAUSE_MAX)
}
