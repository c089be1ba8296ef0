//! Stops: whether stopping was rehearsed, and when.
//!
//! In: what a running server says to an operator. Out: one check. A stop that nobody ever tried is a hope.

use server::wire;

use super::Check;
use crate::context::{As, Context};
use crate::failure::Result;
use crate::output::moment;

const NAME: &str = "stopping";
/// After how many days a rehearsal is old.
const OLD_AFTER_DAYS: u64 = 90;

pub(super) async fn look(context: &Context, is_up: bool) -> Check {
    if !is_up {
        return Check::ok(NAME, "is known while the server runs");
    }
    let fix = "run `checkrein stop drill`";
    match told(context).await {
        Ok(drill) => {
            let found = format!("rehearsed at {} by {}", moment(drill.at_ms), drill.by);
            let now = jiff::Timestamp::now().as_millisecond();
            let age = u64::try_from(now).unwrap_or(0).saturating_sub(drill.at_ms);
            let silent = drill.levers.iter().any(|lever| lever.missing > 0);
            match (silent, age > OLD_AFTER_DAYS * 24 * 3_600_000) {
                (true, _) => Check::warning(NAME, format!("{found}; a lever did not answer"), fix),
                (false, true) => Check::warning(NAME, format!("{found}, long ago"), fix),
                (false, false) => Check::ok(NAME, found),
            }
        }
        Err(_) => {
            Check::ok(NAME, "was not rehearsed, or nobody may say so; `checkrein stop drill` does")
        }
    }
}

async fn told(context: &Context) -> Result<wire::Drill> {
    let client = context.stop_client(As::Operator).await?;
    client.get("/v1/stops/drill", &[]).await
}
