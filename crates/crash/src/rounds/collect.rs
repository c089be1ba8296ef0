//! The callers of approved calls come back, once everything was killed often enough: each call runs then, exactly once.
//!
//! In: a recovered gate. Out: the calls that were collected, whose effects the recorder must have once each, also after
//! the identical call came once more.

use std::time::Duration;

use domain::{CallId, CallState, Caller, Executed, Proposal, Status};
use gate::{Identity, Journal as _, Query, Table};
use serde_json::json;

use crate::installation::{Installed, people};
use crate::problem::{Outcome, Promise, Trouble};
use crate::recorder::Effect;
use crate::votes::HELD;

/// Long enough for a call to run.
const COLLECTED_WITHIN: Duration = Duration::from_secs(60);

/// Waits for every held call of which all requests are approved.
pub(super) async fn collect(gate: &Installed) -> Outcome<Vec<CallId>> {
    let agent = people(gate).await?.agent;
    let caller = gate.identify(&agent).await.and_then(Identity::agent)?;
    let held = Query::all(Table::Calls).with("state", CallState::Held.word());
    let mut collected = Vec::new();
    for record in gate.journal().select(held).await? {
        let asked = Query::all(Table::Approvals).with("call", record.key.clone());
        let asked = gate.journal().select(asked).await?;
        let approved = asked.iter().all(|each| each.text("state") == "approved");
        if let (true, Ok(call)) = (approved && !asked.is_empty(), record.key.parse()) {
            run(gate, &caller, call).await?;
            collected.push(call);
        }
    }
    Ok(collected)
}

async fn run(gate: &Installed, caller: &Caller, call: CallId) -> Outcome<()> {
    let answer = gate.wait(caller, call, COLLECTED_WITHIN).await;
    if (answer.status, answer.executed) == (Status::Succeeded, Executed::Yes) {
        return Ok(());
    }
    let found = format!("the caller of the approved {call} came back and was told {answer:?}");
    Err(Trouble::broken(Promise::ApprovedRunsOnce, found))
}

/// Each of them has one effect, and the identical call gets the answer that was given.
pub(super) async fn once(gate: &Installed, all: &[CallId], effects: &[Effect]) -> Outcome<()> {
    let broken = |found: String| Err(Trouble::broken(Promise::ApprovedRunsOnce, found));
    let agent = people(gate).await?.agent;
    for call in all {
        let id = call.to_string();
        let own: Vec<&Effect> = effects.iter().filter(|effect| effect.call == id).collect();
        let [effect] = own.as_slice() else {
            return broken(format!("{call} was collected and has the effects {own:?}"));
        };
        let amount = effect.ticket.rsplit('-').next().and_then(|last| last.parse::<u64>().ok());
        let Some(amount) = amount.filter(|_| effect.ticket.starts_with(HELD)) else { continue };
        let answer = gate.handle(&agent, again(&effect.ticket, amount)).await;
        if answer.call != Some(*call) || !answer.replayed {
            return broken(format!("{call} was sent again and answered {answer:?}"));
        }
    }
    Ok(())
}

fn again(ticket: &str, amount: u64) -> Proposal {
    Proposal {
        tool: "counter.add".to_owned(),
        arguments: json!({ "ticket": ticket, "amount": amount }),
        intent: None,
        expected_effects: Vec::new(),
        confidence: None,
        key: Some(ticket.to_owned()),
        run: None,
        evidence: Vec::new(),
        after: None,
        input: None,
        detached: false,
    }
}
