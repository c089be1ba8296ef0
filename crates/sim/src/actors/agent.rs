//! Agents: they propose, repeat themselves, send the same thing twice at once, wait, withdraw and open runs.
//!
//! In: an agent of the cast and what it still wants. Out: calls to the gate, each answer told to the auditor. What
//! was in flight at a crash is sent again by the next life, as a client does that had no answer. Nothing is judged
//! here.

use std::sync::Arc;
use std::time::Duration;

use domain::{Amounts, CallId, Executed, Input, Outcome, OutcomeStatus, Proposal, RunId, Status};
use gate::{Identity, RunAsk, Secret};

use super::{Scene, proposals};
use crate::executor::{Impatient, Kind, Yield};
use crate::lock;

/// An agent's work until it wants nothing more.
pub(super) async fn works(scene: Arc<Scene>, me: usize) {
    send_again(&scene, me).await;
    while take_one(&scene, me) {
        let dice = &scene.cast.dice;
        if dice.chance(70) {
            scene.cast.clock.millis(dice.below(scene.cast.shape.think_ms)).await;
        }
        match dice.below(100) {
            0..=54 => fresh(&scene, me).await,
            55..=64 => repeat(&scene, me).await,
            65..=74 => at_once(&scene, me).await,
            75..=84 => wait(&scene, me).await,
            85..=88 => withdraw(&scene, me).await,
            89..=94 => open_run(&scene, me).await,
            95..=97 => end_run(&scene, me).await,
            _ => stranger(&scene).await,
        }
    }
}

fn take_one(scene: &Scene, me: usize) -> bool {
    let mut plans = lock(&scene.cast.plans);
    let Some(left) = plans.agents_left.get_mut(me).filter(|left| **left > 0) else { return false };
    *left -= 1;
    true
}

/// What was in flight when the gate crashed is sent again, as a client does that had no answer.
async fn send_again(scene: &Arc<Scene>, me: usize) {
    let mut lost: Vec<Proposal> = Vec::new();
    lock(&scene.cast.plans).in_flight.retain(|(whose, proposal)| {
        let mine = *whose == me;
        if mine {
            lost.push(proposal.clone());
        }
        !mine
    });
    for call in lock(&scene.cast.plans).held.get(me).cloned().unwrap_or_default() {
        if scene.cast.dice.chance(30) {
            let (scene, spawner) = (Arc::clone(scene), scene.spawner.clone());
            spawner.start(Kind::Counted, async move { collect(&scene, (me, call)).await });
        }
    }
    for proposal in lost {
        if scene.cast.dice.chance(70) {
            propose(scene, me, proposal).await;
        }
    }
}

async fn fresh(scene: &Arc<Scene>, me: usize) {
    let (runs, held) = known(scene, me);
    let mut proposal = proposals::any(&scene.cast.dice, (&runs, &held));
    if scene.cast.dice.chance(3) {
        proposal.run = lock(&scene.cast.plans).runs.iter().flatten().next().copied();
    }
    propose(scene, me, proposal).await;
}

/// The runs that an agent opened, and its calls that were held.
fn known(scene: &Scene, me: usize) -> (Vec<RunId>, Vec<CallId>) {
    let plans = lock(&scene.cast.plans);
    let (runs, held) = (plans.runs.get(me), plans.held.get(me));
    (runs.cloned().unwrap_or_default(), held.cloned().unwrap_or_default())
}

async fn repeat(scene: &Arc<Scene>, me: usize) {
    let last = lock(&scene.cast.plans).last.get(me).cloned().unwrap_or_default();
    if let Some(proposal) = scene.cast.dice.pick(&last).cloned() {
        propose(scene, me, proposal).await;
    }
}

/// The same proposal two or three times at the same moment, perhaps with other arguments or less confidence.
async fn at_once(scene: &Arc<Scene>, me: usize) {
    let (runs, held) = known(scene, me);
    let dice = &scene.cast.dice;
    let first = proposals::any(dice, (&runs, &held));
    let mut all = vec![first.clone(); usize::try_from(1 + dice.below(2)).unwrap_or(1)];
    if dice.chance(40) {
        let other = proposals::any(dice, (&runs, &held));
        all.push(Proposal { key: first.key.clone(), tool: first.tool.clone(), ..other });
    }
    if dice.chance(30) {
        let given = serde_json::json!({ "inputResponses": { "sure": {} } });
        all.push(Proposal { input: Some(Input { given, answers: None }), ..first.clone() });
    }
    if dice.chance(30) {
        let unsure = domain::Confidence::from_hundredths(20);
        all.push(Proposal { confidence: unsure, ..first.clone() });
    }
    for proposal in all {
        let scene = Arc::clone(scene);
        let spawner = scene.spawner.clone();
        spawner.start(Kind::Counted, async move { propose(&scene, me, proposal).await });
    }
    propose(scene, me, first).await;
}

/// Sends a proposal, listens to the answer, and sometimes confirms that it arrived.
async fn propose(scene: &Arc<Scene>, me: usize, proposal: Proposal) {
    lock(&scene.cast.plans).in_flight.push((me, proposal.clone()));
    let answered = {
        let (scene, proposal) = (Arc::clone(scene), proposal.clone());
        let patience = patience(&scene);
        let handled = async move {
            let agent = scene.cast.agents.get(me)?;
            Some(scene.gate.handle(&agent.secret, proposal).await)
        };
        Impatient::new(patience, handled).await.flatten()
    };
    {
        let mut plans = lock(&scene.cast.plans);
        let sent =
            plans.in_flight.iter().position(|(whose, each)| (*whose, each) == (me, &proposal));
        sent.map(|place| plans.in_flight.swap_remove(place));
        if let Some(last) = plans.last.get_mut(me) {
            last.push(proposal.clone());
        }
    }
    let Some(answer) = answered else {
        scene.tell(format_args!("agent {me}: went away from {}", proposal.tool));
        return;
    };
    if let (Some(call), Status::Held) = (answer.call, answer.status)
        && let Some(held) = lock(&scene.cast.plans).held.get_mut(me)
    {
        held.push(call);
    }
    scene.answered(me, Some(&proposal), &answer);
    arrives(scene, (answer.call, answer.executed)).await;
}

async fn arrives(scene: &Scene, (call, _executed): (Option<CallId>, Executed)) {
    let Some(call) = call.filter(|_| scene.cast.dice.chance(80)) else { return };
    Yield(scene.cast.dice.below(3)).await;
    // The auditor first: from the moment of the confirmation on an identical call is a new one.
    lock(&scene.cast.auditor).delivered(call);
    scene.gate.delivered(call);
}

/// Polls after which a caller goes away: most never do.
fn patience(scene: &Scene) -> u64 {
    let leaves = scene.cast.shape.impatient && scene.cast.dice.chance(15);
    if leaves { 1 + scene.cast.dice.below(25) } else { u64::MAX }
}

async fn wait(scene: &Arc<Scene>, me: usize) {
    let held = lock(&scene.cast.plans).held.get(me).cloned().unwrap_or_default();
    let Some(call) = scene.cast.dice.pick(&held).copied() else { return };
    collect(scene, (me, call)).await;
}

async fn collect(scene: &Arc<Scene>, (me, call): (usize, CallId)) {
    let Some(caller) = scene.caller(me).await else { return };
    let longest = Duration::from_millis(scene.cast.dice.below(60_000));
    let waited = {
        let scene = Arc::clone(scene);
        let patience = patience(&scene);
        Impatient::new(patience, async move { scene.gate.wait(&caller, call, longest).await }).await
    };
    let Some(answer) = waited else {
        scene.tell(format_args!("agent {me}: went away from {call}"));
        return;
    };
    if answer.status != Status::Held
        && let Some(held) = lock(&scene.cast.plans).held.get_mut(me)
    {
        held.retain(|each| *each != call);
    }
    scene.answered(me, None, &answer);
    arrives(scene, (answer.call, answer.executed)).await;
}

async fn withdraw(scene: &Arc<Scene>, me: usize) {
    let held = lock(&scene.cast.plans).held.get(me).cloned().unwrap_or_default();
    let Some(call) = scene.cast.dice.pick(&held).copied() else { return };
    let Some(caller) = scene.caller(me).await else { return };
    if let Ok(answer) = scene.gate.withdraw(&caller, call, "not wanted any more".into()).await {
        scene.answered(me, None, &answer);
    }
}

async fn open_run(scene: &Arc<Scene>, me: usize) {
    let Some(caller) = scene.caller(me).await else { return };
    let Ok(workflow) = scene.cast.dice.word(&["work", "lean", "asks"]).parse() else { return };
    let calls = scene.cast.dice.chance(30).then(|| scene.cast.dice.below(4));
    let limit = Amounts { calls, ..Amounts::<u64>::each(|_| None) };
    let ask = RunAsk { workflow, purpose: "to do some work".to_owned(), limit };
    match scene.gate.open_run(&caller, ask).await {
        Ok(run) => {
            scene.tell(format_args!("agent {me}: opened {} of `{}`", run.id, run.workflow));
            if let Some(runs) = lock(&scene.cast.plans).runs.get_mut(me) {
                runs.push(run.id);
            }
        }
        Err(refusal) => scene.tell(format_args!("agent {me}: no run, {}", refusal.code)),
    }
}

async fn end_run(scene: &Arc<Scene>, me: usize) {
    let runs = lock(&scene.cast.plans).runs.get(me).cloned().unwrap_or_default();
    let Some(run) = scene.cast.dice.pick(&runs).copied() else { return };
    let Some(caller) = scene.caller(me).await else { return };
    let outcome = Outcome {
        status: OutcomeStatus::Succeeded,
        reason: "it is done".to_owned(),
        metric: None,
        evidence: Vec::new(),
    };
    let ended = scene.gate.end_run(&Identity::Agent(caller), run, outcome).await;
    scene.tell(format_args!("agent {me}: ended {run}: {}", ended.is_ok()));
}

/// Somebody without a good key.
async fn stranger(scene: &Arc<Scene>) {
    let proposal = proposals::any(&scene.cast.dice, (&[], &[]));
    let answer = scene.gate.handle(&Secret::new("ck_agent_nobody"), proposal.clone()).await;
    scene.answered(0, Some(&proposal), &answer);
}
