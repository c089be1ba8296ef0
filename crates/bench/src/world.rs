//! The machine's clock, fresh ids and the runtime's timers.
//! The same as a server has; a slower or quicker clock would measure something else.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use domain::Timestamp;
use uuid::Uuid;

/// The world of a measured gate: the same as a server's.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock;

impl gate::World for Clock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }

    fn fresh(&self) -> Uuid {
        Uuid::now_v7()
    }

    async fn sleep(&self, wait: Duration) {
        tokio::time::sleep(wait).await;
    }
}
