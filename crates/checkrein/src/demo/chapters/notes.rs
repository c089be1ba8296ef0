//! A call that deletes at a server of somebody else's waits for a person, and runs once after the approval.
//!
//! Looked at: the file that the server keeps, before and after, and what the agent is told meanwhile.

use std::time::Duration;

use serde_json::json;
use server::wire;

use crate::client::path;
use crate::demo::cast::Cast;
use crate::demo::model;
use crate::demo::person::Decided;
use crate::demo::scratch::Scratch;
use crate::demo::story::{Choice, Story};
use crate::failure::{Failure, Result};

pub(crate) async fn tell(story: &mut Story, scratch: &Scratch, cast: &Cast) -> Result<()> {
    story.chapter("Deleting at that server waits for you").await?;
    let arguments = json!({ "text": "buy milk" });
    story.act("agent", &format!("delete {arguments}"));
    let held = model::call(cast, "delete", arguments.clone()).await?;
    story.quote(&model::text(&held));
    story.claim(
        "the agent is told that nothing happened and that a person must decide; the note is there",
        held.get("isError").and_then(serde_json::Value::as_bool) == Some(true)
            && model::executed(&held) == "no"
            && scratch.notes().contains("buy milk"),
    )?;
    let call = model::id(&held)?.to_owned();
    let asked: wire::Page<wire::Approval> =
        cast.operator.get("/v1/approvals", &[("state", Some("pending".to_owned()))]).await?;
    let asked = asked.items.iter().find(|approval| approval.call == call);
    let approval = asked.ok_or_else(|| Failure::new("nobody was asked"))?;
    let details: wire::ApprovalDetails =
        cast.operator.get(&path("/v1/approvals", &approval.approval, "")?, &[]).await?;
    story.claim(
        "nobody said that a deleted note comes back, so one word does not approve it: its name is typed",
        details.confirm.kind == "type",
    )?;
    let decided = story.decide(cast, &approval.approval).await?;
    let choice = decided.choice();
    let (verb, body) = match choice {
        Choice::Approve => {
            ("/approve", json!({ "reason": "it is bought", "confirm": details.confirm.text }))
        }
        Choice::Reject => ("/reject", json!({ "reason": "not yet" })),
    };
    if decided == Decided::Here(choice) {
        let place = path("/v1/approvals", &approval.approval, verb)?;
        let _: wire::Approval = cast.operator.post(&place, &body).await?;
    }
    story.act("operator", &format!("{} {call}", verb.trim_start_matches('/')));
    let again = cast.agent.wait(&call, Duration::from_secs(30)).await?;
    story.quote(&format!("{}; executed: {}", again.status, again.executed));
    match choice {
        Choice::Approve => story.claim(
            "after the approval it ran, once, and the note is gone",
            again.executed == "yes" && !scratch.notes().contains("buy milk"),
        ),
        Choice::Reject => story.claim(
            "it was rejected, and the note is where it was",
            again.executed == "no" && scratch.notes().contains("buy milk"),
        ),
    }
}
