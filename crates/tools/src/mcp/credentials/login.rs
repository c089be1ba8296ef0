//! The browser of a login, and the one that a person has.
//!
//! ```text
//! authorization URL -> shown to a person -> their browser -> authorization server -> http://127.0.0.1:PORT/callback?...
//! ```
//! In: the URL to open. Out: the URL that the browser was sent back to, as it is; whether it is an answer to this login is
//! judged elsewhere (`oauth/authorize.rs`). The listener is on loopback only, takes one request of bounded size to its one
//! path, answers with a plain page and closes. Tests: `tests/logins.rs`.

use std::sync::Arc;
use std::time::Duration;

use domain::limits;
use gate::Later;
use reqwest::Url;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

/// Opens an authorization URL and gives the URL that it led back to.
pub trait Browser: Send + Sync + std::fmt::Debug {
    /// Where the authorization server sends the browser back to.
    fn redirect_uri(&self) -> &Url;
    /// Opens the URL and waits for the way back. The error is shown to the operator.
    fn open(&self, url: Url) -> Later<'_, Result<Url, String>>;
}

/// How long a browser may take to send its request after it connected.
const REQUEST_WITHIN: Duration = Duration::from_secs(10);
const PATH: &str = "/callback";

type Show = Arc<dyn Fn(&Url) + Send + Sync>;

/// A listener on this machine for a person's browser.
pub struct Loopback {
    listener: TcpListener,
    redirect: Url,
    show: Show,
}

impl Loopback {
    /// Listens on a port of 127.0.0.1; 0 takes a free one. `show` gets the URL that the person is to open.
    pub async fn bind(
        port: u16,
        show: impl Fn(&Url) + Send + Sync + 'static,
    ) -> Result<Self, String> {
        let listening = TcpListener::bind(("127.0.0.1", port)).await;
        let listener = listening.map_err(|error| format!("no port for the browser: {error}"))?;
        let port = listener.local_addr().map_err(|error| error.to_string())?.port();
        let redirect = Url::parse(&format!("http://127.0.0.1:{port}{PATH}"));
        let redirect = redirect.map_err(|error| error.to_string())?;
        Ok(Self { listener, redirect, show: Arc::new(show) })
    }

    /// Waits for a request to the one path; anything else is told off and forgotten.
    async fn back(&self) -> Result<Url, String> {
        loop {
            let accepted = self.listener.accept().await;
            let (mut stream, _) = accepted.map_err(|error| format!("no connection: {error}"))?;
            let head = timeout(REQUEST_WITHIN, head(&mut stream)).await.ok().flatten();
            let url = head.as_deref().and_then(target).and_then(|to| self.redirect.join(to).ok());
            match url.filter(|url| self.ours(url)) {
                Some(url) => {
                    answer(&mut stream, "200 OK", "You can close this page and go on.").await;
                    return Ok(url);
                }
                None => answer(&mut stream, "404 Not Found", "There is nothing here.").await,
            }
        }
    }

    fn ours(&self, url: &Url) -> bool {
        url.origin() == self.redirect.origin() && url.path() == PATH && url.query().is_some()
    }
}

impl Browser for Loopback {
    fn redirect_uri(&self) -> &Url {
        &self.redirect
    }

    fn open(&self, url: Url) -> Later<'_, Result<Url, String>> {
        (self.show)(&url);
        Box::pin(self.back())
    }
}

impl std::fmt::Debug for Loopback {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Loopback({})", self.redirect)
    }
}

/// The head of a request, up to its empty line.
async fn head(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    while !bytes.windows(4).any(|end| end == b"\r\n\r\n") {
        if bytes.len() >= limits::OAUTH_CALLBACK_BYTES_MAX
            || stream.read_buf(&mut bytes).await.ok()? == 0
        {
            return None;
        }
    }
    String::from_utf8(bytes).ok()
}

/// What is asked for, if it is a plain read.
fn target(head: &str) -> Option<&str> {
    let mut words = head.lines().next()?.split(' ');
    let (method, target) = (words.next()?, words.next()?);
    // A path only: `//host/` would lead elsewhere.
    (method == "GET" && target.starts_with('/') && !target.starts_with("//")).then_some(target)
}

async fn answer(stream: &mut TcpStream, status: &str, text: &str) {
    let length = text.len();
    let answer = format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/plain\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{text}"
    );
    // A browser that went away has nothing more to say.
    let _gone = timeout(REQUEST_WITHIN, stream.write_all(answer.as_bytes())).await;
    let _closed = stream.shutdown().await;
}
