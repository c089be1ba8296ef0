//! The official SDK on both sides: a client as its users have it, and a server as its users write it (`checkrein-fixture`).
//!
//! In: where to, and a key for the gateway. Out: calls of a tool that takes as long as it is told to. Everything about the
//! connection is the SDK's own choice. An answer that is not a success ends the measurement.

use rmcp::model::{CallToolRequestParams, ProtocolVersion};
use rmcp::service::{ClientLifecycleMode, ClientServiceExt as _, RoleClient, RunningService};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use serde_json::json;

use super::client::Side;
use crate::Outcome;

/// The tool of the server that lets time pass.
pub(super) const WAITS: &str = "wait";

/// One client.
pub(super) struct Client(RunningService<RoleClient, ()>);

impl Client {
    pub(super) async fn connect(side: &Side) -> Outcome<Self> {
        let url = format!("http://{}{}", side.address, side.path);
        let mut config = StreamableHttpClientTransportConfig::with_uri(url);
        if let Some(key) = &side.key {
            config = config.auth_header(key.as_str());
        }
        let transport = StreamableHttpClientTransport::from_config(config);
        let preferred_versions = vec![ProtocolVersion::V_2026_07_28];
        let mode = ClientLifecycleMode::Discover { preferred_versions };
        Ok(Self(().serve_with_lifecycle(transport, mode).await?))
    }

    /// Calls the tool that takes this long.
    pub(super) async fn wait(&self, ms: u64) -> Outcome<()> {
        let arguments = json!({ "ms": ms }).as_object().cloned().unwrap_or_default();
        let call = CallToolRequestParams::new(WAITS).with_arguments(arguments);
        let answer = self.0.call_tool(call).await?;
        match answer.is_error {
            Some(true) => Err(format!("a call was not answered: {answer:?}").into()),
            Some(false) | None => Ok(()),
        }
    }
}
