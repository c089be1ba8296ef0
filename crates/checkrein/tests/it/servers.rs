//! What people do with tools of servers: look, see what changed, accept it, refuse it, say what a tool can do.
//!
//! The server is the program's own notes server, without a jail so that it runs on every machine; its manual is what changes.

use serde_json::Value;

use crate::support::{Installation, Place};

fn installation() -> Installation {
    let place = Place::new();
    std::fs::create_dir_all(place.path("notes")).unwrap();
    let (exe, notes) = (env!("CARGO_BIN_EXE_checkrein"), place.path("notes").display().to_string());
    place.write(
        "more.toml",
        &format!("\n[[mcp_server]]\nname = \"notes\"\ncommand = [\"{exe}\", \"demo-notes-server\", \"{notes}\"]\njail = \"off\"\n"),
    );
    let installation = Installation::at(place);
    until(&installation, |tool| tool["standing"] == "pinned");
    installation
}

/// Looks at `notes.delete` until it is as it should be; each look is a request, so nothing waits for time alone.
#[track_caller]
fn until(installation: &Installation, fits: impl Fn(&Value) -> bool) {
    let mut last = Value::Null;
    for _ in 0..300 {
        let page = installation.json(&["tools", "ls", "--server", "notes"]);
        let tools = page["items"].as_array().unwrap();
        let found =
            tools.iter().find(|tool| tool["tool"] == "notes.delete").cloned().unwrap_or_default();
        if fits(&found) {
            return;
        }
        last = found;
    }
    panic!("it is not as it should be: {last}");
}

fn change(installation: &Installation, manual: &str) {
    installation.place.write("notes/manual.txt", manual);
    installation.run(&["servers", "restart", "notes"]).expect(0);
}

#[test]
fn a_person_sees_what_changed_and_decides() {
    let installation = installation();
    let run = |line: &[&str]| installation.run(line);
    change(&installation, "Deletes every note.\u{202E}\u{E0041}");
    until(&installation, |tool| tool["standing"] == "drifted");
    let said = run(&["tools", "diff", "notes.delete"]).expect(0);
    for part in [
        "/description",
        "- \"Deletes a note for good.\"",
        "+ \"Deletes every note.⟪U+202E⟫⟪U+E0041⟫\"",
        "tools accept",
    ] {
        assert!(
            said.out.contains(part) || said.err.contains(part),
            "{part}\n{}\n{}",
            said.out,
            said.err
        );
    }
    // Nobody is there to say that this is what is accepted.
    let said = run(&["tools", "accept", "notes.delete"]).expect(2);
    assert!(said.out.contains("/description"), "the difference is shown first: {}", said.out);
    run(&["tools", "accept", "notes.delete", "--definition", "0123456789abcdef"]).expect(8);
    run(&["tools", "refuse", "notes.delete", "--reason", "too much"]).expect(0);
    until(&installation, |tool| tool["standing"] == "refused");
    let shown = run(&["tools", "show", "notes.delete"]).expect(0);
    assert!(shown.out.contains("too much"), "{}", shown.out);
    change(&installation, "Deletes a note. It is gone then.");
    until(&installation, |tool| tool["standing"] == "drifted");
    let offered = installation.json(&["tools", "diff", "notes.delete"])["offered"]
        .as_str()
        .unwrap()
        .to_owned();
    run(&["tools", "accept", "notes.delete", "--definition", &offered[..16]]).expect(0);
    until(&installation, |tool| tool["standing"] == "pinned");
    let said = run(&["tools", "accept", "notes.delete", "--yes"]).expect(0);
    assert!(said.err.contains("nothing to do"), "{}", said.err);
}

#[test]
fn a_person_says_what_a_tool_can_do() {
    let installation = installation();
    let said = installation
        .run(&[
            "tools",
            "classify",
            "notes.delete",
            "--as",
            "irreversible",
            "--reason",
            "it is gone",
        ])
        .expect(0);
    assert!(said.err.contains("nothing brings back"), "{}", said.err);
    let tool = installation.json(&["tools", "show", "notes.delete"]);
    assert_eq!(tool["tool"]["effect_class"], "irreversible");
    assert_eq!(tool["upstream"]["classified"]["reason"], "it is gone");
    installation
        .run(&["tools", "classify", "notes.delete", "--as", "restorable", "--reason", "x"])
        .expect(2);
    installation.run(&["tools", "packs"]).expect(0);
    let servers = installation.run(&["servers", "ls"]).expect(0);
    assert!(servers.out.contains("notes") && servers.out.contains("OFF"), "{}", servers.out);
    let said = installation.run(&["doctor"]);
    assert!(
        said.out.contains("runs without a jail") && said.out.contains("classed by their own words"),
        "{}",
        said.out
    );
    installation.run(&["servers", "login", "notes"]).expect(78);
}

#[test]
fn a_policy_is_made_of_what_was_called_and_then_holds() {
    let installation = installation();
    installation.call(&["notes.list", "{}", "--confidence", "0.97"]);
    let path = installation.place.path("suggested.cedar");
    let file = path.to_str().unwrap();
    let said = installation.run(&["policy", "suggest", "--since", "1h", "--write", file]).expect(0);
    assert!(said.err.contains("rules from"), "{}", said.err);
    installation.run(&["policy", "suggest", "--write", file]).expect(1);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("notes.list"), "{text}");
    installation.run(&["policy", "shadow"]).expect(2);
    let reason = "a rule holds the release up";
    let said = installation.run(&["policy", "shadow", "--reason", reason]).expect(0);
    assert!(said.err.contains("MODE: SHADOW"), "{}", said.err);
    let listed = installation.run(&["journal", "entries", "--kind", "mode_set"]).expect(0);
    assert!(listed.out.contains(reason), "{}", listed.out);
    let said = installation.run(&["policy", "enforce"]).expect(0);
    assert!(said.err.contains("MODE: ENFORCE"), "{}", said.err);
}
