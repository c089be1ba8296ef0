//! What commands do on the lower rungs, said honestly: a copy, Landlock alone, nothing.
//!
//! That a rung holds what it claims is tested in `runner`; here it is what a call does on it and what it is told.

use super::*;

#[test]
fn a_copy_gives_the_same_plan() {
    let text = "mkdir -p d/e; echo a >a; echo x >d/x; echo y >d/e/y; ln -s a l; touch -d 2001-01-01 a; mkfifo d/p";
    let world = World::on(Rung::Copy);
    direct(&world.path(""), text);
    let change =
        "printf 'b\\n' >a; touch -d 2001-01-01 a; rm d/x; mv d/e f; ln -sfn b l; chmod 700 d";
    let plan = world.preview(&script(change)).unwrap();
    let expect = ["- d/x", "- d/e/y", "- d/e/", "+ f/", "> f/y < d/e/y", "~ a", "m d 0700", "~ l"];
    assert_eq!(lines(&plan), expect);
    assert_eq!(plan.execution.unwrap().rung, domain::Rung::Copy);
    let plan = world.preview(&script("cat a d/x >/dev/null")).unwrap();
    assert_eq!(lines(&plan), [""; 0]);
    let error = world.preview(&Invocation { over: vec![plan], ..script("true") }).unwrap_err();
    assert_eq!(error.not_executed().kind, gate::ToolErrorKind::NoPreview);
}

#[test]
fn without_namespaces_there_is_no_preview_and_an_approved_call_runs_on_the_workspace_itself() {
    // Root's own files are not held without namespaces.
    let world = World::on(Rung::Landlock).given_away();
    direct(&world.path(""), "echo a >a");
    let error = world.preview(&script("echo b >a")).unwrap_err().not_executed();
    assert_eq!(error.kind, gate::ToolErrorKind::NoPreview, "{error}");
    assert_eq!(std::fs::read(world.path("a")).unwrap(), b"a\n");
    let secret = world.directory.path().join("outside/secret");
    let text = format!("echo b >a; ! cat {}; ! echo x >{}", secret.display(), secret.display());
    let reply = world.live(&script(&text)).unwrap();
    assert_eq!(output(&reply, "exit_code"), 0, "{reply:?}");
    assert_eq!(output(&reply, "jail"), "landlock");
    assert_eq!(std::fs::read(world.path("a")).unwrap(), b"b\n");
    assert_eq!(std::fs::read(secret).unwrap(), b"secret");
    let error = world.live(&script("echo c >a; kill -KILL $$")).unwrap_err();
    assert_eq!(error.executed, domain::Executed::Unknown, "{error}");
    let mut reaching = line("true", &[]);
    reaching.needs.hosts = vec![domain::HostPort { host: "example.com".to_owned(), port: 443 }];
    let error = world.live(&call(reaching)).unwrap_err();
    assert_eq!((error.kind, error.executed), (gate::ToolErrorKind::Missing, domain::Executed::No));
}

#[test]
fn a_read_cannot_change_the_workspace_on_any_rung() {
    for rung in [Rung::Overlay, Rung::Copy, Rung::Landlock] {
        let world = World::on(rung).given_away();
        direct(&world.path(""), "echo a >a; mkdir d");
        let stands = world.tree();
        let reply =
            world.read(&script("cat a; ! echo b >a; ! rm a; ! mkdir d/x; ! chmod 777 a")).unwrap();
        assert_eq!(
            (output(&reply, "exit_code"), output(&reply, "stdout")),
            (&json!(0), &json!("a\n")),
            "{reply:?}"
        );
        assert_eq!(world.tree(), stands, "{rung:?}");
        assert!(reply.effects.is_empty());
    }
}

#[test]
fn where_nothing_can_be_kept_apart_nothing_runs() {
    let world = World::on(Rung::Refuse);
    let invocation = script("echo n >n");
    let errors = [
        world.preview(&invocation).unwrap_err().not_executed(),
        world.read(&invocation).unwrap_err().not_executed(),
        world.live(&invocation).unwrap_err(),
    ];
    for error in errors {
        assert_eq!(
            (error.kind, error.executed),
            (gate::ToolErrorKind::Missing, domain::Executed::No),
            "{error}"
        );
    }
    assert_eq!(world.tree(), Tree::new());
}

#[test]
fn a_changing_command_without_plan_or_host_does_not_run_where_it_could_be_previewed() {
    let world = World::new();
    let error = world.live(&script("echo n >n")).unwrap_err();
    assert_eq!(error.executed, domain::Executed::No, "{error}");
    assert_eq!(world.tree(), Tree::new());
}

#[test]
fn a_program_that_is_not_there_is_named() {
    let world = World::new();
    let error = world.preview(&call(line("no-such-program", &[]))).unwrap_err().not_executed();
    assert_eq!(
        (error.kind, error.own_code.as_deref()),
        (gate::ToolErrorKind::Impossible, Some("not_found"))
    );
    assert!(error.message.contains("`no-such-program`"), "{error}");
}
