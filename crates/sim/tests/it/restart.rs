//! What a gate knows again after an end: answers that may not have arrived, open runs, failures in a row.
//! Each life opens a gate over the same simulated store; dropping it is the end of the process.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use domain::{Answer, Money, Plan, Proposal, Status};
use gate::{
    Act, Later, Permit, Preview, Read, Recovered, Reply, Table, Tool, ToolError, ToolErrorKind,
    Unfinished,
};
use serde_json::json;

use crate::installation::{Installation, TestGate};

/// Sends letters, or never comes back from it.
#[derive(Debug, Default)]
struct Letters {
    sent: AtomicUsize,
    hangs: AtomicBool,
}

fn reply() -> Reply {
    Reply {
        output: json!({"ok": true}),
        effects: Vec::new(),
        cost: Money::ZERO,
        read_bytes: 0,
        warnings: Vec::new(),
    }
}

fn failed() -> ToolError {
    let kind = ToolErrorKind::Failed;
    let executed = domain::Executed::No;
    ToolError {
        kind,
        executed,
        message: "no".to_owned(),
        own_code: None,
        effects: Vec::new(),
        asks: None,
    }
}

impl Tool for Letters {
    fn preview(&self, _: Permit<Preview>) -> Later<'_, Result<Plan, ToolError>> {
        Box::pin(async { Err(failed()) })
    }

    fn read(&self, _: Permit<Read>) -> Later<'_, Result<Reply, ToolError>> {
        Box::pin(async { Err(failed()) })
    }

    fn act(&self, permit: Permit<Act>) -> Later<'_, Result<Reply, ToolError>> {
        Box::pin(async move {
            if permit.invocation().arguments.get("to").and_then(|to| to.as_str()) == Some("nobody")
            {
                return Err(failed());
            }
            self.sent.fetch_add(1, Ordering::Relaxed);
            if self.hangs.load(Ordering::Relaxed) {
                std::future::pending::<()>().await;
            }
            Ok(reply())
        })
    }

    fn recover(&self, _: Unfinished) -> Later<'_, Recovered> {
        Box::pin(async { Recovered::Happened(reply()) })
    }
}

trait Sends {
    fn send(&self, gate: &TestGate, to: &str) -> Answer;
    fn sent(&self) -> usize;
}

impl Sends for Installation<Letters> {
    fn send(&self, gate: &TestGate, to: &str) -> Answer {
        self.finish(gate.handle(&self.agent, letter(to)))
    }

    fn sent(&self) -> usize {
        self.tool.sent.load(Ordering::Relaxed)
    }
}

fn letter(to: &str) -> Proposal {
    Proposal::bare("sim.send".to_owned(), json!({"to": to, "amount": 1}))
}

#[test]
fn the_retry_of_an_answer_that_may_not_have_arrived_gets_it_once() {
    let (installation, gate) = Installation::<Letters>::begin();
    let first = installation.send(&gate, "ada");
    assert_eq!(first.status, Status::Succeeded);
    drop(gate);
    let (gate, _) = installation.open();
    let again = installation.send(&gate, "ada");
    assert_eq!((again.call, again.status, again.replayed), (first.call, Status::Succeeded, true));
    assert_eq!(installation.sent(), 1);
    gate.delivered(again.call.unwrap());
    let new = installation.send(&gate, "ada");
    assert_ne!(new.call, first.call, "it was delivered: this is a new wish");
}

#[test]
fn the_retry_of_a_call_that_recovery_found_done_gets_its_answer() {
    let (installation, gate) = Installation::<Letters>::begin();
    installation.tool.hangs.store(true, Ordering::Relaxed);
    assert!(installation.until(200, gate.handle(&installation.agent, letter("ada"))).is_none());
    assert_eq!(installation.sent(), 1);
    // The journey was dropped after its permit: nobody knows, and nobody sends it again.
    let joined = installation.send(&gate, "ada");
    assert_ne!(joined.executed, domain::Executed::No);
    assert_eq!(installation.sent(), 1);
    drop(gate);
    installation.tool.hangs.store(false, Ordering::Relaxed);
    let (gate, report) = installation.open();
    assert_eq!(report.finished.len(), 1);
    let again = installation.send(&gate, "ada");
    assert_eq!((again.call, again.replayed), (report.finished.first().copied(), true));
    assert_eq!((again.status, installation.sent()), (Status::Succeeded, 1));
    let store = installation.store.lock().unwrap();
    let budget = store.all(Table::Budgets);
    let spent = budget.iter().find(|record| !record.key.contains("/day-")).unwrap();
    assert_eq!(spent.count("spent_money_micros"), 50_000, "the most that it may have cost");
    assert_eq!(spent.count("reserved_money_micros"), 0);
}

#[test]
fn an_ambient_run_goes_on_after_an_end_and_is_ended_when_idle() {
    let (installation, gate) = Installation::<Letters>::begin();
    let _first = installation.send(&gate, "ada");
    drop(gate);
    let (gate, _) = installation.open();
    let _second = installation.send(&gate, "bob");
    let open = || {
        let store = installation.store.lock().unwrap();
        let runs = store.all(Table::Runs);
        (runs.len(), runs.iter().filter(|run| run.text("state") == "open").count())
    };
    assert_eq!(open(), (1, 1));
    drop(gate);
    let (gate, _) = installation.open();
    installation.clock.jump(1_800_000);
    installation.finish(gate.tick()).unwrap();
    assert_eq!(open(), (1, 0));
}
