//! Dead letters: whether calls wait for a person for a long time.
//!
//! In: what a running server says to an operator. Out: one check. The letters themselves are shown by `checkrein dead ls`.

use server::wire;

use super::Check;
use crate::context::{As, Context};
use crate::failure::Result;
use crate::output::moment;

const NAME: &str = "dead letters";

pub(super) async fn look(context: &Context, is_up: bool) -> Check {
    if !is_up {
        return Check::ok(NAME, "known while the server runs");
    }
    match oldest(context).await {
        Ok(None) => Check::ok(NAME, "none wait"),
        Ok(Some(letter)) => Check::warning(
            NAME,
            format!("some wait, the oldest since {}", moment(letter.at_ms)),
            "look at them with `checkrein dead ls`",
        ),
        Err(failure) => Check::warning(
            NAME,
            format!("whether any wait cannot be asked: {}", failure.happened),
            "give an operator's key with `CHECKREIN_KEY` or `--key-file`",
        ),
    }
}

async fn oldest(context: &Context) -> Result<Option<wire::DeadLetter>> {
    let client = context.client(As::Operator)?;
    let word = |text: &str| Some(text.to_owned());
    let query = [("state", word("open")), ("first", word("oldest")), ("limit", word("1"))];
    let page: wire::Page<wire::DeadLetter> = client.get("/v1/dead-letters", &query).await?;
    Ok(page.items.into_iter().next())
}
