//! The journal on SQLite: the handle that everybody else holds.
//!
//! Commits go to the writing thread, reads to a pool of connections, long jobs to connections of their own.
//! The handle is cheap to share in an `Arc`; dropping it writes what waits, signs the last head and gives
//! the store back.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use domain::{CallId, Digest, Name, PayloadKind, RunId, WriterId, limits};
use gate::{
    Commit, CommitError, Journal, KeyScope, Query, Receipt, Record, StoreError, Table, Urgency,
};
use rusqlite::OptionalExtension as _;
use tokio::sync::{broadcast, oneshot, watch};

use crate::counters::Counters;
use crate::error::{Error, store};
use crate::keys;
use crate::keys::ring::{Ring, TenantKey};
use crate::keys::signing::{PublicKey, SignedHead};
use crate::open::{self, Opened};
use crate::options::{Clock, Mask, Options};
use crate::prepare::Preparing;
use crate::readers::{self, Readers};
use crate::space::Space;
use crate::tail::Tail;
use crate::writer::append::Append;
use crate::writer::{Order, Tools, Waiting, Writer};
use crate::{checkpoint, schema};

/// What the handle and the threads share.
pub(crate) struct Shared {
    pub(crate) readers: Readers,
    pub(crate) ring: Ring,
    pub(crate) space: Space,
    pub(crate) tail: broadcast::Sender<Tail>,
    pub(crate) counters: Counters,
    pub(crate) public: PublicKey,
    failed: watch::Sender<Option<StoreError>>,
    is_failed: AtomicBool,
}

impl Shared {
    /// Stops all further commits. The first failure counts.
    pub(crate) fn fail(&self, failure: StoreError) {
        tracing::error!(failure = %failure.0, "the journal's store failed; the process must stop");
        self.is_failed.store(true, Ordering::SeqCst);
        self.failed.send_if_modified(|first| {
            let is_first = first.is_none();
            if is_first {
                *first = Some(failure);
            }
            is_first
        });
    }

    fn failure(&self) -> Option<StoreError> {
        if self.is_failed.load(Ordering::SeqCst) { self.failed.borrow().clone() } else { None }
    }
}

/// The journal on SQLite.
pub struct Sqlite {
    pub(crate) shared: Arc<Shared>,
    queue: SyncSender<Order>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    /// Held while a tenant's key is made, so that each tenant gets one.
    making_key: Mutex<()>,
    mask: Option<Mask>,
    clock: Clock,
    writer: WriterId,
}

impl std::fmt::Debug for Sqlite {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Sqlite").field("writer", &self.writer).finish_non_exhaustive()
    }
}

/// About the time of one batch.
const QUEUE_PAUSE: std::time::Duration = std::time::Duration::from_millis(1);

impl Sqlite {
    /// Opens the store of a data directory, or makes it. Blocks; to be called once, at start-up.
    pub fn open(options: Options) -> Result<Self, Error> {
        let opened = open::open(&options)?;
        let path = open::file(&options);
        let shared = Arc::new(Shared {
            readers: Readers::new(path.clone()),
            ring: Ring::new(&opened.master)?,
            space: Space::new(&options),
            tail: broadcast::Sender::new(limits::SUBSCRIBER_QUEUE_MAX),
            counters: Counters::default(),
            public: opened.signer.public().clone(),
            failed: watch::Sender::new(None),
            is_failed: AtomicBool::new(false),
        });
        let writer = opened.chain.writer;
        let (queue, orders) = sync_channel(limits::COMMIT_QUEUE_MAX);
        let (wake, woken) = sync_channel(1);
        let checkpointer = schema::checkpointer(&path, options.synchronous)?;
        let tools = (Arc::clone(&shared), Arc::clone(&options.clock), wake);
        let writing = spawn("journal-writer", move || write(opened, tools, &orders))?;
        let (shared_too, queue_too) = (Arc::clone(&shared), queue.clone());
        let checkpointing = spawn("journal-checkpoint", move || {
            checkpoint::run(&checkpointer, &woken, &queue_too, &shared_too);
        })?;
        Ok(Self {
            shared,
            queue,
            threads: Mutex::new(vec![writing, checkpointing]),
            making_key: Mutex::new(()),
            mask: options.mask,
            clock: options.clock,
            writer,
        })
    }

    /// The name of this process life's chain.
    pub const fn writer(&self) -> WriterId {
        self.writer
    }

    /// The key that heads are checked with; its `text` is safe to publish.
    pub fn public_key(&self) -> &PublicKey {
        &self.shared.public
    }

    /// Numbers about the writer.
    pub fn counters(&self) -> &Counters {
        &self.shared.counters
    }

    /// Resolves when the store has failed: the process must stop, and recovers when it is started again.
    pub async fn failed(&self) -> StoreError {
        let mut failed = self.shared.failed.subscribe();
        match failed.wait_for(Option::is_some).await {
            Ok(failure) => failure.clone().unwrap_or_else(gone),
            Err(_) => gone(),
        }
    }

    /// Every entry from now on, once it is durable. Whoever gets `Lagged` reads on with `entries`.
    pub fn tail(&self) -> broadcast::Receiver<Tail> {
        self.shared.tail.subscribe()
    }

    /// Signs where the journal stands now.
    pub async fn head(&self) -> Result<SignedHead, Error> {
        let (reply, answer) = oneshot::channel();
        self.order(Order::Head(reply))?;
        Ok(answer.await.map_err(|_| gone())??)
    }

    /// Erases a run's key, and with it every payload of the run; entries stay and verify. Says whether there
    /// was a key.
    pub async fn erase_run(&self, run: RunId) -> Result<bool, Error> {
        let (reply, answer) = oneshot::channel();
        self.order(Order::EraseRun(run, (self.clock)().millis(), reply))?;
        let erased = answer.await.map_err(|_| gone())??;
        self.shared.ring.forget_run(run);
        Ok(erased)
    }

    /// Makes all projections again from the entries; gives the number of entries. Commits wait meanwhile.
    pub async fn rebuild(&self) -> Result<u64, Error> {
        let (reply, answer) = oneshot::channel();
        self.order(Order::Rebuild(reply))?;
        Ok(answer.await.map_err(|_| gone())??)
    }

    /// The text of a policy version or a set of contracts.
    pub async fn source(&self, version: Digest) -> Result<Option<String>, Error> {
        self.blocking(move |shared| {
            shared.readers.with(|connection| {
                let sql = "SELECT text FROM sources WHERE version = ?1";
                let mut statement = connection.prepare_cached(sql)?;
                Ok(statement.query_row([version.to_string()], |row| row.get(0)).optional()?)
            })
        })
        .await
    }

    /// Does something on a thread that may wait.
    pub(crate) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Shared) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let shared = Arc::clone(&self.shared);
        let joined = tokio::task::spawn_blocking(move || work(&shared)).await;
        joined.map_err(|error| Error::Store(store(&error)))?
    }

    fn order(&self, order: Order) -> Result<(), Error> {
        self.queue.try_send(order).map_err(|error| match error {
            TrySendError::Full(_) => {
                Error::Store(StoreError("too much waits for the store".to_owned()))
            }
            TrySendError::Disconnected(_) => Error::Store(gone()),
        })
    }

    /// The tenant's key, made and durable if there is none. Waits for the writer only then.
    fn tenant_key(&self, name: &Name) -> Result<Arc<TenantKey>, Error> {
        if let Some(key) = self.shared.ring.tenant(name, &self.shared.readers)? {
            return Ok(key);
        }
        let _one_at_a_time = self.making_key.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = self.shared.ring.tenant(name, &self.shared.readers)? {
            return Ok(key);
        }
        let (wrapped, secret) = self.shared.ring.fresh_tenant(name)?;
        let (reply, answer) = sync_channel(1);
        self.order(Order::Key(wrapped, reply))?;
        answer.recv().map_err(|_| gone())??;
        self.shared.ring.keep_tenant(name, &secret)
    }
}

fn gone() -> StoreError {
    StoreError("the writer has ended".to_owned())
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, Error> {
    let named = std::thread::Builder::new().name(name.to_owned());
    named.spawn(work).map_err(|error| Error::file(name, error))
}

/// The writing thread.
fn write(
    opened: Opened,
    (shared, clock, checkpoint): (Arc<Shared>, Clock, SyncSender<()>),
    orders: &std::sync::mpsc::Receiver<Order>,
) {
    // Dropped in the reverse order: the lock goes when the connection is closed.
    let Opened { lock: _lock, connection, signer, chain, master: _ } = opened;
    let _watch = Watch(Arc::clone(&shared));
    let tools = Tools { shared: Arc::clone(&shared), signer, clock, checkpoint };
    let writer =
        Append::new(&connection, chain).and_then(|append| Writer::new(&connection, append, tools));
    match writer {
        Ok(writer) => writer.run(orders),
        Err(error) => shared.fail(store(&error)),
    }
}

/// A panic of the writer is a failure of the store like any other.
struct Watch(Arc<Shared>);

impl Drop for Watch {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.fail(StoreError("the writer panicked".to_owned()));
        }
    }
}

impl Drop for Sqlite {
    fn drop(&mut self) {
        // The writer may have ended already.
        _ = self.queue.send(Order::Close);
        let threads = self.threads.get_mut().unwrap_or_else(PoisonError::into_inner);
        for thread in threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a thread of the journal ended by a panic");
            }
        }
    }
}

impl Sqlite {
    /// Puts a commit into the queue. What starts something new is refused when the queue is full; outcomes
    /// and stops wait for room, since nobody could say them again.
    async fn enqueue(&self, mut order: Order, urgency: Urgency) -> Result<(), CommitError> {
        loop {
            order = match (self.queue.try_send(order), urgency) {
                (Ok(()), _) => return Ok(()),
                (Err(TrySendError::Disconnected(_)), _) => return Err(CommitError::Store(gone())),
                (Err(TrySendError::Full(_)), Urgency::Permit) => return Err(CommitError::Busy),
                (Err(TrySendError::Full(order)), Urgency::Outcome) => order,
            };
            tokio::time::sleep(QUEUE_PAUSE).await;
        }
    }
}

impl Journal for Sqlite {
    async fn commit(&self, commit: Commit) -> Result<Receipt, CommitError> {
        if let Some(failure) = self.shared.failure() {
            return Err(CommitError::Store(failure));
        }
        let tenant_key = |name: &Name| self.tenant_key(name);
        let preparing = Preparing {
            ring: &self.shared.ring,
            readers: &self.shared.readers,
            mask: self.mask.as_ref(),
            tenant_key: &tenant_key,
        };
        let urgency = commit.urgency;
        let (prepared, runs) = preparing.prepare(commit)?;
        let (reply, answer) = oneshot::channel();
        let waiting = Waiting { prepared: Box::new(prepared), reply };
        self.enqueue(Order::Commit(waiting), urgency).await?;
        let positions = answer.await.map_err(|_| CommitError::Store(gone()))??;
        for (run, key) in runs {
            self.shared.ring.keep_run(run, key);
        }
        Ok(Receipt::assertion(positions))
    }

    async fn read(&self, table: Table, key: &str) -> Result<Option<Record>, StoreError> {
        // One look into an index: shorter than the way to another thread and back.
        let read = |connection: &_| readers::read(connection, table, key);
        self.shared.readers.with(read).map_err(|error| store(&error))
    }

    async fn select(&self, query: Query) -> Result<Vec<Record>, StoreError> {
        let done = if readers::is_quick(&query) {
            self.shared.readers.with(|connection| readers::select(connection, &query))
        } else {
            self.blocking(move |shared| {
                shared.readers.with(|connection| readers::select(connection, &query))
            })
            .await
        };
        done.map_err(|error| store(&error))
    }

    async fn payload(
        &self,
        call: CallId,
        kind: PayloadKind,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let found = self.blocking(move |shared| shared.payload(call, kind)).await;
        found.map_err(|error| store(&error))
    }

    fn keyed(&self, scope: KeyScope<'_>, bytes: &[u8]) -> Result<Digest, StoreError> {
        let key = match scope {
            KeyScope::Tenant(name) => self.tenant_key(name).map(|key| key.digest.clone()),
            KeyScope::Run(run) => self
                .shared
                .ring
                .run(run, &self.shared.readers)
                .and_then(|key| key.ok_or_else(|| Error::Unknown(format!("the key of {run}"))))
                .map(|key| key.digest.clone()),
        };
        key.map(|key| keys::keyed(&key, bytes)).map_err(|error| store(&error))
    }

    fn takes_permits(&self) -> bool {
        self.shared.failure().is_none() && self.shared.space.takes(Urgency::Permit)
    }
}
