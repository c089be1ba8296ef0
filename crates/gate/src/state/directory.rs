//! Who is known: keys, grants and runs, read from the journal once and kept in step with it.
//!
//! In: records of the journal. Out: keys, grants and runs as values, with what is counted for them. Nothing
//! here decides what they may do.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use domain::{
    Agent, Budget, Digest, Grant, GrantId, GrantState, Human, KeyHolder, KeyId, Name,
    PrincipalChain, Rights, Run, RunId, RunState, Timestamp,
};

use super::lock;
use crate::commit::Record;

/// Runs kept in memory; see `LiveRun::worth`.
pub(crate) const RUNS_KEPT: usize = 10_000;
/// Different argument digests counted per run for the detection of loops.
const IDENTICAL_KEPT: usize = 512;

#[derive(Debug, Default)]
pub(crate) struct Directory {
    keys: Mutex<HashMap<Digest, Key>>,
    grants: Mutex<HashMap<GrantId, Arc<LiveGrant>>>,
    runs: Mutex<HashMap<RunId, Arc<LiveRun>>>,
}

/// A key that holds.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    pub(crate) id: KeyId,
    pub(crate) holder: KeyHolder,
}

/// A grant with what is counted for it.
#[derive(Debug)]
pub(crate) struct LiveGrant {
    pub(crate) grant: Grant,
    pub(crate) counts: Mutex<GrantCounts>,
}

/// What is counted per grant, so that a new run resets nothing.
#[derive(Debug, Default)]
pub(crate) struct GrantCounts {
    pub(crate) failures_in_row: u64,
    pub(crate) ambient: Option<RunId>,
    pub(crate) open_runs: u32,
    pub(crate) recent: HashMap<String, Vec<Timestamp>>,
    pub(crate) day_opened: Option<u64>,
}

/// A run with what is counted for it.
#[derive(Debug)]
pub(crate) struct LiveRun {
    pub(crate) run: Run,
    pub(crate) counts: Mutex<RunCounts>,
}

impl LiveRun {
    /// What is given up first when there are too many: runs that have ended, then the one used longest ago.
    /// Open ambient runs go last, because only what is in memory is ended when it is idle.
    fn worth(&self) -> (bool, bool, Timestamp) {
        let counts = lock(&self.counts);
        let open = counts.state != RunState::Ended;
        (open, open && self.run.ambient, counts.last)
    }
}

/// What is counted per run.
#[derive(Debug, Clone)]
pub(crate) struct RunCounts {
    pub(crate) state: RunState,
    /// Kept in step with the stored budget, for facts; what is enforced is the stored one.
    pub(crate) budget: Budget,
    pub(crate) calls: u64,
    pub(crate) failures_in_row: u64,
    pub(crate) identical: HashMap<Digest, u64>,
    pub(crate) last: Timestamp,
}

impl RunCounts {
    pub(crate) fn new(state: RunState, budget: Budget, last: Timestamp) -> Self {
        Self { state, budget, calls: 0, failures_in_row: 0, identical: HashMap::new(), last }
    }

    /// A person let it go on; a run that ended meanwhile stays ended.
    pub(crate) fn reopen(&mut self) {
        if self.state == RunState::Paused {
            self.state = RunState::Open;
        }
    }

    /// Takes no new call; a run that ended stays ended.
    pub(crate) fn pause(&mut self) {
        if self.state == RunState::Open {
            self.state = RunState::Paused;
        }
    }

    /// Counts one more call with these arguments. Beyond the bound, unseen arguments are not counted.
    pub(crate) fn count(&mut self, arguments: Digest, at: Timestamp) {
        self.calls += 1;
        self.last = at;
        if self.identical.len() < IDENTICAL_KEPT || self.identical.contains_key(&arguments) {
            *self.identical.entry(arguments).or_default() += 1;
        }
    }
}

impl Directory {
    pub(crate) fn key(&self, verifier: Digest) -> Option<Key> {
        lock(&self.keys).get(&verifier).cloned()
    }

    pub(crate) fn add_key(&self, verifier: Digest, key: Key) {
        lock(&self.keys).insert(verifier, key);
    }

    pub(crate) fn drop_key(&self, id: KeyId) {
        lock(&self.keys).retain(|_, key| key.id != id);
    }

    pub(crate) fn has_operator(&self) -> bool {
        lock(&self.keys).values().any(|key| matches!(key.holder, KeyHolder::Operator { .. }))
    }

    pub(crate) fn grant(&self, id: GrantId) -> Option<Arc<LiveGrant>> {
        lock(&self.grants).get(&id).cloned()
    }

    /// Every grant, by id.
    pub(crate) fn grants(&self) -> Vec<Arc<LiveGrant>> {
        let mut grants: Vec<_> = lock(&self.grants).values().cloned().collect();
        grants.sort_unstable_by_key(|live| live.grant.id);
        grants
    }

    /// Whether an operator's key or the human of a grant has this name.
    pub(crate) fn names(&self, tenant: &Name, name: &Name) -> bool {
        let of_key = |key: &Key| match &key.holder {
            KeyHolder::Operator { tenant: its, name: holder, .. } => {
                its == tenant && holder == name
            }
            KeyHolder::Grant { .. } => false,
        };
        let of_grant =
            |grant: &Grant| grant.chain.tenant == *tenant && grant.chain.human.0 == *name;
        lock(&self.keys).values().any(of_key) || !self.grants_that(of_grant).is_empty()
    }

    /// Grants for which something holds.
    pub(crate) fn grants_that(&self, holds: impl Fn(&Grant) -> bool) -> Vec<Arc<LiveGrant>> {
        lock(&self.grants).values().filter(|live| holds(&live.grant)).cloned().collect()
    }

    /// Puts a grant in place, keeping what was counted for it.
    pub(crate) fn put_grant(&self, grant: Grant) {
        let mut grants = lock(&self.grants);
        let counts = grants
            .get(&grant.id)
            .map(|old| std::mem::take(&mut *lock(&old.counts)))
            .unwrap_or_default();
        grants.insert(grant.id, Arc::new(LiveGrant { grant, counts: Mutex::new(counts) }));
    }

    pub(crate) fn run(&self, id: RunId) -> Option<Arc<LiveRun>> {
        lock(&self.runs).get(&id).cloned()
    }

    pub(crate) fn put_run(&self, run: Run, counts: RunCounts) -> Arc<LiveRun> {
        let mut runs = lock(&self.runs);
        if runs.len() >= RUNS_KEPT {
            let least = runs.iter().min_by_key(|(_, live)| live.worth()).map(|(id, _)| *id);
            least.map(|id| runs.remove(&id));
        }
        let live = Arc::new(LiveRun { run, counts: Mutex::new(counts) });
        runs.entry(live.run.id).or_insert(live).clone()
    }

    pub(crate) fn idle_ambient(&self, now: Timestamp) -> Vec<Arc<LiveRun>> {
        let idle = |live: &&Arc<LiveRun>| {
            let counts = lock(&live.counts);
            live.run.ambient
                && counts.state == RunState::Open
                && now.since(counts.last) >= domain::limits::AMBIENT_RUN_IDLE
        };
        let mut idle: Vec<_> = lock(&self.runs).values().filter(idle).cloned().collect();
        idle.sort_unstable_by_key(|live| live.run.id);
        idle
    }
}

/// Reads a key back from its record; none if it does not hold or cannot be read.
pub(crate) fn key_of(record: &Record) -> Option<(Digest, Key)> {
    if record.text("state") != "active" {
        return None;
    }
    let tenant: Name = record.text("tenant").parse().ok()?;
    let holder = match record.text("holder") {
        "agent" => KeyHolder::Grant { tenant, grant: record.text("grant_id").parse().ok()? },
        "operator" => KeyHolder::Operator {
            tenant,
            name: record.text("name").parse().ok()?,
            roles: record.text("roles").parse().ok()?,
            groups: record.text("groups").parse().ok()?,
        },
        _ => return None,
    };
    Some((record.text("verifier").parse().ok()?, Key { id: record.key.parse().ok()?, holder }))
}

fn names(text: &str) -> Option<Vec<Name>> {
    text.split_whitespace().map(|name| name.parse().ok()).collect()
}

fn agent(text: &str) -> Option<Agent> {
    let (name, version) = text.split_once('@')?;
    Some(Agent { name: name.parse().ok()?, version: version.to_owned() })
}

/// Reads a grant back from its record.
pub(crate) fn grant_of(record: &Record) -> Option<Grant> {
    let parents: Option<Vec<Agent>> =
        record.text("parents").split_whitespace().map(agent).collect();
    Some(Grant {
        id: record.key.parse().ok()?,
        chain: PrincipalChain {
            tenant: record.text("tenant").parse().ok()?,
            human: Human(record.text("human").parse().ok()?),
            agent: Agent {
                name: record.text("agent").parse().ok()?,
                version: record.text("agent_version").to_owned(),
            },
            parents: parents?,
        },
        rights: Rights {
            tools: record.text("tools").split_whitespace().map(str::to_owned).collect(),
            spaces: names(record.text("spaces"))?,
            workflows: names(record.text("workflows"))?,
        },
        expires: record
            .integer("expires_ms")
            .and_then(|at| u64::try_from(at).ok())
            .map(Timestamp::from_millis),
        state: GrantState::from_word(record.text("state"))?,
    })
}

/// Reads a run back from its record and the grant that opened it.
pub(crate) fn run_of(record: &Record, grant: &Grant) -> Option<Run> {
    Some(Run {
        id: record.key.parse().ok()?,
        workflow: record.text("workflow").parse().ok()?,
        space: record.text("space").parse().ok()?,
        grant: record.text("grant_id").parse().ok().filter(|id| *id == grant.id)?,
        chain: grant.chain.clone(),
        purpose: record.text("purpose").to_owned(),
        ambient: record.integer("ambient") == Some(1),
        opened: Timestamp::from_millis(record.count("opened_ms")),
        state: RunState::from_word(record.text("state"))?,
    })
}
