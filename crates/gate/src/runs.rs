//! Runs: opened by a grant for a workflow, found again, ended; and the budgets they begin with.
//!
//! What policy says of a run's calls is not here, nor what a budget does when a call does not fit.

use std::sync::Arc;

use domain::{
    Amounts, Budget, BudgetScope, CallState, Caller, Code, Entry, Event, GrantId, Name, OnExceeded,
    Operator, Outcome, Right, Run, RunId, RunState, Workflow, limits,
};

use crate::commit::{Commit, CommitError, Guard, Query, Record, SourceText, Urgency};
use crate::gate::{Gate, Rules};
use crate::journey::{FENCE_PAUSE, FENCE_TRIES, Identity};
use crate::people::needs;
use crate::port::{Journal, World};
use crate::projection::{FENCE, budget_of};
use crate::refusal::Refusal;
use crate::state::directory::{LiveRun, RunCounts, run_of};
use crate::state::lock;
use crate::table::{Cell, Table};

/// What a caller asks for with a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunAsk {
    /// The kind of work.
    pub workflow: Name,
    /// What for.
    pub purpose: String,
    /// Limits that may only be stricter than the workflow's.
    pub limit: Amounts<Option<u64>>,
}

/// Calls of a run that are read again for its counts after a restart.
const HISTORY_READ: usize = 1_000;

impl<J: Journal, W: World> Gate<J, W> {
    /// Opens a run for a caller.
    ///
    /// # Errors
    /// An unknown workflow, one outside the grant, a stop, too many open runs.
    pub async fn open_run(&self, caller: &Caller, ask: RunAsk) -> Result<Run, Refusal> {
        if ask.purpose.chars().count() > limits::PURPOSE_CHARS_MAX {
            let message =
                format!("the purpose is longer than {} characters", limits::PURPOSE_CHARS_MAX);
            return Err(Refusal::new(Code::Oversized, message, "shorten the purpose"));
        }
        let workflow = self
            .workflow(&ask.workflow)
            .ok_or_else(|| Refusal::not_found(format!("workflow `{}`", ask.workflow)))?;
        Ok(self.begin(caller, workflow, (ask, Kind::Asked)).await?.run.clone())
    }

    async fn begin(
        &self,
        caller: &Caller,
        workflow: &Workflow,
        (ask, kind): (RunAsk, Kind),
    ) -> Result<Arc<LiveRun>, Refusal> {
        let forbidden = |what: String| {
            Refusal::new(Code::GrantForbids, what, "ask an operator for a wider grant")
        };
        let live = self
            .directory
            .grant(caller.grant)
            .ok_or_else(|| forbidden("the grant is unknown".to_owned()))?;
        let rights = &live.grant.rights;
        if !rights.allow_workflow(&workflow.name) || !rights.spaces.contains(&workflow.space) {
            return Err(forbidden(format!(
                "the grant does not allow the workflow `{}`",
                workflow.name
            )));
        }
        if lock(&live.counts).open_runs >= limits::OPEN_RUNS_PER_GRANT_MAX {
            let message = format!("this grant has {} open runs", limits::OPEN_RUNS_PER_GRANT_MAX);
            return Err(Refusal::new(Code::RateLimited, message, "end runs that are finished"));
        }
        let now = self.world.now();
        let run = Run {
            id: RunId::new(self.world.fresh()),
            workflow: workflow.name.clone(),
            space: workflow.space.clone(),
            grant: caller.grant,
            chain: caller.chain.clone(),
            purpose: self.masker.mask_text(&ask.purpose).into_owned(),
            ambient: kind == Kind::Ambient,
            opened: now,
            state: RunState::Open,
        };
        let limit = stricter(workflow.budget, ask.limit);
        self.open_unless_stopped(&run, (limit, workflow.on_exceeded)).await?;
        lock(&live.counts).open_runs += 1;
        let budget = Budget {
            scope: BudgetScope::Run(run.id),
            limit,
            reserved: Amounts::ZERO,
            spent: Amounts::ZERO,
            on_exceeded: workflow.on_exceeded,
        };
        Ok(self.directory.put_run(run, RunCounts::new(RunState::Open, budget, now)))
    }

    /// Makes a run durable, unless a stop forbids it at that very moment (P5).
    async fn open_unless_stopped(
        &self,
        run: &Run,
        (limit, on_exceeded): (Amounts<Option<u64>>, OnExceeded),
    ) -> Result<(), Refusal> {
        for _ in 0..FENCE_TRIES {
            let recorded = self.stops.recorded();
            if let Some(stop) = self.stops.forbids_run(&run.chain, &run.workflow) {
                let message =
                    format!("{} is stopped ({}): {}", stop.scope, stop.level, stop.reason);
                let fix = "wait until an operator lifts the stop";
                return Err(Refusal::new(Code::Stopped, message, fix));
            }
            let same = Guard::Is {
                table: Table::Fences,
                key: FENCE.to_owned(),
                column: "epoch",
                value: recorded.into(),
            };
            let event = Event::RunOpened { run: run.clone(), limit, on_exceeded };
            match self.commit_one((Some(run), event), vec![same]).await {
                // A stop holds in memory before it is recorded: give its record a moment.
                Err(CommitError::Guard { index: 0, .. }) => self.world.sleep(FENCE_PAUSE).await,
                other => return Ok(other?),
            }
        }
        let message = "stops are being ordered right now";
        Err(Refusal::new(Code::Stopped, message, "try again shortly"))
    }

    /// The run a proposal belongs to: the one it names, if the caller's grant opened it, else the ambient one.
    pub(crate) async fn run_for(
        &self,
        caller: &Caller,
        named: Option<RunId>,
    ) -> Result<Arc<LiveRun>, Refusal> {
        let Some(id) = named else { return self.ambient(caller).await };
        let run = self.known_run(id).await?.filter(|live| live.run.grant == caller.grant);
        run.ok_or_else(|| {
            let message = format!("{id} is unknown, or another grant opened it");
            Refusal::new(Code::UnknownRun, message, "open a run with `POST /v1/runs`, or name none")
        })
    }

    async fn ambient(&self, caller: &Caller) -> Result<Arc<LiveRun>, Refusal> {
        let live = self.directory.grant(caller.grant);
        let known = live.as_ref().and_then(|live| lock(&live.counts).ambient);
        if let Some(id) = known
            && let Some(run) = self.known_run(id).await?
            && lock(&run.counts).state != RunState::Ended
        {
            return Ok(run);
        }
        let allowed = |workflow: &&Workflow| {
            live.as_ref().is_some_and(|live| {
                live.grant.rights.allow_workflow(&workflow.name)
                    && live.grant.rights.spaces.contains(&workflow.space)
            })
        };
        let workflow = self.workflows.iter().find(allowed).ok_or_else(|| {
            Refusal::new(
                Code::GrantForbids,
                "the grant allows no workflow",
                "ask an operator for a wider grant",
            )
        })?;
        let ask = RunAsk {
            workflow: workflow.name.clone(),
            purpose: "calls that name no run".to_owned(),
            limit: Amounts::<u64>::each(|_| None),
        };
        let run = self.begin(caller, workflow, (ask, Kind::Ambient)).await?;
        if let Some(live) = live {
            lock(&live.counts).ambient = Some(run.run.id);
        }
        Ok(run)
    }

    /// A run by its id, from memory or the journal.
    pub(crate) async fn known_run(&self, id: RunId) -> Result<Option<Arc<LiveRun>>, Refusal> {
        if let Some(run) = self.directory.run(id) {
            return Ok(Some(run));
        }
        let key = id.to_string();
        let Some(record) = self.journal.read(Table::Runs, &key).await? else { return Ok(None) };
        let grant =
            record.text("grant_id").parse::<GrantId>().ok().and_then(|id| self.directory.grant(id));
        let Some(run) = grant.and_then(|live| run_of(&record, &live.grant)) else {
            return Ok(None);
        };
        let Some(budget) = self.journal.read(Table::Budgets, &key).await? else { return Ok(None) };
        let budget = budget_of(BudgetScope::Run(id), &budget);
        let last = domain::Timestamp::from_millis(record.count("last_ms"));
        let mut counts = RunCounts::new(run.state, budget, last);
        let query = Query::all(Table::Calls).with("run", key).latest("received_ms", HISTORY_READ);
        recount(&mut counts, &self.journal.select(query).await?);
        Ok(Some(self.directory.put_run(run, counts)))
    }

    /// Ends a run: by the grant that opened it, or by an operator of its tenant.
    ///
    /// # Errors
    /// An unknown run, one of somebody else, one that has ended; an operator's person without the right to operate.
    pub async fn end_run(
        &self,
        by: &Identity,
        run: RunId,
        outcome: Outcome,
    ) -> Result<(), Refusal> {
        let live = self.known_run(run).await?.filter(|live| match by {
            Identity::Agent(caller) => live.run.grant == caller.grant,
            Identity::Operator(operator) => live.run.chain.tenant == operator.tenant,
        });
        let live = live.ok_or_else(|| Refusal::not_found(run))?;
        if let Identity::Operator(operator) = by {
            needs(operator, Right::Operate)?;
        }
        let outcome = Outcome {
            reason: self.said(&outcome.reason)?,
            metric: outcome.metric.map(|metric| self.said(&metric)).transpose()?,
            evidence: outcome
                .evidence
                .iter()
                .map(|each| self.said(each))
                .collect::<Result<_, _>>()?,
            ..outcome
        };
        self.end(&live, outcome).await
    }

    pub(crate) async fn end(&self, live: &LiveRun, outcome: Outcome) -> Result<(), Refusal> {
        // In memory first: nothing pauses or resumes a run that is being ended.
        let before = std::mem::replace(&mut lock(&live.counts).state, RunState::Ended);
        if before == RunState::Ended {
            let message = format!("{} has ended", live.run.id);
            return Err(Refusal::new(Code::RunEnded, message, "open a new run"));
        }
        let guard = state_is(Table::Runs, live.run.id.to_string(), before.word());
        let ended = self.commit_one((Some(&live.run), Event::RunEnded { outcome }), vec![guard]);
        if let Err(error) = ended.await {
            let stored = self.journal.read(Table::Runs, &live.run.id.to_string()).await;
            let stored = stored.ok().flatten();
            let state = stored.and_then(|record| RunState::from_word(record.text("state")));
            lock(&live.counts).state = state.unwrap_or(before);
            return Err(error.into());
        }
        if let Some(grant) = self.directory.grant(live.run.grant) {
            let mut counts = lock(&grant.counts);
            counts.open_runs = counts.open_runs.saturating_sub(1);
        }
        if let Some(reservation) = self.purse.empty(live.run.id) {
            self.commit_one((Some(&live.run), Event::SliceReturned { reservation }), Vec::new())
                .await?;
        }
        Ok(())
    }

    /// Lets a paused run go on.
    ///
    /// # Errors
    /// A person without the right to operate; a run that is not paused, or of another tenant.
    pub async fn resume_run(
        &self,
        by: &Operator,
        run: RunId,
        reason: String,
    ) -> Result<(), Refusal> {
        needs(by, Right::Operate)?;
        let reason = self.said(&reason)?;
        let live = self.run_of_tenant(by, run).await?;
        let guard = state_is(Table::Runs, run.to_string(), RunState::Paused.word());
        let event = Event::RunResumed { by: by.name.clone(), reason };
        self.commit_one((Some(&live.run), event), vec![guard]).await?;
        lock(&live.counts).reopen();
        Ok(())
    }

    /// Raises a run's budget, and resumes the run if it is paused.
    ///
    /// # Errors
    /// A person without the right to operate; an unknown run, or one that has ended.
    pub async fn raise_budget(
        &self,
        by: &Operator,
        run: RunId,
        raise: (Amounts, String),
    ) -> Result<(), Refusal> {
        needs(by, Right::Operate)?;
        let (by_amounts, reason) = raise;
        let reason = self.said(&reason)?;
        let live = self.run_of_tenant(by, run).await?;
        let standing = lock(&live.counts).state;
        let scope = BudgetScope::Run(run);
        let mut events = vec![Event::BudgetRaised {
            scope,
            by_amounts,
            by: by.name.clone(),
            reason: reason.clone(),
        }];
        match standing {
            RunState::Paused => events.push(Event::RunResumed { by: by.name.clone(), reason }),
            RunState::Open => {}
            RunState::Ended => return Err(Refusal::conflict(format!("{run} has ended"))),
        }
        let guard = state_is(Table::Runs, run.to_string(), standing.word());
        let entries =
            events.into_iter().map(|event| self.entry_of(Some(&live.run), event)).collect();
        self.commit_all(entries, vec![guard]).await?;
        let mut counts = lock(&live.counts);
        counts.reopen();
        let limit = counts.budget.limit;
        counts.budget.limit = Amounts::<u64>::each(|each| {
            limit.of(each).map(|old| old.saturating_add(by_amounts.of(each)))
        });
        Ok(())
    }

    pub(crate) async fn run_of_tenant(
        &self,
        by: &Operator,
        run: RunId,
    ) -> Result<Arc<LiveRun>, Refusal> {
        let live = self.known_run(run).await?.filter(|live| live.run.chain.tenant == by.tenant);
        live.ok_or_else(|| Refusal::not_found(run))
    }

    /// The budget of a grant on this day; made at the day's first call.
    pub(crate) async fn budget_of_day(
        &self,
        grant: GrantId,
        tenant: &Name,
    ) -> Result<BudgetScope, Refusal> {
        let now = self.world.now();
        let scope = BudgetScope::GrantDay(grant, now.day());
        let live = self.directory.grant(grant);
        if live.as_ref().is_some_and(|live| lock(&live.counts).day_opened == Some(now.day())) {
            return Ok(scope);
        }
        let (limit, on_exceeded) = self.grant_day;
        let event = Event::BudgetOpened { scope, limit, on_exceeded };
        let entry = Entry { at: now, tenant: Some(tenant.clone()), run: None, call: None, event };
        let free = Guard::Free { table: Table::Budgets, key: scope.to_string() };
        match self.commit_all(vec![entry], vec![free]).await {
            // It is there since an earlier life of this process.
            Ok(()) | Err(CommitError::Guard { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        if let Some(live) = live {
            lock(&live.counts).day_opened = Some(now.day());
        }
        Ok(scope)
    }

    /// Puts new rules into force, once their version is recorded. Calls under way keep theirs; a held call is judged by
    /// those in force when it runs.
    ///
    /// # Errors
    /// When the version cannot be recorded; the rules before stay in force then.
    pub async fn set_rules(&self, rules: Rules) -> Result<(), Refusal> {
        let _alone = self.changing_rules.lock().await;
        let known = self.rules();
        let version = |rules: &Rules| (rules.policies.version(), rules.catalogue.digest());
        // What is held back is recorded where it is decided: by its pin.
        if version(&known) != version(&rules) {
            self.record_rules(&rules).await?;
        }
        *self.rules.write().unwrap_or_else(std::sync::PoisonError::into_inner) = Arc::new(rules);
        Ok(())
    }

    pub(crate) async fn record_rules(&self, rules: &Rules) -> Result<(), Refusal> {
        let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        let version = rules.policies.version();
        let texts: Vec<_> = rules
            .policies
            .sources()
            .iter()
            .map(|source| serde_json::json!({ "file": source.file, "text": source.text }))
            .collect();
        let contracts: Vec<_> = rules
            .catalogue
            .iter()
            .map(|compiled| contract::contract_json(&compiled.contract))
            .collect();
        let text = serde_json::json!({ "contracts": contracts, "policies": texts }).to_string();
        let policies =
            Event::PolicyLoaded { version, policies: count(rules.policies.rules().count()) };
        let tools = Event::ContractsLoaded {
            version: rules.catalogue.digest(),
            tools: count(rules.catalogue.len()),
        };
        let commit = Commit {
            guards: Vec::new(),
            entries: vec![self.entry_of(None, policies), self.entry_of(None, tools)],
            payloads: Vec::new(),
            sources: vec![SourceText { version, text }],
            urgency: Urgency::Outcome,
        };
        self.journal.commit(commit).await?;
        Ok(())
    }

    pub(crate) fn entry_of(&self, run: Option<&Run>, event: Event) -> Entry {
        Entry {
            at: self.world.now(),
            tenant: run.map(|run| run.chain.tenant.clone()),
            run: run.map(|run| run.id),
            call: None,
            event,
        }
    }

    pub(crate) async fn commit_one(
        &self,
        of: (Option<&Run>, Event),
        guards: Vec<Guard>,
    ) -> Result<(), CommitError> {
        let entry = self.entry_of(of.0, of.1);
        self.commit_all(vec![entry], guards).await
    }

    pub(crate) async fn commit_all(
        &self,
        entries: Vec<Entry>,
        guards: Vec<Guard>,
    ) -> Result<(), CommitError> {
        let urgency = Urgency::Outcome;
        let commit = Commit { guards, entries, payloads: Vec::new(), sources: Vec::new(), urgency };
        self.journal.commit(commit).await.map(|_| ())
    }
}

/// Whether a caller asked for a run, or its calls named none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Asked,
    Ambient,
}

pub(crate) fn state_is(table: Table, key: String, word: &str) -> Guard {
    Guard::Is { table, key, column: "state", value: Cell::from(word) }
}

fn stricter(one: Amounts<Option<u64>>, other: Amounts<Option<u64>>) -> Amounts<Option<u64>> {
    Amounts::<u64>::each(|each| match (one.of(each), other.of(each)) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    })
}

/// Counts a run's calls again, latest first.
fn recount(counts: &mut RunCounts, calls: &[Record]) {
    let failed = |record: &&Record| {
        matches!(
            CallState::from_word(record.text("state")),
            Some(CallState::Failed | CallState::Partial | CallState::InDoubt)
        )
    };
    let asked = |record: &&Record| record.text("code") == Code::InputRequired.shown();
    let tried = calls.iter().filter(|record| !asked(record));
    counts.failures_in_row = u64::try_from(tried.take_while(failed).count()).unwrap_or(u64::MAX);
    let last = counts.last;
    for arguments in calls.iter().filter_map(|record| record.text("arguments").parse().ok()) {
        counts.count(arguments, last);
    }
}
