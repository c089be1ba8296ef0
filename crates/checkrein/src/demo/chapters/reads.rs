//! Reads run alone: no person, no notice, and an entry in the journal all the same.
//!
//! Looked at: tier, duties and effects in the answers, their output, and the calls in the journal's entries.

use serde_json::json;

use crate::demo::cast::{Cast, Wish, in_short, succeeded};
use crate::demo::story::Story;
use crate::failure::Result;
use crate::output::json_line;

pub(crate) async fn tell(story: &mut Story, cast: &Cast) -> Result<()> {
    story.chapter("Reads run alone").await?;
    let wishes = [
        Wish::new("files.list", json!({"path": "src"}), "see what there is"),
        Wish::new(
            "files.search",
            json!({"path": "src", "pattern": "Helo"}),
            "find the misspelt word",
        ),
        Wish::new(
            "files.read",
            json!({"path": "src/greeting.sh"}),
            "look at it before changing it",
        ),
    ];
    let (mut alone, mut outputs) = (true, String::new());
    for wish in &wishes {
        story.act("agent", &wish.text());
        let answer = cast.propose(wish).await?;
        story.quote(&in_short(&answer));
        outputs.push_str(&answer.output.as_ref().map(json_line).unwrap_or_default());
        let decision = answer.decision.as_ref();
        let nobody = decision.is_some_and(|one| one.tier == "1" && one.duties.is_empty());
        alone &= succeeded(&answer) && nobody && answer.effects.is_empty();
    }
    story.claim("all three ran at once, nobody was asked or told, nothing changed", alone)?;
    story.claim(
        "the agent has what it asked for: `Helo` is in src/greeting.sh",
        outputs.contains("Helo, "),
    )?;
    let page: server::wire::Page<server::wire::Entry> =
        cast.operator.get("/v1/journal/entries", &[("run", Some(cast.run.clone()))]).await?;
    let calls: std::collections::BTreeSet<_> =
        page.items.iter().filter_map(|entry| entry.call.clone()).collect();
    story.claim("each of the three calls is in the journal", calls.len() == wishes.len())
}
