//! The journal by the command line: verified with and without a server, exported, altered, rebuilt.
//!
//! What verification covers is for the journal's own tests; here it is what a person types and gets.

use crate::support::{Installation, Place, text};

/// An installation with a few acts in a run, and the run.
fn worked() -> (Installation, String) {
    let here = Installation::start();
    let run = here.opened(&[]);
    for (tool, arguments) in [
        ("files.read", r#"{"path": "README.md"}"#),
        ("files.write", r#"{"path": "notes.md", "content": "one\n"}"#),
        ("files.delete", r#"{"path": "logs", "recursive": true}"#),
    ] {
        here.run(&["call", tool, arguments, "--run", &run]).expect(0);
    }
    (here, run)
}

fn export(here: &Installation, run: &str, form: &[&str]) -> std::path::PathBuf {
    let to = here.place.path("export");
    let line = [&["journal", "export", run, "--to", to.to_str().unwrap()][..], form].concat();
    here.run(&line).expect(0);
    to
}

#[test]
fn an_export_verifies_and_an_altered_one_names_the_entry() {
    let (here, run) = worked();
    for form in [&["--jsonl"][..], &[], &["--with-key"]] {
        let path = export(&here, &run, form);
        let file = path.to_str().unwrap();
        here.run(&["journal", "verify", file]).expect(0);
        let good = std::fs::read_to_string(&path).unwrap();
        let altered = good.replacen("\"workspace:logs\"", "\"workspace:lugs\"", 1);
        assert_ne!(good, altered);
        std::fs::write(&path, altered).unwrap();
        let said = here.run(&["-o", "json", "journal", "verify", file]).expect(7);
        assert!(said.err.contains("CR-6002"), "{}", said.err);
        let found = said.json();
        assert_eq!(found.pointer("/verified"), Some(&false.into()));
        if form == ["--jsonl"] {
            assert!(text(&found, "/first_problem").starts_with("entry "), "{found}");
        }
    }
}

#[test]
fn an_export_of_somebody_else_does_not_pass_for_ours() {
    let (here, run) = worked();
    let (other, _) = worked();
    let file = export(&here, &run, &["--jsonl"]);
    let file = file.to_str().unwrap();
    let own = text(&here.json(&["journal", "head"]), "/public_key");
    here.run(&["journal", "verify", file, "--public-key", &own]).expect(0);
    let others = text(&other.json(&["journal", "head"]), "/public_key");
    here.run(&["journal", "verify", file, "--public-key", &others]).expect(7);
}

#[test]
fn the_store_verifies_with_a_server_and_without() {
    let (here, run) = worked();
    let head = here.place.path("head");
    let head = head.to_str().unwrap();
    here.run(&["journal", "head", "--to", head]).expect(0);
    here.run(&["journal", "verify", "--head", head]).expect(0);
    // A store that a process uses is that process' to verify.
    let said = here.run(&["journal", "verify", "--offline"]).expect(1);
    assert!(said.err.contains("CR-5002"), "{}", said.err);
    here.run(&["journal", "rebuild"]).expect(1);
    let place = here.kill();
    let said = place.run(&["journal", "verify", "--head", head]).expect(0);
    assert!(said.err.contains("where it lies"), "{}", said.err);
    place.run(&["journal", "rebuild"]).expect(0);
    place.run(&["journal", "verify", "--head", head]).expect(0);
    let again = Installation::at(place);
    let calls = again.json(&["calls", "ls", "--run", &run]);
    assert_eq!(calls.pointer("/items").unwrap().as_array().unwrap().len(), 3);
    again.run(&["journal", "replay", &run]).expect(0);
}

#[test]
fn a_head_that_is_not_of_this_store_does_not_verify() {
    let (here, _) = worked();
    let (other, _) = worked();
    let head = here.place.path("head");
    let head = head.to_str().unwrap();
    other.run(&["journal", "head", "--to", head]).expect(0);
    here.run(&["journal", "verify", "--head", head]).expect(7);
}

#[test]
fn where_there_is_no_store_nothing_is_made() {
    let place = Place::new();
    for line in [&["journal", "verify", "--offline"][..], &["journal", "rebuild"]] {
        let said = place.run(line).expect(1);
        assert!(said.err.contains("there is no store"), "{}", said.err);
    }
    assert!(!place.path("state/data").exists());
}

#[test]
fn entries_are_listed_by_call_and_kind() {
    let (here, run) = worked();
    let all = here.json(&["journal", "entries", "--run", &run, "--kind", "call_admitted"]);
    let items = all.pointer("/items").unwrap().as_array().unwrap();
    assert_eq!(items.len(), 2, "{all}");
    let call = text(&items[0], "/call");
    let own = here.json(&["journal", "entries", "--call", &call]);
    let own = own.pointer("/items").unwrap().as_array().unwrap();
    assert!(own.len() > 1 && own.iter().all(|entry| text(entry, "/call") == call));
}
