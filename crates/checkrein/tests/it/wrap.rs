//! A server behind `checkrein wrap`, spoken to over standard input and output in both eras, as a client would start it.
//!
//! The server is the program's own notes server. Where a test talks with the program, it waits for its lines, never for time.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use serde_json::{Value, json};

use crate::support::{Installation, Place};

/// The program and its client's ends.
struct Wrapped {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    next: i64,
}

impl Wrapped {
    fn start(place: &Place, arguments: &[&str]) -> Self {
        let mut command = place.command(&[&["wrap"], arguments].concat());
        command.env_remove("CHECKREIN_CONFIG").env("NOTES_TOKEN", "nt-5f2c81-of-nobody-94");
        let log = std::fs::File::create(place.path("wrap.log")).unwrap();
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log);
        let mut child = command.spawn().unwrap();
        let (input, output) = (child.stdin.take(), BufReader::new(child.stdout.take().unwrap()));
        Self { child, input, output, next: 1 }
    }

    /// The notes server in a jail of its own, or without one where this machine gives none.
    fn notes(place: &Place, more: &[&str]) -> Self {
        std::fs::create_dir_all(place.path("notes")).unwrap();
        let program = env!("CARGO_BIN_EXE_checkrein");
        let notes = place.path("notes");
        let mut all = vec!["--name", "notes"];
        all.extend_from_slice(more);
        all.extend_from_slice(&["--", program, "demo-notes-server", notes.to_str().unwrap()]);
        Self::start(place, &all)
    }

    fn send(&mut self, message: &Value) {
        self.line(&message.to_string());
    }

    fn line(&mut self, text: &str) {
        writeln!(self.input.as_mut().unwrap(), "{text}").unwrap();
    }

    fn read(&mut self) -> Value {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"))
    }

    /// The answer to a request; notifications before it are passed over.
    fn answer(&mut self, id: &Value) -> Value {
        loop {
            let message = self.read();
            if message.get("method").is_none() && message["id"] == *id {
                return message;
            }
        }
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = Value::from(self.next);
        self.next += 1;
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        self.answer(&id)
    }

    fn initialize(&mut self) {
        let params = json!({
            "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"},
        });
        let answer = self.ask("initialize", params);
        assert_eq!(answer["result"]["protocolVersion"], "2025-11-25", "{answer}");
        self.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
    }

    fn modern(&mut self, method: &str, mut params: Value) -> Value {
        params["_meta"] = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
            "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
        });
        self.ask(method, params)
    }

    /// Closes its input, as a client that ends does.
    fn end(mut self) -> i32 {
        drop(self.input.take());
        self.child.wait().unwrap().code().unwrap_or(-1)
    }
}

impl Drop for Wrapped {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn names(answer: &Value) -> Vec<String> {
    let tools = answer["result"]["tools"].as_array().unwrap_or_else(|| panic!("{answer}"));
    tools.iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_client_of_the_older_revisions_is_served_and_everything_is_recorded() {
    let place = Place::new();
    let mut wrapped = Wrapped::notes(&place, &["--no-jail", "--env", "NOTES_TOKEN"]);
    wrapped.initialize();
    let listed = wrapped.ask("tools/list", json!({}));
    assert_eq!(names(&listed), ["add", "delete", "list"]);
    // In shadow mode even what policies would hold runs.
    let added =
        wrapped.ask("tools/call", json!({"name": "add", "arguments": {"text": "buy milk"}}));
    assert_eq!(added["result"]["_meta"]["checkrein/answer"]["executed"], "yes", "{added}");
    let found = wrapped.ask("tools/call", json!({"name": "list", "arguments": {}}));
    let text = found.to_string();
    assert!(text.contains("buy milk") && !text.contains("nt-5f2c81"), "{text}");
    assert_eq!(std::fs::read_to_string(place.path("notes/notes.txt")).unwrap(), "buy milk\n");
    assert_eq!(wrapped.end(), 0);
    let records = place.path("home/.local/state/checkrein/wrap/notes");
    let config = records.join("checkrein.toml");
    place.run(&["journal", "verify", "--config", config.to_str().unwrap()]).expect(0);
    let log = std::fs::read_to_string(place.path("wrap.log")).unwrap();
    assert!(log.contains("MODE: SHADOW") && !log.contains("nt-5f2c81"), "{log}");
}

#[test]
fn a_client_of_the_newest_revision_is_served_without_a_session() {
    let place = Place::new();
    let mut wrapped = Wrapped::notes(&place, &["--no-jail", "--enforce"]);
    let known = wrapped.modern("server/discover", json!({}));
    assert!(known["result"]["supportedVersions"].to_string().contains("2026-07-28"), "{known}");
    assert_eq!(names(&wrapped.modern("tools/list", json!({}))), ["add", "delete", "list"]);
    std::fs::write(place.path("notes/notes.txt"), "keep\n").unwrap();
    // Policies hold here: deleting at a server that nobody vouches for waits for a person.
    let held =
        wrapped.modern("tools/call", json!({"name": "delete", "arguments": {"text": "keep"}}));
    assert_eq!(held["result"]["isError"], true, "{held}");
    assert_eq!(held["result"]["_meta"]["checkrein/answer"]["executed"], "no", "{held}");
    assert_eq!(std::fs::read_to_string(place.path("notes/notes.txt")).unwrap(), "keep\n");
    assert_eq!(wrapped.end(), 0);
}

#[test]
fn every_request_has_an_answer_whatever_the_client_writes() {
    let place = Place::new();
    let mut wrapped = Wrapped::notes(&place, &["--no-jail"]);
    wrapped.line("this is no message");
    assert_eq!(wrapped.read()["error"]["code"], -32_700);
    wrapped.line("");
    wrapped.line(&format!("\"{}\"", "x".repeat(5 << 20)));
    assert_eq!(wrapped.read()["error"]["code"], -32_600);
    let early = wrapped.ask("tools/list", json!({}));
    assert!(early["error"]["message"].is_string(), "{early}");
    wrapped.initialize();
    assert!(wrapped.ask("no/such", json!({}))["error"]["code"].is_number());
    assert_eq!(names(&wrapped.ask("tools/list", json!({}))).len(), 3);
    assert_eq!(wrapped.end(), 0);
}

#[test]
fn a_server_that_cannot_be_started_is_an_error_answer() {
    let place = Place::new();
    let mut wrapped = Wrapped::start(&place, &["--name", "gone", "--no-jail", "--", "/bin/false"]);
    wrapped.initialize();
    assert_eq!(names(&wrapped.ask("tools/list", json!({}))), Vec::<String>::new());
    let answer = wrapped.ask("tools/call", json!({"name": "list", "arguments": {}}));
    let refused = answer.get("error").is_some() || answer["result"]["isError"] == true;
    assert!(refused, "{answer}");
    assert_eq!(wrapped.end(), 0);
}

#[test]
fn a_running_checkrein_is_reached_by_its_address() {
    let place = Place::new();
    std::fs::create_dir_all(place.path("notes")).unwrap();
    let program = env!("CARGO_BIN_EXE_checkrein");
    let (exe, notes) = (program, place.path("notes").display().to_string());
    place.write(
        "more.toml",
        &format!("\n[[mcp_server]]\nname = \"notes\"\ncommand = [\"{exe}\", \"demo-notes-server\", \"{notes}\"]\njail = \"off\"\n"),
    );
    let installation = Installation::at(place);
    let url = installation.json(&["config", "show"])["url"].as_str().unwrap().to_owned();
    let keys = installation.place.path("state/first-keys");
    let to = format!("{url}/mcp");
    let mut wrapped =
        Wrapped::start(&installation.place, &["--to", &to, "--key-file", keys.to_str().unwrap()]);
    wrapped.initialize();
    let listed = names(&wrapped.ask("tools/list", json!({})));
    assert!(listed.contains(&"notes__list".to_owned()), "{listed:?}");
    let found = wrapped.ask("tools/call", json!({"name": "notes__list", "arguments": {}}));
    assert_eq!(found["result"]["_meta"]["checkrein/answer"]["executed"], "yes", "{found}");
    assert_eq!(wrapped.end(), 0);
}

#[test]
fn a_program_that_lies_nowhere_is_told_before_anything_starts() {
    let place = Place::new();
    let said =
        place.run(&["wrap", "--", "npx", "-y", "@nobody/server-that-is-not-there"]).expect(1);
    assert!(said.err.contains("npm's cache") && said.err.contains("--no-jail"), "{}", said.err);
    let said = place.run(&["wrap", "--name", "Not A Name", "--", "/bin/true"]).expect(2);
    assert!(said.err.contains("--name"), "{}", said.err);
}
