//! Held calls: approved, rejected, withdrawn, expired. Whatever ends one closes its other requests too.
//!
//! Approving runs nothing by itself: it tells whoever waits, and marks detached calls for the next tick.

use domain::{
    Amounts, Answer, ApprovalId, ApprovalState, BudgetScope, CallId, CallState, Code, Digest,
    Entry, Event, Executed, GrantId, Name, Operator, PayloadKind, Replaced, Right, RunId, Surface,
    Timestamp, Vote, limits,
};

use super::eligible::Says;
use super::needs;
use crate::commit::{Commit, CommitError, Guard, Payload, Query, Record, Urgency};
use crate::gate::Gate;
use crate::journey::{RAISE, wanted_again};
use crate::outlets::Message;
use crate::payload;
use crate::port::{Journal, KeyScope, World};
use crate::projection::{budget_of, vote_key};
use crate::refusal::Refusal;
use crate::rescue;
use crate::runs::state_is;
use crate::state::live::News;
use crate::state::lock;
use crate::table::Table;

/// A held call as its record has it.
pub(super) struct HeldCall {
    pub(super) id: CallId,
    pub(super) run: RunId,
    grant: GrantId,
    pub(super) tenant: Name,
    ledger: Option<Digest>,
    detached: bool,
    /// Held, or in the outbox.
    waits_as: CallState,
}

impl HeldCall {
    pub(super) fn of(record: &Record) -> Option<Self> {
        Some(Self {
            id: record.key.parse().ok()?,
            run: record.text("run").parse().ok()?,
            grant: record.text("grant_id").parse().ok()?,
            tenant: record.text("tenant").parse().ok()?,
            ledger: record.text("ledger").parse().ok(),
            detached: record.integer("detached") == Some(1),
            waits_as: match CallState::from_word(record.text("state")) {
                Some(CallState::Queued) => CallState::Queued,
                // Guards refuse what is neither.
                Some(_) | None => CallState::Held,
            },
        })
    }

    /// The event that ends it: taken back by its caller or by a kill, or refused.
    fn ended(&self, by: &str, (refusal, answer): (&Refusal, Digest)) -> Event {
        let (by, reason, code, ledger) =
            (by.to_owned(), refusal.message.clone(), refusal.code, self.ledger);
        if matches!(code, Code::Withdrawn | Code::Stopped) {
            return Event::CallCancelled {
                by,
                reason,
                code,
                ledger,
                reservation: None,
                answer: Some(answer),
            };
        }
        let (subject, decision) = (None, None);
        Event::HeldCallDenied { subject, decision, code, by, reason, ledger, answer }
    }
}

/// A person's yes, as it is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Yes {
    /// Why, if the person wants to say.
    pub reason: Option<String>,
    /// What the person typed to confirm an act that cannot be undone.
    pub confirm: Option<String>,
    /// Digest of what the person was shown, if the surface tells.
    pub shown: Option<Digest>,
    /// Where it is said.
    pub surface: Surface,
    /// The message from outside that says it; recorded with it, so that it says so once.
    pub message: Option<Message>,
}

impl From<Option<String>> for Yes {
    fn from(reason: Option<String>) -> Self {
        Self { reason, confirm: None, shown: None, surface: Surface::Api, message: None }
    }
}

/// A person's no, as it is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct No {
    /// Why.
    pub reason: String,
    /// The message from outside that says it.
    pub message: Option<Message>,
}

/// A request that somebody may decide now, with its call.
pub(super) struct Pending {
    pub(super) id: ApprovalId,
    pub(super) request: Record,
    pub(super) record: Record,
    pub(super) call: HeldCall,
}

/// Tries again when somebody else said yes between looking and committing: everybody of a quorum may at once.
const VOTE_TRIES: u8 = limits::QUORUM_MAX;

impl<J: Journal, W: World> Gate<J, W> {
    /// Says yes to one request. It is approved when as many people said so as its quorum; the call then runs when
    /// somebody waits for it, when the identical call returns, or at once if it was proposed detached.
    ///
    /// # Errors
    /// A request that is not pending or whose time is over; a person who may not decide it, is not sure enough, said
    /// yes before, did not confirm an act that cannot be undone, or was shown something else.
    pub async fn approve(
        &self,
        by: &Operator,
        approval: ApprovalId,
        yes: impl Into<Yes> + Send,
    ) -> Result<(), Refusal> {
        let yes = yes.into();
        let reason = yes.reason.as_deref().map(|reason| self.said(reason)).transpose()?;
        for _ in 0..VOTE_TRIES {
            let pending = self.pending(by, approval).await?;
            self.may_decide(by, (&pending.request, &pending.record), Says::Yes).await?;
            let shown = self.confirmed(&pending, &yes).await?;
            let vote = Vote {
                by: by.name.clone(),
                at: self.world.now(),
                reason: reason.clone(),
                assurance: by.assurance,
                surface: yes.surface,
                shown: yes.shown.map(|_| shown),
            };
            match self.vote(&pending, (vote, yes.message.as_ref())).await {
                Err(Voted::Meanwhile) => {}
                Err(Voted::Refused(refusal)) => return Err(refusal),
                Ok(Standing::Waits) => return Ok(()),
                Ok(Standing::Approved) => return self.ready(&pending.call).await,
            }
        }
        Err(Refusal::conflict(format!("others decide on {approval} at this very moment")))
    }

    /// Writes one yes, and the approval with it if it is the last one needed.
    async fn vote(
        &self,
        pending: &Pending,
        (vote, message): (Vote, Option<&Message>),
    ) -> Result<Standing, Voted> {
        let Pending { id: approval, request, call, .. } = pending;
        let before = request.count("votes");
        let quorum = request.count("quorum").max(1);
        let (by, reason) = (vote.by.clone(), vote.reason.clone());
        let at = vote.at;
        let own = vote_key(*approval, &by);
        let mut guards = vec![
            Guard::Free { table: Table::Votes, key: own },
            Guard::Is {
                table: Table::Approvals,
                key: request.key.clone(),
                column: "votes",
                value: before.into(),
            },
        ];
        guards.push(state_is(Table::Approvals, request.key.clone(), ApprovalState::Pending.word()));
        guards.push(state_is(Table::Calls, call.id.to_string(), CallState::Held.word()));
        let voted = Event::ApprovalVoted { approval: *approval, vote };
        let mut entries = vec![self.entry_about(call, voted)];
        if let Some(message) = message {
            guards.push(message.not_taken());
            entries.push(self.entry_about(call, message.taken(&by, (Some(*approval), "approved"))));
        }
        let mut raises = Vec::new();
        // Whoever lost the right since said yes in vain.
        let standing = self.standing_of((*approval, request, &pending.record)).await?;
        let standing = u64::try_from(standing.len()).unwrap_or_default();
        let enough = standing + 1 >= quorum;
        if enough {
            let within = std::time::Duration::from_millis(request.count("execute_within_ms"));
            let execute_by = at.plus(within);
            let approved =
                Event::ApprovalApproved { approval: *approval, by: by.clone(), reason, execute_by };
            entries.push(self.entry_about(call, approved));
            if request.text("requirement") == RAISE {
                raises = self.raises_for(call).await?;
                entries.extend(raises.iter().map(|raise| self.raised(&by, call, *raise)));
            }
        }
        match self.commit_all(entries, guards).await {
            Ok(()) => {}
            Err(CommitError::Guard { index: 0, .. }) => {
                return Err(said_before(&by, *approval).into());
            }
            Err(CommitError::Guard { index: 1, .. }) => return Err(Voted::Meanwhile),
            Err(error) => return Err(Refusal::from(error).into()),
        }
        self.raise_in_memory(&raises);
        Ok(if enough { Standing::Approved } else { Standing::Waits })
    }

    /// Tells whoever waits that a request was approved, once all of its call are.
    async fn ready(&self, call: &HeldCall) -> Result<(), Refusal> {
        if self.all_decided(call.id).await? {
            self.live.tell(call.id, News::Decided);
            if call.detached {
                lock(&self.detached).push(call.id);
            }
        }
        Ok(())
    }

    /// The budgets that the call does not fit in, of its run and of its grant's day, each raised by what the
    /// call may take: that is what is asked.
    async fn raises_for(&self, call: &HeldCall) -> Result<Vec<(BudgetScope, Amounts)>, Refusal> {
        let wanted = wanted_again(self, call.id).await?;
        let day = self.budget_of_day(call.grant, &call.tenant).await?;
        let mut raises = Vec::new();
        for scope in [BudgetScope::Run(call.run), day] {
            let record = self.journal.read(Table::Budgets, &scope.to_string()).await?;
            let record =
                record.ok_or_else(|| Refusal::not_found(format!("the budget of {scope}")))?;
            if budget_of(scope, &record).exceeded_by(wanted).is_some() {
                raises.push((scope, wanted));
            }
        }
        Ok(raises)
    }

    fn raised(
        &self,
        by: &Name,
        call: &HeldCall,
        (scope, by_amounts): (BudgetScope, Amounts),
    ) -> Entry {
        let reason = format!("approved for {}", call.id);
        let by = by.clone();
        self.entry_about(call, Event::BudgetRaised { scope, by_amounts, by, reason })
    }

    /// Keeps budgets of runs in memory in step; a grant's day is only in the store.
    fn raise_in_memory(&self, raises: &[(BudgetScope, Amounts)]) {
        for (scope, by_amounts) in raises {
            let BudgetScope::Run(run) = scope else { continue };
            let Some(live) = self.directory.run(*run) else { continue };
            let mut counts = lock(&live.counts);
            let limit = counts.budget.limit;
            let raised = |old: u64, each| old.saturating_add(by_amounts.of(each));
            counts.budget.limit =
                Amounts::<u64>::each(|each| limit.of(each).map(|old| raised(old, each)));
        }
    }

    /// Rejects one request; the call is denied.
    ///
    /// # Errors
    /// As for `approve`.
    pub async fn reject(
        &self,
        by: &Operator,
        approval: ApprovalId,
        reason: String,
    ) -> Result<(), Refusal> {
        self.say_no(by, approval, No { reason, message: None }).await
    }

    /// The same by a message from outside, which says so once.
    ///
    /// # Errors
    /// As for `approve`; a message that was taken before.
    pub async fn say_no(
        &self,
        by: &Operator,
        approval: ApprovalId,
        No { reason, message }: No,
    ) -> Result<(), Refusal> {
        let reason = self.said(&reason)?;
        let Pending { request, record, call, .. } = self.pending(by, approval).await?;
        self.may_decide(by, (&request, &record), Says::No).await?;
        let refusal = Refusal::new(
            Code::Rejected,
            format!("NOT EXECUTED, {} rejected it: {reason}", by.name),
            "do not send it again as it is; propose something that meets the reason",
        );
        let mut events = vec![Event::ApprovalRejected { approval, by: by.name.clone(), reason }];
        let mut guards =
            vec![state_is(Table::Approvals, request.key, ApprovalState::Pending.word())];
        if let Some(message) = message {
            guards.push(message.not_taken());
            events.push(message.taken(&by.name, (Some(approval), "rejected")));
        }
        self.end_held(&call, (refusal, by.name.as_str()), (events, guards)).await.map(|_| ())
    }

    pub(super) async fn pending(
        &self,
        by: &Operator,
        approval: ApprovalId,
    ) -> Result<Pending, Refusal> {
        needs(by, Right::Decide)?;
        let record = self.journal.read(Table::Approvals, &approval.to_string()).await?;
        let record = record.filter(|record| record.text("tenant") == by.tenant.as_str());
        let record = record.ok_or_else(|| Refusal::not_found(approval))?;
        let state = record.text("state");
        if state != ApprovalState::Pending.word() {
            return Err(Refusal::conflict(format!("{approval} is {state}, not pending")));
        }
        if Timestamp::from_millis(record.count("decide_by_ms")) <= self.world.now() {
            let message = format!("{approval} had to be decided earlier; its time is over");
            return Err(Refusal::new(
                Code::Expired,
                message,
                "the agent proposes it again if it is still wanted",
            ));
        }
        let of = self.journal.read(Table::Calls, record.text("call")).await?;
        let of = of.ok_or_else(|| Refusal::not_found(approval))?;
        let call = HeldCall::of(&of).ok_or_else(|| Refusal::not_found(approval))?;
        Ok(Pending { id: approval, request: record, record: of, call })
    }

    pub(crate) async fn all_decided(&self, call: CallId) -> Result<bool, Refusal> {
        let asked = self
            .journal
            .select(Query::all(Table::Approvals).with("call", call.to_string()))
            .await?;
        Ok(asked.iter().all(|record| record.text("state") == ApprovalState::Approved.word()))
    }

    pub(super) fn entry_about(&self, call: &HeldCall, event: Event) -> Entry {
        Entry {
            at: self.world.now(),
            tenant: Some(call.tenant.clone()),
            run: Some(call.run),
            call: Some(call.id),
            event,
        }
    }

    /// Ends a held call, or one in the outbox, without a permit, with an answer for whoever asks again.
    pub(super) async fn end_held(
        &self,
        call: &HeldCall,
        (refusal, by): (Refusal, &str),
        (mut events, mut guards): (Vec<Event>, Vec<Guard>),
    ) -> Result<Answer, Refusal> {
        let kept = self.kept_answer(call.id).await?;
        let mut answer = kept.unwrap_or_else(|| rescue::unanswered(Some(call.id), &refusal));
        answer.status = refusal.code.row().status;
        answer.executed = Executed::No;
        answer.error = Some(rescue::failure(&refusal));
        answer.undo = None;
        answer.journal = None;
        let bytes = payload::answer_bytes(&answer);
        let digest = self.journal.keyed(KeyScope::Run(call.run), &bytes)?;
        events.extend(self.still_asked(call.id, &events).await?);
        events.push(call.ended(by, (&refusal, digest)));
        let (tenant, run, kind) = (call.tenant.clone(), call.run, PayloadKind::Answer);
        guards.push(state_is(Table::Calls, call.id.to_string(), call.waits_as.word()));
        let commit = Commit {
            guards,
            entries: events.into_iter().map(|event| self.entry_about(call, event)).collect(),
            payloads: vec![Payload { tenant, run, call: call.id, kind, bytes }],
            sources: Vec::new(),
            urgency: Urgency::Outcome,
        };
        let receipt = self.journal.commit(commit).await?;
        answer.journal = receipt.last();
        self.live.tell(call.id, News::Answered);
        self.live.forget(call.id);
        Ok(answer)
    }

    /// Closes the other requests of a call that ends.
    async fn still_asked(&self, call: CallId, events: &[Event]) -> Result<Vec<Event>, Refusal> {
        let named: Vec<ApprovalId> = events.iter().filter_map(decides).collect();
        let asked = self
            .journal
            .select(Query::all(Table::Approvals).with("call", call.to_string()))
            .await?;
        let open =
            asked.iter().filter(|record| matches!(record.text("state"), "pending" | "approved"));
        let ids =
            open.filter_map(|record| record.key.parse().ok()).filter(|id| !named.contains(id));
        let close = |approval| Event::ApprovalClosed { approval, superseded: Replaced::Withdrawn };
        Ok(ids.map(close).collect())
    }

    /// Takes a held call back, or one in the outbox, by the agent that proposed it.
    ///
    /// # Errors
    /// A call that is not held, or not this caller's.
    pub async fn withdraw(
        &self,
        caller: &domain::Caller,
        call: CallId,
        reason: String,
    ) -> Result<Answer, Refusal> {
        let reason = self.said(&reason)?;
        let record = self.own_call(caller, call).await?;
        let held = HeldCall::of(&record).ok_or_else(|| Refusal::not_found(call))?;
        let refusal = Refusal::new(
            Code::Withdrawn,
            format!("withdrawn: {reason}"),
            "propose it again if it is wanted",
        );
        // That it still waits is asked for every end.
        let by = caller.chain.agent.name.as_str();
        self.end_held(&held, (refusal, by), (Vec::new(), Vec::new())).await
    }

    /// Denies held calls whose requests were not decided, or not used, in time (P9). Goes on past a failure
    /// and tells the first one.
    pub(crate) async fn expire(&self, now: Timestamp) -> Result<(), Refusal> {
        let clocks = [
            (ApprovalState::Pending, "decide_by_ms", "was not decided in time"),
            (ApprovalState::Approved, "execute_by_ms", "was approved and not collected in time"),
        ];
        let mut done = Ok(());
        for (state, clock, words) in clocks {
            let mut query = Query::all(Table::Approvals).with("state", state.word());
            query.order_by = Some(clock);
            query.limit = limits::DUE_PER_TICK_MAX;
            let over = |record: &Record| record.count(clock) <= now.millis();
            for record in self.journal.select(query).await?.iter().take_while(|record| over(record))
            {
                done = done.and(self.expire_one(record, (state, words)).await);
            }
        }
        done
    }

    async fn expire_one(
        &self,
        record: &Record,
        (state, words): (ApprovalState, &str),
    ) -> Result<(), Refusal> {
        let Ok(approval) = record.key.parse::<ApprovalId>() else { return Ok(()) };
        let guard = state_is(Table::Approvals, record.key.clone(), state.word());
        let call = self.journal.read(Table::Calls, record.text("call")).await?;
        let call = call.filter(|call| call.text("state") == CallState::Held.word());
        let ended = match call.as_ref().and_then(HeldCall::of) {
            Some(call) => {
                let message = format!("NOT EXECUTED, {approval} {words}");
                let fix = "propose it again if it is still wanted";
                let refusal = Refusal::new(Code::Expired, message, fix);
                let events = vec![Event::ApprovalExpired { approval }];
                self.end_held(&call, (refusal, "time"), (events, vec![guard])).await.map(|_| ())
            }
            None => self.close_left_over(record, (approval, guard)).await,
        };
        match ended {
            // Somebody decided in the meantime, or it runs right now.
            Err(refusal) if refusal.code == Code::Conflict => Ok(()),
            other => other,
        }
    }

    /// Closes a request whose call waits no more, so that it is not due for ever.
    async fn close_left_over(
        &self,
        record: &Record,
        (approval, guard): (ApprovalId, Guard),
    ) -> Result<(), Refusal> {
        let entry = Entry {
            at: self.world.now(),
            tenant: record.text("tenant").parse().ok(),
            run: record.text("run").parse().ok(),
            call: record.text("call").parse().ok(),
            event: Event::ApprovalClosed { approval, superseded: Replaced::Withdrawn },
        };
        Ok(self.commit_all(vec![entry], vec![guard]).await?)
    }
}

/// How a request stands after a yes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// More people are needed.
    Waits,
    /// That was the last one needed.
    Approved,
}

/// Why a yes was not written.
enum Voted {
    /// Another person said yes at the same moment: look again.
    Meanwhile,
    /// It is refused.
    Refused(Refusal),
}

impl From<Refusal> for Voted {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

fn said_before(by: &Name, approval: ApprovalId) -> Refusal {
    let message =
        format!("not eligible: `{by}` already said yes to {approval}, and each person counts once");
    Refusal::new(Code::NotEligible, message, "ask another person of the group")
}

/// The request that an event decides.
fn decides(event: &Event) -> Option<ApprovalId> {
    if let Event::ApprovalRejected { approval, .. } | Event::ApprovalExpired { approval } = event {
        return Some(*approval);
    }
    None
}
