//! What no tool server may reach or be, and which files of servers and issuers no agent may write.
//!
//! In: servers and issuers with everything else of the configuration. Out: a problem for each path of a server that leads to
//! what agents are held to, from above or from below, and for each credential or key file inside of a workspace. A server may
//! work on a workspace: its changes are its agents'. Tests: `tests/it/servers.rs`.

use std::path::{Path, PathBuf};

use super::super::paths::real;
use super::super::{Config, Jailed, KeySet, McpServer, Problem, ServerCredential, ServerWay};
use super::{contained, named};

/// What is wrong with servers and issuers.
pub(super) fn configured(config: &Config) -> Vec<Problem> {
    let kept = named(config);
    let of_servers = config.servers.iter().flat_map(|server| reaches(server, &kept));
    of_servers.chain(in_workspaces(config)).collect()
}

/// Things to know of servers that are not errors.
pub(super) fn warnings(config: &Config) -> Vec<String> {
    let off = config
        .servers
        .iter()
        .filter(|server| matches!(server.way, ServerWay::Stdio { jailed: Jailed::Off, .. }));
    off.map(|server| {
        format!("server `{}` runs without a jail, with all rights of this user", server.name)
    })
    .collect()
}

/// Paths of a server that lead to what nobody but Checkrein may reach.
fn reaches(server: &McpServer, kept: &[(&'static str, PathBuf)]) -> Vec<Problem> {
    let ServerWay::Stdio { reads, writes, .. } = &server.way else { return Vec::new() };
    let named = reads.iter().map(|path| ("read", path));
    let named = named.chain(writes.iter().map(|path| ("change", path)));
    let mut problems = Vec::new();
    for (may, path) in named {
        let leads_to = real(path);
        let found = kept.iter().find(|(_, place)| overlap(&leads_to, place));
        problems.extend(found.map(|(what, place)| {
            let message = format!(
                "server `{}` could {may} `{}`, which leads to {what} `{}`",
                server.name,
                path.display(),
                place.display()
            );
            Problem::new(message, "name only what the server needs")
        }));
    }
    problems
}

/// Credentials and keys that agents could write.
fn in_workspaces(config: &Config) -> Vec<Problem> {
    let mut files: Vec<(&'static str, PathBuf)> = credentials(config).collect();
    files.extend(config.issuers.iter().filter_map(|issuer| match &issuer.keys {
        KeySet::File(path) => Some(("the keys of a token issuer", real(path))),
        KeySet::Url(_) => None,
    }));
    let roots = || config.workspaces.iter().map(|one| &one.root);
    let inside = |(what, file): &(&'static str, PathBuf)| {
        roots().find(|root| file.starts_with(root)).map(|root| contained(root, what, file))
    };
    files.iter().filter_map(inside).collect()
}

/// Files with the credentials of servers.
pub(super) fn credentials(config: &Config) -> impl Iterator<Item = (&'static str, PathBuf)> {
    let files = config.servers.iter().flat_map(|server| match &server.way {
        ServerWay::Http { credential, .. } => Vec::from_iter(file_of(credential)),
        ServerWay::Stdio { environment_files, .. } => {
            environment_files.iter().map(|(_, path)| path.as_path()).collect()
        }
    });
    files.map(|path| ("the credential of a server", real(path)))
}

fn file_of(credential: &ServerCredential) -> Option<&Path> {
    match credential {
        ServerCredential::File(path) => Some(path),
        ServerCredential::OAuth(oauth) => oauth.client_secret.as_deref().and_then(file_of),
        ServerCredential::None
        | ServerCredential::Environment(_)
        | ServerCredential::Command(_) => None,
    }
}

fn overlap(one: &Path, other: &Path) -> bool {
    one.starts_with(other) || other.starts_with(one)
}
