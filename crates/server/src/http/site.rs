//! Under which addresses this server is reached, and what of a browser's requests follows from that: hosts, origins, cookies.
//!
//! In: configuration and the port that was bound. Out: whether a request is for us and from our own pages (RFC 6454), the
//! name and the kind of cookies, the addresses that people are given. Loopback names are always ours; a public address only
//! as configured. Tests are at the end, and in `guard.rs`.

use axum::http::HeaderMap;
use axum::http::header::{COOKIE, HOST};
use url::{Position, Url};

use crate::passkey;

const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// Where this server is.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    pub(crate) port: u16,
    /// Whether it speaks TLS itself.
    pub(crate) tls: bool,
    /// The address that others use.
    pub(crate) public: Option<Url>,
}

/// Which cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cookie {
    /// A session.
    Session,
    /// A login at an issuer that is under way in this browser.
    Login,
}

impl Site {
    /// The scheme of pages under a host that is ours; none for any other host.
    pub(crate) fn scheme(&self, host: &str) -> Option<&'static str> {
        if self.is_loopback(host) {
            return Some(if self.tls { "https" } else { "http" });
        }
        let public = self.public.as_ref()?;
        let authority = &public[Position::BeforeHost..Position::AfterPort];
        let with_port = public
            .port_or_known_default()
            .map(|port| format!("{}:{port}", public.host_str().unwrap_or_default()));
        let same = host.eq_ignore_ascii_case(authority)
            || with_port.is_some_and(|with_port| host.eq_ignore_ascii_case(&with_port));
        same.then_some(if public.scheme() == "https" { "https" } else { "http" })
    }

    fn is_loopback(&self, host: &str) -> bool {
        let usual = if self.tls { 443 } else { 80 };
        NAMES.iter().any(|name| {
            let rest = host.get(..name.len()).filter(|head| head.eq_ignore_ascii_case(name));
            let rest = rest.and_then(|_| host.get(name.len()..));
            rest.is_some_and(|rest| match rest.strip_prefix(':') {
                Some(given) => given == self.port.to_string(),
                None => rest.is_empty() && self.port == usual,
            })
        })
    }

    /// The address that people are given, without a slash at its end.
    pub(crate) fn base(&self) -> String {
        match &self.public {
            Some(public) => public[..Position::AfterPort].to_owned(),
            None => {
                format!("{}://localhost:{}", if self.tls { "https" } else { "http" }, self.port)
            }
        }
    }

    /// Where passkeys hold.
    pub(crate) fn passkeys(&self) -> passkey::Site {
        let rp_id = self.public.as_ref().and_then(Url::host_str).unwrap_or("localhost");
        passkey::Site { rp_id: rp_id.to_owned(), origins: vec![self.base()] }
    }

    /// What a cookie is called under the host of a request. Under https its name promises the browser that only this host
    /// set it (RFC 6265bis, section 4.1.3.2); else the port is in it, as cookies know no ports.
    fn cookie_name(&self, headers: &HeaderMap, cookie: Cookie) -> String {
        let name = match cookie {
            Cookie::Session => "checkrein_session",
            Cookie::Login => "checkrein_login",
        };
        if self.is_secure(headers) {
            format!("__Host-{name}")
        } else {
            format!("{name}_{}", self.port)
        }
    }

    fn is_secure(&self, headers: &HeaderMap) -> bool {
        let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        self.scheme(host) == Some("https")
    }

    /// The value of a cookie; none where it is not there, or there twice.
    pub(crate) fn cookie(&self, headers: &HeaderMap, cookie: Cookie) -> Option<String> {
        let name = self.cookie_name(headers, cookie);
        let texts = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let pairs = texts.flat_map(|text| text.split(';')).filter_map(|pair| pair.split_once('='));
        let mut found = pairs.filter(|(known, _)| known.trim() == name).map(|(_, value)| value);
        match (found.next(), found.next()) {
            (Some(value), None) => Some(value.trim().to_owned()),
            (Some(_), Some(_)) | (None, _) => None,
        }
    }

    /// The header that sets a cookie for so many seconds; zero takes it away. A session never comes along from another
    /// site; a login does, with the person that the issuer sends back.
    pub(crate) fn set_cookie(
        &self,
        headers: &HeaderMap,
        (cookie, value): (Cookie, &str),
        seconds: u64,
    ) -> String {
        let name = self.cookie_name(headers, cookie);
        let same_site = match cookie {
            Cookie::Session => "Strict",
            Cookie::Login => "Lax",
        };
        let secure = if self.is_secure(headers) { "; Secure" } else { "" };
        format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite={same_site}{secure}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public(text: &str) -> Site {
        Site { port: 7420, tls: false, public: Some(Url::parse(text).unwrap()) }
    }

    fn headers(host: &str, cookie: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, host.parse().unwrap());
        headers.insert(COOKIE, cookie.parse().unwrap());
        headers
    }

    #[test]
    fn a_public_address_is_ours_as_configured_and_no_other() {
        let site = public("https://rein.example.com");
        for host in ["rein.example.com", "rein.example.com:443", "REIN.example.com"] {
            assert_eq!(site.scheme(host), Some("https"), "{host}");
        }
        for host in [
            "example.com",
            "rein.example.com:7420",
            "rein.example.com.evil.net",
            "x@rein.example.com",
        ] {
            assert_eq!(site.scheme(host), None, "{host}");
        }
        assert_eq!(site.scheme("localhost:7420"), Some("http"));
        assert_eq!(site.base(), "https://rein.example.com");
        assert_eq!(site.passkeys().rp_id, "rein.example.com");
        assert_eq!(
            public("https://rein.example.com:8443/").base(),
            "https://rein.example.com:8443"
        );
    }

    #[test]
    fn cookies_are_for_this_host_alone_under_https_and_named_by_port_else() {
        let site = public("https://rein.example.com");
        let set = site.set_cookie(&headers("rein.example.com", ""), (Cookie::Session, "v"), 60);
        assert_eq!(
            set,
            "__Host-checkrein_session=v; Path=/; Max-Age=60; HttpOnly; SameSite=Strict; Secure"
        );
        let set = site.set_cookie(&headers("localhost:7420", ""), (Cookie::Login, "v"), 0);
        assert_eq!(set, "checkrein_login_7420=v; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
        let read = |host, text| site.cookie(&headers(host, text), Cookie::Session);
        assert_eq!(read("localhost:7420", "a=b; checkrein_session_7420=x").as_deref(), Some("x"));
        assert_eq!(read("localhost:7420", "checkrein_session_7421=x"), None);
        assert_eq!(
            read("rein.example.com", "checkrein_session_7420=x"),
            None,
            "set by a page of http"
        );
        let twice = "__Host-checkrein_session=x; __Host-checkrein_session=y";
        assert_eq!(read("rein.example.com", twice), None);
    }
}
