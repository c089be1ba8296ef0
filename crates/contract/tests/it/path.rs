//! Which texts are paths inside the workspace, and which place each names.
//!
//! One table for each family: relative, absolute, refused, look-alikes, bounds.

use contract::WorkspacePath;

const ROOT: Option<&str> = Some("/srv/work");

fn check(given: &str, expect: &str) {
    let got = match WorkspacePath::parse(given, ROOT) {
        Ok(path) => path.to_string(),
        Err(error) => format!("error: {error}"),
    };
    if let Some(part) = expect.strip_prefix("error: ") {
        assert!(got.starts_with("error: ") && got.contains(part), "{given:?}: {got}");
    } else {
        assert_eq!(got, expect, "{given:?}");
    }
}

#[test]
fn a_relative_path_has_one_spelling() {
    for (given, expect) in [
        ("logs", "logs"),
        ("./logs", "logs"),
        ("logs/", "logs"),
        ("a//b/./c", "a/b/c"),
        ("a/../b", "b"),
        ("a/..", "."),
        (".", "."),
        ("./", "."),
        ("~/x", "~/x"),
        ("%2e%2e/x", "%2e%2e/x"),
        ("$HOME", "$HOME"),
        ("a b", "a b"),
        ("Prod/x", "Prod/x"),
        ("prod/x", "prod/x"),
        ("...", "..."),
        (".git/config", ".git/config"),
        ("日本語/ノート.md", "日本語/ノート.md"),
        ("é", "é"),
        ("-rf", "-rf"),
    ] {
        check(given, expect);
    }
}

#[test]
fn an_absolute_path_counts_only_below_the_workspace() {
    for (given, expect) in [
        ("/srv/work", "."),
        ("/srv/work/", "."),
        ("/srv/work/logs", "logs"),
        ("/srv/work//a/../b", "b"),
        ("/srv/work/../x", "error: leaves the workspace"),
        (
            "/srv/workshop/x",
            "error: `/srv/workshop/x` is an absolute path outside the workspace `/srv/work`",
        ),
        (
            "/logs",
            "error: `/logs` is an absolute path outside the workspace `/srv/work`; did you mean `logs`?",
        ),
        (
            "/",
            "error: absolute path outside the workspace `/srv/work`; expected a path relative to it",
        ),
        ("//srv/work/x", "error: absolute path outside"),
    ] {
        check(given, expect);
    }
    let unknown = WorkspacePath::parse("/logs", None).unwrap_err().to_string();
    assert_eq!(unknown, "`/logs` is an absolute path outside the workspace; did you mean `logs`?");
}

#[test]
fn what_leaves_the_workspace_or_cannot_be_seen_is_refused() {
    for (given, expect) in [
        ("", "error: `.` is the workspace itself"),
        ("..", "error: `..` leaves the workspace"),
        ("a/../../b", "error: leaves the workspace"),
        ("a\\b", "error: U+005C (a backslash; parts are joined by `/`)"),
        ("a\0b", "error: U+0000 (the NUL character)"),
        ("a\nb", "error: U+000A (a control character)"),
        ("a\u{7F}", "error: U+007F"),
        ("a\u{202E}b", "error: U+202E (a character that cannot be seen)"),
        ("a\u{2066}b", "error: U+2066"),
        ("a\u{200B}b", "error: U+200B"),
        ("a\u{200D}b", "error: U+200D"),
        ("a\u{FEFF}b", "error: U+FEFF"),
        ("a\u{AD}b", "error: U+00AD"),
        ("a\u{E000}b", "error: U+E000"),
        ("a\u{378}b", "error: U+0378"),
        ("a\u{E0041}b", "error: U+E0041"),
        ("a\u{3164}b", "error: U+3164"),
        ("a\u{FE0F}b", "error: U+FE0F"),
        ("a\u{A0}b", "error: U+00A0 (a space that is not the plain space)"),
        ("a\u{2028}b", "error: U+2028"),
        ("e\u{301}", "error: is not in Unicode form NFC; write `é`"),
        ("\u{212B}", "error: is not in Unicode form NFC"),
        (".checkrein-redo/x", "error: `.checkrein-redo` is reserved"),
        ("a/.Checkrein-x", "error: `.Checkrein-x` is reserved"),
    ] {
        check(given, expect);
    }
}

#[test]
fn look_alikes_of_slash_backslash_and_dot_are_refused_with_their_code_points() {
    for (character, looks) in [
        ('\u{2215}', "`/`"),
        ('\u{2044}', "`/`"),
        ('\u{FF0F}', "`/`"),
        ('\u{29F8}', "`/`"),
        ('\u{2571}', "`/`"),
        ('\u{2105}', "`/`"),
        ('\u{FF3C}', "a backslash"),
        ('\u{FE68}', "a backslash"),
        ('\u{2216}', "a backslash"),
        ('\u{2024}', "`.`"),
        ('\u{2025}', "`.`"),
        ('\u{2026}', "`.`"),
        ('\u{FF0E}', "`.`"),
        ('\u{FE52}', "`.`"),
        ('\u{3002}', "`.`"),
        ('\u{FF61}', "`.`"),
        ('\u{2488}', "`.`"),
    ] {
        check(
            &format!("a{character}b"),
            &format!("error: U+{:04X} (it looks like {looks})", u32::from(character)),
        );
    }
}

#[test]
fn bounds_hold_exactly() {
    let part = "x".repeat(255);
    assert!(WorkspacePath::parse(&part, ROOT).is_ok());
    check(&format!("{part}x"), "error: more than the allowed 255 bytes");
    assert!(WorkspacePath::parse(&vec!["x"; 64].join("/"), ROOT).is_ok());
    check(&vec!["x"; 65].join("/"), "error: 65 parts");
    check(&"x/".repeat(2049), "error: 4098 bytes");
}
