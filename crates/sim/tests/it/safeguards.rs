//! What contracts ask for beside policy: invariants, windows, checks by other tools, verifiers, automatic undo, procedures.
//! Each test tells one story of a call in a simulated world, with the tools of `scripts.rs` and a document that can be read.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicUsize, Ordering};
use std::task::Poll;

use domain::{Answer, CallId, Code, Event, Executed, Money, Plan, Proposal, Status};
use gate::{
    Act, Later, Permit, Preview, Read, Recovered, Reply, Table, Tool, ToolError, Unfinished,
};
use serde_json::{Value, json};

use crate::installation::{Installation, TestGate};
use crate::scripts::Scripts;

/// Files and scripts, and what stands in a file.
#[derive(Debug, Default)]
struct Site {
    scripts: Scripts,
    /// How the script `tests` ends.
    exit_code: AtomicI32,
    /// What every document says, instead of the file.
    says: Mutex<Option<String>>,
    reads: AtomicUsize,
    /// Whether no document is ever shown.
    hangs: AtomicBool,
}

impl Tool for Site {
    fn preview(&self, permit: Permit<Preview>) -> Later<'_, Result<Plan, ToolError>> {
        Box::pin(async move {
            let tests = permit.invocation().arguments.get("script") == Some(&json!("tests"));
            let mut plan = self.scripts.preview(permit).await?;
            if let Some(execution) = plan.execution.as_mut().filter(|_| tests) {
                execution.exit_code = self.exit_code.load(Ordering::Relaxed);
            }
            Ok(plan)
        })
    }

    fn read(&self, permit: Permit<Read>) -> Later<'_, Result<Reply, ToolError>> {
        Box::pin(async move {
            self.reads.fetch_add(1, Ordering::Relaxed);
            if self.hangs.load(Ordering::Relaxed) {
                std::future::pending::<()>().await;
            }
            let name = permit
                .invocation()
                .arguments
                .get("name")
                .and_then(Value::as_str)
                .unwrap()
                .to_owned();
            let file = self.scripts.files.lock().unwrap().get(&name).cloned();
            let note = self.says.lock().unwrap().clone().or(file);
            Ok(reply(json!({"ok": note.is_some(), "note": note.unwrap_or_default()})))
        })
    }

    fn act(&self, permit: Permit<Act>) -> Later<'_, Result<Reply, ToolError>> {
        self.scripts.act(permit)
    }

    fn recover(&self, _: Unfinished) -> Later<'_, Recovered> {
        Box::pin(async {
            match self.scripts.acts.lock().unwrap().is_empty() {
                true => Recovered::DidNotHappen { reason: "it was not begun".to_owned() },
                false => Recovered::Happened(reply(json!({"ok": true}))),
            }
        })
    }
}

fn reply(output: Value) -> Reply {
    Reply { output, effects: Vec::new(), cost: Money::ZERO, read_bytes: 0, warnings: Vec::new() }
}

type World = Installation<Site>;

/// A world in which contracts have more fields: a tool, and what its contract says besides.
fn with(fields: &[(&str, &str)]) -> (World, TestGate) {
    let (world, gate) = World::begin();
    world.finish(gate.set_rules(rules(fields))).unwrap();
    (world, gate)
}

fn rules(fields: &[(&str, &str)]) -> gate::Rules {
    World::changed_rules(|text| {
        fields.iter().fold(text, |text, (tool, more)| {
            let name = format!("name = \"{tool}\"\n");
            text.replace(&name, &format!("{name}{more}\n"))
        })
    })
}

fn write(path: &str) -> Proposal {
    Proposal::bare("sim.write".to_owned(), json!({"path": path, "content": "written"}))
}

fn propose(world: &World, gate: &TestGate, proposal: Proposal) -> Answer {
    let answer = world.finish(gate.handle(&world.agent, proposal));
    assert!(world.store.lock().unwrap().drift().is_empty());
    answer
}

fn code(answer: &Answer) -> Option<Code> {
    answer.error.as_ref().map(|error| error.code)
}

fn said(answer: &Answer) -> String {
    answer.error.as_ref().map(|error| error.message.clone()).unwrap_or_default()
}

fn acts(world: &World) -> usize {
    world.tool.scripts.acts.lock().unwrap().len()
}

fn text(world: &World, path: &str) -> Option<String> {
    world.tool.scripts.files.lock().unwrap().get(path).cloned()
}

/// What each check of a call found last: kind, name, verdict.
fn checks(world: &World, call: CallId) -> Vec<String> {
    let records = world.store.lock().unwrap().all(Table::Checks);
    let own = records.iter().filter(|record| record.text("call") == call.to_string());
    own.map(|record| {
        format!("{} {} {}", record.text("kind"), record.text("name"), record.text("verdict"))
    })
    .collect()
}

fn incidents(world: &World) -> Vec<(String, String)> {
    let records = world.store.lock().unwrap().all(Table::Incidents);
    let told =
        |record: &gate::Record| (record.text("state").to_owned(), record.text("reason").to_owned());
    records.iter().map(told).collect()
}

const TESTS_PASS: &str = "precondition = [{ name = \"tests pass\", tool = \"sim.run\", \
    arguments = { script = \"tests\" }, expect = [{ pointer = \"/exit_code\", equals = 0 }] }]";
const READ_BACK: &str = "postcondition = [{ name = \"it stands there\", tool = \"sim.read\", \
    arguments = { name = \"{/path}\" }, expect = [{ pointer = \"/note\", equals = \"written\" }] }]";

#[test]
fn a_plan_that_breaks_an_invariant_is_denied_before_anybody_is_asked() {
    let check = |invariants: &str, expect: Option<&str>| {
        let (world, gate) = with(&[("sim.write", &format!("invariants = {{ {invariants} }}"))]);
        let other = ("src/.git/hooks".to_owned(), "mine".to_owned());
        world.tool.scripts.besides.lock().unwrap().push(other);
        // `prod` would be held.
        let answer = propose(&world, &gate, write("prod"));
        match expect {
            None => assert_eq!(answer.status, Status::Held, "{invariants}: {answer:?}"),
            Some(expect) => {
                assert_eq!(code(&answer), Some(Code::InvariantBroken), "{invariants}");
                assert!(said(&answer).contains(expect), "{invariants}: {}", said(&answer));
                assert_eq!((answer.status, answer.executed), (Status::Denied, Executed::No));
            }
        }
        assert_eq!(acts(&world), 0);
    };
    check("files_max = 2", None);
    check("files_max = 1", Some("`files_max`: 2 paths change, at most 1 are allowed"));
    check("bytes_max = 10", Some("`bytes_max`: 11 bytes are written, at most 10 are allowed"));
    check("never = [\"**/.git/**\"]", Some("`never`: 1 path is among what must never change"));
    check("only = [\"prod\"]", Some("such as `src/.git/hooks`"));
    check("shape = \"edits_only\"", Some("not `edits_only`: new or gone"));
    check("no_delete = true, hosts_max = 0, shape = \"creates_only\"", None);
}

#[test]
fn where_an_invariant_counts_on_a_plan_and_there_is_none_the_call_is_denied() {
    let (world, gate) = with(&[("sim.run", "invariants = { files_max = 9 }")]);
    world.tool.scripts.blind.store(true, Ordering::Relaxed);
    let proposal = Proposal::bare("sim.run".to_owned(), json!({"script": "derive"}));
    let answer = propose(&world, &gate, proposal);
    assert_eq!(code(&answer), Some(Code::InvariantBroken));
    assert!(said(&answer).contains("no plan on which they could be checked"));
}

#[test]
fn a_precondition_that_does_not_hold_denies_and_tells_what_was_found() {
    let (world, gate) = with(&[("sim.write", TESTS_PASS)]);
    world.tool.exit_code.store(7, Ordering::Relaxed);
    world.tool.scripts.besides.lock().unwrap().push(("made".to_owned(), "by tests".to_owned()));
    let denied = propose(&world, &gate, write("a.txt"));
    assert_eq!(code(&denied), Some(Code::PreconditionFailed), "{denied:?}");
    assert!(said(&denied).contains("`tests pass` does not hold: `/exit_code` is 7, expected 0"));
    assert_eq!(checks(&world, denied.call.unwrap()), ["precondition tests pass failed"]);
    assert_eq!(
        (acts(&world), text(&world, "made")),
        (0, None),
        "what the tests did is thrown away"
    );

    world.tool.exit_code.store(0, Ordering::Relaxed);
    let done = propose(&world, &gate, write("a.txt"));
    assert_eq!(done.status, Status::Succeeded, "{done:?}");
    assert_eq!(checks(&world, done.call.unwrap()), ["precondition tests pass passed"]);
    // The check is a call of its own, which its entry names.
    let store = world.store.lock().unwrap();
    let made: Vec<CallId> = store
        .entries()
        .iter()
        .filter(|stored| matches!(&stored.0.event, Event::CheckMade { .. }))
        .filter_map(|stored| stored.0.call)
        .collect();
    assert_eq!(made.len(), 2);
    for call in made {
        let record = store.read(Table::Calls, &call.to_string()).unwrap();
        assert_eq!((record.text("tool"), record.text("state")), ("sim.run", "succeeded"));
        assert_eq!(record.text("undo"), "", "nothing stays that could be undone");
    }
}

#[test]
fn a_held_call_meets_its_preconditions_again_before_it_runs() {
    let (world, gate) = with(&[("sim.write", TESTS_PASS)]);
    let held = propose(&world, &gate, write("prod"));
    assert_eq!(held.status, Status::Held, "{held:?}");
    let call = held.call.unwrap();
    assert_eq!(checks(&world, call), ["precondition tests pass passed"]);
    world.approve(&gate, call);
    world.tool.exit_code.store(1, Ordering::Relaxed);
    let waits = world.collect(&gate, call);
    assert_eq!((waits.status, code(&waits)), (Status::Held, Some(Code::PreconditionFailed)));
    assert_eq!(acts(&world), 0);
    world.tool.exit_code.store(0, Ordering::Relaxed);
    let done = world.collect(&gate, call);
    assert_eq!((done.status, acts(&world)), (Status::Succeeded, 1), "the approval still counts");
}

#[test]
fn an_answer_that_is_fresh_is_not_asked_for_again() {
    let fresh = TESTS_PASS.replace("equals = 0 }] }]", "equals = 0 }], fresh_ms = 60_000 }]");
    let (world, gate) = with(&[("sim.write", &fresh)]);
    let call = propose(&world, &gate, write("prod")).call.unwrap();
    world.approve(&gate, call);
    world.tool.exit_code.store(1, Ordering::Relaxed);
    assert_eq!(world.collect(&gate, call).status, Status::Succeeded);
}

#[test]
fn a_tool_that_may_change_something_checks_nothing() {
    let asks = |tool: &str| {
        format!(
            "precondition = [{{ name = \"x\", tool = \"{tool}\", arguments = {{ name = \"a\" }}, \
             expect = [{{ pointer = \"/ok\", equals = true }}] }}]"
        )
    };
    for (tool, why) in [
        ("sim.count", "may change something"),
        ("sim.odd", "may change something"),
        ("sim.nothing", "unknown tool"),
    ] {
        let (world, gate) = with(&[("sim.write", &asks(tool))]);
        let denied = propose(&world, &gate, write("a.txt"));
        assert_eq!(code(&denied), Some(Code::PreconditionFailed), "{tool}");
        assert!(said(&denied).contains(why), "{tool}: {}", said(&denied));
        assert_eq!(acts(&world), 0);
    }
}

#[test]
fn what_policy_denies_the_agent_no_check_finds_out_for_it() {
    let asks = "precondition = [{ name = \"x\", tool = \"sim.read\", arguments = { name = \"secrets\" }, \
                expect = [{ pointer = \"/ok\", equals = true }] }]";
    let (world, gate) = with(&[("sim.write", asks)]);
    let denied = propose(&world, &gate, write("a.txt"));
    assert_eq!(code(&denied), Some(Code::PreconditionFailed));
    assert_eq!(world.tool.reads.load(Ordering::Relaxed), 0);
}

#[test]
fn outside_of_its_window_nothing_happens() {
    let days = "\"mon\", \"tue\", \"wed\", \"thu\", \"fri\", \"sat\", \"sun\"";
    let window = |from: &str, to: &str| {
        format!("window = {{ days = [{days}], from = \"{from}\", to = \"{to}\", zone = \"UTC\" }}")
    };
    let (world, gate) = with(&[("sim.write", &window("00:00", "24:00"))]);
    assert_eq!(propose(&world, &gate, write("a.txt")).status, Status::Succeeded);
    let minute =
        world.store.lock().unwrap().entries().last().unwrap().0.at.millis() / 60_000 % 1_440;
    let later = (minute + 120) % 1_380;
    let clock = |minute: u64| format!("{:02}:{:02}", minute / 60, minute % 60);
    let (world, gate) = with(&[("sim.write", &window(&clock(later), &clock(later + 30)))]);
    let denied = propose(&world, &gate, write("a.txt"));
    assert_eq!(code(&denied), Some(Code::WindowClosed), "{denied:?}");
    assert_eq!(acts(&world), 0);
}

const VERIFIER: &str = "verifier = { tool = \"sim.run\", arguments = { script = \"tests\" } }";

#[test]
fn a_verifier_holds_or_denies_and_never_permits() {
    let (world, gate) = with(&[("sim.write", VERIFIER)]);
    let done = propose(&world, &gate, write("a.txt"));
    assert_eq!(done.status, Status::Succeeded, "{done:?}");
    // It says yes, and policy holds all the same.
    assert_eq!(propose(&world, &gate, write("prod")).status, Status::Held);
    world.tool.exit_code.store(1, Ordering::Relaxed);
    let denied = propose(&world, &gate, write("b.txt"));
    assert_eq!(code(&denied), Some(Code::VerifierDenied));

    world.tool.exit_code.store(2, Ordering::Relaxed);
    let held = propose(&world, &gate, write("c.txt"));
    let call = held.call.unwrap();
    let asked: Vec<String> = world.asked(call).into_iter().map(|(rule, _)| rule).collect();
    assert_eq!((held.status, asked), (Status::Held, vec!["verifier".to_owned()]));
    let facts = world.store.lock().unwrap().payload(call, domain::PayloadKind::Facts).unwrap();
    let facts = gate::payload::read_facts(&facts).unwrap();
    let again = gate::decide(&gate.rules().policies, &facts);
    assert_eq!(Some(again.reasons), held.decision.map(|decision| decision.reasons));
    world.approve(&gate, call);
    assert_eq!(world.collect(&gate, call).status, Status::Succeeded);
}

#[test]
fn a_verifier_that_says_nothing_known_holds_or_denies_as_declared() {
    for (otherwise, expect) in [("hold", Status::Held), ("deny", Status::Denied)] {
        let verifier = VERIFIER.replace(" } }", &format!(" }}, otherwise = \"{otherwise}\" }}"));
        let (world, gate) = with(&[("sim.write", &verifier)]);
        world.tool.exit_code.store(99, Ordering::Relaxed);
        assert_eq!(propose(&world, &gate, write("a.txt")).status, expect);
        assert_eq!(acts(&world), 0);
    }
}

#[test]
fn an_act_whose_postcondition_does_not_hold_is_taken_back() {
    let (world, gate) = with(&[("sim.write", READ_BACK)]);
    world.tool.scripts.files.lock().unwrap().insert("a.txt".to_owned(), "before".to_owned());
    *world.tool.says.lock().unwrap() = Some("something else".to_owned());
    let failed = propose(&world, &gate, write("a.txt"));
    assert_eq!((failed.status, failed.executed), (Status::Failed, Executed::Yes), "{failed:?}");
    assert_eq!(code(&failed), Some(Code::PostconditionFailed));
    let said = said(&failed);
    assert!(said.contains("EXECUTED") && said.contains("; taken back by call_"), "{said}");
    assert_eq!((text(&world, "a.txt").as_deref(), failed.undo.is_none()), (Some("before"), true));
    let call = failed.call.unwrap();
    assert_eq!(checks(&world, call), ["postcondition it stands there failed"]);
    let record = world.store.lock().unwrap().read(Table::Calls, &call.to_string()).unwrap();
    assert_eq!((record.text("undo"), record.text("code")), ("undone", "CR-3040"));
    assert_eq!(incidents(&world)[0].0, "closed");
    // Whoever asks again gets the same, and the act happens no second time.
    let again = world.collect(&gate, call);
    assert_eq!(again.error.map(|error| error.message), Some(said));
    assert_eq!(acts(&world), 2, "the act and its undo");
}

#[test]
fn an_act_that_cannot_be_taken_back_is_an_incident() {
    let read = READ_BACK.replace("{/path}", "{/slot}");
    let (world, gate) = with(&[("sim.unbook", &read)]);
    let proposal = Proposal::bare("sim.unbook".to_owned(), json!({"slot": "seven"}));
    let failed = propose(&world, &gate, proposal);
    assert_eq!((failed.status, failed.executed), (Status::Failed, Executed::Yes));
    assert!(said(&failed).contains("NOT taken back: nothing can take it back"), "{failed:?}");
    let incidents = incidents(&world);
    assert_eq!(incidents[0].0, "open");
    assert!(incidents[0].1.contains("the postcondition `it stands there` does not hold"));
}

#[test]
fn a_postcondition_is_asked_again_until_its_time_is_over() {
    let patient = READ_BACK.replace("\"written\" }] }]", "\"written\" }], within_ms = 10_000 }]");
    let (world, gate) = with(&[("sim.write", &patient)]);
    *world.tool.says.lock().unwrap() = Some("not yet".to_owned());
    let mut call = Box::pin(gate.handle(&world.agent, write("a.txt")));
    assert!(world.until(500, &mut call).is_none(), "it waits before it asks again");
    *world.tool.says.lock().unwrap() = None;
    assert!(world.clock.advance());
    let done = world.finish(call);
    assert_eq!(done.status, Status::Succeeded, "{done:?}");
    assert_eq!(world.tool.reads.load(Ordering::Relaxed), 2);
}

/// A process may end between the act and the look at it: nobody knows then, and people are told.
#[test]
fn after_a_crash_an_act_that_nobody_looked_at_is_an_incident() {
    let (world, gate) = with(&[("sim.write", READ_BACK)]);
    world.tool.hangs.store(true, Ordering::Relaxed);
    assert!(world.until(500, gate.handle(&world.agent, write("a.txt"))).is_none());
    assert_eq!((acts(&world), text(&world, "a.txt").as_deref()), (1, Some("written")));
    drop(gate);
    let (gate, report) = world.open_with(rules(&[("sim.write", READ_BACK)]));
    let [call] = report.finished[..] else { panic!("{report}") };
    assert_eq!(checks(&world, call), ["postcondition it stands there unknown"]);
    let incidents = incidents(&world);
    assert_eq!(incidents[0].0, "open");
    assert!(incidents[0].1.contains("the process ended before it was asked"), "{incidents:?}");
    // It was not repeated, and people can take it back.
    let by = world.person(&gate);
    let undone = world.finish(gate.undo(&by, call, gate::UndoOrder::Asked));
    assert_eq!((undone.status, text(&world, "a.txt")), (Status::Succeeded, None));
    assert!(world.store.lock().unwrap().drift().is_empty());
}

fn steps() -> Vec<(&'static str, &'static str)> {
    let step = "step = { procedure = \"deploy\", resource = \"deploy:site\", ";
    let of =
        |rest: &str| -> &'static str { Box::leak(format!("{step}{rest} }}").into_boxed_str()) };
    vec![
        ("sim.book", of("makes = \"planned\"")),
        ("sim.read", of("after = [\"planned\"], makes = \"checked\"")),
        ("sim.write", of("after = [\"checked\"], makes = \"applied\", failed = \"planned\"")),
    ]
}

fn stands(world: &World) -> String {
    let record = world.store.lock().unwrap().all(Table::Procedures).first().cloned();
    record
        .map(|record| format!("{}{}", record.text("state"), record.text("taking")))
        .unwrap_or_default()
}

fn book(slot: &str) -> Proposal {
    Proposal::bare("sim.book".to_owned(), json!({"slot": slot}))
}

fn read() -> Proposal {
    Proposal::bare("sim.read".to_owned(), json!({"name": "a.txt"}))
}

#[test]
fn steps_of_a_procedure_are_taken_in_order() {
    let (world, gate) = with(&steps());
    let early = propose(&world, &gate, write("a.txt"));
    assert_eq!(code(&early), Some(Code::OutOfStep), "{early:?}");
    assert!(
        said(&early).contains(
            "`deploy` of `deploy:site` is at its beginning; `sim.write` expects `checked`"
        )
    );
    for (proposal, expect) in
        [(book("one"), "planned"), (read(), "checked"), (write("a.txt"), "applied")]
    {
        let done = propose(&world, &gate, proposal);
        assert_eq!(done.status, Status::Succeeded, "{done:?}");
        assert_eq!(stands(&world), expect);
    }
    assert_eq!(code(&propose(&world, &gate, write("b.txt"))), Some(Code::OutOfStep));
    // A new plan begins anew.
    propose(&world, &gate, book("two"));
    assert_eq!(stands(&world), "planned");
}

#[test]
fn a_step_that_fails_or_is_taken_back_leaves_the_state_that_is_declared() {
    let (world, gate) = with(&steps());
    propose(&world, &gate, book("one"));
    propose(&world, &gate, read());
    let done = propose(&world, &gate, write("a.txt"));
    let by = world.person(&gate);
    let undone = world.finish(gate.undo(&by, done.call.unwrap(), gate::UndoOrder::Asked));
    assert_eq!((undone.status, stands(&world).as_str()), (Status::Succeeded, "planned"));
    assert_eq!(code(&propose(&world, &gate, write("b.txt"))), Some(Code::OutOfStep));
    assert!(world.store.lock().unwrap().drift().is_empty());
}

#[test]
fn a_state_whose_time_is_over_counts_as_none() {
    let (world, gate) = with(&steps());
    propose(&world, &gate, book("one"));
    world.clock.jump(25 * 3_600_000);
    assert_eq!(code(&propose(&world, &gate, read())), Some(Code::OutOfStep));
}

#[test]
fn of_two_calls_at_once_one_takes_the_step() {
    let (world, gate) = with(&steps());
    propose(&world, &gate, book("one"));
    propose(&world, &gate, read());
    let mut one = Box::pin(gate.handle(&world.agent, write("a.txt")));
    let mut other = Box::pin(gate.handle(&world.agent, write("b.txt")));
    let mut answers = (None, None);
    let (one, other) = world.finish(std::future::poll_fn(|context| {
        if answers.0.is_none()
            && let Poll::Ready(answer) = one.as_mut().poll(context)
        {
            answers.0 = Some(answer);
        }
        if answers.1.is_none()
            && let Poll::Ready(answer) = other.as_mut().poll(context)
        {
            answers.1 = Some(answer);
        }
        match (&answers.0, &answers.1) {
            (Some(one), Some(other)) => Poll::Ready((one.clone(), other.clone())),
            (None, _) | (_, None) => Poll::Pending,
        }
    }));
    let done = [&one, &other].iter().filter(|answer| answer.status == Status::Succeeded).count();
    let refused =
        [&one, &other].iter().filter(|answer| code(answer) == Some(Code::OutOfStep)).count();
    assert_eq!((done, refused, acts(&world)), (1, 1, 2), "{one:?} {other:?}");
}

#[test]
fn a_step_that_a_person_must_approve_waits_for_a_policy_that_asks() {
    let step = "step = { procedure = \"deploy\", resource = \"deploy:site\", approved = \"approved\", makes = \"applied\" }";
    let (world, gate) = with(&[("sim.write", step)]);
    let alone = propose(&world, &gate, write("a.txt"));
    assert_eq!(code(&alone), Some(Code::OutOfStep));
    assert!(said(&alone).contains("is not `approved`: no person approved this call"));
    let held = propose(&world, &gate, write("prod"));
    assert_eq!(held.status, Status::Held, "{held:?}");
    world.approve(&gate, held.call.unwrap());
    assert_eq!(world.collect(&gate, held.call.unwrap()).status, Status::Succeeded);
    let store = world.store.lock().unwrap();
    let moved = |event: &Event| {
        let Event::StepMoved { moved } = event else { return None };
        Some(moved.state.as_ref().map_or("", |state| state.as_str()).to_owned())
    };
    let states: Vec<String> =
        store.entries().iter().filter_map(|stored| moved(&stored.0.event)).collect();
    assert_eq!(states, ["approved", "", "applied"]);
}
