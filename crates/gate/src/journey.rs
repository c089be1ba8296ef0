//! The journey of a tool call, top to bottom.
//!
//! ```text
//! identify -> resolve -> judge -> recall -> preview -> judge -> [outbox] -> admit -> dispatch -> observe -> settle
//!                                                                           `- another attempt -'
//! ```
//! What a contract asks for beside policy is asked in `safeguards.rs`, between these stages.
//! Each stage is a file in `journey/` and takes what the one before left behind. A stage that ends a
//! journey early returns a `Halt`; `settle` journals every answer, also those. A held call that was decided
//! comes back in through `resume` and walks the same stages: there is no second way to a tool.

mod admit;
mod arming;
mod asking;
mod attempts;
mod call;
mod dispatch;
mod failover;
mod failure;
mod identify;
mod judge;
mod observe;
mod outbox;
mod outside;
mod plan;
mod preview;
mod recall;
mod resolve;
mod safeguards;
mod settle;
mod shadow;
mod stacking;

use std::pin::Pin;

use domain::{Answer, CallId, Entry, Event, Proposal};

pub(crate) use admit::{FENCE_PAUSE, FENCE_TRIES, RAISE, wanted_again};
pub(crate) use arming::untold;
pub(crate) use call::{Authority, Before, Call, Digests, Instead, Request, TakesBack};
pub use identify::Identity;
pub use judge::decide;
pub(crate) use judge::{OPERATOR_WORKFLOW, facts};
pub(crate) use resolve::{
    Ask, Beside, barred, build, identity_of, invocation, is_of_the_house, key_of,
};
pub(crate) use safeguards::{resolved as step_resolved, unchecked};
pub(crate) use settle::{Ended, reservation_of, scope_of};

/// What an edit of a held call takes from the journey.
pub(crate) mod edited {
    use std::sync::Arc;

    use domain::{Answer, CallId, Caller, Name, Proposal};

    use super::{Ask, Call, asking, resolve, settle, stacking};
    use crate::gate::Gate;
    use crate::port::{Journal, World};
    use crate::refusal::Refusal;
    use crate::state::directory::LiveRun;

    /// The held call as it stands.
    pub(crate) async fn again<J: Journal, W: World>(
        gate: &Gate<J, W>,
        held: CallId,
    ) -> Result<Call, Refusal> {
        resolve::again(gate, held).await
    }

    /// Another call by the same rights, in the same run.
    pub(crate) async fn build<J: Journal, W: World>(
        gate: &Gate<J, W>,
        old: &Call,
        (proposal, ask): (Proposal, Ask),
    ) -> Result<Call, Refusal> {
        let whose = (old.caller.clone(), old.run.clone());
        let mut call = resolve::build(gate, whose, (proposal, ask))?;
        call.over = stacking::bases(gate, &call).await?;
        Ok(call)
    }

    /// A new call of an agent.
    pub(crate) async fn anew<J: Journal, W: World>(
        gate: &Gate<J, W>,
        whose: (Caller, Arc<LiveRun>),
        (proposal, ask): (Proposal, Ask),
    ) -> Result<Call, Refusal> {
        let mut call = resolve::build(gate, whose, (proposal, ask))?;
        call.over = stacking::bases(gate, &call).await?;
        call.asked = asking::asked(gate, &call).await?;
        Ok(call)
    }

    /// The held call gives way to the other one.
    pub(crate) async fn gives_way<J: Journal, W: World>(
        gate: &Gate<J, W>,
        old: &Call,
        by: (CallId, Option<Name>, String),
    ) -> Result<Answer, Refusal> {
        settle::gives_way(gate, old, by).await
    }
}

use crate::gate::Gate;
use crate::port::{Journal, World};
use crate::refusal::Credential;
use crate::rescue::{self, Halt};
use crate::state::live::{InWork, Leaves};

impl<J: Journal, W: World> Gate<J, W> {
    /// Takes a proposal from whoever `who` proves to its answer. The only way in for agents.
    ///
    /// The answer is in the journal before it is returned, unless the caller is unknown. Dropping the future
    /// abandons the journey at its present stage; what was admitted is then settled by recovery, so a server
    /// runs this in a task of its own.
    pub async fn handle(
        &self,
        who: impl Into<Credential<'_>> + Send,
        proposal: Proposal,
    ) -> Answer {
        self.handle_told(who, proposal, |_| ()).await
    }

    /// As [`Self::handle`], and tells the call's id before anything runs, so that somebody can listen to it.
    pub async fn handle_told(
        &self,
        who: impl Into<Credential<'_>> + Send,
        proposal: Proposal,
        begun: impl FnOnce(CallId) + Send,
    ) -> Answer {
        let caller = match self.identify(who).await.and_then(Identity::agent) {
            Ok(caller) => caller,
            Err(refusal) => return rescue::stranger(refusal),
        };
        match resolve::resolve(self, caller, proposal).await {
            Ok(call) => {
                begun(call.id);
                self.walk(call).await
            }
            Err(unresolved) => settle::refuse(self, unresolved).await,
        }
    }

    /// Takes up a held call again after a decision, through the same stages as a new one.
    pub(crate) async fn resume(&self, call: CallId) -> Option<Answer> {
        let place = self.live.take_up(call)?;
        match resolve::again(self, call).await {
            Ok(call) => Some(self.go_on(call, place).await),
            Err(halt) => {
                place.finish(Leaves::Held);
                Some(rescue::unresumed(call, halt))
            }
        }
    }

    pub(crate) async fn walk(&self, call: Call) -> Answer {
        match self.enter(&call).await {
            Ok(place) => self.go_on(call, place).await,
            Err(halt) => settle::halt(self, &call, halt).await.answer,
        }
    }

    /// Whether its key is known, a run that takes calls, the first pass of policy, and the place among open calls.
    async fn enter<'a>(&'a self, call: &Call) -> Result<InWork<'a>, Halt> {
        let known = recall::known(self, call).await?;
        let first = admit::open_run(call)
            .and_then(|()| admit::not_barred(call))
            .and_then(|()| judge::before_plan(self, call, known));
        recall::recall(self, call, (first, known)).await
    }

    /// Boxed, because a call whose plan moved since its approval walks again as a new one.
    fn go_on<'a>(
        &'a self,
        call: Call,
        place: InWork<'a>,
    ) -> Pin<Box<dyn Future<Output = Answer> + Send + 'a>> {
        Box::pin(async move {
            let ended = match self.act(&call, &place).await {
                Ok(ended) => ended,
                Err(halt) => {
                    if let Halt::Held(_) | Halt::Queued(_) = halt {
                        place.asked();
                    }
                    settle::halt(self, &call, halt).await
                }
            };
            let in_doubt = ended.leaves == Leaves::Doubt;
            place.finish(ended.leaves);
            match ended.again {
                Some(instead) => self.walk_instead(*instead).await,
                None if in_doubt => self.look_at_once(&call, ended.answer).await,
                None => ended.answer,
            }
        })
    }

    /// Walks in the place of another call, and says in its own chain of which one.
    pub(crate) async fn walk_instead(&self, call: Call) -> Answer {
        let (id, instead) = (call.id, call.instead);
        let (tenant, run) = (call.caller.chain.tenant.clone(), call.run.run.id);
        let answer = self.walk(call).await;
        if let Some(Instead { of, link, .. }) = instead
            && answer.call == Some(id)
            && answer.journal.is_some()
        {
            let event = Event::CallLinked { other: of, link };
            let (tenant, run) = (Some(tenant), Some(run));
            let entry = Entry { at: self.world.now(), tenant, run, call: Some(id), event };
            // The other call's chain names this one already; that it stands here too is for readers.
            let _written = self.commit_all(vec![entry], Vec::new()).await;
        }
        answer
    }

    /// From a place among open calls to the outcome.
    async fn act(&self, call: &Call, place: &InWork<'_>) -> Result<Ended, Halt> {
        admit::not_barred(call)?;
        outbox::not_yet(self, call)?;
        let seen = preview::preview(self, call).await?;
        let seen = safeguards::planned(self, call, seen).await?;
        let judged = judge::judge(self, call, seen).await;
        let judged = safeguards::ready(self, call, judged).await?;
        if call.is_of_the_house() && !call.is_confirmed_pure() {
            return Ok(settle::thrown_away(self, call, judged).await);
        }
        let judged = outbox::waits(self, call, judged)?;
        let turn = attempts::turn(self, call)?;
        let admitted = admit::admit(self, call, judged, place).await?;
        let (kept, outcome) = attempts::carry_out(self, call, (admitted, turn)).await;
        let observed = observe::observe(self, call, &kept, outcome);
        let observed = safeguards::after(self, call, &kept, observed).await;
        let ended = settle::settle(self, call, kept, observed).await;
        Ok(safeguards::taken_back(self, call, ended).await)
    }
}
