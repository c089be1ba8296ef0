//! An edit shows its exact diff, runs, is told to somebody, and can be taken back.
//!
//! Looked at: the diff in the answer, git's differences before and after the undo, expected against real effect, and the
//! open notice. The edit is made once more at the end and stays.

use serde_json::json;

use crate::demo::cast::{Cast, Wish, has_duty, id, in_short, succeeded};
use crate::demo::scratch::Scratch;
use crate::demo::story::Story;
use crate::failure::Result;
use crate::output::moment;

const PATH: &str = "src/greeting.sh";

pub(crate) async fn tell(story: &mut Story, scratch: &Scratch, cast: &Cast) -> Result<()> {
    story.chapter("An edit shows its diff, runs, and can be taken back").await?;
    let edits = json!({"path": PATH, "edits": [{"old": "Helo", "new": "Hello"}]});
    let wish = Wish::new("files.edit", edits, "correct a misspelt word")
        .expecting("modified", "workspace:src/**");
    story.act("agent", &wish.text());
    let answer = cast.propose(&wish).await?;
    story.quote(&in_short(&answer));
    let diff = answer.diff.clone().unwrap_or_default();
    story.quote(&diff);
    story.claim(
        "the diff shows exactly the changed line",
        diff.contains("-    echo \"Helo, $1\"") && diff.contains("+    echo \"Hello, $1\""),
    )?;
    let changed = scratch.git.differences()?;
    story.claim(
        "the file has it, and git sees this one difference",
        succeeded(&answer) && changed.trim() == format!("M {PATH}"),
    )?;
    let expected = answer.effects.iter().all(|effect| effect.observation == "expected");
    story.claim(
        "what changed is what the agent said would change",
        !answer.effects.is_empty() && expected,
    )?;
    story.claim(
        "a notice of it waits for the operators (`checkrein duties ls`)",
        has_duty(cast, id(&answer)?, "notice").await?,
    )?;
    let undo = answer.undo.as_ref();
    let offer = undo.map(|offer| format!("{}, until {}", offer.how, moment(offer.until_ms)));
    story.say("The answer says how to take it back:");
    story.quote(&offer.unwrap_or_default());
    story.act("operator", &format!("undo {}", id(&answer)?));
    let undone = cast.undo(id(&answer)?).await?;
    story.quote(&in_short(&undone));
    let restored = scratch.git.differences()?.is_empty();
    story.claim("the file is as it was: git sees no difference", succeeded(&undone) && restored)?;
    let again = cast.propose(&wish).await?;
    story.claim("the agent corrects it once more, and this time it stays", succeeded(&again))
}
