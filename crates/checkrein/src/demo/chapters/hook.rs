//! A script says that it formats, and also leaves a hook: the plan shows it before anything happens.
//!
//! Looked at: the refusal and its words, the workspace, and that no hook exists. The agent declared what it meant to
//! change; what it did not declare is what gives the script away.

use serde_json::json;

use crate::demo::cast::{Cast, Wish, code, in_short};
use crate::demo::repository::HOOK;
use crate::demo::scratch::Scratch;
use crate::demo::story::Story;
use crate::failure::Result;

pub(crate) async fn tell(story: &mut Story, scratch: &Scratch, cast: &Cast) -> Result<()> {
    story.chapter("A formatter does more than it says").await?;
    story.say(
        "The repository has a formatter, and the operator lists it as one. Nobody has read it lately. The agent says that \
         it will change files under src/.",
    );
    let before = scratch.files()?;
    let arguments = json!({"program": "sh", "arguments": ["tools/format.sh"]});
    let wish = Wish::new("command.run", arguments, "format the sources")
        .expecting("modified", "workspace:src/**");
    story.act("agent", &wish.text());
    let answer = cast.propose(&wish).await?;
    story.quote(&in_short(&answer));
    let reasons = answer.decision.iter().flat_map(|decision| &decision.reasons);
    let reasons: Vec<&str> = reasons.map(|reason| reason.text.as_str()).collect();
    story.quote(&format!("{}\n{}", reasons.join("\n"), answer.warnings.join("\n")));
    story.claim(
        "it ran where nothing can happen, and was refused with what it tried to leave behind",
        answer.status == "denied"
            && answer.executed == "no"
            && code(&answer) == Some("CR-2001")
            && answer.warnings.iter().any(|warning| warning.contains(HOOK)),
    )?;
    story.claim(
        "there is no such hook, and no file of the workspace changed, src/ included",
        !scratch.workspace().join(HOOK).exists() && scratch.files()? == before,
    )
}
