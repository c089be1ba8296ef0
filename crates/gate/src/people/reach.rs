//! What a stop reaches: which scopes an operator may know of, and what is inside one.
//!
//! In: records of runs and calls of the operator's own tenant. Out: counts that can be a moment old. Whether a
//! stop forbids an effect is decided elsewhere (`state/stops.rs`), never from these.

use std::collections::HashMap;

use domain::{CallId, CallState, GrantId, Name, Operator, RunState, StopScope, ToolName};

use crate::commit::{Query, Record};
use crate::gate::Gate;
use crate::port::{Journal, World};
use crate::recovery;
use crate::refusal::Refusal;
use crate::table::Table;

/// What a stop would reach in the operator's tenant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reach {
    /// Open runs.
    pub open_runs: u64,
    /// Calls that are admitted or sent.
    pub in_work: u64,
    /// Calls that wait for people.
    pub held: u64,
}

/// Workflows of runs by run id, as they are asked for.
pub(super) type Workflows = HashMap<String, String>;

impl<J: Journal, W: World> Gate<J, W> {
    /// Whether people of this tenant may know of a scope. Everything and tools are everybody's.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn may_know(&self, by: &Operator, scope: &StopScope) -> Result<bool, Refusal> {
        let (table, key) = match scope {
            StopScope::Everything | StopScope::Tool(_) | StopScope::Server(_) => return Ok(true),
            StopScope::Tenant(of) | StopScope::Workflow(of, _) | StopScope::Agent(of, _) => {
                return Ok(*of == by.tenant);
            }
            StopScope::Run(run) => (Table::Runs, run.to_string()),
            StopScope::Call(call) => (Table::Calls, call.to_string()),
        };
        let record = self.journal.read(table, &key).await?;
        Ok(record.is_some_and(|record| record.text("tenant") == by.tenant.as_str()))
    }

    /// What a stop of this scope would reach in the operator's tenant, without ordering it.
    ///
    /// # Errors
    /// A scope that the operator may not know of.
    pub async fn reach(&self, by: &Operator, scope: &StopScope) -> Result<Reach, Refusal> {
        if !self.may_know(by, scope).await? {
            return Err(Refusal::not_found(format!("`{scope}`")));
        }
        let open = Query::all(Table::Runs)
            .with("state", RunState::Open.word())
            .with("tenant", by.tenant.as_str());
        let runs = recovery::all(self, open).await?;
        let open_runs = count(runs.iter().filter(|run| self.has_run(scope, run)).count());
        let held = self.waiting(by, scope).await?;
        let mut in_work = 0;
        for state in [CallState::Admitted, CallState::Dispatched] {
            in_work += self.inside(by, scope, state).await?;
        }
        Ok(Reach { open_runs, in_work, held })
    }

    /// How many calls of the operator's tenant in this scope wait: for people, or in the outbox.
    pub(super) async fn waiting(&self, by: &Operator, scope: &StopScope) -> Result<u64, Refusal> {
        let queued = self.inside(by, scope, CallState::Queued).await?;
        Ok(self.inside(by, scope, CallState::Held).await? + queued)
    }

    /// How many calls of the operator's tenant are in this state and in this scope.
    pub(super) async fn inside(
        &self,
        by: &Operator,
        scope: &StopScope,
        state: CallState,
    ) -> Result<u64, Refusal> {
        let query =
            Query::all(Table::Calls).with("state", state.word()).with("tenant", by.tenant.as_str());
        let (mut workflows, mut inside) = (Workflows::new(), 0);
        for record in recovery::all(self, query).await? {
            inside += u64::from(self.has_call(scope, &record, &mut workflows).await?);
        }
        Ok(inside)
    }

    /// Those of these calls that are of the operator's tenant and in this scope. A call without a record was
    /// not admitted, or changes nothing.
    pub(super) async fn of_these(
        &self,
        by: &Operator,
        scope: &StopScope,
        calls: Vec<CallId>,
    ) -> Result<Vec<CallId>, Refusal> {
        let (mut workflows, mut inside) = (Workflows::new(), Vec::new());
        for call in calls {
            let record = self.journal.read(Table::Calls, &call.to_string()).await?;
            let own = record.filter(|record| record.text("tenant") == by.tenant.as_str());
            let Some(record) = own else { continue };
            if self.has_call(scope, &record, &mut workflows).await? {
                inside.push(call);
            }
        }
        Ok(inside)
    }

    pub(super) fn has_run(&self, scope: &StopScope, run: &Record) -> bool {
        match scope {
            StopScope::Everything | StopScope::Tenant(_) => true,
            StopScope::Workflow(_, workflow) => run.text("workflow") == workflow.as_str(),
            StopScope::Agent(_, agent) => self.is_agent(run, agent),
            StopScope::Run(id) => run.key == id.to_string(),
            StopScope::Tool(_) | StopScope::Server(_) | StopScope::Call(_) => false,
        }
    }

    pub(super) async fn has_call(
        &self,
        scope: &StopScope,
        call: &Record,
        workflows: &mut Workflows,
    ) -> Result<bool, Refusal> {
        Ok(match scope {
            StopScope::Everything | StopScope::Tenant(_) => true,
            StopScope::Workflow(_, workflow) => {
                let run = call.text("run").to_owned();
                if !workflows.contains_key(&run) {
                    let record = self.journal.read(Table::Runs, &run).await?;
                    let name = record.map(|record| record.text("workflow").to_owned());
                    workflows.insert(run.clone(), name.unwrap_or_default());
                }
                workflows.get(&run).is_some_and(|name| name == workflow.as_str())
            }
            StopScope::Agent(_, agent) => self.is_agent(call, agent),
            StopScope::Tool(tool) => call.text("tool") == tool.as_str(),
            StopScope::Server(server) => self.is_of_server(call, server),
            StopScope::Run(run) => call.text("run") == run.to_string(),
            StopScope::Call(id) => call.key == id.to_string(),
        })
    }

    /// Whether a call's tool is reached through this server, as the catalogue has it now.
    fn is_of_server(&self, call: &Record, server: &Name) -> bool {
        let tool = call.text("tool").parse::<ToolName>().ok();
        let rules = self.rules();
        let compiled = tool.and_then(|tool| rules.catalogue.get(&tool).cloned());
        let upstream = compiled.and_then(|compiled| compiled.contract.upstream.clone());
        upstream.is_some_and(|upstream| upstream.server == *server)
    }

    /// Whether a run or call is of this agent or of one of its children.
    fn is_agent(&self, record: &Record, agent: &Name) -> bool {
        let grant = || record.text("grant_id").parse::<GrantId>().ok();
        let parent = || {
            grant().and_then(|id| self.directory.grant(id)).is_some_and(|live| {
                live.grant.chain.parents.iter().any(|parent| parent.name == *agent)
            })
        };
        record.text("agent").split('@').next() == Some(agent.as_str()) || parent()
    }
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
