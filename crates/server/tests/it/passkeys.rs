//! Passkeys over HTTP with a device of our own making: added, used, and every way in which a device or a page could lie.
//! What the parts of an answer mean is tested with the vectors of the specification, beside the code.

use serde_json::{Value, json};

use crate::browser::{Browser, Device};
use crate::world::{Said, Server};

async fn adds(browser: &mut Browser, device: &mut Device) -> Said {
    let asked = browser.posts("/v1/account/passkeys/begin", json!({ "name": "phone" })).await.ok();
    let credential = device.makes(&asked["publicKey"]);
    browser.posts("/v1/account/passkeys/finish", json!({ "credential": credential })).await
}

async fn asked(browser: &mut Browser) -> Value {
    browser.posts("/v1/session/passkey/begin", json!({})).await.ok()["publicKey"].clone()
}

async fn uses(browser: &mut Browser, device: &mut Device) -> Said {
    let credential = device.uses(&asked(browser).await);
    browser.logs_in("/v1/session/passkey/finish", json!({ "credential": credential })).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_logs_in_with_the_highest_assurance() {
    let server = Server::start().await;
    let mut browser = Browser::of(&server, "operator").await;
    let mut device = Device::new(&browser);
    let passkey = adds(&mut browser, &mut device).await.ok();
    assert_eq!(passkey["title"], "phone");
    let mut phone = Browser::on(&server);
    let session = uses(&mut phone, &mut device).await.ok();
    assert_eq!((&session["assurance"], &session["login"]), (&json!("passkey"), &json!("passkey")));
    assert_eq!(session["passkeys"], json!([passkey]));
    let server = server.again().await;
    let mut later = Browser::on(&server);
    device.origin = later.origin.clone();
    uses(&mut later, &mut device).await.ok();
    let id = passkey["id"].as_str().unwrap();
    later.deletes(&format!("/v1/account/passkeys/{id}")).await.ok();
    assert_eq!(uses(&mut Browser::on(&server), &mut device).await.problem(401), "CR-4001");
    let entries = server.sees("/v1/journal/entries").await.to_string();
    assert!(entries.contains("passkey_added") && entries.contains("passkey_removed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_wrong_with_a_passkey_logs_nobody_in() {
    let server = Server::start().await;
    let mut browser = Browser::of(&server, "operator").await;
    let mut device = Device::new(&browser);
    adds(&mut browser, &mut device).await.ok();
    let mut stranger = Browser::on(&server);
    let origin = device.origin.clone();
    device.origin = "https://evil.example".to_owned();
    assert_eq!(uses(&mut stranger, &mut device).await.problem(401), "CR-4001", "another page");
    device.origin = origin;
    device.rp_id = "evil.example".to_owned();
    assert_eq!(uses(&mut stranger, &mut device).await.problem(401), "CR-4001", "another site");
    device.rp_id = "localhost".to_owned();
    device.flags = 0x01;
    assert_eq!(uses(&mut stranger, &mut device).await.problem(401), "CR-4001", "nobody verified");
    device.flags = 0x05;
    let mut unknown = Device::new(&browser);
    assert_eq!(uses(&mut stranger, &mut unknown).await.problem(401), "CR-4001", "unknown passkey");
    let credential = device.uses(&asked(&mut stranger).await);
    let body = json!({ "credential": credential });
    stranger.logs_in("/v1/session/passkey/finish", body.clone()).await.ok();
    let again = stranger.logs_in("/v1/session/passkey/finish", body).await;
    assert_eq!(again.problem(401), "CR-4001", "an answer that was given before");
    device.counter = 1;
    assert_eq!(uses(&mut stranger, &mut device).await.problem(401), "CR-4001", "a copied key");
    let made_up = json!({ "challenge": "AAAA" });
    let body = json!({ "credential": device.uses(&made_up) });
    let said = stranger.logs_in("/v1/session/passkey/finish", body).await;
    assert_eq!(said.problem(401), "CR-4001", "a challenge that nobody asked");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_is_added_by_the_session_that_began_and_once() {
    let server = Server::start().await;
    let mut browser = Browser::of(&server, "operator").await;
    let mut other = Browser::of(&server, "operator").await;
    let mut device = Device::new(&browser);
    let begin = json!({ "name": "phone" });
    let asked = browser.posts("/v1/account/passkeys/begin", begin.clone()).await.ok();
    let body = json!({ "credential": device.makes(&asked["publicKey"]) });
    let said = other.posts("/v1/account/passkeys/finish", body.clone()).await;
    assert_eq!(said.problem(400), "CR-1010", "another session");
    let said = browser.posts("/v1/account/passkeys/finish", body).await;
    assert_eq!(said.problem(400), "CR-1010", "the challenge is used up");
    adds(&mut browser, &mut device).await.ok();
    let by_link = other.posts("/v1/account/passkeys/begin", begin.clone()).await;
    assert_eq!(by_link.problem(403), "CR-4002", "from now on a link adds none");
    uses(&mut browser, &mut device).await.ok();
    let twice = adds(&mut browser, &mut device).await;
    assert_eq!(twice.problem(409), "CR-1014");
    let long = json!({ "name": "x".repeat(1_000) });
    let said = browser.posts("/v1/account/passkeys/begin", long).await;
    assert_eq!(said.problem(400), "CR-1010", "nothing of it is kept");
    let asked = browser.posts("/v1/account/passkeys/begin", begin).await.ok();
    let known = asked["publicKey"]["excludeCredentials"].as_array().unwrap();
    assert_eq!(known.len(), 1, "no device makes a second one");
}
