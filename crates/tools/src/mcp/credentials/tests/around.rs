//! A tool server and its authorization server on loopback, and credentials for it, for the tests beside.
//!
//! In: what is special about a test, as changes to a well-behaved world. Out: the world, the credentials, and how a
//! request ends that is sent in the loop of `Attempt`. The browser follows the authorization URL itself.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Name;
use gate::Later;
use reqwest::Url;
use reqwest::header::LOCATION;
use serde_json::{Value, json};

use crate::mcp::credentials::{
    Around, Browser, CredentialError, Credentials, Grant, KnownSecrets, Next, OAuth, Source,
    TokenFiles,
};
use crate::mcp::guarded::tests::server::{Answer, Came, Server};
use crate::mcp::guarded::{Guarded, Request};

/// Where a well-behaved world publishes its documents.
pub(super) const RESOURCE: &str = "/.well-known/oauth-protected-resource/mcp";
pub(super) const ISSUER: &str = "/.well-known/oauth-authorization-server";

/// A world, as a function of what it has served so far.
pub(super) struct World {
    pub(super) server: Server,
    rules: Arc<Rules>,
}

/// What is special about a world. Texts may say `ORIGIN` for its origin.
#[derive(Default)]
pub(super) struct Rules {
    /// Documents by path, over the well-behaved ones; null for none.
    pub(super) documents: Mutex<BTreeMap<String, Value>>,
    /// Fields over those of the issuer's metadata; null takes one away.
    pub(super) metadata: Vec<(&'static str, Value)>,
    /// Fields over those of the resource's metadata.
    pub(super) resource: Vec<(&'static str, Value)>,
    /// Fields over those of the answers of the token endpoint.
    pub(super) token: Vec<(&'static str, Value)>,
    /// Fields over those of the registration's answer.
    pub(super) registration: Vec<(&'static str, Value)>,
    /// Parameters over those that come back from a login; null takes one away.
    pub(super) back: Vec<(&'static str, Value)>,
    /// The challenge of a 401.
    pub(super) challenge: Option<&'static str>,
    /// The scope that a 403 asks for until a token has it.
    pub(super) scope: Option<&'static str>,
    /// The scopes of one login after the other.
    pub(super) asked: Mutex<Vec<String>>,
    /// Access tokens that the server takes no more.
    pub(super) revoked: Mutex<Vec<String>>,
    /// How many tokens were given.
    pub(super) given: AtomicUsize,
    /// The status that the token endpoint answers everything with.
    pub(super) outage: Mutex<Option<u16>>,
    /// Refresh tokens that are taken; each once.
    pub(super) refreshable: Mutex<Vec<String>>,
    /// The challenge of the code that is out.
    pub(super) proof: Mutex<String>,
}

impl World {
    pub(super) async fn start(rules: Rules) -> Self {
        let rules = Arc::new(rules);
        let serving = Arc::clone(&rules);
        let server = Server::start(move |origin, came| serving.serve(origin, came)).await;
        Self { server, rules }
    }

    pub(super) fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The access tokens that came with requests to the server, in order; empty for none.
    pub(super) fn shown(&self) -> Vec<String> {
        let came = self.server.came();
        let requests = came.iter().filter(|came| came.path() == "/mcp");
        let header = |came: &Came| came.header("authorization").unwrap_or("").to_owned();
        requests.map(header).collect()
    }

    /// Requests to the token endpoint.
    pub(super) fn exchanges(&self) -> Vec<Came> {
        self.server.came().into_iter().filter(|came| came.path() == "/token").collect()
    }

    pub(super) fn count(&self, path: &str) -> usize {
        self.server.came().iter().filter(|came| came.path() == path).count()
    }
}

impl Rules {
    fn serve(&self, origin: &str, came: &Came) -> Answer {
        let special = self.documents.lock().unwrap().get(came.path()).cloned();
        let document = match (special, came.path()) {
            (Some(document), _) => document,
            (None, RESOURCE) => over(
                json!({"resource": "ORIGIN/mcp", "authorization_servers": ["ORIGIN"]}),
                &self.resource,
            ),
            (None, ISSUER) => over(issuer("ORIGIN"), &self.metadata),
            (None, "/mcp") => return self.call(origin, came),
            (None, "/authorize") => return self.authorize(origin, came),
            (None, "/token") => return self.give(origin, came),
            (None, "/register") => {
                let client = json!({"client_id": "registered-client"});
                over(client, &self.registration)
            }
            (None, _) => Value::Null,
        };
        if document.is_null() { Answer::none() } else { Answer::json(at(document, origin)) }
    }

    fn call(&self, origin: &str, came: &Came) -> Answer {
        let token = came.header("authorization").and_then(|text| text.strip_prefix("Bearer "));
        let good = token.filter(|token| {
            token.starts_with("access-")
                && !self.revoked.lock().unwrap().iter().any(|old| old == token)
        });
        let Some(token) = good else {
            let challenge = self.challenge.unwrap_or("Bearer").replace("ORIGIN", origin);
            return Answer::new(401, "").with("www-authenticate", challenge);
        };
        match self.scope {
            Some(scope) if !token.contains(&format!("[{scope}]")) => {
                let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{scope}\"");
                Answer::new(403, "").with("www-authenticate", challenge)
            }
            _ => Answer::new(200, "done"),
        }
    }

    fn authorize(&self, origin: &str, came: &Came) -> Answer {
        let field = |name: &str| came.field(name).unwrap_or_default();
        *self.proof.lock().unwrap() = field("code_challenge");
        self.asked.lock().unwrap().push(field("scope"));
        let mut back = Url::parse(&field("redirect_uri")).unwrap();
        let ours = json!({"code": "the-one-code", "state": field("state"), "iss": origin});
        for (name, value) in at(over(ours, &self.back), origin).as_object().unwrap() {
            let values = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
            for value in values {
                back.query_pairs_mut().append_pair(name, value.as_str().unwrap());
            }
        }
        Answer::to(302, back.as_str())
    }

    fn give(&self, origin: &str, came: &Came) -> Answer {
        let field = |name: &str| came.field(name).unwrap_or_default();
        let refused = || Answer::new(400, json!({"error": "invalid_grant"}).to_string());
        if let Some(status) = *self.outage.lock().unwrap() {
            return Answer::new(status, "");
        }
        let scope = match field("grant_type").as_str() {
            "authorization_code" => {
                let digest = digest::digest(&digest::SHA256, field("code_verifier").as_bytes());
                let proved = URL_SAFE_NO_PAD.encode(digest) == *self.proof.lock().unwrap();
                if field("code") != "the-one-code" || !proved {
                    return refused();
                }
                self.asked.lock().unwrap().last().cloned().unwrap_or_default()
            }
            "refresh_token" => {
                let mut taken = self.refreshable.lock().unwrap();
                let Some(place) = taken.iter().position(|token| *token == field("refresh_token"))
                else {
                    return refused();
                };
                taken.remove(place);
                self.asked.lock().unwrap().last().cloned().unwrap_or_default()
            }
            "client_credentials" => field("scope"),
            _ => return refused(),
        };
        let number = self.given.fetch_add(1, Ordering::SeqCst) + 1;
        let scopes: String = scope.split(' ').map(|scope| format!("[{scope}]")).collect();
        let refresh = format!("refresh-{number}");
        self.refreshable.lock().unwrap().push(refresh.clone());
        let given = json!({
            "access_token": format!("access-{number}-{scopes}"),
            "refresh_token": refresh,
            "token_type": "Bearer",
            "expires_in": 3600,
        });
        Answer::json(at(over(given, &self.token), origin))
    }
}

/// The metadata of a well-behaved issuer.
pub(super) fn issuer(name: &str) -> Value {
    json!({
        "issuer": name,
        "authorization_endpoint": "ORIGIN/authorize",
        "token_endpoint": "ORIGIN/token",
        "registration_endpoint": "ORIGIN/register",
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none", "client_secret_basic"],
        "authorization_response_iss_parameter_supported": true,
    })
}

fn over(mut value: Value, changes: &[(&'static str, Value)]) -> Value {
    let fields = value.as_object_mut().unwrap();
    for (name, change) in changes {
        fields.remove(*name);
        if !change.is_null() {
            fields.insert((*name).to_owned(), change.clone());
        }
    }
    value
}

fn at(value: Value, origin: &str) -> Value {
    serde_json::from_str(&value.to_string().replace("ORIGIN", origin)).unwrap()
}

/// Follows the authorization URL with a plain read and takes what it redirects to.
#[derive(Debug)]
pub(super) struct Following {
    redirect: Url,
    http: Guarded,
    pub(super) opened: AtomicUsize,
}

impl Following {
    pub(super) fn new(world: &World) -> Arc<Self> {
        let redirect = Url::parse("http://127.0.0.1:1/callback").unwrap();
        let http = Guarded::new(&world.server.url).unwrap();
        Arc::new(Self { redirect, http, opened: AtomicUsize::new(0) })
    }
}

impl Browser for Following {
    fn redirect_uri(&self) -> &Url {
        &self.redirect
    }

    fn open(&self, url: Url) -> Later<'_, Result<Url, String>> {
        self.opened.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move {
            let answer = self.http.send_once(Request::get(url)).await.unwrap();
            let back = answer.headers.get(LOCATION).ok_or("no redirect")?;
            Url::parse(back.to_str().unwrap()).map_err(|error| error.to_string())
        })
    }
}

pub(super) fn name() -> Name {
    "server".parse().unwrap()
}

pub(super) fn around(world: &World) -> Around {
    Around {
        url: world.server.url.clone(),
        http: Guarded::new(&world.server.url).unwrap(),
        known: KnownSecrets::new(),
        tokens: None,
        browser: None,
    }
}

pub(super) fn oauth() -> OAuth {
    OAuth { grant: Grant::AuthorizationCode, client: None, metadata_url: None, scopes: Vec::new() }
}

/// Credentials with a browser, for a world.
pub(super) fn person(world: &World, oauth: OAuth) -> Credentials {
    let around = Around { browser: Some(Following::new(world)), ..around(world) };
    Credentials::new(name(), Source::OAuth(Box::new(oauth)), around).unwrap()
}

/// Credentials as the gateway has them: without a browser, with tokens in files.
pub(super) fn gateway(world: &World, tokens: &TokenFiles) -> Credentials {
    let around = Around { tokens: Some(tokens.clone()), ..around(world) };
    Credentials::new(name(), Source::OAuth(Box::new(oauth())), around).unwrap()
}

/// Sends one request to the server, with all that follows from refusals.
pub(super) async fn call(world: &World, credentials: &Credentials) -> Result<(), CredentialError> {
    let http = Guarded::new(&world.server.url).unwrap();
    let mut attempt = credentials.request();
    for _ in 0..10 {
        let headers = attempt.headers().await?;
        let request = Request::post(world.server.url.clone(), "application/json", "{}");
        let response = http.send(request.with(headers)).await.unwrap();
        if response.status == 200 {
            return Ok(());
        }
        match attempt.refused(response.status, &response.headers).await {
            Next::Retry => {}
            Next::GiveUp(why) => return Err(why),
        }
    }
    panic!("an attempt does not end");
}

/// That a first request fails for this reason, before a code was shown to anybody.
pub(super) async fn check_refused(rules: Rules, oauth: OAuth, reason: &str) {
    let world = World::start(rules).await;
    let error = call(&world, &person(&world, oauth)).await.unwrap_err().to_string();
    assert!(error.contains(reason), "{error}");
    assert_eq!(world.exchanges().len(), 0, "{reason}");
    assert_eq!(world.shown(), [""], "{reason}");
}
