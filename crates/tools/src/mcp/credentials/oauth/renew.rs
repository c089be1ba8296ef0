//! How a token is renewed: early, after a 401, with more scopes after a 403, or from the ground up.
//!
//! In: the state of one server's authorization, locked, and the refusal. Out: the state with a new token, saved before
//! it is used. What belongs to another issuer or resource than the server names now is dropped first. Nothing here loops:
//! each way ends with a token or a reason, and the attempt counts. Tests: `tests/` beside the credentials.

use super::super::attempt::{Refusal, Renewed};
use super::super::challenge::Challenge;
use super::super::problem::CredentialError;
use super::authorize::Login;
use super::kept::{Client, Kept, Tokens};
use super::metadata::{ResourceMetadata, ServerMetadata};
use super::scopes::Scopes;
use super::token::{Ask, Shown};
use super::{Grant, Session, State, discovery, registration};

impl Session {
    /// After a refusal.
    pub(super) async fn renew(
        &self,
        state: &mut State,
        refusal: &Refusal,
    ) -> Result<Renewed, CredentialError> {
        match refusal.status {
            401 => self.unauthorized(state, refusal).await,
            403 => self.forbidden(state, refusal).await,
            _ => Err(refusal.refused(self.server())),
        }
    }

    async fn unauthorized(
        &self,
        state: &mut State,
        refusal: &Refusal,
    ) -> Result<Renewed, CredentialError> {
        if refusal.renewed == Some(Renewed::Granted) {
            // The token is as new as it can be.
            return Err(refusal.refused(self.server()));
        }
        let (place, metadata) = self.discover(state, &refusal.challenge).await?;
        let refreshed = match refusal.renewed {
            Some(Renewed::Refreshed) => false,
            Some(Renewed::Elsewhere | Renewed::Granted) | None => {
                self.refresh(state, &metadata).await?
            }
        };
        if refreshed {
            return Ok(Renewed::Refreshed);
        }
        state.kept.tokens = None;
        let scopes = self.scopes(&state.kept, &place, (&refusal.challenge, &metadata));
        self.grant(state, &metadata, scopes).await.map(|()| Renewed::Granted)
    }

    /// Step-up: the scopes so far and those that the server misses.
    async fn forbidden(
        &self,
        state: &mut State,
        refusal: &Refusal,
    ) -> Result<Renewed, CredentialError> {
        let refused = || refusal.refused(self.server());
        let challenge = &refusal.challenge;
        let missing = challenge.scope.as_deref().map(Scopes::parse).unwrap_or_default();
        let asks = challenge.error.as_deref() == Some("insufficient_scope");
        // Asked for already: another login would end the same way.
        if !asks || missing.is_empty() || state.kept.scopes.hold(&missing) {
            return Err(refused());
        }
        let bounded = self.oauth.grant == Grant::ClientCredentials && !self.oauth.scopes.is_empty();
        if bounded || state.kept.tokens.is_none() {
            return Err(refused());
        }
        let wanted = state.kept.scopes.clone().and(missing.iter());
        if !wanted.hold(&missing) {
            return Err(refused());
        }
        let (_, metadata) = self.discover(state, challenge).await?;
        // Whatever another issuer knows of these scopes: they are what the server asks for.
        self.grant(state, &metadata, wanted).await.map(|()| Renewed::Granted)
    }

    /// From the ground up, for a person who asked for it.
    pub(super) async fn start_over(
        &self,
        state: &mut State,
        challenge: &Challenge,
    ) -> Result<(), CredentialError> {
        let (place, metadata) = self.discover(state, challenge).await?;
        let scopes = self.scopes(&state.kept, &place, (challenge, &metadata));
        self.grant(state, &metadata, scopes).await
    }

    /// Before a token ends. What goes wrong here shows when the token is refused.
    pub(super) async fn renew_early(&self, state: &mut State) {
        let Some(issuer) = state.kept.issuer.clone() else { return };
        if state.recent().is_some() {
            return;
        }
        let metadata = match state.metadata.clone() {
            Some(metadata) => Ok(metadata),
            None => discovery::authorization_server(&self.wire, &issuer).await,
        };
        let renewed = match metadata {
            Ok(metadata) => self.early(state, &metadata).await,
            Err(error) => Err(error),
        };
        state.trouble = renewed.err().map(|error| (tokio::time::Instant::now(), error));
    }

    async fn early(
        &self,
        state: &mut State,
        metadata: &ServerMetadata,
    ) -> Result<(), CredentialError> {
        if self.refresh(state, metadata).await? || self.oauth.grant != Grant::ClientCredentials {
            return Ok(());
        }
        let scopes = state.kept.scopes.clone();
        self.grant(state, metadata, scopes).await
    }

    /// What the server and its authorization server say now. Drops what belongs to others.
    async fn discover(
        &self,
        state: &mut State,
        challenge: &Challenge,
    ) -> Result<(ResourceMetadata, ServerMetadata), CredentialError> {
        let place = discovery::resource(&self.wire, &self.url, challenge).await?;
        let issuer = self.issuer(&place, &state.kept)?;
        let metadata = discovery::authorization_server(&self.wire, &issuer).await?;
        let kept = &mut state.kept;
        if kept.issuer.as_ref() != Some(&issuer) {
            *kept = Kept { issuer: Some(issuer), ..Kept::default() };
        }
        if kept.resource.as_ref() != Some(&place.resource) {
            kept.resource = Some(place.resource.clone());
            kept.tokens = None;
        }
        state.metadata = Some(metadata.clone());
        Ok((place, metadata))
    }

    /// The issuer to use: the one that the client belongs to, else the one in use, else the first that is named.
    fn issuer(&self, place: &ResourceMetadata, kept: &Kept) -> Result<String, CredentialError> {
        let named = |issuer: &String| place.issuers.contains(issuer).then(|| issuer.clone());
        if let Some(client) = &self.oauth.client {
            return named(&client.issuer).ok_or_else(|| {
                self.wire.rule(format!(
                    "its client is registered with `{}`, which the server does not name",
                    client.issuer
                ))
            });
        }
        let chosen =
            kept.issuer.as_ref().and_then(named).or_else(|| place.issuers.first().cloned());
        chosen.ok_or_else(|| self.wire.rule("the server names no authorization server"))
    }

    /// What is asked for at first: the challenge, else the operator's scopes, else what the server publishes.
    fn scopes(
        &self,
        kept: &Kept,
        place: &ResourceMetadata,
        (challenge, metadata): (&Challenge, &ServerMetadata),
    ) -> Scopes {
        let ours = || self.oauth.scopes.iter().map(String::as_str);
        let login = self.oauth.grant == Grant::AuthorizationCode;
        if !login && !self.oauth.scopes.is_empty() {
            return Scopes::default().and(ours());
        }
        let published = place.scopes.iter().flatten().map(String::as_str);
        let first = match &challenge.scope {
            Some(scope) => Scopes::parse(scope),
            None if self.oauth.scopes.is_empty() => Scopes::default().and(published),
            None => Scopes::default(),
        };
        let scopes = first.and(ours()).and(kept.scopes.iter());
        // Only beside others: alone it would replace what the server gives when no scope is named.
        let offline = login && metadata.scopes.iter().any(|scope| scope == "offline_access");
        match offline && !scopes.is_empty() {
            true => scopes.and(["offline_access"]),
            false => scopes,
        }
    }

    /// Uses the refresh token. Says whether there is a new token; a refresh token that is no longer taken is dropped.
    async fn refresh(
        &self,
        state: &mut State,
        metadata: &ServerMetadata,
    ) -> Result<bool, CredentialError> {
        let Some(tokens) = state.kept.tokens.clone() else { return Ok(false) };
        let Some(refresh) = &tokens.refresh else { return Ok(false) };
        let client = self.client(&state.kept, metadata).await?;
        let Some(client) = client.filter(|client| client.id == tokens.client) else {
            return Ok(false);
        };
        let Some(resource) = state.kept.resource.clone() else { return Ok(false) };
        let scopes = state.kept.scopes.clone();
        let ask =
            Ask { place: &metadata.token, client: &client, resource: &resource, scopes: &scopes };
        match ask.send(&self.wire, &Shown::Refresh(refresh)).await {
            Ok(given) => self.adopt(state, given).await.map(|()| true),
            // RFC 6749, section 5.2. Anything else may pass: a refresh token that is thrown away costs a login.
            Err(CredentialError::Denied { error, .. }) if error == "invalid_grant" => {
                state.kept.tokens = Some(Tokens { refresh: None, ..tokens });
                self.save(state).await.map(|()| false)
            }
            Err(error) => Err(error),
        }
    }

    async fn client(
        &self,
        kept: &Kept,
        metadata: &ServerMetadata,
    ) -> Result<Option<Client>, CredentialError> {
        let configured = registration::configured(&self.wire, &self.oauth, metadata).await?;
        if let Some(secret) = configured.as_ref().and_then(|client| client.secret.as_ref()) {
            self.known.learn(self.server(), secret);
        }
        Ok(configured.or_else(|| kept.client.as_ref().map(|known| known.client.clone())))
    }

    async fn grant(
        &self,
        state: &mut State,
        metadata: &ServerMetadata,
        scopes: Scopes,
    ) -> Result<(), CredentialError> {
        state.kept.scopes = scopes;
        match self.oauth.grant {
            Grant::ClientCredentials => self.by_client(state, metadata).await,
            Grant::AuthorizationCode => self.by_person(state, metadata).await,
        }
    }

    async fn by_client(
        &self,
        state: &mut State,
        metadata: &ServerMetadata,
    ) -> Result<(), CredentialError> {
        let offered =
            |grants: &Vec<String>| grants.iter().any(|grant| grant == "client_credentials");
        if metadata.grants.as_ref().is_some_and(|grants| !offered(grants)) {
            return Err(self.wire.rule("the authorization server offers no `client_credentials`"));
        }
        let client = registration::configured(&self.wire, &self.oauth, metadata).await?;
        let client = client.ok_or_else(|| self.wire.rule("there is no client to show"))?;
        if let Some(secret) = &client.secret {
            self.known.learn(self.server(), secret);
        }
        let given = self.ask(state, (metadata, &client), &Shown::Client).await?;
        self.adopt(state, given).await
    }

    async fn by_person(
        &self,
        state: &mut State,
        metadata: &ServerMetadata,
    ) -> Result<(), CredentialError> {
        let Some(browser) = &self.browser else {
            // The scopes are kept for the login that a person makes.
            self.save(state).await?;
            return Err(CredentialError::NeedsLogin { server: self.server().clone() });
        };
        let redirect = browser.redirect_uri();
        let configured = registration::configured(&self.wire, &self.oauth, metadata).await?;
        let before = state.kept.client.as_ref().filter(|known| known.serves(redirect));
        let client = match (configured, before) {
            (Some(client), _) => client,
            (None, Some(known)) => known.client.clone(),
            (None, None) => {
                let registered = registration::register(&self.wire, metadata, redirect).await?;
                let client = registered.client.clone();
                state.kept.client = Some(registered);
                self.save(state).await?;
                client
            }
        };
        if let Some(secret) = &client.secret {
            self.known.learn(self.server(), secret);
        }
        let (resource, scopes) = (self.resource(state)?, state.kept.scopes.clone());
        let login = Login { metadata, client: &client, resource: &resource, scopes: &scopes };
        let code = login.run(&self.wire, browser.as_ref()).await?;
        let shown = Shown::Code { code: &code.code, verifier: &code.verifier, redirect };
        let given = self.ask(state, (metadata, &client), &shown).await?;
        self.adopt(state, given).await
    }

    async fn ask(
        &self,
        state: &State,
        (metadata, client): (&ServerMetadata, &Client),
        shown: &Shown<'_>,
    ) -> Result<Tokens, CredentialError> {
        let resource = self.resource(state)?;
        let scopes = &state.kept.scopes;
        let ask = Ask { place: &metadata.token, client, resource: &resource, scopes };
        ask.send(&self.wire, shown).await
    }

    fn resource(&self, state: &State) -> Result<String, CredentialError> {
        state.kept.resource.clone().ok_or_else(|| self.wire.rule("the server names no resource"))
    }

    /// Takes the tokens over: kept and known to the mask before they are used.
    async fn adopt(&self, state: &mut State, tokens: Tokens) -> Result<(), CredentialError> {
        state.kept.tokens = Some(tokens);
        state.generation += 1;
        state.trouble = None;
        self.save(state).await
    }
}
