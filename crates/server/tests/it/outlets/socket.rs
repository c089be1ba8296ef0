//! Socket Mode: clicks over a connection that Checkrein opened, answered by their envelope, and opened anew when Slack asks.
//! The other side is the stand-in of `slack_stand_in.rs`.

use futures_util::SinkExt as _;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_stream::StreamExt as _;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use super::slack::{Click, buttons, link, standing, told};
use super::slack_stand_in::{Instead, Slack};
use super::{SOON, held_in_prod, outlet, person, start, until};

type Socket = WebSocketStream<TcpStream>;

async fn accept(listener: &TcpListener) -> Socket {
    let (stream, _) = tokio::time::timeout(SOON, listener.accept()).await.unwrap().unwrap();
    let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
    let hello = json!({
        "type": "hello", "num_connections": 1, "connection_info": { "app_id": "A1" },
        "debug_info": { "host": "applink-1", "approximate_connection_time": 18_060 },
    });
    say(&mut socket, hello).await;
    socket
}

async fn say(socket: &mut Socket, value: Value) {
    socket.send(Message::text(value.to_string())).await.unwrap();
}

async fn heard(socket: &mut Socket) -> Message {
    tokio::time::timeout(SOON, socket.next()).await.unwrap().unwrap().unwrap()
}

async fn answer(socket: &mut Socket) -> Value {
    let heard = heard(socket).await;
    serde_json::from_str(heard.to_text().unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_click_comes_over_the_socket_and_over_the_next_one() {
    let mut slack = Slack::start().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/link/?ticket=1&app_id=2", listener.local_addr().unwrap());
    *slack.shared.socket.lock().unwrap() = Some(url);
    slack.instead("apps.connections.open", [Instead::Error("internal_error")]);
    let server = start(&slack.toml("app_token_file = \"secrets/app\"")).await;
    let mut socket = accept(&listener).await;
    until(|| async { (outlet(&server, "slack").await["connection"] == "open").then_some(()) })
        .await;
    person(&server, "ann", &["oncall"]).await;
    link(&server, "ann", "T1/U1").await;
    let (_, first) = held_in_prod(&server, "live\n").await;
    slack.until("chat.postMessage").await;
    told(&server, 1).await;
    let (ts, _) = slack.message();

    socket.send(Message::Ping("1".into())).await.unwrap();
    assert_eq!(heard(&mut socket).await, Message::Pong("1".into()));
    say(&mut socket, json!({ "type": "events_api", "envelope_id": "e-0", "payload": {} })).await;
    assert_eq!(answer(&mut socket).await, json!({ "envelope_id": "e-0" }));

    say(
        &mut socket,
        json!({ "type": "disconnect", "reason": "refresh_requested", "debug_info": {} }),
    )
    .await;
    let mut socket = accept(&listener).await;
    let click = Click::new((&first, &ts), "U1");
    let envelope = json!({
        "type": "interactive", "envelope_id": "e-1", "accepts_response_payload": true, "payload": click.payload(),
    });
    say(&mut socket, envelope.clone()).await;
    assert_eq!(answer(&mut socket).await, json!({ "envelope_id": "e-1" }));
    assert_eq!(standing(&server, &first).await["approval"]["state"], "approved");
    let edited = slack.until("chat.update").await;
    assert_eq!(buttons(&edited), ["checkrein_open"]);

    // A connection that breaks is opened anew, and an envelope that comes twice counts once.
    drop(socket);
    let mut socket = accept(&listener).await;
    say(&mut socket, envelope).await;
    assert_eq!(answer(&mut socket).await, json!({ "envelope_id": "e-1" }));
    assert_eq!(standing(&server, &first).await["approval"]["votes"], 1);
    let dialog = json!({
        "type": "view_submission", "user": { "id": "U1", "team_id": "T1" }, "team": { "id": "T1" },
        "view": {
            "id": "V1", "callback_id": "checkrein_reason", "private_metadata": first,
            "state": { "values": { "reason": { "reason": { "value": "too late" } } } },
        },
    });
    say(&mut socket, json!({ "type": "interactive", "envelope_id": "e-2", "payload": dialog }))
        .await;
    let refused = answer(&mut socket).await;
    assert_eq!(refused["payload"]["response_action"], "errors", "{refused}");
}
