//! How the server is reached: address, public address, TLS, the proxy before it; and where people log in.
//! In: their twins from the file. Out: checked values. Whoever can be reached from outside speaks TLS, or stands behind one
//! named proxy that does. Tests: `tests/it/reach.rs`.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use contract::visible::short;
use domain::{Code, Name, Role, Roles, limits};
use url::Url;

use super::super::{DEFAULT_TENANT, LoginIssuer, TlsFiles};
use super::file::Text;
use super::{Problem, Reader, file};

/// What `[server]` says of how it is reached.
pub(super) struct Reach {
    pub(super) listen: SocketAddr,
    pub(super) public_url: Option<Url>,
    pub(super) tls: Option<TlsFiles>,
    pub(super) trusted_proxy: Option<IpAddr>,
}

impl Reader<'_> {
    pub(super) fn reach(
        &mut self,
        (listen, public): (Option<Text>, Option<Text>),
        (tls, proxy): (Option<file::Tls>, Option<Text>),
    ) -> Reach {
        let public_url = self.text("CHECKREIN_PUBLIC_URL", public);
        let public_url = public_url.and_then(|text| self.public_url(&text));
        let trusted_proxy = proxy.and_then(|text| self.parsed::<IpAddr>(&text));
        let tls = tls.map(|tls| self.tls(&tls));
        let protected = (tls.is_some() || trusted_proxy.is_some()) && public_url.is_some();
        let listen = self.listen(listen, protected);
        Reach { listen, public_url, tls, trusted_proxy }
    }

    fn listen(&mut self, written: Option<Text>, protected: bool) -> SocketAddr {
        let default = SocketAddr::from(([127, 0, 0, 1], 7420));
        let Some(text) = self.text("CHECKREIN_LISTEN", written) else { return default };
        let Ok(address) = text.get_ref().parse::<SocketAddr>() else {
            let message = format!("`{}` is not an address", text.get_ref());
            self.note(
                Problem::new(message, "write one such as `127.0.0.1:7420`"),
                Some(text.span()),
            );
            return default;
        };
        if !address.ip().is_loopback() && !protected {
            let message =
                format!("refusal to listen on `{address}`: it can be reached from outside");
            let fix = "use `127.0.0.1:7420`, or set `server.public_url` and either `server.tls` or `server.trusted_proxy`";
            let problem = Problem::new(message, fix).coded(Code::BindRefused);
            self.note(problem, Some(text.span()));
            return default;
        }
        address
    }

    /// An origin and nothing else: `https://name[:port]`.
    fn public_url(&mut self, text: &Text) -> Option<Url> {
        let url = self.parsed::<Url>(text)?;
        let named = matches!(url.host(), Some(url::Host::Domain(_)));
        let bare = url.username().is_empty() && url.password().is_none();
        let nothing_else = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if url.scheme() != "https" || !named || !bare || !nothing_else {
            let message = format!("`{}` is no public address", short(text.get_ref()));
            let fix = "write `https://` and a name, such as `https://checkrein.example.com`; passkeys hold for names only";
            self.note(Problem::new(message, fix), Some(text.span()));
            return None;
        }
        Some(url)
    }

    fn tls(&mut self, written: &file::Tls) -> TlsFiles {
        let base = self.base();
        let mut there = |text: &Text| {
            let path = self.homes.resolve(text.get_ref(), &base);
            if !path.is_file() {
                let message = format!("`{}` is not a file", path.display());
                self.note(Problem::new(message, "put a PEM file there"), Some(text.span()));
            }
            path
        };
        TlsFiles { certificate: there(&written.certificate), key: there(&written.key) }
    }

    pub(super) fn login_issuers(&mut self, written: Vec<file::LoginIssuer>) -> Vec<LoginIssuer> {
        if let Some(surplus) = written.get(limits::LOGIN_ISSUERS_MAX) {
            self.too_many("login issuers", limits::LOGIN_ISSUERS_MAX, surplus.name.span());
            return Vec::new();
        }
        let mut issuers: Vec<LoginIssuer> = Vec::new();
        for each in written {
            let at = each.name.span();
            let Some(issuer) = self.login_issuer(each) else { continue };
            if issuers.iter().any(|other| other.name == issuer.name) {
                let message = format!("login issuer `{}` is named twice", issuer.name);
                self.note(Problem::new(message, "name it once"), Some(at.clone()));
            }
            // One person at one issuer is one person here, in one tenant.
            let elsewhere = |other: &&LoginIssuer| {
                other.issuer == issuer.issuer && other.tenant != issuer.tenant
            };
            if let Some(other) = issuers.iter().find(elsewhere) {
                let message = format!(
                    "login issuers `{}` and `{}` have one address and two tenants",
                    other.name, issuer.name
                );
                self.note(Problem::new(message, "use an issuer for one tenant"), Some(at));
            }
            issuers.push(issuer);
        }
        issuers
    }

    fn login_issuer(&mut self, written: file::LoginIssuer) -> Option<LoginIssuer> {
        let name = self.parsed::<Name>(&written.name);
        let issuer = self.address_of_server(&written.issuer).is_some();
        if written.client_id.get_ref().is_empty() {
            let problem =
                Problem::new("the client id is empty", "write the one of Checkrein there");
            self.note(problem, Some(written.client_id.span()));
        }
        let tenant = match &written.tenant {
            Some(text) => self.parsed(text),
            None => DEFAULT_TENANT.parse().ok(),
        };
        let base = self.base();
        let secret = written.client_secret_file.as_ref();
        let client_secret_file = secret.map(|text| self.homes.resolve(text.get_ref(), &base));
        if let (Some(path), Some(text)) = (&client_secret_file, secret)
            && !path.is_file()
        {
            let message = format!("`{}` is not a file", path.display());
            self.note(Problem::new(message, "put the client's secret there"), Some(text.span()));
        }
        let roles = self.claimed(&written.roles, |reader, texts| {
            let roles = texts.iter().map(|text| reader.role_of_person(text));
            roles.collect::<Option<Roles>>()
        });
        let groups = self.claimed(&written.groups, |reader, texts| {
            texts.iter().map(|text| reader.parsed::<Name>(text)).collect::<Option<Vec<Name>>>()
        });
        let name = name?;
        issuer.then(|| LoginIssuer {
            title: written.title.map_or_else(|| name.to_string(), |text| text.into_inner()),
            issuer: written.issuer.into_inner(),
            client_id: written.client_id.into_inner(),
            client_secret_file,
            tenant: tenant.unwrap_or_else(|| name.clone()),
            name_claim: word(written.name_claim, "preferred_username"),
            claim: word(written.claim, "groups"),
            roles,
            groups,
            name,
        })
    }

    fn claimed<T>(
        &mut self,
        written: &BTreeMap<String, Vec<Text>>,
        each: impl Fn(&mut Self, &[Text]) -> Option<T>,
    ) -> BTreeMap<String, T> {
        let read =
            written.iter().filter_map(|(value, texts)| Some((value.clone(), each(self, texts)?)));
        read.collect()
    }

    fn role_of_person(&mut self, text: &Text) -> Option<Role> {
        let role = Role::from_word(text.get_ref());
        if role.is_none() {
            let message = format!("`{}` is no role", short(text.get_ref()));
            let fix =
                "write `viewer`, `operator`, `approver`, `policy_author`, `auditor` or `admin`";
            self.note(Problem::new(message, fix), Some(text.span()));
        }
        role
    }
}

fn word(given: Option<Text>, default: &str) -> String {
    given.map_or_else(|| default.to_owned(), |text| text.into_inner())
}
