//! Known credential values, read from where configuration says they stand. They are never shown or logged.
//! In: configuration and contracts. Out: the values, which go to the gate's and the journal's masks and nowhere else.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use contract::Catalogue;
use contract::mask::KNOWN_CHARS_MIN;
use domain::{Code, CommandMeans, CredentialSource};
use gate::Refusal;

use crate::config::Config;

/// The values to mask.
///
/// # Errors
/// A variable or file that is not there, or a value too short to be masked everywhere. No text names a value.
pub(crate) fn read(config: &Config, catalogue: &Catalogue) -> Result<Vec<String>, Refusal> {
    let variables = config.secrets.env.iter().map(|name| variable(name));
    let files = config.secrets.files.iter().map(|path| file(path));
    // What a remote is given is as much a secret as what is named as one.
    let contracts = catalogue.iter().filter_map(|compiled| match &compiled.contract.command {
        Some(CommandMeans::Template(means)) => Some(&means.remotes),
        Some(CommandMeans::Named(_)) | None => None,
    });
    let remotes = contracts.flatten().chain(&config.remotes);
    let mut credentials: Vec<&CredentialSource> = Vec::new();
    for source in remotes.filter_map(|remote| remote.credential.as_ref()) {
        if !credentials.contains(&source) {
            credentials.push(source);
        }
    }
    let credentials = credentials.into_iter().map(|source| match source {
        CredentialSource::Environment(name) => variable(name),
        CredentialSource::File(path) => file(Path::new(path)),
    });
    let issuers = config.login_issuers.iter().filter_map(|one| one.client_secret_file.as_ref());
    let issuers = issuers.map(|path| file(path));
    let mut values = Vec::new();
    for found in variables.chain(files).chain(issuers) {
        values.push(long_enough(found)?);
    }
    for source in config.outlet_secrets() {
        // Several of them may stand there while one takes the place of another.
        values.extend(credential(source)?.split_whitespace().map(str::to_owned));
    }
    for found in credentials {
        let value = long_enough(found)?;
        values.extend(as_sent(&value));
        values.push(value);
    }
    Ok(values)
}

/// The value of one credential.
///
/// # Errors
/// As for [`read`].
pub(crate) fn credential(source: &CredentialSource) -> Result<String, Refusal> {
    long_enough(match source {
        CredentialSource::Environment(name) => variable(name),
        CredentialSource::File(path) => file(Path::new(path)),
    })
}

fn long_enough((place, value): Found) -> Result<String, Refusal> {
    let value = value.map_err(wrong)?.trim().to_owned();
    if value.chars().count() < KNOWN_CHARS_MIN {
        return Err(wrong(format!("{place} has fewer than {KNOWN_CHARS_MIN} characters")));
    }
    Ok(value)
}

/// The forms in which a credential leaves (RFC 7617): encoded with a name before it, and the secret of a given pair.
fn as_sent(value: &str) -> Vec<String> {
    let encoded = |pair: &str| STANDARD.encode(pair);
    match value.split_once(':') {
        Some((_, secret)) if secret.chars().count() < KNOWN_CHARS_MIN => vec![encoded(value)],
        Some((_, secret)) => vec![encoded(value), secret.to_owned()],
        None => vec![encoded(&format!("x-access-token:{value}"))],
    }
}

/// Where a value stands, and the value or why it cannot be read.
type Found = (String, Result<String, String>);

fn variable(name: &str) -> Found {
    let value = std::env::var(name).map_err(|_| format!("the variable `{name}` is not set"));
    (format!("the variable `{name}`"), value)
}

fn file(path: &Path) -> Found {
    let value = std::fs::read_to_string(path)
        .map_err(|error| format!("`{}` cannot be read: {error}", path.display()));
    (format!("`{}`", path.display()), value)
}

fn wrong(message: String) -> Refusal {
    Refusal::new(
        Code::BadConfiguration,
        message,
        "correct `secrets` or the credential of the remote in the configuration",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_is_known_in_every_form_in_which_it_leaves() {
        for (value, expect) in [
            ("a-long-token", vec!["eC1hY2Nlc3MtdG9rZW46YS1sb25nLXRva2Vu"]),
            ("ada:a-long-token", vec!["YWRhOmEtbG9uZy10b2tlbg==", "a-long-token"]),
            ("ada:abc", vec!["YWRhOmFiYw=="]),
        ] {
            assert_eq!(as_sent(value), expect, "{value}");
        }
    }
}
