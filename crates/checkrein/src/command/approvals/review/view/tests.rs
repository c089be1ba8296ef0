//! What keys mean, moment by moment.
//! A request is made of JSON as the server sends it; no terminal and no clock is needed.

use super::*;

fn details(id: &str, more: impl FnOnce(&mut serde_json::Value)) -> wire::ApprovalDetails {
    let mut value = serde_json::json!({
        "approval": {
            "approval": id, "call": "call_1", "run": null, "requirement": "ask-prod", "asked_of": "group:oncall",
            "quorum": 1, "votes": 0, "assurance": "key", "escalate_to": null, "escalates_ms": null,
            "escalated_ms": null, "agent": "agent", "tool": "files.write", "resource": "workspace:prod/a.txt",
            "effect_class": "restorable", "binding": "b", "state": "pending", "asked_ms": 1, "decide_by_ms": 2,
            "execute_by_ms": null, "decided_by": null, "decided_ms": null, "reason": null,
        },
        "call": null, "arguments": { "path": "prod/a.txt", "content": "live" }, "input": null, "input_answers": null,
        "intent": "release", "answer": null, "plan": null, "after": null,
        "needs": { "quorum": 1, "group": "group:oncall", "assurance": "key", "escalate": null },
        "votes": [], "may_decide": { "yes": true, "why": null, "code": null, "fix": null }, "excluded": [],
        "rule": { "id": "ask-prod", "reason": null, "text": null, "owner": null }, "risk": [],
        "effect": { "class": "restorable", "consequences": [], "undo": null }, "evidence": [], "questions": [],
        "similar": { "asked": 0, "approved": 0, "rejected": 0, "superseded": 0, "expired": 0, "failed": 0, "latest": [] },
        "supersedes": null, "superseded_by": null, "confirm": { "kind": "none", "text": null },
        "shown": { "digest": "d", "chars": 10, "complete": true },
    });
    more(&mut value);
    serde_json::from_value(value).unwrap()
}

/// A view of one request that stood there long enough and was read, and the moment after that.
fn view(details: wire::ApprovalDetails, rows: usize) -> (View, Instant) {
    let start = Instant::now();
    let mut view = View::new(false, start);
    view.listed(vec![details.approval.clone()], false);
    view.show(details, start);
    view.fit(80, rows);
    (view, start + 2 * ARMED)
}

fn press(view: &mut View, key: char, now: Instant) -> Option<Act> {
    let key = KeyEvent::new(KeyCode::Char(key), KeyModifiers::NONE);
    view.take(&Event::Key(key), now)
}

fn types(view: &mut View, words: &str, now: Instant) -> Option<Act> {
    for letter in words.chars() {
        assert_eq!(press(view, letter, now), None);
    }
    view.take(&Event::Key(KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE)), now)
}

const MOMENT: Duration = Duration::from_millis(30);

#[test]
fn a_yes_is_two_presses_apart() {
    let (mut view, now) = view(details("apr_1", |_| ()), 50);
    assert_eq!(press(&mut view, 'a', now), None);
    assert_eq!(press(&mut view, 'a', now + MOMENT), None, "too fast");
    let later = now + MOMENT + ARMED;
    let yes = Asked::Yes { confirm: None, shown: "d".to_owned() };
    let expect = Act::Decide { approval: "apr_1".to_owned(), asked: yes };
    assert_eq!(press(&mut view, 'a', later), None);
    assert_eq!(view.rests(later + CALM - MOMENT), None, "another key may follow");
    assert_eq!(view.rests(later + CALM), Some(expect));
    assert_eq!(press(&mut view, 'a', later + 2 * ARMED), None, "the next yes takes two again");
    assert_eq!(view.rests(later + 3 * ARMED), None);
}

/// Where a keyboard waits longer than 600 ms before it repeats, the first repeat was the second press.
#[test]
fn a_key_that_is_held_down_and_repeats_late_is_no_yes() {
    for (delay, every) in [(660, 30), (1_000, 33), (660, 250)] {
        let (mut view, now) = view(details("apr_1", |_| ()), 50);
        let at = |ms: u64| now + Duration::from_millis(ms);
        press(&mut view, 'a', at(0));
        for repeat in 0..200 {
            let pressed = delay + repeat * every;
            // A key that waits is taken before it is looked whether none came.
            assert_eq!(press(&mut view, 'a', at(pressed)), None, "{delay} {every} {repeat}");
            assert_eq!(view.rests(at(pressed + every - 1)), None, "{delay} {every} {repeat}");
        }
    }
}

#[test]
fn another_key_after_the_second_press_takes_it_back() {
    let (mut view, now) = view(details("apr_1", |_| ()), 50);
    press(&mut view, 'a', now);
    press(&mut view, 'a', now + ARMED);
    press(&mut view, 'x', now + ARMED + MOMENT);
    assert_eq!(view.rests(now + 3 * ARMED), None);
}

/// `j` selected another request, which could not be read; `a a` then approved the one before.
#[test]
fn what_is_selected_and_not_read_yet_is_not_decided() {
    let (mut view, now) = view(details("apr_1", |_| ()), 50);
    let other = details("apr_2", |_| ());
    view.listed(vec![view.requests[0].clone(), other.approval.clone()], false);
    assert_eq!(press(&mut view, 'j', now), Some(Act::Look));
    press(&mut view, 'a', now);
    press(&mut view, 'a', now + 2 * ARMED);
    assert_eq!(view.rests(now + 4 * ARMED), None);
    assert!(view.said.as_ref().unwrap().1.contains("not read yet"), "{:?}", view.said);
    press(&mut view, 'r', now + 4 * ARMED);
    assert_eq!(view.mode, Mode::Look, "no reason is typed for another one");
    assert_eq!(press(&mut view, 'e', now + 4 * ARMED), None);
    view.show(other, now + 4 * ARMED);
    view.fit(80, 50);
    press(&mut view, 'r', now + 5 * ARMED);
    assert!(matches!(view.mode, Mode::Typing(For::No, _)));
}

#[test]
fn a_change_ends_the_typing_of_a_yes_and_not_that_of_a_no() {
    let typed = |intent: &'static str| {
        move |value: &mut serde_json::Value| {
            value["confirm"] = serde_json::json!({ "kind": "type", "text": "prod/a.txt" });
            value["intent"] = intent.into();
        }
    };
    let (mut view, now) = view(details("apr_1", typed("one")), 50);
    press(&mut view, 'a', now);
    assert!(matches!(view.mode, Mode::Typing(For::Yes, _)));
    view.show(details("apr_1", typed("another")), now);
    assert_eq!(view.mode, Mode::Look);
    assert!(view.said.as_ref().unwrap().1.contains("it changed"), "{:?}", view.said);
    view.fit(80, 50);
    press(&mut view, 'r', now + 2 * ARMED);
    press(&mut view, 'n', now + 2 * ARMED);
    view.show(details("apr_1", typed("a third")), now + 2 * ARMED);
    assert!(matches!(&view.mode, Mode::Typing(For::No, typed) if typed == "n"));
}

#[test]
fn a_key_that_is_held_down_is_no_yes() {
    let (mut view, now) = view(details("apr_1", |_| ()), 50);
    for repeat in 0..2_000 {
        assert_eq!(press(&mut view, 'a', now + repeat * MOMENT), None, "{repeat}");
    }
}

#[test]
fn another_key_or_a_long_time_takes_the_first_press_back() {
    let (mut view, now) = view(details("apr_1", |_| ()), 50);
    press(&mut view, 'a', now);
    press(&mut view, 'x', now + ARMED);
    assert_eq!(press(&mut view, 'a', now + 2 * ARMED), None, "after another key");
    assert_eq!(press(&mut view, 'a', now + 2 * ARMED + FORGOTTEN), None, "after a long time");
}

#[test]
fn what_just_came_up_is_not_approved_by_a_key_that_was_meant_for_another() {
    let start = Instant::now();
    let (mut view, now) = view(details("apr_1", |_| ()), 50);
    press(&mut view, 'a', now);
    let other = details("apr_2", |_| ());
    view.listed(vec![other.approval.clone()], false);
    assert_eq!(view.selected(), Some("apr_1"), "nothing slips under the fingers");
    view.at = 1;
    view.show(other, now + ARMED);
    view.fit(80, 50);
    assert_eq!(press(&mut view, 'a', now + ARMED + MOMENT), None);
    assert_eq!(view.mode, Mode::Look, "it stands there for too short a time to be armed");
    press(&mut view, 'a', now + 3 * ARMED);
    assert!(matches!(view.mode, Mode::Armed(_)), "{:?} {start:?}", view.mode);
}

#[test]
fn a_change_takes_the_first_press_back() {
    let (mut view, now) = view(details("apr_1", |_| ()), 50);
    press(&mut view, 'a', now);
    view.show(details("apr_1", |value| value["intent"] = "another".into()), now + MOMENT);
    view.fit(80, 50);
    assert_eq!(press(&mut view, 'a', now + 3 * ARMED), None);
    assert_eq!(press(&mut view, 'a', now + 5 * ARMED), None);
    assert!(view.rests(now + 6 * ARMED).is_some());
}

type Change = fn(&mut serde_json::Value);

#[test]
fn what_is_not_shown_in_full_is_not_approved() {
    let checks: [(&str, Change); 4] = [
        ("in full", |value| value["shown"]["complete"] = false.into()),
        ("in full", |value| {
            value["answer"] = serde_json::json!({
                "call": "call_1", "status": "held", "executed": "no", "replayed": false, "error": null,
                "decision": null, "diff": null, "output": "x".repeat(5_000), "effects": [], "undo": null,
                "warnings": [], "attempts": 0, "journal": null, "trace": null,
                "cost": { "calls": 0, "money": "0", "tokens": 0, "read_bytes": 0, "wall_ms": 0 },
            });
        }),
        ("you may not", |value| {
            value["may_decide"] =
                serde_json::json!({ "yes": false, "why": "you asked", "code": null, "fix": null });
        }),
        ("it is approved", |value| value["approval"]["state"] = "approved".into()),
    ];
    for (says, change) in checks {
        let (mut view, now) = view(details("apr_1", change), 500);
        press(&mut view, 'a', now);
        assert_eq!(press(&mut view, 'a', now + 2 * ARMED), None, "{says}");
        assert!(view.said.as_ref().is_some_and(|(_, text)| text.contains(says)), "{:?}", view.said);
    }
}

#[test]
fn all_of_it_has_to_be_on_the_screen_once() {
    let long = details("apr_1", |value| value["intent"] = "word ".repeat(400).into());
    let (mut view, now) = view(long, 10);
    press(&mut view, 'a', now);
    assert!(view.said.as_ref().unwrap().1.contains("were not shown yet"), "{:?}", view.said);
    press(&mut view, 'G', now);
    view.fit(80, 10);
    press(&mut view, 'a', now);
    assert_eq!(view.mode, Mode::Look, "a jump to the end is no reading");
    press(&mut view, 'g', now);
    view.fit(80, 10);
    while view.below() > 0 {
        press(&mut view, ' ', now);
        view.fit(80, 10);
    }
    press(&mut view, 'a', now);
    assert!(matches!(view.mode, Mode::Armed(_)), "{:?}", view.said);
    view.fit(40, 10);
    press(&mut view, 'a', now + 2 * ARMED);
    assert_eq!(view.mode, Mode::Look, "another width is another look");
    view.fit(3, 10);
    press(&mut view, 'a', now + 4 * ARMED);
    assert_eq!(view.mode, Mode::Look, "no room is no look");
}

#[test]
fn what_cannot_be_undone_is_typed() {
    let typed = |value: &mut serde_json::Value| {
        value["confirm"] = serde_json::json!({ "kind": "type", "text": "prod/a.txt" });
    };
    let (mut view, now) = view(details("apr_1", typed), 50);
    assert_eq!(press(&mut view, 'a', now), None);
    assert_eq!(press(&mut view, 'a', now + 2 * ARMED), None, "a letter of what is typed");
    let act = types(&mut view, "b", now);
    let yes = Asked::Yes { confirm: Some("ab".to_owned()), shown: "d".to_owned() };
    assert_eq!(act, Some(Act::Decide { approval: "apr_1".to_owned(), asked: yes }));
    press(&mut view, 'a', now + 4 * ARMED);
    assert_eq!(types(&mut view, "", now), None, "nothing typed is nothing said");
}

#[test]
fn a_no_has_a_reason_and_an_edit_too() {
    let (mut view, now) = view(details("apr_1", |_| ()), 50);
    press(&mut view, 'r', now);
    assert_eq!(types(&mut view, "   ", now), None);
    press(&mut view, 'r', now);
    view.take(&Event::Paste("not\ntoday".to_owned()), now);
    let no = Asked::No { reason: "not today".to_owned() };
    assert_eq!(
        types(&mut view, "", now),
        Some(Act::Decide { approval: "apr_1".to_owned(), asked: no })
    );

    let arguments = serde_json::json!({ "path": "prod/a.txt", "content": "live" });
    assert_eq!(press(&mut view, 'e', now), Some(Act::Edit { arguments: arguments.clone() }));
    view.edited(Ok(arguments.clone()), &arguments);
    assert_eq!(view.mode, Mode::Look, "nothing was changed");
    let other = serde_json::json!({ "path": "prod/a.txt", "content": "less" });
    view.edited(Ok(other.clone()), &arguments);
    let act = types(&mut view, "smaller", now);
    let instead = Asked::Instead { arguments: other, reason: "smaller".to_owned() };
    assert_eq!(act, Some(Act::Decide { approval: "apr_1".to_owned(), asked: instead }));
    let masked =
        |value: &mut serde_json::Value| value["arguments"]["content"] = "⟦masked:token⟧".into();
    view.show(details("apr_1", masked), now);
    assert_eq!(press(&mut view, 'e', now), None, "a masked value cannot be sent back");
}

#[test]
fn keys_move_between_requests_and_leave() {
    let (mut view, now) = view(details("apr_1", |_| ()), 50);
    let other = details("apr_2", |_| ());
    view.listed(vec![view.requests[0].clone(), other.approval], false);
    assert_eq!(press(&mut view, 'k', now), None, "there is none before");
    assert_eq!(press(&mut view, 'j', now), Some(Act::Look));
    assert_eq!(view.selected(), Some("apr_2"));
    assert_eq!(press(&mut view, 'j', now), None, "there is none behind");
    assert_eq!(press(&mut view, '?', now), None);
    assert_eq!(view.mode, Mode::Keys);
    assert_eq!(press(&mut view, 'q', now), None, "any key goes back");
    assert_eq!(press(&mut view, 'q', now), Some(Act::Leave));
    let interrupt = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
    press(&mut view, 'r', now);
    assert_eq!(view.take(&Event::Key(interrupt), now), Some(Act::Leave), "from wherever");
}
