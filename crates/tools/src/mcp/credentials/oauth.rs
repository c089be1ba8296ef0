//! The OAuth authorization of one server: which token is sent, and what follows when it is refused.
//!
//! ```text
//! no token   -> request without one -> 401 -> discovery -> client -> login or client credentials -> token
//! ending     -> renewed before the request
//! 401        -> discovery again -> another issuer: everything anew | refresh token | login
//! 403 + scope-> the scopes so far and these -> login or client credentials
//! ```
//! In: refusals with their challenges. Out: tokens, kept in memory and in the token file. One request at a time renews, and
//! it goes on when the call that caused it is cancelled: a rotated refresh token must not be lost. Tests: `tests/`.

mod authorize;
mod discovery;
mod kept;
mod metadata;
mod registration;
mod renew;
mod scopes;
mod token;
mod wire;

use std::sync::Arc;

use contract::strict;
use domain::limits;
use reqwest::Url;
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::Instant;

use super::attempt::{Presented, Refusal, Renewed};
use super::challenge;
use super::login::Browser;
use super::problem::CredentialError;
use super::secret::{KnownSecrets, Secret};
use super::sources::SecretSource;
use super::store::{Stamp, TokenFiles};
use crate::mcp::guarded::Request;
use kept::{Kept, Tokens};
use metadata::ServerMetadata;
use wire::Wire;

/// How Checkrein gets tokens for a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OAuth {
    /// Which grant.
    pub grant: Grant,
    /// The client, if an operator registered one.
    pub client: Option<RegisteredClient>,
    /// The URL of a client id metadata document, if an operator published one.
    pub metadata_url: Option<Url>,
    /// Scopes to ask for. With client credentials they are also the most that is asked for.
    pub scopes: Vec<String>,
}

/// How a token is asked for at first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grant {
    /// A person logs in.
    AuthorizationCode,
    /// The client shows its own secret.
    ClientCredentials,
}

/// A client that an operator registered with one authorization server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisteredClient {
    /// Its id.
    pub id: String,
    /// Where its secret is kept; none for a public client.
    pub secret: Option<SecretSource>,
    /// The issuer that it is registered with. Its secret is shown to no other.
    pub issuer: String,
}

/// The authorization of one server.
pub(super) struct Session {
    url: Url,
    wire: Wire,
    oauth: OAuth,
    known: KnownSecrets,
    files: Option<TokenFiles>,
    browser: Option<Arc<dyn Browser>>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    kept: Kept,
    metadata: Option<ServerMetadata>,
    generation: u64,
    /// The file as it was read last; the outer none before the first look.
    seen: Option<Option<Stamp>>,
    trouble: Option<(Instant, CredentialError)>,
}

impl Session {
    pub(super) fn new(oauth: OAuth, around: super::Around, server: domain::Name) -> Self {
        let super::Around { url, http, known, tokens, browser } = around;
        let wire = Wire { server, http };
        Self { url, wire, oauth, known, files: tokens, browser, state: Mutex::default() }
    }

    pub(super) fn server(&self) -> &domain::Name {
        &self.wire.server
    }

    /// The token to be sent now; none before the first authorization.
    pub(super) async fn present(self: &Arc<Self>) -> Result<Presented, CredentialError> {
        let state = self.state.lock().await;
        if state.kept.tokens.as_ref().is_some_and(|tokens| !tokens.ending()) {
            return Ok(presented(&state));
        }
        drop(state);
        let session = Arc::clone(self);
        self.apart(async move {
            let mut state = session.state.lock().await;
            session.look(&mut state).await?;
            if state.kept.tokens.as_ref().is_some_and(Tokens::ending) {
                session.renew_early(&mut state).await;
            }
            Ok(presented(&state))
        })
        .await
    }

    /// Gets another token, or says why there is none.
    pub(super) async fn refused(
        self: &Arc<Self>,
        refusal: Refusal,
    ) -> Result<Renewed, CredentialError> {
        let session = Arc::clone(self);
        self.apart(async move {
            let mut state = session.state.lock().await;
            let elsewhere = session.look(&mut state).await?;
            if elsewhere || state.generation != refusal.presented {
                return Ok(Renewed::Elsewhere);
            }
            if let Some(error) = state.recent() {
                return Err(error);
            }
            let renewed = session.renew(&mut state, &refusal).await;
            if let Err(error) = &renewed
                && refusal.status == 401
            {
                state.trouble = Some((Instant::now(), error.clone()));
            }
            renewed
        })
        .await
    }

    /// A login by a person, whatever tokens there are.
    pub(super) async fn login(&self) -> Result<(), CredentialError> {
        let mut state = self.state.lock().await;
        self.look(&mut state).await?;
        // The server says best which scopes it wants; one that does not answer is asked for its metadata all the same.
        let said = self.wire.http.send_once(Request::get(self.url.clone())).await;
        let said = said.ok().filter(|response| response.status.as_u16() == 401);
        let challenge = said.map(|response| challenge::bearer(&response.headers));
        self.start_over(&mut state, &challenge.unwrap_or_default()).await
    }

    /// Runs to its end even if nobody waits any more.
    async fn apart<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, CredentialError>> + Send + 'static,
    ) -> Result<T, CredentialError> {
        let ended = tokio::spawn(work).await;
        ended.unwrap_or_else(|_| Err(self.wire.rule("its authorization was broken off")))
    }

    /// Reads the token file if another process changed it. Says whether that brought another token.
    async fn look(&self, state: &mut MutexGuard<'_, State>) -> Result<bool, CredentialError> {
        let Some(files) = self.files.clone() else { return Ok(false) };
        let (server, seen) = (self.wire.server.clone(), state.seen);
        let reading = tokio::task::spawn_blocking(move || {
            let stamp = files.stamp(&server);
            match seen == Some(stamp) {
                true => Ok(None),
                false => files.load(&server).map(|bytes| Some((stamp, bytes))),
            }
        });
        let read = reading.await.unwrap_or_else(|_| Err(std::io::Error::other("broken off")));
        let Some((stamp, bytes)) = read.map_err(|error| self.unkept(&error))? else {
            return Ok(false);
        };
        state.seen = Some(stamp);
        let document =
            bytes.and_then(|bytes| strict::parse(&bytes, limits::OAUTH_DOCUMENT_BYTES_MAX).ok());
        let kept = document.and_then(|document| Kept::read(&document, self.url.as_str()));
        let kept = kept.unwrap_or_default();
        let other = kept.tokens != state.kept.tokens;
        if other {
            state.generation += 1;
            state.trouble = None;
            state.metadata = None;
        }
        state.kept = kept;
        self.learn(&state.kept);
        Ok(other)
    }

    async fn save(&self, state: &mut State) -> Result<(), CredentialError> {
        self.learn(&state.kept);
        let Some(files) = self.files.clone() else { return Ok(()) };
        let (server, bytes) = (self.wire.server.clone(), state.kept.write(self.url.as_str()));
        let writing = tokio::task::spawn_blocking(move || {
            files.save(&server, &bytes).map(|()| files.stamp(&server))
        });
        let written = writing.await.unwrap_or_else(|_| Err(std::io::Error::other("broken off")));
        state.seen = Some(written.map_err(|error| self.unkept(&error))?);
        Ok(())
    }

    fn learn(&self, kept: &Kept) {
        let tokens = kept
            .tokens
            .iter()
            .flat_map(|tokens| std::iter::once(&tokens.access).chain(tokens.refresh.as_ref()));
        let client = kept.client.iter().filter_map(|registered| registered.client.secret.as_ref());
        tokens.chain(client).for_each(|secret| self.known.learn(&self.wire.server, secret));
    }

    fn unkept(&self, error: &std::io::Error) -> CredentialError {
        CredentialError::Store { server: self.wire.server.clone(), detail: error.to_string() }
    }
}

impl State {
    fn recent(&self) -> Option<CredentialError> {
        let (since, error) = self.trouble.as_ref()?;
        (since.elapsed() < limits::CREDENTIAL_RETRY_AFTER).then(|| error.clone())
    }
}

fn presented(state: &State) -> Presented {
    let secret = state.kept.tokens.as_ref().filter(|tokens| !tokens.ended());
    let secret: Option<Secret> = secret.map(|tokens| tokens.access.clone());
    Presented { secret, generation: state.generation }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Session({}, {:?})", self.wire.server, self.oauth.grant)
    }
}
