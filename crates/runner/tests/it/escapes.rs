//! Every attack of the corpus, refused on every rung that claims it, for every user.
//! The attacks are in `src/bin/escapes.rs`; `rungs.rs` runs these tests again as an ordinary user and without namespaces.

use std::net::{TcpListener, UdpSocket};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::process::Command;

use checkrein_runner::{Access, Cache, Cause, Ended, Mount, MountAccess, Order, Rung};

use crate::sessions;
use crate::support::{Place, err, escapes_program, on, out, payload, place};

/// What stands outside, ready to be reached.
struct Outside {
    place: Place,
    secret: String,
    unix: String,
    name: String,
    tcp: TcpListener,
    udp: UdpSocket,
    _unix: UnixListener,
    _abstract: UnixListener,
}

impl Outside {
    fn new() -> Self {
        let place = place();
        let beside = place.beside("outside");
        let secret = beside.join("key").to_str().unwrap().to_owned();
        std::fs::write(&secret, "secret").unwrap();
        let unix = beside.join("socket").to_str().unwrap().to_owned();
        let name = format!("checkrein-escape-{}-{}", std::process::id(), beside.display());
        let address = SocketAddr::from_abstract_name(&name).unwrap();
        let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
        let answering = udp.try_clone().unwrap();
        std::thread::spawn(move || {
            let mut byte = [0];
            while let Ok((_, from)) = answering.recv_from(&mut byte) {
                let _gone = answering.send_to(b"!", from);
            }
        });
        Self {
            secret,
            name,
            tcp: TcpListener::bind("127.0.0.1:0").unwrap(),
            udp,
            _unix: UnixListener::bind(&unix).unwrap(),
            _abstract: UnixListener::bind_addr(&address).unwrap(),
            unix,
            place,
        }
    }

    /// Attacks that every rung refuses.
    fn everywhere(&self) -> Vec<(&'static str, String)> {
        let mut all: Vec<(&'static str, String)> =
            CALLS.iter().map(|name| (*name, String::new())).collect();
        let me = std::process::id().to_string();
        let workspace = self.place.order.workspace.to_str().unwrap().to_owned();
        let beside = self.place.beside("outside").to_str().unwrap().to_owned();
        let tcp = self.tcp.local_addr().unwrap().to_string();
        let udp = self.udp.local_addr().unwrap().to_string();
        all.extend([
            ("umount", workspace.clone()),
            ("device-memory", workspace.clone()),
            ("device-disk", workspace),
            ("read", self.secret.clone()),
            ("write", self.secret.clone()),
            ("chmod", self.secret.clone()),
            ("list", beside.clone()),
            ("create", beside),
            ("create", "/".into()),
            ("create", "/etc".into()),
            ("create", "/usr".into()),
            ("read", "/etc/shadow".into()),
            ("list", "/root".into()),
            ("list", "/sys/kernel".into()),
            ("chmod", "/usr/bin/env".into()),
            ("chmod", "/dev/null".into()),
            ("write", "/proc/sys/kernel/core_pattern".into()),
            ("write", "/proc/sys/kernel/hostname".into()),
            ("write", "/proc/sysrq-trigger".into()),
            ("write", "/proc/self/uid_map".into()),
            ("write", "/proc/self/oom_score_adj".into()),
            ("unix-socket", self.unix.clone()),
            ("abstract-socket", self.name.clone()),
            ("tcp", tcp),
            ("udp", udp),
            ("udp", "127.0.0.53:53".into()),
            ("environment", "HOME,LANG,LOGNAME,PATH,SHELL,TERM,TMPDIR,USER".into()),
        ]);
        for attack in [
            "ptrace-seize",
            "process-memory",
            "signal",
            "process-environment",
            "process-root",
            "process-files",
            "process-program",
        ] {
            all.push((attack, me.clone()));
        }
        all
    }
}

const CALLS: &[&str] = &[
    "mount",
    "fsopen",
    "open_tree",
    "open_tree_attr",
    "chroot",
    "pivot_root",
    "unshare-user",
    "unshare-mounts",
    "clone-user",
    "clone-network",
    "clone3-user",
    "io_uring",
    "userfaultfd",
    "bpf",
    "perf",
    "keyctl",
    "add_key",
    "fanotify",
    "memfd",
    "shmget",
    "syslog",
    "sethostname",
    "settimeofday",
    "swapon",
    "acct",
    "reboot",
    "x32",
    "kcmp",
    "packet-socket",
    "raw-socket",
    "vsock-socket",
    "alg-socket",
    "netlink-socket",
    "terminal",
    "terminal-input",
    "ptrace-traceme",
    "capabilities",
    "open-files",
];

/// The jail's first process, which the command can see on rungs with namespaces.
const INIT: &[&str] = &[
    "ptrace-seize",
    "process-memory",
    "process-environment",
    "process-root",
    "process-files",
    "process-program",
];

async fn check(outside: &Outside, attacks: &[(&'static str, String)]) {
    let order = &outside.place.order;
    for (attack, about) in attacks {
        let finished = payload(order, attack, about).await.unwrap();
        let said = (out(&finished), err(&finished));
        let refused = finished.ended == Ended::Exited(0) && said.0.starts_with("refused");
        assert!(
            refused,
            "{attack} {about} on {}: {said:?} {:?}",
            order.rung.word(),
            finished.ended
        );
    }
}

async fn check_namespaces(outside: &Outside) {
    let mut attacks = outside.everywhere();
    attacks.extend(INIT.iter().map(|name| (*name, "1".to_owned())));
    attacks.push(("list", "/.jail".into()));
    check(outside, &attacks).await;
}

#[tokio::test]
async fn overlay_refuses_every_attack() {
    check_namespaces(&Outside::new()).await;
}

#[tokio::test]
async fn overlay_refuses_every_attack_of_another_user() {
    let outside = Outside::new();
    if std::os::unix::fs::chown(&outside.place.order.workspace, Some(4321), Some(4321)).is_ok() {
        check_namespaces(&outside).await;
    }
}

#[tokio::test]
async fn copy_refuses_every_attack() {
    let mut outside = Outside::new();
    outside.place.order.rung = Rung::Copy;
    outside.place.order.access = Access::Copy;
    check_namespaces(&outside).await;
}

/// A socket in the workspace of somebody who listens there is the real one when the workspace is only bound.
#[tokio::test]
async fn reading_refuses_every_attack_and_sockets_in_the_workspace() {
    let mut outside = Outside::new();
    let socket = outside.place.order.workspace.join("socket");
    let _listening = UnixListener::bind(&socket).unwrap();
    let about = socket.to_str().unwrap().to_owned();
    check(&outside, &[("unix-socket", about.clone())]).await;
    outside.place.order.access = Access::Read;
    check(
        &outside,
        &[
            ("unix-socket", about),
            ("create", outside.place.order.workspace.to_str().unwrap().into()),
        ],
    )
    .await;
    check_namespaces(&outside).await;
}

#[tokio::test]
async fn landlock_refuses_every_attack() {
    let mut outside = Outside::new();
    if !on(&mut outside.place, Rung::Landlock) {
        return;
    }
    let workspace = outside.place.order.workspace.to_str().unwrap().to_owned();
    let mut attacks = outside.everywhere();
    attacks.extend([
        ("set-user", workspace.clone()),
        ("set-group", workspace.clone()),
        ("chmod", workspace.clone()),
    ]);
    check(&outside, &attacks).await;
    outside.place.order.access = Access::Read;
    check(&outside, &[("create", workspace)]).await;
}

/// As `check`, in a session.
async fn check_session(order: &Order, attacks: &[(&'static str, String)]) {
    for (attack, about) in attacks {
        let said = sessions::payload(order, attack, about).await;
        let refused = said.end.cause == Cause::Exited(0) && said.out.starts_with("refused");
        let rung = order.rung.word();
        assert!(refused, "{attack} {about} on {rung}: {} {} {:?}", said.out, said.err, said.end);
    }
}

/// With nothing, with a directory beside that it may change, and with the workspace itself.
async fn check_sessions(rung: Rung) {
    let mut outside = Outside::new();
    let writes = outside.place.beside("writes");
    if !on(&mut outside.place, rung) {
        return;
    }
    let mut attacks = outside.everywhere();
    if rung != Rung::Landlock {
        attacks.extend(INIT.iter().map(|name| (*name, "1".to_owned())));
        attacks.push(("list", "/.jail".into()));
    }
    // The place to make devices at is where the session may write.
    let workspace = outside.place.order.workspace.to_str().unwrap().to_owned();
    let at = |place: &str| -> Vec<_> {
        let of = |about: &String| about.replace(&workspace, place);
        attacks.iter().map(|(attack, about)| (*attack, of(about))).collect()
    };
    let direct = outside.place.order.clone();
    let mut order = Order { rung, limits: direct.limits.clone(), ..Order::private("sh") };
    check_session(&order, &at("/tmp")).await;
    order.mounts = vec![Mount { path: writes.clone(), access: MountAccess::Write }];
    let mut with_mount = at(writes.to_str().unwrap());
    if rung != Rung::Landlock {
        with_mount.push(("unix-listen", writes.join("s").to_str().unwrap().into()));
        with_mount.push(("pipe", writes.join("p").to_str().unwrap().into()));
    }
    check_session(&order, &with_mount).await;
    order = Order { access: Access::Direct, workspace: direct.workspace, ..order };
    check_session(&order, &at(&workspace)).await;
}

#[tokio::test]
async fn session_on_overlay_refuses_every_attack() {
    check_sessions(Rung::Overlay).await;
}

#[tokio::test]
async fn session_on_landlock_refuses_every_attack() {
    check_sessions(Rung::Landlock).await;
}

const OPEN_FILES: &[&str] = &[
    "open-chmod",
    "open-chmod-empty",
    "open-chown",
    "open-attribute",
    "open-attribute-gone",
    "open-times",
    "open-flags",
];

/// Without namespaces no mount is read-only, and a file that is open for reading takes a mode from its owner.
#[tokio::test]
async fn landlock_that_only_reads_changes_no_file_of_its_user() {
    let mut outside = Outside::new();
    outside.place.write("file", "x");
    if !on(&mut outside.place, Rung::Landlock) {
        return;
    }
    outside.place.order.access = Access::Read;
    let file = outside.place.order.workspace.join("file").to_str().unwrap().to_owned();
    let attacks: Vec<_> = OPEN_FILES.iter().map(|name| (*name, file.clone())).collect();
    check(&outside, &attacks).await;
}

/// A path to read that is the user's own could be changed the same way by a command that may change its workspace.
#[tokio::test]
async fn landlock_is_refused_where_a_path_to_read_is_the_users_own() {
    let mut place = place();
    let tools = place.beside("tools");
    if !on(&mut place, Rung::Landlock) {
        return;
    }
    place.order.reads = vec![tools];
    let error = place.try_shell("true").await.unwrap_err();
    assert!(error.to_string().contains("belongs to the command's user"), "{error}");
    place.order.access = Access::Read;
    place.shell("true").await;
}

/// A read-only mount does not keep anybody from connecting: a preview reached who listens below a toolchain's directory.
#[tokio::test]
async fn sockets_below_paths_to_read_are_not_the_real_ones() {
    let mut outside = Outside::new();
    let order = &mut outside.place.order;
    order.reads = vec![std::path::Path::new(&outside.unix).parent().unwrap().to_owned()];
    check(&outside, &[("unix-socket", outside.unix.clone())]).await;
    let order = &mut outside.place.order;
    let path = order.reads.pop().unwrap();
    order.mounts = vec![Mount { path, access: MountAccess::Read }];
    check(&outside, &[("unix-socket", outside.unix.clone())]).await;
    // Sockets of its own still work, which programs use in tests.
    let finished = payload(&outside.place.order, "unix-own", "/tmp/own").await.unwrap();
    assert_eq!(out(&finished), "escaped: connected to its own\n");
    outside.place.order.mounts[0].access = MountAccess::Write;
    check(&outside, &[("unix-socket", outside.unix.clone())]).await;
}

/// Two commands that share a cache met at a socket in it, and one handed the other a connection to the network.
#[tokio::test]
async fn no_meeting_place_can_be_made_where_others_see_it() {
    let mut outside = Outside::new();
    let cache = outside.place.beside("cache");
    let mount = outside.place.beside("mount");
    let order = &mut outside.place.order;
    order.caches = vec![Cache { inside: "/home/agent/cache".into(), outside: cache }];
    let inside = |name: &str| format!("/home/agent/cache/{name}");
    check(&outside, &[("unix-listen", inside("s")), ("pipe", inside("p"))]).await;
    let finished = payload(&outside.place.order, "unix-own", "/tmp/own").await.unwrap();
    assert_eq!(out(&finished), "escaped: connected to its own\n");
    let order = &mut outside.place.order;
    order.mounts = vec![Mount { path: mount.clone(), access: MountAccess::Write }];
    let inside = |name: &str| mount.join(name).to_str().unwrap().to_owned();
    check(&outside, &[("unix-listen", inside("s")), ("pipe", inside("p"))]).await;
}

/// No list names the system calls of another architecture; who makes one is killed.
#[cfg(target_arch = "x86_64")]
#[tokio::test]
async fn calls_of_another_architecture_end_the_process() {
    let outside = Outside::new();
    let finished = payload(&outside.place.order, "int80", "").await.unwrap();
    // By the filter, or as on a kernel that has no such calls at all.
    let killed = [Ended::Signalled(libc_signal::SYS), Ended::Signalled(libc_signal::SEGV)];
    assert!(killed.contains(&finished.ended), "{:?} {}", finished.ended, out(&finished));
}

#[cfg(target_arch = "x86_64")]
mod libc_signal {
    pub(super) const SYS: i32 = 31;
    pub(super) const SEGV: i32 = 11;
}

/// An attack that fails everywhere proves nothing: these succeed where there is no jail.
#[test]
fn attacks_are_real_outside_of_a_jail() {
    let outside = Outside::new();
    let me = std::process::id().to_string();
    let beside = outside.place.beside("outside").to_str().unwrap().to_owned();
    let tcp = outside.tcp.local_addr().unwrap().to_string();
    let udp = outside.udp.local_addr().unwrap().to_string();
    let mut attacks: Vec<(&str, String)> = vec![
        ("open-chmod", outside.secret.clone()),
        ("open-chmod-empty", outside.secret.clone()),
        ("open-chown", outside.secret.clone()),
        ("open-attribute", outside.secret.clone()),
        ("open-attribute-gone", outside.secret.clone()),
        ("open-times", outside.secret.clone()),
        ("unix-listen", format!("{beside}/made")),
        ("pipe", format!("{beside}/pipe")),
        ("shared-large", (1 << 30).to_string()),
        ("memfd", String::new()),
        ("shmget", String::new()),
        ("keyctl", String::new()),
        ("ptrace-traceme", String::new()),
        ("kcmp", String::new()),
        ("read", outside.secret.clone()),
        ("write", outside.secret.clone()),
        ("chmod", outside.secret.clone()),
        ("list", beside.clone()),
        ("create", beside.clone()),
        ("set-user", beside),
        ("unix-socket", outside.unix.clone()),
        ("abstract-socket", outside.name.clone()),
        ("tcp", tcp),
        ("udp", udp),
        ("netlink-socket", String::new()),
        ("signal", me.clone()),
        ("process-files", me.clone()),
        ("process-program", me),
        ("capabilities", String::new()),
        ("environment", String::new()),
    ];
    if has_all_rights() {
        for name in [
            "unshare-mounts",
            "clone-network",
            "fsopen",
            "packet-socket",
            "raw-socket",
            "userfaultfd",
            "fanotify",
            "syslog",
        ] {
            attacks.push((name, String::new()));
        }
        attacks.push(("device-memory", outside.place.order.workspace.to_str().unwrap().into()));
    }
    for (attack, about) in attacks {
        let output =
            Command::new(escapes_program()).args([attack, about.as_str()]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(said.starts_with("escaped"), "{attack} {about}: {said}");
    }
}

/// Whether the tests run as root with all its rights.
fn has_all_rights() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let effective = status.lines().find_map(|line| line.strip_prefix("CapEff:")).unwrap().trim();
    let may_all = u64::from_str_radix(effective, 16).unwrap() & (1 << 21) != 0;
    may_all && std::fs::read_to_string("/proc/self/uid_map").unwrap().contains("4294967295")
}
