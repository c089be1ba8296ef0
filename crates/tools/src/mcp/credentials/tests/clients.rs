//! Which client Checkrein is, how it authenticates itself, and to whom its secret is shown.
//! Who is told what is read off the requests that came.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Url;
use serde_json::{Value, json};

use super::around::{Rules, World, around, call, check_refused, name, oauth, person};
use crate::mcp::credentials::{
    CredentialError, Credentials, Grant, OAuth, RegisteredClient, SecretSource, Source,
};

const METHODS: &str = "token_endpoint_auth_methods_supported";

/// A client with a secret, registered with this issuer. The file lives as long as what is returned.
fn registered(issuer: String) -> (OAuth, tempfile::TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("secret");
    std::fs::write(&path, "the secret/of:it\n").unwrap();
    let secret = Some(SecretSource::File(path));
    let client = Some(RegisteredClient { id: "our client".to_owned(), secret, issuer });
    (OAuth { client, ..oauth() }, directory)
}

#[tokio::test]
async fn a_client_registers_itself_as_a_native_application() {
    let world = World::start(Rules::default()).await;
    call(&world, &person(&world, oauth())).await.unwrap();
    let came = world.server.came();
    let asked = came.iter().find(|came| came.path() == "/register").unwrap();
    let asked: Value = serde_json::from_str(&asked.body).unwrap();
    assert_eq!(asked["application_type"], "native");
    assert_eq!(asked["grant_types"], json!(["authorization_code", "refresh_token"]));
    assert_eq!(asked["redirect_uris"], json!(["http://127.0.0.1:1/callback"]));
    assert_eq!(asked["token_endpoint_auth_method"], "none");
}

/// How the exchange is authenticated: the header, the id and the secret in the form.
async fn shown(rules: Rules) -> (Option<String>, Option<String>, Option<String>) {
    let world = World::start(rules).await;
    call(&world, &person(&world, oauth())).await.unwrap();
    let [exchange] = &world.exchanges()[..] else { panic!("one exchange") };
    let basic = exchange.header("authorization").map(|value| {
        let encoded = value.strip_prefix("Basic ").unwrap();
        String::from_utf8(STANDARD.decode(encoded).unwrap()).unwrap()
    });
    (basic, exchange.field("client_id"), exchange.field("client_secret"))
}

#[tokio::test]
async fn a_registered_client_authenticates_itself_as_its_registration_says() {
    let secret = ("client_secret", json!("given-secret"));
    let client = || Some("registered-client".to_owned());
    let basic = || Some("registered-client:given-secret".to_owned());
    let cases = [
        (json!(["none"]), vec![], (None, client(), None)),
        (json!(["client_secret_basic"]), vec![secret.clone()], (basic(), None, None)),
        (
            json!(["client_secret_post"]),
            vec![secret.clone()],
            (None, client(), Some("given-secret".to_owned())),
        ),
        // RFC 8414: who says nothing means basic.
        (Value::Null, vec![secret.clone()], (basic(), None, None)),
        // A secret from a server that takes none at its token endpoint.
        (json!(["none"]), vec![secret.clone()], (None, client(), None)),
        // What the registration says counts more than what was offered.
        (
            json!(["client_secret_basic", "client_secret_post"]),
            vec![secret, ("token_endpoint_auth_method", json!("client_secret_post"))],
            (None, client(), Some("given-secret".to_owned())),
        ),
    ];
    for (methods, registration, expect) in cases {
        let rules = Rules { metadata: vec![(METHODS, methods)], registration, ..Rules::default() };
        assert_eq!(shown(rules).await, expect);
    }
}

#[tokio::test]
async fn registrations_that_cannot_be_used_are_refused() {
    let cases = [
        (("client_id", Value::Null), "no `client_id`"),
        (("client_id", json!("")), "no `client_id`"),
        (("client_secret", json!("short")), "too short to be masked"),
        (("token_endpoint_auth_method", json!("tls_client_auth")), "unknown authentication"),
    ];
    for (registration, reason) in cases {
        let rules = Rules { registration: vec![registration], ..Rules::default() };
        check_refused(rules, oauth(), reason).await;
    }
    let closed =
        Rules { metadata: vec![("registration_endpoint", Value::Null)], ..Rules::default() };
    check_refused(closed, oauth(), "set `client_id` and `issuer`").await;
}

#[tokio::test]
async fn a_metadata_document_names_the_client_where_that_is_supported() {
    let document = Url::parse("https://checkrein.example/client.json").unwrap();
    for (supported, expect) in [(true, document.as_str()), (false, "registered-client")] {
        let field = "client_id_metadata_document_supported";
        let rules = Rules { metadata: vec![(field, json!(supported))], ..Rules::default() };
        let world = World::start(rules).await;
        let oauth = OAuth { metadata_url: Some(document.clone()), ..oauth() };
        call(&world, &person(&world, oauth)).await.unwrap();
        let [exchange] = &world.exchanges()[..] else { panic!("one exchange") };
        assert_eq!(exchange.field("client_id").unwrap(), expect);
        assert_eq!(world.count("/register"), usize::from(!supported));
    }
}

#[tokio::test]
async fn a_client_of_the_operator_is_used_as_it_is() {
    let rules =
        Rules { metadata: vec![(METHODS, json!(["client_secret_basic"]))], ..Rules::default() };
    let world = World::start(rules).await;
    let (oauth, _directory) = registered(world.server.origin());
    call(&world, &person(&world, oauth)).await.unwrap();
    assert_eq!(world.count("/register"), 0);
    let [exchange] = &world.exchanges()[..] else { panic!("one exchange") };
    let encoded = exchange.header("authorization").unwrap().strip_prefix("Basic ").unwrap();
    // RFC 6749, section 2.3.1: encoded as in a form, so that a colon or blank inside does not confuse.
    assert_eq!(STANDARD.decode(encoded).unwrap(), b"our+client:the+secret%2Fof%3Ait");
}

/// A server that names its own authorization server was shown the secret of the operator's client.
#[tokio::test]
async fn the_secret_of_a_client_is_shown_to_its_own_issuer_only() {
    let (oauth, _directory) = registered("https://auth.example.com".to_owned());
    let world = World::start(Rules::default()).await;
    for grant in [Grant::AuthorizationCode, Grant::ClientCredentials] {
        let credentials = person(&world, OAuth { grant, ..oauth.clone() });
        let error = call(&world, &credentials).await.unwrap_err().to_string();
        assert!(error.contains("https://auth.example.com"), "{error}");
    }
    assert_eq!((world.exchanges().len(), world.count("/authorize")), (0, 0));
}

#[tokio::test]
async fn client_credentials_need_no_person() {
    let world = World::start(Rules { challenge: Some("Bearer scope=a"), ..Rules::default() }).await;
    let (oauth, _directory) = registered(world.server.origin());
    let oauth = OAuth { grant: Grant::ClientCredentials, ..oauth };
    let source = Source::OAuth(Box::new(oauth));
    let credentials = Credentials::new(name(), source, around(&world)).unwrap();
    call(&world, &credentials).await.unwrap();
    let [exchange] = &world.exchanges()[..] else { panic!("one exchange") };
    assert_eq!(exchange.field("grant_type").unwrap(), "client_credentials");
    assert_eq!(exchange.field("scope").unwrap(), "a");
    assert!(exchange.field("resource").unwrap().ends_with("/mcp"));
    // The refresh token that it gave all the same is not used: the client renews by itself.
    world.rules().revoked.lock().unwrap().push("access-1-[a]".to_owned());
    call(&world, &credentials).await.unwrap();
    assert_eq!(world.exchanges()[1].field("grant_type").unwrap(), "client_credentials");
}

#[tokio::test]
async fn scopes_of_the_operator_are_the_most_that_a_client_asks_for_by_itself() {
    let rules =
        Rules { challenge: Some("Bearer scope=\"all\""), scope: Some("more"), ..Rules::default() };
    let world = World::start(rules).await;
    let (oauth, _directory) = registered(world.server.origin());
    let scopes = vec!["read".to_owned()];
    let oauth = OAuth { grant: Grant::ClientCredentials, scopes, ..oauth };
    let error = call(&world, &person(&world, oauth)).await.unwrap_err();
    assert!(matches!(error, CredentialError::Refused { status: 403, .. }), "{error}");
    let asked: Vec<_> = world.exchanges().iter().map(|came| came.field("scope")).collect();
    assert_eq!(asked, [Some("read".to_owned())]);
}

#[tokio::test]
async fn client_credentials_that_nobody_offers_are_refused() {
    let field = "grant_types_supported";
    let rules =
        Rules { metadata: vec![(field, json!(["authorization_code"]))], ..Rules::default() };
    let world = World::start(rules).await;
    let (oauth, _directory) = registered(world.server.origin());
    let credentials = person(&world, OAuth { grant: Grant::ClientCredentials, ..oauth });
    let error = call(&world, &credentials).await.unwrap_err().to_string();
    assert!(error.contains("client_credentials"), "{error}");
    assert_eq!(world.exchanges().len(), 0);
}

#[tokio::test]
async fn configurations_that_cannot_work_are_refused_at_once() {
    let world = World::start(Rules::default()).await;
    let public = Some(RegisteredClient {
        id: "x".to_owned(),
        secret: None,
        issuer: "https://auth.example.com".to_owned(),
    });
    let document = |text: &str| Some(Url::parse(text).unwrap());
    for oauth in [
        OAuth { grant: Grant::ClientCredentials, ..oauth() },
        OAuth { grant: Grant::ClientCredentials, client: public, ..oauth() },
        OAuth { metadata_url: document("http://localhost/client.json"), ..oauth() },
        OAuth { metadata_url: document("https://example.com/"), ..oauth() },
    ] {
        let source = Source::OAuth(Box::new(oauth));
        let error = Credentials::new(name(), source, around(&world)).unwrap_err();
        assert!(matches!(error, CredentialError::Configured { .. }), "{error}");
    }
}
