//! The server of the demo: `checkrein up` as a process of its own, which can be killed and started again.
//!
//! It gets its own state and configuration directories and none of the caller's `CHECKREIN_` variables, so a demo
//! touches nothing of an installation beside it.

use std::net::TcpListener;
use std::process::Stdio;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};

use super::scratch::Scratch;
use crate::client::{Client, Key};
use crate::failure::{Failure, Result};

/// How long a start may take.
const START_WITHIN: Duration = Duration::from_secs(60);
/// How often it is looked whether the server answers.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// How long an orderly end may take; the server itself gives calls in work ten seconds.
const STOP_WITHIN: Duration = Duration::from_secs(20);
/// Starts with another port, if somebody took the free one meanwhile.
const STARTS_MAX: usize = 5;

/// A server that runs.
#[derive(Debug)]
pub(super) struct Server {
    child: Child,
    pub(super) url: String,
}

impl Server {
    /// Starts on a free port, which the configuration then names.
    pub(super) async fn start(scratch: &Scratch) -> Result<Self> {
        let mut last = None;
        for _ in 0..STARTS_MAX {
            let port = free_port()?;
            scratch.configure(port)?;
            let url = format!("http://localhost:{port}");
            match Self::run(scratch, url).await {
                Ok(server) => return Ok(server),
                Err(failure) => last = Some(failure),
            }
        }
        Err(last.unwrap_or_else(|| Failure::new("the server did not start")))
    }

    /// Starts again where it was.
    pub(super) async fn again(&mut self, scratch: &Scratch) -> Result<()> {
        *self = Self::run(scratch, self.url.clone()).await?;
        Ok(())
    }

    async fn run(scratch: &Scratch, url: String) -> Result<Self> {
        let told = recoveries(scratch).len();
        let child = command(scratch)?
            .spawn()
            .map_err(|error| Failure::new(format!("`checkrein up` cannot be started: {error}")))?;
        let mut server = Self { child, url };
        let client = Client::new(&server.url, Key::new(""))?;
        let begun = Instant::now();
        // It answers a moment before it has said what recovery found; both are waited for.
        while !client.is_up().await || recoveries(scratch).len() == told {
            if let Ok(Some(status)) = server.child.try_wait() {
                return Err(Failure::new(format!(
                    "`checkrein up` ended with {status}: {}",
                    log(scratch)
                ))
                .fix("see `server.log` in the demo's directory"));
            }
            if begun.elapsed() > START_WITHIN {
                return Err(Failure::new("`checkrein up` did not answer in time")
                    .fix("see `server.log` in the demo's directory"));
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Ok(server)
    }

    /// The process' id, while it runs.
    pub(super) fn process(&self) -> Option<Pid> {
        self.child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw)
    }

    /// Every process below this one, by id: what the kernel says of each one's parent.
    pub(super) fn descendants(&self) -> Vec<u32> {
        let Some(own) = self.child.id() else { return Vec::new() };
        let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        let numbers = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        let all: Vec<(u32, u32)> = numbers.filter_map(|id| Some((id, parent(id)?))).collect();
        let mut found = vec![own];
        // Parents come before children in no order that could be relied on, so it is looked until nothing is new.
        loop {
            let new: Vec<u32> = all
                .iter()
                .filter(|(id, parent)| found.contains(parent) && !found.contains(id))
                .map(|(id, _)| *id)
                .collect();
            if new.is_empty() {
                break;
            }
            found.extend(new);
        }
        found.retain(|id| *id != own);
        found
    }

    /// Waits until a process that was killed is gone.
    pub(super) async fn gone(&mut self) -> Result<()> {
        let ended = self.child.wait().await;
        ended
            .map(|_| ())
            .map_err(|error| Failure::new(format!("the server's end cannot be told: {error}")))
    }

    /// Ends it in order. Says whether it ended well.
    pub(super) async fn stop(mut self) -> Result<bool> {
        let Some(process) = self.process() else { return Ok(true) };
        // It may have ended by itself just now.
        _ = kill_process(process, Signal::TERM);
        match tokio::time::timeout(STOP_WITHIN, self.child.wait()).await {
            Ok(Ok(status)) => Ok(status.success()),
            Ok(Err(_)) | Err(_) => Ok(false),
        }
    }

    /// Waits until it ends, such as by Ctrl-C. Says whether it ended well.
    pub(super) async fn ended(&mut self) -> bool {
        self.child.wait().await.is_ok_and(|status| status.success())
    }
}

/// The parent of a process (proc(5), `stat`: the fourth field, after a name that may hold anything).
fn parent(id: u32) -> Option<u32> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_whitespace().nth(1)?.parse().ok()
}

fn command(scratch: &Scratch) -> Result<Command> {
    let program = std::env::current_exe()
        .map_err(|error| Failure::new(format!("the program's own file cannot be told: {error}")))?;
    let path = scratch.root.join("server.log");
    let failed = |error: std::io::Error| Failure::file(&path, &error);
    let log = std::fs::File::options().append(true).create(true).open(&path).map_err(failed)?;
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CHECKREIN_") {
            command.env_remove(&name);
        }
    }
    command
        .args(["up", "--no-input", "--config"])
        .arg(scratch.config())
        .env("XDG_STATE_HOME", scratch.root.join("state"))
        .env("XDG_CONFIG_HOME", scratch.root.join("config"))
        .current_dir(&scratch.root)
        .stdin(Stdio::null())
        .stdout(log.try_clone().map_err(failed)?)
        .stderr(log)
        .kill_on_drop(true);
    Ok(command)
}

/// What the server said of recovery at each start.
pub(super) fn recoveries(scratch: &Scratch) -> Vec<String> {
    let log = std::fs::read_to_string(scratch.root.join("server.log")).unwrap_or_default();
    let whole = log.split_inclusive('\n').filter(|line| line.ends_with('\n')).map(str::trim);
    whole.filter(|line| line.starts_with("recovery ")).map(str::to_owned).collect()
}

/// The last lines of the log.
fn log(scratch: &Scratch) -> String {
    let text = std::fs::read_to_string(scratch.root.join("server.log")).unwrap_or_default();
    let lines: Vec<&str> = text.lines().rev().take(8).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join("; ")
}

fn free_port() -> Result<u16> {
    let bound = TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr());
    bound.map(|address| address.port()).map_err(|error| {
        Failure::new(format!("no free port on loopback: {error}")).fix("end other programs")
    })
}
