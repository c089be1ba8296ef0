//! The real world: the machine's clock, fresh UUIDv7 values, and timers of the runtime.
//! The only place of the server that reads the clock; what is decided by it is the gate's business.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use domain::Timestamp;
use uuid::Uuid;

/// The world of a running server.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Clock;

impl gate::World for Clock {
    fn now(&self) -> Timestamp {
        now()
    }

    fn fresh(&self) -> Uuid {
        Uuid::now_v7()
    }

    async fn sleep(&self, wait: Duration) {
        tokio::time::sleep(wait).await;
    }
}

/// The present moment; the journal refuses a clock that stands before its last entry.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
