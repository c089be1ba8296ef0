//! `checkrein demo`: one governed call after another, on a scratch repository, with a real server.
//!
//! ```text
//! scratch (git repository, workspace, configuration) -> server (`checkrein up`, a process of its own)
//!   -> chapters: a scripted agent proposes through the HTTP API, an operator decides, the world is looked at
//! ```
//! In: nothing but a directory to work in. Out: the story in plain words with the real answers. Every claim of the
//! story is checked, against the files, git, the journal or the answer; the first that does not hold ends the demo
//! with an error. It is the end-to-end test too: `tests/it/demo.rs`.

mod cast;
mod chapters;
mod child;
mod git;
pub(crate) mod health_server;
mod model;
pub(crate) mod notes_server;
mod person;
mod repository;
mod scratch;
mod story;
mod web;

use std::io::IsTerminal as _;
use std::path::PathBuf;

use clap::Args;

use crate::context::Context;
use crate::failure::{Failure, INTERRUPTED, OK, Result};
use cast::Cast;
use child::Server;
use scratch::Scratch;
use story::{Pace, Story};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Work in this new directory instead of one among the temporary files
    #[arg(long, value_name = "DIRECTORY")]
    dir: Option<PathBuf>,
}

pub(crate) async fn run(context: &Context, given: Arguments) -> Result {
    let pace = match context.global.no_input {
        true => Pace::Alone,
        false if std::io::stdin().is_terminal() => Pace::WithPerson,
        false => {
            return Err(Failure::usage("there is no terminal to ask at")
                .expected("a terminal, or `--no-input`")
                .fix("run `checkrein demo --no-input`: it approves by itself"));
        }
    };
    let mut story = Story::new(context.out, pace);
    let mut interrupts = crate::command::interrupts()?;
    let scratch = Scratch::make(given.dir)?;
    let mut server = Server::start(&scratch).await?;
    let told = tokio::select! {
        told = tell(&mut story, &scratch, &mut server) => told,
        _ = interrupts.recv() => Err(Failure::new("interrupted").exit(INTERRUPTED)),
    };
    if let Err(failure) = told {
        // The log may say why; the directory stays so that somebody can look.
        context.out.talk(&format!("the demo's directory is `{}`", scratch.root.display()));
        server.stop().await?;
        return Err(failure);
    }
    match pace {
        Pace::Alone => chapters::end::alone(&mut story, &scratch, server).await?,
        Pace::WithPerson => {
            chapters::end::with_person(&mut story, &scratch, (server, interrupts)).await?
        }
    }
    Ok(OK)
}

async fn tell(story: &mut Story, scratch: &Scratch, server: &mut Server) -> Result<()> {
    let cast = Cast::gather(scratch, server).await?;
    chapters::setting::tell(story, (scratch, server), &cast).await?;
    chapters::reads::tell(story, &cast).await?;
    chapters::edit::tell(story, scratch, &cast).await?;
    chapters::delete::tell(story, scratch, &cast).await?;
    chapters::production::tell(story, scratch, &cast).await?;
    chapters::twice::tell(story, scratch, &cast).await?;
    chapters::wrong::tell(story, &cast).await?;
    if chapters::jail::tell(story).await? {
        chapters::testing::tell(story, scratch, &cast).await?;
        chapters::commit::tell(story, scratch, &cast).await?;
        chapters::push::tell(story, scratch, &cast).await?;
        chapters::hook::tell(story, scratch, &cast).await?;
        chapters::bounds::tell(story, (scratch, server), &cast).await?;
        chapters::deploy::tell(story, scratch, &cast).await?;
    }
    if chapters::sight::tell(story, scratch, &cast).await? {
        chapters::notes::tell(story, scratch, &cast).await?;
        chapters::drift::tell(story, scratch, &cast).await?;
    }
    chapters::crash::tell(story, (scratch, server), &cast).await?;
    chapters::last_three::tell(story, scratch, &cast).await?;
    chapters::journal::tell(story, scratch, &cast).await
}
