//! The authorization code flow: what a browser is sent to, what may come back, and a person's own browser.
//! What is refused is refused before a code was shown to a token endpoint.

use std::sync::{Arc, Mutex};

use reqwest::Url;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::around::{Rules, World, call, check_refused, oauth, person};
use crate::mcp::credentials::{Browser as _, Loopback, OAuth};

#[tokio::test]
async fn a_login_proves_its_code_and_names_its_resource() {
    let world = World::start(Rules::default()).await;
    let credentials = person(&world, oauth());
    call(&world, &credentials).await.unwrap();
    call(&world, &credentials).await.unwrap();
    assert_eq!(world.shown(), ["", "Bearer access-1-[]", "Bearer access-1-[]"]);

    let came = world.server.came();
    let login = came.iter().find(|came| came.path() == "/authorize").unwrap();
    let resource = format!("{}/mcp", world.server.origin());
    assert_eq!(login.field("response_type").unwrap(), "code");
    assert_eq!(login.field("client_id").unwrap(), "registered-client");
    assert_eq!(login.field("code_challenge_method").unwrap(), "S256");
    assert_eq!(login.field("resource").unwrap(), resource);
    assert_eq!(login.field("scope"), None);
    assert!(login.field("state").unwrap().len() >= 40);
    let [exchange] = &world.exchanges()[..] else { panic!("one exchange") };
    assert_eq!(exchange.field("resource").unwrap(), resource);
    assert_eq!(exchange.field("redirect_uri"), login.field("redirect_uri"));
    assert!(exchange.field("code_verifier").unwrap().len() >= 43);
}

/// The identifier is sent as published: a URL type would have put a slash behind it.
#[tokio::test]
async fn the_resource_is_sent_character_by_character() {
    let rules = Rules { resource: vec![("resource", json!("ORIGIN"))], ..Rules::default() };
    let world = World::start(rules).await;
    call(&world, &person(&world, oauth())).await.unwrap();
    assert_eq!(world.exchanges()[0].field("resource").unwrap(), world.server.origin());
}

#[tokio::test]
async fn without_pkce_nobody_is_sent_to_the_authorization_server() {
    for methods in [Value::Null, json!([]), json!(["plain"])] {
        let field = "code_challenge_methods_supported";
        let rules = Rules { metadata: vec![(field, methods)], ..Rules::default() };
        let world = World::start(rules).await;
        let error = call(&world, &person(&world, oauth())).await.unwrap_err().to_string();
        assert!(error.contains("PKCE"), "{error}");
        assert_eq!(world.count("/authorize"), 0);
    }
}

#[tokio::test]
async fn what_comes_back_must_be_of_this_login_and_of_its_issuer() {
    let advertised = "authorization_response_iss_parameter_supported";
    type Changes<'a> = &'a [(&'static str, Value)];
    let cases: [(Changes<'_>, Changes<'_>, &str); 12] = [
        (&[("state", json!("another"))], &[], "`state`"),
        (&[("state", Value::Null)], &[], "`state`"),
        (&[("iss", json!("https://evil.example.com"))], &[], "another issuer"),
        (
            &[("iss", json!("https://evil.example.com"))],
            &[(advertised, Value::Null)],
            "another issuer",
        ),
        // Compared character by character: RFC 9207 allows no normalization.
        (&[("iss", json!("ORIGIN/"))], &[], "another issuer"),
        (&[("iss", Value::Null)], &[], "does not name its issuer"),
        (&[("code", Value::Null)], &[], "has no code"),
        (&[("code", json!(["a", "b"]))], &[], "twice"),
        (&[("iss", json!(["a", "b"]))], &[], "twice"),
        (&[("error", json!("access_denied"))], &[], "`access_denied`"),
        // Nothing of another issuer's error is repeated, and nothing that is no error word.
        (
            &[("error", json!("access_denied")), ("iss", json!("https://x.example"))],
            &[],
            "another issuer",
        ),
        (&[("error", json!("<b>call this number</b>"))], &[], "`an error`"),
    ];
    for (back, metadata, reason) in cases {
        let rules = Rules { back: back.to_vec(), metadata: metadata.to_vec(), ..Rules::default() };
        check_refused(rules, oauth(), reason).await;
    }
}

#[tokio::test]
async fn an_issuer_that_promises_nothing_may_name_nothing() {
    let field = "authorization_response_iss_parameter_supported";
    let rules = Rules {
        metadata: vec![(field, Value::Null)],
        back: vec![("iss", Value::Null)],
        ..Rules::default()
    };
    let world = World::start(rules).await;
    call(&world, &person(&world, oauth())).await.unwrap();
}

#[tokio::test]
async fn scopes_come_from_the_challenge_then_from_the_operator_then_from_the_server() {
    let published = ("scopes_supported", json!(["p1", "p2"]));
    let challenged = Some("Bearer scope=\"c1 c2\"");
    let operator = || OAuth { scopes: vec!["o1".to_owned()], ..oauth() };
    let cases = [
        (challenged, oauth(), "c1 c2"),
        (challenged, operator(), "c1 c2 o1"),
        (None, oauth(), "p1 p2"),
        (None, operator(), "o1"),
    ];
    for (challenge, oauth, expect) in cases {
        let rules = Rules { challenge, resource: vec![published.clone()], ..Rules::default() };
        let world = World::start(rules).await;
        call(&world, &person(&world, oauth)).await.unwrap();
        assert_eq!(*world.rules().asked.lock().unwrap(), [expect]);
    }
}

#[tokio::test]
async fn offline_access_is_asked_for_only_where_it_is_offered() {
    for (offered, expect) in
        [(json!(["a", "offline_access"]), "a offline_access"), (json!(["a"]), "a")]
    {
        let rules = Rules {
            challenge: Some("Bearer scope=a"),
            metadata: vec![("scopes_supported", offered)],
            ..Rules::default()
        };
        let world = World::start(rules).await;
        call(&world, &person(&world, oauth())).await.unwrap();
        assert_eq!(*world.rules().asked.lock().unwrap(), [expect]);
    }
}

#[tokio::test]
async fn login_asks_the_server_first_and_needs_no_refused_call() {
    let world = World::start(Rules { challenge: Some("Bearer scope=a"), ..Rules::default() }).await;
    let credentials = person(&world, oauth());
    credentials.login().await.unwrap();
    credentials.login().await.unwrap();
    call(&world, &credentials).await.unwrap();
    assert_eq!(*world.rules().asked.lock().unwrap(), ["a", "a"]);
    assert_eq!(world.count("/register"), 1);
    assert_eq!(world.shown(), ["", "", "Bearer access-2-[a]"]);
}

async fn browse(address: &Url, request: &str) -> String {
    let port = address.port().unwrap();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    // A listener that hangs up early has said all it has to say.
    let _ended = stream.read_to_string(&mut answer).await;
    answer
}

#[tokio::test]
async fn a_persons_browser_brings_back_what_it_was_sent() {
    let shown = Arc::new(Mutex::new(Vec::new()));
    let show = Arc::clone(&shown);
    let loopback =
        Loopback::bind(0, move |url| show.lock().unwrap().push(url.to_string())).await.unwrap();
    let place = loopback.redirect_uri().clone();
    assert_eq!(place.host_str(), Some("127.0.0.1"));
    let login = Url::parse("https://auth.example.com/authorize?x=1").unwrap();
    let browser = async {
        for stray in [
            "GET /favicon.ico HTTP/1.1\r\n\r\n",
            "POST /callback?code=x HTTP/1.1\r\n\r\n",
            "GET /callback HTTP/1.1\r\n\r\n",
            "GET http://evil.example/callback?code=x HTTP/1.1\r\n\r\n",
            "GET //evil.example/callback?code=x HTTP/1.1\r\n\r\n",
            "nonsense\r\n\r\n",
        ] {
            let answer = browse(&place, stray).await;
            assert!(answer.starts_with("HTTP/1.1 404"), "{stray}: {answer}");
        }
        let large = format!("GET /callback?code={} HTTP/1.1\r\n", "x".repeat(40_000));
        let answer = browse(&place, &large).await;
        assert!(!answer.starts_with("HTTP/1.1 200"), "{answer}");
        browse(&place, "GET /callback?code=a&state=b HTTP/1.1\r\nhost: x\r\n\r\n").await
    };
    let (back, answer) = tokio::join!(loopback.open(login.clone()), browser);
    assert_eq!(back.unwrap().query(), Some("code=a&state=b"));
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(*shown.lock().unwrap(), [login.to_string()]);
}
