//! What payloads promise: nothing is lost, one value has one spelling, and what was altered is refused.
//!
//! Round trips for all values, and refusals of what was altered or is spelled another way.

use domain::{Answer, Change, Facts, FileState, Node, Plan};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

mod earlier;

use super::samples::{empty_answer, held_answer};
use super::strategies::{self, file};
use super::{PayloadError, answer, answer_bytes, facts, plan, proposal};
use super::{decision, read_answer, read_decision, read_facts, read_plan, read_proposal};

/// What the canonicalizer makes of JSON bytes.
fn canonical_again(bytes: &[u8]) -> Vec<u8> {
    contract::canonical(&serde_json::from_slice::<Value>(bytes).unwrap())
}

proptest! {
    #[test]
    fn facts_come_back_as_they_were(value in strategies::facts()) {
        let bytes = facts(&value);
        prop_assert_eq!(&read_facts(&bytes).unwrap(), &value);
        prop_assert_eq!(canonical_again(&bytes), bytes);
    }

    #[test]
    fn a_proposal_comes_back_as_it_was(value in strategies::proposal()) {
        let bytes = proposal(&value);
        prop_assert_eq!(&read_proposal(&bytes).unwrap(), &value);
        prop_assert_eq!(canonical_again(&bytes), bytes);
    }

    #[test]
    fn a_plan_comes_back_with_its_contents(value in strategies::plan()) {
        let bytes = plan(&value);
        prop_assert_eq!(&read_plan(&bytes).unwrap(), &value);
        let head = bytes.split(|byte| *byte == b'\n').next().unwrap();
        prop_assert_eq!(canonical_again(head), head);
    }

    #[test]
    fn a_plan_that_was_cut_is_refused(value in strategies::plan(), at in any::<prop::sample::Index>()) {
        let bytes = plan(&value);
        prop_assert!(read_plan(&bytes[..at.index(bytes.len())]).is_err());
    }

    #[test]
    fn a_decision_comes_back_as_it_was(value in strategies::decision()) {
        prop_assert_eq!(read_decision(&decision(&value)).unwrap(), value);
    }

    #[test]
    fn an_answer_comes_back_as_it_was(value in strategies::answer()) {
        prop_assert_eq!(read_answer(&answer(&value)).unwrap(), value);
    }

    #[test]
    fn whoever_keeps_an_envelope_can_compute_the_bytes_that_its_entry_covers(value in strategies::answer()) {
        let mut envelope = answer(&value);
        envelope.as_object_mut().unwrap().remove("journal").unwrap();
        let bytes = answer_bytes(&value);
        prop_assert_eq!(&contract::canonical(&envelope), &bytes);
        let stored = read_answer(&serde_json::from_slice(&bytes).unwrap()).unwrap();
        prop_assert_eq!(stored, Answer { journal: None, ..value });
    }
}

fn some_facts() -> Facts {
    let facts = strategies::facts().prop_filter("all parts", |facts| {
        facts.plan.is_some()
            && facts.command.is_some()
            && !facts.chain.parents.is_empty()
            && facts.labels.len() == 2
    });
    facts.new_tree(&mut TestRunner::deterministic()).unwrap().current()
}

#[test]
fn the_envelope_has_this_form() {
    let envelope = answer(&held_answer());
    let lines = envelope.as_object().unwrap().iter().map(|(key, value)| format!("{key}: {value}"));
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"), @r#"
    attempts: 1
    call: "call_00000000000000000000000000000001"
    cost: {"calls":1,"money":"12.50","read_bytes":10,"tokens":3,"wall_ms":7}
    decision: {"duties":[{"group":"group:oncall","id":"look","kind":"review","within_ms":3600000}],"policy":"0101010101010101010101010101010101010101010101010101010101010101","reasons":[{"policy":{"file":"starter.cedar","id":"prod","line":12},"strength":"hold","text":"changes under prod/ wait for a person"}],"requirements":[{"assurance":"passkey","decide_within_ms":60000,"escalate":{"after_ms":30000,"group":"group:leads"},"execute_within_ms":1500,"group":"group:oncall","id":"prod","quorum":2}],"shadow":false,"tier":"3","verdict":"hold"}
    diff: "-a\n+b\n"
    effects: [{"after":null,"before":"0202020202020202020202020202020202020202020202020202020202020202","kind":"modified","observation":"expected","resource":"workspace:prod/a.toml"}]
    error: {"code":"CR-2002","docs":"docs/errors/CR-2002.md","fault":"policy","fix":"wait for it","message":"NOT EXECUTED","retryable":true,"title":"held: NOT EXECUTED, waiting for approval"}
    executed: "no"
    journal: {"hash":"0303030303030303030303030303030303030303030303030303030303030303","run":"run_00000000000000000000000000000002","seq":41}
    output: {"a":[1,null],"z":0.5}
    replayed: false
    status: "held"
    undo: {"how":"undo the call","until_ms":99}
    warnings: ["look at it"]
    "#);
}

#[test]
fn an_envelope_without_anything_has_the_same_keys() {
    let keys = |answer: &Value| answer.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&answer(&empty_answer())), keys(&answer(&held_answer())));
}

/// Every copy of `value` in which one object, outside of `free`, has one key more.
fn with_one_key_more(value: &Value, free: &str) -> Vec<Value> {
    let objects = |value: &Value| {
        let mut pointers = vec![String::new()];
        let mut found = Vec::new();
        while let Some(at) = pointers.pop() {
            let inside: Vec<String> = match value.pointer(&at).unwrap() {
                Value::Object(fields) => fields.keys().cloned().collect(),
                Value::Array(items) => (0..items.len()).map(|index| index.to_string()).collect(),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => continue,
            };
            if value.pointer(&at).unwrap().is_object() {
                found.push(at.clone());
            }
            let steps = inside.into_iter().filter(|key| !at.is_empty() || key != free);
            pointers.extend(steps.map(|key| format!("{at}/{key}")));
        }
        found
    };
    let more = |at: &String| {
        let mut copy = value.clone();
        copy.pointer_mut(at).unwrap()["surprise"] = json!(1);
        copy
    };
    objects(value).iter().map(more).collect()
}

#[test]
fn an_unknown_key_is_refused_wherever_it_stands() {
    let envelopes = with_one_key_more(&answer(&held_answer()), "output");
    assert_eq!(envelopes.len(), 12, "every object of the envelope is tried");
    for envelope in envelopes {
        let error = read_answer(&envelope).unwrap_err();
        assert!(matches!(error, PayloadError::Form { .. }), "{envelope}");
    }
    let recorded = serde_json::from_slice(&facts(&some_facts())).unwrap();
    for altered in with_one_key_more(&recorded, "arguments") {
        let error = read_facts(&contract::canonical(&altered)).unwrap_err();
        assert!(matches!(error, PayloadError::Form { .. }), "{altered}");
    }
}

#[test]
fn facts_are_refused_in_any_other_spelling() {
    let bytes = facts(&some_facts());
    let recorded: Value = serde_json::from_slice(&bytes).unwrap();
    let check = |altered: &Value| {
        let altered = contract::canonical(altered);
        assert!(read_facts(&altered).is_err(), "{}", String::from_utf8_lossy(&altered));
    };
    // Facts of an earlier version know no objection: without it they are whole.
    for key in recorded.as_object().unwrap().keys().filter(|key| *key != "objection") {
        let mut altered = recorded.clone();
        altered.as_object_mut().unwrap().remove(key);
        check(&altered);
    }
    for (pointer, value) in [
        ("/form", json!("checkrein-facts-1")),
        ("/form", json!("checkrein-facts-2")),
        ("/form", json!("checkrein-facts-4")),
        ("/labels/1", recorded["labels"][0].clone()),
        ("/now_ms", json!("12")),
        ("/now_ms", json!(-1)),
        ("/now_ms", json!(1.5)),
        ("/tool/effect_class", json!("harmless")),
        ("/tool/contract", json!("ab")),
        ("/chain/tenant", json!("Not A Name")),
    ] {
        let mut altered = recorded.clone();
        *altered.pointer_mut(pointer).unwrap() = value;
        check(&altered);
    }
    let spaced = [b" ".as_slice(), &bytes].concat();
    assert!(matches!(read_facts(&spaced), Err(PayloadError::NotCanonical("facts"))));
}

#[test]
fn counts_beyond_a_double_are_kept_exactly_and_as_text() {
    let mut value = empty_answer();
    for (seq, shown) in [
        ((1 << 53) - 1, json!(9_007_199_254_740_991_u64)),
        (1 << 53, json!("9007199254740992")),
        (u64::MAX, json!("18446744073709551615")),
    ] {
        value.cost.tokens = seq;
        let envelope = answer(&value);
        assert_eq!(envelope["cost"]["tokens"], shown);
        assert_eq!(read_answer(&envelope).unwrap(), value);
    }
    for wrong in [json!(1_u64 << 53), json!("7"), json!("+9007199254740992"), json!(0.5)] {
        let mut envelope = answer(&value);
        envelope["cost"]["tokens"] = wrong.clone();
        assert!(read_answer(&envelope).is_err(), "{wrong}");
    }
}

#[test]
fn what_follows_from_a_code_is_taken_from_the_code() {
    let mut envelope = answer(&held_answer());
    envelope["error"]["title"] = json!("an older title");
    assert_eq!(read_answer(&envelope).unwrap(), held_answer());
    envelope["error"]["code"] = json!("CR-9999");
    assert!(read_answer(&envelope).is_err());
}

fn change(path: &str, node: Node) -> Change {
    let after = Some(FileState { mode: 0o644, node });
    Change { path: path.into(), before: None, after, moved_from: None }
}

fn two_files(first: &[u8], second: &[u8]) -> Plan {
    let changes = vec![change("a", file(first, true)), change("b", file(second, true))];
    Plan { changes, restorable: true, ..Plan::default() }
}

#[test]
fn equal_contents_are_stored_once() {
    let length = |value: &Plan| plan(value).len();
    let (bytes, other) = ([7; 1_000], [8; 1_000]);
    assert_eq!(length(&two_files(&bytes, &other)) - length(&two_files(&bytes, &bytes)), 1_000);
}

#[test]
fn a_plan_with_altered_contents_is_refused() {
    let bytes = plan(&two_files(b"first\n", b"second"));
    let head = bytes.iter().position(|byte| *byte == b'\n').unwrap();
    for at in head + 1..bytes.len() {
        let mut altered = bytes.clone();
        altered[at] ^= 1;
        assert!(matches!(read_plan(&altered), Err(PayloadError::Altered(_))), "byte {at}");
    }
    let longer = [bytes.as_slice(), b"x"].concat();
    assert!(matches!(read_plan(&longer), Err(PayloadError::Trailing(1))));
    assert!(matches!(read_plan(&bytes[..bytes.len() - 1]), Err(PayloadError::Truncated(_))));
    let text = String::from_utf8(bytes).unwrap();
    let spaced = text.replacen("{\"changes\"", "{ \"changes\"", 1);
    assert!(matches!(read_plan(spaced.as_bytes()), Err(PayloadError::NotCanonical("plan"))));
    let resized = text.replacen("\"size\":6", "\"size\":5", 1);
    assert!(matches!(read_plan(resized.as_bytes()), Err(PayloadError::Altered(_))));
}
