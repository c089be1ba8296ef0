//! A remote behind http, with a credential, through the proxy of the jail: what an operator has, but for the encryption.
//!
//! The other side is git's own `git http-backend` behind `server`. A push and a fetch go there as the contracts say them.
//! Where git comes without its backend these tests fail and say so: nothing else shows that a credential arrives.

mod server;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::{Contact, HostPort};

use self::server::Server;
use super::super::super::place::Mode;
use super::*;

const TOKEN: &str = "tok3n-of-the-operator";

/// What must stand nowhere: the token, and how it travels.
fn secrets() -> [String; 2] {
    [TOKEN.to_owned(), STANDARD.encode(format!("x-access-token:{TOKEN}"))]
}

fn assert_absent(bytes: &[u8], wherever: &str) {
    for secret in secrets() {
        let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert!(!found, "the credential stands in {wherever}");
    }
}

/// A repository, a bare one that is served, and the file with the credential.
fn served() -> (World, Server) {
    let world = World::with(REPOSITORY);
    let directory = world.directory.path();
    let bare = directory.join("served/x.git").display().to_string();
    std::fs::create_dir(directory.join("served")).unwrap();
    bare_git(&world, &format!("git init -q --bare -b main '{bare}'"));
    let token = directory.join("token");
    std::fs::write(&token, format!("{TOKEN}\n")).unwrap();
    std::fs::set_permissions(token, PermissionsExt::from_mode(0o600)).unwrap();
    let [_, pair] = secrets();
    let server = Server::start(&directory.join("served"), format!("Basic {pair}"));
    (world, server)
}

fn push(world: &World, url: &str, named: &str) -> Invocation {
    let words = ["push", "--porcelain", "--", url, "HEAD:refs/heads/agent/x"];
    remote(world, &words, named)
}

fn tried(host: &str, port: u16, refused: Option<&str>) -> Contact {
    Contact { host: host.to_owned(), port, refused: refused.map(str::to_owned) }
}

/// Everything that a reply shows, and everything in the workspace.
fn assert_nowhere(world: &World, reply: &Reply) {
    assert_absent(reply.output.to_string().as_bytes(), "the output");
    assert_absent(format!("{:?}", reply.effects).as_bytes(), "the effects");
    for (path, (_, content)) in world.tree() {
        assert_absent(path.as_bytes(), "a path");
        assert_absent(&content, &format!("`{path}`"));
    }
}

#[test]
fn a_push_and_a_fetch_go_to_the_named_address_with_the_credential() {
    let (world, server) = served();
    let url = server.url();
    let reply = world.live(&push(&world, &url, &url)).unwrap();
    assert_eq!(output(&reply, "exit_code"), 0, "{reply:?}");
    assert_eq!(output(&reply, "network"), &json!([{ "host": "127.0.0.1", "port": server.port() }]));
    let effect = format!("network:127.0.0.1:{}", server.port());
    assert!(reply.effects.iter().any(|one| one.resource.as_str() == effect), "{reply:?}");
    assert_nowhere(&world, &reply);
    let sent = bare_git(&world, "git -C ../served/x.git rev-parse agent/x");
    assert_eq!(sent, bare_git(&world, "git rev-parse HEAD"));
    let asked = server.asked();
    assert!(asked.iter().any(|one| one.path.ends_with("/git-receive-pack")), "{asked:?}");
    assert!(asked.iter().all(|one| one.known), "each request had the credential: {asked:?}");

    // Somebody else's commit comes back.
    bare_git(
        &world,
        "git clone -q -b agent/x ../served/x.git ../theirs; cd ../theirs; \
         git -c user.name=O -c user.email=o@example.com commit -q --allow-empty -m theirs; git push -q",
    );
    let words =
        ["fetch", "--no-tags", "--", &url, "refs/heads/agent/x:refs/remotes/origin/agent/x"];
    let reply = world.live(&remote(&world, &words, &url)).unwrap();
    assert_eq!(output(&reply, "exit_code"), 0, "{reply:?}");
    assert_nowhere(&world, &reply);
    let fetched = bare_git(&world, "git rev-parse origin/agent/x");
    assert_eq!(fetched, bare_git(&world, "git -C ../theirs rev-parse HEAD"));
    assert_ne!(fetched, sent);
}

#[test]
fn the_plan_of_a_fetch_does_not_hold_the_credential() {
    let (world, server) = served();
    bare_git(&world, "git push -q ../served/x.git HEAD:refs/heads/agent/x");
    let url = server.url();
    let words = ["fetch", "--no-tags", "--", &url, "refs/heads/agent/x:refs/remotes/origin/x"];
    let invocation = remote(&world, &words, &url);
    let (plan, reported) = wait(async {
        let (attempt, root) = (attempt(&invocation, TIMEOUT), world.root());
        let ran = world.commands.run(&attempt, &root, Mode::Live).await.unwrap();
        let reported = format!("{ran:?}");
        (world.commands.changes(&root, ran).await.unwrap(), reported)
    });
    assert_absent(reported.as_bytes(), "what the jail reported");
    assert_absent(format!("{plan:?}").as_bytes(), "the plan");
    let states = plan.changes.iter().flat_map(|change| [&change.before, &change.after]);
    let mut contents = 0;
    for state in states.flatten() {
        if let Node::File { content: Some(content), .. } = &state.node {
            contents += 1;
            assert_absent(content.bytes(), "the plan's contents");
        }
    }
    assert!(contents > 0, "the plan of a fetch has contents: {:?}", lines(&plan));
}

/// The server holds the push back while another call looks at everything that it can see.
#[test]
fn another_call_does_not_see_the_credential_of_a_push_under_way() {
    let (world, server) = served();
    let url = server.url();
    let (arrived, go) = server.hold_back();
    let pushing = push(&world, &url, &url);
    let looking = script(
        "for f in /proc/[0-9]*/cmdline /proc/[0-9]*/environ; do echo \"$f\"; tr '\\0' '\\n' <\"$f\" || true; done; \
         grep -r tok3n \"$PWD/..\" /tmp /home /run /dev/shm 2>/dev/null || true",
    );
    let (pushed, (seen, words)) = wait(async {
        let (pushing, looking) = (attempt(&pushing, TIMEOUT), attempt(&looking, TIMEOUT));
        tokio::join!(world.commands.without_plan(&pushing), async {
            let arrived = tokio::time::timeout(TIMEOUT / 2, arrived).await;
            arrived.expect("the push comes to the server").unwrap();
            let seen = world.commands.answer(&looking).await;
            let words = command_lines();
            go.send(()).expect("the server waits");
            (seen, words)
        })
    });
    let pushed = pushed.unwrap();
    assert_eq!(output(&pushed, "exit_code"), 0, "{pushed:?}");
    let seen = seen.unwrap().output.to_string();
    assert!(seen.contains("HOME=/home/agent"), "it sees its own variables: {seen}");
    assert_absent(seen.as_bytes(), "what another call sees");
    // Command lines are for every user of the machine to read; variables are not.
    let git = words.iter().find(|line| contains(line, url.as_bytes()) && contains(line, b"push"));
    assert!(git.is_some(), "the push was under way");
    words.iter().for_each(|line| assert_absent(line, "a command line of the machine"));
}

fn contains(line: &[u8], part: &[u8]) -> bool {
    line.windows(part.len()).any(|window| window == part)
}

fn command_lines() -> Vec<Vec<u8>> {
    let all = std::fs::read_dir("/proc").unwrap().flatten();
    all.filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok()).collect()
}

#[test]
fn another_host_or_port_is_refused_and_recorded() {
    let (world, server) = served();
    let (_, other) = served();
    let url = server.url();
    let check = |target: &str, hosts: &[HostPort], expect: Contact| {
        let mut invocation = push(&world, target, &url);
        invocation.command.as_mut().unwrap().needs.hosts = hosts.to_vec();
        let reply = world.live(&invocation).unwrap();
        assert_ne!(output(&reply, "exit_code"), 0, "{target}: {reply:?}");
        let (host, port) = (&expect.host, expect.port);
        let refused = json!([{ "host": host, "port": port, "refused": expect.refused }]);
        assert_eq!(output(&reply, "network"), &refused, "{target}");
        let effect = format!("network:{host}:{port}");
        assert!(reply.effects.iter().any(|one| one.resource.as_str() == effect), "{reply:?}");
        assert_nowhere(&world, &reply);
    };
    let elsewhere = "http://elsewhere.invalid/x.git";
    check(elsewhere, &[], tried("elsewhere.invalid", 80, Some("the host is not allowed")));
    let port = other.port();
    check(&other.url(), &[], tried("127.0.0.1", port, Some("the port is not allowed")));
    // The contract names it, but only the operator's remote may lead into this machine.
    let named = HostPort { host: "127.0.0.1".to_owned(), port };
    let private = "127.0.0.1 is private to this machine or network";
    check(&other.url(), &[named], tried("127.0.0.1", port, Some(private)));
    assert!(server.asked().is_empty() && other.asked().is_empty());
}

#[test]
fn a_wrong_credential_ends_in_an_error_that_does_not_show_it() {
    let (world, server) = served();
    std::fs::write(world.directory.path().join("token"), format!("{TOKEN}-old")).unwrap();
    let reply = world.live(&push(&world, &server.url(), &server.url())).unwrap();
    assert_ne!(output(&reply, "exit_code"), 0, "{reply:?}");
    assert_nowhere(&world, &reply);
    let asked = server.asked();
    assert!(!asked.is_empty() && asked.iter().all(|one| !one.known), "{asked:?}");
    assert_eq!(bare_git(&world, "git -C ../served/x.git branch"), "");
}

/// Git sends what is longer than its buffer (a megabyte, unless told) in pieces without a length, which the proxy does not
/// carry.
#[test]
fn a_push_of_several_megabytes_arrives() {
    let (world, server) = served();
    direct(&world.path(""), "head -c 5000000 /dev/urandom >big");
    bare_git(&world, "git add big; git -c commit.gpgsign=false commit -q -m big");
    let reply = world.live(&push(&world, &server.url(), &server.url())).unwrap();
    assert_eq!(output(&reply, "exit_code"), 0, "{reply:?}");
    let sent = bare_git(&world, "git -C ../served/x.git rev-parse agent/x");
    assert_eq!(sent, bare_git(&world, "git rev-parse HEAD"));
}
