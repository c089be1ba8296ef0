//! Browsing projections: filters, moments, pages that go on, and a bound on what one page looks at.
//! How quick it is with a million records is measured by `cargo xtask bench`.

use domain::{Timestamp, limits};
use gate::{Cell, Direction, Table};
use journal::{Browse, Condition, Sqlite};

use crate::story::{Story, commit};
use crate::support::{NOW, Place};

fn calls() -> Browse {
    let by = Some("received_ms");
    Browse { order_by: by, limit: 2, ..Browse::all(Table::Calls).with("tenant", "acme") }
}

/// Keys of all pages, and how many pages there were.
async fn keys(journal: &Sqlite, mut browse: Browse) -> (Vec<String>, usize) {
    let (mut all, mut pages) = (Vec::new(), 0);
    loop {
        let found = journal.browse(browse.clone()).await.unwrap();
        assert!(found.records.len() <= browse.limit);
        all.extend(found.records.into_iter().map(|record| record.key));
        pages += 1;
        match found.next {
            Some(next) => browse.after = Some(next),
            None => return (all, pages),
        }
    }
}

#[tokio::test]
async fn a_filter_lets_through_what_it_says_in_both_directions() {
    let place = Place::new();
    let journal = place.open();
    Story::new(&journal, 1).tell().await;
    let mut later = Story::new(&journal, 2);
    later.at = NOW + 60_000;
    later.tell().await;
    let count = keys(&journal, calls()).await.0.len();
    assert_eq!(count, 8, "four of each run, one of them refused before its tool was known");
    let record = &journal.browse(calls()).await.unwrap().records[0].clone();
    let (tool, agent) = (record.text("tool"), record.text("agent_name"));
    assert!(record.text("agent").starts_with(&format!("{agent}@")), "{record:?}");
    let text = |text: &str| Condition::Text(vec!["tool", "resource"], text.to_owned());
    for (browse, expect) in [
        (calls(), count),
        (calls().with("tool", tool), 6),
        (calls().with("agent_name", agent), 6),
        (calls().with("tool", "other.tool"), 0),
        (calls().with("state", "held"), 0),
        (calls().with("tenant", "other"), 0),
        (calls().with("undoes", Cell::Null), count),
        (calls().only(text(&tool.to_uppercase())), 6),
        (calls().only(text("nowhere")), 0),
        (calls().only(Condition::Among("tool", vec!["x".to_owned(), tool.to_owned()])), 6),
        (calls().only(Condition::Present("undoes")), 0),
        (calls().only(Condition::Any(vec![text("nowhere"), Condition::Present("tool")])), 6),
        (calls().only(Condition::All(vec![text("nowhere"), Condition::Present("tool")])), 0),
        (Browse { from: Some(NOW + 60_000), ..calls() }, count / 2),
        (Browse { until: Some(NOW + 60_000), ..calls() }, count / 2),
        (Browse { from: Some(NOW + 60_001), ..calls() }, 0),
    ] {
        for direction in [Direction::Ascending, Direction::Descending] {
            let (found, _) = keys(&journal, Browse { direction, ..browse.clone() }).await;
            assert_eq!(found.len(), expect, "{browse:?} {direction:?}");
            let mut once = found.clone();
            once.sort();
            once.dedup();
            assert_eq!(once.len(), expect, "each once: {browse:?}");
        }
    }
    let (rising, _) = keys(&journal, calls()).await;
    let falling = Browse { direction: Direction::Descending, ..calls() };
    let (mut falling, _) = keys(&journal, falling).await;
    falling.reverse();
    assert_eq!(rising, falling);
}

#[tokio::test]
async fn a_page_looks_at_a_bounded_number_and_says_where_to_go_on() {
    let place = Place::new();
    let journal = place.open();
    let many = limits::ROWS_SCANNED_MAX + 10;
    let story = Story::new(&journal, 1);
    story.open().await;
    let entries: Vec<_> = (0..many)
        .map(|number| {
            let mut entry = story.entry(Some(number as u128 + 10), story.denied());
            entry.at = Timestamp::from_millis(NOW + number as u64 / 100);
            entry
        })
        .collect();
    for part in entries.chunks(limits::COMMIT_ENTRIES_MAX) {
        gate::Journal::commit(&journal, commit(part.to_vec(), Vec::new())).await.unwrap();
    }
    let nothing = calls().only(Condition::Among("code", vec!["CR-0000".to_owned()]));
    let first = journal.browse(nothing.clone()).await.unwrap();
    assert!(first.records.is_empty() && first.next.is_some(), "{first:?}");
    let (found, pages) = keys(&journal, nothing).await;
    assert_eq!((found.len(), pages), (0, 2));
    let all = Browse { limit: limits::PAGE_ROWS_MAX, ..calls() };
    assert_eq!(keys(&journal, all).await.0.len(), many);
}

#[tokio::test]
async fn what_is_not_there_is_no_place_to_go_on_from() {
    let place = Place::new();
    let journal = place.open();
    let after = Some("call_nothing".to_owned());
    let found = journal.browse(Browse { after, ..calls() }).await;
    assert!(found.is_err(), "{found:?}");
    let unknown = calls().only(Condition::Present("no_such_column"));
    assert!(journal.browse(unknown).await.is_err());
}
