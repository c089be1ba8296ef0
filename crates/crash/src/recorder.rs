//! The process that counts effects: it outlives the one that is killed, and writes and syncs a line for each
//! effect before it says that it is done. It never looks whether a ticket was there before: that is what is tested.
//!
//! ```text
//! "add <ticket> <call> <permit>" -> "done"     "seen <call>" -> "yes" | "no"
//! "settled"                      -> "yes", once nobody else is connected: nothing is on its way any more
//! ```
//! It ends when its standard input does, that is, with the campaign.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::installation::Site;
use crate::problem::{Outcome, Trouble};

/// One effect, as the recorder wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Effect {
    pub(crate) ticket: String,
    pub(crate) call: String,
    pub(crate) permit: String,
}

/// What all connections share.
struct Shared {
    state: Mutex<State>,
    left: Condvar,
}

struct State {
    file: File,
    seen: HashSet<String>,
    connected: usize,
}

/// Serves until the standard input ends.
pub(crate) fn run(site: &Path) -> Outcome<()> {
    let site = Site::at(site);
    let listener = UnixListener::bind(site.socket())?;
    let file = OpenOptions::new().create(true).append(true).open(site.effects())?;
    let seen = read(&site.effects())?.into_iter().map(|effect| effect.call).collect();
    let state = Mutex::new(State { file, seen, connected: 0 });
    let shared = Arc::new(Shared { state, left: Condvar::new() });
    std::thread::spawn(move || accept(&listener, &shared));
    println!("ready");
    std::io::stdout().flush()?;
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

/// Everything that happened, in order.
pub(crate) fn read(file: &Path) -> Outcome<Vec<Effect>> {
    let text = std::fs::read_to_string(file)?;
    let effect = |line: &str| match line.split(' ').collect::<Vec<_>>().as_slice() {
        [ticket, call, permit] => Ok(Effect {
            ticket: (*ticket).to_owned(),
            call: (*call).to_owned(),
            permit: (*permit).to_owned(),
        }),
        _ => Err(Trouble::other(format!("the recorder wrote `{line}`"))),
    };
    text.lines().map(effect).collect()
}

/// Waits until nothing is on its way to the recorder any more.
pub(crate) fn settled(socket: &Path) -> Outcome<()> {
    let mut stream = UnixStream::connect(socket)?;
    stream.write_all(b"settled\n")?;
    let mut said = String::new();
    BufReader::new(stream).read_line(&mut said)?;
    if said == "yes\n" { Ok(()) } else { Err(Trouble::other("the recorder has gone")) }
}

/// Connections are counted in the order in which they came, so that `settled` waits for all before it.
fn accept(listener: &UnixListener, shared: &Arc<Shared>) {
    for stream in listener.incoming() {
        let Ok(stream) = stream else { continue };
        lock(shared).connected += 1;
        let shared = Arc::clone(shared);
        std::thread::spawn(move || {
            // A caller that was killed has closed its end.
            _ = serve(&stream, &shared);
            lock(&shared).connected -= 1;
            shared.left.notify_all();
        });
    }
}

fn serve(stream: &UnixStream, shared: &Shared) -> std::io::Result<()> {
    for line in BufReader::new(stream).lines() {
        let said = answer(&line?, shared)?;
        writeln!(&mut { stream }, "{said}")?;
    }
    Ok(())
}

fn answer(line: &str, shared: &Shared) -> std::io::Result<&'static str> {
    match line.split(' ').collect::<Vec<_>>().as_slice() {
        ["add", ticket, call, permit] => {
            let mut state = lock(shared);
            writeln!(state.file, "{ticket} {call} {permit}")?;
            state.file.sync_data()?;
            state.seen.insert((*call).to_owned());
            Ok("done")
        }
        ["seen", call] => Ok(if lock(shared).seen.contains(*call) { "yes" } else { "no" }),
        ["settled"] => {
            let alone = |state: &mut State| state.connected > 1;
            drop(shared.left.wait_while(lock(shared), alone));
            Ok("yes")
        }
        _ => Ok("what?"),
    }
}

fn lock(shared: &Shared) -> MutexGuard<'_, State> {
    shared.state.lock().unwrap_or_else(PoisonError::into_inner)
}
