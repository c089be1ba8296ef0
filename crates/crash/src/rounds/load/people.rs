//! Two people who decide what waits, each in its own order: yes, no, an edit, or nothing yet. And the clock.
//!
//! Each decision that was answered is told to the campaign, which asks for it after every end.

use std::time::Duration;

use domain::{ApprovalId, Code, Operator};
use gate::{Journal as _, Query, Refusal, Table, Yes};
use serde_json::{Value, json};

use super::Load;
use crate::dice::Dice;
use crate::problem::Outcome;
use crate::votes::{HELD, Kind, Vote};

/// How often each of them looks, and at how many requests.
const LOOKED_EVERY: Duration = Duration::from_millis(15);
const LOOKED_AT: usize = 12;

/// Lets time pass.
pub(super) async fn tick(load: &Load) -> Outcome<()> {
    loop {
        tokio::time::sleep(LOOKED_EVERY).await;
        load.gate.tick().await?;
    }
}

/// Decides, over and over.
pub(super) async fn decide(load: &Load, by: &Operator, mut dice: Dice) -> Outcome<()> {
    loop {
        tokio::time::sleep(LOOKED_EVERY).await;
        let pending =
            Query::all(Table::Approvals).with("state", "pending").latest("asked_ms", LOOKED_AT);
        for record in load.gate.journal().select(pending).await? {
            let Ok(approval) = record.key.parse() else { continue };
            let (kind, decided) = match dice.below(12) {
                0..=1 => continue,
                2..=3 => {
                    (Kind::No, load.gate.reject(by, approval, "not this one".to_owned()).await)
                }
                4 => (Kind::Edit, edit(load, by, (approval, &mut dice)).await),
                _ => (Kind::Yes, approve(load, by, approval).await),
            };
            // Somebody else may have been faster, or said yes to it before.
            if decided.is_ok() {
                load.say(&Vote { approval, by: by.name.clone(), kind }.line())?;
            }
        }
    }
}

async fn approve(load: &Load, by: &Operator, approval: ApprovalId) -> Result<(), Refusal> {
    let confirm = load.gate.to_confirm(by, approval).await?;
    load.gate.approve(by, approval, Yes { confirm, ..Yes::from(None) }).await
}

/// Another amount under another ticket, which says where it came from. It may run at once, or be asked again.
async fn edit(
    load: &Load,
    by: &Operator,
    (approval, dice): (ApprovalId, &mut Dice),
) -> Result<(), Refusal> {
    let amount = 900 + dice.below(100);
    let brief = load.gate.brief(by, approval).await?;
    let ticket = brief.arguments.as_ref().and_then(|arguments| arguments.get("ticket"));
    let ticket = ticket.and_then(Value::as_str).filter(|ticket| ticket.starts_with(HELD));
    let Some(ticket) = ticket else {
        let message = "only calls of clients are edited";
        return Err(Refusal::new(Code::Conflict, message, "edit another one"));
    };
    let arguments = json!({ "ticket": format!("{ticket}-e{amount}"), "amount": amount });
    load.gate.edit(by, approval, (arguments, "another amount".to_owned())).await.map(|_| ())
}
