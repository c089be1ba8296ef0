//! `./logs` and `/logs` are never confused: one is deleted and comes back, the other is refused with a reason.
//!
//! Looked at: the plan that was judged, the files before, between and after, and the code of the refusal.

use serde_json::json;

use crate::demo::cast::{Cast, Wish, id, in_short, succeeded};
use crate::demo::scratch::Scratch;
use crate::demo::story::Story;
use crate::failure::{Failure, Result};

pub(crate) async fn tell(story: &mut Story, scratch: &Scratch, cast: &Cast) -> Result<()> {
    story.chapter("`delete ./logs` can be taken back, `delete /logs` is refused").await?;
    let before = scratch.files()?;
    let wish = Wish::new("files.delete", json!({"path": "./logs", "recursive": true}), "make room")
        .expecting("deleted", "workspace:logs/**");
    story.act("agent", &wish.text());
    let answer = cast.propose(&wish).await?;
    story.quote(&in_short(&answer));
    let route = crate::client::path("/v1/calls", id(&answer)?, "/plan")?;
    let plan: server::wire::PlanView = cast.operator.get(&route, &[]).await?;
    let paths: Vec<&str> = plan.changes.iter().map(|change| change.path.as_str()).collect();
    story.say("Before it ran, this plan was made and judged; it names every file and says whether all can come back:");
    story.quote(&format!("restorable: {}; deletes {}", plan.restorable, paths.join(", ")));
    let gone = scratch.files()?.keys().all(|path| !path.starts_with("logs/"));
    story.claim(
        "the plan had the three logs and their directory, and they are gone",
        succeeded(&answer) && paths.len() == 4 && gone,
    )?;
    let undone = cast.undo(id(&answer)?).await?;
    story.act("operator", &format!("undo {}", id(&answer)?));
    story.quote(&in_short(&undone));
    story.claim(
        "every log is back, byte for byte",
        succeeded(&undone) && scratch.files()? == before,
    )?;

    let wish = Wish::new("files.delete", json!({"path": "/logs", "recursive": true}), "make room");
    story.act("agent", &wish.text());
    let refused = cast.propose(&wish).await?;
    story.quote(&in_short(&refused));
    let error = refused.error.as_ref().ok_or_else(|| Failure::new("`/logs` was not refused"))?;
    story.quote(&format!("{}\n{}", error.message, error.fix));
    let denied = refused.status == "denied" && refused.executed == "no" && error.code == "CR-1006";
    story.claim(
        "it was refused because `/logs` is another place than `logs`",
        denied && scratch.files()? == before,
    )
}
