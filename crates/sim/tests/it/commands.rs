//! What becomes of commands: those that nobody can show before, that reach too far, or do what nobody declared.
//! The tool is scripted (`scripts.rs`); policies are those of the simulation.

use std::sync::atomic::Ordering;

use checkrein_sim::rules::{self, Version};
use domain::{Code, Event, Executed, PayloadKind, Proposal, Status};
use gate::{Table, ToolError, ToolErrorKind};

use crate::installation::{CREDENTIAL, Installation};
use crate::scripts::{NO_RUNG, Scripts, TELLING, error, expecting_b, script};

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
    assert_eq!(held.warnings, ["not declared by the proposal: 1 change"]);
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

/// A held command had named files after what it read, and its agent was told the names.
#[test]
fn names_that_a_command_makes_are_not_told_before_people_said_yes() {
    let (installation, gate) = Installation::<Scripts>::begin();
    let besides = |path: &str| vec![(path.to_owned(), "curl".to_owned())];
    let keys = std::cell::Cell::new(0);
    let check = |proposal: Proposal| {
        let key = Some(format!("key-{}", keys.replace(keys.get() + 1)));
        let answer = installation.propose(&gate, Proposal { key, ..proposal });
        let told = format!("{answer:?}");
        assert!(!told.contains(TELLING), "{told}");
        answer
    };
    *installation.tool.besides.lock().unwrap() = besides(TELLING);
    assert_eq!(check(expecting_b(script("format"))).status, Status::Held);

    *installation.tool.besides.lock().unwrap() = besides(&format!(".git/hooks/{TELLING}"));
    let denied = check(expecting_b(script("format")));
    assert_eq!(code(&denied), Some(Code::PolicyDenied));
    let told = [
        "not declared by the proposal: 2 changes (code_execution)",
        "changes what is run later: 1 change",
    ];
    assert_eq!(denied.warnings[..1], told[..1]);
    assert!(denied.warnings[1].starts_with(told[1]), "{:?}", denied.warnings);

    *installation.tool.besides.lock().unwrap() = besides(&format!("etc/{TELLING}"));
    let outside = check(script("format"));
    assert_eq!(code(&outside), Some(Code::OutOfScope));
    assert!(outside.error.unwrap().message.contains("would change 1 path outside"));

    let message = format!("`{TELLING}` is a device");
    let own_code = Some("not_plannable".to_owned());
    let device = ToolError { own_code, ..error(ToolErrorKind::Refused, &message) };
    *installation.tool.fails.lock().unwrap() = Some(device);
    let failed = check(script("format")).error.unwrap();
    assert!(failed.message.contains("a plan cannot hold"), "{}", failed.message);
    let heard = installation.propose(&gate, script("derive")).error.unwrap();
    assert_eq!(heard.message, message, "nobody is asked for this one");
}

/// Whoever started too many processes was told to correct the arguments.
#[test]
fn what_to_do_about_a_failed_command_fits_what_went_wrong() {
    let (installation, gate) = Installation::<Scripts>::begin();
    let check = |(kind, own_code): (ToolErrorKind, &str), expect: (Code, &str)| {
        let own_code = Some(own_code.to_owned());
        let failure = ToolError { own_code, ..error(kind, "it went wrong") };
        *installation.tool.fails.lock().unwrap() = Some(failure);
        let told = installation.propose(&gate, script("derive")).error.unwrap();
        assert_eq!(told.code, expect.0, "{told:?}");
        assert!(told.fix.contains(expect.1), "{told:?}");
    };
    use ToolErrorKind::{Failed, Missing, Refused};
    check((Failed, "over_processes"), (Code::PreviewFailed, "fewer processes"));
    check((Refused, "not_a_repository"), (Code::PreviewFailed, "repository"));
    check((Missing, "no_jail"), (Code::ToolMissing, "checkrein doctor"));
    check((Failed, "no_jail"), (Code::ToolMissing, "checkrein doctor"));
    check((Refused, "out_of_scope"), (Code::OutOfScope, "contract"));
    check((Failed, "no_credential"), (Code::PreviewFailed, "operator"));
    check((Failed, "of its own"), (Code::PreviewFailed, "correct"));
}

#[test]
fn a_line_of_a_credential_is_masked_in_an_answer_as_it_is_while_it_is_printed() {
    let (installation, gate) = Installation::<Scripts>::begin();
    let line = CREDENTIAL.lines().last().unwrap();
    *installation.tool.besides.lock().unwrap() = vec![(TELLING.to_owned(), line.to_owned())];
    let done = installation.propose(&gate, script("derive"));
    let stdout = done.output.unwrap()["stdout"].as_str().unwrap().to_owned();
    assert!(stdout.contains("⟦masked:known⟧") && !stdout.contains(line), "{stdout}");
    let store = installation.store.lock().unwrap();
    let plan = store.payload(done.call.unwrap(), PayloadKind::Plan).unwrap();
    let plan = gate::payload::read_plan(&plan).unwrap().execution.unwrap();
    assert!(plan.stdout.text.contains("⟦masked:known⟧"), "{}", plan.stdout.text);
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
    installation.finish(gate.set_rules(stricter)).unwrap();
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
