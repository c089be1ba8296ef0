//! What is said before a decision: a person asks the agent, and the agent answers with references.
//!
//! A question is told in the held call's answer, which the agent gets when it waits or sends the identical call again;
//! with that it may give `evidence` it did not give before. Both are recorded and shown to whoever decides. Neither
//! changes what is asked: the call's identity knows nothing of evidence. Tests: `crates/sim/tests/it/brief.rs`.

use domain::{
    ApprovalId, ApprovalState, CallId, CallState, Code, Entry, Event, Operator, PayloadKind, limits,
};

use super::deciding::Pending;
use crate::commit::{Commit, Payload, Query, Urgency};
use crate::gate::Gate;
use crate::journey::Call;
use crate::payload;
use crate::port::{Journal, KeyScope, World};
use crate::projection::EVIDENCE;
use crate::refusal::Refusal;
use crate::rescue;
use crate::runs::state_is;
use crate::table::Table;

impl<J: Journal, W: World> Gate<J, W> {
    /// Asks the agent something before a request is decided.
    ///
    /// # Errors
    /// A request that is not pending; a person without the right to decide; too many questions.
    pub async fn ask(
        &self,
        by: &Operator,
        approval: ApprovalId,
        question: String,
    ) -> Result<(), Refusal> {
        let question = self.said(&question)?;
        let Pending { request, call, .. } = self.pending(by, approval).await?;
        if request.count("questions") >= limits::QUESTIONS_MAX {
            let message =
                format!("{} questions were asked about it already", limits::QUESTIONS_MAX);
            return Err(Refusal::new(
                Code::RateLimited,
                message,
                "decide it, or wait for an answer",
            ));
        }
        let held = Refusal::new(Code::Held, "NOT EXECUTED, waiting for approval", "wait for it");
        let kept = self.kept_answer(call.id).await?;
        let mut answer = kept.unwrap_or_else(|| rescue::unanswered(Some(call.id), &held));
        let failure = answer.error.get_or_insert_with(|| rescue::failure(&held));
        failure.message.push_str(&format!("; {} asks: {question}", by.name));
        if !failure.fix.contains("`evidence`") {
            failure.fix.push_str(
                "; answer the question by sending the identical call again with `evidence`",
            );
        }
        answer.journal = None;
        let bytes = payload::answer_bytes(&answer);
        let digest = self.journal.keyed(KeyScope::Run(call.run), &bytes)?;
        let by = by.name.clone();
        let event = Event::ApprovalQuestioned { approval, by, question, answer: digest };
        let (tenant, run, kind) = (call.tenant.clone(), call.run, PayloadKind::Answer);
        let commit = Commit {
            guards: vec![
                state_is(Table::Approvals, request.key, ApprovalState::Pending.word()),
                state_is(Table::Calls, call.id.to_string(), CallState::Held.word()),
            ],
            entries: vec![self.entry_about(&call, event)],
            payloads: vec![Payload { tenant, run, call: call.id, kind, bytes }],
            sources: Vec::new(),
            urgency: Urgency::Outcome,
        };
        self.journal.commit(commit).await?;
        Ok(())
    }

    /// Keeps the references that an identical call brings for one that people are asked about.
    pub(crate) async fn take_evidence(&self, call: &Call, open: CallId) -> Result<(), Refusal> {
        if call.proposal.evidence.is_empty() {
            return Ok(());
        }
        let record = self.journal.read(Table::Calls, &open.to_string()).await?;
        let held = record.is_some_and(|record| record.text("state") == CallState::Held.word());
        if !held {
            return Ok(());
        }
        let query = Query::all(Table::Remarks).with("call", open.to_string());
        let remarks = self.journal.select(query.with("kind", EVIDENCE)).await?;
        let mut known: Vec<String> =
            remarks.iter().map(|remark| remark.text("text").to_owned()).collect();
        let proposal = self.journal.payload(open, PayloadKind::Proposal).await?;
        let proposal = proposal.and_then(|bytes| payload::read_proposal(&bytes).ok());
        let masked = |text: &str| self.masker.mask_text(text).into_owned();
        let first = proposal.into_iter().flat_map(|proposal| proposal.evidence);
        known.extend(first.map(|each| masked(&each.0)));
        let mut evidence: Vec<String> = Vec::new();
        let room = limits::LATER_EVIDENCE_MAX.saturating_sub(remarks.len());
        for text in call.proposal.evidence.iter().map(|each| masked(&each.0)) {
            if !known.contains(&text) && !evidence.contains(&text) && evidence.len() < room {
                evidence.push(text);
            }
        }
        if evidence.is_empty() {
            return Ok(());
        }
        let entry = Entry {
            at: self.world.now(),
            tenant: Some(call.caller.chain.tenant.clone()),
            run: Some(call.run.run.id),
            call: Some(open),
            event: Event::EvidenceGiven { evidence },
        };
        let guard = state_is(Table::Calls, open.to_string(), CallState::Held.word());
        match self.commit_all(vec![entry], vec![guard]).await {
            // It was decided meanwhile: nobody needs them any more.
            Ok(()) | Err(crate::commit::CommitError::Guard { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
