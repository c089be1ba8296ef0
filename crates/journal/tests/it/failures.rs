//! Failures of the store: nobody is told a commit is durable that is not, and nothing is written after one.
//! And refusals that are none: no space, an illegal entry, a lost key.

use std::time::Duration;

use domain::{PayloadKind, Timestamp};
use gate::{CommitError, Journal, KeyScope, Table};
use journal::Sqlite;
use tokio::sync::broadcast::error::RecvError;

use crate::story::{Story, name, run_id};
use crate::support::{NOW, Place};

/// Takes a table away behind the writer's back: its next statement fails as a broken disk would make it.
fn break_store(place: &Place) {
    let connection = rusqlite::Connection::open(place.database()).unwrap();
    connection.execute_batch("DROP TABLE entries").unwrap();
}

#[tokio::test]
async fn after_a_failure_nothing_is_acknowledged_any_more() {
    let place = Place::new();
    let journal = place.open();
    let story = Story::new(&journal, 1);
    story.open().await;
    assert!(journal.takes_permits());
    break_store(&place);
    let first = story.write(vec![story.entry(None, paused())], Vec::new()).await.map(drop);
    assert!(matches!(first, Err(CommitError::Store(_))), "{first:?}");
    let failure = tokio::time::timeout(Duration::from_secs(10), journal.failed()).await.unwrap();
    assert!(failure.0.contains("entries"), "{failure}");
    let later = story.write(vec![story.entry(None, paused())], Vec::new()).await.map(drop);
    assert_eq!(later, Err(CommitError::Store(failure)));
    assert!(!journal.takes_permits());
    assert!(journal.head().await.is_err());
    assert!(journal.keyed(KeyScope::Tenant(&name("new")), b"x").is_err());
    drop(journal);
}

fn paused() -> domain::Event {
    domain::Event::RunPaused { reason: "to see".to_owned() }
}

#[tokio::test]
async fn every_commit_of_a_failed_transaction_is_told_so() {
    let place = Place::new();
    let journal = std::sync::Arc::new(place.open());
    Story::new(&journal, 1).open().await;
    break_store(&place);
    let mut tasks = Vec::new();
    for number in 2..34 {
        let journal = std::sync::Arc::clone(&journal);
        tasks.push(tokio::spawn(async move {
            let story = Story::new(&journal, number);
            story.write(vec![story.opened()], Vec::new()).await.map(drop)
        }));
    }
    for task in tasks {
        let came_out = task.await.unwrap();
        assert!(matches!(came_out, Err(CommitError::Store(_))), "{came_out:?}");
    }
}

#[tokio::test]
async fn without_space_only_outcomes_are_written() {
    let place = Place::new();
    let mut options = place.options();
    options.disk_free_for_permits_min = u64::MAX;
    let journal = Sqlite::open(options).unwrap();
    let kept = gate::conformance::out_of_space(&journal, Timestamp::from_millis(NOW)).await;
    assert_eq!(kept, Ok(()));
    drop(journal);
    let mut options = place.options();
    options.disk_free_for_outcomes_min = u64::MAX;
    let journal = Sqlite::open(options).unwrap();
    let story = Story::new(&journal, 1);
    let mut commit = crate::story::commit(vec![story.opened()], Vec::new());
    commit.urgency = gate::Urgency::Outcome;
    assert_eq!(journal.commit(commit).await.map(drop), Err(CommitError::DiskFull));
}

#[tokio::test]
async fn an_entry_that_a_calls_life_does_not_allow_is_refused() {
    let place = Place::new();
    let journal = place.open();
    let story = Story::new(&journal, 1);
    story.open().await;
    story.act(1).await;
    let again = domain::Event::CallSettled { outcome: story.settled("x", None) };
    let refused =
        story.write(vec![story.entry(Some(1), again.clone())], Vec::new()).await.map(drop);
    assert!(matches!(refused, Err(CommitError::Guard { index: 0, .. })), "{refused:?}");
    drop(journal);
    // Another life of the process remembers nothing and looks it up.
    let journal = place.open();
    let story = Story::new(&journal, 1);
    let refused = story.write(vec![story.entry(Some(1), again)], Vec::new()).await.map(drop);
    assert!(matches!(refused, Err(CommitError::Guard { index: 0, .. })), "{refused:?}");
    assert!(journal.verify(None).await.unwrap().is_good());
}

#[tokio::test]
async fn a_payload_without_its_runs_key_is_refused_before_anything_is_written() {
    let place = Place::new();
    let journal = place.open();
    let story = Story::new(&journal, 1);
    story.open().await;
    let stranger = Story::new(&journal, 9);
    let entry = story.entry(None, paused());
    let payload = stranger.payload(1, PayloadKind::Facts, "x");
    let refused = story.write(vec![entry], vec![payload]).await.map(drop);
    assert!(matches!(refused, Err(CommitError::Guard { .. })), "{refused:?}");
    let run = journal.read(Table::Runs, &run_id(1).to_string()).await.unwrap().unwrap();
    assert_eq!(run.text("state"), "open");
}

#[tokio::test]
async fn a_subscriber_hears_of_durable_entries_or_that_it_lags() {
    let place = Place::new();
    let journal = place.open();
    let (mut quick, mut slow) = (journal.tail(), journal.tail());
    let story = Story::new(&journal, 1);
    story.open().await;
    let heard = quick.recv().await.unwrap();
    assert_eq!((heard.position, heard.kind.as_str()), (2, "run_opened"));
    assert_eq!(heard.run, Some(run_id(1)));
    let entry = journal.entry(heard.position).await.unwrap().unwrap();
    assert_eq!(entry.kind, heard.kind);
    let many = domain::limits::SUBSCRIBER_QUEUE_MAX / domain::limits::COMMIT_ENTRIES_MAX + 1;
    for _ in 0..many {
        let entries: Vec<_> = (0..domain::limits::COMMIT_ENTRIES_MAX)
            .map(|number| {
                let event = if number % 2 == 0 {
                    paused()
                } else {
                    domain::Event::RunResumed { by: name("ada"), reason: "on".to_owned() }
                };
                story.entry(None, event)
            })
            .collect();
        story.write(entries, Vec::new()).await.unwrap();
    }
    assert!(matches!(slow.recv().await, Err(RecvError::Lagged(_))));
}
