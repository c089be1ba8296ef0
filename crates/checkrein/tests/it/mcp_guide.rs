//! The guide for tool servers, followed line by line: from a client's file to the first governed call and to enforcing.
//!
//! Nothing is played: the server is the file system server of npm in its jail, the client is the MCP inspector, and it reads the
//! file that `connect` changed. Both are installed by `cargo xtask suites`.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::support::{Place, Said, answers, free_port};

const GUIDE: &str = include_str!("../../../../docs/guides/mcp.md");
/// Where every client finds Checkrein if nobody says otherwise; each test has a port of its own.
const USUAL: &str = "localhost:7420";

/// A person's machine: a home with a client's file, and the server once it was started.
struct Machine {
    place: Place,
    port: u16,
    config: Option<PathBuf>,
    server: Option<Child>,
}

impl Machine {
    fn new() -> Self {
        let place = Place::new();
        std::fs::create_dir_all(place.path("home/work")).unwrap();
        std::fs::remove_file(place.path("checkrein.toml")).unwrap();
        place.write("documents/plan.txt", "water the plants\n");
        let (node, packages) = (node(), packages());
        let script = packages.join("@modelcontextprotocol/server-filesystem/dist/index.js");
        let server = serde_json::json!({
            "type": "stdio", "command": node, "args": [script, place.path("documents")],
        });
        let file = serde_json::json!({ "mcpServers": { "documents": server } });
        place.write("home/.claude.json", &file.to_string());
        Self { place, port: free_port(), config: None, server: None }
    }

    fn command(&self, program: &str, words: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(words).env_clear().env("PATH", std::env::var_os("PATH").unwrap());
        command.env("HOME", self.place.path("home")).current_dir(self.place.path("home/work"));
        command.stdin(Stdio::null());
        if let Some(config) = &self.config {
            command.env("CHECKREIN_CONFIG", config);
        }
        command
    }

    /// One line of the guide, as a person would type it.
    fn follow(&mut self, line: &str) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["export", assignment] => {
                let (name, value) = assignment.split_once('=').unwrap();
                assert_eq!(name, "CHECKREIN_CONFIG");
                let home = self.place.path("home").display().to_string();
                self.config = Some(value.replace('~', &home).into());
                self.listen_elsewhere();
            }
            ["checkrein", "up"] => {
                let log = std::fs::File::create(self.place.path("log")).unwrap();
                let mut up = self.command(env!("CARGO_BIN_EXE_checkrein"), &["up"]);
                self.server = Some(up.stdout(Stdio::null()).stderr(log).spawn().unwrap());
                assert!(answers(
                    self.server.as_mut().unwrap(),
                    &format!("127.0.0.1:{}", self.port)
                ));
            }
            ["checkrein", rest @ ..] => {
                self.run(rest);
            }
            _ => panic!("the guide says `{line}`, which nobody can type here"),
        }
    }

    fn run(&self, words: &[&str]) -> Said {
        let words: Vec<String> =
            words.iter().map(|word| word.trim_matches('\'').to_owned()).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        Said::of(self.command(env!("CARGO_BIN_EXE_checkrein"), &words).output().unwrap()).expect(0)
    }

    /// The requests that people are asked.
    fn asked(&self) -> Vec<String> {
        loop {
            let pending = self.run(&["-o", "json", "approvals", "ls"]).json();
            let pending = pending["items"].as_array().unwrap();
            if !pending.is_empty() {
                let id = |one: &Value| one["approval"].as_str().unwrap().to_owned();
                return pending.iter().map(id).collect();
            }
        }
    }

    /// Other tests run at the same time, so this server cannot have the usual port.
    fn listen_elsewhere(&self) {
        let config = self.config.as_ref().unwrap();
        let (text, here) =
            (std::fs::read_to_string(config).unwrap(), format!("localhost:{}", self.port));
        // Whoever tries it out is alone, and decides about the own agent too.
        let alone = "[approvals]\nrequester_may_decide = true\n";
        let port = self.port;
        let listen = format!("[server]\nlisten = \"127.0.0.1:{port}\"\n\n{alone}\n{text}");
        std::fs::write(config, listen).unwrap();
        let file = self.place.path("home/.claude.json");
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.contains(USUAL), "{text}");
        std::fs::write(file, text.replace(USUAL, &here)).unwrap();
    }

    /// What the client gets from the server that `connect` put into its file.
    fn inspect(&self, words: &[&str]) -> Value {
        self.inspect_at("checkrein", words)
    }

    fn inspect_at(&self, server: &str, words: &[&str]) -> Value {
        self.said(server, words).expect(0).json()
    }

    /// What the inspector says; it ends with 5 where a tool gives an error.
    fn said(&self, server: &str, words: &[&str]) -> Said {
        let script = packages().join(".bin/mcp-inspector").display().to_string();
        let file = self.place.path("home/.claude.json").display().to_string();
        let mut all = vec![script.as_str(), "--cli", "--config", &file, "--server", server];
        all.extend_from_slice(words);
        let mut command = self.command(node().to_str().unwrap(), &all);
        command.env("MCP_INSPECTOR_SECRET_STORE", "memory");
        Said::of(command.output().unwrap())
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        if let Some(server) = &mut self.server {
            let _ = server.kill();
            let _ = server.wait();
        }
    }
}

fn node() -> PathBuf {
    installed("CHECKREIN_MCP_NODE", "node")
}

fn packages() -> PathBuf {
    installed("CHECKREIN_MCP_PACKAGES", "node_modules")
}

fn installed(variable: &str, name: &str) -> PathBuf {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../.tools/mcp").join(name);
    let path = std::env::var_os(variable).map_or_else(beside, PathBuf::from);
    assert!(path.exists(), "`{}` is missing; run `cargo xtask suites`", path.display());
    path
}

/// The lines that a person types in the guide's first chapter.
fn lines() -> Vec<&'static str> {
    let (_, rest) = GUIDE.split_once("## The first governed call\n").unwrap();
    let (chapter, _) = rest.split_once("\n## ").unwrap();
    chapter.lines().filter_map(|line| line.strip_prefix("    ")).collect()
}

#[test]
fn whoever_follows_the_guide_has_a_governed_call_of_a_real_client() {
    let mut machine = Machine::new();
    let lines = lines();
    let (before, after) =
        lines.split_at(lines.iter().position(|line| *line == "checkrein up").unwrap() + 1);
    for line in before {
        machine.follow(line);
    }

    // "Start your program anew and use it as usual."
    let plan = machine.place.path("documents/plan.txt").display().to_string();
    let listed = machine.inspect(&["--method", "tools/list"]);
    assert!(listed["tools"].as_array().unwrap().len() > 10, "{listed}");
    let path = format!("path={plan}");
    let call = |tool, more: &[&str]| {
        let mut all = vec!["--method", "tools/call", "--tool-name", tool, "--tool-arg", &path];
        all.extend_from_slice(more);
        machine.inspect(&all)
    };
    let read = call("documents__read_text_file", &[]);
    assert_eq!(read["structuredContent"]["content"], "water the plants\n", "{read}");
    let told = &read["_meta"]["checkrein/answer"];
    assert_eq!(
        (&told["executed"], &told["decision"]["tier"]),
        (&"yes".into(), &"1".into()),
        "{read}"
    );
    let wrote = call("documents__write_file", &["content=water them daily"]);
    let told = &wrote["_meta"]["checkrein/answer"];
    assert_eq!(told["decision"]["shadow"], true, "it would have been held, and was not: {wrote}");
    assert_eq!(std::fs::read_to_string(&plan).unwrap(), "water them daily");

    for line in after {
        machine.follow(line);
    }
    let calls = machine.run(&["-o", "json", "calls", "ls"]).json();
    assert_eq!(calls["items"].as_array().unwrap().len(), 2, "{calls}");
    let suggested =
        std::fs::read_to_string(machine.place.path("home/work/suggested.cedar")).unwrap();
    assert!(suggested.contains("documents.read_text_file"), "{suggested}");
    let again = ["--method", "tools/call", "--tool-name", "documents__write_file"];
    let more = ["--tool-arg", &path, "content=x"];
    let words = [&again[..], &more[..]].concat();
    // Now it is enforced: the client waits, a person decides, and the client has its answer.
    let done = std::thread::scope(|scope| {
        let waits = scope.spawn(|| machine.said("checkrein", &words));
        let asked = machine.asked();
        assert_eq!(std::fs::read_to_string(&plan).unwrap(), "water them daily");
        // Several rules ask: the call runs when all of them have their yes.
        for approval in &asked {
            let asked = machine.run(&["-o", "json", "approvals", "show", approval]).json();
            let mut yes = vec!["approvals", "approve", approval];
            let typed = asked["confirm"]["text"].as_str();
            yes.extend(typed.into_iter().flat_map(|text| ["--confirm", text]));
            machine.run(&yes);
        }
        waits.join().unwrap()
    });
    let done = done.expect(0).json();
    assert_eq!(done["_meta"]["checkrein/answer"]["executed"], "yes", "{done}");
    assert_eq!(std::fs::read_to_string(&plan).unwrap(), "x");
}

#[test]
fn a_wrapped_server_serves_a_real_client_and_is_governed() {
    let machine = Machine::new();
    let program = env!("CARGO_BIN_EXE_checkrein");
    let notes = machine.place.path("notes");
    std::fs::create_dir_all(&notes).unwrap();
    let words = ["wrap", "--name", "notes", "--", program, "demo-notes-server"];
    let mut words: Vec<Value> = words.map(Value::from).into();
    words.push(notes.display().to_string().into());
    let server = serde_json::json!({ "type": "stdio", "command": program, "args": words });
    let file = serde_json::json!({ "mcpServers": { "notes": server } });
    machine.place.write("home/.claude.json", &file.to_string());

    let add = ["--method", "tools/call", "--tool-name", "add", "--tool-arg", "text=buy milk"];
    let said = machine.inspect_at("notes", &add);
    assert_eq!(said["_meta"]["checkrein/answer"]["executed"], "yes", "{said}");
    let said = machine.inspect_at("notes", &["--method", "tools/call", "--tool-name", "list"]);
    assert!(said["content"].to_string().contains("buy milk"), "{said}");
}
