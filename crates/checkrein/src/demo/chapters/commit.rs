//! The agent commits with git: typed arguments, no hooks, no configuration that runs anything.
//!
//! Looked at: the commit in the workspace's own repository, by a git that stands outside, and what it contains.

use serde_json::json;

use crate::demo::cast::{Cast, Wish, in_short, printed, succeeded};
use crate::demo::scratch::Scratch;
use crate::demo::story::Story;
use crate::failure::Result;

pub(crate) async fn tell(story: &mut Story, scratch: &Scratch, cast: &Cast) -> Result<()> {
    story.chapter("The agent commits").await?;
    let own = scratch.clone();
    let before = own.commit_of("main");
    let status = Wish::new("git.status", json!({}), "see what differs");
    story.act("agent", &status.text());
    let seen = cast.propose(&status).await?;
    story.quote(&printed(&seen));
    let wishes = [
        Wish::new("git.add", json!({"paths": ["src"]}), "take what was mended"),
        Wish::new("git.commit", json!({"message": "greet and add up as expected"}), "keep it"),
    ];
    let mut all = succeeded(&seen);
    for wish in &wishes {
        story.act("agent", &wish.text());
        let answer = cast.propose(wish).await?;
        story.quote(&in_short(&answer));
        all &= succeeded(&answer);
    }
    let shown = own.show("main")?;
    story.say("What a git outside of every jail finds in the workspace's repository:");
    story.quote(&shown);
    let now = own.commit_of("main");
    story.claim(
        "there is one commit more, with the two files and nothing else",
        all && now != before
            && own.commit_of("main^") == before
            && shown.contains("2 files changed"),
    )
}
