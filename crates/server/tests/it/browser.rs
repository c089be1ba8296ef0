//! A browser as the server sees one: it keeps cookies, sends its origin and the token of its session, and follows no redirect
//! by itself. And a device with passkeys, which signs as the specification says.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::header::{COOKIE, HeaderMap, ORIGIN, SET_COOKIE};
use reqwest::{Method, StatusCode, redirect};
use serde_json::{Value, json};

use crate::world::{Said, Server};

/// A browser on one server.
pub(crate) struct Browser {
    client: reqwest::Client,
    /// `http://localhost:…`: as people type it.
    pub(crate) origin: String,
    pub(crate) cookies: Vec<(String, String)>,
    pub(crate) csrf: Option<String>,
}

/// A response with its headers.
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Browser {
    pub(crate) fn on(server: &Server) -> Self {
        let client = reqwest::Client::builder().redirect(redirect::Policy::none()).build().unwrap();
        let origin = format!("http://localhost:{}", server.running.address.port());
        Self { client, origin, cookies: Vec::new(), csrf: None }
    }

    /// Logged in as somebody, by an invitation of the first operator.
    pub(crate) async fn of(server: &Server, name: &str) -> Self {
        let mut browser = Self::on(server);
        let invited = server.does(&format!("/v1/people/{name}/invite"), json!({})).await;
        let said = browser.opens_link(invited["url"].as_str().unwrap()).await;
        said.ok();
        browser
    }

    pub(crate) async fn opens_link(&mut self, url: &str) -> Said {
        let ticket = url.split_once("#ticket=").unwrap().1;
        self.logs_in("/v1/session/link", json!({ "ticket": ticket })).await
    }

    /// Sends a login and keeps the token of the session that it opens.
    pub(crate) async fn logs_in(&mut self, path: &str, body: Value) -> Said {
        let said = self.posts(path, body).await;
        if let Some(csrf) = said.body["csrf"].as_str() {
            self.csrf = Some(csrf.to_owned());
        }
        said
    }

    pub(crate) async fn posts(&mut self, path: &str, body: Value) -> Said {
        self.sends(Method::POST, path, Some(body)).await
    }

    pub(crate) async fn deletes(&mut self, path: &str) -> Said {
        self.sends(Method::DELETE, path, None).await
    }

    pub(crate) async fn gets(&mut self, path: &str) -> Said {
        self.sends(Method::GET, path, None).await
    }

    async fn sends(&mut self, method: Method, path: &str, body: Option<Value>) -> Said {
        let page = self.opens(method, &format!("{}{path}", self.origin), body).await;
        let kind = page.headers.get("content-type").map(|kind| kind.to_str().unwrap().to_owned());
        let body = serde_json::from_str(&page.text).unwrap_or(Value::String(page.text));
        Said { status: page.status, kind: kind.unwrap_or_default(), body }
    }

    /// Begins to read something that goes on and on.
    pub(crate) async fn follows(&self, path: &str) -> reqwest::Response {
        let pairs = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
        let cookies = pairs.collect::<Vec<_>>().join("; ");
        let request = self.client.get(format!("{}{path}", self.origin)).header(COOKIE, cookies);
        request.send().await.unwrap()
    }

    /// Opens any address, with this browser's cookies where it is the server's.
    pub(crate) async fn opens(&mut self, method: Method, url: &str, body: Option<Value>) -> Page {
        let mut request = self.client.request(method.clone(), url);
        if url.starts_with(&self.origin) {
            if method != Method::GET {
                request = request.header(ORIGIN, &self.origin);
            }
            let pairs = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
            let pairs: Vec<String> = pairs.collect();
            if !pairs.is_empty() {
                request = request.header(COOKIE, pairs.join("; "));
            }
            if let Some(csrf) = self.csrf.as_ref().filter(|_| method != Method::GET) {
                request = request.header("x-checkrein-csrf", csrf);
            }
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        if url.starts_with(&self.origin) {
            headers.get_all(SET_COOKIE).iter().for_each(|set| self.keeps(set.to_str().unwrap()));
        }
        Page { status, headers, text: response.text().await.unwrap() }
    }

    fn keeps(&mut self, set: &str) {
        assert!(set.contains("; HttpOnly") && set.contains("; SameSite="), "{set}");
        let (name, rest) = set.split_once('=').unwrap();
        let value = rest.split(';').next().unwrap();
        self.cookies.retain(|(known, _)| known != name);
        if !set.contains("Max-Age=0") {
            self.cookies.push((name.to_owned(), value.to_owned()));
        }
    }
}

/// A device with one passkey (ES256), for one site.
pub(crate) struct Device {
    key: EcdsaKeyPair,
    id: Vec<u8>,
    user: Option<String>,
    pub(crate) counter: u32,
    /// User present, user verified.
    pub(crate) flags: u8,
    pub(crate) origin: String,
    pub(crate) rp_id: String,
}

impl Device {
    pub(crate) fn new(browser: &Browser) -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        let id = digest(&SHA256, key.public_key().as_ref()).as_ref().to_vec();
        let origin = browser.origin.clone();
        Self { key, id, user: None, counter: 0, flags: 0x05, origin, rp_id: "localhost".to_owned() }
    }

    fn client_data(&self, kind: &str, challenge: &Value) -> Vec<u8> {
        let data = json!({
            "type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false,
        });
        data.to_string().into_bytes()
    }

    fn data(&mut self, more: u8) -> Vec<u8> {
        self.counter += 1;
        let hash = digest(&SHA256, self.rp_id.as_bytes());
        [hash.as_ref(), &[self.flags | more], &self.counter.to_be_bytes()].concat()
    }

    /// `navigator.credentials.create`
    pub(crate) fn makes(&mut self, options: &Value) -> Value {
        assert_eq!(options["authenticatorSelection"]["userVerification"], "required");
        self.user = Some(options["user"]["id"].as_str().unwrap().to_owned());
        let point = self.key.public_key().as_ref().to_vec();
        let (x, y) = point[1..].split_at(32);
        let cose = [&hex("a5010203262001215820")[..], x, &hex("225820"), y].concat();
        let length = u16::try_from(self.id.len()).unwrap().to_be_bytes();
        let id = self.id.clone();
        let data = [&self.data(0x40)[..], &[0; 16], &length, &id, &cose].concat();
        let head = hex("a363666d74646e6f6e656761747453746d74a068617574684461746158");
        let object = [&head[..], &[u8::try_from(data.len()).unwrap()], &data].concat();
        let client = self.client_data("webauthn.create", &options["challenge"]);
        self.credential(json!({
            "clientDataJSON": text(&client), "attestationObject": text(&object), "transports": ["internal"],
        }))
    }

    /// `navigator.credentials.get`
    pub(crate) fn uses(&mut self, options: &Value) -> Value {
        let client = self.client_data("webauthn.get", &options["challenge"]);
        let data = self.data(0);
        let signed = [&data[..], digest(&SHA256, &client).as_ref()].concat();
        let signature = self.key.sign(&SystemRandom::new(), &signed).unwrap();
        self.credential(json!({
            "clientDataJSON": text(&client), "authenticatorData": text(&data),
            "signature": text(signature.as_ref()), "userHandle": self.user,
        }))
    }

    fn credential(&self, response: Value) -> Value {
        let id = text(&self.id);
        json!({ "type": "public-key", "id": id, "rawId": id, "response": response })
    }
}

fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn hex(text: &str) -> Vec<u8> {
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    text.as_bytes().chunks(2).map(byte).collect()
}
