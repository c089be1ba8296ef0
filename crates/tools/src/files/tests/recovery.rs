//! Recovery from each state that a crash can leave, made by hand: which way it goes and what it says.
//!
//! A row gives five paths as before, after or other, and expects the outcome and the five states afterwards,
//! with no temporary file left. Kills of a real process in the middle of an act are in `crash`.

use serde_json::json;

use super::super::apply::Work;
use super::*;

/// A plan of five replacements, `f0` to `f4` from `before` to `after`.
fn five(world: &World) -> Plan {
    let mut plan = Plan { restorable: true, ..Plan::default() };
    for index in 0..5 {
        let arguments = json!({"path": format!("f{index}"), "content": "after"});
        plan.changes.extend(world.preview("files.write", arguments).unwrap().changes);
    }
    plan
}

fn unfinished(plan: &Plan) -> Unfinished {
    let invocation = invocation("files.write", json!({"path": "f4", "content": "after"}));
    Unfinished { invocation, plan: Some(plan.clone()) }
}

/// Puts the five files into states (`b`efore, `a`fter, `o`ther) and expects the outcome and the states afterwards.
fn check(states: &str, outcome: &str, afterwards: &str) {
    let things: Vec<(String, &str)> = (0..5).map(|index| (format!("f{index}"), "before")).collect();
    let things: Vec<(&str, &str)> =
        things.iter().map(|(path, text)| (path.as_str(), *text)).collect();
    let world = World::with(&things);
    let plan = five(&world);
    let text = |state| match state {
        'b' => "before",
        'a' => "after",
        _ => "other",
    };
    for (index, state) in states.chars().enumerate() {
        world.put(&format!("f{index}"), text(state));
    }
    world.put(&temporary(&world, &plan, 0, "-new"), "half writ");
    for (index, state) in states.chars().enumerate() {
        // What a crash leaves: displaced originals of what is done, staged contents of the rest.
        let left = if state == 'a' { "before" } else { "after" };
        world.put(&temporary(&world, &plan, index, ""), left);
    }
    let recovered = recover(&world.workspace, &unfinished(&plan));
    assert_eq!(in_short(&recovered), outcome, "{states}: {recovered:?}");
    let tree = world.tree();
    assert_eq!(tree.len(), 5, "no leftovers: {tree:?}");
    for (index, state) in afterwards.chars().enumerate() {
        assert_eq!(tree[&format!("f{index}")].1, text(state), "{states}: f{index}");
    }
}

fn temporary(world: &World, plan: &Plan, index: usize, more: &str) -> String {
    let call = unfinished(plan).invocation.call;
    let work = Work::new(&world.workspace, call, plan);
    format!("{}{more}", work.temporary(index, &plan.changes[index].path).path)
}

fn in_short(recovered: &Recovered) -> &'static str {
    match recovered {
        Recovered::Happened(_) => "happened",
        Recovered::DidNotHappen { .. } => "did not happen",
        Recovered::Partly { .. } => "partly",
        Recovered::Unknown { .. } => "unknown",
    }
}

#[test]
fn a_mixed_state_is_finished_and_what_others_changed_is_left_alone() {
    check("bbbbb", "did not happen", "bbbbb");
    check("aaaaa", "happened", "aaaaa");
    check("aabbb", "happened", "aaaaa");
    check("abbbb", "happened", "aaaaa");
    // Somebody changed a file that had not been reached: the rest is reverted.
    check("aabob", "did not happen", "bbbob");
    check("bbobb", "did not happen", "bbobb");
    // Somebody changed a file after it was done: the rest is finished, and it is said.
    check("aoabb", "partly", "aoaaa");
    check("aaoaa", "partly", "aaoaa");
    // Nobody can tell which it was.
    check("aaobb", "partly", "bbobb");
    check("obbbb", "partly", "obbbb");
}

#[test]
fn a_displaced_file_of_somebody_else_is_put_back() {
    // The crash came after the exchange and before the look at what it displaced.
    let world = World::with(&[("f", "before")]);
    let plan = world.preview("files.write", json!({"path": "f", "content": "after"})).unwrap();
    world.put("f", "after");
    world.put(&temporary(&world, &plan, 0, ""), "theirs");
    let recovered = recover(&world.workspace, &unfinished(&plan));
    assert_eq!(in_short(&recovered), "partly", "{recovered:?}");
    assert_eq!(world.tree(), Tree::from([("f".into(), (0o644, "theirs".into()))]));
}

#[test]
fn an_act_whose_original_was_not_kept_is_finished() {
    let world = World::with(&[("d/a", "a")]);
    let large = domain::limits::FILE_BYTES_MAX + 1;
    fs::File::create(world.path("d/large")).unwrap().set_len(large).unwrap();
    let arguments = json!({"path": "d", "recursive": true});
    let plan = world.preview("files.delete", arguments.clone()).unwrap();
    assert_eq!(plan.changes[0].path, "d/large");
    fs::rename(world.path("d/large"), world.path(&temporary(&world, &plan, 0, ""))).unwrap();
    let invocation = invocation("files.delete", arguments);
    let recovered = recover(&world.workspace, &Unfinished { invocation, plan: Some(plan) });
    assert_eq!(in_short(&recovered), "happened", "{recovered:?}");
    assert_eq!(world.tree(), Tree::new());
}

#[test]
fn a_content_that_was_damaged_in_the_store_is_not_written() {
    let world = World::with(&[("f", "before")]);
    let mut plan = world.preview("files.write", json!({"path": "f", "content": "after"})).unwrap();
    if let Some(state) = plan.changes[0].after.as_mut()
        && let domain::Node::File { digest, content, .. } = &mut state.node
    {
        *content = Some(domain::Content::new(b"afteR".as_slice(), *digest));
    }
    let error =
        world.act("files.write", json!({"path": "f", "content": "after"}), &plan).unwrap_err();
    assert!(error.message.contains("damaged"), "{error}");
    assert_eq!(world.tree()["f"].1, "before");
}

#[test]
fn a_call_without_a_plan_did_not_happen() {
    let world = World::new();
    let invocation = invocation("files.write", json!({"path": "f", "content": "x"}));
    let recovered = recover(&world.workspace, &Unfinished { invocation, plan: None });
    assert_eq!(in_short(&recovered), "did not happen");
}
