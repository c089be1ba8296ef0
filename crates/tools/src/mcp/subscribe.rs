//! Requests to a server that are no calls: subscribing to resources.
//!
//! In: what a client asked, through the endpoint, which has had it judged. Out: an answer in the server's name. A legacy server
//! is asked, if it says that it can do this; of a modern one the stream of changes is opened with another filter. Everything
//! else is refused by name, the level of log messages too: one client's would change what all others get. Tests:
//! `tests/http/modern.rs`.

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
    /// Asks `resources/subscribe` or `resources/unsubscribe` of a server.
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
            _ => Err(not_offered("this is not passed on to servers")),
        }
    }
}

impl Server {
    async fn subscribe(&self, uri: String) -> Result<Params, RpcError> {
        let ready = self.able().await?;
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
        let ready = self.able().await?;
        if !last || ready.offer.revision.era() == Era::Modern {
            return Ok(Params::new());
        }
        self.pass(&ready, "resources/unsubscribe", uri_params(&uri)).await
    }

    /// The connection, if the server says that one can subscribe.
    async fn able(&self) -> Result<std::sync::Arc<Ready>, RpcError> {
        let away =
            |error: super::UpstreamError| RpcError::new(RpcCode::InternalError, error.to_string());
        let ready = self.ready(self.answered_by()).await.map_err(away)?;
        let declared = ready.offer.capabilities.get("resources");
        let able = declared.and_then(|part| part.get("subscribe")?.as_bool()).unwrap_or(false);
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
