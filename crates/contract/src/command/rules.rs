//! What may stand in a command's contract or configuration: programs, variables, paths, hosts, remotes.
//!
//! In: one text. Out: its canonical form, or what is wrong with it and what to write instead. The same rules hold for
//! contract files and for what an operator's configuration names. Nothing here looks at the disk.

use url::Url;

use crate::path::WorkspacePath;
use crate::visible::short;
use crate::{kinds, programs};
use domain::{HostPort, limits};

/// Characters of a variable's name, and of a remote's name.
const NAME_CHARS_MAX: usize = 64;
/// Bytes of a variable's value.
const VALUE_BYTES_MAX: usize = 8_192;

/// What is wrong with one text, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong.
    pub what: String,
    /// What to write.
    pub fix: &'static str,
}

fn fault(given: &str, why: &str, fix: &'static str) -> Fault {
    Fault { what: format!("`{}` {why}", short(given)), fix }
}

/// A name that is looked up in the jail's path, or an absolute path in its one spelling.
pub fn program(text: &str) -> Result<(), Fault> {
    const FIX: &str = "write a name such as `cargo`, or an absolute path such as `/usr/bin/make`";
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._+-".contains(&byte);
    let name = text.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && text.bytes().all(plain);
    if name || is_absolute(text) { Ok(()) } else { Err(fault(text, "is not a program", FIX)) }
}

/// An absolute path in its one spelling, not the root, without anything that cannot be seen.
fn is_absolute(text: &str) -> bool {
    let parts = text.strip_prefix('/').map(|rest| rest.split('/'));
    let good = |part: &str| {
        !part.is_empty() && part != "." && part != ".." && !part.chars().any(crate::unicode::hidden)
    };
    text.len() <= limits::PATH_BYTES_MAX && parts.is_some_and(|mut parts| parts.all(good))
}

/// A word that is always the same.
pub fn word(text: &str) -> Result<(), Fault> {
    if text.contains('\0') {
        return Err(fault(text, "has a NUL in it", "take it out"));
    }
    Ok(())
}

/// All words of a command that are always the same.
pub fn words<'w>(words: impl Iterator<Item = &'w str>) -> Result<(), Fault> {
    let (count, bytes) = words.fold((0, 0), |(count, bytes), word| (count + 1, bytes + word.len()));
    let (most, room) = (limits::COMMAND_WORDS_MAX, limits::COMMAND_LINE_BYTES_MAX);
    if count > most || bytes > room {
        let what = format!("a command of more than {most} words or {room} bytes");
        return Err(Fault { what, fix: "put the words into a file that the program reads" });
    }
    Ok(())
}

/// Whether a command may have a role. A role is a word about code, so the code must be named: further words of a call come
/// after the named ones, and `sh` alone would be a role for everything.
pub fn role(program: &str, words: &[String]) -> Result<(), Fault> {
    const FIX: &str = "name the script, such as `program = \"sh\"`, `arguments = [\"scripts/test.sh\"]`, name the program that does the work itself, or take the role out";
    if programs::names_code(program, words) {
        return Ok(());
    }
    let why =
        "runs whatever code a call brings, so these words are not yet a test, a build or a linter";
    Err(fault(program, why, FIX))
}

/// Variables by which a loader, a shell, an interpreter, a build tool, a pager or git runs or reads something else than
/// what was named, and those that the jail sets itself. One that ends in `_` stands for all that begin so. Left to the
/// operator is what a toolchain needs and words or files of the workspace could do as well (`RUSTFLAGS`, `CC`).
const REFUSED_VARIABLES: &[&str] = &[
    "BASHOPTS",
    "BASH_ENV",
    "BASH_FUNC_",
    "BROWSER",
    "CARGO_BUILD_RUSTC",
    "CARGO_BUILD_RUSTC_WORKSPACE_WRAPPER",
    "CARGO_BUILD_RUSTC_WRAPPER",
    "CARGO_BUILD_RUSTDOC",
    "DBUS_SESSION_BUS_ADDRESS",
    "DYLD_",
    "EDITOR",
    "ENV",
    "GCONV_PATH",
    "GIT_",
    "GLIBC_TUNABLES",
    "GNUMAKEFLAGS",
    "GREP_OPTIONS",
    "HOME",
    "HOSTALIASES",
    "IFS",
    "JAVA_TOOL_OPTIONS",
    "JDK_JAVA_OPTIONS",
    "LD_",
    "LESSCLOSE",
    "LESSOPEN",
    "LOCPATH",
    "MAKEFLAGS",
    "MANPAGER",
    "MFLAGS",
    "NLSPATH",
    "NODE_OPTIONS",
    "PAGER",
    "PERL5DB",
    "PERL5LIB",
    "PERL5OPT",
    "PROMPT_COMMAND",
    "PS4",
    "PYTHONHOME",
    "PYTHONINSPECT",
    "PYTHONSTARTUP",
    "RIPGREP_CONFIG_PATH",
    "RUBYLIB",
    "RUBYOPT",
    "RUSTC",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTC_WRAPPER",
    "RUSTDOC",
    "SHELLOPTS",
    "SSH_ASKPASS",
    "SSH_AUTH_SOCK",
    "TAR_OPTIONS",
    "VISUAL",
    "XDG_RUNTIME_DIR",
    "_JAVA_OPTIONS",
    "all_proxy",
    "http_proxy",
    "https_proxy",
    "no_proxy",
];

/// Variables that say in which directories code lies, joined by `:`. Toolchains need them, so their values are looked at.
const CODE_VARIABLES: &[&str] = &[
    "CLASSPATH",
    "GOROOT",
    "JAVA_HOME",
    "NODE_PATH",
    "PATH",
    "PYTHONPATH",
    "PYTHONUSERBASE",
    "RUSTUP_HOME",
];

/// The places of code that a variable names; none if it names none. Where they lead is for whoever knows the disk.
pub fn code_places<'v>(name: &str, value: &'v str) -> Vec<&'v str> {
    match CODE_VARIABLES.contains(&name) {
        true => value.split(':').collect(),
        false => Vec::new(),
    }
}

/// A variable of a command and its value.
pub fn variable(name: &str, value: &str) -> Result<(), Fault> {
    const FIX: &str = "name a plain variable such as `CI`";
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let begins = name.bytes().next().is_some_and(|byte| !byte.is_ascii_digit());
    if !begins || name.len() > NAME_CHARS_MAX || !name.bytes().all(plain) {
        return Err(fault(name, "is not a variable of letters, digits and `_`", FIX));
    }
    // Proxies are known in both cases; loaders know theirs in capitals only, and nobody needs them in small letters.
    let refused = |known: &&str| match known.strip_suffix('_') {
        Some(_) => name.len() >= known.len() && head(name, known.len()).eq_ignore_ascii_case(known),
        None => name.eq_ignore_ascii_case(known),
    };
    if REFUSED_VARIABLES.iter().any(refused) {
        let why =
            "makes a program run or read something else than what was named, or is set by the jail";
        return Err(fault(name, why, FIX));
    }
    if value.len() > VALUE_BYTES_MAX || value.contains('\0') {
        return Err(fault(name, "has a value that is too long, or with a NUL in it", "shorten it"));
    }
    if !code_places(name, value).into_iter().all(is_absolute) {
        let fix = "write absolute directories joined by `:`";
        return Err(fault(value, "would look for code where the command stands", fix));
    }
    Ok(())
}

fn head(text: &str, bytes: usize) -> &str {
    text.get(..bytes).unwrap_or_default()
}

/// Where the jail puts its own, and where sockets and devices stand.
const NEVER_READ: &[&str] = &["/dev", "/proc", "/run", "/sys", "/tmp", "/var/run"];
/// What holds the secrets of people or of the machine as a whole; parts of it may be named.
const NEVER_WHOLE: &[&str] = &["/etc", "/home", "/root", "/srv", "/var", "/var/lib"];
/// Directories and files that hold keys.
const KEYS: &[&str] = &[
    ".aws",
    ".azure",
    ".config",
    ".docker",
    ".git-credentials",
    ".gnupg",
    ".kube",
    ".netrc",
    ".password-store",
    ".pgpass",
    ".ssh",
    ".vault-token",
    "shadow",
];

/// An absolute path that a command may read beside the system's own: a toolchain.
pub fn reads(text: &str) -> Result<(), Fault> {
    const FIX: &str =
        "name the directory of a toolchain, such as `/opt/node` or `/home/ada/.rustup`";
    if !is_absolute(text) {
        return Err(fault(text, "is not an absolute path in its one spelling", FIX));
    }
    let below = |place: &&str| text == *place || is_below(text, place);
    // `/home/ada` as a whole is as much as everything that Ada has.
    let home = text.strip_prefix("/home/").is_some_and(|rest| !rest.contains('/'));
    if NEVER_READ.iter().any(below) || NEVER_WHOLE.contains(&text) || home {
        return Err(fault(text, "holds more than a toolchain", FIX));
    }
    let key = |part: &str| KEYS.iter().any(|known| part.eq_ignore_ascii_case(known));
    if text.split('/').any(key) {
        return Err(fault(text, "is where keys are kept", FIX));
    }
    Ok(())
}

fn is_below(text: &str, place: &str) -> bool {
    text.strip_prefix(place).is_some_and(|rest| rest.starts_with('/'))
}

/// What every command relies on: a cache over it would be poison for the next command.
const SYSTEM: &[&str] = &[
    "/bin", "/boot", "/dev", "/etc", "/lib", "/lib32", "/lib64", "/libx32", "/proc", "/run",
    "/sbin", "/sys", "/usr",
];

/// A writable path that is kept between calls: absolute, or in the workspace; in its one spelling.
pub fn cache(text: &str) -> Result<String, Fault> {
    const FIX: &str = "name a path in the workspace such as `node_modules/.cache`, or one such as `/home/agent/.cache`";
    if !text.starts_with('/') {
        let inside = WorkspacePath::parse(text, None)
            .map_err(|error| Fault { what: error.to_string(), fix: FIX })?;
        if inside.is_root() {
            return Err(fault(text, "is the workspace itself", FIX));
        }
        if inside.parts().any(|part| part.eq_ignore_ascii_case(".git")) {
            return Err(fault(text, "is in a repository, which is no cache", FIX));
        }
        return Ok(inside.as_str().to_owned());
    }
    if !is_absolute(text) {
        return Err(fault(text, "is not a path in its one spelling", FIX));
    }
    if SYSTEM.iter().any(|place| text == *place || is_below(text, place)) {
        return Err(fault(text, "is where programs of the system lie", FIX));
    }
    Ok(text.to_owned())
}

/// `host:port`, the host in canonical form.
pub fn host_port(text: &str) -> Result<HostPort, Fault> {
    const FIX: &str = "write a host and a port, such as `github.com:443`";
    let wrong = || fault(text, "is not a host with a port", FIX);
    let (host, port) = text.rsplit_once(':').ok_or_else(wrong)?;
    let bare = host.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(host);
    let host = kinds::host(bare).map_err(|_| wrong())?;
    let digits = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    let port: u16 = port.parse().ok().filter(|port| digits && *port > 0).ok_or_else(wrong)?;
    Ok(HostPort { host, port })
}

/// The name of a remote: a part of the references that a fetch writes.
pub fn remote_name(text: &str) -> Result<(), Fault> {
    const FIX: &str = "write letters, digits, `.`, `_` and `-`, such as `origin`";
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let begins = text.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
    let good = begins && text.len() <= NAME_CHARS_MAX && text.bytes().all(plain);
    if good && !text.ends_with(".lock") && !text.ends_with('.') && !text.contains("..") {
        Ok(())
    } else {
        Err(fault(text, "is not the name of a remote", FIX))
    }
}

/// Where a remote is reached: nothing over the network for a repository on this machine.
pub fn remote_host(url: &str) -> Option<HostPort> {
    let url = Url::parse(url).ok()?;
    let host = kinds::host(url.host_str()?).ok()?;
    Some(HostPort { host, port: url.port_or_known_default()? })
}

/// Whether the remote at this address may have a credential.
pub fn remote_credential(url: &str) -> Result<(), Fault> {
    if url.starts_with('/') {
        let what = "a repository on this machine takes no credential".to_owned();
        return Err(Fault { what, fix: "take the credential out" });
    }
    Ok(())
}

/// The address of a remote in canonical form: `https`, `http` to this very machine, or an absolute path.
pub fn remote_url(text: &str) -> Result<String, Fault> {
    const FIX: &str = "write `https://host/path`, `http://localhost:port/path`, or the absolute path of a bare repository";
    if is_absolute(text) {
        return Ok(text.to_owned());
    }
    let url =
        kinds::url(text).map_err(|_| fault(text, "is not an address without credentials", FIX))?;
    let host = remote_host(&url).map(|place| place.host);
    let here = matches!(host.as_deref(), Some("localhost" | "127.0.0.1" | "[::1]"));
    let secure = url.starts_with("https://") || (here && url.starts_with("http://"));
    if !secure || url.contains(['?', '#']) {
        return Err(fault(text, "is not an address that git may talk to", FIX));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<T: std::fmt::Debug>(
        rule: impl Fn(&str) -> Result<T, Fault>,
        good: &[&str],
        bad: &[&str],
    ) {
        for text in good {
            rule(text).unwrap_or_else(|fault| panic!("{text}: {fault:?}"));
        }
        for text in bad {
            assert!(rule(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_program_is_a_name_or_an_absolute_path() {
        let bad = [
            "", "-x", "./run", "bin/run", "/", "/a/../b", "/a//b", "/a/", "a b", "a;b", "..", "a\0",
        ];
        check(program, &["git", "g++", "python3.11", "/opt/node/bin/npm", "_x"], &bad);
    }

    #[test]
    fn words_have_no_nul_and_are_bounded() {
        check(word, &["", "-x", "a\nb", "$(x)"], &["a\0b"]);
        let (most, room) = (limits::COMMAND_WORDS_MAX, limits::COMMAND_LINE_BYTES_MAX);
        for (count, bytes, good) in
            [(most, 1, true), (most + 1, 0, false), (2, room / 2, true), (2, room / 2 + 1, false)]
        {
            let all = vec!["x".repeat(bytes); count];
            let told = words(all.iter().map(String::as_str));
            assert_eq!(told.is_ok(), good, "{count} words of {bytes} bytes");
        }
    }

    #[test]
    fn variables_that_lead_elsewhere_are_refused() {
        let bad = [
            "LD_PRELOAD",
            "ld_preload",
            "GIT_DIR",
            "BASH_ENV",
            "ENV",
            "PYTHONSTARTUP",
            "NODE_OPTIONS",
            "HOME",
            "BASH_FUNC_ls",
            "MAKEFLAGS",
            "MFLAGS",
            "GNUMAKEFLAGS",
            "RUSTC",
            "RUSTC_WRAPPER",
            "RUSTC_WORKSPACE_WRAPPER",
            "RUSTDOC",
            "CARGO_BUILD_RUSTC",
            "CARGO_BUILD_RUSTC_WRAPPER",
            "CARGO_BUILD_RUSTC_WORKSPACE_WRAPPER",
            "CARGO_BUILD_RUSTDOC",
            "PYTHONHOME",
            "RIPGREP_CONFIG_PATH",
            "GREP_OPTIONS",
            "TAR_OPTIONS",
            "LESSOPEN",
            "PERL5LIB",
            "RUBYOPT",
            "JAVA_TOOL_OPTIONS",
            "https_proxy",
            "HTTPS_PROXY",
            "",
            "1A",
            "A-B",
            "A=B",
        ];
        let good = ["CI", "RUST_LOG", "RUSTFLAGS", "CARGO_BUILD_JOBS", "CARGO_HOME", "A1", "LDX"];
        check(|name| variable(name, "x"), &good, &bad);
        for name in ["PATH", "PYTHONPATH", "NODE_PATH", "CLASSPATH", "JAVA_HOME"] {
            check(
                |value| variable(name, value),
                &["/usr/bin:/opt/x/bin"],
                &["", ".", "/usr/bin:", "bin", "/a:.:/b", "/a/../b"],
            );
        }
    }

    #[test]
    fn a_role_is_for_code_that_is_named() {
        let check = |lines: &[&str], good: bool| {
            for line in lines {
                let mut words = line.split(' ').map(str::to_owned);
                let program = words.next().unwrap();
                let words: Vec<String> = words.collect();
                assert_eq!(role(&program, &words).is_ok(), good, "{line}");
            }
        };
        check(
            &[
                "sh scripts/test.sh",
                "/bin/bash test.sh -x",
                "python3 -m unittest",
                "python3.11 -m pytest -q",
                "python3 tests/all.py",
                "node test.js",
                "deno test",
                "java -jar tests.jar",
                "cargo",
                "npm run build",
                "make",
                "ls",
            ],
            true,
        );
        check(
            &[
                "sh",
                "/bin/bash",
                "sh -c",
                "sh -e test.sh",
                "bash +x",
                "python3",
                "python3.11",
                "python3 -m",
                "python3 -m -x",
                "python3 -c",
                "python3 -",
                "/opt/python/bin/python3 -u",
                "node",
                "node --test",
                "perl5.36 -e",
                "lua5.4",
                "java",
                "java -cp",
                "env",
                "env python3",
                "timeout 60 cargo test",
                "busybox sh",
                "xargs cargo",
            ],
            false,
        );
    }

    #[test]
    fn a_toolchain_is_no_home_and_no_key() {
        let bad = [
            "/",
            "/home",
            "/home/ada",
            "/root",
            "/etc",
            "/proc/self",
            "/run/docker.sock",
            "/var/run/x",
            "/home/ada/.ssh",
            "/root/.aws/credentials",
            "/etc/shadow",
            "opt",
            "/opt/../etc",
            "/tmp/x",
            "/dev/sda",
        ];
        check(reads, &["/opt/node", "/home/ada/.rustup", "/root/.cargo/bin", "/usr/lib/jvm"], &bad);
    }

    #[test]
    fn a_cache_hides_nothing_that_others_rely_on() {
        let bad = [
            ".", "..", "../x", ".git", "a/.GIT/b", "/usr/lib", "/etc", "/proc", "/", "/a/../b", "",
        ];
        check(cache, &["target", "node_modules/.cache", "/home/agent/.cargo"], &bad);
        assert_eq!(cache("./a/../b").unwrap(), "b");
    }

    #[test]
    fn hosts_and_remotes_have_one_spelling() {
        assert_eq!(
            host_port("GitHub.com.:443").unwrap(),
            HostPort { host: "github.com".into(), port: 443 }
        );
        assert_eq!(host_port("[::1]:80").unwrap().host, "[::1]");
        check(
            host_port,
            &["a.b:1"],
            &["a.b", "a.b:", "a.b:0", "a.b:65536", ":1", "a b:1", "a.b:+1", "http://a:1"],
        );
        check(
            remote_name,
            &["origin", "up-1.x"],
            &["", "-a", "a/b", "a..b", "a.lock", "a.", "a b"],
        );
        let bad = [
            "http://example.com/x",
            "https://u:p@example.com/x",
            "ssh://a/b",
            "git@a:b",
            "ext::sh",
            "https://a/b?c",
            "file:///a",
            "../x",
            "",
            "/",
        ];
        check(
            remote_url,
            &["https://Example.com/x", "http://localhost:3000/x", "/srv/git/x.git"],
            &bad,
        );
        assert_eq!(remote_host("https://example.com/x").unwrap().port, 443);
        assert_eq!(remote_host("/srv/git/x.git"), None);
    }
}
