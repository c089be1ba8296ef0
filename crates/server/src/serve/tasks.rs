//! The supervisor: tasks with names, told when one ends, ended together.
//! In: futures that should run for ever. Out: the name of the first that does not. Calls are not among them: they have
//! places of their own (`App::in_work`).

use std::future::Future;

use tokio::task::JoinSet;

/// Tasks that must run as long as the server does.
#[derive(Debug, Default)]
pub(super) struct Tasks {
    running: JoinSet<()>,
    names: Vec<(tokio::task::Id, &'static str)>,
}

impl Tasks {
    pub(super) fn spawn(
        &mut self,
        name: &'static str,
        task: impl Future<Output = ()> + Send + 'static,
    ) {
        let handle = self.running.spawn(task);
        self.names.push((handle.id(), name));
    }

    /// The name of the next task that ends, by itself or by a panic. Waits for ever if there is none.
    pub(super) async fn one_ended(&mut self) -> &'static str {
        let id = match self.running.join_next_with_id().await {
            Some(Ok((id, ()))) => id,
            Some(Err(error)) => {
                tracing::error!(%error, "a task ended by a panic");
                error.id()
            }
            None => std::future::pending().await,
        };
        let name = self.names.iter().find(|(known, _)| *known == id).map_or("unknown", |one| one.1);
        self.names.retain(|(known, _)| *known != id);
        tracing::debug!(name, "a task ended");
        name
    }

    /// Waits until the task with this name has ended; not if it ended before.
    pub(super) async fn ended(&mut self, name: &str) {
        while self.names.iter().any(|(_, one)| *one == name) {
            self.one_ended().await;
        }
    }

    /// Ends all tasks and waits for them.
    pub(super) async fn abort(&mut self) {
        self.running.shutdown().await;
    }
}
