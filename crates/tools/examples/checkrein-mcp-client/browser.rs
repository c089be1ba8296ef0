//! A browser without a person: it opens the authorization URL and takes where it is sent.
//!
//! In: an authorization URL. Out: the URL behind the first redirect that leads to the redirect URI. Nobody listens there:
//! the answer is in the URL itself.

use checkrein_tools::mcp::credentials::Browser;
use checkrein_tools::mcp::guarded::{Guarded, Request};
use gate::Later;
use reqwest::Url;
use reqwest::header::LOCATION;

#[derive(Debug)]
pub(crate) struct Following {
    redirect: Url,
    http: Guarded,
}

impl Following {
    /// A browser that goes where this server may send it.
    pub(crate) fn new(server: &Url) -> Result<Self, String> {
        let redirect = Url::parse("http://localhost:3000/callback");
        let redirect = redirect.map_err(|error| error.to_string())?;
        let http = Guarded::new(server).map_err(|error| error.to_string())?;
        Ok(Self { redirect, http })
    }
}

impl Browser for Following {
    fn redirect_uri(&self) -> &Url {
        &self.redirect
    }

    fn open(&self, url: Url) -> Later<'_, Result<Url, String>> {
        Box::pin(async move {
            let answer = self.http.send_once(Request::get(url)).await;
            let answer = answer.map_err(|error| error.to_string())?;
            let place = answer.headers.get(LOCATION).and_then(|place| place.to_str().ok());
            let place = place.ok_or_else(|| format!("no redirect, status {}", answer.status))?;
            Url::parse(place).map_err(|error| error.to_string())
        })
    }
}
