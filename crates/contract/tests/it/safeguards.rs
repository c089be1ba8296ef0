//! Safeguards: what contract files may say of them, what a breach is, and which moments, arguments and outputs fit.
//!
//! Tables over pure functions; who asks other tools, and what follows, is tested with the gate.

use contract::safeguards::{as_expected, breaches, check_arguments, is_open};
use contract::{ContractFile, Origin, contract_json, digest, load};
use domain::{
    Change, Contact, Content, Day, Execution, Expect, Expected, FileState, Invariants, Node, Plan,
    Printed, Rung, Safeguards, Timestamp, Window,
};
use serde_json::{Value, json};

use crate::support;

const INPUT: &str = r#"{"type": "object", "properties": {"path": {"type": "string"}, "ids": {"type": "array", "items": {"type": "string"}},
 "amount": {"type": "string"}, "n": {"type": "integer"}}, "required": ["path"], "additionalProperties": false}"#;
const FIELDS: &str = "scope = [\"workspace:**\"]\nresource = \"workspace:{path}\"\narguments = { \"/path\" = \"path\", \"/amount\" = \"money\" }\npreview = \"plan\"";

const ALL: &str = r#"
window = { days = ["mon", "fri"], from = "09:30", to = "16:00", zone = "+02:00" }
verifier = { tool = "look.at", otherwise = "deny", arguments = { diff = "{/plan/diff}" } }

[tool.invariants]
files_max = 3
bytes_max = 1_000
hosts_max = 0
rows_max = { argument = "/ids", most = 2 }
amount_max = { argument = "/amount", most = "500.00" }
only = ["src/**"]
never = ["**/.git/**"]
no_delete = true
shape = "no_code"

[[tool.precondition]]
name = "tests pass"
tool = "command.test"
arguments = { where = "in {/path}", n = "{/n}" }
expect = [{ pointer = "/exit_code", equals = 0 }, { pointer = "/stdout", contains = "ok" }]
fresh_ms = 5_000

[[tool.postcondition]]
name = "it is up"
tool = "health.check"
expect = [{ pointer = "/status", at_least = 200 }, { pointer = "/status", at_most = 299 }, { pointer = "/error", exists = false }]
within_ms = 2_000

[tool.step]
procedure = "deploy"
resource = "deploy:{path}"
after = ["checked"]
approved = "approved"
makes = "applied"
verified = "verified"
failed = "planned"
"#;

fn errors(more: &str) -> String {
    let text = support::contract(INPUT, &format!("{FIELDS}\n{more}"));
    let file = ContractFile { name: "test.toml", text: &text, origin: Origin::Project };
    load::file(&file).map_or_else(|errors| errors.to_string(), |_| "loads".to_owned())
}

#[test]
fn all_safeguards_load_and_come_back_from_their_form() {
    let compiled = support::compile(&support::contract(INPUT, &format!("{FIELDS}\n{ALL}")));
    let safeguards = &compiled.contract.safeguards;
    assert_eq!(safeguards.preconditions.len() + safeguards.postconditions.len(), 2);
    let form = contract_json(&compiled.contract);
    let kept = ["invariants", "window", "precondition", "verifier", "postcondition", "step"];
    let text: String = kept
        .iter()
        .map(|field| {
            let value = toml::Value::try_from(&form[field]).unwrap();
            format!("{field} = {value}\n")
        })
        .collect();
    let again = support::compile(&support::contract(INPUT, &format!("{FIELDS}\n{text}")));
    assert_eq!(again.contract.safeguards, *safeguards);
    assert_eq!(again.contract.digest, compiled.contract.digest);
    let bare = support::compile(&support::contract(INPUT, FIELDS));
    assert_ne!(bare.contract.digest, compiled.contract.digest, "the digest covers them");
    assert!(bare.contract.safeguards.is_empty());
    assert!(kept.iter().all(|field| contract_json(&bare.contract).get(field).is_none()));
}

#[test]
fn safeguards_that_make_no_sense_are_told() {
    let check = |expect: &str| {
        format!(
            "precondition = [{{ name = \"x\", tool = \"a.b\", expect = [{expect}], arguments = {{ n = \"{{/m}}\" }} }}]"
        )
    };
    let post = "postcondition = [{ name = \"x\", tool = \"a.b\", expect = [{ pointer = \"/a\", exists = true }], within_ms = 900_000 }]";
    for (more, expect) in [
        ("invariants = { file_max = 1 }".to_owned(), "did you mean `files_max`?"),
        ("invariants = { only = [\"a**b\"] }".to_owned(), "is not a scope"),
        ("invariants = { shape = \"odd\" }".to_owned(), "`odd` is not known here"),
        ("invariants = { amount_max = { argument = \"/n\", most = \"1\" } }".to_owned(), "`/n` has not the kind `money`"),
        ("invariants = { rows_max = { argument = \"/n\", most = 1 } }".to_owned(), "`/n` is no list"),
        ("window = { days = [], from = \"09:00\", to = \"10:00\", zone = \"UTC\" }".to_owned(), "never open"),
        ("window = { days = [\"mon\"], from = \"9\", to = \"10:00\", zone = \"UTC\" }".to_owned(), "no time of day"),
        ("window = { days = [\"mon\"], from = \"09:00\", to = \"10:00\", zone = \"Europe/Berlin\" }".to_owned(), "is not known"),
        (check(""), "it expects nothing"),
        (check("{ pointer = \"/a\" }"), "says nothing, or several things"),
        (check("{ pointer = \"/a\", equals = 1, at_most = 2 }"), "says nothing, or several things"),
        (check("{ pointer = \"/a\", equals = 1 }"), "points to no argument"),
        (post.to_owned(), "to ask for 900000 ms is not possible"),
        (
            "precondition = [{ name = \"x\", tool = \"test.tool\", expect = [{ pointer = \"/a\", exists = true }] }]".to_owned(),
            "cannot check itself",
        ),
        (
            "step = { procedure = \"p\", resource = \"p:{path}\", makes = \"a\", verified = \"b\" }".to_owned(),
            "there are none",
        ),
        ("step = { procedure = \"p\", resource = \"p:{ids}\", makes = \"a\" }".to_owned(), "may be absent"),
    ] {
        let told = errors(&more);
        assert!(told.contains(expect), "{more}\n{told}");
    }
    let text = support::contract(
        INPUT,
        &FIELDS.replace("preview = \"plan\"", "invariants = { no_delete = true }"),
    );
    let file = ContractFile { name: "test.toml", text: &text, origin: Origin::Project };
    let told = load::file(&file).unwrap_err().to_string();
    assert!(told.contains("there is no preview"), "{told}");
}

fn file(text: &str) -> Option<FileState> {
    let digest = digest(text.as_bytes());
    let content = Some(Content::new(text.as_bytes(), digest));
    Some(FileState { mode: 0o644, node: Node::File { size: text.len() as u64, digest, content } })
}

fn change(path: &str, before: Option<FileState>, after: Option<FileState>) -> Change {
    Change { path: path.to_owned(), before, after, moved_from: None }
}

fn plan() -> Plan {
    let contact = |host: &str| Contact { host: host.to_owned(), port: 443, refused: None };
    Plan {
        changes: vec![
            change("src/a", None, file("12345")),
            change("src/b", file("old"), file("1234567")),
            change("docs/c", file("old"), None),
        ],
        diff: String::new(),
        restorable: true,
        execution: Some(Execution {
            exit_code: 0,
            stdout: Printed::default(),
            stderr: Printed::default(),
            wall_ms: 1,
            cpu_ms: 1,
            memory_bytes_max: 1,
            processes: 1,
            network: vec![contact("a.example"), contact("b.example"), contact("a.example")],
            rung: Rung::Overlay,
        }),
    }
}

#[test]
fn a_breach_names_its_invariant_and_the_number_found() {
    let check = |more: &str, arguments: Value, expect: &[&str]| {
        let text = support::contract(INPUT, &format!("{FIELDS}\ninvariants = {{ {more} }}"));
        let invariants = support::compile(&text).contract.safeguards.invariants;
        let name = |path: &str| format!("such as `{path}`");
        let found = breaches(&invariants, (Some(&plan()), &arguments), &name);
        let told: Vec<String> =
            found.iter().map(|one| format!("{}: {}", one.invariant, one.found)).collect();
        assert_eq!(told, expect, "{more}");
    };
    let none = || json!({});
    check("files_max = 3, bytes_max = 12, hosts_max = 2", none(), &[]);
    check("files_max = 2", none(), &["files_max: 3 paths change, at most 2 are allowed"]);
    check("bytes_max = 11", none(), &["bytes_max: 12 bytes are written, at most 11 are allowed"]);
    check("hosts_max = 1", none(), &["hosts_max: 2 hosts are reached, at most 1 are allowed"]);
    check(
        "only = [\"src/**\"]",
        none(),
        &["only: 1 path is outside of what may change, such as `docs/c`"],
    );
    check(
        "never = [\"src/*\"]",
        none(),
        &["never: 2 paths are among what must never change, such as `src/a`"],
    );
    check("no_delete = true", none(), &["no_delete: 1 path is gone, such as `docs/c`"]);
    check(
        "shape = \"creates_only\"",
        none(),
        &["shape: 2 paths are not `creates_only`: there before, such as `src/b`"],
    );
    check("shape = \"one_file\"", none(), &["shape: 3 paths change, and `one_file` allows one"]);
    check("shape = \"no_code\"", none(), &[]);
    let rows = "rows_max = { argument = \"/ids\", most = 1 }";
    check(rows, json!({"ids": ["a"]}), &[]);
    check(
        rows,
        json!({"ids": ["a", "b"]}),
        &["rows_max: `/ids` has 2 items, at most 1 are allowed"],
    );
    check(rows, none(), &["rows_max: `/ids` is no list that could be counted"]);
    let amount = "amount_max = { argument = \"/amount\", most = \"500.00\" }";
    check(amount, json!({"amount": "500.00"}), &[]);
    check(
        amount,
        json!({"amount": "500.01"}),
        &["amount_max: `/amount` is 500.01, at most 500.00 is allowed"],
    );
    check(amount, none(), &["amount_max: `/amount` is no amount of money"]);
    let counts = Invariants { files_max: Some(9), ..Invariants::default() };
    let found = breaches(&counts, (None, &none()), &|_| String::new());
    assert_eq!(found.len(), 1, "no plan, and one is counted on");
    assert_eq!(Safeguards::default().invariants, Invariants::default());
}

#[test]
fn a_window_is_open_on_its_days_between_its_hours() {
    let window = Window {
        days: vec![Day::Monday, Day::Friday],
        from_minute: 570,
        to_minute: 960,
        offset_minutes: 120,
    };
    // 2026-11-23 is a Monday; the window is open there from 07:30 to 14:00 UTC.
    const MIDNIGHT: u64 = 1_795_392_000_000;
    let at = |day: u64, hours: u64, minutes: u64| {
        Timestamp::from_millis(MIDNIGHT + ((day * 24 + hours) * 60 + minutes) * 60_000)
    };
    for (moment, expect) in [
        (at(0, 7, 29), false),
        (at(0, 7, 30), true),
        (at(0, 13, 59), true),
        (at(0, 14, 0), false),
        (at(1, 10, 0), false),
        (at(4, 10, 0), true),
        (at(6, 10, 0), false),
    ] {
        assert_eq!(is_open(&window, moment), expect, "{moment:?}");
    }
    let night =
        Window { days: vec![Day::Tuesday], from_minute: 0, to_minute: 60, offset_minutes: 120 };
    assert!(is_open(&night, at(0, 22, 30)), "it is Tuesday there already");
}

#[test]
fn arguments_of_a_check_are_filled_from_the_act() {
    let input = json!({"path": "src/a", "n": 3, "deep": {"x": [1, 2]}});
    let output = json!({"id": "r-1"});
    let check = |template: Value, expect: Result<Value, &str>| {
        let filled = check_arguments(&template, &input, Some(&output));
        assert_eq!(filled, expect.map_err(str::to_owned), "{template}");
    };
    check(json!({"n": "{/n}", "all": "{/deep}"}), Ok(json!({"n": 3, "all": {"x": [1, 2]}})));
    check(json!({"gone": "{/none}", "kept": 1}), Ok(json!({"kept": 1})));
    check(
        json!({"text": "at {/path}:{/n} as {output:/id}"}),
        Ok(json!({"text": "at src/a:3 as r-1"})),
    );
    check(json!({"text": "in {/deep}"}), Err("`{/deep}` is no plain value"));
    check(json!({"list": ["{/none}"]}), Err("a list names something that is not there"));
    check(json!({"text": "{path} {"}), Ok(json!({"text": "{path} {"})));
    assert_eq!(check_arguments(&json!({"id": "{output:/id}"}), &input, None), Ok(json!({})));
}

#[test]
fn an_output_is_as_expected_or_the_difference_is_told() {
    let output = json!({"code": 0, "text": "3 passed", "flag": null});
    let check = |pointer: &str, value: Expected, expect: Result<(), &str>| {
        let expected = [Expect { pointer: pointer.to_owned(), value }];
        let found = as_expected(&expected, &output, &json!({"n": 3}));
        assert_eq!(found, expect.map_err(str::to_owned));
    };
    check("/code", Expected::Equals(json!(0)), Ok(()));
    check("/code", Expected::Equals(json!("0")), Err("`/code` is 0, expected \"0\""));
    check("/code", Expected::AtMost(-1), Err("`/code` is 0, expected at most -1"));
    check("/text", Expected::AtLeast(0), Err("`/text` is \"3 passed\", expected at least 0"));
    check("/text", Expected::Contains("passed".to_owned()), Ok(()));
    check("/text", Expected::Contains("{/n} passed".to_owned()), Ok(()));
    check("/text", Expected::Equals(json!("{/n}")), Err("`/text` is \"3 passed\", expected 3"));
    check("/text", Expected::Lacks("failed".to_owned()), Ok(()));
    check(
        "/gone",
        Expected::Lacks("failed".to_owned()),
        Err("`/gone` is nothing, expected text without `failed`"),
    );
    check("/flag", Expected::Present, Ok(()));
    check("/gone", Expected::Absent, Ok(()));
    check("/gone", Expected::Present, Err("`/gone` is nothing, expected anything"));
}
