//! The table of every key: title, meaning, default, unit, since. The guide's tables are printed from it.
//! A key that the reader takes and this table lacks, or the other way round, fails a test in `tests/it/config.rs`.

/// One key of `checkrein.toml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// With its table, such as `server.listen`.
    pub name: &'static str,
    /// For people, a few words.
    pub title: &'static str,
    /// What it does.
    pub meaning: &'static str,
    /// What holds without it.
    pub default: &'static str,
    /// What a number or text is measured in; empty where there is nothing to measure.
    pub unit: &'static str,
    /// The version that brought it.
    pub since: &'static str,
    /// The environment variable that overrides it; empty where there is none.
    pub variable: &'static str,
}

macro_rules! keys {
    ($($name:literal, $title:literal, $meaning:literal, $default:literal, $unit:literal, $variable:literal;)*) => {
        /// Every key, in the order of the guide.
        pub const KEYS: &[Key] = &[$(Key {
            name: $name, title: $title, meaning: $meaning, default: $default, unit: $unit,
            since: "0.1.0", variable: $variable,
        }),*];
    };
}

keys! {
    "server.listen", "Address", "where API and console are served; one that others reach needs `public_url` and either `tls` or `trusted_proxy`",
        "127.0.0.1:7420", "address:port", "CHECKREIN_LISTEN";
    "server.data_dir", "Data directory", "where the store is; no workspace may contain it",
        "$XDG_STATE_HOME/checkrein, else ~/.local/state/checkrein", "path", "CHECKREIN_DATA_DIR";
    "server.config_dir", "Operator's directory",
        "`contracts` and `policies` in it are the operator's own; no workspace may contain it",
        "$XDG_CONFIG_HOME/checkrein, else ~/.config/checkrein", "path", "CHECKREIN_CONFIG_DIR";
    "server.master_key_file", "Master key",
        "the key that encrypts all payloads; made on first start with mode 0600; without it no payload can be read",
        "master.key in ~/.config/checkrein", "path", "CHECKREIN_MASTER_KEY_FILE";
    "server.contracts", "Contract directories", "directories of the project with contract files (`*.toml`)",
        "[\"contracts\"], if it is there", "paths", "CHECKREIN_CONTRACTS";
    "server.policies", "Policy directories",
        "directories of the project with policy files (`*.cedar`); without any policy file the starter policy is used",
        "[\"policies\"], if it is there", "paths", "CHECKREIN_POLICIES";
    "server.public_url", "Public address", "the address that people open from other machines: `https://` and a name; passkeys are bound to it",
        "none: `http://localhost` with the port", "address", "CHECKREIN_PUBLIC_URL";
    "server.trusted_proxy", "Proxy with TLS", "the address of the one proxy that may connect beside this machine; it speaks TLS with everybody else and keeps `Host`",
        "none", "IP address", "";
    "server.tls.certificate", "Certificate", "the certificate chain with which Checkrein speaks TLS itself, as PEM; read again when it changes", "none", "path", "";
    "server.tls.key", "Key of the certificate", "its private key, as PEM", "none", "path", "";
    "currency", "Accounting currency", "the currency of every amount of money in this installation",
        "EUR", "three capital letters", "CHECKREIN_CURRENCY";
    "workspace.tenant", "Tenant of a workspace", "whose agents may work on it", "local", "name", "";
    "workspace.space", "Space of a workspace", "runs of this space work on it", "the first space", "name", "";
    "workspace.root", "Directory of a workspace",
        "the directory that tools may reach; it may not contain configuration, keys or data of Checkrein",
        "the working directory, if there is no file", "path", "";
    "space.name", "Name of a space", "where runs live, such as `staging`", "experiment", "name", "";
    "space.mode", "Mode of a space",
        "`enforce`, or `shadow`: decisions are recorded and told but not enforced. A mode set at run time holds over restarts",
        "enforce", "word", "";
    "workflow.name", "Name of a workflow", "a kind of work; `default` is the one of calls that name no run",
        "default", "name", "";
    "workflow.owner", "Owner of a workflow", "who answers for it", "operator", "name", "";
    "workflow.space", "Space of a workflow", "where its runs live", "the first space", "name", "";
    "workflow.budget.calls", "Calls", "the most calls of one run", "no limit", "calls", "";
    "workflow.budget.money", "Money", "the most one run may cost", "no limit", "currency, as text", "";
    "workflow.budget.irreversible", "Irreversible acts", "the most acts of one run that cannot be undone",
        "no limit", "acts", "";
    "workflow.budget.read_bytes", "Read volume", "the most that tools of one run may read", "no limit", "bytes", "";
    "workflow.budget.wall_ms", "Tool time", "the longest that tools of one run may take together",
        "no limit", "milliseconds", "";
    "workflow.on_exceeded", "At the limit",
        "`degrade` lets only pure calls go on, `escalate` holds the call, `stop` pauses the run",
        "stop", "word", "";
    "grant_day.calls", "Calls per day", "the most calls of one grant in one day (UTC)", "no limit", "calls", "";
    "grant_day.money", "Money per day", "the most one grant may cost in one day", "no limit", "currency, as text", "";
    "grant_day.irreversible", "Irreversible acts per day",
        "the most acts of one grant in one day that cannot be undone", "no limit", "acts", "";
    "grant_day.read_bytes", "Read volume per day", "the most that tools of one grant may read in one day",
        "no limit", "bytes", "";
    "grant_day.wall_ms", "Tool time per day", "the longest that tools of one grant may take in one day",
        "no limit", "milliseconds", "";
    "grant_day.on_exceeded", "At the day's limit", "as `workflow.on_exceeded`", "stop", "word", "";
    "approvals.requester_may_decide", "One person alone",
        "`true` lets whoever asked (the person an agent acts for, who gave it its rights, who owns its workflow) approve too; for an installation of one person",
        "false; true where there is no file", "boolean", "";
    "approvals.asks_per_minute_max", "Asks per minute",
        "how often one agent may ask people in a minute; one more suspends it until somebody lifts the stop",
        "100", "calls", "";
    "command.program", "Program of a command",
        "a program that agents may run with `command.run`: a name that is looked up in the jail's path, or an absolute path",
        "", "name or path", "";
    "command.arguments", "First words",
        "words with which the arguments of a call must begin; the longest list that fits decides", "[], so any", "words", "";
    "command.role", "Role of a command",
        "what it is for: `test`, `build` or `lint`; the starter policy lets those run although they start other programs",
        "none", "word", "";
    "command.reads", "Readable paths", "paths beside the system's own that it can read: a toolchain; nothing with keys or data in it",
        "[]", "paths", "";
    "command.caches", "Caches",
        "directories in its jail that are kept between its calls, apart from the workspace, and never part of a plan",
        "[]", "absolute paths, or paths in the workspace", "";
    "command.environment", "Variables", "variables of the command; nothing is inherited", "{}", "names and texts", "";
    "git_remote.name", "Name of a remote", "what calls of `git.fetch` and `git.push` name", "", "name", "";
    "git_remote.url", "Address of a remote",
        "`https://…`, `http://…` on this machine, or the absolute path of a bare repository on this machine", "",
        "address or path", "";
    "git_remote.credential_env", "Credential in a variable",
        "the variable with the token that the one process which talks to the remote gets; masked wherever it would be shown",
        "none", "name", "";
    "git_remote.credential_file", "Credential in a file", "the same from a file, which no workspace may contain",
        "none", "path", "";
    "mcp_server.name", "Name of a tool server", "what its tools begin with; at most 32 characters", "", "name", "";
    "mcp_server.command", "Command of a server", "a server that is started here and spoken to over its standard streams", "", "words", "";
    "mcp_server.url", "Address of a server", "a server that is spoken to over Streamable HTTP: `https://…`, or `http://…` on this machine",
        "", "address", "";
    "mcp_server.pack", "Contract pack", "the pack whose contracts hold for this server, as `checkrein tools packs` lists them",
        "none: each tool is classified by itself", "name", "";
    "mcp_server.offers", "Further offers",
        "what of the server agents may see beside its tools: `prompts`, `resources`, `questions` (it may ask the user), `instructions`",
        "[]", "words", "";
    "mcp_server.reads", "Readable paths of a server", "paths beside the system's own that it can read: its program, and what it serves",
        "[]", "paths", "";
    "mcp_server.writes", "Writable paths of a server", "paths that it can change, at once and without undo by Checkrein", "[]", "paths", "";
    "mcp_server.hosts", "Hosts of a server", "what it may connect to", "[], so nothing", "host:port", "";
    "mcp_server.jail", "Jail of a server", "`off` runs it with all rights of the user that Checkrein runs as; nothing is inherited all the same",
        "on", "word", "";
    "mcp_server.environment", "Variables of a server", "nothing is inherited", "{}", "names and texts", "";
    "mcp_server.environment_from", "Secret variables of a server",
        "names of variables whose values it gets from Checkrein's own environment; the values are masked wherever they would be shown",
        "[]", "names", "";
    "mcp_server.environment_files", "Secret variables from files",
        "the same from files, which nobody else may be able to read and no workspace may contain: one value in each, white space around it left out",
        "{}", "names and paths", "";
    "mcp_server.credential_env", "Token in a variable", "the bearer token for `url`; agents never see it", "none", "name", "";
    "mcp_server.credential_file", "Token in a file", "the same from a file", "none", "path", "";
    "mcp_server.credential_command", "Token of a command", "the same from what a program prints", "none", "words", "";
    "mcp_server.oauth", "OAuth at a server", "the token comes from the server's authorization server; `checkrein servers login` asks a person once",
        "none", "table", "";
    "mcp_server.oauth.grant", "Kind of grant", "`authorization_code` or `client_credentials`", "authorization_code", "word", "";
    "mcp_server.oauth.client_id", "Client id", "the id under which Checkrein is registered there", "none: it registers itself", "text", "";
    "mcp_server.oauth.client_secret_env", "Client secret in a variable", "its secret, if it has one", "none", "name", "";
    "mcp_server.oauth.client_secret_file", "Client secret in a file", "the same from a file", "none", "path", "";
    "mcp_server.oauth.issuer", "Issuer of the registration", "the authorization server where that id was registered, exactly as it names itself; needed with `client_id`, and its secret is shown to no other", "none", "address", "";
    "mcp_server.oauth.client_metadata_url", "Client metadata", "the address of a client id metadata document, used as the client's id",
        "none", "address", "";
    "mcp_server.oauth.scopes", "Scopes", "what is asked for beside what the server names", "[]", "texts", "";
    "mcp_server.timeout_ms", "Time of a server's call", "the longest one call may take", "60000", "milliseconds", "";
    "mcp_server.attempts", "Attempts at tools", "what is done about attempts that failed, by the server's own name of each tool: `retry`, `provider_key`, `probe`, `doubt_horizon_ms` and `failover`, as in contracts",
        "none", "tables", "";
    "token_issuer.issuer", "Token issuer", "the `iss` of tokens that agents may come with instead of a key", "", "address", "";
    "token_issuer.audience", "Audience", "the `aud` that a token must name", "", "text", "";
    "token_issuer.jwks_url", "Keys at an address", "where the issuer publishes its keys", "", "address", "";
    "token_issuer.jwks_file", "Keys in a file", "the same in a file", "", "path", "";
    "token_issuer.algorithms", "Signatures", "which are taken: `RS256`, `PS256`, `ES256`, `EdDSA` and their longer forms",
        "[\"RS256\", \"ES256\", \"EdDSA\"]", "words", "";
    "token_issuer.agent_claim", "Claim with the agent", "which claim names the agent", "sub", "text", "";
    "token_issuer.tenant", "Tenant of tokens", "whose agents they are", "local", "name", "";
    "login_issuer.name", "Login issuer", "an OpenID provider where people may log in: its name in addresses; Checkrein is registered there with `<public_url>/v1/session/oidc/<name>/callback`",
        "", "name", "";
    "login_issuer.title", "Title of a login issuer", "what people read on the button", "its name", "text", "";
    "login_issuer.issuer", "Address of a login issuer", "exactly as it names itself", "", "address", "";
    "login_issuer.client_id", "Client id at a login issuer", "under which Checkrein is registered there", "", "text", "";
    "login_issuer.client_secret_file", "Client secret at a login issuer", "the file with its secret, if it has one; no workspace may contain it", "none", "path", "";
    "login_issuer.tenant", "Tenant of people", "where people of this issuer belong", "local", "name", "";
    "login_issuer.name_claim", "Claim with the name", "which claim names somebody who logs in the first time", "preferred_username", "text", "";
    "login_issuer.claim", "Claim with values", "the claim whose values `roles` and `groups` speak of", "groups", "text", "";
    "login_issuer.roles", "Roles by claim",
        "which value gives which roles; taken over at each login. Without any, only people who are linked already can log in",
        "{}", "values and lists of roles", "";
    "login_issuer.groups", "Groups by claim", "which value gives which groups of approvers; taken over at each login", "{}", "values and lists of names", "";
    "slack.name", "Slack", "a channel in Slack where people are asked and decide: its name here", "", "name", "";
    "slack.channel", "Channel", "the channel's id, such as `C0123456789`; the app must be in it", "", "id", "";
    "slack.token_env", "Bot token in a variable", "the variable with the bot token (`xoxb-…`)", "none", "name", "";
    "slack.token_file", "Bot token in a file", "the same from a file, which no workspace may contain", "none", "path", "";
    "slack.signing_secret_env", "Signing secret in a variable",
        "the app's signing secret, with which Slack signs what it sends to `<public_url>/v1/slack/interactions`", "none: nothing comes in that way", "name", "";
    "slack.signing_secret_file", "Signing secret in a file", "the same from a file", "none", "path", "";
    "slack.app_token_env", "App token in a variable",
        "the app-level token (`xapp-…`) for Socket Mode: clicks come over a connection that Checkrein opens", "none: no Socket Mode", "name", "";
    "slack.app_token_file", "App token in a file", "the same from a file", "none", "path", "";
    "slack.api_url", "Address of Slack", "where Slack's methods are; another one for GovSlack", "https://slack.com/api/", "address", "";
    "slack.tenant", "Tenant of a channel", "whose requests are told there", "local", "name", "";
    "slack.tell", "What is told in Slack", "kinds such as `approval.asked`, or their beginnings such as `approval`", "[], so all", "words", "";
    "slack.groups", "Groups in Slack", "only what is asked of these groups, such as `group:oncall`", "[], so all", "texts", "";
    "webhook.name", "Webhook", "an address that is told by signed requests (Standard Webhooks): its name here", "", "name", "";
    "webhook.url", "Address of a webhook", "`https://…`, or `http://…` on this machine", "", "address", "";
    "webhook.secret_env", "Secret in a variable",
        "the variable with the secret, `whsec_` and base64; several with spaces between them all sign, so that a receiver can change over", "none", "name", "";
    "webhook.secret_file", "Secret in a file", "the same from a file, which no workspace may contain", "none", "path", "";
    "webhook.callers", "For callers", "`true` lets agents of the tenant name it in a call (`callback`), to be told when the held call ends", "false", "boolean", "";
    "webhook.tenant", "Tenant of a webhook", "whose requests are told there", "local", "name", "";
    "webhook.tell", "What a webhook is told", "as `slack.tell`", "[], so all", "words", "";
    "webhook.groups", "Groups of a webhook", "as `slack.groups`", "[], so all", "texts", "";
    "hook.name", "Way in", "decisions that come in by signed requests to `/v1/hooks/<name>`", "", "name", "";
    "hook.person", "Person of a way in", "whose decisions they are: somebody with an account, who may decide no more by it than anywhere else", "", "name", "";
    "hook.secret_env", "Secret of a way in, in a variable", "as `webhook.secret_env`; each of several is taken", "none", "name", "";
    "hook.secret_file", "Secret of a way in, in a file", "the same from a file, which no workspace may contain", "none", "path", "";
    "hook.tenant", "Tenant of a way in", "the person's tenant", "local", "name", "";
    "jail.upper_bytes", "Room for changes", "the most that one command may write; it is kept in memory until the plan is made",
        "1073741824", "bytes", "";
    "jail.memory_bytes", "Memory", "the most that the processes of one command may hold together", "4294967296", "bytes", "";
    "jail.processes", "Processes", "the most processes and threads of one command at once", "512", "processes", "";
    "jail.cpu_ms", "Processor time", "the most that the processes of one command may take together",
        "3600000", "milliseconds", "";
    "jail.jails_max", "Jails at once", "commands that run at once; others wait for their turn", "16", "jails", "";
    "jail.reads", "Readable paths of every command", "as `command.reads`, for every `[[command]]`", "[]", "paths", "";
    "secrets.env", "Secrets in variables",
        "names of environment variables whose values are masked wherever they would be shown", "[]", "names", "";
    "secrets.files", "Secrets in files", "files whose content is masked wherever it would be shown", "[]", "paths", "";
}

/// The guide's table of keys, as Markdown.
pub fn guide() -> String {
    let mut text = String::from(
        "| Key | What it is | Default | Unit | Variable | Since |\n|---|---|---|---|---|---|\n",
    );
    for key in KEYS {
        let variable =
            if key.variable.is_empty() { String::new() } else { format!("`{}`", key.variable) };
        let line = format!(
            "| `{}` | **{}**: {} | {} | {} | {variable} | {} |\n",
            key.name, key.title, key.meaning, key.default, key.unit, key.since
        );
        text.push_str(&line);
    }
    text
}
