//! Commands over the changes of held calls: seen together, applied one after the other, and never out of order.
//! The tool is scripted (`scripts.rs`); what stands on something asks, unless it changes nothing and
//! tells nothing that its agent may not know yet.

use domain::{Code, Proposal, Status};
use gate::RunAsk;

use crate::installation::Installation;
use crate::scripts::{Scripts, after, deploy, expecting_b, script};

fn code(answer: &domain::Answer) -> Option<Code> {
    answer.error.as_ref().map(|error| error.code)
}

#[test]
fn a_command_sees_held_changes_and_is_applied_after_them() {
    let (installation, gate) = Installation::<Scripts>::begin();
    let first = installation.propose(&gate, script("format")).call.unwrap();
    let second = installation.propose(&gate, after("derive", first));
    assert_eq!(second.status, Status::Held, "{:?}", second.error);
    let second = second.call.unwrap();
    assert_eq!(installation.tool.previews.lock().unwrap().last(), Some(&(None, 1)));
    let asked: Vec<String> = installation.asked(second).into_iter().map(|(rule, _)| rule).collect();
    assert_eq!(asked, ["stands-on"]);
    let third = installation.propose(&gate, after("derive", second));
    assert_eq!(third.status, Status::Held);
    assert_eq!(installation.tool.previews.lock().unwrap().last(), Some(&(None, 2)));

    installation.approve(&gate, second);
    let waits = installation.collect(&gate, second);
    assert_eq!((waits.status, waits.call), (Status::Held, Some(second)));
    assert!(installation.tool.acts.lock().unwrap().is_empty());

    installation.approve(&gate, first);
    assert_eq!(installation.collect(&gate, first).status, Status::Succeeded);
    let done = installation.collect(&gate, second);
    assert_eq!((done.status, done.call), (Status::Succeeded, Some(second)), "{:?}", done.error);
    assert_eq!(installation.text("d.txt").as_deref(), Some("from formatted"));
}

#[test]
fn whoever_waits_is_told_when_the_call_beneath_is_done() {
    let (installation, gate) = Installation::<Scripts>::begin();
    let first = installation.propose(&gate, script("format")).call.unwrap();
    let second = installation.propose(&gate, after("derive", first)).call.unwrap();
    installation.approve(&gate, second);
    assert_eq!(installation.collect(&gate, second).status, Status::Held);
    let caller = installation.finish(gate.identify(&installation.agent)).unwrap().agent().unwrap();
    let mut waiting = Box::pin(gate.wait(&caller, second, std::time::Duration::from_secs(60)));
    assert!(installation.until(50, &mut waiting).is_none(), "it waits, and asks nobody in vain");
    let previews = installation.tool.previews.lock().unwrap().len();
    installation.approve(&gate, first);
    assert_eq!(installation.collect(&gate, first).status, Status::Succeeded);
    let done = installation.finish(waiting);
    assert_eq!((done.status, done.call), (Status::Succeeded, Some(second)));
    assert_eq!(installation.tool.previews.lock().unwrap().len(), previews + 2);
}

#[test]
fn tests_run_at_once_over_held_changes_that_their_agent_may_see() {
    let (installation, gate) = Installation::<Scripts>::begin();
    let first = installation.propose(&gate, deploy());
    assert!(first.status == Status::Held && first.diff.is_some(), "{first:?}");
    let second = installation.propose(&gate, after("derive", first.call.unwrap()));
    assert!(second.status == Status::Held && second.diff.is_some(), "{second:?}");
    let tests = installation.propose(&gate, after("tests", second.call.unwrap()));
    assert_eq!(tests.status, Status::Succeeded, "{:?}", tests.error);
    assert_eq!(installation.tool.previews.lock().unwrap().last(), Some(&(None, 2)));
    assert_eq!(installation.text("prod"), None, "nothing was applied");
}

/// A held command had written what it read into a file; `cat` over it, changing nothing, ran at once and told the agent.
#[test]
fn nothing_is_told_over_held_changes_that_their_agent_may_not_see() {
    let (installation, gate) = Installation::<Scripts>::begin();
    let caller = installation.finish(gate.identify(&installation.agent)).unwrap().agent().unwrap();
    let first = installation.propose(&gate, script("format")).call.unwrap();
    let told = std::sync::Mutex::new(None);
    let begun = |call| *told.lock().unwrap() = Some(gate.listen_to_call(&caller, call));
    let asking = gate.handle_told(&installation.agent, after("tests", first), begun);
    let held = installation.finish(asking);
    let call = held.call.unwrap();
    assert_eq!((held.status, held.diff.as_deref()), (Status::Held, None));
    assert_eq!(told.into_inner().unwrap().unwrap().next_ready(), None);
    assert!(!format!("{held:?}").contains("line one"), "{held:?}");
    let asked: Vec<String> = installation.asked(call).into_iter().map(|(rule, _)| rule).collect();
    assert_eq!(asked, ["stands-on"]);
    let again = installation.decided_again(call);
    assert_eq!(again.reasons, held.decision.unwrap().reasons);

    let over = installation.propose(&gate, expecting_b(after("derive", call)));
    assert_eq!((over.status, over.diff), (Status::Held, None), "also two calls further up");
    assert_eq!(over.warnings, ["not declared by the proposal: 1 change"]);

    installation.approve(&gate, call);
    assert_eq!(installation.collect(&gate, call).status, Status::Held, "it runs after that");
    installation.approve(&gate, first);
    assert_eq!(installation.collect(&gate, first).status, Status::Succeeded);
    let done = installation.collect(&gate, call);
    assert_eq!((done.status, done.call), (Status::Succeeded, Some(call)), "{:?}", done.error);
}

#[test]
fn a_key_is_not_used_again_over_other_changes() {
    let (installation, gate) = Installation::<Scripts>::begin();
    let first = installation.propose(&gate, deploy()).call.unwrap();
    let keyed = |proposal: Proposal| Proposal { key: Some("tests-1".to_owned()), ..proposal };
    let plain = installation.propose(&gate, keyed(script("tests")));
    assert_eq!(plain.status, Status::Succeeded, "{:?}", plain.error);
    let over = installation.propose(&gate, keyed(after("tests", first)));
    assert_eq!(code(&over), Some(Code::KeyReused), "{over:?}");
    let again = installation.propose(&gate, keyed(script("tests")));
    assert_eq!((again.call, again.replayed), (plain.call, true));
    drop(gate);
    let (gate, _) = installation.open();
    let over = installation.propose(&gate, keyed(after("tests", first)));
    assert_eq!(code(&over), Some(Code::KeyReused), "{over:?}");
}

#[test]
fn what_stood_on_a_rejected_call_is_refused() {
    let (installation, gate) = Installation::<Scripts>::begin();
    let first = installation.propose(&gate, script("format")).call.unwrap();
    let second = installation.propose(&gate, after("derive", first)).call.unwrap();
    let person = installation.person(&gate);
    let (_, approval) = installation.asked(first).remove(0);
    installation.finish(gate.reject(&person, approval, "no".to_owned())).unwrap();
    installation.approve(&gate, second);
    let refused = installation.collect(&gate, second);
    assert_eq!((refused.status, code(&refused)), (Status::Denied, Some(Code::Conflict)));
    assert!(installation.tool.acts.lock().unwrap().is_empty());
    let new = installation.propose(&gate, after("tests", first));
    assert_eq!(code(&new), Some(Code::Conflict));
}

#[test]
fn the_same_command_over_other_changes_is_another_call() {
    let (installation, gate) = Installation::<Scripts>::begin();
    let first = installation.propose(&gate, deploy()).call.unwrap();
    let plain = installation.propose(&gate, script("tests"));
    let over = installation.propose(&gate, after("tests", first));
    assert!(plain.call != over.call && !over.replayed);
    let again = installation.propose(&gate, after("tests", first));
    assert_eq!((again.call, again.replayed), (over.call, true), "that is a retry");
    // Also after a restart, when the identity is made again from what was kept.
    drop(gate);
    let (gate, _) = installation.open();
    let again = installation.propose(&gate, after("tests", first));
    assert_eq!((again.call, again.replayed), (over.call, true));
}

#[test]
fn only_commands_of_the_same_run_stand_on_a_held_call() {
    let (installation, gate) = Installation::<Scripts>::begin();
    let first = installation.propose(&gate, script("format")).call.unwrap();
    let letter = Proposal {
        tool: "sim.send".to_owned(),
        arguments: serde_json::json!({"to": "ada", "amount": 1}),
        ..after("", first)
    };
    assert_eq!(code(&installation.propose(&gate, letter)), Some(Code::InvalidRequest));
    let caller = installation.finish(gate.identify(&installation.agent)).unwrap().agent().unwrap();
    let workflow = "work".parse().unwrap();
    let limit = domain::Amounts::<u64>::each(|_| None);
    let ask = RunAsk { workflow, purpose: "another run".to_owned(), limit };
    let run = installation.finish(gate.open_run(&caller, ask)).unwrap();
    let elsewhere = Proposal { run: Some(run.id), ..after("tests", first) };
    assert_eq!(code(&installation.propose(&gate, elsewhere)), Some(Code::NotFound));
    let done = installation.propose(&gate, script("derive"));
    let stands = installation.propose(&gate, after("tests", done.call.unwrap()));
    assert_eq!(stands.status, Status::Succeeded, "what is done is there already");
    assert_eq!(installation.tool.previews.lock().unwrap().last(), Some(&(None, 0)));
}
