//! One life of the loaded process, seen from outside: started, listened to, killed.
//!
//! Only lines that arrived whole were given. A process that ends by itself has broken a promise too.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use runner::Rung;

use super::trees::Turn;
use crate::arguments::program;
use crate::dice::Dice;
use crate::given::Given;
use crate::installation::Site;
use crate::problem::{Outcome, Promise, Trouble};
use crate::recorder;
use crate::votes::Vote;

/// What the process says once it takes calls.
pub(crate) const READY: &str = "ready";
/// The signal that nothing can catch.
const SIGKILL: i32 = 9;
/// A process that takes longer to open its store is taken as hanging.
const READY_WITHIN: Duration = Duration::from_secs(60);

/// The longest a client is let to work.
const CLIENT_MS: u64 = 300;

/// When a process is killed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Moment {
    /// So long after it was started: also while it opens the store.
    AfterStart(Duration),
    /// So long after it takes calls.
    AfterReady(Duration),
}

/// One line of the process.
#[derive(Debug)]
pub(crate) enum Said {
    /// An answer was given.
    Given(Box<Given>),
    /// A tree is about to be turned.
    Turn(Turn),
    /// A person was told that a decision was taken.
    Vote(Vote),
}

/// Lets a process live until the moment, and gives everything that it said.
pub(crate) fn live(
    site: &Site,
    (life, seed, rung): (u64, u64, Rung),
    moment: Moment,
) -> Outcome<Vec<Said>> {
    let said = site.root().join("stderr");
    let mut child = Command::new(program())
        .arg("--life")
        .arg(site.root())
        .args([life.to_string(), seed.to_string(), rung.word().to_owned()])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(File::create(&said)?)
        .spawn()?;
    let output = child.stdout.take().ok_or_else(|| Trouble::other("no pipe to the process"))?;
    let (ready, is_ready) = channel();
    let listening = std::thread::spawn(move || listen(output, &ready));
    let (ends, ended) = channel();
    let (of, dice) = (site.clone(), Dice::new(seed));
    let clients = std::thread::spawn(move || clients(&of, (life, dice), &ended));
    let waited = wait(moment, &is_ready);
    child.kill()?;
    let status = child.wait()?;
    drop(ends);
    let broke_off = || Trouble::other("the listener broke off");
    let mut all = listening.join().map_err(|_| broke_off())??;
    all.extend(clients.join().map_err(|_| broke_off())??);
    if status.signal() != Some(SIGKILL) {
        let said = std::fs::read_to_string(&said).unwrap_or_default();
        let found = format!("life {life} ended with {status}: {}", said.trim());
        return Err(Trouble::broken(Promise::ProcessGoesOn, found));
    }
    waited.map(|()| all)
}

/// One client after the other, each killed at a random moment, until the process has ended.
fn clients(site: &Site, (life, mut dice): (u64, Dice), ended: &Receiver<()>) -> Outcome<Vec<Said>> {
    let mut all = Vec::new();
    for number in 0.. {
        let mut child = Command::new(program())
            .arg("--client")
            .arg(site.root())
            .args([life.to_string(), number.to_string(), dice.next().to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = child.stdout.take().ok_or_else(|| Trouble::other("no pipe to a client"))?;
        let listening = std::thread::spawn(move || listen(output, &channel().0));
        let last = ended.recv_timeout(Duration::from_millis(20 + dice.below(CLIENT_MS)));
        child.kill()?;
        child.wait()?;
        all.extend(listening.join().map_err(|_| Trouble::other("the listener broke off"))??);
        if last == Err(RecvTimeoutError::Disconnected) {
            break;
        }
    }
    Ok(all)
}

fn wait(moment: Moment, ready: &Receiver<()>) -> Outcome<()> {
    let after = match moment {
        Moment::AfterStart(after) => after,
        Moment::AfterReady(after) => match ready.recv_timeout(READY_WITHIN) {
            Ok(()) => after,
            // It has ended already; its exit status tells more.
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
            Err(RecvTimeoutError::Timeout) => {
                let found = format!("the store was not open after {READY_WITHIN:?}");
                return Err(Trouble::broken(Promise::StoreOpens, found));
            }
        },
    };
    std::thread::sleep(after);
    Ok(())
}

fn listen(output: ChildStdout, ready: &Sender<()>) -> Outcome<Vec<Said>> {
    let mut all = Vec::new();
    let mut reader = BufReader::new(output);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some(line) = line.strip_suffix('\n') else { return Ok(all) };
        if line == READY {
            // Nobody waits for it where the kill is timed from the start.
            _ = ready.send(());
        } else {
            let given = || Given::read(line).map(|given| Said::Given(Box::new(given)));
            let turn = || Turn::read(line).map(Said::Turn);
            let said = Vote::read(line).map(Said::Vote).or_else(turn).or_else(given);
            all.push(said.ok_or_else(|| Trouble::other(format!("it said `{line}`")))?);
        }
    }
}

/// The recorder's process. It ends with the campaign, whose end closes its standard input.
#[derive(Debug)]
pub(crate) struct Recorder {
    child: Child,
    input: Option<ChildStdin>,
}

impl Recorder {
    /// Starts it and waits until it listens.
    pub(crate) fn start(site: &Site) -> Outcome<Self> {
        let mut child = Command::new(program())
            .arg("--recorder")
            .arg(site.root())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut first = [0; READY.len()];
        let output = child.stdout.as_mut();
        output.ok_or_else(|| Trouble::other("no pipe to the recorder"))?.read_exact(&mut first)?;
        let input = child.stdin.take();
        Ok(Self { child, input })
    }

    /// Its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until nothing is on its way to it any more.
    pub(crate) fn settled(&self, site: &Site) -> Outcome<()> {
        recorder::settled(&site.socket())
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        drop(self.input.take());
        // Nothing more can be done about a recorder that does not end.
        _ = self.child.wait();
    }
}
