//! A push to the agent's own branch runs; a push with force waits, and this operator says no.
//!
//! Looked at: the branches of the real bare repository, before, between and after, by a git of the demo's own.

use serde_json::json;
use server::wire;

use crate::client::path;
use crate::demo::cast::{Cast, Wish, code, has_duty, id, in_short, succeeded};
use crate::demo::scratch::Scratch;
use crate::demo::story::Story;
use crate::failure::{Failure, Result};

const BRANCH: &str = "agent/totals";

pub(crate) async fn tell(story: &mut Story, scratch: &Scratch, cast: &Cast) -> Result<()> {
    story.chapter("A push to its own branch runs, a push with force waits").await?;
    let (own, remote) = (scratch.clone(), scratch.remote());
    let (Some(commit), Some(main), Some(older)) =
        (own.commit_of("main"), remote.commit_of("main"), remote.commit_of("main^"))
    else {
        return Err(Failure::new("a repository of the demo has no branch `main`"));
    };
    let arguments = json!({"remote": "origin", "branch": BRANCH, "commit": commit, "force": false});
    let push = Wish::new("git.push", arguments, "show it to the team");
    story.act("agent", &push.text());
    let pushed = cast.propose(&push).await?;
    story.quote(&in_short(&pushed));
    story.claim(
        "the bare repository has the branch, at exactly this commit",
        succeeded(&pushed) && remote.commit_of(BRANCH).as_ref() == Some(&commit),
    )?;
    story.claim(
        "somebody is asked to look at it afterwards (`checkrein duties ls`)",
        has_duty(cast, id(&pushed)?, "review").await?,
    )?;
    // To the commit before: main would lose its last one.
    let arguments = json!({
        "remote": "origin", "branch": "main", "commit": older, "force": true, "expected": main,
    });
    let force = Wish::new("git.push", arguments, "make history shorter");
    story.act("agent", &force.text());
    let held = cast.propose(&force).await?;
    story.quote(&in_short(&held));
    story.claim(
        "it is held and NOT EXECUTED: main is where it was",
        held.status == "held" && remote.commit_of("main").as_ref() == Some(&main),
    )?;
    reject(story, cast, id(&held)?).await?;
    let told = cast.wait(id(&held)?).await?;
    story.quote(&in_short(&told));
    story.claim(
        "the operator rejected it: the agent is told, and main is where it was",
        told.executed == "no"
            && code(&told) == Some("CR-2003")
            && remote.commit_of("main").as_ref() == Some(&main),
    )
}

async fn reject(story: &Story, cast: &Cast, call: &str) -> Result<()> {
    let pending: wire::Page<wire::Approval> =
        cast.operator.get("/v1/approvals", &[("state", Some("pending".to_owned()))]).await?;
    // One no ends the call, and every other request of it.
    let asked = pending.items.iter().find(|one| one.call == call);
    let asked = asked.ok_or_else(|| Failure::new(format!("nobody is asked about {call}")))?;
    story.act("operator", &format!("rejects {} ({})", asked.approval, asked.requirement));
    let body = wire::Reject { reason: "never shorten main".to_owned() };
    let route = path("/v1/approvals", &asked.approval, "/reject")?;
    let _: wire::Approval = cast.operator.post(&route, &body).await?;
    Ok(())
}
