//! Contract files with errors: each is told with file, line, what is wrong and the fix. The texts are snapshots.
//!
//! A changed text is a changed snapshot, to be read by a person before it is kept.

use contract::{ContractFile, Origin, load};

use crate::support;

const CLOSED: &str = r#"{"type": "object", "properties": {"path": {"type": "string"}, "n": {"type": "integer"}},
 "required": ["path"], "additionalProperties": false}"#;
const FIELDS: &str = "scope = [\"workspace:**\"]\nresource = \"workspace:{path}\"\narguments = { \"/path\" = \"path\" }";

/// A good contract with one text replaced by another.
fn with(from: &str, to: &str) -> String {
    let good = support::contract(CLOSED, FIELDS);
    assert!(good.contains(from), "`{from}` is not in the good contract");
    good.replacen(from, to, 1)
}

fn errors(text: &str) -> String {
    let origin = if text.starts_with("#operator") { Origin::Operator } else { Origin::Project };
    let file = ContractFile { name: "contracts/test.toml", text, origin };
    match load::file(&file) {
        Ok(_) => "loads".to_owned(),
        Err(errors) => errors.to_string(),
    }
}

/// The tool, countered by itself with these arguments.
fn inverse(class: &str, arguments: &str, window_ms: u64) -> String {
    let undo = format!(
        "undo = {{ call = {{ tool = \"test.tool\", arguments = {{ {arguments} }}, window_ms = {window_ms} }} }}"
    );
    with("effect_class = \"irreversible\"", &format!("effect_class = \"{class}\"\n{undo}"))
}

/// Every case with its errors, as one text for people to review.
fn told(cases: &[(&str, String)]) -> String {
    cases
        .iter()
        .map(|(name, text)| format!("# {name}\n{}\n", errors(text)))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn the_good_contract_loads() {
    assert_eq!(errors(&support::contract(CLOSED, FIELDS)), "loads");
}

#[test]
fn fields_that_are_wrong_are_told() {
    let text = told(&[
        ("not TOML", with("version = 1", "version =")),
        ("unknown key", with("version = 1", "version = 1\ntimeout = 5")),
        ("key misspelt", with("effect_class", "efect_class")),
        ("key missing", with("maturity = \"stable\"\n", "")),
        ("key twice", with("version = 1", "version = 1\nversion = 2")),
        ("wrong type", with("version = 1", "version = \"one\"")),
        ("unknown table", format!("{}\n[tools]\nx = 1\n", with("version = 1", "version = 1"))),
        ("no tool", String::new()),
        (
            "unknown key inside",
            with("side_effects = \"none\"", "side_effects = \"none\", why = \"x\""),
        ),
        (
            "retry with an unknown field",
            with("version = 1", "version = 1\nretry = { attempts = 3 }"),
        ),
        ("failover to no tool", with("version = 1", "version = 1\nfailover = \"other.tool\"")),
        ("unknown word", with("\"irreversible\"", "\"reversible\"")),
        (
            "unknown consequence",
            with("version = 1", "version = 1\nconsequences = [\"delete\", \"mony\"]"),
        ),
        ("unknown kind", with("= \"path\" }", "= \"file\" }")),
        ("bad name", with("\"test.tool\"", "\"Test Tool\"")),
        ("bad scope", with("workspace:**\"]", "workspace:a**b\"]")),
        ("empty scope", with("[\"workspace:**\"]", "[]")),
        ("cost as a number", with("cost_max = \"0\"", "cost_max = 0.1")),
        ("cost too fine", with("cost_max = \"0\"", "cost_max = \"0.0000001\"")),
        ("confirmed in a project", with("version = 1", "version = 1\nprovenance = \"confirmed\"")),
    ]);
    insta::assert_snapshot!(text);
}

#[test]
fn schemas_that_are_wrong_are_told() {
    let schema = |text: &str| support::contract(text, FIELDS);
    let text = told(&[
        ("not JSON", schema("{\n  \"type\": \"object\",\n  oops\n}")),
        ("duplicate key", schema(r#"{"type": "object", "type": "object"}"#)),
        ("not a schema", schema(r#"{"type": "objekt"}"#)),
        (
            "not a schema inside",
            schema(r#"{"type": "object", "properties": {"path": {"minLength": "x"}}}"#),
        ),
        (
            "remote reference",
            schema(
                r#"{"type": "object", "properties": {"path": {"$ref": "https://example.com/s.json"}}}"#,
            ),
        ),
        (
            "reference to nothing",
            schema(r##"{"type": "object", "properties": {"path": {"$ref": "#/$defs/none"}}}"##),
        ),
        (
            "another draft",
            schema(r#"{"$schema": "http://json-schema.org/draft-07/schema#", "type": "object"}"#),
        ),
        (
            "look-around",
            schema(r#"{"type": "object", "properties": {"path": {"pattern": "(?=a)"}}}"#),
        ),
        ("true", schema("true")),
        ("admits anything", schema("{}")),
        (
            "no closed object",
            schema(
                r#"{"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}"#,
            ),
        ),
        ("not an object", schema(r#"{"type": "array"}"#)),
        (
            "a date of TOML",
            with("output = '{\"type\": \"object\"}'", "output = { const = 2020-01-01 }"),
        ),
    ]);
    insta::assert_snapshot!(text);
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn contracts_that_make_no_sense_are_told() {
    let irreversible = "effect_class = \"irreversible\"";
    let text = told(&[
        (
            "pure with consequences",
            with(
                irreversible,
                "effect_class = \"pure\"\nconsequences = [\"delete\", \"bulk_read\"]",
            ),
        ),
        ("pure with a preview", with(irreversible, "effect_class = \"pure\"\npreview = \"plan\"")),
        ("restorable without preview", with(irreversible, "effect_class = \"restorable\"")),
        (
            "inverse plan without preview",
            with(
                irreversible,
                "effect_class = \"compensable\"\nundo = { inverse_plan = { window_ms = 1000 } }",
            ),
        ),
        (
            "irreversible with an undo",
            with(
                irreversible,
                "effect_class = \"irreversible\"\npreview = \"plan\"\nundo = { inverse_plan = { window_ms = 1000 } }",
            ),
        ),
        (
            "undo by a tool that is not there",
            with(
                irreversible,
                "effect_class = \"compensable\"\nundo = { call = { tool = \"test.tol\", window_ms = 1000 } }",
            ),
        ),
        ("undo by a call that fits", inverse("compensable", "path = \"input:/path\"", 1_000)),
        ("undo by a call of no place", inverse("compensable", "path = \"/path\"", 1_000)),
        ("undo from nowhere", inverse("compensable", "path = \"output:/nowhere\"", 1_000)),
        ("undo of another argument", inverse("compensable", "pth = \"input:/path\"", 1_000)),
        ("undo without a needed argument", inverse("compensable", "", 1_000)),
        (
            "undo by a call for too long",
            inverse("compensable", "path = \"input:/path\"", u64::MAX / 2),
        ),
        ("undo by a call of a final act", inverse("irreversible", "path = \"input:/path\"", 1_000)),
        (
            "outbox of what is sent at once",
            with(irreversible, "effect_class = \"compensable\"\noutbox = { hold_ms = 1 }"),
        ),
        (
            "outbox for too long",
            with(irreversible, "effect_class = \"delayed\"\noutbox = { hold_ms = 99999999999 }"),
        ),
        ("outbox", with(irreversible, "effect_class = \"delayed\"\noutbox = { hold_ms = 1000 }")),
        ("unknown undo", with(irreversible, "effect_class = \"compensable\"\nundo = \"inverse\"")),
        (
            "undo window",
            with(
                irreversible,
                "effect_class = \"restorable\"\npreview = \"plan\"\nundo = { inverse_plan = { window_ms = 0 } }",
            ),
        ),
        ("verify without preview", with("version = 1", "version = 1\nverify = \"plan\"")),
        ("timeout", with("timeout_ms = 1000", "timeout_ms = 3600001")),
        ("rate", with("version = 1", "version = 1\nrate = { calls = 0, per_ms = 0 }")),
        ("output size", with("version = 1", "version = 1\noutput_bytes_max = 99999999")),
        ("empty description", with("what = \"tests\"", "what = \" \"")),
        ("version 0", with("version = 1", "version = 0")),
        (
            "error twice",
            with(
                "version = 1",
                "version = 1\nerrors = [{ code = \"a\", meaning = \"b\", executed = \"no\" }, { code = \"a\", meaning = \"c\", executed = \"perhaps\" }]",
            ),
        ),
        (
            "error twice, words right",
            with(
                "version = 1",
                "version = 1\nerrors = [{ code = \"a\", meaning = \"b\", executed = \"no\" }, { code = \"a\", meaning = \"c\", executed = \"yes\" }]",
            ),
        ),
    ]);
    insta::assert_snapshot!(text);
}

#[test]
fn pointers_that_lead_nowhere_are_told() {
    let path = "{ \"/path\" = \"path\" }";
    let text = told(&[
        ("kind of no argument", with(path, "{ \"/pth\" = \"path\" }")),
        ("kind without slash", with(path, "{ path = \"path\" }")),
        ("kind of a number", with(path, "{ \"/n\" = \"path\" }")),
        ("path without workspace scope", with("[\"workspace:**\"]", "[\"repo:**\"]")),
        ("resource of no argument", with("{path}", "{pth}")),
        ("resource of an optional argument", with("workspace:{path}", "workspace:{n}")),
        ("resource of a secret", with("= \"path\" }", "= \"secret\" }")),
        ("broken resource", with("workspace:{path}", "workspace:{path")),
        ("resource without kind", with("workspace:{path}", "{path}")),
        (
            "bound to no argument",
            with("version = 1", "version = 1\nbound = { tenant = \"tenant\" }"),
        ),
        ("bound to a number", with("version = 1", "version = 1\nbound = { n = \"tenant\" }")),
        ("bound with a kind", with("version = 1", "version = 1\nbound = { path = \"tenant\" }")),
        (
            "natural key of no argument",
            with("version = 1", "version = 1\nidempotency = { natural = [\"/paht\"] }"),
        ),
        (
            "natural key of nothing",
            with("version = 1", "version = 1\nidempotency = { natural = [] }"),
        ),
        (
            "rule of nothing",
            with(
                "version = 1",
                "version = 1\noutput_rules = [{ equals_argument = { output = \"/x\", argument = \"/y\" } }]",
            ),
        ),
    ]);
    insta::assert_snapshot!(text);
}

const WORDS: &str = r#"{"type": "object", "properties": {"name": {"type": "string"}, "note": {"type": "string"},
 "count": {"type": "integer"}, "all": {"type": "boolean"}, "paths": {"type": "array", "items": {"type": "string"}},
 "remote": {"type": "string"}, "password": {"type": "string"}},
 "required": ["name", "count", "paths"], "additionalProperties": false}"#;

fn command(fields: &str, command: &str) -> String {
    let fields = format!(
        "scope = [\"thing:*\"]\nresource = \"thing:{{name}}\"\narguments = {{ \"/password\" = \"secret\" }}\n{fields}"
    );
    format!("{}\n[tool.command]\n{command}\n", support::command(WORDS, &fields))
}

/// The same without a preview.
fn live(text: &str) -> String {
    assert!(text.contains(support::PLAN));
    text.replace(support::PLAN, "")
}

/// The same as a contract that changes nothing, which an operator confirms.
fn pure(text: &str) -> String {
    assert!(text.contains(support::PLAN));
    let text = text.replace(support::PLAN, "provenance = \"confirmed\"");
    format!("#operator\n{text}").replace("irreversible", "pure")
}

fn words(words: &str) -> String {
    command("", &format!("program = \"cat\"\nwords = {words}"))
}

#[test]
fn commands_that_are_wrong_are_told() {
    let git = |words: &str| {
        command("", &format!("program = \"git\"\nprofile = \"git\"\nwords = {words}"))
    };
    let with = |line: &str| command("", &format!("program = \"cat\"\n{line}"));
    let text = told(&[
        (
            "good",
            words(
                r#"["-n", "--count={count}", { text = "--all", when = "all" }, { each = "paths", text = "{item}" }]"#,
            ),
        ),
        ("no form", command("", "reads = [\"/opt/x\"]")),
        ("two forms", command("", "program = \"cat\"\nnamed = []")),
        ("unknown field", with("shell = true")),
        ("not a program", command("", "program = \"./run.sh\"")),
        ("a shell line as program", command("", "program = \"cat x | sh\"")),
        ("a number as word", words("[1]")),
        ("unknown key of a word", words(r#"[{ txt = "a" }]"#)),
        ("broken word", words(r#"["--a={name"]"#)),
        ("empty word", words(r#"[""]"#)),
        ("unknown argument", words(r#"["--a={nmae}"]"#)),
        ("list without each", words(r#"["{paths}"]"#)),
        ("each without item", words(r#"[{ each = "paths", text = "x" }]"#)),
        ("item without each", words(r#"["{item}"]"#)),
        ("each of no list", words(r#"[{ each = "name", text = "{item}" }]"#)),
        ("when of nothing", words(r#"[{ when = "al", text = "-a" }]"#)),
        ("boolean as a value", words(r#"[{ when = "all", text = "--a={all}" }]"#)),
        ("optional without when", words(r#"["--note={note}"]"#)),
        ("secret in a word", words(r#"[{ when = "password", text = "--password={password}" }]"#)),
        (
            "value before the dashes",
            words(r#"["{name}", "--", { each = "paths", text = "{item}" }]"#),
        ),
        ("option letters from a value", words(r#"["-{name}"]"#)),
        ("option and value in one", words(r#"["-n{name}"]"#)),
        ("option and number in one", words(r#"["-n{count}"]"#)),
        ("a program that starts others", command("", "program = \"sh\"\nwords = [\"-c\", \"x\"]")),
        (
            "the same, said",
            command(
                "consequences = [\"code_execution\"]",
                "program = \"sh\"\nwords = [\"-c\", \"x\"]",
            ),
        ),
        ("pure with caches", pure(&command("", "program = \"cat\"\ncaches = [\"x\"]"))),
        ("a cache over the system", with("caches = [\"/usr/lib\"]")),
        ("a cache outside", with("caches = [\"../x\"]")),
        (
            "variables that lead elsewhere",
            with(
                "environment = { LD_PRELOAD = \"x\", GIT_DIR = \"x\", BASH_ENV = \"x\", PYTHONSTARTUP = \"x\", CI = \"1\" }",
            ),
        ),
        (
            "remotes without a word",
            operator("remotes = [{ name = \"origin\", url = \"https://example.com/x\" }]"),
        ),
        (
            "what only operators name",
            with(
                "reads = [\"/opt/x\"]\nhosts = [\"example.com:443\"]\nprofile = \"git\"\nremotes = []",
            ),
        ),
        ("a change that nobody is shown", live(&words(r#"["x"]"#))),
        ("pure by a project's own word", live(&words(r#"["x"]"#)).replace("irreversible", "pure")),
        ("named by a project", command("", "named = []")),
        ("a profile of a project", git(r#"["status"]"#)),
    ]);
    insta::assert_snapshot!(text);
}

/// Told one word too far, because the `--` that the loader puts in was counted.
#[test]
fn errors_behind_the_dashes_that_are_put_in_stand_at_their_words() {
    let lines = ["-n", "{nmae}", "--a={nmae}", "{name}", "{paths}"];
    let written: String = lines.iter().map(|word| format!("  \"{word}\",\n")).collect();
    let text = words(&format!("[\n{written}]"));
    let told = errors(&text);
    let place = |word: &str| {
        let line = text.lines().position(|line| line.contains(&format!("\"{word}\""))).unwrap();
        format!("contracts/test.toml:{}:3: `test.tool`: the word `{word}`", line + 1)
    };
    for word in ["{nmae}", "--a={nmae}", "{paths}"] {
        assert!(told.contains(&place(word)), "{word}: {told}");
    }
    assert_eq!(told.lines().count(), 3, "{told}");
}

#[test]
fn what_every_command_answers_is_not_written_again() {
    let cat = |fields: &str| command(fields, "program = \"cat\"");
    let case = |code: &str, meaning: &str| {
        format!("{{ code = \"{code}\", meaning = \"{meaning}\", executed = \"no\" }}")
    };
    let errors = |cases: &[String]| cat(&format!("errors = [\n{},\n]", cases.join(",\n")));
    let own = case("no_such_user", "nobody has that name");
    let output = "output = '{\"type\": \"object\"}'";
    let text = told(&[
        ("output of a command", cat(output)),
        ("no output and no command", with(output, "")),
        ("an error of its own", errors(std::slice::from_ref(&own))),
        ("an error of every command", errors(&[own.clone(), case("over_time", "too slow")])),
        ("an error of its own twice", errors(&[own.clone(), case("a", "b"), own.clone()])),
        ("an error that means nothing", errors(&[own, case("a", " ")])),
        ("an error of a changing command only", errors(&[case("no_space", "x")])),
        ("the same where nothing changes", pure(&errors(&[case("no_space", "x")]))),
    ]);
    insta::assert_snapshot!(text);
}

fn operator(line: &str) -> String {
    format!("#operator\n{}", command("", &format!("program = \"cat\"\n{line}")))
}

#[test]
fn commands_of_operators_that_are_wrong_are_told() {
    let of = |line: &str| operator(line);
    let git = |words: &str| {
        format!(
            "#operator\n{}",
            command("", &format!("program = \"git\"\nprofile = \"git\"\nwords = {words}"))
        )
    };
    let text = told(&[
        (
            "reads too much",
            of(
                "reads = [\"/\", \"/home/ada\", \"/home/ada/.ssh\", \"/proc\", \"opt\", \"/opt/node\"]",
            ),
        ),
        ("hosts", of("hosts = [\"example.com\", \"example.com:0\", \"Example.com:443\"]")),
        ("hosts with a preview", of("hosts = [\"example.com:443\"]")),
        ("hosts without a preview", live(&of("hosts = [\"example.com:443\"]"))),
        ("pure with hosts", pure(&of("hosts = [\"example.com:443\"]"))),
        ("a remote with a preview", git(r#"["fetch", "{remote:url}"]"#)),
        ("no subcommand", git(r#"["-c", "core.pager=x", "log"]"#)),
        ("a subcommand that runs others", git(r#"["submodule", "foreach", "x"]"#)),
        (
            "options that run others",
            git(
                r#"["push", "--receive-pack=x", "--exec=y", "--upload-pack=z", "--output=f", "--ext-diff", "--no-ext-diff"]"#,
            ),
        ),
        ("a remote that may be absent", live(&git(r#"["fetch", "{remote:url}"]"#))),
        (
            "named without arguments to name",
            of("").replace(
                "program = \"cat\"",
                "named = [{ program = \"a b\" }, { program = \"cargo\", role = \"tset\" }]",
            ),
        ),
        (
            "named twice",
            of("").replace(
                "program = \"cat\"",
                "named = [{ program = \"cargo\" }, { program = \"cargo\" }]",
            ),
        ),
        ("two forms", of("named = []")),
        ("no form", of("").replace("program = \"cat\"", "reads = [\"/opt/x\"]")),
        ("named beside words", of("").replace("program = \"cat\"", "named = []\nwords = []")),
    ]);
    insta::assert_snapshot!(text);
}

#[test]
fn every_error_of_a_file_is_told_at_once() {
    let one = with("timeout_ms = 1000", "timeout_ms = 0").replace("version = 1", "version = 0");
    let two = with("\"irreversible\"", "\"forever\"").replace("test.tool", "test.other");
    let text = errors(&format!("{one}\n{two}"));
    insta::assert_snapshot!(text);
}

#[test]
fn a_tool_is_described_once_in_all_files() {
    let text = support::contract(CLOSED, FIELDS);
    let file = |name| ContractFile { name, text: &text, origin: Origin::Project };
    let errors = load::all(&[file("a.toml"), file("b.toml")]).unwrap_err().to_string();
    insta::assert_snapshot!(errors);
}

#[test]
fn an_operator_may_confirm_what_a_project_may_only_declare() {
    let text = with("version = 1", "version = 1\nprovenance = \"confirmed\"");
    for (origin, good) in
        [(Origin::Project, false), (Origin::Operator, true), (Origin::BuiltIn, true)]
    {
        let file = ContractFile { name: "a.toml", text: &text, origin };
        assert_eq!(load::file(&file).is_ok(), good, "{origin:?}");
    }
}

#[test]
fn a_schema_written_as_toml_is_the_same_as_json() {
    let json = support::contract(CLOSED, FIELDS);
    let toml = json.replace(
        &format!("input = '''\n{CLOSED}\n'''"),
        r#"input = { type = "object", properties = { path = { type = "string" }, n = { type = "integer" } }, required = ["path"], additionalProperties = false }"#,
    );
    assert_ne!(json, toml);
    assert_eq!(support::compile(&json).contract.digest, support::compile(&toml).contract.digest);
}

#[test]
fn a_contract_has_another_digest_when_anything_in_it_changes() {
    let base = support::compile(&support::contract(CLOSED, FIELDS)).contract.digest;
    for (from, to) in [
        ("version = 1", "version = 2"),
        ("what = \"tests\"", "what = \"Tests\""),
        ("timeout_ms = 1000", "timeout_ms = 1001"),
        ("workspace:**\"]", "workspace:*\"]"),
        ("cost_max = \"0\"", "cost_max = \"0.000001\""),
        ("\"integer\"", "\"number\""),
        ("version = 1", "version = 1\noutput_labels = []"),
        ("version = 1", "version = 1\nrate = { calls = 1, per_ms = 1 }"),
    ] {
        assert_ne!(support::compile(&with(from, to)).contract.digest, base, "{to}");
    }
    assert_eq!(
        support::compile(&with("cost_max = \"0\"", "cost_max = \"0.00\"")).contract.digest,
        base
    );
}
