//! What is kept of a call: its subject with keyed digests, its payloads, its masked names.
//!
//! In: a call and what was decided. Out: its subject and payloads. What is masked here is masked
//! everywhere an entry or an answer is shown.

use domain::{
    Answer, CallId, Decision, Digest, Effect, PayloadKind, Resource, RunId, Strength, Subject, Tier,
};

use crate::commit::Payload;
use crate::gate::Gate;
use crate::journey::Call;
use crate::payload;
use crate::port::{Journal, KeyScope, World};
use crate::refusal::Refusal;
use crate::rescue::{Decided, Halt};

impl<J: Journal, W: World> Gate<J, W> {
    /// The subject of a call's first entry, and the payloads that stand behind its digests.
    pub(crate) fn record(
        &self,
        call: &Call,
        decided: &Decided,
    ) -> Result<(Subject, Vec<Payload>), Halt> {
        let run = call.run.run.id;
        let facts = payload::facts(&decided.facts);
        let digest = self.journal.keyed(KeyScope::Run(run), &facts).map_err(Refusal::from)?;
        let mut payloads = vec![
            self.kept(call, PayloadKind::Proposal, payload::proposal(&call.proposal)),
            self.kept(call, PayloadKind::Facts, facts),
        ];
        if let Some(plan) = &decided.plan {
            payloads.push(self.kept(call, PayloadKind::Plan, payload::plan(plan)));
        }
        Ok((call.subject(digest, self.masked_resource(call)), payloads))
    }

    pub(crate) fn kept(&self, call: &Call, kind: PayloadKind, bytes: Vec<u8>) -> Payload {
        Payload {
            tenant: call.caller.chain.tenant.clone(),
            run: call.run.run.id,
            call: call.id,
            kind,
            bytes,
        }
    }

    /// An answer's keyed digest, and the answer as it is kept.
    pub(crate) fn answer_payload(
        &self,
        run: RunId,
        call: &Call,
        answer: &Answer,
    ) -> Result<(Digest, Payload), Refusal> {
        let bytes = payload::answer_bytes(answer);
        let digest = self.journal.keyed(KeyScope::Run(run), &bytes)?;
        Ok((digest, self.kept(call, PayloadKind::Answer, bytes)))
    }

    pub(crate) fn masked_resource(&self, call: &Call) -> String {
        self.masker.mask_text(call.resolved.resource.as_str()).into_owned()
    }

    pub(crate) fn masked_effect(&self, effect: &Effect) -> Effect {
        let resource = self.masker.mask_text(effect.resource.as_str()).into_owned();
        Effect { resource: Resource::new(resource), ..effect.clone() }
    }

    /// The facts of a call that was refused before policy was asked.
    pub(crate) fn undecided(&self, call: &Call) -> Decided {
        let decision = Decision {
            verdict: Strength::Deny,
            tier: Tier::Three,
            reasons: Vec::new(),
            requirements: Vec::new(),
            duties: Vec::new(),
            policy: call.rules.policies.version(),
            shadow: false,
        };
        Decided { decision, facts: crate::journey::facts(self, call, None), plan: None }
    }

    /// The last answer that was given for a call; none if it is not kept.
    pub(crate) async fn kept_answer(&self, call: CallId) -> Result<Option<Answer>, Refusal> {
        let Some(bytes) = self.journal.payload(call, PayloadKind::Answer).await? else {
            return Ok(None);
        };
        let value = serde_json::from_slice(&bytes).ok();
        Ok(value.and_then(|value| payload::read_answer(&value).ok()))
    }
}
