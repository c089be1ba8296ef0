//! Is a server that changes all its tools without end set aside, with nothing else waiting for it, and taken in again when a
//! person says so?
//! The server is a real process whose tools are others whenever they are listed.

use std::time::Duration;

use serde_json::json;

use super::{calls, classified, fixture, place, seen_by_agents, stands, until};
use crate::world::{Server, code};

const TOOLS: usize = 4_000;
/// More than ten thousand entries are written until it is too much, by a server that may be built for tests.
const PATIENCE: Duration = Duration::from_secs(900);
/// How often the other server is looked at meanwhile; listing thousands of tools all the time would be what slows it.
const LOOKS: usize = 20;

fn definitions_kept(server: &Server) -> usize {
    std::fs::read_dir(server.place.path("state/data/definitions")).unwrap().count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_never_rests_is_set_aside_and_harms_no_other() {
    let restless = fixture("restless", &format!(", \"--tools\", \"{TOOLS}\", \"--restless\""));
    let server = Server::at(place(&format!("{restless}{}", fixture("fix", "")))).await;
    stands(&server, "fix.echo", "pinned").await;
    classified(&server, "fix.echo", "pure").await;
    let echo = || calls(&server, "fix.echo", json!({ "text": "x" }));
    let set_aside = async {
        let mut looks = 0..LOOKS;
        loop {
            // The other one is offered and answers, whatever this one does.
            assert_eq!(code(&echo().await.envelope()), "");
            if looks.next().is_some() {
                assert!(seen_by_agents(&server).await.contains(&"fix.echo".to_owned()));
            }
            let shown = server.sees("/v1/servers/restless").await;
            if shown["standing"] == "changes_too_often" {
                return shown;
            }
        }
    };
    let shown = tokio::time::timeout(PATIENCE, set_aside).await.expect("it is never set aside");
    assert!(shown["why"].as_str().unwrap().contains("servers restart"), "{shown}");
    assert!(!seen_by_agents(&server).await.iter().any(|tool| tool.starts_with("restless.")));
    let held = stands(&server, "restless.append", "held_back").await;
    assert_eq!(held["tool"]["offered"], false);
    let refused = calls(&server, "restless.append", json!({ "text": "x" })).await.envelope();
    assert_eq!((code(&refused), refused.executed.as_str()), ("CR-3011", "no"), "{refused:?}");
    // What is kept is what was accepted and what was offered last, however often it changed.
    let pins = server.sees("/v1/servers/restless").await["tools"].as_u64().unwrap()
        + server.sees("/v1/servers/fix").await["tools"].as_u64().unwrap();
    let kept = u64::try_from(definitions_kept(&server)).unwrap();
    assert!(kept <= 2 * pins && pins < u64::try_from(TOOLS).unwrap() + 200, "{kept} of {pins}");
    // Nothing more is recorded of it.
    let head = server.sees("/v1/journal/head").await["position"].clone();
    for _ in 0..100 {
        server.sees("/v1/servers").await;
    }
    assert_eq!(server.sees("/v1/journal/head").await["position"], head);
    server.does("/v1/servers/restless/restart", json!({})).await;
    until(&server, "/v1/servers/restless", |shown| {
        shown["standing"] != "changes_too_often" && shown["starts"] == 2
    })
    .await;
    assert_eq!(code(&echo().await.envelope()), "");
}
