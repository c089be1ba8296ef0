//! Redirects, bounds and time limits against a real server, and what may be said of what went wrong.
//! Everything goes over loopback.

use std::time::Duration;

use domain::limits;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};

use super::super::{Bound, FetchError, Guarded, Request};
use super::server::{Answer, Server};

const BOUND: Bound = Bound { bytes: 100, within: Duration::from_secs(30) };
const SHORT: Duration = Duration::from_millis(50);

async fn get(server: &Server, path: &str) -> Result<Vec<u8>, FetchError> {
    let guarded = Guarded::new(&server.url).unwrap();
    guarded
        .send(Request::get(server.at(path)).head_within(Duration::from_secs(30)))
        .await?
        .read(BOUND)
        .await
}

#[tokio::test]
async fn reads_follow_redirects_within_the_origin_and_a_bounded_number_of_them() {
    let server = Server::start(|_, came| match came.path() {
        "/one" => Answer::to(302, "/two"),
        "/two" => Answer::to(307, "three?x=1"),
        "/three" => Answer::new(200, "done"),
        _ => Answer::to(301, "/loop"),
    })
    .await;
    assert_eq!(get(&server, "/one").await.unwrap(), b"done");
    let error = get(&server, "/loop").await.unwrap_err();
    assert!(matches!(error, FetchError::Redirected { .. }), "{error}");
    let loops = server.asked().iter().filter(|asked| *asked == "GET /loop").count();
    assert_eq!(loops, limits::HTTP_REDIRECTS_MAX + 1);
}

#[tokio::test]
async fn redirects_to_another_origin_are_refused_before_anything_is_sent_there() {
    let other = Server::start(|_, _| Answer::new(200, "secret of another")).await;
    let place = other.url.to_string();
    let server = Server::start(move |_, came| match came.path() {
        "/other" => Answer::to(302, place.clone()),
        "/metadata" => Answer::to(302, "http://169.254.169.254/latest"),
        "/broken" => Answer::to(302, "http://["),
        _ => Answer::new(302, ""),
    })
    .await;
    for path in ["/other", "/metadata", "/broken", "/nowhere"] {
        let error = get(&server, path).await.unwrap_err();
        assert!(matches!(error, FetchError::Redirected { .. }), "{path}: {error}");
    }
    assert_eq!(other.asked(), Vec::<String>::new());
}

#[tokio::test]
async fn a_request_that_may_change_something_is_never_redirected_or_sent_twice() {
    let server = Server::start(|_, came| match came.path() {
        "/moved" => Answer::to(307, "/there"),
        _ => Answer::cut(),
    })
    .await;
    let guarded = Guarded::new(&server.url).unwrap();
    let post = |path| Request::post(server.at(path), "application/json", "{}");
    let error = guarded.send(post("/moved")).await.unwrap_err();
    assert!(matches!(error, FetchError::Redirected { .. }), "{error}");
    let error = guarded.send(post("/cut")).await.unwrap_err();
    assert!(matches!(error, FetchError::Broken { .. }), "{error}");
    assert!(!error.certainly_unsent());
    assert_eq!(server.asked(), ["POST /moved", "POST /cut"]);
    let moved = guarded.send_once(post("/moved")).await.unwrap();
    assert_eq!(moved.status, 307);
}

#[tokio::test]
async fn an_answer_that_is_too_large_or_too_slow_is_given_up() {
    let server = Server::start(|_, came| match came.path() {
        "/large" => Answer::new(200, "x".repeat(101)),
        "/fits" => Answer::new(200, "x".repeat(100)),
        "/silent" => Answer::new(200, "begun").silent(),
        _ => Answer::mute(),
    })
    .await;
    assert_eq!(get(&server, "/fits").await.unwrap().len(), 100);
    let error = get(&server, "/large").await.unwrap_err();
    assert!(matches!(error, FetchError::TooLarge { max: 100, .. }), "{error}");

    let guarded = Guarded::new(&server.url).unwrap();
    let begun = guarded.send(Request::get(server.at("/silent"))).await.unwrap();
    let error = begun.read(Bound { within: SHORT, ..BOUND }).await.unwrap_err();
    assert!(matches!(error, FetchError::TooSlow { .. }), "{error}");
    let mute = Request::get(server.at("/mute")).head_within(SHORT);
    let error = guarded.send(mute).await.unwrap_err();
    assert!(matches!(error, FetchError::TooSlow { .. }), "{error}");
    assert!(!error.certainly_unsent());
}

#[tokio::test]
async fn a_server_that_is_not_there_has_certainly_not_seen_the_request() {
    let server = Server::start(|_, _| Answer::none()).await;
    let url = server.url.clone();
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut gone = url.clone();
    gone.set_port(Some(closed.local_addr().unwrap().port())).unwrap();
    drop(closed);
    let guarded = Guarded::new(&url).unwrap();
    let error = guarded.send(Request::post(gone, "text/plain", "x")).await.unwrap_err();
    assert!(matches!(error, FetchError::Unreached { .. }), "{error}");
    assert!(error.certainly_unsent());
}

/// A plain server stands where TLS is spoken: nothing of the request is sent to it.
#[tokio::test]
async fn tls_is_not_given_up_where_a_server_does_not_speak_it() {
    let server = Server::start(|_, _| Answer::new(200, "plain")).await;
    let guarded = Guarded::new(&server.url).unwrap();
    let mut url = server.url.clone();
    url.set_scheme("https").unwrap();
    let request =
        Request::post(url, "text/plain", "secret").head_within(Duration::from_millis(300));
    let error = guarded.send(request).await.unwrap_err();
    assert!(error.certainly_unsent() || matches!(error, FetchError::TooSlow { .. }), "{error}");
    assert_eq!(server.asked(), Vec::<String>::new());
}

#[tokio::test]
async fn errors_and_debug_show_origins_and_nothing_behind_them() {
    let server =
        Server::start(|_, _| Answer::to(302, "http://evil.example/?code=hidden-code")).await;
    let mut headers = HeaderMap::new();
    headers.insert(AUTHORIZATION, {
        let mut value = HeaderValue::from_static("Bearer hidden-token");
        value.set_sensitive(true);
        value
    });
    let request = Request::post(server.at("/x?token=hidden-query"), "text/plain", "hidden-body");
    let request = request.with(headers);
    let guarded = Guarded::new(&server.url).unwrap();
    let shown = format!("{request:?} {guarded:?} {:?}", request.headers);
    let error = guarded.send(request).await.unwrap_err();
    let shown = format!("{shown} {error} {error:?}");
    assert!(!shown.contains("hidden"), "{shown}");
    assert!(shown.contains("http://evil.example"), "{shown}");
}

#[tokio::test]
async fn proxies_and_cookies_take_no_part() {
    let server = Server::start(|_, _| Answer::new(200, "").with("set-cookie", "a=b")).await;
    let guarded = Guarded::new(&server.url).unwrap();
    for _ in 0..2 {
        guarded.send(Request::get(server.url.clone())).await.unwrap();
    }
    let came = server.came();
    assert_eq!(came.len(), 2);
    assert!(came.iter().all(|came| came.header("cookie").is_none()));
    // A proxy would be asked for the whole URL.
    assert!(came.iter().all(|came| came.target == "/mcp"));
    assert!(came.iter().all(|came| came.header("accept-encoding").is_none()));
}
