//! A token that an operator gives: read when it is needed, kept for a bounded time, read again when it is refused.
//!
//! In: a source. Out: the token of the moment. A token that a server refuses is dropped; another one from the same
//! source is tried, the same one is not: then an operator has to change it. Tests: `tests/bearers.rs`.

use domain::{Name, limits};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::attempt::{Presented, Refusal, Renewed};
use super::problem::CredentialError;
use super::secret::{KnownSecrets, Secret};
use super::sources::{self, SecretSource};

/// The token of one server.
#[derive(Debug)]
pub(super) struct Bearer {
    server: Name,
    source: SecretSource,
    known: KnownSecrets,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    held: Option<(Secret, Instant)>,
    generation: u64,
    trouble: Option<(Instant, CredentialError)>,
}

impl Bearer {
    pub(super) const fn server(&self) -> &Name {
        &self.server
    }

    pub(super) fn new(server: Name, source: SecretSource, known: KnownSecrets) -> Self {
        Self { server, source, known, state: Mutex::default() }
    }

    /// The token to be sent now.
    pub(super) async fn present(&self) -> Result<Presented, CredentialError> {
        let mut state = self.state.lock().await;
        let fresh =
            state.held.as_ref().filter(|(_, since)| since.elapsed() < limits::CREDENTIAL_KEPT);
        let secret = match fresh {
            Some((secret, _)) => secret.clone(),
            None => self.read(&mut state).await?,
        };
        Ok(Presented { secret: Some(secret), generation: state.generation })
    }

    /// Another token instead of the refused one, if the source has one.
    pub(super) async fn refused(&self, refusal: &Refusal) -> Result<Renewed, CredentialError> {
        let refused = || refusal.refused(&self.server);
        if refusal.status != 401 {
            return Err(refused());
        }
        let mut state = self.state.lock().await;
        if state.generation != refusal.presented {
            return Ok(Renewed::Elsewhere);
        }
        let before = state.held.take().map(|(secret, _)| secret);
        let now = self.read(&mut state).await?;
        match before == Some(now) {
            true => {
                // Whoever asks within the next moments gets the same answer without another look.
                state.trouble = Some((Instant::now(), refused()));
                state.held = None;
                Err(refused())
            }
            false => Ok(Renewed::Granted),
        }
    }

    async fn read(&self, state: &mut State) -> Result<Secret, CredentialError> {
        let recent = state
            .trouble
            .as_ref()
            .filter(|(since, _)| since.elapsed() < limits::CREDENTIAL_RETRY_AFTER);
        if let Some((_, error)) = recent {
            return Err(error.clone());
        }
        match sources::read(&self.server, &self.source).await {
            Ok(secret) => {
                self.known.learn(&self.server, &secret);
                state.held = Some((secret.clone(), Instant::now()));
                state.generation += 1;
                Ok(secret)
            }
            Err(error) => {
                state.trouble = Some((Instant::now(), error.clone()));
                Err(error)
            }
        }
    }
}
