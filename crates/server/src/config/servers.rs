//! Tool servers and issuers, as values: what `[[mcp_server]]`, `[[token_issuer]]` and `[[login_issuer]]` come to.
//!
//! Values only; reading them is `read/servers.rs`' and `read/issuers.rs`' business, talking to servers that of `tools::mcp`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use domain::{Attempts, HostPort, Name, Roles};
use url::Url;

/// A server of tools.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct McpServer {
    /// What its tools begin with.
    pub name: Name,
    /// How it is reached.
    pub way: ServerWay,
    /// The pack whose contracts hold for it.
    pub pack: Option<String>,
    /// What of it agents may see beside its tools.
    pub offers: BTreeSet<Part>,
    /// The longest one call may take.
    pub timeout: Duration,
    /// What is done about failed attempts, by the server's own name of each tool.
    pub attempts: BTreeMap<String, Attempts>,
}

/// How a server is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerWay {
    /// It is started here.
    Stdio {
        /// Program and arguments; never empty.
        command: Vec<String>,
        /// Its variables.
        environment: Vec<(String, String)>,
        /// Variables that it gets from our own environment.
        environment_from: Vec<String>,
        /// Variables whose values stand in files, one in each.
        environment_files: Vec<(String, PathBuf)>,
        /// What it can read.
        reads: Vec<PathBuf>,
        /// What it can change.
        writes: Vec<PathBuf>,
        /// What it may connect to.
        hosts: Vec<HostPort>,
        /// Whether it runs in a jail.
        jailed: Jailed,
    },
    /// It runs elsewhere.
    Http {
        /// Where.
        url: Url,
        /// What it is shown.
        credential: ServerCredential,
    },
}

/// Where a credential comes from. No value is ever part of a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerCredential {
    /// There is none.
    None,
    /// From a variable.
    Environment(String),
    /// From a file.
    File(PathBuf),
    /// From what a program prints.
    Command(Vec<String>),
    /// From an authorization server.
    OAuth(Box<OAuth>),
}

/// How a token is got from an authorization server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OAuth {
    /// On whose word.
    pub grant: OAuthGrant,
    /// The id under which we are registered.
    pub client_id: Option<String>,
    /// Its secret: from a variable or a file.
    pub client_secret: Option<Box<ServerCredential>>,
    /// Where that id was registered.
    pub issuer: Option<String>,
    /// A client id metadata document.
    pub client_metadata_url: Option<Url>,
    /// What is asked for.
    pub scopes: Vec<String>,
}

/// Whether a server runs in a jail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Jailed {
    /// It does.
    On,
    /// It has all rights of our own user.
    Off,
}

/// On whose word a token is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OAuthGrant {
    /// A person's, once.
    AuthorizationCode,
    /// Our own.
    ClientCredentials,
}

/// What a server offers beside its tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Its prompts.
    Prompts,
    /// Its resources.
    Resources,
    /// What it asks the user.
    Questions,
    /// What it tells models of itself.
    Instructions,
}

/// Who issues tokens that agents may come with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenIssuer {
    /// The `iss` of its tokens, exactly.
    pub issuer: String,
    /// The `aud` that a token must name.
    pub audience: String,
    /// Its keys.
    pub keys: KeySet,
    /// Signatures that are taken; never empty.
    pub algorithms: Vec<Algorithm>,
    /// Which claim names the agent.
    pub agent_claim: String,
    /// Whose agents they are.
    pub tenant: Name,
}

/// Where people may log in (OpenID Connect).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginIssuer {
    /// What it is called in addresses and in the journal.
    pub name: Name,
    /// What people read.
    pub title: String,
    /// Its address, exactly as it names itself.
    pub issuer: String,
    /// Under which we are registered there.
    pub client_id: String,
    /// Where our secret stands; none for a public client.
    pub client_secret_file: Option<PathBuf>,
    /// Where people of this issuer belong.
    pub tenant: Name,
    /// Which claim names somebody who logs in the first time.
    pub name_claim: String,
    /// The claim whose values give roles and groups.
    pub claim: String,
    /// Roles by its values.
    pub roles: BTreeMap<String, Roles>,
    /// Groups of approvers by its values.
    pub groups: BTreeMap<String, Vec<Name>>,
}

/// Files with which the server speaks TLS itself, PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate, and those up to its root.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// Where an issuer's keys stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySet {
    /// At an address.
    Url(Url),
    /// In a file.
    File(PathBuf),
}

macro_rules! words {
    ($($(#[$doc:meta])* $type:ident { $($variant:ident = $word:literal),* $(,)? })*) => {$(
        impl $type {
            /// The word that configuration uses.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            /// The value that this word stands for.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }
        }
    )*};
}

macro_rules! algorithms {
    ($($name:ident = $word:literal),* $(,)?) => {
        /// A signature of tokens. Symmetric ones are not among them: whoever checks could also sign.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Algorithm {
            $(#[doc = $word] $name),*
        }

        words! { Algorithm { $($name = $word),* } }
    };
}

algorithms! {
    Rs256 = "RS256", Rs384 = "RS384", Rs512 = "RS512",
    Ps256 = "PS256", Ps384 = "PS384", Ps512 = "PS512",
    Es256 = "ES256", Es384 = "ES384", EdDsa = "EdDSA",
}

words! {
    Jailed { On = "on", Off = "off" }
    OAuthGrant { AuthorizationCode = "authorization_code", ClientCredentials = "client_credentials" }
    Part { Prompts = "prompts", Resources = "resources", Questions = "questions", Instructions = "instructions" }
}
