//! A scratch installation, its server, and the command line against it.
//!
//! Each test has a directory of its own as its whole world: no variable, home or configuration of the machine is seen.

use std::io::Write as _;
use std::net::TcpListener;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// A directory with a configuration, a workspace, and nothing else of this machine.
pub(crate) struct Place {
    pub(crate) directory: TempDir,
}

/// What a command said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Place {
    /// With the starter policy and a workspace with a few files.
    pub(crate) fn new() -> Self {
        let place = Self { directory: TempDir::new().unwrap() };
        for name in ["workspace/src", "workspace/prod", "workspace/logs", "state", "config"] {
            std::fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(place.path(name))
                .unwrap();
        }
        place.write("workspace/README.md", "# Here\n");
        place.write("workspace/prod/service.toml", "replicas = 3\n");
        place.write("workspace/logs/one.log", "one\n");
        place.configure("127.0.0.1:0");
        place
    }

    /// What a test adds to the configuration stands in `more.toml`.
    fn configure(&self, listen: &str) {
        let more = std::fs::read_to_string(self.path("more.toml")).unwrap_or_default();
        self.write(
            "checkrein.toml",
            &format!(
                "[server]\nlisten = \"{listen}\"\ndata_dir = \"state/data\"\nconfig_dir = \"config\"\n\
                 master_key_file = \"config/master.key\"\n\n[approvals]\nrequester_may_decide = true\n\n\
                 [[workspace]]\nroot = \"workspace\"\n{more}"
            ),
        );
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().canonicalize().unwrap().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    /// The command with this place as its whole world.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_checkrein"));
        command
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.path("home"))
            .env("CHECKREIN_CONFIG", self.path("checkrein.toml"))
            .current_dir(self.directory.path())
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        Said::of(self.command(arguments).output().unwrap())
    }

    /// Paths and digests, which differ from place to place or with each contract, are named.
    pub(crate) fn named(&self, text: &str) -> String {
        let text = text.replace(&self.path("").display().to_string(), "[place]/");
        let is_digest =
            |word: &&str| word.len() == 64 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
        let digests: Vec<&str> = text.split_whitespace().filter(is_digest).collect();
        digests.into_iter().fold(text.clone(), |text, digest| text.replace(digest, "[digest]"))
    }
}

impl Said {
    pub(crate) fn of(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Self {
            code: output.status.code().unwrap_or(-1),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}\n{}", self.out, self.err);
        self
    }
}

/// A place with a server that runs; it is killed when the test ends.
pub(crate) struct Installation {
    pub(crate) place: Place,
    server: Child,
}

impl Installation {
    pub(crate) fn start() -> Self {
        Self::at(Place::new())
    }

    /// On a free port; another test may take it first, so it is tried again.
    pub(crate) fn at(place: Place) -> Self {
        for _ in 0..5 {
            let port = free_port();
            place.configure(&format!("127.0.0.1:{port}"));
            if let Some(server) = up(&place) {
                return Self { place, server };
            }
        }
        panic!("no server: {}", std::fs::read_to_string(place.path("log")).unwrap_or_default());
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        self.place.run(arguments)
    }

    /// What an operator or agent reads, as JSON.
    #[track_caller]
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let mut all = vec!["-o", "json"];
        all.extend_from_slice(arguments);
        self.run(&all).expect(0).json()
    }

    /// A run with its id.
    pub(crate) fn opened(&self, more: &[&str]) -> String {
        let mut all = vec!["runs", "open", "default", "--purpose", "test"];
        all.extend_from_slice(more);
        text(&self.json(&all), "/run")
    }

    /// Proposes a call and gives the envelope whatever became of it.
    pub(crate) fn call(&self, arguments: &[&str]) -> Value {
        let mut all = vec!["-o", "json", "call"];
        all.extend_from_slice(arguments);
        self.run(&all).json()
    }

    /// Kills the server as a crash would, and starts it again at the same address.
    pub(crate) fn again(mut self) -> Self {
        self.server.kill().unwrap();
        self.server.wait().unwrap();
        self.server = up(&self.place).unwrap();
        self
    }

    /// Kills the server as a crash would.
    pub(crate) fn kill(mut self) -> Place {
        self.server.kill().unwrap();
        self.server.wait().unwrap();
        std::mem::replace(&mut self.place, Place { directory: TempDir::new().unwrap() })
    }
}

impl Drop for Installation {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// Starts a server and waits until it answers; none if it ended at once.
fn up(place: &Place) -> Option<Child> {
    let log = std::fs::File::create(place.path("log")).unwrap();
    let mut server =
        place.command(&["up", "--no-input"]).stdout(Stdio::null()).stderr(log).spawn().unwrap();
    let config = std::fs::read_to_string(place.path("checkrein.toml")).unwrap();
    let address = config.split('"').nth(1).unwrap();
    answers(&mut server, address).then_some(server)
}

/// A port that nobody has at the moment.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Waits until a server answers; whether it did before it ended.
pub(crate) fn answers(server: &mut Child, address: &str) -> bool {
    let begun = Instant::now();
    loop {
        if server.try_wait().unwrap().is_some() {
            return false;
        }
        if is_ready(address) {
            return true;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "the server does not answer");
        std::thread::yield_now();
    }
}

fn is_ready(address: &str) -> bool {
    use std::io::Read as _;
    let Ok(mut stream) = std::net::TcpStream::connect(address) else { return false };
    let request = format!("GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    let mut answer = String::new();
    stream.write_all(request.as_bytes()).is_ok()
        && stream.read_to_string(&mut answer).is_ok()
        && answer.starts_with("HTTP/1.1 200")
}

/// A text in a JSON value.
#[track_caller]
pub(crate) fn text(value: &Value, pointer: &str) -> String {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_else(|| panic!("no {pointer} in {value}")).to_owned()
}

/// Whether a file is there with this content.
pub(crate) fn holds(path: &Path, content: &str) -> bool {
    std::fs::read_to_string(path).is_ok_and(|text| text == content)
}
