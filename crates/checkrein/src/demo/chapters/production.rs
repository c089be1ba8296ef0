//! A change under `prod/` waits for a person, and runs only if the person says yes.
//!
//! Looked at: the file while the call is held and after the decision, that the agent's own key cannot approve, and what
//! the agent is told. No answer at the terminal is a no.

use serde_json::json;
use server::wire;

use crate::client::path;
use crate::demo::cast::{Cast, Wish, id, in_short, succeeded};
use crate::demo::person::Decided;
use crate::demo::scratch::Scratch;
use crate::demo::story::{Choice, Story};
use crate::failure::{Failure, Result};

const PATH: &str = "prod/service.toml";

pub(crate) async fn tell(story: &mut Story, scratch: &Scratch, cast: &Cast) -> Result<()> {
    story.chapter("A change under prod/ waits for you").await?;
    let before = scratch.read(PATH);
    let edits = json!({"path": PATH, "edits": [{"old": "replicas = 3", "new": "replicas = 5"}]});
    let wish = Wish::new("files.edit", edits, "serve the evening peak")
        .expecting("modified", "workspace:prod/**");
    story.act("agent", &wish.text());
    let held = cast.propose(&wish).await?;
    story.quote(&in_short(&held));
    story.claim(
        "it is held and NOT EXECUTED: the file is as it was",
        held.status == "held" && scratch.read(PATH) == before,
    )?;
    let call = id(&held)?;
    let asked = request(cast, call).await?;
    story.say("This is what the operator sees (`checkrein approvals show`):");
    story.quote(&shown(&asked));
    let decided = story.decide(cast, &asked.approval.approval).await?;
    let choice = decided.choice();
    if let Decided::Here(choice) = decided {
        decide(story, cast, (choice, &asked.approval.approval)).await?;
    }
    story.act("agent", &format!("waits for {call}"));
    let answer = cast.wait(call).await?;
    story.quote(&in_short(&answer));
    match choice {
        Choice::Approve => {
            let now = scratch.read(PATH).unwrap_or_default();
            story.claim(
                "after the approval it ran, once, as it was shown",
                succeeded(&answer) && now.contains("replicas = 5"),
            )
        }
        Choice::Reject => {
            let code = answer.error.as_ref().map(|error| error.code.as_str());
            let refused = answer.executed == "no" && code == Some("CR-2003");
            story.claim(
                "the agent was told that a person rejected it, and the file is as it was",
                refused && scratch.read(PATH) == before,
            )
        }
    }
}

async fn request(cast: &Cast, call: &str) -> Result<wire::ApprovalDetails> {
    let pending: wire::Page<wire::Approval> =
        cast.operator.get("/v1/approvals", &[("state", Some("pending".to_owned()))]).await?;
    let own = pending.items.iter().find(|one| one.call == call);
    let own = own.ok_or_else(|| Failure::new(format!("nobody is asked about {call}")))?;
    cast.operator.get(&path("/v1/approvals", &own.approval, "")?, &[]).await
}

fn shown(asked: &wire::ApprovalDetails) -> String {
    let decision = asked.answer.as_ref().and_then(|answer| answer.decision.as_ref());
    let holds =
        decision.into_iter().flat_map(|one| &one.reasons).filter(|one| one.strength == "hold");
    let reasons: Vec<String> = holds
        .map(|reason| {
            let place =
                reason.policy.as_ref().map(|at| format!(" [{} {}:{}]", at.id, at.file, at.line));
            format!("why: {}{}", reason.text, place.unwrap_or_default())
        })
        .collect();
    let diff = asked.answer.as_ref().and_then(|answer| answer.diff.clone()).unwrap_or_default();
    let intent = asked.intent.as_deref().unwrap_or("not stated");
    format!("the agent says: {intent}\n{}\n{diff}", reasons.join("\n"))
}

async fn decide(story: &mut Story, cast: &Cast, (choice, approval): (Choice, &str)) -> Result<()> {
    match choice {
        Choice::Approve => {
            story.act("operator", &format!("approves {approval}"));
            let refused = cast
                .agent
                .post::<wire::Approval>(
                    &path("/v1/approvals", approval, "/approve")?,
                    &wire::Approve::default(),
                )
                .await;
            story.claim("the agent's own key could not have approved it", refused.is_err())?;
            let reason = Some("the peak is real".to_owned());
            let body = wire::Approve { reason, ..wire::Approve::default() };
            let _: wire::Approval =
                cast.operator.post(&path("/v1/approvals", approval, "/approve")?, &body).await?;
        }
        Choice::Reject => {
            story.act("operator", &format!("rejects {approval}"));
            let body = wire::Reject { reason: "not this evening".to_owned() };
            let _: wire::Approval =
                cast.operator.post(&path("/v1/approvals", approval, "/reject")?, &body).await?;
        }
    }
    Ok(())
}
