//! `checkrein connect`: puts the tool servers of an agent's program behind Checkrein, and takes that back.
//!
//! ```text
//! client's file -> its servers -> [[mcp_server]] in checkrein.toml, secrets in files of their own (0600)
//!               <- one entry for Checkrein, with a key made for this client          backup beside, --undo
//! ```
//! In: a client's name. Out: two files changed, each with a backup, or with `--dry-run` what would change. What cannot be moved
//! stays where it is, and why is said. A space that enforces is never set to shadow by this: only a configuration that is made
//! new begins there. No server is started. Tests: `tests/it/connect.rs`.

mod apply;
mod client;
mod difference;
mod edit;
mod jsonc;
mod kept;
mod key;
mod ours;
mod plan;
mod secrets;
mod server;
mod toml_form;
mod undo;

use clap::Args;

use crate::context::Context;
use crate::failure::Result;

pub(crate) use client::Client;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The agent's program
    #[arg(value_enum)]
    client: Client,
    /// The file of this directory, which others may share, instead of your own
    #[arg(long)]
    project: bool,
    /// Show what would change, and change nothing
    #[arg(long, conflicts_with = "undo")]
    dry_run: bool,
    /// Take back what was changed last
    #[arg(long)]
    undo: bool,
}

pub(crate) async fn run(context: &Context, given: Arguments) -> Result {
    let place = client::Place::of(&given)?;
    match given.undo {
        true => undo::run(context, &place),
        false => {
            let plan = plan::make(context, &place)?;
            match given.dry_run {
                true => plan.show(context),
                false => apply::run(context, &place, plan).await,
            }
        }
    }
}
