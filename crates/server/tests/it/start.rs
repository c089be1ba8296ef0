//! Starting and stopping: first keys, a taken port, a locked store, a lost key file, a corrupted store, bad rules.
//! Each way to fail has its own code, and leaves what it found as it was.

use std::os::unix::fs::PermissionsExt as _;

use checkrein_server::serve::read_first_keys;
use checkrein_server::{Ended, ShowKeys, serve};
use domain::Code;

use crate::world::{PLAIN, Place, Server};

async fn refused(place: &Place) -> gate::Refusal {
    place.serve().await.err().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn first_keys_go_into_a_file_that_only_its_owner_reads() {
    let place = Place::new(PLAIN);
    let config = place.config().unwrap();
    let path = config.first_keys_file();
    let running = serve(config, ShowKeys::InFile).await.unwrap();
    let keys = running.first_keys.clone().unwrap();
    assert_eq!(keys.file.as_deref(), Some(&*path));
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(read_first_keys(&path).unwrap(), keys);
    assert_eq!(format!("{keys:?} {running:?}").matches(&keys.agent).count(), 0);
    running.stop();
    running.ended().await;
    let again = serve(place.config().unwrap(), ShowKeys::InFile).await.unwrap();
    assert!(again.first_keys.is_none());
    assert_eq!(again.keys_left_in, Some(path));
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_shown_on_a_terminal_are_in_no_file() {
    let server = Server::start().await;
    assert!(server.keys.file.is_none());
    assert!(!server.place.config().unwrap().first_keys_file().exists());
    let data = server.place.path("state");
    // The socket of the data directory holds no bytes.
    for entry in walk(&data).into_iter().filter(|entry| entry.is_file()) {
        let bytes = std::fs::read(&entry).unwrap();
        let key = server.keys.agent.as_bytes();
        assert!(!bytes.windows(key.len()).any(|window| window == key), "{}", entry.display());
    }
}

fn walk(directory: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_port_is_told_before_the_store_is_touched() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let place = Place::new(&PLAIN.replace("127.0.0.1:0", &address));
    let refusal = refused(&place).await;
    assert_eq!(refusal.code, Code::PortTaken, "{refusal}");
    assert!(!place.path("state").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_serves_one_process_only() {
    let server = Server::start().await;
    let refusal = refused(&server.place).await;
    assert_eq!(refusal.code, Code::StoreLocked, "{refusal}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_without_its_key_does_not_open() {
    let server = Server::start().await;
    let Server { place, running, .. } = server;
    running.stop();
    assert_eq!(running.ended().await, Ended::Asked);
    std::fs::remove_file(place.path("config/master.key")).unwrap();
    assert_eq!(refused(&place).await.code, Code::KeyFileLost);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_corrupted_store_does_not_open() {
    let Server { place, running, .. } = Server::start().await;
    running.stop();
    running.ended().await;
    for file in walk(&place.path("state/data")) {
        let length = std::fs::metadata(&file).unwrap().len();
        if length > 4_096 {
            std::fs::write(&file, vec![0x55; usize::try_from(length).unwrap()]).unwrap();
        }
    }
    let refusal = refused(&place).await;
    assert_eq!(refusal.code, Code::StoreCorrupted, "{refusal}");
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_with_errors_are_told_with_file_and_line() {
    let place = Place::new(PLAIN);
    place.write("contracts/mine.toml", "[[tool]]\nnmae = \"x\"\n");
    let refusal = refused(&place).await;
    assert_eq!(refusal.code, Code::BadContract);
    assert!(refusal.message.contains("contracts/mine.toml:"), "{refusal}");

    let place = Place::new(PLAIN);
    place.write("policies/mine.cedar", "permit (principal, action, resource);\n");
    let refusal = refused(&place).await;
    assert_eq!(refusal.code, Code::BadPolicy);
    assert!(refusal.message.contains("policies/mine.cedar:1"), "{refusal}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_cannot_confirm_its_own_contracts() {
    let place = Place::new(PLAIN);
    let text = include_str!("../../../../contracts/files.toml");
    let one = text.split("[[tool]]").nth(1).unwrap().replace("files.read", "mine.read");
    place.write("contracts/mine.toml", &format!("[[tool]]{one}"));
    assert_eq!(refused(&place).await.code, Code::BadContract);
    std::fs::create_dir_all(place.path("config/contracts")).unwrap();
    std::fs::set_permissions(place.path("config"), std::fs::Permissions::from_mode(0o700)).unwrap();
    std::fs::rename(place.path("contracts/mine.toml"), place.path("config/contracts/mine.toml"))
        .unwrap();
    let server = Server::at(place).await;
    assert_eq!(server.sees("/v1/tools/mine.read").await["tool"]["provenance"], "confirmed");
}

#[tokio::test(flavor = "multi_thread")]
async fn known_credentials_are_masked_in_what_is_shown() {
    let place = Place::new(&format!("{PLAIN}\n[secrets]\nfiles = [\"token\"]\n"));
    place.write("token", "swordfish-4711\n");
    let server = Server::at(place).await;
    let (_, answer) =
        server.proposes(crate::world::writes("prod/a.txt", "the swordfish-4711\n")).await;
    let call = answer.call.clone().unwrap();
    let text = serde_json::to_string(&answer).unwrap()
        + &server.sees(&format!("/v1/calls/{call}/plan")).await.to_string()
        + &server.sees("/v1/journal/entries").await.to_string();
    assert!(!text.contains("swordfish"), "{text}");

    let place = Place::new(&format!("{PLAIN}\n[secrets]\nfiles = [\"token\"]\n"));
    place.write("token", "short\n");
    let refusal = refused(&place).await;
    assert_eq!(refusal.code, Code::BadConfiguration);
    assert!(!refusal.to_string().contains("short"), "{refusal}");
}
