//! The connecting proxy: the only way out of a jail that may reach named hosts.
//!
//! ```text
//! command -> 127.0.0.1:3128 in the jail's network -> (listener passed out) -> here: head -> rule -> address -> connect
//! ```
//! In: a listener made inside the jail, and the hosts of the order. Out: connections to exactly those, and a record of
//! everything that was tried. It speaks `CONNECT`, and plain `http` one request at a time; it looks into nothing that it
//! carries. What is not named, or leads to an address that is not allowed, is refused and recorded. Tests are in
//! `tests/it`.

mod address;
mod contacts;
mod head;

use std::io;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream, lookup_host};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::timeout;

use self::contacts::{Contacts, Room};
use self::head::{Body, Head, Kind};
use crate::finished::Contact;
use crate::limits::{CONNECT_MAX, CONNECTIONS_MAX, HEAD_BYTES_MAX};
use crate::order::HostRule;

/// A proxy that serves one jail. Dropping it ends every connection.
#[derive(Debug)]
pub(crate) struct Proxy {
    contacts: Arc<Contacts>,
    /// The task that accepts; the tasks of its connections end with it.
    _accepting: JoinSet<()>,
}

/// Why a request goes nowhere, and what the command is told.
#[derive(Debug, PartialEq, Eq)]
struct Refusal {
    status: &'static str,
    why: String,
}

impl Proxy {
    pub(crate) fn start(listener: OwnedFd, rules: &[HostRule]) -> io::Result<Self> {
        let listener = std::net::TcpListener::from(listener);
        listener.set_nonblocking(true)?;
        let listener = TcpListener::from_std(listener)?;
        let contacts = Arc::new(Contacts::default());
        let rules: Arc<[HostRule]> = rules.into();
        let mut accepting = JoinSet::new();
        accepting.spawn(accept(listener, rules, Arc::clone(&contacts)));
        Ok(Self { contacts, _accepting: accepting })
    }

    /// What was tried.
    pub(crate) fn finish(self) -> Vec<Contact> {
        self.contacts.all()
    }
}

async fn accept(listener: TcpListener, rules: Arc<[HostRule]>, contacts: Arc<Contacts>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut connections = JoinSet::new();
    // Ends with an error of the listener, or when the proxy is dropped.
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        let Ok((stream, _)) = listener.accept().await else { break };
        while connections.try_join_next().is_some() {}
        let (rules, contacts) = (Arc::clone(&rules), Arc::clone(&contacts));
        connections.spawn(async move {
            // An error here is the end of one connection, which both sides see.
            let _closed = serve(stream, &rules, &contacts).await;
            drop(place);
        });
    }
}

async fn serve(mut stream: TcpStream, rules: &[HostRule], contacts: &Contacts) -> io::Result<()> {
    let head = match timeout(CONNECT_MAX, read_head(&mut stream)).await {
        Ok(Ok(Some(head))) => head,
        Ok(Ok(None)) => return refuse(&mut stream, &malformed()).await,
        Ok(Err(error)) => return Err(error),
        Err(_) => return Ok(()),
    };
    let reached = reach(&head, rules).await;
    let contact = Contact {
        host: head.host.clone(),
        port: head.port,
        reached: reached.is_ok(),
        why: match &reached {
            Ok((_, address)) => address.to_string(),
            Err(refusal) => refusal.why.clone(),
        },
    };
    // Recorded before anything is carried.
    if contacts.add(contact) == Room::Full {
        let why = "too many different destinations".into();
        return refuse(&mut stream, &Refusal { status: "429 Too Many Requests", why }).await;
    }
    match reached {
        Ok((upstream, _)) => carry(stream, upstream, &head).await,
        Err(refusal) => refuse(&mut stream, &refusal).await,
    }
}

/// Reads to the end of the head, which must come within the first bytes.
async fn read_head(stream: &mut TcpStream) -> io::Result<Option<Head>> {
    let mut bytes = Vec::with_capacity(1_024);
    loop {
        if let Some(end) = head::end(&bytes) {
            return Ok(Head::parse(&bytes, end));
        }
        if bytes.len() >= HEAD_BYTES_MAX || stream.read_buf(&mut bytes).await? == 0 {
            return Ok(None);
        }
    }
}

/// Checks name and port, resolves, checks the addresses, and connects to the very address that was checked.
async fn reach(head: &Head, rules: &[HostRule]) -> Result<(TcpStream, SocketAddr), Refusal> {
    let forbidden = |why: String| Refusal { status: "403 Forbidden", why };
    let rule = match matching(rules, head) {
        Ok(rule) => rule,
        Err(why) => return Err(forbidden(why.into())),
    };
    let bad_gateway = |why: String| Refusal { status: "502 Bad Gateway", why };
    let target = (head.host.trim_end_matches('.').to_owned(), head.port);
    let found = match timeout(CONNECT_MAX, lookup_host(target)).await {
        Ok(Ok(found)) => found,
        Ok(Err(error)) => return Err(bad_gateway(format!("the name does not resolve: {error}"))),
        Err(_) => return Err(bad_gateway("the name does not resolve in time".into())),
    };
    let mut last = bad_gateway("the name has no address".into());
    for address in found {
        if let Err(why) = address::check(address.ip(), rule.private_allowed) {
            last = forbidden(format!("{} is {why}", address.ip()));
            continue;
        }
        match timeout(CONNECT_MAX, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok((stream, address)),
            Ok(Err(error)) => last = bad_gateway(format!("{address}: {error}")),
            Err(_) => last = bad_gateway(format!("{address} does not answer in time")),
        }
    }
    Err(last)
}

/// The rule for this host and port, or which of the two is not allowed.
fn matching<'a>(rules: &'a [HostRule], head: &Head) -> Result<&'a HostRule, &'static str> {
    let mut why = "the host is not allowed";
    for rule in rules {
        if !same_host(&rule.host, &head.host) {
            continue;
        }
        if rule.port == head.port {
            return Ok(rule);
        }
        why = "the port is not allowed";
    }
    Err(why)
}

/// Names compare without case and without the root's dot.
fn same_host(rule: &str, asked: &str) -> bool {
    rule.trim_end_matches('.').eq_ignore_ascii_case(asked.trim_end_matches('.'))
}

async fn carry(mut client: TcpStream, mut upstream: TcpStream, head: &Head) -> io::Result<()> {
    match &head.kind {
        Kind::Connect => {
            client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
            upstream.write_all(&head.rest).await?;
            copy_bidirectional(&mut client, &mut upstream).await?;
        }
        Kind::Plain { forward, body } => {
            upstream.write_all(forward).await?;
            let Body::Bytes(length) = *body;
            let already = u64::try_from(head.rest.len()).unwrap_or(u64::MAX).min(length);
            let rest = head.rest.get(..usize::try_from(already).unwrap_or(0)).unwrap_or_default();
            upstream.write_all(rest).await?;
            let (read, mut write) = client.split();
            let (mut answer, mut ask) = upstream.split();
            // Exactly one request: a second one on this connection could be for another host.
            let mut body = read.take(length - already);
            tokio::try_join!(copy(&mut body, &mut ask), copy(&mut answer, &mut write))?;
        }
    }
    Ok(())
}

fn malformed() -> Refusal {
    Refusal { status: "400 Bad Request", why: "not a request that this proxy understands".into() }
}

async fn refuse(stream: &mut TcpStream, refusal: &Refusal) -> io::Result<()> {
    let text = format!("checkrein: {}\n", refusal.why);
    let answer = format!(
        "HTTP/1.1 {}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{text}",
        refusal.status,
        text.len()
    );
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await
}
