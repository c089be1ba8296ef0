//! What the gate is made of: journal, tools, rules, masks.
//! In: configuration and rules. Out: `gate::Setup` with an open store. Opening can fail in the operator's ways only: each
//! has a code.

use std::sync::Arc;

use ::mcp::Conversations;
use contract::Masker;
use domain::{Code, Pin};
use gate::{Journal as _, Query, Refusal, Rules, Setup, Table, Tool};
use journal::{Options, Sqlite};
use runner::Ladder;
use tools::commands::{Bounds, CacheHome, Commands};
use tools::files::Files;
use tools::mcp::Upstreams;
use tools::mcp::credentials::KnownSecrets;
use tools::workspaces::Workspaces;

use crate::catalogue::{self, Own, Tools};
use crate::clock::Clock;
use crate::config::{Config, Jail};
use crate::rules::Texts;
use crate::{jail, rules, secrets};

/// Everything that a server is made of before its gate is opened.
pub(super) struct Made {
    pub(super) setup: Setup<Sqlite, Clock>,
    /// For what is shown beside the gate.
    pub(super) masker: Masker,
    pub(super) tools: Arc<Tools>,
    pub(super) upstreams: Upstreams,
    pub(super) conversations: Conversations,
    /// Credentials that become known while it runs.
    pub(super) known: KnownSecrets,
}

/// Makes it: the store first, then what stands in it, then connections.
pub(super) async fn setup(config: &Config, texts: Texts, ladder: Ladder) -> Result<Made, Refusal> {
    let secrets = secrets::read(config, &texts.catalogue)?;
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
    let pins = pins(&journal).await?;
    let own = Own { catalogue: texts.catalogue, sources: texts.sources };
    let (tools, rules) = Tools::open(config, own, &pins)?;
    let (known, conversations) = (KnownSecrets::new(), Conversations::default());
    let means = catalogue::means(config, ladder.clone(), (known.clone(), conversations.clone()))?;
    let upstreams = Upstreams::start(catalogue::specs(config)?, means);
    let mut ways = ways(config, &rules, (workspaces, ladder))?;
    ways.extend(upstreams.names().into_iter().map(|name| -> (String, Arc<dyn Tool>) {
        (format!("{name}."), Arc::new(upstreams.clone()))
    }));
    let setup = Setup {
        journal,
        world: Clock,
        tools: ways,
        rules,
        spaces: config.spaces.clone(),
        workflows: config.workflows.clone(),
        grant_day: config.grant_day,
        secrets,
        workspace_roots: shown.collect(),
        approvals: config.approvals,
    };
    Ok(Made { setup, masker, tools, upstreams, conversations, known })
}

/// Every pin, a page at a time.
async fn pins(journal: &Sqlite) -> Result<Vec<Pin>, Refusal> {
    let (mut pins, mut after) = (Vec::new(), None);
    loop {
        let page = journal.select(Query { after, ..Query::all(Table::Pins) }).await?;
        let Some(last) = page.last() else { return Ok(pins) };
        after = Some(last.key.clone());
        pins.extend(page.iter().filter_map(gate::projection::pin_of));
    }
}

/// Credentials that become known later are masked wherever known ones are.
pub(super) fn mask_what_is_learned(known: &KnownSecrets, maskers: [Masker; 2]) {
    known.on_change(move |texts| {
        for masker in &maskers {
            let learned = masker.learn(texts.iter().map(String::as_str));
            if let Err(error) = learned {
                tracing::error!(%error, "a credential that became known cannot be masked");
            }
        }
    });
}

/// Names, or beginnings of names, of tools and the way to each.
type Ways = Vec<(String, Arc<dyn Tool>)>;

/// Which way leads to which tool: the first that fits by name.
fn ways(
    config: &Config,
    rules: &Rules,
    (workspaces, ladder): (Arc<Workspaces>, Ladder),
) -> Result<Ways, Refusal> {
    let home = CacheHome::open(config.jail_dir()).map_err(|error| {
        Refusal::new(Code::BadConfiguration, error.to_string(), "make it usable for this user")
    })?;
    let files: Arc<dyn Tool> = Arc::new(Files::of(Arc::clone(&workspaces)));
    let commands = Commands::new(workspaces, jail::jailer(config), ladder, home);
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
