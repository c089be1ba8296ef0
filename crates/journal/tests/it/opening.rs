//! Opening: who may, with which key, at what time, and what is refused.
//! Every refusal is asked for its stable code and for words that say what would be right.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use domain::Code;
use gate::{Journal, Table};
use journal::{Error, Sqlite, Synchronous};

use crate::story::Story;
use crate::support::{NOW, Place};

/// Opening must be refused with this code and a text that holds these words.
fn refused(place: &Place, code: Code, words: &str) {
    let error = place.try_open().map(drop).unwrap_err();
    assert_eq!(error.code(), code, "{error}");
    assert!(error.to_string().contains(words), "{error}");
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn tokens_get_a_key_of_their_own_that_follows_from_the_master_key() {
    let (place, other) = (Place::new(), Place::new());
    drop((place.open(), other.open()));
    let key = journal::token_key(&place.key_file()).unwrap();
    assert_eq!(key, journal::token_key(&place.key_file()).unwrap());
    assert_ne!(key, journal::token_key(&other.key_file()).unwrap());
    let digits = fs::read_to_string(place.key_file()).unwrap();
    let master: domain::Digest = digits.trim().rsplit(' ').next().unwrap().parse().unwrap();
    assert_ne!(&key, master.bytes());
    fs::set_permissions(place.key_file(), Permissions::from_mode(0o640)).unwrap();
    assert!(matches!(journal::token_key(&place.key_file()), Err(Error::KeyFileOpen { .. })));
    fs::remove_file(place.key_file()).unwrap();
    assert!(matches!(journal::token_key(&place.key_file()), Err(Error::KeyFileLost(_))));
}

#[test]
fn the_first_start_makes_a_store_and_a_key_that_only_the_owner_can_read() {
    let place = Place::new();
    drop(place.open());
    assert_eq!(mode(&place.key_file()), 0o600);
    assert_eq!(mode(place.key_file().parent().unwrap()), 0o700);
    assert_eq!(mode(&place.data_dir()), 0o700);
    let key = fs::read_to_string(place.key_file()).unwrap();
    assert!(key.starts_with("checkrein-master-key-1 "), "{key}");
    let inside = fs::read(place.database()).unwrap();
    let digits = key.trim().rsplit(' ').next().unwrap();
    let bytes: domain::Digest = digits.parse().unwrap();
    let holds = |needle: &[u8]| inside.windows(needle.len()).any(|window| window == needle);
    assert!(!holds(digits.as_bytes()) && !holds(bytes.bytes()), "the key is in the store");
}

#[test]
fn a_store_is_open_once() {
    let place = Place::new();
    let first = place.open();
    refused(&place, Code::StoreLocked, &format!("pid {}", std::process::id()));
    drop(first);
    place.open();
}

#[test]
fn without_its_key_a_store_does_not_open() {
    let place = Place::new();
    drop(place.open());
    let key = fs::read(place.key_file()).unwrap();
    fs::remove_file(place.key_file()).unwrap();
    refused(&place, Code::KeyFileLost, "is missing although the store exists");
    assert!(!place.key_file().exists(), "a new key would hide that the old one is lost");

    let other = Place::new();
    drop(other.open());
    fs::copy(other.key_file(), place.key_file()).unwrap();
    refused(&place, Code::KeyFileLost, "is not the one that this store was made with");

    fs::write(place.key_file(), "checkrein-master-key-1 0123").unwrap();
    refused(&place, Code::KeyFileLost, "64 hexadecimal digits");

    fs::write(place.key_file(), key).unwrap();
    place.open();
}

#[test]
fn a_key_that_others_can_use_is_refused() {
    let place = Place::new();
    drop(place.open());
    for (path, bad, good) in [
        (place.key_file(), 0o640, 0o600),
        (place.key_file(), 0o604, 0o600),
        (place.key_file().parent().unwrap().to_owned(), 0o755, 0o700),
    ] {
        fs::set_permissions(&path, Permissions::from_mode(bad)).unwrap();
        refused(&place, Code::KeyFileLost, &format!("mode {bad:o}"));
        fs::set_permissions(&path, Permissions::from_mode(good)).unwrap();
    }
    place.open();
}

#[test]
fn a_key_inside_the_data_directory_is_refused() {
    let place = Place::new();
    let mut options = place.options();
    options.master_key_file = place.data_dir().join("master.key");
    let error = Sqlite::open(options).map(drop).unwrap_err();
    assert!(matches!(error, Error::KeyFileInside(_)), "{error}");
    assert_eq!(error.code(), Code::BadConfiguration);
}

#[test]
fn a_clock_behind_the_last_entry_is_refused() {
    let place = Place::new();
    drop(place.open());
    place.set_clock(NOW - 5_001);
    refused(&place, Code::ClockWentBack, "5001 ms behind");
    place.set_clock(NOW - 5_000);
    drop(place.open());
    // The highest moment counts, not the last one.
    place.set_clock(NOW - 5_001);
    refused(&place, Code::ClockWentBack, "5001 ms behind");
}

#[test]
fn a_file_that_is_no_store_is_refused_as_it_is() {
    let place = Place::new();
    fs::create_dir_all(place.data_dir()).unwrap();
    let rubbish = vec![7_u8; 8_192];
    fs::write(place.database(), &rubbish).unwrap();
    let error = place.try_open().map(drop).unwrap_err();
    assert_eq!(error.code(), Code::StoreCorrupted, "{error}");
    assert_eq!(fs::read(place.database()).unwrap(), rubbish);
}

#[test]
fn a_store_with_a_damaged_page_is_refused() {
    let place = Place::new();
    drop(place.open());
    let mut bytes = fs::read(place.database()).unwrap();
    let page = bytes.len() / 4_096 / 2 * 4_096;
    bytes[page..page + 64].fill(0xff);
    fs::write(place.database(), bytes).unwrap();
    let error = place.try_open().map(drop).unwrap_err();
    assert_eq!(error.code(), Code::StoreCorrupted, "{error}");
}

#[test]
fn a_store_of_another_format_is_refused() {
    let place = Place::new();
    drop(place.open());
    let connection = rusqlite::Connection::open(place.database()).unwrap();
    connection.execute("UPDATE meta SET value = '2' WHERE name = 'format'", []).unwrap();
    drop(connection);
    refused(&place, Code::StoreCorrupted, "format `2`");
}

#[tokio::test]
async fn projections_of_another_form_are_made_again() {
    let place = Place::new();
    let journal = place.open();
    Story::new(&journal, 1).tell().await;
    drop(journal);
    let connection = rusqlite::Connection::open(place.database()).unwrap();
    let older = "ALTER TABLE calls DROP COLUMN plan;
        UPDATE meta SET value = 'older' WHERE name = 'projections'";
    connection.execute_batch(older).unwrap();
    drop(connection);
    let journal = place.open();
    assert_eq!(journal.verify(None).await.unwrap().finding, None);
}

#[tokio::test]
async fn each_life_has_a_chain_and_seals_the_one_before() {
    let place = Place::new();
    let first = place.open().writer();
    let journal = place.open();
    let sealed = journal.read(Table::Writers, &first.to_string()).await.unwrap().unwrap();
    assert_eq!(sealed.text("state"), "sealed");
    let own = journal.read(Table::Writers, &journal.writer().to_string()).await.unwrap().unwrap();
    assert_eq!(own.text("state"), "open");
    let entry = journal.entry(3).await.unwrap().unwrap();
    assert_eq!((entry.kind.as_str(), entry.record.seq), ("writer_sealed", 2));
}

#[test]
fn commits_are_synced_unless_a_test_says_otherwise() {
    assert_eq!(Place::new().options().synchronous, Synchronous::Full);
}
