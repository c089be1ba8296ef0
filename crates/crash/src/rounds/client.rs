//! A client of the loaded process: proposes calls that wait for people, waits for some, sends others again, forgets the
//! rest. It is killed on its own, and with the process that it talks to.
//!
//! Every answer that it gets is written to its standard output: only what arrived whole was given. A ticket says the
//! amount, so that whoever sees an effect knows what people had to be asked for it.

use std::io::Write as _;
use std::time::Duration;

use domain::Status;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::UnixStream;
use tokio::task::JoinSet;

use crate::dice::Dice;
use crate::given::Given;
use crate::installation::Site;
use crate::problem::{Outcome, Trouble};
use crate::votes::HELD;

/// Callers of one client.
const CALLERS: u64 = 6;
/// Clients of a life, and their keys, that later ones send again.
const CLIENTS_REPEATED: u64 = 3;
const KEYS_REPEATED: u64 = 12;
/// Longest that one of them waits for people.
const WAIT_MS: u64 = 120;
/// How often a client tries to reach a process that does not take calls yet.
const REACHED_EVERY: Duration = Duration::from_millis(3);

/// Calls until it is killed, or the process is.
pub(crate) fn run(site: &Site, (life, client): (u64, u64), seed: u64) -> Outcome<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut callers = JoinSet::new();
        for number in 0..CALLERS {
            let of = Caller { life, client, next: number, dice: Dice::of(seed, number) };
            callers.spawn(of.calls(site.clone()));
        }
        // The other end may be killed at any moment: then there is nothing more to do.
        while callers.join_next().await.is_some() {}
        Ok(())
    })
}

struct Caller {
    life: u64,
    client: u64,
    /// The number of its next key.
    next: u64,
    dice: Dice,
}

impl Caller {
    async fn calls(mut self, site: Site) -> Outcome<()> {
        let mut stream = loop {
            match UnixStream::connect(site.front()).await {
                Ok(stream) => break BufReader::new(stream),
                Err(_) => tokio::time::sleep(REACHED_EVERY).await,
            }
        };
        loop {
            let (ticket, amount) = self.ticket();
            let given = ask(&mut stream, &format!("propose {ticket} {amount}\n")).await?;
            let Some(call) = given.answer.call.filter(|_| given.answer.status == Status::Held)
            else {
                continue;
            };
            match self.dice.below(3) {
                0 => {
                    let wait = self.dice.below(WAIT_MS);
                    ask(&mut stream, &format!("wait {call} {wait}\n")).await?;
                }
                1 => {
                    tokio::time::sleep(Duration::from_millis(self.dice.below(WAIT_MS))).await;
                    ask(&mut stream, &format!("propose {ticket} {amount}\n")).await?;
                }
                // Somebody sends it again in another life, or nobody ever does.
                _ => {}
            }
        }
    }

    /// A new key, or one of an earlier client.
    fn ticket(&mut self) -> (String, u64) {
        let (life, client, number) = if self.dice.once_in(2) {
            let life = self.dice.below(self.life + 1);
            (life, self.dice.below(CLIENTS_REPEATED), self.dice.below(KEYS_REPEATED))
        } else {
            self.next += CALLERS;
            (self.life, self.client, self.next - CALLERS)
        };
        let amount = 951 + Dice::of(life << 32 | client << 16, number).below(50);
        (format!("{HELD}{life}-{client}-{number}-{amount}"), amount)
    }
}

async fn ask(stream: &mut BufReader<UnixStream>, line: &str) -> Outcome<Given> {
    stream.write_all(line.as_bytes()).await?;
    let mut said = String::new();
    stream.read_line(&mut said).await?;
    let given = said.strip_suffix('\n').and_then(Given::read);
    let given = given.ok_or_else(|| Trouble::other("the process has gone"))?;
    let mut output = std::io::stdout().lock();
    output.write_all(&given.line())?;
    output.flush()?;
    Ok(given)
}
