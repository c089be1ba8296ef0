//! The only place where a tool is reached: a last look at the stops, a deadline, one attempt.
//!
//! In: an admitted call with its permit. Out: what came back, unjudged. Retries are not made here: a retry
//! is a new attempt with a new permit.

use std::time::Duration;

use domain::Stop;

use super::Call;
use super::admit::{Admitted, Kept, Way};
use crate::gate::Gate;
use crate::permit::Permit;
use crate::port::{Journal, Later, Reply, ToolError, World};

/// What came back, before anybody looked at it.
#[derive(Debug)]
pub(super) enum Outcome {
    /// A stop was faster: the tool was not reached.
    NotSent(Stop),
    /// The tool answered.
    Answered(Result<Reply, ToolError>, Duration),
    /// The tool did not answer in time: for a changing call nobody knows what happened.
    Silent(Duration),
}

pub(super) async fn dispatch<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    admitted: Admitted,
) -> (Kept, Outcome) {
    let Admitted { permit, kept } = admitted;
    let Some(tool) = gate.tool(call.compiled.name()) else {
        return (kept, Outcome::Silent(Duration::ZERO));
    };
    let outcome = match permit {
        Way::Act(permit) => match may_go(gate, call, &permit) {
            Some(stop) => Outcome::NotSent(stop),
            None => {
                let timeout = permit.timeout();
                within(gate, timeout, tool.act(permit)).await
            }
        },
        Way::Read(permit) => match may_go(gate, call, &permit) {
            Some(stop) => Outcome::NotSent(stop),
            None => {
                let timeout = permit.timeout();
                within(gate, timeout, tool.read(permit)).await
            }
        },
    };
    (kept, outcome)
}

async fn within<J: Journal, W: World>(
    gate: &Gate<J, W>,
    timeout: Duration,
    attempt: Later<'_, Result<Reply, ToolError>>,
) -> Outcome {
    let begun = gate.world.now();
    tokio::select! {
        // The tool first: an answer that is there counts, also when the deadline is over too.
        biased;
        reply = attempt => Outcome::Answered(reply, gate.world.now().since(begun)),
        () = gate.world.sleep(timeout) => Outcome::Silent(timeout),
    }
}

/// The stop that forbids it now. Looked at again only if the fence was raised since the permit was made:
/// no stop, no raise (P5).
fn may_go<J: Journal, W: World, Kind>(
    gate: &Gate<J, W>,
    call: &Call,
    permit: &Permit<Kind>,
) -> Option<Stop> {
    if gate.stops.fence() == permit.fence() {
        return None;
    }
    gate.stops.forbids_effect(call.target(), call.ordered_by())
}
