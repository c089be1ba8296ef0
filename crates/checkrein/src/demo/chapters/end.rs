//! The end: where it runs, how to look around, what to try next.
//!
//! Alone, the server is stopped and it is said how to start it again; with a person it runs until Ctrl-C. The lines to
//! copy name this very program, so they work before anything is installed.

use std::path::Path;

use tokio::signal::unix::Signal;

use crate::demo::child::Server;
use crate::demo::scratch::Scratch;
use crate::demo::story::Story;
use crate::failure::{Failure, Result};

/// Stops the server and says how to start it again.
pub(crate) async fn alone(story: &mut Story, scratch: &Scratch, server: Server) -> Result<()> {
    let url = server.url.clone();
    story.chapter("Now you").await?;
    let ended = server.stop().await?;
    story.claim("the server was asked to stop, and stopped in order", ended)?;
    told(story);
    story.say("Everything stays where it is. Start the server again with:");
    story.quote(&format!("{}\ncheckrein up", environment(scratch)));
    story.say(&format!("It serves at {url} then. In another terminal, with the same settings:"));
    look_around(story);
    Ok(())
}

/// Keeps the server running until Ctrl-C.
pub(crate) async fn with_person(
    story: &mut Story,
    scratch: &Scratch,
    (mut server, mut interrupts): (Server, Signal),
) -> Result<()> {
    story.chapter("Now you").await?;
    told(story);
    story.say(&format!(
        "The server goes on at {} until you press Ctrl-C here. In another terminal:",
        server.url
    ));
    story.quote(&environment(scratch));
    look_around(story);
    // Ctrl-C reaches the server too, and either may be faster.
    tokio::select! {
        well = server.ended() => if !well {
            return Err(Failure::new("the server ended by itself").fix("see `server.log`"));
        },
        _ = interrupts.recv() => {}
    }
    server.stop().await?;
    story.say(&format!(
        "Stopped. `checkrein up --config {}` starts it again.",
        scratch.config().display()
    ));
    Ok(())
}

fn told(story: &Story) {
    story.say(&format!("{} claims were made and each was looked at.", story.claims()));
}

/// What makes the lines below work in another terminal.
fn environment(scratch: &Scratch) -> String {
    let config = format!("export CHECKREIN_CONFIG={}", scratch.config().display());
    let own = std::env::current_exe().ok();
    let place = own.as_deref().and_then(Path::parent).map(Path::to_path_buf);
    let known = std::env::var_os("PATH").unwrap_or_default();
    match place {
        Some(place) if !std::env::split_paths(&known).any(|one| one == place) => {
            format!("export PATH=\"{}:$PATH\"\n{config}", place.display())
        }
        Some(_) | None => config,
    }
}

fn look_around(story: &Story) {
    story.quote(
        "checkrein calls ls                   what was proposed and what became of it\n\
         checkrein duties ls                  notices that wait to be seen\n\
         checkrein calls explain CALL         why it was decided so\n\
         checkrein journal entries --newest   everything that happened",
    );
    story.say("What to try next:");
    story.quote(
        "checkrein call files.delete '{\"path\": \"prod\", \"recursive\": true}' --wait 60\n\
         checkrein approvals watch            decide it, in a third terminal\n\
         checkrein stop suspend everything --reason lunch    then propose something\n\
         checkrein policy check               the rules that decided all this",
    );
}
