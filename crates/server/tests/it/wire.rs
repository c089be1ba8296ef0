//! Is what clients read exactly what the gate gives?
//! Envelopes of calls that ran, wait and failed are read into `wire::Answer` and written again.

use checkrein_server::wire::Answer;

use crate::world::{Server, writes};

#[tokio::test(flavor = "multi_thread")]
async fn an_envelope_is_read_and_written_without_loss() {
    let server = Server::start().await;
    for body in [writes("a.txt", "x\n"), writes("prod/a.txt", "x\n"), writes("../a", "x")] {
        let said = server.post("/v1/calls", &server.keys.agent, body).await;
        let read: Answer = serde_json::from_value(said.body.clone()).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), said.body);
    }
}
