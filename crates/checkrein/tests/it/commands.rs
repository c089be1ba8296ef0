//! Commands as people run and decide them: output as it comes, exit codes, what was not declared, previews on top of
//! each other, undo.
//!
//! Where the machine gives no preview, the honest refusal is what is tested instead: the call is held.

use serde_json::Value;

use crate::support::{Installation, Place, holds, text};

const COMMANDS: &str = r#"
[[command]]
program = "sh"
arguments = ["test.sh"]
role = "test"

[[command]]
program = "sh"

[[command]]
program = "cat"

[[command]]
program = "cp"

[jail]
processes = 40
"#;

const TEST: &str = r#"{"program": "sh", "arguments": ["test.sh"]}"#;
const SURE: [&str; 2] = ["--confidence", "0.97"];

/// An installation whose workspace has this test; and whether its machine previews.
fn installation(test: &str) -> (Installation, bool) {
    let place = Place::new();
    place.write("more.toml", COMMANDS);
    place.write("workspace/test.sh", test);
    let here = Installation::at(place);
    let found = here.json(&["doctor"]);
    let checks = found.as_array().unwrap().iter();
    let jail =
        checks.filter(|check| text(check, "/name") == "jail").map(|jail| text(jail, "/found"));
    let previews = jail.clone().any(|told| told.contains("previewed exactly"));
    assert_eq!(jail.count(), 1);
    (here, previews)
}

fn run(here: &Installation, arguments: &[&str], code: i32) -> crate::support::Said {
    let line: Vec<&str> =
        ["call", "command.run"].into_iter().chain(arguments.iter().copied()).chain(SURE).collect();
    here.run(&line).expect(code)
}

#[test]
fn a_test_run_is_shown_as_it_comes_and_its_exit_code_is_a_result() {
    let (here, previews) =
        installation("echo begun; echo careful >&2; echo made > made.txt; exit 3\n");
    if !previews {
        let said = run(&here, &[TEST], 5);
        assert!(said.err.contains("CR-2002"), "{}", said.err);
        return assert!(!here.place.path("workspace/made.txt").exists());
    }
    let said = run(&here, &[TEST], 0);
    assert!(said.err.contains("begun\n") && said.err.contains("careful\n"), "{}", said.err);
    assert!(said.out.contains("exit code 3 after "), "{}", said.out);
    assert!(!said.out.contains("--- stdout"), "it was shown already: {}", said.out);
    assert!(holds(&here.place.path("workspace/made.txt"), "made\n"));
    let call = text(&here.json(&["calls", "ls", "--limit", "1"]), "/items/0/call");
    let shown = here.run(&["calls", "show", &call]).expect(0).out;
    for part in ["creates  made.txt", "--- stdout\nbegun", "--- stderr\ncareful", "exit code 3"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    here.run(&["undo", "apply", &call]).expect(0);
    assert!(!here.place.path("workspace/made.txt").exists());
}

#[test]
fn programs_read_everything_from_the_envelope() {
    let (here, previews) = installation("echo begun; exit 3\n");
    let answer = here.call(&["command.run", TEST, "--confidence", "0.97"]);
    if !previews {
        return assert_eq!(text(&answer, "/status"), "held");
    }
    assert_eq!(text(&answer, "/output/stdout"), "begun\n");
    assert_eq!(answer.pointer("/output/exit_code").and_then(Value::as_i64), Some(3));
    assert!(matches!(text(&answer, "/output/jail").as_str(), "overlay" | "copy"), "{answer}");
}

#[test]
fn whoever_decides_sees_what_it_did_and_what_nobody_declared() {
    let (here, previews) = installation("");
    if !previews {
        return;
    }
    here.place.write("workspace/tidy.sh", "echo tidied; echo b > src/b; echo a > src/a\n");
    let tidy = r#"{"program": "sh", "arguments": ["tidy.sh"]}"#;
    let held = run(&here, &[tidy, "--expect", "created:workspace:src/a"], 5);
    assert!(
        !held.out.contains("tidied") && !held.err.contains("tidied"),
        "people are asked first: {held:?}"
    );
    assert!(!here.place.path("workspace/src/a").exists());
    let pending = here.json(&["approvals", "ls"]);
    let approval = text(&pending, "/items/0/approval");
    let shown = here.run(&["approvals", "show", &approval]).expect(0).out;
    for part in
        ["creates  src/a", "yes", "creates  src/b", "NO", "--- stdout\ntidied", "exit code 0", "+a"]
    {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    here.run(&["approvals", "approve", &approval]).expect(0);
    let said = here.run(&["calls", "wait", &text(&pending, "/items/0/call")]).expect(0);
    assert!(said.out.contains("exit code 0"), "{}", said.out);
    assert!(holds(&here.place.path("workspace/src/b"), "b\n"));
}

#[test]
fn a_call_can_stand_on_a_held_one() {
    let (here, previews) = installation("cat src/made\n");
    if !previews {
        return;
    }
    here.place.write("workspace/make.sh", "echo made > src/made\n");
    let run = here.opened(&[]);
    let make = r#"{"program": "sh", "arguments": ["make.sh"]}"#;
    let held = here.call(&["command.run", make, "--run", &run, "--confidence", "0.97"]);
    assert_eq!(text(&held, "/status"), "held", "{held}");
    let line = ["command.run", TEST, "--run", &run, "--confidence", "0.97"];
    let without = here.call(&line);
    assert_eq!(without.pointer("/output/exit_code").and_then(Value::as_i64), Some(1), "{without}");
    let first = text(&held, "/call");
    let stacked: Vec<&str> = line.into_iter().chain(["--after", first.as_str()]).collect();
    let on_top = here.call(&stacked);
    assert!(!here.place.path("workspace/src/made").exists(), "{on_top}");
    let printed = on_top.pointer("/output/stdout").and_then(Value::as_str);
    let waits = text(&on_top, "/status") == "held";
    assert!(
        waits || printed == Some("made\n"),
        "it saw what is not in the workspace yet: {on_top}"
    );
}

#[test]
fn what_the_operator_does_not_name_is_refused_with_what_is_named() {
    let (here, _) = installation("");
    let said = run(&here, &[r#"{"program": "bash", "arguments": ["-c", "id"]}"#], 1);
    assert!(said.err.contains("bash") && said.err.contains("`sh"), "{}", said.err);
}

/// Root's rights, the data directory, the keys: none of it is in there.
#[test]
fn nothing_of_checkrein_is_in_the_jail() {
    let (here, previews) = installation("");
    if !previews {
        return;
    }
    for file in ["state/first-keys", "config/master.key", "checkrein.toml"] {
        let path = here.place.path(file);
        assert!(path.exists());
        let cat = format!(r#"{{"program": "cat", "arguments": ["{}"]}}"#, path.display());
        let answer = here.call(&["command.run", &cat, "--confidence", "0.97"]);
        assert_eq!(
            answer.pointer("/output/exit_code").and_then(Value::as_i64),
            Some(1),
            "{answer}"
        );
        assert!(text(&answer, "/output/stderr").contains("No such file"), "{answer}");
    }
}
