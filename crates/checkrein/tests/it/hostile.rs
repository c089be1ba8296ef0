//! Whatever an agent writes, a terminal neither obeys nor hides it.
//!
//! The hostile text goes in as intent, arguments, purpose, file content and id, and is looked for in tables and JSON.

use serde_json::Value;

use crate::support::{Installation, text};

/// Clears the screen, turns the text around, hides a word, ends a line early.
const HOSTILE: &str = "\u{1B}[2J\u{202E}live\u{200B}\r\u{9B}31m\u{7F}";

/// Nothing that a terminal would obey or hide; line breaks and tabs are ours.
#[track_caller]
fn check(printed: &str) {
    for character in printed.chars().filter(|one| !matches!(one, '\n' | '\t')) {
        let alone = character.to_string();
        let safe = character == '⟪' || contract::visible::line(&alone) == alone;
        assert!(safe, "{character:?} in {printed:?}");
    }
}

#[test]
fn an_agents_words_are_escaped_wherever_they_are_shown() {
    let here = Installation::start();
    let intent = format!("harmless {HOSTILE}");
    let arguments = serde_json::json!({
        "path": "prod/service.toml",
        "edits": [{"old": "replicas = 3", "new": format!("replicas = 5 # {HOSTILE}")}],
    });
    let held = here.call(&[
        "files.edit",
        &arguments.to_string(),
        "--intent",
        &intent,
        "--confidence",
        "1",
    ]);
    let call = text(&held, "/call");
    let approval = text(&here.json(&["approvals", "ls"]), "/items/0/approval");
    let end = ["--purpose", HOSTILE];
    let run = text(&here.json(&[&["runs", "open", "default"][..], &end].concat()), "/run");
    for line in [
        &["approvals", "ls"][..],
        &["approvals", "show", &approval],
        &["calls", "ls"],
        &["calls", "show", &call],
        &["runs", "ls"],
        &["runs", "show", &run],
        &["undo", "plan", &call],
        &["journal", "entries"],
    ] {
        for form in ["table", "json"] {
            let said = here.run(&[line, &["-o", form]].concat()).expect(0);
            check(&said.out);
            check(&said.err);
        }
    }
    let shown = here.run(&["approvals", "show", &approval]);
    assert!(shown.out.contains("⟪U+001B⟫[2J⟪U+202E⟫live⟪U+200B⟫"), "{}", shown.out);
    assert!(shown.out.contains("+replicas = 5 # ⟪U+001B⟫"), "{}", shown.out);
}

#[test]
fn json_is_escaped_and_still_the_same_value() {
    let here = Installation::start();
    let held = here.call(&[
        "files.delete",
        r#"{"path": "prod", "recursive": true}"#,
        "--intent",
        HOSTILE,
        "--confidence",
        "1",
    ]);
    let call = text(&held, "/call");
    let listed = here.json(&["approvals", "ls"]);
    let items = listed.pointer("/items").and_then(Value::as_array).unwrap();
    let own = items.iter().find(|one| text(one, "/call") == call).unwrap();
    let shown = here.json(&["approvals", "show", &text(own, "/approval")]);
    assert_eq!(text(&shown, "/intent"), HOSTILE);
}

#[test]
fn what_a_tool_read_is_escaped_too() {
    let here = Installation::start();
    here.place.write("workspace/trap.txt", HOSTILE);
    for form in ["table", "json"] {
        let said = here.run(&["call", "files.read", r#"{"path": "trap.txt"}"#, "-o", form]);
        check(&said.expect(0).out);
    }
    let named = format!(r#"{{"path": "{}"}}"#, "a\\u001b[2J");
    let said = here.run(&["call", "files.read", &named]);
    check(&said.err);
}

#[test]
fn an_unknown_id_is_shown_safely() {
    let here = Installation::start();
    let said = here.run(&["calls", "show", HOSTILE]).expect(2);
    check(&said.err);
}
