//! What a space in shadow mode tells: that nothing is enforced, and what would have become of the call.
//!
//! In: a judged call, and whether it fits its budgets. Out: warnings of its answer, which is journalled as any other. Only
//! policy, approvals and budgets are told and not enforced; what else can stop a call stops it in every mode, and knows
//! nothing of modes. Tests: `sim/tests/it/modes.rs`, one for each row of the table in `docs/guides/mcp.md`.

use domain::{Mode, Strength};

use super::Call;
use crate::rescue::{self, Decided};

/// What is said in each answer of such a space.
const WATCHING: &str =
    "shadow mode: policy, approvals and budgets are judged and recorded, and stop nothing";

/// What the caller of a judged call is told, beside what enforcing it would have said.
pub(super) fn warnings(
    call: &Call,
    decided: Option<&Decided>,
    over: Option<String>,
) -> Vec<String> {
    match call.mode {
        Mode::Enforce => Vec::new(),
        Mode::Shadow => {
            let judged = decided.and_then(would_have_been);
            [Some(WATCHING.to_owned()), judged, over].into_iter().flatten().collect()
        }
    }
}

fn would_have_been(decided: &Decided) -> Option<String> {
    let decision = &decided.decision;
    let reasons = |strength| rescue::reasons(&decision.reasons, strength);
    match decision.verdict {
        Strength::Deny => {
            Some(format!("would have been denied by policy: {}", reasons(Strength::Deny)))
        }
        Strength::Hold => {
            Some(format!("would have waited for people: {}", reasons(Strength::Hold)))
        }
        Strength::Notify | Strength::Allow => None,
    }
}
