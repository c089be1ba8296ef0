//! Does a start with the same definitions change nothing, and are accepted tools there before their server is?
//! The same directory is started again; nothing else is kept.

use serde_json::{Value, json};

use super::{behind, calls, classified, fixture, place, stands, until};
use crate::mcp::upstream::{Speaks, Upstream};
use crate::world::{Server, code};

async fn rules(server: &Server) -> (Value, Value) {
    let policies = server.sees("/v1/policies").await;
    let tools = server.sees("/v1/tools").await;
    let digests =
        tools["items"].as_array().unwrap().iter().map(|tool| json!([tool["tool"], tool["digest"]]));
    (policies["version"].clone(), Value::from_iter(digests))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_with_the_same_definitions_changes_nothing() {
    let up = Upstream::start(Speaks::Modern).await;
    let server = behind(&up, "offers = [\"prompts\", \"resources\"]").await;
    classified(&server, "up.echo", "pure").await;
    let before = rules(&server).await;
    let server = server.again().await;
    assert_eq!(rules(&server).await, before, "before the server was looked at");
    until(&server, "/v1/tools/up.echo", |shown| shown["tool"]["offered"] == true).await;
    assert_eq!(rules(&server).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn accepted_tools_are_there_before_their_server_is_and_calls_say_that_it_is_away() {
    let server = Server::at(place(&fixture("fix", ""))).await;
    stands(&server, "fix.echo", "pinned").await;
    classified(&server, "fix.echo", "pure").await;
    // From now on the server cannot be started.
    let written = std::fs::read_to_string(server.place.path("checkrein.toml")).unwrap();
    let words = written.replace("\"stdio\"", "\"nonsense\"");
    std::fs::write(server.place.path("checkrein.toml"), words).unwrap();
    let server = server.again().await;
    let shown = server.sees("/v1/tools/fix.echo").await;
    assert_eq!(
        (&shown["tool"]["standing"], &shown["tool"]["offered"]),
        (&json!("pinned"), &json!(null))
    );
    let answer = calls(&server, "fix.echo", json!({ "text": "x" })).await.envelope();
    assert_eq!((code(&answer), answer.executed.as_str()), ("CR-3009", "no"), "{answer:?}");
    let standing = server.sees("/v1/servers/fix").await;
    assert_eq!(standing["standing"], "waiting", "{standing}");
    assert!(standing["why"].is_string() && standing["again_at_ms"].is_number(), "{standing}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_definition_that_was_changed_on_disk_is_not_used() {
    let up = Upstream::start(Speaks::Modern).await;
    let server = behind(&up, "").await;
    let mut changed = 0;
    for file in std::fs::read_dir(server.place.path("state/data/definitions")).unwrap() {
        let path = file.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        if text.contains("\"echo\"") {
            std::fs::write(&path, text.replace("echo, for tests", "Lists notes.")).unwrap();
            changed += 1;
        }
    }
    assert_eq!(changed, 1);
    // Its server offers it again, and it is as it was.
    let server = server.again().await;
    let shown = until(&server, "/v1/tools/up.echo", |shown| shown["tool"]["offered"] == true).await;
    assert_eq!(
        (&shown["tool"]["standing"], &shown["upstream"]["raw"]["description"]),
        (&json!("pinned"), &json!("echo, for tests"))
    );
}
