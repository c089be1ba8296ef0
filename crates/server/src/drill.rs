//! What a rehearsal tries outside of the gate: a jailed process tree, the control socket, the watch over the stop file.
//!
//! In: a running server. Out: for each lever whether it answered and after how long. Every one is tried on something that is
//! made for it; no call, run or workspace is touched. The fence is the gate's part (`people/drilling.rs`). Tests:
//! `tests/it/stopping.rs`.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use domain::{Lever, LeverReceipt};
use runner::{Access, Ended, Limits, Order, Rung};
use tokio::net::UnixStream;
use tokio::sync::mpsc;

use crate::app::App;
use crate::http::control;
use crate::{jail, stop_file};

/// How long each may take.
const WITHIN: Duration = Duration::from_secs(10);
/// How often it is looked whether the stop file's watch has answered.
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// A command that leaves processes behind its back: each sleeps in a session that its parent does not wait for.
const TREE: &str =
    "i=0; while [ $i -lt 20 ]; do (sleep 60 &) ; i=$((i+1)); done; echo up; sleep 60";

/// Tries all of them, one after the other.
pub(crate) async fn levers(app: &App) -> Vec<LeverReceipt> {
    vec![processes(app).await, socket(app).await, file(app).await]
}

/// One of which there was no answer.
const fn silent(lever: Lever, took_ms: u64) -> LeverReceipt {
    LeverReceipt { lever, reached: 1, acknowledged: 0, unknown: 0, missing: 1, took_ms }
}

fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// Starts a tree of processes in a jail, and ends it as a stop does.
async fn processes(app: &App) -> LeverReceipt {
    let begun = Instant::now();
    let rung = app.rung;
    if rung == Rung::Refuse {
        // Nothing runs here that could be ended.
        return LeverReceipt::all(Lever::Processes, 0, 0);
    }
    let Ok(place) = Place::make(app) else { return silent(Lever::Processes, millis(begun)) };
    let (watch, mut printed) = mpsc::channel(16);
    let order = Order {
        arguments: vec!["-c".to_owned(), TREE.to_owned()],
        access: match rung {
            Rung::Overlay | Rung::Copy | Rung::Refuse => Access::Read,
            Rung::Landlock => Access::Direct,
        },
        limits: Limits { wall: WITHIN, ..Limits::default() },
        rung,
        ..Order::of("sh", &place.0)
    };
    let mut asked = None;
    let stop = async {
        let _up = printed.recv().await;
        asked = Some(Instant::now());
    };
    let finished = jail::jailer(&app.config).run_until(order, Some(watch), stop).await;
    let took_ms = asked.map_or(0, millis);
    match finished {
        Ok(finished) if finished.ended == Ended::Stopped => {
            LeverReceipt::all(Lever::Processes, finished.processes, took_ms)
        }
        Ok(finished) => {
            tracing::warn!(ended = ?finished.ended, "the rehearsal's processes ended otherwise");
            silent(Lever::Processes, took_ms)
        }
        Err(error) => {
            tracing::warn!(%error, "the rehearsal's processes did not start");
            silent(Lever::Processes, took_ms)
        }
    }
}

/// A directory for one rehearsal, removed after it.
struct Place(PathBuf);

impl Place {
    fn make(app: &App) -> std::io::Result<Self> {
        let path = app.config.jail_dir().join(format!("drill-{}", uuid::Uuid::now_v7().simple()));
        std::fs::create_dir(&path)?;
        Ok(Self(path.canonicalize()?))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _left = std::fs::remove_dir_all(&self.0);
    }
}

/// Asks the control socket whether the server is well.
async fn socket(app: &App) -> LeverReceipt {
    let begun = Instant::now();
    let answered = tokio::time::timeout(WITHIN, ask(app)).await;
    match answered {
        Ok(Ok(true)) => LeverReceipt::all(Lever::Socket, 1, millis(begun)),
        Ok(Ok(false) | Err(_)) | Err(_) => silent(Lever::Socket, millis(begun)),
    }
}

async fn ask(app: &App) -> std::io::Result<bool> {
    let stream = UnixStream::connect(control::path(&app.config)).await?;
    let port = app.site.port;
    let request =
        format!("GET /healthz HTTP/1.1\r\nhost: localhost:{port}\r\nconnection: close\r\n\r\n");
    let mut left = request.as_bytes();
    while !left.is_empty() {
        stream.writable().await?;
        match stream.try_write(left) {
            Ok(written) => left = left.get(written..).unwrap_or_default(),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    let (mut head, mut buffer) = (Vec::new(), [0; 256]);
    while head.len() < b"HTTP/1.1 200".len() {
        stream.readable().await?;
        match stream.try_read(&mut buffer) {
            Ok(0) => return Ok(false),
            Ok(read) => head.extend_from_slice(buffer.get(..read).unwrap_or_default()),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    Ok(head.starts_with(b"HTTP/1.1 200"))
}

/// Makes the file of a rehearsal, and waits until the watch over the stop file has seen it.
async fn file(app: &App) -> LeverReceipt {
    let begun = Instant::now();
    let path = stop_file::drill_path(&app.config);
    if std::fs::write(&path, "a rehearsal\n").is_err() {
        return silent(Lever::File, millis(begun));
    }
    while path.exists() {
        if begun.elapsed() > WITHIN {
            return silent(Lever::File, millis(begun));
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    LeverReceipt::all(Lever::File, 1, millis(begun))
}
