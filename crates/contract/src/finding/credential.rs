//! Credentials in a text of a server, which stand there as marks: what comes in from a server is masked before it is looked at.
//!
//! A server that tells its own credential is careless or hostile, and the tool that a person would see is not the one that would
//! be called: the tool is held back, whoever looked at it. A mark that the server wrote itself does the same.

use super::texts::Place;
use super::{FindingCode, Found};
use crate::mask;

/// Whether a text contains a credential.
pub(super) fn judge(place: &Place<'_>) -> Option<Found> {
    mask::is_marked(place.text).then(|| {
        let text = "the server tells a credential here; it is masked wherever it is shown or kept";
        Found::held_back(FindingCode::HoldsCredential, place.pointer, text)
    })
}
