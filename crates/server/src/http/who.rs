//! Who asks: from the `Authorization` header to an agent or an operator.
//!
//! A handler takes the type it needs, so a route cannot forget to ask: `AgentCaller` for proposals,
//! `OperatorCaller` for decisions, `AnyCaller` for what both may see. Cookies are never looked at.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, AUTHORIZATION};
use axum::http::request::Parts;
use domain::{Caller, Code, Name, Operator};
use gate::{Credential, Identity, Secret, VerifiedAgent};

use super::delivery::Outbox;
use crate::app::App;
use crate::config::DEFAULT_TENANT;
use crate::rescue::Refused;

/// The longest text that can be a key.
const KEY_BYTES_MAX: usize = 200;

/// An agent with the key it used, and the connection it waits at.
#[derive(Clone)]
pub(crate) struct AgentCaller {
    pub(crate) caller: Caller,
    pub(crate) proof: Proof,
    pub(crate) outbox: Option<Outbox>,
    pub(crate) listens: Listens,
}

impl AgentCaller {
    /// What the gate knows it by.
    pub(crate) fn credential(&self) -> Credential<'_> {
        self.proof.credential()
    }
}

/// What somebody came with.
#[derive(Debug, Clone)]
pub(crate) enum Proof {
    /// A key.
    Key(Secret),
    /// A token of a configured issuer, checked.
    Token(VerifiedAgent),
}

impl Proof {
    fn credential(&self) -> Credential<'_> {
        match self {
            Self::Key(secret) => secret.into(),
            Self::Token(agent) => agent.into(),
        }
    }
}

/// What a client takes for an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Listens {
    /// The envelope.
    ToTheAnswer,
    /// Events while the call runs, and the envelope at their end.
    ToAll,
}

impl Listens {
    /// `text/event-stream` among what is accepted.
    fn of(headers: &HeaderMap) -> Self {
        let accepted = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
        let kinds = accepted.flat_map(|value| value.split(','));
        let mut names = kinds.filter_map(|kind| kind.split(';').next());
        match names.any(|name| name.trim().eq_ignore_ascii_case("text/event-stream")) {
            true => Self::ToAll,
            false => Self::ToTheAnswer,
        }
    }
}

/// A person with an operator key.
#[derive(Debug, Clone)]
pub(crate) struct OperatorCaller(pub(crate) Operator);

impl OperatorCaller {
    /// Refuses what concerns other tenants too: that is for operators of the installation's own tenant, or an admin
    /// of any tenant could make an admin of every other.
    pub(crate) fn of_installation(&self) -> Result<(), Refused> {
        if self.0.tenant.as_str() == DEFAULT_TENANT {
            return Ok(());
        }
        let message = format!("this reaches beyond the tenant `{}`", self.0.tenant);
        let fix = format!("ask an operator of the tenant `{DEFAULT_TENANT}`");
        Err(Refused::new(Code::NotAllowed, message, fix))
    }

    /// Whether a tenant is this operator's own, or everybody's are.
    pub(crate) fn may_act_for(&self, tenant: &Name) -> Result<(), Refused> {
        if self.0.tenant == *tenant { Ok(()) } else { self.of_installation() }
    }
}

/// An agent or an operator.
#[derive(Debug, Clone)]
pub(crate) struct AnyCaller(pub(crate) Identity);

impl AnyCaller {
    /// The tenant that this caller belongs to.
    pub(crate) fn tenant(&self) -> &Name {
        match &self.0 {
            Identity::Agent(caller) => &caller.chain.tenant,
            Identity::Operator(operator) => &operator.tenant,
        }
    }

    /// Whether this caller may see what belongs to a tenant and, for agents, to a grant.
    pub(crate) fn may_see(&self, tenant: &str, grant: &str) -> bool {
        let mine = self.tenant().as_str() == tenant;
        match &self.0 {
            Identity::Agent(caller) => mine && caller.grant.to_string() == grant,
            Identity::Operator(_) => mine,
        }
    }
}

async fn proof(parts: &Parts, app: &App) -> Result<Proof, Refused> {
    let wrong = |message: &str| {
        let fix = "send `Authorization: Bearer <key>` with a key from `checkrein keys`";
        Refused::new(Code::NotAuthenticated, message, fix)
    };
    let mut values = parts.headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(wrong("expected exactly one `Authorization` header"));
    };
    let text = value.to_str().map_err(|_| wrong("the `Authorization` header is not text"))?;
    let (scheme, key) = text.split_once(' ').ok_or_else(|| wrong("expected `Bearer <key>`"))?;
    if !scheme.eq_ignore_ascii_case("bearer") || key.is_empty() {
        return Err(wrong("expected `Bearer <key>`"));
    }
    if app.auth.takes(key) {
        return app.auth.verified(key).await.map(Proof::Token);
    }
    if key.len() > KEY_BYTES_MAX {
        return Err(wrong("expected `Bearer <key>`"));
    }
    Ok(Proof::Key(Secret::new(key)))
}

async fn identify(parts: &Parts, app: &App) -> Result<(Identity, Proof), Refused> {
    let proof = proof(parts, app).await?;
    Ok((app.gate.identify(proof.credential()).await?, proof))
}

impl FromRequestParts<Arc<App>> for AgentCaller {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Refused> {
        let (identity, proof) = identify(parts, app).await?;
        let outbox = parts.extensions.get::<Outbox>().cloned();
        let listens = Listens::of(&parts.headers);
        Ok(Self { caller: identity.agent()?, proof, outbox, listens })
    }
}

impl FromRequestParts<Arc<App>> for OperatorCaller {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Refused> {
        let (identity, _) = identify(parts, app).await?;
        Ok(Self(identity.operator()?))
    }
}

impl FromRequestParts<Arc<App>> for AnyCaller {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Refused> {
        Ok(Self(identify(parts, app).await?.0))
    }
}
