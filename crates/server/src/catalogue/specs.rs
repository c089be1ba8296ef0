//! From configured servers to what connections are made from.
//!
//! In: checked configuration. Out: `tools::mcp`'s own values. A variable that a server is to get and that is not set ends the
//! start: a server without its credential would fail later and say less. Tests: `tests/it/catalogue.rs`.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use ::mcp::Conversations;
use contract::mask::KNOWN_CHARS_MIN;
use domain::Code;
use gate::Refusal;
use runner::{Ladder, Limits};
use tools::mcp::credentials::{
    Grant, KnownSecrets, OAuth, RegisteredClient, Secret, SecretSource, Source, TokenFiles,
};
use tools::mcp::{self as upstream, Means, ServerSpec, Variable};

use crate::config::{self, Config, McpServer, ServerCredential, ServerWay};
use crate::jail;

/// Every configured server.
///
/// # Errors
/// A variable that is not set.
pub(crate) fn specs(config: &Config) -> Result<Vec<ServerSpec>, Refusal> {
    config.servers.iter().map(spec).collect()
}

/// What the connections of an installation share. The store must have been opened: its first start makes the master key.
///
/// # Errors
/// When the master key cannot be read.
pub(crate) fn means(
    config: &Config,
    ladder: Ladder,
    (known, conversations): (KnownSecrets, Conversations),
) -> Result<Means, Refusal> {
    let bounds = &config.jail;
    let limits = Limits {
        upper_bytes: bounds.upper_bytes,
        memory_bytes: bounds.memory_bytes,
        processes: bounds.processes,
        ..Limits::default()
    };
    Ok(Means {
        jailer: jail::jailer(config),
        ladder,
        limits,
        conversations,
        known,
        tokens: Some(tokens(config)?),
        browser: None,
    })
}

/// Where tokens of servers are kept, encrypted under a key that follows from the master key.
///
/// # Errors
/// When the master key cannot be read.
pub(crate) fn tokens(config: &Config) -> Result<TokenFiles, Refusal> {
    let key = journal::token_key(&config.master_key_file).map_err(|error| {
        Refusal::new(error.code(), error.to_string(), "see docs/errors for this code")
    })?;
    Ok(TokenFiles::new(config.data_dir.join("tokens"), Some(key)))
}

fn spec(server: &McpServer) -> Result<ServerSpec, Refusal> {
    let way = match &server.way {
        ServerWay::Stdio {
            command,
            environment,
            environment_from,
            environment_files,
            reads,
            writes,
            hosts,
            jailed,
        } => {
            let plain = environment
                .iter()
                .map(|(name, value)| (name.clone(), Variable::Plain(value.clone())));
            let mut variables: Vec<(String, Variable)> = plain.collect();
            for name in environment_from {
                variables.push((name.clone(), Variable::Secret(secret(server, name)?)));
            }
            for (name, path) in environment_files {
                variables.push((name.clone(), Variable::Secret(in_file(server, path)?)));
            }
            upstream::Way::Stdio(upstream::Stdio {
                command: command.clone(),
                environment: variables,
                reads: reads.clone(),
                writes: writes.clone(),
                hosts: hosts.clone(),
                jailed: match jailed {
                    config::Jailed::On => upstream::Jailed::Yes,
                    config::Jailed::Off => upstream::Jailed::No,
                },
                directory: None,
            })
        }
        ServerWay::Http { url, credential } => upstream::Way::Http(upstream::Http {
            url: url.clone(),
            credentials: source(credential),
        }),
    };
    let offers = server.offers.iter().map(|part| match part {
        config::Part::Prompts => upstream::Part::Prompts,
        config::Part::Resources => upstream::Part::Resources,
        config::Part::Questions => upstream::Part::Questions,
        config::Part::Instructions => upstream::Part::Instructions,
    });
    let timeout = server.timeout.max(Duration::from_millis(1));
    Ok(ServerSpec { name: server.name.clone(), way, offers: offers.collect(), timeout })
}

fn secret(server: &McpServer, name: &str) -> Result<Secret, Refusal> {
    let wrong = |what: String| {
        let message = format!("the variable `{name}` of server `{}` {what}", server.name);
        let fix = "correct it, or take it out of `environment_from`";
        Refusal::new(Code::BadConfiguration, message, fix)
    };
    let value = std::env::var(name).map_err(|_| wrong("is not set".to_owned()))?;
    // A shorter one would be shown wherever the server repeats it.
    if value.chars().count() < KNOWN_CHARS_MIN {
        return Err(wrong(format!(
            "has fewer than {KNOWN_CHARS_MIN} characters, which cannot be masked"
        )));
    }
    Ok(Secret::new(value))
}

/// One value, that nobody but this user can read.
fn in_file(server: &McpServer, path: &Path) -> Result<Secret, Refusal> {
    let wrong = |what: String, fix: &str| {
        let message = format!("`{}` of server `{}` {what}", path.display(), server.name);
        Refusal::new(Code::BadConfiguration, message, fix)
    };
    let unusable = |error: std::io::Error| {
        wrong(
            format!("cannot be read: {error}"),
            "make it again, or take it out of `environment_files`",
        )
    };
    let found = std::fs::metadata(path).map_err(unusable)?;
    if found.permissions().mode() & 0o077 != 0 {
        return Err(wrong(
            "can be used by others".to_owned(),
            "`chmod 600` it, and change the secret if it was read",
        ));
    }
    let text = std::fs::read_to_string(path).map_err(unusable)?;
    let value = text.trim();
    if value.chars().count() < KNOWN_CHARS_MIN {
        let what = format!("has fewer than {KNOWN_CHARS_MIN} characters, which cannot be masked");
        return Err(wrong(
            what,
            "put a longer secret there, or write it into `environment` if it is none",
        ));
    }
    Ok(Secret::new(value))
}

fn source(credential: &ServerCredential) -> Source {
    match credential {
        ServerCredential::None => Source::None,
        ServerCredential::Environment(_)
        | ServerCredential::File(_)
        | ServerCredential::Command(_) => {
            secret_source(credential).map_or(Source::None, Source::Bearer)
        }
        ServerCredential::OAuth(oauth) => Source::OAuth(Box::new(OAuth {
            grant: match oauth.grant {
                config::OAuthGrant::AuthorizationCode => Grant::AuthorizationCode,
                config::OAuthGrant::ClientCredentials => Grant::ClientCredentials,
            },
            client: oauth.client_id.clone().zip(oauth.issuer.clone()).map(|(id, issuer)| {
                let secret = oauth.client_secret.as_deref().and_then(secret_source);
                RegisteredClient { id, secret, issuer }
            }),
            metadata_url: oauth.client_metadata_url.clone(),
            scopes: oauth.scopes.clone(),
        })),
    }
}

fn secret_source(credential: &ServerCredential) -> Option<SecretSource> {
    match credential {
        ServerCredential::Environment(name) => Some(SecretSource::Environment(name.clone())),
        ServerCredential::File(path) => Some(SecretSource::File(path.clone())),
        ServerCredential::Command(words) => Some(SecretSource::Command(words.clone())),
        ServerCredential::None | ServerCredential::OAuth(_) => None,
    }
}
