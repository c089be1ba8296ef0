//! Tools that ask before they go on, and tools that err: what their caller is told, and what of a call stays open.
//! The server is scripted (`upstream.rs`); what it is asked is looked at where it arrives.

use domain::{Answer, Code, Event, Executed, Input, Mode, Proposal, Status};
use gate::payload;
use serde_json::json;

use crate::installation::Installation;
use crate::upstream::{
    ASKED, Does, LOOK, PUSH, Server, answering, answers, of, questions, volunteering, with_key,
};

type Up = Installation<Server>;

#[test]
fn questions_are_the_output_of_a_call_that_was_not_executed() {
    let (installation, gate) = Up::connected();
    installation.does(Does::Asks(questions()));
    for tool in [PUSH, LOOK] {
        let answer = installation.ask(&gate, of(tool, "a"));
        let code = answer.error.as_ref().map(|error| error.code);
        assert_eq!(code, Some(Code::InputRequired), "{tool}: {answer:?}");
        assert_eq!((answer.status, answer.executed), (Status::Failed, Executed::No));
        assert_eq!(answer.output, Some(questions()));
        assert!(answer.journal.is_some());
    }
    assert!(installation.store.lock().unwrap().drift().is_empty());
}

#[test]
fn the_answers_reach_the_tool_as_a_call_of_its_own() {
    let (installation, gate) = Up::connected();
    installation.does(Does::Asks(questions()));
    let asked = installation.ask_unheard(&gate, of(PUSH, "a"));
    let done = installation.ask_unheard(&gate, answering(of(PUSH, "a"), "yes", &asked));
    assert_eq!(done.status, Status::Succeeded, "{done:?}");
    assert_ne!(asked.call, done.call);
    let inputs: Vec<_> =
        installation.tool.reached.lock().unwrap().iter().map(|each| each.input.clone()).collect();
    assert_eq!(inputs, [None, Some(answers("yes"))]);
}

#[test]
fn the_key_of_a_call_that_was_asked_something_is_free_for_the_answers() {
    let (installation, gate) = Up::connected();
    installation.does(Does::Asks(questions()));
    let first = || with_key(of(PUSH, "a"), "k");
    let asked = installation.ask_unheard(&gate, first());
    let keyed = |word: Option<&str>| {
        let answered = word.map(|word| answering(first(), word, &asked));
        installation.ask_unheard(&gate, answered.unwrap_or_else(first))
    };
    assert_eq!(asked.error.as_ref().unwrap().code, Code::InputRequired);
    assert_eq!(keyed(None).error.unwrap().code, Code::InputRequired, "asked again, not replayed");
    let done = keyed(Some("yes"));
    assert_eq!((done.status, installation.reached()), (Status::Succeeded, 3));
    let again = keyed(Some("yes"));
    assert_eq!(
        (again.call, again.replayed),
        (done.call, true),
        "from now on the key stands for it"
    );
    assert_eq!(keyed(Some("no")).error.unwrap().code, Code::KeyReused);
    assert_eq!(keyed(None).error.unwrap().code, Code::KeyReused);
    assert_eq!(installation.reached(), 3);
    assert!(installation.store.lock().unwrap().drift().is_empty());
}

#[test]
fn the_same_act_with_other_answers_is_still_asked_about_before_it_is_repeated() {
    let (installation, gate) = Up::connected();
    installation.does(Does::Asks(questions()));
    let asked = installation.ask(&gate, of(PUSH, "a"));
    let answered = |word| answering(of(PUSH, "a"), word, &asked);
    let done = installation.ask(&gate, answered("yes"));
    assert_eq!(done.status, Status::Succeeded);
    for again in [of(PUSH, "a"), answered("no"), answered("yes")] {
        let answer = installation.ask(&gate, again);
        assert_eq!(answer.status, Status::Held, "{answer:?}");
        assert_eq!(required(&answer), ["done-before"]);
    }
    assert_eq!(installation.reached(), 2);
}

#[test]
fn a_held_call_keeps_its_input_over_a_restart() {
    let (installation, gate) = Up::connected();
    let held = installation.ask(&gate, volunteering(of(ASKED, "a"), "yes"));
    assert_eq!(held.status, Status::Held);
    assert!(required(&held).contains(&"opaque-arguments"), "people see that it brings input");
    let call = held.call.unwrap();
    drop(gate);
    let (gate, _) = installation.open();
    installation.connect(&gate);
    let joined = installation.ask(&gate, volunteering(of(ASKED, "a"), "yes"));
    assert_eq!(joined.call, Some(call), "the identical call joins it");
    let other = installation.ask(&gate, volunteering(of(ASKED, "a"), "no"));
    assert_ne!(other.call, Some(call), "other answers are another call");
    installation.approve(&gate, call);
    let done = installation.collect(&gate, call);
    assert_eq!(done.status, Status::Succeeded, "{done:?}");
    let reached = installation.tool.reached.lock().unwrap();
    assert_eq!(reached.first().unwrap().input, Some(answers("yes")));
    let bytes = installation.store.lock().unwrap().payload(call, domain::PayloadKind::Proposal);
    let input = payload::read_proposal(&bytes.unwrap()).unwrap().input.unwrap();
    assert_eq!((input.given, input.answers), (answers("yes"), None));
}

/// A client brought `inputResponses` with its very first call, and the server took them for its user's word.
#[test]
fn input_that_nobody_asked_for_waits_for_people_where_it_could_change_something() {
    let (installation, gate) = Up::connected();
    let held = installation.ask(&gate, volunteering(of(PUSH, "a"), "yes"));
    assert_eq!((held.status, required(&held)), (Status::Held, vec!["opaque-arguments"]));
    assert_eq!(installation.reached(), 0);
    let read = installation.ask(&gate, volunteering(of(LOOK, "a"), "yes"));
    assert_eq!(read.status, Status::Succeeded, "what changes nothing goes on: {read:?}");
    installation.approve(&gate, held.call.unwrap());
    let done = installation.collect(&gate, held.call.unwrap());
    assert_eq!(done.status, Status::Succeeded, "{done:?}");
    assert!(installation.store.lock().unwrap().drift().is_empty());
}

#[test]
fn where_nothing_is_enforced_it_is_told_that_such_input_would_have_waited() {
    let (installation, gate) = Up::connected();
    let person = installation.person(&gate);
    installation
        .finish(gate.set_mode(&person, ("lab".parse().unwrap(), Mode::Shadow), Some("a test")))
        .unwrap();
    let answer = installation.ask(&gate, volunteering(of(PUSH, "a"), "yes"));
    assert_eq!(answer.status, Status::Succeeded, "{answer:?}");
    let told = answer.warnings.iter().any(|text| text.contains("would have waited for people"));
    assert!(told && answer.decision.is_some_and(|decision| decision.shadow));
}

/// Which call asked is what the caller says; what counts is what is recorded.
#[test]
fn only_the_recorded_questions_of_this_very_call_are_answered() {
    let (installation, gate) = Up::connected();
    installation.does(Does::Asks(questions()));
    let (asked, elsewhere) =
        (installation.ask(&gate, of(PUSH, "a")), installation.ask(&gate, of(PUSH, "b")));
    installation.does(Does::Works);
    let other_tool = installation.ask(&gate, of(LOOK, "a"));
    let unasked = |proposal: Proposal| {
        let answer = installation.ask(&gate, proposal);
        assert_eq!(answer.status, Status::Held, "{answer:?}");
        assert!(required(&answer).contains(&"opaque-arguments"), "{answer:?}");
    };
    unasked(answering(of(PUSH, "a"), "1", &elsewhere));
    unasked(answering(of(PUSH, "a"), "2", &other_tool));
    unasked(answering(of(PUSH, "c"), "3", &asked));
    for given in [
        json!({"inputResponses": {"sure": {}, "amount": {"content": 1_000_000}}}),
        json!({"inputResponses": {"sure": {}}, "amount": 1_000_000}),
    ] {
        let input = Some(Input { given, answers: asked.call });
        unasked(Proposal { input, ..of(PUSH, "a") });
    }
    installation.clock.jump(601_000);
    unasked(answering(of(PUSH, "a"), "late", &asked));
}

/// Time that people take is not the caller's: what was asked for when the call came stays so.
#[test]
fn a_held_answer_still_answers_when_people_have_decided() {
    let (installation, gate) = Up::connected();
    installation.does(Does::Asks(questions()));
    let first = installation.ask(&gate, of(ASKED, "a"));
    installation.approve(&gate, first.call.unwrap());
    let asked = installation.collect(&gate, first.call.unwrap());
    assert_eq!(asked.error.as_ref().unwrap().code, Code::InputRequired, "{asked:?}");
    let held = installation.ask(&gate, answering(of(ASKED, "a"), "yes", &asked));
    assert_eq!(held.status, Status::Held, "{held:?}");
    assert!(!required(&held).contains(&"opaque-arguments"), "{held:?}");
    installation.clock.jump(601_000);
    installation.approve(&gate, held.call.unwrap());
    let done = installation.collect(&gate, held.call.unwrap());
    assert_eq!((done.status, done.call), (Status::Succeeded, held.call), "{done:?}");
}

fn required(answer: &Answer) -> Vec<&str> {
    let decision = answer.decision.as_ref();
    decision.iter().flat_map(|one| &one.requirements).map(|each| each.id.as_str()).collect()
}

#[test]
fn an_input_that_is_no_object_or_too_large_is_refused() {
    let (installation, gate) = Up::connected();
    let large = json!({"x": "y".repeat(domain::limits::ARGUMENTS_BYTES_MAX)});
    for (input, expect) in [(json!([1]), Code::InvalidRequest), (large, Code::Oversized)] {
        let input = Some(Input { given: input, answers: None });
        let answer = installation.ask(&gate, Proposal { input, ..of(PUSH, "a") });
        assert_eq!(answer.error.unwrap().code, expect);
        assert!(answer.journal.is_some());
    }
    assert_eq!(installation.reached(), 0);
}

#[test]
fn a_tool_that_asks_too_much_has_failed() {
    let (installation, gate) = Up::connected();
    installation.does(Does::Asks(json!({"inputRequests": "x".repeat(500)})));
    let answer = installation.ask(&gate, of(PUSH, "a"));
    let code = answer.error.as_ref().map(|error| error.code);
    assert_eq!((code, &answer.output), (Some(Code::ToolFailed), &None), "{answer:?}");
}

#[test]
fn being_asked_is_no_failure_in_a_row() {
    let (installation, gate) = Up::connected();
    installation.does(Does::Errs(Executed::No));
    for repository in ["a", "b"] {
        assert_eq!(installation.ask(&gate, of(PUSH, repository)).status, Status::Failed);
    }
    installation.does(Does::Asks(questions()));
    for repository in ["c", "d", "e"] {
        let code = installation.ask(&gate, of(PUSH, repository)).error.unwrap().code;
        assert_eq!(code, Code::InputRequired, "it does not count, so nobody is asked");
    }
    installation.does(Does::Errs(Executed::No));
    assert_eq!(installation.ask(&gate, of(PUSH, "f")).status, Status::Failed);
    let held = installation.ask(&gate, of(PUSH, "g"));
    assert_eq!(held.status, Status::Held, "nor did it begin the count anew: {held:?}");
}

#[test]
fn a_server_that_may_not_ask_has_its_call_refused_and_says_who_can_change_that() {
    let (installation, gate) = Up::connected();
    installation.does(Does::AsksUnasked);
    let answer = installation.ask(&gate, of(PUSH, "a"));
    let error = answer.error.unwrap();
    assert_eq!((error.code, answer.executed), (Code::ServerUnconfirmed, Executed::No));
    assert!(error.fix.contains("`offers`"), "{}", error.fix);
}

#[test]
fn an_error_that_no_contract_declares_leaves_a_changing_call_in_doubt_and_is_flagged() {
    let (installation, gate) = Up::connected();
    installation.does(Does::Errs(Executed::Unknown));
    let answer = installation.ask(&gate, of(PUSH, "a"));
    assert_eq!((answer.status, answer.executed), (Status::InDoubt, Executed::Unknown));
    let error = answer.error.unwrap();
    assert_eq!(error.code, Code::InDoubt);
    assert!(error.message.contains("no disk"), "{}", error.message);
    assert!(answer.output.unwrap().to_string().contains("no disk"), "what the server said is told");
    let flagged = answer.warnings.iter().any(|text| text.contains("does not declare"));
    assert!(flagged, "{:?}", answer.warnings);
    let lost = installation.events(|event| matches!(event, Event::CallLost { .. }));
    assert_eq!(lost.len(), 1);
    // For a tool that changes nothing there is nothing to doubt.
    installation.does(Does::Errs(Executed::No));
    let read = installation.ask(&gate, of(LOOK, "a"));
    assert_eq!((read.status, read.executed), (Status::Failed, Executed::No));
}

/// Found by seed 947: its caller was told "in doubt", a person found it done, and the retry acted a second time.
#[test]
fn the_retry_of_a_call_that_a_person_found_done_gets_its_answer_once() {
    for (found, joins) in [(Executed::Yes, true), (Executed::Partly, true), (Executed::No, false)] {
        let (installation, gate) = Up::connected();
        installation.does(Does::Errs(Executed::Unknown));
        let doubt = installation.ask_unheard(&gate, of(PUSH, "a"));
        assert_eq!(doubt.status, Status::InDoubt);
        let (person, call) = (installation.person(&gate), doubt.call.unwrap());
        let said = (found, "looked at it".to_owned());
        installation.finish(gate.resolve_doubt(&person, call, said)).unwrap();
        installation.does(Does::Works);
        let retry = installation.ask_unheard(&gate, of(PUSH, "a"));
        assert_eq!(retry.call == Some(call), joins, "{found}: {retry:?}");
        assert_eq!(installation.reached(), if joins { 1 } else { 2 }, "{found}");
        gate.delivered(retry.call.unwrap());
        let wish = installation.ask_unheard(&gate, of(PUSH, "a"));
        assert!(![Some(call), retry.call].contains(&wish.call), "a new wish: {wish:?}");
    }
}

#[test]
fn what_was_cleaned_out_of_an_answer_is_told_within_bounds() {
    let (installation, gate) = Up::connected();
    installation.does(Does::Warns(vec!["x".repeat(2_000); 100]));
    let answer = installation.ask(&gate, of(PUSH, "a"));
    assert_eq!(answer.status, Status::Succeeded);
    let of_tool: Vec<_> = answer.warnings.iter().filter(|text| text.contains("xxx")).collect();
    assert_eq!(of_tool.len(), domain::limits::TOOL_WARNINGS_MAX);
    assert!(of_tool.iter().all(|text| text.len() < 600));
    assert!(answer.warnings.iter().any(|text| text.contains("80 more")), "{:?}", answer.warnings);
}
