//! `git http-backend` behind a few lines of http, on this machine's loopback.
//!
//! In: a directory of bare repositories, and the one `Authorization` that is let in. Out: an address, and what was
//! asked. One request at a time and one for each connection, as the jail's proxy sends them; it stops when it is dropped.
//! It is no server for anything but these tests.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::oneshot;

/// Longest silence of a client, and longest time a request is held back.
const PATIENCE: Duration = Duration::from_secs(60);
const HEAD_BYTES_MAX: usize = 64 << 10;
const BODY_BYTES_MAX: usize = 64 << 20;

pub(super) struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    root: PathBuf,
    backend: PathBuf,
    authorization: String,
    asked: Mutex<Vec<Asked>>,
    held: Mutex<Option<Held>>,
    stopped: AtomicBool,
}

/// One request.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) path: String,
    /// Whether it had the right credential.
    pub(super) known: bool,
}

/// Says that a push has come, and waits for the word to go on.
struct Held {
    arrived: oneshot::Sender<()>,
    go: mpsc::Receiver<()>,
}

struct Request {
    method: String,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Server {
    pub(super) fn start(root: &Path, authorization: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let shared = Arc::new(Shared {
            root: root.to_owned(),
            backend: backend(),
            authorization,
            asked: Mutex::default(),
            held: Mutex::default(),
            stopped: AtomicBool::new(false),
        });
        let address = listener.local_addr().unwrap();
        let serving = Arc::clone(&shared);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if serving.stopped.load(Ordering::SeqCst) {
                    return;
                }
                // A client that went away is its own trouble, and shows there.
                let _ended = serving.serve(stream.unwrap());
            }
        });
        Self { address, shared, thread: Some(thread) }
    }

    pub(super) fn port(&self) -> u16 {
        self.address.port()
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}/x.git", self.address)
    }

    pub(super) fn asked(&self) -> Vec<Asked> {
        self.shared.asked.lock().unwrap().clone()
    }

    /// Holds the next push back: the first end tells that it came, the second lets it go on.
    pub(super) fn hold_back(&self) -> (oneshot::Receiver<()>, mpsc::Sender<()>) {
        let (arrived, told) = oneshot::channel();
        let (say, go) = mpsc::channel();
        *self.shared.held.lock().unwrap() = Some(Held { arrived, go });
        (told, say)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        // Wakes it.
        let _woken = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(ended.is_ok() || std::thread::panicking(), "the server panicked");
        }
    }
}

/// Where git keeps its side of http.
fn backend() -> PathBuf {
    let told = Command::new("git").arg("--exec-path").output().unwrap();
    let path = Path::new(String::from_utf8(told.stdout).unwrap().trim()).join("git-http-backend");
    assert!(
        path.exists(),
        "git has no `{}` here, so a remote behind http cannot be shown to work; install the whole of git",
        path.display()
    );
    path
}

impl Shared {
    fn serve(&self, mut stream: TcpStream) -> std::io::Result<()> {
        stream.set_read_timeout(Some(PATIENCE))?;
        let Some(request) = Request::read(&mut stream)? else {
            return stream.write_all(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
        };
        let known = request.header("authorization") == Some(self.authorization.as_str());
        self.asked.lock().unwrap().push(Asked { path: request.path.clone(), known });
        if !known {
            return stream.write_all(
                b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"\r\n\
                  Content-Length: 0\r\nConnection: close\r\n\r\n",
            );
        }
        if request.path.ends_with("/git-receive-pack")
            && let Some(held) = self.held.lock().unwrap().take()
        {
            held.arrived.send(()).expect("somebody waits for the push");
            held.go.recv_timeout(PATIENCE).expect("the push is let go");
        }
        stream.write_all(&self.answer(&request))
    }

    /// What the backend says (RFC 3875), as http.
    fn answer(&self, request: &Request) -> Vec<u8> {
        let header = |name| request.header(name).unwrap_or_default();
        let mut backend = Command::new(&self.backend)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_PROJECT_ROOT", &self.root)
            .env("GIT_HTTP_EXPORT_ALL", "1")
            .env("REMOTE_USER", "agent")
            .env("REQUEST_METHOD", &request.method)
            .env("PATH_INFO", &request.path)
            .env("QUERY_STRING", &request.query)
            .env("CONTENT_TYPE", header("content-type"))
            .env("CONTENT_LENGTH", request.body.len().to_string())
            .env("HTTP_CONTENT_ENCODING", header("content-encoding"))
            .env("GIT_PROTOCOL", header("git-protocol"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        // Requests of these tests fit into a pipe or are read before anything is answered.
        backend.stdin.take().unwrap().write_all(&request.body).unwrap();
        let said = backend.wait_with_output().unwrap().stdout;
        let end = said.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
        let (head, body) = said.split_at(end + 4);
        let head = std::str::from_utf8(head).unwrap().trim_end();
        let status = head.lines().find_map(|line| line.strip_prefix("Status: "));
        let status = status.unwrap_or("200 OK");
        let length = body.len();
        let mut answer = format!(
            "HTTP/1.1 {status}\r\n{head}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
        )
        .into_bytes();
        answer.extend_from_slice(body);
        answer
    }
}

impl Request {
    /// None is a request that is not understood.
    fn read(stream: &mut TcpStream) -> std::io::Result<Option<Self>> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            if head.len() >= HEAD_BYTES_MAX || stream.read(&mut byte)? == 0 {
                return Ok(None);
            }
            head.extend(byte);
        }
        let Some(mut request) = Self::parse(&head) else { return Ok(None) };
        let length: usize = request.header("content-length").unwrap_or("0").parse().unwrap_or(0);
        if length > BODY_BYTES_MAX || request.header("transfer-encoding").is_some() {
            return Ok(None);
        }
        request.body.resize(length, 0);
        stream.read_exact(&mut request.body)?;
        Ok(Some(request))
    }

    fn parse(head: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(head).ok()?;
        let mut lines = text.trim_end().lines();
        let mut words = lines.next()?.split(' ');
        let (method, target) = (words.next()?.to_owned(), words.next()?);
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let headers = lines.filter_map(|line| line.split_once(": "));
        let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()));
        Some(Self {
            method,
            path: path.to_owned(),
            query: query.to_owned(),
            headers: headers.collect(),
            body: Vec::new(),
        })
    }

    fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(other, _)| other == name);
        found.next().map(|(_, value)| value.as_str())
    }
}
