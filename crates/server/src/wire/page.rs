//! One page of a listing.
//! Every listing has this form, so that a client needs one loop for all.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One page of a listing, in the listing's order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Page<T> {
    /// What was found, at most the limit that was asked for.
    pub items: Vec<T>,
    /// What to give as `after` to get the next page; none if this was the last.
    pub next: Option<String>,
}
