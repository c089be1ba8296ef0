//! Whether a program only does what its words say, or starts other programs that words or files name.
//!
//! In: a program and its arguments. Out: yes or no, and yes for everything that is not on a short reviewed list of
//! programs known to start nothing. So shells, interpreters, build tools, package managers and whatever is new all
//! count as starting programs without being listed anywhere. Where a listed program has options or scripts by which
//! it does start others, the arguments are looked at (`programs/careful.rs`). This is a fact for policy; what holds a
//! program in its place is the jail. Tests: below, as tables.

mod careful;
mod interpreters;

pub(crate) use interpreters::names_code;

/// A program's name without its directory.
pub fn name(program: &str) -> &str {
    program.rsplit('/').next().unwrap_or(program)
}

/// Where programs of the system lie. A file of the same name elsewhere may be anything.
const SYSTEM: &[&str] = &["/bin/", "/usr/bin/", "/sbin/", "/usr/sbin/"];

/// Programs that read, write and print what their words name and start nothing, whatever their words are. Reviewed
/// against the manuals of GNU coreutils 9, findutils 4 and BSD's utilities.
const HARMLESS: &[&str] = &[
    "[",
    "arch",
    "b2sum",
    "base32",
    "base64",
    "basename",
    "basenc",
    "cat",
    "chmod",
    "cksum",
    "cmp",
    "col",
    "comm",
    "cp",
    "csplit",
    "cut",
    "date",
    "dd",
    "df",
    "dir",
    "dirname",
    "du",
    "echo",
    "expand",
    "expr",
    "factor",
    "false",
    "fmt",
    "fold",
    "grep",
    "egrep",
    "fgrep",
    "groups",
    "head",
    "hexdump",
    "hostname",
    "id",
    "join",
    "jq",
    "link",
    "ln",
    "ls",
    "md5sum",
    "mkdir",
    "mkfifo",
    "mktemp",
    "mv",
    "nl",
    "nproc",
    "numfmt",
    "od",
    "paste",
    "pathchk",
    "pr",
    "printenv",
    "printf",
    "pwd",
    "readlink",
    "realpath",
    "rev",
    "rm",
    "rmdir",
    "seq",
    "sha1sum",
    "sha224sum",
    "sha256sum",
    "sha384sum",
    "sha512sum",
    "shuf",
    "sleep",
    "stat",
    "strings",
    "sum",
    "sync",
    "tac",
    "tail",
    "tee",
    "test",
    "touch",
    "tr",
    "tree",
    "true",
    "truncate",
    "tsort",
    "tty",
    "uname",
    "unexpand",
    "uniq",
    "unlink",
    "vdir",
    "wc",
    "whoami",
    "xxd",
    "yes",
];

/// Whether it is a shell, an interpreter, or starts programs that its arguments or files name. Yes if unknown.
pub fn starts_programs(program: &str, arguments: &[String]) -> bool {
    let name = name(program);
    let elsewhere = program.contains('/')
        && !SYSTEM.iter().any(|system| program.strip_prefix(system) == Some(name));
    if elsewhere {
        return true;
    }
    !HARMLESS.contains(&name) && !careful::is_harmless(name, arguments)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn each(lines: &str) -> impl Iterator<Item = &str> {
        lines.split([';', '\n']).map(str::trim).filter(|line| !line.is_empty())
    }

    fn starts(line: &str) -> bool {
        let mut words = line.split(' ').map(str::to_owned);
        let program = words.next().unwrap();
        starts_programs(&program, &words.collect::<Vec<_>>())
    }

    const STARTERS: &str = "
        sh -c x; bash; dash; zsh; fish; ksh; busybox ls; python x.py; python3; python3.11 -c x; node; deno; bun
        perl -e x; ruby; php; lua; java; go run x; tclsh; awk {}; gawk; mawk; env ls; /usr/bin/env ls; xargs rm; make
        gmake; cmake; ninja; just; npm test; npx x; pnpm; yarn; cargo test; pip install x; uv run; git status; ssh host
        sudo ls; su; doas; nohup ls; timeout 1 ls; nice ls; setsid ls; time ls; watch ls; parallel; strace ls; gdb; vim
        vi; ed; less; more; man; tar xf a; tar --to-command=x xf a; tar --checkpoint-action=exec=x; rsync -e x
        install -s a b; stdbuf -o0 ls; chroot / ls; unshare ls; nsenter; script; expect; socat; nc; at; crontab
        systemctl; docker run x; gcc x.c; ld; m4; bc; dc; patch; zip; unzip; emacs; ip; busybox; toybox ls; flock x ls
        ionice ls; taskset 1 ls; run-parts x; ldconfig; unknown-tool";

    #[test]
    fn shells_interpreters_and_starters_start_programs() {
        for line in each(STARTERS) {
            assert!(starts(line), "{line}");
        }
    }

    const PLAIN: &str = "
        ls -l; /bin/ls; /usr/bin/cat x; rm -rf logs; cp a b; mv a b; grep -r x .; jq .a x; wc -l x; chmod 600 x; echo x
        test -f x; mkdir -p a; printf x; head -n 1 x; sha256sum x; true; du -s .";

    #[test]
    fn a_known_program_that_only_does_what_it_says_starts_none() {
        for line in each(PLAIN) {
            assert!(!starts(line), "{line}");
        }
    }

    #[test]
    fn a_program_of_a_known_name_that_lies_elsewhere_may_be_anything() {
        for line in [
            "./ls",
            "bin/cat x",
            "/opt/x/ls",
            "/usr/bin/../../opt/ls",
            "/usr/bin/x/ls",
            "/tmp/rm x",
            "../rm",
        ] {
            assert!(starts(line), "{line}");
        }
        assert!(starts("LS"), "names are compared exactly");
        assert!(starts(""), "no name is no known name");
    }
}
