//! The same tests again as an ordinary user, where the jail needs user namespaces.
//!
//! Run by root, this starts copies of the test program and of the jail as a user who has nothing, with a directory for
//! temporary files of its own. Run by anybody else, the tests beside this one have done that already.

use super::*;

/// Tests that make sense for anybody.
const AGAIN: &[&str] = &[
    "commands::tests::changes::",
    "commands::tests::equality::applying_a_plan_equals_running_the_command",
    "commands::tests::equality::applying_a_plan_from_a_copy_equals_running_the_command",
    "commands::tests::stacking::",
    "commands::tests::caches::what_is_written",
    "commands::tests::git::git_looks",
    "commands::tests::git::a_push",
    "commands::tests::git::nothing_that_a_submodule",
    "commands::tests::rungs::",
];

#[test]
fn all_of_this_holds_for_an_ordinary_user() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let home = directory.path().join("home");
    std::fs::create_dir_all(home.join("deps")).unwrap();
    let harness = home.join("deps/harness");
    std::fs::copy(std::env::current_exe().unwrap(), &harness).unwrap();
    std::fs::copy(jail(), home.join("checkrein-tools-jail")).unwrap();
    std::fs::set_permissions(directory.path(), PermissionsExt::from_mode(0o755)).unwrap();
    give(&home, ORDINARY);
    let user = ORDINARY.to_string();
    let done = Command::new("setpriv")
        .args(["--reuid", &user, "--regid", &user, "--clear-groups", "--inh-caps=-all"])
        .arg(&harness)
        .args(AGAIN)
        .args(["--test-threads", "2"])
        .env("TMPDIR", &home)
        .env("HOME", &home)
        .current_dir(&home)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success(), "{text}{}", String::from_utf8_lossy(&done.stderr));
    let ran =
        text.lines().filter(|line| line.starts_with("test ") && line.ends_with("... ok")).count();
    assert!(ran >= 25, "{ran} tests ran: {text}");
}
