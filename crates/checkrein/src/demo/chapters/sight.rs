//! A server of somebody else's is taken in as it is at first sight: its tools are pinned, and a read runs.
//!
//! Looked at: the list that the agent gets over the protocol, how the tools stand, and that no text it ever got holds the
//! server's credential, although the server hands that out to everybody.

use serde_json::json;
use server::wire;

use crate::demo::cast::Cast;
use crate::demo::model;
use crate::demo::scratch::{NOTES_TOKEN, Scratch};
use crate::demo::story::Story;
use crate::failure::Result;

/// Whether the server could be started here at all; the next chapters need it.
pub(crate) async fn tell(story: &mut Story, scratch: &Scratch, cast: &Cast) -> Result<bool> {
    let server: wire::Server = cast.operator.get("/v1/servers/notes", &[]).await?;
    let listed = model::ask(cast, "tools/list", json!({})).await?;
    if server.standing == "refused" {
        story
            .say("This machine gives no jail for tool servers: the chapters on them are left out.");
        return Ok(false);
    }
    story.chapter("A tool server of somebody else's is pinned at first sight").await?;
    story.say(
        "The operator configured a server for notes. It runs in a jail: it can change one directory and connect to nothing. \
         The agent speaks to it through Checkrein, over the Model Context Protocol.",
    );
    let tools: Vec<&str> = listed
        .get("tools")
        .and_then(serde_json::Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|tool| tool.get("name")?.as_str())
        .collect();
    story.quote(&format!("tools/list: {}", tools.join(", ")));
    let known: wire::Page<wire::Tool> = cast.operator.get("/v1/tools", &[]).await?;
    let ours: Vec<&wire::Tool> =
        known.items.iter().filter(|tool| tool.server.as_deref() == Some("notes")).collect();
    for tool in &ours {
        let standing = tool.standing.as_deref().unwrap_or_default();
        story.quote(&format!(
            "{} is {standing}: {} ({})",
            tool.tool, tool.effect_class, tool.provenance
        ));
    }
    story.claim(
        "the agent sees its three tools, each pinned by the digest of its whole definition",
        tools == ["add", "delete", "list"]
            && ours.len() == 3
            && ours.iter().all(|tool| tool.standing.as_deref() == Some("pinned")),
    )?;
    scratch.write_notes("buy milk\nremember\u{200B} the tests\n")?;
    let found = model::call(cast, "list", json!({})).await?;
    story.act("agent", "list {}");
    story.quote(&model::text(&found));
    story.claim("it ran alone: it says that it only reads", model::executed(&found) == "yes")?;
    let text = found.to_string();
    story.claim(
        "the server told everybody its token, and what the agent got has it masked",
        !text.contains(NOTES_TOKEN) && text.contains("signed in with"),
    )?;
    let warnings = model::envelope(&found).and_then(|said| said.get("warnings")?.as_array());
    let warned = warnings.is_some_and(|all| !all.is_empty());
    story.claim(
        "a character that nobody can see was taken out on the way, and that is said",
        !text.contains('\u{200B}') && warned,
    )?;
    Ok(true)
}
