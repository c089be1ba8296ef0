//! Bytes that earlier versions wrote: read as they were meant, and only as they were spelled.
//! The texts here were written by hand from the first forms; nothing may ever change in them.

use serde_json::{Value, json};

use super::super::facts as twin;
use super::super::{
    PayloadError, facts, plan, proposal, read_facts, read_plan, read_proposal, text,
};

const FACTS: &str = concat!(
    r#"{"advice":{"confidence":"0.97","effects_stated":true,"intent_stated":false},"approvals":["ask"],"#,
    r#""arguments":{"path":"a.txt"},"autonomy":[],"#,
    r#""budget_left":{"calls":3,"irreversible":null,"money_micros":null,"read_bytes":null,"wall_ms":null},"#,
    r#""chain":{"agent":{"name":"builder","version":"1"},"human":"ada","parents":[],"tenant":"local"},"#,
    r#""form":"checkrein-facts-1","#,
    r#""history":{"calls":1,"done_before_ms":null,"failures_in_row":0,"identical_calls":0,"over_budget":false},"#,
    r#""labels":[],"now_ms":7,"#,
    r#""plan":{"content_bytes":4,"creations":1,"deletions":0,"#,
    r#""digest":"0101010101010101010101010101010101010101010101010101010101010101","#,
    r#""overwrites":0,"paths":["a.txt"],"restorable":true},"#,
    r#""resource":"workspace:a.txt","space":"lab","#,
    r#""tool":{"consequences":["overwrite"],"#,
    r#""contract":"0202020202020202020202020202020202020202020202020202020202020202","#,
    r#""effect_class":"restorable","maturity":"stable","name":"files.write","preview":"plan","#,
    r#""provenance":"confirmed"},"workflow":"work"}"#,
);

const PROPOSAL: &str = concat!(
    r#"{"arguments":{"path":"a.txt"},"confidence":null,"detached":true,"evidence":["seen"],"#,
    r#""expected_effects":[{"count_max":1,"kind":"created","resource":"workspace:a.txt"}],"#,
    r#""form":"checkrein-proposal-1","intent":null,"key":"k","run":null,"tool":"files.write"}"#,
);

const PROPOSAL_OF_TWO: &str = concat!(
    r#"{"after":null,"arguments":{"path":"a.txt"},"confidence":null,"detached":true,"evidence":[],"#,
    r#""expected_effects":[],"form":"checkrein-proposal-2","intent":null,"key":"k","run":null,"tool":"files.write"}"#,
);

const PROPOSAL_OF_THREE: &str = concat!(
    r#"{"after":null,"arguments":{"path":"a.txt"},"confidence":null,"detached":true,"evidence":[],"#,
    r#""expected_effects":[],"form":"checkrein-proposal-3","input":{"inputResponses":{}},"intent":null,"key":"k","#,
    r#""run":null,"tool":"files.write"}"#,
);

const PLAN: &str = concat!(
    r#"{"changes":[{"after":{"mode":420,"node":{"file":{"#,
    r#""digest":"2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae","#,
    r#""kept":"yes","size":3}}},"before":null,"moved_from":null,"path":"a.txt"}],"#,
    r#""diff":"+foo","form":"checkrein-plan-contents-1","restorable":true}"#,
    "\nfoo",
);

#[test]
fn facts_of_the_first_form_are_read() {
    let read = read_facts(FACTS.as_bytes()).unwrap();
    assert_eq!((&read.command, &read.no_preview), (&None, &None));
    let plan = read.plan.as_ref().unwrap();
    assert_eq!((plan.unintended, plan.exit_code, plan.stands_on.len()), (0, None, 0));
    assert_eq!((plan.creations, read.approvals.len()), (1, 1));
    let again = facts(&read);
    assert_ne!(again, FACTS.as_bytes(), "the newest form is written");
    assert_eq!(read_facts(&again).unwrap(), read);
}

#[test]
fn a_proposal_of_the_first_form_is_read() {
    let read = read_proposal(PROPOSAL.as_bytes()).unwrap();
    assert_eq!((read.after, read.key.as_deref(), read.detached), (None, Some("k"), true));
    assert_eq!(read_proposal(&proposal(&read)).unwrap(), read);
}

#[test]
fn a_proposal_of_the_second_form_is_read() {
    let read = read_proposal(PROPOSAL_OF_TWO.as_bytes()).unwrap();
    assert_eq!((&read.after, &read.input, read.key.as_deref()), (&None, &None, Some("k")));
    let again = proposal(&read);
    assert_ne!(again, PROPOSAL_OF_TWO.as_bytes(), "the newest form is written");
    assert_eq!(read_proposal(&again).unwrap(), read);
}

/// Since the fourth form it is known which call asked for input; before, nobody had said.
#[test]
fn a_proposal_of_the_third_form_is_read() {
    let read = read_proposal(PROPOSAL_OF_THREE.as_bytes()).unwrap();
    let input = read.input.as_ref().unwrap();
    assert_eq!((&input.given, input.answers), (&json!({ "inputResponses": {} }), None));
    let again = proposal(&read);
    assert_ne!(again, PROPOSAL_OF_THREE.as_bytes(), "the newest form is written");
    assert_eq!(read_proposal(&again).unwrap(), read);
}

/// Form 2 is form 1 with the fields that it added, and has no input.
#[test]
fn facts_of_the_second_form_are_read() {
    let mut read = read_facts(FACTS.as_bytes()).unwrap();
    read.no_preview = Some("no jail".to_owned());
    let second = text::write(&twin::Facts::writing(&read, twin::Form::Two));
    assert!(String::from_utf8_lossy(&second).contains("checkrein-facts-2"));
    assert_eq!(read_facts(&second).unwrap(), read);
    let third = facts(&read);
    assert_ne!(third, second, "the newest form is written");
    let (second, third) = (String::from_utf8(second).unwrap(), String::from_utf8(third).unwrap());
    assert!(read_facts(second.replacen("facts-2", "facts-3", 1).as_bytes()).is_err());
    assert!(read_facts(third.replacen("facts-3", "facts-2", 1).as_bytes()).is_err());
}

#[test]
fn a_plan_of_the_first_form_is_read() {
    let read = read_plan(PLAN.as_bytes()).unwrap();
    assert_eq!((read.execution.is_none(), read.changes.len()), (true, 1));
    assert_eq!(read_plan(&plan(&read)).unwrap(), read);
}

/// Every way to take a field of the second form into the first one, or to leave one out of the second.
#[test]
fn no_form_is_read_with_the_fields_of_another() {
    let altered = |text: &str, from: &str, to: &str| {
        let altered = text.replacen(from, to, 1);
        assert_ne!(altered, text, "{from}");
        altered.into_bytes()
    };
    let canonical = |bytes: &[u8]| {
        let value: Value = serde_json::from_slice(bytes).unwrap();
        assert_eq!(contract::canonical(&value), bytes, "only the form is wrong");
    };
    for (from, to) in [
        ("facts-1", "facts-2"),
        (r#""form""#, r#""command":null,"form""#),
        (r#""now_ms""#, r#""no_preview":null,"now_ms""#),
        (r#""overwrites""#, r#""exit_code":null,"overwrites""#),
        (r#""content_bytes""#, r#""consequences":[],"content_bytes""#),
        (r#""restorable":true"#, r#""restorable":true,"unintended":0"#),
        (r#""restorable":true"#, r#""restorable":true,"stands_on":[]"#),
    ] {
        let bytes = altered(FACTS, from, to);
        canonical(&bytes);
        let error = read_facts(&bytes).unwrap_err();
        assert!(matches!(error, PayloadError::NotCanonical("facts")), "{to}: {error}");
    }
    for (from, to) in [("proposal-1", "proposal-2"), (r#"{"arg"#, r#"{"after":null,"arg"#)] {
        let bytes = altered(PROPOSAL, from, to);
        canonical(&bytes);
        assert!(read_proposal(&bytes).is_err(), "{to}");
    }
    for (from, to) in [
        ("proposal-2", "proposal-3"),
        ("proposal-2", "proposal-1"),
        (r#""intent""#, r#""input":null,"intent""#),
        (r#""intent""#, r#""input":{},"intent""#),
    ] {
        let bytes = altered(PROPOSAL_OF_TWO, from, to);
        canonical(&bytes);
        assert!(read_proposal(&bytes).is_err(), "{to}");
    }
    for (from, to) in [
        ("proposal-3", "proposal-4"),
        ("proposal-3", "proposal-2"),
        (r#""arguments""#, r#""answers":null,"arguments""#),
    ] {
        let bytes = altered(PROPOSAL_OF_THREE, from, to);
        canonical(&bytes);
        assert!(read_proposal(&bytes).is_err(), "{to}");
    }
    for (from, to) in [("contents-1", "contents-2"), (r#""form""#, r#""execution":null,"form""#)] {
        assert!(read_plan(&altered(PLAN, from, to)).is_err(), "{to}");
    }
}
