//! An edit: a person proposes other arguments in place of those that a held call has.
//!
//! What comes of it is a new call by the same agent and rights, which is judged from the beginning; approvals of the old
//! one count for nothing. The old call gives way to it, and whoever waits for that is told which one took its place.
//! Tests: `crates/sim/tests/it/brief.rs`.

use domain::{Answer, ApprovalId, CallId, Code, Operator, Proposal};
use serde_json::Value;

use super::deciding::Pending;
use super::eligible::{Says, among};
use crate::gate::Gate;
use crate::journey::{Ask, Authority, Before, edited};
use crate::port::{Journal, World};
use crate::refusal::Refusal;
use crate::state::live::Leaves;

impl<J: Journal, W: World> Gate<J, W> {
    /// Puts a call with other arguments in place of a held one; gives the new call's answer.
    ///
    /// # Errors
    /// A request that is not pending; a person who may not decide it; arguments that do not fit the contract.
    pub async fn edit(
        &self,
        by: &Operator,
        approval: ApprovalId,
        (arguments, reason): (Value, String),
    ) -> Result<Answer, Refusal> {
        let reason = self.said(&reason)?;
        if !arguments.is_object() {
            let message = "the arguments are not an object; expected all of them by name";
            return Err(Refusal::new(
                Code::InvalidRequest,
                message,
                "send an object as `arguments`",
            ));
        }
        let Pending { request, record, call, .. } = self.pending(by, approval).await?;
        self.may_decide(by, (&request, &record), Says::No).await?;
        // A party may take its call back, and only the group may say what happens instead.
        among(by, &request)?;
        let place = self.live.take_up(call.id).ok_or_else(|| {
            Refusal::conflict(format!("{} is being looked at right now", call.id))
        })?;
        let made = self.edited_call(call.id, arguments).await;
        let (old, fresh) = match made {
            Ok(both) => both,
            Err(refusal) => {
                place.finish(Leaves::Held);
                return Err(refusal);
            }
        };
        let why = format!("edited by {}: {reason}", by.name);
        match edited::gives_way(self, &old, (fresh.id, Some(by.name.clone()), why)).await {
            Ok(_) => place.finish(Leaves::Nothing),
            Err(refusal) => {
                place.finish(Leaves::Held);
                return Err(refusal);
            }
        }
        Ok(Box::pin(self.walk(fresh)).await)
    }

    async fn edited_call(
        &self,
        held: CallId,
        arguments: Value,
    ) -> Result<(crate::journey::Call, crate::journey::Call), Refusal> {
        let old = edited::again(self, held).await?;
        // The agent's key stands for what the agent proposed: sent again, that is a new question.
        let proposal = Proposal { arguments, key: None, ..old.proposal.clone() };
        let ask = Ask {
            id: CallId::new(self.world.fresh()),
            received: self.world.now(),
            authority: Authority::Agent,
            before: Before::New,
        };
        let fresh = edited::build(self, &old, (proposal, ask)).await?;
        Ok((old, fresh))
    }
}
