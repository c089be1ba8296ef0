//! What an operator configured of an upstream server, checked by whoever read the configuration.
//!
//! In: names, commands, addresses and permissions as they were written. Out: the same as values. What a server may do
//! besides offering tools is off unless it stands in [`Offers`]. Nothing here starts anything or reads a secret.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use domain::{HostPort, Name};
use mcp::Conversations;
use reqwest::Url;
use runner::{Jailer, Ladder, Limits};

use super::credentials::{Browser, KnownSecrets, Secret, Source, TokenFiles};

/// One upstream server.
#[derive(Debug, Clone)]
pub struct ServerSpec {
    /// The operator's name for it, of at most `limits::SERVER_NAME_CHARS_MAX` characters.
    pub name: Name,
    /// How it is reached.
    pub way: Way,
    /// What it may do besides offering tools.
    pub offers: Offers,
    /// How long one of its answers may take where no permit says so: for lists and subscriptions.
    pub timeout: Duration,
}

/// How a server is reached.
#[derive(Debug, Clone)]
pub enum Way {
    /// As a child, over its standard streams.
    Stdio(Stdio),
    /// Over Streamable HTTP.
    Http(Http),
}

/// A server that is started as a child.
#[derive(Debug, Clone)]
pub struct Stdio {
    /// The program and its words; never a shell's text.
    pub command: Vec<String>,
    /// Its variables; nothing is inherited.
    pub environment: Vec<(String, Variable)>,
    /// Paths that its jail can read.
    pub reads: Vec<PathBuf>,
    /// Paths that its jail can change.
    pub writes: Vec<PathBuf>,
    /// What it may connect to.
    pub hosts: Vec<HostPort>,
    /// Whether it runs in a jail.
    pub jailed: Jailed,
    /// Where it starts; only without a jail, which has a home of its own. None is the root of the file system.
    pub directory: Option<PathBuf>,
}

/// The value of a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Variable {
    /// As it stands in the configuration.
    Plain(String),
    /// From elsewhere; masked wherever it appears.
    Secret(Secret),
}

/// Whether a child is kept apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Jailed {
    /// It is.
    Yes,
    /// It may do what this process may, as an operator decided.
    No,
}

/// A server that is reached over HTTP.
#[derive(Debug, Clone)]
pub struct Http {
    /// Its endpoint.
    pub url: Url,
    /// How Checkrein authenticates itself to it.
    pub credentials: Source,
}

/// What an operator lets a server do besides offering tools.
pub type Offers = BTreeSet<Part>;

/// One thing that a server may do only if an operator says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Offer prompts.
    Prompts,
    /// Offer resources.
    Resources,
    /// Ask the client something while a call runs.
    Questions,
    /// Tell models how to use it.
    Instructions,
}

/// What connections need around them.
#[derive(Debug, Clone)]
pub struct Means {
    /// Starts children.
    pub jailer: Jailer,
    /// What it found on this machine.
    pub ladder: Ladder,
    /// What one jailed child may take; its times do not count.
    pub limits: Limits,
    /// The lines to clients of running calls.
    pub conversations: Conversations,
    /// Where secret values are told.
    pub known: KnownSecrets,
    /// Where tokens are kept; none keeps them in memory only.
    pub tokens: Option<TokenFiles>,
    /// The browser of a login; none in the gateway, where a person logs in elsewhere.
    pub browser: Option<Arc<dyn Browser>>,
}
