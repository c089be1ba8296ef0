//! People: whether anybody at all could approve what is held.
//!
//! In: what a running server says to an operator. Out: one check. Without a running server or a key nothing is known, and
//! nothing is said: who may decide stands in the journal, which a server at rest does not open for this.

use server::Config;
use server::wire;

use super::Check;
use crate::context::{As, Context};
use crate::failure::Result;

const NAME: &str = "who decides";

pub(super) async fn look(context: &Context, config: &Config, is_up: bool) -> Check {
    if config.requester_may_decide() {
        let found = "whoever asks may decide (`approvals.requester_may_decide`)";
        return Check::ok(NAME, found);
    }
    if !is_up {
        return Check::ok(NAME, "is known while the server runs");
    }
    match told(context).await {
        Ok(None) => Check::ok(NAME, "somebody can decide what is held"),
        Ok(Some(why)) => match why.split_once(": ") {
            Some((found, fix)) => Check::warning(NAME, found, fix),
            None => Check::warning(NAME, why, "see docs/guides/approvals.md"),
        },
        Err(failure) => Check::warning(
            NAME,
            format!("cannot be asked: {}", failure.happened),
            "give an operator's key with `CHECKREIN_KEY` or `--key-file`",
        ),
    }
}

async fn told(context: &Context) -> Result<Option<String>> {
    let client = context.client(As::Operator)?;
    let attention: wire::Attention = client.get("/v1/attention", &[]).await?;
    Ok(attention.nobody_decides)
}
