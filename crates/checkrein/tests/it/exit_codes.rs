//! Every exit code of the table, by a command that ends with it.
//!
//! Each failure also says what to do; which words is for the snapshots of `offline`.

use rustix::process::{Pid, Signal, kill_process};

use crate::support::{Installation, Place, Said, holds, text};

/// Runs a line and compares the code; what failed says what to do.
#[track_caller]
fn check(installation: &Installation, line: &[&str], expect: i32) -> Said {
    let said = installation.run(line).expect(expect);
    if expect != 0 {
        assert!(said.err.contains("error"), "{}", said.err);
        assert!(said.err.contains("to do"), "{}", said.err);
    }
    said
}

#[test]
fn each_outcome_of_a_call_has_its_code() {
    let here = Installation::start();
    let read = ["call", "files.read", r#"{"path": "README.md"}"#];
    check(&here, &read, 0);
    check(&here, &["call", "files.read", r#"{"path": "/README.md"}"#], 1);
    check(&here, &["call", "files.read", r#"{"path": "a", "path": "b"}"#], 1);
    check(&here, &["call", "files.read", "[]"], 2);
    let prod = r#"{"path": "prod/service.toml", "edits": [{"old": "3", "new": "5"}]}"#;
    let held = check(&here, &["call", "files.edit", prod, "--confidence", "0.99"], 5);
    assert!(held.err.contains("CR-2002") && held.err.contains("checkrein calls wait call_"));
    let pending = here.json(&["approvals", "ls"]);
    let approval = text(&pending, "/items/0/approval");
    check(&here, &["approvals", "reject", &approval, "--reason", "no"], 0);
    check(&here, &["calls", "wait", &text(&pending, "/items/0/call")], 3);
    assert!(holds(&here.place.path("workspace/prod/service.toml"), "replicas = 3\n"));
    check(&here, &["approvals", "approve", &approval], 8);

    let run = here.opened(&["--calls", "1"]);
    check(&here, &["call", "files.read", r#"{"path": "README.md"}"#, "--run", &run], 0);
    check(&here, &["call", "files.list", r#"{"path": "."}"#, "--run", &run], 6);
    check(&here, &["budgets", "raise", &run, "--calls", "5", "--reason", "more"], 0);
    check(&here, &["call", "files.list", r#"{"path": "."}"#, "--run", &run], 0);

    let write = |content: &str| format!(r#"{{"path": "note.md", "content": "{content}"}}"#);
    let (one, other) = (write("one"), write("other"));
    check(&here, &["call", "files.write", &one, "--key", "k"], 0);
    check(&here, &["call", "files.write", &other, "--key", "k"], 8);
    assert!(holds(&here.place.path("workspace/note.md"), "one"));

    check(&here, &["stop", "suspend", "everything", "--reason", "lunch"], 0);
    check(&here, &read, 9);
    check(&here, &["stop", "resume", "everything", "--reason", "back"], 0);
    check(&here, &read, 0);
}

#[test]
fn a_grant_that_does_not_allow_a_tool_denies() {
    let here = Installation::start();
    let key = here.place.path("reader.key");
    let key = key.to_str().unwrap();
    check(&here, &["agents", "new", "reader", "--tool", "files.read", "--key-to", key], 0);
    check(&here, &["call", "files.read", r#"{"path": "README.md"}"#, "--key-file", key], 0);
    check(&here, &["call", "files.list", r#"{"path": "."}"#, "--key-file", key], 3);
    check(&here, &["approvals", "ls", "--key-file", key], 4);
    let grants = here.json(&["agents", "ls"]);
    let grants = grants.pointer("/items").unwrap().as_array().unwrap();
    let grant = grants.iter().find(|one| text(one, "/agent/name") == "reader").unwrap();
    check(&here, &["agents", "revoke", &text(grant, "/grant"), "--reason", "done"], 0);
    check(&here, &["call", "files.read", r#"{"path": "README.md"}"#, "--key-file", key], 4);
}

#[test]
fn keys_must_be_known_and_private() {
    use std::os::unix::fs::PermissionsExt as _;
    let here = Installation::start();
    let mut unknown = here.place.command(&["tools", "ls"]);
    unknown.env("CHECKREIN_KEY", format!("ck_operator_{}", "A".repeat(43)));
    let said = Said::of(unknown.output().unwrap()).expect(4);
    assert!(said.err.contains("CR-4001"), "{}", said.err);
    let file = here.place.write("open.key", "ck_operator_x\n");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let said = check(&here, &["tools", "ls", "--key-file", file.to_str().unwrap()], 4);
    assert!(said.err.contains("mode 0644") && said.err.contains("chmod 600"), "{}", said.err);
}

#[test]
fn a_replay_with_other_policies_finds_differences() {
    let here = Installation::start();
    let run = here.opened(&[]);
    check(&here, &["call", "files.read", r#"{"path": "README.md"}"#, "--run", &run], 0);
    check(&here, &["journal", "replay", &run], 0);
    let policy = "@id(\"all-ask\")\n@hold(\"group:operators\")\n@reason(\"everything asks\")\n\
                  forbid (principal, action, resource)\nunless { context.approvals.contains(\"all-ask\") };\n\
                  @id(\"all\")\n@reason(\"all\")\npermit (principal, action, resource);\n";
    let policy = here.place.write("stricter/all.cedar", policy);
    let said = check(&here, &["runs", "replay", &run, "--policy", policy.to_str().unwrap()], 10);
    assert!(said.err.contains("CR-6004"), "{}", said.err);
}

#[test]
fn lines_that_are_not_understood_end_with_two() {
    let place = Place::new();
    for line in [
        &["nonsense"][..],
        &[],
        &["call"],
        &["undo", "apply"],
        &["undo", "apply", "--run", "r"],
        &["stop", "suspend", "nothing-such", "--reason", "x"],
        &["calls", "show", "../approvals"],
        &["runs", "ls", "--url", "http://192.0.2.1:7420"],
        &["approvals", "reject", "apr_1"],
        &["call", "files.read", "{}", "--wait", "100000"],
        &["contracts", "new", "No Name"],
    ] {
        let mut command = place.command(line);
        command.env("CHECKREIN_KEY", "ck_operator_x");
        Said::of(command.output().unwrap()).expect(2);
    }
    place.run(&["--help"]).expect(0);
    place.run(&["version"]).expect(0);
}

#[test]
fn a_bad_configuration_ends_with_78() {
    let place = Place::new();
    for (text, named) in [
        ("[server]\nlisen = \"127.0.0.1:1\"\n", "did you mean `listen`?"),
        ("[server]\nlisten = \"0.0.0.0:1\"\n", "CR-5010"),
        ("[[workspace]]\nroot = \".\"\n", "CR-5006"),
    ] {
        place.write("checkrein.toml", text);
        for line in [&["config", "check"][..], &["up", "--no-input"], &["tools", "ls"]] {
            let said = place.run(line).expect(78);
            assert!(said.err.contains(named), "{line:?}: {}", said.err);
        }
    }
}

#[test]
fn without_a_server_it_is_said_how_to_start_one() {
    let here = Installation::start();
    let place = here.kill();
    let said = place.run(&["calls", "ls"]).expect(1);
    assert!(said.err.contains("checkrein up"), "{}", said.err);
}

#[test]
fn an_interrupted_command_ends_with_130() {
    use std::io::{BufRead as _, BufReader};
    let here = Installation::start();
    let mut watching = here.place.command(&["approvals", "watch"]);
    let mut watching = watching.stderr(std::process::Stdio::piped()).spawn().unwrap();
    let mut told = String::new();
    BufReader::new(watching.stderr.take().unwrap()).read_line(&mut told).unwrap();
    assert!(told.contains("watching"), "{told}");
    let process = Pid::from_raw(i32::try_from(watching.id()).unwrap()).unwrap();
    kill_process(process, Signal::INT).unwrap();
    assert_eq!(watching.wait().unwrap().code(), Some(130));
}
