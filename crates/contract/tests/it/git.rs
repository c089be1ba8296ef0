//! The git tools' command lines, run by the real git in a scratch repository.
//!
//! Only the words are tested here: whether git takes them for what they say, and takes no value for an option. The jail
//! and git's settings in it are tested where they are made.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use contract::{Catalogue, Installation, builtin, load};
use domain::{CommandLine, Profile, Remote};
use serde_json::{Value, json};

use crate::support::{chain, installation};

struct Scratch {
    directory: tempfile::TempDir,
    catalogue: Catalogue,
}

impl Scratch {
    /// A repository with one commit on `main`, and a bare one beside it that is the remote `local`.
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let bare = directory.path().join("bare.git");
        let remote = Remote {
            name: "local".to_owned(),
            url: bare.to_str().unwrap().to_owned(),
            credential: None,
        };
        let installation = Installation::new(Vec::new(), vec![remote]).unwrap();
        let catalogue = load::installed(&builtin::FILES, &installation).unwrap();
        let scratch = Self { directory, catalogue };
        fs::create_dir(scratch.work()).unwrap();
        scratch.plain(&["init", "--quiet", "--initial-branch=main"]);
        scratch.plain(&["init", "--quiet", "--bare", bare.to_str().unwrap()]);
        scratch.write("a.txt", "one\n");
        scratch.good("git.add", json!({"paths": ["."]}));
        scratch.good("git.commit", json!({"message": "begin\n\nwith a reason\n# and a number"}));
        scratch
    }

    fn work(&self) -> PathBuf {
        self.directory.path().join("work")
    }

    fn write(&self, path: &str, text: &str) {
        fs::write(self.work().join(path), text).unwrap();
    }

    fn plain(&self, words: &[&str]) -> String {
        let output = run(&self.work(), words);
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    fn line(&self, tool: &str, arguments: &Value) -> CommandLine {
        let tool = self.catalogue.find(tool).unwrap();
        let resolved = tool.resolve(arguments, &chain(), None);
        resolved.unwrap_or_else(|error| panic!("{arguments}: {error}")).command.unwrap()
    }

    fn call(&self, tool: &str, arguments: &Value) -> Output {
        let line = self.line(tool, arguments);
        assert_eq!((line.program.as_str(), line.profile), ("git", Profile::Git));
        assert!(!line.facts.starts_programs);
        let words: Vec<&str> = line.arguments.iter().map(String::as_str).collect();
        run(&self.work(), &words)
    }

    fn good(&self, tool: &str, arguments: Value) -> String {
        let output = self.call(tool, &arguments);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{tool} {arguments}: {told}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn head(&self) -> String {
        self.plain(&["rev-parse", "HEAD"])
    }
}

fn run(directory: &Path, words: &[&str]) -> Output {
    Command::new("git")
        .args(words)
        .current_dir(directory)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("HOME", directory)
        .envs([("GIT_CONFIG_NOSYSTEM", "1"), ("GIT_EDITOR", "false"), ("GIT_TERMINAL_PROMPT", "0")])
        .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_NAME"), "ada")))
        .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_EMAIL"), "ada@example.com")))
        .output()
        .unwrap()
}

#[test]
fn a_day_with_git_goes_through_every_tool() {
    let git = Scratch::new();
    assert!(git.plain(&["log", "--format=%B"]).contains("# and a number"));
    git.good("git.branch", json!({"name": "agent/fix", "start": "main"}));
    git.good("git.switch", json!({"branch": "agent/fix"}));
    assert_eq!(git.plain(&["branch", "--show-current"]), "agent/fix");
    git.write("a.txt", "one\ntwo\n");
    git.write("b.txt", "b\n");
    let status = git.good("git.status", json!({}));
    assert!(status.contains("# branch.head agent/fix") && status.contains("? b.txt"), "{status}");
    assert!(!git.good("git.status", json!({"paths": ["a.txt"]})).contains("b.txt"));
    assert!(git.good("git.diff", json!({})).contains("+two"));
    git.good("git.add", json!({"paths": ["a.txt", "b.txt"]}));
    assert_eq!(git.good("git.diff", json!({})), "");
    let staged = git.good(
        "git.diff",
        json!({"staged": true, "summary": true, "from": "main", "paths": ["b.txt"]}),
    );
    assert!(staged.contains("b.txt") && !staged.contains("a.txt"), "{staged}");
    git.good("git.commit", json!({"message": "add two"}));
    git.good("git.commit", json!({"message": "add two and b", "amend": true}));
    let log = git.good("git.log", json!({"revision": "main..agent/fix", "count": 5, "stat": true}));
    assert!(
        log.contains("add two and b") && log.contains("b.txt") && !log.contains("begin"),
        "{log}"
    );
    assert_eq!(git.good("git.log", json!({"author": "nobody", "since": "2 weeks ago"})), "");
    assert_eq!(git.good("git.show", json!({"object": "main:a.txt"})), "one\n");
    assert!(
        git.good("git.show", json!({"object": "HEAD", "summary": true, "paths": ["b.txt"]}))
            .contains("b.txt")
    );
    assert!(
        git.good("git.diff", json!({"from": "main", "to": "agent/fix", "context": 0}))
            .contains("+two")
    );
}

#[test]
fn files_are_put_back_and_branches_joined() {
    let git = Scratch::new();
    git.good("git.switch", json!({"create": "agent/a", "branch": "main"}));
    git.write("a.txt", "changed\n");
    git.good("git.restore", json!({"paths": ["a.txt"]}));
    assert_eq!(fs::read_to_string(git.work().join("a.txt")).unwrap(), "one\n");
    git.write("a.txt", "changed\n");
    git.good("git.add", json!({"paths": ["."]}));
    git.good("git.restore", json!({"paths": ["a.txt"], "staged": true}));
    assert!(git.good("git.diff", json!({})).contains("+changed"));
    git.good(
        "git.restore",
        json!({"paths": ["."], "staged": true, "worktree": true, "source": "main"}),
    );
    assert_eq!(git.good("git.diff", json!({"from": "main"})), "");
    git.write("b.txt", "b\n");
    git.good("git.add", json!({"paths": ["b.txt"]}));
    git.good("git.commit", json!({"message": "b"}));
    git.good("git.switch", json!({"branch": "main"}));
    git.good("git.merge", json!({"revision": "agent/a", "no_ff": true, "message": "join\n\nboth"}));
    assert!(git.work().join("b.txt").exists());
    git.good("git.branch", json!({"name": "agent/a", "delete": true}));
    assert_eq!(git.plain(&["branch", "--format=%(refname:short)"]), "main");
}

#[test]
fn a_merge_with_conflicts_is_a_result_and_can_be_ended() {
    let git = Scratch::new();
    for (branch, text) in [("agent/x", "x\n"), ("agent/y", "y\n")] {
        git.good("git.switch", json!({"create": branch, "branch": "main"}));
        git.write("a.txt", text);
        git.good("git.add", json!({"paths": ["a.txt"]}));
        git.good("git.commit", json!({"message": branch}));
    }
    let conflict = git.call("git.merge", &json!({"revision": "agent/x"}));
    assert_eq!(conflict.status.code(), Some(1));
    assert!(fs::read_to_string(git.work().join("a.txt")).unwrap().contains("<<<<<<<"));
    git.good("git.merge_abort", json!({}));
    assert_eq!(fs::read_to_string(git.work().join("a.txt")).unwrap(), "y\n");
    let refused = git.call("git.merge", &json!({"revision": "agent/x", "ff_only": true}));
    assert!(!refused.status.success());
}

#[test]
fn a_push_sends_the_commit_that_was_approved_and_force_needs_what_is_expected() {
    let git = Scratch::new();
    let first = git.head();
    let push = |more: Value| {
        let mut arguments = json!({"remote": "local", "branch": "agent/fix", "commit": first});
        arguments.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        arguments
    };
    git.good("git.push", push(json!({})));
    let at = |git: &Scratch| {
        let bare = git.directory.path().join("bare.git");
        git.plain(&["--git-dir", bare.to_str().unwrap(), "rev-parse", "refs/heads/agent/fix"])
    };
    assert_eq!(at(&git), first);
    git.good("git.commit", json!({"message": "another begin", "amend": true}));
    let second = git.head();
    let rejected = git.call("git.push", &push(json!({"commit": second})));
    assert_eq!((rejected.status.code(), at(&git)), (Some(1), first.clone()));
    let wrong = push(json!({"commit": second, "force": true, "expected": second}));
    let rejected = git.call("git.push", &wrong);
    assert_eq!((rejected.status.code(), at(&git)), (Some(1), first.clone()));
    git.good("git.push", push(json!({"commit": second, "force": true, "expected": first})));
    assert_eq!(at(&git), second);
    git.good("git.fetch", json!({"remote": "local", "branch": "*"}));
    assert_eq!(git.plain(&["rev-parse", "refs/remotes/local/agent/fix"]), second);
    git.good("git.fetch", json!({"remote": "local", "branch": "agent/fix"}));
}

static WITH_REMOTES: LazyLock<Catalogue> =
    LazyLock::new(|| load::installed(&builtin::FILES, &installation()).unwrap());

fn told(tool: &str, arguments: &Value) -> String {
    let tool = WITH_REMOTES.find(tool).unwrap();
    match tool.resolve(arguments, &chain(), None) {
        Ok(resolved) => panic!("{arguments}: {:?}", resolved.command),
        Err(error) => error.to_string(),
    }
}

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

#[test]
fn what_could_be_an_option_a_refspec_or_another_remote_is_refused() {
    let push = |name: &str, value: Value| {
        let mut arguments = json!({"remote": "origin", "branch": "agent/fix", "commit": COMMIT});
        arguments[name] = value;
        told("git.push", &arguments)
    };
    for (name, value) in [
        ("branch", json!("--force")),
        ("branch", json!("-d")),
        ("branch", json!("+main")),
        ("branch", json!("a:refs/heads/main")),
        ("branch", json!("a b")),
        ("branch", json!("a..b")),
        ("branch", json!("a/")),
        ("branch", json!("a//b")),
        ("branch", json!(".a")),
        ("branch", json!("a/.b")),
        ("branch", json!("a.")),
        ("branch", json!("a~1")),
        ("branch", json!("a^")),
        ("branch", json!("a?")),
        ("branch", json!("*")),
        ("branch", json!("a\nb")),
        ("branch", json!("a@{1}")),
        ("branch", json!("")),
        ("commit", json!("HEAD")),
        ("commit", json!("main")),
        ("commit", json!("0123456")),
        ("commit", json!("+0123456789abcdef0123456789abcdef01234567")),
        ("remote", json!("https://evil.example/x")),
        ("remote", json!("--upload-pack=x")),
        ("remote", json!("../bare.git")),
        ("remote", json!("upstream")),
        ("force", json!(true)),
        ("force", json!("true")),
        ("expected", json!(COMMIT)),
    ] {
        push(name, value);
    }
    assert!(push("remote", json!("upstream")).contains("expected one of `origin`, `local`"));
    assert!(push("force", json!(true)).contains("/expected"));
    for (tool, arguments) in [
        ("git.log", json!({"revision": "--output=x"})),
        ("git.log", json!({"revision": "-p"})),
        ("git.show", json!({"object": "--textconv"})),
        ("git.show", json!({"object": "HEAD", "paths": ["-x"]})),
        ("git.diff", json!({"from": "--no-index", "to": "/etc/passwd"})),
        ("git.diff", json!({"to": "main"})),
        ("git.diff", json!({"paths": ["/etc/passwd"]})),
        ("git.diff", json!({"paths": ["../x"]})),
        ("git.add", json!({"paths": ["--chmod=+x"]})),
        ("git.add", json!({"paths": []})),
        ("git.merge", json!({"revision": "-s"})),
        ("git.switch", json!({})),
        ("git.switch", json!({"create": "-f"})),
        ("git.branch", json!({"name": "a", "delete": true, "start": "b"})),
        ("git.restore", json!({"paths": ["a"], "source": "a b\n"})),
        ("git.commit", json!({"message": "x", "author": "somebody"})),
    ] {
        told(tool, &arguments);
    }
}

#[test]
fn a_remote_brings_its_host_and_its_credential_and_nothing_else_does() {
    let line = |remote: &str| {
        let arguments = json!({"remote": remote, "branch": "agent/fix", "commit": COMMIT});
        let resolved =
            WITH_REMOTES.find("git.push").unwrap().resolve(&arguments, &chain(), None).unwrap();
        assert_eq!(resolved.resource.as_str(), format!("git:{remote}/agent/fix"));
        resolved.command.unwrap()
    };
    let origin = line("origin");
    assert_eq!(
        (origin.needs.hosts[0].host.as_str(), origin.needs.hosts[0].port),
        ("example.com", 443)
    );
    assert!(origin.remote.unwrap().credential.is_some());
    assert!(origin.arguments.contains(&"https://example.com/x.git".to_owned()));
    assert!(line("local").needs.hosts.is_empty());
    let status =
        WITH_REMOTES.find("git.status").unwrap().resolve(&json!({}), &chain(), None).unwrap();
    assert_eq!(status.command.unwrap().remote, None);
}
