//! The stop file: `STOP` in the data directory. When it appears, everything is suspended, whether or not anybody can log in.
//!
//! In: whether something of that name is there, looked at once when the gate opens and then every `limits::STOP_FILE_EVERY`.
//! Out: one stop of everything, with the file's first line as its reason. Removing it lifts nothing: a person lifts the
//! stop, and cannot while it is there. `STOP.drill` is noticed and removed, and stops nothing: a rehearsal makes it. Tests:
//! `tests/it/stopping.rs`.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::limits;
use gate::Refusal;

use crate::app::{App, Gate};
use crate::config::Config;
use crate::handlers::stops;

/// Where it is looked for.
pub(crate) fn path(config: &Config) -> PathBuf {
    config.data_dir.join("STOP")
}

/// What a rehearsal makes in its place.
pub(crate) fn drill_path(config: &Config) -> PathBuf {
    config.data_dir.join("STOP.drill")
}

/// Whether something is there. What cannot be looked at counts as there.
pub(crate) fn is_there(config: &Config) -> bool {
    exists(&path(config))
}

fn exists(path: &Path) -> bool {
    match std::fs::symlink_metadata(path) {
        Ok(_) => true,
        Err(error) => error.kind() != std::io::ErrorKind::NotFound,
    }
}

/// Looks once, and suspends everything if it is there and that was not done before.
pub(crate) async fn look(gate: &Gate, config: &Config) -> Result<(), Refusal> {
    if !is_there(config) {
        return Ok(());
    }
    let reason = reason(&path(config));
    if gate.stop_by_file(&reason).await? {
        tracing::warn!(reason, "everything is suspended by the stop file");
    }
    Ok(())
}

/// The first line; whatever is there, it stops.
fn reason(path: &Path) -> String {
    let mut bytes = Vec::new();
    let most = u64::try_from(limits::STOP_FILE_BYTES_MAX).unwrap_or(u64::MAX);
    let is_file = std::fs::symlink_metadata(path).is_ok_and(|found| found.is_file());
    let opened = if is_file { std::fs::File::open(path).ok() } else { None };
    let read = opened.and_then(|file| file.take(most).read_to_end(&mut bytes).ok());
    let text = String::from_utf8_lossy(&bytes);
    let line = text.lines().next().map(str::trim).unwrap_or_default();
    match (read, line.is_empty()) {
        (Some(_), false) => line.to_owned(),
        (Some(_), true) => "the stop file is there".to_owned(),
        (None, _) => "the stop file is there and cannot be read".to_owned(),
    }
}

/// Looks for it as long as the server runs.
pub(crate) async fn follow(app: Arc<App>) {
    let mut every = tokio::time::interval(limits::STOP_FILE_EVERY);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        every.tick().await;
        if let Err(refusal) = look(&app.gate, &app.config).await {
            tracing::error!(code = refusal.code.shown(), %refusal, "the stop file's stop is not recorded");
        }
        for stop in app.gate.unsettled_stops() {
            stops::follow(&app, stop);
        }
        let drill = drill_path(&app.config);
        if exists(&drill) {
            // Whoever made it waits until it is gone, for a bounded time.
            let _left = std::fs::remove_file(drill);
        }
    }
}
