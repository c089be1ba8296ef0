//! The two documents of discovery as values: of the protected resource (RFC 9728) and of the authorization server (RFC 8414
//! and OpenID Connect Discovery).
//!
//! In: strict JSON. Out: the fields that are used, checked, or which rule is broken. Identifiers (`resource`, `issuer`)
//! stay texts exactly as published: they are compared and sent character by character, and a URL type would add a
//! slash. Unknown fields are ignored, as both standards ask. Tests: `tests/discovery.rs` beside the credentials.

use domain::limits;
use reqwest::Url;
use serde_json::Value;

use super::super::problem::CredentialError;
use super::wire::Wire;

/// What a server says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ResourceMetadata {
    /// Its identifier, as published.
    pub(super) resource: String,
    /// Issuers that it takes tokens of.
    pub(super) issuers: Vec<String>,
    /// Scopes it knows; none if it does not say.
    pub(super) scopes: Option<Vec<String>>,
}

/// What an authorization server says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ServerMetadata {
    pub(super) issuer: String,
    pub(super) authorization: Option<Url>,
    pub(super) token: Url,
    pub(super) registration: Option<Url>,
    pub(super) scopes: Vec<String>,
    /// Ways in which a client may authenticate itself; none if it does not say.
    pub(super) methods: Option<Vec<String>>,
    pub(super) grants: Option<Vec<String>>,
    /// Whether PKCE with S256 is supported.
    pub(super) proves: bool,
    /// Whether each authorization response names its issuer (RFC 9207).
    pub(super) names_issuer: bool,
    /// Whether a client may be named by the URL of its metadata document.
    pub(super) documents: bool,
}

impl ResourceMetadata {
    /// From the document. `of` is the URL of the server that it must speak of.
    pub(super) fn read(wire: &Wire, document: &Value, of: &Url) -> Result<Self, CredentialError> {
        let resource = text(document, "resource")
            .ok_or_else(|| wire.rule("the resource metadata names no `resource` (RFC 9728)"))?;
        if !covers(resource, of) {
            let said = crate::mcp::credentials::cut(resource);
            return Err(wire.rule(format!(
                "the resource metadata is of `{said}`, not of the configured server"
            )));
        }
        let issuers = texts(document, "authorization_servers").unwrap_or_default();
        if issuers.is_empty() || issuers.len() > limits::OAUTH_ISSUERS_MAX {
            return Err(wire.rule("the resource metadata names no usable `authorization_servers`"));
        }
        Ok(Self {
            resource: resource.to_owned(),
            issuers,
            scopes: texts(document, "scopes_supported"),
        })
    }
}

impl ServerMetadata {
    /// From the document found for this issuer.
    pub(super) fn read(
        wire: &Wire,
        document: &Value,
        issuer: &str,
    ) -> Result<Self, CredentialError> {
        // RFC 8414, section 3.3: identical, or not used.
        if text(document, "issuer") != Some(issuer) {
            return Err(wire.rule(
                "the authorization server's metadata names another issuer than it was found for",
            ));
        }
        let url = |field| text(document, field).map(|url| wire.url(url)).transpose();
        let proves = texts(document, "code_challenge_methods_supported").unwrap_or_default();
        Ok(Self {
            issuer: issuer.to_owned(),
            authorization: url("authorization_endpoint")?,
            token: url("token_endpoint")?
                .ok_or_else(|| wire.rule("the authorization server names no `token_endpoint`"))?,
            registration: url("registration_endpoint")?,
            scopes: texts(document, "scopes_supported").unwrap_or_default(),
            methods: texts(document, "token_endpoint_auth_methods_supported"),
            grants: texts(document, "grant_types_supported"),
            proves: proves.iter().any(|method| method == "S256"),
            names_issuer: said(document, "authorization_response_iss_parameter_supported"),
            documents: said(document, "client_id_metadata_document_supported"),
        })
    }
}

/// Whether a resource identifier is of this server: the same origin, and its path the server's or one above it.
fn covers(resource: &str, of: &Url) -> bool {
    let Ok(resource) = Url::parse(resource) else { return false };
    if resource.fragment().is_some() || resource.origin() != of.origin() {
        return false;
    }
    if resource.query().is_some() {
        return resource.query() == of.query() && resource.path() == of.path();
    }
    let above = resource.path().trim_end_matches('/');
    of.path().strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

pub(super) fn text<'a>(document: &'a Value, field: &str) -> Option<&'a str> {
    document.get(field).and_then(Value::as_str)
}

fn said(document: &Value, field: &str) -> bool {
    document.get(field).and_then(Value::as_bool).unwrap_or(false)
}

/// A list of texts; none if it is no list or anything else is in it.
pub(super) fn texts(document: &Value, field: &str) -> Option<Vec<String>> {
    let items = document.get(field)?.as_array()?;
    items.iter().map(|item| item.as_str().map(str::to_owned)).collect()
}
