//! The doctor finds what was broken on purpose, and nothing in a sound installation.
//!
//! What depends on who runs the tests and where (a person's user id, the kernel's jail) is left out.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value;

use crate::support::{Installation, Place, text};

/// Checks of the person and the machine that run the tests.
const NOT_OURS: [&str; 3] = ["user", "commands run as", "jail"];

/// The checks that did not come out `ok`, by name and level.
fn complaints(place: &Place, code: i32) -> Vec<(String, String)> {
    let found = place.run(&["-o", "json", "doctor"]).expect(code).json();
    let checks = found.as_array().unwrap().iter();
    let named = checks.map(|one| (text(one, "/name"), text(one, "/level")));
    named.filter(|(name, level)| level != "ok" && !NOT_OURS.contains(&name.as_str())).collect()
}

fn one(name: &str, level: &str) -> Vec<(String, String)> {
    vec![(name.to_owned(), level.to_owned())]
}

#[test]
fn a_sound_place_has_no_complaints() {
    let place = Place::new();
    assert_eq!(complaints(&place, 0), []);
    let before: Vec<_> = std::fs::read_dir(place.path("workspace")).unwrap().collect();
    assert_eq!(before.len(), 4, "the doctor leaves nothing behind");
}

#[test]
fn each_thing_that_is_broken_is_found() {
    let here = Installation::start();
    assert_eq!(complaints(&here.place, 0), one("first keys", "warning"));
    let place = here.kill();
    std::fs::remove_file(place.path("state/first-keys")).unwrap();
    assert_eq!(complaints(&place, 0), []);

    let mode = |name: &str, mode: u32| {
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(place.path(name), permissions).unwrap();
    };
    mode("state/data", 0o755);
    assert_eq!(complaints(&place, 1), one("data directory", "error"));
    mode("state/data", 0o700);
    mode("config", 0o750);
    let found = complaints(&place, 1);
    assert!(found.contains(&one("directory of the master key", "error")[0]), "{found:?}");
    mode("config", 0o700);

    let key = std::fs::read(place.path("config/master.key")).unwrap();
    std::fs::remove_file(place.path("config/master.key")).unwrap();
    let found = complaints(&place, 1);
    assert!(found.contains(&("master key".to_owned(), "error".to_owned())), "{found:?}");
    std::fs::write(place.path("config/master.key"), key).unwrap();
    mode("config/master.key", 0o600);

    place.write("policies/broken.cedar", "nonsense");
    assert_eq!(complaints(&place, 1), one("contracts and policies", "error"));
}

#[test]
fn every_complaint_says_what_to_do() {
    let here = Installation::start();
    let found = here.json(&["doctor"]);
    for check in found.as_array().unwrap() {
        let has_fix =
            check.pointer("/fix").and_then(Value::as_str).is_some_and(|fix| !fix.is_empty());
        assert_eq!(has_fix, text(check, "/level") != "ok", "{check}");
    }
}

#[test]
fn the_rung_and_everything_that_was_tried_are_told() {
    let place = Place::new();
    let found = place.run(&["-o", "json", "doctor"]).expect(0).json();
    let checks = found.as_array().unwrap();
    let jail = checks.iter().find(|check| text(check, "/name") == "jail").unwrap();
    let told = text(jail, "/found");
    let rung = ["overlay", "copy", "landlock", "refuse"]
        .into_iter()
        .find(|rung| told.contains(&format!("rung `{rung}`")));
    assert!(rung.is_some(), "{told}");
    assert!(
        told.contains("overlay jail works: ") || told.contains("overlay jail does not work: "),
        "{told}"
    );
    assert_eq!(
        rung == Some("overlay"),
        text(jail, "/level") == "ok" && told.contains("overlay jail works"),
        "{told}"
    );
}

#[test]
fn the_credential_of_a_remote_must_be_there_and_private() {
    let place = Place::new();
    let toml = std::fs::read_to_string(place.path("checkrein.toml")).unwrap();
    let remote = "[[git_remote]]\nname = \"origin\"\nurl = \"https://example.org/x\"\n";
    let with = |credential: &str| {
        place.write("checkrein.toml", &format!("{toml}\n{remote}{credential}\n"))
    };
    with("credential_env = \"NO_SUCH_VARIABLE_OF_THE_TESTS\"");
    assert_eq!(complaints(&place, 1), one("credential", "error"));
    place.write("token", "a-token-that-is-long-enough");
    with("credential_file = \"token\"");
    let mode = |mode| {
        std::fs::set_permissions(place.path("token"), std::fs::Permissions::from_mode(mode))
            .unwrap()
    };
    mode(0o644);
    assert_eq!(complaints(&place, 1), one("credential", "error"));
    mode(0o600);
    assert_eq!(complaints(&place, 0), []);
}
