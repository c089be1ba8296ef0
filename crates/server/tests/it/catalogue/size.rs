//! Is a server with as many tools as one can have taken in, in bounded time, with nothing else waiting for it?
//! Sizes are those of `domain::limits`.

use std::time::Instant;

use serde_json::json;

use super::{calls, classified, fixture, place, stands, until};
use crate::world::{Server, code};

#[tokio::test(flavor = "multi_thread")]
async fn a_server_with_thousands_of_tools_is_taken_in_and_is_there_at_the_next_start() {
    let many = fixture("many", ", \"--tools\", \"2000\", \"--page\", \"500\"");
    let server = Server::at(place(&format!("{many}{}", fixture("fix", "")))).await;
    stands(&server, "fix.echo", "pinned").await;
    let seen =
        until(&server, "/v1/servers/many", |shown| shown["tools"].as_u64().unwrap() >= 2_000).await;
    assert_eq!(seen["held_back"], 0, "{seen}");
    stands(&server, "many.generated_01999", "pinned").await;
    classified(&server, "fix.echo", "pure").await;
    assert_eq!(code(&calls(&server, "fix.echo", json!({ "text": "x" })).await.envelope()), "");
    let begun = Instant::now();
    let server = server.again().await;
    let known = server.sees("/v1/tools/many.generated_01999").await;
    assert_eq!(known["tool"]["standing"], "pinned");
    assert!(begun.elapsed() < super::PATIENCE, "{:?}", begun.elapsed());
}
