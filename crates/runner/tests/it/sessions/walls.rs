//! A session sees what its order names, changes what it may change, and reaches the hosts that it may reach.
//! The attacks on these walls are in `escapes.rs`.

use checkrein_runner::{Access, Cause, Error, Network, Rung};

use super::{private, rungs, say, scripted, start, with_workspace, writing};
use crate::proxy::{ask, rule, server};
use crate::support::{escapes_program, on, place};

#[tokio::test]
async fn session_begins_in_an_empty_home_of_its_own() {
    for rung in rungs() {
        let script = "test \"$PWD\" = \"$HOME\" && ls -A && echo x > made && ls -A && pwd";
        let place = scripted(rung, script);
        let said = say(&place.order).await;
        let (made, home) = said.out.trim().split_once('\n').unwrap();
        assert_eq!(made, "made", "{}: {}", rung.word(), said.err);
        assert_eq!(home == "/home/agent", rung != Rung::Landlock, "{home}");
        assert!(!std::path::Path::new(home).join("made").exists(), "{home}");
    }
}

#[tokio::test]
async fn what_is_not_named_is_not_there() {
    let hidden = place();
    let secret = hidden.beside("secret").join("key");
    std::fs::write(&secret, "secret").unwrap();
    for rung in rungs() {
        let script = format!(
            "cat {}; echo $?; cat /proc/{}/environ; echo $?; env",
            secret.display(),
            std::process::id()
        );
        let said = say(&scripted(rung, &script).order).await;
        assert!(said.out.starts_with("1\n1\n"), "{}: {}", rung.word(), said.out);
        let names = said.out.lines().skip(2).filter_map(|line| line.split_once('='));
        let known = [
            "HOME", "LANG", "LOGNAME", "PATH", "SHELL", "TERM", "TMPDIR", "USER", "PWD", "SHLVL",
            "OLDPWD", "_",
        ];
        for (name, _) in names {
            assert!(known.contains(&name), "{}: {name}", rung.word());
        }
    }
}

#[tokio::test]
async fn other_processes_are_not_seen() {
    for rung in rungs().filter(|rung| *rung != Rung::Landlock) {
        let said = say(&scripted(rung, "echo /proc/[0-9]*").order).await;
        // The jail's first process and the shell.
        assert_eq!(said.out, "/proc/1 /proc/2\n", "{}", rung.word());
    }
}

#[tokio::test]
async fn what_may_be_changed_is_changed_and_what_may_be_read_is_not() {
    for rung in rungs() {
        let mut place = place();
        let (reads, writes) = (place.beside("reads"), place.beside("writes"));
        std::fs::write(reads.join("file"), "kept").unwrap();
        on(&mut place, rung);
        place.order.reads = vec![reads.clone()];
        place.order.mounts = vec![checkrein_runner::Mount {
            path: writes.clone(),
            access: checkrein_runner::MountAccess::Write,
        }];
        let (r, w) = (reads.display(), writes.display());
        private(
            &mut place,
            &format!(
                "cat {r}/file; echo new > {w}/made; mkdir {w}/dir; (echo x > {r}/file) 2>&1; rm {r}/file; touch {r}/x; exit 0"
            ),
        );
        let said = say(&place.order).await;
        assert!(said.out.starts_with("kept"), "{}: {} {}", rung.word(), said.out, said.err);
        assert_eq!(std::fs::read_to_string(writes.join("made")).unwrap(), "new\n");
        assert!(writes.join("dir").is_dir());
        assert_eq!(std::fs::read_to_string(reads.join("file")).unwrap(), "kept");
        assert_eq!(std::fs::read_dir(&reads).unwrap().count(), 1, "{}", rung.word());
    }
}

#[tokio::test]
async fn named_workspace_is_the_real_one() {
    for rung in rungs() {
        for (access, code) in [(Access::Direct, 0), (Access::Read, 1)] {
            let mut place = place();
            place.write("file", "old");
            std::fs::create_dir(place.order.workspace.join("sub")).unwrap();
            on(&mut place, rung);
            private(&mut place, "cat ../file && (echo new > ../file) && exit 0; exit 1");
            with_workspace(&mut place, access.clone());
            place.order.directory = "sub".into();
            let said = say(&place.order).await;
            assert_eq!(said.end.cause, Cause::Exited(code), "{} {access:?}", said.err);
            assert_eq!(said.out, "old");
            let file = std::fs::read_to_string(place.order.workspace.join("file")).unwrap();
            assert_eq!(file == "new\n", code == 0, "{file}");
        }
    }
}

/// Whoever runs as root gives away no right that the order does not need.
#[tokio::test]
async fn user_is_the_owner_of_what_may_be_changed_or_nobody() {
    let me = std::os::unix::fs::MetadataExt::uid(&std::fs::metadata("/proc/self").unwrap());
    // In a container of a single user there is nobody else.
    let alone = std::fs::read_to_string("/proc/self/uid_map").unwrap().trim().ends_with(" 1");
    let nobody = if me == 0 && !alone { 65_534 } else { me };
    for rung in rungs() {
        let said = say(&scripted(rung, "id -u").order).await;
        assert_eq!(said.out, format!("{nobody}\n"), "{}", rung.word());
        let (place, beside) = writing(rung, |_| "id -u".into());
        let owner = std::os::unix::fs::MetadataExt::uid(&std::fs::metadata(beside).unwrap());
        assert_eq!(say(&place.order).await.out, format!("{owner}\n"), "{}", rung.word());
    }
}

#[tokio::test]
async fn accesses_with_a_layer_are_for_commands_and_the_private_one_for_sessions() {
    for access in [Access::Overlay { layers: Vec::new() }, Access::Copy] {
        let mut place = scripted(Rung::Overlay, "true");
        with_workspace(&mut place, access);
        let error = start(&place.order).await.unwrap_err();
        assert!(error.to_string().contains("for sessions"), "{error}");
    }
    let mut place = scripted(Rung::Overlay, "true");
    let error = crate::support::jailer().run(place.order.clone(), None).await.unwrap_err();
    assert!(error.to_string().contains("for commands"), "{error}");
    with_workspace(&mut place, Access::Private);
    let error = start(&place.order).await.unwrap_err();
    assert!(error.to_string().contains("no workspace"), "{error}");
}

#[tokio::test]
async fn hosts_are_reached_through_the_proxy_or_refused() {
    let port = server().await.port();
    for rung in rungs() {
        let tunnel = ask(&format!("CONNECT localhost:{port} HTTP/1.1||hello"));
        let other = ask(&format!("CONNECT example.com:{port} HTTP/1.1||"));
        let variables = "$HTTP_PROXY $https_proxy $NO_PROXY $NODE_USE_ENV_PROXY";
        let mut place = scripted(rung, &format!("{tunnel}; {other}; echo {variables}"));
        place.order.reads = vec![escapes_program()];
        place.order.network = Network::Hosts(vec![rule("localhost", port, true)]);
        if rung == Rung::Landlock {
            let error = start(&place.order).await.unwrap_err();
            assert!(matches!(error, Error::Order { .. }), "{error}");
            assert!(error.to_string().contains("named hosts"), "{error}");
            continue;
        }
        let said = say(&place.order).await;
        assert!(said.out.contains("200 Connection") && said.out.contains("hello"), "{}", said.out);
        assert_eq!(said.out.matches("403 Forbidden").count(), 1, "{}", said.out);
        let variables = "http://127.0.0.1:3128 http://127.0.0.1:3128 localhost,127.0.0.1,::1 1\n";
        assert!(said.out.ends_with(variables), "{}", said.out);
        let hosts: Vec<(&str, bool)> =
            said.end.network.iter().map(|one| (one.host.as_str(), one.reached)).collect();
        assert_eq!(hosts, [("localhost", true), ("example.com", false)]);
    }
}

#[tokio::test]
async fn private_address_needs_a_rule_that_says_so() {
    let port = server().await.port();
    for rung in rungs().filter(|rung| *rung != Rung::Landlock) {
        let mut place = scripted(rung, &ask(&format!("CONNECT localhost:{port} HTTP/1.1||")));
        place.order.reads = vec![escapes_program()];
        place.order.network = Network::Hosts(vec![rule("localhost", port, false)]);
        let said = say(&place.order).await;
        assert!(said.out.contains("403 Forbidden"), "{}", said.out);
        assert!(!said.end.network[0].reached);
    }
}
