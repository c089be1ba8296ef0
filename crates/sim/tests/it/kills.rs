//! Stops that stop: work under way is told, a kill ends what it names and takes back what it showed, and a receipt says how
//! every lever answered. Told call by call; seeds and crashes at every step are in `seeds.rs` and `crashes.rs`.

use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use domain::{
    Answer, CallId, CallState, Code, Executed, Lever, LeverReceipt, Proposal, Right, Role, RunId,
    Status, StopId, StopLevel, StopScope, Stopped, UndoState, limits,
};
use gate::{KillAsk, KillPlan, Refusal, StopAsk, StopReceipt, Table, UndoOrder};
use serde_json::json;

use crate::installation::{Installation, TestGate};
use crate::scripts::{Scripts, deploy};

type World = Installation<Scripts>;

fn write(path: &str) -> Proposal {
    Proposal::bare("sim.write".to_owned(), json!({"path": path, "content": "written"}))
}

fn code(answer: &Answer) -> Option<Code> {
    answer.error.as_ref().map(|error| error.code)
}

impl World {
    fn suspend(&self, gate: &TestGate, scope: StopScope) -> StopReceipt {
        let ask = StopAsk { scope, level: StopLevel::Suspend, reason: "look".to_owned() };
        self.finish(gate.stop(&self.person(gate), ask)).unwrap()
    }

    fn plan(&self, gate: &TestGate, (scope, rollback): (StopScope, u32)) -> KillPlan {
        self.finish(gate.plan_kill(&self.person(gate), (scope, rollback))).unwrap()
    }

    fn kill(
        &self,
        gate: &TestGate,
        (scope, rollback, token): (StopScope, u32, &str),
    ) -> Result<StopReceipt, Refusal> {
        let (reason, token) = ("out of hand".to_owned(), token.to_owned());
        let ask = KillAsk { scope, reason, rollback, token };
        self.finish(gate.kill(&self.person(gate), ask))
    }

    fn state(&self, call: CallId) -> (String, String) {
        let store = self.store.lock().unwrap();
        let record = store.all(Table::Calls).into_iter().find(|one| one.key == call.to_string());
        let record = record.unwrap();
        (record.text("state").to_owned(), record.text("undo").to_owned())
    }

    /// Every run that is open.
    fn open_runs(&self) -> Vec<RunId> {
        let store = self.store.lock().unwrap();
        let open = store.all(Table::Runs).into_iter().filter(|run| run.text("state") == "open");
        open.map(|run| run.key.parse().unwrap()).collect()
    }

    fn lever(&self, gate: &TestGate, (stop, lever): (StopId, Lever)) -> LeverReceipt {
        let report = self.finish(gate.stop_report(&self.person(gate), stop)).unwrap();
        assert!(report.complete, "{report:?}");
        let found = report.levers.iter().find(|one| one.lever == lever).copied();
        found.unwrap_or_else(|| panic!("no {lever} in {report:?}"))
    }

    fn no_drift(&self) {
        assert!(self.store.lock().unwrap().drift().is_empty());
    }
}

/// An act is under way when a stop of its scope comes. What the tool says of it, and what becomes of the call.
fn under_way(said: Executed, expect: (CallState, Stopped)) {
    let (world, gate) = World::begin();
    *world.tool.waits.lock().unwrap() = Some(said);
    let mut call = pin!(gate.handle(&world.agent, write("a")));
    let mut context = Context::from_waker(Waker::noop());
    while world.tool.acts.lock().unwrap().is_empty() {
        assert!(call.as_mut().poll(&mut context).is_pending());
    }
    let receipt = world.suspend(&gate, StopScope::Everything);
    assert_eq!(receipt.in_work.len(), 1);
    // Nobody polls the stop: the call alone goes on, because the order woke it.
    let mut answer = None;
    for _ in 0..1_000 {
        if let Poll::Ready(ready) = call.as_mut().poll(&mut context) {
            answer = Some(ready);
            break;
        }
    }
    let answer = answer.unwrap();
    let id = answer.call.unwrap();
    assert_eq!(world.state(id).0, expect.0.word(), "{answer:?}");
    world.finish(gate.settle_stop(receipt.stop.id)).unwrap();
    let report = world.finish(gate.stop_report(&world.person(&gate), receipt.stop.id)).unwrap();
    assert!(report.complete);
    let [stopped] = report.calls.as_slice() else { panic!("{report:?}") };
    assert_eq!((stopped.call, stopped.became), (id, expect.1));
    world.no_drift();
}

#[test]
fn work_under_way_is_told_of_a_stop_and_what_became_of_it_is_recorded() {
    under_way(Executed::No, (CallState::Cancelled, Stopped::NotStarted));
    under_way(Executed::Unknown, (CallState::InDoubt, Stopped::Unknown));
    under_way(Executed::Partly, (CallState::Partial, Stopped::Acknowledged));
}

#[test]
fn a_pause_and_a_stop_of_others_leave_work_under_way_alone() {
    let (world, gate) = World::begin();
    *world.tool.waits.lock().unwrap() = Some(Executed::No);
    let mut call = pin!(gate.handle(&world.agent, write("a")));
    let mut context = Context::from_waker(Waker::noop());
    while world.tool.acts.lock().unwrap().is_empty() {
        assert!(call.as_mut().poll(&mut context).is_pending());
    }
    let by = world.person(&gate);
    let (level, reason) = (StopLevel::Pause, "look".to_owned());
    let pause = StopAsk { scope: StopScope::Everything, level, reason };
    world.finish(gate.stop(&by, pause)).unwrap();
    world.suspend(&gate, StopScope::Tool("sim.send".parse().unwrap()));
    world.suspend(&gate, StopScope::Server("up".parse().unwrap()));
    for _ in 0..100 {
        assert!(call.as_mut().poll(&mut context).is_pending());
    }
    let receipt = world.suspend(&gate, StopScope::Tool("sim.write".parse().unwrap()));
    let answer = world.finish(call);
    assert_eq!(code(&answer), Some(Code::Stopped));
    world.finish(gate.settle_stop(receipt.stop.id)).unwrap();
    assert_eq!(world.lever(&gate, (receipt.stop.id, Lever::NotStarted)).acknowledged, 1);
}

#[test]
fn work_that_does_not_answer_is_named_as_running_at_the_deadline_of_the_receipt() {
    let (world, gate) = World::begin();
    *world.tool.waits.lock().unwrap() = Some(Executed::No);
    let mut call = pin!(gate.handle(&world.agent, write("a")));
    let mut context = Context::from_waker(Waker::noop());
    while world.tool.acts.lock().unwrap().is_empty() {
        assert!(call.as_mut().poll(&mut context).is_pending());
    }
    let stop = world.suspend(&gate, StopScope::Everything).stop.id;
    let mut settling = pin!(gate.settle_stop(stop));
    while settling.as_mut().poll(&mut context).is_pending() {
        // The call is never polled again: only time passes.
        let _passed = world.clock.advance();
    }
    let cancelled = world.lever(&gate, (stop, Lever::Cancelled));
    assert_eq!((cancelled.reached, cancelled.missing), (1, 1));
    let most = u64::try_from(limits::STOP_ANSWERED_WITHIN.as_millis()).unwrap();
    assert!(cancelled.took_ms >= most, "{cancelled:?}");
}

#[test]
fn a_kill_ends_runs_and_held_calls_and_takes_the_last_acts_back_newest_first() {
    let (world, gate) = World::begin();
    let run = world.run(&gate, "raised", 10).id;
    let acts: Vec<CallId> = ["one", "two", "three"]
        .iter()
        .map(|path| {
            // The middle one in a run of its own: the rollback counts across runs.
            let run = (*path == "two").then_some(run);
            let answer = world.propose(&gate, Proposal { run, ..write(path) });
            assert_eq!(answer.status, Status::Succeeded, "{answer:?}");
            world.clock.jump(10);
            answer.call.unwrap()
        })
        .collect();
    let held = world.propose(&gate, deploy());
    assert_eq!(held.status, Status::Held);
    assert_eq!(world.open_runs().len(), 2);

    let plan = world.plan(&gate, (StopScope::Everything, 2));
    let shown: Vec<CallId> = plan.acts.iter().map(|act| act.call).collect();
    assert_eq!(shown, [acts[2], acts[1]], "the newest first");
    assert!(plan.acts.iter().all(|act| act.cannot.is_none()), "{plan:?}");
    assert_eq!((plan.reach.open_runs, plan.reach.held), (2, 1));
    let receipt = world.kill(&gate, (StopScope::Everything, 2, &plan.token)).unwrap();
    let stop = receipt.stop.id;
    assert_eq!(receipt.stop.level, StopLevel::Kill);
    assert_eq!(code(&world.propose(&gate, write("four"))), Some(Code::Stopped));

    world.finish(gate.settle_stop(stop)).unwrap();
    assert_eq!(world.open_runs(), Vec::new());
    assert_eq!(world.state(held.call.unwrap()).0, "cancelled");
    assert_eq!(code(&world.collect(&gate, held.call.unwrap())), Some(Code::Stopped));
    let there = |path: &str| world.text(path).is_some();
    assert!(there("one") && !there("two") && !there("three"), "two of three are taken back");
    assert_eq!(world.state(acts[2]).1, UndoState::Undone.word());
    assert_eq!(world.lever(&gate, (stop, Lever::Runs)).acknowledged, 2);
    assert_eq!(world.lever(&gate, (stop, Lever::Held)).acknowledged, 1);
    let rollback = world.lever(&gate, (stop, Lever::Rollback));
    assert_eq!((rollback.reached, rollback.acknowledged, rollback.missing), (2, 2, 0));

    let by = world.person(&gate);
    assert_eq!(code(&world.finish(gate.undo(&by, acts[0], UndoOrder::Asked))), Some(Code::Stopped));
    world.finish(gate.lift(&by, stop, "it is over".to_owned())).unwrap();
    assert_eq!(world.propose(&gate, write("five")).status, Status::Succeeded, "a new ambient run");
    let ended = world.propose(&gate, Proposal { run: Some(run), ..write("six") });
    assert_eq!(code(&ended), Some(Code::RunEnded), "ended runs stay ended");
    world.no_drift();
}

#[test]
fn a_token_is_good_for_exactly_what_was_shown_once_and_for_a_while() {
    let (world, gate) = World::begin();
    world.propose(&gate, write("one"));
    let scope = || StopScope::Everything;
    let refused = |result: Result<StopReceipt, Refusal>| {
        assert_eq!(result.map(|receipt| receipt.stop.id).unwrap_err().code, Code::Conflict);
        assert!(gate.stops().is_empty(), "a kill that is refused stops nothing");
    };
    refused(world.kill(&gate, (scope(), 0, "guessed")));
    // Another count, another scope; each try uses the token up.
    for (scope, rollback) in [(scope(), 0), (StopScope::Tenant("local".parse().unwrap()), 1)] {
        let plan = world.plan(&gate, (StopScope::Everything, 1));
        refused(world.kill(&gate, (scope, rollback, &plan.token)));
        refused(world.kill(&gate, (StopScope::Everything, 1, &plan.token)));
    }
    // Another person.
    let plan = world.plan(&gate, (scope(), 1));
    let other = world.somebody(&gate, ("otto", &[Role::Admin], &[]));
    assert!(other.roles.allow(Right::Operate));
    let ask =
        KillAsk { scope: scope(), reason: "x".to_owned(), rollback: 1, token: plan.token.clone() };
    refused(world.finish(gate.kill(&other, ask)));
    // Too old.
    let plan = world.plan(&gate, (scope(), 1));
    world.clock.jump(i64::try_from(limits::KILL_PLAN_WITHIN.as_millis()).unwrap());
    refused(world.kill(&gate, (scope(), 1, &plan.token)));
    // Something happened since.
    let plan = world.plan(&gate, (scope(), 1));
    world.propose(&gate, write("two"));
    refused(world.kill(&gate, (scope(), 1, &plan.token)));
    // As it was shown, and not again.
    let plan = world.plan(&gate, (scope(), 1));
    let killed = world.kill(&gate, (scope(), 1, &plan.token)).unwrap();
    assert_eq!(
        world.kill(&gate, (scope(), 1, &plan.token)).map(|it| it.stop.id).unwrap_err().code,
        Code::Conflict
    );
    assert_eq!(gate.stops().len(), 1);
    // Without a plan there is no kill at all.
    let ask = StopAsk { scope: scope(), level: StopLevel::Kill, reason: "x".to_owned() };
    let error = world.finish(gate.stop(&world.person(&gate), ask)).unwrap_err();
    assert_eq!(error.code, Code::InvalidRequest);
    world.finish(gate.settle_stop(killed.stop.id)).unwrap();
}

#[test]
fn what_cannot_be_taken_back_is_said_before_and_after() {
    let (world, gate) = World::begin();
    let kept = world.propose(&gate, write("kept")).call.unwrap();
    world.clock.jump(10);
    let over = i64::try_from(Duration::from_secs(3_600).as_millis()).unwrap();
    world.clock.jump(over);
    let plan = world.plan(&gate, (StopScope::Everything, 5));
    let [act] = plan.acts.as_slice() else { panic!("{plan:?}") };
    assert_eq!(act.call, kept);
    assert!(act.cannot.as_ref().unwrap().contains("window"), "{act:?}");
    let stop = world.kill(&gate, (StopScope::Everything, 5, &plan.token)).unwrap().stop.id;
    world.finish(gate.settle_stop(stop)).unwrap();
    let report = world.finish(gate.stop_report(&world.person(&gate), stop)).unwrap();
    let [rolled] = report.rollback.as_slice() else { panic!("{report:?}") };
    assert_eq!(rolled.act, kept);
    assert!(rolled.reason.as_ref().unwrap().contains("window"), "{rolled:?}");
    assert_eq!(world.lever(&gate, (stop, Lever::Rollback)).missing, 1);
    assert!(world.text("kept").is_some());
}

/// A kill whose process ends after so many polls of what follows its order, at every one of them.
#[test]
fn a_kill_is_carried_out_to_its_end_by_a_later_life_wherever_the_first_one_ended() {
    let mut ended_by_itself = false;
    for polls in 0..200 {
        let (world, gate) = World::begin();
        let acts = ["one", "two"].map(|path| world.propose(&gate, write(path)).call.unwrap());
        let held = world.propose(&gate, deploy()).call.unwrap();
        let plan = world.plan(&gate, (StopScope::Everything, 2));
        let stop = world.kill(&gate, (StopScope::Everything, 2, &plan.token)).unwrap().stop.id;
        ended_by_itself = world.until(polls, gate.settle_stop(stop)).is_some();
        drop(gate);

        let (gate, _) = world.open();
        assert_eq!(gate.unsettled_stops().is_empty(), ended_by_itself, "{polls}");
        assert_eq!(code(&world.propose(&gate, write("new"))), Some(Code::Stopped), "{polls}");
        world.finish(gate.settle_stop(stop)).unwrap();
        assert_eq!(world.open_runs(), Vec::new(), "{polls}");
        assert_eq!(world.state(held).0, "cancelled", "{polls}");
        for act in acts {
            let undo = world.state(act).1;
            // The scripted tool cannot tell after a crash what became of an undo that was under way.
            assert!(matches!(&*undo, "undone" | "partial" | "in_doubt"), "{polls}: {undo}");
        }
        assert!(gate.unsettled_stops().is_empty());
        let rollback = world.lever(&gate, (stop, Lever::Rollback));
        assert_eq!(rollback.reached, 2, "{polls}");
        world.no_drift();
        if ended_by_itself {
            break;
        }
    }
    assert!(ended_by_itself, "no life came to the end of a kill");
}

#[test]
fn a_rollback_passes_the_fence_of_its_own_stop_and_of_no_other() {
    let (world, gate) = World::begin();
    let act = world.propose(&gate, write("one")).call.unwrap();
    // The kill takes the place of a suspension of exactly its scope, and of no other.
    let same = world.suspend(&gate, StopScope::Everything).stop.id;
    let other = world.suspend(&gate, StopScope::Tool("checkrein.undo".parse().unwrap())).stop.id;
    let plan = world.plan(&gate, (StopScope::Everything, 1));
    let stop = world.kill(&gate, (StopScope::Everything, 1, &plan.token)).unwrap().stop.id;
    world.finish(gate.settle_stop(stop)).unwrap();
    let left: Vec<StopId> = gate.stops().iter().map(|stop| stop.id).collect();
    assert!(left.contains(&other) && left.contains(&stop) && !left.contains(&same), "{left:?}");
    assert!(world.text("one").is_some(), "another stop holds the undo");
    assert_eq!(world.state(act).1, UndoState::Armed.word());
    let report = world.finish(gate.stop_report(&world.person(&gate), stop)).unwrap();
    let [rolled] = report.rollback.as_slice() else { panic!("{report:?}") };
    assert!(rolled.reason.as_ref().unwrap().contains("checkrein.undo"), "{rolled:?}");
    world.no_drift();
}

#[test]
fn a_rehearsal_stops_nothing_and_is_kept() {
    let (world, gate) = World::begin();
    let by = world.person(&gate);
    assert_eq!(world.finish(gate.last_drill(&by)).unwrap(), None);
    let fence = world.finish(gate.drill_fence(&by)).unwrap();
    assert_eq!((fence.lever, fence.acknowledged), (Lever::Fence, 1));
    assert!(gate.stops().is_empty());
    assert_eq!(world.propose(&gate, write("one")).status, Status::Succeeded);
    world.finish(gate.record_drill(&by, (StopScope::Everything, vec![fence]))).unwrap();
    let last = world.finish(gate.last_drill(&by)).unwrap().unwrap();
    assert_eq!((last.by.as_str(), last.levers), ("olga", vec![fence]));
    world.no_drift();
}

#[test]
fn the_stop_file_stops_once() {
    let (world, gate) = World::begin();
    assert!(world.finish(gate.stop_by_file("smoke in the room")).unwrap());
    assert!(!world.finish(gate.stop_by_file("smoke in the room")).unwrap());
    let [stop] = gate.stops().try_into().unwrap();
    assert!(gate::is_by_file(&stop));
    assert_eq!((stop.level, stop.reason.as_str()), (StopLevel::Suspend, "smoke in the room"));
    assert_eq!(code(&world.propose(&gate, write("one"))), Some(Code::Stopped));
}
