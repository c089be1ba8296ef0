//! The program that the tests of this package start: as a jail, and as a server of its own that can be killed.
//!
//! In: nothing as a jail, which never returns from the first line; else the path of a configuration file. Out: the address
//! on standard output, and then a server until it is ended. `checkrein up` is what people start.

use std::path::PathBuf;

use checkrein_server::config::{Config, Source};
use checkrein_server::{ShowKeys, serve};

#[tokio::main]
async fn serves(file: PathBuf) -> Result<(), String> {
    let source = Source::of_process(Some(file)).map_err(|error| error.to_string())?;
    let config = Config::load(&source).map_err(|problems| problems.to_string())?;
    let running = serve(config, ShowKeys::InFile).await.map_err(|refusal| refusal.message)?;
    println!("{}", running.url());
    running.ended().await;
    Ok(())
}

fn main() {
    checkrein_server::jail::entry();
    let done = match std::env::args_os().nth(1) {
        Some(file) => serves(file.into()),
        None => Err("expected the path of a configuration file".to_owned()),
    };
    if let Err(why) = done {
        eprintln!("{why}");
        std::process::exit(1);
    }
}
