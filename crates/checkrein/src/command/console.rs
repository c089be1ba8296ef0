//! `checkrein console`: a link that logs whoever has this key in to the console, once, within ten minutes.
//!
//! In: the operator's key. Out: the link, or a browser that opens it. The secret stands after `#`, so no server and no log
//! sees it; the browser gets it from a file that nobody else can read, so no list of processes does either.

use std::fs::File;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use clap::Args;
use server::wire;

use super::people;
use crate::context::{As, Context};
use crate::failure::{Failure, OK, Result};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Open the link in this machine's browser instead of printing it
    #[arg(long)]
    open: bool,
}

pub(crate) async fn run(context: &Context, given: Arguments) -> Result {
    let client = context.client(As::Operator)?;
    let who: wire::WhoAmI = client.get("/v1/whoami", &[]).await?;
    let link = people::invited(context, &who.name, None).await?;
    if given.open {
        open(&link.url)?;
        context.out.talk("the console opens in the browser");
        return Ok(OK);
    }
    context.out.talk("this link logs you in once, within ten minutes:");
    context.out.show(&link, |link| link.url.clone())?;
    Ok(OK)
}

/// Opens an address by a page that leads to it, which only this user can read.
fn open(url: &str) -> Result<()> {
    let page = page(url)?;
    let opener = Command::new("xdg-open")
        .arg(&page)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    match opener {
        Ok(status) if status.success() => Ok(()),
        Ok(_) | Err(_) => Err(Failure::new("no browser could be opened")
            .fix("leave `--open` out and open the link yourself")),
    }
}

fn page(url: &str) -> Result<PathBuf> {
    let private = std::env::var_os("XDG_RUNTIME_DIR").ok_or_else(|| {
        Failure::new("there is no private directory for the link (`XDG_RUNTIME_DIR`)")
            .fix("leave `--open` out and open the link yourself")
    })?;
    let path = PathBuf::from(private).join("checkrein-console.html");
    match std::fs::remove_file(&path) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(Failure::file(&path, &error)),
    }
    let made = File::options().write(true).create_new(true).mode(0o600).open(&path);
    let mut file = made.map_err(|error| Failure::file(&path, &error))?;
    // The address is ours and has no character that HTML would read.
    let text = format!("<!doctype html><meta http-equiv=\"refresh\" content=\"0;url={url}\">\n");
    file.write_all(text.as_bytes()).map_err(|error| Failure::file(&path, &error))?;
    Ok(path)
}
