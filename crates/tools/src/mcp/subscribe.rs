//! Requests to a server that are no calls: subscribing to resources, and the level of log messages.
//!
//! In: what a client asked, through the endpoint. Out: an answer in the server's name. A legacy server is asked, if it says that
//! it can do this; of a modern one the stream of changes is opened with another filter, and a level travels with each
//! request. Everything else is refused by name. Tests: `tests/subscriptions.rs`.

use domain::{Name, limits};
use mcp::{Era, Params, RpcCode, RpcError};
use serde_json::Value;
use tokio::time::Instant;

use super::Upstreams;
use super::ask::Asked;
use super::clean;
use super::problem::Trouble;
use super::server::Server;
use super::spec::Part;
use super::standing::Ready;

impl Upstreams {
    /// Asks `resources/subscribe`, `resources/unsubscribe` or `logging/setLevel` of a server.
    ///
    /// # Errors
    /// When the server cannot or may not do it, is away, or refuses.
    pub async fn ask(
        &self,
        server: &Name,
        method: &str,
        params: Params,
    ) -> Result<Params, RpcError> {
        let away =
            |error: super::UpstreamError| RpcError::new(RpcCode::InternalError, error.to_string());
        let server = self.server(server).map_err(away)?;
        match method {
            "resources/subscribe" | "resources/unsubscribe" => {
                if !server.spec.offers.contains(&Part::Resources) {
                    return Err(not_offered(
                        "nobody confirmed that this server may offer resources",
                    ));
                }
                let uri = uri_of(&params)?;
                match method == "resources/subscribe" {
                    true => server.subscribe(uri).await,
                    false => server.unsubscribe(uri).await,
                }
            }
            "logging/setLevel" => server.set_level(params).await,
            _ => Err(not_offered("this is not passed on to servers")),
        }
    }
}

impl Server {
    async fn subscribe(&self, uri: String) -> Result<Params, RpcError> {
        let ready = self.able("resources", Some("subscribe")).await?;
        let full = || RpcError::new(RpcCode::InternalError, "too many resources are subscribed to");
        let first = self.subscriptions.add(&uri).ok_or_else(full)?;
        if !first || ready.offer.revision.era() == Era::Modern {
            return Ok(Params::new());
        }
        let asked = self.pass(&ready, "resources/subscribe", uri_params(&uri)).await;
        if asked.is_err() {
            self.subscriptions.remove(&uri);
        }
        asked
    }

    async fn unsubscribe(&self, uri: String) -> Result<Params, RpcError> {
        let last = self.subscriptions.remove(&uri);
        let ready = self.able("resources", Some("subscribe")).await?;
        if !last || ready.offer.revision.era() == Era::Modern {
            return Ok(Params::new());
        }
        self.pass(&ready, "resources/unsubscribe", uri_params(&uri)).await
    }

    async fn set_level(&self, params: Params) -> Result<Params, RpcError> {
        let ready = self.able("logging", None).await?;
        match ready.offer.revision.era() {
            Era::Modern => Ok(Params::new()),
            Era::Legacy => self.pass(&ready, "logging/setLevel", params).await,
        }
    }

    /// The connection, if the server says that it can do this.
    async fn able(
        &self,
        part: &str,
        what: Option<&str>,
    ) -> Result<std::sync::Arc<Ready>, RpcError> {
        let away =
            |error: super::UpstreamError| RpcError::new(RpcCode::InternalError, error.to_string());
        let ready = self.ready(self.answered_by()).await.map_err(away)?;
        let declared = ready.offer.capabilities.get(part).filter(|part| part.is_object());
        let able = match (declared, what) {
            (Some(part), Some(what)) => part.get(what).and_then(Value::as_bool).unwrap_or(false),
            (Some(_), None) => true,
            (None, _) => false,
        };
        able.then_some(ready).ok_or_else(|| not_offered("the server does not offer this"))
    }

    async fn pass(
        &self,
        ready: &Ready,
        method: &'static str,
        params: Params,
    ) -> Result<Params, RpcError> {
        let asked = Asked::own(method, params, self.answered_by());
        match ready.link.request(asked).await {
            Ok(answer) => Ok(answer.result),
            Err(Trouble::Rpc(error)) => {
                let message = clean::line(&error.message, limits::TOOL_MESSAGE_BYTES_MAX);
                Err(RpcError { message, ..error })
            }
            Err(trouble) => Err(RpcError::new(RpcCode::InternalError, trouble.to_string())),
        }
    }

    fn answered_by(&self) -> Instant {
        Instant::now() + self.spec.timeout
    }
}

fn uri_of(params: &Params) -> Result<String, RpcError> {
    let uri = params.get("uri").and_then(Value::as_str);
    let uri = uri.filter(|uri| uri.len() <= limits::MCP_URI_BYTES_MAX);
    let wrong = || RpcError::new(RpcCode::InvalidParams, "expected `uri` as a text");
    uri.map(str::to_owned).ok_or_else(wrong)
}

fn uri_params(uri: &str) -> Params {
    Params::from_iter([("uri".to_owned(), uri.into())])
}

fn not_offered(why: &str) -> RpcError {
    RpcError::new(RpcCode::MethodNotFound, why)
}
