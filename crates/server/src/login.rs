//! A person logs in at a tool server with OAuth: once, in a browser, on the machine that Checkrein runs on.
//!
//! In: configuration and the name of a server. Out: tokens in the data directory, where the running server finds them. No token
//! is ever shown. Whether calls may be made with it is not asked here. The flow itself is tested in `tools::mcp::credentials`.

use std::sync::Arc;

use domain::{Code, Name};
use gate::Refusal;
use tools::mcp::Way;
use tools::mcp::credentials::{Around, Credentials, KnownSecrets, Loopback, Source};
use tools::mcp::guarded::Guarded;

use crate::catalogue;
use crate::config::Config;

/// Logs in at a configured server. `show` is given the address that the person has to open.
///
/// # Errors
/// No such server, one without `oauth`, or whatever went wrong on the way; the person's or the operator's to mend.
pub async fn login(
    config: &Config,
    name: &Name,
    show: impl Fn(&str) + Send + Sync + 'static,
) -> Result<(), Refusal> {
    let specs = catalogue::specs(config)?;
    let Some(spec) = specs.into_iter().find(|spec| spec.name == *name) else {
        let message = format!("no server `{name}` is configured");
        return Err(Refusal::new(Code::NotFound, message, "see `checkrein servers ls`"));
    };
    let http = match spec.way {
        Way::Http(http) if matches!(http.credentials, Source::OAuth(_)) => http,
        Way::Http(_) | Way::Stdio(_) => {
            let message = format!("server `{name}` has no `oauth` in the configuration");
            return Err(Refusal::new(Code::BadConfiguration, message, "add `oauth = {}` to it"));
        }
    };
    let guarded = Guarded::new(&http.url).map_err(wrong)?;
    let browser = Loopback::bind(0, move |url| show(url.as_str())).await.map_err(wrong)?;
    let around = Around {
        url: http.url,
        http: guarded,
        known: KnownSecrets::new(),
        tokens: Some(catalogue::tokens(config)?),
        browser: Some(Arc::new(browser)),
    };
    Credentials::new(spec.name, http.credentials, around)
        .map_err(wrong)?
        .login()
        .await
        .map_err(wrong)
}

fn wrong(error: impl std::fmt::Display) -> Refusal {
    let fix = "see docs/guides/mcp.md, and what the server's own documentation says of OAuth";
    Refusal::new(Code::BadConfiguration, error.to_string(), fix)
}
