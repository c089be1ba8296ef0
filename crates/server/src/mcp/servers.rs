//! The upstream servers as the endpoint asks for them: what each offers now, and where a prompt or resource is found.
//!
//! In: an entrance, and names as clients give them. Out: offers of servers that answer within a short time, or the one server
//! that something belongs to. A server that is away is left out: it harms no other. Calls are not made here. Tests:
//! `tests/it/mcp/servers.rs`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::Name;
use mcp::{Params, RpcCode, RpcError};
use serde_json::Value;
use tools::mcp::{Offer, State, Upstreams};

use super::entrance::Entrance;
use super::rescue::invalid;

/// How long a listing waits for a server that is about to connect.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// The same for one that had its time.
const IMPATIENCE: Duration = Duration::from_millis(20);

/// The servers of an installation.
#[derive(Clone)]
pub(crate) struct Servers {
    upstreams: Option<Upstreams>,
    begun: Instant,
}

/// Something of a server with its offer.
pub(super) type Offered = (Name, Arc<Offer>);

impl Servers {
    pub(crate) fn new(upstreams: Option<Upstreams>) -> Self {
        Self { upstreams, begun: Instant::now() }
    }

    /// The connections themselves.
    pub(super) const fn upstreams(&self) -> Option<&Upstreams> {
        self.upstreams.as_ref()
    }

    /// Whether there is a server of this name.
    pub(super) fn has(&self, name: &Name) -> bool {
        self.names().contains(name)
    }

    /// All of them, by name.
    pub(super) fn names(&self) -> Vec<Name> {
        let mut names = self.upstreams.as_ref().map(Upstreams::names).unwrap_or_default();
        names.sort_unstable();
        names
    }

    /// Whether its first connection is still being made: soon it is known what it offers.
    pub(super) fn is_connecting(&self, name: &Name) -> bool {
        let standing = self.upstreams.as_ref().and_then(|upstreams| upstreams.standing(name));
        standing.is_some_and(|standing| match standing.state {
            State::Connecting => standing.starts <= 1,
            // Looked at within moments, or not at all.
            State::Ready { since, .. } => since.elapsed().is_ok_and(|ago| ago < PATIENCE),
            State::Waiting { .. }
            | State::Refused { .. }
            | State::SetAside { .. }
            | State::Ended => false,
        })
    }

    /// What one server offers now; none if it does not say so in time.
    pub(super) async fn offer(&self, name: &Name) -> Option<Arc<Offer>> {
        let upstreams = self.upstreams.as_ref()?;
        // A server that is away must not slow everybody: it is waited for only while the process is young.
        let young = self.begun.elapsed() < PATIENCE;
        let ready =
            upstreams.standing(name).is_some_and(|one| matches!(one.state, State::Ready { .. }));
        let patience = if young || ready { PATIENCE } else { IMPATIENCE };
        tokio::time::timeout(patience, upstreams.offer(name)).await.ok()?.ok()
    }

    /// What the servers of an entrance offer now, by name.
    pub(super) async fn offers(&self, entrance: &Entrance) -> Vec<Offered> {
        let names = self.names().into_iter().filter(|name| entrance.leads_to(name));
        let mut asked = tokio::task::JoinSet::new();
        for name in names {
            let servers = self.clone();
            asked.spawn(async move {
                let offer = servers.offer(&name).await?;
                Some((name, offer))
            });
        }
        let mut offers: Vec<Offered> = asked.join_all().await.into_iter().flatten().collect();
        offers.sort_unstable_by(|one, other| one.0.cmp(&other.0));
        offers
    }

    /// A request that is no call: to hear of a resource, or no longer. Whoever asks was judged before.
    pub(super) async fn ask(
        &self,
        name: &Name,
        method: &str,
        params: Params,
    ) -> Result<Params, RpcError> {
        let away =
            || RpcError::new(RpcCode::InternalError, format!("the server `{name}` is not there"));
        let upstreams = self.upstreams.as_ref().ok_or_else(away)?;
        let asked = tokio::time::timeout(PATIENCE, upstreams.ask(name, method, params));
        asked.await.unwrap_or_else(|_| Err(away()))
    }

    /// The server that a resource is read from.
    pub(super) async fn of_resource(
        &self,
        entrance: &Entrance,
        uri: &str,
    ) -> Result<Name, RpcError> {
        if let Entrance::Server(name) = entrance {
            return Ok(name.clone());
        }
        let offers = self.offers(entrance).await;
        let listed =
            |list: &[Value], key: &str| list.iter().any(|one| one[key].as_str() == Some(uri));
        let exact = |(_, offer): &&Offered| {
            listed(&offer.resources, "uri") || listed(&offer.templates, "uriTemplate")
        };
        let fitting = |(_, offer): &&Offered| {
            let mut templates =
                offer.templates.iter().filter_map(|one| one["uriTemplate"].as_str());
            templates.any(|template| may_fit(template, uri))
        };
        let any = |(_, offer): &&Offered| offer.capabilities.contains_key("resources");
        let found = only(offers.iter().filter(exact))
            .or_else(|| only(offers.iter().filter(fitting)))
            .or_else(|| only(offers.iter().filter(any)));
        found
            .unwrap_or_else(|| Err(nowhere("resource", uri)))
            .map_err(|error| error.with(serde_json::json!({ "uri": uri })))
    }

    /// The server of a prompt, and how that calls it.
    pub(super) async fn of_prompt(
        &self,
        entrance: &Entrance,
        shown: &str,
    ) -> Result<(Name, String), RpcError> {
        if let Entrance::Server(name) = entrance {
            let offer = self.offer(name).await;
            let prompts = offer.as_ref().map(|offer| offer.prompts.as_slice()).unwrap_or_default();
            let mut names = prompts.iter().filter_map(|prompt| prompt["name"].as_str());
            let wire = names.find(|wire| entrance.shown(name, wire) == shown);
            return Ok((name.clone(), wire.unwrap_or(shown).to_owned()));
        }
        let offers = self.offers(entrance).await;
        let mut found = offers.iter().flat_map(|(name, offer)| {
            let names = offer.prompts.iter().filter_map(|prompt| prompt["name"].as_str());
            names
                .filter(move |wire| entrance.shown(name, wire) == shown)
                .map(move |wire| (name, wire))
        });
        match (found.next(), found.next()) {
            (Some((name, wire)), None) => Ok((name.clone(), wire.to_owned())),
            (Some(_), Some(_)) => {
                Err(invalid("several servers have this prompt; use `/mcp/{server}`"))
            }
            (None, _) => Err(nowhere("prompt", shown)),
        }
    }
}

/// The only one; an error if there are several.
fn only<'a>(mut found: impl Iterator<Item = &'a Offered>) -> Option<Result<Name, RpcError>> {
    let first = found.next()?.0.clone();
    match found.next() {
        None => Some(Ok(first)),
        Some((second, _)) => Some(Err(invalid(format!(
            "several servers have this resource, such as `{first}` and `{second}`; use `/mcp/{first}`"
        )))),
    }
}

fn nowhere(what: &str, shown: &str) -> RpcError {
    let shown = contract::visible::short(shown);
    invalid(format!("there is no {what} `{shown}` here"))
}

/// Whether an address may come from a template (RFC 6570), by the literal text around its expressions. Only for finding the
/// server: that reads the address itself.
fn may_fit(template: &str, uri: &str) -> bool {
    let mut rest = uri;
    let mut pieces = template.split('{');
    let Some(head) = pieces.next().and_then(|head| rest.strip_prefix(head)) else { return false };
    rest = head;
    let mut open = false;
    for piece in pieces {
        let Some((_, literal)) = piece.split_once('}') else { return false };
        match rest.find(literal) {
            Some(at) => rest = rest.get(at + literal.len()..).unwrap_or_default(),
            None => return false,
        }
        open = literal.is_empty();
    }
    open || rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_leads_to_its_server() {
        for (template, uri, expect) in [
            ("test://template/{id}/data", "test://template/7/data", true),
            ("test://template/{id}/data", "test://template/7/other", false),
            ("file:///{path}", "file:///a/b", true),
            ("file:///{path}", "http://a", false),
            ("a:{x}", "a:", true),
            ("a:b", "a:b", true),
            ("a:b", "a:bc", false),
            ("a:{x", "a:b", false),
        ] {
            assert_eq!(may_fit(template, uri), expect, "{template} {uri}");
        }
    }
}
