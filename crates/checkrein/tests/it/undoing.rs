//! Acts of a real tool server, taken back by another call of it; and letters of a command that wait in the outbox.
//!
//! Nothing is played: the server is the memory server of npm, installed by `cargo xtask suites`, with the pack that is made for
//! it. What it did is looked at in the file that it keeps.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{Installation, Place, text};

fn installed(variable: &str, name: &str) -> PathBuf {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../.tools").join(name);
    let path = std::env::var_os(variable).map_or_else(beside, PathBuf::from);
    assert!(path.exists(), "`{}` is missing; run `cargo xtask suites`", path.display());
    path
}

/// An installation whose one tool server keeps a graph in a file.
fn with_memory() -> Installation {
    let place = Place::new();
    let node = installed("CHECKREIN_MCP_NODE", "mcp/node");
    let packs = installed("CHECKREIN_MCP_PACKS", "packs/node_modules");
    let script = packs.join("@modelcontextprotocol/server-memory/dist/index.js");
    let graph = graph(&place);
    place.write(
        "more.toml",
        &format!(
            "\n[[mcp_server]]\nname = \"memory\"\ncommand = [{node:?}, {script:?}]\npack = \"memory\"\njail = \"off\"\nenvironment = {{ MEMORY_FILE_PATH = {graph:?} }}\n"
        ),
    );
    place.write("policies/all.cedar", "@id(\"all\") permit (principal, action, resource);\n");
    let installation = Installation::at(place);
    for _ in 0..300 {
        let page = installation.json(&["tools", "ls", "--server", "memory"]);
        if page["items"].as_array().is_some_and(|tools| !tools.is_empty()) {
            return installation;
        }
    }
    panic!("the server's tools never came");
}

fn graph(place: &Place) -> PathBuf {
    place.path("graph.json")
}

fn kept(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

/// Each says something else of it: the same call again in a run would be asked about.
fn create(installation: &Installation, seen: &str) -> Value {
    let entities = format!(
        r#"{{"entities": [{{"name": "lighthouse", "entityType": "thing", "observations": ["{seen}"]}}]}}"#
    );
    installation.call(&["memory.create_entities", &entities, "--confidence", "0.99"])
}

#[test]
fn what_a_server_made_is_taken_back_by_the_call_that_its_pack_names() {
    let here = with_memory();
    let file = graph(&here.place);
    let made = create(&here, "once");
    assert_eq!(made["status"], "succeeded", "{made}");
    assert!(kept(&file).contains("lighthouse"));
    let act = text(&made, "/call");
    assert_eq!(made["undo"]["how"], format!("checkrein undo apply {act}"), "{made}");
    // The second one makes nothing new, so taking it back takes nothing away.
    let again = create(&here, "twice");
    let nothing = text(&again, "/call");
    let plan = here.run(&["undo", "plan", &act]).expect(0);
    assert!(plan.out.contains("calls `memory.delete_entities`"), "{}", plan.out);
    here.run(&["undo", "apply", &nothing]).expect(0);
    assert!(kept(&file).contains("lighthouse"), "it was there before");
    let said = here.run(&["undo", "apply", &act]).expect(0);
    assert!(said.out.contains("succeeded"), "{}", said.out);
    assert!(!kept(&file).contains("lighthouse"));
    create(&here, "thrice");
    here.run(&["undo", "apply", &act]).expect(8);
    assert!(kept(&file).contains("lighthouse"), "an act is taken back once");
    let report = here.json(&["undo", "plan", "--agent", "agent", "--last", "5"]);
    let outcomes: Vec<&str> = report["acts"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|act| act["outcome"].as_str())
        .collect();
    assert_eq!(outcomes, ["can_be_undone"], "{report}");
}
