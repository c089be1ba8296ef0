//! Configuration: one `checkrein.toml`, the environment above it, sensible defaults below.
//!
//! In: a file (or none), the working directory and the environment. Out: a `Config` whose every value has been
//! checked, or every problem found with file, line and fix. Unknown keys are problems. Reading contracts and
//! policies is `rules`' business; nothing here opens the store or a socket.
//! Every key stands in the table of `config/keys.rs`; tests are in `tests/it/config.rs`.

pub(crate) mod check;
mod file;
mod keys;
mod outlets;
mod paths;
mod problem;
mod read;
mod servers;

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use domain::{Amounts, Name, NamedCommand, OnExceeded, Remote, Space, Workflow};
use gate::{ApprovalRules, FourEyes};
use url::Url;

pub use keys::{KEYS, Key, guide};
pub use outlets::{Hook, OutletSettings, OutletWay, SlackSettings, Tells, WebhookSettings};
pub use problem::{Problem, Problems};
pub use servers::{
    Algorithm, Jailed, KeySet, LoginIssuer, McpServer, OAuth, OAuthGrant, Part, ServerCredential,
    ServerWay, TlsFiles, TokenIssuer,
};

/// The name of the file that is looked for in the working directory.
pub const FILE_NAME: &str = "checkrein.toml";
/// The tenant of everything that names none.
pub const DEFAULT_TENANT: &str = "local";
/// The space of everything that names none.
pub const DEFAULT_SPACE: &str = "experiment";
/// The workflow of runs that nobody opened.
pub const DEFAULT_WORKFLOW: &str = "default";

/// Where configuration comes from.
#[derive(Debug, Clone)]
pub struct Source {
    /// The file that was named; without one `checkrein.toml` in the directory is used if it is there.
    pub file: Option<PathBuf>,
    /// The working directory, absolute.
    pub directory: PathBuf,
    /// The environment.
    pub environment: BTreeMap<String, String>,
}

impl Source {
    /// The process' own working directory and environment. Variables that are not text are left out.
    ///
    /// # Errors
    /// When the working directory cannot be told.
    pub fn of_process(file: Option<PathBuf>) -> std::io::Result<Self> {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        let environment = std::env::vars_os().filter_map(text).collect();
        Ok(Self { file, directory: std::env::current_dir()?, environment })
    }
}

/// Checked configuration. Paths are absolute.
#[derive(Debug, Clone)]
pub struct Config {
    /// The file it came from; none where everything is a default.
    pub file: Option<PathBuf>,
    /// Where to listen. INVARIANT (reached with TLS): beyond loopback only with TLS or a trusted proxy, and a public address.
    pub listen: SocketAddr,
    /// The address that people open from other machines.
    pub public_url: Option<Url>,
    /// With what the server speaks TLS itself.
    pub tls: Option<TlsFiles>,
    /// The one proxy that may connect beside this machine.
    pub trusted_proxy: Option<IpAddr>,
    /// Where the store is.
    pub data_dir: PathBuf,
    /// The operator's directory with contracts and policies of their own.
    pub config_dir: PathBuf,
    /// The key that encrypts all payloads.
    pub master_key_file: PathBuf,
    /// The project's directories with contracts.
    pub contracts: Vec<PathBuf>,
    /// The project's directories with policies.
    pub policies: Vec<PathBuf>,
    /// The accounting currency, three capital letters.
    pub currency: String,
    /// Directories that agents may work on.
    pub workspaces: Vec<Workspace>,
    /// Where runs live; never empty.
    pub spaces: Vec<Space>,
    /// Kinds of work; one of them is `default`.
    pub workflows: Vec<Workflow>,
    /// What one grant may take in one day, and what happens at the limit.
    pub grant_day: (Amounts<Option<u64>>, OnExceeded),
    /// How people decide.
    pub approvals: ApprovalRules,
    /// Where known credential values stand.
    pub secrets: Secrets,
    /// Programs that agents may run.
    pub commands: Vec<NamedCommand>,
    /// Repositories elsewhere that agents may fetch from and push to.
    pub remotes: Vec<Remote>,
    /// Servers of tools that agents may call.
    pub servers: Vec<McpServer>,
    /// Issuers whose tokens agents may come with.
    pub issuers: Vec<TokenIssuer>,
    /// Where people may log in.
    pub login_issuers: Vec<LoginIssuer>,
    /// Services that are told what people should know.
    pub outlets: Vec<OutletSettings>,
    /// Ways in for signed decisions.
    pub hooks: Vec<Hook>,
    /// The first pause before an outlet tries again.
    pub outlet_pause: Duration,
    /// How old a notice is that counts as behind.
    pub notice_age: Duration,
    /// Bounds of the place that commands run in.
    pub jail: Jail,
    /// The program that is started again as a jail: this very one, also if another was put in its place meanwhile.
    pub jail_program: PathBuf,
    /// Things to know that are not errors.
    pub warnings: Vec<String>,
    /// The list of every workspace that was ever served.
    pub(crate) served: PathBuf,
}

/// A directory that agents of one tenant may work on in one space.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    /// Whose.
    pub tenant: Name,
    /// In which space.
    pub space: Name,
    /// The directory, resolved.
    pub root: PathBuf,
}

/// Where credential values stand that are masked wherever they would be shown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Secrets {
    /// Environment variables.
    pub env: Vec<String>,
    /// Files; each holds one value, white space around it is left out.
    pub files: Vec<PathBuf>,
}

/// Bounds of the place that commands run in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Jail {
    /// Bytes that one command may write.
    pub upper_bytes: u64,
    /// Memory of its processes together.
    pub memory_bytes: u64,
    /// Its processes and threads at once.
    pub processes: u64,
    /// Processor time of its processes together.
    pub cpu: Duration,
    /// Jails at once.
    pub jails_max: usize,
}

impl Config {
    /// Whether whoever asks may also say yes.
    pub fn requester_may_decide(&self) -> bool {
        self.approvals.four_eyes == FourEyes::Waived
    }

    /// Reads and checks configuration.
    ///
    /// # Errors
    /// Every problem found, each the operator's to solve.
    pub fn load(source: &Source) -> Result<Self, Problems> {
        read::load(source)
    }

    /// Where the first keys are put when nobody sees a terminal: beside the data directory, mode 0600.
    pub fn first_keys_file(&self) -> PathBuf {
        self.data_dir.parent().unwrap_or(Path::new("/")).join("first-keys")
    }

    /// Where the caches of commands are kept, and layers for previews on top of each other: in the data directory,
    /// mode 0700.
    pub fn jail_dir(&self) -> PathBuf {
        self.data_dir.join("jail")
    }

    /// The address as people and programs on this machine type it.
    pub fn url(&self) -> String {
        self.url_at(self.listen)
    }

    /// The same for the address that was bound. A certificate names the public address, and so does whoever uses it.
    pub(crate) fn url_at(&self, address: SocketAddr) -> String {
        match &self.public_url {
            Some(public) if self.tls.is_some() || !address.ip().is_loopback() => {
                public[..url::Position::AfterPort].to_owned()
            }
            Some(_) | None => {
                let scheme = if self.tls.is_some() { "https" } else { "http" };
                format!("{scheme}://{}", shown(address))
            }
        }
    }
}

/// An address as people type it: IPv4 loopback as `localhost`.
pub(crate) fn shown(address: SocketAddr) -> String {
    match address {
        SocketAddr::V4(four) => format!("localhost:{}", four.port()),
        SocketAddr::V6(six) => format!("[::1]:{}", six.port()),
    }
}
