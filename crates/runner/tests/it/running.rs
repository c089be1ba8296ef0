//! A command runs once, in one place, and what it changed can be read afterwards.
//! The first things a jail must do; what it must not do is in the other files.

use checkrein_runner::{Access, Ended, Rung};

use crate::support::{assert_code, err, jailer, list, listing, out, place};

#[tokio::test]
async fn program_without_output_ends_with_its_code() {
    let mut place = place();
    place.order.program = "/bin/true".into();
    let finished = jailer().run(place.order.clone(), None).await.unwrap();
    assert_code(&finished, 0);
    assert_eq!(listing(&finished.upper), list(&[]));
}

#[tokio::test]
async fn changes_are_in_the_upper_layer_and_nowhere_else() {
    let place = place();
    place.write("kept", "kept");
    place.write("changed", "old");
    place.write("deleted", "x");
    place.write("dir/inner", "x");
    let finished = place
        .shell("echo new > changed && rm deleted && mkdir made && echo hi > made/file && rm -r dir && mkdir dir && ln -s kept link && echo done")
        .await;
    assert_code(&finished, 0);
    assert_eq!((out(&finished).as_str(), err(&finished).as_str()), ("done\n", ""));
    let expect = [
        ("changed", "new\n"),
        ("deleted", "gone"),
        ("dir", "dir"),
        ("link", "-> kept"),
        ("made", "dir"),
        ("made/file", "hi\n"),
    ];
    assert_eq!(listing(&finished.upper), list(&expect));
    let workspace = &place.order.workspace;
    assert_eq!(std::fs::read_to_string(workspace.join("changed")).unwrap(), "old");
    assert_eq!(std::fs::read_dir(workspace).unwrap().count(), 4);
}

#[tokio::test]
async fn codes_and_signals_are_told_apart() {
    let place = place();
    assert_eq!(place.shell("exit 7").await.ended, Ended::Exited(7));
    assert_eq!(place.shell("kill -TERM $$").await.ended, Ended::Signalled(15));
}

#[tokio::test]
async fn workspace_that_is_read_only_cannot_be_changed() {
    let mut place = place();
    place.write("file", "text");
    place.order.access = Access::Read;
    let finished = place.shell("cat file; echo x > file || echo refused; pwd").await;
    assert!(finished.upper.is_none());
    assert_eq!(out(&finished), format!("textrefused\n{}\n", place.order.workspace.display()));
}

#[tokio::test]
async fn machine_says_which_rung_it_has() {
    let ladder = jailer().probe().await;
    assert_eq!(ladder.rung, Rung::Overlay, "{:?}", ladder.findings);
}
