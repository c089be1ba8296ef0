//! Listing entries: by what they belong to, by moment and by text, in pages.
//! And what is read beside them: facts to replay from, texts of versions, originals until they are erased.

use domain::{PayloadKind, Strength, Timestamp};
use gate::{Direction, Journal, SourceText};
use journal::{EntryFilter, EntryPage, Found, Sqlite};

use crate::story::{Story, TOLD, call_id, digest, name, run_id};
use crate::support::{NOW, Place};

fn page(direction: Direction, limit: usize) -> EntryPage {
    EntryPage { after: None, direction, limit }
}

/// Positions of all pages.
async fn positions(journal: &Sqlite, filter: &EntryFilter, mut page: EntryPage) -> Vec<u64> {
    let mut all = Vec::new();
    loop {
        let found = journal.entries(filter.clone(), page).await.unwrap();
        assert!(found.entries.len() <= page.limit);
        all.extend(found.entries.iter().map(|entry| entry.position));
        match found.next {
            Some(next) => page.after = Some(next),
            None => return all,
        }
    }
}

#[tokio::test]
async fn a_filter_lets_through_what_it_says() {
    let place = Place::new();
    let journal = place.open();
    Story::new(&journal, 1).tell().await;
    let mut later = Story::new(&journal, 2);
    later.at = NOW + 60_000;
    later.tell().await;
    let all = 2 * TOLD as usize + 1;
    let none = EntryFilter::default;
    let at = |millis| Some(Timestamp::from_millis(millis));
    for (filter, expect) in [
        (none(), all),
        (EntryFilter { run: Some(run_id(2)), ..none() }, TOLD as usize),
        (EntryFilter { call: Some(call_id(1, 3)), ..none() }, 4),
        (EntryFilter { call: Some(call_id(1, 3)), run: Some(run_id(2)), ..none() }, 0),
        (EntryFilter { kind: Some("call_held".to_owned()), ..none() }, 2),
        (EntryFilter { tenant: Some(name("acme")), ..none() }, all - 1),
        (EntryFilter { tenant: Some(name("other")), ..none() }, 0),
        (EntryFilter { from: at(NOW + 1), ..none() }, TOLD as usize),
        (EntryFilter { from: at(NOW), until: at(NOW + 60_000), ..none() }, TOLD as usize + 1),
        (EntryFilter { until: at(NOW), ..none() }, 0),
        (EntryFilter { text: Some("BUILD IS green".to_owned()), ..none() }, 2),
        (EntryFilter { text: Some("src\"main".to_owned()), ..none() }, 0),
    ] {
        for direction in [Direction::Ascending, Direction::Descending] {
            let found = positions(&journal, &filter, page(direction, 3)).await;
            assert_eq!(found.len(), expect, "{filter:?} {direction:?}");
            let rising = found.is_sorted_by(|one, next| one < next);
            let falling = found.is_sorted_by(|one, next| one > next);
            assert!(match direction {
                Direction::Ascending => rising,
                Direction::Descending => falling,
            });
        }
    }
}

#[tokio::test]
async fn moments_that_go_back_a_little_are_still_found() {
    let place = Place::new();
    let journal = place.open();
    let mut story = Story::new(&journal, 1);
    story.at = NOW + 5_000;
    story.open().await;
    for (call, at) in [(1, NOW + 100), (2, NOW + 4_000), (3, NOW + 50)] {
        story.at = at;
        story.deny(call).await;
    }
    let from = Some(Timestamp::from_millis(NOW + 60));
    let until = Some(Timestamp::from_millis(NOW + 4_001));
    let filter = EntryFilter { from, until, ..EntryFilter::default() };
    assert_eq!(positions(&journal, &filter, page(Direction::Ascending, 9)).await, [3, 4]);
}

#[tokio::test]
async fn every_decision_is_replayed_from_its_own_facts() {
    let place = Place::new();
    let journal = place.open();
    let story = Story::new(&journal, 1);
    story.open().await;
    story.hold(1).await;
    story.approve(1).await;
    let inputs = journal.replay_inputs(run_id(1)).await.unwrap();
    let facts: Vec<(Strength, Found)> =
        inputs.into_iter().map(|input| (input.decision.verdict, input.facts)).collect();
    let kept = |text: &str| Found::Kept(text.as_bytes().to_vec());
    assert_eq!(
        facts,
        [(Strength::Hold, kept("{\"first\":1}")), (Strength::Allow, kept("{\"second\":1}")),]
    );
    let latest = journal.payload(call_id(1, 1), PayloadKind::Facts).await.unwrap();
    assert_eq!(latest.as_deref(), Some(b"{\"second\":1}".as_slice()));
    journal.erase_run(run_id(1)).await.unwrap();
    let erased = journal.replay_inputs(run_id(1)).await.unwrap();
    assert!(erased.iter().all(|input| input.facts == Found::Erased));
}

#[tokio::test]
async fn the_text_of_a_version_is_kept() {
    let place = Place::new();
    let journal = place.open();
    let story = Story::new(&journal, 1);
    let mut commit = crate::story::commit(vec![story.opened()], Vec::new());
    commit.sources = vec![SourceText { version: digest(5), text: "permit(…)".to_owned() }];
    journal.commit(commit).await.unwrap();
    assert_eq!(journal.source(digest(5)).await.unwrap().as_deref(), Some("permit(…)"));
    assert_eq!(journal.source(digest(6)).await.unwrap(), None);
}

#[tokio::test]
async fn originals_are_gone_when_an_entry_says_so() {
    let place = Place::new();
    let journal = place.open();
    let story = Story::new(&journal, 1);
    story.open().await;
    story.act(1).await;
    let call = call_id(1, 1);
    assert!(journal.payload(call, PayloadKind::Plan).await.unwrap().is_some());
    let erased = domain::Event::OriginalsErased { of: call };
    story.write(vec![story.entry(None, erased)], Vec::new()).await.unwrap();
    assert_eq!(journal.payload(call, PayloadKind::Plan).await.unwrap(), None);
    assert!(journal.payload(call, PayloadKind::Answer).await.unwrap().is_some());
    let found = journal.verify(None).await.unwrap();
    assert_eq!((found.finding, found.erased), (None, 1));
}

#[tokio::test]
async fn secrets_are_masked_in_entries_and_projections() {
    let place = Place::new();
    let mut options = place.options();
    options.mask = Some(std::sync::Arc::new(|text: &str| {
        text.contains("hunter2").then(|| text.replace("hunter2", "[masked]"))
    }));
    let journal = Sqlite::open(options).unwrap();
    let story = Story::new(&journal, 1);
    story.open().await;
    let event = domain::Event::RunPaused { reason: "the password is hunter2".to_owned() };
    story.write(vec![story.entry(None, event)], Vec::new()).await.unwrap();
    let entry = journal.entry(3).await.unwrap().unwrap();
    assert!(entry.body.contains("the password is [masked]"), "{}", entry.body);
    let run = journal.read(gate::Table::Runs, &run_id(1).to_string()).await.unwrap().unwrap();
    assert_eq!(run.text("reason"), "the password is [masked]");
    assert!(journal.verify(None).await.unwrap().is_good());
}
