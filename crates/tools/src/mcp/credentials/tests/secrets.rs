//! That no secret is printed, and that the mask knows each before it is used.
//! The mask is the one that the journal and the logs use.

use std::sync::{Arc, Mutex};

use contract::Masker;
use domain::limits;
use serde_json::json;

use super::around::{Following, Rules, World, around, call, name, oauth};
use crate::mcp::credentials::{Around, Credentials, KnownSecrets, Secret, Source};

#[test]
fn a_secret_prints_itself_as_redacted() {
    let secret = Secret::new("hidden-value");
    assert_eq!(format!("{secret} {secret:?}"), "[redacted] [redacted]");
    let known = KnownSecrets::new();
    known.learn(&name(), &secret);
    assert!(!format!("{known:?}").contains("hidden"));
    assert_eq!(known.texts(), ["hidden-value"]);
}

#[tokio::test]
async fn the_mask_knows_every_token_before_it_is_sent() {
    let rules = Rules {
        registration: vec![
            ("client_secret", json!("hidden-client-secret")),
            ("token_endpoint_auth_method", json!("client_secret_post")),
        ],
        token: vec![
            ("access_token", json!("access-hidden-token")),
            ("refresh_token", json!("hidden-refresh-token")),
        ],
        ..Rules::default()
    };
    let world = World::start(rules).await;
    let masker = Arc::new(Mutex::new(Masker::new([]).unwrap()));
    let known = KnownSecrets::new();
    let swapped = Arc::clone(&masker);
    known.on_change(move |texts| {
        *swapped.lock().unwrap() = Masker::new(texts.iter().map(String::as_str)).unwrap();
    });
    let browser = Some(Following::new(&world) as _);
    let around = Around { known: known.clone(), browser, ..around(&world) };
    let source = Source::OAuth(Box::new(oauth()));
    let credentials = Credentials::new(name(), source, around).unwrap();
    call(&world, &credentials).await.unwrap();

    let text = "access-hidden-token hidden-refresh-token hidden-client-secret";
    let masked = masker.lock().unwrap().mask_text(text).into_owned();
    assert!(!masked.contains("hidden"), "{masked}");
    let mut attempt = credentials.request();
    let headers = attempt.headers().await.unwrap();
    assert_eq!(headers["authorization"], "Bearer access-hidden-token");
    let shown = format!("{credentials:?} {attempt:?} {headers:?}");
    assert!(!shown.contains("hidden"), "{shown}");
}

#[test]
fn the_list_of_secrets_is_bounded_and_forgets_the_oldest() {
    let known = KnownSecrets::new();
    let other = "other".parse().unwrap();
    known.learn(&other, &Secret::new("secret-of-another"));
    let most = limits::CREDENTIALS_KNOWN_MAX;
    for number in 0..most * 2 {
        known.learn(&name(), &Secret::new(format!("secret-{number:05}")));
    }
    let texts = known.texts();
    assert_eq!(texts.len(), most + 1);
    assert!(texts.contains(&"secret-of-another".to_owned()));
    assert!(texts.contains(&format!("secret-{:05}", most * 2 - 1)));
    assert!(!texts.contains(&"secret-00000".to_owned()));
}

#[test]
fn a_value_too_short_for_the_mask_does_not_break_it() {
    let known = KnownSecrets::new();
    known.learn(&name(), &Secret::new("short"));
    assert_eq!(known.texts(), Vec::<String>::new());
}
