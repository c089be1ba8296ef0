//! What the gate is made of: journal, tools, rules, masks.
//! In: configuration and rules. Out: `gate::Setup` with an open store. Opening can fail in the operator's ways only: each
//! has a code.

use std::sync::Arc;

use contract::Masker;
use domain::Code;
use gate::{Refusal, Rules, Setup, Tool};
use journal::{Options, Sqlite};
use runner::Ladder;
use tools::commands::{Bounds, CacheHome, Commands};
use tools::files::Files;
use tools::workspaces::Workspaces;

use crate::clock::Clock;
use crate::config::{Config, Jail};
use crate::{jail, rules, secrets};

/// Everything that the gate needs, and the masker for what is shown beside it.
pub(super) fn setup(
    config: &Config,
    rules: Rules,
    ladder: Ladder,
) -> Result<(Setup<Sqlite, Clock>, Masker), Refusal> {
    let secrets = secrets::read(config, &rules.catalogue)?;
    let masker = Masker::new(secrets.iter().map(String::as_str)).map_err(|error| {
        Refusal::new(Code::BadConfiguration, error.to_string(), "correct `secrets`")
    })?;
    let roots = config
        .workspaces
        .iter()
        .map(|one| (one.tenant.clone(), one.space.clone(), one.root.clone()));
    let workspaces = Arc::new(Workspaces::open(roots.clone()).map_err(workspace)?);
    let shown = roots.map(|(tenant, space, root)| (tenant, space, root.display().to_string()));
    // The store first: its lock keeps another process from the data directory, where caches stand too.
    let journal = store(config, &masker)?;
    let setup = Setup {
        journal,
        world: Clock,
        tools: tools(config, &rules, (workspaces, ladder))?,
        rules,
        spaces: config.spaces.clone(),
        workflows: config.workflows.clone(),
        grant_day: config.grant_day,
        secrets,
        workspace_roots: shown.collect(),
    };
    Ok((setup, masker))
}

/// Names, or beginnings of names, of tools and the way to each.
type Ways = Vec<(String, Arc<dyn Tool>)>;

/// Which way leads to which tool: the first that fits by name.
fn tools(
    config: &Config,
    rules: &Rules,
    (workspaces, ladder): (Arc<Workspaces>, Ladder),
) -> Result<Ways, Refusal> {
    let home = CacheHome::open(config.jail_dir()).map_err(|error| {
        Refusal::new(Code::BadConfiguration, error.to_string(), "make it usable for this user")
    })?;
    let files: Arc<dyn Tool> = Arc::new(Files::of(Arc::clone(&workspaces)));
    let commands = Commands::new(workspaces, jail::jailer(), ladder, home);
    let commands: Arc<dyn Tool> = Arc::new(commands.bounded(bounds(&config.jail)));
    // An undo applies the inverse of a plan, and every plan is one of files, whoever made it.
    let mut tools = vec![("checkrein.undo".to_owned(), Arc::clone(&files))];
    let described = rules.catalogue.iter().filter(|one| one.contract.command.is_some());
    tools.extend(described.map(|one| (one.name().to_string(), Arc::clone(&commands))));
    tools.push(("files.".to_owned(), files));
    Ok(tools)
}

fn bounds(jail: &Jail) -> Bounds {
    Bounds {
        upper_bytes: jail.upper_bytes,
        memory_bytes: jail.memory_bytes,
        processes: jail.processes,
        cpu: jail.cpu,
        at_once: jail.jails_max,
    }
}

fn store(config: &Config, masker: &Masker) -> Result<Sqlite, Refusal> {
    let masker = masker.clone();
    let mask = move |text: &str| match masker.mask_text(text) {
        std::borrow::Cow::Borrowed(_) => None,
        std::borrow::Cow::Owned(masked) => Some(masked),
    };
    let mut options = Options::new(&config.data_dir, &config.master_key_file);
    options.mask = Some(Arc::new(mask));
    Sqlite::open(options).map_err(|error| {
        Refusal::new(error.code(), error.to_string(), "see docs/errors for this code")
    })
}

fn workspace(error: impl std::fmt::Display) -> Refusal {
    Refusal::new(Code::BadConfiguration, error.to_string(), "correct the workspaces")
}

/// Errors of contracts and policies as the operator sees them.
pub(super) fn rules(error: rules::Error) -> Refusal {
    let fix = match &error {
        rules::Error::Contracts(_) => {
            "correct the contracts; `checkrein contracts check` shows the same"
        }
        rules::Error::Policies(_) => {
            "correct the policies; `checkrein policy check` shows the same"
        }
        rules::Error::Commands(_) => "correct the command; see docs/guides/commands.md",
        rules::Error::Read { .. } => "make it readable, or take it out",
    };
    Refusal::new(error.code(), error.to_string(), fix)
}
