//! Whether this machine can show what a command would change, before the chapters that stand on it.
//!
//! Looked at: the ladder, tried by this very program. Where there is no preview nothing is pretended: the chapters on
//! commands are left out, and it is said which and why.

use crate::demo::story::Story;
use crate::failure::Result;

/// Says what there is. True if commands can be previewed.
pub(crate) async fn tell(story: &mut Story) -> Result<bool> {
    let found = server::jail::look().await;
    if found.previews {
        return Ok(true);
    }
    story.chapter("Commands are left out on this machine").await?;
    story.say(&format!(
        "The next chapters would run tests, commit, push, and show a formatter that does more than it says. They stand on \
         an exact preview of what a command changes, and this machine gives none (rung `{}`). Where there is no preview, \
         Checkrein holds every command for a person. What was tried:",
        found.rung
    ));
    let tried: Vec<String> =
        found.steps.iter().map(|step| format!("{}: {}", step.name, step.found)).collect();
    story.quote(&tried.join("\n"));
    Ok(false)
}
