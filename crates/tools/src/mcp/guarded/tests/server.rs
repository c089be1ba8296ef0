//! A real HTTP server on loopback for the tests of everything that fetches.
//!
//! In: a function from a request to an answer. Out: its URL, and every request that came, in order. It speaks as much
//! HTTP/1.1 as the guarded client does; each connection is served until it closes. It ends when it is dropped.

use std::sync::{Arc, Mutex, PoisonError};

use reqwest::Url;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A request as it came.
#[derive(Debug, Clone, Default)]
pub(in crate::mcp) struct Came {
    pub(in crate::mcp) method: String,
    /// Path and query.
    pub(in crate::mcp) target: String,
    pub(in crate::mcp) headers: Vec<(String, String)>,
    pub(in crate::mcp) body: String,
}

/// What is answered.
#[derive(Debug, Clone)]
pub(in crate::mcp) struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    ending: Ending,
}

/// How an answer ends.
#[derive(Debug, Clone, Copy)]
enum Ending {
    Whole,
    /// The head, and then nothing more.
    Silent,
    /// Not even a head.
    Mute,
    /// The connection closes before a head.
    Cut,
}

pub(in crate::mcp) struct Server {
    pub(in crate::mcp) url: Url,
    came: Arc<Mutex<Vec<Came>>>,
    task: JoinHandle<()>,
}

impl Came {
    pub(in crate::mcp) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    pub(in crate::mcp) fn path(&self) -> &str {
        self.target.split('?').next().unwrap()
    }

    /// A field of a form, or of the query.
    pub(in crate::mcp) fn field(&self, name: &str) -> Option<String> {
        let text = match self.target.split_once('?') {
            Some((_, query)) => query,
            None => &self.body,
        };
        let mut pairs = url::form_urlencoded::parse(text.as_bytes());
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }
}

impl Answer {
    pub(in crate::mcp) fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: Vec::new(), body: body.into(), ending: Ending::Whole }
    }

    pub(in crate::mcp) fn json(body: serde_json::Value) -> Self {
        Self::new(200, body.to_string()).with("content-type", "application/json")
    }

    pub(in crate::mcp) fn none() -> Self {
        Self::new(404, "")
    }

    pub(in crate::mcp) fn to(status: u16, place: impl Into<String>) -> Self {
        Self::new(status, "").with("location", place)
    }

    pub(in crate::mcp) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(in crate::mcp) fn silent(mut self) -> Self {
        self.ending = Ending::Silent;
        self
    }

    pub(in crate::mcp) fn mute() -> Self {
        Self { ending: Ending::Mute, ..Self::none() }
    }

    pub(in crate::mcp) fn cut() -> Self {
        Self { ending: Ending::Cut, ..Self::none() }
    }
}

impl Server {
    /// Serves on `localhost`. The function gets the server's own origin too.
    pub(in crate::mcp) async fn start(
        serve: impl Fn(&str, &Came) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://localhost:{}", listener.local_addr().unwrap().port());
        let url = Url::parse(&format!("{origin}/mcp")).unwrap();
        let came = Arc::new(Mutex::new(Vec::new()));
        let (serve, log) = (Arc::new(serve), Arc::clone(&came));
        let task = tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let (serve, log, origin) = (Arc::clone(&serve), Arc::clone(&log), origin.clone());
                tokio::spawn(async move {
                    while let Some(request) = read(&mut stream).await {
                        let answer = serve(&origin, &request);
                        log.lock().unwrap_or_else(PoisonError::into_inner).push(request);
                        if write(&mut stream, answer).await.is_none() {
                            return;
                        }
                    }
                });
            }
        });
        Self { url, came, task }
    }

    pub(in crate::mcp) fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    pub(in crate::mcp) fn at(&self, path: &str) -> Url {
        self.url.join(path).unwrap()
    }

    pub(in crate::mcp) fn came(&self) -> Vec<Came> {
        self.came.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// `METHOD path` of each request.
    pub(in crate::mcp) fn asked(&self) -> Vec<String> {
        self.came().iter().map(|came| format!("{} {}", came.method, came.path())).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn read(stream: &mut TcpStream) -> Option<Came> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut lines = head.lines();
    let mut words = lines.next()?.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let headers = lines.filter_map(|line| line.split_once(": "));
    let headers = headers.map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    let mut came = Came { method, target, headers, body: String::new() };
    let length: usize = came.header("content-length").map_or(0, |text| text.parse().unwrap());
    while bytes.len() < end + length {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    came.body = String::from_utf8(bytes[end..end + length].to_vec()).unwrap();
    Some(came)
}

async fn write(stream: &mut TcpStream, answer: Answer) -> Option<()> {
    let mut head = format!("HTTP/1.1 {} X\r\n", answer.status);
    for (name, value) in &answer.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    let promised = answer.body.len();
    match answer.ending {
        Ending::Whole => head.push_str(&format!("content-length: {promised}\r\n\r\n")),
        Ending::Silent => head.push_str(&format!("content-length: {}\r\n\r\n", promised + 1)),
        Ending::Mute => std::future::pending().await,
        Ending::Cut => return None,
    }
    stream.write_all(head.as_bytes()).await.ok()?;
    stream.write_all(&answer.body).await.ok()?;
    match answer.ending {
        Ending::Silent => std::future::pending().await,
        Ending::Whole | Ending::Mute | Ending::Cut => Some(()),
    }
}
