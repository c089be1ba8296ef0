//! The end of a check that ran in the jail: what it printed is its answer, and what it would have changed is thrown away.
//!
//! In: a decided check of the house with its plan. Out: the same kind of answer and entry as for a read, since nothing
//! stays of it. A plan without an execution tells nothing.

use domain::{Amounts, Executed, Execution, Reservation, Spent, Status};
use serde_json::{Value, json};

use super::{Call, Code, Ended, Journal, Kept, Known, Refusal, World, done};
use crate::gate::Gate;
use crate::journey::attempts::Tries;
use crate::journey::judge::Judged;

pub(in crate::journey) async fn thrown_away<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    judged: Judged,
) -> Ended {
    let Judged { decided, plan, using, step } = judged;
    let output = plan.and_then(|plan| plan.execution).map(|execution| printed(&execution));
    let missing = || {
        let message = "nobody could see beforehand what it does, so nothing was asked";
        Refusal::new(Code::PreviewFailed, message, "ask a tool that can be previewed here")
    };
    let failure = output.is_none().then(missing);
    let (status, executed) = match &failure {
        None => (Status::Succeeded, Executed::Yes),
        Some(_) => (Status::Failed, Executed::No),
    };
    let kept = Kept {
        decided,
        plan: None,
        reservation: Reservation { scopes: Vec::new(), amounts: Amounts::ZERO },
        undo_until: None,
        warnings: Vec::new(),
        using,
        step,
        inverse: None,
        tries: Tries::first(),
    };
    let known = Known {
        status,
        executed,
        output,
        failure,
        effects: Vec::new(),
        spent: Spent { calls: 1, ..Spent::default() },
        warnings: Vec::new(),
        undo: None,
        inverse: None,
        pause: None,
        freed: None,
        broken: None,
    };
    done(gate, call, kept, known).await
}

/// Masked before: the plan was.
fn printed(execution: &Execution) -> Value {
    json!({
        "exit_code": execution.exit_code,
        "stdout": execution.stdout.text,
        "stderr": execution.stderr.text,
        "wall_ms": execution.wall_ms,
    })
}
