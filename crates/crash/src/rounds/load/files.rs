//! Callers of the files tools, all on the same few directories: writes, edits, moves of whole directories,
//! deletions with everything in them, and operators who take acts back.
//!
//! Many of these calls fail, because another was faster; what counts is that none is left half done.

use domain::{Answer, CallId, Proposal};
use gate::UndoOrder;
use serde_json::json;

use super::super::content;
use super::Load;
use crate::dice::Dice;
use crate::problem::Outcome;

/// Directories, and files in each.
const DIRECTORIES: u64 = 3;
const FILES: u64 = 6;

/// Changes files, over and over.
pub(super) async fn change(load: &Load, mut dice: Dice) -> Outcome<()> {
    let mut last = None;
    loop {
        let undone = last.take().filter(|_| dice.once_in(6));
        let answer = match undone {
            Some(act) => undo(load, act).await?,
            None => load.propose(proposal(load, &mut dice)).await?,
        };
        last = answer.call.filter(|_| answer.undo.is_some());
    }
}

fn proposal(load: &Load, dice: &mut Dice) -> Proposal {
    let directory = format!("d{}", dice.below(DIRECTORIES));
    let file = format!("{directory}/f{}", dice.below(FILES));
    let (tool, arguments) = match dice.below(10) {
        0..=5 => {
            ("files.write", json!({ "path": file, "content": content::fresh(dice), "mode": "any" }))
        }
        6..=7 => {
            let edits = json!([{ "old": content::FRESH, "new": "state: edited\n" }]);
            ("files.edit", json!({ "path": file, "edits": edits }))
        }
        8 => {
            let to = format!("d{}", dice.below(2 * DIRECTORIES));
            ("files.move", json!({ "from": directory, "to": to }))
        }
        _ => ("files.delete", json!({ "path": directory, "recursive": true })),
    };
    load.proposal(tool, arguments, dice)
}

/// Takes an act back. Another caller may have joined the act and taken it back already: that refusal speaks
/// of the act and is no call of its own.
pub(super) async fn undo(load: &Load, act: CallId) -> Outcome<Answer> {
    let answer = load.gate.undo(&load.people.operator, act, UndoOrder::Asked).await;
    if answer.call == Some(act) { Ok(answer) } else { load.give(None, answer) }
}
