//! The agent runs the repository's tests: one fails, it mends the mistake, and they pass.
//!
//! Looked at: exit code and words of the real test run, that the run changed nothing, and that the tests are the
//! repository's own.

use serde_json::json;

use crate::demo::cast::{Cast, Wish, exit_code, in_short, printed, succeeded};
use crate::demo::scratch::Scratch;
use crate::demo::story::Story;
use crate::failure::Result;

pub(crate) async fn tell(story: &mut Story, scratch: &Scratch, cast: &Cast) -> Result<()> {
    story.chapter("The agent runs the tests").await?;
    story.say(
        "The operator's configuration names one command as tests: `sh tests/run.sh`. An agent can run nothing that is not \
         named there. Each command runs in a jail: an empty world with this workspace in it, no network, no keys.",
    );
    let before = scratch.files()?;
    let tests = || {
        let arguments = json!({"program": "sh", "arguments": ["tests/run.sh"]});
        Wish::new("command.run", arguments, "see whether everything works")
    };
    story.act("agent", &tests().text());
    let failed = cast.propose(&tests()).await?;
    story.quote(&in_short(&failed));
    story.quote(&printed(&failed));
    story.claim(
        "the call succeeded, and the tests did not: exit code 1",
        succeeded(&failed)
            && exit_code(&failed) == Some(1)
            && printed(&failed).contains("FAIL  nothing costs nothing"),
    )?;
    story.claim("running them changed no file", scratch.files()? == before)?;
    let edits = json!({"path": "src/total.sh", "edits": [{"old": "sum=\n", "new": "sum=0\n"}]});
    let mend = Wish::new("files.edit", edits, "begin at nothing")
        .expecting("modified", "workspace:src/**");
    story.act("agent", &mend.text());
    let mended = cast.propose(&mend).await?;
    story.quote(&in_short(&mended));
    story.act("agent", &tests().text());
    let passed = cast.propose(&tests()).await?;
    story.quote(&printed(&passed));
    story.claim(
        "mended, and now they pass: exit code 0",
        succeeded(&mended) && exit_code(&passed) == Some(0) && !printed(&passed).contains("FAIL"),
    )?;
    let other = json!({"program": "sh", "arguments": ["-c", "id"]});
    let other = Wish::new("command.run", other, "look around");
    story.act("agent", &other.text());
    let refused = cast.propose(&other).await?;
    story.quote(&in_short(&refused));
    story.claim("what nobody named is not run", refused.executed == "no" && refused.error.is_some())
}
