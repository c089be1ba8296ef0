//! What is outside of a jail does not exist in it, and what goes wild in it ends with it.
//!
//! Looked at: the demo's own directory from inside, the files that `rm` would have taken, the processes below the
//! server, and that the server answers.

use serde_json::json;

use crate::demo::cast::{Cast, Wish, code, exit_code, id, in_short, printed, succeeded};
use crate::demo::child::Server;
use crate::demo::scratch::Scratch;
use crate::demo::story::Story;
use crate::failure::Result;

/// What the agent puts into the tests: each copy starts others that wait, and two more of itself.
const BOMB: &str =
    "bomb() {\n    sleep 60 | sleep 60 | sleep 60 | sleep 60 | bomb | bomb\n}\nbomb\n";

pub(crate) async fn tell(
    story: &mut Story,
    (scratch, server): (&Scratch, &Server),
    cast: &Cast,
) -> Result<()> {
    story.chapter("`rm -rf` finds nothing, and a fork bomb goes nowhere").await?;
    nothing_outside(story, scratch, cast).await?;
    fork_bomb(story, (scratch, server), cast).await
}

async fn nothing_outside(story: &mut Story, scratch: &Scratch, cast: &Cast) -> Result<()> {
    let here = scratch.root.display().to_string();
    let list = run("ls", &["-A", &here]);
    story.act("agent", &list.text());
    let listed = cast.propose(&list).await?;
    story.quote(&printed(&listed));
    let there = std::fs::read_dir(&scratch.root).map_or(0, Iterator::count);
    story.claim(
        &format!("this directory has {there} entries; in the jail it has one, the workspace"),
        there > 4 && printed(&listed).trim() == "workspace",
    )?;
    let before = scratch.files()?;
    let state = scratch.root.join("state").display().to_string();
    let remove = run("rm", &["-r", "-f", "-v", &state, "/logs"]);
    story.act("agent", &remove.text());
    let removed = cast.propose(&remove).await?;
    story.quote(&in_short(&removed));
    story.claim(
        "there was nothing to remove: the journal is where it was, and so is every file",
        succeeded(&removed)
            && printed(&removed).trim().is_empty()
            && scratch.root.join("state/data/journal.sqlite").is_file()
            && scratch.files()? == before,
    )
}

async fn fork_bomb(
    story: &mut Story,
    (scratch, server): (&Scratch, &Server),
    cast: &Cast,
) -> Result<()> {
    let before = scratch.files()?;
    let old = "failed=0\n";
    let edits =
        json!({"path": "tests/run.sh", "edits": [{"old": old, "new": format!("{BOMB}{old}")}]});
    let edit = Wish::new("files.edit", edits, "test under load")
        .expecting("modified", "workspace:tests/**");
    story.act("agent", &edit.text());
    let edited = cast.propose(&edit).await?;
    let tests = run("sh", &["tests/run.sh"]);
    story.act("agent", &tests.text());
    let others = server.descendants();
    let ended = cast.propose(&tests).await?;
    story.quote(&in_short(&ended));
    let error = ended.error.as_ref().map(|error| format!("{}\n{}", error.message, error.fix));
    story.quote(&error.unwrap_or_default());
    story.claim(
        "it was ended at the number of processes that the operator allows; nothing was executed",
        succeeded(&edited)
            && ended.executed == "no"
            && code(&ended).is_some()
            && exit_code(&ended).is_none(),
    )?;
    let left = server.descendants();
    story.claim("no process of it is left", left.iter().all(|one| others.contains(one)))?;
    let undone = cast.undo(id(&edited)?).await?;
    story.act("operator", &format!("undo {}", id(&edited)?));
    story.claim(
        "the tests are as they were, and the server goes on",
        succeeded(&undone) && scratch.files()? == before,
    )
}

fn run(program: &str, arguments: &[&str]) -> Wish<'static> {
    Wish::new("command.run", json!({"program": program, "arguments": arguments}), "tidy up")
}
