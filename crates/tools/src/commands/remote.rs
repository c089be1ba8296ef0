//! What a dispatched command may reach: the hosts of its contract, and the remote that the call names.
//!
//! In: a command line. Out: rules for the jail's connecting proxy, a bare repository of this machine as a mount, and the
//! credential as variables of the one process. A credential is read here, when a call is dispatched, and stands
//! nowhere else: not in the workspace, not in the words of the command. A preview never comes here.
//! Tests are at the end and in `tests/git.rs`.

use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::{CommandLine, CredentialSource, Remote};
use runner::{HostRule, Mount, MountAccess, Network};

use super::problem::Trouble;

/// What a command that talks to a remote has beside that.
#[derive(Debug)]
pub(super) struct RemoteParts {
    pub(super) environment: Vec<(String, String)>,
    pub(super) mounts: Vec<Mount>,
    pub(super) network: Network,
}

impl RemoteParts {
    /// What one dispatch may reach: the remote's own host, or its directory on this machine.
    pub(super) fn of(command: &CommandLine) -> Result<Self, Trouble> {
        let hosts = command.needs.hosts.iter().map(|host| HostRule {
            host: host.host.clone(),
            port: host.port,
            private_allowed: false,
        });
        let mut hosts: Vec<HostRule> = hosts.collect();
        let mut parts =
            Self { environment: Vec::new(), mounts: Vec::new(), network: Network::None };
        if let Some(remote) = &command.remote {
            match place_of(remote)? {
                Place::Directory(path) => {
                    let access = match writes(command) {
                        true => MountAccess::Write,
                        false => MountAccess::Read,
                    };
                    parts.mounts.push(Mount { path, access });
                }
                // The operator named this very address, wherever it leads.
                Place::Host(host, port) => {
                    hosts.retain(|rule| (rule.host.as_str(), rule.port) != (host.as_str(), port));
                    hosts.push(HostRule { host, port, private_allowed: true });
                    // Without exceptions for loopback, which in a jail is the jail's own and not what was named.
                    let none = |name: &str| (name.to_owned(), String::new());
                    parts.environment.extend(["no_proxy", "NO_PROXY"].map(none));
                }
            }
            parts.environment.extend(credential(remote)?);
        }
        if !hosts.is_empty() {
            parts.network = Network::Hosts(hosts);
        }
        Ok(parts)
    }
}

/// Whether the command changes the remote.
fn writes(command: &CommandLine) -> bool {
    command.arguments.first().is_some_and(|word| word == "push")
}

enum Place {
    Directory(PathBuf),
    Host(String, u16),
}

fn place_of(remote: &Remote) -> Result<Place, Trouble> {
    let wrong = || {
        Trouble::Git(format!(
            "the remote `{}` has no address that can be reached; expected `https://…`, `http://…` or an absolute path",
            remote.name
        ))
    };
    let (rest, port) =
        match (remote.url.strip_prefix("https://"), remote.url.strip_prefix("http://")) {
            (Some(rest), _) => (rest, 443),
            (None, Some(rest)) => (rest, 80),
            (None, None) if remote.url.starts_with('/') => {
                // A link would be another path in the jail, where what it leads to is not mounted.
                let path = std::fs::canonicalize(&remote.url).map_err(|_| wrong())?;
                return Ok(Place::Directory(path));
            }
            (None, None) => return Err(wrong()),
        };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    // A name and password in the address would be printed by git.
    if authority.contains('@') || authority.is_empty() {
        return Err(wrong());
    }
    match authority.rsplit_once(':') {
        Some((host, digits)) if !digits.ends_with(']') => {
            let port = digits.parse().map_err(|_| wrong())?;
            Ok(Place::Host(bare(host), port))
        }
        Some(_) | None => Ok(Place::Host(bare(authority), port)),
    }
}

/// A host without the brackets that an IPv6 address has in an address, in lower case.
fn bare(host: &str) -> String {
    host.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase()
}

/// The credential as a header, for the address of the remote only, in variables of the one process.
fn credential(remote: &Remote) -> Result<Vec<(String, String)>, Trouble> {
    let Some(source) = &remote.credential else { return Ok(Vec::new()) };
    if remote.url.starts_with('/') {
        return Ok(Vec::new());
    }
    let wrong = |why: String| Trouble::Credential { remote: remote.name.clone(), why };
    let secret = match source {
        CredentialSource::Environment(name) => {
            std::env::var(name).map_err(|_| wrong(format!("the variable `{name}` is not set")))?
        }
        CredentialSource::File(path) => read_secret(Path::new(path))
            .map_err(|why| wrong(format!("the file `{path}`: {why}")))?,
    };
    let secret = secret.trim();
    if secret.is_empty() || secret.contains(|letter: char| letter.is_control()) {
        return Err(wrong("it is empty or has several lines".to_owned()));
    }
    // A token alone goes with the name that GitHub, GitLab and others take for any token.
    let pair =
        if secret.contains(':') { secret.to_owned() } else { format!("x-access-token:{secret}") };
    let header = format!("Authorization: Basic {}", STANDARD.encode(pair));
    let variables = [
        ("GIT_CONFIG_COUNT", "1".to_owned()),
        ("GIT_CONFIG_KEY_0", format!("http.{}.extraHeader", remote.url)),
        ("GIT_CONFIG_VALUE_0", header),
    ];
    Ok(variables.map(|(name, value)| (name.to_owned(), value)).to_vec())
}

/// Bytes of one credential.
const SECRET_BYTES_MAX: u64 = 8 << 10;

fn read_secret(path: &Path) -> Result<String, String> {
    use std::io::Read as _;
    let file = std::fs::File::open(path).map_err(|error| error.kind().to_string())?;
    let stat = rustix::fs::fstat(file.as_fd()).map_err(|errno| errno.to_string())?;
    if stat.st_mode & 0o077 != 0 {
        return Err("others may read it; expected mode 0600".to_owned());
    }
    let mut text = String::new();
    file.take(SECRET_BYTES_MAX)
        .read_to_string(&mut text)
        .map_err(|error| error.kind().to_string())?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use domain::{CommandFacts, HostPort, JailNeeds, Profile};

    use super::*;

    fn command(url: &str, words: &[&str], credential: Option<CredentialSource>) -> CommandLine {
        let host = HostPort { host: "git.example.com".to_owned(), port: 443 };
        CommandLine {
            program: "git".to_owned(),
            arguments: words.iter().map(|word| (*word).to_owned()).collect(),
            needs: JailNeeds { hosts: vec![host], ..JailNeeds::default() },
            profile: Profile::Git,
            remote: Some(Remote { name: "origin".to_owned(), url: url.to_owned(), credential }),
            facts: CommandFacts { program: "git".to_owned(), role: None, starts_programs: false },
        }
    }

    fn check(url: &str, expect: Result<&[(&str, u16, bool)], &str>) {
        match (RemoteParts::of(&command(url, &["fetch"], None)), expect) {
            (Ok(parts), Ok(expect)) => {
                let Network::Hosts(rules) = parts.network else { panic!("{url}: no network") };
                let found: Vec<_> = rules
                    .iter()
                    .map(|rule| (rule.host.as_str(), rule.port, rule.private_allowed))
                    .collect();
                assert_eq!(found, expect, "{url}");
            }
            (Err(trouble), Err(part)) => assert!(trouble.to_string().contains(part), "{trouble}"),
            (found, expect) => panic!("{url}: {found:?}, expected {expect:?}"),
        }
    }

    #[test]
    fn only_the_remotes_own_address_may_be_private() {
        let named = ("git.example.com", 443, false);
        check("https://git.example.com/a.git", Ok(&[("git.example.com", 443, true)]));
        check("https://GIT.example.com:8443/a", Ok(&[named, ("git.example.com", 8443, true)]));
        check("http://10.0.0.7/a", Ok(&[named, ("10.0.0.7", 80, true)]));
        check("http://[::1]:81/a", Ok(&[named, ("::1", 81, true)]));
        for refused in
            ["ssh://h/a", "ext::sh", "https://user@h/a", "https:///a", "h:a", "https://h:x/a"]
        {
            check(refused, Err("no address"));
        }
        check("/no/such/repository", Err("no address"));
    }

    #[test]
    fn a_bare_repository_is_written_to_by_a_push_only() {
        let directory = tempfile::tempdir().unwrap();
        let url = directory.path().display().to_string();
        let access = |words: &[&str]| {
            let parts = RemoteParts::of(&command(&url, words, None)).unwrap();
            parts.mounts.iter().map(|mount| mount.access).collect::<Vec<_>>()
        };
        assert_eq!(access(&["push", "--porcelain"]), [MountAccess::Write]);
        assert_eq!(access(&["fetch", "push"]), [MountAccess::Read]);
    }

    #[test]
    fn a_credential_stands_in_variables_for_its_own_address_only() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("token");
        let source = || Some(CredentialSource::File(path.display().to_string()));
        let url = "https://git.example.com/a.git";
        let parts = || RemoteParts::of(&command(url, &["push"], source()));
        assert!(parts().unwrap_err().to_string().contains("`origin` cannot be read"));
        std::fs::write(&path, "hunter2-hunter2\n").unwrap();
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o644))
            .unwrap();
        assert!(parts().unwrap_err().to_string().contains("0600"));
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600))
            .unwrap();
        let variables = parts().unwrap().environment;
        let header = STANDARD.encode("x-access-token:hunter2-hunter2");
        let expect = [
            ("no_proxy", String::new()),
            ("NO_PROXY", String::new()),
            ("GIT_CONFIG_COUNT", "1".to_owned()),
            ("GIT_CONFIG_KEY_0", format!("http.{url}.extraHeader")),
            ("GIT_CONFIG_VALUE_0", format!("Authorization: Basic {header}")),
        ];
        assert_eq!(variables, expect.map(|(name, value)| (name.to_owned(), value)));
        for wrong in ["", "a\nb"] {
            std::fs::write(&path, wrong).unwrap();
            let error = parts().unwrap_err().to_string();
            assert!(
                error.contains("empty or has several lines") && !error.contains('\n'),
                "{error}"
            );
        }
        let missing = Some(CredentialSource::Environment("CHECKREIN_NO_SUCH_VARIABLE".to_owned()));
        let error = RemoteParts::of(&command(url, &["push"], missing)).unwrap_err().to_string();
        assert!(error.contains("`CHECKREIN_NO_SUCH_VARIABLE` is not set"), "{error}");
    }
}
