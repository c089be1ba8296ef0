//! Acts that run alone and are reviewed afterwards: accepted, or rejected and taken back, or an incident; or overdue.
//! Each test tells one story of a call of tier 2 in a simulated world; the auditor looks at the promises at its end.

use domain::{CallId, Code, Proposal, ReviewVerdict, Role, Status};
use gate::{ApprovalRules, Done, FourEyes, Refusal, Table};
use serde_json::json;

use crate::installation::{Installation, TestGate};
use crate::scripts::{Scripts, deploy, script};

type World = Installation<Scripts>;

/// A world in which every write below `lab/` is reviewed within an hour.
fn begin() -> (World, TestGate) {
    let (world, gate) = World::begin();
    rules(&world, &gate);
    (world, gate)
}

fn rules(world: &World, gate: &TestGate) {
    let more = "\n@id(\"review-lab\")\n@review(\"group:operators\")\n@review_by(\"1h\")\nforbid (principal, action == Action::\"sim.write\", resource)\nwhen { context has plan && context.plan.touches.contains(\"lab\") };\n";
    let marker = "// Policies of the simulation";
    world.change_rules(gate, |text| match text.starts_with(marker) {
        true => text + more,
        false => text,
    });
}

fn acts(world: &World, gate: &TestGate) -> (CallId, String) {
    let arguments = json!({"path": "lab/a", "content": "written"});
    let done = world.propose(gate, Proposal { arguments, ..deploy() });
    assert_eq!(done.status, Status::Succeeded, "{done:?}");
    let call = done.call.unwrap();
    (call, format!("{call}/review/review-lab"))
}

fn reviews(
    world: &World,
    (gate, by): (&TestGate, &domain::Operator),
    (duty, verdict): (&str, ReviewVerdict),
) -> Result<(), Refusal> {
    let done = Done { note: Some("not like this".to_owned()), verdict: Some(verdict) };
    world.finish(gate.done(by, duty.to_owned(), done))
}

#[test]
fn a_rejected_act_is_taken_back() {
    let (world, gate) = begin();
    let (call, duty) = acts(&world, &gate);
    assert_eq!(world.text("lab/a").as_deref(), Some("written"));
    let by = world.somebody(&gate, ("ann", &[Role::Approver], &["operators"]));
    reviews(&world, (&gate, &by), (&duty, ReviewVerdict::Rejected)).unwrap();
    assert_eq!(world.text("lab/a"), None, "it is as before");
    let record = world.store.lock().unwrap().read(Table::Calls, &call.to_string()).unwrap();
    assert_eq!(record.text("undo"), "undone");
    assert!(world.store.lock().unwrap().all(Table::Incidents).is_empty());
    let again = reviews(&world, (&gate, &by), (&duty, ReviewVerdict::Accepted));
    assert_eq!(again.unwrap_err().code, Code::Conflict);
    assert!(world.store.lock().unwrap().drift().is_empty());
}

#[test]
fn a_rejected_act_that_cannot_be_taken_back_is_an_incident() {
    let (world, gate) = World::begin();
    world.change_rules(&gate, |text| text.replace("undo = { call", "# undo = { call"));
    let arguments = json!({"slot": "seven"});
    let booked =
        world.propose(&gate, Proposal { arguments, tool: "sim.book".to_owned(), ..script("") });
    let duty = format!("{}/review/review-books", booked.call.unwrap());
    let by = world.person(&gate);
    reviews(&world, (&gate, &by), (&duty, ReviewVerdict::Rejected)).unwrap();
    let incidents = world.store.lock().unwrap().all(Table::Incidents);
    let incident = incidents.first().unwrap();
    assert_eq!(incident.key, duty);
    assert_eq!(incident.text("reason"), "not like this; nothing could take it back");
    assert_eq!(incident.text("state"), "open");
    let close =
        |duty: &str, reason: &str| world.finish(gate.close_incident(&by, duty.to_owned(), reason));
    assert_eq!(close("nothing", "x").unwrap_err().code, Code::NotFound);
    close(&duty, "booked back by hand").unwrap();
    assert_eq!(close(&duty, "again").unwrap_err().code, Code::Conflict);
    let incident = world.store.lock().unwrap().all(Table::Incidents)[0].clone();
    assert_eq!(
        (incident.text("state"), incident.text("closed_reason")),
        ("closed", "booked back by hand")
    );
    assert_eq!(incident.text("closed_by"), by.name.as_str());
    assert!(world.store.lock().unwrap().drift().is_empty());
}

/// Everybody who may decide anything closed any incident, also the one who had asked for the act.
#[test]
fn an_incident_is_closed_by_those_who_could_review_its_act() {
    let (world, gate) = World::begin();
    drop(gate);
    world.approvals.set(ApprovalRules { four_eyes: FourEyes::Kept, ..ApprovalRules::default() });
    let (gate, _) = world.open();
    world.change_rules(&gate, |text| text.replace("undo = { call", "# undo = { call"));
    let arguments = json!({"slot": "seven"});
    let booked =
        world.propose(&gate, Proposal { arguments, tool: "sim.book".to_owned(), ..script("") });
    let duty = format!("{}/review/review-books", booked.call.unwrap());
    let roles: &[Role] = &[Role::Approver];
    let ann = world.somebody(&gate, ("ann", roles, &["operators"]));
    reviews(&world, (&gate, &ann), (&duty, ReviewVerdict::Rejected)).unwrap();
    let close = |by| world.finish(gate.close_incident(by, duty.clone(), "by hand"));
    let ben = world.somebody(&gate, ("ben", roles, &["others"]));
    assert_eq!(close(&ben).unwrap_err().code, Code::NotEligible, "another group");
    let olga = world.person(&gate);
    assert_eq!(close(&olga).unwrap_err().code, Code::NotEligible, "a party");
    close(&ann).unwrap();
}

#[test]
fn an_accepted_act_stands_and_a_rejection_says_why() {
    let (world, gate) = begin();
    let (_, duty) = acts(&world, &gate);
    let by = world.person(&gate);
    let silent = Done { note: None, verdict: Some(ReviewVerdict::Rejected) };
    let said = world.finish(gate.done(&by, duty.clone(), silent));
    assert_eq!(said.unwrap_err().code, Code::InvalidRequest);
    world.finish(gate.done(&by, duty, Done::default())).unwrap();
    assert_eq!(world.text("lab/a").as_deref(), Some("written"));
}

#[test]
fn a_review_that_nobody_makes_counts_against_the_agent_and_everybody_may_make_it() {
    let (world, gate) = begin();
    let (_, duty) = acts(&world, &gate);
    let ann = world.somebody(&gate, ("ann", &[Role::Approver], &["others"]));
    let early = reviews(&world, (&gate, &ann), (&duty, ReviewVerdict::Accepted));
    assert_eq!(early.unwrap_err().code, Code::NotEligible);
    world.clock.jump(3_599_000);
    world.finish(gate.tick()).unwrap();
    let overdue = || {
        let record = world.store.lock().unwrap().read(Table::Duties, &duty).unwrap();
        (record.integer("overdue_ms").is_some(), record.text("agent").to_owned())
    };
    assert_eq!(overdue(), (false, "builder".to_owned()));
    world.clock.jump(2_000);
    world.finish(gate.tick()).unwrap();
    assert_eq!(overdue(), (true, "builder".to_owned()));
    world.finish(gate.tick()).unwrap();
    reviews(&world, (&gate, &ann), (&duty, ReviewVerdict::Accepted)).unwrap();
    assert_eq!(overdue(), (true, "builder".to_owned()), "late stays late");
    assert!(world.store.lock().unwrap().drift().is_empty());
}

#[test]
fn no_party_accepts_its_own_act() {
    let (world, gate) = World::begin();
    drop(gate);
    world.approvals.set(ApprovalRules { four_eyes: FourEyes::Kept, ..ApprovalRules::default() });
    let (gate, _) = world.open();
    rules(&world, &gate);
    let (_, duty) = acts(&world, &gate);
    let olga = world.person(&gate);
    let said = reviews(&world, (&gate, &olga), (&duty, ReviewVerdict::Accepted));
    assert_eq!(said.unwrap_err().code, Code::NotEligible);
    reviews(&world, (&gate, &olga), (&duty, ReviewVerdict::Rejected)).unwrap();
}
