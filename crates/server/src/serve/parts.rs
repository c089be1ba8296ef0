//! What the gate is made of: journal, tools, rules, masks.
//! In: configuration and rules. Out: `gate::Setup` with an open store. Opening can fail in the operator's ways only: each
//! has a code.

use std::sync::Arc;

use contract::Masker;
use domain::Code;
use gate::{Refusal, Rules, Setup, Tool};
use journal::{Options, Sqlite};
use tools::files::Files;

use crate::clock::Clock;
use crate::config::Config;
use crate::{rules, secrets};

/// Everything that the gate needs, and the masker for what is shown beside it.
pub(super) fn setup(
    config: &Config,
    rules: Rules,
) -> Result<(Setup<Sqlite, Clock>, Masker), Refusal> {
    let secrets = secrets::read(config)?;
    let masker = Masker::new(secrets.iter().map(String::as_str)).map_err(|error| {
        Refusal::new(Code::BadConfiguration, error.to_string(), "correct `secrets`")
    })?;
    let roots = config
        .workspaces
        .iter()
        .map(|one| (one.tenant.clone(), one.space.clone(), one.root.clone()));
    let files: Arc<dyn Tool> = Arc::new(Files::new(roots.clone()).map_err(workspace)?);
    let shown = roots.map(|(tenant, space, root)| (tenant, space, root.display().to_string()));
    let setup = Setup {
        journal: store(config, &masker)?,
        world: Clock,
        rules,
        // An undo applies the inverse of a plan, and plans are made by the files tools alone.
        tools: vec![
            ("checkrein.undo".to_owned(), Arc::clone(&files)),
            ("files.".to_owned(), files),
        ],
        spaces: config.spaces.clone(),
        workflows: config.workflows.clone(),
        grant_day: config.grant_day,
        secrets,
        workspace_roots: shown.collect(),
    };
    Ok((setup, masker))
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
        rules::Error::Read { .. } => "make it readable, or take it out",
    };
    Refusal::new(error.code(), error.to_string(), fix)
}
