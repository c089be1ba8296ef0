//! What an operator's configuration puts into the contracts that come with the program.
//!
//! In: the commands that `command.run` may run, and the remotes that git may talk to. They become part of those
//! contracts, so that their digests, and with them every approval, cover what may run and where to. Checked by
//! the same rules as contract files; the server asks them too, and tells file and line.

use super::rules::{self, Fault};
use super::word::takes_remote;
use domain::{CommandMeans, Contract, JailNeeds, NamedCommand, Remote, limits};

/// What an installation names beside its contract files.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Installation {
    // INVARIANT (checked names): every value here passed `rules`.
    commands: Vec<NamedCommand>,
    remotes: Vec<Remote>,
}

/// Why a named command or remote cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{at}: {what}; {fix}")]
pub struct Unfit {
    /// Which one, such as `command 2` or `remote 1`.
    pub at: String,
    /// What is wrong.
    pub what: String,
    /// What to write.
    pub fix: &'static str,
}

impl Installation {
    /// Checks commands and remotes; every problem is told.
    ///
    /// # Errors
    /// What is wrong with which, never empty; the operator's fault.
    pub fn new(commands: Vec<NamedCommand>, remotes: Vec<Remote>) -> Result<Self, Vec<Unfit>> {
        let mut unfit = Vec::new();
        let mut note = |at: String, faults: Vec<Fault>| {
            let one = |fault: Fault| Unfit { at: at.clone(), what: fault.what, fix: fault.fix };
            unfit.extend(faults.into_iter().map(one));
        };
        note("commands".to_owned(), too_many(commands.len(), limits::NAMED_COMMANDS_MAX));
        note("remotes".to_owned(), too_many(remotes.len(), limits::REMOTES_MAX));
        for (index, command) in commands.iter().enumerate() {
            let twice = commands.iter().take(index).any(|other| {
                (&other.program, &other.arguments) == (&command.program, &command.arguments)
            });
            note(format!("command {}", index + 1), named(command, twice));
        }
        for (index, one) in remotes.iter().enumerate() {
            let twice = remotes.iter().take(index).any(|other| other.name == one.name);
            note(format!("remote {}", index + 1), remote(one, twice));
        }
        if unfit.is_empty() { Ok(Self { commands, remotes }) } else { Err(unfit) }
    }

    /// A contract that comes with the program, with what the operator names put into it.
    pub(crate) fn fill(&self, mut contract: Contract) -> Contract {
        match &mut contract.command {
            Some(CommandMeans::Named(commands)) => commands.clone_from(&self.commands),
            Some(CommandMeans::Template(template)) => {
                if takes_remote(template) {
                    template.remotes.clone_from(&self.remotes);
                }
            }
            None => return contract,
        }
        contract.digest = crate::contract_digest(&contract);
        contract
    }
}

fn too_many(count: usize, most: usize) -> Vec<Fault> {
    let what = || format!("{count} are named, at most {most} are allowed");
    (count > most).then(|| Fault { what: what(), fix: "name fewer" }).into_iter().collect()
}

/// What is wrong with a named command.
pub(crate) fn named(command: &NamedCommand, twice: bool) -> Vec<Fault> {
    let mut faults: Vec<Fault> = rules::program(&command.program).err().into_iter().collect();
    faults.extend(rules::words(command.arguments.iter().map(String::as_str)).err());
    faults.extend(command.arguments.iter().filter_map(|word| rules::word(word).err()));
    if command.role.is_some() {
        faults.extend(rules::role(&command.program, &command.arguments).err());
    }
    if twice {
        faults.push(Fault { what: "the command is named twice".to_owned(), fix: "name it once" });
    }
    if !command.needs.hosts.is_empty() {
        let what = "a command that reaches hosts cannot be previewed".to_owned();
        faults.push(Fault {
            what,
            fix: "write a contract of its own for it, with `preview = \"none\"`",
        });
    }
    faults.extend(needs(&command.needs));
    faults
}

/// What is wrong with what a jail is to hold.
pub(crate) fn needs(needs: &JailNeeds) -> Vec<Fault> {
    let mut faults = too_many(needs.reads.len().max(needs.caches.len()), limits::JAIL_PATHS_MAX);
    faults.extend(too_many(needs.environment.len(), limits::JAIL_VARIABLES_MAX));
    faults.extend(too_many(needs.hosts.len(), limits::JAIL_PATHS_MAX));
    faults.extend(needs.reads.iter().filter_map(|path| rules::reads(path).err()));
    faults.extend(needs.caches.iter().filter_map(|path| rules::cache(path).err()));
    let variables = needs.environment.iter();
    faults.extend(variables.filter_map(|(name, value)| rules::variable(name, value).err()));
    faults
}

/// What is wrong with a remote.
pub(crate) fn remote(remote: &Remote, twice: bool) -> Vec<Fault> {
    let mut faults: Vec<Fault> = rules::remote_name(&remote.name).err().into_iter().collect();
    if twice {
        faults.push(Fault { what: "the remote is named twice".to_owned(), fix: "name it once" });
    }
    match rules::remote_url(&remote.url) {
        Ok(url) if url == remote.url => {}
        Ok(url) => faults.push(Fault {
            what: format!("`{}` is not in its one spelling `{url}`", remote.url),
            fix: "write it so",
        }),
        Err(fault) => faults.push(fault),
    }
    if remote.credential.is_some() {
        faults.extend(rules::remote_credential(&remote.url).err());
    }
    faults
}
