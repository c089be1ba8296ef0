//! A deploy after which the site does not answer as it should is taken back at once, and that is said.
//!
//! Looked at: the page that a real web server serves, before and after, and that no incident is left.

use std::time::{Duration, Instant};

use serde_json::json;
use server::wire;

use crate::client::path;
use crate::demo::cast::{Cast, Wish, code, id, in_short, succeeded};
use crate::demo::scratch::Scratch;
use crate::demo::story::Story;
use crate::demo::web;
use crate::failure::{Failure, Result};

/// The check of the deploy's contract.
const CHECK: &str = "health.check";
/// How long the tool server may take to be seen.
const WITHIN: Duration = Duration::from_secs(30);

pub(crate) async fn tell(story: &mut Story, scratch: &Scratch, cast: &Cast) -> Result<()> {
    story.chapter("A deploy that does not work is taken back").await?;
    story.say(
        "The contract of `site.deploy` (examples/high-stakes/site.toml) asks a health check after every deploy: the page \
         must answer and say `healthy`. The check is a tool of a server, and an operator says that it changes nothing.",
    );
    confirmed(cast).await?;
    let page = || web::page(scratch.web, "/index.html");
    let mut written = Vec::new();
    for (place, content) in [("releases/1", "one, healthy\n"), ("releases/2", "two, broken\n")] {
        let arguments = json!({ "path": format!("{place}/index.html"), "content": content });
        let answer = cast.propose(&Wish::new("files.write", arguments, "a release")).await?;
        written.push(id(&answer)?.to_owned());
    }
    let first = deployed(story, cast, "releases/1").await?;
    story.claim(
        "the first release is served: the health check holds",
        succeeded(&first) && page()? == "one, healthy\n",
    )?;
    let second = deployed(story, cast, "releases/2").await?;
    let told = second.error.as_ref().map(|error| error.message.clone()).unwrap_or_default();
    story.quote(&told);
    story.claim(
        "the second one does not say `healthy`: executed, and the agent is told that it failed",
        second.executed == "yes" && code(&second) == Some("CR-3040"),
    )?;
    story.claim(
        "it was taken back by a call of its own: the page is the first release again",
        told.contains("taken back by call_") && page()? == "one, healthy\n",
    )?;
    let incidents: wire::Page<wire::Incident> =
        cast.operator.get("/v1/incidents", &[("state", Some("open".to_owned()))]).await?;
    story.claim("no incident is left open", incidents.items.is_empty())?;
    written.push(id(&first)?.to_owned());
    for call in written.iter().rev() {
        cast.undo(call).await?;
    }
    Ok(())
}

async fn deployed(story: &Story, cast: &Cast, from: &str) -> Result<wire::Answer> {
    let wish = Wish::new("site.deploy", json!({ "from": from }), "show it to everybody");
    story.act("agent", &wish.text());
    let answer = cast.propose(&wish).await?;
    story.quote(&in_short(&answer));
    Ok(answer)
}

/// An operator confirms the check, as soon as its server was seen.
async fn confirmed(cast: &Cast) -> Result<()> {
    let begun = Instant::now();
    let place = path("/v1/tools", CHECK, "")?;
    while cast.operator.get::<wire::ToolDetails>(&place, &[]).await.is_err() {
        if begun.elapsed() > WITHIN {
            return Err(Failure::new(format!("the server of `{CHECK}` is not seen")));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let body = wire::ClassifyTool {
        effect_class: "pure".to_owned(),
        consequences: Vec::new(),
        resource: None,
        reason: "it asks for one page and changes nothing".to_owned(),
    };
    let _: wire::ToolDetails =
        cast.operator.post(&path("/v1/tools", CHECK, "/classify")?, &body).await?;
    Ok(())
}
