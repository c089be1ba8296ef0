//! A request for a decision as an outlet sees it: everything that people of its tenant see, and whether all of it is there.
//!
//! In: an approval's id. Out: its details, as the API gives them, without what is about whoever asks. Masked already. Whether
//! a surface shows all of it is the surface's own question; here is the one for messages of JSON.

use domain::{ApprovalId, CallId, Operator, limits};
use gate::{Journal as _, StoreError, Table};
use serde_json::Value;

use crate::app::App;
use crate::handlers::approvals;
use crate::rescue::Refused;
use crate::wire;

/// Everything about a request.
pub(super) async fn details(
    app: &App,
    reader: &Operator,
    approval: ApprovalId,
) -> Result<wire::ApprovalDetails, Refused> {
    approvals::details(app, reader, approval).await
}

/// Where people see a call in the console: in its run.
pub(super) async fn link(app: &App, call: CallId) -> Result<String, StoreError> {
    let record = app.journal().read(Table::Calls, &call.to_string()).await?;
    let run = record.map(|record| record.text("run").to_owned()).filter(|run| !run.is_empty());
    let base = app.site.base();
    Ok(run.map_or_else(|| base.clone(), |run| format!("{base}/runs/{run}?call={call}")))
}

/// A request as JSON; if it is larger than a message may be, without the parts that make it large, and not complete.
pub(super) fn json(details: &wire::ApprovalDetails) -> serde_json::Result<Value> {
    let mut value = serde_json::to_value(details)?;
    let Some(fields) = value.as_object_mut() else { return Ok(value) };
    // Whether the outlet itself may decide says nothing.
    fields.shift_remove("may_decide");
    if !fits(details) {
        for large in ["arguments", "input", "answer", "plan", "supersedes", "similar", "evidence"] {
            fields.insert(large.to_owned(), Value::Null);
        }
        if let Some(shown) = fields.get_mut("shown").and_then(Value::as_object_mut) {
            shown.insert("complete".to_owned(), Value::Bool(false));
        }
    }
    Ok(value)
}

/// Whether a message shows everything of a request: it is whole, and not too large. What is not shown cannot be approved.
pub(crate) fn fits(details: &wire::ApprovalDetails) -> bool {
    // What stands around it takes a little.
    let most = limits::OUTLET_MESSAGE_BYTES_MAX - 8 * 1024;
    let size = serde_json::to_vec(details).map_or(usize::MAX, |bytes| bytes.len());
    details.shown.complete && size <= most
}
