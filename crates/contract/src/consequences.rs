//! What follows from a plan's changes themselves, whatever tool made them.
//!
//! In: a plan, or one change. Out: `delete` where something is gone, `overwrite` where something is replaced, and
//! `code_execution` where a changed path is run later by somebody else: git by a hook, a forge by its workflow, an editor
//! by its tasks, a build tool by its scripts. Which paths those are stands in `consequences/paths.rs`, and which members
//! of files that mostly name packages in `consequences/package.rs`. Both list what is known: an ordinary source file also
//! runs some day, and people see the plan for that.

mod package;
mod paths;

use domain::{Change, Consequence, Consequences, Node, Plan};

/// What follows from all changes of a plan.
pub fn consequences_of(plan: &Plan) -> Consequences {
    plan.changes.iter().flat_map(consequences_of_change).collect()
}

/// What follows from one change.
pub fn consequences_of_change(change: &Change) -> Consequences {
    let mut found = Consequences::new();
    match (&change.before, &change.after) {
        (Some(_), None) => found.insert(Consequence::Delete),
        (Some(_), Some(_)) => found.insert(Consequence::Overwrite),
        (None, Some(_)) | (None, None) => false,
    };
    if runs_later(change) {
        found.insert(Consequence::CodeExecution);
    }
    found
}

/// Whether what stands at the path afterwards is run by somebody else. A deletion leaves nothing to run, but what it
/// leaves behind may run otherwise (a check that is gone), so it counts too.
fn runs_later(change: &Change) -> bool {
    let parts: Vec<String> = change.path.split('/').map(str::to_lowercase).collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    // Each `.git` may be a repository: one among the objects of another has hooks of its own.
    let gits = parts.iter().enumerate().filter(|(_, part)| **part == ".git");
    let mut inside = gits.map(|(at, _)| parts.get(at + 1..).unwrap_or_default()).peekable();
    if inside.peek().is_some() {
        return inside.any(|inside| paths::git_runs(inside, change));
    }
    if let Some(differs) = parts.last().and_then(|name| package::differs(name, change)) {
        return differs;
    }
    // An empty directory runs nothing; its entries are changes of their own.
    let directory = |state: &Option<domain::FileState>| {
        state.as_ref().is_none_or(|state| matches!(state.node, Node::Directory))
    };
    if directory(&change.before) && directory(&change.after) {
        return false;
    }
    paths::runs(&parts) || paths::looks_like_a_repository(&parts, change)
}

#[cfg(test)]
mod tests {
    use domain::{Content, Digest, FileState};

    use super::*;

    fn file(text: &str) -> FileState {
        let content = Some(Content::new(text.as_bytes(), crate::digest(text.as_bytes())));
        FileState { mode: 0o644, node: Node::File { size: 1, digest: Digest::default(), content } }
    }

    fn created(path: &str) -> Change {
        changed(path, None, Some(file("x")))
    }

    fn changed(path: &str, before: Option<FileState>, after: Option<FileState>) -> Change {
        Change { path: path.to_owned(), before, after, moved_from: None }
    }

    fn runs(change: &Change) -> bool {
        consequences_of_change(change).contains(&Consequence::CodeExecution)
    }

    const CODE: &str = "
        .git/hooks/post-commit .git/config .git/config.worktree .git/info/attributes .GIT/hooks/x sub/.git/hooks/x
        .git/modules/a/config .git/worktrees/a/config.worktree .git/rebase-merge/git-rebase-todo .git
        .git/objects/info/alternates .git/sequencer/todo .gitmodules .gitattributes a/.gitattributes .gitconfig
        .husky/pre-commit .githooks/x .github/workflows/ci.yml .GitHub/Workflows/ci.yml .github/actions/a/action.yml
        .gitlab-ci.yml .gitlab/ci/x.yml .circleci/config.yml Jenkinsfile ci/Jenkinsfile azure-pipelines.yml
        .buildkite/pipeline.yml .drone.yml .travis.yml bitbucket-pipelines.yml .envrc a/.envrc .vscode/tasks.json
        .vscode/settings.json .vscode/launch.json .idea/workspace.xml x.code-workspace .devcontainer/devcontainer.json
        .devcontainer.json .vimrc .exrc .nvim.lua .nvimrc .dir-locals.el .mcp.json .claude/settings.json
        .cursor/mcp.json Makefile makefile GNUmakefile sub/Makefile x.mk justfile .justfile build.rs crates/a/build.rs
        .cargo/config.toml .cargo/config .npmrc .yarnrc .yarnrc.yml .pnpmfile.cjs setup.py conftest.py tests/conftest.py
        .pre-commit-config.yaml lefthook.yml noxfile.py tox.ini CMakeLists.txt Rakefile Gemfile gradlew build.gradle
        build.gradle.kts Dockerfile docker-compose.yml Taskfile.yml flake.nix mise.toml .tool-versions
        rust-toolchain.toml sitecustomize.py package/binding.gyp .bashrc .profile gulpfile.js vite.config.ts
        jest.config.js webpack.config.mjs .eslintrc.js .yarn/releases/yarn.cjs evil.pth lefthook-local.yml
        .lefthook-local.toml lefthook.json .eslintrc .eslintrc.json .eslintrc.yml .eslintrc.yaml .eslintrc.cjs .mocharc.js
        .mocharc.json .mocharc.jsonc .mocharc.yml .rubocop.yml .rubocop_todo.yml jest.config.json jest.config.ts
        .git/objects/x/.git/hooks/y .git/hooks/.git/objects/ab .git/refs/.git/config";

    #[test]
    fn paths_that_run_later_are_code() {
        for path in CODE.split_whitespace() {
            assert!(runs(&created(path)), "{path}");
            assert!(runs(&changed(path, Some(file("x")), None)), "deleting {path}");
        }
    }

    const NO_CODE: &str = "
        .git/objects/ab/cdef .git/objects/pack/pack-1.pack .git/refs/heads/main .git/logs/HEAD .git/index .git/HEAD
        .git/ORIG_HEAD .git/FETCH_HEAD .git/MERGE_HEAD .git/MERGE_MSG .git/MERGE_MODE .git/AUTO_MERGE
        .git/COMMIT_EDITMSG .git/packed-refs .git/shallow src/main.rs README.md github/workflows/x.yml docs/Makefile.md
        envrc .gitignore src/hooks/x vscode/tasks.json config git/hooks/x package-lock.json src/config.rs HEAD.md
        .github/ISSUE_TEMPLATE.md";

    #[test]
    fn what_git_keeps_for_itself_and_plain_sources_are_not() {
        for path in NO_CODE.split_whitespace() {
            assert!(!runs(&created(path)), "{path}");
        }
    }

    #[test]
    fn deleting_and_replacing_are_what_they_are() {
        let of = |before, after| consequences_of_change(&changed("a", before, after));
        assert_eq!(of(Some(file("x")), None), [Consequence::Delete].into());
        assert_eq!(of(Some(file("x")), Some(file("y"))), [Consequence::Overwrite].into());
        assert_eq!(of(None, Some(file("x"))), Consequences::new());
        let plan = Plan {
            changes: vec![changed("a", Some(file("x")), None), created(".git/hooks/post-commit")],
            ..Plan::default()
        };
        assert_eq!(
            consequences_of(&plan),
            [Consequence::Delete, Consequence::CodeExecution].into()
        );
    }

    #[test]
    fn a_link_among_what_git_keeps_leads_elsewhere() {
        let link = FileState { mode: 0o777, node: Node::Link { target: "../x".to_owned() } };
        assert!(runs(&changed(".git/HEAD", Some(file("x")), Some(link.clone()))));
        assert!(runs(&changed(".git/objects", None, Some(link))));
    }

    #[test]
    fn directories_alone_run_nothing_but_a_hooks_directory_in_a_repository() {
        let directory = || FileState { mode: 0o755, node: Node::Directory };
        for path in [
            ".git",
            ".git/objects/ab",
            ".git/refs/heads/x",
            ".vscode",
            ".github/workflows",
            ".husky",
        ] {
            assert!(!runs(&changed(path, None, Some(directory()))), "{path}");
        }
        assert!(runs(&changed(".husky", Some(directory()), Some(file("x")))));
        assert!(runs(&changed(".git/hooks", None, Some(directory()))));
    }

    #[test]
    fn a_repository_without_a_git_directory_is_one_all_the_same() {
        let head = |text: &str| changed("fixtures/HEAD", None, Some(file(text)));
        assert!(runs(&head("ref: refs/heads/main\n")));
        assert!(runs(&head("0123456789012345678901234567890123456789\n")));
        assert!(!runs(&head("The head of this department\n")));
        let unknown = FileState {
            mode: 0o644,
            node: Node::File { size: 9, digest: Digest::default(), content: None },
        };
        assert!(
            runs(&changed("a/HEAD", None, Some(unknown))),
            "what is not kept is not known to be harmless"
        );
    }

    fn check_members(name: &str, cases: &[(Option<&str>, Option<&str>, bool)]) {
        for (before, after, expect) in cases {
            let change = changed(name, before.map(file), after.map(file));
            assert_eq!(runs(&change), *expect, "{name}: {before:?} -> {after:?}");
        }
    }

    #[test]
    fn a_crate_is_code_where_its_build_script_or_macros_differ() {
        let plain = "[package]\nname = \"a\"\nversion = \"1.0.0\"\n";
        let with = |more: &str| format!("{plain}{more}\n");
        let build = with("build = \"x.rs\"");
        let older = build.replace("1.0.0", "0.9.0");
        let other = with("build = \"y.rs\"");
        let needs = with("[dependencies]\nserde = \"1\"");
        let macros = with("[lib]\nproc-macro = true");
        let library = with("[lib]\npath = \"src/x.rs\"");
        let patch = with("[patch.crates-io]\nserde = { path = \"evil\" }");
        check_members(
            "crates/a/Cargo.toml",
            &[
                (None, Some(plain), false),
                (Some(plain), Some(&needs), false),
                (Some(plain), Some(&library), false),
                (Some(&older), Some(&build), false),
                (Some(plain), Some(&build), true),
                (Some(&build), Some(&other), true),
                (Some(&build), Some(plain), true),
                (None, Some(&build), true),
                (Some(plain), Some(&macros), true),
                (Some(plain), Some(&patch), true),
                (Some(plain), Some("[package\n"), true),
                (Some(plain), None, false),
            ],
        );
    }

    #[test]
    fn a_composer_file_is_code_where_its_scripts_differ() {
        let plain = r#"{"name": "a/b", "require": {"x/y": "1"}}"#;
        check_members(
            "composer.json",
            &[
                (Some(plain), Some(r#"{"name": "a/c", "require": {}}"#), false),
                (Some(plain), Some(r#"{"name": "a/b", "scripts": {"test": "x"}}"#), true),
                (Some(plain), Some(r#"{"config": {"allow-plugins": true}}"#), true),
                (None, Some(r#"{"autoload": {"files": ["x.php"]}}"#), true),
                (Some(plain), Some("{ not json"), true),
            ],
        );
    }

    #[test]
    fn a_package_file_is_code_where_its_scripts_differ() {
        let change = |before: Option<&str>, after: Option<&str>| {
            changed("web/package.json", before.map(file), after.map(file))
        };
        let plain = r#"{"name": "a", "version": "1"}"#;
        let scripts = r#"{"name": "a", "scripts": {"test": "x"}}"#;
        for (before, after, expect) in [
            (Some(plain), Some(r#"{"name": "b", "version": "2", "description": "x"}"#), false),
            (Some(plain), Some(scripts), true),
            (Some(scripts), Some(scripts), false),
            (Some(scripts), Some(r#"{"name": "a", "scripts": {"test": "y"}}"#), true),
            (None, Some(plain), false),
            (None, Some(scripts), true),
            (Some(scripts), None, true),
            (Some(plain), Some("{ not json"), true),
            (Some(plain), Some(r#"{"bin": {"x": "1"}}"#), true),
            (Some(plain), Some(r#"{"scripts": {}, "scripts": {"postinstall": "x"}}"#), true),
        ] {
            assert_eq!(runs(&change(before, after)), expect, "{before:?} -> {after:?}");
        }
        let mut executable = file(plain);
        executable.mode = 0o755;
        assert!(!runs(&changed("package.json", Some(file(plain)), Some(executable))));
        let link = FileState { mode: 0o777, node: Node::Link { target: "x".to_owned() } };
        assert!(runs(&changed("package.json", Some(file(plain)), Some(link))));
    }
}
