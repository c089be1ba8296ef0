//! `[[git_remote]]` and `[jail]`: where git may reach out to, and the bounds of every jail.
//! In: their twins from the file. Out: domain values, canonical addresses, numbers within their limits. A credential is
//! named here and read elsewhere: no value of one is ever part of a configuration. Tests: `tests/it/commands.rs`.

use std::path::Path;
use std::time::Duration;

use contract::command::rules;
use contract::visible::short;
use domain::{CredentialSource, Remote, limits};

use super::super::Jail;
use super::{Problem, Reader, Text, file};

impl Reader<'_> {
    pub(super) fn remotes(&mut self, written: Vec<file::GitRemote>) -> Vec<Remote> {
        if let Some(surplus) = written.get(limits::REMOTES_MAX) {
            self.too_many("remotes", limits::REMOTES_MAX, surplus.name.span());
            return Vec::new();
        }
        let mut remotes: Vec<Remote> = Vec::new();
        for each in written {
            if let Err(fault) = rules::remote_name(each.name.get_ref()) {
                self.wrong(fault, each.name.span());
            }
            if remotes.iter().any(|other| other.name == *each.name.get_ref()) {
                let message = format!("remote `{}` is named twice", short(each.name.get_ref()));
                self.note(Problem::new(message, "name it once"), Some(each.name.span()));
            }
            let url = self.address(&each.url);
            let credential = self.credential(each.credential_env, each.credential_file);
            if credential.is_some()
                && let Err(fault) = rules::remote_credential(&url)
            {
                self.wrong(fault, each.url.span());
            }
            remotes.push(Remote { name: each.name.into_inner(), url, credential });
        }
        remotes
    }

    /// The canonical address, or the real path of a bare repository. What is wrong is noted and goes on as written.
    fn address(&mut self, text: &Text) -> String {
        let given = text.get_ref();
        let local = given.starts_with('/') || given.starts_with("~/");
        let path = self.homes.resolve(given, &self.base());
        let found = match local {
            true => rules::remote_url(&path.display().to_string()),
            false => rules::remote_url(given),
        };
        match found {
            Err(fault) => {
                let fix = format!(
                    "{}; a token goes into `credential_env` or `credential_file`",
                    fault.fix
                );
                self.note(Problem::new(fault.what, fix), Some(text.span()));
                given.clone()
            }
            Ok(url) if local && !is_bare(&path) => {
                let message = format!("`{}` is not a bare repository", short(given));
                let fix = "make one with `git init --bare`, or name its directory";
                self.note(Problem::new(message, fix), Some(text.span()));
                url
            }
            Ok(url) => url,
        }
    }

    pub(super) fn credential(
        &mut self,
        env: Option<Text>,
        file: Option<Text>,
    ) -> Option<CredentialSource> {
        match (env, file) {
            (None, None) => None,
            (Some(_), Some(file)) => {
                let problem = Problem::new("two credentials for one place", "keep one of them");
                self.note(problem, Some(file.span()));
                None
            }
            (Some(env), None) => Some(CredentialSource::Environment(env.into_inner())),
            (None, Some(file)) => {
                let path = self.homes.resolve(file.get_ref(), &self.base());
                if !path.is_file() {
                    let message = format!("`{}` is not a file", path.display());
                    self.note(Problem::new(message, "put the credential there"), Some(file.span()));
                }
                Some(CredentialSource::File(path.display().to_string()))
            }
        }
    }

    pub(super) fn jail(&mut self, written: &file::Jail) -> Jail {
        let upper = (limits::PREVIEW_BYTES_MIN, limits::PREVIEW_BYTES_MAX);
        let memory = (&written.memory_bytes, limits::JAIL_MEMORY_BYTES);
        let cpu = (&written.cpu_ms, limits::JAIL_CPU_MS);
        let cpu_default = u64::try_from(limits::JAIL_CPU_DEFAULT.as_millis()).unwrap_or(u64::MAX);
        let jails = self.number((&written.jails_max, limits::JAILS), limits::JAILS_DEFAULT);
        Jail {
            upper_bytes: self.number((&written.upper_bytes, upper), limits::PREVIEW_BYTES_MAX),
            memory_bytes: self.number(memory, limits::JAIL_MEMORY_BYTES_DEFAULT),
            processes: self.number(
                (&written.processes, limits::JAIL_PROCESSES),
                limits::JAIL_PROCESSES_DEFAULT,
            ),
            cpu: Duration::from_millis(self.number(cpu, cpu_default)),
            jails_max: usize::try_from(jails).unwrap_or(1),
        }
    }

    fn number(
        &mut self,
        (written, (least, most)): (&Option<file::Number>, (u64, u64)),
        default: u64,
    ) -> u64 {
        let Some(number) = written else { return default };
        let given = *number.get_ref();
        if !(least..=most).contains(&given) {
            let fix = format!("write a number from {least} to {most}");
            self.note(
                Problem::new(format!("`{given}` is out of bounds"), fix),
                Some(number.span()),
            );
        }
        given
    }
}

/// A repository without files beside it, as git itself tells one.
fn is_bare(path: &Path) -> bool {
    path.join("HEAD").is_file() && path.join("objects").is_dir() && path.join("refs").is_dir()
}
