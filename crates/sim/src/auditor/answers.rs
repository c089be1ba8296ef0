//! Answers (P8): each stands in the journal as it was given, is told to its own principal, and says what
//! happened.

use domain::{
    Answer, CallId, Code, Digest, Event, Executed, PayloadKind, PrincipalChain, Proposal, Status,
};
use gate::{KeyScope, payload};

use super::Auditor;
use super::model::same_principal;
use crate::fault::Promise;
use crate::journal::Store;

/// Who was answered, and what for.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The principal.
    pub chain: &'a PrincipalChain,
    /// What was proposed; none for whoever only waited.
    pub proposal: Option<&'a Proposal>,
}

impl Auditor {
    /// An answer was returned.
    pub fn answered(&mut self, asked: Asked<'_>, answer: &Answer, store: &Store) {
        let code = answer.error.as_ref().map(|error| error.code);
        self.coverage.answer(answer.status, code);
        self.keeps_secrets(&format!("{answer:?}"), "an answer");
        if may_be_unrecorded(answer, code) {
            self.unwritten.extend(answer.call);
            return;
        }
        self.recorded(asked, answer, store);
        let Some(id) = answer.call else { return };
        self.own(asked, (id, answer), store);
        self.truthful(id, answer);
        let open =
            self.calls.get(&id).is_some_and(|call| call.ledger().is_none() && call.changes());
        if open
            && !self.arrived.contains(&id)
            && code.is_none_or(|code| code.row().executed != Executed::No)
        {
            self.undelivered.insert(id);
        }
    }

    /// The caller has it all: an identical call is a new one.
    pub fn delivered(&mut self, id: CallId) {
        self.undelivered.remove(&id);
        self.arrived.insert(id);
    }

    fn recorded(&mut self, asked: Asked<'_>, answer: &Answer, store: &Store) {
        let Some(position) = answer.journal else {
            let what =
                format!("{:?} was answered {:?} without an entry", answer.call, answer.error);
            self.broken(Promise::Answered, what);
            return;
        };
        let place = usize::try_from(position.seq.saturating_sub(1)).unwrap_or(usize::MAX);
        let Some((entry, stands)) = store.entries().get(place) else {
            let what = format!("the answer of {:?} stands nowhere", answer.call);
            self.broken(Promise::Answered, what);
            return;
        };
        let bytes = payload::answer_bytes(answer);
        let scope = match entry.run {
            Some(run) => KeyScope::Run(run),
            None => KeyScope::Tenant(&asked.chain.tenant),
        };
        let digest = store.keyed(scope, &bytes).ok();
        if *stands != position || digest.is_none() || covered(&entry.event) != digest {
            let what = format!(
                "the entry {} of {:?} does not cover the answer {answer:?}",
                position.seq, answer.call
            );
            self.broken(Promise::Answered, what);
        }
    }

    /// Nobody is given the answer of another principal, or of another act.
    fn own(&mut self, asked: Asked<'_>, (id, answer): (CallId, &Answer), store: &Store) {
        let chain = self.calls.get(&id).and_then(|call| call.chain().cloned());
        if chain.is_some_and(|chain| !same_principal(&chain, asked.chain)) {
            let what = format!("{:?} was given the answer of {id}", asked.chain.agent);
            self.broken(Promise::Answered, what);
        }
        let (Some(proposal), true) = (asked.proposal, answer.replayed) else { return };
        let known = store.payload(id, PayloadKind::Proposal);
        let Some(known) = known.and_then(|bytes| payload::read_proposal(&bytes).ok()) else {
            return;
        };
        let keyless = proposal.key.is_none();
        if (&known.tool, &known.arguments) != (&proposal.tool, &proposal.arguments)
            || (keyless && known.after != proposal.after)
        {
            let what = format!(
                "{} {} was answered with {id}, which is {}",
                proposal.tool, proposal.arguments, known.arguments
            );
            self.broken(Promise::Once, what);
        }
    }

    /// Yes means that it happened, no that it never will.
    fn truthful(&mut self, id: CallId, answer: &Answer) {
        let code = answer.error.as_ref().map(|error| error.code);
        if matches!(code, Some(Code::AlreadyDone | Code::DoneNowDenied)) || self.liars.contains(&id)
        {
            return;
        }
        let (effects, changes) =
            self.calls.get(&id).map_or((0, false), |call| (call.effects, call.changes()));
        match (answer.executed, answer.status) {
            (Executed::No, Status::Held) => {}
            (Executed::No, _) if effects > 0 => {
                let what = format!("{id} happened and was answered {answer:?}");
                self.broken(Promise::Answered, what);
            }
            (Executed::No, _) => {
                self.denied_to.insert(id);
            }
            (Executed::Yes, _) if changes && effects == 0 => {
                let what = format!("{id} did not happen and was answered {answer:?}");
                self.broken(Promise::Answered, what);
            }
            (Executed::Yes | Executed::Partly | Executed::Unknown, _) => {}
        }
    }
}

/// An answer to nobody known, about no call, or about a store that could not be written.
fn may_be_unrecorded(answer: &Answer, code: Option<Code>) -> bool {
    let unwritten = matches!(
        code,
        Some(
            Code::StoreFailed | Code::ClockWentBack | Code::TooManyWaiting | Code::NotAuthenticated
        )
    );
    answer.journal.is_none() && (unwritten || answer.call.is_none())
}

/// The digest of the answer that an entry carries.
fn covered(event: &Event) -> Option<Digest> {
    if let Event::CallDenied { answer, .. }
    | Event::CallHeld { answer, .. }
    | Event::CallQueued { answer, .. }
    | Event::HeldCallDenied { answer, .. }
    | Event::AnswerGiven { answer, .. } = event
    {
        Some(*answer)
    } else if let Event::ReadSettled { outcome, .. } | Event::CallSettled { outcome } = event {
        Some(outcome.answer)
    } else if let Event::CallLost { answer, .. } | Event::CallCancelled { answer, .. } = event {
        *answer
    } else {
        None
    }
}
