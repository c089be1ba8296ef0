//! A wrong argument gets an error that says what would be right.
//!
//! Looked at: the code, whose fault it is, and that the answer names the right argument and the right tool.

use serde_json::json;

use crate::demo::cast::{Cast, Wish, in_short};
use crate::demo::story::Story;
use crate::failure::Result;

pub(crate) async fn tell(story: &mut Story, cast: &Cast) -> Result<()> {
    story.chapter("A wrong argument gets an error that says what would be right").await?;
    let wrong = [
        (Wish::new("files.read", json!({"pth": "README.md"}), "read it"), "CR-1004", "`path`"),
        (
            Wish::new("files.reed", json!({"path": "README.md"}), "read it"),
            "CR-1005",
            "`files.read`",
        ),
    ];
    for (wish, code, right) in wrong {
        story.act("agent", &wish.text());
        let answer = cast.propose(&wish).await?;
        story.quote(&in_short(&answer));
        let error = answer.error.as_ref();
        let text =
            error.map(|error| format!("{}\n{}", error.message, error.fix)).unwrap_or_default();
        story.quote(&text);
        let told = error.is_some_and(|error| error.code == code && error.fault == "caller");
        let named = text.contains(right) && answer.executed == "no";
        story.claim(&format!("nothing ran, and the answer names {right}"), told && named)?;
    }
    Ok(())
}
