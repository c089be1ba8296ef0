//! The control socket: `control.sock` in the data directory, for when the port cannot be reached.
//!
//! In: connections of this machine's users who may open the data directory. Out: the same router with the same keys and
//! rights; the socket adds none. Its file has mode 0600 in a directory that nobody else enters. Without it, such as where
//! the path is too long for a socket, everything else works and the log says so. Tests: `tests/it/stopping.rs`.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use domain::limits;
use tokio::net::UnixListener;
use tokio::sync::Semaphore;

use super::listen;
use crate::app::App;
use crate::config::Config;

/// How long to wait after the system refused a connection.
const AFTER_REFUSAL: std::time::Duration = std::time::Duration::from_millis(50);

/// Where it stands.
pub fn path(config: &Config) -> PathBuf {
    config.data_dir.join("control.sock")
}

/// Makes it. What stands there is left over by a process that is no more: the store's lock is held by this one.
pub(crate) fn bind(config: &Config) -> Option<UnixListener> {
    let path = path(config);
    let made = match std::fs::remove_file(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => UnixListener::bind(&path),
    };
    let private = std::fs::Permissions::from_mode(0o600);
    let made = made.and_then(|made| std::fs::set_permissions(&path, private).map(|()| made));
    made.inspect_err(|error| {
        tracing::warn!(path = %path.display(), %error, "there is no control socket");
    })
    .ok()
}

/// Serves connections until the server stops.
pub(crate) async fn accept(listener: Option<UnixListener>, app: Arc<App>, router: Router) {
    let mut stopping = app.stopping.clone();
    let Some(listener) = listener else { return listen::asked(&mut stopping).await };
    let connections = Arc::new(Semaphore::new(limits::CONTROL_CONNECTIONS_MAX));
    loop {
        let accepted = tokio::select! {
            () = listen::asked(&mut stopping) => break,
            accepted = listener.accept() => accepted,
        };
        let (Ok((stream, _)), Ok(place)) = (accepted, Arc::clone(&connections).try_acquire_owned())
        else {
            tokio::time::sleep(AFTER_REFUSAL).await;
            continue;
        };
        let (app, router) = (Arc::clone(&app), router.clone());
        tokio::spawn(async move {
            listen::serve(stream, &app, router).await;
            drop(place);
        });
    }
    // The next start makes it anew; until then nobody should wait at it.
    let _left = std::fs::remove_file(path(&app.config));
}
