//! Contracts and policies from the directories that configuration names.
//!
//! In: checked configuration. Out: one version of both, where the policies came from, or every error with file,
//! line and fix. The project's contracts can only *declare*; the operator's directory may *confirm*. Without any
//! policy file the starter policy is used, and that is said.

use std::path::{Path, PathBuf};

use contract::{Catalogue, ContractFile, Installation, Origin};
use domain::{Code, Contract, limits};
use gate::Rules;
use policy::PolicySet;

use crate::config::{Config, Problems, check};

/// One version of contracts and policies, and where the policies came from.
#[derive(Debug)]
pub struct Loaded {
    /// Contracts and policies.
    pub rules: Rules,
    /// Where the policies came from.
    pub policies_from: PoliciesFrom,
    /// Policy files with their texts.
    pub sources: Vec<policy::Source>,
}

/// Where the policies in force came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PoliciesFrom {
    /// The starter policy of the program, because there was no policy file.
    Starter,
    /// Files of the project or the operator.
    Files,
}

/// Why contracts or policies could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Contracts with errors.
    #[error("{0}")]
    Contracts(contract::LoadErrors),
    /// Policies with errors.
    #[error("{0}")]
    Policies(policy::LoadErrors),
    /// A contract whose command would reach what no command may, or a command that no contract can take.
    #[error("{0}")]
    Commands(Problems),
    /// A file could not be read.
    #[error("`{}` cannot be read: {reason}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
}

impl Error {
    /// Its stable code.
    pub fn code(&self) -> Code {
        match self {
            Self::Contracts(_) => Code::BadContract,
            Self::Policies(_) => Code::BadPolicy,
            Self::Commands(problems) => problems.code(),
            Self::Read { .. } => Code::BadConfiguration,
        }
    }
}

/// A file as read.
struct Text {
    name: String,
    text: String,
    origin: Origin,
}

/// Loads everything.
///
/// # Errors
/// Every error in contracts, or every error in policies, or a file that cannot be read.
pub fn load(config: &Config) -> Result<Loaded, Error> {
    let Texts { catalogue, sources, policies_from } = texts_of(config)?;
    let policies = policies(&sources, &catalogue).map_err(Error::Policies)?;
    Ok(Loaded { rules: Rules::new(catalogue, policies), policies_from, sources })
}

/// Contracts, and policies that were not held against them yet: tools of servers may belong to them too.
pub(crate) struct Texts {
    pub(crate) catalogue: Catalogue,
    pub(crate) sources: Vec<policy::Source>,
    pub(crate) policies_from: PoliciesFrom,
}

/// Reads everything. Policies must fit our own contracts; rules about tools of servers sleep meanwhile.
///
/// # Errors
/// As [`load`].
pub(crate) fn read(config: &Config) -> Result<Texts, Error> {
    let texts = texts_of(config)?;
    policies(&texts.sources, &texts.catalogue).map_err(Error::Policies)?;
    Ok(texts)
}

fn texts_of(config: &Config) -> Result<Texts, Error> {
    let catalogue = catalogue(config)?;
    let files = texts(config, (&config.policies, "policies"), "cedar")?;
    let written: Vec<policy::Source> =
        files.into_iter().map(|file| policy::Source { file: file.name, text: file.text }).collect();
    let (sources, policies_from) = match written.is_empty() {
        true => (policy::starter(), PoliciesFrom::Starter),
        false => (written, PoliciesFrom::Files),
    };
    Ok(Texts { catalogue, sources, policies_from })
}

/// The contracts of the program, the operator and the project, with the commands and remotes of the configuration.
///
/// # Errors
/// Every error in contracts, a command that would reach too far, or a file that cannot be read.
pub fn catalogue(config: &Config) -> Result<Catalogue, Error> {
    let texts = texts(config, (&config.contracts, "contracts"), "toml")?;
    let files = texts.iter().map(|file| ContractFile {
        name: &file.name,
        text: &file.text,
        origin: file.origin,
    });
    let all: Vec<ContractFile<'_>> = contract::builtin::FILES.into_iter().chain(files).collect();
    let installation = Installation::new(config.commands.clone(), config.remotes.clone());
    let installation =
        installation.map_err(|unfit| Error::Commands(check::unfit(config, &unfit)))?;
    let catalogue = contract::load::installed(&all, &installation).map_err(Error::Contracts)?;
    let problems = check::contracts(config, &catalogue);
    if problems.0.is_empty() { Ok(catalogue) } else { Err(Error::Commands(problems)) }
}

/// Policies over the contracts of a catalogue.
pub(crate) fn policies(
    sources: &[policy::Source],
    catalogue: &Catalogue,
) -> Result<PolicySet, policy::LoadErrors> {
    let contracts: Vec<&Contract> = catalogue.iter().map(|compiled| &compiled.contract).collect();
    PolicySet::load(sources, &contracts)
}

fn texts(
    config: &Config,
    (project, own): (&[PathBuf], &str),
    extension: &str,
) -> Result<Vec<Text>, Error> {
    let operator = (config.config_dir.join(own), Origin::Operator);
    let project = project.iter().map(|path| (path.clone(), Origin::Project));
    let mut texts = Vec::new();
    for (directory, origin) in std::iter::once(operator).chain(project) {
        for path in files(&directory, extension)? {
            texts.push(Text { name: shown(config, &path), text: text(&path)?, origin });
        }
    }
    Ok(texts)
}

/// The files of a directory with this extension, by name; none if there is no directory.
fn files(directory: &Path, extension: &str) -> Result<Vec<PathBuf>, Error> {
    let failed = |error: std::io::Error| Error::Read {
        path: directory.to_path_buf(),
        reason: error.to_string(),
    };
    let entries = match std::fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        // Table tests stand beside the policies and contracts.
        let tests = name.ends_with(".tests.toml");
        if path.extension().is_some_and(|found| found == extension) && path.is_file() && !tests {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn text(path: &Path) -> Result<String, Error> {
    let failed = |reason: String| Error::Read { path: path.to_path_buf(), reason };
    let size = std::fs::metadata(path).map_err(|error| failed(error.to_string()))?.len();
    if size > limits::SOURCE_FILE_BYTES_MAX {
        let most = limits::SOURCE_FILE_BYTES_MAX;
        return Err(failed(format!("{size} bytes, at most {most} are allowed")));
    }
    std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))
}

/// The path from the configuration file's directory where that is shorter.
fn shown(config: &Config, path: &Path) -> String {
    let base = config.file.as_ref().and_then(|file| file.parent());
    let inside = base.and_then(|base| path.strip_prefix(base).ok());
    inside.unwrap_or(path).display().to_string()
}
