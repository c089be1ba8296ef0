//! What no jail may hold, and where no command may look for code.
//!
//! In: what commands and remotes name, of the configuration and of contracts alike. Out: a problem for each path that leads
//! to a workspace or to what agents are held to, from above or from below, and for each variable that would let an agent
//! write what a command runs. Links are resolved, and a path is held to the rules as it is written too: a link in a
//! workspace is the agent's to turn. What the words say by themselves is `contract::command::rules`' business.
//! Tests: `tests/it/commands.rs`.

use std::path::{Path, PathBuf};

use contract::command::rules;
use contract::{Catalogue, Unfit};
use domain::{CommandMeans, JailNeeds, Remote};

use super::super::paths::real;
use super::super::{Config, Problem, Problems};
use super::{contained, credential, credentials, named};

/// What is wrong with commands and remotes of the configuration.
pub(super) fn configured(config: &Config) -> Vec<Problem> {
    let kept = Kept { config, named: named(config) };
    let commands = config.commands.iter();
    let mut problems: Vec<Problem> = commands
        .flat_map(|command| kept.needs(&format!("`{}`", command.program), &command.needs))
        .collect();
    problems.extend(kept.remotes(&config.remotes));
    problems
}

/// What is wrong with commands and remotes of contracts, and with those of the configuration beside them: what a contract
/// keeps secret no other command may read.
pub(crate) fn contracts(config: &Config, catalogue: &Catalogue) -> Problems {
    let means = || {
        let all = catalogue.iter();
        all.filter_map(|one| Some((one.name(), one.contract.command.as_ref()?)))
    };
    let mut kept = Kept { config, named: named(config) };
    for (_, means) in means() {
        kept.named.extend(credentials(remotes_of(means)));
    }
    let mut problems = Vec::new();
    for (name, means) in means() {
        match means {
            CommandMeans::Template(template) => {
                problems.extend(kept.needs(&format!("`{name}`"), &template.needs));
            }
            CommandMeans::Named(commands) => {
                let each = commands.iter().map(|one| (&one.program, &one.needs));
                problems.extend(each.flat_map(|(program, needs)| {
                    kept.needs(&format!("`{program}` of `{name}`"), needs)
                }));
            }
        }
        problems.extend(kept.remotes(remotes_of(means)));
    }
    Problems(problems)
}

fn remotes_of(means: &CommandMeans) -> &[Remote] {
    match means {
        CommandMeans::Template(template) => &template.remotes,
        CommandMeans::Named(_) => &[],
    }
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

/// What is kept from commands.
struct Kept<'c> {
    config: &'c Config,
    named: Vec<(&'static str, PathBuf)>,
}

impl Kept<'_> {
    fn needs(&self, subject: &str, needs: &JailNeeds) -> Vec<Problem> {
        let mut problems = Vec::new();
        for path in &needs.reads {
            let leads_to = real(Path::new(path));
            // A link is held to the same rules as what it leads to.
            let fault = rules::reads(&leads_to.display().to_string()).err().map(|fault| fault.what);
            let found = self.reached(&leads_to).or_else(|| self.reached(Path::new(path))).or(fault);
            problems.extend(found.map(|what| {
                let message = format!("{subject} would read `{path}`, which leads to {what}");
                Problem::new(message, "name only what the program needs, such as its toolchain")
            }));
        }
        for path in absolute(&needs.caches) {
            if let Some(what) = self.workspace(path) {
                let message =
                    format!("the cache `{}` of {subject} overlaps {what}", path.display());
                problems.push(Problem::new(message, "write it relative to the workspace"));
            }
        }
        problems.extend(self.code(subject, needs));
        problems
    }

    /// Directories of code that agents could write in: a name that is looked up there is whatever an agent put there.
    fn code(&self, subject: &str, needs: &JailNeeds) -> Vec<Problem> {
        let cache = |place: &Path| {
            let cache = absolute(&needs.caches).find(|cache| overlap(place, cache));
            cache.map(|cache| format!("the cache `{}`", cache.display()))
        };
        let mut problems = Vec::new();
        for (name, value) in &needs.environment {
            for place in rules::code_places(name, value) {
                let written = Path::new(place);
                let ways = [written.to_path_buf(), real(written)];
                let found = ways.iter().find_map(|way| self.workspace(way).or_else(|| cache(way)));
                problems.extend(found.map(|what| {
                    let message =
                        format!("`{name}` of {subject} names `{place}`, which leads to {what}");
                    let fix =
                        "name directories that agents cannot write, such as a toolchain in `reads`";
                    Problem::new(message, fix)
                }));
            }
        }
        problems
    }

    /// A bare repository on this machine is mounted for git, and no agent may write a credential.
    fn remotes(&self, remotes: &[Remote]) -> Vec<Problem> {
        let mut problems = Vec::new();
        for remote in remotes {
            let local = remote.url.starts_with('/').then(|| real(Path::new(&remote.url)));
            if let Some(what) = local.and_then(|path| self.reached(&path)) {
                let (url, name) = (&remote.url, &remote.name);
                let message = format!("the repository `{url}` of remote `{name}` leads to {what}");
                problems.push(Problem::new(message, "keep it in a place of its own"));
            }
            let Some(file) = credential(remote) else { continue };
            let roots = self.config.workspaces.iter().map(|one| &one.root);
            let inside = roots.filter(|root| file.starts_with(root));
            problems
                .extend(inside.map(|root| contained(root, "the credential of a remote", &file)));
        }
        problems
    }

    /// What somebody who reads this path could reach and must not.
    fn reached(&self, path: &Path) -> Option<String> {
        let named = || self.named.iter().find(|(_, place)| overlap(path, place));
        self.workspace(path)
            .or_else(|| named().map(|(what, place)| format!("{what} `{}`", place.display())))
    }

    fn workspace(&self, path: &Path) -> Option<String> {
        let one = self.config.workspaces.iter().find(|one| overlap(path, &one.root))?;
        Some(format!("the workspace `{}`", one.root.display()))
    }
}

fn absolute(paths: &[String]) -> impl Iterator<Item = &Path> {
    paths.iter().map(Path::new).filter(|path| path.is_absolute())
}

fn overlap(one: &Path, other: &Path) -> bool {
    one.starts_with(other) || other.starts_with(one)
}
