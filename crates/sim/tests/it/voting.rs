//! Who may say yes, and how many: groups, parties, assurance, quorum and escalation, each with a refusal of its own (P4).
//! Time denies and never approves (P9). What people said survives the end of the process.

use std::time::Duration;

use domain::{
    ApprovalId, Assurance, CallId, Code, Groups, Name, Operator, PersonState, Proposal, Role,
    Roles, Status, Surface,
};
use gate::{ApprovalRules, FourEyes, PersonAsk, PersonChange, Refusal, Table, Yes};
use serde_json::json;

use crate::installation::{Installation, TestGate};
use crate::scripts::{Scripts, deploy, script};

type World = Installation<Scripts>;

fn odd() -> Proposal {
    Proposal { arguments: json!({"name": "thing-1"}), tool: "sim.odd".to_owned(), ..script("") }
}

fn four_eyes() -> (World, TestGate) {
    let (world, gate) = World::begin();
    drop(gate);
    world.approvals.set(ApprovalRules { four_eyes: FourEyes::Kept, ..ApprovalRules::default() });
    let (gate, _) = world.open();
    (world, gate)
}

/// The two requests of an odd call: one for operators, one for two of the others.
fn asked(world: &World, gate: &TestGate) -> (CallId, ApprovalId, ApprovalId) {
    let held = world.propose(gate, odd());
    assert_eq!(held.status, Status::Held, "{held:?}");
    let call = held.call.unwrap();
    let asked = world.asked(call);
    let of = |rule: &str| asked.iter().find(|(id, _)| id == rule).unwrap().1;
    (call, of("ask-odd"), of("ask-odd-again"))
}

fn says_yes(
    world: &World,
    (gate, by): (&TestGate, &Operator),
    approval: ApprovalId,
) -> Result<(), Refusal> {
    world.finish(gate.approve(by, approval, world.yes(gate, approval)))
}

fn code(said: Result<(), Refusal>) -> Option<Code> {
    said.err().map(|refusal| refusal.code)
}

#[test]
fn two_people_are_needed_and_each_counts_once() {
    let (world, gate) = World::begin();
    let (call, one, two) = asked(&world, &gate);
    let person = world.person(&gate);
    let ann = world.somebody(&gate, ("ann", &[Role::Approver], &["others"]));
    says_yes(&world, (&gate, &person), one).unwrap();
    says_yes(&world, (&gate, &ann), two).unwrap();
    assert_eq!(world.collect(&gate, call).status, Status::Held, "one of two is not enough");
    let again = says_yes(&world, (&gate, &ann), two).unwrap_err();
    assert_eq!(again.code, Code::NotEligible);
    assert!(again.message.contains("already said yes"), "{}", again.message);
    assert_eq!(world.collect(&gate, call).status, Status::Held);
    says_yes(&world, (&gate, &person), two).unwrap();
    assert_eq!(world.collect(&gate, call).status, Status::Succeeded);
    let brief = world.finish(gate.brief(&person, two)).unwrap();
    let voters: Vec<_> = brief.votes.iter().map(|vote| vote.by.to_string()).collect();
    assert_eq!(voters, ["ann", "olga"]);
    assert!(world.store.lock().unwrap().drift().is_empty());
}

#[test]
fn one_no_ends_what_others_said_yes_to() {
    let (world, gate) = World::begin();
    let (call, _, two) = asked(&world, &gate);
    let ann = world.somebody(&gate, ("ann", &[Role::Approver], &["others"]));
    says_yes(&world, (&gate, &world.person(&gate)), two).unwrap();
    world.finish(gate.reject(&ann, two, "no".to_owned())).unwrap();
    let answer = world.collect(&gate, call);
    assert_eq!(answer.error.unwrap().code, Code::Rejected);
}

#[test]
fn votes_survive_the_end_of_the_process() {
    let (world, gate) = World::begin();
    let (call, one, two) = asked(&world, &gate);
    let ann = world.somebody(&gate, ("ann", &[Role::Approver], &["others"]));
    says_yes(&world, (&gate, &ann), two).unwrap();
    drop(gate);
    let (gate, _) = world.open();
    let person = world.person(&gate);
    assert_eq!(code(says_yes(&world, (&gate, &ann), two)), Some(Code::NotEligible));
    says_yes(&world, (&gate, &person), one).unwrap();
    says_yes(&world, (&gate, &person), two).unwrap();
    assert_eq!(world.collect(&gate, call).status, Status::Succeeded);
}

#[test]
fn who_does_not_stand_in_the_group_is_not_eligible() {
    let (world, gate) = World::begin();
    let (_, one, two) = asked(&world, &gate);
    let ann = world.somebody(&gate, ("ann", &[Role::Approver], &["others"]));
    let refused = says_yes(&world, (&gate, &ann), one).unwrap_err();
    assert_eq!(refused.code, Code::NotEligible);
    assert!(refused.message.contains("does not stand in group:operators"), "{}", refused.message);
    let no = world.finish(gate.reject(&ann, one, "no".to_owned()));
    assert_eq!(code(no), Some(Code::NotEligible), "nor does a stranger to the group reject");
    says_yes(&world, (&gate, &ann), two).unwrap();
    let viewer = world.somebody(&gate, ("vic", &[Role::Viewer], &["others"]));
    assert_eq!(code(says_yes(&world, (&gate, &viewer), two)), Some(Code::NotAllowed));
}

#[test]
fn no_party_to_a_call_approves_it_but_each_may_say_no() {
    let (world, gate) = four_eyes();
    let roles: &[Role] = &[Role::Approver];
    // `ada` is whom the agent acts for; `olga` gave it its rights and owns its workflow.
    let ada = world.somebody(&gate, ("ada", roles, &["operators", "others"]));
    let olga = world.person(&gate);
    let (call, one, _) = asked(&world, &gate);
    for (by, why) in [(&ada, "on whose behalf"), (&olga, "gave the agent its rights")] {
        let refused = says_yes(&world, (&gate, by), one).unwrap_err();
        assert_eq!(refused.code, Code::NotEligible);
        assert!(refused.message.contains(why), "{}", refused.message);
        let brief = world.finish(gate.brief(by, one)).unwrap();
        assert_eq!(brief.may_approve.unwrap_err().code, Code::NotEligible);
    }
    world.finish(gate.reject(&ada, one, "I do not want it".to_owned())).unwrap();
    assert_eq!(world.collect(&gate, call).error.unwrap().code, Code::Rejected);
    let (call, one, two) = asked(&world, &gate);
    let groups: &[&str] = &["operators", "others"];
    let ann = world.somebody(&gate, ("ann", roles, groups));
    let ben = world.somebody(&gate, ("ben", roles, groups));
    says_yes(&world, (&gate, &ann), one).unwrap();
    says_yes(&world, (&gate, &ann), two).unwrap();
    says_yes(&world, (&gate, &ben), two).unwrap();
    assert_eq!(world.collect(&gate, call).status, Status::Succeeded);
}

#[test]
fn who_is_not_sure_enough_is_told_how_to_be() {
    let (world, gate) = World::begin();
    let passkey = "@hold(\"group:operators\")\n@assurance(\"passkey\")\n@decide_by(\"2m\")\n@execute_by(\"2m\")\n@reason(\"this changes";
    let plain = "@hold(\"group:operators\")\n@decide_by(\"2m\")\n@execute_by(\"2m\")\n@reason(\"this changes";
    world.change_rules(&gate, |text| text.replace(plain, passkey));
    let call = world.propose(&gate, deploy()).call.unwrap();
    let (_, approval) = world.asked(call).remove(0);
    let by = world.person(&gate);
    for assurance in [Assurance::Key, Assurance::Session] {
        let by = Operator { assurance, ..by.clone() };
        let refused = says_yes(&world, (&gate, &by), approval).unwrap_err();
        assert_eq!(refused.code, Code::NotSureEnough, "{assurance}");
        assert!(refused.fix.contains("passkey"), "{}", refused.fix);
    }
    let sure = Operator { assurance: Assurance::Passkey, ..by };
    let shown = world.finish(gate.brief(&sure, approval)).unwrap().shown.shown.digest;
    let yes = Yes { surface: Surface::Console, shown: Some(shown), ..world.yes(&gate, approval) };
    world.finish(gate.approve(&sure, approval, yes)).unwrap();
    let vote = world.finish(gate.brief(&sure, approval)).unwrap().votes.remove(0);
    assert_eq!((vote.assurance, vote.surface), (Assurance::Passkey, Surface::Console));
    assert_eq!(world.collect(&gate, call).status, Status::Succeeded);
}

#[test]
fn a_second_group_decides_only_after_the_first_had_its_time() {
    let (world, gate) = World::begin();
    let (call, one, two) = asked(&world, &gate);
    let ann = world.somebody(&gate, ("ann", &[Role::Approver], &["others"]));
    world.clock.jump(19_000);
    world.finish(gate.tick()).unwrap();
    assert_eq!(code(says_yes(&world, (&gate, &ann), one)), Some(Code::NotEligible));
    world.clock.jump(2_000);
    world.finish(gate.tick()).unwrap();
    drop(gate);
    let (gate, _) = world.open();
    says_yes(&world, (&gate, &ann), one).unwrap();
    says_yes(&world, (&gate, &ann), two).unwrap();
    says_yes(&world, (&gate, &world.person(&gate)), two).unwrap();
    assert_eq!(world.collect(&gate, call).status, Status::Succeeded);
    let escalated = world.store.lock().unwrap().all(Table::Approvals);
    let escalated = escalated.iter().filter(|record| record.integer("escalated_ms").is_some());
    assert_eq!(escalated.count(), 1);
}

#[test]
fn time_denies_what_too_few_people_said_yes_to() {
    let (world, gate) = World::begin();
    let (call, one, two) = asked(&world, &gate);
    let person = world.person(&gate);
    says_yes(&world, (&gate, &person), one).unwrap();
    says_yes(&world, (&gate, &person), two).unwrap();
    world.clock.jump(121_000);
    let late = says_yes(&world, (&gate, &person), two);
    assert!(late.is_err());
    world.finish(gate.tick()).unwrap();
    let answer = world.collect(&gate, call);
    assert_eq!((answer.status, answer.error.unwrap().code), (Status::Denied, Code::Expired));
    assert!(world.tool.acts.lock().unwrap().is_empty());
}

#[test]
fn an_act_that_cannot_be_undone_is_never_approved_with_one_word() {
    let (world, gate) = World::begin();
    let (_, one, _) = asked(&world, &gate);
    let person = world.person(&gate);
    let yes = |confirm: Option<&str>| Yes {
        confirm: confirm.map(str::to_owned),
        ..Yes::from(Some("go".to_owned()))
    };
    for confirm in [None, Some(""), Some("yes"), Some("thing")] {
        let said = world.finish(gate.approve(&person, one, yes(confirm)));
        assert_eq!(code(said), Some(Code::NotConfirmed), "{confirm:?}");
    }
    assert_eq!(world.yes(&gate, one).confirm.as_deref(), Some("thing-1"));
    world.finish(gate.approve(&person, one, yes(Some(" thing-1 ")))).unwrap();
    // What can be put back needs nothing of the kind.
    let call = world.propose(&gate, deploy()).call.unwrap();
    let (_, approval) = world.asked(call).remove(0);
    world.finish(gate.approve(&person, approval, None)).unwrap();
}

#[test]
fn whoever_waits_longest_hears_of_the_last_yes_at_once() {
    let (world, gate) = World::begin();
    let (call, one, two) = asked(&world, &gate);
    let caller = world.finish(gate.identify(&world.agent)).unwrap().agent().unwrap();
    let ann = world.somebody(&gate, ("ann", &[Role::Approver], &["others"]));
    let mut waiting = Box::pin(gate.wait(&caller, call, Duration::from_secs(60)));
    assert!(world.until(50, &mut waiting).is_none());
    let person = world.person(&gate);
    says_yes(&world, (&gate, &person), one).unwrap();
    says_yes(&world, (&gate, &person), two).unwrap();
    assert!(world.until(50, &mut waiting).is_none(), "one is missing");
    says_yes(&world, (&gate, &ann), two).unwrap();
    assert_eq!(world.finish(waiting).status, Status::Succeeded);
}

/// Whoever writes what runs is not the one who says that it may.
#[test]
fn who_edits_a_call_does_not_approve_it_over_however_many_edits() {
    let (world, gate) = four_eyes();
    let roles: &[Role] = &[Role::Approver];
    let ann = world.somebody(&gate, ("ann", roles, &["operators"]));
    let ben = world.somebody(&gate, ("ben", roles, &["operators"]));
    let ada = world.somebody(&gate, ("ada", roles, &[]));
    let mut call = world.propose(&gate, deploy()).call.unwrap();
    let edits = |by: &Operator, approval: ApprovalId, content: &str| {
        let arguments = json!({"path": "prod", "content": content});
        world.finish(gate.edit(by, approval, (arguments, "so".to_owned())))
    };
    let stranger = edits(&ada, world.asked(call).remove(0).1, "x").unwrap_err();
    assert_eq!(stranger.code, Code::NotEligible, "a party outside the group takes back, not more");
    for (by, content) in [(&ann, "smaller"), (&ben, "smallest")] {
        let approval = world.asked(call).remove(0).1;
        call = edits(by, approval, content).unwrap().call.unwrap();
    }
    let approval = world.asked(call).remove(0).1;
    for by in [&ann, &ben] {
        let refused = says_yes(&world, (&gate, by), approval).unwrap_err();
        assert_eq!(refused.code, Code::NotEligible);
        assert!(refused.message.contains("edited what it would do"), "{}", refused.message);
    }
    let cyd = world.somebody(&gate, ("cyd", roles, &["operators"]));
    says_yes(&world, (&gate, &cyd), approval).unwrap();
    assert_eq!(world.collect(&gate, call).status, Status::Succeeded);
}

#[test]
fn the_yes_of_somebody_who_was_shut_out_since_does_not_count() {
    let (world, gate) = World::begin();
    let (call, one, two) = asked(&world, &gate);
    let local: Name = "local".parse().unwrap();
    let account = |name: &str| {
        let groups = Groups::Named(["others".parse().unwrap()].into());
        let (tenant, name) = (local.clone(), name.parse().unwrap());
        let ask = PersonAsk { tenant, name, roles: Roles::of(&[Role::Approver]), groups };
        world.finish(gate.make_person(&world.person(&gate), ask)).unwrap();
    };
    account("ann");
    let ann = world.somebody(&gate, ("ann", &[Role::Approver], &["others"]));
    let ben = world.somebody(&gate, ("ben", &[Role::Approver], &["others"]));
    let person = world.person(&gate);
    says_yes(&world, (&gate, &person), one).unwrap();
    says_yes(&world, (&gate, &ann), two).unwrap();
    let names = |all: Result<Vec<Name>, Refusal>| {
        all.unwrap().iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    };
    let may = || names(world.finish(gate.who_may_approve(&person, two)));
    let yes = || names(world.finish(gate.standing_yes(&person, two)));
    let counted = || {
        let record = world.store.lock().unwrap().read(Table::Approvals, &two.to_string()).unwrap();
        world.finish(gate.yes_so_far(&record)).unwrap()
    };
    assert_eq!((may(), yes(), counted()), ("ann".to_owned(), "ann".to_owned(), 1));
    let off = PersonChange { state: Some(PersonState::Disabled), ..PersonChange::default() };
    let whose = (&local, &"ann".parse().unwrap());
    world.finish(gate.change_person(&person, whose, (off, "stolen".to_owned()))).unwrap();
    assert_eq!((may(), yes(), counted()), (String::new(), String::new(), 0), "as it is counted");
    says_yes(&world, (&gate, &ben), two).unwrap();
    assert_eq!(world.collect(&gate, call).status, Status::Held, "one of two is left");
    says_yes(&world, (&gate, &person), two).unwrap();
    assert_eq!(world.collect(&gate, call).status, Status::Succeeded);
}

/// Also not by a call that was approved before and waits for nobody.
#[test]
fn an_agent_does_nothing_more_for_somebody_who_left() {
    let (world, gate) = World::begin();
    let local: Name = "local".parse().unwrap();
    let person = world.person(&gate);
    let ada: Name = "ada".parse().unwrap();
    let ask = PersonAsk {
        tenant: local.clone(),
        name: ada.clone(),
        roles: Roles::of(&[Role::Viewer]),
        groups: Groups::none(),
    };
    world.finish(gate.make_person(&person, ask)).unwrap();
    let call = world.propose(&gate, Proposal { detached: true, ..deploy() }).call.unwrap();
    world.approve(&gate, call);
    let off = PersonChange { state: Some(PersonState::Disabled), ..PersonChange::default() };
    world.finish(gate.change_person(&person, (&local, &ada), (off, "left".to_owned()))).unwrap();
    let _ = world.finish(gate.tick());
    assert!(world.tool.acts.lock().unwrap().is_empty());
    assert!(world.finish(gate.identify(&world.agent)).is_err());
}
