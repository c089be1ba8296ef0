//! One child: started in its jail or without one, with its standard error heard, ended in order.
//!
//! ```text
//! start -> session, pipes -> reader, writer of chores, ear for standard error (tasks of this child, ended with it)
//! end   -> close its input -> wait a while -> kill everything that it started
//! ```
//! In: what the operator configured. Out: a link. Dropping the child kills it at once. Nothing of its standard error reaches
//! an answer. Tests: `tests/stdio/`.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use domain::limits;
use mcp::lines::Lines;
use runner::{
    Access, Cause, HostRule, Lifetime, Mount, MountAccess, Network, Order, Pipes, Session, Unjailed,
};
use tokio::io::AsyncReadExt;
use tokio::process::ChildStderr;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};

use super::Link;
use crate::mcp::ear::Ear;
use crate::mcp::record::Record;
use crate::mcp::spec::{Jailed, Means, Stdio, Variable};

/// A child that runs.
#[derive(Debug)]
pub(in crate::mcp) struct Child {
    pub(in crate::mcp) link: Arc<Link>,
    session: Session,
    /// Ended when the child is dropped.
    tasks: JoinSet<()>,
}

impl Child {
    /// Starts it. Whether it speaks the protocol is not known then.
    pub(in crate::mcp) async fn start(
        stdio: &Stdio,
        means: &Means,
        ear: Arc<Ear>,
        record: Arc<Record>,
    ) -> Result<Self, String> {
        let started = match stdio.jailed {
            Jailed::Yes => means.jailer.start(order(stdio, means)?, Lifetime::Unlimited).await,
            Jailed::No => means.jailer.start_unjailed(unjailed(stdio)?).await,
        };
        let (session, pipes) = started.map_err(|error| format!("it did not start: {error}"))?;
        let Pipes { stdin, stdout, stderr } = pipes;
        let (link, chores) = Link::new(stdin, ear);
        let mut tasks = JoinSet::new();
        let (reading, writing) = (Arc::clone(&link), Arc::clone(&link));
        tasks.spawn(async move { reading.read(stdout).await });
        tasks.spawn(async move { writing.write_chores(chores).await });
        tasks.spawn(listen(stderr, record));
        let (ended, watching) = (session.ended(), Arc::clone(&link));
        tasks.spawn(async move { watching.end(&told(&ended.await.cause)) });
        Ok(Self { link, session, tasks })
    }

    /// Kills it: it is not worth asking any more.
    pub(in crate::mcp) async fn kill(mut self, why: &str) {
        self.session.kill();
        // What was killed is gone soon, or the machine has other troubles.
        let _ = timeout(limits::SERVER_STOPPED_WITHIN, self.session.ended()).await;
        self.link.end(why);
        self.tasks.shutdown().await;
    }

    /// Ends it: it is asked, given some time, and killed.
    pub(in crate::mcp) async fn end(mut self, why: &str) {
        let asked = async {
            self.link.close_input().await;
            self.session.ended().await
        };
        if timeout(limits::SERVER_STOPPED_WITHIN, asked).await.is_err() {
            return self.kill(why).await;
        }
        self.link.end(why);
        self.tasks.shutdown().await;
    }
}

/// Keeps the last lines of what it writes to its standard error.
async fn listen(mut stderr: ChildStderr, record: Arc<Record>) {
    let mut lines = Lines::new(limits::SERVER_TEXT_BYTES_MAX);
    let mut piece = vec![0; 4 << 10];
    let (mut second, mut heard) = (Instant::now(), 0);
    // It must be read to its end, or the child would wait for room.
    while let Ok(bytes @ 1..) = stderr.read(&mut piece).await {
        heard += bytes;
        if heard > limits::SERVER_STDERR_BYTES_PER_SECOND_MAX {
            // Whoever talks without end waits for room itself.
            sleep_until(second + Duration::from_secs(1)).await;
        }
        if second.elapsed() >= Duration::from_secs(1) {
            (second, heard) = (Instant::now(), 0);
        }
        let mut rest = piece.get(..bytes).unwrap_or_default();
        while let Some(line) = lines.next(&mut rest) {
            match line {
                Ok(line) => record.stderr(&line),
                Err(too_long) => record.stderr(too_long.to_string().as_bytes()),
            }
        }
    }
    lines.end().iter().for_each(|line| record.stderr(line));
}

fn order(stdio: &Stdio, means: &Means) -> Result<Order, String> {
    let (program, words) = command(stdio)?;
    let write = |path: &PathBuf| Mount { path: path.clone(), access: MountAccess::Write };
    let host = |host: &domain::HostPort| HostRule {
        host: host.host.clone(),
        port: host.port,
        // As for commands: an address that an operator wrote is meant; a name must not lead inside.
        private_allowed: host.host.parse::<std::net::IpAddr>().is_ok() || host.host == "localhost",
    };
    let hosts: Vec<HostRule> = stdio.hosts.iter().map(host).collect();
    Ok(Order {
        arguments: words.to_vec(),
        environment: environment(stdio),
        access: Access::Private,
        reads: stdio.reads.clone(),
        mounts: stdio.writes.iter().map(write).collect(),
        network: match hosts.is_empty() {
            true => Network::None,
            false => Network::Hosts(hosts),
        },
        limits: means.limits.clone(),
        rung: means.ladder.rung,
        ..Order::private(program)
    })
}

fn unjailed(stdio: &Stdio) -> Result<Unjailed, String> {
    let (program, words) = command(stdio)?;
    let root = || Path::new("/").to_owned();
    let mut environment = environment(stdio);
    if !environment.iter().any(|(name, _)| name == "PATH") {
        environment.push(("PATH".to_owned(), USUAL_PATH.to_owned()));
    }
    Ok(Unjailed {
        program: program.into(),
        arguments: words.to_vec(),
        environment,
        directory: stdio.directory.clone().unwrap_or_else(root),
    })
}

/// Where programs are looked for if nothing is declared; nothing is inherited.
const USUAL_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

fn command(stdio: &Stdio) -> Result<(&str, &[String]), String> {
    let (program, words) = stdio.command.split_first().ok_or("its `command` is empty")?;
    Ok((program, words))
}

fn environment(stdio: &Stdio) -> Vec<(String, String)> {
    let value = |value: &Variable| match value {
        Variable::Plain(text) => text.clone(),
        Variable::Secret(secret) => secret.expose().to_owned(),
    };
    stdio.environment.iter().map(|(name, given)| (name.clone(), value(given))).collect()
}

/// How a child ended, for people.
fn told(cause: &Cause) -> String {
    match cause {
        Cause::Exited(code) => format!("it ended with exit code {code}"),
        Cause::Signalled(signal) => format!("it ended by signal {signal}"),
        Cause::OverTime | Cause::OverCpu => "it was ended: it ran too long".to_owned(),
        Cause::OverMemory => "it was ended: it took more memory than its jail has".to_owned(),
        Cause::OverProcesses => "it was ended: it had too many processes".to_owned(),
        Cause::Killed => "it was ended".to_owned(),
        Cause::Lost(why) => format!("its jail went away: {why}"),
    }
}
