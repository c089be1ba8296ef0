//! The first keys: one operator (admin) and one agent with all tools, made while there is no operator key.
//!
//! The file is written before the keys are made, so that no crash leaves an installation that nobody can open. It has
//! mode 0600 and is taken away again if somebody sees a terminal. Nothing of it is ever logged.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use domain::{Agent, Code, Human, KeyHolder, Name, PrincipalChain, Rights};
use gate::{GrantAsk, Identity, Journal as _, Query, Refusal, Secret, Table};

use super::ShowKeys;
use crate::app::Gate;
use crate::config::{Config, DEFAULT_TENANT};
use crate::key_text::{self, For};

/// Whose the first operator key is, and the first account.
pub(super) const PERSON: &str = "operator";

/// The texts of the first keys. Prints as `[redacted]`.
#[derive(Clone, PartialEq, Eq)]
pub struct FirstKeys {
    /// The operator's key, role admin.
    pub operator: String,
    /// The agent's key.
    pub agent: String,
    /// The file they are in; none where they are only here.
    pub file: Option<PathBuf>,
}

impl std::fmt::Debug for FirstKeys {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("[redacted]")
    }
}

/// Makes the first keys, if there is no operator key.
pub(super) async fn make(
    gate: &Gate,
    config: &Config,
    show: ShowKeys,
) -> Result<Option<FirstKeys>, Refusal> {
    let mut known = Query::all(Table::Keys).with("holder", "operator");
    known.limit = 1;
    if !gate.journal().select(known).await?.is_empty() {
        return Ok(None);
    }
    let path = config.first_keys_file();
    let keys = FirstKeys {
        operator: key_text::fresh(For::Operator)?,
        agent: key_text::fresh(For::Agent)?,
        file: Some(path.clone()),
    };
    write(&path, &keys).map_err(|error| cannot(&path, &error))?;
    record(gate, config, &keys).await?;
    match show {
        ShowKeys::InFile => Ok(Some(keys)),
        ShowKeys::Once => {
            std::fs::remove_file(&path).map_err(|error| cannot(&path, &error))?;
            Ok(Some(FirstKeys { file: None, ..keys }))
        }
    }
}

async fn record(gate: &Gate, config: &Config, keys: &FirstKeys) -> Result<(), Refusal> {
    let tenant = name(DEFAULT_TENANT)?;
    let person = name(PERSON)?;
    let secret = Secret::new(&*keys.operator);
    // The agent's grant needs an operator, so the operator comes first.
    gate.first_operator(tenant.clone(), person.clone(), &secret).await?;
    let Identity::Operator(operator) = gate.identify(&secret).await? else {
        return Err(Refusal::new(Code::Internal, "the first key is no operator's", "start again"));
    };
    let ask = GrantAsk {
        chain: PrincipalChain {
            tenant: tenant.clone(),
            human: Human(person),
            agent: Agent { name: name("agent")?, version: "1".to_owned() },
            parents: Vec::new(),
        },
        rights: Rights {
            tools: vec!["*".to_owned()],
            spaces: config.spaces.iter().map(|space| space.name.clone()).collect(),
            workflows: Vec::new(),
        },
        expires: None,
    };
    let grant = gate.give_grant(&operator, ask).await?;
    let holder = KeyHolder::Grant { tenant, grant: grant.id };
    gate.make_key(&operator, holder, &Secret::new(&*keys.agent)).await?;
    Ok(())
}

pub(super) fn name(text: &str) -> Result<Name, Refusal> {
    text.parse().map_err(|error: domain::NameError| {
        Refusal::new(Code::Internal, error.to_string(), "this is a fault of Checkrein")
    })
}

/// Two lines, `operator = "…"` and `agent = "…"`. Keys that were never recorded are overwritten.
fn write(path: &Path, keys: &FirstKeys) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    // A new file: nobody else can hold it open, and its mode is right from the beginning.
    let mut file =
        std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    writeln!(file, "operator = \"{}\"\nagent = \"{}\"", keys.operator, keys.agent)?;
    file.sync_all()?;
    let directory = path.parent().unwrap_or(Path::new("/"));
    std::fs::File::open(directory)?.sync_all()
}

/// Reads a file of first keys, as the command line does on the same machine.
///
/// # Errors
/// When there is no such file, or it has another form.
pub fn read(path: &Path) -> std::io::Result<FirstKeys> {
    let text = std::fs::read_to_string(path)?;
    let line = |name: &str| {
        let lines = text.lines().filter_map(|line| line.split_once(" = "));
        let mut value =
            lines.filter(|(key, _)| *key == name).map(|(_, value)| value.trim_matches('"'));
        value.next_back().map(str::to_owned).ok_or(std::io::ErrorKind::InvalidData)
    };
    Ok(FirstKeys { operator: line("operator")?, agent: line("agent")?, file: Some(path.into()) })
}

fn cannot(path: &Path, error: &std::io::Error) -> Refusal {
    let message = format!("first keys cannot be put into `{}`: {error}", path.display());
    Refusal::new(Code::BadConfiguration, message, "make its directory writable for this user")
}
