//! The connecting proxy: named hosts on named ports at allowed addresses, and a record of everything that was tried.
//! All hosts are this machine; nothing outside of it is connected to.

use std::net::SocketAddr;

use checkrein_runner::{Contact, HostRule, Network};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::support::{Place, assert_code, escapes_program, out, payload, place};

/// A server outside that answers every request with what it was asked.
pub(crate) async fn server() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut asked = vec![0; 4096];
                let length = stream.read(&mut asked).await.unwrap_or(0);
                let text = String::from_utf8_lossy(&asked[..length]).replace("\r\n", "|");
                let answer =
                    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{text}", text.len());
                let _gone = stream.write_all(answer.as_bytes()).await;
            });
        }
    });
    address
}

pub(crate) fn rule(host: &str, port: u16, private_allowed: bool) -> HostRule {
    HostRule { host: host.into(), port, private_allowed }
}

fn networked(rules: Vec<HostRule>) -> Place {
    let mut place = place();
    place.order.network = Network::Hosts(rules);
    place.order.reads = vec![escapes_program()];
    place
}

/// A request to the proxy by hand, in the shell of the jail, with `|` for each end of a line.
pub(crate) fn ask(request: &str) -> String {
    format!("{} ask '{request}'", escapes_program().display())
}

#[tokio::test]
async fn named_host_is_reached_by_both_ways() {
    let server = server().await;
    let port = server.port();
    let place = networked(vec![rule("localhost", port, true)]);
    let tunnel = ask(&format!("CONNECT LocalHost:{port} HTTP/1.1||hello"));
    let plain = ask(&format!(
        "GET http://localhost:{port}/a?b HTTP/1.1|Host: other|Proxy-Authorization: x||"
    ));
    let finished = place.shell(&format!("{tunnel}; {plain}")).await;
    assert_code(&finished, 0);
    let said = out(&finished);
    assert!(
        said.contains("200 Connection established") && said.contains("\r\n\r\nhello"),
        "{said}"
    );
    let forwarded = format!("GET /a?b HTTP/1.1|Host: localhost:{port}|Connection: close||");
    assert!(said.contains(&forwarded), "{said}");
    let hosts: Vec<(&str, bool)> =
        finished.network.iter().map(|one| (one.host.as_str(), one.reached)).collect();
    assert_eq!(hosts, [("LocalHost", true), ("localhost", true)]);
}

#[tokio::test]
async fn programs_find_the_proxy_by_their_environment() {
    let server = server().await;
    let place =
        networked(vec![rule("localhost.", server.port(), true), rule("elsewhere", 80, false)]);
    let finished = place.shell("echo $http_proxy $HTTPS_PROXY $no_proxy").await;
    let expect = "http://127.0.0.1:3128 http://127.0.0.1:3128 localhost,127.0.0.1,::1\n";
    assert_eq!(out(&finished), expect);
}

#[tokio::test]
async fn what_is_not_named_is_refused_and_recorded() {
    let server = server().await;
    let port = server.port();
    let place = networked(vec![rule("localhost", port, false), rule("localhost", 1, true)]);
    let requests = [
        format!("CONNECT example.com:{port} HTTP/1.1||"),
        "CONNECT localhost:22 HTTP/1.1||".to_owned(),
        format!("CONNECT localhost:{port} HTTP/1.1||"),
        format!("CONNECT 127.0.0.1:{port} HTTP/1.1||"),
        "CONNECT localhost:1 HTTP/1.1||".to_owned(),
        "BREW / HTCPCP/1.0||".to_owned(),
    ];
    let script: Vec<String> = requests.iter().map(|request| ask(request)).collect();
    let finished = place.shell(&script.join("; ")).await;
    let said = out(&finished);
    assert!(!said.contains("200"), "{said}");
    assert_eq!(said.matches("403 Forbidden").count(), 4, "{said}");
    assert_eq!(said.matches("502 Bad Gateway").count(), 1, "{said}");
    assert_eq!(said.matches("400 Bad Request").count(), 1, "{said}");
    let contact = |host: &str, port, why: &str| Contact {
        host: host.into(),
        port,
        reached: false,
        why: why.into(),
    };
    let found = &finished.network;
    assert_eq!(found.len(), 5, "{found:?}");
    assert!(found.contains(&contact("example.com", port, "the host is not allowed")));
    assert!(found.contains(&contact("localhost", 22, "the port is not allowed")));
    assert!(found.contains(&contact("127.0.0.1", port, "the host is not allowed")));
    let named = found.iter().find(|one| one.host == "localhost" && one.port == port).unwrap();
    assert!(named.why.ends_with("is private to this machine or network"), "{named:?}");
}

#[tokio::test]
async fn proxy_is_the_only_way_out() {
    let server = server().await;
    let place = networked(vec![rule("localhost", server.port(), true)]);
    for (attack, about) in [
        ("tcp", server.to_string()),
        ("udp", "127.0.0.53:53".into()),
        ("tcp", "1.1.1.1:443".into()),
    ] {
        let finished = payload(&place.order, attack, &about).await.unwrap();
        assert!(out(&finished).starts_with("refused"), "{attack} {}", out(&finished));
        assert_eq!(finished.network, []);
    }
}

/// Two jails have the same port each in a network of its own.
#[tokio::test]
async fn jails_do_not_share_a_proxy() {
    let server = server().await;
    let one = networked(vec![rule("localhost", server.port(), true)]);
    let other = networked(vec![rule("elsewhere.example", 443, false)]);
    let script = ask(&format!("CONNECT localhost:{} HTTP/1.1||", server.port()));
    let (one, other) = tokio::join!(one.shell(&script), other.shell(&script));
    assert!(out(&one).contains("200 Connection"), "{one:?}");
    assert!(out(&other).contains("403 Forbidden"), "{other:?}");
    assert_eq!((one.network[0].reached, other.network[0].reached), (true, false));
}
