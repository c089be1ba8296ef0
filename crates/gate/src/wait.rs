//! Waiting for a call: joining one that is open, collecting one that was decided, giving an answer again.
//!
//! Waiting holds no budget, lock or connection of the store. Every answer given here is journalled again.

use std::time::Duration;

use domain::{Answer, CallId, Caller, Code, Entry, Event, Name, Replay, RunId, Status, limits};

use crate::commit::{Commit, Record, Urgency};
use crate::gate::Gate;
use crate::journey::Call;
use crate::payload;
use crate::port::{Journal, KeyScope, World};
use crate::refusal::Refusal;
use crate::rescue;
use crate::state::live::News;
use crate::table::Table;

/// Whether somebody waits for people too, or only for work that is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Patience {
    ForPeople,
    ForWork,
}

impl<J: Journal, W: World> Gate<J, W> {
    /// Waits for a call of this caller for at most `longest` (bounded by `limits::WAIT_MAX`), and runs it as
    /// soon as it is approved. Still held: the held answer again.
    pub async fn wait(&self, caller: &Caller, call: CallId, longest: Duration) -> Answer {
        let record = match self.own_call(caller, call).await {
            Ok(record) => record,
            Err(refusal) => return rescue::unanswered(None, &refusal),
        };
        let mut answer =
            self.await_answer(call, longest.min(limits::WAIT_MAX), Patience::ForPeople).await;
        let Ok(run) = record.text("run").parse() else { return answer };
        match self.given_again(&caller.chain.tenant, run, &mut answer).await {
            Ok(()) => answer,
            Err(refusal) => rescue::unanswered(Some(call), &refusal),
        }
    }

    /// Says that a response was fully written: from here on an identical call without a key is a new one.
    pub fn delivered(&self, call: CallId) {
        self.live.delivered(call);
    }

    pub(crate) async fn own_call(&self, caller: &Caller, call: CallId) -> Result<Record, Refusal> {
        let record = self.journal.read(Table::Calls, &call.to_string()).await?;
        let own = record.filter(|record| record.text("grant_id") == caller.grant.to_string());
        own.ok_or_else(|| Refusal::not_found(call))
    }

    /// The answer of an earlier call to an identical one.
    pub(crate) async fn answer_again(&self, call: &Call, known: CallId) -> Answer {
        let mut answer = self.await_answer(known, limits::WAIT_MAX, Patience::ForWork).await;
        let stands_in = self.stands_in(known).await;
        if stands_in != known {
            answer = self.await_answer(stands_in, limits::WAIT_MAX, Patience::ForWork).await;
        }
        answer.replayed = true;
        match self.given_again(&call.caller.chain.tenant, call.run.run.id, &mut answer).await {
            Ok(()) => answer,
            Err(refusal) => rescue::unanswered(Some(known), &refusal),
        }
    }

    /// The call that was made in the place of another one, if there is one: its answer is the one that counts.
    async fn stands_in(&self, known: CallId) -> CallId {
        let mut last = known;
        for _ in 0..=limits::FAILOVERS_MAX {
            let read = |call: CallId| async move {
                let record = self.journal.read(Table::Calls, &call.to_string()).await;
                record.ok().flatten()
            };
            let followed = read(last).await.and_then(|one| one.text("followed_by").parse().ok());
            let Some(next) = followed else { break };
            // The process may have ended before it began.
            if self.live.subscribe(next).is_none() && read(next).await.is_none() {
                break;
            }
            last = next;
        }
        last
    }

    async fn await_answer(&self, call: CallId, longest: Duration, patience: Patience) -> Answer {
        let mut deadline = std::pin::pin!(self.world.sleep(longest));
        loop {
            let Some(mut news) = self.live.subscribe(call) else {
                return self.last_answer(call).await;
            };
            let standing = *news.borrow_and_update();
            match (standing, patience) {
                (News::Answered | News::InDoubt, _) | (News::Held, Patience::ForWork) => {
                    return self.last_answer(call).await;
                }
                (News::Decided, _) => {
                    if let Some(answer) = self.resume(call).await {
                        return answer;
                    }
                }
                (News::Working, _) | (News::Held, Patience::ForPeople) => {}
            }
            tokio::select! {
                biased;
                // A closed channel means that the call is no longer open: the loop finds its last answer.
                _ = news.changed() => {}
                () = &mut deadline => return self.last_answer(call).await,
            }
        }
    }

    /// The last answer given for a call, or what its record says where the answer is no longer kept.
    pub(crate) async fn last_answer(&self, call: CallId) -> Answer {
        match self.kept_answer(call).await {
            Ok(Some(answer)) => answer,
            Ok(None) => self.answer_of_record(call).await,
            Err(refusal) => rescue::unanswered(Some(call), &refusal),
        }
    }

    async fn answer_of_record(&self, call: CallId) -> Answer {
        let record = match self.journal.read(Table::Calls, &call.to_string()).await {
            Ok(record) => record,
            Err(error) => return rescue::unanswered(Some(call), &error.into()),
        };
        let status = record.as_ref().and_then(|record| Status::from_word(record.text("status")));
        let refusal = match status {
            None => {
                Refusal::new(Code::TooManyWaiting, "the call is still in work", "wait for it again")
            }
            Some(Status::InDoubt) => Refusal::new(
                Code::InDoubt,
                "it is not known whether this happened; it is not repeated",
                "ask an operator to settle it with `checkrein calls resolve`",
            ),
            Some(_) => Refusal::new(
                Code::AlreadyDone,
                "this was decided before, and its answer is no longer kept",
                format!("`GET /v1/calls/{call}` says how it ended"),
            ),
        };
        let mut answer = rescue::unanswered(Some(call), &refusal);
        // A call in work may happen at any moment: nobody is told that it did not.
        answer.executed = record
            .and_then(|record| domain::Executed::from_word(record.text("executed")))
            .unwrap_or(domain::Executed::Unknown);
        answer
    }

    /// Journals that an answer is given once more (P8).
    pub(crate) async fn given_again(
        &self,
        tenant: &Name,
        run: RunId,
        answer: &mut Answer,
    ) -> Result<(), Refusal> {
        let bytes = payload::answer_bytes(answer);
        let digest = self.journal.keyed(KeyScope::Run(run), &bytes)?;
        let replayed = if answer.replayed { Replay::Replayed } else { Replay::Fresh };
        let code = answer.error.as_ref().map(|failure| failure.code);
        let entry = Entry {
            at: self.world.now(),
            tenant: Some(tenant.clone()),
            run: Some(run),
            call: answer.call,
            event: Event::AnswerGiven { code, answer: digest, replayed },
        };
        let commit = Commit {
            guards: Vec::new(),
            entries: vec![entry],
            payloads: Vec::new(),
            sources: Vec::new(),
            urgency: Urgency::Outcome,
        };
        let receipt = self.journal.commit(commit).await?;
        answer.journal = receipt.last();
        Ok(())
    }
}
