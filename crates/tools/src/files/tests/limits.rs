//! What is too large is refused or said not to be restorable; nothing is dropped silently.
//!
//! Files beyond a limit are sparse, so these tests write little. Looked at: files too large to keep, plans with
//! too much content, trees with too many entries, edits that would grow, long diffs and names that are no text.

use domain::{Node, limits};
use serde_json::json;

use super::*;

fn large(world: &World, path: &str, bytes: u64) {
    fs::File::create(world.path(path)).unwrap().set_len(bytes).unwrap();
}

#[test]
fn a_file_too_large_to_keep_can_be_deleted_and_the_plan_says_that_it_is_lost() {
    let world = World::with(&[("small", "s")]);
    large(&world, "large", limits::FILE_BYTES_MAX + 1);
    let small = world.preview("files.delete", json!({"path": "small"})).unwrap();
    assert!(small.restorable);
    let (plan, _) = world.run("files.delete", json!({"path": "large"})).unwrap();
    assert!(!plan.restorable);
    assert!(!world.path("large").exists());
    let error = preview(&world.workspace, &undo_of(&plan)).unwrap_err();
    assert_eq!(error.own_code(), Some("not_undoable"));
    assert!(error.to_string().contains("too large to keep"), "{error}");
}

#[test]
fn a_large_file_is_moved_and_moved_back_without_being_kept() {
    let world = World::new();
    large(&world, "large", limits::FILE_BYTES_MAX + 1);
    let inode = fs::metadata(world.path("large")).unwrap().ino();
    let (plan, _) = world.run("files.move", json!({"from": "large", "to": "d/large"})).unwrap();
    assert!(plan.restorable);
    assert_eq!(plan.content_bytes(), 0);
    let undo = undo_of(&plan);
    let back = preview(&world.workspace, &undo).unwrap();
    act(&world.workspace, &undo, &back).unwrap();
    assert_eq!(fs::metadata(world.path("large")).unwrap().ino(), inode);
    assert!(!world.path("d").exists());
}

#[test]
fn contents_beyond_the_plans_room_are_not_kept() {
    let world = World::with(&[("d/", "")]);
    let count = limits::PLAN_CONTENT_BYTES_MAX / limits::FILE_BYTES_MAX + 1;
    for index in 0..count {
        large(&world, &format!("d/{index}"), limits::FILE_BYTES_MAX);
    }
    let plan = world.preview("files.delete", json!({"path": "d", "recursive": true})).unwrap();
    assert!(plan.content_bytes() <= limits::PLAN_CONTENT_BYTES_MAX);
    assert!(!plan.restorable);
}

#[test]
fn large_files_are_neither_read_nor_edited_nor_searched() {
    let world = World::new();
    large(&world, "large", limits::FILE_BYTES_MAX + 1);
    let read = world.read("files.read", json!({"path": "large"})).unwrap_err();
    assert_eq!(read.own_code(), Some("too_large"));
    let edit = json!({"path": "large", "edits": [{"old": "a", "new": "b"}]});
    assert_eq!(world.preview("files.edit", edit).unwrap_err().own_code(), Some("too_large"));
    let found = world.read("files.search", json!({"path": ".", "pattern": "a"})).unwrap();
    assert_eq!(found["files_skipped"], json!(1));
}

#[test]
fn an_edit_that_grows_beyond_the_limit_is_refused_before_it_is_built() {
    let world = World::with(&[("a", &"x".repeat(10_000))]);
    let new = "y".repeat(1 << 20);
    let edit = json!({"path": "a", "edits": [{"old": "x", "new": new, "occurrences": 10_000}]});
    assert_eq!(world.preview("files.edit", edit).unwrap_err().own_code(), Some("too_large"));
}

#[test]
fn a_tree_with_too_many_entries_is_refused() {
    let world = World::with(&[("d/", "")]);
    for index in 0..=limits::PLAN_CHANGES_MAX {
        fs::File::create(world.path(&format!("d/{index}"))).unwrap();
    }
    let error = world.preview("files.delete", json!({"path": "d", "recursive": true})).unwrap_err();
    assert_eq!(error.own_code(), Some("too_large"));
    let listed = world.read("files.list", json!({"path": "d"})).unwrap();
    assert_eq!(listed["entries"].as_array().unwrap().len(), limits::LISTING_ENTRIES_MAX);
    assert_eq!(listed["complete"], json!(false));
}

#[test]
fn a_long_diff_is_cut_at_a_line_and_says_so() {
    let world = World::new();
    let text: String = (0..60_000).map(|line| format!("line {line}\n")).collect();
    let plan = world.preview("files.write", json!({"path": "a", "content": text})).unwrap();
    assert!(plan.diff.len() <= limits::DIFF_BYTES_MAX);
    let last = plan.diff.lines().last().unwrap();
    assert!(last.starts_with("... cut here"), "{last}");
    let Some(Node::File { content, .. }) = plan.changes[0].after.as_ref().map(|state| &state.node)
    else {
        panic!("no file");
    };
    assert_eq!(content.as_ref().unwrap().bytes(), text.as_bytes());
}

#[test]
fn a_directory_with_names_that_are_not_text_is_refused_and_its_listing_is_incomplete() {
    use std::os::unix::ffi::OsStrExt;
    let world = World::with(&[("d/a", "a")]);
    fs::write(world.path("d").join(std::ffi::OsStr::from_bytes(b"\xFF")), "x").unwrap();
    let error = world.preview("files.delete", json!({"path": "d", "recursive": true})).unwrap_err();
    assert!(error.to_string().contains("not UTF-8"), "{error}");
    let listed = world.read("files.list", json!({"path": "d"})).unwrap();
    assert_eq!(listed["complete"], json!(false));
}
