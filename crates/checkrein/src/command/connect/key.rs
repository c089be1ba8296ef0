//! A key for a client: made by the running server, or by a Checkrein that is started in this process for that moment.
//!
//! In: configuration, a name, what the client may use. Out: the key's text and its grant. It may use the servers that were moved
//! and nothing else of Checkrein's.

use server::config::Config;
use server::{ShowKeys, wire};

use crate::client::{Client, Key};
use crate::context::{As, Context};
use crate::failure::{Failure, Result};

/// What was made.
pub(super) struct Made {
    pub(super) key: String,
    pub(super) grant: String,
    /// What a person should know.
    pub(super) said: Vec<String>,
}

/// Makes a key for these servers.
pub(super) async fn make(
    context: &Context,
    config: &Config,
    (agent, servers): (&str, &[String]),
) -> Result<Made> {
    let body = wire::NewAgent {
        name: agent.to_owned(),
        version: None,
        tenant: None,
        human: None,
        tools: servers.iter().map(|server| format!("{server}.*")).collect(),
        spaces: None,
        workflows: Vec::new(),
        expires_ms: None,
    };
    if Client::new(&config.url(), Key::new(""))?.is_up().await {
        let said = vec![
            "Checkrein is running: start it anew, so that it takes in the new servers".to_owned(),
        ];
        return made(&context.client(As::Operator)?, &body, said).await;
    }
    let mut alone = config.clone();
    // Only keys are made: no server is started, and nobody is in the way of the address.
    alone.servers.clear();
    alone.listen.set_port(0);
    let first = config.first_keys_file();
    let running = server::serve(alone, ShowKeys::InFile).await?;
    let mut said = Vec::new();
    if running.first_keys.is_some() {
        said.push(format!("your own first keys are in `{}` (mode 0600)", first.display()));
    }
    let client = context.key(As::Operator).and_then(|key| Client::new(&running.url(), key));
    let result = match client {
        Ok(client) => made(&client, &body, said).await,
        Err(failure) => Err(failure),
    };
    running.stop();
    running.ended().await;
    result
}

async fn made(client: &Client, body: &wire::NewAgent, said: Vec<String>) -> Result<Made> {
    let made: wire::MadeAgent = client.post("/v1/agents", body).await.map_err(|failure| {
        let fix = format!(
            "{}; give an operator's key (role admin) with `CHECKREIN_KEY` or `--key-file`",
            failure.fix
        );
        Failure { fix, ..failure }
    })?;
    Ok(Made { key: made.secret, grant: made.grant.grant, said })
}
