//! Calls of commands to the words that would run.
//!
//! The property: a command line has exactly the words that its template says, whatever the values are.

use contract::{ArgumentError, Compiled, ContractFile, Origin, Resolved, builtin, load};
use domain::{Code, CommandLine, CommandRole};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{chain, installation};

const INPUT: &str = r#"{"type": "object", "properties": {
 "name": {"type": "string"}, "count": {"type": "integer"}, "all": {"type": "boolean"}, "note": {"type": "string"},
 "paths": {"type": "array", "items": {"type": "string"}}, "numbers": {"type": "array", "items": {"type": "integer"}}},
 "additionalProperties": false}"#;

/// A contract with these words, as an operator's file.
fn tool(program: &str, words: &str) -> Compiled {
    let text = crate::support::command(
        &INPUT.replace("\n \"additional", "\n \"required\": [\"name\"], \"additional"),
        &format!(
            "scope = [\"**\"]\nresource = \"thing:one\"\n[tool.command]\nprogram = \"{program}\"\nwords = {words}"
        ),
    );
    let file = ContractFile { name: "test.toml", text: &text, origin: Origin::Operator };
    load::file(&file).unwrap_or_else(|errors| panic!("{errors}")).remove(0)
}

fn line(tool: &Compiled, arguments: Value) -> Result<CommandLine, ArgumentError> {
    let resolved = tool.resolve(&arguments, &chain(), None)?;
    Ok(resolved.command.unwrap())
}

fn refused(tool: &Compiled, arguments: Value) -> String {
    line(tool, arguments).unwrap_err().to_string()
}

#[test]
fn words_stand_where_the_template_has_them() {
    let tool = tool(
        "cat",
        r#"["-x", { text = "--count={count}", when = "count" }, { text = "-a", when = "all" }, "{name}", { each = "paths", text = "p:{item}" }, { each = "numbers", text = "{item}" }, { text = "last", when = "note" }]"#,
    );
    let words = |arguments| line(&tool, arguments).unwrap().arguments;
    assert_eq!(words(json!({"name": "n"})), ["-x", "--", "n"]);
    assert_eq!(
        words(
            json!({"name": "a b", "count": 3, "all": true, "paths": ["x", "y z"], "numbers": [1, 2], "note": ""})
        ),
        ["-x", "--count=3", "-a", "--", "a b", "p:x", "p:y z", "1", "2", "last"]
    );
    assert_eq!(words(json!({"name": "n", "all": false, "paths": []})), ["-x", "--", "n"]);
}

#[test]
fn dashes_are_put_in_once_and_where_they_belong() {
    for (words, expect) in [
        (r#"["{name}"]"#, vec!["--", "n"]),
        (r#"["--", "{name}"]"#, vec!["--", "n"]),
        (r#"["--end-of-options", "{name}"]"#, vec!["--end-of-options", "n"]),
        (r#"["--name={name}"]"#, vec!["--name=n"]),
        (r#"["--name={name}", "a", "{name}", "b"]"#, vec!["--name=n", "a", "--", "n", "b"]),
        (r#"[{ text = "--", when = "all" }, "{name}"]"#, vec!["--", "n"]),
    ] {
        assert_eq!(
            line(&tool("cat", words), json!({"name": "n"})).unwrap().arguments,
            expect,
            "{words}"
        );
    }
}

#[test]
fn a_value_that_could_be_an_option_or_another_line_is_refused() {
    let whole = tool("cat", r#"["{name}"]"#);
    let option = tool("cat", r#"["--name={name}"]"#);
    let middle = tool("cat", r#"["refs/{name}"]"#);
    for (tool, value, why) in [
        (&whole, "-rf", "begins with `-`"),
        (&whole, "--output=x", "begins with `-`"),
        (&whole, "-", "begins with `-`"),
        (&whole, "", "is empty"),
        (&whole, "a\nb", "line break"),
        (&whole, "a\rb", "line break"),
        (&middle, "a\nb", "line break"),
        (&whole, "a\0b", "NUL"),
        (&option, "a\0b", "NUL"),
    ] {
        let told = refused(tool, json!({"name": value}));
        assert!(told.contains("`/name`") && told.contains(why), "{value:?}: {told}");
    }
    assert_eq!(line(&option, json!({"name": "-x\ny"})).unwrap().arguments, ["--name=-x\ny"]);
    let negative = tool("cat", r#"["x", { each = "numbers", text = "{item}" }]"#);
    let told = refused(&negative, json!({"name": "", "numbers": [1, -2]}));
    assert!(told.contains("`/numbers/1`"), "{told}");
}

#[test]
fn command_lines_are_bounded() {
    let tool = tool("cat", r#"[{ each = "paths", text = "{item}" }]"#);
    let paths =
        |count: usize, bytes: usize| json!({"name": "", "paths": vec!["x".repeat(bytes); count]});
    assert_eq!(line(&tool, paths(999, 1)).unwrap().arguments.len(), 1_000);
    assert!(refused(&tool, paths(1_000, 1)).contains("1001 words, at most 1000"));
    assert!(refused(&tool, paths(2, 70_000)).contains("at most 131072"));
}

#[test]
fn arguments_that_make_a_harmless_program_start_others_are_refused() {
    let tool = tool("sed", r#"["s/old/{name}/", "file"]"#);
    assert!(!line(&tool, json!({"name": "new"})).unwrap().facts.starts_programs);
    for script in ["x/e", "x/;1e id;s/a/b", "x/w out"] {
        let told = refused(&tool, json!({"name": script}));
        assert!(told.contains("start other programs"), "{told}");
    }
}

fn installed(name: &str) -> std::sync::Arc<Compiled> {
    load::installed(&builtin::FILES, &installation()).unwrap().find(name).unwrap().clone()
}

fn run(arguments: Value) -> Result<Resolved, ArgumentError> {
    installed("command.run").resolve(&arguments, &chain(), Some("/srv/work"))
}

#[test]
fn a_named_command_runs_with_its_words_as_they_are() {
    let words = ["test", "--", "-x", "a b", "$(id)", "line\nbreak", ""];
    let found =
        run(json!({"program": "cargo", "arguments": words, "directory": "./crates/a/"})).unwrap();
    assert_eq!(found.arguments["directory"], "crates/a");
    assert_eq!(found.resource.as_str(), "workspace:.");
    let line = found.command.unwrap();
    assert_eq!(line.arguments, words);
    assert_eq!(line.facts.role, Some(CommandRole::Test), "the longest match decides");
    assert!(line.facts.starts_programs);
    assert_eq!(line.needs.caches, ["target"]);
    let other = run(json!({"program": "cargo", "arguments": ["build"]})).unwrap().command.unwrap();
    assert_eq!((other.facts.role, other.needs.caches.len()), (None, 0));
    let plain =
        run(json!({"program": "rm", "arguments": ["-rf", "logs"]})).unwrap().command.unwrap();
    assert!(!plain.facts.starts_programs);
}

#[test]
fn what_is_not_named_is_not_run_and_the_nearest_is_told() {
    for (arguments, code, expect) in [
        (
            json!({"program": "sh", "arguments": ["x.sh"]}),
            Code::OutOfScope,
            "did you mean `sh -c`?",
        ),
        (
            json!({"program": "/bin/sh", "arguments": ["-c", "x"]}),
            Code::OutOfScope,
            "`/bin/sh -c x` is not a command",
        ),
        (
            json!({"program": "crago", "arguments": ["test"]}),
            Code::OutOfScope,
            "did you mean `cargo test`?",
        ),
        (
            json!({"program": "curl"}),
            Code::OutOfScope,
            "named are `cargo`, `cargo test`, `rm`, `sh -c`",
        ),
        (json!({"program": "rm", "arguments": ["a\u{0}b"]}), Code::InvalidArguments, "NUL"),
        (json!({"program": "rm", "directory": "/etc"}), Code::PathEscape, "outside the workspace"),
        (json!({"program": "rm", "shell": true}), Code::InvalidArguments, "shell"),
    ] {
        let error = run(arguments.clone()).unwrap_err();
        assert_eq!(error.code(), code, "{arguments}");
        assert!(error.to_string().contains(expect), "{arguments}: {error}");
    }
    let none = load::all(&builtin::FILES).unwrap();
    let error =
        none.find("command.run").unwrap().resolve(&json!({"program": "ls"}), &chain(), None);
    assert!(error.unwrap_err().to_string().contains("[[command]]"));
}

/// A word of a generated template, and what it must become.
#[derive(Debug, Clone)]
enum Piece {
    Fixed(String),
    Whole,
    Option,
    Behind,
    Items,
    Flag,
}

fn piece() -> impl Strategy<Value = Piece> {
    prop_oneof![
        "[a-z-][a-z]{0,5}".prop_map(Piece::Fixed),
        Just(Piece::Whole),
        Just(Piece::Option),
        Just(Piece::Behind),
        Just(Piece::Items),
        Just(Piece::Flag),
    ]
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-z{}$`'\" ;|&*]{1,8}",
        2 => "-{1,2}[a-z=]{0,6}",
        1 => any::<String>(),
    ]
}

impl Piece {
    fn written(&self) -> String {
        match self {
            Self::Fixed(text) => format!("\"{text}\""),
            Self::Whole => "\"{name}\"".to_owned(),
            Self::Option => "\"--name={name}\"".to_owned(),
            Self::Behind => "\"refs/{name}\"".to_owned(),
            Self::Items => "{ each = \"paths\", text = \"{item}\" }".to_owned(),
            Self::Flag => "{ text = \"-a\", when = \"all\" }".to_owned(),
        }
    }

    const fn begins_with_value(&self) -> bool {
        matches!(self, Self::Whole | Self::Items)
    }

    fn words(&self, name: &str, paths: &[String], all: bool) -> Vec<String> {
        match self {
            Self::Fixed(text) => vec![text.clone()],
            Self::Whole => vec![name.to_owned()],
            Self::Option => vec![format!("--name={name}")],
            Self::Behind => vec![format!("refs/{name}")],
            Self::Items => paths.to_vec(),
            Self::Flag => all.then(|| "-a".to_owned()).into_iter().collect(),
        }
    }
}

proptest! {
    #[test]
    fn a_line_has_exactly_the_words_of_its_template_and_no_value_is_an_option(
        pieces in prop::collection::vec(piece(), 0..8),
        name in value(),
        paths in prop::collection::vec(value(), 0..4),
        all in any::<bool>(),
    ) {
        let written: Vec<String> = pieces.iter().map(Piece::written).collect();
        let tool = tool("cat", &format!("[{}]", written.join(", ")));
        let first = pieces.iter().position(Piece::begins_with_value);
        let mut expect = Vec::new();
        for (index, piece) in pieces.iter().enumerate() {
            if Some(index) == first {
                expect.push("--".to_owned());
            }
            expect.extend(piece.words(&name, &paths, all));
        }
        let value_may_stand = |text: &String| !text.is_empty() && !text.starts_with('-') && !text.contains(['\n', '\r', '\0']);
        let whole = pieces.iter().any(|piece| matches!(piece, Piece::Whole));
        let behind = pieces.iter().any(|piece| matches!(piece, Piece::Behind));
        let option = pieces.iter().any(|piece| matches!(piece, Piece::Option));
        let items = pieces.iter().any(|piece| matches!(piece, Piece::Items));
        let good = (!whole || value_may_stand(&name))
            && (!behind || !name.contains(['\n', '\r', '\0']))
            && (!option || !name.contains('\0'))
            && (!items || paths.iter().all(value_may_stand));
        let arguments = json!({"name": name, "paths": paths, "all": all});
        match line(&tool, arguments) {
            Ok(line) => {
                prop_assert!(good);
                prop_assert_eq!(line.arguments, expect);
            }
            Err(error) => prop_assert!(!good, "{}", error),
        }
    }
}
