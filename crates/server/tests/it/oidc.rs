//! Logging in at an issuer, against a provider of our own: it keeps to the specification (codes used once, PKCE, the client's
//! secret, redirect addresses compared exactly), and lies in one way at a time where a test asks it to.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::digest::{SHA256, digest};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use reqwest::Method;
use serde_json::{Value, json};

use crate::browser::{Browser, Page};
use crate::world::{PLAIN, Place, Server};

type Pairs = HashMap<String, String>;

/// A provider with one client.
struct Provider {
    base: String,
    key: EncodingKey,
    codes: Mutex<HashMap<String, Pairs>>,
    /// Claims of whoever logs in, beside those that the protocol needs.
    person: Mutex<Value>,
    /// Claims that a test puts in place of right ones.
    lies: Mutex<BTreeMap<String, Value>>,
}

const SECRET: &str = "s3cret+/ of this client";

impl Provider {
    async fn start() -> Arc<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let pair = aws_lc_rs::signature::EcdsaKeyPair::generate(
            &aws_lc_rs::signature::ECDSA_P256_SHA256_FIXED_SIGNING,
        );
        let key = EncodingKey::from_ec_der(pair.unwrap().to_pkcs8v1().unwrap().as_ref());
        let person =
            json!({ "sub": "u-1", "preferred_username": "Ann", "groups": ["leads", "other"] });
        let this = Arc::new(Self {
            base,
            key,
            codes: Mutex::default(),
            person: Mutex::new(person),
            lies: Mutex::default(),
        });
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .route("/jwks", get(jwks))
            .with_state(Arc::clone(&this));
        tokio::spawn(serve(listener, router));
        this
    }

    fn lies(&self, claim: &str, value: Value) {
        *self.lies.lock().unwrap() = BTreeMap::from([(claim.to_owned(), value)]);
    }
}

async fn serve(listener: tokio::net::TcpListener, router: Router) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let service = hyper_util::service::TowerToHyperService::new(router.clone());
        let stream = hyper_util::rt::TokioIo::new(stream);
        let connection =
            hyper::server::conn::http1::Builder::new().serve_connection(stream, service);
        tokio::spawn(connection);
    }
}

type Of = State<Arc<Provider>>;

async fn discovery(State(provider): Of) -> Json<Value> {
    let base = &provider.base;
    Json(json!({
        "issuer": base, "authorization_endpoint": format!("{base}/authorize"),
        "token_endpoint": format!("{base}/token"), "jwks_uri": format!("{base}/jwks"),
        "authorization_response_iss_parameter_supported": true,
    }))
}

async fn authorize(State(provider): Of, Query(asked): Query<Pairs>) -> Response {
    let of = |name: &str| asked.get(name).map(String::as_str).unwrap_or_default();
    let right = of("response_type") == "code"
        && of("client_id") == "checkrein"
        && of("scope").split(' ').any(|scope| scope == "openid")
        && of("code_challenge_method") == "S256";
    if !right || of("state").len() < 40 || of("nonce").len() < 40 {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let code = format!("code-{}", provider.codes.lock().unwrap().len());
    let back = url::Url::parse_with_params(
        of("redirect_uri"),
        [("code", code.as_str()), ("state", of("state")), ("iss", &*provider.base)],
    );
    provider.codes.lock().unwrap().insert(code, asked);
    (StatusCode::SEE_OTHER, [("location", back.unwrap().to_string())]).into_response()
}

async fn token(State(provider): Of, headers: HeaderMap, form: String) -> Response {
    let form: Pairs = url::form_urlencoded::parse(form.as_bytes()).into_owned().collect();
    let of = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let encoded =
        |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pair = format!("{}:{}", encoded("checkrein"), encoded(SECRET));
    let basic = format!("Basic {}", STANDARD.encode(pair));
    let known = headers.get("authorization").is_some_and(|value| value == &basic);
    let asked = provider.codes.lock().unwrap().remove(of("code"));
    let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, of("code_verifier").as_bytes()));
    let asked = asked.filter(|asked| {
        asked["code_challenge"] == challenge && asked["redirect_uri"] == of("redirect_uri")
    });
    let (Some(asked), true, "authorization_code") = (asked, known, of("grant_type")) else {
        return (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" })))
            .into_response();
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let mut claims = provider.person.lock().unwrap().clone();
    for (name, value) in [
        ("iss", json!(provider.base)),
        ("aud", json!("checkrein")),
        ("exp", json!(now + 300)),
        ("iat", json!(now)),
        ("auth_time", json!(now)),
        ("nonce", json!(asked["nonce"])),
    ] {
        claims[name] = value;
    }
    for (name, value) in provider.lies.lock().unwrap().iter() {
        claims[name] = value.clone();
    }
    let header = Header { kid: Some("k".to_owned()), ..Header::new(Algorithm::ES256) };
    let token = jsonwebtoken::encode(&header, &claims, &provider.key).unwrap();
    Json(json!({ "access_token": "unused", "token_type": "Bearer", "id_token": token }))
        .into_response()
}

async fn jwks(State(provider): Of) -> Json<Value> {
    let key = Jwk::from_encoding_key(&provider.key, Algorithm::ES256).unwrap();
    let mut key = serde_json::to_value(key).unwrap();
    key["kid"] = json!("k");
    Json(json!({ "keys": [key] }))
}

/// A server that lets people in who log in at this provider.
async fn server(provider: &Provider, mapping: &str) -> Server {
    let place = Place::new(&format!(
        "{PLAIN}\n[[login_issuer]]\nname = \"corp\"\ntitle = \"Corp\"\nissuer = \"{}\"\nclient_id = \"checkrein\"\n\
         client_secret_file = \"corp-secret\"\n{mapping}\n",
        provider.base
    ));
    place.write("corp-secret", SECRET);
    Server::at(place).await
}

const MAPPING: &str = "roles = { leads = [\"approver\"] }\ngroups = { leads = [\"leads\"] }";

fn leads_to(page: &Page) -> String {
    assert_eq!(page.status.as_u16(), 303, "{}", page.text);
    page.headers["location"].to_str().unwrap().to_owned()
}

/// To the issuer and back: the address with which the browser comes back.
async fn comes_back(browser: &mut Browser) -> String {
    let start = format!("{}/v1/session/oidc/corp", browser.origin);
    let issuer = leads_to(&browser.opens(Method::GET, &start, None).await);
    leads_to(&browser.opens(Method::GET, &issuer, None).await)
}

async fn logs_in(browser: &mut Browser) -> String {
    let back = comes_back(browser).await;
    leads_to(&browser.opens(Method::GET, &back, None).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_whom_the_issuer_gives_roles_logs_in_and_keeps_the_account() {
    let provider = Provider::start().await;
    let server = server(&provider, MAPPING).await;
    let mut browser = Browser::on(&server);
    let issuers = browser.gets("/v1/session/issuers").await.ok();
    assert_eq!(issuers, json!([{ "name": "corp", "title": "Corp" }]));
    assert_eq!(logs_in(&mut browser).await, "/");
    let session = browser.gets("/v1/session").await.ok();
    assert_eq!((&session["person"], &session["login"]), (&json!("ann"), &json!("issuer")));
    assert_eq!((&session["roles"], &session["groups"]), (&json!(["approver"]), &json!(["leads"])));
    assert_eq!(session["assurance"], "session");
    // What the issuer says of groups holds from the next login on, and so does what it no longer says.
    *provider.person.lock().unwrap() =
        json!({ "sub": "u-1", "preferred_username": "zoe", "groups": [] });
    assert_eq!(logs_in(&mut Browser::on(&server)).await, "/");
    let person = server.sees("/v1/people").await["items"][0].clone();
    assert_eq!((&person["name"], &person["roles"]), (&json!("ann"), &json!([])));
    assert_eq!(browser.gets("/v1/approvals").await.problem(403), "CR-4002");
    let journal = server.sees("/v1/journal/entries").await.to_string();
    assert!(!journal.contains("u-1"), "whom the issuer means is kept as a digest");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_not_wholly_right_logs_nobody_in() {
    let provider = Provider::start().await;
    let server = server(&provider, MAPPING).await;
    let refused = "/login#error=CR-4001";
    for (claim, value) in [
        ("iss", json!("https://evil.example")),
        ("aud", json!("somebody-else")),
        ("aud", json!(["checkrein", "somebody-else"])),
        ("azp", json!("somebody-else")),
        ("exp", json!(1)),
        ("nonce", json!("another")),
        ("nonce", Value::Null),
        ("auth_time", json!(1)),
        ("auth_time", Value::Null),
        ("sub", json!("")),
    ] {
        provider.lies(claim, value.clone());
        let mut browser = Browser::on(&server);
        assert_eq!(logs_in(&mut browser).await, refused, "{claim}: {value}");
        assert_eq!(browser.gets("/v1/session").await.problem(401), "CR-4001");
    }
    provider.lies.lock().unwrap().clear();
    assert_eq!(logs_in(&mut Browser::on(&server)).await, "/");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_belongs_to_the_browser_that_began_it_and_is_taken_once() {
    let provider = Provider::start().await;
    let server = server(&provider, MAPPING).await;
    let refused = "/login#error=CR-4001";
    let mut browser = Browser::on(&server);
    let back = comes_back(&mut browser).await;
    let mut victim = Browser::on(&server);
    assert_eq!(leads_to(&victim.opens(Method::GET, &back, None).await), refused, "another browser");
    assert_eq!(leads_to(&browser.opens(Method::GET, &back, None).await), refused, "taken already");
    let back = comes_back(&mut browser).await;
    let forged = back.replace("code-", "code-x");
    assert_eq!(leads_to(&browser.opens(Method::GET, &forged, None).await), "/login#error=CR-3009");
    let back = comes_back(&mut browser).await;
    let mixed = back.split("&iss=").next().unwrap().to_owned();
    assert_eq!(
        leads_to(&browser.opens(Method::GET, &mixed, None).await),
        refused,
        "no issuer named"
    );
    let back = comes_back(&mut browser).await + "&error=access_denied";
    assert_eq!(leads_to(&browser.opens(Method::GET, &back, None).await), refused);
    let nowhere = format!("{}/v1/session/oidc/evil", browser.origin);
    assert_eq!(browser.opens(Method::GET, &nowhere, None).await.status.as_u16(), 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_mapping_only_people_who_linked_themselves_log_in() {
    let provider = Provider::start().await;
    let server = server(&provider, "").await;
    assert_eq!(logs_in(&mut Browser::on(&server)).await, "/login#error=CR-4002");
    let mut browser = Browser::of(&server, "operator").await;
    let go = browser.posts("/v1/account/identities", json!({ "issuer": "corp" })).await.ok();
    let back = leads_to(&browser.opens(Method::GET, go["url"].as_str().unwrap(), None).await);
    assert_eq!(leads_to(&browser.opens(Method::GET, &back, None).await), "/settings");
    let mut other = Browser::on(&server);
    assert_eq!(logs_in(&mut other).await, "/");
    let session = other.gets("/v1/session").await.ok();
    assert_eq!((&session["person"], &session["roles"]), (&json!("operator"), &json!(["admin"])));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issuer_gives_nobody_the_name_of_somebody_else() {
    let provider = Provider::start().await;
    let server = server(&provider, MAPPING).await;
    *provider.person.lock().unwrap() =
        json!({ "sub": "thief", "preferred_username": "operator", "groups": "leads" });
    assert_eq!(logs_in(&mut Browser::on(&server)).await, "/login#error=CR-4002");
}
