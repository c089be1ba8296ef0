//! The way in for clients, which are processes of their own and are killed on their own: one line asks, one line answers.
//!
//! ```text
//! "propose <key> <amount>" | "wait <call> <ms>"  ->  an answer, as it is given
//! ```
//! Each call runs in a task of its own, as in the server: a client that dies takes none with it. An answer counts as
//! delivered once it was written.

use std::sync::Arc;
use std::time::Duration;

use domain::{Answer, Proposal};
use gate::Identity;
use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};

use super::Load;
use crate::dice::Dice;
use crate::given::Given;
use crate::problem::{Outcome, Trouble};

/// Takes clients until the process is killed.
pub(super) async fn serve(load: Arc<Load>, mut dice: Dice) -> Outcome<()> {
    let socket = load.site.front();
    if socket.exists() {
        // An earlier life's.
        std::fs::remove_file(&socket)?;
    }
    let listener = UnixListener::bind(socket)?;
    loop {
        let (stream, _) = listener.accept().await?;
        let (load, dice) = (Arc::clone(&load), Dice::new(dice.next()));
        // A client that was killed leaves an error, which is what this is about.
        drop(tokio::spawn(async move { talk(&load, stream, dice).await.is_ok() }));
    }
}

async fn talk(load: &Arc<Load>, mut stream: UnixStream, mut dice: Dice) -> Outcome<()> {
    let (reader, mut writer) = stream.split();
    let mut lines = BufReader::new(reader).lines();
    while let Some(line) = lines.next_line().await? {
        let (key, answer) = asked(load, &line, &mut dice).await?;
        let given = Given { key, answer };
        writer.write_all(&given.line()).await?;
        given.answer.call.into_iter().for_each(|call| load.gate.delivered(call));
    }
    Ok(())
}

async fn asked(load: &Arc<Load>, line: &str, dice: &mut Dice) -> Outcome<(Option<String>, Answer)> {
    let wrong = || Trouble::other(format!("a client said `{line}`"));
    let shared = Arc::clone(load);
    match line.split(' ').collect::<Vec<_>>().as_slice() {
        ["propose", key, amount] => {
            let amount: u64 = amount.parse().map_err(|_| wrong())?;
            let arguments = json!({ "ticket": key, "amount": amount });
            let key = Some((*key).to_owned());
            let proposal = shared.proposal("counter.add", arguments, dice);
            let proposal = Proposal { key: key.clone(), detached: dice.once_in(8), ..proposal };
            let work = async move { shared.gate.handle(&shared.people.agent, proposal).await };
            Ok((key, tokio::spawn(work).await.map_err(|_| wrong())?))
        }
        ["wait", call, longest] => {
            let call = call.parse().map_err(|_| wrong())?;
            let longest = Duration::from_millis(longest.parse().map_err(|_| wrong())?);
            let caller = load.gate.identify(&load.people.agent).await;
            let caller = caller.and_then(Identity::agent)?;
            let work = async move { shared.gate.wait(&caller, call, longest).await };
            Ok((None, tokio::spawn(work).await.map_err(|_| wrong())?))
        }
        _ => Err(wrong()),
    }
}
