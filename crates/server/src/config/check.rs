//! What no workspace may contain, what no jail may hold, and which file is not believed.
//!
//! An agent writes in its workspace. Whatever Checkrein reads its rules, keys or records from must lie outside, or
//! an agent could change what it is held to. What a jail may hold of it is asked in `check/jail.rs`. Tests:
//! `tests/it/config.rs`.

use std::io::Write;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use domain::{Code, CredentialSource, Remote};

use super::paths::{Homes, real};
use super::{Config, FILE_NAME, Problem, Problems};

mod jail;
mod servers;

pub(crate) use jail::{contracts, unfit};

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
    problems.extend(jail::configured(&config));
    problems.extend(servers::configured(&config));
    let known = servers::warnings(&config);
    config.warnings.extend(known);
    if config.workspaces.is_empty() {
        config
            .warnings
            .push("no workspace is configured: files tools refuse every call".to_owned());
    }
    (config, problems)
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
    named.extend(config.tls.iter().map(|tls| ("the key of the certificate", real(&tls.key))));
    named.extend(config.login_issuers.iter().filter_map(|issuer| {
        let path = issuer.client_secret_file.as_ref()?;
        Some(("the secret at a login issuer", real(path)))
    }));
    named.extend(config.outlet_secrets().filter_map(|source| match source {
        CredentialSource::File(path) => Some(("the secret of an outlet", real(Path::new(path)))),
        CredentialSource::Environment(_) => None,
    }));
    named.extend(credentials(&config.remotes));
    named.extend(servers::credentials(config));
    named
}

/// Files with the credentials of remotes.
fn credentials(remotes: &[Remote]) -> impl Iterator<Item = (&'static str, PathBuf)> {
    remotes.iter().filter_map(credential).map(|path| ("the credential of a remote", path))
}

fn credential(remote: &Remote) -> Option<PathBuf> {
    match &remote.credential {
        Some(CredentialSource::File(path)) => Some(real(Path::new(path))),
        Some(CredentialSource::Environment(_)) | None => None,
    }
}
