//! What follows when a token ends or is refused: renewal, step-up, another authorization server, and an end of it.
//! How often somebody is asked is counted at the authorization server.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde_json::{Value, json};

use super::around::{Following, ISSUER, RESOURCE, Rules, World, around, call, name, oauth, person};
use crate::mcp::credentials::{Around, CredentialError, Credentials, Next, Source};
use crate::mcp::guarded::tests::server::{Answer, Server};

fn kinds(world: &World) -> Vec<String> {
    world.exchanges().iter().map(|came| came.field("grant_type").unwrap()).collect()
}

fn revoke(world: &World, token: &str) {
    world.rules().revoked.lock().unwrap().push(token.to_owned());
}

#[tokio::test]
async fn an_ending_token_is_renewed_before_the_request_and_the_refresh_token_rotates() {
    let rules = Rules { token: vec![("expires_in", json!(20))], ..Rules::default() };
    let world = World::start(rules).await;
    let credentials = person(&world, oauth());
    for _ in 0..3 {
        call(&world, &credentials).await.unwrap();
    }
    // No request but the very first was refused.
    assert_eq!(world.shown().iter().filter(|shown| shown.is_empty()).count(), 1);
    let kinds = kinds(&world);
    assert_eq!(kinds[0], "authorization_code");
    assert!(kinds.len() >= 3 && kinds[1..].iter().all(|kind| kind == "refresh_token"), "{kinds:?}");
    let resource = format!("{}/mcp", world.server.origin());
    for (number, came) in world.exchanges()[1..].iter().enumerate() {
        assert_eq!(came.field("refresh_token").unwrap(), format!("refresh-{}", number + 1));
        assert_eq!(came.field("resource").unwrap(), resource);
    }
}

#[tokio::test]
async fn a_refused_token_is_refreshed_once_and_then_a_login_follows() {
    let world = World::start(Rules::default()).await;
    let credentials = person(&world, oauth());
    call(&world, &credentials).await.unwrap();
    revoke(&world, "access-1-[]");
    call(&world, &credentials).await.unwrap();
    assert_eq!(kinds(&world), ["authorization_code", "refresh_token"]);

    // A refresh token that is taken no more leads to a login.
    revoke(&world, "access-2-[]");
    world.rules().refreshable.lock().unwrap().clear();
    call(&world, &credentials).await.unwrap();
    let expect = ["authorization_code", "refresh_token", "refresh_token", "authorization_code"];
    assert_eq!(kinds(&world), expect);

    // A refreshed token that is refused too leads to a login, not to another refresh.
    revoke(&world, "access-3-[]");
    revoke(&world, "access-4-[]");
    call(&world, &credentials).await.unwrap();
    assert_eq!(kinds(&world)[4..], ["refresh_token", "authorization_code"]);
}

/// A refresh token that an answer leaves out stays; RFC 6749, section 6.
#[tokio::test]
async fn a_refresh_token_that_is_not_replaced_stays() {
    let rules = Rules {
        token: vec![("refresh_token", json!("the-lasting-one")), ("expires_in", Value::Null)],
        ..Rules::default()
    };
    rules
        .refreshable
        .lock()
        .unwrap()
        .extend(["the-lasting-one", "the-lasting-one"].map(String::from));
    let world = World::start(rules).await;
    let credentials = person(&world, oauth());
    call(&world, &credentials).await.unwrap();
    for number in 1..3 {
        revoke(&world, &format!("access-{number}-[]"));
        call(&world, &credentials).await.unwrap();
    }
    assert_eq!(kinds(&world)[1..], ["refresh_token", "refresh_token"]);
}

/// A refresh token that was refused early took the access token with it, although that was still good.
#[tokio::test]
async fn an_access_token_is_used_to_its_end_although_its_refresh_token_is_refused() {
    let rules = Rules { token: vec![("expires_in", json!(20))], ..Rules::default() };
    let world = World::start(rules).await;
    let credentials = person(&world, oauth());
    call(&world, &credentials).await.unwrap();
    world.rules().refreshable.lock().unwrap().clear();
    call(&world, &credentials).await.unwrap();
    call(&world, &credentials).await.unwrap();
    // It was renewed once at first, and then in vain, once.
    assert_eq!(kinds(&world), ["authorization_code", "refresh_token", "refresh_token"]);
    assert_eq!(world.shown()[1..], ["Bearer access-2-[]"; 3]);
}

#[tokio::test]
async fn a_request_that_lacks_a_scope_stops_no_other_request() {
    let world = World::start(Rules { challenge: Some("Bearer scope=a"), ..Rules::default() }).await;
    let credentials = person(&world, oauth());
    call(&world, &credentials).await.unwrap();
    let mut attempt = credentials.request();
    attempt.headers().await.unwrap();
    let mut headers = reqwest::header::HeaderMap::new();
    let lacks = "Bearer error=\"insufficient_scope\", scope=\"a\"";
    headers.insert("www-authenticate", lacks.parse().unwrap());
    let next = attempt.refused(reqwest::StatusCode::FORBIDDEN, &headers).await;
    assert!(matches!(next, Next::GiveUp(_)), "{next:?}");
    revoke(&world, "access-1-[a]");
    call(&world, &credentials).await.unwrap();
}

#[tokio::test]
async fn a_server_that_takes_no_token_is_given_up_after_one_login() {
    let rules = Rules { token: vec![("access_token", json!("taken-nowhere"))], ..Rules::default() };
    let world = World::start(rules).await;
    let credentials = person(&world, oauth());
    let error = call(&world, &credentials).await.unwrap_err();
    assert!(matches!(error, CredentialError::Refused { status: 401, .. }), "{error}");
    assert_eq!(world.count("/authorize"), 1);
    // And for a while nobody is asked again, however many calls come.
    for _ in 0..5 {
        call(&world, &credentials).await.unwrap_err();
    }
    assert_eq!(world.count("/authorize"), 1);
    assert_eq!(world.count(ISSUER), 1);
}

#[tokio::test]
async fn requests_that_are_refused_together_renew_once() {
    let world = World::start(Rules::default()).await;
    let credentials = person(&world, oauth());
    let mut attempts: Vec<_> = (0..8).map(|_| credentials.request()).collect();
    for attempt in &mut attempts {
        assert!(attempt.headers().await.unwrap().is_empty());
    }
    let refused = attempts.iter_mut().map(|attempt| async {
        let next = attempt.refused(reqwest::StatusCode::UNAUTHORIZED, &Default::default()).await;
        assert!(matches!(next, Next::Retry), "{next:?}");
    });
    let mut set = Vec::from_iter(refused.map(Box::pin));
    for one in &mut set {
        one.await;
    }
    assert_eq!(world.count("/authorize"), 1);
}

#[tokio::test]
async fn missing_scopes_are_added_to_those_before() {
    let rules = Rules {
        challenge: Some("Bearer scope=\"basic\""),
        scope: Some("write"),
        ..Rules::default()
    };
    let world = World::start(rules).await;
    call(&world, &person(&world, oauth())).await.unwrap();
    assert_eq!(*world.rules().asked.lock().unwrap(), ["basic", "basic write"]);
}

#[tokio::test]
async fn a_scope_that_was_asked_for_in_vain_is_not_asked_for_again() {
    let rules = Rules {
        challenge: Some("Bearer scope=\"admin\""),
        scope: Some("admin"),
        token: vec![("access_token", json!("access-without-scope"))],
        ..Rules::default()
    };
    let world = World::start(rules).await;
    let error = call(&world, &person(&world, oauth())).await.unwrap_err();
    assert!(matches!(error, CredentialError::Refused { status: 403, .. }), "{error}");
    assert!(error.to_string().contains("insufficient_scope"), "{error}");
    assert_eq!(world.count("/authorize"), 1);
}

#[tokio::test]
async fn a_server_that_wants_ever_more_scopes_is_given_up() {
    let world = World::start(Rules::default()).await;
    let credentials = person(&world, oauth());
    call(&world, &credentials).await.unwrap();
    let mut attempt = credentials.request();
    let mut refusals = 0;
    let why = loop {
        attempt.headers().await.unwrap();
        let mut headers = reqwest::header::HeaderMap::new();
        let more = format!("Bearer error=\"insufficient_scope\", scope=\"more{refusals}\"");
        headers.insert("www-authenticate", more.parse().unwrap());
        refusals += 1;
        match attempt.refused(reqwest::StatusCode::FORBIDDEN, &headers).await {
            Next::Retry => {}
            Next::GiveUp(why) => break why,
        }
    };
    assert!(matches!(why, CredentialError::Refused { status: 403, .. }), "{why}");
    assert_eq!(refusals, 4);
    assert_eq!(world.count("/authorize"), 4);
}

#[tokio::test]
async fn a_403_that_names_no_scope_is_final() {
    for challenge in ["Bearer", "Bearer error=\"insufficient_scope\"", "Bearer scope=\"more\""] {
        let world = World::start(Rules::default()).await;
        let credentials = person(&world, oauth());
        call(&world, &credentials).await.unwrap();
        let mut attempt = credentials.request();
        attempt.headers().await.unwrap();
        let mut headers = reqwest::header::HeaderMap::new();
        headers.insert("www-authenticate", challenge.parse().unwrap());
        let next = attempt.refused(reqwest::StatusCode::FORBIDDEN, &headers).await;
        assert!(matches!(next, Next::GiveUp(_)), "{challenge}");
        assert_eq!(world.count("/authorize"), 1, "{challenge}");
    }
}

/// Another issuer in the resource's metadata: the client and the tokens of the first are shown to it never.
#[tokio::test]
async fn another_authorization_server_gets_a_client_and_tokens_of_its_own() {
    let second = World::start(Rules {
        registration: vec![("client_id", json!("second-client"))],
        token: vec![("access_token", json!("access-of-the-second"))],
        ..Rules::default()
    })
    .await;
    let first = World::start(Rules::default()).await;
    let credentials = person(&first, oauth());
    call(&first, &credentials).await.unwrap();
    let moved =
        json!({"resource": "ORIGIN/mcp", "authorization_servers": [second.server.origin()]});
    first.rules().documents.lock().unwrap().insert(RESOURCE.to_owned(), moved);
    revoke(&first, "access-1-[]");
    call(&first, &credentials).await.unwrap();

    assert_eq!(second.count("/register"), 1);
    let [exchange] = &second.exchanges()[..] else { panic!("one exchange") };
    assert_eq!(exchange.field("client_id").unwrap(), "second-client");
    assert_eq!(first.exchanges().len(), 1);
    for came in second.server.came() {
        let text = format!("{came:?}");
        assert!(!text.contains("registered-client") && !text.contains("refresh-1"), "{text}");
    }
    assert_eq!(first.shown().last().unwrap(), "Bearer access-of-the-second");
}

#[tokio::test]
async fn answers_without_a_usable_bearer_token_are_refused() {
    let cases = [
        ("token_type", json!("mac"), "Bearer"),
        ("token_type", Value::Null, "Bearer"),
        ("access_token", Value::Null, "no usable"),
        ("access_token", json!("short"), "no usable"),
        ("access_token", json!("with a blank in it"), "no usable"),
        ("access_token", json!("line\r\nx-injected: 1"), "no usable"),
        ("access_token", json!("x".repeat(20_000)), "no usable"),
        ("access_token", json!(7), "no usable"),
    ];
    for (field, value, reason) in cases {
        let world = World::start(Rules { token: vec![(field, value)], ..Rules::default() }).await;
        let error = call(&world, &person(&world, oauth())).await.unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
        assert_eq!(world.shown(), [""]);
    }
}

#[tokio::test]
async fn the_gateway_cannot_log_in_and_says_who_can() {
    let world = World::start(Rules::default()).await;
    let source = Source::OAuth(Box::new(oauth()));
    let credentials = Credentials::new(name(), source, around(&world)).unwrap();
    let error = call(&world, &credentials).await.unwrap_err();
    assert!(error.needs_login());
    assert!(error.to_string().contains("checkrein servers login server"), "{error}");
    assert_eq!(world.count("/register"), 0);
}

/// A rotated refresh token was lost when the call that renewed it was cancelled.
#[tokio::test]
async fn a_renewal_ends_even_if_nobody_waits_for_it() {
    let world = World::start(Rules::default()).await;
    let browser = Following::new(&world);
    let around = Around { browser: Some(Arc::clone(&browser) as _), ..around(&world) };
    let source = Source::OAuth(Box::new(oauth()));
    let credentials = Credentials::new(name(), source, around).unwrap();
    let mut attempt = credentials.request();
    attempt.headers().await.unwrap();
    let headers = Default::default();
    {
        let refused = attempt.refused(reqwest::StatusCode::UNAUTHORIZED, &headers);
        tokio::pin!(refused);
        // Polled once, so that it begins, and dropped.
        assert!(futures_poll(refused.as_mut()).await);
    }
    // Whoever asks next waits for the renewal that goes on, and makes none of its own.
    while credentials.request().headers().await.unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(browser.opened.load(Ordering::SeqCst), 1);
}

/// Whether it is still waiting after one poll.
async fn futures_poll(mut future: std::pin::Pin<&mut impl Future>) -> bool {
    std::future::poll_fn(|ctx| std::task::Poll::Ready(future.as_mut().poll(ctx).is_pending())).await
}

#[tokio::test]
async fn what_an_authorization_server_says_is_cut_to_its_error_word() {
    let errors = [
        (json!({"error": "slow_down", "error_description": "hidden-token"}), "`slow_down`"),
        (json!({"error": "a secret hidden-token"}), "`status 400`"),
        (json!("hidden-token"), "`status 400`"),
    ];
    for (body, expect) in errors {
        let refusing = Server::start(move |_, _| Answer::new(400, body.to_string())).await;
        let place = json!(format!("{}/token", refusing.origin()));
        let rules = Rules { metadata: vec![("token_endpoint", place)], ..Rules::default() };
        let world = World::start(rules).await;
        let error = call(&world, &person(&world, oauth())).await.unwrap_err().to_string();
        assert!(error.contains(expect) && !error.contains("hidden"), "{error}");
    }
}
