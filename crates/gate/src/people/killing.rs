//! Kills: planned with everything they reach, confirmed with the plan's token, carried out and followed to their end.
//!
//! ```text
//! plan -> reach, the acts that would be taken back and those that cannot, a token
//! token -> still exactly this? -> fence, one commit with the rollback's list -> runs and held calls end -> undo, newest first
//! ```
//! In: a scope, and how many acts to take back. Out: a stop like any other, which stays in force. Every undo walks the one
//! journey, by `UndoOrder::OrderedWith` this stop: its fence lets them pass and no other; the token is their approval. What
//! an undo may do is not decided here. Tests: `sim/tests/it/kills.rs`.

use domain::{
    Assurance, CallId, CallState, Code, EffectClass, Event, Executed, Groups, KeyId, Lever,
    LeverReceipt, Name, Operator, Outcome, OutcomeStatus, Roles, RolledBack, RunId, Stop, StopId,
    StopLevel, StopScope, StopState, Timestamp, UndoState, limits,
};
use uuid::Uuid;

use super::deciding::HeldCall;
use super::reach::{Reach, Workflows};
use super::receipts::acts_of;
use super::stopping::{StopAsk, StopReceipt};
use super::undoing::{UndoOrder, can_be_undone};
use crate::commit::{Query, Record};
use crate::gate::Gate;
use crate::port::{Journal, KeyScope, World};
use crate::projection::ORDERED;
use crate::refusal::Refusal;
use crate::runs::state_is;
use crate::state::receipts::Planned;
use crate::table::Table;

/// What a kill would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KillPlan {
    /// What it would kill.
    pub scope: StopScope,
    /// Runs, calls in work and held calls of the operator's tenant.
    pub reach: Reach,
    /// The last acts of the operator's tenant in the scope, newest first.
    pub acts: Vec<KillAct>,
    /// What confirms exactly this, once.
    pub token: String,
    /// Until when the token holds.
    pub until: Timestamp,
}

/// One act that would be taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KillAct {
    /// The call that did it.
    pub call: CallId,
    /// In which run.
    pub run: Option<RunId>,
    /// With which tool.
    pub tool: String,
    /// What it changed, masked.
    pub resource: String,
    /// When it was admitted.
    pub at: Timestamp,
    /// Why it cannot be taken back; none where it can.
    pub cannot: Option<String>,
}

/// A kill, confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KillAsk {
    /// What to kill.
    pub scope: StopScope,
    /// Why.
    pub reason: String,
    /// How many acts to take back.
    pub rollback: u32,
    /// The token of the plan.
    pub token: String,
}

impl<J: Journal, W: World> Gate<J, W> {
    /// What a kill would reach, with a token that confirms exactly that within `limits::KILL_PLAN_WITHIN`.
    ///
    /// # Errors
    /// As for stops; more acts than `limits::ROLLBACK_ACTS_MAX`.
    pub async fn plan_kill(
        &self,
        by: &Operator,
        (scope, rollback): (StopScope, u32),
    ) -> Result<KillPlan, Refusal> {
        self.may_stop(by, &scope).await?;
        let reach = self.reach(by, &scope).await?;
        let acts = self.last_acts(by, &scope, rollback).await?;
        let until = self.world.now().plus(limits::KILL_PLAN_WITHIN);
        let token = self.token(by, (&scope, &reach, &acts))?;
        self.kills.put(Planned {
            token: digest_of(&token),
            by: (by.tenant.clone(), by.name.clone()),
            scope: scope.clone(),
            rollback,
            acts: acts.iter().map(|act| act.call).collect(),
            until,
        });
        Ok(KillPlan { scope, reach, acts, token, until })
    }

    /// A text that nobody guesses: keyed over what was shown, with a fresh id.
    fn token(
        &self,
        by: &Operator,
        (scope, reach, acts): (&StopScope, &Reach, &[KillAct]),
    ) -> Result<String, Refusal> {
        let acts: Vec<String> = acts.iter().map(|act| act.call.to_string()).collect();
        let shown = serde_json::json!({
            "form": "checkrein-kill-1",
            "fresh": self.world.fresh().to_string(),
            "tenant": by.tenant.as_str(),
            "by": by.name.as_str(),
            "scope": scope.to_string(),
            "reach": [reach.open_runs, reach.in_work, reach.held],
            "acts": acts,
        });
        let digest =
            self.journal.keyed(KeyScope::Tenant(&by.tenant), &contract::canonical(&shown))?;
        Ok(digest.to_string().chars().take(TOKEN_CHARS).collect())
    }

    /// Kills what was planned. Once this returns, nothing new starts in the scope (P5); runs, held calls and the rollback
    /// follow with `settle_stop`, also in a later life of the process.
    ///
    /// # Errors
    /// A token that was not given for exactly this, was used or is too old; other acts by now than were shown.
    pub async fn kill(&self, by: &Operator, ask: KillAsk) -> Result<StopReceipt, Refusal> {
        let KillAsk { scope, reason, rollback, token } = ask;
        let reason = self.said(&reason)?;
        self.may_stop(by, &scope).await?;
        let planned = self.kills.take(digest_of(&token));
        let whose = (by.tenant.clone(), by.name.clone());
        let exactly = |planned: &Planned| {
            (&planned.by, &planned.scope, planned.rollback) == (&whose, &scope, rollback)
                && self.world.now() < planned.until
        };
        let Some(planned) = planned.filter(exactly) else {
            let message = "the token was not given for exactly this kill, was used, or is too old";
            return Err(Refusal::new(Code::Conflict, message, PLAN_AGAIN));
        };
        let acts: Vec<CallId> =
            self.last_acts(by, &scope, rollback).await?.iter().map(|act| act.call).collect();
        if acts != planned.acts {
            let message =
                "other acts would be taken back now than were shown: something happened since";
            let fix = "suspend the scope so that nothing moves, then plan the kill again";
            return Err(Refusal::new(Code::Conflict, message, fix));
        }
        let rollback = |stop| {
            (!acts.is_empty()).then(|| Event::RollbackOrdered {
                stop,
                tenant: by.tenant.clone(),
                by: by.name.clone(),
                acts,
            })
        };
        let ask = StopAsk { scope, level: StopLevel::Kill, reason };
        let (stop, fence) = self.order_with(&by.name, ask, rollback).await?;
        self.told_of(by, stop, fence).await
    }

    /// The last acts of the operator's tenant in a scope, newest first, without those that were taken back. Of calls that
    /// are still in work nobody knows yet whether they are acts.
    async fn last_acts(
        &self,
        by: &Operator,
        scope: &StopScope,
        count: u32,
    ) -> Result<Vec<KillAct>, Refusal> {
        if count > limits::ROLLBACK_ACTS_MAX {
            let message =
                format!("at most {} acts are taken back at once", limits::ROLLBACK_ACTS_MAX);
            return Err(Refusal::new(Code::InvalidRequest, message, "ask for fewer"));
        }
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        if count == 0 {
            return Ok(Vec::new());
        }
        let query = Query::all(Table::Calls).with("tenant", by.tenant.as_str());
        let query = match scope {
            StopScope::Run(run) => query.with("run", run.to_string()),
            StopScope::Tool(tool) => query.with("tool", tool.as_str()),
            StopScope::Everything
            | StopScope::Tenant(_)
            | StopScope::Workflow(..)
            | StopScope::Agent(..)
            | StopScope::Server(_)
            | StopScope::Call(_) => query,
        };
        let latest = query.latest("admitted_ms", limits::PAGE_ROWS_MAX);
        let (mut acts, mut workflows) = (Vec::new(), Workflows::new());
        for record in self.journal.select(latest).await? {
            if acts.len() >= count {
                break;
            }
            if is_act(&record) && self.has_call(scope, &record, &mut workflows).await? {
                acts.extend(self.kill_act(&record));
            }
        }
        Ok(acts)
    }

    fn kill_act(&self, record: &Record) -> Option<KillAct> {
        let call = record.key.parse().ok()?;
        Some(KillAct {
            call,
            run: record.text("run").parse().ok(),
            tool: record.text("tool").to_owned(),
            resource: record.text("resource").to_owned(),
            at: Timestamp::from_millis(record.count("admitted_ms")),
            cannot: why_not(call, record, self.world.now()),
        })
    }

    /// Ends one run of a kill. False if it ended meanwhile.
    pub(super) async fn kill_run(&self, stop: &Stop, record: &Record) -> Result<bool, Refusal> {
        let Ok(run) = record.key.parse() else { return Ok(false) };
        let Some(live) = self.known_run(run).await? else { return Ok(false) };
        let outcome = Outcome {
            status: OutcomeStatus::Killed,
            reason: stop.reason.clone(),
            metric: None,
            evidence: vec![stop.id.to_string()],
        };
        match self.end(&live, outcome).await {
            Ok(()) => Ok(true),
            Err(refusal) if matches!(refusal.code, Code::RunEnded | Code::Conflict) => Ok(false),
            Err(refusal) => Err(refusal),
        }
    }

    /// Cancels one held call of a kill. False if it ended meanwhile.
    pub(super) async fn kill_held(&self, stop: &Stop, record: &Record) -> Result<bool, Refusal> {
        let Some(held) = HeldCall::of(record) else { return Ok(false) };
        let message = format!("NOT EXECUTED, {} was killed: {}", stop.scope, stop.reason);
        let fix = "propose it again when an operator has lifted the stop";
        let refusal = Refusal::new(Code::Stopped, message, fix);
        let ended = self.end_held(&held, (refusal, stop.by.as_str()), (Vec::new(), Vec::new()));
        match ended.await {
            Ok(_) => Ok(true),
            // Somebody decided in the meantime.
            Err(refusal) if refusal.code == Code::Conflict => Ok(false),
            Err(refusal) => Err(refusal),
        }
    }

    /// Takes back what was ordered with a kill and not yet ended, one act after the other, past failures.
    pub(super) async fn roll_back(&self, stop: &Stop) -> Result<(), Refusal> {
        let key = stop.id.to_string();
        let record = self.journal.read(Table::Rollbacks, &key).await?;
        let Some(record) = record.filter(|record| record.text("state") == ORDERED) else {
            return Ok(());
        };
        let by = ordered_by(&record).ok_or_else(|| Refusal::not_found(stop.id))?;
        let mut ended = Vec::new();
        for act in acts_of(&record) {
            let rolled = self.take_one_back(&by, act, stop.id).await?;
            self.receipts.show(stop.id, |shown| shown.rollback.push(rolled.clone()));
            ended.push(rolled);
        }
        let lever = lever_of(&ended, self.since(stop));
        let guard = state_is(Table::Rollbacks, key, ORDERED);
        let event = Event::RollbackEnded { stop: stop.id, acts: ended };
        self.commit_one((None, event), vec![guard]).await?;
        self.receipts.show(stop.id, |shown| shown.levers.push(lever));
        Ok(())
    }

    /// A kill takes the place of pauses and suspensions of exactly its scope: they would hold up its rollback.
    pub(super) async fn lift_weaker(&self, stop: &Stop) -> Result<(), Refusal> {
        let weaker = |known: &Stop| known.scope == stop.scope && known.level < stop.level;
        for known in self.stops.all().into_iter().filter(weaker) {
            let guard = state_is(Table::Stops, known.id.to_string(), StopState::InForce.word());
            let reason = format!("{} took its place", stop.id);
            let event = Event::StopLifted { stop: known.id, by: stop.by.clone(), reason };
            match self.commit_one((None, event), vec![guard]).await {
                Ok(()) | Err(crate::commit::CommitError::Guard { .. }) => {}
                Err(error) => return Err(error.into()),
            }
            self.stops.lift(known.id);
        }
        Ok(())
    }

    /// Takes one act back, if its undo is armed; after a crash it may have been taken back already.
    async fn take_one_back(
        &self,
        by: &Operator,
        act: CallId,
        stop: StopId,
    ) -> Result<RolledBack, Refusal> {
        let key = act.to_string();
        let standing = |record: &Record| UndoState::from_word(record.text("undo"));
        let record = self.journal.read(Table::Calls, &key).await?;
        let record = record.ok_or_else(|| Refusal::not_found(act))?;
        let before = standing(&record);
        if before == Some(UndoState::Undone) {
            return Ok(RolledBack { act, became: before, reason: None });
        }
        if let Some(why) = why_not(act, &record, self.world.now()) {
            return Ok(RolledBack { act, became: before, reason: Some(why) });
        }
        let answer = self.take_back(by, act, UndoOrder::OrderedWith(stop)).await;
        let became = self.journal.read(Table::Calls, &key).await?.as_ref().and_then(standing);
        let reason = answer.error.filter(|_| became != Some(UndoState::Undone));
        let cut = |text: String| text.chars().take(limits::REASON_CHARS_MAX).collect();
        Ok(RolledBack { act, became, reason: reason.map(|failure| cut(failure.message)) })
    }
}

/// Characters of a token: 128 bits.
const TOKEN_CHARS: usize = 32;
/// What to do about a token that does not fit.
const PLAN_AGAIN: &str = "plan it again: `checkrein stop kill`";

fn digest_of(token: &str) -> domain::Digest {
    contract::digest_of(&serde_json::Value::from(token))
}

/// Whether a call changed something, or may have, and that was not taken back.
fn is_act(record: &Record) -> bool {
    let happened = match CallState::from_word(record.text("state")) {
        Some(CallState::InDoubt) => true,
        Some(CallState::Succeeded | CallState::Partial | CallState::Failed) => {
            Executed::from_word(record.text("executed")) != Some(Executed::No)
        }
        Some(
            CallState::Received
            | CallState::Held
            | CallState::Queued
            | CallState::Denied
            | CallState::Superseded
            | CallState::Cancelled
            | CallState::Admitted
            | CallState::Dispatched,
        )
        | None => false,
    };
    // A class that cannot be read counts as the worst.
    let changes =
        EffectClass::from_word(record.text("effect_class")).is_none_or(EffectClass::changes);
    let taken_back = record.text("undo") == UndoState::Undone.word();
    happened && changes && !taken_back && record.text("undoes").is_empty()
}

/// Why an act cannot be taken back; none where it can.
fn why_not(act: CallId, record: &Record, now: Timestamp) -> Option<String> {
    if record.text("state") == CallState::InDoubt.word() {
        let why = format!(
            "nobody knows whether {act} happened; settle it with `checkrein calls resolve`"
        );
        return Some(why);
    }
    can_be_undone(act, record, now).err().map(|refusal| refusal.message)
}

/// Who ordered a rollback, for its undo calls: that was allowed when it was ordered, and asks for no right again.
fn ordered_by(record: &Record) -> Option<Operator> {
    let name = |column| record.text(column).parse::<Name>().ok();
    Some(Operator {
        tenant: name("tenant")?,
        name: name("ordered_by")?,
        roles: Roles::NONE,
        groups: Groups::Named(std::collections::BTreeSet::new()),
        assurance: Assurance::Key,
        key: KeyId::new(Uuid::nil()),
    })
}

fn lever_of(ended: &[RolledBack], took_ms: u64) -> LeverReceipt {
    let count = |state: UndoState| {
        let these = ended.iter().filter(|rolled| rolled.became == Some(state));
        u64::try_from(these.count()).unwrap_or(u64::MAX)
    };
    let reached = u64::try_from(ended.len()).unwrap_or(u64::MAX);
    let (acknowledged, unknown) = (count(UndoState::Undone), count(UndoState::InDoubt));
    let missing = reached.saturating_sub(acknowledged + unknown);
    LeverReceipt { lever: Lever::Rollback, reached, acknowledged, unknown, missing, took_ms }
}
