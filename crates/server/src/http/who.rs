//! Who asks: from the `Authorization` header, or the cookie of a session, to an agent or an operator.
//!
//! `allow` finds it out once, before the handler, and leaves it beside the request. A handler takes the type it needs:
//! `AgentCaller` for proposals, `OperatorCaller` for decisions, `AnyCaller` for what both may see, `SessionCaller` for what
//! is about a login. Where nobody was found out, nobody is served.

use std::sync::Arc;

use aws_lc_rs::hmac;
use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, AUTHORIZATION};
use axum::http::request::Parts;
use domain::{Caller, Code, Name, Operator, Right};
use gate::{Credential, Identity, Secret, VerifiedAgent};

use super::delivery::Outbox;
use super::site::Cookie;
use crate::app::App;
use crate::config::DEFAULT_TENANT;
use crate::passkey;
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
    /// The cookie of a session.
    Session(Session),
}

/// A session as a browser presents it.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    secret: Secret,
    /// What its own pages send with everything that changes something.
    pub(crate) csrf: String,
}

impl Session {
    /// A session of this secret. Its token follows from the secret, so that nothing has to be kept.
    pub(crate) fn of(text: &str) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, text.as_bytes());
        let csrf = passkey::encode(hmac::sign(&key, b"checkrein/csrf/1").as_ref());
        Self { secret: Secret::new(text), csrf }
    }
}

/// Whoever asks, and what they came with.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(crate) identity: Identity,
    pub(crate) proof: Proof,
}

impl Proof {
    fn credential(&self) -> Credential<'_> {
        match self {
            Self::Key(secret) => secret.into(),
            Self::Token(agent) => agent.into(),
            Self::Session(session) => (&session.secret).into(),
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

/// A person, with an operator key or logged in.
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

/// A person who is logged in in a browser.
#[derive(Debug, Clone)]
pub(crate) struct SessionCaller {
    pub(crate) operator: Operator,
    pub(crate) csrf: String,
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
    let value = match (values.next(), values.next()) {
        (Some(value), None) => value,
        (None, _) => {
            let cookie = app.site.cookie(&parts.headers, Cookie::Session);
            let cookie = cookie.filter(|text| text.len() <= KEY_BYTES_MAX);
            let session = cookie.map(|text| Proof::Session(Session::of(&text)));
            return session.ok_or_else(|| wrong("expected exactly one `Authorization` header"));
        }
        (Some(_), Some(_)) => return Err(wrong("expected exactly one `Authorization` header")),
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

/// Finds out who asks. A session's secret is none of a key's, and the other way round: a key in a cookie opens nothing.
pub(crate) async fn identify(parts: &Parts, app: &App) -> Result<Known, Refused> {
    let proof = proof(parts, app).await?;
    let identity = app.gate.identify(proof.credential()).await?;
    let by_session = matches!(&identity, Identity::Operator(by) if app.gate.session(by).is_some());
    if by_session != matches!(proof, Proof::Session(_)) {
        return Err(Refused::new(
            Code::NotAuthenticated,
            "a key is no session, and a session no key",
            "log in, or send `Authorization: Bearer <key>`",
        ));
    }
    Ok(Known { identity, proof })
}

/// What `allow` found out.
fn known(parts: &Parts) -> Result<Known, Refused> {
    let known = parts.extensions.get::<Known>().cloned();
    known.ok_or_else(|| Refused::internal("a route whose caller nobody asked for"))
}

impl FromRequestParts<Arc<App>> for AgentCaller {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, Refused> {
        let Known { identity, proof } = known(parts)?;
        let outbox = parts.extensions.get::<Outbox>().cloned();
        let listens = Listens::of(&parts.headers);
        Ok(Self { caller: identity.agent()?, proof, outbox, listens })
    }
}

impl FromRequestParts<Arc<App>> for OperatorCaller {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, Refused> {
        Ok(Self(known(parts)?.identity.operator()?))
    }
}

/// Whether somebody whose request goes on and on is still let in.
#[derive(Debug, Clone)]
pub(crate) struct Standing(Known);

impl Standing {
    /// Whether the key, or the session, still holds and its person still has a right. Asking does not count as using it.
    pub(crate) async fn may(&self, right: Right, app: &App) -> bool {
        let operator = match (&self.0.identity, &self.0.proof) {
            (Identity::Operator(by), Proof::Session(_)) => app.gate.operator_of_session(by.key),
            (Identity::Operator(_), proof @ (Proof::Key(_) | Proof::Token(_))) => {
                let known = app.gate.identify(proof.credential()).await;
                known.and_then(Identity::operator).ok()
            }
            (Identity::Agent(_), _) => None,
        };
        operator.is_some_and(|operator| operator.roles.allow(right))
    }
}

impl FromRequestParts<Arc<App>> for Standing {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, Refused> {
        known(parts).map(Self)
    }
}

impl FromRequestParts<Arc<App>> for AnyCaller {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, Refused> {
        Ok(Self(known(parts)?.identity))
    }
}

impl FromRequestParts<Arc<App>> for SessionCaller {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, Refused> {
        let Known { identity, proof } = known(parts)?;
        match proof {
            Proof::Session(session) => {
                Ok(Self { operator: identity.operator()?, csrf: session.csrf })
            }
            Proof::Key(_) | Proof::Token(_) => {
                Err(Refused::internal("a key where a login was asked for"))
            }
        }
    }
}
