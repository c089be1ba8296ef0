//! The two worked examples of `docs/guides/high-stakes.md`, with real programs: git and a bare repository, and a web server.
//!
//! The contracts are the files of `examples/high-stakes/`, which the guide shows word for word. Where the machine gives no
//! preview nothing can be shown before it happens, and the examples do not apply.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{Installation, Place, holds, text};

const RELEASE: &str = include_str!("../../../../examples/high-stakes/release.toml");
const SITE: &str = include_str!("../../../../examples/high-stakes/site.toml");
const GUIDE: &str = include_str!("../../../../docs/guides/high-stakes.md");
const SURE: [&str; 2] = ["--confidence", "0.97"];

#[test]
fn the_guide_shows_the_examples_as_they_are() {
    assert!(GUIDE.contains(RELEASE) && GUIDE.contains(SITE));
}

fn previews(here: &Installation) -> bool {
    let found = here.json(&["doctor"]);
    let mut checks = found.as_array().unwrap().iter();
    checks.any(|check| {
        text(check, "/name") == "jail" && text(check, "/found").contains("previewed exactly")
    })
}

fn call(here: &Installation, tool: &str, arguments: &str) -> Value {
    here.call(&[&[tool, arguments], &SURE[..]].concat())
}

fn code(answer: &Value) -> &str {
    answer.pointer("/error/code").and_then(Value::as_str).unwrap_or_default()
}

fn git(directory: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .args(["-c", "user.name=Ada", "-c", "user.email=ada@example.com"])
        .args(arguments)
        .current_dir(directory)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {arguments:?}: {said}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// A workspace with history and tests: `agent/bad` breaks them, `agent/good` does not.
fn repository(place: &Place) -> (PathBuf, PathBuf) {
    let (workspace, remote) = (place.path("workspace"), place.path("remote.git"));
    git(&place.path(""), &["init", "--quiet", "--bare", "--initial-branch=main", "remote.git"]);
    git(&workspace, &["init", "--quiet", "--initial-branch=main"]);
    place.write("workspace/test.sh", "grep -q works app.txt\n");
    let commit = |content: &str| {
        place.write("workspace/app.txt", content);
        git(&workspace, &["add", "--all"]);
        git(&workspace, &["commit", "--quiet", "--message", content.trim()]);
    };
    commit("works\n");
    git(&workspace, &["push", "--quiet", remote.to_str().unwrap(), "main"]);
    for (branch, content) in [("agent/bad", "broken\n"), ("agent/good", "works better\n")] {
        git(&workspace, &["switch", "--quiet", "--create", branch, "main"]);
        commit(content);
    }
    git(&workspace, &["switch", "--quiet", "main"]);
    (workspace, remote)
}

#[test]
fn only_what_was_merged_and_tested_is_pushed() {
    let place = Place::new();
    let (workspace, remote) = repository(&place);
    let url = remote.display();
    place.write(
        "more.toml",
        &format!(
            "[[command]]\nprogram = \"sh\"\narguments = [\"test.sh\"]\nrole = \"test\"\n\n\
             [[git_remote]]\nname = \"origin\"\nurl = \"{url}\"\n"
        ),
    );
    place.write("contracts/release.toml", RELEASE);
    let here = Installation::at(place);
    if !previews(&here) {
        return;
    }
    let before = git(&remote, &["rev-parse", "main"]);
    let push = || {
        let commit = git(&workspace, &["rev-parse", "HEAD"]);
        let arguments =
            format!(r#"{{"remote": "origin", "branch": "main", "commit": "{commit}"}}"#);
        (call(&here, "git.push", &arguments), commit)
    };
    let (early, _) = push();
    assert_eq!(code(&early), "CR-2044", "nothing was merged: {early}");

    let merged = call(&here, "git.merge", r#"{"revision": "agent/bad"}"#);
    assert_eq!(text(&merged, "/status"), "succeeded", "the tests passed before it: {merged}");
    let (denied, _) = push();
    assert_eq!(code(&denied), "CR-2041", "{denied}");
    let message = text(&denied, "/error/message");
    assert!(message.contains("`tests pass` does not hold: `/exit_code` is 1"), "{message}");
    assert_eq!(git(&remote, &["rev-parse", "main"]), before);
    let pending = here.json(&["approvals", "ls"]);
    assert_eq!(pending.pointer("/items/0"), None, "nobody was asked in vain");
    // Nor can it be merged further while the tests fail.
    let again = call(&here, "git.merge", r#"{"revision": "agent/good"}"#);
    assert_eq!(code(&again), "CR-2041", "{again}");

    here.run(&["undo", "apply", &text(&merged, "/call")]).expect(0);
    assert!(holds(&workspace.join("app.txt"), "works\n"));
    let merged = call(&here, "git.merge", r#"{"revision": "agent/good"}"#);
    assert_eq!(text(&merged, "/status"), "succeeded", "{merged}");
    let (held, commit) = push();
    assert_eq!(text(&held, "/status"), "held", "a push to main asks people: {held}");
    assert_eq!(git(&remote, &["rev-parse", "main"]), before);
    let approval = text(&here.json(&["approvals", "ls"]), "/items/0/approval");
    here.run(&["approvals", "approve", &approval, "--confirm", "main"]).expect(0);
    here.run(&["calls", "wait", &text(&held, "/call")]).expect(0);
    assert_eq!(git(&remote, &["rev-parse", "main"]), commit);
}

/// A real web server on loopback over a directory, for as long as the test runs.
fn serves(directory: PathBuf) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let _ = answer(stream, &directory);
        }
    });
    address
}

fn answer(mut stream: TcpStream, directory: &Path) -> std::io::Result<()> {
    let (mut request, mut byte) = (Vec::new(), [0]);
    while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte)? > 0 {
        request.push(byte[0]);
    }
    let request = String::from_utf8_lossy(&request).into_owned();
    let path = request.split(' ').nth(1).unwrap_or("/").trim_start_matches('/');
    match std::fs::read(directory.join(path)) {
        Ok(body) => {
            write!(stream, "HTTP/1.0 200 OK\r\nContent-Length: {}\r\n\r\n", body.len())?;
            stream.write_all(&body)
        }
        Err(_) => write!(stream, "HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
    }
}

fn page(address: SocketAddr) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET /index.html HTTP/1.0\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.rsplit("\r\n").next().unwrap_or_default().to_owned()
}

#[test]
fn a_deploy_that_does_not_answer_is_taken_back() {
    let place = Place::new();
    let address = serves(place.path("workspace/site"));
    let program = env!("CARGO_BIN_EXE_checkrein");
    place.write(
        "more.toml",
        &format!(
            "[[mcp_server]]\nname = \"health\"\njail = \"off\"\n\
             command = [\"{program}\", \"demo-health-server\", \"{address}\"]\n"
        ),
    );
    place.write("contracts/site.toml", SITE);
    place.write("workspace/releases/1/index.html", "one, healthy\n");
    place.write("workspace/releases/2/index.html", "two, broken\n");
    place.write("workspace/releases/2/new.html", "two\n");
    let here = Installation::at(place);
    if !previews(&here) {
        return;
    }
    let begun = Instant::now();
    loop {
        let said = here.run(&["-o", "json", "tools", "show", "health.check"]);
        if said.code == 0 && said.json()["tool"]["standing"] == "pinned" {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "{said:?}");
    }
    // Nobody said yet that the check changes nothing, so it counts for nothing, and the deploy does not stay.
    let unknown = call(&here, "site.deploy", r#"{"from": "releases/1"}"#);
    assert_eq!(code(&unknown), "CR-3040", "{unknown}");
    assert!(!here.place.path("workspace/site").join("index.html").exists());
    let classify = ["tools", "classify", "health.check", "--as", "pure", "--reason", "it looks"];
    here.run(&classify).expect(0);

    let first = call(&here, "site.deploy", r#"{"from": "releases/1"}"#);
    assert_eq!(text(&first, "/status"), "succeeded", "{first}");
    assert_eq!(page(address), "one, healthy\n");

    let second = call(&here, "site.deploy", r#"{"from": "releases/2"}"#);
    assert_eq!(
        (text(&second, "/status"), text(&second, "/executed")),
        ("failed".into(), "yes".into())
    );
    assert_eq!(code(&second), "CR-3040", "{second}");
    let message = text(&second, "/error/message");
    assert!(message.contains("`the site answers` does not hold"), "{message}");
    assert!(message.contains("taken back by call_"), "{message}");
    assert_eq!(page(address), "one, healthy\n", "everybody sees the site as it was");
    assert!(!here.place.path("workspace/site/new.html").exists());
    let incidents = here.json(&["duties", "incidents"]);
    assert_eq!(incidents.pointer("/items/0"), None, "it is over: {incidents}");
}
