//! Stands before the gateway and adds the agent's key, because the suite cannot send one.
//!
//! ```text
//! suite -> proxy: Host 127.0.0.1:PROXY -> gateway: Host 127.0.0.1:GATEWAY, Authorization: Bearer KEY
//! ```
//! In: connections on loopback, one request each. Out: the same bytes with that header more. `Host` and `Origin` that name
//! the proxy name the gateway afterwards; any others stay, because the suite asks whether those are refused. Whichever
//! side ends a connection ends both halves. Tests are at the end.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};

use anyhow::{Context, bail};

/// The most that the head of a request may have.
const HEAD_MOST: usize = 64 << 10;

/// Serves in the background until this process ends, and says where.
pub(crate) fn start(gateway: SocketAddr, key: String) -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let here = listener.local_addr()?;
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let key = key.clone();
            // A connection that breaks is seen by the suite, which says so.
            std::thread::spawn(move || serve(client, (here, gateway), &key));
        }
    });
    Ok(here)
}

fn serve(
    mut client: TcpStream,
    (here, gateway): (SocketAddr, SocketAddr),
    key: &str,
) -> anyhow::Result<()> {
    client.set_nodelay(true)?;
    let (head, rest) = head(&mut client)?;
    let mut server = TcpStream::connect(gateway)?;
    server.set_nodelay(true)?;
    server.write_all(changed(&head, &[(here, gateway)], key).as_bytes())?;
    server.write_all(&rest)?;
    let (back, forth) = ((server.try_clone()?, client.try_clone()?), (client, server));
    std::thread::spawn(move || pass_on(back.0, back.1));
    pass_on(forth.0, forth.1);
    Ok(())
}

/// Copies until one side ends, and ends both.
fn pass_on(mut from: TcpStream, mut to: TcpStream) {
    let _ = std::io::copy(&mut from, &mut to);
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}

/// Reads the head of a request, and what of its body came with it.
fn head(client: &mut impl Read) -> anyhow::Result<(String, Vec<u8>)> {
    const GAP: &[u8] = b"\r\n\r\n";
    let mut bytes = Vec::new();
    let mut part = [0; 4096];
    loop {
        let read = client.read(&mut part)?;
        if read == 0 || bytes.len() > HEAD_MOST {
            bail!("the request has no end of its head");
        }
        bytes.extend_from_slice(part.get(..read).unwrap_or_default());
        if let Some(end) = bytes.windows(GAP.len()).position(|window| window == GAP) {
            let rest = bytes.split_off(end + GAP.len());
            bytes.truncate(end);
            return Ok((String::from_utf8(bytes).context("the head is no text")?, rest));
        }
    }
}

/// The head with the key, for one request only, and with the addresses replaced.
fn changed(head: &str, addresses: &[(SocketAddr, SocketAddr)], key: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in head.split("\r\n") {
        let name = line.split(':').next().unwrap_or_default().to_ascii_lowercase();
        match name.as_str() {
            "connection" | "authorization" => {}
            "host" | "origin" => {
                let line = addresses.iter().fold(line.to_owned(), |line, (here, there)| {
                    line.replace(&here.to_string(), &there.to_string())
                });
                lines.push(line);
            }
            _ => lines.push(line.to_owned()),
        }
    }
    format!("{}\r\nConnection: close\r\nAuthorization: Bearer {key}\r\n\r\n", lines.join("\r\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(head: &str, expect: &str) {
        let (here, there) = ("127.0.0.1:1111".parse().unwrap(), "127.0.0.1:2222".parse().unwrap());
        let end = "\r\nConnection: close\r\nAuthorization: Bearer k\r\n\r\n";
        assert_eq!(changed(head, &[(here, there)], "k"), format!("{expect}{end}"));
    }

    #[test]
    fn own_address_becomes_that_of_the_gateway() {
        check(
            "POST /mcp HTTP/1.1\r\nhost: 127.0.0.1:1111\r\nOrigin: http://127.0.0.1:1111\r\nx: 127.0.0.1:1111",
            "POST /mcp HTTP/1.1\r\nhost: 127.0.0.1:2222\r\nOrigin: http://127.0.0.1:2222\r\nx: 127.0.0.1:1111",
        );
    }

    #[test]
    fn foreign_address_stays_and_foreign_keys_go() {
        check(
            "GET /mcp HTTP/1.1\r\nHost: evil.example.com\r\nConnection: keep-alive\r\nauthorization: Bearer x",
            "GET /mcp HTTP/1.1\r\nHost: evil.example.com",
        );
    }

    #[test]
    fn request_reaches_the_gateway_and_its_answer_the_client() {
        let gateway = TcpListener::bind("127.0.0.1:0").unwrap();
        let here = start(gateway.local_addr().unwrap(), "k".to_owned()).unwrap();
        let mut client = TcpStream::connect(here).unwrap();
        client.write_all(b"POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\nbo").unwrap();
        let (mut server, _) = gateway.accept().unwrap();
        client.write_all(b"dy").unwrap();
        let (head, mut body) = head(&mut server).unwrap();
        while body.len() < 4 {
            let mut part = [0; 4];
            let read = server.read(&mut part).unwrap();
            body.extend_from_slice(&part[..read]);
        }
        assert!(head.ends_with("Authorization: Bearer k"), "{head}");
        assert_eq!(body, b"body");
        server.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
        drop(server);
        let mut answer = String::new();
        client.read_to_string(&mut answer).unwrap();
        assert_eq!(answer, "HTTP/1.1 200 OK\r\n\r\n");
    }
}
