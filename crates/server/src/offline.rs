//! The journal without a running server: verifying a data directory or an export, and making projections again.
//!
//! In: checked configuration, or the text of an export. Out: what was found, in the types that the API answers with.
//! A store that a process uses is refused (`CR-5002`): ask that process instead.

use std::io::BufRead;

use domain::Code;
use journal::{Options, PublicKey, Sqlite, Verification};

pub use gate::Refusal;

use crate::config::Config;
use crate::wire;

/// Verifies the store of the configured data directory, against a head that was kept elsewhere if one is given.
///
/// # Errors
/// When there is no store, another process uses it, or its key is missing. What is wrong in it is a finding, not an error.
pub fn verify(config: &Config, kept_head: Option<&str>) -> Result<wire::Verification, Refusal> {
    journal::verify_directory(&options(config)?, kept_head).map(shown).map_err(refused)
}

/// Verifies an export of either form. With `trusted`, the text of a public key, its heads must be signed by that key.
///
/// # Errors
/// When the export cannot be read to its end, or the key is none. What is wrong in it is a finding, not an error.
pub fn verify_export(
    input: impl BufRead,
    trusted: Option<&str>,
) -> Result<wire::Verification, Refusal> {
    let trusted =
        trusted.map(|text| PublicKey::parse(text.trim())).transpose().map_err(|error| {
            let fix = "take the `public_key` of `checkrein journal head -o json`";
            Refusal::new(Code::InvalidRequest, format!("the public key: {error}"), fix)
        })?;
    journal::verify_export(input, trusted.as_ref()).map(shown).map_err(refused)
}

/// Makes all projections again from the entries. Gives the number of entries.
///
/// # Errors
/// When there is no store, another process uses it, its key is missing, or an entry cannot be read.
pub async fn rebuild(config: &Config) -> Result<u64, Refusal> {
    let options = options(config)?;
    let opened = tokio::task::spawn_blocking(move || Sqlite::open(options)).await;
    let store = opened.map_err(|error| {
        Refusal::new(Code::Internal, error.to_string(), "this is a fault of Checkrein")
    })?;
    store.map_err(refused)?.rebuild().await.map_err(refused)
}

/// The file of the store, as `journal` names it.
const FILE: &str = "journal.sqlite";

/// Whether there is a store at all.
pub fn has_store(config: &Config) -> bool {
    config.data_dir.join(FILE).is_file()
}

/// Opening makes what is not there, so it is looked for first.
fn options(config: &Config) -> Result<Options, Refusal> {
    if has_store(config) {
        return Ok(Options::new(&config.data_dir, &config.master_key_file));
    }
    let message = format!("there is no store in `{}`", config.data_dir.display());
    Err(Refusal::new(
        Code::NotFound,
        message,
        "name the configuration of the store: `--config FILE`",
    ))
}

fn shown(found: Verification) -> wire::Verification {
    wire::Verification {
        verified: found.is_good(),
        entries: found.entries,
        chains: found.chains,
        heads: found.heads,
        payloads: found.payloads,
        erased: found.erased,
        first_problem: found.finding.map(|finding| finding.to_string()),
    }
}

fn refused(error: journal::Error) -> Refusal {
    let fix = match error.code() == Code::StoreLocked {
        true => "let that process answer, or stop it",
        false => "see docs/errors for this code",
    };
    Refusal::new(error.code(), error.to_string(), fix)
}
