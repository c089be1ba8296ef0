//! What nobody decides: time that passes, clocks that jump, neighbours that change files, acts that arrive
//! late, disks that fill up.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::Scene;
use crate::executor::Kind;
use crate::lock;

/// Everything that goes on by itself while agents work.
pub(super) fn begins(scene: &Arc<Scene>) {
    ticks(scene);
    scene.spawner.start(Kind::Background, late_arrivals(Arc::clone(scene)));
    if scene.cast.shape.neighbour {
        scene.spawner.start(Kind::Background, neighbour(Arc::clone(scene)));
    }
    if scene.cast.shape.jumps {
        scene.spawner.start(Kind::Background, jumps(Arc::clone(scene)));
    }
    if scene.cast.shape.fills {
        scene.spawner.start(Kind::Background, fills(Arc::clone(scene)));
    }
}

/// Somebody calls the gate's tick.
pub(super) fn ticks(scene: &Arc<Scene>) {
    receipts(scene);
    let scene = Arc::clone(scene);
    let spawner = scene.spawner.clone();
    spawner.start(Kind::Background, async move {
        loop {
            scene.cast.clock.millis(1_000 + scene.cast.dice.below(14_000)).await;
            // What fails is tried again at the next tick.
            let _done = scene.gate.tick().await;
        }
    });
}

/// Somebody follows stops that nobody follows: those of the house, and kills of an earlier life.
fn receipts(scene: &Arc<Scene>) {
    let scene = Arc::clone(scene);
    let spawner = scene.spawner.clone();
    spawner.start(Kind::Background, async move {
        loop {
            scene.cast.clock.millis(2_000).await;
            for stop in scene.gate.unsettled_stops() {
                // What fails is tried again.
                let _settled = scene.gate.settle_stop(stop).await;
            }
        }
    });
}

async fn late_arrivals(scene: Arc<Scene>) {
    loop {
        scene.cast.clock.millis(3_000).await;
        let now = scene.cast.clock.elapsed();
        let due: Vec<_> = {
            let mut outside = lock(&scene.cast.outside);
            let due = outside.late.iter().filter(|(_, at)| **at <= now).map(|(call, _)| *call);
            let due: Vec<_> = due.collect();
            for call in &due {
                outside.late.remove(call);
                outside.begun.insert(*call);
                outside.done.insert(*call);
                outside.happened.insert(*call);
            }
            due
        };
        for call in due {
            scene.tell(format_args!("outside: {call} arrives late"));
            lock(&scene.cast.auditor).happened(call);
        }
    }
}

async fn neighbour(scene: Arc<Scene>) {
    while !scene.over.load(Ordering::Relaxed) {
        scene.cast.clock.millis(2_000 + scene.cast.dice.below(10_000)).await;
        let path = scene.cast.dice.word(&["a.txt", "prod/c.txt"]);
        let text = scene.cast.dice.word(&["one", "theirs"]);
        lock(&scene.cast.outside).files.insert(path.to_owned(), text.to_owned());
        scene.tell(format_args!("outside: somebody wrote `{text}` to {path}"));
    }
}

async fn jumps(scene: Arc<Scene>) {
    while !scene.over.load(Ordering::Relaxed) {
        scene.cast.clock.millis(3_000 + scene.cast.dice.below(20_000)).await;
        let by = match scene.cast.dice.below(6) {
            0 => -3_000,
            1 => -60_000,
            2 => 90_000_000,
            3 => 3_700_000,
            _ => 60_000,
        };
        if scene.over.load(Ordering::Relaxed) {
            return;
        }
        scene.cast.clock.jump(by);
        scene.tell(format_args!("clock: jumps by {by} ms"));
        if by < 0 {
            scene.cast.clock.millis(1_000 + scene.cast.dice.below(2_000)).await;
            scene.cast.clock.correct();
        }
    }
}

async fn fills(scene: Arc<Scene>) {
    while !scene.over.load(Ordering::Relaxed) {
        scene.cast.clock.millis(3_000 + scene.cast.dice.below(10_000)).await;
        lock(&scene.trouble).full = !scene.over.load(Ordering::Relaxed);
        scene.cast.clock.millis(scene.cast.dice.below(4_000)).await;
        lock(&scene.trouble).full = false;
    }
}
