//! Commits: what every `Journal` promises, on real SQLite.
//! The promises themselves stand in `gate::conformance`, which the simulated journal is held to as well.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use domain::{Timestamp, limits};
use gate::CommitError;
use journal::Sqlite;
use tokio::task::JoinSet;

use crate::story::Story;
use crate::support::{NOW, Place};

#[tokio::test]
async fn every_promise_of_the_port_is_kept() {
    let places = std::cell::RefCell::new(Vec::new());
    let make = async || {
        let place = Place::new();
        let journal = place.open();
        places.borrow_mut().push(place);
        journal
    };
    let kept = gate::conformance::run_all(make, Timestamp::from_millis(NOW)).await;
    assert_eq!(kept, Ok(()));
}

/// So many runs opened at the same time; resolves when each commit waits or is answered.
async fn open_at_once(journal: &Arc<Sqlite>, runs: u128) -> JoinSet<Result<u64, CommitError>> {
    let asked = Arc::new(AtomicUsize::new(0));
    let mut tasks = JoinSet::new();
    for run in 0..runs {
        let (journal, asked) = (Arc::clone(journal), Arc::clone(&asked));
        tasks.spawn(async move {
            let story = Story::new(&journal, run);
            asked.fetch_add(1, Ordering::SeqCst);
            let receipt = story.write(vec![story.opened()], Vec::new()).await?;
            Ok(receipt.last().unwrap().seq)
        });
    }
    while asked.load(Ordering::SeqCst) < tasks.len() {
        tokio::task::yield_now().await;
    }
    tasks
}

#[tokio::test]
async fn commits_at_the_same_time_stand_in_one_chain_without_gaps() {
    let place = Place::new();
    let journal = Arc::new(place.open());
    let mut numbers: Vec<u64> = Vec::new();
    let mut tasks = open_at_once(&journal, 300).await;
    while let Some(done) = tasks.join_next().await {
        numbers.push(done.unwrap().unwrap());
    }
    numbers.sort_unstable();
    assert_eq!(numbers, (2..302).collect::<Vec<u64>>());
    assert!(journal.verify(None).await.unwrap().is_good());
    assert_eq!(journal.counters().entries.load(Ordering::SeqCst), 300);
}

#[tokio::test]
async fn a_full_queue_says_that_it_is_busy_and_loses_nothing() {
    let place = Place::new();
    let journal = Arc::new(place.open());
    // A tenant's key is made first: it needs the writer, which is about to stand still.
    Story::new(&journal, 9_999_999).open().await;
    let other = rusqlite::Connection::open(place.database()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let all = limits::COMMIT_QUEUE_MAX + limits::COMMIT_BATCH_MAX + 1;
    let mut tasks = open_at_once(&journal, all as u128).await;
    other.execute_batch("ROLLBACK").unwrap();
    let (mut written, mut busy) = (0, 0);
    while let Some(done) = tasks.join_next().await {
        match done.unwrap() {
            Ok(_) => written += 1,
            Err(error) => {
                assert_eq!(error, CommitError::Busy);
                busy += 1;
            }
        }
    }
    assert!(busy >= 1, "{written} were written and none was refused");
    let runs = journal.counters().entries.load(Ordering::SeqCst);
    assert_eq!(runs, written + 1);
}
