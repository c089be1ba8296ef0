//! What becomes of commands: those that nobody can show before, that reach too far, or do what nobody declared.
//! The tool is scripted (`scripts.rs`); policies are those of the simulation.

use std::sync::atomic::Ordering;

use checkrein_sim::rules::{self, Version};
use domain::{Code, Event, Executed, PayloadKind, Status};
use gate::Table;

use crate::installation::Installation;
use crate::scripts::{NO_RUNG, Scripts, expecting_b, script};

fn code(answer: &domain::Answer) -> Option<Code> {
    answer.error.as_ref().map(|error| error.code)
}

#[test]
fn where_there_is_no_preview_people_are_asked_and_the_act_has_no_plan_and_no_undo() {
    let (installation, gate) = Installation::<Scripts>::begin();
    installation.tool.blind.store(true, Ordering::Relaxed);
    let held = installation.propose(&gate, script("derive"));
    assert_eq!((held.status, held.executed), (Status::Held, Executed::No));
    let call = held.call.unwrap();
    let decision = held.decision.unwrap();
    let reason = decision.reasons.iter().find(|reason| reason.text.contains(NO_RUNG));
    assert!(reason.is_some_and(|reason| reason.policy.is_none()), "{decision:?}");
    let asked: Vec<String> = installation.asked(call).into_iter().map(|(rule, _)| rule).collect();
    assert_eq!(asked, ["no-preview"]);
    let again = installation.decided_again(call);
    assert_eq!((again.reasons, again.requirements), (decision.reasons, decision.requirements));

    installation.approve(&gate, call);
    let done = installation.collect(&gate, call);
    assert_eq!((done.status, done.undo), (Status::Succeeded, None), "{:?}", done.error);
    assert_eq!(*installation.tool.acts.lock().unwrap(), [None]);
    let store = installation.store.lock().unwrap();
    let budget = store.all(Table::Budgets);
    let spent = budget.iter().find(|record| !record.key.contains("/day-")).unwrap();
    assert_eq!(spent.count("spent_irreversible"), 1, "nobody can take it back");
}

#[test]
fn an_approval_without_a_preview_is_not_good_for_a_plan_that_can_be_seen_now() {
    let (installation, gate) = Installation::<Scripts>::begin();
    installation.tool.blind.store(true, Ordering::Relaxed);
    let call = installation.propose(&gate, script("derive")).call.unwrap();
    installation.approve(&gate, call);
    installation.tool.blind.store(false, Ordering::Relaxed);
    let now = installation.collect(&gate, call);
    assert_ne!(now.call, Some(call), "another call took its place, with a plan");
    assert_eq!((now.status, now.undo.is_some()), (Status::Succeeded, true));
    assert_eq!(code(&installation.collect(&gate, call)), Some(Code::Superseded));
}

#[test]
fn a_plan_beyond_the_scope_of_its_contract_is_refused_before_anybody_is_asked() {
    let (installation, gate) = Installation::<Scripts>::begin();
    let refused = installation.propose(&gate, script("outside"));
    assert_eq!((refused.status, code(&refused)), (Status::Denied, Some(Code::OutOfScope)));
    let message = refused.error.unwrap().message;
    assert!(
        message.contains("`workspace:etc/shadow`") && message.contains("`workspace:*`"),
        "{message}"
    );
    assert!(installation.tool.acts.lock().unwrap().is_empty());
    assert_eq!(installation.text("b.txt"), None);
}

#[test]
fn what_is_run_later_and_what_nobody_declared_is_named() {
    let (installation, gate) = Installation::<Scripts>::begin();
    let done = installation.propose(&gate, script("hooks"));
    assert_eq!(done.status, Status::Succeeded, "{:?}", done.error);
    let hook = "changes what is run later: `.git/hooks/post-commit` (created)";
    assert_eq!(done.warnings, [hook]);
    let done = installation.propose(&gate, expecting_b(script("derive")));
    assert_eq!(done.warnings, ["not declared by the proposal: `d.txt` (created)"]);
    let held = installation.propose(&gate, expecting_b(script("format")));
    assert_eq!(held.status, Status::Held);
    assert_eq!(held.warnings, ["not declared by the proposal: `a.txt` (created)"]);
}

#[test]
fn a_hook_that_nobody_declared_is_denied_by_name() {
    let (installation, gate) = Installation::<Scripts>::begin();
    let denied = installation.propose(&gate, expecting_b(script("hooks")));
    assert_eq!((denied.status, code(&denied)), (Status::Denied, Some(Code::PolicyDenied)));
    assert_eq!(
        denied.warnings,
        [
            "not declared by the proposal: `.git/hooks/post-commit` (created)",
            "changes what is run later: `.git/hooks/post-commit` (created)",
        ]
    );
    assert_eq!(
        (installation.text("b.txt"), installation.text(".git/hooks/post-commit")),
        (None, None)
    );
    let again = installation.decided_again(denied.call.unwrap());
    assert_eq!(again.reasons, denied.decision.unwrap().reasons);
    let store = installation.store.lock().unwrap();
    let bytes = store.payload(denied.call.unwrap(), domain::PayloadKind::Facts).unwrap();
    let plan = gate::payload::read_facts(&bytes).unwrap().plan.unwrap();
    assert_eq!((plan.unintended, plan.exit_code), (1, Some(0)));
}

#[test]
fn a_command_that_changes_nothing_is_done_and_offers_no_undo() {
    let (installation, gate) = Installation::<Scripts>::begin();
    let done = installation.propose(&gate, script("tests"));
    assert_eq!((done.status, done.executed), (Status::Succeeded, Executed::Yes));
    assert_eq!((done.effects.len(), done.undo), (0, None));
}

#[test]
fn a_held_call_gets_the_plan_that_people_saw() {
    let (installation, gate) = Installation::<Scripts>::begin();
    let call = installation.propose(&gate, script("format")).call.unwrap();
    installation.approve(&gate, call);
    let done = installation.collect(&gate, call);
    assert_eq!((done.call, done.status), (Some(call), Status::Succeeded));
    let previews = installation.tool.previews.lock().unwrap().clone();
    let acts = installation.tool.acts.lock().unwrap().clone();
    assert_eq!(previews, [(None, 0), (acts[0], 0)]);
    assert!(acts[0].is_some());
}

#[test]
fn a_held_call_whose_plan_moved_gives_way_to_a_new_one() {
    let (installation, gate) = Installation::<Scripts>::begin();
    let call = installation.propose(&gate, script("format")).call.unwrap();
    installation.approve(&gate, call);
    installation.tool.files.lock().unwrap().insert("a.txt".to_owned(), "other".to_owned());
    let now = installation.collect(&gate, call);
    assert_eq!((now.status, now.call == Some(call)), (Status::Held, false));
    assert!(installation.tool.acts.lock().unwrap().is_empty());
}

#[test]
fn a_held_call_that_policy_denies_later_keeps_what_it_was_denied_on() {
    let (installation, gate) = Installation::<Scripts>::begin();
    let letter = domain::Proposal {
        tool: "sim.send".to_owned(),
        arguments: serde_json::json!({"to": "x", "amount": 50}),
        ..script("")
    };
    let call = installation.propose(&gate, letter).call.unwrap();
    installation.approve(&gate, call);
    let stricter = rules::copy(Version::Stricter).unwrap();
    installation.finish(gate.reload(stricter)).unwrap();
    let denied = installation.collect(&gate, call);
    assert_eq!((denied.status, code(&denied)), (Status::Denied, Some(Code::PolicyDenied)));
    let store = installation.store.lock().unwrap();
    let ended = store.entries().iter().find_map(|(entry, _)| {
        let Event::HeldCallDenied { subject, decision, .. } = &entry.event else { return None };
        Some((subject.clone(), decision.clone()))
    });
    let (Some(subject), Some(decision)) = ended.unwrap() else { panic!("nothing to replay from") };
    let held = store.read(Table::Calls, &call.to_string()).unwrap();
    assert_ne!(held.text("facts"), subject.facts.to_string(), "other facts than it was held on");
    let facts = store.payload(call, PayloadKind::Facts).unwrap();
    let facts = gate::payload::read_facts(&facts).unwrap();
    let again = gate::decide(&rules::copy(Version::Stricter).unwrap().policies, &facts);
    assert_eq!((again.strength, again.reasons), (decision.verdict, decision.reasons));
}
