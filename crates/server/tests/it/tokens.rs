//! Agents that come with a token of a configured issuer: taken on every route as far as the agent's grant goes, and only then.
//! Each test makes an issuer of its own with a fresh key; nothing is fetched from anywhere.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use reqwest::Method;
use serde_json::{Value, json};

use crate::mcp::peer::{Heard, Modern};
use crate::world::{PLAIN, Place, Said, Server};

const ISSUER: &str = "https://idp.example.com";
const AUDIENCE: &str = "checkrein-test";

/// An issuer with one key.
struct Issuer {
    key: EncodingKey,
    id: &'static str,
}

impl Issuer {
    fn new(id: &'static str) -> Self {
        let pair = aws_lc_rs::signature::EcdsaKeyPair::generate(
            &aws_lc_rs::signature::ECDSA_P256_SHA256_FIXED_SIGNING,
        );
        let document = pair.unwrap().to_pkcs8v1().unwrap();
        Self { key: EncodingKey::from_ec_der(document.as_ref()), id }
    }

    fn jwk(&self) -> Value {
        let mut jwk =
            serde_json::to_value(Jwk::from_encoding_key(&self.key, Algorithm::ES256).unwrap())
                .unwrap();
        jwk["kid"] = json!(self.id);
        jwk["use"] = json!("sig");
        jwk
    }

    fn keys(&self) -> String {
        // A key of a kind that nobody knows stands before it, and harms nothing.
        json!({ "keys": [{ "kty": "LATTICE", "kid": "pq", "n": 1 }, self.jwk()] }).to_string()
    }

    fn token(&self, claims: &Value) -> String {
        let header = Header { kid: Some(self.id.to_owned()), ..Header::new(Algorithm::ES256) };
        jsonwebtoken::encode(&header, claims, &self.key).unwrap()
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

fn claims() -> Value {
    json!({ "iss": ISSUER, "aud": AUDIENCE, "sub": "robot", "exp": now() + 600, "nbf": now() - 10 })
}

fn with(key: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[key] = value;
    claims
}

/// A server that believes this issuer, with an agent `robot`.
async fn server(issuer: &Issuer) -> Server {
    let place = Place::new(&format!(
        "{PLAIN}\n[[token_issuer]]\nissuer = \"{ISSUER}\"\naudience = \"{AUDIENCE}\"\njwks_file = \"keys.json\"\n"
    ));
    place.write("keys.json", &issuer.keys());
    let server = Server::at(place).await;
    let body = json!({ "name": "robot", "tools": ["files.*"], "spaces": ["experiment"], "workflows": ["default"] });
    server.does("/v1/agents", body).await;
    server
}

async fn whoami(server: &Server, token: &str) -> Said {
    server.get("/v1/whoami", token).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_with_a_token_does_what_its_grant_allows_on_both_ways_in() {
    let issuer = Issuer::new("k-1");
    let server = server(&issuer).await;
    let token = issuer.token(&claims());
    let who = whoami(&server, &token).await.ok();
    assert!(who.to_string().contains("robot"), "{who}");
    let body = json!({ "tool": "files.write", "arguments": { "path": "a.txt", "content": "x\n" }, "confidence": 0.99, "intent": "a test" });
    let said = server.post("/v1/calls", &token, body).await;
    assert_eq!(said.envelope().executed, "yes");
    let client = Modern { key: token, ..Modern::new(&server, "/mcp") };
    let heard = client.call("files__read", json!({ "path": "a.txt" })).await;
    assert_eq!(heard.result()["structuredContent"]["content"], "x\n", "{heard:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_not_wholly_right_is_refused() {
    let (issuer, other) = (Issuer::new("k-1"), Issuer::new("k-1"));
    let server = server(&issuer).await;
    let good = issuer.token(&claims());
    assert_eq!(whoami(&server, &good).await.status.as_u16(), 200);
    let mut parts: Vec<&str> = good.split('.').collect();
    let head = |head: Value| URL_SAFE_NO_PAD.encode(head.to_string());
    let none = head(json!({ "alg": "none", "kid": "k-1" }));
    let crit = head(json!({ "alg": "ES256", "kid": "k-1", "crit": ["x"], "x": 1 }));
    let typed = head(json!({ "alg": "ES256", "kid": "k-1", "typ": "logout+jwt" }));
    let changed = URL_SAFE_NO_PAD.encode(with("sub", json!("admin")).to_string());
    let hmac = {
        // The public key as the secret of a symmetric signature: the oldest trick.
        let secret = EncodingKey::from_secret(issuer.keys().as_bytes());
        let header = Header { kid: Some("k-1".to_owned()), ..Header::new(Algorithm::HS256) };
        jsonwebtoken::encode(&header, &claims(), &secret).unwrap()
    };
    let mut wrong = vec![
        ("another's key", other.token(&claims())),
        (
            "an issuer that nobody knows",
            issuer.token(&with("iss", json!("https://evil.example.com"))),
        ),
        ("another audience", issuer.token(&with("aud", json!("other")))),
        ("an audience among none", issuer.token(&with("aud", json!([])))),
        ("expired", issuer.token(&with("exp", json!(now() - 600)))),
        ("not yet", issuer.token(&with("nbf", json!(now() + 600)))),
        ("no end", issuer.token(&with("exp", Value::Null))),
        ("no name", issuer.token(&with("sub", json!({ "a": 1 })))),
        ("symmetric", hmac),
        ("another key id", Issuer { id: "k-2", key: Issuer::new("x").key }.token(&claims())),
    ];
    for (what, head) in
        [("no signature", &none), ("must be understood", &crit), ("another kind", &typed)]
    {
        parts[0] = head;
        wrong.push((what, parts.join(".")));
    }
    let parts: Vec<&str> = good.split('.').collect();
    wrong.push(("changed claims", format!("{}.{changed}.{}", parts[0], parts[2])));
    wrong.push(("without its signature", format!("{}.{}.", parts[0], parts[1])));
    wrong.push(("nonsense", "a.b.c".to_owned()));
    wrong.push(("endless", format!("{}.{}", "x".repeat(40_000), "y.z")));
    for (what, token) in wrong {
        assert_eq!(whoami(&server, &token).await.problem(401), "CR-4001", "{what}");
    }
    // All is right with this one, but nobody gave that agent anything to do.
    let nobody = issuer.token(&with("sub", json!("nobody")));
    assert_eq!(whoami(&server, &nobody).await.problem(403), "CR-4002");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_opens_nothing_for_operators_and_ends_with_its_agents_grant() {
    let issuer = Issuer::new("k-1");
    let server = server(&issuer).await;
    let token = issuer.token(&claims());
    assert_eq!(server.get("/v1/approvals", &token).await.problem(403), "CR-4002");
    let agents = server.sees("/v1/agents").await;
    let mut each = agents["items"].as_array().unwrap().iter();
    let robot = each.find(|one| one["agent"]["name"] == "robot");
    let grant = robot.unwrap()["grant"].as_str().unwrap().to_owned();
    server.does(&format!("/v1/agents/{grant}/revoke"), json!({ "reason": "gone" })).await;
    assert_eq!(whoami(&server, &token).await.problem(403), "CR-4002");
    let client = Modern { key: token, ..Modern::new(&server, "/mcp") };
    assert_eq!(client.ask("tools/list", json!({})).await.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_refused_is_told_where_tokens_come_from() {
    let server = server(&Issuer::new("k-1")).await;
    let base = format!("http://{}", server.running.address);
    for path in ["/mcp", "/mcp/checkrein", "/mcp/nowhere"] {
        let client = Modern { key: "forged".to_owned(), ..Modern::new(&server, "/mcp") };
        let request =
            server.ask(Method::POST, path, &client.key).json(&client.body("tools/list", json!({})));
        let heard = Heard::of(request).await;
        assert_eq!(heard.status, 401);
        let expect = format!(
            "Bearer error=\"invalid_token\", resource_metadata=\"{base}/.well-known/oauth-protected-resource{path}\""
        );
        assert_eq!(heard.headers["www-authenticate"], expect);
        let said =
            server.get(&format!("/.well-known/oauth-protected-resource{path}"), "").await.ok();
        assert_eq!(said["resource"], format!("{base}{path}"));
        assert_eq!(said["authorization_servers"], json!([ISSUER]));
        assert_eq!(said["bearer_methods_supported"], json!(["header"]));
    }
    let said = server.get("/.well-known/oauth-protected-resource", "").await.ok();
    assert_eq!(said["resource"], format!("{base}/mcp"));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_issuers_nobody_is_named() {
    let server = Server::start().await;
    let said = server.get("/.well-known/oauth-protected-resource/mcp", "").await.ok();
    assert!(said.get("authorization_servers").is_none());
    let token = Issuer::new("k-1").token(&claims());
    assert_eq!(whoami(&server, &token).await.problem(401), "CR-4001");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_fetched_from_an_address_once_however_many_ids_strangers_make_up() {
    let issuer = Issuer::new("k-1");
    let (keys, fetched) = (issuer.keys(), Arc::new(AtomicU32::new(0)));
    let counts = Arc::clone(&fetched);
    let router = axum::Router::new().route(
        "/keys",
        axum::routing::get(move || async move {
            counts.fetch_add(1, Ordering::SeqCst);
            keys
        }),
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let place = Place::new(&format!(
        "{PLAIN}\n[[token_issuer]]\nissuer = \"{ISSUER}\"\naudience = \"{AUDIENCE}\"\njwks_url = \"http://{address}/keys\"\n"
    ));
    let server = Server::at(place).await;
    let body = json!({ "name": "robot", "tools": ["files.*"], "spaces": ["experiment"], "workflows": ["default"] });
    server.does("/v1/agents", body).await;
    for id in ["made-up", "another", "k-1", "a-third", "k-1"] {
        let token = Issuer { id, key: issuer.key.clone() }.token(&claims());
        let expect = if id == "k-1" { 200 } else { 401 };
        assert_eq!(whoami(&server, &token).await.status.as_u16(), expect, "{id}");
    }
    assert_eq!(fetched.load(Ordering::SeqCst), 1);
}
