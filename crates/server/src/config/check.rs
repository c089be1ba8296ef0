//! What no workspace may contain, what no jail may hold, and which file is not believed.
//!
//! An agent writes in its workspace. Whatever Checkrein reads its rules, keys or records from must lie outside, or
//! an agent could change what it is held to. A jail holds the paths that its command names, and they must not lead
//! to any of it either: neither from above nor from below.

use std::io::Write;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use contract::Unfit;
use contract::command::rules;
use domain::{Code, CredentialSource, JailNeeds, Remote};

use super::paths::{Homes, real};
use super::{Config, FILE_NAME, Problem, Problems};

/// The list of directories that were ever served as a workspace, in the default state directory.
const SERVED: &str = "workspaces-served";

/// Refuses a file that was only found, not named, in a directory that agents could write.
pub(super) fn not_from_an_agent(file: &Path, homes: &Homes) -> Result<(), Problems> {
    let list = std::fs::read_to_string(served(homes)).unwrap_or_default();
    let file = real(file);
    let Some(root) = list.lines().find(|root| !root.is_empty() && file.starts_with(root)) else {
        return Ok(());
    };
    let message = format!("agents could write in `{root}`, so this file may be theirs");
    let fix = format!("read it, then name it: `--config {FILE_NAME}`");
    Err(Problems(vec![Problem { file: Some(file), ..Problem::new(message, fix) }]))
}

/// Where the list stands.
pub(super) fn served(homes: &Homes) -> PathBuf {
    homes.state.join(SERVED)
}

/// Remembers the roots that are about to be served.
pub(crate) fn remember(config: &Config) -> std::io::Result<()> {
    if let Some(directory) = config.served.parent() {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    }
    let known = std::fs::read_to_string(&config.served).unwrap_or_default();
    let mut list = std::fs::OpenOptions::new().append(true).create(true).open(&config.served)?;
    let roots = config.workspaces.iter().map(|workspace| workspace.root.display().to_string());
    for root in roots.filter(|root| known.lines().all(|line| line != root)) {
        writeln!(list, "{root}")?;
    }
    Ok(())
}

/// Checks where everything lies. The defaults of a directory without a file give way instead of failing.
pub(super) fn places(mut config: Config) -> (Config, Vec<Problem>) {
    give_way(&mut config);
    let named = named(&config);
    let mut problems = Vec::new();
    for workspace in &config.workspaces {
        let root = &workspace.root;
        let inside = named.iter().filter(|(_, path)| path.starts_with(root));
        problems.extend(inside.map(|(what, path)| contained(root, what, path)));
        if root.starts_with(&config.data_dir) || root.starts_with(&config.config_dir) {
            let message =
                format!("workspace `{}` lies in Checkrein's own directory", root.display());
            problems.push(Problem::new(message, "give agents a directory of their own"));
        }
    }
    if config.master_key_file.starts_with(&config.data_dir) {
        let message = "the master key lies in the data directory, whose copies it protects";
        let fix = "set `server.master_key_file` to a place of its own";
        problems.push(Problem::new(message, fix).coded(Code::BadConfiguration));
    }
    for command in &config.commands {
        problems.extend(needs(&config, &command.program, &command.needs));
    }
    problems.extend(remotes(&config, &config.remotes));
    if config.workspaces.is_empty() {
        config
            .warnings
            .push("no workspace is configured: files tools refuse every call".to_owned());
    }
    (config, problems)
}

/// What is wrong with the paths that a command's jail would hold. For commands of contracts too.
pub(crate) fn needs(config: &Config, program: &str, needs: &JailNeeds) -> Vec<Problem> {
    let mut problems = Vec::new();
    for path in &needs.reads {
        let leads_to = real(Path::new(path));
        // A link is held to the same rules as what it leads to.
        let fault = rules::reads(&leads_to.display().to_string()).err().map(|fault| fault.what);
        let found = reached(config, &leads_to).or(fault);
        problems.extend(found.map(|what| {
            let message = format!("`{program}` would read `{path}`, which leads to {what}");
            Problem::new(message, "name only what the program needs, such as its toolchain")
        }));
    }
    let absolute = needs.caches.iter().filter(|path| path.starts_with('/'));
    for path in absolute {
        let (path, roots) = (Path::new(path), &config.workspaces);
        if let Some(one) = roots.iter().find(|one| overlap(path, &one.root)) {
            let (path, root) = (path.display(), one.root.display());
            let message =
                format!("the cache `{path}` of `{program}` overlaps the workspace `{root}`");
            problems.push(Problem::new(message, "write it relative to the workspace"));
        }
    }
    problems
}

/// What the rules of contracts say of commands and remotes that the configuration took: they are the same rules, so
/// this is empty unless they drift apart.
pub(crate) fn unfit(config: &Config, unfit: &[Unfit]) -> Problems {
    let problem = |one: &Unfit| Problem {
        file: config.file.clone(),
        ..Problem::new(format!("{}: {}", one.at, one.what), one.fix)
    };
    Problems(unfit.iter().map(problem).collect())
}

/// What is wrong with where remotes lead: a bare repository on this machine is mounted for git, and no agent may write
/// a credential. For remotes of contracts too.
pub(crate) fn remotes(config: &Config, remotes: &[Remote]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for remote in remotes {
        let local = remote.url.starts_with('/').then(|| real(Path::new(&remote.url)));
        if let Some(what) = local.and_then(|path| reached(config, &path)) {
            let (url, name) = (&remote.url, &remote.name);
            let message = format!("the repository `{url}` of remote `{name}` leads to {what}");
            problems.push(Problem::new(message, "keep it in a place of its own"));
        }
        let file = credential(remote).map(|path| real(&path));
        let inside =
            |path: &PathBuf| config.workspaces.iter().find(|one| path.starts_with(&one.root));
        if let Some((path, one)) = file.as_ref().and_then(|path| Some((path, inside(path)?))) {
            problems.push(contained(&one.root, "the credential of a remote", path));
        }
    }
    problems
}

/// What somebody who reads this path could reach and must not.
fn reached(config: &Config, path: &Path) -> Option<String> {
    if let Some(one) = config.workspaces.iter().find(|one| overlap(path, &one.root)) {
        return Some(format!("the workspace `{}`", one.root.display()));
    }
    let named = named(config).into_iter().find(|(_, place)| overlap(path, place));
    named.map(|(what, place)| format!("{what} `{}`", place.display()))
}

fn overlap(one: &Path, other: &Path) -> bool {
    one.starts_with(other) || other.starts_with(one)
}

fn contained(root: &Path, what: &str, path: &Path) -> Problem {
    let message = format!("workspace `{}` contains {what} `{}`", root.display(), path.display());
    let fix =
        format!("give agents a directory of their own, such as `{}/workspace`", root.display());
    Problem::new(message, fix)
}

/// Directories that nobody named and that agents could write are left out, with a word.
fn give_way(config: &mut Config) {
    if config.file.is_some() {
        return;
    }
    let roots = &config.workspaces;
    let inside = |path: &PathBuf| roots.iter().any(|one| path.starts_with(&one.root));
    for kind in [&mut config.contracts, &mut config.policies] {
        for path in kind.iter().filter(|path| inside(path)) {
            let text = "lies in the workspace, where agents write, and is not used";
            config.warnings.push(format!("`{}` {text}", path.display()));
        }
        kind.retain(|path| !inside(path));
    }
}

/// Everything that must lie outside of workspaces.
fn named(config: &Config) -> Vec<(&'static str, PathBuf)> {
    let mut named = vec![
        ("the data directory", config.data_dir.clone()),
        ("the operator's directory", config.config_dir.clone()),
        ("the master key", config.master_key_file.clone()),
        ("the file with the first keys", config.first_keys_file()),
    ];
    named.extend(config.file.iter().map(|file| ("the configuration file", real(file))));
    named.extend(config.contracts.iter().map(|path| ("a directory of contracts", path.clone())));
    named.extend(config.policies.iter().map(|path| ("a directory of policies", path.clone())));
    named.extend(config.secrets.files.iter().map(|path| ("a file of secrets", path.clone())));
    let credentials = config.remotes.iter().filter_map(credential);
    named.extend(credentials.map(|path| ("the credential of a remote", path)));
    named
}

fn credential(remote: &Remote) -> Option<PathBuf> {
    match &remote.credential {
        Some(CredentialSource::File(path)) => Some(PathBuf::from(path)),
        Some(CredentialSource::Environment(_)) | None => None,
    }
}
