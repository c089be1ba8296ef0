//! Verbs that change something, each seen to do what it says.
//!
//! What was changed is looked at in the workspace, or by another verb.

use crate::support::{Installation, Said, holds, text};

#[test]
fn an_act_is_undone_alone_and_the_last_ones_in_reverse() {
    let here = Installation::start();
    let run = here.opened(&[]);
    let file = here.place.path("workspace/README.md");
    let mut acts = Vec::new();
    for (old, new) in [("Here", "one"), ("one", "two"), ("two", "three")] {
        let edits =
            format!(r#"{{"path": "README.md", "edits": [{{"old": "{old}", "new": "{new}"}}]}}"#);
        acts.push(text(&here.call(&["files.edit", &edits, "--run", &run]), "/call"));
    }
    assert!(holds(&file, "# three\n"));
    here.run(&["undo", "apply", &acts[2]]).expect(0);
    assert!(holds(&file, "# two\n"));
    // Each stands on the one before: only the last can be taken back alone.
    here.run(&["undo", "apply", &acts[0]]).expect(8);
    assert!(holds(&file, "# two\n"));
    let undone = here.json(&["undo", "apply", "--run", &run, "--last", "2"]);
    assert_eq!(text(&undone, "/acts/0/call"), acts[1]);
    assert!(holds(&file, "# Here\n"));
    let status = here.run(&["undo", "status", "--run", &run]).expect(0);
    assert!(status.out.contains("undone"), "{}", status.out);
}

#[test]
fn an_approved_call_runs_when_its_agent_waits() {
    let here = Installation::start();
    let file = here.place.path("workspace/prod/service.toml");
    let edits = r#"{"path": "prod/service.toml", "edits": [{"old": "3", "new": "5"}]}"#;
    let call = text(&here.call(&["files.edit", edits, "--confidence", "0.99"]), "/call");
    here.run(&["calls", "wait", &call, "--for", "0"]).expect(5);
    let shown = here.run(&["approvals", "ls"]).expect(0);
    assert!(shown.out.contains(&call), "{}", shown.out);
    let approval = text(&here.json(&["approvals", "ls"]), "/items/0/approval");
    here.run(&["approvals", "approve", &approval, "--reason", "yes"]).expect(0);
    assert!(holds(&file, "replicas = 3\n"));
    let said = here.run(&["calls", "wait", &call]).expect(0);
    assert!(said.out.starts_with("succeeded  executed: yes"), "{}", said.out);
    assert!(holds(&file, "replicas = 5\n"));
}

#[test]
fn a_withdrawn_call_never_runs() {
    let here = Installation::start();
    let call =
        text(&here.call(&["files.delete", r#"{"path": "prod", "recursive": true}"#]), "/call");
    here.run(&["calls", "withdraw", &call, "--reason", "changed my mind"]).expect(0);
    let listed = here.run(&["approvals", "ls"]).expect(0);
    assert!(listed.out.is_empty() && listed.err.contains("nothing waits"), "{listed:?}");
    assert!(here.place.path("workspace/prod/service.toml").exists());
}

#[test]
fn a_notice_is_marked_as_seen() {
    let here = Installation::start();
    here.call(&["files.write", r#"{"path": "a.md", "content": "a"}"#, "--confidence", "1"]);
    let duties = here.json(&["duties", "ls"]);
    let duty = text(&duties, "/items/0/duty");
    here.run(&["duties", "done", &duty, "--note", "fine"]).expect(0);
    assert!(!here.json(&["duties", "ls"]).to_string().contains(&duty));
    assert!(here.json(&["duties", "ls", "--all"]).to_string().contains(&duty));
    here.run(&["duties", "done", "nonsense"]).expect(2);
}

#[test]
fn a_persons_key_has_a_role() {
    let here = Installation::start();
    let file = here.place.path("auditor.key");
    let key = file.to_str().unwrap();
    let made = here.json(&["keys", "new", "--operator", "eve", "--key-to", key]);
    assert!(made.pointer("/secret").is_none() && text(&made, "/key").starts_with("key_"));
    here.run(&["calls", "ls", "--key-file", key]).expect(0);
    here.run(&["stop", "suspend", "everything", "--reason", "x", "--key-file", key]).expect(4);
    let shown = here.run(&["keys", "new", "--operator", "max", "--role", "operator"]).expect(0);
    assert!(shown.out.starts_with("ck_operator_") && !shown.err.contains("ck_operator_"));
    let keys = here.json(&["keys", "ls"]);
    let keys = keys.pointer("/items").unwrap().as_array().unwrap();
    let own = keys.iter().find(|one| one.pointer("/name") == Some(&"eve".into())).unwrap();
    here.run(&["keys", "revoke", &text(own, "/key"), "--reason", "gone"]).expect(0);
    here.run(&["calls", "ls", "--key-file", key]).expect(4);
}

#[test]
fn people_are_added_changed_invited_and_disabled() {
    let here = Installation::start();
    let console = here.run(&["console"]).expect(0);
    assert!(console.out.contains("/login#ticket=ck_link_") && !console.err.contains("ck_link_"));
    let eve = here.json(&["people", "add", "eve", "--role", "approver", "--group", "leads"]);
    assert_eq!(eve.pointer("/groups"), Some(&serde_json::json!(["leads"])));
    let link = here.json(&["people", "invite", "eve"]);
    assert!(text(&link, "/url").starts_with("http://localhost:"));
    let linked = here.run(&["people", "link", "eve", "--slack", "T1/U1"]).expect(0);
    assert_eq!(linked.out.trim(), "eve is linked with T1/U1 in Slack");
    here.run(&["people", "link", "operator", "--slack", "T1/U1"]).expect(8);
    here.run(&["people", "unlink", "eve", "--slack", "T1/U1"]).expect(0);
    // An admin of the installation does the same for other tenants.
    let there = ["--tenant", "other"];
    let does = |verb: &[&str]| here.run(&[&["people"], verb, &there].concat()).expect(0);
    does(&["add", "max", "--role", "approver"]);
    does(&["set", "max", "--role", "viewer", "--reason", "x"]);
    does(&["link", "max", "--slack", "T1/U1"]);
    does(&["unlink", "max", "--slack", "T1/U1"]);
    does(&["disable", "max", "--reason", "x"]);
    does(&["enable", "max", "--reason", "x"]);
    assert!(does(&["invite", "max"]).out.contains("/login#ticket="));
    assert!(does(&["ls"]).out.contains("max"));
    assert!(!here.run(&["people", "ls"]).expect(0).out.contains("max"));
    let outlets = here.run(&["outlets", "ls"]).expect(0);
    assert!(outlets.err.contains("nobody is told anything"), "{}", outlets.err);
    here.run(&["outlets", "test", "none"]).expect(1);
    let roles = ["--role", "approver", "--role", "policy_author", "--no-groups"];
    let set = here.json(&[&["people", "set", "eve"], &roles[..], &["--reason", "x"]].concat());
    assert_eq!(set.pointer("/roles"), Some(&serde_json::json!(["approver", "policy_author"])));
    assert_eq!(set.pointer("/groups"), Some(&serde_json::json!([])));
    let off = here.json(&["people", "disable", "eve", "--reason", "left"]);
    assert_eq!(text(&off, "/state"), "disabled");
    here.run(&["people", "invite", "eve"]).expect(8);
    let table = here.run(&["people", "ls"]).expect(0);
    assert!(table.out.contains("eve") && table.out.contains("disabled"), "{}", table.out);
    here.run(&["people", "disable", "operator", "--reason", "oops"]).expect(4);
    here.run(&["people", "add", "Eve", "--role", "viewer"]).expect(2);
}

#[test]
fn a_run_ends_and_takes_no_more_calls() {
    let here = Installation::start();
    let run = here.opened(&[]);
    let ended = here.json(&["runs", "end", &run, "--outcome", "succeeded", "--reason", "done"]);
    assert_eq!(text(&ended, "/outcome"), "succeeded");
    here.run(&["call", "files.read", r#"{"path": "README.md"}"#, "--run", &run]).expect(1);
}

#[test]
fn arguments_come_from_a_file_or_standard_input() {
    use std::io::Write as _;
    let here = Installation::start();
    let file = here.place.write("arguments.json", r#"{"path": "README.md"}"#);
    here.run(&["call", "files.read", "-f", file.to_str().unwrap()]).expect(0);
    let mut command = here.place.command(&["call", "files.read", "-f", "-"]);
    command.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
    let mut running = command.spawn().unwrap();
    running.stdin.take().unwrap().write_all(br#"{"path": "README.md"}"#).unwrap();
    Said::of(running.wait_with_output().unwrap()).expect(0);
}

#[test]
fn a_key_is_in_no_log() {
    let here = Installation::start();
    here.run(&["calls", "ls"]).expect(0);
    let keys = std::fs::read_to_string(here.place.path("state/first-keys")).unwrap();
    let log = std::fs::read_to_string(here.place.path("log")).unwrap();
    assert!(log.contains("state/first-keys"), "{log}");
    for key in keys.lines().filter_map(|line| line.split('"').nth(1)) {
        assert!(key.starts_with("ck_") && !log.contains(key));
    }
}
