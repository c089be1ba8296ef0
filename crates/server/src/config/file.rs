//! The form of `checkrein.toml`: what may stand where. Values are checked in `read`.
//! Unknown keys are refused here. Texts keep their place in the file, so that a problem can name its line.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

pub(super) type Text = Spanned<String>;
pub(super) type Number = Spanned<u64>;

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct File {
    pub(super) server: Server,
    pub(super) currency: Option<Text>,
    pub(super) workspace: Vec<Workspace>,
    pub(super) space: Vec<Space>,
    pub(super) workflow: Vec<Workflow>,
    pub(super) grant_day: GrantDay,
    pub(super) approvals: Approvals,
    pub(super) secrets: Secrets,
    pub(super) jail: Jail,
    pub(super) command: Vec<Command>,
    pub(super) git_remote: Vec<GitRemote>,
    pub(super) mcp_server: Vec<McpServer>,
    pub(super) token_issuer: Vec<TokenIssuer>,
    pub(super) login_issuer: Vec<LoginIssuer>,
    pub(super) slack: Vec<Slack>,
    pub(super) webhook: Vec<Webhook>,
    pub(super) hook: Vec<Hook>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Server {
    pub(super) listen: Option<Text>,
    pub(super) data_dir: Option<Text>,
    pub(super) config_dir: Option<Text>,
    pub(super) master_key_file: Option<Text>,
    pub(super) contracts: Option<Vec<Text>>,
    pub(super) policies: Option<Vec<Text>>,
    pub(super) public_url: Option<Text>,
    pub(super) trusted_proxy: Option<Text>,
    pub(super) tls: Option<Tls>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tls {
    pub(super) certificate: Text,
    pub(super) key: Text,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Workspace {
    pub(super) tenant: Option<Text>,
    pub(super) space: Option<Text>,
    pub(super) root: Text,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Space {
    pub(super) name: Text,
    pub(super) mode: Option<Text>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Workflow {
    pub(super) name: Text,
    pub(super) owner: Option<Text>,
    pub(super) space: Option<Text>,
    #[serde(default)]
    pub(super) budget: Budget,
    pub(super) on_exceeded: Option<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Budget {
    pub(super) calls: Option<u64>,
    pub(super) money: Option<Text>,
    pub(super) irreversible: Option<u64>,
    pub(super) read_bytes: Option<u64>,
    pub(super) wall_ms: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct GrantDay {
    pub(super) calls: Option<u64>,
    pub(super) money: Option<Text>,
    pub(super) irreversible: Option<u64>,
    pub(super) read_bytes: Option<u64>,
    pub(super) wall_ms: Option<u64>,
    pub(super) on_exceeded: Option<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Approvals {
    pub(super) requester_may_decide: Option<bool>,
    pub(super) asks_per_minute_max: Option<Number>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Secrets {
    pub(super) env: Vec<String>,
    pub(super) files: Vec<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Jail {
    pub(super) upper_bytes: Option<Number>,
    pub(super) memory_bytes: Option<Number>,
    pub(super) processes: Option<Number>,
    pub(super) cpu_ms: Option<Number>,
    pub(super) jails_max: Option<Number>,
    pub(super) reads: Vec<Text>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Command {
    pub(super) program: Text,
    #[serde(default)]
    pub(super) arguments: Vec<Text>,
    pub(super) role: Option<Text>,
    #[serde(default)]
    pub(super) reads: Vec<Text>,
    #[serde(default)]
    pub(super) caches: Vec<Text>,
    #[serde(default)]
    pub(super) environment: BTreeMap<String, Text>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GitRemote {
    pub(super) name: Text,
    pub(super) url: Text,
    pub(super) credential_env: Option<Text>,
    pub(super) credential_file: Option<Text>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct McpServer {
    pub(super) name: Text,
    pub(super) command: Option<Vec<Text>>,
    pub(super) url: Option<Text>,
    pub(super) pack: Option<Text>,
    #[serde(default)]
    pub(super) offers: Vec<Text>,
    #[serde(default)]
    pub(super) reads: Vec<Text>,
    #[serde(default)]
    pub(super) writes: Vec<Text>,
    #[serde(default)]
    pub(super) hosts: Vec<Text>,
    pub(super) jail: Option<Text>,
    #[serde(default)]
    pub(super) environment: BTreeMap<String, Text>,
    #[serde(default)]
    pub(super) environment_from: Vec<String>,
    #[serde(default)]
    pub(super) environment_files: BTreeMap<String, Text>,
    pub(super) credential_env: Option<Text>,
    pub(super) credential_file: Option<Text>,
    pub(super) credential_command: Option<Vec<Text>>,
    pub(super) oauth: Option<OAuth>,
    pub(super) timeout_ms: Option<Number>,
    /// By the server's own name of each tool.
    #[serde(default)]
    pub(super) attempts: BTreeMap<String, contract::attempts::Written>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct OAuth {
    pub(super) grant: Option<Text>,
    pub(super) client_id: Option<Text>,
    pub(super) client_secret_env: Option<Text>,
    pub(super) client_secret_file: Option<Text>,
    pub(super) issuer: Option<Text>,
    pub(super) client_metadata_url: Option<Text>,
    pub(super) scopes: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TokenIssuer {
    pub(super) issuer: Text,
    pub(super) audience: Text,
    pub(super) jwks_url: Option<Text>,
    pub(super) jwks_file: Option<Text>,
    #[serde(default)]
    pub(super) algorithms: Vec<Text>,
    pub(super) agent_claim: Option<Text>,
    pub(super) tenant: Option<Text>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LoginIssuer {
    pub(super) name: Text,
    pub(super) title: Option<Text>,
    pub(super) issuer: Text,
    pub(super) client_id: Text,
    pub(super) client_secret_file: Option<Text>,
    pub(super) tenant: Option<Text>,
    pub(super) name_claim: Option<Text>,
    pub(super) claim: Option<Text>,
    #[serde(default)]
    pub(super) roles: BTreeMap<String, Vec<Text>>,
    #[serde(default)]
    pub(super) groups: BTreeMap<String, Vec<Text>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Slack {
    pub(super) name: Text,
    pub(super) channel: Text,
    pub(super) token_env: Option<Text>,
    pub(super) token_file: Option<Text>,
    pub(super) signing_secret_env: Option<Text>,
    pub(super) signing_secret_file: Option<Text>,
    pub(super) app_token_env: Option<Text>,
    pub(super) app_token_file: Option<Text>,
    pub(super) api_url: Option<Text>,
    pub(super) tenant: Option<Text>,
    #[serde(default)]
    pub(super) tell: Vec<Text>,
    #[serde(default)]
    pub(super) groups: Vec<Text>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Webhook {
    pub(super) name: Text,
    pub(super) url: Text,
    pub(super) secret_env: Option<Text>,
    pub(super) secret_file: Option<Text>,
    pub(super) callers: Option<bool>,
    pub(super) tenant: Option<Text>,
    #[serde(default)]
    pub(super) tell: Vec<Text>,
    #[serde(default)]
    pub(super) groups: Vec<Text>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Hook {
    pub(super) name: Text,
    pub(super) person: Text,
    pub(super) secret_env: Option<Text>,
    pub(super) secret_file: Option<Text>,
    pub(super) tenant: Option<Text>,
}

impl GrantDay {
    pub(super) fn split(self) -> (Budget, Option<Text>) {
        let Self { calls, money, irreversible, read_bytes, wall_ms, on_exceeded } = self;
        (Budget { calls, money, irreversible, read_bytes, wall_ms }, on_exceeded)
    }
}
