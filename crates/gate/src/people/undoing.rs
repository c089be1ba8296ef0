//! Undo: a call of its own, proposed by an operator, that applies the inverse of an act's plan.
//!
//! It walks the one journey with the operator's own authority: nobody is asked, no act budget is spent, and
//! a stop refuses it unless that very stop ordered it. It says so when a file changed since.

use domain::{
    Agent, Answer, CallId, Caller, Code, GrantId, Human, Operator, PayloadKind, PrincipalChain,
    Proposal, Right, RunId, StopId, Timestamp, UndoState,
};
use uuid::Uuid;

use super::needs;
use crate::commit::{Query, Record};
use crate::gate::Gate;
use crate::journey::{Ask, Authority, Before, build};
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

impl<J: Journal, W: World> Gate<J, W> {
    /// Takes one act back.
    pub async fn undo(&self, by: &Operator, call: CallId, order: UndoOrder) -> Answer {
        match needs(by, Right::Operate) {
            Ok(()) => self.take_back(by, call, order).await,
            Err(refusal) => rescue::unanswered(Some(call), &refusal),
        }
    }

    /// Takes one act back for somebody who was found to have the right.
    pub(super) async fn take_back(&self, by: &Operator, call: CallId, order: UndoOrder) -> Answer {
        match self.undo_call(by, call, order).await {
            Ok(call) => self.walk(call).await,
            Err(refusal) => rescue::unanswered(Some(call), &refusal),
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

    async fn undo_call(
        &self,
        by: &Operator,
        act: CallId,
        order: UndoOrder,
    ) -> Result<crate::journey::Call, Refusal> {
        let record = self.journal.read(Table::Calls, &act.to_string()).await?;
        let record = record.filter(|record| record.text("tenant") == by.tenant.as_str());
        let record = record.ok_or_else(|| Refusal::not_found(act))?;
        can_be_undone(act, &record, self.world.now())?;
        let gone = || {
            Refusal::new(
                Code::UndoImpossible,
                "the originals are no longer kept",
                "restore it by other means",
            )
        };
        let bytes = self.journal.payload(act, PayloadKind::Plan).await?.ok_or_else(gone)?;
        let plan = payload::read_plan(&bytes).map_err(|_| gone())?;
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
        let proposal = Proposal {
            tool: UNDO_TOOL.to_owned(),
            arguments: serde_json::json!({ "call": act.to_string() }),
            intent: Some(format!("take back {act}")),
            expected_effects: Vec::new(),
            confidence: None,
            key: None,
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
        let authority =
            Authority::Operator { undoes: act, inverse: Box::new(plan.inverse()), ordered };
        let id = CallId::new(self.world.fresh());
        let ask = Ask { id, received: self.world.now(), authority, before: Before::New };
        build(self, (caller, run), (proposal, ask))
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
            // The journal erases the originals with this entry.
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

pub(super) fn can_be_undone(act: CallId, record: &Record, now: Timestamp) -> Result<(), Refusal> {
    let impossible = |message: String| {
        Err(Refusal::new(
            Code::UndoImpossible,
            message,
            "`checkrein undo status` says what can be undone",
        ))
    };
    match UndoState::from_word(record.text("undo")) {
        Some(UndoState::Armed) if record.count("undo_until_ms") > now.millis() => Ok(()),
        Some(UndoState::Armed) => impossible(format!("the window to undo {act} is over")),
        Some(state) => impossible(format!("the undo of {act} is {state}, not armed")),
        None => impossible(format!("{act} has nothing that could be undone")),
    }
}
