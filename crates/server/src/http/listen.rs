//! The socket: loopback only, a bounded number of connections, deadlines for headers, an orderly end.
//! Connections are served here and not by axum's own loop, for the deadlines and for `delivery`, which must know when an
//! answer has left. HTTP/1.1 only; TLS is the business of a proxy.

use std::net::SocketAddr;
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
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tower::Service as _;

use super::delivery::{Outbox, Told};
use crate::app::App;

/// A request's headers must have arrived after this time; also the longest idle time of a connection.
const HEADERS_WITHIN: Duration = Duration::from_secs(60);
/// Bytes of a request's headers.
const HEADER_BYTES_MAX: usize = 64 << 10;
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

/// Binds a loopback address.
///
/// # Errors
/// `BindRefused` beyond loopback, `PortTaken` if somebody else listens there.
pub(crate) async fn bind(address: SocketAddr) -> Result<TcpListener, Refusal> {
    if !address.ip().is_loopback() {
        let message = format!("refusal to listen on `{address}`: it can be reached from outside");
        return Err(Refusal::new(Code::BindRefused, message, "use `127.0.0.1:7420`"));
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
pub(crate) async fn accept(listener: TcpListener, app: Arc<App>, router: Router) {
    let mut stopping = app.stopping.clone();
    let connections = Arc::new(Semaphore::new(limits::CONNECTIONS_MAX));
    loop {
        let accepted = tokio::select! {
            () = asked(&mut stopping) => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, permit) = match (accepted, Arc::clone(&connections).try_acquire_owned()) {
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
        tokio::spawn(async move {
            serve(stream, &app, router).await;
            drop(permit);
        });
    }
    drop(listener);
    let all = u32::try_from(limits::CONNECTIONS_MAX).unwrap_or(u32::MAX);
    // Never closed; waits until every connection gave its permit back.
    let _ = connections.acquire_many(all).await;
}

async fn serve(stream: TcpStream, app: &App, router: Router) {
    let _counted = app.metrics.connected();
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "no TCP_NODELAY");
    }
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
