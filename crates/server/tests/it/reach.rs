//! How the server is reached: TLS with an own certificate, a trusted proxy, a public address; and what is refused.
//! Nothing here listens beyond loopback.

use std::sync::Arc;

use checkrein_server::config::Config;
use domain::Code;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::world::{PLAIN, Place, Server, source};

fn config(server: &str) -> Result<Config, checkrein_server::config::Problems> {
    let place = Place::new(&PLAIN.replace("listen = \"127.0.0.1:0\"\n", server));
    place.write("tls/cert.pem", "x");
    place.write("tls/key.pem", "x");
    place.config()
}

const TLS: &str = "tls = { certificate = \"tls/cert.pem\", key = \"tls/key.pem\" }\n";
const PUBLIC: &str = "public_url = \"https://rein.example.com\"\n";

#[test]
fn beyond_loopback_needs_tls_or_a_proxy_and_a_public_address() {
    let open = "listen = \"0.0.0.0:7420\"\n";
    let proxy = "trusted_proxy = \"10.0.0.5\"\n";
    for parts in [&[open][..], &[open, PUBLIC], &[open, TLS], &[open, proxy]] {
        let problems = config(&parts.concat()).unwrap_err();
        assert_eq!(problems.0[0].code, Code::BindRefused, "{parts:?}");
        assert!(problems.to_string().contains("server.public_url"), "{problems}");
    }
    for parts in [&[open, PUBLIC, TLS][..], &[open, PUBLIC, proxy], &[PUBLIC], &[PUBLIC, proxy]] {
        config(&parts.concat()).unwrap();
    }
    assert_eq!(config(&[open, PUBLIC, TLS].concat()).unwrap().url(), "https://rein.example.com");
    assert_eq!(config(PUBLIC).unwrap().url(), "http://localhost:7420");
}

#[test]
fn a_public_address_is_https_and_a_name() {
    for bad in [
        "http://rein.example.com",
        "https://10.0.0.5",
        "https://rein.example.com/console",
        "https://a:b@rein.example.com",
        "rein.example.com",
        "https://rein.example.com?x=1",
    ] {
        let problems = config(&format!("public_url = \"{bad}\"\n")).unwrap_err();
        assert_eq!(problems.0[0].code, Code::BadConfiguration, "{bad}");
    }
}

#[test]
fn login_issuers_are_checked_with_file_and_line() {
    let check = |toml: &str, says: &str| {
        let place = Place::new(&format!("{PLAIN}\n{toml}"));
        let text = place.config().unwrap_err().to_string();
        assert!(
            text.contains("checkrein.toml:") && text.contains(says),
            "expected {says} in {text}"
        );
    };
    let whole = "[[login_issuer]]\nname = \"corp\"\nissuer = \"https://id.example.com\"\nclient_id = \"c\"\n";
    check(&whole.replace("https", "http"), "no address of a server");
    check(&whole.replace("\"c\"", "\"\""), "client id is empty");
    check(&format!("{whole}roles = {{ a = [\"king\"] }}\n"), "`king` is no role");
    check(&format!("{whole}groups = {{ a = [\"No Name\"] }}\n"), "is not a name");
    check(&format!("{whole}client_secret_file = \"none\"\n"), "is not a file");
    check(&format!("{whole}{whole}"), "named twice");
    check(&format!("{whole}secret = \"x\"\n"), "unknown field `secret`");
    let place =
        Place::new(&format!("{PLAIN}\n{whole}roles = {{ a = [\"approver\", \"viewer\"] }}\n"));
    let issuer = &place.config().unwrap().login_issuers[0];
    assert_eq!((issuer.title.as_str(), issuer.name_claim.as_str()), ("corp", "preferred_username"));
    assert_eq!(issuer.roles["a"].to_string(), "viewer+approver");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_are_no_certificate_end_the_start_with_a_word() {
    let place = Place::new(&PLAIN.replace("[server]\n", &format!("[server]\n{TLS}")));
    place.write("tls/cert.pem", "x");
    place.write("tls/key.pem", "x");
    let refusal = place.serve().await.unwrap_err();
    assert_eq!(refusal.code, Code::BadConfiguration, "{refusal}");
    assert!(refusal.message.contains("cert.pem"), "{refusal}");
}

/// A server that speaks TLS itself, with a certificate for `localhost` that only tests believe.
async fn with_tls() -> Server {
    let public = "public_url = \"https://rein.example.com\"\n";
    let place = Place::new(&PLAIN.replace("[server]\n", &format!("[server]\n{public}{TLS}")));
    place.write("tls/cert.pem", include_str!("../tls/certificate.pem"));
    place.write("tls/key.pem", include_str!("../tls/key.pem"));
    Server::at(place).await
}

const CERTIFICATE: &[u8] = include_bytes!("../tls/certificate.pem");
const RENEWED: &[u8] = include_bytes!("../tls/renewed.pem");

/// One request over TLS, as bytes.
async fn over_tls(server: &Server, request: &str) -> String {
    trusting(server, CERTIFICATE, request).await.unwrap()
}

/// The same, believing in this certificate alone.
async fn trusting(server: &Server, certificate: &[u8], request: &str) -> std::io::Result<String> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(certificate).unwrap()).unwrap();
    let provider = Arc::new(tokio_rustls::rustls::crypto::aws_lc_rs::default_provider());
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(server.running.address).await.unwrap();
    let name = "localhost".try_into().unwrap();
    let mut stream = TlsConnector::from(Arc::new(client)).connect(name, stream).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    // A peer that ends without saying so in TLS is no error here.
    let _ = stream.read_to_string(&mut answer).await;
    Ok(answer)
}

/// A certificate was renewed every sixty days, and the server had to be started anew each time to take it.
#[tokio::test(flavor = "multi_thread")]
async fn a_renewed_certificate_is_served_without_a_start_and_a_broken_one_is_not() {
    let server = with_tls().await;
    let here = format!("localhost:{}", server.running.address.port());
    let request = format!("GET /healthz HTTP/1.1\r\nHost: {here}\r\nConnection: close\r\n\r\n");
    let believes = async |certificate| {
        let answer = trusting(&server, certificate, &request).await;
        answer.is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
    };
    assert!(believes(CERTIFICATE).await && !believes(RENEWED).await);
    // In the middle of a renewal the two files do not belong together.
    server.place.write("tls/cert.pem", include_str!("../tls/renewed.pem"));
    assert!(believes(CERTIFICATE).await, "what was served before is served on");
    server.place.write("tls/key.pem", include_str!("../tls/renewed-key.pem"));
    assert!(believes(RENEWED).await && !believes(CERTIFICATE).await);
    server.place.write("tls/cert.pem", "no certificate");
    assert!(believes(RENEWED).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_certificate_everything_is_https_and_nothing_else() {
    let server = with_tls().await;
    assert_eq!(server.running.url(), "https://rein.example.com");
    let port = server.running.address.port();
    let get = |path: &str, host: &str, more: &str| {
        format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{more}\r\n")
    };
    let here = format!("localhost:{port}");
    let page = over_tls(&server, &get("/login", "rein.example.com", "")).await;
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    assert!(page.to_lowercase().contains("strict-transport-security: max-age="), "{page}");
    let origin = format!("Origin: https://{here}\r\n");
    let own = over_tls(&server, &get("/healthz", &here, &origin)).await;
    assert!(own.starts_with("HTTP/1.1 200"), "{own}");
    let plain = format!("Origin: http://{here}\r\n");
    let foreign = over_tls(&server, &get("/healthz", &here, &plain)).await;
    assert!(foreign.starts_with("HTTP/1.1 421"), "{foreign}");
    let other = over_tls(&server, &get("/healthz", "evil.example.com", "")).await;
    assert!(other.starts_with("HTTP/1.1 421"), "{other}");
    let made = {
        let body = "{}";
        let request = format!(
            "POST /v1/people/operator/invite HTTP/1.1\r\nHost: {here}\r\nConnection: close\r\n\
             Authorization: Bearer {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            server.keys.operator,
            body.len()
        );
        over_tls(&server, &request).await
    };
    let ticket = made.split("#ticket=").nth(1).unwrap().split('"').next().unwrap();
    assert!(made.contains("https://rein.example.com/login#ticket="), "{made}");
    let body = format!("{{\"ticket\":\"{ticket}\"}}");
    let request = format!(
        "POST /v1/session/link HTTP/1.1\r\nHost: rein.example.com\r\nConnection: close\r\n\
         Origin: https://rein.example.com\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let session = over_tls(&server, &request).await;
    let cookie =
        session.lines().find(|line| line.to_lowercase().starts_with("set-cookie:")).unwrap();
    assert!(
        cookie.contains("__Host-checkrein_session=") && cookie.contains("; Secure"),
        "{cookie}"
    );
    let mut stream = TcpStream::connect(server.running.address).await.unwrap();
    stream.write_all(get("/healthz", &here, "").as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    assert!(!answer.starts_with(b"HTTP/1.1 200"), "no answer without TLS");
}

#[test]
fn the_environment_gives_the_public_address() {
    let place = Place::new(PLAIN);
    let mut source = source(place.directory.path());
    let url = "https://rein.example.com".to_owned();
    source.environment.insert("CHECKREIN_PUBLIC_URL".to_owned(), url);
    let config = Config::load(&source).unwrap();
    assert_eq!(config.public_url.unwrap().as_str(), "https://rein.example.com/");
}
