//! Which URLs and names a client reaches, with a resolver that lies.
//! Nothing is sent anywhere but to loopback: what a name leads to is judged before anybody connects.

use std::io;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use gate::Later;
use reqwest::Url;
use reqwest::dns::Resolve as _;

use super::super::reach::{Border, Names};
use super::super::{FetchError, Guarded, Lookup, Request, Why};
use super::server::{Answer, Server};

/// Answers each question with the next of its answers, and the last one for ever.
struct Lying {
    answers: Mutex<Vec<Vec<IpAddr>>>,
    asked: AtomicUsize,
}

impl Lying {
    fn new(answers: &[&[&str]]) -> Arc<Self> {
        let parse = |list: &&[&str]| list.iter().map(|text| text.parse().unwrap()).collect();
        let answers = Mutex::new(answers.iter().map(parse).collect());
        Arc::new(Self { answers, asked: AtomicUsize::new(0) })
    }
}

impl Lookup for Lying {
    fn lookup(&self, _name: String) -> Later<'static, io::Result<Vec<IpAddr>>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let mut answers = self.answers.lock().unwrap();
        let answer = match answers.len() {
            1 => answers[0].clone(),
            _ => answers.remove(0),
        };
        Box::pin(async move { Ok(answer) })
    }
}

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

/// Why the client of `configured` does not send to `to`, where names lead to `answers` one after the other.
async fn refused(configured: &str, to: &str, answers: &[&[&str]]) -> Why {
    let guarded = Guarded::with_lookup(&url(configured), Lying::new(answers)).unwrap();
    let error = guarded.send(Request::get(url(to))).await.unwrap_err();
    let FetchError::Refused { why, .. } = error else { panic!("{configured} {to}: {error}") };
    why
}

#[test]
fn configured_urls_are_https_or_on_this_machine() {
    let check = |text: &str| Guarded::with_lookup(&url(text), Lying::new(&[&[]])).is_ok();
    for good in [
        "https://mcp.example.com/mcp",
        "https://10.0.0.5/mcp",
        "https://[fd12::1]:8443/mcp",
        "http://localhost:3000/mcp",
        "http://a.localhost/mcp",
        "http://127.0.0.1:3000/mcp",
        "http://[::1]:3000/mcp",
        // Other ways to write 127.0.0.1.
        "http://2130706433/mcp",
        "http://0x7f.1/mcp",
    ] {
        assert!(check(good), "{good}");
    }
    for bad in [
        "http://mcp.example.com/mcp",
        "http://10.0.0.5/mcp",
        "http://localhost.example.com/mcp",
        "https://user@mcp.example.com/mcp",
        "https://user:word@mcp.example.com/mcp",
        "https://169.254.169.254/latest",
        "https://0.0.0.0/",
        "https://[fe80::1]/",
        "ftp://mcp.example.com/",
        "file:///etc/passwd",
        "unix:/run/x",
    ] {
        assert!(!check(bad), "{bad}");
    }
}

#[tokio::test]
async fn a_public_server_sends_nobody_into_the_own_network() {
    let server = "https://mcp.example.com/mcp";
    for to in [
        "https://127.0.0.1/",
        "https://localhost/",
        "https://a.localhost./",
        "https://10.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://169.254.169.254/",
        "https://2852039166/",
    ] {
        let why = refused(server, to, &[&["1.1.1.1"]]).await;
        assert!(matches!(why, Why::Place { .. }), "{to}: {why}");
    }
    for address in ["127.0.0.1", "10.0.0.1", "169.254.169.254", "fd00::1", "::1", "0.0.0.0"] {
        let why = refused(server, "https://auth.example.com/", &[&[address]]).await;
        assert!(matches!(why, Why::Place { .. }), "{address}: {why}");
    }
    assert_eq!(refused(server, "http://auth.example.com/", &[&["1.1.1.1"]]).await, Why::Scheme);
    assert_eq!(refused(server, "https://a:b@x.example/", &[&["1.1.1.1"]]).await, Why::UserInfo);
    let long = format!("https://x.example/{}", "a".repeat(9_000));
    assert_eq!(refused(server, &long, &[&["1.1.1.1"]]).await, Why::Form);
}

#[tokio::test]
async fn a_name_with_public_and_other_addresses_is_refused() {
    let server = "https://mcp.example.com/mcp";
    let why = refused(server, server, &[&["1.1.1.1", "10.0.0.1"]]).await;
    assert_eq!(why, Why::Mixed);
    let why = refused(server, server, &[&["1.1.1.1", "169.254.169.254"]]).await;
    assert!(matches!(why, Why::Place { .. }), "{why}");
}

#[tokio::test]
async fn a_configured_name_never_stands_for_this_machine_or_its_metadata() {
    let server = "https://mcp.example.com/mcp";
    for address in ["127.0.0.1", "::1", "169.254.169.254", "100.100.100.200", "0.0.0.0"] {
        let why = refused(server, server, &[&[address]]).await;
        assert!(matches!(why, Why::Place { .. }), "{address}: {why}");
    }
}

/// A name that led to a public address once leads nowhere else later: DNS rebinding.
#[tokio::test]
async fn a_configured_name_that_moves_into_the_own_network_is_refused() {
    let lookup = Lying::new(&[&["1.1.1.1"], &["10.0.0.1"], &["127.0.0.1"], &["1.0.0.1"]]);
    let border = Border::new(&url("https://mcp.example.com/mcp"), lookup).unwrap();
    let border = Arc::new(border);
    let ask = || asked(&border, "MCP.example.com.");
    assert_eq!(ask().await, Ok(1));
    assert!(matches!(ask().await, Err(Why::Moved { .. })));
    assert!(matches!(ask().await, Err(Why::Place { .. })));
    assert_eq!(ask().await, Ok(1));
}

/// How many addresses a name gives to connect to.
async fn asked(border: &Arc<Border>, name: &str) -> Result<usize, Why> {
    let found = Names(Arc::clone(border)).resolve(name.parse().unwrap()).await;
    found.map(Iterator::count).map_err(|error| error.downcast_ref::<Why>().unwrap().clone())
}

#[tokio::test]
async fn beside_a_private_server_private_addresses_are_reached_and_this_machine_is_not() {
    let server = url("https://10.0.0.5/mcp");
    let lookup = Lying::new(&[&["10.0.0.6"], &["1.1.1.1"], &["127.0.0.1"]]);
    let border = Arc::new(Border::new(&server, lookup).unwrap());
    assert_eq!(asked(&border, "auth.corp").await, Ok(1));
    assert_eq!(asked(&border, "auth.example.com").await, Ok(1));
    assert!(matches!(asked(&border, "auth.corp").await, Err(Why::Place { .. })));
    assert!(matches!(asked(&border, "localhost").await, Err(Why::Place { .. })));
    for to in ["https://localhost/", "https://127.0.0.1/", "http://10.0.0.5/"] {
        refused("https://10.0.0.5/mcp", to, &[&["1.1.1.1"]]).await;
    }
    // A configured name that is private from the first is so too.
    let server = url("https://mcp.corp/mcp");
    let lookup = Lying::new(&[&["10.0.0.5"], &["10.0.0.6"], &["1.1.1.1"]]);
    let border = Arc::new(Border::new(&server, lookup).unwrap());
    assert_eq!(asked(&border, "mcp.corp").await, Ok(1));
    assert_eq!(asked(&border, "auth.corp").await, Ok(1));
    assert!(matches!(asked(&border, "mcp.corp").await, Err(Why::Moved { .. })));
}

#[tokio::test]
async fn localhost_is_this_machine_whatever_a_resolver_says() {
    let server = Server::start(|_, _| Answer::new(200, "here")).await;
    let lookup = Lying::new(&[&["1.1.1.1"]]);
    let guarded = Guarded::with_lookup(&server.url, Arc::clone(&lookup) as _).unwrap();
    let response = guarded.send(Request::get(server.url.clone())).await.unwrap();
    assert_eq!(response.status, 200);
    assert_eq!(lookup.asked.load(Ordering::SeqCst), 0);
    // And from there the own network stays closed.
    let error = guarded.send(Request::get(url("https://10.0.0.1/"))).await.unwrap_err();
    assert!(matches!(error, FetchError::Refused { .. }), "{error}");
    let error = guarded.send(Request::get(url("http://example.com/"))).await.unwrap_err();
    assert!(matches!(error, FetchError::Refused { .. }), "{error}");
}

#[tokio::test]
async fn a_name_without_address_or_with_too_many_is_unreached() {
    let many: Vec<String> = (0..65).map(|last| format!("1.1.1.{last}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    for answers in [&[][..], &many] {
        let server = url("https://mcp.example.com/mcp");
        let guarded = Guarded::with_lookup(&server, Lying::new(&[answers])).unwrap();
        let error = guarded.send(Request::get(server)).await.unwrap_err();
        assert!(matches!(error, FetchError::Unreached { .. }), "{error}");
        assert!(error.certainly_unsent());
    }
}
