//! `approvals review` in a real terminal, and `approvals watch`, against a real server.
//! Nothing waits for a time: every step waits for what is on the screen.

use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::support::{Installation, Place, Said, text};
use crate::terminal::Person;

/// A held change of a file of production; its call and its request.
fn held(here: &Installation, content: &str) -> (String, String) {
    let arguments = serde_json::json!({ "path": "prod/service.toml", "content": content });
    let call = text(&here.call(&["files.write", &arguments.to_string()]), "/call");
    let listed = here.json(&["approvals", "ls"]);
    let own = listed["items"].as_array().unwrap().iter().find(|one| one["call"] == *call);
    (call, text(own.unwrap(), "/approval"))
}

fn file(here: &Installation) -> String {
    std::fs::read_to_string(here.place.path("workspace/prod/service.toml")).unwrap()
}

#[test]
fn a_person_reads_the_diff_and_approves_with_two_presses() {
    let here = Installation::start();
    let (call, approval) = held(&here, "replicas = 5\n");
    let person = Person::sits_down(&here.place, &["approvals", "review"], &[]);
    let screen = person.sees("a a approve");
    for part in ["-replicas = 3", "+replicas = 5", &approval, "files.write", "prod/service.toml"] {
        assert!(screen.contains(part), "no `{part}` in\n{screen}");
    }
    person.types("?");
    person.sees("the next and the previous request");
    person.types("x");
    person.sees("a a approve");
    // A held key: many presses at once are none.
    person.types("aaaaaaaa");
    person.sees("wait a moment");
    person.sees("press `a` once more");
    assert_eq!(here.json(&["approvals", "show", &approval])["approval"]["state"], "pending");
    person.types("a");
    person.sees("approved");
    person.types("q");
    let (code, sent) = person.ends();
    assert_eq!(code, 0);
    assert!(sent.contains("1 decided, 0 wait"), "{sent}");
    assert!(sent.contains("38;5;2"), "colours help where they may");
    let done = here.json(&["calls", "wait", &call]);
    assert_eq!(
        (&done["status"], file(&here).as_str()),
        (&Value::from("succeeded"), "replicas = 5\n")
    );
    let shown = here.json(&["approvals", "show", &approval]);
    assert_eq!(shown["votes"][0]["surface"], "cli");
    assert!(shown["votes"][0]["shown"].is_string(), "what was seen is kept with the yes: {shown}");
}

#[test]
fn a_person_rejects_one_and_edits_the_other() {
    let here = Installation::start();
    let editor = here.place.write("editor", "#!/bin/sh\nsed -i 's/= 7/= 4/' \"$1\"\n");
    std::fs::set_permissions(&editor, std::fs::Permissions::from_mode(0o700)).unwrap();
    let (first, _) = held(&here, "replicas = 6\n");
    let (second, asked) = held(&here, "replicas = 7\n");
    let editor = editor.display().to_string();
    let more = [("EDITOR", editor.as_str()), ("NO_COLOR", "1")];
    let person = Person::sits_down(&here.place, &["approvals", "review"], &more);
    person.sees("+replicas = 6");
    person.types("r");
    person.sees("reject, because");
    person.types("\u{1b}");
    person.sees("a a approve");
    person.types("rnot today\r");
    person.sees(": rejected");
    person.types("j");
    person.sees("+replicas = 7");
    person.types("e");
    person.sees("put the edited call in its place");
    person.types("smaller\r");
    person.sees("takes its place: held");
    person.types("q");
    let (code, sent) = person.ends();
    assert_eq!(code, 0);
    let coloured = (30..38).any(|colour| sent.contains(&format!("\u{1b}[{colour}m")));
    assert!(!coloured && !sent.contains("38;5;"), "colour although `NO_COLOR` says no");
    let denied = here.json(&["calls", "show", &first]);
    assert_eq!(denied["call"]["code"], "CR-2003", "{denied}");
    let old = here.json(&["approvals", "show", &asked]);
    let new = text(&old, "/superseded_by/call");
    assert_ne!(new, second);
    let pending = here.json(&["approvals", "ls"]);
    assert_eq!(pending["items"][0]["call"], Value::from(new), "{pending}");
    let id = text(&pending, "/items/0/approval");
    let shown = here.json(&["approvals", "show", &id]);
    assert_eq!(shown["arguments"]["content"], "replicas = 4\n");
    assert_eq!(file(&here), "replicas = 3\n", "nothing of all that ran");
}

#[test]
fn the_terminal_is_given_back_when_a_signal_ends_it() {
    let here = Installation::start();
    held(&here, "replicas = 5\n");
    let person = Person::sits_down(&here.place, &["approvals", "review"], &[]);
    person.sees("+replicas = 5");
    assert!(!Person::is_as_before(&person.terminal()), "keys come one by one");
    kill_process(person.process(), Signal::TERM).unwrap();
    let terminal = person.terminal();
    let (code, sent) = person.ends();
    assert_eq!(code, 0);
    assert!(sent.contains("\u{1b}[?1049l"), "the screen from before is back");
    assert!(Person::is_as_before(&terminal), "and so are its modes");
}

/// It used to look for keys without end.
#[test]
fn a_review_ends_with_its_terminal() {
    let here = Installation::start();
    held(&here, "replicas = 5\n");
    let code = Person::hangs_up(&here.place, &["approvals", "review"], "approve");
    assert_eq!(code, Some(129));
}

#[test]
fn off_a_terminal_review_says_what_to_use() {
    let here = Installation::start();
    let said = here.run(&["approvals", "review"]).expect(2);
    assert!(said.err.contains("terminal") && said.err.contains("approvals show"), "{}", said.err);
    assert_eq!(said.out, "");
}

/// Lines of `approvals watch --json`.
struct Watcher {
    program: Child,
    lines: BufReader<std::process::ChildStdout>,
    said: BufReader<std::process::ChildStderr>,
}

impl Watcher {
    fn start(place: &Place) -> Self {
        let mut command = place.command(&["approvals", "watch", "--json"]);
        let mut program = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(program.stdout.take().unwrap());
        let said = BufReader::new(program.stderr.take().unwrap());
        Self { program, lines, said }
    }

    fn next(&mut self) -> (String, String) {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        let line: Value =
            serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        (text(&line, "/what"), text(&line, "/approval/approval"))
    }

    fn hears(&mut self, what: &str) {
        let mut line = String::new();
        while !line.contains(what) {
            line.clear();
            assert!(self.said.read_line(&mut line).unwrap() > 0, "it ended without `{what}`");
        }
    }
}

#[test]
fn watch_tells_each_step_once_over_a_restart_and_ends_on_a_signal() {
    let here = Installation::start();
    let (_, first) = held(&here, "replicas = 5\n");
    let mut watcher = Watcher::start(&here.place);
    watcher.hears("watching");
    assert_eq!(watcher.next(), ("waits".to_owned(), first.clone()));
    let (_, second) = held(&here, "replicas = 6\n");
    assert_eq!(watcher.next(), ("asked".to_owned(), second.clone()));
    here.run(&["approvals", "reject", &first, "--reason", "no"]).expect(0);
    assert_eq!(watcher.next(), ("rejected".to_owned(), first));
    let here = here.again();
    watcher.hears("connected again");
    here.run(&["approvals", "approve", &second]).expect(0);
    let mut told = Vec::new();
    while told.last().is_none_or(|(what, _): &(String, String)| what != "approved") {
        told.push(watcher.next());
    }
    let expect = [("voted".to_owned(), second.clone()), ("approved".to_owned(), second)];
    assert_eq!(told, expect);
    let id = Pid::from_raw(i32::try_from(watcher.program.id()).unwrap()).unwrap();
    kill_process(id, Signal::TERM).unwrap();
    assert_eq!(watcher.program.wait().unwrap().code(), Some(0));
    let said = Said::of(
        here.place.command(&["approvals", "watch", "--key-file", "none"]).output().unwrap(),
    );
    assert_ne!(said.code, 0);
}
