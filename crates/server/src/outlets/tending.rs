//! Keeps a task for each outlet alive until the server stops.
//!
//! ```text
//! stop asked for -> every task is ended and waited for
//! a task ended   -> said (standing, log) -> pause, doubled each time -> begun again
//! ```
//! In: what there is a task for, and how one begins. Out: nothing. A task ends by itself only through a fault of ours; one that
//! ended unseen would leave its outlet silent and looking well. What it was doing is in the journal. Tests are at the end.

use std::collections::HashMap;
use std::time::Duration;

use domain::limits;
use tokio::sync::watch;
use tokio::task::{Id, JoinSet};
use tokio::time::Instant;

use crate::http::listen::asked;

/// A task that lived so long was a good one: the pause begins anew.
const GOOD_AFTER: Duration = Duration::from_secs(10 * 60);

/// What a task is for, and how often it ended so far.
struct Begun<T> {
    what: T,
    at: Instant,
    ends: u64,
}

/// How tasks begin, and who is told that one ended.
pub(super) struct Tasks<B, E> {
    /// Makes the task of one thing.
    pub(super) begin: B,
    /// Told why it ended and how long the pause is.
    pub(super) ended: E,
    /// The first pause.
    pub(super) pause: Duration,
}

/// Runs a task for each of these until a stop is asked for.
pub(super) async fn tend<T, F, B, E>(
    mut stopping: watch::Receiver<bool>,
    all: Vec<T>,
    Tasks { begin, ended, pause: first }: Tasks<B, E>,
) where
    T: Clone + Send + 'static,
    F: Future<Output = ()> + Send + 'static,
    B: Fn(T) -> F,
    E: Fn(&T, &str, Duration),
{
    let mut tasks = JoinSet::new();
    let mut known: HashMap<Id, Begun<T>> = HashMap::new();
    for what in all {
        let id = tasks.spawn(begin(what.clone())).id();
        known.insert(id, Begun { what, at: Instant::now(), ends: 0 });
    }
    loop {
        let over = tokio::select! {
            biased;
            () = asked(&mut stopping) => break,
            Some(over) = tasks.join_next_with_id() => over,
        };
        let (id, why) = match over {
            Ok((id, ())) => (id, "its task ended".to_owned()),
            Err(error) => (error.id(), error.to_string()),
        };
        let Some(Begun { what, at, ends }) = known.remove(&id) else { continue };
        let ends = if at.elapsed() > GOOD_AFTER { 1 } else { ends.saturating_add(1) };
        let pause = doubled(first, ends);
        ended(&what, &why, pause);
        let again = begin(what.clone());
        let id = tasks.spawn(async move {
            tokio::time::sleep(pause).await;
            again.await;
        });
        known.insert(id.id(), Begun { what, at: Instant::now(), ends });
    }
    // What was told and is not recorded yet is told again, with the same id.
    tasks.shutdown().await;
}

/// Twice as long each time, up to a bound.
pub(super) fn doubled(first: Duration, times: u64) -> Duration {
    let doubled = u32::try_from(times.saturating_sub(1)).unwrap_or(u32::MAX).min(16);
    first.saturating_mul(1 << doubled).min(limits::OUTLET_PAUSE_MAX)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    use tokio::sync::mpsc::unbounded_channel;

    use super::*;

    /// A panic in the task of one outlet ended that outlet for good, and it went on looking well.
    #[tokio::test(start_paused = true)]
    async fn a_task_that_panics_is_said_and_begun_again_and_harms_no_other() {
        let (stop, stopping) = watch::channel(false);
        let (sender, mut ends) = unbounded_channel();
        let (alive, mut lives) = unbounded_channel();
        let begun = Arc::new(AtomicU64::new(0));
        let begin = move |what: &'static str| {
            let (alive, begun) = (alive.clone(), Arc::clone(&begun));
            async move {
                if what == "bad" && begun.fetch_add(1, Ordering::SeqCst) < 2 {
                    panic!("a fault of ours");
                }
                alive.send(what).unwrap();
                std::future::pending::<()>().await;
            }
        };
        let ended = move |what: &&'static str, why: &str, pause| {
            sender.send((*what, why.contains("panicked"), pause)).unwrap();
        };
        let tasks = Tasks { begin, ended, pause: Duration::from_secs(1) };
        let all = tokio::spawn(tend(stopping, vec!["good", "bad"], tasks));
        assert_eq!(lives.recv().await, Some("good"));
        assert_eq!(lives.recv().await, Some("bad"));
        for seconds in [1, 2] {
            assert_eq!(ends.recv().await, Some(("bad", true, Duration::from_secs(seconds))));
        }
        stop.send(true).unwrap();
        all.await.unwrap();
        assert_eq!(lives.recv().await, None, "no task is left");
    }
}
