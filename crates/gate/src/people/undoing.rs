//! Undo: a call of its own, proposed by an operator, that applies the inverse of an act's plan, or is its inverse call.
//!
//! It walks the one journey with the operator's own authority: nobody is asked, no act budget is spent, and
//! a stop refuses it unless that very stop ordered it. It says so when a file changed since. A call in the outbox is
//! withdrawn instead. Several acts at once and their report: `undoing/report.rs`.

mod report;

use domain::{
    Agent, Answer, CallId, CallState, Caller, Code, GrantId, Human, Inverse, Operator, PartialUndo,
    PayloadKind, PrincipalChain, Proposal, Right, RunId, StopId, Timestamp, UndoState,
};
use serde_json::{Map, Value};
use uuid::Uuid;

pub use report::{ActReport, ActUndo, UndoAsk, UndoScope};

use super::needs;
use crate::commit::{Query, Record};
use crate::gate::Gate;
use crate::journey::{Ask, Authority, Before, TakesBack, build, untold};
use crate::payload;
use crate::port::{Journal, World};
use crate::refusal::Refusal;
use crate::rescue;
use crate::table::Table;

/// Whether an undo passes a stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UndoOrder {
    /// Refused while its scope is stopped.
    Asked,
    /// Ordered with this stop, whose fence it passes and no other.
    OrderedWith(StopId),
}

/// The tool that takes acts back.
const UNDO_TOOL: &str = "checkrein.undo";

/// What an act kept of its undo.
enum Kept {
    /// The inverse of its plan.
    Plan(Box<domain::Plan>),
    /// Its inverse call.
    Call(Box<Inverse>),
}

impl<J: Journal, W: World> Gate<J, W> {
    /// Takes one act back; withdraws one that waits in the outbox.
    pub async fn undo(&self, by: &Operator, call: CallId, order: UndoOrder) -> Answer {
        self.undo_told(by, call, (order, Map::new())).await
    }

    /// As [`Self::undo`], with arguments of the inverse call that the act's answer did not tell and a person found out.
    pub async fn undo_told(
        &self,
        by: &Operator,
        call: CallId,
        order: (UndoOrder, Map<String, Value>),
    ) -> Answer {
        match needs(by, Right::Operate) {
            Ok(()) => self.take_back_told(by, call, order).await,
            Err(refusal) => rescue::unanswered(Some(call), &refusal),
        }
    }

    /// Takes one act back for somebody who was found to have the right.
    pub(super) async fn take_back(&self, by: &Operator, call: CallId, order: UndoOrder) -> Answer {
        self.take_back_told(by, call, (order, Map::new())).await
    }

    async fn take_back_told(
        &self,
        by: &Operator,
        act: CallId,
        order: (UndoOrder, Map<String, Value>),
    ) -> Answer {
        let record = match self.act_of(by, act).await {
            Ok(record) => record,
            Err(refusal) => return rescue::unanswered(Some(act), &refusal),
        };
        if record.text("state") == CallState::Queued.word() {
            let withdrawn = self.withdraw_queued(by, &record).await;
            return withdrawn.unwrap_or_else(|refusal| rescue::unanswered(Some(act), &refusal));
        }
        match self.undo_call(by, (act, &record), order).await {
            Ok(call) => self.walk(call).await,
            Err(refusal) => rescue::unanswered(Some(act), &refusal),
        }
    }

    /// Takes the last `count` acts of a run back, newest first, and goes on past a failure.
    ///
    /// # Errors
    /// An unknown run.
    pub async fn undo_last(
        &self,
        by: &Operator,
        run: RunId,
        count: u32,
    ) -> Result<Vec<(CallId, Answer)>, Refusal> {
        let run = self.run_of_tenant(by, run).await?;
        let most = usize::try_from(count).unwrap_or(usize::MAX).min(domain::limits::PAGE_ROWS_MAX);
        let query = Query::all(Table::Calls)
            .with("run", run.run.id.to_string())
            .with("undo", UndoState::Armed.word());
        let armed =
            self.journal.select(query.latest("admitted_ms", domain::limits::PAGE_ROWS_MAX)).await?;
        let acts = armed.iter().filter(|record| record.text("undoes").is_empty()).take(most);
        let mut answers = Vec::new();
        for call in acts.filter_map(|record| record.key.parse().ok()) {
            answers.push((call, self.undo(by, call, UndoOrder::Asked).await));
        }
        Ok(answers)
    }

    /// The record of an act of the operator's tenant.
    async fn act_of(&self, by: &Operator, act: CallId) -> Result<Record, Refusal> {
        let record = self.journal.read(Table::Calls, &act.to_string()).await?;
        let record = record.filter(|record| record.text("tenant") == by.tenant.as_str());
        record.ok_or_else(|| Refusal::not_found(act))
    }

    async fn undo_call(
        &self,
        by: &Operator,
        (act, record): (CallId, &Record),
        (order, told): (UndoOrder, Map<String, Value>),
    ) -> Result<crate::journey::Call, Refusal> {
        can_be_undone(act, record, self.world.now())?;
        let kept = self.kept_undo(act, record, told).await?;
        let run = record.text("run").parse().map_err(|_| gone())?;
        let run = self.known_run(run).await?.ok_or_else(gone)?;
        let caller = Caller {
            chain: PrincipalChain {
                tenant: by.tenant.clone(),
                human: Human(by.name.clone()),
                agent: Agent {
                    name: "operator".parse().map_err(|_| gone())?,
                    version: "1".to_owned(),
                },
                parents: Vec::new(),
            },
            grant: GrantId::new(Uuid::nil()),
            key: by.key,
        };
        let (tool, arguments, inverse) = match kept {
            Kept::Plan(plan) => (
                UNDO_TOOL.to_owned(),
                serde_json::json!({ "call": act.to_string() }),
                TakesBack::ByPlan(Box::new(plan.inverse())),
            ),
            Kept::Call(call) => {
                (call.tool.to_string(), call.arguments(), TakesBack::ByCall(Box::new(by.clone())))
            }
        };
        let proposal = Proposal {
            tool,
            arguments,
            intent: Some(format!("take back {act}")),
            expected_effects: Vec::new(),
            confidence: None,
            // A provider that knows keys takes one act back once, whoever asks how often.
            key: Some(format!("undo-{act}")),
            run: Some(run.run.id),
            evidence: Vec::new(),
            after: None,
            input: None,
            detached: false,
        };
        let ordered = match order {
            UndoOrder::Asked => None,
            UndoOrder::OrderedWith(stop) => Some(stop),
        };
        let authority = Authority::Operator { undoes: act, inverse, ordered };
        let id = CallId::new(self.world.fresh());
        let ask = Ask { id, received: self.world.now(), authority, before: Before::New };
        build(self, (caller, run), (proposal, ask))
    }

    /// What was kept to take an act back with, if it can be used.
    async fn kept_undo(
        &self,
        act: CallId,
        record: &Record,
        told: Map<String, Value>,
    ) -> Result<Kept, Refusal> {
        if let Some(bytes) = self.journal.payload(act, PayloadKind::Inverse).await? {
            let inverse = payload::read_inverse(&bytes).map_err(|_| gone())?;
            let inverse = inverse.told(told).map_err(|name| {
                let message = format!("`{name}` is no argument that the undo of {act} misses");
                let fix = "`checkrein undo plan` names what is missing";
                Refusal::new(Code::InvalidRequest, message, fix)
            })?;
            return usable(act, record, inverse).map(|inverse| Kept::Call(Box::new(inverse)));
        }
        if !told.is_empty() {
            let message = format!("the undo of {act} misses no argument");
            return Err(Refusal::new(Code::InvalidRequest, message, "leave them out"));
        }
        let bytes = self.journal.payload(act, PayloadKind::Plan).await?.ok_or_else(gone)?;
        payload::read_plan(&bytes).map(|plan| Kept::Plan(Box::new(plan))).map_err(|_| gone())
    }

    /// Ends undo windows that are over. Goes on past a failure and tells the first one.
    pub(crate) async fn expire_undo(&self, now: Timestamp) -> Result<(), Refusal> {
        let mut query = Query::all(Table::Calls).with("undo", UndoState::Armed.word());
        query.order_by = Some("undo_until_ms");
        query.limit = domain::limits::DUE_PER_TICK_MAX;
        let mut done = Ok(());
        for record in self.journal.select(query).await? {
            if record.count("undo_until_ms") > now.millis() {
                break;
            }
            let Ok(of) = record.key.parse() else { continue };
            // The journal erases the originals and the inverse call with this entry.
            let event = domain::Event::OriginalsErased { of };
            let armed = crate::commit::Guard::Is {
                table: Table::Calls,
                key: record.key.clone(),
                column: "undo",
                value: UndoState::Armed.word().into(),
            };
            match self.commit_one((None, event), vec![armed]).await {
                Ok(()) | Err(crate::commit::CommitError::Guard { .. }) => {}
                Err(error) => done = done.and(Err(error.into())),
            }
        }
        done
    }
}

fn gone() -> Refusal {
    Refusal::new(
        Code::UndoImpossible,
        "the originals are no longer kept",
        "restore it by other means",
    )
}

/// Whether an inverse call is known whole, and fits what became of its act.
fn usable(act: CallId, record: &Record, inverse: Inverse) -> Result<Inverse, Refusal> {
    let impossible =
        |message: String, fix: &str| Err(Refusal::new(Code::UndoImpossible, message, fix));
    if let Some(untold) = untold(&inverse) {
        let fix = "find it out and say it with `--set NAME=VALUE`";
        return impossible(format!("it was never told what to take back: {untold}"), fix);
    }
    let partly = record.text("executed") == domain::Executed::Partly.word();
    if partly && inverse.partial == PartialUndo::Refused {
        let tool = &inverse.tool;
        return impossible(
            format!(
                "only a part of {act} happened, and its contract does not say that `{tool}` counters a part"
            ),
            "look at what happened and counter that by hand",
        );
    }
    Ok(inverse)
}

pub(super) fn can_be_undone(act: CallId, record: &Record, now: Timestamp) -> Result<(), Refusal> {
    let impossible = |message: String| {
        Err(Refusal::new(
            Code::UndoImpossible,
            message,
            "`checkrein undo status` says what can be undone",
        ))
    };
    if record.text("state") == CallState::InDoubt.word() {
        return Err(Refusal::new(
            Code::InDoubt,
            format!("it is not known whether {act} happened, so nothing is taken back"),
            "settle it first with `checkrein calls resolve`",
        ));
    }
    match UndoState::from_word(record.text("undo")) {
        Some(UndoState::Armed) if record.count("undo_until_ms") > now.millis() => Ok(()),
        Some(UndoState::Armed) => impossible(format!("the window to undo {act} is over")),
        Some(state) => impossible(format!("the undo of {act} is {state}, not armed")),
        None => impossible(format!("{act} has nothing that could be undone")),
    }
}
