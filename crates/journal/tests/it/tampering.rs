//! Verification: good journals pass, and every kind of change is found and named.
//! Changes are made with plain SQL behind the journal's back.

use journal::{Error, Verification, verify_directory};
use rusqlite::Connection;

use crate::story::{Story, TOLD, run_id};
use crate::support::Place;

/// A place with a told story, closed.
async fn told() -> (Place, String) {
    let place = Place::new();
    let journal = place.open();
    Story::new(&journal, 1).tell().await;
    let head = journal.head().await.unwrap();
    (place, head.note)
}

/// Changes the database behind the journal's back and verifies it.
fn after(place: &Place, sql: &str, kept_head: Option<&str>) -> Verification {
    let connection = Connection::open(place.database()).unwrap();
    let changed = connection.execute(sql, []).unwrap();
    assert_ne!(changed, 0, "`{sql}` changed nothing");
    drop(connection);
    verify_directory(&place.options(), kept_head).unwrap()
}

fn named(found: &Verification) -> String {
    found.finding.as_ref().map(ToString::to_string).unwrap_or_default()
}

#[tokio::test]
async fn a_journal_that_nobody_touched_verifies() {
    let (place, head) = told().await;
    // A second life seals the first one's chain.
    let journal = place.open();
    Story::new(&journal, 2).tell().await;
    let found = journal.verify(Some(head)).await.unwrap();
    assert_eq!(found.finding, None);
    assert_eq!((found.entries, found.chains), (2 * TOLD + 3, 2));
    assert_eq!((found.payloads, found.erased), (2 * 9, 0));
    assert!(found.heads >= 3, "{found:?}");
    drop(journal);
    let offline = verify_directory(&place.options(), None).unwrap();
    assert!(offline.is_good(), "{}", named(&offline));
}

#[tokio::test]
async fn every_altered_entry_is_named() {
    for position in 1..=TOLD + 1 {
        let (place, _) = told().await;
        // Another version: nothing else in the entry says which one it is.
        let sql = format!(
            "UPDATE entries SET body = CAST(replace(CAST(body AS TEXT), '\"v\":1', '\"v\":2') AS BLOB)
            WHERE position = {position}"
        );
        let found = after(&place, &sql, None);
        let finding = found.finding.unwrap();
        assert_eq!((finding.position, finding.seq), (Some(position), Some(position)));
        assert_eq!(found.entries, position - 1);
    }
}

#[tokio::test]
async fn each_kind_of_change_is_found() {
    let swap = "UPDATE entries SET position = CASE position WHEN 4 THEN -5 ELSE -4 END
        WHERE position IN (4, 5)";
    for (sql, expect) in [
        ("DELETE FROM entries WHERE position = 5", "entry 5 of"),
        ("UPDATE entries SET hash = zeroblob(32) WHERE position = 5", "what its hash was made of"),
        ("UPDATE entries SET call = NULL WHERE position = 5", "columns that it is found by"),
        ("UPDATE entries SET kind = 'call_lost' WHERE position = 5", "columns that it is found by"),
        ("UPDATE entries SET seq = 99 WHERE position = 5", "it belongs to another place"),
        (swap, "entry 4 of"),
        (
            "INSERT INTO entries SELECT 12, chain, 12, at_ms, tenant, run, call, kind, hash, body
            FROM entries WHERE position = 11",
            "entry 12 of",
        ),
        ("DELETE FROM chains", "a chain that is not the next"),
        // Whole lines only: the name of the key that signed is random, and may hold these digits.
        (
            "UPDATE heads SET note = replace(note, char(10) || '11' || char(10), char(10) || '10' || char(10))
            WHERE seq = 11",
            "signature",
        ),
        ("UPDATE runs SET state = 'open'", "`state` of `run_"),
        ("DELETE FROM calls WHERE state = 'denied'", "is missing in calls"),
        ("INSERT INTO modes (key, mode) VALUES ('production', 'shadow')", "is in no entry"),
        ("UPDATE budgets SET spent_calls = 0", "`spent_calls` of"),
        ("UPDATE payloads SET bytes = zeroblob(40) WHERE kind = 'plan'", "its plan does not open"),
        ("UPDATE payloads SET tenant = 'other' WHERE kind = 'facts'", "its facts does not open"),
        ("DELETE FROM payloads WHERE kind = 'facts'", "its facts are missing"),
    ] {
        let (place, _) = told().await;
        if sql == swap {
            after(&place, swap, None);
            let found =
                after(&place, "UPDATE entries SET position = -position WHERE position < 0", None);
            assert!(named(&found).contains(expect), "{sql}: {}", named(&found));
            continue;
        }
        let found = after(&place, sql, None);
        assert!(named(&found).contains(expect), "{sql}: {}", named(&found));
    }
}

#[tokio::test]
async fn a_payload_of_another_decision_is_found() {
    let (place, _) = told().await;
    // Both open with the same run's key; moving one under another call must not go unseen.
    let sql = "UPDATE payloads SET (nonce, bytes) = (SELECT nonce, bytes FROM payloads AS other
        WHERE other.kind = 'answer' AND other.call <> payloads.call LIMIT 1) WHERE kind = 'answer'";
    let found = after(&place, sql, None);
    assert!(named(&found).contains("its answer does not open"), "{}", named(&found));
}

#[tokio::test]
async fn entries_cut_off_the_end_are_found_against_a_head_kept_elsewhere() {
    let (place, head) = told().await;
    let last = TOLD + 1;
    let connection = Connection::open(place.database()).unwrap();
    // A clever thief takes everything along that speaks of the last entry.
    connection
        .execute_batch(&format!(
            "DELETE FROM heads WHERE position >= {last}; DELETE FROM entries WHERE position = {last};
            UPDATE runs SET state = 'open', outcome = NULL, reason = NULL, metric = NULL"
        ))
        .unwrap();
    drop(connection);
    let alone = verify_directory(&place.options(), None).unwrap();
    assert!(alone.is_good(), "the store alone cannot know: {}", named(&alone));
    let found = verify_directory(&place.options(), Some(&head)).unwrap();
    let finding = found.finding.unwrap();
    assert_eq!((finding.position, finding.seq), (Some(last), Some(last)));
    assert!(finding.what.contains("missing"), "{finding}");
}

#[tokio::test]
async fn a_head_of_another_journal_is_no_proof() {
    let (place, _) = told().await;
    let (_other, head) = told().await;
    let found = verify_directory(&place.options(), Some(&head)).unwrap();
    assert!(named(&found).contains("another key"), "{}", named(&found));
    let found = verify_directory(&place.options(), Some("nonsense")).unwrap();
    assert!(named(&found).contains("not a signed head"), "{}", named(&found));
}

#[tokio::test]
async fn a_store_with_an_altered_entry_does_not_open() {
    let (place, _) = told().await;
    let connection = Connection::open(place.database()).unwrap();
    let sql =
        "UPDATE entries SET body = CAST(replace(CAST(body AS TEXT), 'green', 'greed') AS BLOB)
        WHERE kind = 'run_ended'";
    connection.execute(sql, []).unwrap();
    drop(connection);
    let error = place.try_open().unwrap_err();
    assert!(matches!(error, Error::Corrupted(_)), "{error}");
    assert!(error.to_string().contains("entry at 11"), "{error}");
}

#[tokio::test]
async fn rebuilding_makes_damaged_projections_good_again() {
    let (place, _) = told().await;
    let damage = "UPDATE calls SET state = 'denied', tool = NULL";
    assert!(!after(&place, damage, None).is_good());
    let journal = place.open();
    assert_eq!(journal.rebuild().await.unwrap(), TOLD + 3);
    let found = journal.verify(None).await.unwrap();
    assert!(found.is_good(), "{}", named(&found));
}

#[tokio::test]
async fn an_erased_run_still_verifies_and_its_payloads_are_gone() {
    let place = Place::new();
    let journal = place.open();
    Story::new(&journal, 1).tell().await;
    Story::new(&journal, 2).tell().await;
    assert!(journal.erase_run(run_id(1)).await.unwrap());
    assert!(!journal.erase_run(run_id(1)).await.unwrap());
    let found = journal.verify(None).await.unwrap();
    assert_eq!(found.finding, None);
    assert_eq!((found.payloads, found.erased), (9, 9));
}
