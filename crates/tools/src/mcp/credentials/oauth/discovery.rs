//! Finding the authorization server: RFC 9728 and RFC 8414 in the orders that MCP names.
//!
//! ```text
//! WWW-Authenticate: resource_metadata -> that document, nothing else
//! without it       -> /.well-known/oauth-protected-resource/PATH -> the same without PATH
//! issuer with path -> oauth-authorization-server/PATH -> openid-configuration/PATH -> PATH/openid-configuration
//! issuer without   -> oauth-authorization-server -> openid-configuration
//! ```
//! The first document that is there counts: one that breaks a rule is refused, not passed over, because otherwise whoever
//! can break the first chooses the second. Tests: `tests/discovery.rs` beside the credentials.

use reqwest::Url;

use super::metadata::{ResourceMetadata, ServerMetadata};
use super::wire::Wire;
use crate::mcp::credentials::challenge::Challenge;
use crate::mcp::credentials::problem::CredentialError;

const RESOURCE: &str = "/.well-known/oauth-protected-resource";
const OAUTH: &str = "/.well-known/oauth-authorization-server";
const OPENID: &str = "/.well-known/openid-configuration";

/// What the server at this URL says of itself.
pub(super) async fn resource(
    wire: &Wire,
    of: &Url,
    challenge: &Challenge,
) -> Result<ResourceMetadata, CredentialError> {
    let places = match &challenge.resource_metadata {
        Some(named) => vec![wire.url(named)?],
        None => beside(of, RESOURCE, of.path()),
    };
    for place in places {
        if let Some(document) = wire.document(place).await? {
            return ResourceMetadata::read(wire, &document, of);
        }
    }
    Err(wire
        .rule("the server asks for authorization and publishes no resource metadata (RFC 9728)"))
}

/// What the authorization server with this issuer says of itself.
pub(super) async fn authorization_server(
    wire: &Wire,
    issuer: &str,
) -> Result<ServerMetadata, CredentialError> {
    let url = wire.url(issuer)?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wire.rule("an issuer must have no query and no fragment (RFC 8414)"));
    }
    for place in places_of(&url) {
        if let Some(document) = wire.document(place).await? {
            return ServerMetadata::read(wire, &document, issuer);
        }
    }
    Err(wire.rule("the authorization server publishes no metadata (RFC 8414)"))
}

fn places_of(issuer: &Url) -> Vec<Url> {
    let path = issuer.path().trim_end_matches('/');
    if path.is_empty() {
        return [OAUTH, OPENID].map(|place| at(issuer, place)).to_vec();
    }
    vec![
        at(issuer, &format!("{OAUTH}{path}")),
        at(issuer, &format!("{OPENID}{path}")),
        at(issuer, &format!("{path}{OPENID}")),
    ]
}

/// With the path behind the well-known name, and then without.
fn beside(url: &Url, well_known: &str, path: &str) -> Vec<Url> {
    let path = path.trim_end_matches('/');
    let root = at(url, well_known);
    match path.is_empty() {
        true => vec![root],
        false => vec![at(url, &format!("{well_known}{path}")), root],
    }
}

fn at(url: &Url, path: &str) -> Url {
    let mut url = url.clone();
    url.set_path(path);
    url.set_query(None);
    url.set_fragment(None);
    url
}
