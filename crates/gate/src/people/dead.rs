//! Dead letters: calls that wait for a person because no attempt is left, or because nobody knows what became of them.
//!
//! In: the clock, and what a person decides. Out: letters, and their one end. A letter is redriven only if its call
//! certainly did not happen: as a new call of the same agent by the same grant, which walks the whole journey. A letter
//! in doubt is resolved, through the same path as any doubt. Tests: `sim/tests/it/dead.rs`.

use domain::{
    Answer, CallId, CallLink, CallState, Caller, Code, DeadLetterState, DeadReason, Digest, Event,
    Executed, GrantId, KeyId, Operator, PayloadKind, Right, RunId, Timestamp,
};
use uuid::Uuid;

use super::deciding::HeldCall;
use super::needs;
use crate::commit::{CommitError, Guard, Query, Record};
use crate::gate::Gate;
use crate::journey::{Ask, Authority, Before, Call, Instead, edited};
use crate::payload;
use crate::port::{Journal, World};
use crate::refusal::Refusal;
use crate::runs::state_is;
use crate::table::Table;

/// How many letters wait for a person, and since when the oldest does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DeadLetters {
    /// Open letters, up to `limits::PAGE_ROWS_MAX`.
    pub open: usize,
    /// When the oldest of them was written.
    pub oldest: Option<Timestamp>,
}

/// What is said of a letter that is settled.
struct Settlement<'a> {
    to: DeadLetterState,
    by: &'a str,
    reason: String,
    redriven_as: Option<CallId>,
    ledger: Option<Digest>,
}

impl<J: Journal, W: World> Gate<J, W> {
    /// Letters that wait, of all tenants.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn dead_letters(&self) -> Result<DeadLetters, Refusal> {
        let mut query = Query::all(Table::DeadLetters).with("state", DeadLetterState::Open.word());
        query.order_by = Some("at_ms");
        let records = self.journal.select(query).await?;
        let oldest = records.first().map(|record| Timestamp::from_millis(record.count("at_ms")));
        Ok(DeadLetters { open: records.len(), oldest })
    }

    /// Makes a letter's call again, as a new call of the same agent. The first one must not have happened.
    ///
    /// # Errors
    /// A letter that is settled or in doubt, or whose proposal, grant or run is gone; a person without the right.
    pub async fn redrive(
        &self,
        by: &Operator,
        call: CallId,
        reason: &str,
    ) -> Result<Answer, Refusal> {
        needs(by, Right::Operate)?;
        let reason = self.said(reason)?;
        let (letter, record) = self.open_letter(by, call).await?;
        let state = CallState::from_word(record.text("state"));
        let certainly_not = record.text("executed") == Executed::No.word();
        if !(certainly_not && state.is_some_and(CallState::is_final)) {
            let message = format!(
                "{call} is {} and may have happened; it is never made again by redriving",
                record.text("state")
            );
            let fix = "find out what became of it, then `checkrein dead resolve`";
            return Err(Refusal::new(Code::Conflict, message, fix));
        }
        let mut again = self.again(&record, call).await?;
        again.instead = Some(Instead { of: call, link: CallLink::Redrives, steps: 0 });
        again.told.push(format!("it is made again in the place of {call}, which did not happen"));
        let settled = Settlement {
            to: DeadLetterState::Redriven,
            by: by.name.as_str(),
            reason,
            redriven_as: Some(again.id),
            // The same key stands for the new call from here on, whoever sends it.
            ledger: record.text("ledger").parse().ok(),
        };
        self.settle_letter(&letter, &record, settled).await?;
        // Its place is free for the identical call.
        self.live.forget(call);
        Ok(self.walk_instead(again).await)
    }

    /// Says what became of a letter's call. In doubt, that settles the call; else it can only be what is known.
    ///
    /// # Errors
    /// A letter that is settled; a finding that contradicts what is known; a person without the right.
    pub async fn resolve_letter(
        &self,
        by: &Operator,
        call: CallId,
        (found, reason): (Executed, String),
    ) -> Result<(), Refusal> {
        needs(by, Right::Operate)?;
        let (letter, record) = self.open_letter(by, call).await?;
        if record.text("state") == CallState::InDoubt.word() {
            // The letter ends in the same commit.
            return self.resolve_doubt(by, call, (found, reason)).await;
        }
        if record.text("executed") != found.word() {
            let message = format!("it is known of {call}: executed `{}`", record.text("executed"));
            let fix = "redrive or discard it, or resolve it as what is known";
            return Err(Refusal::new(Code::Conflict, message, fix));
        }
        let reason = self.said(&reason)?;
        self.settle_letter(&letter, &record, plain(DeadLetterState::Resolved, by, reason)).await
    }

    /// Puts a letter away. What is known of its call stays as it is; one in doubt stays in doubt.
    ///
    /// # Errors
    /// A letter that is settled; no reason; a person without the right.
    pub async fn discard_letter(
        &self,
        by: &Operator,
        call: CallId,
        reason: &str,
    ) -> Result<(), Refusal> {
        needs(by, Right::Operate)?;
        let reason = self.said(reason)?;
        if reason.trim().is_empty() {
            let message = "discarding a letter needs a reason: nobody looks at it again";
            return Err(Refusal::new(Code::InvalidRequest, message, "give `reason`"));
        }
        let (letter, record) = self.open_letter(by, call).await?;
        self.settle_letter(&letter, &record, plain(DeadLetterState::Discarded, by, reason)).await
    }

    async fn open_letter(&self, by: &Operator, call: CallId) -> Result<(Record, Record), Refusal> {
        let own = |record: &Record| record.text("tenant") == by.tenant.as_str();
        let none = || Refusal::not_found(format!("dead letter of {call}"));
        let key = call.to_string();
        let letter = self.journal.read(Table::DeadLetters, &key).await?.filter(own);
        let letter = letter.ok_or_else(none)?;
        if letter.text("state") != DeadLetterState::Open.word() {
            let message = format!("the dead letter of {call} is {}", letter.text("state"));
            return Err(Refusal::conflict(message));
        }
        let record = self.journal.read(Table::Calls, &key).await?.ok_or_else(none)?;
        Ok((letter, record))
    }

    async fn settle_letter(
        &self,
        letter: &Record,
        record: &Record,
        settled: Settlement<'_>,
    ) -> Result<(), Refusal> {
        let held = HeldCall::of(record).ok_or_else(|| Refusal::not_found(&record.key))?;
        let Settlement { to, by, reason, redriven_as, ledger } = settled;
        let event = Event::DeadLetterMoved { to, by: by.to_owned(), reason, redriven_as, ledger };
        let guards = vec![
            state_is(Table::DeadLetters, letter.key.clone(), DeadLetterState::Open.word()),
            // A probe may have found out meanwhile.
            state_is(Table::Calls, record.key.clone(), record.text("state")),
        ];
        Ok(self.commit_all(vec![self.entry_about(&held, event)], guards).await?)
    }

    /// The open letter of a call ends with its doubt: the entry for that, if there is a letter.
    pub(super) async fn letter_ends(
        &self,
        call: &HeldCall,
        (by, reason): (&str, &str),
    ) -> Result<Option<(Guard, domain::Entry)>, Refusal> {
        let key = call.id.to_string();
        let letter = self.journal.read(Table::DeadLetters, &key).await?;
        let open = DeadLetterState::Open.word();
        if letter.is_none_or(|letter| letter.text("state") != open) {
            return Ok(None);
        }
        let event = Event::DeadLetterMoved {
            to: DeadLetterState::Resolved,
            by: by.to_owned(),
            reason: reason.to_owned(),
            redriven_as: None,
            ledger: None,
        };
        Ok(Some((state_is(Table::DeadLetters, key, open), self.entry_about(call, event))))
    }

    /// The same proposal as a new call, by the same grant, in the same run.
    async fn again(&self, record: &Record, call: CallId) -> Result<Call, Refusal> {
        let gone = |what: &str| {
            let message = format!("{what} of {call} is gone, so it cannot be made again");
            Refusal::new(Code::NotReplayable, message, "discard it, and let its agent propose anew")
        };
        let kept = self.journal.payload(call, PayloadKind::Proposal).await?;
        let proposal = kept.and_then(|bytes| payload::read_proposal(&bytes).ok());
        let mut proposal = proposal.ok_or_else(|| gone("the proposal"))?;
        let grant: GrantId = record.text("grant_id").parse().map_err(|_| gone("the grant"))?;
        let live = self.directory.grant(grant);
        let live = live.filter(|live| live.grant.holds(self.world.now()));
        let live = live.ok_or_else(|| gone("the grant"))?;
        let run: RunId = record.text("run").parse().map_err(|_| gone("the run"))?;
        let run = self.known_run(run).await?.ok_or_else(|| gone("the run"))?;
        let key = KeyId::new(Uuid::nil());
        let caller = Caller { chain: live.grant.chain.clone(), grant, key };
        proposal.run = Some(run.run.id);
        let id = CallId::new(self.world.fresh());
        let received = self.world.now();
        let ask = Ask { id, received, authority: Authority::Agent, before: Before::New };
        edited::anew(self, (caller, run), (proposal, ask)).await
    }

    /// Calls that are in doubt for longer than their contract allows become letters.
    pub(crate) async fn letter_doubts(&self, now: Timestamp) -> Result<(), Refusal> {
        let rules = self.rules();
        let horizon = |tool: &domain::ToolName| {
            let contract = rules.catalogue.get(tool).map(|compiled| &compiled.contract);
            contract.map_or(domain::limits::DOUBT_HORIZON_DEFAULT, |contract| {
                contract.attempts.doubt_horizon
            })
        };
        let mut done = Ok(());
        for (call, doubt) in self.doubts.overdue(now, horizon) {
            let event = Event::DeadLettered {
                why: DeadReason::InDoubt,
                attempts: doubt.attempts,
                agent: doubt.agent,
                tool: doubt.tool,
                resource: doubt.resource,
            };
            let entry = domain::Entry {
                at: self.world.now(),
                tenant: Some(doubt.tenant),
                run: Some(doubt.run),
                call: Some(call),
                event,
            };
            let guards = vec![
                state_is(Table::Calls, call.to_string(), CallState::InDoubt.word()),
                Guard::Free { table: Table::DeadLetters, key: call.to_string() },
            ];
            match self.commit_all(vec![entry], guards).await {
                // It was settled, or has its letter from before the last start.
                Ok(()) | Err(CommitError::Guard { .. }) => self.doubts.lettered(call),
                Err(error) => done = done.and(Err(error.into())),
            }
        }
        done
    }
}

fn plain(to: DeadLetterState, by: &Operator, reason: String) -> Settlement<'_> {
    Settlement { to, by: by.name.as_str(), reason, redriven_as: None, ledger: None }
}
