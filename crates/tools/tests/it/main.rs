//! What others see of the tools: where caches may be kept, and that a program whose `main` begins with
//! `runner::entry` gives a jail.
//!
//! What tools do stands in the tests beside them (`src/files/tests`, `src/commands/tests`): it is reached through
//! permits only, which nobody but the gate makes. The jail's program that those tests start is built for this file.

use std::os::unix::fs::PermissionsExt;

use checkrein_tools::commands::CacheHome;
use runner::{Jailer, Rung};

#[tokio::test]
async fn a_program_that_begins_with_the_entry_is_a_jail() {
    let ladder = Jailer::new(env!("CARGO_BIN_EXE_checkrein-tools-jail").into()).probe().await;
    assert!(ladder.findings.iter().any(|finding| finding.works), "{ladder:?}");
    assert_ne!(ladder.rung, Rung::Refuse, "{ladder:?}");
    let none = Jailer::new("/bin/true".into()).probe().await;
    assert_eq!(none.rung, Rung::Refuse, "{none:?}");
}

#[test]
fn caches_stand_in_a_directory_that_only_checkrein_writes_to() {
    let directory = tempfile::tempdir().unwrap();
    let home = directory.path().join("home");
    CacheHome::open(home.clone()).unwrap();
    std::fs::write(home.join("layers/left"), "by a crash").unwrap();
    CacheHome::open(home.clone()).unwrap();
    assert!(!home.join("layers/left").exists(), "layers of a crash are removed");
    std::fs::set_permissions(&home, PermissionsExt::from_mode(0o777)).unwrap();
    let error = CacheHome::open(home.clone()).unwrap_err().to_string();
    assert!(error.contains("only checkrein's user may write"), "{error}");
    let error = CacheHome::open(directory.path().join("no/home")).unwrap_err().to_string();
    assert!(error.contains("cannot be used"), "{error}");
}
