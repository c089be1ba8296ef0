//! Exports prove themselves, without the store, and every altered byte is named.
//! Two runs are told across two lives of a process, so that links and several chains are needed.

use std::io::Write;
use std::sync::{Arc, Mutex};

use domain::Exported;
use journal::{EntryFilter, PublicKey, Sqlite, Verification, verify_export};
use serde_json::Value;

use crate::story::{Story, TOLD, run_id};
use crate::support::Place;

/// Two runs whose entries stand between each other, in two chains.
async fn two_runs(place: &Place) -> Sqlite {
    let journal = place.open();
    let (one, other) = (Story::new(&journal, 1), Story::new(&journal, 2));
    one.open().await;
    other.tell().await;
    one.read(1).await;
    one.act(2).await;
    drop(journal);
    let journal = place.open();
    let (one, other) = (Story::new(&journal, 1), Story::new(&journal, 3));
    one.hold(3).await;
    other.tell().await;
    one.approve(3).await;
    one.deny(4).await;
    one.end().await;
    journal
}

fn checked(text: &str, trusted: Option<&PublicKey>) -> Verification {
    verify_export(text.as_bytes(), trusted).unwrap()
}

fn named(found: &Verification) -> String {
    found.finding.as_ref().map(ToString::to_string).unwrap_or_default()
}

#[tokio::test]
async fn a_run_is_one_record_with_all_that_is_asked_of_it() {
    let place = Place::new();
    let journal = two_runs(&place).await;
    let record = journal.export_run(run_id(1), Exported::EntriesOnly).await.unwrap();
    let run = &record["run"];
    assert_eq!(run["tenant"], "acme");
    assert_eq!(run["agent"], "builder@3");
    assert_eq!(run["model"], Value::Null);
    assert_eq!(run["budget"]["limit"]["calls"], 100);
    assert_eq!(run["outcome"]["status"], "succeeded");
    assert_eq!(run["cost"]["money_micros"], 210);
    let calls = record["calls"].as_array().unwrap();
    let states: Vec<&str> = calls.iter().filter_map(|call| call["status"].as_str()).collect();
    assert_eq!(states, ["succeeded", "succeeded", "succeeded", "denied"]);
    assert_eq!(calls[1]["attempts"], 1);
    assert_eq!(calls[1]["latency_ms"], 0);
    assert_eq!(calls[1]["effects"][0]["kind"], "modified");
    assert_eq!(calls[1]["cost"]["wall_ms"], 12);
    assert_eq!(calls[1]["input_digest"].as_str().unwrap().len(), 64);
    assert_eq!(record["approvals"][0]["state"], "used");
    assert_eq!(record["approvals"][0]["by"], "grace");
    assert_eq!(record["entries"].as_array().unwrap().len() as u64, TOLD);
    assert_eq!(record["chains"].as_array().unwrap().len(), 2);
    assert_eq!(record["run_key"], Value::Null);
}

#[tokio::test]
async fn an_exported_run_proves_itself() {
    let place = Place::new();
    let journal = two_runs(&place).await;
    let key = journal.public_key().clone();
    let record = journal.export_run(run_id(1), Exported::EntriesOnly).await.unwrap();
    for text in [record.to_string(), serde_json::to_string_pretty(&record).unwrap()] {
        let found = checked(&text, Some(&key));
        assert_eq!(found.finding, None);
        assert_eq!((found.entries, found.chains, found.heads), (TOLD, 2, 2));
    }
    let found = checked(&record.to_string(), Some(&Place::new().open().public_key().clone()));
    assert!(named(&found).contains("another key"), "{}", named(&found));
}

#[tokio::test]
async fn an_altered_entry_of_an_exported_run_is_named() {
    let place = Place::new();
    let journal = two_runs(&place).await;
    let record = journal.export_run(run_id(1), Exported::EntriesOnly).await.unwrap();
    for index in 0..record["entries"].as_array().unwrap().len() {
        let seq = record["entries"][index]["record"]["seq"].as_u64();
        for part in ["at_ms", "seq", "prev", "event", "run", "hash"] {
            let mut altered = record.clone();
            let entry = &mut altered["entries"][index];
            let value =
                if part == "hash" { &mut entry["hash"] } else { &mut entry["record"][part] };
            *value = changed(value);
            let found = checked(&altered.to_string(), None);
            let finding = found.finding.unwrap_or_else(|| panic!("{part} of {index} went unseen"));
            assert_eq!(
                finding.position,
                record["entries"][index]["position"].as_u64(),
                "{finding}"
            );
            assert!(part == "seq" || finding.seq == seq || finding.seq.is_none(), "{finding}");
        }
    }
}

/// The smallest change of a value: another digit.
fn changed(value: &Value) -> Value {
    let text = value.to_string();
    let place = text.rfind(|letter: char| letter.is_ascii_digit()).unwrap();
    let digit = if &text[place..=place] == "1" { "2" } else { "1" };
    serde_json::from_str(&[&text[..place], digit, &text[place + 1..]].concat()).unwrap()
}

#[tokio::test]
async fn whatever_else_is_altered_in_an_exported_run_is_found() {
    let place = Place::new();
    let journal = two_runs(&place).await;
    let record = journal.export_run(run_id(1), Exported::WithKey).await.unwrap();
    let text = record.to_string();
    assert_eq!(checked(&text, None).payloads, 9);
    type Change = fn(&mut Value);
    let changes: [(&str, Change); 9] = [
        ("what the entries say", |all| all["run"]["purpose"] = "to break it".into()),
        ("what the entries say", |all| all["calls"][1]["executed"] = "no".into()),
        ("what the entries say", |all| all["approvals"][0]["by"] = "mallory".into()),
        ("missing", |all| _ = all["entries"].as_array_mut().unwrap().remove(2)),
        ("cannot be read", |all| _ = all.as_object_mut().unwrap().remove("chains")),
        ("no chain of the export leads to it", |all| all["chains"] = Value::Array(Vec::new())),
        ("does not fit its text", |all| {
            let note = all["chains"][0]["head"].as_str().unwrap();
            all["chains"][0]["head"] = note.replacen("\n17", "\n18", 1).into();
        }),
        ("does not follow the entry before it", |all| {
            all["chains"][1]["links"].as_array_mut().unwrap().last_mut().unwrap()[1] =
                "00".repeat(32).into();
        }),
        ("does not open", |all| {
            all["run_key"]["payloads"][0]["call"] = all["calls"][3]["call"].clone()
        }),
    ];
    for (expect, change) in changes {
        let mut altered = record.clone();
        change(&mut altered);
        let found = named(&checked(&altered.to_string(), None));
        assert!(found.contains(expect), "expected `{expect}`, found `{found}`");
    }
    let cut = &text[..text.len() / 2];
    assert!(named(&checked(cut, None)).contains("cannot be read"));
}

#[tokio::test]
async fn a_run_that_is_not_there_is_not_exported() {
    let place = Place::new();
    let journal = place.open();
    let error = journal.export_run(run_id(1), Exported::EntriesOnly).await.unwrap_err();
    assert_eq!(error.code(), domain::Code::NotFound);
    Story::new(&journal, 1).tell().await;
    journal.erase_run(run_id(1)).await.unwrap();
    let error = journal.export_run(run_id(1), Exported::WithKey).await.unwrap_err();
    assert_eq!(error.code(), domain::Code::NotFound);
    assert!(journal.export_run(run_id(1), Exported::EntriesOnly).await.is_ok());
}

/// Collects what is written.
#[derive(Clone, Default)]
struct Collected(Arc<Mutex<Vec<u8>>>);

impl Write for Collected {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

async fn lines(journal: &Sqlite, filter: EntryFilter) -> (u64, String) {
    let out = Collected::default();
    let count = journal.export_lines(filter, out.clone()).await.unwrap();
    let bytes = out.0.lock().unwrap().clone();
    (count, String::from_utf8(bytes).unwrap())
}

#[tokio::test]
async fn lines_prove_themselves_with_and_without_a_filter() {
    let place = Place::new();
    let journal = two_runs(&place).await;
    let (count, text) = lines(&journal, EntryFilter::default()).await;
    assert_eq!(count, 3 * TOLD + 3);
    let found = checked(&text, Some(journal.public_key()));
    assert_eq!(found.finding, None);
    assert_eq!((found.entries, found.chains), (count, 2));
    let of_run = EntryFilter { run: Some(run_id(1)), ..EntryFilter::default() };
    let (count, text) = lines(&journal, of_run).await;
    assert_eq!(count, TOLD);
    let found = checked(&text, None);
    assert_eq!(found.finding, None);
    assert_eq!(found.entries, TOLD);
}

#[tokio::test]
async fn an_altered_line_is_named() {
    let place = Place::new();
    let journal = two_runs(&place).await;
    let of_run = EntryFilter { run: Some(run_id(1)), ..EntryFilter::default() };
    let (_, text) = lines(&journal, of_run).await;
    let all: Vec<&str> = text.lines().collect();
    for (number, line) in all.iter().enumerate() {
        let mut altered: Vec<String> = all.iter().map(|line| (*line).to_owned()).collect();
        altered[number] = changed(&serde_json::from_str(line).unwrap()).to_string();
        let found = checked(&altered.join("\n"), None);
        let finding = found.finding.unwrap_or_else(|| panic!("line {number} went unseen: {line}"));
        // What a changed link spoils shows at the next thing that it leads to.
        let is_link = line.starts_with("{\"link\"") || line.starts_with("{\"journal\"");
        let here = format!("line {}:", number + 1);
        assert!(is_link || finding.what.starts_with(&here), "{number}: {finding}");
        altered.remove(number);
        assert!(!checked(&altered.join("\n"), None).is_good(), "line {number} is not missed");
    }
}
