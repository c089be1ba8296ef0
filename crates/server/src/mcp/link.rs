//! A held call of a client whose user can open an address: `input_required` with links to the console, and a sealed state.
//!
//! ```text
//! held -> one link for each request + requestState (caller, tool, arguments, call, time; once) -> the client comes back
//!      -> accept: its request waits for people       decline, cancel: it is told at once that the call is still held
//! ```
//! The link says nothing but which request it is: whoever opens it logs in, and what the client says that its user did decides
//! nothing. Tests: `tests/it/mcp/parking.rs`.

use std::time::Duration;

use domain::{Answer, CallId, Proposal, limits};
use mcp::{Client, Params, bridge};
use serde_json::{Value, json};

use super::answer::{self, Of};
use super::call::Asked;
use super::parking::{pending, standing};
use super::questions::belongs;
use super::visit::Visit;

/// Whether a client's user can open an address.
pub(super) fn opens(client: &Client) -> bool {
    let params = Params::from_iter([("mode".to_owned(), "url".into())]);
    bridge::may_be_asked("elicitation/create", &params, client).is_ok()
}

/// The result that asks the user to open the console; none if nobody is asked any more.
pub(super) async fn given(
    visit: &Visit,
    held: &Answer,
    (proposal, of): (&Proposal, Of<'_>),
) -> Option<Params> {
    let call = held.call?;
    let questions = questions(visit, call).await?;
    let state = visit.app.mcp.seal.sealed_for_people(call, &belongs(visit, proposal))?;
    let mut result = Params::new();
    result.insert("resultType".to_owned(), "input_required".into());
    result.insert("inputRequests".to_owned(), Value::Object(questions));
    result.insert("requestState".to_owned(), state.into());
    Some(answer::labelled(result, answer::envelope(held), of))
}

/// One question for each request that waits, by its id; none if none does.
pub(super) async fn questions(visit: &Visit, call: CallId) -> Option<Params> {
    let waits = standing(&visit.app, call).await?;
    let requests = pending(&visit.app, call).await;
    let base = visit.app.site.base();
    let question = |approval: String| {
        let message =
            format!("NOT EXECUTED, {waits}. Whoever may decide does so here, after a login.");
        let url = format!("{base}/approvals/{approval}");
        let params = json!({ "mode": "url", "message": message, "url": url });
        (approval, json!({ "method": "elicitation/create", "params": params }))
    };
    let requests = requests.into_iter().take(limits::MCP_LINKS_MAX);
    Some(requests.map(|request| question(request.key)).collect())
}

/// The client comes back for its call. If its user opened nothing, it does not wait either.
pub(super) fn comes_back(asked: &mut Asked, (call, inputs): (CallId, Option<&Value>)) {
    asked.joins = Some(call);
    let inputs = inputs.and_then(Value::as_object).into_iter().flatten();
    let mut actions = inputs.map(|(_, input)| input.get("action")).peekable();
    let silent = actions.peek().is_none();
    if !(silent || actions.any(|action| action == Some(&"accept".into()))) {
        asked.wait = Some(Duration::ZERO);
    }
}
