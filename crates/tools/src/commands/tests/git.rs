//! Git in the jail: that it works, and that nothing in a repository makes it run or reach anything.
//!
//! Each attack is a repository prepared by hand whose payload would leave a mark (`/tmp/mark` is outside the workspace,
//! `mark` inside it) or show itself. Git runs with words as the contracts make them. Each attack was seen to succeed with
//! the profile switched off; keys that git cannot reach in these calls (pagers, editors, aliases) have no row.

mod http;

use domain::{CredentialSource, Remote};

use super::*;

fn git(words: &[&str]) -> Invocation {
    Invocation {
        scopes: vec!["workspace:**".parse().unwrap()],
        ..call(CommandLine { profile: Profile::Git, ..line("git", words) })
    }
}

const REPOSITORY: &str = "git init -q -b main .; git config user.name T; git config user.email t@example.com; \
    git config commit.gpgsign false; echo a >a; echo b >b; git add .; git commit -q -m one";
const STATUS: &[&str] = &["status", "--porcelain=v2", "--branch", "--"];
const DIFF: &[&str] = &["diff", "--no-color", "--end-of-options", "--"];
const LOG: &[&str] = &["log", "--no-color", "--max-count=50", "-p", "--end-of-options", "--"];
const SHOW: &[&str] = &["show", "--no-color", "--end-of-options", "HEAD", "--"];
const ADD: &[&str] = &["add", "--all", "--", "."];
const COMMIT: &[&str] = &["commit", "--no-verify", "--no-gpg-sign", "--no-edit", "--message=two"];

fn read(world: &World, words: &[&str]) -> (i64, String) {
    let reply = world.read(&git(words)).unwrap_or_else(|trouble| panic!("{words:?}: {trouble}"));
    let text = |field| output(&reply, field).as_str().unwrap().to_owned();
    (output(&reply, "exit_code").as_i64().unwrap(), text("stdout") + &text("stderr"))
}

/// Previews and applies; gives the exit code and the output.
fn change(world: &World, words: &[&str]) -> (i32, String, Plan) {
    let plan = world.preview(&git(words)).unwrap_or_else(|trouble| panic!("{words:?}: {trouble}"));
    world.apply(&plan).unwrap_or_else(|error| panic!("{words:?}: {error}"));
    let execution = plan.execution.clone().unwrap();
    (execution.exit_code, execution.stdout.text + &execution.stderr.text, plan)
}

fn bare_git(world: &World, words: &str) -> String {
    let mut command = Command::new("sh");
    command.args(["-c", words]).current_dir(world.path("")).env("GIT_CONFIG_NOSYSTEM", "1");
    let done = command.env("GIT_CONFIG_GLOBAL", "/dev/null").output().unwrap();
    assert!(done.status.success(), "{words}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}

#[test]
fn git_looks_and_changes_as_it_does_without_a_jail() {
    let world = World::with(REPOSITORY);
    let (code, text) = read(&world, STATUS);
    assert_eq!((code, text.contains("# branch.head main")), (0, true), "{text}");
    direct(&world.path(""), "echo more >>a; echo c >c");
    let (_, text) = read(&world, STATUS);
    assert!(text.contains("a\n") && text.contains("? c"), "{text}");
    let (_, text) = read(&world, DIFF);
    assert!(text.contains("+more"), "{text}");
    let stands = world.tree();
    let (code, _, plan) = change(&world, ADD);
    assert_eq!(code, 0);
    assert!(
        plan.changes.iter().all(|change| change.path.starts_with(".git/")),
        "{:?}",
        lines(&plan)
    );
    assert_ne!(world.tree(), stands);
    let (code, text, plan) = change(&world, COMMIT);
    assert_eq!(code, 0, "{text}");
    assert!(
        plan.changes.iter().all(|change| change.path.starts_with(".git/")),
        "{:?}",
        lines(&plan)
    );
    assert_eq!(bare_git(&world, "git log --format=%an,%s"), "a,two\nT,one\n");
    assert_eq!(bare_git(&world, "git status --porcelain"), "");
    bare_git(&world, "git fsck --strict");
    let (code, _, _) = change(&world, &["branch", "--no-track", "--", "agent/x"]);
    assert_eq!(code, 0);
    let (code, text, _) =
        change(&world, &["switch", "--no-guess", "--no-recurse-submodules", "--", "agent/x"]);
    assert_eq!(code, 0, "{text}");
    assert_eq!(bare_git(&world, "git branch --show-current"), "agent/x\n");
    let (_, text) = read(&world, LOG);
    assert!(text.contains("two") && text.contains("+more"), "{text}");
    let (_, text) = read(&world, SHOW);
    assert!(text.contains("two"), "{text}");
}

/// Runs every kind of call on a prepared repository: none leaves a mark.
fn attack(what: &str, prepare: &str) {
    let world = World::with(REPOSITORY);
    direct(&world.path(""), &format!("exec 2>&1; {prepare}"));
    direct(
        &world.path(""),
        "rm -f mark; echo changed >>a; echo n >n.txt; git config --get core.bare >/dev/null || true",
    );
    for words in [STATUS, DIFF, LOG, SHOW] {
        let (_, text) = read(&world, words);
        assert!(!text.contains("PAYLOAD"), "{what} {words:?}: {text}");
    }
    for words in [
        ADD,
        COMMIT,
        &["switch", "--no-guess", "--no-recurse-submodules", "--no-track", "--create=x", "--"],
    ] {
        let plan = match world.preview(&git(words)) {
            Ok(plan) => plan,
            Err(trouble) => {
                assert!(matches!(trouble, Trouble::Git(_)), "{what} {words:?}: {trouble}");
                continue;
            }
        };
        let marked = lines(&plan).into_iter().find(|line| line.contains("mark"));
        assert_eq!(marked, None, "{what} {words:?}");
        let execution = plan.execution.clone().unwrap();
        let text = execution.stdout.text + &execution.stderr.text;
        assert!(!text.contains("PAYLOAD"), "{what} {words:?}: {text}");
        world.apply(&plan).unwrap_or_else(|error| panic!("{what} {words:?}: {error}"));
    }
    assert!(!world.path("mark").exists(), "{what}");
}

/// A script that leaves a mark, and shows itself.
const PAYLOAD: &str = "printf '#!/bin/sh\\necho PAYLOAD >&2; echo PAYLOAD >\"$(dirname \"$0\")/mark\"; cat\\n' >evil; chmod +x evil;";

#[test]
fn nothing_that_a_repository_configures_runs() {
    let evil = |what: &str, rest: &str| attack(what, &format!("{PAYLOAD} {rest}"));
    evil("core.fsmonitor", "git config core.fsmonitor ./evil");
    evil(
        "core.hooksPath",
        "mkdir h; cp evil h/pre-commit; cp evil h/post-checkout; git config core.hooksPath h",
    );
    evil(
        "hooks",
        "for h in pre-commit commit-msg post-commit post-checkout post-index-change reference-transaction prepare-commit-msg; do cp evil .git/hooks/$h; done",
    );
    evil("diff.external", "git config diff.external ./evil");
    evil("textconv", "git config diff.x.textconv ./evil; echo '* diff=x' >.gitattributes");
    evil("diff driver", "git config diff.x.command ./evil; echo '* diff=x' >.gitattributes");
    evil(
        "filters",
        "git config filter.x.clean ./evil; git config filter.x.smudge ./evil; git config filter.x.process ./evil; git config filter.x.required true; echo '* filter=x' >.gitattributes",
    );
    evil(
        "git lfs",
        "git config filter.lfs.clean ./evil; git config filter.lfs.process ./evil; echo '* filter=lfs diff=lfs merge=lfs -text' >.gitattributes",
    );
    evil(
        "filters of .git/info",
        "git config filter.x.clean ./evil; echo '* filter=x' >.git/info/attributes",
    );
    evil(
        "include.path",
        "printf '[core]\\n\\tfsmonitor = ./evil\\n\\thooksPath = .\\n' >inc; git config include.path ../inc; cp evil pre-commit",
    );
    evil(
        "includeIf",
        "printf '[core]\\n\\tfsmonitor = ./evil\\n' >inc; git config includeIf.gitdir:**.path ../inc",
    );
    // A commit whose signature is looked at when it is shown.
    evil(
        "signatures",
        "git config gpg.program ./evil; git config log.showSignature true; \
        git cat-file commit HEAD | sed '/^committer/a gpgsig -----BEGIN PGP SIGNATURE-----\\n \\n iQ==\\n -----END PGP SIGNATURE-----' >/tmp/signed.$$; \
        git update-ref HEAD \"$(git hash-object -t commit -w --stdin </tmp/signed.$$)\"; rm /tmp/signed.$$",
    );
    evil(
        "worktree config",
        "git config extensions.worktreeConfig true; printf '[core]\\n\\tfsmonitor = ./evil\\n' >.git/config.worktree",
    );
}

#[test]
fn a_merge_runs_no_driver_and_no_hook() {
    let world = World::with(REPOSITORY);
    let prepare = "git switch -q -c other; echo theirs >a; git commit -q -a -m theirs; git switch -q main; echo ours >a; \
        git commit -q -a -m ours; git config merge.x.driver './evil %A'; echo '* merge=x' >.git/info/attributes; \
        cp evil .git/hooks/pre-merge-commit; cp evil .git/hooks/post-merge";
    direct(&world.path(""), &format!("{PAYLOAD} {prepare}"));
    let words = ["merge", "--no-edit", "--no-verify", "--no-gpg-sign", "--", "other"];
    let plan = world.preview(&git(&words)).unwrap();
    let execution = plan.execution.clone().unwrap();
    let text = execution.stdout.text.clone() + &execution.stderr.text;
    assert!(execution.exit_code == 1 && text.contains("CONFLICT"), "{execution:?}");
    assert!(
        !text.contains("PAYLOAD") && !lines(&plan).iter().any(|line| line.contains("mark")),
        "{text}"
    );
}

#[test]
fn nothing_that_a_submodule_configures_runs() {
    let submodule = format!(
        "{PAYLOAD} git init -q sub; (cd sub; git config user.name T; git config user.email t@example.com; echo s >s; git add .; git commit -q -m s; \
         git config core.fsmonitor ../evil; mkdir h; cp ../evil h/pre-commit; git config core.hooksPath h); \
         printf '[submodule \"sub\"]\\n\\tpath = sub\\n\\turl = ./sub\\n\\tignore = none\\n\\tupdate = !./evil\\n' >.gitmodules; \
         git -c core.fsmonitor=false -c protocol.file.allow=always add sub .gitmodules; git commit -q -m sub; echo dirty >>sub/s"
    );
    attack("submodule", &submodule);
    let (world, evil) = (
        World::with(REPOSITORY),
        format!(
            "{PAYLOAD} mkdir -p bare/objects bare/refs; cp .git/HEAD bare/; \
        printf '[core]\\n\\tbare = true\\n\\trepositoryformatversion = 0\\n\\tfsmonitor = ./evil\\n' >bare/config"
        ),
    );
    direct(&world.path(""), &evil);
    let (_, text) = read(&world, STATUS);
    assert!(!text.contains("PAYLOAD"), "an embedded bare repository: {text}");
}

#[test]
fn a_repository_that_points_elsewhere_is_refused() {
    let refuse = |prepare: &str, part: &str| {
        let world = World::with(REPOSITORY);
        direct(&world.path(""), prepare);
        for error in [
            world.read(&git(STATUS)).unwrap_err().not_executed(),
            world.preview(&git(ADD)).unwrap_err().not_executed(),
        ] {
            assert!(error.message.contains(part), "{prepare}: {error}");
            assert_eq!(error.own_code.as_deref(), Some("not_a_repository"));
        }
    };
    refuse("mv .git ../outside/git; ln -s ../outside/git .git", "`.git` is no directory");
    refuse("mv .git ../outside/git; echo 'gitdir: ../outside/git' >.git", "`.git` is no directory");
    refuse("rm -rf .git", "no git repository");
    refuse("echo ../x >.git/commondir", "kept elsewhere");
    refuse("echo '[core' >.git/config", "cannot be read");
    refuse("rm .git/config; ln -s ../a .git/config", "no file that can be read");
    refuse("git config extensions.future 1", "the extension `future`");
}

#[test]
fn words_that_come_from_a_call_stay_what_they_are() {
    let world = World::with(REPOSITORY);
    for words in [
        ["show", "--no-color", "--end-of-options", "--output=mark", "--"].as_slice(),
        &["diff", "--no-color", "--end-of-options", "--output=mark", "--"],
        &["log", "--no-color", "--end-of-options", "--output=mark", "--"],
        &["branch", "--no-track", "--", "--upload-pack=x"],
        &["switch", "--no-guess", "--", "-c"],
        &["add", "--all", "--", "--chmod=+x"],
    ] {
        let plan = world.preview(&git(words)).unwrap();
        assert_ne!(plan.execution.as_ref().unwrap().exit_code, 0, "{words:?}");
        assert!(
            !lines(&plan).iter().any(|line| line.contains("mark")),
            "{words:?}: {:?}",
            lines(&plan)
        );
    }
    // A pathspec is a path: no magic, no patterns.
    direct(&world.path(""), "echo n >n.txt; echo ':(exclude)a' >':(exclude)a'");
    let (code, text, _) = change(&world, &["add", "--all", "--", "*.txt"]);
    assert_ne!(code, 0, "{text}");
    let (code, text, _) = change(&world, &["add", "--all", "--", ":(exclude)a"]);
    assert_eq!(code, 0, "{text}");
    assert_eq!(bare_git(&world, "git diff --cached --name-only"), ":(exclude)a\n");
}

fn remote(world: &World, words: &[&str], url: &str) -> Invocation {
    let mut invocation = git(words);
    let remote = Remote {
        name: "origin".to_owned(),
        url: url.to_owned(),
        credential: Some(CredentialSource::File(
            world.directory.path().join("token").display().to_string(),
        )),
    };
    invocation.command.as_mut().unwrap().remote = Some(remote);
    invocation.scopes = vec!["workspace:.git/**".parse().unwrap()];
    invocation
}

#[test]
fn a_push_reaches_the_bare_repository_that_is_named_and_a_fetch_brings_it_back() {
    let world = World::with(REPOSITORY);
    let at = world.directory.path().join("bare.git");
    let url = at.display().to_string();
    bare_git(&world, &format!("git init -q --bare -b main '{url}'"));
    let push = ["push", "--porcelain", "--", &url, "HEAD:refs/heads/agent/x"];
    let reply = world.live(&remote(&world, &push, &url)).unwrap();
    assert_eq!(output(&reply, "exit_code"), 0, "{reply:?}");
    assert_eq!(bare_git(&world, &format!("git -C '{url}' branch")), "  agent/x\n");
    let fetch =
        ["fetch", "--no-tags", "--", &url, "refs/heads/agent/x:refs/remotes/origin/agent/x"];
    let reply = world.live(&remote(&world, &fetch, &url)).unwrap();
    assert_eq!(output(&reply, "exit_code"), 0, "{reply:?}");
    assert_eq!(
        bare_git(&world, "git rev-parse origin/agent/x"),
        bare_git(&world, "git rev-parse HEAD")
    );
    let effects: Vec<&str> = reply.effects.iter().map(|effect| effect.resource.as_str()).collect();
    assert!(effects.contains(&"workspace:.git/refs/remotes/origin/agent/x"), "{effects:?}");
    // A fetch may not write to the remote: its directory is read-only then.
    let stands = tree(&at);
    let other = ["fetch", "--no-tags", "--", &url, "refs/heads/agent/x:refs/heads/y"];
    world.live(&remote(&world, &other, &url)).unwrap();
    assert_eq!(tree(&at), stands);
}

/// Git takes an address for the name of a remote first, and an object's id for the name of a branch first. So an
/// agent that could write in `.git` chose where an approved push went, and what it sent.
#[test]
fn an_approved_push_sends_the_approved_commit_to_the_named_place() {
    let world = World::with(REPOSITORY);
    let directory = world.directory.path();
    let [at, other] =
        ["bare.git", "other.git"].map(|name| directory.join(name).display().to_string());
    bare_git(&world, &format!("git init -q --bare '{at}'; git init -q --bare '{other}'"));
    let approved = bare_git(&world, "git rev-parse HEAD").trim().to_owned();
    bare_git(
        &world,
        &format!(
            "git commit -q --allow-empty -m evil; git update-ref refs/heads/{approved} HEAD; \
             git config 'remote.{at}.url' '{other}'; git config 'remote.{at}.fetch' '+refs/heads/*:refs/heads/*'"
        ),
    );
    let template = format!("{approved}^0:refs/heads/agent/x");
    let reply = world.live(&remote(&world, &["push", "--porcelain", "--", &at, &template], &at));
    let reply = reply.unwrap();
    assert_eq!(output(&reply, "exit_code"), 0, "{reply:?}");
    let sent = bare_git(&world, &format!("git -C '{at}' rev-parse agent/x"));
    assert_eq!(sent.trim(), approved);
    assert_eq!(bare_git(&world, &format!("git -C '{other}' branch")), "");
}

#[test]
fn what_a_command_changes_outside_its_scope_is_not_applied() {
    let world = World::with(REPOSITORY);
    let url = world.directory.path().join("bare.git").display().to_string();
    bare_git(&world, &format!("git init -q --bare -b main '{url}'"));
    let stands = world.tree();
    let restore = ["rm", "-q", "--", "a"];
    let error = world.live(&remote(&world, &restore, &url)).unwrap_err();
    assert_eq!(error.executed, domain::Executed::Partly, "{error}");
    assert_eq!(error.own_code.as_deref(), Some("out_of_scope"));
    assert!(error.message.contains("`a`"), "{error}");
    assert_eq!(world.tree(), stands);
}

#[test]
fn other_protocols_and_other_repositories_are_out_of_reach() {
    let world = World::with(REPOSITORY);
    let at = world.directory.path().join("bare.git").display().to_string();
    let other = world.directory.path().join("other.git").display().to_string();
    bare_git(&world, &format!("git init -q --bare '{at}'; git init -q --bare '{other}'"));
    bare_git(
        &world,
        &format!(
            "git config url.'ext::sh -c mark'.insteadOf '{at}'; git config remote.o.uploadpack ./evil"
        ),
    );
    for target in
        ["ext::sh -c 'echo PAYLOAD >mark'", "git://localhost/x", "ssh://localhost/x", &other]
    {
        let words = ["push", "--porcelain", "--", target, "HEAD:refs/heads/x"];
        let reply = world.live(&remote(&world, &words, &at)).unwrap();
        assert_ne!(output(&reply, "exit_code"), 0, "{target}: {reply:?}");
        assert!(!world.path("mark").exists());
    }
    let words = ["push", "--porcelain", "--", &at, "HEAD:refs/heads/x"];
    let reply = world.live(&remote(&world, &words, &at)).unwrap();
    assert_eq!(output(&reply, "exit_code"), 0, "insteadOf is not followed: {reply:?}");
}
