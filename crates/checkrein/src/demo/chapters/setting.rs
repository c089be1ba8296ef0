//! The setting: a repository with history, a workspace, and a server in front of it.
//!
//! Looked at: that git sees no difference before anything happens, so that what it sees later was made by calls.

use server::wire;

use crate::demo::cast::Cast;
use crate::demo::child::Server;
use crate::demo::scratch::Scratch;
use crate::demo::story::Story;
use crate::failure::Result;

pub(crate) async fn tell(
    story: &mut Story,
    (scratch, server): (&Scratch, &Server),
    cast: &Cast,
) -> Result<()> {
    story.chapter("A repository, an agent, and Checkrein between them").await?;
    story
        .say(&format!("A scratch repository was made in {}. Its history:", scratch.root.display()));
    story.quote(&scratch.git.log()?);
    story.say(&format!(
        "The files of its last commit are the workspace. Checkrein serves it at {}: a process of its own \
         (`checkrein up`) with its data in one directory and the starter policy. The agent below is a script with an \
         agent key. It never touches a file: it proposes calls over HTTP, and every line that begins with `|` is what \
         was really answered. Every ✓ was looked at, in the files, by git or in the journal.",
        server.url
    ));
    if story.has_person() {
        let none = wire::Invite::default();
        let link: wire::Invitation =
            cast.operator.post("/v1/people/operator/invite", &none).await?;
        story.say(
            "The same server has a console. This link logs you in to it once, within ten minutes, and you can decide \
             there instead of here:",
        );
        story.say(&link.url);
    }
    story.claim(
        "git sees no difference between workspace and history",
        scratch.git.differences()?.is_empty(),
    )
}
