//! Table tests that fail, and files that are none: what their readers are told.
//!
//! That passing tables pass is shown by the starter policy's own in `starter`. Here a report names the case, its
//! line, what was expected and why it came otherwise; and the example of the guide is run as it is printed.

use checkrein_policy::table;
use domain::EffectClass;
use serde_json::json;

use crate::support::{load, object, starter_catalogue, starter_over, tool};

fn report(text: &str) -> table::Report {
    let read = tool("read", EffectClass::Pure, object(json!({})));
    let set = load(
        "@id(\"all\") @reason(\"everything runs\") permit (principal, action, resource);\n\
         @id(\"told\") @notify(\"group:g\") forbid (principal, action, resource);\n\
         @id(\"asked\") @hold(\"group:g\") forbid (principal, action, resource) \
         when { context.space == \"staging\" } unless { context.approvals.contains(\"asked\") };",
        std::slice::from_ref(&read),
    )
    .unwrap();
    table::run(&set, text, "it.tests.toml")
}

#[test]
fn a_failing_case_says_what_was_expected_and_why_it_came_otherwise() {
    let report = report(
        r#"
[defaults]
space = "staging"

[[case]]
name = "passes"
tool = "read"
expect = { verdict = "hold", tier = 3, policies = ["asked"], requirements = ["asked"], notices = ["told"] }

[[case]]
name = "another verdict"
tool = "read"
expect = { verdict = "allow", tier = 1 }

[[case]]
name = "other ids"
tool = "read"
facts = { space = "moon" }
expect = { verdict = "notify", policies = ["asked"], requirements = ["asked"], notices = [], reviews = ["told"] }

[[case]]
name = "no such tool"
tool = "raed"
expect = { verdict = "allow" }

[[case]]
name = "no such name"
tool = "read"
facts = { agent = "Not A Name", confidence = "2" }
expect = { verdict = "allow" }
"#,
    );
    assert!(!report.passed());
    insta::assert_snapshot!(report);
}

#[test]
fn a_file_that_is_no_table_test_says_where_and_why() {
    let texts = [
        "",
        "[[case]]\nname = \"x\"\ntool = \"read\"\nexpect = { verdikt = \"allow\" }",
        "case = 1",
        "[[case]",
    ];
    let told: Vec<String> = texts.iter().map(|text| report(text).to_string()).collect();
    insta::assert_snapshot!(told.join("\n\n"));
    assert!(texts.iter().all(|text| !report(text).passed()));
}

#[test]
fn contract_files_are_read_before_the_cases_run() {
    let tests = checkrein_policy::STARTER_TESTS;
    assert_eq!(
        table::contracts(tests.text, tests.file),
        Ok(vec!["fixtures/tools.toml".to_owned()])
    );
}

#[test]
fn the_example_in_the_guide_runs_and_passes() {
    let guide = include_str!("../../../../docs/guides/policies.md");
    let example = guide
        .split("```toml\n")
        .skip(1)
        .filter_map(|rest| rest.split_once("```").map(|(block, _)| block))
        .find(|block| block.contains("[[case]]"))
        .unwrap();
    let report = table::run(&starter_over(&starter_catalogue()), example, "guide");
    assert!(report.passed() && report.cases.len() == 2, "{report}");
}
