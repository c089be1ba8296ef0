//! Whether a command that is named with a role says which code it is.
//!
//! In: a program and the words by which it is named. Out: no for a program that runs whatever its words bring and whose
//! named words leave that open: `sh`, `python3 -c`, `node -e`, `env`. A role says that a command is daily work, and nobody
//! can say that of code that each call brings along. Not asked here: what further words do to a script that is named, and
//! what stands in it, which is the workspace's own. Tests: `command/rules.rs`.

/// A program that runs the code which its words name.
struct Interpreter {
    name: &'static str,
    /// Options whose next word names that code.
    naming: &'static [&'static str],
}

const fn plain(name: &'static str) -> Interpreter {
    Interpreter { name, naming: &[] }
}

/// By their names without a version.
const INTERPRETERS: &[Interpreter] = &[
    Interpreter { name: "java", naming: &["-jar"] },
    Interpreter { name: "pypy", naming: &["-m"] },
    Interpreter { name: "python", naming: &["-m"] },
    plain("ash"),
    plain("awk"),
    plain("bash"),
    plain("bun"),
    plain("csh"),
    plain("dash"),
    plain("deno"),
    plain("elvish"),
    plain("expect"),
    plain("fish"),
    plain("gawk"),
    plain("groovy"),
    plain("guile"),
    plain("julia"),
    plain("ksh"),
    plain("lua"),
    plain("luajit"),
    plain("mawk"),
    plain("mksh"),
    plain("nawk"),
    plain("node"),
    plain("nodejs"),
    plain("nu"),
    plain("osascript"),
    plain("perl"),
    plain("php"),
    plain("pwsh"),
    plain("rbash"),
    plain("Rscript"),
    plain("ruby"),
    plain("sh"),
    plain("tclsh"),
    plain("tcsh"),
    plain("yash"),
    plain("zsh"),
];

/// Programs that run what their further words say: to name one is to name nothing.
const WRAPPERS: &[&str] = &[
    "busybox", "chroot", "chrt", "command", "doas", "env", "exec", "flock", "ionice", "nice",
    "nohup", "nsenter", "parallel", "script", "setarch", "setpriv", "setsid", "stdbuf", "strace",
    "sudo", "taskset", "time", "timeout", "toybox", "unbuffer", "unshare", "watch", "xargs",
];

/// Whether the program and these words leave no choice of code to a call.
pub(crate) fn names_code(program: &str, words: &[String]) -> bool {
    let name = super::name(program);
    if WRAPPERS.contains(&name) {
        return false;
    }
    // `python3.11` is `python`.
    let name = name.trim_end_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
    let Some(known) = INTERPRETERS.iter().find(|known| known.name == name) else { return true };
    // Shells take options that begin with `+` too.
    let code = |word: &String| !word.is_empty() && !word.starts_with(['-', '+']);
    match words {
        [option, rest @ ..] if known.naming.contains(&option.as_str()) => {
            rest.first().is_some_and(code)
        }
        [first, ..] => code(first),
        [] => false,
    }
}
