//! What the journal stands on: its key, room on the disk, a clock that does not go back, and whether it verifies.
//!
//! In: the configuration. Out: one check each. A store that a server uses is left alone; a store at rest is verified
//! in full, and nothing is made where there is none.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::{Duration, SystemTime};

use domain::{CredentialSource, limits};
use server::{Config, offline};

use super::Check;

/// How far a file may be from the future: clocks of file systems are coarse.
const COARSE: Duration = Duration::from_secs(2);

pub(super) fn master_key(config: &Config) -> Check {
    let (name, path) = ("master key", &config.master_key_file);
    let shown = path.display();
    let has_store = offline::has_store(config);
    match std::fs::metadata(path) {
        Err(_) if has_store => Check::error(
            name,
            format!("`{shown}` is missing although the store exists: no payload can be read"),
            "put the file back from a copy; there is no other way",
        ),
        Err(_) => Check::ok(name, format!("`{shown}` is made on the first start")),
        Ok(found) if found.permissions().mode() & 0o077 != 0 => {
            let mode = found.permissions().mode() & 0o777;
            let message = format!("`{shown}` can be used by others (mode {mode:04o})");
            Check::error(name, message, format!("`chmod 600 {shown}`"))
        }
        Ok(_) => Check::ok(name, format!("`{shown}` is private; keep a copy of it elsewhere")),
    }
}

/// Credentials of remotes: there, and nobody else's to read.
pub(super) fn credentials(config: &Config) -> Vec<Check> {
    let sources =
        config.remotes.iter().filter_map(|remote| Some((remote, remote.credential.as_ref()?)));
    let checks = sources.map(|(remote, source)| {
        let (name, remote) = ("credential", &remote.name);
        let path = match source {
            CredentialSource::Environment(variable) => return match std::env::var_os(variable) {
                Some(_) => Check::ok(name, format!("the variable of remote `{remote}` is set")),
                None => Check::error(
                    name,
                    format!("the variable `{variable}` of remote `{remote}` is not set"),
                    "set it where the server is started, or correct `git_remote.credential_env`",
                ),
            },
            CredentialSource::File(path) => path,
        };
        match std::fs::metadata(path) {
            Err(error) => Check::error(
                name,
                format!("`{path}` of remote `{remote}` cannot be read: {error}"),
                "put the credential there",
            ),
            Ok(found) if found.permissions().mode() & 0o077 != 0 => Check::error(
                name,
                format!("`{path}` of remote `{remote}` can be used by others"),
                format!("`chmod 600 {path}`"),
            ),
            Ok(_) => Check::ok(name, format!("`{path}` of remote `{remote}` is private")),
        }
    });
    checks.collect()
}

pub(super) fn disk(config: &Config) -> Check {
    let name = "disk";
    let there = config.data_dir.ancestors().find(|path| path.exists()).unwrap_or(Path::new("/"));
    let Ok(found) = rustix::fs::statvfs(there) else {
        return Check::warning(name, "the free space cannot be told", "look with `df`");
    };
    let free = found.f_bavail.saturating_mul(found.f_frsize);
    let megabytes = free >> 20;
    if free < limits::DISK_FREE_FOR_PERMITS_MIN {
        let least = limits::DISK_FREE_FOR_PERMITS_MIN >> 20;
        let message = format!("{megabytes} MiB are free; below {least} MiB no new permit is given");
        return Check::error(name, message, "make room on the disk of the data directory");
    }
    Check::ok(name, format!("{megabytes} MiB are free"))
}

/// A clock behind what the store was written at has gone back; the server would refuse to start.
pub(super) fn clock(config: &Config) -> Check {
    let name = "clock";
    let written =
        files(&config.data_dir).filter_map(|path| path.metadata().ok()?.modified().ok()).max();
    let behind = written.and_then(|written| written.duration_since(SystemTime::now()).ok());
    match behind.filter(|behind| *behind > COARSE) {
        Some(behind) => Check::error(
            name,
            format!("{} s behind the last write of the store", behind.as_secs()),
            "set the clock right, then start again",
        ),
        None => Check::ok(name, "not behind the store"),
    }
}

/// A running server is asked with `checkrein journal verify`, which needs a key; a store at rest is read here.
pub(super) fn journal(config: &Config, is_up: bool) -> Check {
    let name = "journal";
    if is_up {
        return Check::ok(name, "a server uses it; verify it with `checkrein journal verify`");
    }
    if !offline::has_store(config) {
        return Check::ok(name, "there is none yet");
    }
    match offline::verify(config, None) {
        Ok(found) if found.verified => Check::ok(name, format!("{} entries verify", found.entries)),
        Ok(found) => Check::error(
            name,
            found.first_problem.unwrap_or_else(|| "it does not verify".to_owned()),
            "keep the data directory as it is for an investigation",
        ),
        Err(refusal) => Check::error(name, refusal.message, refusal.fix),
    }
}

fn files(directory: &Path) -> impl Iterator<Item = std::path::PathBuf> {
    let entries = std::fs::read_dir(directory).into_iter().flatten();
    entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).filter(|path| path.is_file())
}
