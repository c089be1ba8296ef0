//! Paths that are run later: by git, by a forge, by an editor, by a build tool, by another agent.
//!
//! In: the parts of a path in lower case, because some file systems and tools take `.GIT` for `.git`. Reviewed against
//! the manuals of the tools; a tool that is not here is a gap to close here.

use domain::{Change, FileState, Node};

/// Files and directories at the top of a repository that git keeps for itself: data, not programs.
const GIT_DATA: &[&str] = &[
    "auto_merge",
    "commit_editmsg",
    "fetch_head",
    "head",
    "index",
    "logs",
    "objects",
    "orig_head",
    "packed-refs",
    "refs",
    "shallow",
];

/// Whether a change below a `.git`, given without it, is more than data that git keeps for itself.
pub(super) fn git_runs(inside: &[&str], change: &Change) -> bool {
    let is_link = |state: &Option<FileState>| {
        state.as_ref().is_some_and(|state| matches!(state.node, Node::Link { .. }))
    };
    if is_link(&change.after) {
        return true;
    }
    let Some((first, rest)) = inside.split_first() else {
        // A `.git` that is a file names another repository, with its hooks.
        let directory = |state: &Option<FileState>| {
            state.as_ref().is_none_or(|state| matches!(state.node, Node::Directory))
        };
        return !(directory(&change.before) && directory(&change.after));
    };
    // Other object stores: read from, so not plainly data of this repository.
    if *first == "objects" && rest.first() == Some(&"info") {
        return matches!(rest.get(1), Some(&"alternates" | &"http-alternates"));
    }
    !(GIT_DATA.contains(first) || first.starts_with("merge_"))
}

/// Whether a change makes a repository where no `.git` stands: git takes any directory with `HEAD`, `objects` and `refs`
/// for one, reads its `config`, and runs what that names.
pub(super) fn looks_like_a_repository(parts: &[&str], change: &Change) -> bool {
    if parts.last() != Some(&"head") {
        return false;
    }
    let Some(after) = &change.after else { return false };
    let Node::File { content: Some(content), .. } = &after.node else { return true };
    let text = String::from_utf8_lossy(content.bytes());
    let text = text.trim();
    text.starts_with("ref:")
        || (text.len() >= 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Directories everything in which is run: at any depth.
const DIRECTORIES: &[&str] = &[
    ".aider",
    ".amazonq",
    ".buildkite",
    ".circleci",
    ".claude",
    ".codex",
    ".continue",
    ".cursor",
    ".devcontainer",
    ".fleet",
    ".forgejo",
    ".gemini",
    ".githooks",
    ".gitea",
    ".gitlab",
    ".husky",
    ".idea",
    ".kiro",
    ".lefthook",
    ".nova",
    ".nvim",
    ".roo",
    ".semaphore",
    ".teamcity",
    ".tekton",
    ".vim",
    ".vs",
    ".windsurf",
    ".woodpecker",
    ".zed",
];

/// A directory with a name of a file in it, or a directory in it.
const INSIDE: &[(&str, &[&str])] = &[
    (".cargo", &["config", "config.toml"]),
    (".config", &["nextest.toml", "mise.toml", "mise"]),
    (".github", &["actions", "workflows", "copilot-instructions.md", "dependabot.yml"]),
    (".mvn", &["extensions.xml", "jvm.config", "maven.config", "wrapper"]),
    (".vscode", &["extensions.json", "launch.json", "mcp.json", "settings.json", "tasks.json"]),
    (".yarn", &["plugins", "releases", "sdks"]),
    ("gradle", &["wrapper"]),
];

/// Names of files that are run, or that name what is run: at any depth.
const FILES: &[&str] = &[
    ".appveyor.yml",
    ".aider.conf.yml",
    ".bash_login",
    ".bash_profile",
    ".bashrc",
    ".cirrus.yml",
    ".devcontainer.json",
    ".dir-locals.el",
    ".drone.yml",
    ".envrc",
    ".exrc",
    ".gitattributes",
    ".gitconfig",
    ".gitlab-ci.yml",
    ".gitmodules",
    ".gvimrc",
    ".justfile",
    ".lvimrc",
    ".mcp.json",
    ".mise.toml",
    ".npmrc",
    ".nvim.lua",
    ".nvimrc",
    ".overcommit.yml",
    ".pnpmfile.cjs",
    ".pre-commit-config.yaml",
    ".pre-commit-config.yml",
    ".pre-commit-hooks.yaml",
    ".profile",
    ".pythonrc",
    ".rspec",
    ".tool-versions",
    ".travis.yml",
    ".vimrc",
    ".woodpecker.yml",
    ".xonshrc",
    ".yarnrc",
    ".yarnrc.yml",
    ".zprofile",
    ".zshenv",
    ".zshrc",
    "appveyor.yml",
    "azure-pipelines.yaml",
    "azure-pipelines.yml",
    "binding.gyp",
    "bitbucket-pipelines.yml",
    "build",
    "build.bazel",
    "build.gradle",
    "build.gradle.kts",
    "build.ninja",
    "build.rs",
    "build.sbt",
    "build.xml",
    "build.zig",
    "cmakelists.txt",
    "cmakepresets.json",
    "codemagic.yaml",
    "compose.yaml",
    "compose.yml",
    "configure",
    "configure.ac",
    "conftest.py",
    "containerfile",
    "deno.json",
    "deno.jsonc",
    "devbox.json",
    "docker-compose.yaml",
    "docker-compose.yml",
    "dockerfile",
    "earthfile",
    "flake.nix",
    "fabfile.py",
    "gemfile",
    "gnumakefile",
    "gradlew",
    "gradlew.bat",
    "gruntfile.js",
    "gulpfile.js",
    "hatch_build.py",
    "jenkinsfile",
    "justfile",
    "magefile.go",
    "makefile",
    "makefile.am",
    "manage.py",
    "meson.build",
    "mise.toml",
    "mix.exs",
    "module.bazel",
    "mvnw",
    "mvnw.cmd",
    "noxfile.py",
    "pipfile",
    "pnpmfile.cjs",
    "pom.xml",
    "procfile",
    "pyproject.toml",
    "pytest.ini",
    "rakefile",
    "rust-toolchain",
    "rust-toolchain.toml",
    "sconstruct",
    "settings.gradle",
    "settings.gradle.kts",
    "setup.cfg",
    "setup.py",
    "shell.nix",
    "sitecustomize.py",
    "skaffold.yaml",
    "snakefile",
    "tasks.py",
    "taskfile.yaml",
    "taskfile.yml",
    "tox.ini",
    "usercustomize.py",
    "vagrantfile",
    "wercker.yml",
    "workspace.bazel",
];

/// Ends of names of files that are run, or that name what is run.
const ENDS: &[&str] = &[
    ".bzl",
    ".code-workspace",
    ".mk",
    ".ninja",
    ".pth",
    ".targets",
    ".vcxproj",
    ".csproj",
    ".props",
    ".gemspec",
];

/// Configuration of tools that names programs, plugins or modules to load: under these names in any format of data.
const CONFIGURATIONS: &[&str] = &[
    ".babelrc",
    ".c8rc",
    ".commitlintrc",
    ".eslintrc",
    ".huskyrc",
    ".jestrc",
    ".lefthook",
    ".lefthook-local",
    ".lintstagedrc",
    ".mocharc",
    ".nycrc",
    ".postcssrc",
    ".prettierrc",
    ".rubocop",
    ".rubocop_todo",
    ".stylelintrc",
    ".swcrc",
    "babel.config",
    "jest.config",
    "lefthook",
    "lefthook-local",
];

/// Ends of names of files with data; configuration also goes without one.
const FORMATS: &[&str] = &[".json", ".json5", ".jsonc", ".toml", ".yaml", ".yml"];

/// Names of tools whose configuration is a program: `NAME.config.js` and `.NAMErc.js`, in every dialect.
const DIALECTS: &[&str] = &[".cjs", ".cts", ".js", ".mjs", ".mts", ".ts"];

/// Whether a path outside of repositories is run later.
pub(super) fn runs(parts: &[&str]) -> bool {
    let Some((name, _)) = parts.split_last() else { return false };
    if parts.iter().any(|part| DIRECTORIES.contains(part)) || FILES.contains(name) {
        return true;
    }
    let inside = |pair: &[&str]| {
        INSIDE.iter().any(|(directory, names)| {
            matches!(pair, [above, name] if above == directory && names.contains(name))
        })
    };
    if parts.windows(2).any(inside) || ENDS.iter().any(|end| name.ends_with(end)) {
        return true;
    }
    // Editors read these from whichever directory is opened, under names that vary.
    let editor = name.starts_with(".vim") && name.ends_with("rc");
    let dockerfile = name.starts_with("dockerfile.") || name.ends_with(".dockerfile");
    let program = DIALECTS.iter().find_map(|end| name.strip_suffix(end));
    let stem = FORMATS.iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
    let data = CONFIGURATIONS.contains(&stem);
    let configuration = program.is_some_and(|stem| {
        stem.ends_with(".config")
            || stem.ends_with(".conf")
            || (stem.starts_with('.') && stem.ends_with("rc"))
    });
    editor || dockerfile || data || configuration
}
