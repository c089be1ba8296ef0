//! What each check does in each mode, one row for each line of the table in `docs/guides/mcp.md`; and who switches modes.
//!
//! Every row runs the same story twice, in a space that enforces and in one that only watches.

use domain::{
    Amounts, Answer, Code, Event, Groups, KeyHolder, Mode, Proposal, Role, Roles, Run, StopLevel,
    StopScope, Strength,
};
use gate::{HeldBack, Rules, Secret, StopAsk};
use serde_json::json;

use crate::installation::{Installation, TestGate};
use crate::upstream::{ASKED, Does, LOOK, PUSH, Server, name, of, offer, rules, server, with_key};

type Up = Installation<Server>;

/// How a story ends: a code, or none if the call ran; and what the caller is told beside.
#[derive(Debug, Clone, Copy)]
enum Ends {
    Refused(Code),
    Runs,
    RunsAndTells(&'static str),
}

/// A row: what the check does where it is enforced, and where it is only watched.
fn check(enforced: Ends, watched: Ends, story: impl Fn(&Up, &TestGate) -> Answer) {
    for (mode, expect) in [(Mode::Enforce, enforced), (Mode::Shadow, watched)] {
        let (installation, gate) = Up::connected();
        let person = installation.person(&gate);
        installation
            .finish(gate.set_mode(&person, ("lab".parse().unwrap(), mode), Some("a test")))
            .unwrap();
        let answer = story(&installation, &gate);
        let code = answer.error.as_ref().map(|error| error.code);
        let told = |text: &str| answer.warnings.iter().any(|warning| warning.contains(text));
        match expect {
            Ends::Refused(expect) => assert_eq!(code, Some(expect), "{mode}: {answer:?}"),
            Ends::Runs => {
                assert_eq!(code, None, "{mode}: {answer:?}");
                assert!(!told("would have"), "{mode}: {answer:?}");
            }
            Ends::RunsAndTells(text) => {
                assert_eq!(code, None, "{mode}: {answer:?}");
                assert!(told(text), "{mode}: {answer:?}");
            }
        }
        if answer.call.is_some() && code != Some(Code::GrantForbids) && code.is_none() {
            assert_eq!(told("shadow mode"), mode == Mode::Shadow, "{mode}: {answer:?}");
        }
        assert!(answer.call.is_none() || answer.journal.is_some(), "{mode}: journalled as always");
        assert!(installation.store.lock().unwrap().drift().is_empty(), "{mode}");
    }
}

/// A row of a check that knows no modes.
fn always(code: Code, story: impl Fn(&Up, &TestGate) -> Answer) {
    check(Ends::Refused(code), Ends::Refused(code), story);
}

fn in_run(run: &Run, proposal: Proposal) -> Proposal {
    Proposal { run: Some(run.id), ..proposal }
}

#[test]
fn who_is_unknown_is_refused_in_every_mode() {
    always(Code::NotAuthenticated, |up, gate| {
        up.finish(gate.handle(&Secret::new("ck_nobody"), of(PUSH, "a")))
    });
}

#[test]
fn what_the_grant_does_not_name_is_refused_in_every_mode() {
    always(Code::GrantForbids, |up, gate| {
        up.ask(gate, Proposal::bare("checkrein.undo".to_owned(), json!({})))
    });
}

#[test]
fn arguments_that_do_not_fit_are_refused_in_every_mode() {
    always(Code::InvalidArguments, |up, gate| {
        up.ask(gate, Proposal::bare(PUSH.to_owned(), json!({"name": "a", "more": 1})))
    });
}

#[test]
fn limits_hold_in_every_mode() {
    always(Code::Oversized, |up, gate| {
        let intent = Some("x".repeat(domain::limits::INTENT_CHARS_MAX + 1));
        up.ask(gate, Proposal { intent, ..of(PUSH, "a") })
    });
    always(Code::RateLimited, |up, gate| {
        (0..7).map(|_| up.ask(gate, of(LOOK, "a"))).last().unwrap()
    });
}

#[test]
fn a_stop_holds_in_every_mode() {
    always(Code::Stopped, |up, gate| {
        let (scope, reason) = (StopScope::Everything, "look".to_owned());
        let ask = StopAsk { scope, level: StopLevel::Suspend, reason };
        up.finish(gate.stop(&up.person(gate), ask)).unwrap();
        up.ask(gate, of(PUSH, "a"))
    });
}

#[test]
fn pins_hold_in_every_mode() {
    always(Code::ToolDrifted, |up, gate| {
        up.finish(gate.sighted(&server(), &offer("other"))).unwrap();
        up.ask(gate, of(PUSH, "a"))
    });
    always(Code::ServerUnconfirmed, |up, gate| {
        let (message, fix) = ("it looks like another".to_owned(), "look".to_owned());
        let held = HeldBack { code: Code::ServerUnconfirmed, message, fix };
        let rules = Rules { held_back: [(name(PUSH), held)].into(), ..rules("as listed") };
        up.finish(gate.set_rules(rules)).unwrap();
        up.ask(gate, of(PUSH, "a"))
    });
}

#[test]
fn a_key_stands_for_one_act_in_every_mode() {
    always(Code::KeyReused, |up, gate| {
        up.ask(gate, with_key(of(PUSH, "a"), "k"));
        up.ask(gate, with_key(of(PUSH, "b"), "k"))
    });
    for mode in [Mode::Enforce, Mode::Shadow] {
        let (up, gate) = Up::connected();
        up.finish(gate.set_mode(&up.person(&gate), ("lab".parse().unwrap(), mode), Some("a test")))
            .unwrap();
        let answers = [(); 3].map(|()| up.ask(&gate, with_key(of(PUSH, "a"), "k")));
        assert_eq!(up.reached(), 1, "{mode}");
        assert_eq!(answers.map(|answer| answer.replayed), [false, true, true], "{mode}");
    }
}

#[test]
fn a_tool_that_costs_more_than_it_may_stops_its_run_in_every_mode() {
    always(Code::RunPaused, |up, gate| {
        up.does(Does::Costs);
        let dear = up.ask(gate, of(PUSH, "a"));
        assert_eq!(dear.error.unwrap().code, Code::CostExceeded);
        up.ask(gate, of(PUSH, "b"))
    });
}

#[test]
fn an_answer_that_does_not_fit_is_withheld_in_every_mode() {
    always(Code::AnswerWithheld, |up, gate| {
        up.does(Does::Babbles);
        let answer = up.ask(gate, of(PUSH, "a"));
        assert_eq!(answer.output, None);
        answer
    });
}

#[test]
fn people_are_told_in_every_mode() {
    check(Ends::Runs, Ends::Runs, |up, gate| {
        let answer = up.ask(gate, of(PUSH, "watched"));
        let store = up.store.lock().unwrap();
        let open = store.all(gate::Table::Duties);
        assert_eq!(open.iter().filter(|duty| duty.text("state") == "open").count(), 1);
        drop(store);
        answer
    });
}

#[test]
fn a_denial_of_policy_is_told_where_it_is_not_enforced() {
    let tells = Ends::RunsAndTells("would have been denied by policy: ");
    check(Ends::Refused(Code::PolicyDenied), tells, |up, gate| {
        let answer = up.ask(gate, of(PUSH, "forbidden"));
        let decision = answer.decision.as_ref().unwrap();
        assert_eq!(decision.verdict, Strength::Deny, "the verdict is the same");
        assert_eq!(decision.shadow, answer.error.is_none());
        assert_eq!(up.reached(), usize::from(decision.shadow));
        answer
    });
}

#[test]
fn an_approval_is_not_waited_for_where_it_is_not_enforced() {
    let tells = Ends::RunsAndTells("would have waited for people: people look before");
    check(Ends::Refused(Code::Held), tells, |up, gate| {
        let answer = up.ask(gate, of(ASKED, "a"));
        assert_eq!(answer.decision.as_ref().unwrap().verdict, Strength::Hold);
        answer
    });
}

#[test]
fn a_rule_of_the_house_is_told_where_it_is_not_enforced() {
    let tells = Ends::RunsAndTells("would have waited for people: the same act was done");
    check(Ends::Refused(Code::Held), tells, |up, gate| {
        up.ask(gate, of(PUSH, "a"));
        up.ask(gate, of(PUSH, "a"))
    });
}

#[test]
fn the_budget_of_a_run_is_counted_and_told_where_it_is_not_enforced() {
    let second = |workflow: &'static str, tool: &'static str| {
        move |up: &Up, gate: &TestGate| {
            let run = up.run(gate, workflow, 1);
            let first = up.ask(gate, in_run(&run, of(tool, "a")));
            assert_eq!(first.error, None);
            up.ask(gate, in_run(&run, of(tool, "b")))
        }
    };
    let refused = Ends::Refused(Code::OverBudget);
    let tells = Ends::RunsAndTells("would have been refused, and the run paused: over budget");
    check(refused, tells, second("work", PUSH));
    check(refused, tells, second("work", LOOK));
    let tells = Ends::RunsAndTells("would have waited for a raise: over budget");
    check(Ends::Refused(Code::Held), tells, second("raised", PUSH));
    let tells = Ends::RunsAndTells("would have been refused: over budget");
    check(refused, tells, second("raised", LOOK));
    check(refused, tells, second("degraded", PUSH));
    let goes_on = Ends::RunsAndTells("would have gone on: over budget");
    check(Ends::Runs, goes_on, second("degraded", LOOK));
}

#[test]
fn the_budget_of_a_day_is_told_where_it_is_not_enforced() {
    for mode in [Mode::Enforce, Mode::Shadow] {
        let (up, gate) = Up::begin();
        drop(gate);
        up.day.set(Amounts { calls: Some(1), ..Amounts::<u64>::each(|_| None) });
        let (gate, _) = up.open();
        up.connect(&gate);
        up.finish(gate.set_mode(&up.person(&gate), ("lab".parse().unwrap(), mode), Some("a test")))
            .unwrap();
        up.ask(&gate, of(PUSH, "a"));
        let answer = up.ask(&gate, of(PUSH, "b"));
        let code = answer.error.as_ref().map(|error| error.code);
        let told = answer.warnings.iter().any(|text| text.contains("/day-"));
        let expect = (mode == Mode::Enforce).then_some(Code::OverBudget);
        assert_eq!((code, told), (expect, mode == Mode::Shadow), "{mode}: {answer:?}");
    }
}

#[test]
fn a_decision_that_was_not_enforced_is_decided_the_same_way_again() {
    let (up, gate) = Up::connected();
    up.finish(gate.set_mode(
        &up.person(&gate),
        ("lab".parse().unwrap(), Mode::Shadow),
        Some("a test"),
    ))
    .unwrap();
    let run = up.run(&gate, "raised", 1);
    for proposal in [of(PUSH, "forbidden"), of(ASKED, "a"), of(PUSH, "b")] {
        let answer = up.ask(&gate, in_run(&run, proposal));
        let store = up.store.lock().unwrap();
        let bytes = store.payload(answer.call.unwrap(), domain::PayloadKind::Facts).unwrap();
        let facts = gate::payload::read_facts(&bytes).unwrap();
        let again = gate::decide(&gate.rules().policies, &facts);
        let recorded = answer.decision.unwrap();
        assert_eq!((again.strength, &again.reasons), (recorded.verdict, &recorded.reasons));
    }
}

#[test]
fn a_space_is_switched_by_an_admin_of_the_home_tenant_and_that_is_journalled() {
    let (up, gate) = Up::connected();
    let admin = up.person(&gate);
    for (role, tenant, secret) in [(Role::Operator, "local", "ck_1"), (Role::Admin, "acme", "ck_2")]
    {
        let secret = Secret::new(secret);
        let (tenant, name) = (tenant.parse().unwrap(), "eve".parse().unwrap());
        let roles = Roles::of(&[role]);
        let holder = KeyHolder::Operator { tenant, name, roles, groups: Groups::All };
        up.finish(gate.make_key(&admin, holder, &secret)).unwrap();
        let by = up.finish(gate.identify(&secret)).unwrap().operator().unwrap();
        for mode in [Mode::Shadow, Mode::Enforce] {
            let refused = up
                .finish(gate.set_mode(&by, ("lab".parse().unwrap(), mode), Some("a test")))
                .unwrap_err();
            assert_eq!(refused.code, Code::NotAllowed);
        }
    }
    let outcome = |gate: &TestGate, repository: &str| {
        up.ask(gate, of(ASKED, repository)).error.map(|error| error.code)
    };
    assert_eq!(outcome(&gate, "a"), Some(Code::Held));
    up.finish(gate.set_mode(&admin, ("lab".parse().unwrap(), Mode::Shadow), Some("a test")))
        .unwrap();
    assert_eq!(outcome(&gate, "b"), None);
    drop(gate);
    let (gate, _) = up.open();
    up.connect(&gate);
    assert_eq!(outcome(&gate, "c"), None, "the mode holds over a restart");
    up.finish(gate.set_mode(&admin, ("lab".parse().unwrap(), Mode::Enforce), Some("a test")))
        .unwrap();
    assert_eq!(outcome(&gate, "d"), Some(Code::Held));
    let set = up.events(|event| matches!(event, Event::ModeSet { .. }));
    assert_eq!(set.len(), 2);
}
