//! A small web server on loopback over one directory, so that a deploy has somebody who sees it.
//!
//! In: a directory, read anew for each page. Out: its address; pages as they stand there, or 404. One request per connection,
//! bounded in size and time; it ends with the process. It knows nothing of Checkrein.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use crate::failure::{Failure, Result};

/// Bytes of a request that are looked at.
const REQUEST_BYTES: usize = 4 << 10;
/// How long a connection may be silent.
const WITHIN: Duration = Duration::from_secs(5);

/// Serves a directory until the process ends.
pub(super) fn serve(directory: PathBuf) -> Result<SocketAddr> {
    let failed =
        |error: std::io::Error| Failure::new(format!("the demo's web server failed: {error}"));
    let listener = TcpListener::bind("127.0.0.1:0").map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(std::io::Result::ok) {
            // Whoever went away while it was answered asks again.
            let _ = answer(stream, &directory);
        }
    });
    Ok(address)
}

fn answer(mut stream: TcpStream, directory: &Path) -> std::io::Result<()> {
    stream.set_read_timeout(Some(WITHIN))?;
    let request = head(&mut stream)?;
    let path = Path::new(request.split(' ').nth(1).unwrap_or("/").trim_start_matches('/'));
    let inside = path.components().all(|part| matches!(part, Component::Normal(_)));
    match std::fs::read(directory.join(path)) {
        Ok(body) if inside => {
            write!(stream, "HTTP/1.0 200 OK\r\nContent-Length: {}\r\n\r\n", body.len())?;
            stream.write_all(&body)
        }
        Ok(_) | Err(_) => write!(stream, "HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
    }
}

/// A request up to its empty line: it may come in pieces.
fn head(stream: &mut TcpStream) -> std::io::Result<String> {
    let (mut head, mut piece) = (Vec::new(), [0; 512]);
    while !head.ends_with(b"\r\n\r\n") && head.len() < REQUEST_BYTES {
        match stream.read(&mut piece)? {
            0 => break,
            length => head.extend_from_slice(piece.get(..length).unwrap_or_default()),
        }
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

/// A page as anybody gets it.
pub(super) fn page(address: SocketAddr, path: &str) -> Result<String> {
    let asked = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect_timeout(&address, WITHIN)?;
        stream.set_read_timeout(Some(WITHIN))?;
        stream.write_all(format!("GET {path} HTTP/1.0\r\n\r\n").as_bytes())?;
        let mut text = String::new();
        stream.read_to_string(&mut text)?;
        Ok(text)
    };
    let text = asked().map_err(|error| Failure::new(format!("nobody serves the page: {error}")))?;
    Ok(text.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default())
}
