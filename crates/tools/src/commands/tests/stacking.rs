//! Previews on top of held calls: the plan of one is the ground of the next.
//!
//! A tree, scripts whose calls are held and one more script go in; out come the last one's plan and, when all are
//! applied, the tree that running them gives.

use domain::Content;

use super::super::layer::{Layer, remove};
use super::super::lower::Over;
use super::*;

/// Scripts that are held, one on top of the other, and a last one with the lines of its plan. All plans applied one after
/// the other equal the scripts run directly.
fn check(before: &str, held: &[&str], text: &str, expect: &[&str]) {
    for given_away in [false, true] {
        let (world, twin) = (World::with(before), World::with(before));
        let (world, twin) =
            if given_away { (world.given_away(), twin.given_away()) } else { (world, twin) };
        let mut plans: Vec<Plan> = Vec::new();
        for text in held.iter().chain([&text]) {
            let invocation = Invocation { over: plans.clone(), ..script(text) };
            let plan = world.preview(&invocation);
            plans.push(plan.unwrap_or_else(|trouble| panic!("{text}: {trouble}")));
            direct(&twin.path(""), text);
        }
        assert_eq!(lines(plans.last().unwrap()), expect, "{text}");
        for plan in &plans {
            world.apply(plan).unwrap_or_else(|error| panic!("{error}: {:?}", lines(plan)));
        }
        assert_eq!(world.tree(), twin.tree(), "{held:?} {text}");
        let left = world.commands.home.layer();
        assert_eq!(
            std::fs::read_dir(left.parent().unwrap()).unwrap().count(),
            0,
            "layers are removed"
        );
    }
}

const TREE: &str =
    "mkdir -p d/e; echo a >a; echo b >b; echo x >d/x; echo y >d/e/y; ln -s a l; chmod 750 d";

#[test]
fn a_preview_stands_on_the_plans_of_held_calls() {
    check(TREE, &["echo new >n"], "cat n >m; rm n", &["- n", "> m < n"]);
    check(TREE, &["echo 1 >>a", "echo 2 >>a"], "echo 3 >>a", &["~ a"]);
    check(TREE, &["rm -r d"], "mkdir d; echo z >d/z; ! test -e d/x", &["+ d/", "+ d/z"]);
    check(
        TREE,
        &["rm -r d; mkdir d; echo z >d/z"],
        "test -e d/z; ! test -e d/x; ls d >n",
        &["+ n"],
    );
    check(TREE, &["rm -r d; echo f >d"], "cat d >n", &["+ n"]);
    check(TREE, &["rm a; mkdir a; echo z >a/z"], "rm -r a", &["- a/z", "- a/"]);
    check(TREE, &["mv a z; chmod 600 b"], "cat z >a; test $(stat -c %a b) = 600", &["+ a"]);
    check(
        TREE,
        &["mkdir -p n/m; echo 1 >n/m/1; ln -sfn b l"],
        "mv n/m/1 n/1; readlink l >r",
        &["- n/m/1", "> n/1 < n/m/1", "+ r"],
    );
    check(TREE, &["rm d/x"], "echo again >d/x", &["+ d/x"]);
    check(
        TREE,
        &["chmod 700 d; mkdir d/ro; echo 1 >d/ro/1; chmod 555 d/ro"],
        "ls d d/ro >n; stat -c %a d d/ro >>n",
        &["+ n"],
    );
    check(TREE, &["true"], "echo n >n", &["+ n"]);
}

#[test]
fn ground_that_moved_is_not_stood_on() {
    let world = World::with(TREE);
    let held = world.preview(&script("echo 1 >>a")).unwrap();
    std::fs::write(world.path("a"), "theirs").unwrap();
    let error = world.preview(&Invocation { over: vec![held], ..script("cat a >n") }).unwrap_err();
    assert!(error.to_string().contains("`a` is not as the held call found it"), "{error}");
}

#[test]
fn a_plan_that_stands_on_a_held_one_cannot_be_applied_before_it() {
    let world = World::with(TREE);
    let held = world.preview(&script("echo 1 >>a")).unwrap();
    let next = world.preview(&Invocation { over: vec![held], ..script("echo 2 >>a") }).unwrap();
    let error = world.apply(&next).unwrap_err();
    assert_eq!(error.kind, gate::ToolErrorKind::Stale, "{error}");
}

fn put(path: &str, mode: u32, node: Node) -> Change {
    let after = Some(FileState { mode, node });
    Change { path: path.to_owned(), before: None, after, moved_from: None }
}

fn file(path: &str) -> Change {
    let bytes = b"planted".to_vec();
    let digest = contract::digest(&bytes);
    let content = Some(Content::new(bytes, digest));
    put(path, 0o644, Node::File { size: 7, digest, content })
}

fn link(path: &str, target: &Path) -> Change {
    put(path, 0o777, Node::Link { target: target.display().to_string() })
}

/// Plans that no command leaves, but that somebody with a hand in the ledger could have put there: a link, and things
/// below it. Root followed the link and made them outside of the workspace.
#[test]
fn a_layer_is_made_below_its_own_top_only() {
    let check = |changes: &dyn Fn(&Path) -> Vec<Change>, part: &str| {
        let world = World::with("mkdir -p a; echo x >a/x");
        let outside = world.directory.path().join("outside");
        std::fs::create_dir(outside.join("a")).unwrap();
        let stands = (tree(&outside), world.tree());
        let plan = Plan {
            changes: changes(&outside),
            diff: String::new(),
            restorable: true,
            execution: None,
        };
        let at = world.commands.home.layer();
        let made = Layer::make(at.clone(), &Over::of(&[plan]), &world.root().workspace);
        let error = made.map(drop).expect_err(part).to_string();
        assert!(error.contains(part), "{error}, expected {part}");
        assert_eq!((tree(&outside), world.tree()), stands, "{part}");
        assert!(!at.exists(), "it is removed: {part}");
    };
    let is_link = "is a symbolic link, which is never followed";
    check(&|outside| vec![link("a", outside), file("a/cron")], is_link);
    check(&|outside| vec![link("a", outside), put("a/d", 0o755, Node::Directory)], is_link);
    check(&|outside| vec![link("a", outside), link("a/l", outside)], is_link);
    check(&|outside| vec![link("a", outside), file("a/a/cron")], is_link);
    let gone = |path: &str| Change { after: None, ..file(path) };
    check(&|outside| vec![link("a", outside), gone("a/x"), file("a/a/f")], is_link);
    check(&|_| vec![file("a"), file("a/b")], "`a` is no directory");
    check(&|_| vec![gone("a"), file("a/b")], "`a` is no directory");
    check(&|_| vec![file("../outside/cron")], "`../outside/cron`");
}

#[test]
fn removing_a_layer_follows_no_link() {
    let world = World::new();
    let outside = world.directory.path().join("outside");
    std::fs::set_permissions(&outside, PermissionsExt::from_mode(0o750)).unwrap();
    let at = world.commands.home.layer();
    std::os::unix::fs::symlink(&outside, &at).unwrap();
    remove(&at).unwrap_err();
    assert_eq!(std::fs::metadata(&outside).unwrap().mode() & 0o7777, 0o750);
    assert!(outside.join("secret").exists());
}
