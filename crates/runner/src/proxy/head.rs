//! The head of one request to the proxy, read strictly.
//!
//! In: bytes up to the empty line, and what came after it. Out: where it wants to go, and for plain `http` the head as it
//! is sent on: with a path instead of a whole address, the right `Host`, and one request only. Anything unclear is no
//! head at all: two readers of one head must not see two different hosts. Tests are at the end.

/// A request that names its host.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) kind: Kind,
    /// What came after the head already.
    pub(super) rest: Vec<u8>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Connect,
    /// The head to send on, and how long the body is.
    Plain {
        forward: Vec<u8>,
        body: Body,
    },
}

/// How long a body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Body {
    Bytes(u64),
}

/// Headers that are about this connection and not sent on.
const OWN: &[&str] = &[
    "connection",
    "host",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "upgrade",
];

/// Where the head ends, with its empty line.
pub(super) fn end(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4)
}

impl Head {
    pub(super) fn parse(bytes: &[u8], end: usize) -> Option<Self> {
        let text = std::str::from_utf8(bytes.get(..end)?).ok()?.strip_suffix("\r\n\r\n")?;
        let rest = bytes.get(end..)?.to_vec();
        if text.chars().any(|one| one.is_control() && !matches!(one, '\r' | '\n' | '\t')) {
            return None;
        }
        let mut lines = text.split("\r\n");
        let mut words = lines.next()?.split(' ');
        let (method, target, version) = (words.next()?, words.next()?, words.next()?);
        if words.next().is_some() || !matches!(version, "HTTP/1.1" | "HTTP/1.0") {
            return None;
        }
        if method == "CONNECT" {
            let (host, port) = authority(target, None)?;
            return Some(Self { host, port, kind: Kind::Connect, rest });
        }
        let (authority_text, path) = split_target(target)?;
        let (host, port) = authority(authority_text, Some(80))?;
        let mut forward =
            format!("{} {path} HTTP/1.1\r\nHost: {authority_text}\r\n", token(method)?);
        let body = headers(lines, &mut forward)?;
        forward.push_str("Connection: close\r\n\r\n");
        Some(Self { host, port, kind: Kind::Plain { forward: forward.into_bytes(), body }, rest })
    }
}

fn split_target(target: &str) -> Option<(&str, String)> {
    let scheme = target.get(..7)?;
    let rest = target.get(7..)?;
    if !scheme.eq_ignore_ascii_case("http://") || rest.contains('#') {
        return None;
    }
    let at = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(at);
    Some((authority, if path.starts_with('/') { path.to_owned() } else { format!("/{path}") }))
}

/// A host and a port; names of users are not for a proxy.
fn authority(text: &str, port: Option<u16>) -> Option<(String, u16)> {
    let (host, rest) = match text.strip_prefix('[') {
        Some(bracketed) => bracketed.split_once(']')?,
        None => text.split_at(text.find(':').unwrap_or(text.len())),
    };
    let port = match rest.strip_prefix(':') {
        Some(digits) if digits.chars().all(|one| one.is_ascii_digit()) => digits.parse().ok()?,
        Some(_) => return None,
        None if rest.is_empty() => port?,
        None => return None,
    };
    let plain = host.chars().all(|one| one.is_ascii_alphanumeric() || "-._:".contains(one));
    let fits = !host.is_empty() && host.len() <= crate::limits::HOST_CHARS_MAX;
    (plain && fits && port != 0).then(|| (host.to_owned(), port))
}

/// Copies headers, and finds the one length of the body.
fn headers<'a>(lines: impl Iterator<Item = &'a str>, forward: &mut String) -> Option<Body> {
    let mut length = None;
    for line in lines {
        // A bare line feed, or a header folded over two lines, is where readers differ.
        if line.contains(['\r', '\n']) {
            return None;
        }
        let (name, value) = line.split_once(':')?;
        let name = token(name)?.to_ascii_lowercase();
        let value = value.trim_matches([' ', '\t']);
        match name.as_str() {
            // Without a length there is no telling where one request ends and a hidden one begins.
            "transfer-encoding" => return None,
            "content-length" if length.is_some() => return None,
            "content-length" if value.chars().all(|one| one.is_ascii_digit()) => {
                length = Some(value.parse::<u64>().ok()?);
            }
            "content-length" => return None,
            _ if OWN.contains(&name.as_str()) => continue,
            _ => {}
        }
        forward.push_str(&format!("{name}: {value}\r\n"));
    }
    Some(Body::Bytes(length.unwrap_or(0)))
}

fn token(text: &str) -> Option<&str> {
    let plain =
        text.chars().all(|one| one.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(one));
    (plain && !text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Option<Head> {
        let bytes = text.as_bytes();
        Head::parse(bytes, end(bytes)?)
    }

    fn check(text: &str, expect: Option<(&str, u16)>) {
        let found = parse(text).map(|head| (head.host, head.port));
        assert_eq!(found, expect.map(|(host, port)| (host.to_owned(), port)), "{text:?}");
    }

    #[test]
    fn connect_needs_a_host_and_a_port() {
        check("CONNECT a.example:443 HTTP/1.1\r\n\r\n", Some(("a.example", 443)));
        check("CONNECT [::1]:443 HTTP/1.1\r\nHost: x\r\n\r\n", Some(("::1", 443)));
        check("CONNECT a.example HTTP/1.1\r\n\r\n", None);
        check("CONNECT a.example:0 HTTP/1.1\r\n\r\n", None);
        check("CONNECT a.example:99999 HTTP/1.1\r\n\r\n", None);
        check("CONNECT user@a.example:443 HTTP/1.1\r\n\r\n", None);
        check("CONNECT a.example:443 b HTTP/1.1\r\n\r\n", None);
        check("CONNECT a.example:443 HTTP/2\r\n\r\n", None);
        check("CONNECT a\u{e4}.example:443 HTTP/1.1\r\n\r\n", None);
    }

    #[test]
    fn plain_request_is_sent_on_for_one_host_only() {
        let head = parse(
            "POST http://a.example:8080/x?y HTTP/1.1\r\nHost: b.example\r\nProxy-Authorization: s\r\n\
             Content-Length: 2\r\nAccept: */*\r\n\r\nab",
        )
        .unwrap();
        let forward = "POST /x?y HTTP/1.1\r\nHost: a.example:8080\r\ncontent-length: 2\r\naccept: */*\r\n\
                       Connection: close\r\n\r\n";
        assert_eq!(
            (head.host.as_str(), head.port, head.rest.as_slice()),
            ("a.example", 8080, b"ab".as_slice())
        );
        assert_eq!(head.kind, Kind::Plain { forward: forward.into(), body: Body::Bytes(2) });
    }

    #[test]
    fn requests_that_two_readers_read_differently_are_none() {
        for headers in [
            "Transfer-Encoding: chunked",
            "Content-Length: 1\r\nContent-Length: 2",
            "Content-Length: +1",
            "A: b\n c: d",
            "A : b",
            ": b",
            " folded",
        ] {
            check(&format!("GET http://a.example/ HTTP/1.1\r\n{headers}\r\n\r\n"), None);
        }
        check("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n", None);
        check("GET ftp://a.example/ HTTP/1.1\r\n\r\n", None);
        check("GET http://a.example@b.example/ HTTP/1.1\r\n\r\n", None);
    }
}
