//! Tokens of the operator's: kept, read again when refused, and given up when the same one comes again.
//! What was sent is read off the requests that came.

use std::path::Path;

use super::around::{Rules, World, around, call, name};
use crate::mcp::credentials::{CredentialError, Credentials, SecretSource, Source};

fn bearer(world: &World, source: SecretSource) -> Credentials {
    Credentials::new(name(), Source::Bearer(source), around(world)).unwrap()
}

fn write(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
}

#[tokio::test]
async fn a_token_is_sent_with_the_first_request_and_kept() {
    let world = World::start(Rules::default()).await;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("token");
    write(&path, " access-of-operator\n");
    let credentials = bearer(&world, SecretSource::File(path.clone()));
    call(&world, &credentials).await.unwrap();
    write(&path, "access-unread");
    call(&world, &credentials).await.unwrap();
    assert_eq!(world.shown(), ["Bearer access-of-operator"; 2]);
}

#[tokio::test]
async fn a_refused_token_is_read_again_and_another_one_is_tried_once() {
    let world = World::start(Rules::default()).await;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("token");
    write(&path, "access-one");
    let credentials = bearer(&world, SecretSource::File(path.clone()));
    call(&world, &credentials).await.unwrap();
    world.rules().revoked.lock().unwrap().push("access-one".to_owned());
    write(&path, "access-two");
    call(&world, &credentials).await.unwrap();
    let shown = ["access-one", "access-one", "access-two"].map(|token| format!("Bearer {token}"));
    assert_eq!(world.shown(), shown);
}

#[tokio::test]
async fn the_same_token_again_is_not_tried_again() {
    let world = World::start(Rules::default()).await;
    let directory = tempfile::tempdir().unwrap();
    let (token, log) = (directory.path().join("token"), directory.path().join("log"));
    write(&token, "wrong-token");
    let script = format!("echo x >> {}; cat {}", log.display(), token.display());
    let command = ["sh", "-c", &script].map(str::to_owned).to_vec();
    let credentials = bearer(&world, SecretSource::Command(command));
    let error = call(&world, &credentials).await.unwrap_err();
    assert!(matches!(error, CredentialError::Refused { status: 401, .. }), "{error}");
    assert!(!error.needs_login());
    // The command ran for the request and once after the refusal, and then not for every further call.
    for _ in 0..3 {
        call(&world, &credentials).await.unwrap_err();
    }
    assert_eq!(std::fs::read_to_string(log).unwrap().lines().count(), 2);
    assert_eq!(world.shown(), ["Bearer wrong-token"]);
}

#[tokio::test]
async fn a_403_and_a_server_without_credentials_are_final() {
    let rules = Rules { scope: Some("more"), ..Rules::default() };
    let world = World::start(rules).await;
    let command = ["echo", "access-of-operator"].map(str::to_owned).to_vec();
    let error = call(&world, &bearer(&world, SecretSource::Command(command))).await.unwrap_err();
    assert!(matches!(error, CredentialError::Refused { status: 403, .. }), "{error}");
    let error = call(&world, &Credentials::none(name())).await.unwrap_err();
    assert!(matches!(error, CredentialError::Refused { status: 401, .. }), "{error}");
    assert_eq!(world.shown(), ["Bearer access-of-operator", ""]);
}

#[tokio::test]
async fn nothing_is_sent_without_the_token_that_is_configured() {
    let world = World::start(Rules::default()).await;
    let gone = SecretSource::Environment("CHECKREIN_NO_SUCH_VARIABLE".to_owned());
    let error = call(&world, &bearer(&world, gone)).await.unwrap_err();
    assert!(error.to_string().contains("variable `CHECKREIN_NO_SUCH_VARIABLE`"), "{error}");
    assert_eq!(world.shown(), Vec::<String>::new());
}
