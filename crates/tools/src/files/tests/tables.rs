//! What each tool does, and what it says when it cannot.
//!
//! A tree and a call go in; a row expects contents afterwards, or the error's code and a part of its text, and
//! then the tree must stand as before. Answers, effects, diffs and what reading leaves out are looked at below.
//! Escapes, limits, races, recovery and undo have files of their own.

use serde_json::{Value, json};

use super::*;

/// Paths with their contents afterwards (`None`: gone), or the error's own code (or `-`) and a part of its text.
type Expect<'a> = Result<&'a [(&'a str, Option<&'a str>)], (&'a str, &'a str)>;

/// Runs a changing tool on a tree. An error must leave the tree as it was.
fn check(things: &[(&str, &str)], call: (&str, Value), expect: Expect<'_>) {
    let world = World::with(things);
    let before = world.tree();
    let (tool, arguments) = call;
    let result = world.run(tool, arguments.clone());
    match (result, expect) {
        (Ok(_), Ok(paths)) => {
            let after = world.tree();
            for (path, content) in paths {
                let found = after.get(*path).map(|(_, content)| content.as_str());
                assert_eq!(found, *content, "{tool} {arguments}: {path}");
            }
            assert!(!after.keys().any(|path| path.contains(".checkrein-")), "{after:?}");
        }
        (Err(error), Err((code, text))) => {
            assert_eq!(
                error.own_code.as_deref().unwrap_or("-"),
                code,
                "{tool} {arguments}: {error}"
            );
            assert!(error.message.contains(text), "{tool} {arguments}: {error}");
            assert_eq!(error.executed, domain::Executed::No);
            assert_eq!(world.tree(), before, "{tool} {arguments}");
        }
        (result, expect) => panic!("{tool} {arguments}: {result:?}, expected {expect:?}"),
    }
}

#[test]
fn write_makes_and_replaces_whole_files() {
    let tree: &[_] = &[("a", "one"), ("d/", ""), ("l", "-> a"), ("Docs/x", "x")];
    let write = |path: &str, more: Value| {
        let mut arguments = json!({ "path": path, "content": "new" });
        arguments.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        ("files.write", arguments)
    };
    check(tree, write("a", json!({})), Ok(&[("a", Some("new"))]));
    check(tree, write("b", json!({})), Ok(&[("b", Some("new")), ("a", Some("one"))]));
    check(tree, write("n/m/b", json!({})), Ok(&[("n/m/b", Some("new")), ("n", Some("/"))]));
    check(tree, write("b", json!({"mode": "create"})), Ok(&[("b", Some("new"))]));
    check(tree, write("a", json!({"mode": "overwrite"})), Ok(&[("a", Some("new"))]));
    check(
        tree,
        write("b", json!({"content": "aGk=", "encoding": "base64"})),
        Ok(&[("b", Some("hi"))]),
    );
    check(tree, write("a", json!({"mode": "create"})), Err(("exists", "`overwrite`")));
    check(
        tree,
        write("b", json!({"mode": "overwrite"})),
        Err(("not_found", "nothing stands at `b`")),
    );
    check(
        tree,
        write("Doks", json!({"mode": "overwrite"})),
        Err(("not_found", "did you mean `Docs`?")),
    );
    check(tree, write("a", json!({"content": "one"})), Err(("-", "nothing would change")));
    check(tree, write("d", json!({})), Err(("not_a_file", "is a directory")));
    check(tree, write("l", json!({})), Err(("not_a_file", "a symbolic link")));
    check(tree, write(".", json!({})), Err(("not_a_file", "is a directory")));
    check(tree, write("a/b", json!({})), Err(("not_a_directory", "`a` is a file")));
    check(tree, write("b", json!({"encoding": "base64"})), Err(("encoding_invalid", "base64")));
    check(tree, write("docs/y", json!({})), Err(("-", "differs from `Docs`")));
    check(tree, write("A", json!({})), Err(("-", "upper and lower case only")));
    check(tree, write("b", json!({"mode": "maybe"})), Err(("-", "expected `create`")));
}

#[test]
fn edit_replaces_exact_text_as_often_as_stated_or_says_what_is_there() {
    let tree: &[_] = &[("a", "alpha\n  beta\nbeta gamma\n"), ("d/", ""), ("b", "\u{0}x")];
    let edit = |path: &str, edits: Value| ("files.edit", json!({ "path": path, "edits": edits }));
    let one = |old: &str, new: &str| json!([{ "old": old, "new": new }]);
    check(
        tree,
        edit("a", one("alpha", "ALPHA")),
        Ok(&[("a", Some("ALPHA\n  beta\nbeta gamma\n"))]),
    );
    let both = json!([{"old": "beta", "new": "b", "occurrences": 2}, {"old": "b\nb", "new": "c"}]);
    check(tree, edit("a", both), Ok(&[("a", Some("alpha\n  c gamma\n"))]));
    check(
        tree,
        edit("a", one("beta", "b")),
        Err(("occurrences_differ", "stands 2 times in `a`, 1 expected")),
    );
    check(
        tree,
        edit("a", one("alphb", "b")),
        Err(("text_not_found", "the nearest is line 1: `alpha`")),
    );
    check(
        tree,
        edit("a", one("beta\nalpha", "b")),
        Err(("text_not_found", "line 2 begins like it")),
    );
    check(tree, edit("a", one("alpha", "alpha")), Err(("-", "nothing would change")));
    check(tree, edit("x", one("a", "b")), Err(("not_found", "`x`")));
    check(tree, edit("d", one("a", "b")), Err(("not_a_file", "a directory")));
    let first_good = json!([{"old": "alpha", "new": "A"}, {"old": "none", "new": "B"}]);
    check(tree, edit("a", first_good), Err(("text_not_found", "edit 2")));
    check(tree, edit("a", json!([])), Err(("-", "`edits`")));
}

#[test]
fn a_file_that_is_not_text_is_not_edited() {
    let world = World::new();
    fs::write(world.path("b"), [0xFF, 0xFE, b'a']).unwrap();
    let arguments = json!({ "path": "b", "edits": [{ "old": "a", "new": "b" }] });
    assert_eq!(world.run("files.edit", arguments).unwrap_err().own_code.unwrap(), "not_text");
}

#[test]
fn move_renames_things_with_all_that_is_in_them_and_never_replaces() {
    let tree: &[_] = &[("a", "one"), ("d/x", "x"), ("d/e/y", "y"), ("d/l", "-> x"), ("Same", "s")];
    let go = |from: &str, to: &str| ("files.move", json!({ "from": from, "to": to }));
    check(tree, go("a", "b"), Ok(&[("a", None), ("b", Some("one"))]));
    check(tree, go("a", "n/m/b"), Ok(&[("a", None), ("n/m/b", Some("one"))]));
    check(
        tree,
        go("d", "n/d"),
        Ok(&[("d", None), ("n/d/x", Some("x")), ("n/d/e/y", Some("y")), ("n/d/l", Some("-> x"))]),
    );
    check(tree, go("d/e", "e"), Ok(&[("d/e", None), ("e/y", Some("y")), ("d/x", Some("x"))]));
    check(tree, go("Same", "same"), Ok(&[("Same", None), ("same", Some("s"))]));
    check(tree, go("a", "d"), Err(("exists", "never replaces")));
    check(tree, go("a", "d/x"), Err(("exists", "a file stands at `d/x`")));
    check(tree, go("d", "d/e/f"), Err(("into_itself", "`d/e/f` lies inside `d`")));
    check(tree, go(".", "d/f"), Err(("into_itself", "lies inside")));
    check(tree, go("a", "a"), Err(("-", "nothing would change")));
    check(tree, go("none", "b"), Err(("not_found", "`none`")));
    check(tree, go("a", "SAME"), Err(("-", "differs from `Same`")));
}

#[test]
fn delete_takes_what_is_named_and_directories_only_when_told() {
    let tree: &[_] =
        &[("a", "one"), ("d/x", "x"), ("d/e/y", "y"), ("d/l", "-> ../a"), ("empty/", "")];
    let go = |path: &str, recursive: bool| {
        ("files.delete", json!({ "path": path, "recursive": recursive }))
    };
    check(tree, go("a", false), Ok(&[("a", None), ("d/x", Some("x"))]));
    check(tree, go("empty", false), Ok(&[("empty", None)]));
    check(tree, go("d/l", false), Ok(&[("d/l", None), ("a", Some("one"))]));
    check(tree, go("d", true), Ok(&[("d", None), ("d/x", None), ("a", Some("one"))]));
    check(tree, go("d", false), Err(("not_empty", "3 entries")));
    check(tree, go("none", true), Err(("not_found", "`none`")));
    check(tree, go(".", true), Err(("is_workspace", "name what is in it")));
}

#[test]
fn answers_and_effects_tell_what_was_done() {
    let world = World::with(&[("a", "one"), ("d/x", "x")]);
    let (_, reply) = world.run("files.write", json!({"path": "a", "content": "three"})).unwrap();
    let digest = contract::digest(b"three").to_string();
    assert_eq!(
        reply.output,
        json!({"path": "a", "created": false, "size_bytes": 5, "digest": digest})
    );
    let (plan, reply) = world.run("files.write", json!({"path": "n/b", "content": "x"})).unwrap();
    assert_eq!(reply.output["created"], json!(true));
    let seen: Vec<String> =
        reply.effects.iter().map(|each| format!("{} {}", each.kind, each.resource)).collect();
    assert_eq!(seen, ["created workspace:n", "created workspace:n/b"]);
    let stated = plan.changes[1].after.as_ref().map(contract::state_digest);
    assert_eq!(reply.effects[1].after, stated);
    let edits = json!([{"old": "e", "new": "E", "occurrences": 2}]);
    let (_, reply) = world.run("files.edit", json!({"path": "a", "edits": edits})).unwrap();
    assert_eq!(reply.output["replacements"], json!(2));
    let (_, reply) = world.run("files.move", json!({"from": "d", "to": "e"})).unwrap();
    assert_eq!(reply.output, json!({"from": "d", "to": "e", "moved": 2}));
    let (_, reply) = world.run("files.delete", json!({"path": "e", "recursive": true})).unwrap();
    assert_eq!(reply.output, json!({"path": "e", "deleted": 2}));
    assert_eq!(reply.effects[0].resource.as_str(), "workspace:e/x");
}

#[test]
fn modes_and_attributes_stay_when_content_is_replaced() {
    let world = World::with(&[("run.sh", "old")]);
    chmod(&world.path("run.sh"), 0o750);
    let file = fs::File::open(world.path("run.sh")).unwrap();
    let attributes =
        rustix::fs::fsetxattr(&file, "user.note", b"kept", rustix::fs::XattrFlags::empty());
    world.run("files.write", json!({"path": "run.sh", "content": "new"})).unwrap();
    assert_eq!(world.tree()["run.sh"], (0o750, "new".into()));
    if attributes.is_ok() {
        let mut value = [0_u8; 16];
        let file = fs::File::open(world.path("run.sh")).unwrap();
        let count = rustix::fs::fgetxattr(&file, "user.note", value.as_mut_slice()).unwrap();
        assert_eq!(&value[..count], b"kept");
        let plan = world.preview("files.delete", json!({"path": "run.sh"})).unwrap();
        assert!(!plan.restorable, "attributes are lost with the file");
    }
}

#[test]
fn a_plan_shows_its_diff() {
    let world = World::with(&[("a", "one\ntwo\n"), ("d/x", "x\n"), ("l", "-> a")]);
    let diff = |tool: &str, arguments: Value| world.preview(tool, arguments).unwrap().diff;
    assert_eq!(
        diff("files.write", json!({"path": "a", "content": "one\n2\n"})),
        "--- a/a\n+++ b/a\n@@ -1,2 +1,2 @@\n one\n-two\n+2\n"
    );
    assert_eq!(
        diff("files.write", json!({"path": "n/b", "content": "x\n"})),
        "new directory n mode 0755\nnew file n/b mode 0644\n--- /dev/null\n+++ b/n/b\n@@ -0,0 +1 @@\n+x\n"
    );
    assert_eq!(
        diff("files.move", json!({"from": "d", "to": "e"})),
        "rename d -> e\nrename d/x -> e/x\n"
    );
    assert_eq!(
        diff("files.delete", json!({"path": "d", "recursive": true})),
        "delete file d/x mode 0644\n--- a/d/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\ndelete directory d\n"
    );
    assert_eq!(diff("files.delete", json!({"path": "l"})), "delete link l -> a\n");
    let binary = diff("files.write", json!({"path": "b", "content": "AAE=", "encoding": "base64"}));
    assert!(binary.contains("not text, or large: b: nothing -> 2 bytes, sha256 "), "{binary}");
}

#[test]
fn read_gives_parts_as_text_or_base64() {
    let world = World::with(&[("a", "häuser\n"), ("d/", ""), ("l", "-> a")]);
    fs::write(world.path("b"), [0xFF, 0x00]).unwrap();
    let read = |arguments: Value| world.read("files.read", arguments);
    let whole = read(json!({"path": "a"})).unwrap();
    assert_eq!(whole["content"], json!("häuser\n"));
    assert_eq!((&whole["size_bytes"], &whole["complete"]), (&json!(8), &json!(true)));
    assert_eq!(whole["digest"], json!(contract::digest("häuser\n".as_bytes()).to_string()));
    // The end of the part would cut `ä` in two: the part ends before it.
    let part = read(json!({"path": "a", "bytes_max": 2})).unwrap();
    assert_eq!((&part["content"], &part["read_bytes"]), (&json!("h"), &json!(1)));
    assert_eq!(part["complete"], json!(false));
    let middle = read(json!({"path": "a", "offset_bytes": 2, "bytes_max": 1})).unwrap();
    assert_eq!((&middle["content"], &middle["encoding"]), (&json!("pA=="), &json!("base64")));
    let beyond = read(json!({"path": "a", "offset_bytes": 99})).unwrap();
    assert_eq!((&beyond["read_bytes"], &beyond["complete"]), (&json!(0), &json!(true)));
    assert_eq!(read(json!({"path": "b"})).unwrap()["encoding"], json!("base64"));
    for (path, code) in [("none", "not_found"), ("d", "not_a_file"), ("l", "not_a_file")] {
        assert_eq!(read(json!({"path": path})).unwrap_err().own_code(), Some(code), "{path}");
    }
}

#[test]
fn list_shows_levels_sorted_and_hides_its_own_files() {
    let world = World::with(&[("b", "12"), ("a/x", "x"), ("a/y/z", "z"), ("l", "-> b")]);
    world.put(".checkrein-0-0", "left");
    let paths = |arguments: Value| -> Vec<String> {
        let listed = world.read("files.list", arguments).unwrap();
        let entries = listed["entries"].as_array().unwrap().clone();
        entries.iter().map(|entry| entry["path"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(paths(json!({"path": "."})), ["a", "b", "l"]);
    assert_eq!(paths(json!({"path": ".", "depth": 2})), ["a", "a/x", "a/y", "b", "l"]);
    assert_eq!(paths(json!({"path": "a", "depth": 9})), ["a/x", "a/y", "a/y/z"]);
    let listed = world.read("files.list", json!({"path": "."})).unwrap();
    assert_eq!(listed["entries"][1], json!({"path": "b", "kind": "file", "size_bytes": 2}));
    assert_eq!(listed["entries"][2], json!({"path": "l", "kind": "link", "target": "b"}));
    assert_eq!(listed["complete"], json!(true));
    for (path, code) in [("none", "not_found"), ("b", "not_a_directory"), ("l", "not_a_directory")]
    {
        let error = world.read("files.list", json!({"path": path})).unwrap_err();
        assert_eq!(error.own_code(), Some(code), "{path}: {error}");
    }
}

#[test]
fn search_finds_lines_and_says_what_it_left_out() {
    let world =
        World::with(&[("a.rs", "fn one\nlet x\n"), ("d/b.rs", "  fn two\n"), ("d/c.md", "fn\n")]);
    fs::write(world.path("binary"), [0xFF, 0x00]).unwrap();
    world.put("l", "-> ../outside/secret");
    let search = |arguments: Value| world.read("files.search", arguments);
    let found = search(json!({"path": ".", "pattern": r"fn \w+"})).unwrap();
    assert_eq!(
        found["matches"],
        json!([
            {"path": "a.rs", "line": 1, "column": 1, "text": "fn one"},
            {"path": "d/b.rs", "line": 1, "column": 3, "text": "  fn two"},
        ])
    );
    assert_eq!((&found["files_searched"], &found["files_skipped"]), (&json!(3), &json!(2)));
    let globbed = search(json!({"path": "d", "pattern": "fn", "glob": "*.md"})).unwrap();
    assert_eq!(globbed["matches"][0]["path"], json!("d/c.md"));
    assert_eq!(globbed["files_searched"], json!(1));
    let cut = search(json!({"path": ".", "pattern": "fn", "matches_max": 1})).unwrap();
    assert_eq!((cut["matches"].as_array().unwrap().len(), &cut["complete"]), (1, &json!(false)));
    let one = search(json!({"path": "a.rs", "pattern": "let"})).unwrap();
    assert_eq!(one["matches"][0]["line"], json!(2));
    let secret = search(json!({"path": ".", "pattern": "secret"})).unwrap();
    assert_eq!(secret["matches"], json!([]), "links are not followed");
    for (arguments, code) in [
        (json!({"path": ".", "pattern": "("}), "pattern_invalid"),
        (json!({"path": ".", "pattern": "(a{1000}){1000}"}), "pattern_invalid"),
        (json!({"path": ".", "pattern": "a", "glob": "a**b"}), "glob_invalid"),
        (json!({"path": "none", "pattern": "a"}), "not_found"),
    ] {
        assert_eq!(search(arguments.clone()).unwrap_err().own_code(), Some(code), "{arguments}");
    }
}
