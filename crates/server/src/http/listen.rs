//! The socket: loopback, or beyond it with TLS; a bounded number of connections, deadlines for headers, an orderly end.
//! Connections are served here and not by axum's own loop, for the deadlines and for `delivery`, which must know when an
//! answer has left. HTTP/1.1 only.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use domain::{Code, limits};
use gate::Refusal;
use hyper::Request;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio_rustls::TlsAcceptor;
use tower::Service as _;

use super::delivery::{Outbox, Told};
use super::tls::Certificates;
use crate::app::App;
use crate::config::Config;

/// A request's headers must have arrived after this time; also the longest idle time of a connection.
const HEADERS_WITHIN: Duration = Duration::from_secs(60);
/// Bytes of a request's headers.
const HEADER_BYTES_MAX: usize = 64 << 10;
/// How long a TLS handshake may take.
const HANDSHAKE_WITHIN: Duration = Duration::from_secs(10);
/// Headers of a request.
const HEADERS_MAX: usize = 64;
/// How long to wait after the system refused a connection, such as for want of file handles.
const AFTER_REFUSAL: Duration = Duration::from_millis(50);

/// Whether the client of a request still waits for its response.
#[derive(Debug, Clone)]
pub(crate) struct Presence(watch::Receiver<()>);

impl Presence {
    /// Resolves when the client has its response, or has gone away without it.
    pub(crate) async fn ended(&mut self) {
        // Nothing is ever sent: only the sender's end is news.
        while self.0.changed().await.is_ok() {}
    }
}

/// Binds an address: of loopback, or one that is protected.
///
/// # Errors
/// `BindRefused` beyond loopback, `PortTaken` if somebody else listens there.
pub(crate) async fn bind(config: &Config) -> Result<TcpListener, Refusal> {
    let address = config.listen;
    // INVARIANT (reached with TLS), once more where it counts.
    let protected = config.tls.is_some() || config.trusted_proxy.is_some();
    if !address.ip().is_loopback() && !protected {
        let message = format!("refusal to listen on `{address}`: it can be reached from outside");
        let fix = "use `127.0.0.1:7420`, or set `server.tls` or `server.trusted_proxy`";
        return Err(Refusal::new(Code::BindRefused, message, fix));
    }
    TcpListener::bind(address).await.map_err(|error| {
        let message = match error.kind() == std::io::ErrorKind::AddrInUse {
            true => format!("the port of `{address}` is taken"),
            false => format!("cannot listen on `{address}`: {error}"),
        };
        let fix = "stop the program that listens there, or set `server.listen` to a free port";
        Refusal::new(Code::PortTaken, message, fix)
    })
}

/// Serves connections until the server stops, then lets the open ones finish what they are at.
pub(crate) async fn accept(
    (listener, tls): (TcpListener, Option<Certificates>),
    app: Arc<App>,
    router: Router,
) {
    let mut stopping = app.stopping.clone();
    let connections = Arc::new(Semaphore::new(limits::CONNECTIONS_MAX));
    loop {
        let accepted = tokio::select! {
            () = asked(&mut stopping) => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, permit) = match (accepted, Arc::clone(&connections).try_acquire_owned()) {
            (Ok((_, peer)), _) if !may_connect(peer, &app.config) => {
                app.flood.refused(Code::WrongHost);
                continue;
            }
            (Ok((stream, _)), Ok(permit)) => (stream, permit),
            // Nobody is told why: there is no room to speak.
            (Ok(_), Err(_)) => {
                app.flood.refused(Code::TooManyWaiting);
                continue;
            }
            (Err(error), _) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(AFTER_REFUSAL).await;
                continue;
            }
        };
        let (app, router) = (Arc::clone(&app), router.clone());
        let tls = tls.as_ref().map(Certificates::now);
        tokio::spawn(async move {
            greet(stream, tls, (&app, router)).await;
            drop(permit);
        });
    }
    drop(listener);
    let all = u32::try_from(limits::CONNECTIONS_MAX).unwrap_or(u32::MAX);
    // Never closed; waits until every connection gave its permit back.
    let _ = connections.acquire_many(all).await;
}

/// With a trusted proxy nobody else may connect from outside: what a proxy would have refused must not come around it.
fn may_connect(peer: SocketAddr, config: &Config) -> bool {
    is_let_in(peer.ip(), config.trusted_proxy.filter(|_| config.tls.is_none()))
}

fn is_let_in(peer: IpAddr, proxy: Option<IpAddr>) -> bool {
    let peer = peer.to_canonical();
    peer.is_loopback() || proxy.is_none_or(|proxy| proxy.to_canonical() == peer)
}

/// Speaks TLS first, where that is asked for.
async fn greet(stream: TcpStream, tls: Option<TlsAcceptor>, (app, router): (&App, Router)) {
    let _counted = app.metrics.connected();
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "no TCP_NODELAY");
    }
    let Some(tls) = tls else { return serve(stream, app, router).await };
    match tokio::time::timeout(HANDSHAKE_WITHIN, tls.accept(stream)).await {
        Ok(Ok(stream)) => serve(stream, app, router).await,
        Ok(Err(error)) => tracing::debug!(%error, "no TLS with a client"),
        Err(_) => tracing::debug!("a client did not finish its TLS handshake in time"),
    }
}

/// Serves one connection to its end.
pub(super) async fn serve<IO>(stream: IO, app: &App, router: Router)
where
    IO: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let outbox = Outbox::new(Arc::clone(&app.gate));
    let given = outbox.clone();
    let service = service_fn(move |request: Request<hyper::body::Incoming>| {
        let mut request = request.map(Body::new);
        let (here, presence) = watch::channel(());
        request.extensions_mut().insert(given.clone());
        request.extensions_mut().insert(Presence(presence));
        let response = router.clone().call(request);
        async move {
            let response = response.await;
            // Dropped before, when the connection ends while it still waits for its response.
            drop(here);
            response
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS_WITHIN)
        .max_buf_size(HEADER_BYTES_MAX)
        .max_headers(HEADERS_MAX)
        .serve_connection(Told::new(TokioIo::new(stream), outbox.clone()), service);
    let mut connection = std::pin::pin!(connection);
    let mut stopping: watch::Receiver<bool> = app.stopping.clone();
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = asked(&mut stopping) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    match ended {
        Ok(()) => outbox.flushed(),
        // A peer that goes away or speaks badly is no event of ours.
        Err(error) => tracing::debug!(%error, "a connection ended early"),
    }
}

/// Resolves when the server stops.
pub(crate) async fn asked(stopping: &mut watch::Receiver<bool>) {
    // The lock on the value must not live on: it is none of ours to keep across an await. A sender that is gone
    // means the end as well.
    let _ = stopping.wait_for(|stop| *stop).await.map(|_| ());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beside_a_trusted_proxy_nobody_connects_from_outside() {
        let may = |proxy: Option<&str>, peer: &str| {
            let proxy = proxy.map(|text| text.parse().unwrap());
            let peer: std::net::IpAddr = peer.parse().unwrap();
            is_let_in(peer, proxy)
        };
        for peer in ["127.0.0.1", "::1", "10.0.0.5", "::ffff:10.0.0.5"] {
            assert!(may(Some("10.0.0.5"), peer), "{peer}");
        }
        for peer in ["10.0.0.6", "192.0.2.1", "2001:db8::1"] {
            assert!(!may(Some("10.0.0.5"), peer), "{peer}");
            assert!(may(None, peer), "{peer}: with a certificate of our own");
        }
    }
}
