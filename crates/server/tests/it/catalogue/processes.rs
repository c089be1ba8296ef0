//! Do children live and die as they should: one that dies harms no other, a restart makes it anew, and none outlives the process?
//! Processes are looked for by what the kernel knows of them.

use std::path::Path;
use std::process::Stdio;
use std::time::Instant;

use serde_json::json;

use super::{calls, classified, fixture, place, stands, until};
use crate::world::{Server, code};

/// Whether any process of this machine has this word among those it was started with.
fn runs(word: &str) -> bool {
    let processes = std::fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    let mut words = processes
        .filter_map(|process| std::fs::read(Path::new(&process.path()).join("cmdline")).ok());
    let has = |words: Vec<u8>| words.split(|byte| *byte == 0).any(|one| one == word.as_bytes());
    words.any(has)
}

#[tokio::test(flavor = "multi_thread")]
async fn one_server_that_dies_harms_no_other_and_a_restart_makes_it_anew() {
    let dying = "\n[[mcp_server]]\nname = \"dying\"\ncommand = [\"false\"]\njail = \"off\"\n";
    let server = Server::at(place(&format!("{}{dying}", fixture("fix", "")))).await;
    stands(&server, "fix.echo", "pinned").await;
    classified(&server, "fix.echo", "pure").await;
    let dead = until(&server, "/v1/servers/dying", |shown| shown["standing"] == "waiting").await;
    assert_eq!((&dead["jailed"], &dead["tools"]), (&json!(false), &json!(0)), "{dead}");
    assert_eq!(code(&calls(&server, "fix.echo", json!({ "text": "x" })).await.envelope()), "");
    let before = server.sees("/v1/servers/fix").await;
    assert_eq!(
        (&before["standing"], &before["jailed"]),
        (&json!("ready"), &json!(true)),
        "{before}"
    );
    server.does("/v1/servers/fix/restart", json!({})).await;
    let starts = before["starts"].as_u64().unwrap();
    until(&server, "/v1/servers/fix", |shown| {
        shown["standing"] == "ready" && shown["starts"].as_u64().unwrap() > starts
    })
    .await;
    assert_eq!(code(&calls(&server, "fix.echo", json!({ "text": "x" })).await.envelope()), "");
    let unknown = server.post("/v1/servers/nobody/restart", &server.keys.operator, json!({})).await;
    unknown.problem(404);
    let listed = server.sees("/v1/servers").await;
    assert_eq!(listed["items"].as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_child_is_left_when_the_server_stops() {
    // A word of its own: tests run beside each other.
    let word = format!("{:06}", std::process::id() % 10_000 + 20_000);
    let words = format!(", \"--page\", \"{word}\"");
    let server = Server::at(place(&fixture("fix", &words))).await;
    stands(&server, "fix.echo", "pinned").await;
    assert!(runs(&word));
    server.running.stop();
    server.running.ended().await;
    assert!(!runs(&word));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_child_is_left_when_the_process_is_killed() {
    let [word, bare] =
        [40_000, 60_000].map(|from| format!("{:06}", std::process::id() % 10_000 + from));
    let unjailed =
        fixture("bare", &format!(", \"--page\", \"{bare}\"")).replace("reads", "jail = \"off\"\n#");
    let jailed = fixture("fix", &format!(", \"--page\", \"{word}\""));
    let place = place(&format!("{jailed}{unjailed}"));
    let mut process = tokio::process::Command::new(env!("CARGO_BIN_EXE_checkrein-server-jail"))
        .arg(place.path("checkrein.toml"))
        .env("HOME", place.path("home"))
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    // Both servers: with jail and without.
    while !(runs(&word) && runs(&bare)) {
        assert!(begun.elapsed() < super::PATIENCE, "the servers were not started");
        assert!(process.try_wait().unwrap().is_none(), "it ended by itself");
        tokio::task::yield_now().await;
    }
    process.kill().await.unwrap();
    let killed = Instant::now();
    while runs(&word) || runs(&bare) {
        assert!(killed.elapsed() < super::PATIENCE, "a child is left");
        tokio::task::yield_now().await;
    }
}
