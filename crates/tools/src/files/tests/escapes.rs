//! Nothing outside the workspace is read or changed, whatever a path says and whoever swaps links meanwhile.
//!
//! Every tool is tried with each path, and the trees inside and outside are compared before and after. What a
//! plan cannot describe (setuid, several names, pipes, devices, capabilities) is refused as a whole. Devices and
//! capabilities can be made by root only, so these two cases are left out for others.

use domain::Executed;
use gate::ToolErrorKind;
use rustix::fs::{CWD, FileType, Mode};
use serde_json::json;

use super::*;

/// Every tool refuses a path, and nothing changes inside or outside.
fn check(world: &World, path: &str, expect: &str) {
    let (before, outside) = (world.tree(), world.outside());
    for (tool, arguments) in [
        ("files.write", json!({"path": path, "content": "evil"})),
        ("files.edit", json!({"path": path, "edits": [{"old": "secret", "new": "evil"}]})),
        ("files.move", json!({"from": path, "to": "stolen"})),
        ("files.move", json!({"from": "a", "to": path})),
        ("files.delete", json!({"path": path, "recursive": true})),
    ] {
        let error = world.run(tool, arguments.clone()).unwrap_err();
        assert!(error.message.contains(expect), "{tool} {arguments}: {error}");
        assert_eq!(error.executed, Executed::No);
    }
    for (tool, arguments) in [
        ("files.read", json!({"path": path})),
        ("files.list", json!({"path": path})),
        ("files.search", json!({"path": path, "pattern": "secret"})),
    ] {
        let error = world.read(tool, arguments).unwrap_err();
        assert!(error.to_string().contains(expect), "{tool} {path}: {error}");
    }
    assert_eq!((world.tree(), world.outside()), (before, outside), "{path}");
}

#[test]
fn paths_that_leave_the_workspace_are_refused() {
    let world = World::with(&[("a", "a"), ("d/x", "x")]);
    for path in ["../outside/secret", "d/../../outside/secret", ".."] {
        check(&world, path, "leaves the workspace");
    }
    check(&world, "/etc/passwd", "absolute path");
    check(&world, "a\u{0}b", "NUL");
    check(&world, "", "empty");
    check(&world, "d/./x", "not resolved");
    check(&world, ".checkrein-1-2", "reserved");
    check(&world, "d/.checkrein-1-2/x", "reserved");
    check(&world, "d\u{2215}x", "looks like");
}

#[test]
fn links_are_not_followed_at_any_part() {
    let world = World::with(&[
        ("a", "a"),
        ("out", "-> ../outside"),
        ("d/up", "-> .."),
        ("proc", "-> /proc/self/root"),
    ]);
    for path in ["out/secret", "d/up/a", "d/up/out/secret", "proc/etc/passwd"] {
        check(&world, path, "symbolic link, which is never followed");
    }
}

#[test]
fn a_parent_swapped_for_a_link_between_preview_and_act_is_refused() {
    for (tool, arguments) in [
        ("files.write", json!({"path": "d/secret", "content": "evil"})),
        ("files.write", json!({"path": "d/new", "content": "evil"})),
        ("files.delete", json!({"path": "d/secret"})),
        ("files.move", json!({"from": "d/secret", "to": "stolen"})),
        ("files.move", json!({"from": "a", "to": "d/stolen"})),
    ] {
        let world = World::with(&[("a", "a"), ("d/secret", "secret")]);
        let plan = world.preview(tool, arguments.clone()).unwrap();
        fs::rename(world.path("d"), world.path("d2")).unwrap();
        symlink("../outside", world.path("d")).unwrap();
        let (before, outside) = (world.tree(), world.outside());
        let error = world.act(tool, arguments.clone(), &plan).unwrap_err();
        assert_eq!((error.kind, error.executed), (ToolErrorKind::Refused, Executed::No), "{error}");
        assert_eq!(error.own_code.as_deref(), Some("link_in_path"));
        assert_eq!((world.tree(), world.outside()), (before, outside), "{tool} {arguments}");
    }
}

#[test]
fn a_file_swapped_for_a_link_between_preview_and_act_is_stale() {
    let world = World::with(&[("a", "secret")]);
    let arguments = json!({"path": "a", "content": "evil"});
    let plan = world.preview("files.write", arguments.clone()).unwrap();
    fs::remove_file(world.path("a")).unwrap();
    symlink("../outside/secret", world.path("a")).unwrap();
    let error = world.act("files.write", arguments, &plan).unwrap_err();
    assert_eq!((error.kind, error.executed), (ToolErrorKind::Stale, Executed::No));
    assert!(error.message.contains("`a` was modified"), "{error}");
    assert_eq!(world.outside()["secret"].1, "secret");
}

#[test]
fn what_a_plan_has_no_words_for_is_refused() {
    let world = World::with(&[
        ("suid", "s"),
        ("linked", "l"),
        ("cap", "c"),
        ("sticky/", ""),
        ("plain", "p"),
    ]);
    chmod(&world.path("suid"), 0o4755);
    chmod(&world.path("sticky"), 0o1777);
    fs::hard_link(world.path("linked"), world.directory.path().join("outside/other")).unwrap();
    rustix::fs::mknodat(CWD, world.path("pipe"), FileType::Fifo, Mode::RUSR | Mode::WUSR, 0)
        .unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(world.path("socket")).unwrap();
    let mut cases = vec![
        ("suid", "setuid"),
        ("sticky", "sticky"),
        ("linked", "2 names"),
        ("pipe", "a named pipe"),
        ("socket", "a socket"),
    ];
    // Only root may make these two.
    let null = rustix::fs::makedev(1, 3);
    if rustix::fs::mknodat(CWD, world.path("device"), FileType::CharacterDevice, Mode::RUSR, null)
        .is_ok()
    {
        cases.push(("device", "a device"));
    }
    if give_capability(&world.path("cap")) {
        cases.push(("cap", "capabilities"));
    }
    let before = world.tree();
    for (path, expect) in cases {
        for (tool, arguments) in [
            ("files.write", json!({"path": path, "content": "new"})),
            ("files.edit", json!({"path": path, "edits": [{"old": "s", "new": "t"}]})),
            ("files.move", json!({"from": path, "to": "elsewhere"})),
            ("files.delete", json!({"path": path, "recursive": true})),
            ("files.delete", json!({"path": ".", "recursive": true})),
        ] {
            let error = world.run(tool, arguments.clone()).unwrap_err();
            let is_root = arguments["path"] == json!(".");
            assert!(is_root || error.message.contains(expect), "{tool} {path}: {error}");
        }
        let reading = world.read("files.read", json!({"path": path}));
        let special = matches!(path, "pipe" | "socket" | "device" | "sticky");
        assert_eq!(reading.is_err(), special, "{path}: {reading:?}");
    }
    assert_eq!(world.tree(), before);
}

#[test]
fn a_tree_with_a_special_file_in_it_is_refused_whole() {
    let world = World::with(&[("d/a", "a"), ("d/suid", "s")]);
    chmod(&world.path("d/suid"), 0o4755);
    let before = world.tree();
    for (tool, arguments) in [
        ("files.delete", json!({"path": "d", "recursive": true})),
        ("files.move", json!({"from": "d", "to": "e"})),
    ] {
        let error = world.run(tool, arguments).unwrap_err();
        assert_eq!(error.own_code.as_deref(), Some("special_mode"));
        assert!(error.message.contains("`d/suid`"), "{error}");
    }
    assert_eq!(world.tree(), before);
}

#[test]
fn a_directory_that_is_no_directory_cannot_be_a_workspace() {
    let world = World::with(&[("a", "a"), ("d/", "")]);
    let name = |text: &str| text.parse::<Name>().unwrap();
    let open = |paths: &[&str]| {
        let roots = paths.iter().enumerate();
        super::super::Files::new(
            roots.map(|(index, path)| (name("t"), name(&format!("s{index}")), world.path(path))),
        )
    };
    assert!(open(&["d"]).is_ok());
    assert!(open(&["d", "d"]).is_ok());
    assert!(open(&["a"]).unwrap_err().to_string().contains("expected an existing directory"));
    assert!(open(&["none"]).unwrap_err().to_string().contains("expected an existing directory"));
    assert!(open(&[".", "d"]).unwrap_err().to_string().contains("lies inside"));
    let twice = [(name("t"), name("s"), world.path("d")), (name("t"), name("s"), world.path("d"))];
    assert!(super::super::Files::new(twice).unwrap_err().to_string().contains("two workspaces"));
}

/// `cap_net_raw` in the form of `linux/capability.h`, version 2; false where that is not allowed.
fn give_capability(path: &Path) -> bool {
    let mut value = [0_u8; 20];
    value[..4].copy_from_slice(&0x0200_0001_u32.to_le_bytes());
    value[4..8].copy_from_slice(&(1_u32 << 13).to_le_bytes());
    let file = fs::File::open(path).unwrap();
    rustix::fs::fsetxattr(&file, "security.capability", &value, rustix::fs::XattrFlags::empty())
        .is_ok()
}
