//! Attacks on the jail, each tried by raw system calls. For tests only; it is no part of the product.
//!
//! In: the name of an attack and what it is about (a path, a port, a process). Out: `refused` with the reason and code 0,
//! or `escaped` and code 1; an unknown name is code 2. It makes no lasting harm if it succeeds, so that tests can show
//! outside of a jail that the attacks are real. The tests are in `tests/it/escapes.rs`.
#![expect(unsafe_code, reason = "attacks are raw system calls")]

use std::ffi::CString;
use std::fs;
use std::io::{self, Read, Write};
use std::net::{TcpStream, UdpSocket};
use std::os::fd::AsRawFd;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};
use std::process::{Command, ExitCode};
use std::time::Duration;

/// What the attack gained, or why not.
type Attack = io::Result<String>;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let name = words.first().map_or("", String::as_str);
    let about = words.get(1).map_or("", String::as_str);
    let groups = [
        calls as fn(&str, &str) -> Option<Attack>,
        sockets,
        files,
        open_files,
        processes,
        memory,
        own,
    ];
    if name == "ask" {
        println!("{}", ask(about).unwrap_or_else(|error| error.to_string()));
        return ExitCode::SUCCESS;
    }
    match groups.iter().find_map(|group| group(name, about)) {
        Some(Ok(gained)) => {
            println!("escaped: {gained}");
            ExitCode::from(1)
        }
        Some(Err(error)) => {
            println!("refused: {error}");
            ExitCode::SUCCESS
        }
        None => ExitCode::from(2),
    }
}

/// One system call with numbers and pointers as they come.
fn call(number: libc::c_long, arguments: [usize; 5]) -> Attack {
    let [a, b, c, d, e] = arguments;
    // JUSTIFICATION: an attack by way of a safe wrapper would test the wrapper.
    // SAFETY: the callers pass null, numbers, or pointers to memory that lives until the call returns, and ask for
    // nothing that would change memory of this process behind its back.
    let answer = unsafe { libc::syscall(number, a, b, c, d, e) };
    if answer < 0 { Err(io::Error::last_os_error()) } else { Ok(format!("the call gave {answer}")) }
}

/// Asks for its process id by the calls of 32-bit x86.
#[cfg(target_arch = "x86_64")]
fn int80() -> Attack {
    let answer: i64;
    // JUSTIFICATION: there is no other way to make this call.
    // SAFETY: `getpid` takes and changes nothing but the register of the answer.
    unsafe {
        std::arch::asm!("int 0x80", inlateout("rax") 20_i64 => answer, options(nostack));
    }
    Ok(format!("the call gave {answer}"))
}

/// A `clone` whose child, if there is one, ends at once.
fn clone(flags: libc::c_int) -> Attack {
    let flags = usize::try_from(flags | libc::SIGCHLD).unwrap_or(0);
    let answer = call(libc::SYS_clone, [flags, 0, 0, 0, 0])?;
    if answer.ends_with("gave 0") {
        std::process::exit(0);
    }
    Ok(answer)
}

fn pointer(text: &CString) -> usize {
    text.as_ptr() as usize
}

/// Calls that need nothing but a number.
fn calls(name: &str, about: &str) -> Option<Attack> {
    let text = CString::new("/tmp").unwrap_or_default();
    let memory = CString::new("tmpfs").unwrap_or_default();
    let workspace = CString::new(about).unwrap_or_default();
    let zeroes = [0_u8; 256];
    let zero = zeroes.as_ptr() as usize;
    let user = usize::try_from(libc::CLONE_NEWUSER).unwrap_or(0);
    // The first field of `clone_args` is the flags, the fifth the signal.
    let clone3_arguments: [u64; 8] =
        [libc::CLONE_NEWUSER as u64, 0, 0, 0, libc::SIGCHLD as u64, 0, 0, 0];
    let clone3 = [clone3_arguments.as_ptr() as usize, size_of_val(&clone3_arguments), 0, 0, 0];
    let answer = match name {
        "mount" => {
            call(libc::SYS_mount, [pointer(&memory), pointer(&text), pointer(&memory), 0, 0])
        }
        "umount" => call(libc::SYS_umount2, [pointer(&workspace), 2, 0, 0, 0]),
        "fsopen" => call(libc::SYS_fsopen, [pointer(&memory), 0, 0, 0, 0]),
        "open_tree" => call(libc::SYS_open_tree, [usize::MAX - 99, pointer(&text), 1, 0, 0]),
        "open_tree_attr" => call(467, [usize::MAX - 99, pointer(&text), 1, 0, 0]),
        "chroot" => call(libc::SYS_chroot, [pointer(&text), 0, 0, 0, 0]),
        "pivot_root" => call(libc::SYS_pivot_root, [pointer(&text), pointer(&text), 0, 0, 0]),
        "unshare-user" => call(libc::SYS_unshare, [user, 0, 0, 0, 0]),
        "unshare-mounts" => call(libc::SYS_unshare, [libc::CLONE_NEWNS as usize, 0, 0, 0, 0]),
        "clone-user" => clone(libc::CLONE_NEWUSER),
        "clone-network" => clone(libc::CLONE_NEWNET),
        "clone3-user" => match call(libc::SYS_clone3, clone3) {
            Ok(answer) if answer.ends_with("gave 0") => std::process::exit(0),
            answer => answer,
        },
        "io_uring" => call(libc::SYS_io_uring_setup, [1, zero, 0, 0, 0]),
        "userfaultfd" => call(libc::SYS_userfaultfd, [1, 0, 0, 0, 0]),
        "bpf" => call(libc::SYS_bpf, [0, zero, 120, 0, 0]),
        "perf" => call(libc::SYS_perf_event_open, [zero, 0, usize::MAX, usize::MAX, 0]),
        "keyctl" => call(libc::SYS_keyctl, [0, usize::MAX - 2, 1, 0, 0]),
        "add_key" => {
            let kind = CString::new("user").unwrap_or_default();
            call(libc::SYS_add_key, [pointer(&kind), pointer(&text), zero, 1, usize::MAX - 2])
        }
        "fanotify" => call(libc::SYS_fanotify_init, [0, 0, 0, 0, 0]),
        "memfd" => call(libc::SYS_memfd_create, [pointer(&text), 0, 0, 0, 0]),
        "shmget" => call(libc::SYS_shmget, [0, 4096, 0o600, 0, 0]),
        "syslog" => call(libc::SYS_syslog, [10, 0, 0, 0, 0]),
        "sethostname" => call(libc::SYS_sethostname, [pointer(&text), 0, 0, 0, 0]),
        "settimeofday" => call(libc::SYS_settimeofday, [0, zero, 0, 0, 0]),
        "swapon" => call(libc::SYS_swapon, [pointer(&text), 0, 0, 0, 0]),
        "acct" => call(libc::SYS_acct, [0, 0, 0, 0, 0]),
        // With wrong magic numbers: it never restarts anything.
        "reboot" => call(libc::SYS_reboot, [1, 2, 3, 0, 0]),
        #[cfg(target_arch = "x86_64")]
        "int80" => int80(),
        "x32" => call(0x4000_0000 + 39, [0; 5]),
        "kcmp" => call(
            libc::SYS_kcmp,
            [std::process::id() as usize, std::process::id() as usize, 0, 0, 0],
        ),
        _ => return None,
    };
    Some(answer)
}

fn sockets(name: &str, about: &str) -> Option<Attack> {
    let socket = |family: libc::c_int, kind: libc::c_int, protocol: libc::c_int| {
        call(libc::SYS_socket, [family as usize, kind as usize, protocol as usize, 0, 0])
    };
    let second = Duration::from_secs(1);
    Some(match name {
        "packet-socket" => socket(libc::AF_PACKET, libc::SOCK_RAW, 0),
        "raw-socket" => socket(libc::AF_INET, libc::SOCK_RAW, libc::IPPROTO_ICMP),
        "vsock-socket" => socket(libc::AF_VSOCK, libc::SOCK_STREAM, 0),
        "alg-socket" => socket(libc::AF_ALG, libc::SOCK_SEQPACKET, 0),
        "netlink-socket" => socket(libc::AF_NETLINK, libc::SOCK_RAW, libc::NETLINK_KOBJECT_UEVENT),
        "abstract-socket" => SocketAddr::from_abstract_name(about)
            .and_then(|address| UnixStream::connect_addr(&address))
            .map(|_| "connected".into()),
        "unix-listen" => UnixListener::bind(about).map(|_| "listening".into()),
        "pipe" => {
            let path = CString::new(about).unwrap_or_default();
            call(libc::SYS_mknodat, [usize::MAX - 99, pointer(&path), 0o10_600, 0, 0])
        }
        "unix-own" => UnixListener::bind(about)
            .and_then(|_listening| UnixStream::connect(about))
            .map(|_| "connected to its own".into()),
        "unix-socket" => UnixStream::connect(about).map(|_| "connected".into()),
        "tcp" => about
            .parse()
            .map_err(io::Error::other)
            .and_then(|address| TcpStream::connect_timeout(&address, second))
            .map(|_| "connected".into()),
        "udp" => udp(about, second),
        _ => return None,
    })
}

/// Asks, and waits for an answer: sending alone proves nothing.
fn udp(about: &str, wait: Duration) -> Attack {
    let socket = UdpSocket::bind("0.0.0.0:0")?;
    socket.set_read_timeout(Some(wait))?;
    socket.send_to(b"?", about)?;
    let mut answer = [0; 16];
    socket.recv(&mut answer).map(|length| format!("{length} bytes came back"))
}

/// No attack: says something to the proxy, with `|` for each end of a line, and gives the whole answer.
fn ask(about: &str) -> Attack {
    let mut stream = TcpStream::connect("127.0.0.1:3128")?;
    stream.write_all(about.replace('|', "\r\n").as_bytes())?;
    stream.shutdown(std::net::Shutdown::Write)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

fn files(name: &str, about: &str) -> Option<Attack> {
    let device = |kind: libc::mode_t, major, minor| {
        let path = CString::new(format!("{about}/device")).unwrap_or_default();
        let made = call(
            libc::SYS_mknodat,
            [
                usize::MAX - 99,
                pointer(&path),
                (kind | 0o600) as usize,
                libc::makedev(major, minor) as usize,
                0,
            ],
        );
        let _missing = fs::remove_file(format!("{about}/device"));
        made
    };
    let mode = |mode| {
        let path = format!("{about}/set-user");
        fs::write(&path, "")?;
        let set = fs::set_permissions(&path, fs::Permissions::from_mode(mode));
        fs::remove_file(&path)?;
        set.map(|()| "the mode was set".into())
    };
    Some(match name {
        "read" => fs::read(about).map(|bytes| format!("read {} bytes", bytes.len())),
        "list" => fs::read_dir(about).map(|all| format!("saw {} names", all.count())),
        "write" => {
            fs::OpenOptions::new().append(true).open(about).map(|_| "opened to write".into())
        }
        "create" => fs::write(format!("{about}/escaped"), "").and_then(|()| {
            fs::remove_file(format!("{about}/escaped"))?;
            Ok("made a file".into())
        }),
        "chmod" => fs::metadata(about)
            .and_then(|found| fs::set_permissions(about, found.permissions()))
            .map(|()| "changed the mode".into()),
        "device-memory" => device(libc::S_IFCHR, 1, 1),
        "device-disk" => device(libc::S_IFBLK, 8, 0),
        "set-user" => mode(0o4755),
        "set-group" => mode(0o2755),
        "terminal" => fs::File::open("/dev/tty").map(|_| "opened the terminal".into()),
        "terminal-input" => {
            let letter = b'x';
            call(libc::SYS_ioctl, [1, libc::TIOCSTI as usize, &raw const letter as usize, 0, 0])
        }
        _ => return None,
    })
}

/// Changes of a file that is open for reading only, each to what it is already where that is possible.
fn open_files(name: &str, about: &str) -> Option<Attack> {
    let attribute = CString::new("user.checkrein").unwrap_or_default();
    let flags = 0x80_u64; // Not touched by reading.
    let now = usize::try_from(libc::AT_EMPTY_PATH).unwrap_or(0);
    let change: &dyn Fn(usize) -> Attack = match name {
        "open-chmod" => &|file| call(libc::SYS_fchmod, [file, 0o644, 0, 0, 0]),
        "open-chmod-empty" => {
            &|file| call(452, [file, pointer(&CString::default()), 0o644, now, 0])
        }
        "open-chown" => &|file| call(libc::SYS_fchown, [file, usize::MAX, usize::MAX, 0, 0]),
        "open-attribute" => &|file| {
            call(libc::SYS_fsetxattr, [file, pointer(&attribute), pointer(&attribute), 1, 0])
        },
        "open-attribute-gone" => {
            &|file| call(libc::SYS_fremovexattr, [file, pointer(&attribute), 0, 0, 0])
        }
        "open-times" => &|file| call(libc::SYS_utimensat, [file, 0, 0, 0, 0]),
        "open-flags" => {
            &|file| call(libc::SYS_ioctl, [file, 0x4008_6602, &raw const flags as usize, 0, 0])
        }
        _ => return None,
    };
    Some(
        fs::File::open(about)
            .and_then(|file| change(usize::try_from(file.as_raw_fd()).unwrap_or(0))),
    )
}

/// Memory of a kind that is easily not counted, taken until something ends it; at most 2 GiB.
fn memory(name: &str, about: &str) -> Option<Attack> {
    let shared = libc::MAP_SHARED | libc::MAP_ANONYMOUS;
    let one = about.parse().unwrap_or(1 << 20);
    let rest = match name {
        "shared-dropped" | "zero-dropped" => libc::SYS_madvise,
        "shared-unmapped" => libc::SYS_munmap,
        "page-tables" => return Some(page_tables()),
        "shared-large" => return Some(map(one, shared, -1).map(|_| "mapped".into())),
        _ => return None,
    };
    // So that it cannot be looked at so easily either.
    let _refused = call(libc::SYS_prctl, [4, 0, 0, 0, 0]);
    let zero = fs::OpenOptions::new().read(true).write(true).open("/dev/zero");
    let (flags, file) = match (name, zero) {
        ("zero-dropped", Ok(zero)) => (libc::MAP_SHARED, std::os::fd::IntoRawFd::into_raw_fd(zero)),
        ("zero-dropped", Err(error)) => return Some(Err(error)),
        _ => (shared, -1),
    };
    for _ in 0..(2_usize << 30) / one {
        let start = match map(one, flags, file) {
            Ok(start) => start,
            Err(error) => return Some(Err(error)),
        };
        for page in (0..one).step_by(4096) {
            // JUSTIFICATION: memory is taken by being written.
            // SAFETY: the mapping is as long as `one` and can be written.
            unsafe { std::ptr::with_exposed_provenance_mut::<u8>(start + page).write_volatile(1) };
        }
        let _refused = call(rest, [start + 4096, one - 4096, 4, 0, 0]);
    }
    std::thread::park_timeout(Duration::from_secs(2));
    Some(Ok("took it".into()))
}

/// A page table for every two mebibytes, and nothing else.
fn page_tables() -> Attack {
    let start = map(800 << 30, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE, -1)?;
    // One small page each, and not one large one.
    call(libc::SYS_madvise, [start, 800 << 30, 15, 0, 0])?;
    for at in (0..800 << 30).step_by(2 << 20) {
        // JUSTIFICATION: page tables are made by touching.
        // SAFETY: the mapping is that long and can be read.
        unsafe { std::ptr::with_exposed_provenance::<u8>(start + at).read_volatile() };
    }
    std::thread::park_timeout(Duration::from_secs(2));
    Ok("took them".into())
}

fn map(length: usize, flags: libc::c_int, file: libc::c_int) -> io::Result<usize> {
    let mode = if length > 1 << 35 { libc::PROT_READ } else { libc::PROT_READ | libc::PROT_WRITE };
    // JUSTIFICATION: mappings of a given kind are the attack.
    // SAFETY: the kernel chooses a place that is free, so nothing else is mapped over.
    let answer = unsafe { libc::mmap(std::ptr::null_mut(), length, mode, flags, file, 0) };
    if answer == libc::MAP_FAILED {
        Err(io::Error::last_os_error())
    } else {
        Ok(answer.expose_provenance())
    }
}

fn processes(name: &str, about: &str) -> Option<Attack> {
    let process = about.parse::<usize>().unwrap_or(1);
    let mut byte = [0_u8];
    let local = libc::iovec { iov_base: byte.as_mut_ptr().cast(), iov_len: 1 };
    let remote = libc::iovec { iov_base: std::ptr::without_provenance_mut(4096), iov_len: 1 };
    Some(match name {
        "ptrace-traceme" => call(libc::SYS_ptrace, [0, 0, 0, 0, 0]),
        "ptrace-seize" => call(libc::SYS_ptrace, [0x4206, process, 0, 0, 0]),
        "process-memory" => call(
            libc::SYS_process_vm_readv,
            [process, &raw const local as usize, 1, &raw const remote as usize, 1],
        ),
        "signal" => call(libc::SYS_kill, [process, 0, 0, 0, 0]),
        "process-environment" => fs::File::open(format!("/proc/{process}/environ"))
            .and_then(|mut file| file.read(&mut byte))
            .map(|length| format!("read {length} bytes")),
        "process-root" => fs::read_dir(format!("/proc/{process}/root/"))
            .map(|all| format!("saw {} names", all.count())),
        "process-files" => process_files(process),
        "process-program" => {
            fs::File::open(format!("/proc/{process}/exe")).map(|_| "opened it".into())
        }
        _ => return None,
    })
}

/// Numbers alone say nothing: what a file is, and the file itself, is the gain.
fn process_files(process: usize) -> Attack {
    let mut last = io::Error::other("no files");
    for entry in fs::read_dir(format!("/proc/{process}/fd"))?.flatten() {
        match fs::read_link(entry.path()) {
            Ok(target) => return Ok(format!("saw `{}`", target.display())),
            Err(error) => last = error,
        }
        if fs::File::open(entry.path()).is_ok() {
            return Ok("opened one".into());
        }
    }
    Err(last)
}

/// Attacks that are about this process's own rights, and those that are loud.
fn own(name: &str, about: &str) -> Option<Attack> {
    let refused = |why: &str| Err(io::Error::other(why.to_owned()));
    Some(match name {
        "capabilities" => fs::read_to_string("/proc/self/status").and_then(|status| {
            let line = |name| {
                status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or("?").trim()
            };
            let sets = ["CapInh:", "CapPrm:", "CapEff:", "CapAmb:"].map(line);
            let none = sets.iter().all(|set| set.chars().all(|digit| digit == '0'));
            if none && line("NoNewPrivs:") == "1" && line("Seccomp:") == "2" {
                return refused("no rights");
            }
            Ok(format!("{sets:?}, no new privileges {}", line("NoNewPrivs:")))
        }),
        "environment" => {
            let names: Vec<String> = std::env::vars().map(|(name, _)| name).collect();
            let odd =
                names.iter().find(|name| !about.split(',').any(|known| known == name.as_str()));
            odd.map_or_else(
                || refused("nothing inherited"),
                |odd| Ok(format!("`{odd}` was inherited")),
            )
        }
        "open-files" => fs::read_dir("/proc/self/fd").and_then(|all| {
            // Standard files, and the listing itself.
            let count = all.count();
            if count > 4 {
                Ok(format!("{count} open files"))
            } else {
                refused("only standard files")
            }
        }),
        "leave-running" => leave_running(about),
        "fork-bomb" => loop {
            // Each child does the same.
            let _answer = call(libc::SYS_clone, [libc::SIGCHLD as usize, 0, 0, 0, 0]);
        },
        "memory" => {
            let mut all = Vec::new();
            loop {
                all.push(vec![1_u8; 1 << 20]);
            }
        }
        "hold-memory" => {
            let held = vec![1_u8; about.parse().unwrap_or(0)];
            loop {
                std::hint::black_box(&held);
                std::thread::park();
            }
        }
        "spin" => loop {
            std::hint::spin_loop();
        },
        "output" => loop {
            let _closed = io::stdout().write_all(&[b'x'; 4096]);
        },
        _ => return None,
    })
}

/// A daemon: a session of its own, no parent, nothing shared, which writes to a file for as long as it lives.
fn leave_running(about: &str) -> Attack {
    let script = format!("while true; do echo alive >> {about}; done");
    let mut daemon = Command::new("setsid");
    daemon.args(["--fork", "sh", "-c", &script]);
    for stream in [Command::stdin, Command::stdout, Command::stderr] {
        stream(&mut daemon, std::process::Stdio::null());
    }
    let status = daemon.status()?;
    if status.success() {
        Err(io::Error::other("started; whether it ends is seen outside"))
    } else {
        Ok(status.to_string())
    }
}
