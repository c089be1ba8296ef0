//! The last three acts of a run are taken back, the last one first.
//!
//! The three build on each other, so no other order could work. Looked at: the order of the undo calls, and every file
//! of the workspace against a copy from before.

use serde_json::json;
use server::wire;

use crate::client::path;
use crate::demo::cast::{Cast, Wish, id, in_short, succeeded};
use crate::demo::scratch::Scratch;
use crate::demo::story::Story;
use crate::failure::Result;

pub(crate) async fn tell(story: &mut Story, scratch: &Scratch, cast: &Cast) -> Result<()> {
    story.chapter("The last three acts are taken back, the last one first").await?;
    let before = scratch.files()?;
    // Each builds on the one before, so no other order than the reverse can take them back.
    let wishes = [
        Wish::new(
            "files.write",
            json!({"path": "notes/plan.md", "content": "greet in French too\n"}),
            "plan",
        ),
        Wish::new(
            "files.edit",
            json!({"path": "notes/plan.md", "edits": [{"old": "French", "new": "French and Dutch"}]}),
            "plan more",
        ),
        Wish::new(
            "files.move",
            json!({"from": "notes/plan.md", "to": "PLAN.md"}),
            "put it where people look",
        ),
    ];
    let mut acts = Vec::new();
    for wish in &wishes {
        story.act("agent", &wish.text());
        let answer = cast.propose(wish).await?;
        story.quote(&in_short(&answer));
        acts.push(id(&answer)?.to_owned());
    }
    let there = scratch.read("PLAN.md").is_some_and(|text| text.contains("Dutch"));
    story.claim("all three ran: PLAN.md is there", there)?;
    story.act("operator", &format!("undo apply --run {} --last 3", cast.run));
    let route = path("/v1/runs", &cast.run, "/undo")?;
    let undone: wire::Undone = cast.operator.post(&route, &wire::UndoLast { last: 3 }).await?;
    for act in &undone.acts {
        story.quote(&format!("{}: {}", act.of, in_short(&act.answer)));
    }
    let tried: Vec<&String> = undone.acts.iter().map(|act| &act.of).collect();
    let reverse: Vec<&String> = acts.iter().rev().collect();
    story.claim(
        "they were taken back in reverse",
        tried == reverse && undone.acts.iter().all(|act| succeeded(&act.answer)),
    )?;
    story.claim("every file is as it was before the three", scratch.files()? == before)
}
