//! Real servers: from npm and PyPI, and our own fixture, in their jails and over HTTP.
//!
//! They are installed by `cargo xtask suites`, which says where; a test whose server is missing fails and says so.

use std::path::{Path, PathBuf};
use std::process::Stdio as Pipe;

use domain::UpstreamPart;
use mcp::{FromTool, Revision};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::*;
use crate::mcp::credentials::Source;

/// What a tool of a suite is, by its variable or where the suites are.
fn installed(variable: &str, default: &str) -> PathBuf {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools").join(default);
    let path = std::env::var_os(variable).map_or_else(beside, PathBuf::from);
    assert!(path.exists(), "`{}` is missing; run `cargo xtask suites`", path.display());
    std::fs::canonicalize(path).unwrap()
}

/// A package of npm, with its script.
fn npm(package: &str) -> [PathBuf; 2] {
    let packages = installed("CHECKREIN_MCP_PACKAGES", "mcp/node_modules");
    let package = packages.join("@modelcontextprotocol").join(package);
    [installed("CHECKREIN_MCP_NODE", "mcp/node"), package.join("dist/index.js")]
}

pub(super) fn fixture() -> PathBuf {
    let built = std::env::var_os("CHECKREIN_FIXTURE").map(PathBuf::from);
    let beside = || program("checkrein-tools-server").with_file_name("checkrein-fixture");
    let path = built.unwrap_or_else(beside);
    assert!(
        path.exists(),
        "`{}` is missing; run `cargo build -p checkrein-fixture`",
        path.display()
    );
    path
}

/// A real server in its jail, which can read these paths.
fn jailed(command: &[&str], reads: &[&Path]) -> Stdio {
    Stdio {
        command: command.iter().map(|word| (*word).to_owned()).collect(),
        reads: reads.iter().map(|path| path.to_path_buf()).collect(),
        jailed: Jailed::Yes,
        ..child(&[])
    }
}

fn node(package: &str, words: &[&str], writes: &[&Path]) -> Stdio {
    let [node, script] = npm(package);
    let packages = installed("CHECKREIN_MCP_PACKAGES", "mcp/node_modules");
    let command = [&[node.to_str().unwrap(), script.to_str().unwrap()], words].concat();
    let writes = writes.iter().map(|path| path.to_path_buf()).collect();
    Stdio { writes, ..jailed(&command, &[&packages, &node]) }
}

pub(super) fn everything() -> Vec<Part> {
    vec![Part::Prompts, Part::Resources, Part::Questions, Part::Instructions]
}

async fn called(world: &World, tool: &str, arguments: Value) -> Value {
    let invocation = Invocation { arguments, ..world.accepted(tool).await };
    world.carry_out(&invocation, TIMEOUT).await.unwrap().output
}

#[tokio::test]
async fn the_filesystem_server_reads_and_writes_where_its_jail_lets_it() {
    let place = tempfile::tempdir().unwrap();
    let root = std::fs::canonicalize(place.path()).unwrap();
    std::fs::write(root.join("a.txt"), "hello").unwrap();
    let stdio = node("server-filesystem", &[root.to_str().unwrap()], &[&root]);
    let world = World::with(vec![spec("evil", Way::Stdio(stdio))]);
    assert!(world.offer().await.tools.len() >= 10);
    let path = root.join("a.txt").to_str().unwrap().to_owned();
    let read = called(&world, "read_text_file", json!({ "path": path })).await;
    assert_eq!(read["content"][0]["text"], "hello");
    let path = root.join("b.txt").to_str().unwrap().to_owned();
    called(&world, "write_file", json!({ "path": path, "content": "written" })).await;
    assert_eq!(std::fs::read_to_string(root.join("b.txt")).unwrap(), "written");
    let invocation = Invocation {
        arguments: json!({ "path": "/etc/hostname" }),
        ..world.accepted("read_text_file").await
    };
    let error = world.carry_out(&invocation, TIMEOUT).await.unwrap_err();
    assert_eq!(error.own_code.as_deref(), Some("tool_error"));
    world.upstreams.stop().await;
}

#[tokio::test]
async fn the_everything_server_offers_calls_and_reports_progress() {
    let stdio = node("server-everything", &[], &[]);
    let world = World::with(vec![offering(spec("evil", Way::Stdio(stdio)), &everything())]);
    let offer = world.offer().await;
    assert!(offer.tools.len() > 5 && !offer.prompts.is_empty() && !offer.resources.is_empty());
    assert!(offer.instructions.is_some());
    let sum = called(&world, "get-sum", json!({ "a": 2, "b": 40 })).await;
    assert!(sum["content"][0]["text"].as_str().unwrap().contains("42"), "{sum}");
    let arguments = json!({ "duration": 1, "steps": 3 });
    let invocation =
        Invocation { arguments, ..world.accepted("trigger-long-running-operation").await };
    let mut line = world.conversations.open(invocation.call, client(Revision::V2025November));
    world.carry_out(&invocation, TIMEOUT).await.unwrap();
    let mut told = 0;
    while let Ok(from) = line.from_tool.try_recv() {
        let FromTool::Notification(notification) = from else { continue };
        told += i32::from(notification.params.get("progressToken") == Some(&json!("the client's")));
    }
    assert!(told >= 3, "{told}");
    let name = offer.prompts[0]["name"].clone();
    let prompt = call(UpstreamPart::Prompt, "", Digest::default(), json!({ "name": name }));
    let prompt = world.carry_out(&prompt, TIMEOUT).await.unwrap();
    assert!(prompt.output["messages"].is_array());
    let uri = offer.resources[0]["uri"].clone();
    let resource = call(UpstreamPart::Resource, "", Digest::default(), json!({ "uri": uri }));
    let resource = world.carry_out(&resource, TIMEOUT).await.unwrap();
    assert!(resource.output["contents"].is_array());
    world.upstreams.stop().await;
}

#[tokio::test]
async fn the_time_server_tells_the_time() {
    let programs = installed("CHECKREIN_MCP_SERVERS", "python-mcp/bin");
    let server = programs.join("mcp-server-time");
    let python = std::fs::canonicalize(programs.join("python3")).unwrap();
    let (home, base) = (programs.parent().unwrap(), python.ancestors().nth(2).unwrap());
    let command = [server.to_str().unwrap(), "--local-timezone", "UTC"];
    let world = World::with(vec![spec("evil", Way::Stdio(jailed(&command, &[home, base])))]);
    let arguments =
        json!({ "source_timezone": "UTC", "time": "12:00", "target_timezone": "Asia/Tokyo" });
    let told = called(&world, "convert_time", arguments).await;
    assert!(told["content"][0]["text"].as_str().unwrap().contains("+9"), "{told}");
    world.upstreams.stop().await;
}

#[tokio::test]
async fn our_fixture_serves_in_both_eras_over_both_ways() {
    let program = fixture().to_str().unwrap().to_owned();
    let (mut fixture, url) = started(Command::new(&program).arg("http")).await;
    for (only, revision) in
        [(&[][..], Revision::V2026July), (&["--only", "2025-11-25"], Revision::V2025November)]
    {
        let command = [&[program.as_str(), "stdio"], only].concat();
        let child =
            Stdio { command: command.iter().map(|&word| word.to_owned()).collect(), ..child(&[]) };
        let world = World::with(vec![offering(spec("evil", Way::Stdio(child)), &everything())]);
        assert_eq!(world.offer().await.revision, revision);
        assert_eq!(
            called(&world, "echo", json!({ "text": "x" })).await["structuredContent"]["text"],
            "x"
        );
        world.upstreams.stop().await;
    }
    let http = Http { url: url.parse().unwrap(), credentials: Source::None };
    let world = World::with(vec![offering(spec("evil", Way::Http(http)), &everything())]);
    assert_eq!(world.offer().await.revision, Revision::V2026July);
    let mut changes = world.upstreams.changes();
    let arguments = json!({ "tool": "echo", "with": { "description": "another one" } });
    called(&world, "redefine", arguments).await;
    while changes.recv().await.unwrap() != Change::Offer(evil()) {}
    assert_eq!(
        called(&world, "echo", json!({ "text": "y" })).await["structuredContent"]["text"],
        "y"
    );
    world.upstreams.stop().await;
    fixture.kill().await.unwrap();
}

#[tokio::test]
async fn the_everything_server_serves_over_http_with_a_session() {
    let [node, script] = npm("server-everything");
    let port = {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        free.local_addr().unwrap().port()
    };
    let mut command = Command::new(node);
    command.arg(script).arg("streamableHttp").env("PORT", port.to_string());
    let mut server = command.stdin(Pipe::null()).stdout(Pipe::null()).stderr(Pipe::piped());
    server = server.kill_on_drop(true);
    let mut server = server.spawn().unwrap();
    let mut words = BufReader::new(server.stderr.take().unwrap()).lines();
    while let Ok(Some(line)) = words.next_line().await {
        if line.contains("listening") {
            break;
        }
    }
    let url = format!("http://127.0.0.1:{port}/mcp").parse().unwrap();
    let http = Http { url, credentials: Source::None };
    let world = World::with(vec![offering(spec("evil", Way::Http(http)), &everything())]);
    assert_eq!(world.offer().await.revision, Revision::V2025November);
    let sum = called(&world, "get-sum", json!({ "a": 2, "b": 40 })).await;
    assert!(sum["content"][0]["text"].as_str().unwrap().contains("42"), "{sum}");
    world.upstreams.stop().await;
    server.kill().await.unwrap();
}

/// A server that says on its first line where it is.
async fn started(command: &mut Command) -> (Child, String) {
    let command = command.stdin(Pipe::piped()).stdout(Pipe::piped()).kill_on_drop(true);
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let url = lines.next_line().await.unwrap().unwrap();
    (child, url)
}
