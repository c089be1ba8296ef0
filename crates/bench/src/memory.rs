//! Size: the idle server's resident memory, and what held calls add to it.
//!
//! The server is the real binary in the release profile, started in a directory of its own. Held calls are
//! measured in a fresh process of this binary with the same gate and the same store, before and after; a server
//! adds nothing to a held call, since nobody waits for it.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::{Proposal, Status};
use gate::{Gate, Secret};
use journal::Sqlite;
use serde_json::json;
use tokio::task::JoinSet;

use crate::installation::{self, Asks, TOOL, rules};
use crate::statistics::as_f64;
use crate::table::{Table, Target};
use crate::world::Clock;
use crate::{Effort, Outcome, machine};

/// Policies in force while calls are held.
const POLICIES: usize = 50;
/// Callers at once while calls are being held.
const CALLERS: usize = 16;
/// How long a server may take to answer for the first time.
const READY_WITHIN: Duration = Duration::from_secs(20);
/// How long a server is left alone before it counts as idle: some of its work is done each second.
const IDLE_FOR: Duration = Duration::from_secs(5);

/// Measures. The server is left out of a quick run: it would have to be built for release.
pub(crate) fn measure(effort: Effort, table: &mut Table) -> Outcome<()> {
    let calls = match effort {
        Effort::Quick => 50,
        Effort::Full => 10_000,
    };
    let added = held(calls)?;
    table.hold(format!("{calls} held calls add"), (added, "MB"), Target::AtMost(60.0));
    if effort == Effort::Full {
        table.hold("idle `checkrein up`, resident", (idle()?, "MB"), Target::AtMost(40.0));
    }
    Ok(())
}

/// Resident memory of a process in MB (10^6 bytes).
pub(crate) fn resident(process: u32) -> Outcome<f64> {
    let text = machine::field(&format!("/proc/{process}/status"), "VmRSS");
    let text = text.ok_or("the kernel does not tell the resident memory")?;
    let kibibytes: usize = text.trim_end_matches("kB").trim().parse()?;
    Ok(as_f64(kibibytes * 1_024) / 1e6)
}

fn held(calls: usize) -> Outcome<f64> {
    let directory = tempfile::tempdir()?;
    // This very program, also after a build has put another one in its place.
    let output = Command::new(format!("/proc/{}/exe", std::process::id()))
        .arg("--held")
        .arg(directory.path())
        .arg(calls.to_string())
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err("holding calls failed".into());
    }
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
}

/// The process that holds calls: prints what they added.
pub(crate) fn hold(directory: &Path, calls: &str) -> Outcome<ExitCode> {
    let calls: usize = calls.parse()?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let added = runtime.block_on(async {
        let store = installation::store(directory)?;
        let gate = Arc::new(installation::gate(store, rules(POLICIES, Asks::People)?).await?);
        let agent = installation::agent(&gate).await?;
        hold_calls(&gate, &agent, (0, CALLERS)).await?;
        let before = resident(std::process::id())?;
        hold_calls(&gate, &agent, (CALLERS, CALLERS + calls)).await?;
        Outcome::Ok(resident(std::process::id())? - before)
    })?;
    println!("{added}");
    Ok(ExitCode::SUCCESS)
}

type Holding = Gate<Sqlite, Clock>;

async fn hold_calls(
    gate: &Arc<Holding>,
    agent: &Secret,
    (from, until): (usize, usize),
) -> Outcome<()> {
    let mut callers = JoinSet::new();
    for caller in 0..CALLERS {
        let (gate, agent) = (Arc::clone(gate), agent.clone());
        callers.spawn(async move {
            for number in (from + caller..until).step_by(CALLERS) {
                hold_one(&gate, &agent, number).await?;
            }
            Outcome::Ok(())
        });
    }
    while let Some(done) = callers.join_next().await {
        done??;
    }
    Ok(())
}

async fn hold_one(gate: &Holding, agent: &Secret, number: usize) -> Outcome<()> {
    let note = format!("the usual monthly amount, {number}");
    let proposal = Proposal {
        tool: TOOL.to_owned(),
        arguments: json!({ "account": format!("a-{number}"), "amount": 17, "note": note }),
        intent: Some("to wait for people".to_owned()),
        expected_effects: Vec::new(),
        confidence: None,
        key: Some(format!("k-{number}")),
        run: None,
        evidence: Vec::new(),
        after: None,
        input: None,
        detached: false,
    };
    let answer = gate.handle(agent, proposal).await;
    if answer.status == Status::Held {
        return Ok(());
    }
    Err(format!("a call that should be held came out as {}", answer.status).into())
}

/// A running server, ended when this is dropped.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

fn idle() -> Outcome<f64> {
    let program = program(Effort::Full, "checkrein")?;
    let directory = tempfile::tempdir()?;
    let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let file = directory.path().join("checkrein.toml");
    fs::write(&file, format!("[server]\nlisten = \"{address}\"\n"))?;
    let server = Command::new(program)
        .arg("up")
        .current_dir(directory.path())
        .env("HOME", directory.path())
        .env_remove("XDG_STATE_HOME")
        .env_remove("XDG_CONFIG_HOME")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let server = Server(server);
    await_ready(address)?;
    std::thread::sleep(IDLE_FOR);
    resident(server.0.id())
}

/// A program of ours, built for release; for a quick run as it is there, else built for development.
pub(crate) fn program(effort: Effort, name: &str) -> Outcome<PathBuf> {
    // This binary was built into the same place.
    let program = std::env::current_exe()?.with_file_name(name);
    let profile: &[&str] = match effort {
        Effort::Quick if program.exists() => return Ok(program),
        Effort::Quick => &[],
        Effort::Full => &["--release"],
    };
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .args(["build", "--locked", "--package", name, "--bin", name])
        .args(profile)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()?;
    if built.success() { Ok(program) } else { Err(format!("`{name}` could not be built").into()) }
}

fn await_ready(address: SocketAddr) -> Outcome<()> {
    let begun = Instant::now();
    while begun.elapsed() < READY_WITHIN {
        if asked(address).is_ok_and(|said| said.contains(" 200 ")) {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Err(format!("the server was not ready after {READY_WITHIN:?}").into())
}

/// The first line of the answer of `/readyz`.
fn asked(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    let port = address.port();
    write!(stream, "GET /readyz HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n")?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line)?;
    Ok(line)
}
