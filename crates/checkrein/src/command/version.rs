//! `checkrein version`: which program this is.
//!
//! In: nothing. Out: the version, as text or JSON. A server's version is not asked for.

use serde_json::json;

use crate::context::Context;
use crate::failure::{OK, Result};

/// Prints the version.
pub(crate) fn run(context: &Context) -> Result {
    let version = env!("CARGO_PKG_VERSION");
    context.out.show(&json!({ "version": version }), |_| format!("checkrein {version}"))?;
    Ok(OK)
}
