//! What the command sees: the workspace under its own name, what the order names, and nothing else.
//! Each test looks from inside, by a shell in the jail.

use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::PathBuf;

use checkrein_runner::{Access, Cache, Cover, Error, Mount, MountAccess};

use crate::support::{assert_code, err, list, listing, out, place, through};

#[tokio::test]
async fn root_holds_only_what_is_named() {
    let place = place();
    let finished = place
        .shell("ls -A / /home /root /etc/shadow /sys /var /dev 2>&1; hostname; echo $HOME")
        .await;
    let said = out(&finished);
    for absent in [
        "old_root",
        "boot",
        "root\n",
        "sys\n",
        ".jail",
        "lost+found",
        "/root:",
        "/sys:",
        "kmsg",
        "tty",
    ] {
        assert!(!said.contains(&format!("\n{absent}")), "{absent} in {said}");
    }
    assert!(said.ends_with("jail\n/home/agent\n"), "{said}");
    assert!(
        said.contains("/dev:\nfd\nfull\nnull\nrandom\nshm\nstderr\nstdin\nstdout\nurandom\nzero\n"),
        "{said}"
    );
}

#[tokio::test]
async fn neighbours_of_the_workspace_do_not_exist() {
    let place = place();
    fs::write(place.beside("secret").join("key"), "secret").unwrap();
    let finished = place.shell("ls -A ..; cat ../secret/key").await;
    assert_eq!(out(&finished), "workspace\n");
    assert!(err(&finished).contains("No such file"), "{}", err(&finished));
}

#[tokio::test]
async fn links_that_lead_out_of_the_workspace_lead_nowhere() {
    let place = place();
    let secret = place.beside("secret");
    fs::write(secret.join("key"), "secret").unwrap();
    symlink(&secret, place.order.workspace.join("out")).unwrap();
    let finished = place.shell("cat out/key; echo x > out/made; mkdir -p out/a; echo $?").await;
    assert_eq!(out(&finished), "1\n");
    assert_eq!(fs::read_dir(&secret).unwrap().count(), 1);
}

#[tokio::test]
async fn command_starts_in_its_directory_below_the_workspace() {
    let mut place = place();
    place.write("a/b/file", "x");
    place.order.directory = "a/b".into();
    let finished = place.shell("pwd; ls").await;
    assert_eq!(out(&finished), format!("{}/a/b\nfile\n", place.order.workspace.display()));
    symlink("/etc", place.order.workspace.join("link")).unwrap();
    place.order.directory = "link".into();
    assert!(matches!(place.try_shell("pwd").await, Err(Error::Order { .. })));
    place.order.directory = "missing".into();
    assert!(matches!(place.try_shell("pwd").await, Err(Error::Order { .. })));
}

#[tokio::test]
async fn environment_is_made_and_not_inherited() {
    let mut place = place();
    place.order.environment =
        vec![("PATH".into(), "/usr/bin:/bin".into()), ("A".into(), "b c".into())];
    let mut order = place.order.clone();
    order.program = "env".into();
    let finished = crate::support::jailer().run(order, None).await.unwrap();
    let mut lines: Vec<String> = out(&finished).lines().map(str::to_owned).collect();
    lines.sort();
    let expect = [
        "A=b c",
        "HOME=/home/agent",
        "LANG=C.UTF-8",
        "LOGNAME=agent",
        "PATH=/usr/bin:/bin",
        "SHELL=/bin/sh",
        "TERM=dumb",
        "USER=agent",
    ];
    assert_eq!(lines, expect);
}

#[tokio::test]
async fn programs_that_are_missing_are_the_callers_error() {
    let mut place = place();
    place.order.program = "no-such-program".into();
    let error = crate::support::jailer().run(place.order.clone(), None).await.unwrap_err();
    assert!(matches!(error, Error::Program { .. }), "{error}");
    assert_eq!(
        error.to_string(),
        "`no-such-program` cannot be started in the jail: No such file or directory (os error 2)"
    );
}

#[tokio::test]
async fn standard_input_is_empty() {
    let place = place();
    assert_eq!(out(&place.shell("cat; echo end").await), "end\n");
}

#[tokio::test]
async fn paths_to_read_are_shown_and_cannot_be_changed() {
    let mut place = place();
    let tools = place.beside("tools");
    fs::write(tools.join("tool"), "text").unwrap();
    place.order.reads = vec![tools.clone()];
    let script = format!(
        "cat {0}/tool; echo x > {0}/tool || echo kept; touch {0}/new || echo none",
        tools.display()
    );
    assert_eq!(out(&place.shell(&script).await), "textkept\nnone\n");
}

#[tokio::test]
async fn caches_outlive_commands_and_are_not_part_of_the_upper_layer() {
    let mut place = place();
    let kept = place.beside("cache");
    let inside = PathBuf::from("/home/agent/.cache/tool");
    place.order.caches = vec![Cache { inside, outside: kept.clone() }];
    let first = place.shell("echo kept > ~/.cache/tool/file; ls ..").await;
    assert_eq!(listing(&first.upper), list(&[]));
    assert_eq!(out(&place.shell("cat ~/.cache/tool/file").await), "kept\n");
    assert_eq!(fs::read_to_string(kept.join("file")).unwrap(), "kept\n");
}

#[tokio::test]
async fn cache_inside_the_workspace_leaves_no_trace_in_the_upper_layer() {
    let mut place = place();
    place.write("file", "x");
    let inside = place.order.workspace.join("node_modules/.cache");
    place.order.caches = vec![Cache { inside, outside: place.beside("cache") }];
    let finished = place
        .shell("echo kept > node_modules/.cache/file && echo other > node_modules/other")
        .await;
    assert_code(&finished, 0);
    let expect = [("node_modules", "dir"), ("node_modules/other", "other\n")];
    assert_eq!(listing(&finished.upper), list(&expect));
}

/// While the jail is built the old root is still there; a link in the workspace must not lead a mount into it.
#[tokio::test]
async fn links_do_not_lead_mounts_elsewhere() {
    let mut place = place();
    let target = place.beside("target");
    for link in [format!("/.jail/old{}", target.display()), target.display().to_string()] {
        let at = place.order.workspace.join("link");
        let _first = fs::remove_file(&at);
        symlink(link, &at).unwrap();
        place.order.caches =
            vec![Cache { inside: at.join("made"), outside: place.beside("cache") }];
        assert!(matches!(place.try_shell("true").await, Err(Error::Setup { .. })));
        place.order.caches.clear();
        place.order.covers = vec![Cover { path: "link/made".into(), content: Vec::new() }];
        assert!(matches!(place.try_shell("true").await, Err(Error::Setup { .. })));
        place.order.covers.clear();
    }
    assert_eq!(fs::read_dir(&target).unwrap().count(), 0);
}

#[tokio::test]
async fn covers_show_something_else_and_cannot_be_changed() {
    let mut place = place();
    place.write(".git/config", "[core]\nfsmonitor = evil\n");
    place.write(".git/hooks/pre-commit", "evil");
    place.order.covers = vec![
        Cover { path: ".git/config".into(), content: b"clean\n".into() },
        Cover { path: ".git/hooks".into(), content: Vec::new() },
        Cover { path: "not/there".into(), content: Vec::new() },
    ];
    let script = "cat .git/config; ls -A .git/hooks; echo x > .git/config || echo kept; touch .git/hooks/x || echo empty;
        rm -rf .git 2>/dev/null; ls -A .git";
    let finished = place.shell(script).await;
    assert_eq!(out(&finished), "clean\nkept\nempty\nconfig\nhooks\n");
    assert_eq!(listing(&finished.upper), list(&[]));
}

#[tokio::test]
async fn mounts_can_be_read_or_changed_as_they_say() {
    let mut place = place();
    let (read, write) = (place.beside("read"), place.beside("write"));
    place.order.mounts = vec![
        Mount { path: read.clone(), access: MountAccess::Read },
        Mount { path: write.clone(), access: MountAccess::Write },
    ];
    let script = format!("echo x > {}/a; echo x > {}/a", read.display(), write.display());
    place.shell(&script).await;
    assert!(!read.join("a").exists());
    assert_eq!(fs::read_to_string(write.join("a")).unwrap(), "x\n");
}

#[tokio::test]
async fn layers_of_earlier_commands_lie_between() {
    let mut place = place();
    place.write("a", "workspace");
    place.write("b", "workspace");
    place.write("d/inner", "workspace");
    let first = place.shell("echo first > a; echo first > c; rm b; rm -r d; mkdir d").await;
    // What stands in memory is kept as a directory, as a plan that was held would be.
    let copy = place.beside("layer");
    let from = through(&first.upper.as_ref().unwrap().directory);
    let copied = std::process::Command::new("cp").arg("-a").arg(from.join(".")).arg(&copy).status();
    assert!(copied.unwrap().success());
    place.order.access = Access::Overlay { layers: vec![copy] };
    let second = place.shell("cat a c; ls; ls d; echo second > a; rm c").await;
    assert_eq!(out(&second), "first\nfirst\na\nc\nd\n");
    assert_eq!(listing(&second.upper), list(&[("a", "second\n"), ("c", "gone")]));
}

#[tokio::test]
async fn owner_of_the_workspace_is_who_runs() {
    let place = place();
    let owner = fs::metadata(&place.order.workspace).unwrap();
    let finished = place.shell("id -u; id -g; touch made; stat -c %u:%g made").await;
    let (user, group) = (owner.uid(), owner.gid());
    assert_eq!(out(&finished), format!("{user}\n{group}\n{user}:{group}\n"));
    if user != 0 {
        return;
    }
    // Under root, a workspace of somebody else makes the command somebody else.
    std::os::unix::fs::chown(&place.order.workspace, Some(4321), Some(1234)).unwrap();
    let finished = place.shell("id -u; id -g; id -G; touch made && stat -c %u:%g made").await;
    assert_eq!(out(&finished), "4321\n1234\n1234\n4321:1234\n", "{}", err(&finished));
}

#[tokio::test]
async fn loopback_is_there_and_nothing_else() {
    let place = place();
    let finished = place.shell("cat /proc/net/dev | tail -n +3 | cut -d: -f1 | tr -d ' '; cat /proc/net/route | tail -n +2").await;
    assert_eq!(out(&finished), "lo\n");
}

#[tokio::test]
async fn view_of_processes_shows_only_the_jails_own() {
    let place = place();
    let script = "cat /proc/keys /proc/kallsyms /proc/timer_list 2>/dev/null | wc -c; \
        set -- /proc/[0-9]*; echo $#; echo x 2>/dev/null > /proc/sys/kernel/domainname || echo kept";
    // The jail's first process and the shell: counted by the shell itself, so that nothing else is being started.
    assert_eq!(out(&place.shell(script).await), "0\n2\nkept\n");
}
