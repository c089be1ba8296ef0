//! `[[mcp_server]]` and `[[token_issuer]]`: which tool servers are reached, how, and whose tokens are believed.
//! In: their twins from the file. Out: checked values; a credential is named here and read elsewhere. Whether a path leads to
//! what nobody may reach is asked in `check/servers.rs`. Tests: `tests/it/servers.rs`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use contract::visible::short;
use domain::{Attempts, HostPort, Name, limits};
use url::Url;

use super::super::{Jailed, McpServer, OAuth, OAuthGrant, Part, ServerCredential, ServerWay};
use super::{Problem, Reader, Text, file};

/// What a server offers beside its tools, if the operator lets it.
const PARTS: &str = "`prompts`, `resources`, `questions` or `instructions`";

impl Reader<'_> {
    pub(super) fn servers(&mut self, written: Vec<file::McpServer>) -> Vec<McpServer> {
        if let Some(surplus) = written.get(limits::SERVERS_MAX) {
            self.too_many("servers", limits::SERVERS_MAX, surplus.name.span());
            return Vec::new();
        }
        let mut servers: Vec<McpServer> = Vec::new();
        for each in written {
            let at = each.name.span();
            let Some(server) = self.server(each) else { continue };
            if servers.iter().any(|other| other.name == server.name) {
                let message = format!("server `{}` is named twice", server.name);
                self.note(Problem::new(message, "name it once"), Some(at));
            }
            servers.push(server);
        }
        servers
    }

    fn server(&mut self, written: file::McpServer) -> Option<McpServer> {
        let at = written.name.span();
        let name = self.parsed::<Name>(&written.name)?;
        if name.as_str().len() > limits::SERVER_NAME_CHARS_MAX || is_ours(&name) {
            let message = format!("`{name}` cannot be a server's name");
            let most = limits::SERVER_NAME_CHARS_MAX;
            let fix = format!(
                "take another one of at most {most} characters; `files`, `git`, `command` and `checkrein` are taken"
            );
            self.note(Problem::new(message, fix), Some(at.clone()));
        }
        let way = match (&written.command, &written.url) {
            (Some(_), None) => self.stdio(&written),
            (None, Some(url)) => self.http(url, &written),
            (Some(_), Some(_)) | (None, None) => {
                let message = format!("server `{name}` needs one of `command` and `url`");
                self.note(Problem::new(message, "write one of them"), Some(at));
                None
            }
        };
        let pack = written.pack.as_ref().and_then(|text| self.pack(text));
        let offers = self.offers(&written.offers);
        let timeout = self.timeout(written.timeout_ms.as_ref());
        let attempts = self.attempts(written.attempts, written.name.span());
        Some(McpServer { name, way: way?, pack, offers, timeout, attempts })
    }

    fn stdio(&mut self, written: &file::McpServer) -> Option<ServerWay> {
        let surplus = [
            ("credential_env", written.credential_env.is_some()),
            ("credential_file", written.credential_file.is_some()),
            ("credential_command", written.credential_command.is_some()),
            ("oauth", written.oauth.is_some()),
        ];
        self.only_for("url", &surplus, written);
        let command = written.command.iter().flatten();
        let command: Vec<String> = command.map(|text| self.homes.written(text.get_ref())).collect();
        if command.first().is_none_or(String::is_empty) {
            let problem = Problem::new("`command` names no program", "write program and arguments");
            self.note(problem, Some(written.name.span()));
            return None;
        }
        let jailed =
            self.word(written.jail.clone(), (Jailed::from_word, "`on` or `off`"), Jailed::On);
        Some(ServerWay::Stdio {
            command,
            environment: self.plain_variables(&written.environment),
            environment_from: written.environment_from.clone(),
            environment_files: self.variables_in_files(&written.environment_files),
            reads: self.paths_of_server(&written.reads),
            writes: self.paths_of_server(&written.writes),
            hosts: self.hosts(&written.hosts),
            jailed,
        })
    }

    fn http(&mut self, url: &Text, written: &file::McpServer) -> Option<ServerWay> {
        let surplus = [
            ("reads", !written.reads.is_empty()),
            ("writes", !written.writes.is_empty()),
            ("hosts", !written.hosts.is_empty()),
            ("jail", written.jail.is_some()),
            ("environment", !written.environment.is_empty()),
            ("environment_from", !written.environment_from.is_empty()),
            ("environment_files", !written.environment_files.is_empty()),
        ];
        self.only_for("command", &surplus, written);
        let address = self.address_of_server(url)?;
        Some(ServerWay::Http { url: address, credential: self.server_credential(written) })
    }

    /// Keys that mean nothing for the other way to a server.
    fn only_for(&mut self, way: &str, surplus: &[(&str, bool)], written: &file::McpServer) {
        for (key, _) in surplus.iter().filter(|(_, there)| *there) {
            let message = format!("`{key}` is only for a server with `{way}`");
            self.note(Problem::new(message, "take it out"), Some(written.name.span()));
        }
    }

    /// `https`, or `http` on this machine; without name, password and fragment.
    pub(super) fn address_of_server(&mut self, text: &Text) -> Option<Url> {
        let url = self.parsed::<Url>(text)?;
        let here = match url.host() {
            Some(url::Host::Domain(name)) => name == "localhost",
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        let fits = url.scheme() == "https" || (url.scheme() == "http" && here);
        let bare =
            url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        if !fits || !bare {
            let message = format!("`{}` is no address of a server", short(text.get_ref()));
            let fix = "write `https://…`, or `http://…` on this machine; a token goes into `credential_env`, \
                       `credential_file`, `credential_command` or `oauth`";
            self.note(Problem::new(message, fix), Some(text.span()));
            return None;
        }
        Some(url)
    }

    fn server_credential(&mut self, written: &file::McpServer) -> ServerCredential {
        let given = [
            written.credential_env.is_some(),
            written.credential_file.is_some(),
            written.credential_command.is_some(),
            written.oauth.is_some(),
        ];
        if given.into_iter().filter(|there| *there).count() > 1 {
            let problem = Problem::new("several credentials for one server", "keep one of them");
            self.note(problem, Some(written.name.span()));
        }
        if let Some(name) = &written.credential_env {
            return ServerCredential::Environment(name.get_ref().clone());
        }
        if let Some(file) = &written.credential_file {
            return ServerCredential::File(self.homes.resolve(file.get_ref(), &self.base()));
        }
        if let Some(words) = &written.credential_command {
            return ServerCredential::Command(
                words.iter().map(|text| text.get_ref().clone()).collect(),
            );
        }
        match &written.oauth {
            Some(oauth) => self.oauth(oauth, written),
            None => ServerCredential::None,
        }
    }

    fn oauth(&mut self, oauth: &file::OAuth, written: &file::McpServer) -> ServerCredential {
        let grant = self.word(
            oauth.grant.clone(),
            (OAuthGrant::from_word, "`authorization_code` or `client_credentials`"),
            OAuthGrant::AuthorizationCode,
        );
        let secret = match (&oauth.client_secret_env, &oauth.client_secret_file) {
            (Some(name), None) => Some(ServerCredential::Environment(name.get_ref().clone())),
            (None, Some(file)) => {
                Some(ServerCredential::File(self.homes.resolve(file.get_ref(), &self.base())))
            }
            (None, None) => None,
            (Some(_), Some(file)) => {
                let problem = Problem::new("two secrets for one client", "keep one of them");
                self.note(problem, Some(file.span()));
                None
            }
        };
        if oauth.client_id.is_none() && (secret.is_some() || grant == OAuthGrant::ClientCredentials)
        {
            let problem =
                Problem::new("`oauth` has no `client_id`", "write the id that was registered");
            self.note(problem, Some(written.name.span()));
        }
        // Compared exactly with what the authorization server says of itself: it is only looked at as an address here.
        let issuer = oauth.issuer.as_ref().filter(|text| self.parsed::<Url>(text).is_some());
        if oauth.client_id.is_some() && oauth.issuer.is_none() {
            let problem = Problem::new(
                "`oauth` has a `client_id` but no `issuer`",
                "write the issuer where that id was registered: its secret is shown to nobody else",
            );
            self.note(problem, Some(written.name.span()));
        }
        let metadata = oauth.client_metadata_url.as_ref().and_then(|text| self.parsed::<Url>(text));
        ServerCredential::OAuth(Box::new(OAuth {
            grant,
            client_id: oauth.client_id.as_ref().map(|text| text.get_ref().clone()),
            client_secret: secret.map(Box::new),
            issuer: issuer.map(|text| text.get_ref().clone()),
            client_metadata_url: metadata,
            scopes: oauth.scopes.clone(),
        }))
    }

    fn pack(&mut self, text: &Text) -> Option<String> {
        if contract::packs::named(text.get_ref()).is_some() {
            return Some(text.get_ref().clone());
        }
        let known = contract::packs::all().iter().map(|pack| pack.name.as_str());
        let near = contract::closest(text.get_ref(), known);
        let near = near.map(|near| format!(", did you mean `{near}`?")).unwrap_or_default();
        let message = format!("there is no pack `{}`{near}", short(text.get_ref()));
        let fix =
            "`checkrein tools packs` lists them; without a pack each tool is classified by itself";
        self.note(Problem::new(message, fix), Some(text.span()));
        None
    }

    fn offers(&mut self, written: &[Text]) -> std::collections::BTreeSet<Part> {
        let mut parts = std::collections::BTreeSet::new();
        for text in written {
            match Part::from_word(text.get_ref()) {
                Some(part) => {
                    parts.insert(part);
                }
                None => {
                    let message =
                        format!("`{}` is nothing that a server offers", short(text.get_ref()));
                    self.note(Problem::new(message, format!("write {PARTS}")), Some(text.span()));
                }
            }
        }
        parts
    }

    /// Whether what is said fits a tool is asked when the server has described it.
    fn attempts(
        &mut self,
        written: BTreeMap<String, contract::attempts::Written>,
        at: std::ops::Range<usize>,
    ) -> BTreeMap<String, Attempts> {
        let mut all = BTreeMap::new();
        for (tool, written) in written {
            match contract::attempts::meaning(written) {
                Ok(attempts) => drop(all.insert(tool, attempts)),
                Err((what, fix)) => {
                    let message = format!("attempts of `{}`: {what}", short(&tool));
                    self.note(Problem::new(message, fix), Some(at.clone()));
                }
            }
        }
        all
    }

    fn timeout(&mut self, written: Option<&file::Number>) -> Duration {
        let Some(number) = written else { return limits::SERVER_TIMEOUT_DEFAULT };
        let given = Duration::from_millis(*number.get_ref());
        if given.is_zero() || given > limits::TOOL_TIMEOUT_MAX {
            let message = format!("`{}` is out of bounds", number.get_ref());
            let most = limits::TOOL_TIMEOUT_MAX.as_millis();
            let fix = format!("write a number from 1 to {most}");
            self.note(Problem::new(message, fix), Some(number.span()));
        }
        given
    }

    fn hosts(&mut self, written: &[Text]) -> Vec<HostPort> {
        let mut hosts = Vec::new();
        for text in written {
            match contract::command::rules::host_port(text.get_ref()) {
                Ok(host) => hosts.push(host),
                Err(fault) => self.wrong(fault, text.span()),
            }
        }
        hosts
    }

    /// Paths that a server's jail holds: they must be there, because it cannot start without them.
    fn paths_of_server(&mut self, written: &[Text]) -> Vec<PathBuf> {
        if let Some(surplus) = written.get(limits::JAIL_PATHS_MAX) {
            self.too_many("paths", limits::JAIL_PATHS_MAX, surplus.span());
        }
        let mut paths = Vec::new();
        for text in written {
            let path = self.homes.resolve(text.get_ref(), &self.base());
            let kernel = ["/proc", "/dev", "/sys"].iter().any(|own| path.starts_with(own));
            let problem = if kernel || path.parent().is_none() {
                let message = format!("no server can be given `{}`", short(text.get_ref()));
                Some(Problem::new(message, "name the directory or file that it needs"))
            } else if !path.exists() {
                let message = format!("`{}` is not there", short(text.get_ref()));
                Some(Problem::new(message, "correct it, or take it out"))
            } else {
                None
            };
            match problem {
                Some(problem) => self.note(problem, Some(text.span())),
                None => paths.push(path),
            }
        }
        paths
    }

    fn variables_in_files(&self, written: &BTreeMap<String, Text>) -> Vec<(String, PathBuf)> {
        let base = self.base();
        let place = |text: &Text| self.homes.resolve(text.get_ref(), &base);
        written.iter().map(|(name, text)| (name.clone(), place(text))).collect()
    }

    /// Variables of a server are its own business: it is no command that an agent chose.
    fn plain_variables(&mut self, written: &BTreeMap<String, Text>) -> Vec<(String, String)> {
        let mut variables = Vec::new();
        for (name, value) in written {
            let good =
                !name.is_empty() && !name.contains(['=', '\0']) && !value.get_ref().contains('\0');
            if !good {
                let message = format!("`{}` cannot be the name of a variable", short(name));
                self.note(Problem::new(message, "write a name and a text"), Some(value.span()));
            }
            variables.push((name.clone(), value.get_ref().clone()));
        }
        variables
    }
}

/// Names that tools of Checkrein's own begin with.
fn is_ours(name: &Name) -> bool {
    matches!(name.as_str(), "files" | "git" | "command" | "checkrein" | "mcp")
}
