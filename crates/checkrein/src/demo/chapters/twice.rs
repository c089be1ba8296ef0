//! The same call twice with one key has one effect; the key with other arguments is an error.
//!
//! The edit would add its line again each time it runs, so a second effect could not hide. Looked at: the file, both
//! answers, and the entries of the call.

use serde_json::json;

use crate::demo::cast::{Cast, Wish, id, in_short, succeeded};
use crate::demo::scratch::Scratch;
use crate::demo::story::Story;
use crate::failure::Result;

const PATH: &str = "CHANGELOG.md";

pub(crate) async fn tell(story: &mut Story, scratch: &Scratch, cast: &Cast) -> Result<()> {
    story.chapter("The same call twice with one key has one effect").await?;
    let line = "- greets in English";
    let wish = |line: &str| {
        let new = format!("# Changes\n\n{line}\n");
        let edits = json!({"path": PATH, "edits": [{"old": "# Changes\n\n", "new": new}]});
        Wish::new("files.edit", edits, "note what changed").keyed("changelog-1")
    };
    story.say("This edit would add its line again each time it runs. The agent sends it twice, as after a lost answer:");
    story.act("agent", &format!("{} with the key changelog-1", wish(line).text()));
    let first = cast.propose(&wish(line)).await?;
    story.quote(&in_short(&first));
    let second = cast.propose(&wish(line)).await?;
    story.quote(&format!("{}; replayed: {}", in_short(&second), second.replayed));
    let same = first.call == second.call && second.replayed && !first.replayed;
    story.claim(
        "the second answer is the stored first one, of the same call",
        succeeded(&first) && same,
    )?;
    let now = scratch.read(PATH).unwrap_or_default();
    story.claim("the line stands there once", now.matches(line).count() == 1)?;
    let entries = cast.entries(id(&first)?).await?;
    let kinds: Vec<&str> = entries.iter().map(|entry| entry.kind.as_str()).collect();
    story.say("The journal's entries of this call:");
    story.quote(&kinds.join(", "));
    let admitted = kinds.iter().filter(|kind| **kind == "call_admitted").count();
    story.claim("it was admitted once", admitted == 1)?;
    let other = cast.propose(&wish("- greets in French")).await?;
    story.act("agent", "the same key with another line");
    story.quote(
        &other
            .error
            .as_ref()
            .map(|error| format!("{} {}", error.code, error.message))
            .unwrap_or_default(),
    );
    let refused =
        other.executed == "no" && other.error.is_some_and(|error| error.code == "CR-1015");
    story.claim(
        "a key cannot be used for something else",
        refused && scratch.read(PATH) == Some(now),
    )
}
